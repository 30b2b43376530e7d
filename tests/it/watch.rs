//! `passdown batch --watch`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::batch::{ONE, TWO, held, log, table, two};
use crate::run::Run;

const THREE: &str = "33333333-2222-4333-8444-555555555555";

/// A command that watches, with what it tells.
struct Watcher {
    child: Child,
    events: Receiver<Value>,
}

impl Watcher {
    /// Starts `run` and waits until it watches.
    fn start(run: &Run) -> Self {
        let mut child = run.start();
        let err = BufReader::new(child.stderr.take().expect("its messages"));
        let (to, events) = channel();
        std::thread::spawn(move || {
            (err.lines().map_while(Result::ok))
                .map(|line| serde_json::from_str(&line).unwrap_or(Value::String(line)))
                .try_for_each(|event| to.send(event))
        });
        let watcher = Self { child, events };
        let event = watcher.waits("watch");
        assert_ne!(event["folders"], event["unwatched"]);
        watcher
    }

    /// The next event of this kind.
    fn waits(&self, kind: &str) -> Value {
        // What is waited for takes a second or two; a busy machine may need some more.
        while let Ok(event) = self.events.recv_timeout(Duration::from_secs(60)) {
            if event["event"] == kind {
                return event;
            }
        }
        panic!("`{kind}` is not told");
    }

    /// Ends it as Ctrl-C does; gives what it told since.
    fn ends(mut self) -> Vec<Value> {
        let killed = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(killed.expect("kill runs").success());
        let status = self.child.wait().expect("ended");
        let told: Vec<Value> = self.events.iter().collect();
        assert_eq!(status.code(), Some(0), "{told:?}");
        told
    }
}

/// Waits until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}: does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a person asks next in the log of a session.
pub(super) fn asked(id: &str, what: &str) -> String {
    let record = serde_json::json!({
        "type": "user", "uuid": format!("{id}-{what}"), "parentUuid": format!("{id}-3"), "sessionId": id,
        "cwd": "/home/dev/shop", "gitBranch": "main", "version": "2.1.0", "timestamp": "2026-01-20T10:00:00.000Z",
        "message": { "role": "user", "content": what },
    });
    format!("{record}\n")
}

/// The log of a subagent of `ONE`.
fn agent() -> String {
    log("x1", "shop", 3, "Look around")
        .replace("\"t1\"", "\"t2\"")
        .replace("\"sessionId\":\"x1\"", &format!("\"sessionId\":\"{ONE}\""))
        .replace(
            "\"version\"",
            "\"isSidechain\":true,\"agentId\":\"x1\",\"version\"",
        )
}

fn append(path: &Path, text: &str) {
    let mut file = fs::File::options().append(true).open(path).expect("a log");
    file.write_all(text.as_bytes()).expect("a line");
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a file");
}

fn holds(path: &Path, text: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|held| held.contains(text))
}

/// What of the table's rows tells which sessions there are.
fn rows(run: &Run) -> Vec<(String, u64)> {
    let row = |row: &Value| {
        let path = row["path"].as_str().expect("a path").to_owned();
        (path, row["subagents"].as_u64().expect("a count"))
    };
    table(run).iter().map(row).collect()
}

