//! Exports of OpenCode, `opencode export <session>`: a head, and messages with their parts.

use serde_json::{Value, json};

use super::{Answer, Records, call, patch};
use crate::record::scan::Span;

/// What an export cannot give.
pub(super) const NOTICE: &str =
    "an export of OpenCode names no branch: it is known only from what git printed";

/// Types of parts that say nothing that lasts.
const IGNORED: &[&str] = &[
    "step-start",
    "step-finish",
    "snapshot",
    "patch",
    "file",
    "agent",
    "subtask",
    "retry",
];

/// Translates the head.
pub(super) fn head(whole: Span<'_>) -> Records {
    let mut out = Records::at(None);
    out.notice = Some(NOTICE);
    let Some(info) = whole.get("info") else {
        return out;
    };
    out.push(json!({
        "type": "progress", "sessionId": info.str("id"), "version": info.str("version"),
        "cwd": info.str("directory"),
    }));
    if let Some(title) = info.str("title") {
        out.push(json!({"type": "ai-title", "aiTitle": title}));
    }
    out
}

/// Translates a message.
pub(super) fn message(whole: Span<'_>) -> Records {
    let info = whole.get("info");
    let created = info.and_then(|info| info.get("time")?.get("created")?.as_u64());
    let time = created.and_then(|created| {
        let created = i64::try_from(created).ok()?;
        jiff::Timestamp::from_millisecond(created).ok()
    });
    let mut out = Records::at(time.map(|time| time.to_string()));
    let (Some(info), Some(parts)) = (info, whole.get("parts").and_then(Span::as_array)) else {
        return out;
    };
    match info.str("role").as_deref() {
        Some("user") => user(parts, &mut out),
        Some("assistant") => assistant(info, parts, &mut out),
        Some(other) => out.unknown(&format!("opencode:{other}")),
        None => {}
    }
    out
}

fn user<'a>(parts: impl Iterator<Item = Span<'a>>, out: &mut Records) {
    let mut words = Vec::new();
    for part in parts {
        let is = |name| part.get(name).and_then(Span::as_bool) == Some(true);
        match part.str("type").as_deref() {
            Some("text") if !is("synthetic") && !is("ignored") => words.extend(part.str("text")),
            Some("compaction") => {
                let trigger = if is("auto") { "auto" } else { "manual" };
                out.push(json!({
                    "type": "system", "subtype": "compact_boundary",
                    "compactMetadata": {"trigger": trigger},
                }));
            }
            _ => {}
        }
    }
    if !words.is_empty() {
        out.prompt(&words.join("\n"), 0);
    }
}

fn assistant<'a>(info: Span<'a>, parts: impl Iterator<Item = Span<'a>>, out: &mut Records) {
    let cwd = info.get("path").and_then(|path| path.str("cwd"));
    let count = |path: &[&str]| {
        let tokens = info.get("tokens");
        let found = path.iter().fold(tokens, |at, name| at?.get(name));
        found.and_then(Span::as_u64).unwrap_or(0)
    };
    out.push(json!({
        "type": "assistant", "cwd": cwd,
        "message": {
            "id": info.str("id"), "model": info.str("modelID"), "content": [],
            "usage": {
                "input_tokens": count(&["input"]),
                "output_tokens": count(&["output"]).saturating_add(count(&["reasoning"])),
                "cache_read_input_tokens": count(&["cache", "read"]),
                "cache_creation_input_tokens": count(&["cache", "write"]),
            },
        },
    }));
    let summary = info.get("summary").and_then(Span::as_bool) == Some(true);
    let stop = (info.str("finish").as_deref() == Some("stop")).then_some("end_turn");
    for part in parts {
        let text = part.str("text").unwrap_or_default();
        match part.str("type").unwrap_or_default().as_ref() {
            "text" if summary => out.push(json!({
                "type": "user", "isCompactSummary": true,
                "message": {"role": "user", "content": text},
            })),
            "text" => out.push(json!({"type": "assistant", "message": {
                "content": [{"type": "text", "text": text}], "stop_reason": stop,
            }})),
            "reasoning" => out.reply(vec![json!({"type": "thinking", "thinking": text})]),
            "tool" => tool(part, out),
            known if IGNORED.contains(&known) => {}
            other => out.unknown(&format!("opencode:{other}")),
        }
    }
    if let Some(error) = info.get("error") {
        let words = error.get("data").and_then(|data| data.str("message"));
        match error.str("name").as_deref() {
            Some("MessageAbortedError") => out.prompt("[Request interrupted by user]", 0),
            Some("ContextOverflowError") => out.failure("prompt is too long"),
            name => out.failure(words.as_deref().or(name).unwrap_or_default()),
        }
    }
}

