//! `--chain N`: earlier sessions are joined by what shows that the work goes on, and only what is open is carried.

use serde_json::{Value, json};

use crate::run::Run;

const FIRST: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const SECOND: &str = "bbbbbbbb-0000-4000-8000-000000000002";
const OTHER: &str = "cccccccc-0000-4000-8000-000000000003";
const LAST: &str = "dddddddd-0000-4000-8000-000000000004";

/// A log in the making.
struct Log {
    lines: Vec<String>,
    id: &'static str,
    day: u32,
    branch: &'static str,
    cwd: &'static str,
}

impl Log {
    fn new(id: &'static str, day: u32, branch: &'static str) -> Self {
        Self {
            lines: Vec::new(),
            id,
            day,
            branch,
            cwd: "/home/dev/kit",
        }
    }

    fn record(mut self, kind: &str, content: Value) -> Self {
        let n = self.lines.len();
        self.lines.push(
            json!({
                "type": kind, "uuid": format!("{}-{n}", self.id), "sessionId": self.id, "cwd": self.cwd,
                "gitBranch": self.branch, "version": "2.1.39", "isSidechain": false,
                "timestamp": format!("2026-03-{:02}T10:{n:02}:00.000Z", self.day),
                "message": { "role": kind, "model": "claude-opus-4-6", "content": content },
            })
            .to_string(),
        );
        self
    }

    fn asked(self, text: &str) -> Self {
        self.record("user", json!(text))
    }

    fn said(self, text: &str) -> Self {
        self.record("assistant", json!([{ "type": "text", "text": text }]))
    }

    fn call(self, name: &str, input: Value, answer: &str) -> Self {
        let id = format!("toolu_{}_{}", self.day, self.lines.len());
        self.record(
            "assistant",
            json!([{ "type": "tool_use", "id": id, "name": name, "input": input }]),
        )
        .record(
            "user",
            json!([{ "type": "tool_result", "tool_use_id": id, "content": answer }]),
        )
    }

    fn pytest(self, passed: u32) -> Self {
        let failed = 90 - passed;
        let answer = format!(
            "FAILED tests/test_bus.py::test_one - TypeError: bad\n==== {failed} failed, {passed} passed in 3.00s ===="
        );
        self.call("Bash", json!({ "command": "pytest tests/" }), &answer)
    }

    fn todo(self, tasks: &[(&str, &str)]) -> Self {
        let todos: Vec<Value> = tasks
            .iter()
            .map(|(what, status)| json!({ "content": what, "status": status, "activeForm": what }))
            .collect();
        self.call(
            "TodoWrite",
            json!({ "todos": todos }),
            "Todos have been modified",
        )
    }

    fn edit(self, path: &str) -> Self {
        let path = format!("{}/{path}", self.cwd);
        self.call(
            "Edit",
            json!({ "file_path": path, "old_string": "a = 1", "new_string": "a = 2" }),
            "The file has been updated.",
        )
    }

    fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

fn first() -> Log {
    Log::new(FIRST, 1, "fix/bus")
        .asked("Fix the event bus tests of the kit")
        .todo(&[
            ("Migrate the memory store fixtures", "pending"),
            ("Document the event topics", "pending"),
            ("Repair the publish signature", "completed"),
        ])
        .edit("src/bus.py")
        .pytest(30)
        .said("30 of 90 pass.")
}

fn second() -> Log {
    Log::new(SECOND, 2, "fix/bus")
        .asked("Go on with the bus, run the tests")
        .todo(&[("Document the event topics", "completed")])
        .edit("src/bus.py")
        .pytest(41)
        .said("41 of 90 pass.")
}

/// On another branch, with other files: nothing but folder and time joins it.
fn other() -> Log {
    Log::new(OTHER, 2, "feat/colours")
        .asked("Add colours to the printed report")
        .todo(&[("Choose a palette for the report", "pending")])
        .edit("src/report.py")
        .said("Colours are in.")
}

fn last() -> Log {
    Log::new(LAST, 3, "fix/bus")
        .asked("Get half of the tests to pass")
        .edit("src/bus.py")
        .pytest(45)
        .said("45 of 90 pass.")
}

fn project(logs: &[Log]) -> Run {
    logs.iter().fold(Run::new(), |run, log| {
        run.file(&format!("p/{}.jsonl", log.id), log.text())
    })
}

fn chain(logs: &[Log], args: &[&str]) -> String {
    let file = format!("p/{LAST}.jsonl");
    project(logs)
        .arg(&*file)
        .args(args.iter().copied())
        .go()
        .exits(0)
        .out
}

#[test]
fn what_is_open_and_how_numbers_moved_is_carried_each_with_its_session() {
    let logs = [first(), second(), other(), last()];
    let out = chain(&logs, &["--chain", "5"]);
    for told in [
        "over 3 sessions, `pytest tests/`: 30/90 → 41/90 → 45/90 aaaaaaaa:L7, bbbbbbbb:L7, L5",
        "- goes on from the session of 2026-03-02: same branch fix/bus bbbbbbbb:L8\n",
        "- goes on from the session of 2026-03-01: same branch fix/bus, an open task of it is here aaaaaaaa:L8\n",
        "left open earlier: “Migrate the memory store fixtures” aaaaaaaa:L2",
    ] {
        assert!(out.contains(told), "{told}\n{out}");
    }
    // Done later, done then, of other work, and failing still: told by the last session itself, or by nobody.
    for silent in [
        "Document the event",
        "Repair the publish",
        "palette",
        "cccccccc",
        "failed earlier",
    ] {
        assert!(!out.contains(silent), "{silent}\n{out}");
    }
    let one = chain(&logs, &["--chain", "1"]);
    assert!(
        one.contains("over 2 sessions") && !one.contains("aaaaaaaa"),
        "{one}"
    );
    let none = chain(&logs, &[]);
    assert!(!none.contains("goes on from"), "{none}");
    assert_eq!(none, chain(&[last()], &["--chain", "5"]));
}

#[test]
fn what_joins_is_evidence_and_never_folder_and_time_alone() {
    const PLAN: &str =
        "# Plan: Typed topics\n\n1. Add `Topic` to src/bus.py\n2. Use it in every publish";
    let on = |branch, ask: &str| {
        Log::new(LAST, 3, branch)
            .asked(ask)
            .edit("src/z.py")
            .said("Done.")
    };
    let before = |branch, ask: &str| Log::new(FIRST, 1, branch).asked(ask).edit("src/a.py");
    for (name, earlier, later, joined) in [
        (
            "main is no evidence",
            before("main", "Do a"),
            on("main", "Do b"),
            None,
        ),
        (
            "a plan handed over",
            before("main", "Plan typed topics").call(
                "ExitPlanMode",
                json!({ "plan": PLAN }),
                "The user doesn't want to proceed",
            ),
            on("main", &format!("Implement the following plan:\n\n{PLAN}")),
            Some("its plan was handed over"),
        ),
        (
            "a commit named",
            before("main", "Do a").call(
                "Bash",
                json!({ "command": "git commit -m 'Add topics'" }),
                "[main 4be81d7] Add topics\n 1 file changed, 1 insertion(+)",
            ),
            on("main", "Something broke with 4be81d7, look"),
            Some("its commit 4be81d7 is named"),
        ),
        (
            "a ticket alone is not enough",
            before("main", "Look at KIT-12"),
            on("main", "KIT-12 again"),
            None,
        ),
        (
            "a ticket and a task that goes on",
            before("main", "Look at KIT-12").todo(&[("Type the topics of the bus", "pending")]),
            on("main", "KIT-12 again").todo(&[("Type the topics of the bus", "in_progress")]),
            Some("same ticket KIT-12, an open task of it is here"),
        ),
        (
            "a ticket and files",
            before("main", "Look at KIT-12").edit("src/b.py"),
            on("main", "KIT-12 again").edit("src/a.py").edit("src/b.py"),
            Some("same ticket KIT-12, 2 files edited in both"),
        ),
        (
            "another project's branch of that name",
            Log {
                cwd: "/home/dev/shop",
                ..before("fix/bus", "Do a")
            }
            .said("Done."),
            on("fix/bus", "Do b"),
            None,
        ),
    ] {
        let out = chain(&[earlier, later], &["--chain", "3"]);
        match joined {
            Some(why) => assert!(
                out.contains(&format!("2026-03-01: {why} aaaaaaaa:L")),
                "{name}\n{out}"
            ),
            None => assert!(!out.contains("goes on from"), "{name}\n{out}"),
        }
    }
}

#[test]
fn the_chain_keeps_the_budget_and_the_secrets() {
    let secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let tasks: Vec<String> = (0..40)
        .map(|n| format!("Port module number{n} of the storage with token {secret}"))
        .collect();
    let tasks: Vec<(&str, &str)> = tasks
        .iter()
        .map(|task| (task.as_str(), "pending"))
        .collect();
    let logs = [first().todo(&tasks), last()];
    for budget in ["250", "500", "1000"] {
        let out = chain(
            &logs,
            &["--chain", "5", "--budget", budget, "--tokenizer", "o200k"],
        );
        let tokens = passdown::tokens::Tokenizer::O200k.count(&out);
        assert!(
            tokens <= budget.parse().expect("a number"),
            "{tokens} of {budget}"
        );
        assert!(!out.contains("ghp_abc"), "{out}");
        assert!(out.contains("**Current Status:** red"), "{out}");
    }
    let out = chain(&logs, &["--chain", "5"]);
    assert_eq!(out.matches("left open earlier").count(), 6, "{out}");
    let json = chain(&logs, &["--chain", "5", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let schema = include_str!("../../src/render/handoff.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&json), "{json}");
    let carried = json["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|item| {
            item["text"]
                .as_str()
                .is_some_and(|text| text.starts_with("left open earlier"))
        })
        .expect("a carried line");
    let citation = carried["evidence"][0]["citation"]
        .as_str()
        .expect("a citation");
    // The citation opens.
    let shown = project(&logs)
        .env("HOME", "/nonexistent")
        .args([
            "show",
            &citation.replace("aaaaaaaa", &format!("p/{FIRST}.jsonl")),
        ])
        .go()
        .exits(0);
    assert!(shown.out.contains("TodoWrite"), "{}", shown.out);
}
