//! Chain records: the nodes of the tree, with their envelope.

use std::borrow::Cow;

use jiff::Timestamp;

use super::content::Content;
use super::scan::Span;
use super::state::{State, state};

/// One record, borrowed from its line.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// What every record of the chain carries.
    pub envelope: Envelope<'a>,
    /// What it says.
    pub body: Body<'a>,
    /// What of it this version does not know.
    pub unknown: Vec<Unknown>,
}

/// Something that this version does not know, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A type of record.
    Record(String),
    /// A subtype of `system` records.
    System(String),
    /// A type of attachment.
    Attachment(String),
    /// A content block.
    Block(String),
    /// A key of a chain record.
    Key(String),
}

/// What records of the chain carry.
#[derive(Clone, Debug, Default)]
pub struct Envelope<'a> {
    /// The record's own id.
    pub uuid: Option<Cow<'a, str>>,
    /// The record before it.
    pub parent: Option<Cow<'a, str>>,
    /// The record before it, across a compaction.
    pub logical_parent: Option<Cow<'a, str>>,
    /// The session it says it belongs to.
    pub session: Option<Cow<'a, str>>,
    /// Its time.
    pub time: Option<Timestamp>,
    /// The folder the session worked in.
    pub cwd: Option<Cow<'a, str>>,
    /// The program's version.
    pub version: Option<Cow<'a, str>>,
    /// The branch.
    pub branch: Option<Cow<'a, str>>,
    /// The subagent that wrote it.
    pub agent: Option<Cow<'a, str>>,
    /// True if it belongs to a subagent.
    pub sidechain: bool,
    /// True if the program made it, and no one typed it.
    pub meta: bool,
}

