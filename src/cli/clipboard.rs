//! To the clipboard: by the system's own tool, or by asking the terminal.
//!
//! A tool says whether it worked, so it goes first: `pbcopy`, `clip.exe`,
//! `wl-copy`, `xclip`, `xsel`, `termux-clipboard-set`. Over SSH a tool would
//! fill the clipboard of the wrong machine; there, and where no tool is, the
//! terminal is asked (OSC 52), which does not answer. Within tmux it is tmux
//! that asks it: by default it lets no program within do so.

use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, ErrorKind};

/// How long a tool may take: one that waits for a display that is gone waits for ever.
const WITHIN: Duration = Duration::from_secs(2);
/// The most bytes of an OSC 52 sequence that terminals take: xterm and hterm stop at 100,000, others before.
const MOST: usize = 74_994;

/// A program that fills a clipboard from its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tool {
    name: &'static str,
    args: &'static [&'static str],
    /// It takes bytes beyond ASCII only as UTF-16.
    wide: bool,
}

const fn tool(name: &'static str, args: &'static [&'static str]) -> Tool {
    Tool {
        name,
        args,
        wide: false,
    }
}

const PBCOPY: Tool = tool("pbcopy", &[]);
const WL_COPY: Tool = tool("wl-copy", &[]);
const XCLIP: Tool = tool("xclip", &["-selection", "clipboard"]);
const XSEL: Tool = tool("xsel", &["--clipboard", "--input"]);
const TERMUX: Tool = tool("termux-clipboard-set", &[]);
const TMUX: Tool = tool("tmux", &["load-buffer", "-w", "-"]);
const CLIP: Tool = Tool {
    name: "clip.exe",
    args: &[],
    wide: true,
};

/// Copies by the first tool that works here; its name, or none if there is none.
pub(super) fn by_tool(text: &str) -> Option<&'static str> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let tools = tools(std::env::consts::OS, is_set);
    let worked = tools.into_iter().find(|tool| run(tool, text));
    worked.map(|tool| tool.name)
}

/// The tools to try on this system, the best first.
fn tools(system: &str, is_set: impl Fn(&str) -> bool) -> Vec<Tool> {
    let mut tools = Vec::new();
    let remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION");
    if !remote {
        match system {
            "macos" => tools.push(PBCOPY),
            "windows" => tools.push(CLIP),
            "android" => tools.push(TERMUX),
            _ => {
                if is_set("WAYLAND_DISPLAY") {
                    tools.push(WL_COPY);
                }
                if is_set("DISPLAY") {
                    tools.extend([XCLIP, XSEL]);
                }
                if is_set("WSL_DISTRO_NAME") {
                    tools.push(CLIP);
                }
            }
        }
    }
    if is_set("TMUX") {
        tools.push(TMUX);
    }
    tools
}

/// True if the tool is there and took the text.
fn run(tool: &Tool, text: &str) -> bool {
    let started = Command::new(tool.name)
        .args(tool.args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        return false;
    };
    let bytes = if tool.wide {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        text.as_bytes().to_vec()
    };
    if let Some(mut input) = child.stdin.take() {
        // A tool that does not read would keep this run waiting; its exit says what came of it.
        thread::spawn(move || input.write_all(&bytes));
    }
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if start.elapsed() < WITHIN => thread::sleep(Duration::from_millis(5)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// What asks a terminal to copy `text`; none if it is longer than terminals take.
pub(super) fn sequence(text: &str) -> Option<String> {
    let encoded = STANDARD.encode(text);
    (encoded.len() <= MOST).then(|| format!("\x1b]52;c;{encoded}\x07"))
}

/// What is said of a copy that nobody can confirm.
pub(super) const ASKED: &str =
    "asked the terminal to copy it (OSC 52): where pasting gives nothing, it does not allow that";
/// What is said where there is no way.
pub(super) const NO_WAY: &str = "no clipboard: none of pbcopy, clip.exe, wl-copy, xclip, xsel works here, and the terminal cannot be asked";

/// Copies `text`; what was done, in words.
///
/// # Errors
///
/// [`ErrorKind::Usage`], if there is neither a tool that works nor a terminal.
pub(super) fn copy(text: &str) -> Result<String, Error> {
    if let Some(name) = by_tool(text) {
        return Ok(format!("copied with {name}"));
    }
    let asked = sequence(text).is_some_and(|sequence| {
        let mut err = std::io::stderr();
        err.is_terminal() && err.write_all(sequence.as_bytes()).is_ok() && err.flush().is_ok()
    });
    match asked {
        true => Ok(ASKED.to_owned()),
        false => Err(ErrorKind::Usage(NO_WAY.to_owned()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_of_this_machine_is_not_used_from_another() {
        let check = |system: &str, set: &[&str], expected: &[&str]| {
            let tools = tools(system, |name| set.contains(&name));
            let names: Vec<&str> = tools.iter().map(|tool| tool.name).collect();
            assert_eq!(names, expected, "{system} {set:?}");
        };
        check("macos", &[], &["pbcopy"]);
        check("macos", &["SSH_TTY", "TMUX"], &["tmux"]);
        check("windows", &[], &["clip.exe"]);
        check("linux", &[], &[]);
        check(
            "linux",
            &["WAYLAND_DISPLAY", "DISPLAY"],
            &["wl-copy", "xclip", "xsel"],
        );
        check("linux", &["DISPLAY", "SSH_CONNECTION"], &[]);
        check("linux", &["WSL_DISTRO_NAME", "TMUX"], &["clip.exe", "tmux"]);
    }

    #[test]
    fn a_terminal_is_asked_in_base64_and_not_for_too_much() {
        assert_eq!(
            sequence("grün\n").as_deref(),
            Some("\x1b]52;c;Z3LDvG4K\x07")
        );
        assert_eq!(sequence(&"x".repeat(60_000)), None);
    }
}
