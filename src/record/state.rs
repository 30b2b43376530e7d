//! State records: what the program notes about a session beside its messages.

use std::borrow::Cow;

use super::scan::Span;

/// A state record that a handoff can use; of most kinds the last one counts.
#[derive(Clone, Debug)]
pub enum State<'a> {
    /// A title set by the user.
    CustomTitle(Cow<'a, str>),
    /// A title made by the program.
    AiTitle(Cow<'a, str>),
    /// The leaf of the branch that was live when the last prompt was noted.
    LastPrompt {
        /// The uuid of the leaf.
        leaf: Option<Cow<'a, str>>,
    },
    /// A pull request of the session.
    PullRequest {
        /// Its number.
        number: u64,
        /// Its address.
        url: Cow<'a, str>,
    },
    /// Something was typed ahead.
    Enqueue(Span<'a>),
    /// The oldest text typed ahead was handed to the agent: as the next prompt, or while it worked.
    Delivered,
    /// What was typed ahead went back to the input line, to be changed.
    TakenBack(Cow<'a, str>),
    /// The session moved to another folder.
    Relocated(Cow<'a, str>),
    /// Known, and of no use here.
    Ignored,
}

/// Types of state records that are known and say nothing that lasts.
const IGNORED: &[&str] = &[
    // A summary describes another session of the project: its leaf was in no
    // file that held it, 103 times of 103.
    "summary",
    "file-history-snapshot",
    "file-history-delta",
    "agent-name",
    "agent-color",
    "agent-setting",
    "tag",
    "mode",
    "permission-mode",
    "content-replacement",
    "worktree-state",
    "cost-state",
    "task-summary",
    "continued-in",
    "ended",
    "bridge-session",
    "frame-link",
    "fork-context-ref",
    "speculation-accept",
    "attribution-snapshot",
    "isolation-latch",
    "atis-latch",
    "history-suppression",
    "started",
    "result",
];

/// Families of such types that grow by the month.
const IGNORED_FAMILIES: &[&str] = &["artifact-", "marble-origami-"];

/// Reads the state record `whole` of type `kind`; none if the type is unknown.
pub(super) fn state<'a>(kind: &str, whole: Span<'a>) -> Option<State<'a>> {
    let text = |name| whole.str(name);
    let found = match kind {
        "custom-title" => text("customTitle").map(State::CustomTitle),
        "ai-title" => text("aiTitle").map(State::AiTitle),
        "last-prompt" => Some(State::LastPrompt {
            leaf: text("leafUuid"),
        }),
        "pr-link" => whole
            .get("prNumber")
            .and_then(Span::as_u64)
            .zip(text("prUrl"))
            .map(|(number, url)| State::PullRequest { number, url }),
        "queue-operation" => match text("operation").as_deref() {
            Some("enqueue") => whole.get("content").map(State::Enqueue),
            // `remove` is written when a queued text is handed over in the
            // middle of a turn: in one log of 2.1.112, 244 were put in, 74
            // became turns (`dequeue`) and 170 attachments (`remove`).
            Some("dequeue" | "remove") => Some(State::Delivered),
            Some("popAll") => Some(State::TakenBack(text("content").unwrap_or_default())),
            _ => None,
        },
        "relocated" => text("relocatedCwd").map(State::Relocated),
        _ if IGNORED.contains(&kind)
            || IGNORED_FAMILIES
                .iter()
                .any(|family| kind.starts_with(family)) =>
        {
            None
        }
        _ => return None,
    };
    Some(found.unwrap_or(State::Ignored))
}
