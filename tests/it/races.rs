//! A log that moves while it is read, by another process, on each way it is read: never a signal, never a torn record.
//!
//! One race of each move and way; `PASSDOWN_BIG=1` runs a thousand of each, `PASSDOWN_RACES` as many as it says. In a debug build most of
//! the time is that of the command: `cargo test --profile real --test it -- races --nocapture`.

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

/// How many races of each move: `PASSDOWN_RACES` says it, else a thousand with `PASSDOWN_BIG` and one without.
fn rounds() -> usize {
    let asked = std::env::var("PASSDOWN_RACES").ok();
    let usual = if std::env::var_os("PASSDOWN_BIG").is_some() {
        1_000
    } else {
        1
    };
    asked.map_or(usual, |asked| asked.parse().expect("a number"))
}

/// Each move, some rounds of it, against one way to read.
#[expect(clippy::print_stdout, reason = "what was raced is the point of many")]
fn race(way: usize) {
    let rounds = rounds();
    let whole: String = (0..RECORDS).map(record).collect();
    let mut run = Run::new();
    let path = format!(".claude/projects/p/{ID}.jsonl");
    let log = run.path(&path);
    fs::create_dir_all(log.parent().expect("a folder")).expect("folders");
    let args: Vec<&str> = WAYS[way]
        .iter()
        .map(|&arg| if arg == "LOG" { &path[..] } else { arg })
        .collect();
    let input = json!({"session_id": ID, "transcript_path": log, "cwd": run.path(""), "hook_event_name": "SessionEnd"});
    run = run.then(&args, input.to_string());
    let (mut after, mut met) = (way * 12_345, 0);
    for (name, change) in MOVES {
        // How long it takes undisturbed tells when to disturb it: measured anew now and then, since the machine has other work too.
        let mut took = Duration::ZERO;
        for round in 0..rounds {
            let _ = fs::remove_dir(&log);
            let _ = fs::remove_file(log.with_extension("old"));
            fs::write(&log, &whole).expect("a log");
            if round % 100 == 0 {
                let begun = Instant::now();
                run.go().exits(0);
                took = begun.elapsed();
            }
            // Moments spread over the run by a step that meets none twice.
            after = (after + 61_803) % 100_000;
            let moment = took * u32::try_from(after).expect("a small number") / 100_000;
            let disturbed = std::thread::spawn({
                let (log, change) = (log.clone(), *change);
                move || {
                    std::thread::sleep(moment);
                    change(&log).map(|()| Instant::now())
                }
            });
            let ran = run.go();
            let ended = Instant::now();
            let moved = disturbed.join().expect("no panic").expect("it is moved");
            met += usize::from(moved < ended);
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
    println!(
        "`{}`: {} races, {met} of them moved before the command was done",
        WAYS[way].join(" "),
        rounds * MOVES.len()
    );
}

/// A test for each way, so that they run beside each other and can be asked for one at a time.
macro_rules! races {
    ($($way:literal $name:ident)*) => {
        $(
            #[test]
            fn $name() {
                race($way);
            }
        )*

        #[test]
        fn each_way_is_raced() {
            assert_eq!([$($way),*].len(), WAYS.len());
        }
    };
}

races! {
    0 a_handoff_of_a_log_that_moves_is_of_a_prefix
    1 so_is_one_in_json
    2 so_is_what_show_tells
    3 so_is_what_list_tells
    4 so_is_what_explain_tells
    5 so_is_what_batch_writes
    6 so_is_what_a_hook_makes
}
