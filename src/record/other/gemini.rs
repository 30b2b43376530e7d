//! Chats of Gemini CLI: a head, and messages that hold the calls with their answers.
//!
//! One document, which is rewritten as a whole, or, in newer releases, a
//! record a line, where a message that is written again under its id is the
//! same with more in it. So each part of a message has an id of its own.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Answer, Records, call};
use crate::record::scan::Span;

/// What a log of Gemini CLI cannot give.
pub(super) const NOTICE: &str =
    "a log of Gemini CLI names no folder and no branch: paths are as the agent gave them";

/// What the user's words end at: files that they name follow.
const CONTENTS: &str = "--- Content from referenced files ---";

/// Translates the head.
pub(super) fn head(whole: Span<'_>) -> Records {
    let mut out = Records::at(None);
    out.notice = Some(NOTICE);
    out.push(json!({"type": "progress", "sessionId": whole.str("sessionId")}));
    if let Some(summary) = whole.str("summary") {
        out.push(json!({"type": "ai-title", "aiTitle": summary}));
    }
    out
}

/// Translates a message.
pub(super) fn message(whole: Span<'_>) -> Records {
    let mut out = Records::at(whole.str("timestamp").map(Cow::into_owned));
    let id = whole.str("id").unwrap_or_default();
    let words = whole.get("content").map(text).unwrap_or_default();
    match whole.str("type").unwrap_or_default().as_ref() {
        "user" => {
            let words = words.split(CONTENTS).next().unwrap_or_default();
            out.named(
                &id,
                json!({"type": "user", "message": {"role": "user", "content": words}}),
            );
        }
        "gemini" => reply(whole, &id, &words, &mut out),
        "error" => out.failure(&words),
        // "Request cancelled." is what the user did; other notes are the program's.
        "info" if words.starts_with("Request cancelled") => {
            let words = "[Request interrupted by user]";
            out.named(
                &id,
                json!({"type": "user", "message": {"role": "user", "content": words}}),
            );
        }
        "info" | "warning" => {}
        other => out.unknown(&format!("gemini:{other}")),
    }
    out
}

fn reply(whole: Span<'_>, id: &str, words: &str, out: &mut Records) {
    let thoughts: Vec<Value> = items(whole.get("thoughts"))
        .filter_map(|thought| {
            let subject = thought.str("subject").unwrap_or_default();
            let text = format!("{subject}: {}", thought.str("description")?);
            Some(json!({"type": "thinking", "thinking": text}))
        })
        .collect();
    if !thoughts.is_empty() {
        let message = json!({"type": "assistant", "message": {"content": thoughts}});
        out.named(&format!("{id} thoughts"), message);
    }
    let calls: Vec<Span<'_>> = items(whole.get("toolCalls")).collect();
    if !words.trim().is_empty() {
        // What calls nothing is the end of a turn, or its place: newer words tell.
        let stop = calls.is_empty().then_some("end_turn");
        let blocks = json!([{"type": "text", "text": words}]);
        out.named(
            &format!("{id} words"),
            json!({"type": "assistant", "message": {"content": blocks, "stop_reason": stop}}),
        );
    }
    if let Some(tokens) = whole.get("tokens") {
        let count = |name| tokens.get(name).and_then(Span::as_u64).unwrap_or(0);
        out.push(json!({"type": "assistant", "message": {
            "id": format!("tokens {id}"), "model": whole.str("model"), "content": [],
            "usage": {
                "input_tokens": count("input").saturating_sub(count("cached")),
                "cache_read_input_tokens": count("cached"),
                "output_tokens": count("output").saturating_add(count("thoughts")),
            },
        }}));
    }
    for one in calls {
        let id = one.str("id").unwrap_or_default();
        let name = one.str("name").unwrap_or_default();
        out.reply(vec![asked(&id, &name, one.get("args"))]);
        if let Some(answer) = answer(&name, one) {
            out.answer(&id, &answer);
        }
    }
}

