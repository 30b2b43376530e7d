//! The command: arguments, wiring, exit codes. Knows everything below.
//!
//! Standard output carries the result and nothing else; problems go to
//! standard error. Exit codes: 0 a result was written, 1 nothing to hand over
//! or something to mend, 2 the run failed, 130 it was interrupted.

mod args;
#[cfg(feature = "batch")]
mod batch;
mod check;
mod clipboard;
mod completions;
mod config;
mod diff;
mod doctor;
mod eval;
mod explain;
mod handoff;
mod hook;
mod install;
mod layered;
mod list;
mod making;
mod man;
mod markup;
#[cfg(feature = "mcp")]
mod mcp;
mod output;
#[cfg(feature = "pick")]
mod pick;
#[cfg(feature = "batch")]
mod progress;
mod redact;
mod redaction;
#[cfg(feature = "batch")]
mod report;
mod rules;
mod selection;
mod show;
mod table;
mod terminal;
mod tune;
mod worker;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{CommandFactory, FromArgMatches};

use crate::discover::Env;
use crate::error::{Error, ErrorKind};
use args::{Action, Args};
use config::Config;
pub use worker::answer;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// A result was written.
    Done,
    /// There was nothing to hand over, or what was to be tested failed.
    Nothing,
    /// A signal stopped it.
    #[cfg(any(feature = "batch", feature = "pick"))]
    Stopped,
}

/// Where the last panic was that nobody was told of yet.
static UNTOLD: Mutex<Option<String>> = Mutex::new(None);

/// Runs the command with the arguments of the process.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| tell_of_panic(&place_of(panic))));
    std::panic::catch_unwind(called).unwrap_or_else(|_| {
        let untold = UNTOLD.lock().map(|mut it| it.take());
        if let Ok(Some(place)) = untold {
            tell_of_panic(&place);
        }
        failed()
    })
}

/// From now on a panic is told only if it ends the program: for what makes one a problem of the session that it befell.
#[cfg(feature = "batch")]
fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut untold) = UNTOLD.lock() {
            *untold = Some(place_of(panic));
        }
    }));
}

/// The message of a panic could hold text of the log; its place does not.
fn place_of(panic: &std::panic::PanicHookInfo<'_>) -> String {
    panic
        .location()
        .map_or_else(String::new, ToString::to_string)
}

fn tell_of_panic(place: &str) {
    output::complain(&format!(
        "passdown: a mistake of this program stopped it at {place}; please report it"
    ));
}

/// What a failed run says to who called it: a hook disturbs no session.
fn failed() -> ExitCode {
    ExitCode::from(hook::code_of_failure().unwrap_or(2))
}

fn called() -> ExitCode {
    completions::answer();
    let command = Args::command();
    let given: Vec<OsString> = std::env::args_os().collect();
    let config = Config::read(&Env::from_system(), &given, &command);
    let parsed = (config.applied(command).try_get_matches_from(given))
        .and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            let _ = error.print();
            // Help is no failure.
            let failed = hook::code_of_failure().filter(|_| code != 0);
            return ExitCode::from(failed.unwrap_or(code));
        }
    };
    // What installs, repairs and explains works with damaged files too; hooks disturb no session.
    let needs_config = !matches!(
        &args.action,
        Some(
            Action::Config(_)
                | Action::Completions(_)
                | Action::Doctor(_)
                | Action::Hook(_)
                | Action::Install(_)
                | Action::Man(_)
                | Action::Uninstall(_)
        )
    );
    let ran = if needs_config { config.sound() } else { Ok(()) };
    terminal::choose(args.color);
    let ran = ran.and_then(|()| run(&args, &config));
    match ran {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        #[cfg(any(feature = "batch", feature = "pick"))]
        Ok(Outcome::Stopped) => ExitCode::from(130),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("passdown: {error}"));
            match error.kind() {
                ErrorKind::Nothing(_) => ExitCode::from(1),
                _ => failed(),
            }
        }
    }
}

fn run(args: &Args, config: &Config) -> Result<Outcome, Error> {
    match &args.action {
        None => handoff::run(&args.handoff),
        Some(Action::List(list)) => list::run(list),
        Some(Action::Show(show)) => show::run(show),
        Some(Action::Worker(worker)) => worker::run(worker),
        Some(Action::Explain(explain)) => explain::run(explain),
        Some(Action::Diff(diff)) => diff::run(diff),
        Some(Action::Check(check)) => check::run(check),
        #[cfg(feature = "batch")]
        Some(Action::Batch(batch)) => batch::run(batch),
        #[cfg(feature = "batch")]
        Some(Action::Report(report)) => report::run(report),
        #[cfg(feature = "mcp")]
        Some(Action::Mcp(args)) => mcp::run(args),
        #[cfg(feature = "pick")]
        Some(Action::Pick(pick)) => pick::run(pick),
        Some(Action::Redact(redact)) => redact::run(redact),
        Some(Action::Config(args)) => config::run(args, config, &Args::command()),
        Some(Action::Hook(hook)) => hook::run(hook, config),
        Some(Action::Eval(args)) => eval::run(args),
        Some(Action::Tune(args)) => tune::run(args),
        Some(Action::Rules(rules)) => rules::run(rules),
        Some(Action::Install(args)) => install::install(args),
        Some(Action::Uninstall(args)) => install::uninstall(args),
        Some(Action::Doctor(args)) => doctor::run(args, config),
        Some(Action::Completions(args)) => completions::run(args),
        Some(Action::Man(args)) => man::run(args),
    }
}

/// True if whoever read our output has heard enough.
fn is_closed_pipe(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
}
