//! `passdown rules suggest`: rules for what no rule knows.

use crate::run::Run;

/// A log of commands, each with what it printed and whether it failed.
fn log(id: &str, calls: &[(&str, &str, bool)]) -> String {
    let mut lines = Vec::new();
    let mut record = |kind: &str, message: serde_json::Value| {
        let number = lines.len();
        let parent = number.checked_sub(1).map(|number| format!("u{number}"));
        let record = serde_json::json!({
            "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": "/home/dev/shop",
            "sessionId": format!("{id}-2222-4333-8444-555555555555"), "version": "2.1.30", "gitBranch": "main",
            "type": kind, "message": message, "uuid": format!("u{number}"), "timestamp": "2026-03-01T10:00:00.000Z",
        });
        lines.push(format!("{record}\n"));
    };
    let prompt = serde_json::json!({ "role": "user", "content": "Make the shop pass" });
    record("user", prompt);
    for (number, (command, output, failed)) in calls.iter().enumerate() {
        let call = serde_json::json!({
            "type": "tool_use", "id": format!("toolu_{number}"), "name": "Bash", "input": { "command": command },
        });
        record(
            "assistant",
            serde_json::json!({ "model": "claude-opus-4-5-20251101", "id": format!("msg_{number}"), "type": "message",
                "role": "assistant", "content": [call] }),
        );
        let answer = serde_json::json!({
            "type": "tool_result", "tool_use_id": format!("toolu_{number}"), "content": output, "is_error": failed,
        });
        record(
            "user",
            serde_json::json!({ "role": "user", "content": [answer] }),
        );
    }
    lines.concat()
}

fn run() -> Run {
    Run::new()
        .file(
            "logs/a.jsonl",
            log(
                "aaaaaaaa",
                &[
                    (
                        "cd shop && quax verify core",
                        "Exit code 1\nquax: 12 passed, 3 failed\nquaxError: no till 7",
                        true,
                    ),
                    ("quax verify", "quax: 15 passed, 0 failed", false),
                    ("cat notes.txt", "other: 3 passed, 4 failed", false),
                    ("go test ./...", "ok  \tshop\t0.1s", false),
                ],
            ),
        )
        .file(
            "logs/b.jsonl",
            log(
                "bbbbbbbb",
                &[
                    (
                        "quax verify core",
                        "Exit code 1\nquax: 1 passed, 1 failed\nquaxError: no till 12",
                        true,
                    ),
                    ("cat notes.txt", "other: 5 passed, 4 failed", false),
                ],
            ),
        )
        .args(["rules", "suggest", "logs"])
}

const EXPECTED: &str = r#"# 3 times in 2 sessions
# aaaaaaaa:L3, aaaaaaaa:L5
[[rule]]
id = "quax-verify"
kind = "check"
family = "lint"
tool = "quax verify"
scope = ["command"]
keywords = ["quax verify"]
pattern = '^quax verify(?: (?<target>\S.*))?$'
[[rule.fires]]
text = "quax verify core"
[[rule.fires]]
text = "quax verify"
[[rule.silent]]
text = "quax --help"

# 3 times in 2 sessions, by `quax verify`
# aaaaaaaa:L3, aaaaaaaa:L5, bbbbbbbb:L3
[[rule]]
id = "quax-verify-summary"
kind = "metric"
family = "lint"
tool = "quax verify"
scope = ["tool_output:Bash"]
keywords = [" passed, "]
pattern = '^quax: (?<passed>\d+) passed, (?<failed>\d+) failed$'
[[rule.fires]]
text = "quax: 12 passed, 3 failed"
captures = { failed = "3", passed = "12" }
[[rule.fires]]
text = "quax: 15 passed, 0 failed"
[[rule.fires]]
text = "quax: 1 passed, 1 failed"
[[rule.silent]]
text = "it printed quax: 12 passed, 3 failed"

# 2 times in 2 sessions, by `quax verify`
# aaaaaaaa:L3, bbbbbbbb:L3
[[rule]]
id = "quax-verify-quaxerror-no-till"
kind = "failure"
class = "lint"
about = "product"
tool = "quax verify"
scope = ["tool_output:Bash"]
keywords = ["quaxError: no till "]
pattern = '^(?<what>quaxError: no till \d+)$'
[[rule.fires]]
text = "quaxError: no till 7"
captures = { what = "quaxError: no till 7" }
[[rule.fires]]
text = "quaxError: no till 12"
[[rule.silent]]
text = "it printed quaxError: no till 7"
"#;

#[test]
fn what_no_rule_knows_is_suggested_as_rules_that_hold() {
    let ran = run().go().exits(0);
    assert_eq!(ran.out, EXPECTED);
    assert!(
        ran.err.contains("3 rules suggested from 2 sessions"),
        "{}",
        ran.err
    );
    let ran = Run::new()
        .file("my.toml", &ran.out)
        .args(["rules", "test", "my.toml"])
        .go()
        .exits(0);
    assert_eq!(ran.out, "3 rules, 10 examples: all hold\n");
    let ran = Run::new()
        .file("my.toml", EXPECTED)
        .args(["rules", "check", "my.toml"])
        .go()
        .exits(0);
    assert_eq!(ran.out, "3 rules: nothing doubtful\n");
}

#[test]
fn what_a_layer_knows_is_not_suggested_again() {
    let ran = run().file(".passdown/rules.toml", EXPECTED).go().exits(1);
    assert_eq!(ran.out, "");
    assert!(
        ran.err.contains("0 rules suggested from 2 sessions"),
        "{}",
        ran.err
    );
}

#[test]
fn the_limits_are_kept() {
    let ran = run().args(["--at-least", "4"]).go().exits(1);
    assert_eq!(ran.out, "");
    let ran = run()
        .args(["--at-least", "3", "--sessions", "2", "-n", "1"])
        .go()
        .exits(0);
    assert_eq!(ran.out.matches("[[rule]]").count(), 2, "{}", ran.out);
}

#[test]
fn no_secret_is_an_example() {
    let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let line = format!("Exit code 1\nError: the token {secret} is wrong");
    let ran = Run::new()
        .file(
            "s.jsonl",
            log("aaaaaaaa", &[("quax verify", line.as_str(), true)]),
        )
        .args(["rules", "suggest", "s.jsonl", "--at-least", "1"])
        .go()
        .exits(0);
    assert!(!ran.out.contains("16C7e42F"), "{}", ran.out);
    assert!(!ran.out.contains("the token"), "{}", ran.out);
}
