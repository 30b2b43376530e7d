//! Arguments, exit codes, what goes where; bad input.

use std::os::unix::fs::PermissionsExt;

use crate::run::Run;

const PROMPT: &str = r#"{"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/home/dev/shop","sessionId":"11111111-2222-4333-8444-555555555555","version":"2.1.30","gitBranch":"main","type":"user","message":{"role":"user","content":"Make the budget test pass, it is at 3/5 now"},"uuid":"u1","timestamp":"2026-03-01T10:00:00.000Z"}"#;
const ANSWER: &str = r#"{"parentUuid":"u1","isSidechain":false,"userType":"external","cwd":"/home/dev/shop","sessionId":"11111111-2222-4333-8444-555555555555","version":"2.1.30","gitBranch":"main","message":{"model":"claude-opus-4-5-20251101","id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"The rounding in `splitBudget` drops a cent."}],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":2}},"requestId":"req_1","type":"assistant","uuid":"u2","timestamp":"2026-03-01T10:00:05.000Z"}"#;

fn log(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_path_gives_a_handoff_on_stdout_and_nothing_else() {
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .arg("s.jsonl")
        .go()
        .exits(0);
    assert!(
        ran.out.starts_with("# Task: Make the budget test pass"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains(" L1\n"), "{}", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn a_subagent_given_directly_is_read_as_the_conversation_it_is() {
    let aside = |line: &str| line.replace(r#""isSidechain":false"#, r#""isSidechain":true"#);
    let ran = Run::new()
        .file("agent-a1b2.jsonl", log(&[&aside(PROMPT), &aside(ANSWER)]))
        .arg("agent-a1b2.jsonl")
        .go()
        .exits(0);
    assert!(ran.out.contains("budget test"), "{}", ran.out);
    let warmup = aside(PROMPT).replace("Make the budget test pass, it is at 3/5 now", "Warmup");
    let ran = Run::new()
        .file("agent-a1b2.jsonl", log(&[&warmup]))
        .arg("agent-a1b2.jsonl")
        .go()
        .exits(1);
    assert!(ran.err.contains("nothing to hand over"), "{}", ran.err);
}

#[test]
fn a_session_in_which_nothing_was_said_has_nothing_to_hand_over() {
    let summary = r#"{"type":"summary","summary":"Budget rounding","leafUuid":"u2"}"#;
    let snapshot = r#"{"type":"file-history-snapshot","messageId":"u1","snapshot":{"messageId":"u1","trackedFileBackups":{},"timestamp":"2026-03-01T10:00:00.000Z"},"isSnapshotUpdate":false}"#;
    for line in [summary, snapshot] {
        let ran = Run::new()
            .file("s.jsonl", log(&[line]))
            .arg("s.jsonl")
            .go()
            .exits(1);
        assert!(ran.err.contains("nothing to hand over"), "{}", ran.err);
    }
}

#[test]
fn standard_input_is_read() {
    let ran = Run::new()
        .input(log(&[PROMPT, ANSWER]))
        .arg("-")
        .go()
        .exits(0);
    assert!(ran.out.contains("splitBudget"), "{}", ran.out);
}

#[test]
fn no_cite_leaves_the_places_out() {
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .args(["s.jsonl", "--no-cite"])
        .go()
        .exits(0);
    assert!(!ran.out.contains("(L"), "{}", ran.out);
}

#[test]
fn the_newest_session_of_the_project_is_found() {
    let run = Run::new();
    let folder = run
        .path("")
        .canonicalize()
        .expect("the folder")
        .display()
        .to_string();
    let here = log(&[&PROMPT.replace("/home/dev/shop", &folder), ANSWER]);
    let elsewhere = log(&[&PROMPT.replace("budget test", "other thing"), ANSWER]);
    let ran = run
        .file(
            ".claude/projects/-x/11111111-2222-4333-8444-555555555555.jsonl",
            here,
        )
        .file(
            ".claude/projects/-y/99999999-2222-4333-8444-555555555555.jsonl",
            elsewhere,
        )
        .go()
        .exits(0);
    assert!(ran.out.contains("budget test"), "{}", ran.out);
}

#[test]
fn a_prefix_finds_a_session_and_an_ambiguous_one_lists_them() {
    let run = || {
        Run::new()
            .file(
                ".claude/projects/-x/abcd1111-2222-4333-8444-555555555555.jsonl",
                log(&[PROMPT, ANSWER]),
            )
            .file(
                ".claude/projects/-x/abcd2222-2222-4333-8444-555555555555.jsonl",
                log(&[PROMPT, ANSWER]),
            )
    };
    run().arg("abcd1111").go().exits(0);
    let ran = run().arg("abcd").go().exits(2);
    assert!(
        ran.err.contains("abcd1111-2222") && ran.err.contains("abcd2222-2222"),
        "{}",
        ran.err
    );
    let ran = run().arg("beef").go().exits(2);
    assert!(
        ran.err.contains("beef") && ran.err.contains(".claude"),
        "{}",
        ran.err
    );
}

#[test]
fn list_shows_what_there_is() {
    let ran = Run::new()
        .file(
            ".claude/projects/-x/abcd1111-2222-4333-8444-555555555555.jsonl",
            log(&[PROMPT, ANSWER]),
        )
        .arg("list")
        .go()
        .exits(0);
    let row = ran.out.lines().nth(1).expect("a row");
    assert!(
        row.starts_with("abcd1111")
            && row.contains("unverified")
            && row.contains("Make the budget test pass"),
        "{row}"
    );
    let none = Run::new().arg("list").go().exits(1);
    assert!(none.err.contains("no sessions in"), "{}", none.err);
}

#[test]
fn show_opens_a_citation_and_the_timeline() {
    let run = |target: &str| {
        Run::new()
            .file("s.jsonl", log(&[PROMPT, ANSWER]))
            .args(["show", target])
            .go()
    };
    let ran = run("s.jsonl:L2").exits(0);
    assert!(
        ran.out.contains("splitBudget") && !ran.out.contains("budget test"),
        "{}",
        ran.out
    );
    let ran = run("s.jsonl").exits(0);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    let ran = run("s.jsonl:L9").exits(2);
    assert!(ran.err.contains("no line 9"), "{}", ran.err);
}

#[test]
fn output_is_written_whole_and_for_the_owner_alone() {
    let run = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .file("h.md", "old")
        .args(["s.jsonl", "--output", "h.md"]);
    let ran = run.go().exits(0);
    assert_eq!(ran.out, "");
    let written = std::fs::read_to_string(run.path("h.md")).expect("the handoff");
    assert!(written.starts_with("# Task: "));
    let mode = run
        .path("h.md")
        .metadata()
        .expect("metadata")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(run.path(""))
        .expect("the folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains(".tmp")),
        "{left:?}"
    );
}

#[test]
fn a_missing_output_folder_is_an_error_and_leaves_nothing() {
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .args(["s.jsonl", "--output", "no/h.md"])
        .go()
        .exits(2);
    assert!(ran.err.contains("no/h.md"), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn the_budget_is_kept_by_every_tokenizer() {
    for tokenizer in ["auto", "o200k", "cl100k"] {
        let ran = Run::new()
            .file("s.jsonl", log(&[PROMPT, ANSWER]))
            .args(["s.jsonl", "--budget", "400", "--tokenizer", tokenizer])
            .go()
            .exits(0);
        let count = tokenizer
            .parse::<passdown::tokens::Tokenizer>()
            .expect("a tokenizer")
            // The model of the session: the estimate follows it.
            .for_model("claude-opus-4-5-20251101")
            .count(&ran.out);
        assert!(count <= 400, "{tokenizer}: {count}");
    }
}

#[test]
fn a_budget_that_holds_nothing_says_what_is_needed() {
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .args(["s.jsonl", "--budget", "5"])
        .go()
        .exits(2);
    assert!(
        ran.err.contains("a budget of 5 tokens is too small") && ran.err.contains("needs"),
        "{}",
        ran.err
    );
}

#[test]
fn what_is_no_log_is_refused_with_its_place() {
    for content in [
        &b"hello\nworld\n"[..],
        &b"\x00\x01\x02\xff\xfe"[..],
        &b"[1,2,3]\n"[..],
        &b"{\"a\":1}\n"[..],
    ] {
        let ran = Run::new().file("s.jsonl", content).arg("s.jsonl").go();
        assert!(ran.code == 1 || ran.code == 2, "{content:?}: {}", ran.code);
        assert!(ran.err.contains("s.jsonl"), "{content:?}: {}", ran.err);
        assert!(ran.out.is_empty());
    }
}

#[test]
fn a_line_cut_short_costs_one_line() {
    let cut = &ANSWER[..120];
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, cut, &ANSWER.replace("u2", "u3")]))
        .arg("s.jsonl")
        .go()
        .exits(0);
    assert!(ran.out.contains("splitBudget"), "{}", ran.out);
    assert!(ran.err.starts_with("s.jsonl:2:"), "{}", ran.err);
}

#[test]
fn folders_without_transcripts_and_unknown_files_say_so() {
    let ran = Run::new()
        .file("notes/a.txt", "x")
        .arg("notes")
        .go()
        .exits(2);
    assert!(ran.err.contains("notes"), "{}", ran.err);
    let ran = Run::new().arg("missing.jsonl").go().exits(2);
    assert!(ran.err.contains("missing.jsonl"), "{}", ran.err);
}

#[test]
fn mapped_and_buffered_reading_agree() {
    let text = log(&[PROMPT, ANSWER]);
    let plain = Run::new()
        .file("s.jsonl", &text)
        .arg("s.jsonl")
        .go()
        .exits(0);
    let mapped = Run::new()
        .file("s.jsonl", &text)
        .args(["s.jsonl", "--mmap"])
        .go()
        .exits(0);
    assert_eq!(plain.out, mapped.out);
}

#[test]
fn as_of_gives_the_age_and_nothing_else_reads_a_clock() {
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .args(["s.jsonl", "--as-of", "2026-03-04T10:00:05Z"])
        .go()
        .exits(0);
    assert!(ran.out.contains("3 days ago"), "{}", ran.out);
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .args(["s.jsonl", "--as-of", "yesterday"])
        .go()
        .exits(2);
    assert!(ran.err.contains("not a time"), "{}", ran.err);
}

#[test]
fn a_closed_pipe_is_a_quiet_success() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_passdown"))
        .arg("--help")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let _ = child.wait().expect("ends");
    let run = Run::new().file("s.jsonl", log(&[PROMPT, ANSWER]));
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_passdown"))
        .arg(run.path("s.jsonl"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("ends");
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
}

#[test]
fn variables_stand_for_flags() {
    let ran = Run::new()
        .file("s.jsonl", log(&[PROMPT, ANSWER]))
        .arg("s.jsonl")
        .env("PASSDOWN_FORMAT", "json")
        .go()
        .exits(0);
    assert!(ran.out.starts_with("{\n"), "{}", ran.out);
}

/// The first screen of the README is what the command prints; `UPDATE_CORPORA=1` rewrites it.
#[test]
fn the_readme_shows_real_output() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let session = root.join("corpora/sessions/protocol-example/session.jsonl");
    let ran = Run::new()
        .arg(session.display().to_string())
        .args(["--budget", "700"])
        .go()
        .exits(0);
    let shown: String = ran
        .out
        .trim_end()
        .lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("    {line}\n")
            }
        })
        .collect();
    let path = root.join("README.md");
    let readme = std::fs::read_to_string(&path).expect("the README");
    if std::env::var_os("UPDATE_CORPORA").is_some() {
        let (head, rest) = readme.split_once("    # Task:").expect("the example");
        let (_, tail) = rest
            .split_once("\n\n**Why.**")
            .expect("what follows the example");
        std::fs::write(
            path,
            format!("{head}{}\n\n**Why.**{tail}", shown.trim_end()),
        )
        .expect("the README");
    } else {
        assert!(
            readme.contains(&shown),
            "the README shows other output than:\n{shown}"
        );
    }
}
