//! A log with a text planted in any field that a handoff may show.

use serde_json::{Value, json};

/// The fields, by their names here.
pub(crate) const FIELDS: &[&str] = &[
    "prompt", "queued", "say", "think", "command", "about", "output", "stderr", "failure", "path",
    "old", "new", "todo", "subject", "task", "report", "page", "tool", "argument", "answer",
    "commit", "question", "option", "chosen", "refusal", "summary", "title", "notice", "hook",
    "branch", "cwd", "model",
];

/// What holds without a text of its own.
fn usual(field: &str) -> &'static str {
    match field {
        "prompt" => "Make the import test pass, it is at 17/18 now",
        "queued" => "and keep the old format readable",
        "say" => "The parser drops the last row; I mend it in `shop/feed.py`.",
        "think" => "the last row has no newline",
        "command" => "grep -rn parse_row shop",
        "about" => "Find the parser",
        "output" => "shop/feed.py:41:def parse_row(line):",
        "stderr" => "warning: deprecated call",
        "failure" => "AssertionError: assert 17 == 18",
        "path" => "/home/dev/shop/shop/feed.py",
        "old" => "return rows[:-1]",
        "new" => "return rows",
        "todo" => "Add a test for an empty file",
        "subject" => "Check the German fixtures",
        "task" => "Find callers of parse_row",
        "report" => "Two callers: shop/cli.py:12 and shop/web.py:80.",
        "page" => "CSV files may lack the last line end.",
        "tool" => "lookup",
        "argument" => "feed format",
        "answer" => "one record a line",
        "commit" => "feed: keep the last row",
        "question" => "Shall empty files be an error?",
        "option" => "Report them",
        "chosen" => "Report them",
        "refusal" => "do not touch the fixtures, they are shared",
        "summary" => "The user wants the import test to pass.",
        "title" => "Import keeps the last row",
        "notice" => "Background command finished",
        "hook" => "formatted 1 file",
        "branch" => "fix/feed",
        "cwd" => "/home/dev/shop",
        _ => "claude-opus-4-6",
    }
}

/// The lines of a log in the making.
pub(crate) struct Log<'t> {
    pub(crate) text: &'t dyn Fn(&str) -> Option<String>,
    pub(crate) lines: String,
    count: u32,
}

impl<'t> Log<'t> {
    pub(crate) fn new(text: &'t dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            text,
            lines: String::new(),
            count: 0,
        }
    }

    fn field(&self, field: &str) -> String {
        (self.text)(field).unwrap_or_else(|| usual(field).to_owned())
    }

    pub(crate) fn plain(&mut self, record: &Value) {
        self.lines.push_str(&record.to_string());
        self.lines.push('\n');
    }

    /// A record of the conversation.
    pub(crate) fn record(&mut self, mut record: Value) {
        let parent = match self.count {
            0 => Value::Null,
            n => json!(format!("u{n}")),
        };
        self.count += 1;
        let rest = json!({
            "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": self.field("cwd"),
            "sessionId": "11111111-2222-4333-8444-555555555555", "version": "2.1.42", "gitBranch": self.field("branch"),
            "uuid": format!("u{}", self.count), "timestamp": format!("2026-03-01T10:{:02}:{:02}.000Z", self.count / 60, self.count % 60),
        });
        if let (Some(record), Value::Object(rest)) = (record.as_object_mut(), rest) {
            record.extend(rest);
        }
        self.plain(&record);
    }

    pub(crate) fn user(&mut self, content: Value) {
        self.record(json!({"type": "user", "message": {"role": "user", "content": content}}));
    }

    pub(crate) fn assistant(&mut self, block: Value) {
        let message = json!({
            "model": self.field("model"), "id": format!("msg_{}", self.count), "type": "message", "role": "assistant",
            "content": [block], "stop_reason": null, "usage": {"input_tokens": 5, "output_tokens": 50},
        });
        self.record(json!({"type": "assistant", "message": message, "requestId": format!("req_{}", self.count)}));
    }

    pub(crate) fn call(
        &mut self,
        tool: &str,
        input: Value,
        output: &str,
        failed: bool,
        more: Value,
    ) {
        let id = format!("toolu_{:02}", self.count);
        self.assistant(json!({"type": "tool_use", "id": id, "name": tool, "input": input}));
        let content = json!([{"type": "tool_result", "tool_use_id": id, "content": output, "is_error": failed}]);
        self.record(json!({"type": "user", "message": {"role": "user", "content": content}, "toolUseResult": more}));
    }

    pub(crate) fn shell(&mut self, command: &str, output: &str, failed: bool) {
        let more = json!({"stdout": output, "stderr": "", "interrupted": false, "isImage": false});
        let input = json!({"command": command, "description": "Run it"});
        self.call("Bash", input, output, failed, more);
    }
}

