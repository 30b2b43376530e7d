//! Rules of users: the layers, and the commands around them.

use crate::run::Run;

/// A check that the built-in table does not know, and its summary.
pub(crate) const QUAX: &str = r#"[[rule]]
id = "quax-test"
kind = "check"
scope = ["command"]
keywords = ["quax "]
pattern = '^quax verify(?: (?<target>\S.*))?$'
tool = "quax verify"
family = "test"
[[rule.fires]]
text = "quax verify core"
captures = { target = "core" }
[[rule.silent]]
text = "quax build"

[[rule]]
id = "quax-summary"
kind = "metric"
scope = ["tool_output:Bash"]
keywords = ["quax: "]
pattern = '^quax: (?<passed>\d+) fine, (?<failed>\d+) broken$'
tool = "quax verify"
family = "test"
[[rule.fires]]
text = "quax: 12 fine, 3 broken"
captures = { passed = "12", failed = "3" }
[[rule.silent]]
text = "the tool quax: 12 fine, 3 broken"
"#;

/// A log in which that check ran.
pub(crate) fn quax_log() -> String {
    let head = r#""isSidechain":false,"userType":"external","cwd":"/home/dev/shop","sessionId":"11111111-2222-4333-8444-555555555555","version":"2.1.30","gitBranch":"main""#;
    [
        format!(
            r#"{{"parentUuid":null,{head},"type":"user","message":{{"role":"user","content":"Make the ledger of the shop pass"}},"uuid":"u1","timestamp":"2026-03-01T10:00:00.000Z"}}"#
        ),
        format!(
            r#"{{"parentUuid":"u1",{head},"message":{{"model":"claude-opus-4-5-20251101","id":"msg_1","type":"message","role":"assistant","content":[{{"type":"tool_use","id":"toolu_1","name":"Bash","input":{{"command":"quax verify core","description":"Run the checks"}}}}],"stop_reason":null,"usage":{{"input_tokens":1,"output_tokens":2}}}},"requestId":"req_1","type":"assistant","uuid":"u2","timestamp":"2026-03-01T10:00:05.000Z"}}"#
        ),
        format!(
            r#"{{"parentUuid":"u2",{head},"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"toolu_1","type":"tool_result","content":"checking core\nquax: 12 fine, 3 broken","is_error":false}}]}},"uuid":"u3","timestamp":"2026-03-01T10:00:07.000Z","toolUseResult":{{"stdout":"checking core\nquax: 12 fine, 3 broken","stderr":"","interrupted":false,"isImage":false}}}}"#
        ),
    ]
    .map(|line| line + "\n")
    .concat()
}

/// What the handoff of the log shows, if the rules are in force.
const SHOWN: &str = "`quax verify core` failed: 12/15 passed";

#[test]
fn every_layer_reaches_the_handoff() {
    // The file that holds the rules, the arguments, and what `XDG_CONFIG_HOME` names.
    let layers: &[(&str, &[&str], Option<&str>)] = &[
        ("elsewhere.toml", &[], None),
        (".config/passdown/rules/quax.toml", &[], None),
        ("xdg/passdown/rules/quax.toml", &[], Some("xdg")),
        (".passdown/rules.toml", &[], None),
        ("my.toml", &["--rules", "my.toml"], None),
    ];
    for (file, args, xdg) in layers {
        let mut run = Run::new()
            .file("s.jsonl", quax_log())
            .file(file, QUAX)
            .arg("s.jsonl")
            .args(args.iter().copied());
        if let Some(folder) = xdg {
            let folder = run.path(folder).display().to_string();
            run = run.env("XDG_CONFIG_HOME", &folder);
        }
        let ran = run.go().exits(0);
        assert_eq!(
            ran.out.contains(SHOWN),
            *file != "elsewhere.toml",
            "{file}: {}",
            ran.out
        );
        assert_eq!(ran.err, "", "{file}");
    }
}