/// A call with its answer.
fn tool(part: Span<'_>, out: &mut Records) {
    let Some(state) = part.get("state") else {
        return;
    };
    // Ids may have been taken out of an export; that of the part is as good.
    let id = part.str("id").or_else(|| part.str("callID"));
    let id = id.as_deref().unwrap_or_default();
    let name = part.str("tool").unwrap_or_default();
    out.reply(asked(id, &name, state.get("input")));
    let exit = state
        .get("metadata")
        .and_then(|beside| beside.get("exit")?.as_i32());
    let answer = match state.str("status").as_deref() {
        Some("completed") => Answer {
            text: match name.as_ref() {
                "read" => contents(&state.str("output").unwrap_or_default()),
                _ => state.str("output").unwrap_or_default().into_owned(),
            },
            exit,
            ..Answer::default()
        },
        Some("error") => {
            let text = state.str("error").unwrap_or_default().into_owned();
            Answer {
                refused: text.contains("rejected permission"),
                failed: true,
                text,
                ..Answer::default()
            }
        }
        // It waits, or runs.
        _ => return,
    };
    out.answer(id, &answer);
}

/// The contents of a file, numbered as Claude Code does: `12: text` and `00012| text` are `12→text`.
fn contents(output: &str) -> String {
    let inner = ["<content>", "<file>"].iter().find_map(|tag| {
        let (_, inner) = output.split_once(tag)?;
        let close = tag.replace('<', "</");
        Some(
            inner
                .split_once(close.as_str())
                .map_or(inner, |(inner, _)| inner),
        )
    });
    let Some(inner) = inner else {
        return output.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    for line in inner.trim_start_matches('\n').lines() {
        let numbered = line.split_once(": ").or_else(|| line.split_once("| "));
        match numbered {
            Some((number, rest)) if number.bytes().all(|it| it.is_ascii_digit()) => {
                text.push_str(number.trim_start_matches('0'));
                text.push('→');
                text.push_str(rest);
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

fn asked(id: &str, name: &str, input: Option<Span<'_>>) -> Vec<Value> {
    let text = |name| input.and_then(|input| input.str(name));
    let raw = || input.map_or(Value::Null, super::value);
    let list = |name| {
        let items = input.and_then(|input| input.get(name)?.as_array());
        items.into_iter().flatten()
    };
    let hunk = |edit: Span<'_>| json!({"old_string": edit.str("oldString"), "new_string": edit.str("newString")});
    let path = || text("filePath").or_else(|| text("path"));
    let one = match name {
        "bash" => call(
            id,
            "Bash",
            json!({
                "command": text("command"), "description": text("description"),
                "workdir": text("workdir"),
            }),
        ),
        "read" => call(id, "Read", json!({"file_path": path()})),
        "write" => call(
            id,
            "Write",
            json!({"file_path": path(), "content": text("content")}),
        ),
        "edit" => {
            let edits: Vec<Value> = input.into_iter().map(hunk).collect();
            call(
                id,
                "MultiEdit",
                json!({"file_path": path(), "edits": edits}),
            )
        }
        "multiedit" => {
            let edits: Vec<Value> = list("edits").map(hunk).collect();
            call(
                id,
                "MultiEdit",
                json!({"file_path": path(), "edits": edits}),
            )
        }
        "patch" | "apply_patch" => {
            let calls = patch::calls(id, &text("patchText").unwrap_or_default());
            if !calls.is_empty() {
                return calls;
            }
            call(id, name, raw())
        }
        "glob" => call(
            id,
            "Glob",
            json!({"pattern": text("pattern"), "path": path()}),
        ),
        "grep" => call(
            id,
            "Grep",
            json!({"pattern": text("pattern"), "path": path()}),
        ),
        "list" => call(id, "LS", json!({"path": path()})),
        "todowrite" => call(id, "TodoWrite", raw()),
        "task" => call(id, "Agent", raw()),
        "webfetch" => call(id, "WebFetch", raw()),
        "websearch" => call(id, "WebSearch", raw()),
        "question" => call(id, "AskUserQuestion", raw()),
        "skill" => call(id, "Skill", json!({"skill": text("name")})),
        _ => call(id, name, raw()),
    };
    vec![one]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_as_ever() {
        let check = |output: &str, expected: &str| assert_eq!(contents(output), expected);
        check("as it is", "as it is");
        check(
            "<path>/a</path>\n<type>file</type>\n<content>1: a: b\n2: \n\n(End of file - total 2 lines)\n</content>",
            "1→a: b\n2→\n\n(End of file - total 2 lines)\n",
        );
        check("<file>\n00010| x\n</file>", "10→x\n");
    }

    #[test]
    fn tools_have_one_name_each() {
        let check = |name: &str, input: &str, expected: Value| {
            let found = asked("c", name, Span::whole(input.as_bytes()));
            assert_eq!(found, [expected], "{name} {input}");
        };
        check(
            "edit",
            r#"{"filePath":"a","oldString":"x","newString":"y"}"#,
            call(
                "c",
                "MultiEdit",
                json!({"file_path": "a", "edits": [{"old_string": "x", "new_string": "y"}]}),
            ),
        );
        check(
            "list",
            r#"{"path":"/w"}"#,
            call("c", "LS", json!({"path": "/w"})),
        );
        check("own", r#"{"a":[1]}"#, call("c", "own", json!({"a": [1]})));
        check("own", "", call("c", "own", Value::Null));
    }
}
