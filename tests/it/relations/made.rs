//! Small sessions made by a seed: what sessions are made of, in any order.

use serde_json::{Value, json};

use super::Seeded;
use super::log::{Line, Log};

/// A runner of checks, with a run that fails and one that passes.
pub(crate) struct Runner {
    /// The word by which the state knows it.
    pub(crate) tool: &'static str,
    pub(crate) narrow: &'static str,
    pub(crate) wide: &'static str,
    pub(crate) status: i32,
    pub(crate) fails: &'static str,
    pub(crate) passes: &'static str,
    /// A file of its language.
    pub(crate) file: &'static str,
}

/// What every failing run names.
pub(crate) const LEAK: &str = "zebra_leak";

pub(crate) const RUNNERS: &[Runner] = &[
    Runner {
        tool: "pytest",
        narrow: "pytest tests/test_zebra.py -q",
        wide: "pytest -q",
        status: 1,
        fails: ".F                       [100%]\n=================================== FAILURES ===================================\n_______ test_zebra_leak _______\n\n    def test_zebra_leak():\n>       assert 17 == 18\nE       assert 17 == 18\n\ntests/test_zebra.py:9: AssertionError\n=========================== short test summary info ============================\nFAILED tests/test_zebra.py::test_zebra_leak - assert 17 == 18\n1 failed, 1 passed in 0.12s",
        passes: "........................                       [100%]\n24 passed in 1.30s",
        file: "shop/feed.py",
    },
    Runner {
        tool: "go test",
        narrow: "go test ./internal/zebra/ -run Test_stripes",
        wide: "go test ./...",
        status: 1,
        fails: "--- FAIL: Test_zebra_leak (0.00s)\n    zebra_test.go:31: zebra_leak: got 17, want 18\nFAIL\nFAIL\tgithub.com/dev/shop/internal/zebra\t0.012s\nFAIL",
        passes: "ok  \tgithub.com/dev/shop/internal/zebra\t0.014s\nok  \tgithub.com/dev/shop/cmd/shop\t0.310s",
        file: "internal/store/store.go",
    },
    Runner {
        tool: "cargo test",
        narrow: "cargo test stripes",
        wide: "cargo test",
        status: 101,
        fails: "running 1 test\ntest tests::zebra_leak ... FAILED\n\nfailures:\n\n---- tests::zebra_leak stdout ----\nthread 'tests::zebra_leak' panicked at src/zebra.rs:41:9:\nassertion `left == right` failed\n  left: 17\n right: 18\n\nfailures:\n    tests::zebra_leak\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 30 filtered out; finished in 0.00s\n\nerror: test failed, to rerun pass `--lib`",
        passes: "running 31 tests\ntest result: ok. 31 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
        file: "src/pack.rs",
    },
    Runner {
        tool: "vitest",
        narrow: "npx vitest run src/zebra.test.ts",
        wide: "npx vitest run",
        status: 1,
        fails: " RUN  v1.6.0 /home/dev/shop\n\n ❯ src/zebra.test.ts (2 tests | 1 failed) 12ms\n   × zebra_leak keeps its stripes\n\n FAIL  src/zebra.test.ts > zebra_leak keeps its stripes\nAssertionError: expected 17 to be 18 // zebra_leak\n\n Test Files  1 failed (1)\n      Tests  1 failed | 1 passed (2)\n   Duration  310ms",
        passes: " ✓ src/zebra.test.ts (2 tests) 8ms\n\n Test Files  4 passed (4)\n      Tests  41 passed (41)\n   Duration  512ms",
        file: "src/feed.ts",
    },
    Runner {
        tool: "tsc",
        narrow: "npx tsc --noEmit",
        wide: "npx tsc --noEmit",
        status: 2,
        fails: "src/zebra.ts(14,7): error TS2322: Type 'string' is not assignable to type 'zebra_leak'.\n\nFound 1 error in src/zebra.ts:14",
        passes: "",
        file: "src/routes.ts",
    },
    Runner {
        tool: "ruff",
        narrow: "ruff check .",
        wide: "ruff check .",
        status: 1,
        fails: "shop/zebra.py:3:8: F401 [*] `zebra_leak` imported but unused\nFound 1 error.\n[*] 1 fixable with the `--fix` option.",
        passes: "All checks passed!",
        file: "shop/export.py",
    },
    Runner {
        tool: "golangci-lint",
        narrow: "golangci-lint run",
        wide: "golangci-lint run",
        status: 1,
        fails: "internal/zebra/zebra.go:12:2: Error return value of `zebra_leak` is not checked (errcheck)\n\tzebra_leak()\n\t^\n1 issues:\n* errcheck: 1",
        passes: "0 issues.",
        file: "internal/rates/rates.go",
    },
    Runner {
        tool: "eslint",
        narrow: "npx eslint src",
        wide: "npx eslint src",
        status: 1,
        fails: "\n/home/dev/shop/src/zebra.ts\n  3:7  error  'zebra_leak' is assigned a value but never used  no-unused-vars\n\n✖ 1 problem (1 error, 0 warnings)\n",
        passes: "",
        file: "src/main.ts",
    },
    Runner {
        tool: "mypy",
        narrow: "mypy shop",
        wide: "mypy shop",
        status: 1,
        fails: "shop/zebra.py:9: error: Name \"zebra_leak\" is not defined  [name-defined]\nFound 1 error in 1 file (checked 12 source files)",
        passes: "Success: no issues found in 12 source files",
        file: "shop/models.py",
    },
    Runner {
        tool: "phpunit",
        narrow: "vendor/bin/phpunit --filter stripes",
        wide: "vendor/bin/phpunit",
        status: 1,
        fails: "PHPUnit 10.5.20 by Sebastian Bergmann and contributors.\n\nF                                                                   1 / 1 (100%)\n\nThere was 1 failure:\n\n1) App\\Tests\\ZebraTest::test_zebra_leak\nFailed asserting that 17 is identical to 18.\n\n/home/dev/shop/tests/ZebraTest.php:21\n\nFAILURES!\nTests: 1, Assertions: 1, Failures: 1.",
        passes: "PHPUnit 10.5.20 by Sebastian Bergmann and contributors.\n\n............                                                      12 / 12 (100%)\n\nOK (12 tests, 40 assertions)",
        file: "src/Feed.php",
    },
];

