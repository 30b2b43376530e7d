//! Records beside the messages: the program's own, and attachments.

use std::borrow::Cow;

use super::chain::{Fields, Unknown, text, truth};
use super::content::Content;
use super::known::{IGNORED_ATTACHMENTS, IGNORED_SYSTEMS};
use super::scan::Span;

/// A `system` record.
#[derive(Clone, Debug)]
pub enum System<'a> {
    /// The context was replaced.
    Compaction {
        /// True if the user asked for it.
        manual: bool,
    },
    /// The turn ended.
    TurnEnd,
    /// Hooks ran at the end of a turn: their errors, and whether they stopped it.
    StopHooks {
        /// What they complained about.
        errors: Vec<Cow<'a, str>>,
        /// True if the turn was not allowed to go on.
        prevented: bool,
    },
    /// A slash command or its output.
    LocalCommand(Cow<'a, str>),
    /// A recap for a returning user.
    Recap(Cow<'a, str>),
    /// Messages were withdrawn: their uuids.
    Retracted(Vec<Cow<'a, str>>),
    /// Known, and of no use here.
    Ignored,
}

/// An `attachment` record.
#[derive(Clone, Debug)]
pub enum Attachment<'a> {
    /// Something typed, or told by the program, while the agent worked.
    Queued {
        /// What: a string or a list of blocks.
        content: Content<'a>,
        /// True if no person typed it.
        by_program: bool,
    },
    /// A hook's words.
    Hook {
        /// The event, as `Stop`.
        event: Cow<'a, str>,
        /// True if it blocked or failed.
        failed: bool,
        /// What it said.
        text: Cow<'a, str>,
    },
    /// How a background task stands.
    Task {
        /// Its id.
        id: Cow<'a, str>,
        /// Its status.
        status: Cow<'a, str>,
        /// What it is, and what is new.
        text: String,
    },
    /// Known, and of no use here.
    Ignored,
}

/// Reads a `system` record.
pub(super) fn system<'a>(fields: &Fields<'a>, unknown: &mut Vec<Unknown>) -> System<'a> {
    let content = text(fields.content);
    let Some(subtype) = text(fields.subtype) else {
        return System::Ignored;
    };
    match subtype.as_ref() {
        "compact_boundary" => System::Compaction {
            manual: fields
                .compaction
                .and_then(|metadata| metadata.str("trigger"))
                .is_some_and(|trigger| trigger == "manual"),
        },
        "turn_duration" => System::TurnEnd,
        "stop_hook_summary" => System::StopHooks {
            errors: fields
                .hook_errors
                .and_then(Span::as_array)
                .into_iter()
                .flatten()
                .filter_map(Span::as_str)
                .collect(),
            prevented: truth(fields.prevented),
        },
        "local_command" => System::LocalCommand(content.unwrap_or_default()),
        "away_summary" => System::Recap(content.unwrap_or_default()),
        "model_refusal_fallback" => System::Retracted(
            fields
                .retracted
                .and_then(Span::as_array)
                .into_iter()
                .flatten()
                .filter_map(Span::as_str)
                .collect(),
        ),
        other => {
            if !IGNORED_SYSTEMS.contains(&other) {
                unknown.push(Unknown::System(other.to_owned()));
            }
            System::Ignored
        }
    }
}

/// Reads an `attachment` record.
pub(super) fn attachment<'a>(fields: &Fields<'a>, unknown: &mut Vec<Unknown>) -> Attachment<'a> {
    let Some(whole) = fields.attachment else {
        return Attachment::Ignored;
    };
    let kind = whole.str("type").unwrap_or_default();
    let hook = |failed, keys: &[&str]| Attachment::Hook {
        event: whole.str("hookEvent").unwrap_or_default(),
        failed,
        text: keys
            .iter()
            .filter_map(|key| whole.get(key))
            .map(words)
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default(),
    };
    match kind.as_ref() {
        "queued_command" => {
            let origin = whole.get("origin").and_then(|origin| origin.str("kind"));
            Attachment::Queued {
                content: Content::new(whole.get("prompt")),
                by_program: truth(whole.get("isMeta"))
                    || whole.str("commandMode").as_deref() == Some("task-notification")
                    || !matches!(origin.as_deref(), None | Some("human" | "unclassified")),
            }
        }
        "hook_success" => {
            let failed = whole
                .get("exitCode")
                .and_then(Span::as_i32)
                .is_some_and(|code| code != 0);
            hook(failed, &["content", "stdout"])
        }
        "hook_blocking_error" => hook(true, &["blockingError", "stderr", "content"]),
        "hook_non_blocking_error" | "hook_error_during_execution" | "hook_cancelled" => {
            hook(true, &["stderr", "content", "error", "stdout"])
        }
        "hook_additional_context" | "hook_system_message" => hook(false, &["content"]),
        "hook_stopped_continuation" => hook(true, &["message", "stopReason", "content"]),
        "task_status" => Attachment::Task {
            id: whole.str("taskId").unwrap_or_default(),
            status: whole.str("status").unwrap_or_default(),
            text: ["description", "deltaSummary"]
                .iter()
                .filter_map(|key| whole.str(key))
                .collect::<Vec<_>>()
                .join("\n"),
        },
        other => {
            if !IGNORED_ATTACHMENTS.contains(&other) {
                unknown.push(Unknown::Attachment(other.to_owned()));
            }
            Attachment::Ignored
        }
    }
}

/// The words of a value that is a string, a list of strings, or an object that holds one.
fn words(value: Span<'_>) -> Cow<'_, str> {
    if let Some(text) = value.as_str() {
        return text;
    }
    if let Some(items) = value.as_array() {
        let texts: Vec<_> = items.filter_map(Span::as_str).collect();
        return texts.join("\n").into();
    }
    value
        .str("blockingError")
        .or_else(|| value.str("message"))
        .unwrap_or_default()
}
