//! `--since-compaction`: what the summary of the last compaction dropped, and nothing else.

use std::path::Path;

use crate::run::Run;

fn log(case: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("corpora/sessions/{case}/session.jsonl"))
}

#[test]
fn it_tells_what_the_summary_does_not() {
    let log = log("compaction");
    let shown = log.display().to_string();
    let ran = Run::new()
        .args([&*shown, "--since-compaction"])
        .go()
        .exits(0);
    assert!(
        ran.out
            .starts_with("# Task: what the last compaction dropped: "),
        "{}",
        ran.out
    );
    for lost in [
        "4be81d7",
        "Never touch the files under api/v1",
        "`go test ./internal/export/`",
    ] {
        assert!(ran.out.contains(lost), "{lost}: {}", ran.out);
    }
    // What stands behind the compaction the agent knows.
    for known in ["**Key Areas", "L15", "L19"] {
        assert!(!ran.out.contains(known), "{known}: {}", ran.out);
    }
    let alias = Run::new()
        .args([&*shown, "--lost-at-compaction"])
        .go()
        .exits(0);
    assert_eq!(alias.out, ran.out);
    // A summary that tells all of it leaves nothing.
    let told = std::fs::read_to_string(&log).expect("the log").replace(
        "This session is being continued",
        "4be81d7; Never touch the files under api/v1, they are frozen; Use encoding/csv, not a hand-written writer; \
         `go test ./internal/export/` passed 1 2 3 4 5 6 7 8 9. This session is being continued",
    );
    let ran = Run::new()
        .file("s.jsonl", told)
        .args(["s.jsonl", "--since-compaction"])
        .go()
        .exits(1);
    assert!(
        ran.err.contains("nothing of what still counts was dropped"),
        "{}",
        ran.err
    );
}

#[test]
fn it_keeps_the_budget() {
    let log = log("compaction").display().to_string();
    let ran = Run::new()
        .args([
            &*log,
            "--since-compaction",
            "--budget",
            "160",
            "--format",
            "json",
        ])
        .go()
        .exits(0);
    let handoff: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert!(handoff["budget"]["used"].as_u64() <= Some(160));
    assert!(
        handoff["left_out"]
            .as_array()
            .is_some_and(|lines| !lines.is_empty())
    );
}

#[test]
fn a_log_without_a_compaction_says_so() {
    let log = log("protocol-example").display().to_string();
    for command in [&["--since-compaction"][..], &["--lost-at-compaction"]] {
        let ran = Run::new()
            .arg(&log)
            .args(command.iter().copied())
            .go()
            .exits(1);
        assert!(
            ran.err.ends_with("no compaction in this log\n"),
            "{}",
            ran.err
        );
        assert_eq!(ran.out, "");
    }
    let ran = Run::new()
        .args(["explain", &*log, "--since-compaction"])
        .go()
        .exits(1);
    assert!(
        ran.err.ends_with("no compaction in this log\n"),
        "{}",
        ran.err
    );
}
