//! A log as the measure sees it: events in the order of the file.
//!
//! Deliberately simpler than [`crate::session`]: every line counts, branches
//! that were left behind too, and nothing is joined. What a handoff is scored
//! against must not be what made it.

use std::sync::LazyLock;

use regex::Regex;

use super::command::pattern;
use super::json::{Json, object};
use super::text::is_space;
use crate::error::{Error, Problem};
use crate::read::{self, Source};
use crate::record;

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The summary that a compaction left.
    Summary,
    /// What a tool answered.
    Answer,
    /// What the user typed.
    Prompt,
    /// What the agent said.
    Reply,
    /// A call of a tool.
    Call,
}

/// A part of a record that tells something.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) what: What,
    /// The lines of the log before its record.
    pub(super) before: usize,
    /// What it says; of a call, its input as JSON.
    pub(super) text: String,
    /// The tool that is called.
    pub(super) tool: Option<String>,
    /// What the tool is given.
    pub(super) input: Json,
    /// True of an answer that says that it is an error.
    pub(super) failed: bool,
    /// The id that a call and its answer share.
    pub(super) id: Option<String>,
}

impl Event {
    fn new(what: What, before: usize, text: String) -> Self {
        Self {
            what,
            before,
            text,
            tool: None,
            input: Json::Null,
            failed: false,
            id: None,
        }
    }

    /// The file that a call is about; empty where it is about none.
    pub(super) fn path(&self) -> &str {
        match self.input.text("file_path") {
            "" => self.input.text("notebook_path"),
            path => path,
        }
    }

    /// The command of a shell; empty for other calls.
    pub(super) fn command(&self) -> &str {
        match self.tool.as_deref() {
            Some("Bash") => self.input.text("command"),
            _ => "",
        }
    }

    /// True of a call that changes a file.
    pub(super) fn edits(&self) -> bool {
        let tool = self.tool.as_deref().unwrap_or_default();
        matches!(tool, "Edit" | "Write" | "MultiEdit" | "NotebookEdit")
    }
}

/// A log in memory.
#[derive(Debug, Default)]
pub(super) struct Log {
    bytes: Vec<u8>,
    /// Where each line begins.
    lines: Vec<usize>,
    pub(super) events: Vec<Event>,
    /// The folders that records were written in, each once.
    pub(super) cwds: Vec<String>,
}

impl Log {
    /// Reads a whole log.
    ///
    /// # Errors
    ///
    /// As [`read::units`].
    pub(super) fn read(source: &Source) -> Result<(Self, Vec<Problem>), Error> {
        let (units, report) = read::units(source, &read::Options::default(), |unit| {
            unit.bytes.to_vec()
        })?;
        Ok((Self::new(units.concat()), report.problems))
    }

    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let mut log = Self::default();
        let mut start = 0;
        while start < bytes.len() {
            let rest = bytes.get(start..).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let line = rest.get(..length).unwrap_or_default();
            log.lines.push(start);
            log.records(line);
            start += length;
        }
        log.bytes = bytes;
        log
    }

    /// The first `count` lines.
    pub(super) fn head(&self, count: usize) -> &[u8] {
        let end = self.lines.get(count).copied().unwrap_or(self.bytes.len());
        self.bytes.get(..end).unwrap_or_default()
    }

    /// The records of a line: those of another agent in the shape of Claude Code's.
    fn records(&mut self, line: &[u8]) {
        let mut foreign = false;
        for object in &record::line(line).records {
            let Some(told) = record::other::translated(object) else {
                continue;
            };
            foreign = true;
            for object in &record::line(&told.records).records {
                self.line(&String::from_utf8_lossy(object.whole().bytes()));
            }
        }
        if !foreign {
            self.line(&String::from_utf8_lossy(line));
        }
    }

    fn line(&mut self, line: &str) {
        const WANTED: [&str; 7] = [
            "type",
            "message",
            "cwd",
            "isSidechain",
            "isMeta",
            "isCompactSummary",
            "isApiErrorMessage",
        ];
        let Some(record) = object(line, WANTED) else {
            return;
        };
        let is = |key: &str| record.get(key).is_some_and(Json::holds);
        if is("isSidechain") {
            return;
        }
        let cwd = record.text("cwd");
        if !cwd.is_empty() && !self.cwds.iter().any(|known| known == cwd) {
            self.cwds.push(cwd.to_owned());
        }
        let Some(message @ Json::Map(_)) = record.get("message") else {
            return;
        };
        if is("isApiErrorMessage") {
            return;
        }
        let content = message.get("content").unwrap_or(&Json::Null);
        match record.text("type") {
            "user" if is("isCompactSummary") => self.add(What::Summary, block_text(content)),
            "user" => self.user(content, is("isMeta")),
            "assistant" => self.assistant(content),
            _ => {}
        }
    }

    fn add(&mut self, what: What, text: String) {
        let before = self.lines.len().saturating_sub(1);
        self.events.push(Event::new(what, before, text));
    }

    fn user(&mut self, content: &Json, is_meta: bool) {
        for block in content.as_list().unwrap_or_default() {
            if block.text("type") == "tool_result" {
                let said = block.get("content").unwrap_or(&Json::Null);
                self.add(What::Answer, block_text(said));
                if let Some(event) = self.events.last_mut() {
                    event.failed = block.get("is_error").is_some_and(Json::holds);
                    event.id = id(block, "tool_use_id");
                }
            }
        }
        let text = without_reminders(&block_text(content));
        let text = text.trim_matches(is_space);
        if !text.is_empty() && !is_meta && !is_program(text) {
            self.add(What::Prompt, text.to_owned());
        }
    }

    fn assistant(&mut self, content: &Json) {
        if let Some(text) = content.as_text() {
            if !text.trim_matches(is_space).is_empty() {
                self.add(What::Reply, text.to_owned());
            }
            return;
        }
        for block in content.as_list().unwrap_or_default() {
            match block.text("type") {
                "text" => {
                    let text = block.text("text");
                    if !text.trim_matches(is_space).is_empty() {
                        self.add(What::Reply, text.to_owned());
                    }
                }
                "tool_use" => {
                    let input = match block.get("input") {
                        Some(input @ Json::Map(_)) => input.clone(),
                        _ => Json::Map(Vec::new()),
                    };
                    self.add(What::Call, input.dump());
                    if let Some(event) = self.events.last_mut() {
                        event.tool = id(block, "name");
                        event.input = input;
                        event.id = id(block, "id");
                    }
                }
                _ => {}
            }
        }
    }
}

