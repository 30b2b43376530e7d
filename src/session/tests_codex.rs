//! Rollouts of Codex in, sessions out.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::{check, show};
use super::*;

/// Lines of a rollout, a second apart.
fn lines(lines: &[(&str, Value)]) -> Vec<String> {
    let line = |(second, (kind, payload)): (usize, &(&str, Value))| {
        let time = format!("2026-09-01T08:00:{:02}.000Z", second % 60);
        json!({"timestamp": time, "type": kind, "payload": payload}).to_string()
    };
    lines.iter().enumerate().map(line).collect()
}

fn item(payload: Value) -> (&'static str, Value) {
    ("response_item", payload)
}

fn event(payload: Value) -> (&'static str, Value) {
    ("event_msg", payload)
}

fn exec(id: &str, arguments: Value) -> (&'static str, Value) {
    function(id, "exec_command", arguments)
}

fn function(id: &str, name: &str, arguments: Value) -> (&'static str, Value) {
    item(
        json!({"type": "function_call", "name": name, "arguments": arguments.to_string(), "call_id": id}),
    )
}

fn script(id: &str, text: &str) -> (&'static str, Value) {
    item(json!({"type": "custom_tool_call", "name": "exec", "input": text, "call_id": id}))
}

fn output(id: &str, output: impl Into<Value>) -> (&'static str, Value) {
    item(json!({"type": "function_call_output", "call_id": id, "output": output.into()}))
}

/// An output in pieces, as scripts give it.
fn pieces(id: &str, texts: &[&str]) -> (&'static str, Value) {
    let texts: Vec<Value> = texts
        .iter()
        .map(|text| json!({"type": "input_text", "text": text}))
        .collect();
    item(json!({"type": "custom_tool_call_output", "call_id": id, "output": texts}))
}

const RAN: &str = "Script completed\nWall time 0.1 seconds\nOutput:\n";