/// A session as `seed` has it: prompts, edits, runs that fail and pass, lists of todos, commits, calls side by side.
pub(crate) fn made(seed: u64) -> Log {
    let mut seeded = Seeded::new(seed);
    let session = format!(
        "{:08x}-1111-4222-8333-{:012x}",
        0xa000_0000 + seed,
        seed * 7
    );
    let cwd = "/home/dev/shop";
    let first = json!({"parentUuid": null, "isSidechain": false, "userType": "external", "cwd": cwd, "sessionId": session,
        "version": "2.1.42", "gitBranch": "feat/prices", "uuid": "first", "timestamp": "2026-03-01T10:00:00.000Z",
        "type": "user", "message": {"role": "user", "content": *seeded.one(ASKED)}});
    let mut log = Log::of(&format!("{session}.jsonl"), b"");
    log.name = format!("made {seed}");
    log.lines = vec![Line::added(first)];
    let runner = seeded.one(RUNNERS);
    let mut todos = 0;
    for step in 0..6 + seeded.below(10) {
        let path = format!("{cwd}/{}", runner.file);
        match seeded.below(9) {
            0 => log.call(
                "Read",
                json!({"file_path": path}),
                "     1→let rows = read(feed);\n     2→write(rows);",
                false,
            ),
            1 | 2 => log.call(
                "Edit",
                json!({"file_path": path, "old_string": "write(rows);", "new_string": format!("write(rows, {step});")}),
                &format!("The file {path} has been updated."),
                false,
            ),
            3 => log.shell(runner.narrow, runner.fails, runner.status),
            4 => log.shell(runner.wide, runner.passes, 0),
            5 => {
                todos += 1;
                let list: Vec<Value> = (0..3)
                    .map(|at| {
                        let status = if at < todos { "completed" } else { "pending" };
                        json!({"content": TODOS[at], "status": status, "activeForm": TODOS[at]})
                    })
                    .collect();
                log.call("TodoWrite", json!({"todos": list}), "Todos have been modified successfully.", false);
            }
            6 => log.shell(
                "git commit -am \"feed: keep the last row\"",
                &format!("[feat/prices 7c1d{step:03}] feed: keep the last row\n 1 file changed, 2 insertions(+)"),
                0,
            ),
            7 => side_by_side(&mut log, &path, step),
            _ => {
                log.say("The last row is kept now; the next step is the empty file.");
                log.prompt(ASKED[seeded.below(ASKED.len())]);
            }
        }
    }
    log.say("That is where it stands.");
    // What a relation adds has other ids, and fails under another name.
    log.replace(&|text| {
        let text = text.replace(LEAK, "kept_stripes");
        text.replace("_added_", "_made_").replace("added-", "made-")
    });
    let bytes = log.bytes();
    let lines = Log::of(&log.path, &bytes).lines;
    Log { lines, ..log }
}

const ASKED: &[&str] = &[
    "Keep the last row of the feed when it has no line end.",
    "Let the export write a header row, and keep the old format readable.",
    "Get the rates to be read once a day, not once a request.",
    "Why is the feed read twice? Find out and mend it.",
];

const TODOS: [&str; 3] = [
    "Keep the last row in the feed",
    "Read an empty feed without an error",
    "Write down the format of the feed",
];

/// Four calls in one message, answered one after the other.
fn side_by_side(log: &mut Log, path: &str, step: usize) {
    let calls = [
        (
            "Read",
            json!({"file_path": path}),
            "     1→let rows = read(feed);".to_owned(),
        ),
        (
            "Bash",
            json!({"command": "git status --short"}),
            format!(" M {path}"),
        ),
        (
            "Grep",
            json!({"pattern": "read_feed"}),
            "Found 2 files\nshop/cli.py\nshop/web.py".to_owned(),
        ),
        (
            "Edit",
            json!({"file_path": path, "old_string": "read(feed)", "new_string": format!("read_feed(feed, {step})")}),
            format!("The file {path} has been updated."),
        ),
    ];
    let mut asked = Vec::new();
    for (at, (tool, input, answer)) in calls.into_iter().enumerate() {
        let id = format!("toolu_side_{step}_{at}");
        let block = json!({"type": "tool_use", "id": id, "name": tool, "input": input});
        let message = json!({"model": "claude-opus-4-6", "id": format!("msg_side_{step}"), "type": "message",
            "role": "assistant", "content": [block], "usage": {"input_tokens": 3, "output_tokens": 9}});
        log.push(json!({"type": "assistant", "message": message}));
        let uuid = log.last().map_or(Value::Null, |last| last["uuid"].clone());
        asked.push((id, uuid, answer));
    }
    for (id, uuid, answer) in asked {
        let result = json!({"type": "tool_result", "tool_use_id": id, "content": answer});
        log.push(json!({"type": "user", "parentUuid": uuid, "message": {"role": "user", "content": [result]}}));
    }
}
