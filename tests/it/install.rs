//! Hooks in settings, come and gone; what looks after them.

use std::os::unix::fs::PermissionsExt;

use crate::run::Run;

const SETTINGS: &str = ".claude/settings.json";
const THEIRS: &str = r#"{
  "model": "opus",
  "hooks": {
    "SessionEnd": [{ "hooks": [{ "type": "command", "command": "say bye" }] }]
  },
  "env": {"KEY" : "1"}
}
"#;

fn read(run: &Run, path: &str) -> String {
    std::fs::read_to_string(run.path(path)).unwrap_or_default()
}

#[test]
fn hooks_come_and_go_and_leave_the_settings_as_they_were() {
    // The last is formatted as no editor would: the backup gives its bytes.
    for theirs in [THEIRS, "{}", "{\"model\":\"opus\"}", "{ }\r\n"] {
        let run = Run::new()
            .file(SETTINGS, theirs)
            .args(["install", "claude-code"]);
        std::fs::set_permissions(run.path(SETTINGS), PermissionsExt::from_mode(0o640))
            .expect("a mode");
        let ran = run.go().exits(0);
        assert!(
            ran.out.contains(
                "settings.json: hooks installed for SessionStart, PreCompact, SessionEnd"
            ),
            "{}",
            ran.out
        );
        let text = read(&run, SETTINGS);
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let list = json["hooks"]["SessionEnd"].as_array().expect("a list");
        let command = list.last().expect("ours")["hooks"][0]["command"]
            .as_str()
            .expect("a command");
        assert_eq!(
            command,
            format!("{} hook SessionEnd", env!("CARGO_BIN_EXE_passdown"))
        );
        assert_eq!(read(&run, ".claude/settings.json.before-passdown"), theirs);
        let again = run.go().exits(0);
        assert!(again.out.contains("installed already"), "{}", again.out);
        assert_eq!(read(&run, SETTINGS), text);
        let run = run.then(&["uninstall", "claude-code"], "");
        run.go().exits(0);
        assert_eq!(read(&run, SETTINGS), theirs);
        assert_eq!(
            std::fs::metadata(run.path(SETTINGS))
                .expect("it")
                .permissions()
                .mode()
                & 0o777,
            0o640
        );
        assert_eq!(
            std::fs::read_dir(run.path(".claude"))
                .expect("a folder")
                .count(),
            1
        );
        run.go().exits(1);
    }
}

#[test]
fn a_file_that_nobody_had_is_not_left_behind() {
    let run = Run::new().args(["install", "claude-code", "--local"]);
    run.go().exits(0);
    assert!(read(&run, ".claude/settings.local.json").contains(" hook PreCompact"));
    let run = run.then(&["uninstall", "claude-code", "--local"], "");
    run.go().exits(0);
    assert_eq!(
        std::fs::read_dir(run.path(".claude"))
            .expect("a folder")
            .count(),
        0
    );
}

#[test]
fn a_project_does_not_ask_its_people_to_have_passdown() {
    let run = Run::new().args(["install", "claude-code", "--project"]);
    run.go().exits(0);
    let text = read(&run, SETTINGS);
    assert!(
        text.contains(
            "if command -v passdown >/dev/null 2>&1; then passdown hook SessionStart; fi"
        ),
        "{text}"
    );
    assert!(!text.contains(env!("CARGO_BIN_EXE_passdown")), "{text}");
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let run = Run::new()
        .file(SETTINGS, THEIRS)
        .args(["install", "claude-code", "--dry-run"]);
    let ran = run.go().exits(0);
    assert!(
        ran.out.contains("--- ") && ran.out.contains("+    \"PreCompact\": ["),
        "{}",
        ran.out
    );
    let taken: Vec<&str> = ran
        .out
        .lines()
        .skip(1)
        .filter(|line| line.starts_with('-') && !line.contains("say bye") && *line != "-  },")
        .collect();
    assert_eq!(taken.len(), 0, "{}", ran.out);
    assert_eq!(read(&run, SETTINGS), THEIRS);
    assert_eq!(
        std::fs::read_dir(run.path(".claude"))
            .expect("a folder")
            .count(),
        1
    );
}

#[test]
fn settings_that_cannot_be_used_are_left_alone() {
    let broken = "{\n  // mine\n  \"model\": \"opus\"\n}\n";
    let run = Run::new()
        .file(SETTINGS, broken)
        .args(["install", "claude-code"]);
    let ran = run.go().exits(2);
    assert!(
        ran.err.contains("settings.json:2:3: not JSON")
            && ran.err.contains("there are comments")
            && ran.err.contains("left as it is"),
        "{}",
        ran.err
    );
    assert_eq!(read(&run, SETTINGS), broken);
    let run = run.file(SETTINGS, THEIRS);
    std::fs::set_permissions(run.path(SETTINGS), PermissionsExt::from_mode(0o444)).expect("a mode");
    let ran = run.go().exits(2);
    assert!(ran.err.contains("may not be written"), "{}", ran.err);
    assert_eq!(read(&run, SETTINGS), THEIRS);
    assert_eq!(
        std::fs::read_dir(run.path(".claude"))
            .expect("a folder")
            .count(),
        1
    );
}

