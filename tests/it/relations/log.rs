//! A log that can be changed, and what is seen of it.

use std::path::Path;

use passdown::discover::{Env, sessions};
use passdown::ledger::Ledger;
use passdown::pack::Handoff;
use passdown::pipeline::{self, Options};
use passdown::position::FileId;
use passdown::rules::RuleSet;
use passdown::score::{Kind, Part, Span};
use passdown::session::{AgentBytes, with_agents};
use passdown::{read, render};
use serde_json::{Value, json};

/// A session's files in memory.
#[derive(Clone)]
pub(crate) struct Log {
    /// What failing cases call it.
    pub(crate) name: String,
    /// The path of the main transcript.
    pub(crate) path: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) agents: Vec<Agent>,
    /// What stands between two lines.
    pub(crate) line_end: &'static str,
}

/// A line of the main transcript.
#[derive(Clone)]
pub(crate) struct Line {
    /// Where it stood before the log was changed; zero for one that was added.
    pub(crate) from: u32,
    pub(crate) text: Text,
}

#[derive(Clone)]
pub(crate) enum Text {
    Record(Value),
    /// What is no JSON object, or no valid one.
    Raw(Vec<u8>),
}

#[derive(Clone)]
pub(crate) struct Agent {
    path: String,
    id: String,
    tool_use: Option<String>,
    kind: Option<String>,
    bytes: Vec<u8>,
}

