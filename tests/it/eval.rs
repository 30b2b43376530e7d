//! `passdown eval` and `passdown tune`.

use serde_json::{Value, json};

use crate::run::Run;

/// A log of ninety calls, thirty of them tests that fail with a secret in their output.
fn log() -> String {
    let mut lines = Vec::new();
    let mut add = |kind: &str, content: Value| {
        let second = lines.len();
        let line = json!({
            "type": kind, "cwd": "/w/app", "sessionId": "0b4f2f0a-0000-4000-8000-000000000001",
            "uuid": format!("u{second}"), "timestamp": format!("2026-01-02T03:{:02}:{:02}Z", second / 60, second % 60),
            "message": {"role": kind, "content": content},
        });
        lines.push(line.to_string());
    };
    add("user", json!("Repair the parser of quoted fields"));
    for round in 0..30 {
        let edit = json!({"file_path": "/w/app/src/parser.go", "old_string": format!("parseQuoted({round})"), "new_string": format!("parseQuoted({})", round + 1)});
        let calls = [
            ("Edit", edit, "The file was updated."),
            (
                "Read",
                json!({"file_path": "/w/app/src/lexer.go"}),
                "package src",
            ),
            (
                "Bash",
                json!({"command": "go test ./src/..."}),
                "parser.go:12: undefined: parseQuoted with ghp_0123456789abcdefghijklmnopqrstuvwxyz\nFAIL app/src",
            ),
        ];
        for (at, (tool, input, answer)) in calls.into_iter().enumerate() {
            let id = format!("t{round}-{at}");
            add(
                "assistant",
                json!([{"type": "tool_use", "id": id, "name": tool, "input": input}]),
            );
            add(
                "user",
                json!([{"type": "tool_result", "tool_use_id": id, "content": answer}]),
            );
        }
        add(
            "assistant",
            json!([{"type": "text", "text": "The parser still fails on quoted fields."}]),
        );
    }
    lines.join("\n") + "\n"
}

fn eval(args: &[&str]) -> Run {
    Run::new()
        .file("s.jsonl", log())
        .file("none.toml", "")
        .file("noise.txt", "zebra lantern walnut\n")
        .args(["eval", "s.jsonl"])
        .args(args.iter().copied())
}

#[test]
fn the_table_fits_a_terminal_and_is_the_same_every_time() {
    let ran = eval(&["--missed"]).go().exits(0);
    assert!(
        ran.out
            .starts_with("## interior: 1 cut, 1 session; known before: 100 %\n\n500 tokens\n"),
        "{}",
        ran.out
    );
    for line in ran.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for text in ["passdown", "tail", "masked", "frequent", "oracle", "bound"] {
        assert!(
            ran.out.contains(&format!("\n| {text} ")),
            "{text}: {}",
            ran.out
        );
    }
    assert!(
        ran.out
            .contains("\n## Missed, with what each would have added to R\n\n0b4f2f0a:L"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("ghp_0123"), "{}", ran.out);
    let alone = eval(&["--missed"])
        .env("RAYON_NUM_THREADS", "1")
        .go()
        .exits(0);
    assert_eq!(alone.out, ran.out);
}

#[test]
fn a_handoff_carries_more_than_noise_and_no_more_than_can_be() {
    let recall = |args: &[&str], name: &str| -> f64 {
        let out = eval(args)
            .args(["--budgets", "1000", "--format", "json"])
            .go()
            .exits(0)
            .out;
        let report: Value = serde_json::from_str(&out).expect("JSON");
        let scores = report["cuts"][0]["scores"].as_array().expect("scores");
        let score = scores.iter().find(|score| score["text"] == name);
        score.expect("a score")["recall"]
            .as_f64()
            .expect("a number")
    };
    assert_eq!(recall(&["--text", "noise.txt"], "text"), 0.0);
    let own = recall(&[], "passdown");
    assert!(own > 0.5 && own <= recall(&[], "bound"), "{own}");
}

#[test]
fn rules_are_compared_on_the_same_cuts() {
    let ran = eval(&["--compare", "-", "none.toml", "--budgets", "500"])
        .go()
        .exits(0);
    assert!(
        ran.out
            .starts_with("A: the rules in force\nB: none.toml\n\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(
            "\nB against A at 500 tokens: no difference beyond noise\n  R +0.000; 0 cuts better, 0 worse\n"
        ),
        "{}",
        ran.out
    );
    let ran = eval(&["--compare", "-", "gone.toml"]).go();
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("gone.toml"), "{}", ran.err);
}

