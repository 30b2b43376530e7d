//! A clean home with somebody's settings: hooks are installed, two sessions live through them, and all is as before.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::Run;

const SETTINGS: &str = ".claude/settings.json";
/// Hooks of others on the same events, and a taste in spaces that no program has.
const THEIRS: &str = r#"{
    "model": "opus",

    "permissions": { "allow": ["Bash(git diff:*)"] },
    "hooks": {
        "SessionEnd": [
            { "hooks": [ { "type": "command", "command": "true bye", "timeout": 3 } ] }
        ],
        "SessionStart": [ { "matcher": "startup", "hooks": [ { "type": "command", "command": "true hello" } ] } ],
        "PostToolUse" :[{"matcher":"Edit","hooks":[{"type":"command","command":"true edited"}]}]
    },
    "env": {"KEY" : "1\u00e9"}
}"#;
const A: &str = "aaaaaaaa-2222-4333-8444-555555555555";
const B: &str = "bbbbbbbb-2222-4333-8444-555555555555";

/// A home, and a project in a repository.
struct Home(Run);

impl Home {
    fn new() -> Self {
        let run = Run::new()
            .file(SETTINGS, THEIRS)
            .file("work/.git/HEAD", "ref: refs/heads/main\n");
        Self(run)
    }

    fn log_path(&self, id: &str) -> String {
        let path = format!(".claude/projects/-work/{id}.jsonl");
        self.0.path(&path).display().to_string()
    }

    /// Adds records to the log of a session: texts of the user, each answered.
    fn says(self, id: &str, texts: &[&str]) -> Self {
        let work = self.0.path("work").display().to_string();
        let old = std::fs::read_to_string(self.log_path(id)).unwrap_or_default();
        let mut log = old.clone();
        let mut count = old.lines().count();
        let mut add = |kind: &str, message: Value| {
            let parent = (count > 0).then(|| format!("u{count}"));
            count += 1;
            let record = json!({
                "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": work, "sessionId": id,
                "version": "2.1.230", "gitBranch": "main", "type": kind, "message": message, "uuid": format!("u{count}"),
                "timestamp": jiff::Timestamp::now().to_string(),
            });
            log.push_str(&format!("{record}\n"));
        };
        for text in texts {
            add("user", json!({ "role": "user", "content": text }));
            let said = json!([{ "type": "text", "text": "Looking." }]);
            add(
                "assistant",
                json!({ "model": "claude-opus-4-5-20251101", "id": "m", "type": "message", "role": "assistant", "content": said }),
            );
        }
        let path = format!(".claude/projects/-work/{id}.jsonl");
        Self(self.0.file(&path, log))
    }

    /// What the settings have for an event, in their order.
    fn commands(&self, event: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.0.path(SETTINGS)).expect("the settings");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let matchers = value["hooks"][event].as_array().cloned();
        (matchers.unwrap_or_default().iter())
            .flat_map(|matcher| matcher["hooks"].as_array().cloned().unwrap_or_default())
            .map(|hook| hook["command"].as_str().expect("a command").to_owned())
            .collect()
    }

    /// Has an event happen: every command that the settings have for it is run by a shell, with the input as it is documented. What they
    /// print together.
    fn event(&self, event: &str, id: &str, more: &[(&str, &str)]) -> String {
        let work = self.0.path("work");
        let mut input = json!({
            "session_id": id, "transcript_path": self.log_path(id), "cwd": work, "hook_event_name": event,
            "permission_mode": "default", "prompt_id": "p-1", "effort": { "level": "high" },
        });
        for (key, value) in more {
            input[*key] = json!(value);
        }
        let mut said = String::new();
        for command in self.commands(event) {
            let mut child = Command::new("sh")
                .args(["-c", &command])
                .current_dir(&work)
                .env("HOME", self.0.path(""))
                .env("CLAUDE_PROJECT_DIR", &work)
                .env("CLAUDE_CODE_SESSION_ID", id)
                .env_remove("CLAUDE_CONFIG_DIR")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("a shell");
            let mut stdin = child.stdin.take().expect("its input");
            // One that reads nothing may be gone already.
            let _ = stdin.write_all(input.to_string().as_bytes());
            drop(stdin);
            let ran = child.wait_with_output().expect("its end");
            assert!(ran.status.success(), "{command}: {ran:?}");
            said.push_str(&String::from_utf8(ran.stdout).expect("UTF-8"));
        }
        said
    }

    /// The context that a start gives.
    fn start(&self, id: &str, source: &str) -> Option<String> {
        let said = self.event(
            "SessionStart",
            id,
            &[("source", source), ("model", "claude-opus-4-5")],
        );
        if said.is_empty() {
            return None;
        }
        let value: Value = serde_json::from_str(&said).expect("JSON, for it begins with a brace");
        let output = &value["hookSpecificOutput"];
        assert_eq!(output["hookEventName"], "SessionStart");
        Some(
            output["additionalContext"]
                .as_str()
                .expect("a text")
                .to_owned(),
        )
    }

    /// Every file of the home but for logs, with its bytes.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut left = vec![self.0.path("")];
        let mut files = Vec::new();
        while let Some(folder) = left.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    left.push(path);
                } else if path.extension().is_none_or(|end| end != "jsonl") {
                    let name = path.strip_prefix(self.0.path("")).expect("within");
                    files.push((
                        name.display().to_string(),
                        std::fs::read(&path).expect("a file"),
                    ));
                }
            }
        }
        files.sort();
        files
    }
}

