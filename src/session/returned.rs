//! The answer of a tool, read without knowing which tool gave it.

use super::clip::{Clip, NAME, OLD, OUTPUT, PROSE, SHELL, string};
use super::digest::Depth;
use super::node::{Returned, Sign};
use crate::record::scan::Span;
use crate::record::{Answer, Content, failed_use, refusal, without_reminders};

/// What a person said to a call that did not run.
#[derive(Clone, Copy, Default)]
pub(super) struct Word<'a> {
    pub(super) denial: Option<&'a str>,
    pub(super) feedback: Option<&'a str>,
}

/// Reads one tool result. `answer` is what the record tells beside it, if it is about this one.
pub(super) fn returned(
    id: &str,
    content: Content<'_>,
    error: bool,
    answer: Option<Span<'_>>,
    Word { denial, feedback }: Word<'_>,
    depth: Depth,
) -> Returned {
    let answer = Answer::read(answer);
    // What a file holds, or that it was changed, is no text that is left when it is old.
    let of_file = !error && answer.of_file && content.is_plain();
    let said = if depth == Depth::Lasting && of_file {
        "".into()
    } else {
        without_reminders(content.text())
    };
    let stdout;
    let mut found = Returned {
        id: string(id, NAME).into(),
        exit: answer.exit,
        created: answer.created,
        lines: answer.lines,
        user_modified: answer.user_modified,
        status_unknown: answer.status_unknown,
        of_file,
        ..Returned::default()
    };
    let mut kept: &str = &said;
    if error {
        (found.sign, kept, found.exit) = failed(&said, found.exit);
    } else if answer.interrupted || said.starts_with("[Request interrupted by user") {
        found.sign = Sign::Interrupted;
    } else if answer.http.is_some_and(|code| code >= 400) {
        found.sign = Sign::Error;
    }
    if answer.interrupted && error && found.sign == Sign::Error {
        found.sign = Sign::Interrupted;
    }
    if let (Sign::Error | Sign::Misuse | Sign::Refused(_), Some(denial)) = (&found.sign, denial) {
        found.sign = match denial {
            "permission-rule" => Sign::Blocked,
            "interrupted" => Sign::Interrupted,
            "cancelled" => Sign::Cancelled,
            "user-rejected" => match std::mem::take(&mut found.sign) {
                Sign::Refused(reason) => Sign::Refused(reason),
                _ => Sign::Refused(Clip::default()),
            },
            _ => std::mem::take(&mut found.sign),
        };
    }
    if let (Sign::Refused(reason), Some(feedback)) = (&mut found.sign, feedback)
        && reason.is_empty()
    {
        *reason = Clip::new(feedback.trim(), PROSE);
    }
    if !error {
        if let Some(task) = asked_task(&said) {
            kept = task.output;
            found.task = task.id.map(|id| string(id, NAME));
            found.exit = found.exit.or(task.exit);
        }
        // The program shows the model 2 KB of a long output, and may hold all of it.
        if said.starts_with("<persisted-output>")
            && let Some(whole) = answer.stdout.and_then(Span::as_str)
        {
            stdout = whole;
            kept = &stdout;
        }
        found.background = answer
            .background
            .as_deref()
            .map(|task| string(task, NAME))
            .or_else(|| background(&said));
        found.agent = answer
            .agent
            .as_deref()
            .or_else(|| word_behind(&said, "agentId: "))
            .map(|agent| string(agent, NAME));
        found.task = answer
            .task
            .as_deref()
            .or_else(|| created_task(&said))
            .map(|task| string(task, NAME))
            .or(found.task.take());
        found.tasks = if answer.tasks.is_empty() {
            listed_tasks(&said)
        } else {
            let owned = |text: &str| string(text, NAME);
            let all = answer.tasks.iter();
            all.map(|(id, subject, status)| (owned(id), owned(subject), owned(status)))
                .collect()
        };
        found.answers = answer
            .answers
            .iter()
            .map(|(question, answer)| (string(question, PROSE), Clip::new(answer.trim(), PROSE)))
            .collect();
        if let Some(response) = answer.response.as_deref()
            && !response.trim().is_empty()
        {
            let clip = Clip::new(response.trim(), PROSE);
            found.answers.push((String::new(), clip));
        }
        found.plan = answer.plan.as_deref().map(|plan| Clip::new(plan, PROSE));
        if answer.timed_out && found.background.is_none() {
            found.sign = Sign::TimedOut;
        }
    }
    let bound = match depth {
        Depth::Whole => SHELL,
        Depth::Lasting => OLD,
    };
    found.text = Clip::new(kept.trim_end(), bound);
    found
}