fn asked(id: &str, name: &str, args: Option<Span<'_>>) -> Value {
    let text = |name| args.and_then(|args| args.str(name));
    let path = || {
        ["file_path", "absolute_path", "dir_path", "path"]
            .into_iter()
            .find_map(text)
    };
    match name {
        "run_shell_command" => call(
            id,
            "Bash",
            json!({
                "command": text("command"), "description": text("description"),
                "workdir": text("dir_path").or_else(|| text("directory")),
            }),
        ),
        "read_file" => call(id, "Read", json!({"file_path": path()})),
        "write_file" => call(
            id,
            "Write",
            json!({"file_path": path(), "content": text("content")}),
        ),
        "replace" | "edit" => call(
            id,
            "Edit",
            json!({
                "file_path": path(), "old_string": text("old_string"), "new_string": text("new_string"),
            }),
        ),
        "list_directory" => call(id, "LS", json!({"path": path()})),
        "glob" => call(
            id,
            "Glob",
            json!({"pattern": text("pattern"), "path": path()}),
        ),
        "search_file_content" | "grep_search" => call(
            id,
            "Grep",
            json!({"pattern": text("pattern"), "path": path()}),
        ),
        "google_web_search" => call(id, "WebSearch", json!({"query": text("query")})),
        "web_fetch" => call(
            id,
            "WebFetch",
            json!({"url": text("url").or_else(|| text("prompt"))}),
        ),
        "write_todos" => {
            let todos: Vec<Value> = items(args.and_then(|args| args.get("todos")))
                .map(|todo| json!({"content": todo.str("description"), "status": todo.str("status")}))
                .collect();
            call(id, "TodoWrite", json!({ "todos": todos }))
        }
        "codebase_investigator" | "delegate_to_agent" => call(
            id,
            "Agent",
            json!({
                "prompt": text("objective"), "subagent_type": text("agent_name"),
            }),
        ),
        _ => call(id, name, args.map_or(Value::Null, super::value)),
    }
}

/// The answer that stands beside a call; none while there is none.
fn answer(name: &str, one: Span<'_>) -> Option<Answer> {
    let status = one.str("status").unwrap_or_default();
    let responses = || {
        items(one.get("result")).filter_map(|part| part.get("functionResponse")?.get("response"))
    };
    let said = |key: &str| {
        let texts: Vec<Cow<'_, str>> = responses().filter_map(|part| part.str(key)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    };
    let wrong = said("error");
    let text = said("output").or_else(|| wrong.clone()).unwrap_or_default();
    let mut found = match status.as_ref() {
        "success" | "error" | "cancelled" => Answer {
            failed: status != "success" || wrong.is_some(),
            refused: status == "cancelled",
            text,
            ..Answer::default()
        },
        // It waits, or runs.
        _ if text.is_empty() => return None,
        _ => Answer {
            text,
            ..Answer::default()
        },
    };
    if name == "run_shell_command" && !found.refused {
        let (output, exit) = shell(&found.text);
        found.exit = exit;
        found.text = output;
    }
    Some(found)
}

/// The output and the exit code in what a shell command is answered with: lines of `Name: value`.
fn shell(text: &str) -> (String, Option<i32>) {
    const BEHIND: [&str; 6] = [
        "Stderr: ",
        "Error: ",
        "Exit Code: ",
        "Signal: ",
        "Background PIDs: ",
        "Process Group PGID: ",
    ];
    let exit = text.lines().rev().find_map(|line| {
        let code = line.strip_prefix("Exit Code: ")?;
        code.trim().parse().ok()
    });
    let mut kept = String::new();
    let mut inside = false;
    let mut known = false;
    for line in text.lines() {
        let opening = ["Output: ", "Stdout: ", "Stderr: "]
            .iter()
            .find_map(|opening| line.strip_prefix(opening));
        if let Some(rest) = opening {
            (inside, known) = (true, true);
            if !matches!(rest, "(empty)") {
                kept.push_str(rest);
                kept.push('\n');
            }
        } else if known && BEHIND.iter().any(|opening| line.starts_with(opening)) {
            inside = false;
        } else if inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    let output = if known { kept } else { text.to_owned() };
    (output, exit)
}

/// The words of a content: a string, or parts with texts.
fn text(content: Span<'_>) -> String {
    if let Some(text) = content.as_str() {
        return text.into_owned();
    }
    let texts: Vec<Cow<'_, str>> = match content.as_array() {
        Some(parts) => parts
            .filter_map(|part| part.as_str().or_else(|| part.str("text")))
            .collect(),
        None => content.str("text").into_iter().collect(),
    };
    texts.join("\n")
}

fn items(list: Option<Span<'_>>) -> impl Iterator<Item = Span<'_>> {
    list.and_then(Span::as_array).into_iter().flatten()
}
