//! The logs of other agents: a foreign record → the records that Claude Code would have written.
//!
//! Each record is translated by itself, so nothing above knows who wrote a
//! log. What a format cannot give is absent, and a type of record that is not
//! known here is named as `codex:<type>` and the like, to be counted as any
//! other unknown record. Leaves to others how records relate: a process that
//! is asked again under its handle is put together by the session.

mod codex;
mod patch;
mod prose;
mod script;

use serde_json::{Value, json};

use super::scan::Object;

/// The records of `object` as Claude Code would have written them, as JSON objects one behind the other; `None` if it
/// is no record of another agent that is known. A record that says nothing here gives an empty text.
pub fn translated(object: &Object<'_>) -> Option<Vec<u8>> {
    let mut keys = Keys::default();
    for (key, _) in &object.entries {
        match key.bytes() {
            // Every record of Claude Code's chain has one of these, early on.
            b"\"parentUuid\"" | b"\"sessionId\"" => return None,
            b"\"payload\"" => keys.payload = true,
            b"\"type\"" => keys.kind = true,
            b"\"message\"" | b"\"uuid\"" => keys.message = true,
            b"\"instructions\"" => keys.instructions = true,
            b"\"record_type\"" => keys.record_type = true,
            b"\"role\"" | b"\"call_id\"" | b"\"summary\"" => keys.item = true,
            _ => {}
        }
    }
    if keys.message {
        return None;
    }
    if keys.payload && keys.kind {
        return Some(codex::line(object.whole));
    }
    let oldest = keys.instructions || keys.record_type;
    if !keys.payload && ((keys.kind && keys.item) || (!keys.kind && oldest)) {
        return codex::bare(object.whole);
    }
    None
}

/// Which of the keys that tell a format a record has.
#[derive(Default)]
struct Keys {
    payload: bool,
    kind: bool,
    message: bool,
    instructions: bool,
    record_type: bool,
    item: bool,
}

/// Records in the shape of Claude Code's, one behind the other.
#[derive(Default)]
struct Records {
    text: Vec<u8>,
    time: Option<String>,
}

impl Records {
    fn at(time: Option<String>) -> Self {
        let text = Vec::new();
        Self { text, time }
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
        }
        if let Some(answers) = &answer.answers {
            beside.insert("answers".to_owned(), answers.clone());
        }
        self.push(json!({
            "type": "user", "gitBranch": branch(&answer.text),
            "message": {"role": "user", "content": [block]},
            "toolUseResult": beside,
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

/// The answer of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Answer {
    text: String,
    exit: Option<i32>,
    failed: bool,
    /// The handle of the process, if it goes on.
    goes_on: Option<String>,
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
