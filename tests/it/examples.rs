//! The examples of the library do what they say.

#[expect(dead_code, reason = "its main is for the command line")]
#[path = "../../examples/handoff.rs"]
mod handoff;
#[expect(dead_code, reason = "its main is for the command line")]
#[path = "../../examples/many.rs"]
mod many;
#[expect(dead_code, reason = "its main is for the command line")]
#[path = "../../examples/own_rules.rs"]
mod own_rules;

use std::path::Path;

use serde_json::json;

use crate::run::Run;

const SESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/sessions");

#[test]
fn a_handoff_from_a_path() {
    let path = format!("{SESSIONS}/protocol-example/session.jsonl");
    let text = handoff::run(Path::new(&path)).expect("a session");
    let printed = Run::new().args([&path, "--budget", "1000"]).go().exits(0);
    assert_eq!(text.expect("a handoff"), printed.out);
    for (path, why) in [
        ("/no/such.jsonl", "no such file"),
        (SESSIONS, "no such file"),
    ] {
        let error = handoff::run(Path::new(path)).expect_err(path).to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn many_sessions_are_told_in_order() {
    let lines = many::run(Path::new(SESSIONS));
    let folders = std::fs::read_dir(SESSIONS).expect("a folder").count();
    assert!(lines.len() >= folders, "{} of {folders}", lines.len());
    assert!(lines.iter().any(|line| line.contains(": red: ")));
    assert_eq!(lines, many::run(Path::new(SESSIONS)));
}

#[test]
fn own_rules_make_the_handoff_another() {
    let record = |kind: &str, second: u32, content: serde_json::Value| {
        json!({ "type": kind, "uuid": format!("u{second}"), "sessionId": "s", "cwd": "/w", "isSidechain": false,
            "timestamp": format!("2026-01-01T10:00:{second:02}.000Z"),
            "message": { "role": kind, "content": content } })
        .to_string()
    };
    let log = [
        record("user", 1, json!("Make the gauntlet pass")),
        record(
            "assistant",
            2,
            json!([{ "type": "tool_use", "id": "t1", "name": "Bash", "input": { "command": "gauntlet run" } }]),
        ),
        record(
            "user",
            3,
            json!([{ "type": "tool_result", "tool_use_id": "t1", "content": "12 stood, 3 fell" }]),
        ),
    ]
    .join("\n");
    let run = Run::new().file("s.jsonl", log);
    let path = run.path("s.jsonl");
    let without = handoff::run(&path).expect("a session").expect("a handoff");
    assert!(without.contains("no check was run"), "{without}");
    let with = own_rules::run(&path)
        .expect("a session")
        .expect("a handoff");
    assert!(with.contains("**Current Status:** red"), "{with}");
    assert!(with.contains("12/15 passed"), "{with}");
}
