//! `passdown completions SHELL`: what a shell needs to complete arguments.
//!
//! The script asks the command itself, so completions are those of the
//! installed version, and sessions can be completed.

use std::ffi::OsStr;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{CompleteEnv, Shells};

use super::Outcome;
use super::args::{Args, CompletionsArgs};
use super::output;
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::safety;

/// The variable by which a shell's script asks for completions.
const ASKED: &str = "PASSDOWN_COMPLETE";
/// The sessions that are offered: the newest of the project.
const OFFERED: usize = 30;

/// Answers a shell that asks for completions, and ends the process then.
pub(super) fn answer() {
    CompleteEnv::with_factory(Args::command)
        .var(ASKED)
        .complete();
}

pub(super) fn run(args: &CompletionsArgs) -> Result<Outcome, Error> {
    let name = args.shell.word();
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let shell = shells
        .completer(name)
        .ok_or_else(|| ErrorKind::Usage(format!("{name}: no completions for this shell")))?;
    shell
        .write_registration(ASKED, "passdown", "passdown", "passdown", &mut script)
        .map_err(|error| Error::io("completions", error))?;
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}

/// The ids of the project's newest sessions that begin with what was typed, and paths.
pub(super) fn sessions(typed: &OsStr) -> Vec<CompletionCandidate> {
    let head = typed.to_string_lossy();
    let mut candidates: Vec<CompletionCandidate> = discover::of_project(&Env::from_system())
        .filter_map(|path| candidate(&path, &head))
        .take(OFFERED)
        .collect();
    candidates.extend(PathCompleter::any().complete(typed));
    candidates
}

fn candidate(path: &Path, head: &str) -> Option<CompletionCandidate> {
    let id = discover::id(path);
    let offered = id.starts_with(head) && safety::clean(&id) == *id;
    let time =
        discover::last_time(path).map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string());
    offered.then(|| CompletionCandidate::new(id).help(time.map(Into::into)))
}
