//! What the first and last 64 KiB of a file tell: whether it is a transcript
//! of Claude Code, and of which session and folder.

use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Agent;
use crate::error::Error;
use crate::read::{Ends, as_lines, peek};

/// What a look at both ends of a file tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Glance {
    /// The first `sessionId`.
    pub(super) session: Option<String>,
    /// The folders that its records name, in the order of their first record.
    pub(super) cwds: Vec<String>,
    /// The hash of the folder that a chat of Gemini CLI was held in.
    pub(super) project: Option<String>,
    /// The program that it was held with.
    pub(super) agent: Agent,
    /// The last timestamp, as it is written.
    pub(super) last_time: Option<String>,
    /// The bytes stored.
    pub(super) bytes: u64,
    pub(super) modified: Option<std::time::SystemTime>,
    /// Whether a line is a record of Claude Code, or of another agent that is read.
    known: bool,
    /// Whether a line is a message, or may be one for all that was seen.
    message: bool,
    /// Whether a record is a subagent's.
    sidechain: bool,
    /// Whether a record is of a main conversation, which in the oldest logs holds its subagents' too.
    own: bool,
    /// What other format a line is of.
    foreign: Option<&'static str>,
}

/// The fields of a line that tell what it is. Others are passed over, and so
/// is a line where one of these is of another type.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: Option<String>,
    cwd: Option<String>,
    #[serde(rename = "sessionId")]
    session: Option<String>,
    /// In a stream of the command's output; in newer transcripts, beside the other, another id.
    session_id: Option<Loose>,
    timestamp: Option<Loose>,
    #[serde(rename = "isSidechain")]
    sidechain: Option<bool>,
    uuid: Option<IgnoredAny>,
    #[serde(rename = "leafUuid")]
    leaf: Option<IgnoredAny>,
    #[serde(rename = "messageId")]
    message_id: Option<IgnoredAny>,
    message: Option<IgnoredAny>,
    payload: Option<Payload>,
    tool_name: Option<IgnoredAny>,
    tool_input: Option<IgnoredAny>,
    display: Option<IgnoredAny>,
    #[serde(rename = "projectHash")]
    project_hash: Option<Loose>,
    id: Option<IgnoredAny>,
    content: Option<IgnoredAny>,
    info: Option<Info>,
    parts: Option<IgnoredAny>,
    messages: Option<IgnoredAny>,
}

/// What a line of OpenCode is about.
#[derive(Deserialize)]
#[serde(untagged)]
enum Info {
    Known {
        id: Option<String>,
        directory: Option<String>,
    },
    Other(IgnoredAny),
}

/// What a line of Codex holds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    Known {
        id: Option<String>,
        cwd: Option<String>,
        /// How the session came to be: a word, or an object where another one started it.
        source: Option<Source>,
    },
    Other(IgnoredAny),
}

/// How a session of Codex came to be.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Agent {
        #[serde(rename = "subagent")]
        _by: IgnoredAny,
    },
    Other(IgnoredAny),
}

/// A string, or whatever else stands there.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Text(String),
    Other(IgnoredAny),
}

impl Glance {
    /// Looks at the file at `path`.
    pub(super) fn at(path: &Path) -> Result<Self, Error> {
        let mut glance = Self::of(&peek(path)?);
        if glance.agent == Agent::Gemini
            && let Some(folder) = root_beside(path)
        {
            glance.cwd(folder);
        }
        Ok(glance)
    }

    fn of(ends: &Ends) -> Self {
        let mut glance = Self {
            bytes: ends.bytes,
            modified: ends.modified,
            ..Self::default()
        };
        glance.message = !ends.whole;
        let lines = as_lines(&ends.head);
        let mut head = lines.split(|byte| *byte == b'\n').peekable();
        while let Some(line) = head.next() {
            if !glance.line(line) && head.peek().is_none() {
                glance.cut(line);
            }
        }
        for line in ends.tail.split(|byte| *byte == b'\n') {
            glance.line(line);
        }
        glance
    }

    /// Why the file is not a session to hand over, if it is not.
    pub(super) fn reason(&self) -> Option<String> {
        if self.bytes == 0 {
            Some("empty".to_owned())
        } else if let (false, Some(format)) = (self.known, self.foreign) {
            Some(format!("{format}, not a session that is read here"))
        } else if !self.known {
            Some("no record of Claude Code or of another agent in it".to_owned())
        } else if !self.message {
            Some("no message in it".to_owned())
        } else {
            None
        }
    }

    /// Whether it is a session in which nothing was said.
    pub(super) fn is_quiet(&self) -> bool {
        self.known && !self.message
    }

    /// Whether the conversation is a subagent's, for all that was seen.
    pub(super) fn is_subagent(&self) -> bool {
        self.sidechain && !self.own
    }

