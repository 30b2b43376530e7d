//! Records that say nothing of the work: what they hold must stand nowhere, and nothing else may change.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::log::{Line, Log, Seen};
use super::{Relation, Seeded};

/// Each kind of noise in places of its own, three times: hanging on the record before it; between two records, as the
/// parent of the second; and many at once.
const WAYS: u64 = 3;

macro_rules! noise {
    ($($name:literal: $make:expr;)*) => {
        &[$(Relation {
            name: concat!("noise: ", $name),
            ways: WAYS,
            holds: |log, seen, way| noisy(log, seen, way, $make),
        }),*]
    };
}

/// What no handoff may say of a record that is noise.
const LEAK: &str = "FAILED tests/test_leak.py::test_leak - AssertionError: 3 failed, 2 passed";

pub(super) const RELATIONS: &[Relation] = noise! {
    "hook progress": |_| json!({"type": "progress", "toolUseID": "toolu_leak", "parentToolUseID": "toolu_leak",
        "data": {"type": "hook_progress", "hookEvent": "PostToolUse", "hookName": "PostToolUse:Edit", "command": LEAK}});
    "output so far": |_| json!({"type": "progress", "toolUseID": "bash-progress-1", "parentToolUseID": "toolu_leak",
        "data": {"type": "bash_progress", "output": LEAK, "fullOutput": LEAK, "elapsedTimeSeconds": 3, "totalLines": 1}});
    "an agent's progress": |_| json!({"type": "progress", "toolUseID": "agent_msg_1", "parentToolUseID": "toolu_leak",
        "data": {"type": "agent_progress", "prompt": LEAK, "agentId": "a0leak0", "normalizedMessages": [],
            "message": {"type": "user", "message": {"role": "user", "content": LEAK}, "uuid": "leak-message"}}});
    "file history": |like| json!({"type": "file-history-snapshot", "messageId": like["uuid"], "isSnapshotUpdate": true,
        "snapshot": {"messageId": like["uuid"], "timestamp": like["timestamp"],
            "trackedFileBackups": {"tests/test_leak.py": {"backupFileName": null, "version": 1}}}});
    "file history, as a change": |like| json!({"type": "file-history-delta", "messageId": like["uuid"],
        "snapshotMessageId": like["uuid"], "trackingPath": "tests/test_leak.py", "backup": {"version": 2},
        "timestamp": like["timestamp"]});
    "a queue without words": |like| json!({"type": "queue-operation", "operation": "dequeue",
        "sessionId": like["sessionId"], "timestamp": like["timestamp"]});
    "a summary of another session": |_| json!({"type": "summary", "summary": LEAK,
        "leafUuid": "0e0e0e0e-0000-4000-8000-00000000aaaa"});
    "a retried request": |_| json!({"type": "system", "subtype": "api_error", "level": "error", "retryInMs": 512.5,
        "retryAttempt": 1, "maxRetries": 10, "error": {"status": 529, "message": LEAK}});
    "stop hooks": |_| json!({"type": "system", "subtype": "stop_hook_summary", "hookCount": 1, "hasOutput": false,
        "hookInfos": [{"command": LEAK}], "hookErrors": [], "preventedContinuation": false, "stopReason": "",
        "level": "suggestion", "toolUseID": "toolu_leak"});
    "a system record nobody knows": |_| json!({"type": "system", "subtype": "zebra_stripes", "content": LEAK, "level": "info"});
    "an old system record": |_| json!({"type": "system", "content": LEAK, "level": "info", "toolUseID": "toolu_leak"});
    "a list of skills": |_| attached(json!({"type": "skill_listing", "content": LEAK, "names": ["leak"], "skillCount": 1}));
    "tools of a server": |_| attached(json!({"type": "deferred_tools_delta", "addedNames": ["leak"], "addedLines": [LEAK], "removedNames": []}));
    "the system prompt": |_| attached(json!({"type": "prompt_snapshot", "systemPrompt": [LEAK], "tools": []}));
    "a reminder of todos": |_| attached(json!({"type": "todo_reminder", "content": [{"content": LEAK, "status": "pending", "activeForm": LEAK}], "itemCount": 1}));
    "a reminder of tasks": |_| attached(json!({"type": "task_reminder", "content": [{"id": "77", "subject": LEAK, "status": "pending"}], "itemCount": 1}));
    "a file shown": |_| attached(json!({"type": "file", "filename": "/elsewhere/leak.log", "displayPath": "leak.log",
        "content": {"type": "text", "file": {"filePath": "/elsewhere/leak.log", "content": LEAK, "numLines": 1, "startLine": 1, "totalLines": 1}}}));
    "a hook that worked": |_| attached(json!({"type": "hook_success", "hookName": "PostToolUse:Bash", "hookEvent": "PostToolUse",
        "toolUseID": "toolu_leak", "command": "true", "content": "", "stdout": LEAK, "stderr": "", "exitCode": 0, "durationMs": 5}));
    "notes of the project": |_| attached(json!({"type": "nested_memory", "path": "/elsewhere/CLAUDE.md", "content": {"path": "/elsewhere/CLAUDE.md", "content": LEAK}}));
    "an attachment nobody knows": |_| attached(json!({"type": "zebra_stripes", "content": LEAK, "prompt": LEAK}));
    "a record nobody knows": |_| json!({"type": "zebra-stripes", "content": LEAK, "message": {"role": "user", "content": LEAK}});
    "state of the program": |like| json!({"type": "permission-mode", "permissionMode": "acceptEdits", "sessionId": like["sessionId"]});
    "costs": |like| json!({"type": "cost-state", "sessionId": like["sessionId"], "totalCostUSD": 3.5, "totalLinesAdded": 99,
        "totalLinesRemoved": 3, "startTime": 1_700_000_000_000_u64, "modelUsage": {"leak": {"inputTokens": 3}}});
    "what the model saw instead": |_| json!({"type": "content-replacement",
        "replacements": [{"kind": "tool-result", "toolUseId": "toolu_leak", "replacement": LEAK}]});
    "a thought that is not told": |like| thought(like, json!({"type": "redacted_thinking", "data": LEAK}));
    "an empty thought": |like| thought(like, json!({"type": "thinking", "thinking": "", "signature": LEAK}));
    "words of the program": |_| json!({"type": "user", "isMeta": true, "message": {"role": "user",
        "content": format!("<system-reminder>{LEAK}</system-reminder>")}});
};