#[test]
fn a_link_stays_a_link() {
    let run = Run::new()
        .file("dotfiles/claude.json", THEIRS)
        .file(".claude/x", "");
    std::os::unix::fs::symlink(run.path("dotfiles/claude.json"), run.path(SETTINGS))
        .expect("a link");
    let run = run.args(["install", "claude-code"]);
    run.go().exits(0);
    assert!(run.path(SETTINGS).is_symlink());
    assert!(read(&run, "dotfiles/claude.json").contains(" hook SessionEnd"));
}

#[test]
fn the_doctor_says_what_there_is_and_what_to_do() {
    let log = include_str!("../../corpora/sessions/protocol-example/session.jsonl");
    let run = Run::new()
        .file(
            ".claude/projects/-x/7e5dcce0-0000-4000-8000-000000000001.jsonl",
            log,
        )
        .file(SETTINGS, "{\"cleanupPeriodDays\": 99}")
        .args(["doctor"]);
    let ran = run.go().exits(0);
    for said in [
        "sessions   1, 45.0 kB",
        "Claude Code 2.",
        "99 days",
        "user     none: ",
        "`passdown install claude-code`",
        "`passdown list`",
    ] {
        assert!(ran.out.contains(said), "{said}:\n{}", ran.out);
    }
    let run = run.then(&["install", "claude-code"], "");
    run.go().exits(0);
    let run = run.then(&["doctor", "--format", "json"], "");
    let json: serde_json::Value = serde_json::from_str(&run.go().exits(0).out).expect("JSON");
    assert_eq!(
        json["settings"][0]["hooks"],
        serde_json::json!(["SessionStart", "PreCompact", "SessionEnd"])
    );
    assert_eq!(json["kept_days"], 99);
    // Nothing to read, and settings that are damaged.
    let ran = Run::new()
        .file(SETTINGS, "{")
        .args(["doctor"])
        .go()
        .exits(1);
    assert!(
        ran.out.contains("damaged") && ran.out.contains("settings.json:1:1: not JSON"),
        "{}",
        ran.out
    );
}

#[test]
fn shells_complete_sessions() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ran = Run::new().args(["completions", shell]).go().exits(0);
        assert!(
            ran.out.contains("PASSDOWN_COMPLETE"),
            "{shell}: {}",
            ran.out
        );
    }
    let run = Run::new();
    let folder = run
        .path("")
        .canonicalize()
        .expect("the folder")
        .display()
        .to_string();
    let log = include_str!("../../corpora/sessions/protocol-example/session.jsonl")
        .replace("/home/dev/agent-kit", folder.trim_end_matches('/'));
    let run = run
        .file(
            ".claude/projects/-x/7e5dcce0-0000-4000-8000-000000000001.jsonl",
            log,
        )
        .env("PASSDOWN_COMPLETE", "fish")
        .args(["--", "passdown", "show", "7e"]);
    let ran = run.go().exits(0);
    assert!(
        ran.out
            .contains("7e5dcce0-0000-4000-8000-000000000001\t2026-08-11 14:55 UTC"),
        "{}",
        ran.out
    );
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let ran = Run::new().args(["man"]).go().exits(0);
    assert!(ran.out.contains(".TH passdown 1"), "{}", ran.out);
    let run = Run::new().args(["man", "--out", "pages"]);
    run.go().exits(0);
    assert!(read(&run, "pages/passdown-install.1").contains("dry"));
}

/// The plugin in this repository does what `install --project` does.
#[test]
fn the_plugin_has_the_same_hooks() {
    let file = |path: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(path).expect("a file of the plugin");
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON")
    };
    let run = Run::new().args(["install", "claude-code", "--project"]);
    run.go().exits(0);
    let installed: serde_json::Value = serde_json::from_str(&read(&run, SETTINGS)).expect("JSON");
    assert_eq!(file("plugin/hooks/hooks.json")["hooks"], installed["hooks"]);
    let plugin = file("plugin/.claude-plugin/plugin.json");
    assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"));
    let listed = &file(".claude-plugin/marketplace.json")["plugins"][0];
    assert_eq!(
        (&listed["name"], &listed["source"]),
        (&plugin["name"], &"./plugin".into())
    );
    // Where it is enabled, there is nothing to install.
    let enabled = Run::new()
        .file(
            SETTINGS,
            r#"{"enabledPlugins": {"passdown@passdown": true}}"#,
        )
        .args(["doctor"]);
    let ran = enabled.go();
    assert!(
        ran.out.contains("user     the plugin: ") && !ran.out.contains("install claude-code"),
        "{}",
        ran.out
    );
}
