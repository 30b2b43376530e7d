//! Rollouts of Codex: `{timestamp, type, payload}`, one record a line.
//!
//! What the model was given and what it gave are `response_item`s; what was
//! shown, `event_msg`s. Words of the user are taken from the events, since the
//! items hold the instructions and the environment in a user's place; all else
//! is taken from the items, which are always there.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Answer, Records, call, patch, prose, script};
use crate::record::scan::Span;

/// Types of lines that say nothing that lasts.
const IGNORED: &[&str] = &["world_state", "inter_agent_communication"];

/// Types of items that say nothing that lasts.
const IGNORED_ITEMS: &[&str] = &[
    "image_generation_call",
    "tool_search_call",
    "tool_search_output",
    "ghost_snapshot",
    "compaction",
    "compaction_summary",
    "context_compaction",
    "other",
];

/// Types of events that say nothing that lasts, or nothing that the items do not.
const IGNORED_EVENTS: &[&str] = &[
    "agent_message",
    "agent_reasoning",
    "agent_reasoning_raw_content",
    "agent_reasoning_section_break",
    "task_started",
    "turn_started",
    "context_compacted",
    "exec_command_begin",
    "exec_command_output_delta",
    "exec_command_end",
    "terminal_interaction",
    "patch_apply_begin",
    "patch_apply_updated",
    "patch_apply_end",
    "mcp_tool_call_begin",
    "mcp_tool_call_end",
    "mcp_startup_update",
    "mcp_startup_complete",
    "dynamic_tool_call_request",
    "dynamic_tool_call_response",
    "web_search_begin",
    "web_search_end",
    "view_image_tool_call",
    "image_generation_begin",
    "image_generation_end",
    "exec_approval_request",
    "apply_patch_approval_request",
    "request_permissions",
    "request_user_input",
    "elicitation_request",
    "guardian_assessment",
    "plan_update",
    "plan_delta",
    "turn_diff",
    "background_event",
    "warning",
    "guardian_warning",
    "deprecation_notice",
    "stream_error",
    "model_reroute",
    "model_verification",
    "session_configured",
    "thread_settings_applied",
    "thread_goal_updated",
    "entered_review_mode",
    "exited_review_mode",
    "item_started",
    "item_completed",
    "hook_started",
    "hook_completed",
    "raw_response_item",
    "skills_update_available",
    "shutdown_complete",
    "collab_agent_spawn_begin",
    "collab_agent_spawn_end",
    "collab_agent_interaction_begin",
    "collab_agent_interaction_end",
    "collab_waiting_begin",
    "collab_waiting_end",
    "collab_close_begin",
    "collab_close_end",
    "collab_resume_begin",
    "collab_resume_end",
    "sub_agent_activity",
];

/// Translates a line.
pub(super) fn line(whole: Span<'_>) -> Records {
    let mut out = Records::at(whole.str("timestamp").map(Cow::into_owned));
    let kind = whole.str("type").unwrap_or_default();
    let Some(payload) = whole.get("payload") else {
        return out;
    };
    match kind.as_ref() {
        "session_meta" => meta(payload, &mut out),
        "turn_context" => out.push(json!({
            "type": "assistant", "cwd": payload.str("cwd"),
            "message": {
                "id": payload.str("model").map(|model| format!("model {model}")),
                "model": payload.str("model"), "content": [],
            },
        })),
        "compacted" => compacted(payload, &mut out),
        "response_item" => item(payload, true, &mut out),
        "event_msg" => event(payload, &mut out),
        known if IGNORED.contains(&known) => {}
        other => out.unknown(&format!("codex:{other}")),
    }
    out
}

/// Translates a line of the oldest releases, which wrote items bare; `None` if it is none.
pub(super) fn bare(whole: Span<'_>) -> Option<Records> {
    let mut out = Records::at(whole.str("timestamp").map(Cow::into_owned));
    match whole.str("type").as_deref() {
        // The head, and notes between the items.
        None => match whole.get("instructions") {
            Some(_) => meta(whole, &mut out),
            None => {
                whole.str("record_type")?;
            }
        },
        Some(
            "message"
            | "reasoning"
            | "function_call"
            | "function_call_output"
            | "local_shell_call"
            | "custom_tool_call"
            | "custom_tool_call_output"
            | "web_search_call",
        ) => item(whole, false, &mut out),
        Some(_) => return None,
    }
    Some(out)
}

