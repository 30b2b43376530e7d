//! `passdown rules new`: a rule from a line.

use crate::run::Run;

/// The rule that is made of the arguments and the input, which the tests and the lint of rules have nothing against.
fn made(args: &[&str], input: &str) -> (String, String) {
    let ran = Run::new()
        .args(["rules", "new"])
        .args(args.iter().copied())
        .input(input)
        .go()
        .exits(0);
    for command in ["test", "check"] {
        Run::new()
            .file("my.toml", &ran.out)
            .args(["rules", command, "my.toml"])
            .go()
            .exits(0);
    }
    (ran.out, ran.err)
}

#[test]
fn a_summary_becomes_a_metric() {
    let (rule, hints) = made(&["quax: 12 fine, 3 broken"], "");
    let expected = r#"[[rule]]
id = "quax-summary"
kind = "metric"
tool = "quax"
scope = ["tool_output:Bash"]
keywords = [" broken"]
pattern = '^quax: (?<fine>\d+) fine, (?<failed>\d+) broken$'
[[rule.fires]]
text = "quax: 12 fine, 3 broken"
captures = { failed = "3", fine = "12" }
[[rule.silent]]
text = "it printed quax: 12 fine, 3 broken"
"#;
    assert_eq!(rule, expected);
    assert_eq!(
        hints,
        "taken for a metric; if it is another, say --kind\n`tool` is guessed: name the check that prints it with --tool\n"
    );
}

#[test]
fn the_kind_and_the_rest_can_be_said() {
    let has = |args: &[&str], input: &str, parts: &[&str]| {
        let (rule, _) = made(args, input);
        for part in parts {
            assert!(rule.contains(part), "{part} in\n{rule}");
        }
    };
    has(
        &["$ cd shop && timeout 60 quax verify core | tail"],
        "",
        &[
            "kind = \"check\"",
            "pattern = '^quax verify(?: (?<target>\\S.*))?$'",
            "text = \"quax verify core\"",
        ],
    );
    has(
        &[
            "quax audit-all now",
            "--kind",
            "check",
            "--family",
            "lint",
            "--tool",
            "quax all",
            "--id",
            "Quax All",
        ],
        "",
        &[
            "id = \"quax-all\"",
            "family = \"lint\"",
            "tool = \"quax all\"",
        ],
    );
    has(
        &["src/a.ts:12:4 - TS2304: no name x"],
        "",
        &[
            "kind = \"failure\"",
            "line = \"12\"",
            "what = \"TS2304: no name x\"",
        ],
    );
    has(
        &["Never push to main", "--scope", "assistant_text"],
        "",
        &["kind = \"instruction\"", "scope = [\"assistant_text\"]"],
    );
    has(
        &["-", "--tool", "quax"],
        "quaxError: no till 7\nquaxError: no till 12\n",
        &[
            "pattern = '^(?<what>quaxError: no till \\d+)$'",
            "text = \"quaxError: no till 12\"",
        ],
    );
    has(
        &[
            "deployed build 7 to https://shop.example/a",
            "--kind",
            "environment",
        ],
        "",
        &["kind = \"environment\"", "(?<build>\\d+)"],
    );
}

#[test]
fn a_line_that_a_rule_knows_is_told_of() {
    let (rule, hints) = made(&["go test ./..."], "");
    assert!(rule.contains("id = \"go-test-2\""), "{rule}");
    assert!(
        hints.contains("the rule `go-test` finds it already: `passdown rules show go-test`"),
        "{hints}"
    );
}

#[test]
fn what_makes_no_rule_says_the_way_on() {
    let fails = |args: &[&str], input: &str, message: &str| {
        let ran = Run::new()
            .args(["rules", "new"])
            .args(args.iter().copied())
            .input(input)
            .go()
            .exits(2);
        assert_eq!(ran.out, "");
        assert!(ran.err.contains(message), "{}", ran.err);
    };
    fails(&[], "", "no line to make a rule of");
    fails(&["just words"], "", "say it with --kind");
    fails(&["3 passed", "--kind", "metrik"], "", "is `metric` meant?");
    fails(
        &["3 passed", "--scope", "outputs"],
        "",
        "--scope: unknown word `outputs`",
    );
    fails(
        &["3 passed", "--family", "tests"],
        "",
        "--family: there is no `tests`",
    );
    fails(
        &["-"],
        "3 passed\nError: no till\n",
        "the lines are not alike",
    );
    fails(
        &["ls -la", "--kind", "check"],
        "",
        "runs nothing that could be a check",
    );
}

#[test]
fn a_rule_that_would_not_hold_is_said_to_be_doubtful() {
    let ran = Run::new()
        .args(["rules", "new", "12 3", "--kind", "metric"])
        .go()
        .exits(1);
    assert!(ran.err.contains("doubtful: "), "{}", ran.err);
}