fn id(block: &Json, key: &str) -> Option<String> {
    block.get(key).and_then(Json::as_text).map(str::to_owned)
}

/// The text of a message's content: itself, or its blocks of text, each from a new line on.
fn block_text(content: &Json) -> String {
    if let Some(text) = content.as_text() {
        return text.to_owned();
    }
    let blocks = content.as_list().unwrap_or_default().iter();
    let texts = blocks.filter(|block| block.text("type") == "text");
    let texts: Vec<&str> = texts.map(|block| block.text("text")).collect();
    texts.join("\n")
}

/// `text` without what the program reminded the agent of.
fn without_reminders(text: &str) -> String {
    const OPEN: &str = "<system-reminder>";
    const CLOSE: &str = "</system-reminder>";
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let Some((_, after)) = behind.split_once(CLOSE) else {
            break;
        };
        out.push_str(before);
        rest = after;
    }
    out + rest
}

static PROGRAM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A(?:<(?:command-|local-command|bash-|task-not)|Caveat:)"));

/// True of what the program wrote in the user's name.
fn is_program(text: &str) -> bool {
    PROGRAM.is_match(text)
}

/// The words that a todo list was last seen in: each item with its status.
pub(super) type Todos = std::collections::BTreeMap<String, String>;

/// The state of the todo lists and tasks at the end of `events`.
pub(super) fn todos(events: &[Event]) -> Todos {
    use std::collections::HashMap;
    let mut state = Todos::new();
    let mut names: HashMap<String, String> = HashMap::new();
    let answers: HashMap<Option<&str>, &str> = events
        .iter()
        .filter(|event| event.what == What::Answer)
        .map(|event| (event.id.as_deref(), event.text.as_str()))
        .collect();
    let mut created = 0;
    for event in events.iter().filter(|event| event.what == What::Call) {
        match event.tool.as_deref() {
            Some("TodoWrite") => {
                let Some(list) = event.input.get("todos").and_then(Json::as_list) else {
                    continue;
                };
                let items = list.iter().filter(|item| matches!(item, Json::Map(_)));
                let new: Todos = items
                    .map(|item| {
                        let status = item.get("status").map_or("pending".into(), Json::plain);
                        (item.text("content").to_owned(), status)
                    })
                    .collect();
                for (item, status) in &mut state {
                    if !new.contains_key(item) && status != "completed" {
                        "dropped".clone_into(status);
                    }
                }
                state.extend(new);
            }
            Some("TaskCreate") => {
                created += 1;
                let subject = event.input.text("subject").to_owned();
                let answer = answers.get(&event.id.as_deref()).copied();
                let number = answer.and_then(number).unwrap_or(created.to_string());
                names.insert(number, subject.clone());
                state.insert(subject, "pending".to_owned());
            }
            Some("TaskUpdate") => {
                let task = event.input.get("taskId").map_or(String::new(), Json::plain);
                let Some(name) = names.get(&task).filter(|name| !name.is_empty()).cloned() else {
                    continue;
                };
                if let Some(status) = event.input.get("status").filter(|it| it.holds()) {
                    state.insert(name.clone(), status.plain());
                }
                let subject = event.input.text("subject");
                if !subject.is_empty() {
                    if let Some(status) = state.remove(&name) {
                        state.insert(subject.to_owned(), status);
                    }
                    names.insert(task, subject.to_owned());
                }
            }
            _ => {}
        }
    }
    state.remove("");
    state
}

