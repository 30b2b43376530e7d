//! A second log with a text planted in any field: those that name things, and those that arrive beside the conversation.

use serde_json::json;

use crate::planted::Log;

/// The fields and what stands in them by default.
pub(crate) const FIELDS: &[(&str, &str)] = &[
    ("branch", "fix/feed"),
    ("cwd", "/home/dev/shop"),
    ("model", "claude-opus-4-6"),
    ("server", "wiki"),
    ("tool", "lookup"),
    ("agent", "Explore"),
    ("errand", "Find callers of parse_row"),
    ("agent name", "scout"),
    ("file", "shop/feed.py"),
    ("found", "shop/cli.py"),
    ("changed", "shop/web.py"),
    ("subject", "feed: keep the last row"),
    ("earlier subject", "feed: read gzip"),
    ("new branch", "fix/rows"),
    ("test", "test_import"),
    ("error", "AssertionError: assert 17 == 18"),
    ("warning", "unused variable rows"),
    ("task", "Check the German fixtures"),
    ("task text", "They have umlauts in their names"),
    ("doing", "Checking the fixtures"),
    ("todo", "Add a test for an empty file"),
    ("plan", "1. Read the last row\n2. Add a test"),
    ("header", "Files"),
    ("question", "Shall empty files be an error?"),
    ("option", "Report them"),
    ("answer", "Report them"),
    ("note", "but quietly"),
    ("skill", "review"),
    ("slash", "deploy"),
    ("shell", "ls shop"),
    ("shell output", "cli.py feed.py web.py"),
    ("hook", "formatted 1 file"),
    ("hook error", "lint failed in shop/feed.py"),
    ("away", "The import test fails at 17/18."),
    ("title", "Import keeps the last row"),
    ("old summary", "Made the feed read gzip"),
    ("notice", "Background command finished"),
    ("api", "Overloaded"),
    ("found title", "CSV on the web"),
    ("found page", "CSV files may lack the last line end."),
    ("pull", "https://github.com/a/shop/pull/31"),
    ("log line", "2026-03-01 INFO read 17 rows"),
    ("cell", "rows = read()"),
];

/// Fields that hold what the user typed, which may ask.
pub(crate) const TYPED: &[&str] = &["answer", "note", "slash", "shell", "title"];

/// The facts that stand whatever is planted.
pub(crate) const FACTS: &[&str] = &[
    "17/18",
    "pytest tests/ -q",
    "4be81d7",
    "feed.py",
    "rows.csv",
];

