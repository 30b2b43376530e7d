//! `passdown hook EVENT`: what Claude Code's hooks call.
//!
//! Whatever happens, the session goes on: the exit code is 0, and standard
//! output is empty or holds the context that a start is given.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Outcome;
use super::args::HookArgs;
use super::output;
use crate::discover::Env;
use crate::error::{Error, ErrorKind};
use crate::hook::{Call, Event, Input, Settings};

/// The bytes of input that are read; what hooks get is a few hundred, and the instructions for a compaction.
const MOST_INPUT: u64 = 16 * 1024 * 1024;
/// The milliseconds that a handoff in the background may take.
const IN_BACKGROUND: &str = "600000";

pub(super) fn run(args: &HookArgs) -> Result<Outcome, Error> {
    if std::env::var("PASSDOWN_HOOKS").is_ok_and(|value| value == "off") {
        return Ok(Outcome::Done);
    }
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(ErrorKind::Usage(format!(
            "hook {}: for Claude Code, which gives JSON on standard input; see `passdown install --help`",
            args.event.name()
        ))
        .into());
    }
    let mut bytes = Vec::new();
    let read = stdin.by_ref().take(MOST_INPUT).read_to_end(&mut bytes);
    let (input, wrong) = match read.map_err(|error| error.to_string()) {
        Ok(_) => match Input::parse(&bytes) {
            Ok(input) => (input, None),
            Err(wrong) => (Input::default(), Some(wrong)),
        },
        Err(wrong) => (Input::default(), Some(wrong)),
    };
    let settings = Settings {
        budget: args.budget,
        max_age: args.max_age,
        keep: args.keep,
        within: Duration::from_millis(args.within),
        ..Settings::default()
    };
    let project = std::env::var_os("CLAUDE_PROJECT_DIR").map(PathBuf::from);
    let now = jiff::Timestamp::now();
    let call = Call::new(args.event, input, Env::from_system(), project, now);
    let mut problems: Vec<String> = wrong.into_iter().collect();
    if problems.is_empty() {
        let ran = call.run(&settings);
        problems.extend(ran.problems);
        if let Some(context) = ran.context
            && let Err(error) = output::print(&format!("{context}\n"))
        {
            problems.push(error.to_string());
        }
        if let Some(late) = ran.late
            && let Err(error) = go_on(args, &call, &late)
        {
            problems.push(format!("{}: not made in time: {error}", late.display()));
        }
    }
    let store = call.store();
    for problem in problems {
        output::complain(&format!("passdown: {problem}"));
        if let Err(error) = store.note(call.now, call.event.name(), &problem) {
            output::complain(&format!("passdown: {error}"));
        }
    }
    Ok(Outcome::Done)
}

/// Whether the arguments of the process call a hook: then exit code 2, which blocks what the hook is about, is out of
/// the question even for wrong ones.
pub(super) fn is_called() -> bool {
    std::env::args_os().nth(1).is_some_and(|arg| arg == "hook")
}

/// Makes the handoff of `transcript` in a process of its own, which outlives the session.
fn go_on(args: &HookArgs, call: &Call, transcript: &Path) -> std::io::Result<()> {
    // At a start it is not known that the other session has ended.
    let event = match call.event {
        Event::SessionStart => Event::PreCompact,
        event => event,
    };
    let input = serde_json::json!({
        "session_id": transcript.file_stem().map(|stem| stem.to_string_lossy()),
        "transcript_path": transcript.to_string_lossy(),
        "cwd": call.env.cwd.to_string_lossy(),
    });
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["hook", event.name(), "--within", IN_BACKGROUND])
        .args(["--budget", &args.budget.to_string()])
        .args(["--keep", &args.keep.to_string()])
        .env("CLAUDE_PROJECT_DIR", &call.project)
        .current_dir(&call.project)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What ends the session's group of processes is not to end this one.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(input.to_string().as_bytes()),
        None => Ok(()),
    }
}