fn a_session() -> Vec<String> {
    lines(&[
        (
            "session_meta",
            json!({"id": "0199-codex", "cwd": "/w", "cli_version": "0.142.5", "git": {"branch": "main"}}),
        ),
        ("turn_context", json!({"cwd": "/w/sub", "model": "gpt-5.5"})),
        item(json!({"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "<environment_context>\n<cwd>/w</cwd>\n</environment_context>"}]})),
        item(json!({"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "fix [a.rs](/w/a.rs:3)"}]})),
        event(
            json!({"type": "user_message", "message": "fix [a.rs](/w/a.rs:3)", "images": [], "local_images": ["x.png"]}),
        ),
        item(json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]})),
        event(json!({"type": "agent_message", "message": "I look."})),
        item(
            json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]}),
        ),
        exec("c1", json!({"cmd": "cargo test", "workdir": "/w/api"})),
        output(
            "c1",
            "Chunk ID: 9\nWall time: 1.0 seconds\nProcess exited with code 101\nOutput:\nFAILED",
        ),
        item(
            json!({"type": "custom_tool_call", "name": "apply_patch", "call_id": "c2", "input":
            "*** Begin Patch\n*** Update File: a.rs\n@@\n-a\n+b\n*** Add File: b.rs\n+x\n*** End Patch"}),
        ),
        item(
            json!({"type": "custom_tool_call_output", "call_id": "c2", "output":
            "Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nM a.rs\nA b.rs\n"}),
        ),
        function(
            "c3",
            "update_plan",
            json!({"plan": [{"step": "test it", "status": "in_progress"}]}),
        ),
        output("c3", "Plan updated"),
        exec("c4", json!({"cmd": "git switch -c fix"})),
        output(
            "c4",
            "{\"output\":\"Switched to a new branch 'fix'\\n\",\"metadata\":{\"exit_code\":0}}",
        ),
        event(json!({"type": "token_count", "info": {
            "total_token_usage": {"total_tokens": 150},
            "last_token_usage": {"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 50}}})),
        event(json!({"type": "token_count", "info": {
            "total_token_usage": {"total_tokens": 150},
            "last_token_usage": {"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 50}}})),
        item(
            json!({"type": "message", "role": "assistant", "phase": "final_answer", "content": [
            {"type": "output_text", "text": "Done.\n\n::git-push{cwd=\"/w\"}"}]}),
        ),
        event(json!({"type": "task_complete", "last_agent_message": "Done."})),
        event(json!({"type": "brand_new"})),
    ])
}

#[test]
fn a_rollout_is_a_session_like_any_other() {
    let lines = a_session();
    check(
        &lines,
        &[
            "L5 typed+image: fix a.rs:3",
            "L6 think: hm",
            "L8 say: I look.",
            "L9 call Bash",
            "L10 return Bash exit 101: FAILED",
            "L11 call MultiEdit",
            "L11 call Write",
            "L12 return MultiEdit ok: Success. Updated the following files:|M a.rs|A b.rs",
            "L12 return Write ok: Success. Updated the following files:|M a.rs|A b.rs",
            "L13 call TodoWrite",
            "L14 return TodoWrite ok: Plan updated",
            "L15 call Bash",
            "L16 return Bash ok: Switched to a new branch 'fix'",
            "L19 say: Done.",
            "L20 turn end",
            "Finished",
        ],
    );
    let (session, _) = from_bytes("rollout.jsonl", lines.join("\n").as_bytes());
    assert_eq!(session.id, "0199-codex");
    assert_eq!(session.cwd.as_deref(), Some("/w/sub"));
    assert_eq!(session.branch.as_deref(), Some("fix"));
    assert_eq!(session.models, ["gpt-5.5"]);
    assert_eq!(session.calls[0].cwd.as_deref(), Some("/w/api"));
    assert_eq!(
        session.calls[3].input,
        Input::Todos(vec![Todo {
            content: "test it".to_owned(),
            status: "in_progress".to_owned(),
        }])
    );
    let usage = session.usage;
    assert_eq!((usage.input, usage.cache_read, usage.output), (40, 60, 50));
    assert_eq!(
        session.drift.records.keys().collect::<Vec<_>>(),
        ["codex:brand_new"]
    );
}

#[test]
fn a_process_that_is_asked_again_gives_one_answer() {
    let running = "Chunk ID: 9\nProcess running with session ID 7\nOutput:\none";
    let ended = "Process exited with code 0\nOutput:\ntwo";
    let poll =
        |id, typed: &str| function(id, "write_stdin", json!({"session_id": 7, "chars": typed}));
    check(
        &lines(&[
            exec("c1", json!({"cmd": "make"})),
            output("c1", running),
            poll("c2", ""),
            output("c2", "Process running with session ID 7\nOutput:\n"),
            poll("c3", ""),
            output("c3", ended),
        ]),
        &["L1 call Bash", "L6 return Bash ok: one|two", "MidTurn"],
    );
    // It goes on.
    check(
        &lines(&[exec("c1", json!({"cmd": "make"})), output("c1", running)]),
        &[
            "L1 call Bash",
            "L2 return Bash background { task: \"process 7\" }: one",
            "MidTurn",
        ],
    );
    // Ended by hand, it proves nothing; a process that nothing tells of stands by itself.
    check(
        &lines(&[
            exec("c1", json!({"cmd": "make"})),
            output("c1", running),
            poll("c2", "\u{3}"),
            output("c2", "Process exited with code 1\nOutput:\n^C"),
            poll("c3", ""),
            output("c3", "Process running with session ID 7\nOutput:\nx"),
        ]),
        &[
            "L1 call Bash",
            "L4 return Bash cancelled: one|^C",
            "L5 call Continue",
            "L6 return Continue ok: x",
            "MidTurn",
        ],
    );
    // Run again, it is over.
    check(
        &lines(&[
            exec("c1", json!({"cmd": "make"})),
            output("c1", running),
            poll("c2", ""),
            output("c2", running),
            exec("c3", json!({"cmd": "make && make test"})),
            output("c3", ended),
        ]),
        &[
            "L1 call Bash",
            "L4 return Bash ok: one|one",
            "L5 call Bash",
            "L6 return Bash ok: two",
            "MidTurn",
        ],
    );
}

#[test]
fn a_script_is_the_commands_in_it() {
    let lines = lines(&[
        script(
            "c1",
            r#"const r = await tools.exec_command({cmd:"make"}); text(r.output);"#,
        ),
        pieces(
            "c1",
            &["Script running with cell ID 8\nWall time 1.0 seconds\nOutput:\n"],
        ),
        function("c2", "wait", json!({"cell_id": "8"})),
        pieces("c2", &[RAN, "one\nSESSION_ID=5"]),
        script(
            "c3",
            "text((await tools.write_stdin({session_id:5})).output)",
        ),
        pieces("c3", &[RAN, "two"]),
        script(
            "c4",
            "text((await tools.write_stdin({session_id:5})).output)",
        ),
        pieces("c4", &[RAN, "three"]),
        script(
            "c5",
            r#"text(JSON.stringify(await tools.exec_command({cmd:"make test"})))"#,
        ),
        pieces("c5", &[RAN, r#"{"exit_code":2,"output":"no"}"#]),
        script(
            "c6",
            r#"const p = "*** Begin Patch\n*** Delete File: a\n*** End Patch"; text(await tools.apply_patch(p));"#,
        ),
        pieces("c6", &[RAN, "{}"]),
        script("c7", "text(1)"),
        pieces(
            "c7",
            &[
                "Script failed\nWall time 0.1 seconds\nOutput:\n",
                "ReferenceError",
            ],
        ),
    ]);
    let (session, problems) = from_bytes("s.jsonl", lines.join("\n").as_bytes());
    let expected = [
        "L1 call Bash",
        "L8 return Bash ok: one|two|three",
        "L9 call Bash",
        "L10 return Bash exit 2: no",
        "L11 call Bash",
        "L12 return Bash ok: {}",
        "L13 call exec",
        "L14 return exec error: ReferenceError",
        "MidTurn",
    ];
    assert_eq!(show(&session).trim_end(), expected.join("\n"));
    let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
    let notice = "s.jsonl: commands that ran in scripts show no exit code: what they printed tells how they ended";
    assert_eq!(told, [notice]);
    let unknown: Vec<bool> = session
        .calls
        .iter()
        .map(|call| call.detail.status_unknown)
        .collect();
    assert_eq!(unknown, [true, false, true, false]);
}

#[test]
fn what_happened_beside_the_work_is_told() {
    check(
        &lines(&[
            event(json!({"type": "user_message", "message":
                "# Context from my IDE setup:\n\n## Open tabs:\n- a.rs\n\n## My request for Codex:\ngo"})),
            ("compacted", json!({"message": "what was"})),
            event(json!({"type": "context_compacted"})),
            event(json!({"type": "error", "message": "You've hit your usage limit."})),
            event(json!({"type": "turn_aborted", "reason": "interrupted"})),
            item(json!({"type": "web_search_call", "id": "w", "action": {"query": "rust"}})),
            function("c", "shell", json!({"command": ["bash", "-lc", "ls"]})),
        ]),
        &[
            "L1 typed: go",
            "L2 compaction: what was",
            "L4 limit: You've hit your usage limit.",
            "L5 interrupted",
            "L6 call WebSearch",
            "L6 return WebSearch ok: ",
            "L7 call Bash",
            "MidCall",
        ],
    );
}

#[test]
fn the_oldest_rollouts_are_bare_items() {
    let text = |role: &str, text: &str| {
        json!({"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]})
            .to_string()
    };
    check(
        &[
            json!({"id": "old", "timestamp": "2025-05-01T08:00:00Z", "instructions": "x", "git": {"branch": "b"}})
                .to_string(),
            json!({"record_type": "state"}).to_string(),
            text("user", "<environment_context>\nx"),
            text("user", "go"),
            json!({"type": "function_call", "name": "shell", "call_id": "c",
                "arguments": "{\"command\":[\"ls\",\"-l\"]}"})
            .to_string(),
            json!({"type": "function_call_output", "call_id": "c",
                "output": "{\"output\":\"a\",\"metadata\":{\"exit_code\":0}}"})
            .to_string(),
            text("assistant", "done"),
        ],
        &[
            "L4 typed: go",
            "L5 call Bash",
            "L6 return Bash ok: a",
            "L7 say: done",
            "Finished",
        ],
    );
}

proptest! {
    /// A line that is cut costs itself, whatever it was. The last may still be being written.
    #[test]
    fn a_line_cut_anywhere_costs_itself(line in 0usize..20, at in 0usize..400) {
        let mut lines = a_session();
        let end = lines[line].floor_char_boundary(at % lines[line].len());
        lines[line].truncate(end);
        let (session, problems) = from_bytes("s.jsonl", lines.join("\n").as_bytes());
        prop_assert_eq!(problems.len(), usize::from(end > 0));
        prop_assert_eq!(session.tally.records, 20);
        prop_assert!(!show(&session).is_empty());
    }

    /// Values of other types are absent, never a panic.
    #[test]
    fn any_value_may_stand_anywhere(line in 0usize..21, pick in 0usize..64, value in 0usize..6) {
        let odd = [json!(null), json!(7), json!([]), json!({}), json!("\u{0}[}"), json!([[{"type": "text"}]])];
        let mut lines = a_session();
        let mut record: Value = serde_json::from_str(&lines[line]).expect("a record");
        let mut places = Vec::new();
        every("", &record, &mut places);
        let place = places[pick % places.len()].clone();
        if let Some(slot) = record.pointer_mut(&place) {
            *slot = odd[value].clone();
        }
        lines[line] = record.to_string();
        let (session, _) = from_bytes("s.jsonl", lines.join("\n").as_bytes());
        prop_assert!(!show(&session).is_empty());
    }
}

/// The pointers to all values in `value`.
fn every(path: &str, value: &Value, places: &mut Vec<String>) {
    places.push(path.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                every(&format!("{path}/{index}"), item, places);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                every(&format!("{path}/{key}"), field, places);
            }
        }
        _ => {}
    }
}