fn meta(payload: Span<'_>, out: &mut Records) {
    let branch = payload.get("git").and_then(|git| git.str("branch"));
    out.push(json!({
        "type": "progress", "sessionId": payload.str("id"), "cwd": payload.str("cwd"),
        "version": payload.str("cli_version"), "gitBranch": branch,
    }));
}

/// The context was replaced. Its summary may be kept from the log.
fn compacted(payload: Span<'_>, out: &mut Records) {
    out.push(json!({"type": "system", "subtype": "compact_boundary"}));
    let summary = payload.str("message").unwrap_or_default();
    if !summary.trim().is_empty() {
        out.push(json!({
            "type": "user", "isCompactSummary": true,
            "message": {"role": "user", "content": summary},
        }));
    }
}

/// What was shown.
fn event(payload: Span<'_>, out: &mut Records) {
    let kind = payload.str("type").unwrap_or_default();
    match kind.as_ref() {
        "user_message" => {
            let words = payload.str("message").unwrap_or_default();
            let count = |name| {
                let images = payload.get(name).and_then(Span::as_array);
                images.map_or(0, Iterator::count)
            };
            out.prompt(
                &prose::plain(request(&words)),
                count("images") + count("local_images"),
            );
        }
        "token_count" => tokens(payload, out),
        "task_complete" | "turn_complete" => out.turn_end(),
        "turn_aborted" => {
            if payload.str("reason").as_deref() != Some("replaced") {
                out.prompt("[Request interrupted by user]", 0);
            }
        }
        "error" => out.failure(&payload.str("message").unwrap_or_default()),
        "thread_name_updated" => {
            if let Some(name) = payload.str("thread_name") {
                out.push(json!({"type": "ai-title", "aiTitle": name}));
            }
        }
        known if IGNORED_EVENTS.contains(&known) => {}
        other => out.unknown(&format!("codex:{other}")),
    }
}

/// The request in a message that an editor put its context before.
fn request(words: &str) -> &str {
    const REQUEST: &str = "## My request for Codex:";
    match words.rsplit_once(REQUEST) {
        Some((context, request)) if context.starts_with("# Context from my IDE setup") => {
            request.trim()
        }
        _ => words,
    }
}

/// The tokens of the last message. The sum over the thread tells a count from its repetition.
fn tokens(payload: Span<'_>, out: &mut Records) {
    let info = payload.get("info");
    let Some(last) = info.and_then(|info| info.get("last_token_usage")) else {
        return;
    };
    let count = |name| last.get(name).and_then(Span::as_u64).unwrap_or(0);
    let all = info
        .and_then(|info| info.get("total_token_usage"))
        .and_then(|all| all.get("total_tokens")?.as_u64());
    let cached = count("cached_input_tokens");
    out.push(json!({
        "type": "assistant",
        "message": {
            "id": all.map(|all| format!("tokens {all}")), "content": [],
            "usage": {
                "input_tokens": count("input_tokens").saturating_sub(cached),
                "cache_read_input_tokens": cached,
                "output_tokens": count("output_tokens"),
            },
        },
    }));
}

/// What the model was given, or gave. With `events`, the user's words stand in events.
fn item(payload: Span<'_>, events: bool, out: &mut Records) {
    let kind = payload.str("type").unwrap_or_default();
    let id = payload.str("call_id").or_else(|| payload.str("id"));
    let id = id.as_deref().unwrap_or_default();
    let name = payload.str("name").unwrap_or_default();
    match kind.as_ref() {
        "message" => message(payload, events, out),
        "reasoning" => {
            let thoughts: Vec<Value> = payload
                .get("summary")
                .and_then(Span::as_array)
                .into_iter()
                .flatten()
                .filter_map(|part| part.str("text"))
                .map(|text| json!({"type": "thinking", "thinking": text}))
                .collect();
            if !thoughts.is_empty() {
                out.reply(thoughts);
            }
        }
        "function_call" => {
            let arguments = payload.str("arguments").unwrap_or_default();
            out.reply(function(id, &name, &arguments));
        }
        "custom_tool_call" => {
            let input = payload.str("input").unwrap_or_default();
            out.reply(custom(id, &name, &input));
        }
        "local_shell_call" => {
            let action = payload.get("action");
            let command = action.and_then(|action| command(action.get("command")?));
            let folder = action.and_then(|action| action.str("working_directory"));
            out.reply(shell(id, &command.unwrap_or_default(), folder.as_deref()));
        }
        "function_call_output" | "custom_tool_call_output" => {
            if let Some(output) = payload.get("output") {
                out.answer(id, &answer(output));
            }
        }
        "web_search_call" => {
            let action = payload.get("action");
            let what = |name| action.and_then(|action| action.str(name));
            let id = payload.str("id").unwrap_or_default();
            let what = what("query").or_else(|| what("url")).unwrap_or_default();
            out.reply(vec![call(&id, "WebSearch", json!({"query": what}))]);
            out.answer(&id, &Answer::default());
        }
        known if IGNORED_ITEMS.contains(&known) => {}
        other => out.unknown(&format!("codex:{other}")),
    }
}

