//! `passdown hook EVENT`: what Claude Code's hooks call.
//!
//! Whatever happens, the session goes on: the exit code is 0, and standard
//! output is empty or holds the context that a start is given. A watchdog
//! ends what takes too long for whatever reason, a standard input that
//! stays open or a disk that does not answer, with what there is by then.

use std::ffi::OsString;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Outcome;
use super::args::{HookArgs, event};
use super::config::Config;
use super::layered::places;
use super::output;
use crate::discover::Env;
use crate::error::{Error, ErrorKind};
use crate::hook::{Call, Event, Input, Settings};
use crate::pipeline::Options;
use crate::rules::InForce;
use crate::safety::Level;

/// The bytes of input that are read; what hooks get is a few hundred, and the instructions for a compaction.
const MOST_INPUT: u64 = 1 << 20;
/// The share of its time that the work is given, in percent; the rest is for reading the input and for writing.
const FOR_WORK: u32 = 80;
/// The least time until the watchdog ends a hook: what is to be made in the background must be handed over before.
const LEAST_WATCH: Duration = Duration::from_secs(1);
/// The milliseconds that a handoff in the background may take.
const IN_BACKGROUND: &str = "600000";

/// What a start is given if time is up, until somebody says it.
#[derive(Clone, Default)]
struct Ready(Arc<Mutex<Option<String>>>);

impl Ready {
    fn put(&self, context: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }

    /// Says `context`; from then on there is nothing left to be said by the watchdog, which may be waiting for the lock.
    fn say(&self, context: Option<String>) -> Result<(), Error> {
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *ready = None;
        context.map_or(Ok(()), |context| output::print(&format!("{context}\n")))
    }

    /// Ends the process after `within`, with exit code 0 and what is ready by then.
    fn watch(&self, within: Duration) {
        let ready = self.clone();
        std::thread::spawn(move || {
            std::thread::sleep(within.max(LEAST_WATCH));
            // Nobody is left to be told if nobody reads.
            let mut ready = ready.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(context) = ready.take() {
                let _ = output::print(&format!("{context}\n"));
            }
            output::complain("passdown: the time of the hook is up");
            std::process::exit(0);
        });
    }
}

pub(super) fn run(args: &HookArgs, config: &Config) -> Result<Outcome, Error> {
    let begun = Instant::now();
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
    let whole = Duration::from_millis(args.within);
    let ready = Ready::default();
    ready.watch(whole);
    let mut bytes = Vec::new();
    let read = stdin.by_ref().take(MOST_INPUT).read_to_end(&mut bytes);
    let (input, wrong) = match read.map_err(|error| error.to_string()) {
        Ok(_) => match Input::parse(&bytes) {
            Ok(input) => (input, None),
            Err(wrong) => (Input::default(), Some(wrong)),
        },
        Err(wrong) => (Input::default(), Some(wrong)),
    };
    let env = Env::from_system();
    let understood = wrong.is_none();
    let mut problems: Vec<String> = wrong.into_iter().chain(config.wrong.clone()).collect();
    let (rules, handoff) = usual_if_wrong(args, &env, &mut problems);
    let settings = Settings {
        handoff,
        rules,
        max_age: args.max_age,
        keep: args.keep,
        within: (whole * FOR_WORK / 100).saturating_sub(begun.elapsed()),
    };
    let project = std::env::var_os("CLAUDE_PROJECT_DIR").map(PathBuf::from);
    let now = jiff::Timestamp::now();
    let call = Call::new(args.event, input, env, project, now);
    if understood {
        ready.put(call.ready(&settings));
        let ran = call.run(&settings);
        problems.extend(ran.problems);
        if let Err(error) = ready.say(ran.context) {
            problems.push(error.to_string());
        }
        if let Some(late) = ran.late
            && let Err(error) = go_on(&call, &late)
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

/// The exit code of a hook that failed, even by wrong arguments; none if the arguments of the process call no hook.
///
/// 0, since exit code 2 blocks what the hook is about and any other is shown to the user as an error of the session; 1 for
/// whoever tries it on a terminal.
pub(super) fn code_of_failure() -> Option<u8> {
    let called = std::env::args_os().nth(1).is_some_and(|arg| arg == "hook");
    called.then(|| u8::from(std::io::stdin().is_terminal()))
}

/// The rules and the options of handoffs; the usual ones where a file of them is wrong, which is a problem, but none of
/// the session's.
fn usual_if_wrong(args: &HookArgs, env: &Env, problems: &mut Vec<String>) -> (InForce, Options) {
    let mut told = |error: Error| problems.push(error.to_string());
    let read = places(&args.make.layers.rules, env).read();
    let rules = read.and_then(InForce::load).unwrap_or_else(|error| {
        told(error);
        InForce::default()
    });
    let asked = args
        .make
        .options()
        .and_then(|options| match options.redact.level {
            Level::Off => {
                let what = "hook: --redact off is not for what is given to other sessions";
                Err(ErrorKind::Usage(what.to_owned()).into())
            }
            _ => Ok(options),
        });
    let options = asked.unwrap_or_else(|error| {
        told(error);
        let mut plain = args.make.plain();
        if plain.redact.level == Level::Off {
            plain.redact.level = Level::Default;
        }
        plain
    });
    (rules, options)
}

/// Of the arguments behind `hook`, the options but for the time, which is another in the background.
fn passed_on(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut is_option = false;
    let mut is_within = false;
    for arg in args {
        let text = arg.to_string_lossy();
        if std::mem::take(&mut is_within) {
            continue;
        }
        if text == "--within" {
            is_within = true;
        } else if text.starts_with("--") {
            is_option = !text.contains('=');
            if !text.starts_with("--within=") {
                kept.push(arg);
            }
        } else if std::mem::take(&mut is_option) && event(&text).is_err() {
            kept.push(arg);
        }
    }
    kept
}

/// Makes the handoff of `transcript` in a process of its own, which outlives the session.
fn go_on(call: &Call, transcript: &Path) -> std::io::Result<()> {
    // At a start it is not known that the other session has ended.
    let event = match call.event {
        Event::SessionStart => Event::PreCompact,
        event => event,
    };
    let input = serde_json::json!({
        "session_id": crate::discover::id(transcript),
        "transcript_path": transcript.to_string_lossy(),
        "cwd": call.env.cwd.to_string_lossy(),
    });
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["hook", event.name(), "--within", IN_BACKGROUND])
        .args(passed_on(std::env::args_os().skip(2)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_background_is_given_the_options_without_event_and_time() {
        let check = |given: &str, expected: &str| {
            let kept = passed_on(given.split(' ').map(OsString::from));
            let kept: Vec<_> = kept.iter().map(|arg| arg.to_string_lossy()).collect();
            assert_eq!(kept.join(" "), expected, "{given}");
        };
        check("SessionEnd --budget 900 --within 5", "--budget 900");
        check("--within=5 SessionStart --keep=3", "--keep=3");
        check(
            "--anonymize session-end --rules a --rules b",
            "--anonymize --rules a --rules b",
        );
        check("PreCompact", "");
    }
}