#[test]
fn the_projects_file_is_found_up_to_the_root_of_the_repository() {
    let deep = |git: &str| {
        Run::new()
            .file("top/.passdown/rules.toml", QUAX)
            .file(git, "ref: refs/heads/main\n")
            .file("top/a/b/s.jsonl", quax_log())
            .within("top/a/b")
            .arg("s.jsonl")
            .go()
            .exits(0)
    };
    let ran = deep("top/.git/HEAD");
    assert!(ran.out.contains(SHOWN), "{}", ran.out);
    // Above the root, and without a repository, the folders are somebody else's.
    for git in ["top/a/.git/HEAD", "elsewhere/.git/HEAD"] {
        let ran = deep(git);
        assert!(!ran.out.contains(SHOWN), "{git}: {}", ran.out);
    }
}

#[test]
fn a_later_layer_changes_what_a_lower_one_says() {
    let off = [
        "[[rule]]\nid = \"quax-test\"\ndisabled = true\n",
        &QUAX.replace("quax verify(", "quax nothing("),
    ];
    for project in off {
        let ran = Run::new()
            .file("s.jsonl", quax_log())
            .file(".config/passdown/rules/quax.toml", QUAX)
            .file(".passdown/rules.toml", project)
            .arg("s.jsonl")
            .go()
            .exits(0);
        assert!(!ran.out.contains(SHOWN), "{project}: {}", ran.out);
    }
}