#[test]
fn sessions_live_with_the_hooks_and_all_is_as_it_was() {
    let home = Home::new();
    let before = home.files();
    let home = Home(home.0.then(&["install", "claude-code"], ""));
    home.0.go().exits(0);
    assert_eq!(home.commands("SessionEnd").len(), 2, "theirs and ours");
    assert_eq!(home.commands("SessionEnd")[0], "true bye");

    // The first session finds nothing, works, and ends.
    assert_eq!(home.start(A, "startup"), None);
    let home = home.says(
        A,
        &["Make the upload retry three times. Always run the tests with -q."],
    );
    assert_eq!(
        home.event("SessionEnd", A, &[("reason", "prompt_input_exit")]),
        ""
    );

    // The next one is given what it left: once, though the event comes twice.
    let given = home.start(B, "startup").expect("a handoff");
    assert!(
        given.starts_with(
            "Handoff by passdown: what session aaaaaaaa of this project, branch `main`, left "
        ),
        "{given}"
    );
    assert!(
        given.contains("Make the upload retry three times")
            && given.contains("Always run the tests with -q")
    );
    assert_eq!(home.start(B, "startup"), None);
    assert_eq!(home.start(B, "resume"), None);

    // It works, is compacted in its middle, and is given its own state; a subagent's compaction is nobody's.
    let home = home.says(
        B,
        &[
            "Write the changelog entry for the retries",
            "Use past tense",
        ],
    );
    assert_eq!(
        home.event("PreCompact", B, &[("trigger", "auto"), ("agent_id", "a1")]),
        ""
    );
    assert_eq!(
        home.event(
            "PreCompact",
            B,
            &[("trigger", "auto"), ("custom_instructions", "")]
        ),
        ""
    );
    let given = home.start(B, "compact").expect("its own state");
    assert!(
        given.starts_with("Handoff by passdown: the state of this session before its compaction"),
        "{given}"
    );
    assert!(
        given.contains("changelog entry") && !given.contains("upload retry"),
        "{given}"
    );
    assert_eq!(home.start(B, "compact"), None);
    assert_eq!(home.event("SessionEnd", B, &[("reason", "clear")]), "");

    // What was written lies in one folder, which git ignores, and nothing went wrong.
    let made: Vec<String> = (home.files().into_iter())
        .map(|(name, _)| name)
        .filter(|name| !before.iter().any(|(old, _)| old == name))
        .collect();
    let (ours, rest): (Vec<_>, Vec<_>) =
        (made.iter()).partition(|name| name.starts_with("work/.passdown/handoffs/"));
    assert_eq!(rest, [".claude/settings.json.before-passdown"]);
    assert!(ours.iter().any(|name| name.ends_with("/.gitignore")));
    assert!(
        !ours.iter().any(|name| name.ends_with("problems.log")),
        "{ours:?}"
    );
    assert_eq!(ours.iter().filter(|name| name.ends_with(".md")).count(), 2);

    let home = Home(home.0.then(&["uninstall", "claude-code"], ""));
    home.0.go().exits(0);
    let mut after = home.files();
    after.retain(|(name, _)| !name.starts_with("work/.passdown/handoffs/"));
    assert_eq!(after, before);
}
