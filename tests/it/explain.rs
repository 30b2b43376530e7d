//! `passdown explain` and `--format prompt`.

use std::path::Path;

use crate::run::Run;

fn session() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpora/sessions/testing-debugging/session.jsonl")
        .display()
        .to_string()
}

fn run(args: &[&str]) -> String {
    Run::new()
        .args(args.iter().copied())
        .arg(session())
        .go()
        .exits(0)
        .out
}

#[test]
fn explained_lines_fit_a_terminal() {
    let out = run(&["explain", "--budget", "400"]);
    for line in out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(out.starts_with("session 1a3ea013: "), "{out}");
    assert!(out.contains("left out for the budget: "), "{out}");
    let whole = run(&["explain", "--budget", "20000"]);
    assert!(whole.ends_with("\nnothing was left out\n"), "{whole}");
}

#[test]
fn the_next_line_fits_with_the_budget_that_is_named_and_not_with_less() {
    let explained = |budget: u64| -> serde_json::Value {
        let out = run(&[
            "explain",
            "--format",
            "json",
            "--budget",
            &budget.to_string(),
        ]);
        serde_json::from_str(&out).expect("JSON")
    };
    let left = |document: &serde_json::Value| document["left_out"].as_array().expect("lines").len();
    let tight = explained(400);
    let next = tight["next_budget"].as_u64().expect("a budget");
    assert!(next > 400);
    assert!(left(&explained(next)) < left(&tight));
    assert_eq!(left(&explained(next - 1)), left(&tight));
    let first = &tight["left_out"][0];
    assert_eq!(first["why"], "budget");
    assert!(
        first["tokens"].as_u64().is_some_and(|tokens| tokens > 0),
        "{first}"
    );
    assert!(explained(20_000)["next_budget"].is_null());
}

#[test]
fn a_prompt_is_the_handoff_behind_facts_that_count() {
    let prompt = run(&["--format", "prompt", "--budget", "500"]);
    let (facts, handoff) = prompt.split_once("\n\n# Task: ").expect("a preamble");
    assert!(
        facts.contains("earlier session of a coding agent"),
        "{facts}"
    );
    let plain = run(&["--budget", "500"]);
    assert!(
        handoff.len() < plain.len(),
        "the preamble takes its part of the budget"
    );
    let ran = Run::new()
        .input(prompt)
        .args([
            "check",
            "-",
            "--no-tree",
            "--budget",
            "500",
            "--model",
            "claude-opus-4-5",
        ])
        .go();
    assert!(!ran.out.contains("over-budget"), "{}", ran.out);
}