/// Openings of what the program puts in a user's place, where no event tells it from the user's words.
const PROGRAM: &[&str] = &[
    "<environment_context>",
    "<user_instructions>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
    "<turn_aborted>",
    "<skill>",
    "<permissions instructions>",
];

fn message(payload: Span<'_>, events: bool, out: &mut Records) {
    let texts = payload
        .get("content")
        .and_then(Span::as_array)
        .into_iter()
        .flatten()
        .filter_map(|part| part.str("text"));
    match payload.str("role").as_deref() {
        Some("assistant") => {
            let stop =
                (payload.str("phase").as_deref() == Some("final_answer")).then_some("end_turn");
            let blocks: Vec<Value> = texts
                .map(|text| json!({"type": "text", "text": prose::plain(&text)}))
                .collect();
            out.push(json!({
                "type": "assistant", "message": {"content": blocks, "stop_reason": stop},
            }));
        }
        Some("user") if !events => {
            let words: Vec<Cow<'_, str>> = texts
                .filter(|text| {
                    let start = text.trim_start();
                    !PROGRAM.iter().any(|opening| start.starts_with(opening))
                })
                .collect();
            if !words.is_empty() {
                out.prompt(&prose::plain(request(&words.join("\n"))), 0);
            }
        }
        _ => {}
    }
}

/// A command: a string, or a list of words of which a shell takes the last.
fn command(value: Span<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.into_owned());
    }
    let words: Vec<Cow<'_, str>> = value.as_array()?.filter_map(Span::as_str).collect();
    Some(match words.as_slice() {
        [shell, flag, line]
            if flag.starts_with('-')
                && [
                    "sh",
                    "bash",
                    "zsh",
                    "fish",
                    "pwsh",
                    "powershell",
                    "powershell.exe",
                ]
                .contains(&shell.rsplit(['/', '\\']).next().unwrap_or_default()) =>
        {
            line.to_string()
        }
        [apply, text] if apply == "apply_patch" => text.to_string(),
        words => words.join(" "),
    })
}

/// The calls that a shell command stands for: itself, or the patch that it applies.
fn shell(id: &str, command: &str, folder: Option<&str>) -> Vec<Value> {
    let start = command.trim_start();
    if start.starts_with("apply_patch") || start.starts_with(patch::BEGIN) {
        let calls = patch::calls(id, command);
        if !calls.is_empty() {
            return calls;
        }
    }
    vec![call(
        id,
        "Bash",
        json!({"command": command, "workdir": folder}),
    )]
}

/// A call with arguments in JSON.
fn function(id: &str, name: &str, arguments: &str) -> Vec<Value> {
    let span = Span::whole(arguments.as_bytes());
    let get = |name| span.and_then(|span| span.get(name));
    let text = |name| get(name).and_then(Span::as_str);
    let number = |name| {
        let value = get(name)?;
        let digits = value.as_u64().map(|number| number.to_string());
        digits.or_else(|| value.as_str().map(Cow::into_owned))
    };
    let one = |name, input| vec![call(id, name, input)];
    match name {
        "exec_command" | "shell" | "shell_command" | "container.exec" | "local_shell" => {
            let line = get("cmd").or_else(|| get("command")).and_then(command);
            shell(id, &line.unwrap_or_default(), text("workdir").as_deref())
        }
        "apply_patch" => patched(id, &text("input").unwrap_or_default()),
        "write_stdin" => vec![more(
            id,
            number("session_id").map(process),
            text("chars").as_deref(),
        )],
        "wait" if get("cell_id").is_some() => vec![more(id, number("cell_id").map(cell), None)],
        "update_plan" => {
            let todos: Vec<Value> = get("plan")
                .and_then(Span::as_array)
                .into_iter()
                .flatten()
                .map(|step| json!({"content": step.str("step"), "status": step.str("status")}))
                .collect();
            one("TodoWrite", json!({ "todos": todos }))
        }
        "view_image" => one("Read", json!({"file_path": text("path")})),
        "read_file" => one("Read", json!({"file_path": text("file_path")})),
        "list_dir" => one("LS", json!({"path": text("dir_path")})),
        "grep_files" => one(
            "Grep",
            json!({"pattern": text("pattern"), "path": text("path")}),
        ),
        "spawn_agent" => one(
            "Agent",
            json!({"prompt": text("message"), "subagent_type": text("agent_type")}),
        ),
        "request_user_input" => {
            let questions = get("questions").map_or(Value::Null, super::value);
            one("AskUserQuestion", json!({ "questions": questions }))
        }
        _ => one(name, span.map_or(Value::Null, super::value)),
    }
}

