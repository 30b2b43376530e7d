//! `passdown batch`: many sessions.

use std::collections::BTreeMap;
use std::path::Path;

use crate::run::{Ran, Run};

const ONE: &str = "11111111-2222-4333-8444-555555555555";
const TWO: &str = "22222222-2222-4333-8444-555555555555";

/// A session of `project` that began on `day`, asked for `what` and ran one command.
fn log(id: &str, project: &str, day: u32, what: &str) -> String {
    let record = |uuid: u32, parent: &str, kind: &str, content: serde_json::Value| {
        serde_json::json!({
            "type": kind, "uuid": format!("{id}-{uuid}"), "parentUuid": (!parent.is_empty()).then_some(parent),
            "sessionId": id, "cwd": format!("/home/dev/{project}"), "gitBranch": "main", "version": "2.1.0",
            "timestamp": format!("2026-01-{day:02}T10:00:{uuid:02}.000Z"),
            "message": {
                "id": format!("msg-{id}-{uuid}"), "role": kind, "model": "claude-opus-4-6", "content": content,
                "usage": { "input_tokens": 3, "output_tokens": 5 },
            },
        })
        .to_string()
    };
    let call = serde_json::json!([{ "type": "tool_use", "id": "t1", "name": "Bash", "input": { "command": "go test ./..." } }]);
    let result = serde_json::json!([{ "type": "tool_result", "tool_use_id": "t1", "content": "FAIL\tshop/cart\t0.1s\nFAIL", "is_error": true }]);
    [
        record(1, "", "user", what.into()),
        record(2, &format!("{id}-1"), "assistant", call),
        record(3, &format!("{id}-2"), "user", result),
    ]
    .map(|line| line + "\n")
    .concat()
}

fn two() -> Run {
    Run::new()
        .file(
            &format!("logs/-a/{ONE}.jsonl"),
            log(ONE, "shop", 2, "Fix the cart total"),
        )
        .file(
            &format!("logs/-b/{TWO}.jsonl"),
            log(TWO, "blog", 9, "Write the feed"),
        )
        .file("logs/notes.txt", "not a log")
        .args(["batch"])
}