/// The number behind the first `#` that has one.
fn number(answer: &str) -> Option<String> {
    answer.split('#').skip(1).find_map(|behind| {
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &[&str]) -> Log {
        Log::new(lines.join("\n").into_bytes())
    }

    #[test]
    fn the_log_of_another_agent_has_the_same_events() {
        let log = log(&[
            r#"{"type":"turn_context","payload":{"cwd":"/w","model":"m"}}"#,
            r#"{"type":"event_msg","payload":{"type":"user_message","message":"Do it"}}"#,
            r#"{"type":"response_item","payload":{"type":"function_call","name":"exec_command","call_id":"c","arguments":"{\"cmd\":\"make\"}"}}"#,
            r#"{"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"Exit code: 2\nOutput:\nno"}}"#,
            r#"{"id":"m","type":"gemini","content":"On it.","toolCalls":[{"id":"t","name":"read_file","args":{"file_path":"a"},"status":"success","result":[]}]}"#,
        ]);
        let seen: Vec<_> = (log.events.iter())
            .map(|event| (event.what, event.before, event.command(), event.path()))
            .collect();
        assert_eq!(
            seen,
            [
                (What::Prompt, 1, "", ""),
                (What::Call, 2, "make", ""),
                (What::Answer, 3, "", ""),
                (What::Reply, 4, "", ""),
                (What::Call, 4, "", "a"),
                (What::Answer, 4, "", ""),
            ]
        );
        assert!(log.events.get(2).is_some_and(|answer| answer.failed));
        assert_eq!(log.cwds, ["/w"]);
    }

    #[test]
    fn events_stand_in_the_order_of_the_file() {
        let log = log(&[
            r#"{"type":"user","cwd":"/w","message":{"content":"<system-reminder>x</system-reminder> Do it "}}"#,
            "",
            "not JSON",
            r#"{"type":"assistant","message":{"content":[{"type":"text","text":"On it."},{"type":"tool_use","id":"t","name":"Read","input":{"file_path":"/w/a.go"}}]}}"#,
            r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{"type":"text","text":"gone"}]}]}}"#,
            r#"{"type":"user","isSidechain":true,"message":{"content":"aside"}}"#,
            r#"{"type":"user","message":{"content":"<command-name>/clear</command-name>"}}"#,
            r#"{"type":"user","isCompactSummary":true,"message":{"content":"Summary: all"}}"#,
        ]);
        let seen: Vec<_> = (log.events.iter())
            .map(|event| (event.what, event.before, event.text.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (What::Prompt, 0, "Do it"),
                (What::Reply, 3, "On it."),
                (What::Call, 3, r#"{"file_path": "/w/a.go"}"#),
                (What::Answer, 4, "gone"),
                (What::Summary, 7, "Summary: all"),
            ]
        );
        assert!(log.events[3].failed && log.cwds == ["/w"]);
        assert_eq!(log.head(2).iter().filter(|b| **b == b'\n').count(), 2);
        assert_eq!(log.head(99).len(), log.bytes.len());
    }

    #[test]
    fn todo_lists_and_tasks_are_replayed() {
        let call = |name: &str, input: &str| {
            format!(
                r#"{{"type":"assistant","message":{{"content":[{{"type":"tool_use","id":"{name}{}","name":"{name}","input":{input}}}]}}}}"#,
                input.len()
            )
        };
        let lines = [
            call(
                "TodoWrite",
                r#"{"todos":[{"content":"a"},{"content":"b","status":"completed"},{"content":"c"}]}"#,
            ),
            call(
                "TodoWrite",
                r#"{"todos":[{"content":"c","status":"in_progress"}]}"#,
            ),
            call("TaskCreate", r#"{"subject":"t"}"#),
            call(
                "TaskUpdate",
                r#"{"taskId":1,"status":"completed","subject":"u"}"#,
            ),
            call("TaskUpdate", r#"{"taskId":"9","status":"completed"}"#),
        ];
        let log = Log::new(lines.join("\n").into_bytes());
        let state: Vec<(String, String)> = todos(&log.events).into_iter().collect();
        let state: Vec<(&str, &str)> = state.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(
            state,
            [
                ("a", "dropped"),
                ("b", "completed"),
                ("c", "in_progress"),
                ("u", "completed")
            ]
        );
        assert_eq!(number("Task #12 made, # 3").as_deref(), Some("12"));
    }
}
