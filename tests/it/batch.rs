//! `passdown batch`: many sessions.

use std::collections::BTreeMap;
use std::path::Path;

use crate::run::{Ran, Run};

pub(super) const ONE: &str = "11111111-2222-4333-8444-555555555555";
pub(super) const TWO: &str = "22222222-2222-4333-8444-555555555555";

/// A session of `project` that began on `day`, asked for `what` and ran one command.
pub(super) fn log(id: &str, project: &str, day: u32, what: &str) -> String {
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

pub(super) fn two() -> Run {
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
pub(super) fn held(folder: &Path) -> BTreeMap<String, String> {
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

pub(super) fn table(run: &Run) -> Vec<serde_json::Value> {
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

/// Every row of the store's tables, by log; logs by their path, without the numbers that the order of work gave them.
fn stored(path: &Path) -> Vec<String> {
    let store = rusqlite::Connection::open(path).expect("a store");
    let mut rows = Vec::new();
    for table in [
        "logs",
        "sessions",
        "handoffs",
        "turns",
        "tasks",
        "checks",
        "check_runs",
        "failures",
        "files",
        "commands",
        "commits",
        "decisions",
        "instructions",
        "attempts",
        "records",
        "problems",
    ] {
        let own = if table == "logs" {
            "logs.*"
        } else {
            "logs.path, it.*"
        };
        let from = if table == "logs" {
            "logs"
        } else {
            &format!("{table} it LEFT JOIN logs USING (log)")
        };
        let mut select = store
            .prepare(&format!("SELECT {own} FROM {from}"))
            .expect("a query");
        let columns: Vec<usize> = (0..select.column_count())
            .filter(|at| select.column_name(*at) != Ok("log"))
            .collect();
        let mut found = select.query([]).expect("rows");
        while let Some(row) = found.next().expect("a row") {
            let values: Vec<String> = columns
                .iter()
                .map(|at| format!("{:?}", row.get_ref(*at).expect("a value")))
                .collect();
            rows.push(format!("{table}: {}", values.join(", ")));
        }
    }
    rows.sort();
    rows
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let run = two().args(["logs", "--out", "out", "--store", "s.sqlite"]);
    let first = run.go().exits(0);
    assert!(!first.out.contains("not read again"), "{}", first.out);
    let (files, store) = (held(&run.path("out")), stored(&run.path("s.sqlite")));
    let again = run.go().exits(0);
    assert!(again.out.contains("2 logs unchanged"), "{}", again.out);
    assert_eq!(held(&run.path("out")), files);
    assert_eq!(stored(&run.path("s.sqlite")), store);
    // A handoff that is gone comes from the store.
    std::fs::remove_dir_all(run.path("out")).expect("removes");
    let again = run.go().exits(0);
    assert!(
        again.out.contains("2 logs unchanged") && again.out.contains("2 handoffs written"),
        "{}",
        again.out
    );
    assert_eq!(held(&run.path("out")), files);
    // A log that grew is read, and another budget is another handoff.
    let run = run.file(
        &format!("logs/-a/{ONE}.jsonl"),
        log(ONE, "shop", 3, "Fix the cart tax"),
    );
    let grown = run.go().exits(0);
    assert!(
        grown.out.contains("1 logs unchanged") && grown.out.contains("1 handoffs written"),
        "{}",
        grown.out
    );
    assert!(held(&run.path("out"))[&format!("handoffs/{ONE}.md")].contains("cart tax"));
    let run = run.args(["--budget", "1000"]);
    assert!(!run.go().exits(0).out.contains("logs unchanged"));
}

#[test]
fn a_store_changes_no_result() {
    for args in [
        &["--state", "red"][..],
        &["--format", "both"],
        &["--project", "blog"],
    ] {
        let without = two()
            .args(["logs", "--out", "out", "--no-store"])
            .args(args.iter().copied());
        without.go().exits(0);
        let with = two().args(["logs", "--out", "out"]);
        with.go().exits(0);
        std::fs::remove_dir_all(with.path("out")).expect("removes");
        let with = with.args(args.iter().copied());
        with.go().exits(0);
        assert_eq!(
            held(&with.path("out")),
            held(&without.path("out")),
            "{args:?}"
        );
        assert!(with.path(".local/share/passdown/store.sqlite").exists());
        assert!(!without.path(".local").exists());
    }
}

#[test]
fn a_store_that_cannot_be_had_costs_nothing_but_time() {
    let run = two()
        .file(".local/share/passdown", "a file in the way")
        .args(["logs", "--out", "out"]);
    let ran = run.go().exits(0);
    assert!(
        ran.err.contains("without the store") && ran.out.contains("2 handoffs written"),
        "{}",
        ran.err
    );
    // What was asked for by name is not done without.
    let ran = two()
        .file(
            "s.sqlite",
            "no database, and longer than the header of one, which has a hundred bytes: ".repeat(9),
        )
        .args(["logs", "--out", "out", "--store", "s.sqlite"])
        .go()
        .exits(0);
    assert!(
        ran.err.contains("set aside as s.sqlite.damaged-1"),
        "{}",
        ran.err
    );
    two()
        .args(["logs", "--out", "out", "--store", "logs"])
        .go()
        .exits(2);
}

/// Forty sessions, in a folder of their own.
fn forty() -> Run {
    (0..40).fold(
        Run::new().args(["batch", "logs", "--store", "s.sqlite"]),
        |run, n| {
            let id = format!("{n:08}-2222-4333-8444-555555555555");
            run.file(
                &format!("logs/{id}.jsonl"),
                log(&id, "shop", 1 + n % 28, &format!("Fix number {n}")),
            )
        },
    )
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_loses_and_doubles_nothing() {
    use std::io::BufRead;
    let run = forty().args(["--out", "out", "--progress", "json"]);
    // Killed while it reads, while it writes, and before it has begun.
    for after in [5, 25, 1] {
        let mut child = run.start();
        let lines = std::io::BufReader::new(child.stderr.take().expect("its messages")).lines();
        assert_eq!(lines.take(after).count(), after);
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    let ran = run.go().exits(0);
    assert!(ran.out.starts_with("40 sessions\n"), "{}", ran.out);
    let whole = forty().args(["--out", "out"]);
    whole.go().exits(0);
    assert_eq!(held(&run.path("out")), held(&whole.path("out")));
    // The stamps of the files differ: the folders are two.
    let without_stamps = |run: &Run| -> Vec<String> {
        let rows = stored(&run.path("s.sqlite"));
        rows.into_iter()
            .filter(|row| !row.starts_with("logs: "))
            .collect()
    };
    assert_eq!(without_stamps(&run), without_stamps(&whole));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_how_to_go_on() {
    use std::io::{BufRead, Read};
    let run = forty()
        .args(["--out", "out", "--progress", "json"])
        .env("RAYON_NUM_THREADS", "1");
    let mut child = run.start();
    let mut messages = std::io::BufReader::new(child.stderr.take().expect("its messages"));
    messages
        .read_line(&mut String::new())
        .expect("its first message");
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("kill runs").success());
    let mut rest = String::new();
    messages
        .read_to_string(&mut rest)
        .expect("its other messages");
    let code = child.wait().expect("ended").code();
    // It may have been done before the signal came.
    if code != Some(0) {
        assert_eq!(code, Some(130), "{rest}");
        assert!(rest.contains("run the same command again"), "{rest}");
        assert!(!run.path("out/sessions.ndjson").exists());
    }
    run.go().exits(0);
    assert_eq!(table(&run).len(), 40);
}

#[test]
fn two_runs_at_once_are_as_one() {
    let run = forty().args(["--out", "out"]);
    let mut other = run.start();
    run.go().exits(0);
    assert!(other.wait().expect("ended").success());
    let whole = forty().args(["--out", "out"]);
    whole.go().exits(0);
    assert_eq!(held(&run.path("out")), held(&whole.path("out")));
    let counts = |run: &Run| stored(&run.path("s.sqlite")).len();
    assert_eq!(counts(&run), counts(&whole));
}