fn attached(attachment: Value) -> Value {
    json!({"type": "attachment", "attachment": attachment})
}

fn thought(like: &Value, block: Value) -> Value {
    let model = match &like["message"]["model"] {
        Value::Null => json!("<synthetic>"),
        model => model.clone(),
    };
    json!({"type": "assistant", "message": {"model": model, "id": "msg_leak", "type": "message", "role": "assistant",
        "content": [block], "usage": {"input_tokens": 0, "output_tokens": 0}}})
}

fn noisy(
    log: &Log,
    seen: &Seen,
    way: u64,
    make: fn(&Value) -> Value,
) -> Option<Result<(), String>> {
    if !log.is_claude() {
        return None;
    }
    let mut seeded = Seeded::new(way * 7_919 + log.lines.len() as u64);
    let mut changed = log.clone();
    // Behind a record of the conversation, never behind the last: what stands there may say how the log ends.
    let mut met = BTreeSet::new();
    let places: Vec<usize> = log
        .records()
        .filter(|(_, record)| record["uuid"].as_str().is_some_and(|uuid| met.insert(uuid)))
        .map(|(at, _)| at)
        .collect();
    let places = places.split_last()?.1;
    let most = if way == 2 { 8 } else { 2 };
    let mut at: Vec<usize> = (0..most.min(places.len()))
        .map(|_| *seeded.one(places))
        .collect();
    at.sort_unstable();
    at.dedup();
    for at in at.into_iter().rev() {
        let like = log.lines[at].record()?;
        let made = make(like);
        let chained = [
            "progress",
            "system",
            "attachment",
            "user",
            "assistant",
            "zebra-stripes",
        ]
        .iter()
        .any(|kind| made["type"] == *kind);
        let uuid = format!("noise-{at}");
        let line = match chained {
            true => Line::added(Log::record(like, &uuid, &like["uuid"], made)),
            false => Line::added(made),
        };
        if chained && way == 1 {
            for later in changed.lines.iter_mut().skip(at + 1) {
                if let Some(later) = later.record_mut()
                    && later["parentUuid"] == like["uuid"]
                {
                    later["parentUuid"] = json!(uuid);
                }
            }
        }
        changed.lines.insert(at + 1, line);
    }
    Some(seen.equals(&Seen::of(&changed)))
}