/// What a record says.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// A `user` record: a person, a tool's answer, or the program.
    User(User<'a>),
    /// One block of an answer of the model.
    Assistant(Assistant<'a>),
    /// The program.
    System(System<'a>),
    /// Something put beside the conversation.
    Attachment(Attachment<'a>),
    /// A record that only links others.
    Link,
    /// A record outside the chain.
    State(State<'a>),
}

/// A `user` record.
#[derive(Clone, Debug, Default)]
pub struct User<'a> {
    /// The message.
    pub content: Content<'a>,
    /// The whole message as it stands, to tell a copy from another message.
    pub message: Option<Span<'a>>,
    /// What the tool's answer tells beside its text.
    pub answer: Option<Span<'a>>,
    /// True if it is the summary that stands for what was compacted.
    pub summary: bool,
    /// True if it says itself that no person wrote it.
    pub by_program: bool,
    /// Why a call was denied, as the program says.
    pub denial: Option<Cow<'a, str>>,
    /// What the user typed with a refusal.
    pub feedback: Option<Cow<'a, str>>,
}

/// An `assistant` record.
#[derive(Clone, Debug, Default)]
pub struct Assistant<'a> {
    /// The message.
    pub content: Content<'a>,
    /// The whole message as it stands, to tell a copy from another message.
    pub message: Option<Span<'a>>,
    /// The message's id, the same on each of its records.
    pub id: Option<Cow<'a, str>>,
    /// The model.
    pub model: Option<Cow<'a, str>>,
    /// Why it stopped, where that is noted.
    pub stop: Option<Cow<'a, str>>,
    /// Tokens used so far.
    pub tokens: Tokens,
    /// True if it is a failed request, shown as text.
    pub failed: bool,
    /// What failed.
    pub error: Option<Cow<'a, str>>,
}

/// Tokens of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Sent anew.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache.
    pub cache_creation: u64,
}

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

/// Keys of chain records that are known and not read.
const KNOWN_KEYS: &[&str] = &[
    "userType",
    "entrypoint",
    "slug",
    "agentName",
    "teamName",
    "sessionKind",
    "session_id",
    "forkedFrom",
    "toolUseID",
    "parentToolUseID",
    "level",
    "sourceToolAssistantUUID",
    "sourceToolUseID",
    "permissionMode",
    "thinkingMetadata",
    "todos",
    "promptId",
    "imagePasteIds",
    "interruptedMessageId",
    "interruptedByShutdown",
    "mcpMeta",
    "summarizeMetadata",
    "queuePriority",
    "isVirtual",
    "ephemeral",
    "replacesSpan",
    "toolEndsTurn",
    "usageLimitNote",
    "requestId",
    "apiErrorStatus",
    "errorDetails",
    "apiBlockIndex",
    "apiBlockIndices",
    "effort",
    "perTurnEffort",
    "attributionAgent",
    "attributionSkill",
    "attributionPlugin",
    "attributionMcpServer",
    "attributionMcpTool",
    "batchToolUses",
    "wireToolInputs",
    "wireIngestContext",
    "advisorModel",
    "costUSD",
    "durationMs",
    "data",
    "rendered",
    "renderedInHumanTurn",
    "hookCount",
    "hookInfos",
    "hookAdditionalContext",
    "stopReason",
    "hasOutput",
    "cause",
    "retryInMs",
    "retryAttempt",
    "maxRetries",
    "messageCount",
    "pendingBackgroundAgentCount",
    "pendingWorkflowCount",
    "microcompactMetadata",
    "snapshotFiles",
    "trigger",
    "originalModel",
    "fallbackModel",
    "refusedUserMessageUuid",
    "isReplay",
    "sessionTitle",
    "planContent",
];

/// Subtypes of `system` records that are known and say nothing that lasts.
const IGNORED_SYSTEMS: &[&str] = &[
    "microcompact_boundary",
    "api_error",
    "informational",
    "bridge_status",
    "agents_killed",
    "scheduled_task_fire",
    "vcs_state_changed",
    "post_turn_summary",
    "file_snapshot",
    "init",
];

/// Types of attachments that are known and say nothing that lasts.
const IGNORED_ATTACHMENTS: &[&str] = &[
    "file",
    "edited_text_file",
    "compact_file_reference",
    "already_read_file",
    "directory",
    "nested_memory",
    "relevant_memories",
    "read_truncation_notice",
    "plan_mode",
    "plan_mode_exit",
    "plan_mode_reentry",
    "auto_mode",
    "auto_mode_exit",
    "todo_reminder",
    "task_reminder",
    "goal_status",
    "invoked_skills",
    "hook_permission_decision",
    "hook_deferred_tool",
    "async_hook_response",
    "deferred_tools_delta",
    "deferred_tools_record",
    "mcp_instructions_delta",
    "agent_listing_delta",
    "skill_listing",
    "prompt_snapshot",
    "environment",
    "session_context",
    "instructions",
    "model",
    "date",
    "date_change",
    "language",
    "output_style",
    "companion_intro",
    "total_tokens_reminder",
    "batching_reminder",
    "structured_output",
    "thinking_stripped",
    "max_turns_reached",
    "diagnostics",
    "teammate_mailbox",
    "team_context",
    "agent_mention",
    "peer_mention",
    "remote_session_change",
    "image",
    "pdf_reference",
    "ide_selection",
    "opened_file_in_ide",
    "critical_system_reminder",
    "ultra_effort_enter",
    "ultra_effort_exit",
];

/// The spans of the keys that are read, the first of each name.
#[derive(Default)]
struct Fields<'a> {
    kind: Option<Span<'a>>,
    uuid: Option<Span<'a>>,
    parent: Option<Span<'a>>,
    logical_parent: Option<Span<'a>>,
    session: Option<Span<'a>>,
    time: Option<Span<'a>>,
    cwd: Option<Span<'a>>,
    version: Option<Span<'a>>,
    branch: Option<Span<'a>>,
    agent: Option<Span<'a>>,
    sidechain: Option<Span<'a>>,
    meta: Option<Span<'a>>,
    message: Option<Span<'a>>,
    answer: Option<Span<'a>>,
    summary: Option<Span<'a>>,
    transcript_only: Option<Span<'a>>,
    companion: Option<Span<'a>>,
    origin: Option<Span<'a>>,
    source: Option<Span<'a>>,
    denial: Option<Span<'a>>,
    feedback: Option<Span<'a>>,
    failed: Option<Span<'a>>,
    error: Option<Span<'a>>,
    subtype: Option<Span<'a>>,
    content: Option<Span<'a>>,
    compaction: Option<Span<'a>>,
    hook_errors: Option<Span<'a>>,
    prevented: Option<Span<'a>>,
    retracted: Option<Span<'a>>,
    attachment: Option<Span<'a>>,
}