#[test]
fn what_cannot_be_measured_is_said() {
    let short: String = log()
        .lines()
        .take(20)
        .map(|line| format!("{line}\n"))
        .collect();
    let ran = Run::new()
        .file("s.jsonl", short)
        .args(["eval", "s.jsonl"])
        .go()
        .exits(1);
    assert_eq!(
        ran.err,
        "passdown: no cut to score in 1 session: it takes a compaction or 60 tool calls, and 15 calls on both sides\n"
    );
    assert!(ran.out.is_empty());
    let ran = eval(&["--budgets", "0,500"]).go().exits(2);
    assert!(ran.err.contains("holds nothing"), "{}", ran.err);
    // A budget below the smallest handoff costs the handoff, not the run.
    let ran = eval(&["--budgets", "20"]).go().exits(0);
    assert!(ran.err.contains("too small"), "{}", ran.err);
    assert!(ran.out.contains("\n| passdown |  .00 "), "{}", ran.out);
}

#[test]
fn the_usual_weights_change_nothing_and_others_do() {
    let usual = passdown::score::Weights::default();
    let others = passdown::score::Weights {
        files: 0.0,
        ..usual
    };
    let handoff = |budget: u32, weights: Option<&str>| -> String {
        let run = Run::new()
            .file("s.jsonl", log())
            .file("usual.toml", usual.text())
            .file("others.toml", others.text())
            .args(["s.jsonl", "--budget", &budget.to_string()]);
        let run = match weights {
            Some(file) => run.args(["--weights", file]),
            None => run,
        };
        run.go().exits(0).out
    };
    let differ = |budget: u32, file: &str| handoff(budget, None) != handoff(budget, Some(file));
    let budgets = || (290..400).step_by(10);
    assert!(!budgets().any(|budget| differ(budget, "usual.toml")));
    assert!(budgets().any(|budget| differ(budget, "others.toml")));
    let ran = Run::new()
        .file("s.jsonl", log())
        .file("w.toml", "[weights]\nfiles = 2\nfile = 1\n")
        .args(["s.jsonl", "--weights", "w.toml"])
        .go()
        .exits(2);
    assert!(ran.out.is_empty());
    assert_eq!(
        ran.err,
        "passdown: w.toml:2:9: `files` takes a number from 0 to 1\nw.toml:3:1: unknown weight `file`; is `files` meant? (allowed: `files`, `names`, `commands`, `words`, `found`, `edited`, `named`, `spread`)\n"
    );
}

/// Two sessions whose ids fall into different halves.
fn halves() -> Run {
    let log_of = |number: u32| {
        let id = format!("0b4f2f0a-0000-4000-8000-{number:012}");
        (
            format!("{id}.jsonl"),
            log().replace("0b4f2f0a-0000-4000-8000-000000000001", &id),
        )
    };
    let [(even, first), (odd, second)] = [log_of(1), log_of(2)];
    Run::new().file(&even, first).file(&odd, second)
}

#[test]
fn what_does_not_help_other_sessions_is_no_gain() {
    let run = halves().args([
        "tune",
        ".",
        "--trials",
        "6",
        "--budgets",
        "400",
        "--output",
        "w.toml",
    ]);
    let ran = run.go().exits(1);
    assert!(
        ran.out
            .starts_with("# Weights\n\nfitted to 1 cut of 1 session: R "),
        "{}",
        ran.out
    );
    assert!(ran.out.contains(" after 6 trials\n"), "{}", ran.out);
    assert!(
        ran.out
            .contains("on the other half, over all budgets: no gain beyond noise\n"),
        "{}",
        ran.out
    );
    for line in ran.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        ran.err
            .ends_with("w.toml: not written: no gain beyond noise; --anyway writes it\n"),
        "{}",
        ran.err
    );
    assert!(!run.path("w.toml").exists());
    let again = run.go().exits(1);
    assert_eq!(again.out, ran.out);
    let run = run.args(["--anyway"]);
    run.go().exits(1);
    let file = std::fs::read_to_string(run.path("w.toml")).expect("a file");
    assert!(
        file.starts_with("# Made by `passdown tune`: fitted to 1 cut, 6 trials.\n"),
        "{file}"
    );
    assert!(file.contains("no gain beyond noise"), "{file}");
    passdown::score::Weights::parse("w.toml", &file).expect("weights");
}

#[test]
fn one_half_alone_proves_nothing() {
    let ran = Run::new()
        .file("s.jsonl", log())
        .args(["tune", "s.jsonl"])
        .go()
        .exits(1);
    assert!(ran.out.is_empty());
    assert!(
        ran.err.contains("no cut to score on one of the halves"),
        "{}",
        ran.err
    );
}
