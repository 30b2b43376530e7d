//! Chats of Gemini CLI, exports of OpenCode and streams of Claude Code in, sessions out.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::show;
use super::*;

/// A log in, the shown session and the notices out.
fn check(log: &str, expected: &[&str], notices: &[&str]) -> Session {
    let (session, problems) = from_bytes("s.json", log.as_bytes());
    let expected: String = expected.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(show(&session), expected);
    let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
    let notices: Vec<String> = notices.iter().map(|it| format!("s.json: {it}")).collect();
    assert_eq!(told, notices);
    session
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).expect("JSON")
}

const NO_FOLDER: &str =
    "a log of Gemini CLI names no folder and no branch: paths are as the agent gave them";

fn gemini_messages() -> Vec<Value> {
    let tool = |id: &str, name: &str, args: Value, status: &str, response: Value| {
        json!({"id": id, "name": name, "args": args, "status": status,
            "result": [{"functionResponse": {"id": id, "name": name, "response": response}}]})
    };
    let time = "2026-09-01T08:00:00Z";
    vec![
        json!({"id": "m1", "timestamp": time, "type": "user", "content": "fix it\n--- Content from referenced files ---\nfn a() {}"}),
        json!({"id": "m2", "timestamp": time, "type": "gemini", "content": "I look.", "model": "gemini-2.5-pro",
        "thoughts": [{"subject": "Looking", "description": "at it"}],
        "tokens": {"input": 100, "output": 10, "cached": 60, "thoughts": 5},
        "toolCalls": [
            tool("t1", "run_shell_command", json!({"command": "make test", "directory": "api"}), "success", json!({"output":
                "Command: make test\nDirectory: api\nOutput: one\ntwo\nError: (none)\nExit Code: 2\nSignal: 0\nBackground PIDs: (none)\nProcess Group PGID: 1"})),
            tool("t2", "replace", json!({"file_path": "a.rs", "old_string": "a", "new_string": "b"}), "success", json!({"output": "ok"})),
            tool("t3", "write_file", json!({"file_path": "b.rs", "content": "b"}), "cancelled", json!({"error": "[Operation Cancelled] Reason: User denied execution."})),
            tool("t4", "write_todos", json!({"todos": [{"description": "x", "status": "pending"}]}), "error", json!({"error": "no"})),
            json!({"id": "t5", "name": "own_tool", "args": {}, "status": "executing"}),
        ]}),
        json!({"id": "m3", "timestamp": time, "type": "info", "content": "An update is there."}),
        json!({"id": "m4", "timestamp": time, "type": "gemini", "content": "Done."}),
        json!({"id": "m5", "timestamp": time, "type": "user", "content": [{"text": "and"}, {"text": "that"}]}),
        json!({"id": "m6", "timestamp": time, "type": "info", "content": "Request cancelled."}),
    ]
}

const GEMINI: &[&str] = &[
    "L1 typed: fix it",
    "L2 think: Looking: at it",
    "L2 say: I look.",
    "L2 call Bash",
    "L2 return Bash exit 2: one|two",
    "L2 call Edit",
    "L2 return Edit ok: ok",
    "L2 call Write",
    "L2 return Write refused: [Operation Cancelled] Reason: User denied execution.",
    "L2 call TodoWrite",
    "L2 return TodoWrite error: no",
    "L2 call own_tool",
    "L4 say: Done.",
    "L5 typed: and|that",
    "L6 interrupted",
    "Interrupted",
];

#[test]
fn a_chat_of_gemini_is_cited_by_message() {
    let head = json!({"sessionId": "g1", "projectHash": "7e", "messages": gemini_messages()});
    let session = check(&pretty(&head), GEMINI, &[NO_FOLDER]);
    check(&head.to_string(), GEMINI, &[NO_FOLDER]);
    assert_eq!(session.id, "g1");
    assert_eq!(session.models, ["gemini-2.5-pro"]);
    assert_eq!(session.calls[0].cwd.as_deref(), Some("api"));
    let usage = session.usage;
    assert_eq!((usage.input, usage.cache_read, usage.output), (40, 60, 15));
}