/// A log in which `text` gives the words of a field, or none for the usual ones.
pub(crate) fn log(text: &dyn Fn(&str) -> Option<String>) -> String {
    let mut log = Log::new(text);
    let f = |log: &Log<'_>, field: &str| log.field(field);
    let (prompt, say, think) = (f(&log, "prompt"), f(&log, "say"), f(&log, "think"));
    log.user(json!(prompt));
    log.assistant(json!({"type": "thinking", "thinking": think, "signature": "c2ln"}));
    log.assistant(json!({"type": "text", "text": say}));
    let (command, about) = (f(&log, "command"), f(&log, "about"));
    let (output, stderr) = (f(&log, "output"), f(&log, "stderr"));
    let more = json!({"stdout": output, "stderr": stderr, "interrupted": false, "isImage": false});
    let input = json!({"command": command, "description": about});
    log.call("Bash", input, &format!("{output}\n{stderr}"), false, more);
    let (path, page) = (f(&log, "path"), f(&log, "page"));
    let more = json!({"type": "text", "file": {"filePath": path, "content": page, "numLines": 1, "startLine": 1, "totalLines": 1}});
    log.call("Read", json!({"file_path": path}), &page, false, more);
    let todos = |todo: &str, status: &str| {
        json!({"todos": [
            {"content": todo, "status": status, "activeForm": todo},
            {"content": "Run the whole suite", "status": "completed", "activeForm": "Running"}
        ]})
    };
    let todo = f(&log, "todo");
    log.call(
        "TodoWrite",
        todos(&todo, "pending"),
        "Todos have been modified successfully",
        false,
        json!({}),
    );
    let subject = f(&log, "subject");
    let input = json!({"subject": subject, "description": subject, "activeForm": subject});
    let made = format!("Task #1 created successfully: {subject}");
    log.call(
        "TaskCreate",
        input,
        &made,
        false,
        json!({"task": {"id": "1", "subject": subject}}),
    );
    let (old, new) = (f(&log, "old"), f(&log, "new"));
    let input =
        json!({"file_path": path, "old_string": old, "new_string": new, "replace_all": false});
    let more = json!({"filePath": path, "oldString": old, "newString": new, "originalFile": old, "structuredPatch": []});
    log.call(
        "Edit",
        input,
        &format!("The file {path} has been updated."),
        false,
        more,
    );
    let (task, report) = (f(&log, "task"), f(&log, "report"));
    let input = json!({"description": task, "prompt": task, "subagent_type": "Explore"});
    let more = json!({"status": "completed", "prompt": task, "agentId": "5c20d7e1", "content": [{"type": "text", "text": report}]});
    log.call("Task", input, &report, false, more);
    log.call(
        "WebFetch",
        json!({"url": format!("https://a.example/{}", f(&log, "argument")), "prompt": "format"}),
        &page,
        false,
        json!({}),
    );
    let (tool, argument, answer) = (f(&log, "tool"), f(&log, "argument"), f(&log, "answer"));
    log.call(
        &format!("mcp__wiki__{tool}"),
        json!({"query": argument}),
        &answer,
        false,
        json!({}),
    );
    log.plain(&json!({"type": "queue-operation", "operation": "enqueue", "timestamp": "2026-03-01T10:01:00.000Z", "sessionId": "11111111-2222-4333-8444-555555555555", "content": f(&log, "queued")}));
    let queued = f(&log, "queued");
    log.user(json!(queued));
    let commit = f(&log, "commit");
    log.shell(
        &format!("git commit -am '{commit}'"),
        &format!("[fix/feed 4be81d7] {commit}\n 1 file changed, 2 insertions(+)"),
        false,
    );
    let (question, option, chosen) = (f(&log, "question"), f(&log, "option"), f(&log, "chosen"));
    let input = json!({"questions": [{"question": question, "header": "Files", "options": [{"label": option, "description": option}, {"label": "Skip them", "description": "quietly"}], "multiSelect": false}]});
    let said = format!(
        "User has answered your questions: \"{question}\"=\"{chosen}\". You can now continue with the user's answers in mind."
    );
    log.call(
        "AskUserQuestion",
        input,
        &said,
        false,
        json!({"questions": [], "answers": {question.clone(): chosen}}),
    );
    let refusal = f(&log, "refusal");
    let refused = format!(
        "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file). To tell you how to proceed, the user said:\n{refusal}"
    );
    log.call(
        "Write",
        json!({"file_path": "/home/dev/shop/fixtures/a.csv", "content": "a"}),
        &refused,
        true,
        json!("Error: refused"),
    );
    let title = f(&log, "title");
    log.plain(&json!({"type": "ai-title", "aiTitle": title, "sessionId": "11111111-2222-4333-8444-555555555555"}));
    let summary = f(&log, "summary");
    log.record(json!({"type": "system", "subtype": "compact_boundary", "content": "Conversation compacted", "isMeta": false, "level": "info", "compactMetadata": {"trigger": "auto", "preTokens": 167_204}}));
    let told = format!(
        "This session is being continued from a previous conversation that ran out of context. The summary below covers the earlier portion of the conversation.\n\nSummary:\n1. Primary Request and Intent:\n   {summary}\n2. Pending Tasks:\n   - {summary}"
    );
    log.record(json!({"type": "user", "message": {"role": "user", "content": told}, "isCompactSummary": true, "isVisibleInTranscriptOnly": true}));
    let notice = f(&log, "notice");
    log.user(json!(format!("<task-notification>\n<task-id>b1</task-id>\n<status>completed</status>\n<summary>{notice}</summary>\n</task-notification>")));
    let hook = f(&log, "hook");
    log.record(json!({"type": "system", "subtype": "informational", "content": format!("PostToolUse:Edit hook: {hook}"), "isMeta": false, "level": "info"}));
    let failure = f(&log, "failure");
    log.shell(
        "pytest tests/ -q",
        &format!("F.\n=== FAILURES ===\n___ test_import ___\nE   {failure}\nFAILED tests/test_feed.py::test_import - {failure}\n1 failed, 17 passed in 0.61s"),
        true,
    );
    log.assistant(json!({"type": "text", "text": say}));
    log.lines
}
