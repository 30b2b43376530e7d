//! How a call ended: the look of its answer, seen with the tool that gave it.

use super::clip::Clip;
use super::model::{Input, Outcome};
use super::node::{Returned, Sign};

/// What is known of the call when its answer comes.
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) input: &'a Input,
    /// The program's version, as the answer's record names it.
    pub(super) version: Option<&'a str>,
}

/// The outcome, and the reason of a refusal if one was given.
pub(super) fn outcome(asked: &Asked<'_>, answer: &Returned) -> (Outcome, Option<Clip>) {
    let error = |misuse| Outcome::Error {
        exit: answer.exit,
        misuse,
    };
    let shell = matches!(asked.input, Input::Shell { .. });
    let found = match &answer.sign {
        Sign::Ok => match &answer.background {
            Some(task) => Outcome::Background { task: task.clone() },
            None => Outcome::Ok,
        },
        Sign::Misuse => error(true),
        Sign::Refused(reason) => {
            let reason = (!reason.is_empty()).then(|| reason.clone());
            return (Outcome::Refused, reason);
        }
        Sign::Blocked => Outcome::Blocked,
        Sign::Cancelled => Outcome::Cancelled,
        Sign::Interrupted => Outcome::Interrupted,
        Sign::TimedOut => Outcome::TimedOut,
        Sign::Error if is_misuse(asked, answer.text.head()) => error(true),
        // Early releases put the user's words alone into a refused plan.
        Sign::Error if matches!(asked.input, Input::Plan(_)) => {
            return (Outcome::Refused, Some(answer.text.clone()));
        }
        Sign::Error if shell && answer.exit.is_none() && names_exit_codes(asked.version) => {
            // A command that ran and failed says "Exit code N"; only a hook
            // that did not let it run speaks for itself.
            Outcome::Blocked
        }
        Sign::Error if is_benign(asked.input, answer) => Outcome::Ok,
        Sign::Error => error(false),
    };
    (found, None)
}

/// True from 2.0.76 on, by which each failed command carries its exit code.
fn names_exit_codes(version: Option<&str>) -> bool {
    let mut parts = version
        .unwrap_or_default()
        .split('.')
        .map(|part| part.parse::<u32>().ok());
    let mut part = || parts.next().flatten().unwrap_or(0);
    (part(), part(), part()) >= (2, 0, 76)
}

/// Errors of file tools that early releases, and some messages still, leave without a tag.
fn is_misuse(asked: &Asked<'_>, said: &str) -> bool {
    const FILE_TOOL: &[&str] = &[
        "String to replace not found",
        "Found ",
        "No changes to make",
        "File has not been read yet",
        "File has been modified since read",
        "File has been unexpectedly modified",
        "File does not exist",
        "File content (",
        "EISDIR",
        "ENOENT",
    ];
    if said.starts_with("InputValidationError") || said.starts_with("No such tool available") {
        return true;
    }
    match asked.input {
        Input::Read { .. } | Input::Edit { .. } | Input::Write { .. } => {
            FILE_TOOL.iter().any(|opening| said.starts_with(opening))
        }
        Input::Task { .. } => said.contains("is not running") || said.starts_with("No task found"),
        Input::Agent { .. } => said.starts_with("Agent type "),
        _ => asked.name == "TaskUpdate" && said.starts_with("Task not found"),
    }
}

/// True for an exit code of 1 that only says "nothing found" or "they differ".
///
/// Later releases make the same call themselves; this is for those before.
fn is_benign(input: &Input, answer: &Returned) -> bool {
    let Input::Shell { command, .. } = input else {
        return false;
    };
    if answer.exit != Some(1) {
        return false;
    }
    // The status is that of the last command of a line or a pipe.
    let last = command
        .rsplit(['\n', ';', '|', '&'])
        .map(str::trim)
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let mut words = last.split_whitespace();
    let program = words.next().unwrap_or_default();
    let quiet = answer.text.head().trim().is_empty();
    match program {
        "grep" | "rg" | "egrep" | "fgrep" | "test" | "[" | "[[" | "pgrep" | "which" => quiet,
        "diff" | "cmp" => true,
        "git" => match words.next() {
            Some("grep") => quiet,
            Some("diff") => true,
            _ => false,
        },
        _ => false,
    }
}
