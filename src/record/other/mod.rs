//! The logs of other agents: a foreign record → the records that Claude Code would have written.
//!
//! Each record is translated by itself, so nothing above knows who wrote a
//! log. What a format cannot give is absent, and a type of record that is not
//! known here is named as `codex:<type>` and the like, to be counted as any
//! other unknown record. Leaves to others how records relate: a process that
//! is asked again under its handle is put together by the session.

mod codex;
mod gemini;
mod opencode;
mod patch;
mod prose;
mod script;
mod stream;

use serde_json::{Value, json};

use super::scan::{Object, Span};

/// What a foreign record is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translated {
    /// The records that Claude Code would have written, JSON objects one behind the other; empty if it says nothing here.
    pub records: Vec<u8>,
    /// What the log cannot give, to be told once.
    pub notice: Option<&'static str>,
}

/// Translates `object`; `None` if it is a record of Claude Code, or of nothing that is known.
///
/// A format is told by the keys that its records have, and a transcript of Claude Code by the id of its session.
pub fn translated(object: &Object<'_>) -> Option<Translated> {
    let mut keys = Keys::default();
    for (key, _) in object.entries() {
        match key.bytes() {
            b"\"parentUuid\"" => return None,
            b"\"sessionId\"" => keys.own_session = true,
            b"\"session_id\"" => keys.session = true,
            b"\"projectHash\"" => keys.project = true,
            b"\"payload\"" => keys.payload = true,
            b"\"type\"" => keys.kind = true,
            b"\"message\"" | b"\"uuid\"" => keys.message = true,
            b"\"instructions\"" | b"\"record_type\"" => keys.oldest = true,
            b"\"role\"" | b"\"call_id\"" | b"\"summary\"" => keys.item = true,
            b"\"id\"" => keys.id = true,
            b"\"content\"" => keys.content = true,
            b"\"info\"" => keys.info = true,
            b"\"parts\"" => keys.parts = true,
            b"\"messages\"" => keys.messages = true,
            b"\"$set\"" => keys.set = true,
            _ => {}
        }
    }
    let whole = object.whole();
    let records = if keys.own_session {
        if !keys.project {
            return None;
        }
        gemini::head(whole)
    } else if keys.session && keys.kind {
        stream::record(object)
    } else if keys.message {
        return None;
    } else if keys.payload && keys.kind {
        codex::line(whole)
    } else if keys.info && keys.parts {
        opencode::message(whole)
    } else if keys.info && keys.messages {
        opencode::head(whole)
    } else if keys.set {
        Records::default()
    } else if keys.kind && keys.id && keys.content && !keys.item {
        gemini::message(whole)
    } else if (keys.kind && keys.item) || (!keys.kind && keys.oldest) {
        codex::bare(whole)?
    } else {
        return None;
    };
    Some(Translated {
        records: records.text,
        notice: records.notice,
    })
}

/// Which of the keys that tell a format a record has.
#[derive(Default)]
struct Keys {
    own_session: bool,
    session: bool,
    project: bool,
    payload: bool,
    kind: bool,
    message: bool,
    oldest: bool,
    item: bool,
    id: bool,
    content: bool,
    info: bool,
    parts: bool,
    messages: bool,
    set: bool,
}

/// Records in the shape of Claude Code's, one behind the other.
#[derive(Default)]
struct Records {
    text: Vec<u8>,
    time: Option<String>,
    notice: Option<&'static str>,
}

impl Records {
    fn at(time: Option<String>) -> Self {
        Self {
            time,
            ..Self::default()
        }
    }

    /// Adds a record that may stand in the log again.
    fn named(&mut self, id: &str, mut record: Value) {
        if let Some(fields) = record.as_object_mut() {
            fields.insert("uuid".to_owned(), json!(id));
        }
        self.push(record);
    }

    /// Adds a record; its time is that of the foreign one.
    fn push(&mut self, mut record: Value) {
        if let (Some(fields), Some(time)) = (record.as_object_mut(), &self.time) {
            fields.insert("timestamp".to_owned(), json!(time));
        }
        self.text.extend(record.to_string().into_bytes());
    }

    /// Words of the user.
    fn prompt(&mut self, words: &str, images: usize) {
        let mut blocks = vec![json!({"type": "text", "text": words})];
        blocks.extend((0..images).map(|_| json!({"type": "image"})));
        self.push(json!({"type": "user", "message": {"role": "user", "content": blocks}}));
    }

    /// What the agent did: blocks of a message.
    fn reply(&mut self, blocks: Vec<Value>) {
        self.push(
            json!({"type": "assistant", "message": {"role": "assistant", "content": blocks}}),
        );
    }

    /// The answer to a call.
    fn answer(&mut self, id: &str, answer: &Answer) {
        let failed = answer.failed || answer.exit.is_some_and(|code| code != 0);
        let text = match answer.exit {
            Some(code) if failed => format!("Exit code {code}\n{}", answer.text),
            _ => answer.text.clone(),
        };
        let block =
            json!({"type": "tool_result", "tool_use_id": id, "content": text, "is_error": failed});
        let mut beside = serde_json::Map::new();
        if let Some(handle) = &answer.goes_on {
            beside.insert("backgroundTaskId".to_owned(), json!(handle));
        }
        if answer.status_unknown {
            beside.insert("statusUnknown".to_owned(), json!(true));
            self.notice = Some(SCRIPTS);
        }
        if let Some(answers) = &answer.answers {
            beside.insert("answers".to_owned(), answers.clone());
        }
        self.push(json!({
            "type": "user", "gitBranch": branch(&answer.text),
            "message": {"role": "user", "content": [block]},
            "toolUseResult": beside,
            "toolDenialKind": answer.refused.then_some("user-rejected"),
        }));
    }

    /// A failed request.
    fn failure(&mut self, words: &str) {
        self.push(json!({
            "type": "assistant", "isApiErrorMessage": true,
            "message": {"model": "<synthetic>", "content": [{"type": "text", "text": words}]},
        }));
    }

    /// The end of a turn.
    fn turn_end(&mut self) {
        self.push(json!({"type": "system", "subtype": "turn_duration"}));
    }

    /// A type of record that is not known, to be counted.
    fn unknown(&mut self, kind: &str) {
        self.push(json!({"type": kind}));
    }
}

/// What scripts of Codex do not give.
const SCRIPTS: &str =
    "commands that ran in scripts show no exit code: what they printed tells how they ended";

/// The answer of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Answer {
    text: String,
    exit: Option<i32>,
    failed: bool,
    /// The handle of the process, if it goes on.
    goes_on: Option<String>,
    /// True if the user did not let it run.
    refused: bool,
    /// True if the log does not say how the command ended.
    status_unknown: bool,
    /// The user's answers to questions, by question.
    answers: Option<Value>,
}

/// The branch that git says it switched to, the last time: the logs of other agents name none on their records.
fn branch(output: &str) -> Option<&str> {
    output.lines().rev().find_map(|line| {
        let name = line
            .strip_prefix("Switched to a new branch '")
            .or_else(|| line.strip_prefix("Switched to branch '"))?;
        name.strip_suffix('\'')
    })
}

/// A block of a call.
fn call(id: &str, name: &str, input: Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": name, "input": input})
}

/// The id of part `number` of a call that is told as several, the first being 0: they share one answer.
fn part_id(id: &str, number: usize) -> String {
    match number {
        0 => id.to_owned(),
        _ => format!("{id}#{}", number + 1),
    }
}

/// A JSON value; null if it cannot be read.
fn value(span: Span<'_>) -> Value {
    serde_json::from_slice(span.bytes()).unwrap_or(Value::Null)
}