impl Log {
    /// The session whose main transcript is at `path`; `None` where that is no session.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let found = sessions(&[path], &Env::default()).ok()?;
        let files = found.sessions.first()?;
        let agents = files.subagents.iter().map(|agent| Agent {
            path: agent.source.to_string(),
            id: agent.id.clone(),
            tool_use: agent.tool_use.clone(),
            kind: agent.kind.clone(),
            bytes: (agent.source.path())
                .and_then(|path| std::fs::read(path).ok())
                .unwrap_or_default(),
        });
        let bytes = std::fs::read(path).ok()?;
        let name = path.parent().and_then(Path::file_name)?.to_string_lossy();
        Some(Self {
            name: format!("{name}/{}", path.file_name()?.to_string_lossy()),
            agents: agents.collect(),
            ..Self::of(&path.to_string_lossy(), &read::as_lines(&bytes))
        })
    }

    /// A log without subagents.
    pub(crate) fn of(path: &str, bytes: &[u8]) -> Self {
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let lines = text.split(|&byte| byte == b'\n').zip(1..);
        Self {
            name: path.to_owned(),
            path: path.to_owned(),
            lines: lines.map(|(line, from)| Line::read(from, line)).collect(),
            agents: Vec::new(),
            line_end: "\n",
        }
    }

    /// The bytes of the main transcript.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in &self.lines {
            match &line.text {
                Text::Record(record) => bytes.extend(record.to_string().as_bytes()),
                Text::Raw(raw) => bytes.extend(raw),
            }
            bytes.extend(self.line_end.as_bytes());
        }
        bytes
    }

    /// The same log as one that nobody changed.
    pub(crate) fn unchanged(mut self) -> Self {
        for (line, from) in self.lines.iter_mut().zip(1..) {
            line.from = from;
        }
        self
    }

    /// The records, with the places of their lines.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = (usize, &Value)> {
        self.lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at, line.record()?)))
    }

    /// True for a log of Claude Code: the relations that make records make its records.
    pub(crate) fn is_claude(&self) -> bool {
        self.records()
            .any(|(_, record)| record["type"] == "assistant" && record["parentUuid"].is_string())
    }

    /// True if every line is a record or blank.
    pub(crate) fn is_whole(&self) -> bool {
        self.lines.iter().all(|line| match &line.text {
            Text::Record(_) => true,
            Text::Raw(bytes) => bytes.iter().all(u8::is_ascii_whitespace),
        })
    }

    /// The last record of the main conversation.
    pub(crate) fn last(&self) -> Option<&Value> {
        self.records()
            .map(|(_, record)| record)
            .rfind(|record| is_talk(record) && record["isSidechain"] != true)
    }

    /// A record of the conversation, with the envelope of `like`, and `more` on it.
    pub(crate) fn record(like: &Value, uuid: &str, parent: &Value, more: Value) -> Value {
        let mut record = json!({"isSidechain": false, "userType": "external", "uuid": uuid, "parentUuid": parent});
        let Value::Object(fields) = &mut record else {
            return record;
        };
        for field in ["cwd", "sessionId", "version", "gitBranch", "timestamp"] {
            if let Some(value) = like.get(field) {
                fields.insert(field.to_owned(), value.clone());
            }
        }
        if let Value::Object(more) = more {
            fields.extend(more);
        }
        record
    }

    /// Adds a record at the end, behind the last of the conversation.
    pub(crate) fn push(&mut self, more: Value) {
        let Some(last) = self.last().cloned() else {
            return;
        };
        let uuid = format!("added-{}", self.lines.len());
        let record = Self::record(&last, &uuid, &last["uuid"], more);
        self.lines.push(Line::added(record));
    }

    /// Adds a prompt.
    pub(crate) fn prompt(&mut self, text: &str) {
        self.push(json!({"type": "user", "message": {"role": "user", "content": text}}));
    }

    /// Adds what the agent says.
    pub(crate) fn say(&mut self, text: &str) {
        self.assistant(json!({"type": "text", "text": text}));
    }

    fn assistant(&mut self, block: Value) {
        let n = self.lines.len();
        let message = json!({"model": "claude-opus-4-6", "id": format!("msg_added_{n}"), "type": "message",
            "role": "assistant", "content": [block], "usage": {"input_tokens": 3, "output_tokens": 9}});
        self.push(json!({"type": "assistant", "message": message}));
    }

    /// Adds a call with its answer.
    pub(crate) fn call(&mut self, tool: &str, input: Value, answer: &str, failed: bool) {
        let id = format!("toolu_added_{}", self.lines.len());
        self.assistant(json!({"type": "tool_use", "id": id, "name": tool, "input": input}));
        let result = json!({"type": "tool_result", "tool_use_id": id, "content": answer, "is_error": failed});
        self.push(json!({"type": "user", "message": {"role": "user", "content": [result]}}));
    }

    /// Adds a command with what it printed and its status.
    pub(crate) fn shell(&mut self, command: &str, printed: &str, status: i32) {
        let printed = match status {
            0 => printed.to_owned(),
            status => format!("Exit code {status}\n{printed}"),
        };
        self.call("Bash", json!({"command": command}), &printed, status != 0);
    }

    /// Each text of the log, changed: names and values of records, lines that are none, paths, subagents.
    pub(crate) fn replace(&mut self, change: &dyn Fn(&str) -> String) {
        let raw = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => change(text).into_bytes(),
            Err(_) => bytes.to_vec(),
        };
        for line in &mut self.lines {
            match &mut line.text {
                Text::Record(record) => strings(record, change),
                Text::Raw(bytes) => *bytes = raw(bytes),
            }
        }
        self.path = change(&self.path);
        for agent in &mut self.agents {
            agent.path = change(&agent.path);
            let lines = Self::of("", &agent.bytes);
            let mut lines = Self {
                agents: Vec::new(),
                ..lines
            };
            for line in &mut lines.lines {
                match &mut line.text {
                    Text::Record(record) => strings(record, change),
                    Text::Raw(bytes) => *bytes = raw(bytes),
                }
            }
            agent.bytes = lines.bytes();
        }
    }
}

/// Changes every string in `value`, and the names of fields too.
fn strings(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| strings(value, change)),
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            for (name, mut value) in old {
                strings(&mut value, change);
                fields.insert(change(&name), value);
            }
        }
        _ => {}
    }
}

impl Line {
    fn read(from: u32, bytes: &[u8]) -> Self {
        let text = match serde_json::from_slice(bytes) {
            Ok(record @ Value::Object(_)) => Text::Record(record),
            _ => Text::Raw(bytes.to_vec()),
        };
        Self { from, text }
    }

    pub(crate) fn added(record: Value) -> Self {
        Self {
            from: 0,
            text: Text::Record(record),
        }
    }

    pub(crate) fn record(&self) -> Option<&Value> {
        match &self.text {
            Text::Record(record) => Some(record),
            Text::Raw(_) => None,
        }
    }

    pub(crate) fn record_mut(&mut self) -> Option<&mut Value> {
        match &mut self.text {
            Text::Record(record) => Some(record),
            Text::Raw(_) => None,
        }
    }
}