/// A call with a text.
fn custom(id: &str, name: &str, input: &str) -> Vec<Value> {
    match name {
        "apply_patch" => patched(id, input),
        "exec" => scripted(id, input),
        _ => vec![call(id, name, json!({"input": input}))],
    }
}

fn patched(id: &str, text: &str) -> Vec<Value> {
    let calls = patch::calls(id, text);
    if calls.is_empty() {
        return vec![call(id, "apply_patch", json!({"input": text}))];
    }
    calls
}

/// A script that calls tools. Its commands share one output, so they are one call.
fn scripted(id: &str, text: &str) -> Vec<Value> {
    let asked = script::read(text);
    if !asked.commands.is_empty() {
        return shell(id, &asked.commands.join("\n"), asked.folder.as_deref());
    }
    if let Some(patch) = asked.patch {
        return patched(id, &patch);
    }
    if let Some(session) = asked.process {
        return vec![more(id, Some(process(session)), asked.typed.as_deref())];
    }
    let name = asked.others.first().map_or("exec", String::as_str);
    vec![call(id, name, json!({"script": text}))]
}

/// A call that asks a process for more, or ends it by typing Ctrl-C.
fn more(id: &str, handle: Option<String>, typed: Option<&str>) -> Value {
    let ends = typed.is_some_and(|typed| typed.contains('\u{3}'));
    call(
        id,
        if ends { "End" } else { "Continue" },
        json!({"task_id": handle}),
    )
}

/// The handle of a process.
fn process(id: String) -> String {
    format!("process {id}")
}

/// The handle of a script.
fn cell(id: String) -> String {
    format!("script {id}")
}

/// Reads an answer, whichever tool gave it.
fn answer(output: Span<'_>) -> Answer {
    if let Some(text) = output.as_str() {
        return read(&text);
    }
    if let Some(parts) = output.as_array() {
        let texts: Vec<Cow<'_, str>> = parts.filter_map(|part| part.str("text")).collect();
        return pieces(&texts);
    }
    // Early releases wrote an object.
    let mut answer = read(&output.str("content").unwrap_or_default());
    answer.failed |= output.get("success").and_then(Span::as_bool) == Some(false);
    answer
}

/// Reads an answer that is one text.
fn read(text: &str) -> Answer {
    if let Some(answer) = object(text) {
        return answer;
    }
    let Some((mut answer, rest)) = header(text) else {
        return Answer {
            text: text.to_owned(),
            // What a tool says when it could not be run.
            failed: [
                "execution error: ",
                "failed to parse function arguments",
                "apply_patch verification failed",
            ]
            .iter()
            .any(|opening| text.starts_with(opening)),
            ..Answer::default()
        };
    };
    answer.text = untruncated(rest).to_owned();
    answer
}

/// Reads an answer in pieces: the header of a script, and each text that it gave.
fn pieces(texts: &[Cow<'_, str>]) -> Answer {
    let mut whole = Answer::default();
    let mut known = true;
    let mut kept: Vec<String> = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        if number == 0
            && let Some((answer, rest)) = header(text)
        {
            whole = answer;
            if !rest.is_empty() {
                kept.push(untruncated(rest).to_owned());
            }
            continue;
        }
        if let Some((word, digits)) = note(text) {
            match (word, digits.parse()) {
                (Note::Process, _) => whole.goes_on = Some(process(digits.to_owned())),
                (Note::Exit, Ok(code)) => whole.exit = Some(whole.exit.unwrap_or(0).max(code)),
                _ => {}
            }
            continue;
        }
        let inner = object(text);
        known &= inner.as_ref().is_some_and(|inner| inner.exit.is_some());
        match inner {
            Some(inner) => {
                whole.goes_on = inner.goes_on.or(whole.goes_on);
                // Of several, the one that failed tells.
                whole.exit = match (whole.exit, inner.exit) {
                    (Some(code), Some(0)) => Some(code),
                    (before, now) => now.or(before),
                };
                kept.push(inner.text);
            }
            None => {
                // What was cut to a length is one text, with the note at its end.
                let (text, last) = match text.trim_end().rsplit_once('\n') {
                    Some((before, last)) if note(last).is_some() => (before, last),
                    _ => (text.as_ref(), ""),
                };
                match note(last) {
                    Some((Note::Process, digits)) => {
                        whole.goes_on = Some(process(digits.to_owned()))
                    }
                    Some((Note::Exit, digits)) => whole.exit = digits.parse().ok().or(whole.exit),
                    None => {}
                }
                kept.push(untruncated(text).to_owned());
            }
        }
    }
    whole.text = kept.join("\n");
    if whole.exit.is_some_and(|code| code == 0) && !known && kept.len() > 1 {
        whole.exit = None;
    }
    whole.status_unknown &= whole.exit.is_none() && !whole.failed;
    whole
}

