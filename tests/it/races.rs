//! A log that moves while it is read, by another process, on each way it is read: never a signal, never a torn record.
//!
//! A few races each; `PASSDOWN_BIG=1` runs a thousand of each.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::run::Run;

const ID: &str = "11111111-2222-4333-8444-555555555555";
/// Records of a log: enough that reading it takes a while.
const RECORDS: usize = 600;

/// One record that says its number twice, so that one made of two halves shows.
fn record(number: usize) -> String {
    let said = format!("Make step{number} pass and then step{number} again");
    let record = json!({"type": "user", "uuid": format!("u{number}"), "parentUuid": null, "sessionId": ID,
        "cwd": "/home/dev/shop", "timestamp": format!("2026-03-01T{:02}:{:02}:{:02}.000Z", number / 3600, number / 60 % 60, number % 60),
        "message": {"role": "user", "content": said}});
    format!("{record}\n")
}

/// What is done to a log.
type Move = fn(&Path) -> std::io::Result<()>;

/// What happens to the log meanwhile.
const MOVES: &[(&str, Move)] = &[
    ("cut to nothing", |log| {
        OpenOptions::new().write(true).open(log)?.set_len(0)
    }),
    ("cut in the middle", |log| {
        let file = OpenOptions::new().write(true).open(log)?;
        file.set_len(file.metadata()?.len() / 2 + 7)
    }),
    ("appended to in halves", |log| {
        let mut file = OpenOptions::new().append(true).open(log)?;
        for number in RECORDS..RECORDS + 20 {
            let record = record(number);
            let (head, tail) = record.split_at(record.len() / 2);
            file.write_all(head.as_bytes())?;
            std::thread::sleep(Duration::from_micros(200));
            file.write_all(tail.as_bytes())?;
        }
        Ok(())
    }),
    ("written anew in place", |log| {
        let mut file = File::create(log)?;
        (RECORDS..2 * RECORDS).try_for_each(|number| file.write_all(record(number).as_bytes()))
    }),
    ("replaced", |log| {
        let other = log.with_extension("other");
        let records: String = (RECORDS..RECORDS + 50).map(record).collect();
        fs::write(&other, records)?;
        fs::rename(&other, log)
    }),
    ("renamed", |log| fs::rename(log, log.with_extension("old"))),
    ("deleted", |log| fs::remove_file(log)),
    ("replaced by a folder", |log| {
        fs::remove_file(log)?;
        fs::create_dir(log)
    }),
];

/// The ways a log is read, as arguments; `LOG` is its path.
const WAYS: &[&[&str]] = &[
    &["LOG"],
    &["LOG", "--format", "json"],
    &["show", "LOG"],
    &["list", "LOG"],
    &["explain", "LOG"],
    &[
        "batch",
        "LOG",
        "--out",
        "o",
        "--store",
        "s.sqlite",
        "--progress",
        "none",
    ],
    &["hook", "SessionEnd", "--within", "60000"],
];

/// What is wrong with what a run said.
fn fault(code: i32, out: &str, err: &str) -> Option<String> {
    if !(0..=2).contains(&code) {
        return Some(format!("exit {code}"));
    }
    if err.contains("a mistake of this program") {
        return Some("a panic".to_owned());
    }
    // Both halves of a record that is shown are of one record.
    for (at, _) in out.match_indices("Make step") {
        let number =
            |text: &str| -> String { text.chars().take_while(char::is_ascii_digit).collect() };
        let said = &out[at + "Make step".len()..];
        let first = number(said);
        if let Some(again) = said.strip_prefix(&format!("{first} pass and then step")) {
            let second = number(again);
            let cut = again[second.len()..].starts_with('…') || second.is_empty();
            if second != first && !cut {
                return Some(format!("a torn record: {first} and {second}"));
            }
        }
    }
    None
}

#[test]
fn a_log_that_moves_is_read_to_a_prefix_or_refused() {
    let big = std::env::var_os("PASSDOWN_BIG").is_some();
    let rounds = if big { 1_000 } else { 1 };
    let whole: String = (0..RECORDS).map(record).collect();
    let mut after = 0;
    for (way, args) in WAYS.iter().enumerate() {
        let mut run = Run::new();
        let path = format!(".claude/projects/p/{ID}.jsonl");
        let log = run.path(&path);
        fs::create_dir_all(log.parent().expect("a folder")).expect("folders");
        let args: Vec<&str> = args
            .iter()
            .map(|&arg| if arg == "LOG" { &path[..] } else { arg })
            .collect();
        let input = json!({"session_id": ID, "transcript_path": log, "cwd": run.path(""), "hook_event_name": "SessionEnd"});
        run = run.then(&args, input.to_string());
        // How long it takes undisturbed tells when to disturb it.
        fs::write(&log, &whole).expect("a log");
        let begun = Instant::now();
        run.go().exits(0);
        let took = begun.elapsed();
        for (name, change) in MOVES {
            for round in 0..rounds {
                let _ = fs::remove_dir(&log);
                let _ = fs::remove_file(log.with_extension("old"));
                fs::write(&log, &whole).expect("a log");
                // Moments spread over the run by a step that meets none twice.
                after = (after + 61_803) % 100_000;
                let moment = took * after / 100_000;
                let disturbed = std::thread::spawn({
                    let (log, change) = (log.clone(), *change);
                    move || {
                        std::thread::sleep(moment);
                        change(&log)
                    }
                });
                let ran = run.go();
                disturbed.join().expect("no panic").expect("it is moved");
                if let Some(wrong) = fault(ran.code, &ran.out, &ran.err) {
                    panic!(
                        "{name} while read by way {way}, round {round}, after {moment:?}: {wrong}\n{}{}",
                        ran.out, ran.err
                    );
                }
                // What is written is whole, and of a prefix too.
                let made = fs::read_to_string(run.path(&format!("o/handoffs/{ID}.md")));
                if let Some(wrong) = made.ok().and_then(|made| fault(0, &made, "")) {
                    panic!("{name} while read by way {way}, round {round}: in the file: {wrong}");
                }
            }
        }
    }
}