/// Runs through what happens to logs; `more` says how they are watched.
fn follows(more: &[&str]) {
    let mut run = two()
        .args(["logs", "--out", "out", "--store", "s.sqlite"])
        .args(["--watch", "--progress", "json"])
        .args(more.iter().copied());
    let watcher = Watcher::start(&run);
    let handoff = |id: &str| run.path(&format!("out/handoffs/{id}.md"));
    let logs = |name: &str| run.path(&format!("logs/{name}"));

    // A log grows, by half a line first.
    let line = asked(ONE, "Now round the invoice");
    let (half, rest) = line.split_at(line.len() / 2);
    append(&logs(&format!("-a/{ONE}.jsonl")), half);
    append(&logs(&format!("-a/{ONE}.jsonl")), rest);
    until("a log grows", || {
        holds(&handoff(ONE), "Now round the invoice")
    });
    let event = watcher.waits("refreshed");
    assert_eq!(event["session"], ONE);

    // A session begins, in a folder that was not there.
    let three = logs(&format!("-new/{THREE}.jsonl"));
    write(&three, &log(THREE, "new", 12, "Begin anew"));
    until("a session begins", || holds(&handoff(THREE), "Begin anew"));
    append(&three, &asked(THREE, "Go on with it"));
    until("it goes on", || holds(&handoff(THREE), "Go on with it"));

    // A subagent touches its session.
    write(
        &logs(&format!("-a/{ONE}/subagents/agent-x1.jsonl")),
        &agent(),
    );
    let one = (format!("logs/-a/{ONE}.jsonl"), 1);
    until("a subagent comes", || rows(&run).contains(&one));

    // A log gets another name, and one is gone; what was made of it stays.
    fs::create_dir(logs("-z")).expect("a folder");
    fs::rename(
        logs(&format!("-b/{TWO}.jsonl")),
        logs(&format!("-z/{TWO}.jsonl")),
    )
    .expect("renamed");
    fs::remove_file(&three).expect("removed");
    let two = (format!("logs/-z/{TWO}.jsonl"), 0);
    until("logs go", || rows(&run) == [one.clone(), two.clone()]);
    assert!(handoff(THREE).exists());

    let told = watcher.ends();
    let last = told.last().expect("its end");
    assert_eq!(last["event"], "watched", "{told:?}");
    assert!(last["refreshed"].as_u64() >= Some(3), "{last}");

    // What stands is what a new run leaves, and the store knows all of it.
    let args = |out: &str, store: &str| {
        ["batch", "logs", "--out", out, "--store", store].map(str::to_owned)
    };
    run.again(&args("new", "new.sqlite")).exits(0);
    let (new, mut watched) = (held(&run.path("new")), held(&run.path("out")));
    watched.remove(&format!("handoffs/{THREE}.md"));
    assert_eq!(watched, new);
    let again = run.again(&args("out", "s.sqlite")).exits(0);
    assert!(again.out.contains("2 logs unchanged"), "{}", again.out);
}

#[test]
fn what_becomes_of_logs_becomes_of_the_results() {
    follows(&[]);
}

#[test]
fn where_the_system_does_not_tell_the_folders_are_looked_at() {
    follows(&["--poll", "1s"]);
}

#[test]
fn what_changed_last_stands_at_the_end() {
    let run =
        two()
            .args(["logs", "--out", "out", "--no-store"])
            .args(["--watch", "--progress", "json"]);
    let watcher = Watcher::start(&run);
    append(
        &run.path(&format!("logs/-a/{ONE}.jsonl")),
        &asked(ONE, "Now round the invoice"),
    );
    watcher.ends();
    let handoff = run.path(&format!("out/handoffs/{ONE}.md"));
    assert!(holds(&handoff, "Now round the invoice"));
}

#[test]
fn a_session_that_is_named_is_watched_and_its_neighbours_are_not() {
    let name = format!("logs/-a/{ONE}.jsonl");
    let run = two()
        .args([name.as_str(), "--out", "out", "--no-store"])
        .args(["--watch", "--progress", "json"]);
    let watcher = Watcher::start(&run);
    let neighbour = run.path(&format!("logs/-a/{THREE}.jsonl"));
    write(&neighbour, &log(THREE, "shop", 12, "Begin anew"));
    append(&run.path(&name), &asked(ONE, "Now round the invoice"));
    let handoff = run.path(&format!("out/handoffs/{ONE}.md"));
    until("it grows", || holds(&handoff, "Now round the invoice"));
    let agent_log = format!("logs/-a/{ONE}/subagents/agent-x1.jsonl");
    write(&run.path(&agent_log), &agent());
    until("a subagent comes", || rows(&run) == [(name.clone(), 1)]);
    watcher.ends();
    assert_eq!(rows(&run), [(name, 1)]);
}

#[test]
fn an_empty_folder_is_waited_at_and_a_path_that_is_not_there_is_a_mistake() {
    let mut run = Run::new().file("logs/notes.txt", "nothing yet").args([
        "batch",
        "logs",
        "--out",
        "out",
        "--no-store",
        "--watch",
        "--progress",
        "json",
    ]);
    let watcher = Watcher::start(&run);
    write(
        &run.path(&format!("logs/{ONE}.jsonl")),
        &log(ONE, "shop", 2, "Fix the cart total"),
    );
    let handoff = run.path(&format!("out/handoffs/{ONE}.md"));
    until("a session begins", || handoff.exists());
    watcher.ends();

    let mut check = |args: &str, says: &str| {
        let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
        let ran = run.again(&args).exits(2);
        assert!(ran.err.contains(says), "{}", ran.err);
    };
    check(
        "batch lgos --out out --no-store --watch",
        "lgos: no such file",
    );
    check("batch logs --out out --poll 5s", "--watch");
    check(
        "batch logs --out out --watch --expiring 7d",
        "cannot be used with",
    );
}