/// The sign of an error, the text without what the program put around it, and the exit code.
fn failed(said: &str, exit: Option<i32>) -> (Sign, &str, Option<i32>) {
    if let Some(reason) = refusal(said) {
        // What the program says for a user who would rather talk is nothing that they said.
        const CLARIFY: &str = "The user wants to clarify these questions";
        let reason = match reason.trim_start().starts_with(CLARIFY) {
            true => "",
            false => reason,
        };
        return (Sign::Refused(Clip::new(reason, PROSE)), said, exit);
    }
    if said.starts_with("[Request interrupted by user") {
        return (Sign::Interrupted, said, exit);
    }
    if let Some(inner) = failed_use(said) {
        let beside = inner.starts_with("Sibling tool call errored")
            || inner.starts_with("Cancelled: parallel tool call");
        let sign = if beside {
            Sign::Cancelled
        } else {
            Sign::Misuse
        };
        return (sign, inner, exit);
    }
    if said.starts_with("Permission to use ") || said.contains(" hook error: ") {
        return (Sign::Blocked, said, exit);
    }
    let (exit, rest) = match exit_prefix(said) {
        Some((code, rest)) => (Some(code), rest),
        None => (exit, said),
    };
    if rest.trim_start().starts_with("Command timed out after ") {
        return (Sign::TimedOut, rest, exit);
    }
    (Sign::Error, rest, exit)
}

/// The code of `Exit code N`, and what follows on the next line.
fn exit_prefix(said: &str) -> Option<(i32, &str)> {
    let behind = said.strip_prefix("Exit code ")?;
    let (code, rest) = behind.split_once('\n').unwrap_or((behind, ""));
    Some((code.trim().parse().ok()?, rest))
}

/// What an answer about a background task says.
struct AskedTask<'a> {
    id: Option<&'a str>,
    exit: Option<i32>,
    output: &'a str,
}

fn asked_task(said: &str) -> Option<AskedTask<'_>> {
    if !said.starts_with("<retrieval_status>") {
        return None;
    }
    let between = |open: &str, close: &str| {
        let (_, inner) = said.split_once(open)?;
        Some(inner.split_once(close).map_or(inner, |(inner, _)| inner))
    };
    Some(AskedTask {
        id: between("<task_id>", "</task_id>"),
        exit: between("<exit_code>", "</exit_code>").and_then(|code| code.trim().parse().ok()),
        output: between("<output>", "</output>").map_or("", str::trim),
    })
}

/// The task of "Command running in background with ID: …".
fn background(said: &str) -> Option<String> {
    const OPENING: &str = "Command running in background with ID: ";
    said.starts_with(OPENING)
        .then(|| word_behind(said, OPENING))
        .flatten()
        .map(|task| string(task, NAME))
}

/// The id of "Task #3 created successfully: …".
fn created_task(said: &str) -> Option<&str> {
    let (id, rest) = said.strip_prefix("Task #")?.split_once(' ')?;
    rest.starts_with("created").then_some(id)
}

/// The tasks of lines like `#3 [in_progress] Write the parser`.
fn listed_tasks(said: &str) -> Vec<(String, String, String)> {
    const STATUSES: [&str; 4] = ["pending", "in_progress", "completed", "deleted"];
    if !said.starts_with('#') {
        return Vec::new();
    }
    said.lines()
        .map_while(|line| {
            let (id, rest) = line.strip_prefix('#')?.split_once(" [")?;
            let (status, subject) = rest.split_once("] ")?;
            (STATUSES.contains(&status) && id.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| (id.to_owned(), string(subject, NAME), status.to_owned()))
        })
        .collect()
}

/// The word behind the last `label`, looked for near the end, where the program writes it.
fn word_behind<'a>(said: &'a str, label: &str) -> Option<&'a str> {
    let near = said.get(said.ceil_char_boundary(said.len().saturating_sub(OUTPUT.tail))..)?;
    let (_, behind) = near.rsplit_once(label)?;
    let end = behind
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '@')))
        .unwrap_or(behind.len());
    behind.get(..end).filter(|word| !word.is_empty())
}
