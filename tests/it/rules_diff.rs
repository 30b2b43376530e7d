//! `passdown rules diff`: two rule sets over logs.

use serde_json::Value;

use crate::rules::{QUAX, quax_log};
use crate::run::Run;

/// The rules of [`QUAX`], where the summary is taken for the one of another tool, without the broken ones.
fn other() -> String {
    QUAX.replace(
        r"'^quax: (?<passed>\d+) fine, (?<failed>\d+) broken$'",
        r"'^quax: (?<passed>\d+) fine'",
    )
    .replace("captures = { passed = \"12\", failed = \"3\" }\n", "")
}

fn run() -> Run {
    Run::new()
        .file("logs/s.jsonl", quax_log())
        .file("quax.toml", QUAX)
        .file("other.toml", other())
        .args(["rules", "diff"])
}

#[test]
fn what_a_file_adds_is_gained() {
    let ran = run().args(["builtin", "quax.toml", "logs"]).go().exits(0);
    let expected = "builtin → quax.toml: 2 rules differ, 1 session
RULE         WHAT LOST GAINED CHANGED SESSIONS
quax-test    new     0      1       0        1
quax-summary new     0      1       0        1

gained quax-test 11111111:L2 command
  target=core
    quax verify core
    ^^^^^^^^^^^^^^^^
";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(
        ran.out.contains("handoffs: 1 of 1 changed; their tokens "),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("\n    - status: unverified"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("\n    + status: red"), "{}", ran.out);
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
}

#[test]
fn what_a_file_takes_away_or_changes_is_told() {
    let ran = run().args(["quax.toml", "builtin", "logs"]).go().exits(0);
    assert!(
        ran.out.contains("quax-test    gone    1      0       0"),
        "{}",
        ran.out
    );
    let ran = run()
        .args(["quax.toml", "other.toml", "logs"])
        .go()
        .exits(0);
    let expected = "RULE         WHAT    LOST GAINED CHANGED SESSIONS
quax-summary pattern    0      0       1        1

changed quax-summary 11111111:L3 tool_output:Bash
  failed=nothing, before 3
    quax: 12 fine, 3 broken
    ^^^^^^^^^^^^^
";
    assert!(ran.out.contains(expected), "{}", ran.out);
}

#[test]
fn a_set_and_itself_are_the_same() {
    let ran = run().args(["quax.toml", "quax.toml", "logs"]).go().exits(0);
    assert_eq!(
        ran.out,
        "quax.toml → quax.toml: 0 rules differ, 1 session\n\nhandoffs: the same in 1 session\n"
    );
}

#[test]
fn the_layers_of_the_user_and_the_project_count_on_neither_side() {
    let ran = run()
        .file(".passdown/rules.toml", QUAX)
        .args(["builtin", "other.toml", "logs"])
        .go()
        .exits(0);
    assert!(
        ran.out.contains("other.toml: 2 rules differ"),
        "{}",
        ran.out
    );
    let ran = run()
        .file(".passdown/rules.toml", QUAX)
        .args(["builtin", ".passdown/rules.toml", "logs"])
        .go()
        .exits(0);
    assert!(
        ran.out.contains("rules.toml: 2 rules differ"),
        "{}",
        ran.out
    );
}

#[test]
fn a_program_gets_the_same_as_json() {
    let ran = run()
        .args(["builtin", "quax.toml", "logs", "--format", "json"])
        .go()
        .exits(0);
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    let at = |pointer: &str| json.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/sessions"), 1);
    assert_eq!(at("/rules/0/id"), "quax-test");
    assert_eq!(at("/rules/1/hits/gained/hits"), 1);
    assert_eq!(at("/rules/1/hits/gained/samples/0/citation"), "11111111:L3");
    assert_eq!(at("/handoffs/changed"), 1);
    assert!(
        at("/handoffs/samples/0/diff/new/0/text").is_string(),
        "{}",
        ran.out
    );
}

#[test]
fn what_is_wrong_with_a_set_ends_the_run() {
    let ran = run()
        .args(["builtin", "nothing.toml", "logs"])
        .go()
        .exits(2);
    assert!(ran.err.contains("nothing.toml"), "{}", ran.err);
    let ran = run()
        .file("bad.toml", "[[rule]]\nid = \"go-vte\"\nweight = 2\n")
        .args(["builtin", "bad.toml", "logs"])
        .go()
        .exits(2);
    assert!(ran.err.contains("bad.toml:1:1: "), "{}", ran.err);
}

#[test]
fn a_secret_is_in_no_example() {
    let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let rule = "[[rule]]\nid = \"half\"\nkind = \"failure\"\nscope = [\"tool_output\"]\nkeywords = [\"token \"]\npattern = 'token ghp_(?<what>\\w{20})'\n";
    for format in ["plain", "json"] {
        let ran = Run::new()
            .file(
                "s.jsonl",
                quax_log().replace("checking core", &format!("token {secret} end")),
            )
            .file("half.toml", rule)
            .args([
                "rules",
                "diff",
                "builtin",
                "half.toml",
                "s.jsonl",
                "--format",
                format,
            ])
            .go()
            .exits(0);
        assert!(!ran.out.contains("292c6912E77"), "{}", ran.out);
    }
}
