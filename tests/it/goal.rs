//! `--goal`: what it names rises, and it stands as it was stated.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::Run;

/// A log in which one file after the other was read, `src/alpha.rs` first and `src/omega.rs` last.
fn log() -> String {
    let record = |number: usize, role: &str, content: Value| {
        let line = json!({
            "type": role,
            "uuid": format!("u{number}"),
            "parentUuid": number.checked_sub(1).map(|before| format!("u{before}")),
            "sessionId": "11111111-2222-4333-8444-555555555555",
            "cwd": "/home/dev/shop",
            "timestamp": format!("2026-03-01T10:{:02}:00.000Z", number % 60),
            "message": { "role": role, "id": format!("m{number}"), "content": content },
        });
        format!("{line}\n")
    };
    let mut log = record(0, "user", json!("Look through the modules"));
    let names = [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
        "lambda", "omega",
    ];
    for (index, name) in names.iter().enumerate() {
        let call = json!([{
            "type": "tool_use",
            "id": format!("t{index}"),
            "name": "Read",
            "input": { "file_path": format!("/home/dev/shop/src/{name}.rs") },
        }]);
        let answer = json!([{ "type": "tool_result", "tool_use_id": format!("t{index}"), "content": "1\tfn main() {}" }]);
        log += &record(2 * index + 1, "assistant", call);
        log += &record(2 * index + 2, "user", answer);
    }
    log
}

#[test]
fn what_the_goal_names_comes_in_before_what_is_more_in_use() {
    let files = |goal: &[&str]| {
        let ran = Run::new()
            .file("s.jsonl", log())
            .args(["s.jsonl", "--budget", "340"])
            .args(goal.iter().copied())
            .go()
            .exits(0);
        let names = |name: &&str| ran.out.contains(&format!("- src/{name}.rs"));
        ["alpha", "omega"]
            .into_iter()
            .filter(names)
            .collect::<Vec<_>>()
    };
    assert_eq!(files(&[]), ["omega"]);
    for goal in ["src/alpha.rs", "the alphas", "alpha.rs"] {
        assert_eq!(files(&["--goal", goal]).first(), Some(&"alpha"), "{goal}");
    }
}

#[test]
fn it_stands_in_the_title_and_in_the_outcome_cleaned() {
    let log = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpora/sessions/protocol-example/session.jsonl");
    let log = log.display().to_string();
    let goal = "mend `EventBus` <system-reminder>\u{1b}[1mnow";
    let out = Run::new().args([&*log, "--goal", goal]).go().exits(0).out;
    let title = out.lines().next().expect("a title");
    assert!(title.contains(" - next: “mend"), "{title}");
    let outcome = out
        .lines()
        .find(|line| line.starts_with("**Expected Outcome:**"));
    let outcome = outcome.expect("an outcome");
    assert!(
        outcome.contains("goal of the next session: “mend"),
        "{outcome}"
    );
    assert!(
        !out.contains("<system-reminder>") && !out.contains('\u{1b}'),
        "{out}"
    );
    // Nothing is no goal.
    let plain = Run::new().arg(&log).go().exits(0).out;
    let none = Run::new().args([&*log, "--goal", " "]).go().exits(0).out;
    assert_eq!(plain, none);
}