/// A log in which `text` gives the words of a field, or none for the usual ones.
pub(crate) fn log(text: &dyn Fn(&str) -> Option<String>) -> String {
    let f = |field: &str| {
        let usual = FIELDS.iter().find(|(name, _)| *name == field);
        text(field).unwrap_or_else(|| usual.expect("a field").1.to_owned())
    };
    let usual = |field: &str| {
        ["branch", "cwd", "model"]
            .contains(&field)
            .then(|| f(field))
    };
    let mut log = Log::new(&usual);
    let session = "11111111-2222-4333-8444-555555555555";
    log.plain(&json!({"type": "summary", "summary": f("old summary"), "leafUuid": "u0"}));
    log.user(json!(
        "Make the import of rows.csv pass, it is at 17/18 now. Keep the old format."
    ));
    let slash = f("slash");
    log.user(json!(format!(
        "<command-message>{slash}</command-message>\n<command-name>/{slash}</command-name>\n<command-args>{slash}</command-args>"
    )));
    let (shell, said) = (f("shell"), f("shell output"));
    log.user(json!(format!("<bash-input>{shell}</bash-input>")));
    log.user(json!(format!(
        "<bash-stdout>{said}</bash-stdout><bash-stderr></bash-stderr>"
    )));
    let found = f("found");
    log.call(
        "Glob",
        json!({"pattern": "**/*.py"}),
        &format!("/home/dev/shop/{found}\n/home/dev/shop/shop/feed.py"),
        false,
        json!({"filenames": [found], "numFiles": 1}),
    );
    log.call(
        "Grep",
        json!({"pattern": "parse_row", "output_mode": "content"}),
        &format!("{found}:12:parse_row(x)"),
        false,
        json!({"mode": "content", "content": format!("{found}:12:parse_row(x)")}),
    );
    let (changed, earlier) = (f("changed"), f("earlier subject"));
    log.shell(
        "git status --short",
        &format!(" M {changed}\n?? shop/new.py"),
        false,
    );
    log.shell(
        "git log --oneline -3",
        &format!("9c0ffee {earlier}\n1234abc init"),
        false,
    );
    let branch = f("new branch");
    log.shell(
        &format!("git checkout -b '{branch}'"),
        &format!("Switched to a new branch '{branch}'"),
        false,
    );
    let (task, words, doing) = (f("task"), f("task text"), f("doing"));
    log.call(
        "TaskCreate",
        json!({"subject": task, "description": words, "activeForm": doing}),
        &format!("Task #1 created successfully: {task}"),
        false,
        json!({"task": {"id": "1", "subject": task}}),
    );
    log.call(
        "TaskUpdate",
        json!({"taskId": "1", "status": "in_progress", "activeForm": doing}),
        "Updated task #1 status",
        false,
        json!({"success": true, "taskId": "1", "updatedFields": ["status"], "statusChange": {"from": "pending", "to": "in_progress"}}),
    );
    let todo = f("todo");
    log.call(
        "TodoWrite",
        json!({"todos": [{"content": todo, "status": "in_progress", "activeForm": todo}, {"content": "Run it", "status": "pending", "activeForm": "x"}]}),
        "Todos have been modified successfully",
        false,
        json!({"newTodos": [{"content": todo, "status": "in_progress", "activeForm": todo}]}),
    );
    let plan = f("plan");
    log.call(
        "ExitPlanMode",
        json!({"plan": plan}),
        &format!(
            "User has approved your plan. You can now start coding.\n\n## Approved Plan:\n{plan}"
        ),
        false,
        json!({"plan": plan, "isAgent": false}),
    );
    let (header, question, option) = (f("header"), f("question"), f("option"));
    let (answer, note) = (f("answer"), f("note"));
    log.call(
        "AskUserQuestion",
        json!({"questions": [{"question": question, "header": header, "options": [{"label": option, "description": option}, {"label": "Skip", "description": "x"}], "multiSelect": false}]}),
        &format!("User has answered your questions: \"{question}\"=\"{answer}\" user notes: {note}. You can now continue with the user's answers in mind."),
        false,
        json!({"questions": [], "answers": {question.clone(): answer}, "annotations": {question.clone(): {"notes": note}}}),
    );
    log.call(
        "Skill",
        json!({"skill": f("skill"), "args": f("skill")}),
        "Launching skill",
        false,
        json!({"success": true, "commandName": f("skill")}),
    );
    let (agent, errand) = (f("agent"), f("errand"));
    log.call(
        "Agent",
        json!({"description": errand, "prompt": errand, "subagent_type": agent, "name": f("agent name")}),
        "Two callers.",
        false,
        json!({"status": "completed", "agentId": "5c20d7e1", "agentType": agent, "content": [{"type": "text", "text": "Two callers."}]}),
    );
    let (server, tool) = (f("server"), f("tool"));
    log.call(
        &format!("mcp__{server}__{tool}"),
        json!({"query": "feed"}),
        "Error: no such page",
        true,
        json!("Error: no such page"),
    );
    let (title, page) = (f("found title"), f("found page"));
    log.call(
        "WebSearch",
        json!({"query": "csv"}),
        &format!("Web search results for query: \"csv\"\n\nLinks: [{{\"title\":\"{title}\",\"url\":\"https://a.example\"}}]\n\n{page}"),
        false,
        json!({"query": "csv", "results": [{"content": [{"title": title, "url": "https://a.example"}]}, page]}),
    );
    let (file, cell) = (f("file"), f("cell"));
    log.call(
        "Write",
        json!({"file_path": format!("/home/dev/shop/{file}"), "content": cell}),
        &format!("File created successfully at: /home/dev/shop/{file}"),
        false,
        json!({"type": "create", "filePath": format!("/home/dev/shop/{file}"), "content": cell, "structuredPatch": []}),
    );
    log.call(
        "NotebookEdit",
        json!({"notebook_path": "/home/dev/shop/a.ipynb", "new_source": cell, "cell_id": "c1"}),
        "Updated cell c1",
        false,
        json!({"new_source": cell}),
    );
    let subject = f("subject");
    log.shell(
        &format!("git commit -am '{subject}'"),
        &format!("[fix/feed 4be81d7] {subject}\n 1 file changed, 2 insertions(+)"),
        false,
    );
    let pull = f("pull");
    log.shell("gh pr create --fill", &pull, false);
    log.plain(&json!({"type": "pr-link", "prNumber": 31, "prUrl": pull, "prRepository": "a/shop", "sessionId": session, "timestamp": "2026-03-01T10:02:00.000Z"}));
    let warning = f("warning");
    log.shell(
        "ruff check .",
        &format!("shop/feed.py:41:5: F841 {warning}\nFound 1 error."),
        true,
    );
    log.shell("tail -1 shop.log", &f("log line"), false);
    let (hook, refused) = (f("hook"), f("hook error"));
    log.record(json!({"type": "attachment", "attachment": {"type": "hook_success", "hookName": "PostToolUse:Write", "hookEvent": "PostToolUse", "toolUseID": "toolu_09", "content": hook, "stdout": hook, "stderr": "", "exitCode": 0}}));
    log.record(json!({"type": "attachment", "attachment": {"type": "hook_blocking_error", "hookName": "Stop", "hookEvent": "Stop", "toolUseID": "x", "blockingError": {"blockingError": refused, "command": "lint"}}}));
    log.record(json!({"type": "attachment", "attachment": {"type": "hook_additional_context", "hookName": "SessionStart", "hookEvent": "SessionStart", "toolUseID": "x", "content": [hook]}}));
    log.user(json!(format!("Stop hook feedback:\n{refused}")));
    let notice = f("notice");
    log.user(json!(format!("<task-notification>\n<task-id>b1</task-id>\n<status>failed</status>\n<summary>{notice}</summary>\n</task-notification>")));
    log.record(
        json!({"type": "system", "subtype": "away_summary", "content": f("away"), "isMeta": false}),
    );
    log.record(json!({"type": "system", "subtype": "api_error", "level": "error", "error": {"status": 529, "error": {"type": "error", "error": {"type": "overloaded_error", "message": f("api")}}}, "retryInMs": 500, "retryAttempt": 1, "maxRetries": 10}));
    let name = f("title");
    log.plain(&json!({"type": "custom-title", "customTitle": name, "sessionId": session}));
    log.plain(&json!({"type": "agent-name", "agentName": name, "sessionId": session}));
    let (test, error) = (f("test"), f("error"));
    log.shell(
        "pytest tests/ -q",
        &format!("F.\n=== FAILURES ===\n___ {test} ___\nE   {error}\nFAILED tests/test_feed.py::{test} - {error}\n1 failed, 17 passed in 0.61s"),
        true,
    );
    log.assistant(json!({"type": "text", "text": "One test fails still, 17/18 pass: the last row of rows.csv is lost in shop/feed.py."}));
    log.lines
}