#[test]
fn mistakes_of_all_files_are_told_at_once_and_nothing_is_written() {
    let ran = Run::new()
        .file("s.jsonl", quax_log())
        .file(
            ".config/passdown/rules/a.toml",
            QUAX.replace("family = \"test\"", "familly = \"test\""),
        )
        .file(
            ".passdown/rules.toml",
            "[packs]\npyton = false\n[[rule]]\nid = \"go-tst\"\nweight = 2\n",
        )
        .file(
            "my.toml",
            QUAX.replace("{ target =", "{ targt =").replace(
                "tool = \"quax verify\"\nfamily = \"test\"\n[[rule.fires]]\ntext = \"quax:",
                "tool = \"quax {task}\"\nfamily = \"tests\"\n[[rule.fires]]\ntext = \"quax:",
            ),
        )
        .args(["s.jsonl", "--rules", "my.toml"])
        .go()
        .exits(2);
    assert_eq!(ran.out, "");
    let expected = [
        ".config/passdown/rules/a.toml:8:1: rule `quax-test`: unknown key `familly`; is `family` meant?",
        ".config/passdown/rules/a.toml:22:1: rule `quax-summary`: unknown key `familly`; is `family` meant?",
        ".passdown/rules.toml:2:1: unknown pack `pyton`; is `python` meant?",
        ".passdown/rules.toml:3:1: rule `go-tst`: lacks `kind`",
        "is `go-test` meant?",
        "my.toml:11:14: rule `quax-test`: `captures`: unknown group `targt`; is `target` meant?",
        "my.toml:21:8: rule `quax-summary`: `tool`: unknown group `task` (allowed: `passed`, `failed`)",
        "my.toml:22:10: rule `quax-summary`: `family`: unknown word `tests`; is `test` meant?",
    ];
    for message in expected {
        assert!(ran.err.contains(message), "{message} in\n{}", ran.err);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("gone.toml", b"", "gone.toml: No such file"),
        (
            "folder",
            b"",
            "folder: a folder, where a rule file is meant",
        ),
        (
            "bad.toml",
            b"# \xc3\xa9\n# a\xff",
            "bad.toml:2:4: not UTF-8",
        ),
        ("syntax.toml", b"[[rule]\n", "syntax.toml:1:8: "),
    ];
    for (name, text, message) in cases {
        let run = Run::new().file("s.jsonl", quax_log());
        let run = match *name {
            "gone.toml" => run,
            "folder" => run.file("folder/x", ""),
            _ => run.file(name, text),
        };
        let ran = run.args(["s.jsonl", "--rules", name]).go().exits(2);
        assert!(ran.err.contains(message), "{name}: {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
}

#[test]
fn the_built_in_rules_hold() {
    let ran = Run::new().args(["rules", "test"]).go().exits(0);
    assert!(ran.out.ends_with(" examples: all hold\n"), "{}", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn what_fails_is_named_and_underlined() {
    let wrong = QUAX
        .replace("text = \"quax verify core\"", "text = \"quax verity core\"")
        .replace("passed = \"12\"", "passed = \"13\"")
        .replace("text = \"quax build\"", "text = \"quax verify\"");
    let ran = Run::new()
        .file("my.toml", wrong)
        .args(["rules", "test", "my.toml"])
        .go()
        .exits(1);
    let expected = r#"my.toml:9: rule `quax-test`: missing: the pattern fits so far, then asks for `fy(?: (?<target>\S.*))?$`
    quax verity core
    ^^^^^^^^^
my.toml:12: rule `quax-test`: noisy: it should be silent, and fires
    quax verify
    ^^^^^^^^^^^
my.toml:23: rule `quax-summary`: `passed` is `12`, not `13`
    quax: 12 fine, 3 broken
          ^^
2 rules, 4 examples: 3 failed
"#;
    assert_eq!(ran.out, expected);
}

#[test]
fn rules_without_examples_are_told_of() {
    let ran = Run::new()
        .file(
            "my.toml",
            QUAX.split("[[rule.fires]]").next().unwrap_or_default(),
        )
        .args(["rules", "test", "my.toml"])
        .go()
        .exits(0);
    assert_eq!(ran.out, "1 rule, 0 examples: all hold\n");
    assert_eq!(ran.err, "my.toml:1: rule `quax-test`: no example\n");
}

#[test]
fn the_list_shows_layers_and_weights() {
    let ran = Run::new()
        .file(".config/passdown/rules/quax.toml", QUAX)
        .file(
            ".passdown/rules.toml",
            "[[rule]]\nid = \"quax-test\"\nweight = 2.5\n[[rule]]\nid = \"go-test\"\ndisabled = true\n",
        )
        .args(["rules", "list"])
        .go()
        .exits(0);
    let line = |id: &str| {
        let line = ran
            .out
            .lines()
            .find(|line| line.split(' ').next() == Some(id));
        let words = line.unwrap_or_default().split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("quax-test"), "quax-test check command user* 2.5");
    assert_eq!(
        line("quax-summary"),
        "quax-summary metric tool_output:Bash user 1"
    );
    assert_eq!(line("go-test"), "go-test check command built-in* off");
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
}

#[test]
fn a_rule_is_shown_as_it_was_written_with_its_history() {
    let run = || {
        Run::new()
            .file(".config/passdown/rules/quax.toml", QUAX)
            .file(
                ".passdown/rules.toml",
                "[[rule]]\nid = \"quax-test\"\nweight = 2.5\n[packs]\ngo = false\n",
            )
            .args(["rules", "show"])
    };
    let ran = run().args(["quax-test"]).go().exits(0);
    let (head, text) = ran.out.split_once("[[rule]]").expect("a rule");
    assert_eq!(
        head,
        "# user, .config/passdown/rules/quax.toml:1\n# project, .passdown/rules.toml:1: weight 2.5, before 1\n"
    );
    assert_eq!(
        format!("[[rule]]{text}\n"),
        QUAX.split_inclusive("build\"\n\n").next().expect("a rule")
    );
    let ran = run().args(["go-test"]).go().exits(0);
    assert!(ran.out.starts_with("# built-in, go.toml:"), "{}", ran.out);
    assert!(
        ran.out.contains("switched off with its pack `go`"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("id = \"go-test\"\n"), "{}", ran.out);
    let ran = run().args(["go-tets"]).go().exits(2);
    assert!(
        ran.err.contains("no rule `go-tets`; is `go-test` meant?"),
        "{}",
        ran.err
    );
}

#[test]
fn a_pattern_is_tried_on_logs_with_citation_and_captures() {
    let ran = Run::new()
        .file("s.jsonl", quax_log())
        .args([
            "rules",
            "try",
            r"quax: (?<passed>\d+) fine",
            "s.jsonl",
            "-C",
            "1",
        ])
        .go()
        .exits(0);
    let expected = "11111111:L3 tool_output:Bash pattern passed=12
    checking core
    quax: 12 fine, 3 broken
    ^^^^^^^^^^^^^

SESSION  HITS FILE
11111111    1 s.jsonl
1 hit in 1 session
";
    assert_eq!(ran.out, expected);
    assert!(ran.err.contains("keywords = [\"quax: \"]"), "{}", ran.err);
}

#[test]
fn the_rules_of_a_file_are_tried_and_the_limits_are_kept() {
    let try_with = |args: &[&str]| {
        Run::new()
            .file("s.jsonl", quax_log())
            .file("my.toml", QUAX)
            .args(["rules", "try"])
            .args(args.iter().copied())
            .arg("s.jsonl")
            .go()
    };
    let ran = try_with(&["my.toml"]).exits(0);
    assert!(
        ran.out
            .contains("11111111:L2 command quax-test target=core\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("quax-summary passed=12 failed=3\n"),
        "{}",
        ran.out
    );
    let ran = try_with(&["my.toml", "-n", "1"]).exits(0);
    assert!(
        ran.out.contains("… 1 more in this session\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("2 hits in 1 session\n"), "{}", ran.out);
    let ran = try_with(&["quax", "--scope", "prompt"]).exits(1);
    assert_eq!(ran.out, "0 hits in 1 session\n");
    let ran = try_with(&["quax", "--scope", "promt"]).exits(2);
    assert!(ran.err.contains("is `prompt` meant?"), "{}", ran.err);
    let ran = try_with(&["(quax"]).exits(2);
    assert!(
        ran.err.contains("the pattern `(quax`: unclosed group"),
        "{}",
        ran.err
    );
}

#[test]
fn what_is_tried_shows_no_secret() {
    let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let log = quax_log().replace("checking core", &format!("token {secret} end"));
    for pattern in [
        r"token (?<what>\S+)",
        "ghp_16C7",
        r"token ghp_(?<half>\w{20})",
    ] {
        let ran = Run::new()
            .file("s.jsonl", &log)
            .args(["rules", "try", pattern, "s.jsonl"])
            .go()
            .exits(0);
        assert!(!ran.out.contains("c6912E77"), "{pattern}: {}", ran.out);
    }
}

#[test]
fn a_list_says_how_often_rules_fire_where_it_is_asked() {
    let run = || {
        let run = Run::new().file("s.jsonl", quax_log());
        run.file(".passdown/rules.toml", QUAX)
    };
    let ran = run()
        .args(["rules", "list", "quax", "--hits", "s.jsonl"])
        .go()
        .exits(0);
    let rows: Vec<&str> = ran.out.lines().collect();
    assert!(rows[0].ends_with("HITS"), "{}", ran.out);
    assert!(
        rows[1..].iter().all(|row| row.ends_with(" 1")),
        "{}",
        ran.out
    );
    assert!(rows.len() > 2, "{}", ran.out);
    let ran = run().args(["rules", "list", "quax"]).go().exits(0);
    assert!(!ran.out.contains("HITS"));
}

#[test]
fn hits_are_counted_by_rule() {
    let ran = Run::new()
        .file("s.jsonl", quax_log())
        .file(".passdown/rules.toml", QUAX)
        .args(["rules", "stats", "s.jsonl"])
        .go()
        .exits(0);
    let line = |id: &str| {
        let line = ran.out.lines().find(|line| line.starts_with(id));
        let words = line.unwrap_or_default().split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    };
    // Both stand behind the line of the handoff that tells the check.
    let told = line("quax-summary");
    let tokens = told.strip_prefix("quax-summary metric project 1 1 100% ");
    assert!(
        tokens.is_some_and(|tokens| tokens.parse::<u32>().is_ok_and(|tokens| tokens > 5)),
        "{told}"
    );
    assert_eq!(
        line("quax-test"),
        format!(
            "quax-test check project 1 1 100% {}",
            tokens.unwrap_or_default()
        )
    );
    let cost = ran.out.split_once("SLOWEST").expect("what rules cost").1;
    assert!(
        cost.contains("\nquax-summary ") && cost.contains(" runs where a keyword stood, "),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("never:\n  go-test-compile go-test "),
        "{}",
        ran.out
    );
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
}

#[test]
fn doubtful_rules_are_told_of() {
    let ran = Run::new()
        .file(
            ".passdown/rules.toml",
            QUAX.replace("id = \"quax-summary\"", "id = \"go-test\"")
                .replace("[\"quax: \"]", "[\"quax:: \"]"),
        )
        .args(["rules", "check"])
        .go()
        .exits(1);
    for message in [
        ".passdown/rules.toml:15: rule `go-test`: in place of the rule of built-in (go.toml:",
        ".passdown/rules.toml:15: rule `go-test`: the pattern matches `quax: ",
        "2 rules: 2 doubtful\n",
    ] {
        assert!(ran.out.contains(message), "{message} in\n{}", ran.out);
    }
    let ran = Run::new()
        .file("my.toml", QUAX)
        .args(["rules", "check", "my.toml"])
        .go()
        .exits(0);
    assert_eq!(ran.out, "2 rules: nothing doubtful\n");
}

#[test]
fn a_projects_own_word_for_a_check_is_one() {
    let record = |kind: &str, uuid: &str, parent: Option<&str>, message: serde_json::Value| {
        let record = serde_json::json!({
            "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": "/home/dev/shop",
            "sessionId": "5e55107a-2222-4333-8444-555555555555", "version": "2.1.30", "gitBranch": "main",
            "type": kind, "message": message, "uuid": uuid, "timestamp": "2026-03-01T10:00:00.000Z",
        });
        format!("{record}\n")
    };
    let call = serde_json::json!({ "type": "tool_use", "id": "t1", "name": "Bash", "input": { "command": "mise run verify core 2>&1 | tail -5" } });
    let printed = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
    let answer = serde_json::json!({ "type": "tool_result", "tool_use_id": "t1", "content": printed, "is_error": false });
    let log = [
        record("user", "u1", None, serde_json::json!({ "role": "user", "content": "Verify the core." })),
        record("assistant", "u2", Some("u1"), serde_json::json!({ "model": "m", "id": "i", "type": "message", "role": "assistant", "content": [call] })),
        record("user", "u3", Some("u2"), serde_json::json!({ "role": "user", "content": [answer] })),
    ]
    .concat();
    let run = Run::new().file("s.jsonl", log).arg("s.jsonl");
    let run = run.file(
        ".passdown/rules.toml",
        "[checks]\n\"mise run verify\" = \"test\"\n",
    );
    let ran = run.go().exits(0);
    assert!(
        ran.out.contains("- test: `mise run verify core"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("3/4 passed"), "{}", ran.out);
    let run = run.file(
        ".passdown/rules.toml",
        "[checks]\n\"mise run verify\" = \"tests\"\n\"\" = \"test\"\n\"--\" = \"test\"\n",
    );
    let ran = run.go().exits(2);
    assert!(
        ran.err
            .contains("rules.toml:2:21: rule `check-mise-run-verify`: `checks`: ")
            && ran.err.contains("is `test` meant?"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("rules.toml:3:1: check ``: must be a command"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("rules.toml:4:1: check `--`: must be a command"),
        "{}",
        ran.err
    );
}