#[test]
fn a_message_that_is_written_again_is_the_same() {
    let mut lines =
        vec![json!({"sessionId": "g1", "projectHash": "7e", "kind": "main"}).to_string()];
    for message in gemini_messages() {
        let mut first = message.clone();
        if let Some(fields) = first.as_object_mut() {
            fields.remove("toolCalls");
            fields.remove("tokens");
        }
        lines.extend([first.to_string(), message.to_string()]);
        lines.push(json!({"$set": {"lastUpdated": "2026-09-01T08:00:00Z"}}).to_string());
    }
    let (session, problems) = from_bytes("s.jsonl", lines.join("\n").as_bytes());
    assert_eq!(problems.len(), 1);
    let bare = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .map(|line| line.split_once(' ').map_or(line, |(_, rest)| rest));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(bare(&show(&session)), bare(&GEMINI.join("\n")));
    assert_eq!(session.usage.output, 15);
}

fn an_export() -> Value {
    let text = |text: &str| json!({"type": "text", "text": text});
    let tool = |id: &str, name: &str, input: Value, state: Value| {
        let mut state = state;
        if let Some(fields) = state.as_object_mut() {
            fields.insert("input".to_owned(), input);
        }
        json!({"type": "tool", "id": id, "callID": "REDACTED", "tool": name, "state": state})
    };
    let said = |info: Value, parts: Vec<Value>| {
        let mut info = info;
        if let Some(fields) = info.as_object_mut() {
            fields.insert("time".to_owned(), json!({"created": 1_773_542_900_811_u64}));
        }
        json!({"info": info, "parts": parts})
    };
    let done = |output: &str, exit: Value| json!({"status": "completed", "output": output, "metadata": {"exit": exit}});
    json!({
        "info": {"id": "ses_1", "title": "Fixing it", "directory": "/w", "version": "1.2.26"},
        "messages": [
            said(json!({"id": "m1", "role": "user"}), vec![
                text("fix it"),
                json!({"type": "text", "text": "told by the program", "synthetic": true}),
            ]),
            said(json!({"id": "m2", "role": "assistant", "modelID": "gpt-5", "path": {"cwd": "/w/a"},
                "tokens": {"input": 10, "output": 5, "reasoning": 1, "cache": {"read": 7, "write": 2}}}), vec![
                json!({"type": "step-start"}),
                json!({"type": "reasoning", "text": "hm"}),
                tool("p1", "bash", json!({"command": "make"}), done("no", json!(2))),
                tool("p2", "edit", json!({"filePath": "/w/a.rs", "oldString": "a", "newString": "b"}), done("ok", Value::Null)),
                tool("p3", "todowrite", json!({"todos": [{"content": "x", "status": "pending"}]}), done("[]", Value::Null)),
                tool("p4", "write", json!({"filePath": "/w/b.rs", "content": "b"}),
                    json!({"status": "error", "error": "The user rejected permission to use this specific tool call."})),
                tool("p5", "bash", json!({"command": "sleep 9"}), json!({"status": "running"})),
                json!({"type": "brand-new"}),
            ]),
            said(json!({"id": "m3", "role": "user"}), vec![json!({"type": "compaction", "auto": false})]),
            said(json!({"id": "m4", "role": "assistant", "summary": true}), vec![text("what was")]),
            said(json!({"id": "m5", "role": "assistant", "finish": "stop"}), vec![text("Done.")]),
            said(json!({"id": "m6", "role": "assistant", "error": {"name": "MessageAbortedError", "data": {"message": "aborted"}}}), vec![]),
        ],
    })
}