    /// Takes in a line; false if it could not be read.
    fn line(&mut self, line: &[u8]) -> bool {
        // A byte order mark, or zeros of a write that was lost.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let start = line.iter().take_while(|byte| **byte == 0).count();
        let text = line.get(start..).unwrap_or_default();
        let Ok(line) = serde_json::from_slice::<Line>(text) else {
            return false;
        };
        let line = match self.codex(line).and_then(|line| self.document(line)) {
            Some(line) => line,
            None => return true,
        };
        if let Some(format) = line.foreign(text) {
            self.foreign = self.foreign.or(Some(format));
            return true;
        }
        let chain = matches!(
            line.kind.as_deref(),
            Some("user" | "assistant" | "system" | "attachment" | "progress")
        );
        let known = line.kind.is_some()
            && (line.uuid.is_some()
                || line.session.is_some()
                || line.leaf.is_some()
                || line.message_id.is_some()
                || line.session_id.is_some()
                || (chain && line.message.is_some()));
        if !known {
            return true;
        }
        self.known = true;
        self.message |= line.message.is_some();
        if chain {
            let sidechain = line.sidechain == Some(true);
            self.sidechain |= sidechain;
            self.own |= !sidechain;
        }
        if let Some(Loose::Text(time)) = line.timestamp {
            self.last_time = Some(time);
        }
        let session = line.session.or(match line.session_id {
            Some(Loose::Text(session)) => Some(session),
            _ => None,
        });
        self.session = self.session.take().or(session);
        if let Some(cwd) = line.cwd {
            self.cwd(cwd);
        }
        true
    }

    /// Takes in the beginning of a line that is longer than what was looked
    /// at: in a record, the fields that name its session and folder come first.
    fn cut(&mut self, line: &[u8]) {
        let value = |key: &str| {
            let at = memchr::memmem::find(line, key.as_bytes())? + key.len();
            let rest = line.get(at..)?;
            serde_json::Deserializer::from_slice(rest)
                .into_iter::<String>()
                .next()?
                .ok()
        };
        let has = |key: &str| memchr::memmem::find(line, key.as_bytes()).is_some();
        let codex = has("\"session_meta\"") && has("\"payload\":");
        if codex {
            self.agent = Agent::Codex;
            self.sidechain |= has("\"source\":{\"subagent\":");
        }
        let session = value(if codex { "\"id\":" } else { "\"sessionId\":" });
        self.known |= session.is_some() && has("\"type\":");
        self.message |= has("\"message\":");
        self.session = self.session.take().or(session);
        if let Some(cwd) = value("\"cwd\":") {
            self.cwd(cwd);
        }
    }

    /// Takes in a line of Codex; any other line is given back.
    fn codex(&mut self, line: Line) -> Option<Line> {
        let (Some(kind), Some(_), true) = (
            line.kind.as_deref(),
            &line.payload,
            line.message.is_none() && line.uuid.is_none(),
        ) else {
            return Some(line);
        };
        let first = !self.known;
        self.known = true;
        self.agent = Agent::Codex;
        self.message |= kind == "response_item";
        if let Some(Payload::Known { id, cwd, source }) = line.payload {
            if kind == "session_meta" {
                self.session = self.session.take().or(id);
                // Behind the file's own, the one of the session that it comes from may be repeated.
                self.sidechain |= first && matches!(source, Some(Source::Agent { .. }));
            }
            if let Some(cwd) = cwd.filter(|_| matches!(kind, "session_meta" | "turn_context")) {
                self.cwd(cwd);
            }
        }
        if let Some(Loose::Text(time)) = line.timestamp {
            self.last_time = Some(time);
        }
        None
    }

    /// Takes in a line of a document of Gemini CLI or OpenCode; any other line is given back.
    fn document(&mut self, line: Line) -> Option<Line> {
        let gemini = line.uuid.is_none()
            && line.message.is_none()
            && line.id.is_some()
            && line.content.is_some()
            && matches!(line.kind.as_deref(), Some("user" | "gemini"));
        let opencode = line.info.is_some() && line.parts.is_some();
        if gemini || opencode {
            self.message = true;
            self.agent = match gemini {
                true => Agent::Gemini,
                false => Agent::OpenCode,
            };
        } else if let (Some(hash), Some(_)) = (&line.project_hash, &line.session) {
            if let Loose::Text(hash) = hash {
                self.project = Some(hash.clone());
            }
            self.session = self.session.take().or(line.session);
            self.agent = Agent::Gemini;
        } else if let (Some(Info::Known { id, directory }), Some(_)) = (&line.info, &line.messages)
        {
            self.session = self.session.take().or_else(|| id.clone());
            directory.iter().for_each(|cwd| self.cwd(cwd.clone()));
            self.agent = Agent::OpenCode;
        } else {
            return Some(line);
        }
        self.known = true;
        self.own = true;
        if let Some(Loose::Text(time)) = line.timestamp {
            self.last_time = Some(time);
        }
        None
    }

    fn cwd(&mut self, cwd: String) {
        if !cwd.is_empty() && !self.cwds.contains(&cwd) {
            self.cwds.push(cwd);
        }
    }
}

/// The folder that a chat of Gemini CLI was held in, where the program says it: beside the folder of its chats.
fn root_beside(chat: &Path) -> Option<String> {
    let ends = peek(&chat.parent()?.with_file_name(".project_root")).ok()?;
    let text = String::from_utf8(ends.head).ok().filter(|_| ends.whole)?;
    Some(text.trim().to_owned())
}

impl Line {
    /// The other program's format that the line is of, if it is known.
    fn foreign(&self, text: &[u8]) -> Option<&'static str> {
        let kind = self.kind.as_deref();
        let has = |bytes: &[u8]| memchr::memmem::find(text, bytes).is_some();
        // Its records have the same fields but for the parts of a message.
        if self.message.is_some() && has(b"\"parts\":[{") && !has(b"\"content\":") {
            return Some("a log of Qwen Code");
        }
        let tool = self.tool_name.is_some() || self.tool_input.is_some();
        if tool && self.uuid.is_none() {
            return Some("a list of tool uses by another program");
        }
        if self.display.is_some() && kind.is_none() {
            return Some("the history of prompts");
        }
        None
    }
}
