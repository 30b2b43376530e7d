//! Real logs, where `../shared/corpora` is at hand; passed over with a word where it is not.

#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn logs() -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    if !root.is_dir() {
        eprintln!("passed over: no real logs beside the project");
        return None;
    }
    let mut logs = Vec::new();
    let mut open = vec![root];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "jsonl" || extension == "json")
            {
                logs.push(path);
            }
        }
    }
    logs.sort();
    Some(logs)
}

fn run(log: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_passdown"))
        .arg(log)
        .args(args)
        .output()
        .expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Every real log gives a handoff within its budget, or a clear word, and the same bytes twice.
#[test]
fn every_log_gives_a_handoff_or_a_clear_word() {
    let Some(logs) = logs() else { return };
    let mut handoffs = 0;
    for log in &logs {
        let (code, out, err) = run(log, &["--budget", "1000", "--tokenizer", "o200k"]);
        let name = log.display();
        assert!(
            (0..=2).contains(&code) && !err.contains("panicked"),
            "{name}: {code} {err}"
        );
        if code == 0 {
            handoffs += 1;
            assert!(out.starts_with("# Task: "), "{name}: {out}");
            let tokens = passdown::tokens::Tokenizer::O200k.count(&out);
            assert!(tokens <= 1_000, "{name}: {tokens} tokens");
            let again = run(log, &["--budget", "1000", "--tokenizer", "o200k"]);
            assert_eq!(out, again.1, "{name}: two runs differ");
        } else {
            assert!(
                out.is_empty() && !err.is_empty(),
                "{name}: {code} without a word"
            );
        }
    }
    eprintln!("{handoffs} handoffs of {} files", logs.len());
    assert!(
        handoffs * 2 > logs.len(),
        "only {handoffs} handoffs of {} files",
        logs.len()
    );
}

/// What stands at 500 tokens stands at 1,000 and at 2,000.
#[test]
fn a_larger_budget_loses_no_line() {
    let Some(logs) = logs() else { return };
    for log in logs
        .iter()
        .filter(|log| log.to_string_lossy().contains("entire-cli"))
        .step_by(7)
    {
        let at = |budget: &str| run(log, &["--budget", budget, "--no-cite"]).1;
        let (small, large) = (at("500"), at("2000"));
        for line in small.lines() {
            let line = line.trim_start_matches(|c: char| c.is_ascii_digit());
            assert!(large.contains(line), "{}: {line}", log.display());
        }
    }
}
