//! The picker without a terminal, and the clipboard. With a terminal: the tests beside it.

use std::os::unix::fs::PermissionsExt;

use crate::run::Run;

const PROMPT: &str = r#"{"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/home/dev/shop","sessionId":"11111111-2222-4333-8444-555555555555","version":"2.1.30","gitBranch":"main","type":"user","message":{"role":"user","content":"Make the budget test pass"},"uuid":"u1","timestamp":"2026-03-01T10:00:00.000Z"}"#;

#[test]
#[cfg(feature = "pick")]
fn without_a_terminal_it_says_what_to_do_instead() {
    let ran = Run::new().arg("pick").go().exits(2);
    assert_eq!(ran.out, "");
    assert!(
        ran.err
            .starts_with("passdown: pick needs a terminal; in a pipe, `passdown list`"),
        "{}",
        ran.err
    );
    assert_eq!(ran.err.lines().count(), 1);
}

/// A folder with a program of this name that keeps what it is given, if `works`.
fn with_tool(name: &str, works: bool) -> Run {
    let run = Run::new().file("s.jsonl", format!("{PROMPT}\n"));
    let script = match works {
        true => "#!/bin/sh\ncat > clipboard\n",
        false => "#!/bin/sh\nexit 1\n",
    };
    let run = run.file(&format!("bin/{name}"), script);
    let path = run.path(&format!("bin/{name}"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let path = format!("{}:/usr/bin:/bin", run.path("bin").display());
    run.env("PATH", &path).args(["s.jsonl", "--copy"])
}

#[test]
#[cfg(not(target_os = "macos"))]
fn a_copy_goes_to_the_clipboard_and_nowhere_else() {
    let run = with_tool("wl-copy", true).env("WAYLAND_DISPLAY", "wayland-0");
    let ran = run.go().exits(0);
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("", "passdown: copied with wl-copy\n")
    );
    let copied = std::fs::read_to_string(run.path("clipboard")).expect("a clipboard");
    assert!(copied.starts_with("# Task: Make the budget test pass"));
}

#[test]
fn without_a_clipboard_a_copy_fails_and_says_so() {
    for run in [
        with_tool("wl-copy", true),
        with_tool("wl-copy", false).env("WAYLAND_DISPLAY", "wayland-0"),
        with_tool("wl-copy", true)
            .env("WAYLAND_DISPLAY", "wayland-0")
            .env("SSH_TTY", "/dev/pts/1"),
    ] {
        let ran = run.go().exits(2);
        assert_eq!(ran.out, "");
        assert!(ran.err.contains("no clipboard: "), "{}", ran.err);
        assert!(!run.path("clipboard").exists());
    }
}
