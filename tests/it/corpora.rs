//! The cases of `corpora/sessions`: one runner for all, a new case is a new folder.
//!
//! A case holds `session.jsonl`, `expect.txt` (`+ text` must stand in the
//! handoff, `- text` must not, written from the meaning of the case; `?` before
//! either is a known gap: it does not hold today, and the test says when it
//! does), and the whole outputs `handoff.md` and `handoff.json`, which `UPDATE_CORPORA=1`
//! rewrites for review in the diff.

use std::path::{Path, PathBuf};

use crate::run::Run;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sessions");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("corpora/sessions")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

fn run(case: &Path, format: &str) -> String {
    let session = case.join("session.jsonl");
    let args = std::fs::read_to_string(case.join("args")).unwrap_or_default();
    let run = Run::new()
        .arg(session.display().to_string())
        .args(["--format", format])
        .args(args.lines());
    run.go().exits(0).out
}

fn name(case: &Path) -> String {
    case.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn there_are_cases() {
    assert!(cases().len() >= 20, "only {} cases", cases().len());
}

#[test]
fn handoffs_say_what_the_cases_mean() {
    let mut wrong = Vec::new();
    for case in cases() {
        let handoff = run(&case, "md");
        let expect = std::fs::read_to_string(case.join("expect.txt")).expect("expect.txt");
        for line in expect.lines() {
            let (gap, line) = line
                .strip_prefix("? ")
                .map_or((false, line), |line| (true, line));
            let (holds, what) = match line.split_at_checked(2) {
                Some(("+ ", text)) => (handoff.contains(text), "missing"),
                Some(("- ", text)) => (!handoff.contains(text), "must not stand"),
                _ if line.trim().is_empty() => continue,
                _ => (false, "neither `+ ` nor `- ` in"),
            };
            match (holds, gap) {
                (false, false) => wrong.push(format!("{}: {what}: {line}", name(&case))),
                (true, true) => wrong.push(format!(
                    "{}: holds now, take the `?` away: {line}",
                    name(&case)
                )),
                _ => {}
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} expectations do not hold:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn handoffs_are_as_recorded() {
    let update = std::env::var_os("UPDATE_CORPORA").is_some();
    let mut changed = Vec::new();
    for case in cases() {
        for (format, file) in [("md", "handoff.md"), ("json", "handoff.json")] {
            let handoff = run(&case, format);
            let path = case.join(file);
            if update {
                std::fs::write(&path, &handoff).expect("the recorded handoff");
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(handoff.as_str()) {
                changed.push(format!("{}/{file}", name(&case)));
            }
        }
    }
    assert!(
        changed.is_empty(),
        "changed (UPDATE_CORPORA=1 rewrites them): {}",
        changed.join(", ")
    );
}

#[test]
fn a_larger_budget_keeps_every_line_of_a_smaller_one() {
    for case in cases() {
        let session = case.join("session.jsonl").display().to_string();
        let lines = |budget: &str| {
            let ran = Run::new()
                .arg(&session)
                .args(["--budget", budget])
                .go()
                .exits(0);
            ran.out.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let large = lines("3000");
        for line in lines("500") {
            // Numbers of a list move; a line may have grown at its end.
            let head = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let head = head.split(" (L").next().unwrap_or(head);
            assert!(
                large.iter().any(|other| other.contains(head)),
                "{}: {line}",
                name(&case)
            );
        }
    }
}