#[test]
fn an_export_of_opencode_is_cited_by_message() {
    let session = check(
        &pretty(&an_export()),
        &[
            "L1 typed: fix it",
            "L2 think: hm",
            "L2 call Bash",
            "L2 return Bash exit 2: no",
            "L2 call MultiEdit",
            "L2 return MultiEdit ok: ok",
            "L2 call TodoWrite",
            "L2 return TodoWrite ok: []",
            "L2 call Write",
            "L2 return Write refused: The user rejected permission to use this specific tool call.",
            "L2 call Bash",
            "L3 compaction by hand: what was",
            "L5 say: Done.",
            "L6 interrupted",
            "Interrupted",
        ],
        &["an export of OpenCode names no branch: it is known only from what git printed"],
    );
    assert_eq!(session.id, "ses_1");
    assert_eq!(session.ai_title.as_deref(), Some("Fixing it"));
    assert_eq!(session.cwd.as_deref(), Some("/w"));
    assert_eq!(session.models, ["gpt-5"]);
    assert_eq!((session.usage.input, session.usage.output), (10, 6));
    assert_eq!(
        session.drift.records.keys().collect::<Vec<_>>(),
        ["opencode:brand-new"]
    );
}

#[test]
fn a_stream_is_a_transcript_under_other_names() {
    let line = |value: Value| value.to_string() + "\n";
    let id = "0d4f9a52-6a53-4f0e-9b1d-2a7c1e5f8b90";
    let log = [
        json!({"type": "system", "subtype": "init", "session_id": id, "cwd": "/w", "model": "claude-opus-4-6",
            "claude_code_version": "2.1.200", "uuid": "u0", "tools": []}),
        json!({"type": "user", "session_id": id, "uuid": "u1", "parent_tool_use_id": null, "isReplay": true,
            "message": {"role": "user", "content": "go"}}),
        json!({"type": "assistant", "session_id": id, "uuid": "u2", "parent_tool_use_id": null,
            "message": {"id": "m", "model": "claude-opus-4-6", "content": [
                {"type": "text", "text": "I start."},
                {"type": "tool_use", "id": "t1", "name": "Task", "input": {"prompt": "look", "description": "d"}}]}}),
        json!({"type": "assistant", "session_id": id, "uuid": "u3", "parent_tool_use_id": "t1",
            "message": {"id": "n", "content": [{"type": "text", "text": "Looking."}]}}),
        json!({"type": "user", "session_id": id, "uuid": "u4", "parent_tool_use_id": null,
            "tool_use_result": {"agentId": "x"},
            "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "seen"}]}}),
        json!({"type": "system", "subtype": "compact_boundary", "session_id": id, "uuid": "u5",
            "compact_metadata": {"trigger": "manual"}}),
        json!({"type": "stream_event", "session_id": id, "uuid": "u6"}),
        json!({"type": "result", "subtype": "success", "is_error": false, "session_id": id, "uuid": "u7", "result": "Done."}),
        json!({"type": "result", "subtype": "error_during_execution", "is_error": true, "session_id": id, "uuid": "u8", "errors": ["no"]}),
        json!({"type": "brand_new", "session_id": id, "uuid": "u9"}),
    ]
    .map(line)
    .concat();
    let session = check(
        &log,
        &[
            "L2 typed: go",
            "L3 say: I start.",
            "L3 call Task",
            "L5 return Task ok: seen",
            "L6 compaction by hand: -",
            "L8 turn end",
            "L9 api error: no",
            "@t1 L4 say: Looking.",
            "ApiError",
        ],
        &["a stream of Claude Code names no branch, and the prompt only if it was replayed"],
    );
    assert_eq!(session.id, id);
    assert_eq!(session.cwd.as_deref(), Some("/w"));
    assert_eq!(
        session.drift.records.keys().collect::<Vec<_>>(),
        ["brand_new"]
    );
}

proptest! {
    /// Whatever is cut or replaced, there is a session, and no panic.
    #[test]
    fn documents_are_read_as_far_as_they_go(opencode: bool, at in 0usize..6_000, odd in "[\\[\\]{},:\" 0n\\\\]{0,8}") {
        let document = if opencode {
            pretty(&an_export())
        } else {
            pretty(&json!({"sessionId": "g1", "projectHash": "7e", "messages": gemini_messages()}))
        };
        let at = document.floor_char_boundary(at % document.len());
        let (head, tail) = document.split_at(at);
        let (cut, _) = from_bytes("s.json", head.as_bytes());
        let (broken, _) = from_bytes("s.json", format!("{head}{odd}{tail}").as_bytes());
        prop_assert!(!show(&cut).is_empty() && !show(&broken).is_empty());
    }
}
