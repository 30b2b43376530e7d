//! Chain records: the nodes of the tree, with their envelope.

use std::borrow::Cow;

use jiff::Timestamp;

use super::beside::{Attachment, System, attachment, system};
use super::content::Content;
use super::known::KNOWN_KEYS;
use super::moment::timestamp;
use super::scan::{Object, Span};
use super::state::{State, state};

/// One record, borrowed from its line.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// What it says.
    pub body: Body<'a>,
    /// What of it this version does not know.
    pub unknown: Vec<Unknown>,
    /// The rest is read where it is wanted.
    fields: Fields<'a>,
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

/// What records of the chain carry: strings that are not decoded yet, since most are the same on each record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope<'a> {
    /// The record's own id.
    pub uuid: Option<Span<'a>>,
    /// The record before it.
    pub parent: Option<Span<'a>>,
    /// The record before it, across a compaction.
    pub logical_parent: Option<Span<'a>>,
    /// The session it says it belongs to.
    pub session: Option<Span<'a>>,
    /// The folder the session worked in.
    pub cwd: Option<Span<'a>>,
    /// The program's version.
    pub version: Option<Span<'a>>,
    /// The branch.
    pub branch: Option<Span<'a>>,
    /// The subagent that wrote it.
    pub agent: Option<Span<'a>>,
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

/// The spans of the keys that are read, the first of each name.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields<'a> {
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
    pub(super) subtype: Option<Span<'a>>,
    pub(super) content: Option<Span<'a>>,
    pub(super) compaction: Option<Span<'a>>,
    pub(super) hook_errors: Option<Span<'a>>,
    pub(super) prevented: Option<Span<'a>>,
    pub(super) retracted: Option<Span<'a>>,
    pub(super) attachment: Option<Span<'a>>,
}

impl<'a> Record<'a> {
    /// Reads one record from the object that [`super::line()`] found.
    pub fn read(object: &'a Object<'_>) -> Self {
        let mut fields = Fields::default();
        let mut unknown = Vec::new();
        for (key, value) in object.entries() {
            let Some(key) = key.as_key() else { continue };
            let slot = match key.as_ref() {
                b"type" => &mut fields.kind,
                b"uuid" => &mut fields.uuid,
                b"parentUuid" => &mut fields.parent,
                b"logicalParentUuid" => &mut fields.logical_parent,
                b"sessionId" => &mut fields.session,
                b"timestamp" => &mut fields.time,
                b"cwd" => &mut fields.cwd,
                b"version" => &mut fields.version,
                b"gitBranch" => &mut fields.branch,
                b"agentId" => &mut fields.agent,
                b"isSidechain" => &mut fields.sidechain,
                b"isMeta" => &mut fields.meta,
                b"message" => &mut fields.message,
                b"toolUseResult" => &mut fields.answer,
                b"isCompactSummary" => &mut fields.summary,
                b"isVisibleInTranscriptOnly" => &mut fields.transcript_only,
                b"turnCompanion" => &mut fields.companion,
                b"origin" => &mut fields.origin,
                b"promptSource" => &mut fields.source,
                b"toolDenialKind" => &mut fields.denial,
                b"userFeedback" => &mut fields.feedback,
                b"isApiErrorMessage" => &mut fields.failed,
                b"error" => &mut fields.error,
                b"subtype" => &mut fields.subtype,
                b"content" => &mut fields.content,
                b"compactMetadata" => &mut fields.compaction,
                b"hookErrors" => &mut fields.hook_errors,
                b"preventedContinuation" => &mut fields.prevented,
                b"retractedMessageUuids" => &mut fields.retracted,
                b"attachment" => &mut fields.attachment,
                other => {
                    let name = String::from_utf8_lossy(other);
                    if !KNOWN_KEYS.contains(&name.as_ref()) {
                        unknown.push(Unknown::Key(name.into_owned()));
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
                match state(other, object.whole()) {
                    Some(state) => Body::State(state),
                    None => {
                        unknown.push(Unknown::Record(other.to_owned()));
                        // One of the chain stands between records that are known: without it they would be no
                        // conversation, and what a rewind left behind would be alive.
                        match fields.uuid {
                            Some(_) => Body::Link,
                            None => Body::State(State::Ignored),
                        }
                    }
                }
            }
        };
        Self {
            body,
            unknown,
            fields,
        }
    }

    /// What every record of the chain carries.
    pub fn envelope(&self) -> Envelope<'a> {
        let fields = &self.fields;
        Envelope {
            uuid: fields.uuid,
            parent: fields.parent,
            logical_parent: fields.logical_parent,
            session: fields.session,
            cwd: fields.cwd,
            version: fields.version,
            branch: fields.branch,
            agent: fields.agent,
        }
    }

    /// Its time.
    pub fn time(&self) -> Option<Timestamp> {
        text(self.fields.time).and_then(|time| timestamp(&time))
    }

    /// True if it belongs to a subagent.
    pub fn is_sidechain(&self) -> bool {
        truth(self.fields.sidechain)
    }

    /// True if the program made it, and no one typed it.
    pub fn is_meta(&self) -> bool {
        truth(self.fields.meta)
    }
}

pub(super) fn text(span: Option<Span<'_>>) -> Option<Cow<'_, str>> {
    span.and_then(Span::as_str)
}

pub(super) fn truth(span: Option<Span<'_>>) -> bool {
    span.and_then(Span::as_bool).unwrap_or(false)
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
        .and_then(Span::as_entries)
        .into_iter()
        .flatten()
    {
        let slot = match key.as_ref() {
            b"content" => &mut content,
            b"id" => &mut id,
            b"model" => &mut model,
            b"stop_reason" => &mut stop,
            b"usage" => &mut usage,
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
    for (key, value) in usage.as_entries().into_iter().flatten() {
        let count = value.as_u64().unwrap_or(0);
        match key.as_ref() {
            b"input_tokens" => tokens.input = count,
            b"output_tokens" => tokens.output = count,
            b"cache_read_input_tokens" => tokens.cache_read = count,
            b"cache_creation_input_tokens" => tokens.cache_creation = count,
            b"cache_creation" => {
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
