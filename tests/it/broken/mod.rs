//! Bad inputs: each with the exit code it deserves, and whether what stands before and after the damage is kept.
//!
//! Made here, not stored. Sizes are such that a debug build is through in seconds; `PASSDOWN_BIG=1` makes the large
//! ones as large as they are met.

mod bytes;
mod files;
mod sizes;
mod values;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::run::{Ran, Run};

const SESSION: &str = "11111111-2222-4333-8444-555555555555";

/// How long a case may take, on a machine that does other things too.
const LIMIT: Duration = Duration::from_secs(40);

/// A log, and what is to come of it.
struct Case {
    id: &'static str,
    bytes: Vec<u8>,
    want: Want,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    /// A handoff with both facts, and not a word beside.
    Quiet,
    /// A handoff with both facts, and at most this many lines beside.
    Told(usize),
    /// Nothing to hand over, said in one line.
    Nothing,
    /// Either a handoff with both facts or one line that refuses.
    ReadOrRefused,
}

fn case(id: &'static str, want: Want, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        id,
        bytes: bytes.into(),
        want,
    }
}

/// A record of the conversation, the `n`th.
fn record(n: u32, kind: &str, content: Value) -> Value {
    let role = if kind == "user" { "user" } else { "assistant" };
    let mut message = json!({"role": role, "content": content});
    if kind == "assistant" {
        message["id"] = json!(format!("msg_{n}"));
        message["model"] = json!("claude-opus-4-6");
        message["usage"] = json!({"input_tokens": 1, "output_tokens": 2});
    }
    let parent = if n == 1 {
        Value::Null
    } else {
        json!(format!("u{}", n - 1))
    };
    json!({
        "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": "/home/dev/shop", "sessionId": SESSION,
        "version": "2.1.42", "gitBranch": "main", "type": kind, "message": message, "uuid": format!("u{n}"),
        "timestamp": format!("2026-03-01T10:{:02}:{:02}.000Z", n / 60 % 60, n % 60),
    })
}

fn call(n: u32, tool: &str, input: &Value) -> Value {
    record(
        n,
        "assistant",
        json!([{"type": "tool_use", "id": format!("t{n}"), "name": tool, "input": input}]),
    )
}

/// The answer to the call of the record before.
fn answer(n: u32, output: &str, failed: bool) -> Value {
    let id = format!("t{}", n - 1);
    record(
        n,
        "user",
        json!([{"type": "tool_result", "tool_use_id": id, "content": output, "is_error": failed}]),
    )
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// What stands before the damage: a request, and a check with its numbers.
fn before() -> Vec<Value> {
    vec![
        record(1, "user", json!("Mend the cart: 3/5 tests of it pass")),
        call(
            2,
            "Bash",
            &json!({"command": "pytest tests/test_before.py"}),
        ),
        answer(
            3,
            "E   assert 1 == 2\nFAILED tests/test_before.py::test_sum\n2 failed, 3 passed in 0.10s",
            true,
        ),
    ]
}

/// What stands after it, as records from 5 on: an edit.
fn after() -> Vec<Value> {
    let edit = json!({"file_path": "/home/dev/shop/src/after.py", "old_string": "a - b", "new_string": "a + b"});
    vec![
        call(5, "Edit", &edit),
        answer(
            6,
            "The file /home/dev/shop/src/after.py has been updated.",
            false,
        ),
        record(
            7,
            "assistant",
            json!([{"type": "text", "text": "The sum is mended in `src/after.py`."}]),
        ),
    ]
}

fn whole() -> String {
    lines(&before()) + &lines(&after())
}

/// The log with a line of its own between its halves.
fn around(damage: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = lines(&before()).into_bytes();
    bytes.extend_from_slice(damage.as_ref());
    bytes.push(b'\n');
    bytes.extend_from_slice(lines(&after()).as_bytes());
    bytes
}

/// A size that is `small` here and `big` with `PASSDOWN_BIG=1`.
fn sized(small: usize, big: usize) -> usize {
    if std::env::var_os("PASSDOWN_BIG").is_some() {
        big
    } else {
        small
    }
}

fn facts(out: &str) -> bool {
    out.contains("tests/test_before.py") && out.contains("src/after.py") && out.contains("3/5")
}

/// What is wrong with a run; nothing if it is as wanted.
fn fault(want: Want, ran: &Ran) -> Option<String> {
    let told = ran.err.lines().count();
    let handed = ran.code == 0 && facts(&ran.out);
    let refused = matches!(ran.code, 1 | 2) && ran.out.is_empty() && told == 1;
    let fine = match want {
        Want::Quiet => handed && told == 0,
        Want::Told(most) => handed && told <= most,
        Want::Nothing => ran.code == 1 && refused,
        Want::ReadOrRefused => handed || refused,
    };
    let panicked = ran.err.contains("mistake of this program");
    (!fine || panicked).then(|| {
        let head = |text: &str| text.chars().take(700).collect::<String>();
        format!(
            "exit {}, {told} lines told\n{}\n{}",
            ran.code,
            head(&ran.err),
            head(&ran.out)
        )
    })
}

/// Runs the cases; all that are not as wanted are shown together.
fn check(cases: Vec<Case>, many: usize) {
    assert_eq!(cases.len(), many);
    let mut wrong = String::new();
    for case in cases {
        let run = Run::new().file("s.jsonl", &case.bytes).arg("s.jsonl");
        let start = Instant::now();
        let ran = run.go();
        let took = start.elapsed();
        if let Some(fault) = fault(case.want, &ran) {
            wrong.push_str(&format!("{}: wanted {:?}: {fault}\n", case.id, case.want));
        }
        if took > LIMIT {
            wrong.push_str(&format!("{}: took {took:?}\n", case.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
