//! The stream of a run of Claude Code itself: `claude -p --output-format stream-json`, and the Agent SDK.
//!
//! Its records are those of a transcript under other names, without links.

use std::borrow::Cow;

use serde_json::json;

use super::Records;
use crate::record::scan::{Object, Span};

/// What a stream cannot give.
pub(super) const NOTICE: &str =
    "a stream of Claude Code names no branch, and the prompt only if it was replayed";

/// Types of records that say nothing that lasts.
const IGNORED: &[&str] = &[
    "stream_event",
    "rate_limit_event",
    "tool_progress",
    "tool_use_summary",
    "prompt_suggestion",
    "auth_status",
    "conversation_reset",
    "keep_alive",
    "control_request",
    "control_response",
];

/// Subtypes of `system` records that a transcript has too.
const SYSTEMS: &[&str] = &["compact_boundary", "local_command", "informational"];

/// Translates a record.
pub(super) fn record(object: &Object<'_>) -> Records {
    let whole = object.whole();
    let subtype = whole.str("subtype").unwrap_or_default();
    let mut out = Records::at(whole.str("timestamp").map(Cow::into_owned));
    match whole.str("type").unwrap_or_default().as_ref() {
        "user" | "assistant" => out.text = renamed(object),
        "system" if subtype == "init" => {
            out.notice = Some(NOTICE);
            out.push(json!({
            "type": "assistant", "sessionId": whole.str("session_id"), "cwd": whole.str("cwd"),
            "version": whole.str("claude_code_version"),
            "message": {
                "id": whole.str("model").map(|model| format!("model {model}")),
                "model": whole.str("model"), "content": [],
            },
            }));
        }
        "system" if SYSTEMS.contains(&subtype.as_ref()) => out.text = renamed(object),
        "system" => {}
        "result" => result(whole, &subtype, &mut out),
        known if IGNORED.contains(&known) => {}
        other => out.unknown(other),
    }
    out
}

/// How the run ended.
fn result(whole: Span<'_>, subtype: &str, out: &mut Records) {
    let failed = whole.get("is_error").and_then(Span::as_bool) == Some(true);
    let errors: Vec<Cow<'_, str>> = whole
        .get("errors")
        .and_then(Span::as_array)
        .into_iter()
        .flatten()
        .filter_map(Span::as_str)
        .collect();
    match subtype {
        // It was told to stop here: the last records say where that is.
        "error_max_turns" => {}
        "error_max_budget_usd" => out.failure("the run reached its usage limit"),
        "success" if !failed => out.turn_end(),
        _ if errors.is_empty() => out.failure(&whole.str("result").unwrap_or_default()),
        _ => out.failure(&errors.join("\n")),
    }
}

/// The record with the names of a transcript.
fn renamed(object: &Object<'_>) -> Vec<u8> {
    let mut text = b"{".to_vec();
    for (key, value) in object.entries() {
        let key: &[u8] = match key.bytes() {
            b"\"session_id\"" => b"\"sessionId\"",
            b"\"tool_use_result\"" => b"\"toolUseResult\"",
            b"\"isSynthetic\"" => b"\"isMeta\"",
            b"\"compact_metadata\"" => b"\"compactMetadata\"",
            b"\"parent_tool_use_id\"" if !value.is_null() => {
                text.extend(b"\"isSidechain\":true,");
                b"\"agentId\""
            }
            b"\"parent_tool_use_id\"" => continue,
            other => other,
        };
        text.extend(key);
        text.push(b':');
        text.extend(value.bytes());
        text.push(b',');
    }
    if text.ends_with(b",") {
        text.pop();
    }
    text.push(b'}');
    text
}
