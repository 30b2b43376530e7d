//! `passdown diff`: two handoffs, compared.

use std::path::Path;

use crate::run::Run;

fn handoff(session: &str, format: &str) -> String {
    let log = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpora/sessions")
        .join(session)
        .join("session.jsonl");
    Run::new()
        .arg(log.display().to_string())
        .args(["--format", format])
        .go()
        .exits(0)
        .out
}

#[test]
fn each_kind_of_difference_is_said() {
    let before = "**Current Status:** red\n- `pytest` failed: 3/48\n\n**Key Areas to Focus On:**\n1. the lock\n2. the docs\n";
    let after = "**Current Status:** red\n- `pytest` failed: 1/48\n\n**Key Areas to Focus On:**\n1. the docs\n2. the cache\n";
    let ran = Run::new()
        .file("a.md", before)
        .file("b.md", after)
        .args(["diff", "a.md", "b.md"])
        .go()
        .exits(0);
    assert_eq!(
        ran.out,
        "resolved (1)\n  focus: the lock\nnew (1)\n  focus: the cache\nstill open (1)\n  focus: the docs\n\
         changed (1)\n  status: pytest failed: 3/48\n    now: pytest failed: 1/48\n"
    );
    let json = Run::new()
        .file("a.md", before)
        .file("b.md", after)
        .args(["diff", "a.md", "b.md", "--format", "json"])
        .go()
        .exits(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["diff"]["resolved"][0]["text"], "the lock");
}

#[test]
fn what_passdown_writes_differs_in_nothing_from_itself() {
    for format in ["md", "json", "prompt"] {
        let text = handoff("testing-debugging", format);
        let ran = Run::new()
            .file("a", &text)
            .file("b", &text)
            .args(["diff", "a", "b"])
            .go()
            .exits(0);
        for word in ["resolved", "new (", "changed", "gone"] {
            assert!(!ran.out.contains(word), "{format}:\n{}", ran.out);
        }
        assert!(
            ran.out.starts_with("still open (3)\n"),
            "{format}:\n{}",
            ran.out
        );
    }
}

#[test]
fn markdown_and_json_of_one_session_say_the_same() {
    let ran = Run::new()
        .file("a.md", handoff("testing-debugging", "md"))
        .file("b.json", handoff("testing-debugging", "json"))
        .args(["diff", "a.md", "b.json"])
        .go()
        .exits(0);
    assert!(
        !ran.out.contains("gone") && !ran.out.contains("new ("),
        "{}",
        ran.out
    );
}

#[test]
fn what_is_no_handoff_ends_the_run() {
    let ran = Run::new()
        .file("a.md", "hello")
        .file("b.md", "")
        .args(["diff", "a.md", "b.md"])
        .go()
        .exits(2);
    assert!(
        ran.err
            .starts_with("passdown: a.md: no part of a handoff in it"),
        "{}",
        ran.err
    );
    let ran = Run::new().args(["diff", "a.md", "b.md"]).go().exits(2);
    assert!(ran.err.starts_with("passdown: a.md: "), "{}", ran.err);
}