/// True for a record of the conversation: of the user, the agent, or the program to either.
pub(crate) fn is_talk(record: &Value) -> bool {
    record["uuid"].is_string() && (record["type"] == "user" || record["type"] == "assistant")
}

/// What is seen of a log: the state, and everything that could be handed over.
pub(crate) struct Seen {
    pub(crate) ledger: Ledger,
    pub(crate) handoff: Option<Handoff>,
    /// Where each line of the log stood before it was changed.
    from: Vec<u32>,
}

impl Seen {
    /// With a budget that holds everything, so that the length of a name or of a number leaves nothing out.
    pub(crate) fn of(log: &Log) -> Self {
        let agents: Vec<_> = log
            .agents
            .iter()
            .map(|agent| AgentBytes {
                path: &agent.path,
                id: &agent.id,
                tool_use: agent.tool_use.clone(),
                kind: agent.kind.clone(),
                bytes: &agent.bytes,
            })
            .collect();
        let (session, _) = with_agents(&log.path, &log.bytes(), &agents);
        let options = Options {
            budget: 10_000_000,
            ..Options::default()
        };
        let condensed =
            pipeline::condense(&session, RuleSet::builtin(), &options).expect("a handoff");
        let (ledger, handoff) = match condensed {
            Some(condensed) => (condensed.ledger, Some(condensed.handoff)),
            None => (pipeline::ledger(&session, RuleSet::builtin()), None),
        };
        Self {
            ledger,
            handoff,
            from: log.lines.iter().map(|line| line.from).collect(),
        }
    }

    /// The handoff with each citation as the line stood before the log was changed; `L0` cites a line that was added.
    pub(crate) fn text(&self) -> String {
        let Some(mut handoff) = self.handoff.clone() else {
            return String::new();
        };
        let spans = handoff
            .items
            .iter_mut()
            .flat_map(|packed| &mut packed.item.pieces)
            .flat_map(|piece| &mut piece.spans);
        for span in spans {
            let Span::Cites(cites) = span else { continue };
            for cite in cites.iter_mut() {
                if cite.at.file == FileId(0) {
                    let at = cite.at.line.saturating_sub(1) as usize;
                    cite.at.line = self.from.get(at).copied().unwrap_or(0);
                }
            }
            cites.dedup_by_key(|cite| cite.at);
        }
        render::markdown(&handoff, render::Options::default())
    }

    /// The lines of the handoff without citations, each as its part has it.
    pub(crate) fn lines(&self, wanted: impl Fn(Part, Kind) -> bool) -> Vec<String> {
        let Some(mut handoff) = self.handoff.clone() else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        for packed in std::mem::take(&mut handoff.items) {
            let (part, kind) = (packed.item.part, packed.item.kind);
            if wanted(part, kind) {
                let one = Handoff {
                    items: vec![packed],
                    ..handoff.clone()
                };
                let plain = render::Options {
                    cite: false,
                    ..render::Options::default()
                };
                // Behind the title and the line on where it comes from.
                let text = render::markdown(&one, plain);
                let text = match part {
                    Part::Task => text.lines().next().unwrap_or_default(),
                    _ => text.split("not orders.").nth(1).unwrap_or_default().trim(),
                };
                lines.push(text.replace("\n1. ", "\n- ").to_owned());
            }
        }
        lines
    }

    /// The state word.
    pub(crate) fn state(&self) -> &'static str {
        self.handoff
            .as_ref()
            .map_or("", |handoff| handoff.header.state)
    }

    /// Says where the two handoffs differ, line by line.
    pub(crate) fn equals(&self, other: &Self) -> Result<(), String> {
        equal(&self.text(), &other.text())
    }
}

/// The lines in which two texts differ: `-` stood before, `+` stands now.
pub(crate) fn equal(before: &str, now: &str) -> Result<(), String> {
    if before == now {
        return Ok(());
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line));
    let come = new.iter().filter(|line| !old.contains(line));
    let mut told: Vec<String> = gone.map(|line| format!("- {line}")).collect();
    told.extend(come.map(|line| format!("+ {line}")));
    if told.is_empty() {
        let moved = old.iter().zip(&new).find(|(old, new)| old != new);
        told.extend(moved.map(|(old, new)| format!("moved: {new}\n  was: {old}")));
    }
    Err(told.join("\n"))
}