impl<'a> Record<'a> {
    /// Reads one record from the object that [`super::line()`] found.
    pub fn read(whole: Span<'a>) -> Self {
        let mut fields = Fields::default();
        let mut unknown = Vec::new();
        for (key, value) in whole.as_object().into_iter().flatten() {
            let slot = match key.as_ref() {
                "type" => &mut fields.kind,
                "uuid" => &mut fields.uuid,
                "parentUuid" => &mut fields.parent,
                "logicalParentUuid" => &mut fields.logical_parent,
                "sessionId" => &mut fields.session,
                "timestamp" => &mut fields.time,
                "cwd" => &mut fields.cwd,
                "version" => &mut fields.version,
                "gitBranch" => &mut fields.branch,
                "agentId" => &mut fields.agent,
                "isSidechain" => &mut fields.sidechain,
                "isMeta" => &mut fields.meta,
                "message" => &mut fields.message,
                "toolUseResult" => &mut fields.answer,
                "isCompactSummary" => &mut fields.summary,
                "isVisibleInTranscriptOnly" => &mut fields.transcript_only,
                "turnCompanion" => &mut fields.companion,
                "origin" => &mut fields.origin,
                "promptSource" => &mut fields.source,
                "toolDenialKind" => &mut fields.denial,
                "userFeedback" => &mut fields.feedback,
                "isApiErrorMessage" => &mut fields.failed,
                "error" => &mut fields.error,
                "subtype" => &mut fields.subtype,
                "content" => &mut fields.content,
                "compactMetadata" => &mut fields.compaction,
                "hookErrors" => &mut fields.hook_errors,
                "preventedContinuation" => &mut fields.prevented,
                "retractedMessageUuids" => &mut fields.retracted,
                "attachment" => &mut fields.attachment,
                other => {
                    if !KNOWN_KEYS.contains(&other) {
                        unknown.push(Unknown::Key(other.to_owned()));
                    }
                    continue;
                }
            };
            slot.get_or_insert(value);
        }
        let kind = text(fields.kind).unwrap_or_default();
        let body = match kind.as_ref() {
            "user" => Body::User(user(&fields)),
            "assistant" => Body::Assistant(assistant(&fields)),
            "system" => Body::System(system(&fields, &mut unknown)),
            "attachment" => Body::Attachment(attachment(&fields, &mut unknown)),
            "progress" => Body::Link,
            other => {
                // The keys of state records are an open set by nature.
                unknown.clear();
                Body::State(state(other, whole).unwrap_or_else(|| {
                    unknown.push(Unknown::Record(other.to_owned()));
                    State::Ignored
                }))
            }
        };
        Self {
            envelope: envelope(&fields),
            body,
            unknown,
        }
    }
}

fn text(span: Option<Span<'_>>) -> Option<Cow<'_, str>> {
    span.and_then(Span::as_str)
}

fn truth(span: Option<Span<'_>>) -> bool {
    span.and_then(Span::as_bool).unwrap_or(false)
}

fn envelope<'a>(fields: &Fields<'a>) -> Envelope<'a> {
    Envelope {
        uuid: text(fields.uuid),
        parent: text(fields.parent),
        logical_parent: text(fields.logical_parent),
        session: text(fields.session),
        time: text(fields.time).and_then(|time| time.parse().ok()),
        cwd: text(fields.cwd),
        version: text(fields.version),
        branch: text(fields.branch),
        agent: text(fields.agent),
        sidechain: truth(fields.sidechain),
        meta: truth(fields.meta),
    }
}

fn user<'a>(fields: &Fields<'a>) -> User<'a> {
    // No origin means nothing: up to 2.1.112 no person's prompt had one.
    let origin = fields.origin.and_then(|origin| origin.str("kind"));
    let by_origin = !matches!(origin.as_deref(), None | Some("human" | "unclassified"));
    User {
        content: Content::new(fields.message.and_then(|message| message.get("content"))),
        message: fields.message,
        answer: fields.answer,
        summary: truth(fields.summary),
        by_program: by_origin
            || truth(fields.transcript_only)
            || truth(fields.companion)
            || text(fields.source).as_deref() == Some("system"),
        denial: text(fields.denial),
        feedback: text(fields.feedback),
    }
}

fn assistant<'a>(fields: &Fields<'a>) -> Assistant<'a> {
    let mut said = Assistant {
        message: fields.message,
        failed: truth(fields.failed),
        error: text(fields.error),
        ..Assistant::default()
    };
    let (mut content, mut id, mut model, mut stop, mut usage) = (None, None, None, None, None);
    for (key, value) in fields
        .message
        .and_then(Span::as_object)
        .into_iter()
        .flatten()
    {
        let slot = match key.as_ref() {
            "content" => &mut content,
            "id" => &mut id,
            "model" => &mut model,
            "stop_reason" => &mut stop,
            "usage" => &mut usage,
            _ => continue,
        };
        slot.get_or_insert(value);
    }
    said.content = Content::new(content);
    said.id = text(id);
    said.model = text(model);
    said.stop = text(stop);
    said.tokens = usage.map(tokens).unwrap_or_default();
    said
}

fn tokens(usage: Span<'_>) -> Tokens {
    let mut tokens = Tokens::default();
    let mut by_age = 0u64;
    for (key, value) in usage.as_object().into_iter().flatten() {
        let count = value.as_u64().unwrap_or(0);
        match key.as_ref() {
            "input_tokens" => tokens.input = count,
            "output_tokens" => tokens.output = count,
            "cache_read_input_tokens" => tokens.cache_read = count,
            "cache_creation_input_tokens" => tokens.cache_creation = count,
            "cache_creation" => {
                by_age = value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter_map(|(_, count)| count.as_u64())
                    .fold(0, u64::saturating_add);
            }
            _ => {}
        }
    }
    // Some releases before 2.1.152 wrote zero in the sum and the truth beside it.
    tokens.cache_creation = tokens.cache_creation.max(by_age);
    tokens
}

fn system<'a>(fields: &Fields<'a>, unknown: &mut Vec<Unknown>) -> System<'a> {
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

fn attachment<'a>(fields: &Fields<'a>, unknown: &mut Vec<Unknown>) -> Attachment<'a> {
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
