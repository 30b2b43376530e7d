//! Colours and widths, where standard output is a pipe.

use crate::run::Run;

const PROMPT: &str = r#"{"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/home/dev/shop","sessionId":"11111111-2222-4333-8444-555555555555","version":"2.1.30","gitBranch":"main","type":"user","message":{"role":"user","content":"Make the budget test pass before the release of the shop, and say which of the roundings was the one that lost the cent"},"uuid":"u1","timestamp":"2026-03-01T10:00:00.000Z"}"#;

fn run() -> Run {
    Run::new().file("s.jsonl", format!("{PROMPT}\n"))
}

#[test]
fn a_pipe_has_colours_only_if_they_are_asked_for() {
    let check = |args: &[&str], env: &[(&str, &str)], coloured: bool| {
        for command in [&["s.jsonl"][..], &["list", "s.jsonl"]] {
            let mut run = run().args(command.iter().chain(args).copied());
            for (name, value) in env {
                run = run.env(name, value);
            }
            let out = run.go().exits(0).out;
            assert_eq!(out.contains('\x1b'), coloured, "{args:?} {env:?}\n{out}");
        }
    };
    check(&[], &[], false);
    check(&["--color", "always"], &[], true);
    check(&["--color", "always"], &[("NO_COLOR", "1")], true);
    check(&[], &[("CLICOLOR_FORCE", "1")], true);
    check(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
    check(&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false);
    check(&[], &[("PASSDOWN_COLOR", "always")], true);
}

#[test]
fn json_and_files_have_none() {
    let json = run().args(["s.jsonl", "--format", "json", "--color", "always"]);
    assert!(!json.go().exits(0).out.contains('\x1b'));
    let file = run().args(["s.jsonl", "--output", "handoff.md", "--color", "always"]);
    file.go().exits(0);
    let text = std::fs::read_to_string(file.path("handoff.md")).expect("a handoff");
    assert!(!text.contains('\x1b'));
}

#[test]
fn a_list_takes_the_columns_there_are() {
    for (columns, widest) in [(None, 80), (Some("120"), 120), (Some("40"), 40)] {
        let mut run = run().args(["list", "s.jsonl"]);
        if let Some(columns) = columns {
            run = run.env("COLUMNS", columns);
        }
        let out = run.go().exits(0).out;
        let widths: Vec<usize> = out.lines().map(|line| line.chars().count()).collect();
        assert!(
            widths.iter().all(|width| *width <= widest),
            "{widths:?}\n{out}"
        );
        assert!(
            widths.iter().any(|width| *width > widest - 10),
            "{widths:?}\n{out}"
        );
        assert!(out.contains("Make"), "{out}");
    }
}