/// The files below a folder, with what they hold.
fn held(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("below")
                    .display()
                    .to_string();
                files.insert(name, std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    files
}

fn table(run: &Run) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(run.path("out/sessions.ndjson")).expect("a table");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

fn names(run: &Run) -> Vec<String> {
    table(run)
        .iter()
        .map(|row| row["cwd"].as_str().expect("a folder").to_owned())
        .collect()
}

#[test]
fn each_session_leaves_a_handoff_and_a_line() {
    let run = two().args(["logs", "--out", "out", "--format", "both"]);
    let ran = run.go().exits(0);
    assert!(
        ran.out.contains("2 sessions\n") && ran.out.contains("2 handoffs written"),
        "{}",
        ran.out
    );
    let files = held(&run.path("out"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let handoff = |id: &str, end: &str| format!("handoffs/{id}.{end}");
    assert_eq!(
        names,
        [
            ".passdown-lock".to_owned(),
            handoff(ONE, "json"),
            handoff(ONE, "md"),
            handoff(TWO, "json"),
            handoff(TWO, "md"),
            "sessions.ndjson".to_owned()
        ]
    );
    // The same text as the command for one session writes.
    let one = Run::new()
        .file("s.jsonl", log(ONE, "shop", 2, "Fix the cart total"))
        .arg("s.jsonl")
        .go()
        .exits(0);
    assert_eq!(files[&handoff(ONE, "md")], one.out);
    let rows = table(&run);
    assert_eq!(rows[0]["handoff"], format!("handoffs/{ONE}.md"));
    assert_eq!(
        (&rows[0]["state"], &rows[0]["tool_calls"]),
        (&"red".into(), &1.into())
    );
    assert_eq!(rows[1]["ended"], "2026-01-09T10:00:03Z");
    let again = run.go().exits(0);
    assert!(again.out.contains("2 handoffs unchanged"), "{}", again.out);
    assert_eq!(held(&run.path("out")), files);
}

#[cfg(unix)]
#[test]
fn all_of_it_is_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let run = two().args(["logs", "--out", "new/out"]);
    run.go().exits(0);
    for (path, mode) in [
        ("new/out", 0o700),
        ("new/out/handoffs", 0o700),
        ("new/out/sessions.ndjson", 0o600),
        (&format!("new/out/handoffs/{ONE}.md"), 0o600),
    ] {
        let found = std::fs::metadata(run.path(path))
            .expect(path)
            .permissions()
            .mode();
        assert_eq!(found & 0o777, mode, "{path}");
    }
}

#[test]
fn lists_and_patterns_name_sessions_and_what_is_missing_costs_itself() {
    let run = two()
        .args(["-", "logs/-b/*.jsonl", "logs/*.nothing", "--out", "out"])
        .input(format!("logs/-a/{ONE}.jsonl\r\n\ngone.jsonl\nlogs/-a\n"));
    let ran = run.go().exits(0);
    assert_eq!(names(&run), ["/home/dev/shop", "/home/dev/blog"]);
    for problem in ["gone.jsonl: no such file", "logs/*.nothing: no file fits"] {
        assert!(ran.err.contains(problem), "{problem}\n{}", ran.err);
    }
    assert!(ran.out.contains("2 problems"), "{}", ran.out);
}

#[test]
fn without_a_path_everything_that_claude_code_keeps_is_meant() {
    let run = Run::new()
        .file(
            &format!(".claude/projects/-a/{ONE}.jsonl"),
            log(ONE, "shop", 2, "Fix the cart total"),
        )
        .args(["batch", "--out", "out"]);
    run.go().exits(0);
    assert_eq!(names(&run), ["/home/dev/shop"]);
}

#[test]
fn only_what_was_asked_for_is_written() {
    let check = |args: &[&str], expected: &[&str]| {
        let run = two()
            .args(["logs", "--out", "out"])
            .args(args.iter().copied());
        run.go().exits(if expected.is_empty() { 1 } else { 0 });
        assert_eq!(names(&run), expected, "{args:?}");
        assert_eq!(
            held(&run.path("out/handoffs")).len(),
            expected.len(),
            "{args:?}"
        );
    };
    let (shop, blog) = ("/home/dev/shop", "/home/dev/blog");
    check(&["--since", "2026-01-05"], &[blog]);
    check(&["--until", "2026-01-05"], &[shop]);
    check(
        &["--project", "shop", "--project", "/home/dev/blog/"],
        &[shop, blog],
    );
    check(&["--branch", "main", "--state", "red,green"], &[shop, blog]);
    check(&["--state", "green"], &[]);
    check(&["--min-tools", "2"], &[]);
    // Written a moment ago: deleted in thirty days, and not before.
    check(&["--expiring", "29d"], &[]);
    check(&["--expiring", "31d"], &[shop, blog]);
}

#[test]
fn exit_codes_tell_nothing_from_failure() {
    let dir = || Run::new().file("logs/readme.txt", "hello");
    dir().args(["batch", "gone", "--out", "out"]).go().exits(2);
    dir()
        .args(["batch", "logs", "--out", "logs/readme.txt"])
        .go()
        .exits(2);
    let ran = two()
        .args(["logs", "--out", "out", "--budget", "5"])
        .go()
        .exits(2);
    assert!(
        ran.err.contains("a budget of 5 tokens is too small"),
        "{}",
        ran.err
    );
    two().args(["logs"]).go().exits(2);
}

#[test]
fn two_sessions_of_one_id_leave_two_handoffs() {
    let run = two()
        .file(
            &format!("logs/-c/{ONE}.jsonl"),
            log(ONE, "other", 3, "Something else"),
        )
        .args(["logs", "--out", "out"]);
    run.go().exits(0);
    let handoffs: Vec<String> = table(&run)
        .iter()
        .map(|row| row["handoff"].as_str().expect("a path").to_owned())
        .collect();
    assert_eq!(handoffs.len(), 3);
    assert!(
        handoffs[2].starts_with(&format!("handoffs/{ONE}-")),
        "{handoffs:?}"
    );
    let files = held(&run.path("out"));
    assert!(
        files[&handoffs[2]].contains("Something else")
            && files[&handoffs[0]].contains("cart total")
    );
}

#[test]
fn messages_of_a_fork_are_counted_once() {
    let first = log(ONE, "shop", 2, "Fix the cart total");
    let run = Run::new()
        .file(&format!("logs/{ONE}.jsonl"), &first)
        .file(&format!("logs/{TWO}.jsonl"), &first)
        .args(["batch", "logs", "--out", "out"]);
    let ran = run.go().exits(0);
    assert!(ran.out.contains("1 that repeat others"), "{}", ran.out);
    let rows = table(&run);
    let output = |row: &serde_json::Value| row["own_tokens"]["output"].as_u64().expect("a count");
    assert_eq!(
        output(&rows[0]),
        rows[0]["tokens"]["output"].as_u64().expect("a count")
    );
    assert_eq!((output(&rows[1]), &rows[1]["copy_of"]), (0, &ONE.into()));
}

#[test]
fn threads_change_nothing() {
    let of = |threads: &str| {
        let run = two()
            .file(
                "logs/-c/bad.jsonl",
                "{\"type\":\"user\",\"message\":{}}\nnot JSON\n",
            )
            .env("RAYON_NUM_THREADS", threads)
            .args(["logs", "--out", "out"]);
        let Ran { out, err, .. } = run.go().exits(0);
        (out, err, held(&run.path("out")))
    };
    assert_eq!(of("1"), of("4"));
}

#[test]
fn what_a_killed_run_left_unfinished_is_swept_away() {
    let run = two()
        .file("out/handoffs/.passdown-abc.tmp", "half a hand")
        .file("out/handoffs/mine.tmp", "not ours")
        .args(["logs", "--out", "out"]);
    run.go().exits(0);
    let files = held(&run.path("out"));
    assert!(
        !files.contains_key("handoffs/.passdown-abc.tmp")
            && files.contains_key("handoffs/mine.tmp")
    );
}

#[test]
fn a_secret_stands_nowhere() {
    let secret = ["ghp_", "q7Rk2Zp9Lm4Xc8VbT3wYs6NdH5jGf1AeQ2xZ"].concat();
    let asked = format!("Push with token {secret} please");
    let run = Run::new()
        .file(&format!("logs/{ONE}.jsonl"), log(ONE, "shop", 2, &asked))
        .args([
            "batch",
            "logs",
            "--out",
            "out",
            "--format",
            "both",
            "--progress",
            "json",
        ]);
    let ran = run.go().exits(0);
    let mut all: Vec<String> = held(&run.path("out")).into_values().collect();
    all.extend([ran.out, ran.err]);
    assert!(all.iter().all(|text| !text.contains(&secret)));
    assert!(all.iter().any(|text| text.contains("[redacted:")));
}

#[test]
fn progress_for_programs_is_json() {
    let ran = two()
        .args(["logs", "--out", "out", "--progress", "json"])
        .go()
        .exits(0);
    let events: Vec<String> = ran
        .err
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["event"].to_string()
        })
        .collect();
    assert_eq!(
        events,
        ["\"begin\"", "\"session\"", "\"session\"", "\"end\""]
    );
}