/// What a script noted beside an output.
enum Note {
    Process,
    Exit,
}

/// A short text like `SESSION_ID=68502` or `exit code: 0`.
fn note(text: &str) -> Option<(Note, &str)> {
    const LONGEST: usize = 40;
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let at = text.rfind(|letter: char| !letter.is_ascii_digit())?;
    let (words, digits) = text.split_at_checked(at + 1)?;
    let words = words.to_ascii_lowercase();
    let words = words.trim_end_matches([' ', '=', ':']);
    if digits.is_empty() {
        return None;
    }
    match words {
        "session" | "session_id" | "session id" | "sessionid" => Some((Note::Process, digits)),
        "exit" | "exit_code" | "exit code" | "exitcode" => Some((Note::Exit, digits)),
        _ => None,
    }
}

/// An answer that is an object: that of a command, with its exit code inside or beside it.
fn object(text: &str) -> Option<Answer> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    let span = Span::whole(text.as_bytes())?;
    if let Some(answers) = span.get("answers") {
        let answers: serde_json::Map<String, Value> = answers
            .as_object()?
            .filter_map(|(question, answer)| {
                let given: Vec<Cow<'_, str>> = answer
                    .get("answers")?
                    .as_array()?
                    .filter_map(Span::as_str)
                    .collect();
                Some((question.into_owned(), json!(given.join(", "))))
            })
            .collect();
        let answers = Some(Value::Object(answers));
        return Some(Answer {
            answers,
            ..Answer::default()
        });
    }
    let output = span.str("output")?;
    let beside = span.get("metadata");
    let exit = span
        .get("exit_code")
        .or_else(|| beside?.get("exit_code"))
        .and_then(Span::as_i32);
    let session = span.get("session_id").and_then(Span::as_u64);
    if exit.is_none() && session.is_none() && beside.is_none() {
        return None;
    }
    Some(Answer {
        text: untruncated(&output).to_owned(),
        exit,
        goes_on: session.map(|session| process(session.to_string())),
        ..Answer::default()
    })
}

/// Reads the header before an output: lines of `name: value` up to `Output:`. None if there is none.
fn header(text: &str) -> Option<(Answer, &str)> {
    const MOST: usize = 8;
    let mut answer = Answer::default();
    let mut rest = text;
    for _ in 0..MOST {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let number = |prefix| line.strip_prefix(prefix)?.trim().parse().ok();
        if line == "Output:" {
            return Some((answer, behind));
        } else if let Some(code) =
            number("Process exited with code ").or_else(|| number("Exit code: "))
        {
            answer.exit = Some(code);
        } else if let Some(session) = line.strip_prefix("Process running with session ID ") {
            answer.goes_on = Some(process(session.trim().to_owned()));
        } else if let Some(id) = line.strip_prefix("Script running with cell ID ") {
            answer.goes_on = Some(cell(id.trim().to_owned()));
        } else if line == "Script completed" {
            answer.status_unknown = true;
        } else if line.starts_with("Script failed") || line == "Script error:" {
            answer.failed = true;
        } else if ![
            "Chunk ID: ",
            "Wall time",
            "Original token count: ",
            "Total output lines: ",
        ]
        .iter()
        .any(|opening| line.starts_with(opening))
        {
            return None;
        }
        rest = behind;
    }
    None
}

/// An output without the lines that tell of its truncation.
fn untruncated(mut text: &str) -> &str {
    // A script may cut again what its command cut already.
    while let Some(behind) = text.strip_prefix("Warning: truncated output") {
        let rest = behind.split_once('\n').map_or("", |(_, rest)| rest);
        let rest = match rest.split_once('\n') {
            Some((line, rest)) if line.starts_with("Total output lines: ") => rest,
            _ => rest,
        };
        text = rest.strip_prefix('\n').unwrap_or(rest);
    }
    text
}
