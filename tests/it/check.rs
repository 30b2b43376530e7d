//! `passdown check`: what is wrong with a handoff, and what moved since.

use std::path::Path;
use std::process::Command;

use crate::run::{Ran, Run};

const GOOD: &str = "# Task: Fix the queue L1\n\n> From the log of session 1a3ea013, 2026-01-02 03:04 UTC.\n\n\
    **Current Status:** red L4\n- `pytest tests/test_queue.py`: 3/48 failed L4\n\n\
    **Key Areas to Focus On:**\n1. the lock in `takeItem` of shop/queue.py L4\n\n\
    **Development Environment:** branch `main` L4\n\n\
    **Expected Outcome:** 48/48 by `pytest tests/` L4\n";

fn project() -> Run {
    let path = std::env::var("PATH").expect("a path");
    Run::new()
        .env("PATH", &path)
        .file("shop/queue.py", "def takeItem(): pass\n")
        .file("tests/test_queue.py", "def test_take(): pass\n")
        .file("h.md", GOOD)
}

/// Runs git in the folder of a run. The dates make a commit that is older or younger than the handoff.
fn git(folder: &Path, date: &str, args: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(
        status.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&status.stderr)
    );
}

fn repository() -> Run {
    let run = project();
    let folder = run.path("");
    git(
        &folder,
        "2026-01-01T00:00:00Z",
        &["init", "-q", "-b", "main"],
    );
    git(&folder, "2026-01-01T00:00:00Z", &["add", "shop", "tests"]);
    git(&folder, "2026-01-01T00:00:00Z", &["commit", "-qm", "begin"]);
    run
}

fn check(run: Run) -> Ran {
    run.args(["check", "h.md"]).go()
}

#[test]
fn a_good_handoff_of_an_unmoved_tree_is_good() {
    let ran = check(repository()).exits(0);
    assert_eq!(ran.out, "h.md: good, and true of .\n");
    assert_eq!(ran.err, "");
}

#[test]
fn what_moved_is_said_with_its_place() {
    let run = repository();
    let folder = run.path("");
    git(
        &folder,
        "2026-01-03T00:00:00Z",
        &["checkout", "-qb", "other"],
    );
    std::fs::write(folder.join("shop/queue.py"), "def take(): pass\n").expect("a file");
    git(
        &folder,
        "2026-01-03T00:00:00Z",
        &["rm", "-q", "tests/test_queue.py"],
    );
    git(
        &folder,
        "2026-01-03T00:00:00Z",
        &["commit", "-qam", "lock takeItem"],
    );
    let ran = check(run).exits(1);
    for said in [
        "h.md:6:11: file-gone: tests/test_queue.py is not there any more\n",
        "h.md:9:4: maybe-closed: ",
        "“lock takeItem” speaks of ",
        "h.md:9:17: symbol-gone: no file holds the name takeItem any more\n",
        "h.md:9:30: file-changed: shop/queue.py was changed since, by ",
        "h.md:11:1: head-moved: 1 commit since, the newest ",
        "h.md:11:38: branch-moved: the branch is other now\n",
        "\n6 complaints\n",
    ] {
        assert!(ran.out.contains(said), "{said}\n{}", ran.out);
    }
}

#[test]
fn without_git_the_files_are_looked_at_and_the_rest_is_said() {
    let ran = Run::new()
        .file("shop/queue.py", "")
        .file("tests/test_queue.py", "")
        .file("h.md", GOOD)
        .args(["check", "h.md"])
        .go()
        .exits(1);
    assert!(
        ran.out
            .contains("file-changed: shop/queue.py was changed since\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("note: branch, commits and names were not looked at: git is not installed\n"),
        "{}",
        ran.out
    );
}

#[test]
fn a_handoff_of_another_folder_is_checked_for_its_text_alone() {
    let run = || Run::new().file("h.md", GOOD);
    let ran = run().args(["check", "h.md"]).go().exits(0);
    assert!(
        ran.out.starts_with("note: freshness was not checked"),
        "{}",
        ran.out
    );
    let ran = run().args(["check", "h.md", "--no-tree"]).go().exits(0);
    assert_eq!(ran.out, "h.md: good\n");
}

#[test]
fn json_says_the_same() {
    let ran = Run::new()
        .input("## Status\nall fine\n")
        .args(["check", "-", "--format", "json", "--budget", "1"])
        .go()
        .exits(1);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let rules: Vec<&str> = report["complaints"]
        .as_array()
        .expect("complaints")
        .iter()
        .filter_map(|complaint| complaint["rule"].as_str())
        .collect();
    assert_eq!(
        rules,
        [
            "no-command",
            "no-outcome",
            "no-path",
            "number-in-status",
            "over-budget"
        ]
    );
    assert_eq!(
        (&report["ok"], &report["complaints"][0]["line"]),
        (&false.into(), &1.into())
    );
}

#[test]
fn what_is_no_handoff_ends_the_run() {
    let err = |input: &[u8]| {
        Run::new()
            .input(input)
            .args(["check", "-"])
            .go()
            .exits(2)
            .err
    };
    assert!(err(b" \n").contains("empty"));
    assert!(err(b"{\"schema_version\": 1}").contains("JSON"));
    assert!(err(b"# Task: \xff").contains("not UTF-8 at byte 9"));
    let ran = Run::new().args(["check", "none.md"]).go().exits(2);
    assert!(ran.err.starts_with("passdown: none.md: "), "{}", ran.err);
}

#[test]
fn what_passdown_writes_is_fit_to_pass_its_own_check() {
    let sessions = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sessions");
    for name in [
        "protocol-example",
        "testing-debugging",
        "coverage-goal",
        "secrets",
        "injection",
    ] {
        let log = sessions
            .join(name)
            .join("session.jsonl")
            .display()
            .to_string();
        let text = Run::new().arg(log).go().exits(0).out;
        let ran = Run::new()
            .input(text.clone())
            .args(["check", "-", "--no-tree", "--budget", "2000"])
            .go();
        for rule in [
            "uncited",
            "order",
            "secret",
            "over-budget",
            "hidden-text",
            "generic-step",
        ] {
            assert!(
                !ran.out.contains(&format!(": {rule}: ")),
                "{name}:\n{}\n{text}",
                ran.out
            );
        }
    }
}

#[test]
fn without_a_name_the_newest_handoff_of_the_hooks_is_meant() {
    let run = repository().args(["check"]);
    let ran = run.go().exits(2);
    assert!(ran.err.contains("install claude-code"), "{}", ran.err);
    let stored = |session: &str, hour: u32| {
        format!(
            r#"<!-- passdown handoff {{"session":"{session}","branch":"main","end":"2026-01-02T{hour:02}:04:00Z","made":"2026-01-02T{hour:02}:04:00Z","event":"SessionEnd","log":"/x.jsonl","bytes":1}} -->
{GOOD}"#
        )
    };
    let run = run
        .file(
            ".passdown/handoffs/20260102T030400Z-1a3ea013.md",
            stored("1a3ea013", 3),
        )
        .file(
            ".passdown/handoffs/20260101T230400Z-older.md",
            stored("older", 2),
        );
    let ran = run.go().exits(0);
    assert!(ran.out.contains("030400Z-1a3ea013.md: good"), "{}", ran.out);
}
