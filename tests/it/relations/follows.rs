//! More happens: the state follows, and what is over stands no longer.

use passdown::ledger::Status;
use passdown::score::{Kind, Part};
use serde_json::{Value, json};

use super::Relation;
use super::log::{Log, Seen, equal, is_talk};
use super::made::{LEAK, RUNNERS, Runner};

pub(super) const RELATIONS: &[Relation] = &[
    Relation {
        name: "an error that is fixed",
        ways: RUNNERS.len() as u64 * 2,
        holds: fixed,
    },
    Relation {
        name: "a slip of the agent's",
        ways: SLIPS.len() as u64,
        holds: slip,
    },
    Relation {
        name: "all that failed passes",
        ways: 1,
        holds: passes,
    },
    Relation {
        name: "an edit behind the last check",
        ways: 1,
        holds: edited,
    },
    Relation {
        name: "all tasks are completed",
        ways: 1,
        holds: completed,
    },
    Relation {
        name: "everything is committed",
        ways: 1,
        holds: committed,
    },
    Relation {
        name: "a word that only pushes on",
        ways: NUDGES.len() as u64,
        holds: nudged,
    },
    Relation {
        name: "a command of the program's own",
        ways: COMMANDS.len() as u64,
        holds: commanded,
    },
];

/// What is true of the work, whatever the agent said last and however old things are; in no order.
fn state_lines(seen: &Seen) -> String {
    // Whether what is done was also seen to be done is another matter.
    let mut lines = seen.lines(|part, kind| {
        part != Part::Done
            && matches!(
                kind,
                Kind::Failure
                    | Kind::Tasks
                    | Kind::Task
                    | Kind::Request
                    | Kind::Instruction
                    | Kind::Commit
            )
    });
    lines.sort();
    lines.join("\n")
}

/// The log with what `add` adds put in behind the line at `at`; what stood there hangs on what was added.
fn inserted(log: &Log, at: usize, add: impl FnOnce(&mut Log)) -> Log {
    let mut head = log.clone();
    let tail = head.lines.split_off(at + 1);
    let before = head.last().map(|last| last["uuid"].clone());
    add(&mut head);
    let behind = head.last().map(|last| last["uuid"].clone());
    for mut line in tail {
        if let Some(record) = line.record_mut()
            && let (Some(before), Some(behind)) = (&before, &behind)
            && record["parentUuid"] == *before
        {
            record["parentUuid"] = behind.clone();
        }
        head.lines.push(line);
    }
    head
}

/// The lines behind which nothing is under way: no call waits for its answer, and the agent's turn goes on.
fn quiet(log: &Log) -> Vec<usize> {
    let mut open = std::collections::BTreeSet::new();
    let mut places = Vec::new();
    for (at, record) in log.records() {
        if !is_talk(record) || record["isSidechain"] == true {
            continue;
        }
        let mut answers = false;
        for block in record["message"]["content"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if let Some(id) = block["id"].as_str().filter(|_| block["type"] == "tool_use") {
                open.insert(id.to_owned());
            }
            if let Some(id) = block["tool_use_id"].as_str() {
                answers |= open.remove(id);
            }
        }
        if answers && open.is_empty() {
            places.push(at);
        }
    }
    // What stands behind the last is the end of the log.
    places.pop();
    places
}

/// True if a check of the session is run by `tool`, or by something that may run it.
fn runs(seen: &Seen, runner: &Runner) -> bool {
    seen.ledger.checks.iter().any(|check| {
        check.tool.contains(runner.tool)
            || check.command.contains(runner.tool)
            || check
                .through
                .iter()
                .any(|face| face.tool.contains(runner.tool))
    })
}

/// Somewhere in the log a check fails and then passes: its failure stands nowhere but among what is done, and all else is
/// as it was.
fn fixed(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let runner = &RUNNERS[way as usize / 2];
    // What a hook or a runner found in a file of that language may be gone with it.
    let ending = runner.file.rsplit_once('.')?.1;
    let found = seen.ledger.failures.iter().any(|failure| {
        let file = failure.hit.file.as_deref();
        file.is_some_and(|file| file.ends_with(ending))
    });
    if !log.is_claude() || seen.handoff.is_none() || runs(seen, runner) || found {
        return None;
    }
    let places = quiet(log);
    let at = *match way % 2 {
        0 => places.get(places.len() / 2)?,
        _ => places.last()?,
    };
    let changed = inserted(log, at, |log| {
        log.shell(runner.narrow, runner.fails, runner.status);
        log.shell(runner.wide, runner.passes, 0);
    });
    let now = Seen::of(&changed);
    let leaks = now.lines(|part, _| part != Part::Done);
    if let Some(leak) = leaks.iter().find(|line| line.contains(LEAK)) {
        return Some(Err(format!("it leaks: {leak}")));
    }
    if now.state() == "red" && seen.state() != "red" {
        return Some(Err(format!("{} became red\n{}", seen.state(), now.text())));
    }
    Some(equal(&state_lines(seen), &state_lines(&now)))
}

/// How agents misuse their tools, and what the tools say.
const SLIPS: &[(&str, &str)] = &[
    (
        "Edit",
        "<tool_use_error>String to replace not found in file.\nString: zebra_leak</tool_use_error>",
    ),
    (
        "Edit",
        "<tool_use_error>File has not been read yet. Read it first before writing to it.</tool_use_error>",
    ),
    (
        "Edit",
        "<tool_use_error>Found 3 matches of the string to replace, but replace_all is false. zebra_leak</tool_use_error>",
    ),
    (
        "Edit",
        "<tool_use_error>File has been modified since read, either by the user or by a linter. zebra_leak</tool_use_error>",
    ),
    (
        "Read",
        "<tool_use_error>File does not exist.</tool_use_error>",
    ),
    (
        "Read",
        "File content (45123 tokens) exceeds maximum allowed tokens (25000). Please use offset and limit.",
    ),
    (
        "Bash",
        "<tool_use_error>Sibling tool call errored</tool_use_error>",
    ),
    (
        "Bash",
        "<tool_use_error>Cancelled: parallel tool call Bash(zebra_leak) errored</tool_use_error>",
    ),
    (
        "Zebra",
        "<tool_use_error>Error: No such tool available: zebra_leak</tool_use_error>",
    ),
    (
        "Grep",
        "<tool_use_error>InputValidationError: Grep failed: zebra_leak is missing</tool_use_error>",
    ),
];

/// A tool is misused somewhere in the log: that says nothing of the work.
fn slip(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let (tool, says) = SLIPS[way as usize];
    if !log.is_claude() || seen.handoff.is_none() {
        return None;
    }
    let places = quiet(log);
    let at = *places.get(places.len() / 2)?;
    let changed = inserted(log, at, |log| {
        let input = match tool {
            "Bash" => json!({"command": "true zebra_leak"}),
            "Grep" => json!({"zebra_leak": "zebra_leak"}),
            "Read" => json!({"file_path": "/elsewhere/zebra_leak.rs"}),
            _ => {
                json!({"file_path": "/elsewhere/zebra_leak.rs", "old_string": "zebra_leak", "new_string": "zebra_leak_2"})
            }
        };
        log.call(tool, input, says, true);
    });
    let now = Seen::of(&changed);
    let text = now.text();
    if let Some(leak) = text.lines().find(|line| line.contains("zebra_leak")) {
        return Some(Err(format!("it leaks: {leak}")));
    }
    if now.state() != seen.state() {
        return Some(Err(format!("{} became {}", seen.state(), now.state())));
    }
    Some(equal(&state_lines(seen), &state_lines(&now)))
}

/// Every check that is red is run again on everything and passes: no failure of it is open.
fn passes(log: &Log, seen: &Seen, _: u64) -> Option<Result<(), String>> {
    if !log.is_claude() || seen.state() != "red" {
        return None;
    }
    let known = |tool: &str| RUNNERS.iter().find(|runner| runner.tool == tool);
    let mut red: Vec<&Runner> = Vec::new();
    for check in seen.ledger.checks.current() {
        if check.last().verdict == passdown::extract::finding::Verdict::Red {
            red.push(known(&check.tool)?);
        }
    }
    let failures = seen.ledger.failures.iter();
    for failure in failures.filter(|failure| failure.is_product() && failure.is_open()) {
        red.push(known(&failure.check.as_ref()?.0)?);
    }
    if red.is_empty() {
        return None;
    }
    let mut changed = log.clone();
    for runner in red {
        changed.shell(runner.wide, runner.passes, 0);
    }
    changed.say("All of it passes.");
    let now = Seen::of(&changed);
    let focus = now.lines(|part, kind| part == Part::Focus && kind == Kind::Failure);
    if !focus.is_empty() {
        return Some(Err(format!("still open: {}", focus.join("\n"))));
    }
    let status = now.state();
    Some(match status {
        "green" => Ok(()),
        _ => Err(format!("{status} although all passes\n{}", now.text())),
    })
}

/// Code is edited behind the last check: what was green is unverified.
fn edited(log: &Log, seen: &Seen, _: u64) -> Option<Result<(), String>> {
    if !log.is_claude() || seen.state() != "green" {
        return None;
    }
    let cwd = log.last()?["cwd"].as_str()?.to_owned();
    let mut changed = log.clone();
    let path = format!("{cwd}/src/zebra.rs");
    changed.call(
        "Edit",
        json!({"file_path": path, "old_string": "let a = 1;", "new_string": "let a = 2;"}),
        &format!("The file {path} has been updated."),
        false,
    );
    changed.say("Changed.");
    let now = Seen::of(&changed);
    Some(match now.state() {
        "unverified" => Ok(()),
        state => Err(format!("{state} behind an edit\n{}", now.text())),
    })
}

/// The list is written again with everything completed: nothing of it is open.
fn completed(log: &Log, seen: &Seen, _: u64) -> Option<Result<(), String>> {
    if !log.is_claude() {
        return None;
    }
    let tasks: Vec<_> = seen
        .ledger
        .tasks
        .iter()
        .filter(|task| !task.tracked)
        .collect();
    let open = |task: &&&passdown::ledger::Task| {
        matches!(task.status, Status::Pending | Status::InProgress)
    };
    if tasks.iter().filter(open).count() == 0 {
        return None;
    }
    let mut changed = log.clone();
    let listed: Vec<Value> = tasks
        .iter()
        .filter(|task| task.id.is_none() && task.status != Status::Dropped)
        .map(|task| json!({"content": task.subject, "status": "completed", "activeForm": task.subject}))
        .collect();
    if !listed.is_empty() {
        changed.call(
            "TodoWrite",
            json!({"todos": listed}),
            "Todos have been modified successfully.",
            false,
        );
    }
    for task in tasks.iter().filter(open) {
        if let Some(id) = &task.id {
            let input = json!({"taskId": id, "status": "completed"});
            changed.call(
                "TaskUpdate",
                input,
                &format!("Updated task #{id} status"),
                false,
            );
        }
    }
    changed.say("All tasks are completed.");
    let now = Seen::of(&changed);
    let left: Vec<_> = now
        .ledger
        .tasks
        .iter()
        .filter(|task| !task.tracked)
        .collect();
    if let Some(task) = left.iter().find(open) {
        // A subagent's own tasks cannot be completed from outside of it.
        if log.agents.is_empty() {
            return Some(Err(format!("still open: {}", task.subject)));
        }
        return None;
    }
    let focus = now.lines(|part, kind| part == Part::Focus && kind == Kind::Task);
    let stale = focus.iter().find(|line| {
        tasks
            .iter()
            .any(|task| task.status != Status::Dropped && line.contains(&task.subject))
    });
    Some(stale.map_or(Ok(()), |line| Err(format!("still open: {line}"))))
}

/// All that is uncommitted is committed: the commit stands there, and nothing is uncommitted.
fn committed(log: &Log, seen: &Seen, _: u64) -> Option<Result<(), String>> {
    if !log.is_claude() || !seen.text().contains("not committed") {
        return None;
    }
    let mut changed = log.clone();
    changed.shell(
        "git add -A && git commit -m \"zebra: all of it\"",
        "[work 5eb7a11] zebra: all of it\n 3 files changed, 12 insertions(+), 2 deletions(-)",
        0,
    );
    changed.say("Committed.");
    let now = Seen::of(&changed);
    let text = now.text();
    if let Some(line) = text.lines().find(|line| line.contains("not committed")) {
        return Some(Err(line.to_owned()));
    }
    Some(
        match text.contains("5eb7a11") && text.contains("zebra: all of it") {
            true => Ok(()),
            false => Err(format!("the commit stands nowhere\n{text}")),
        },
    )
}

/// Words that ask for nothing of their own, in ten languages.
const NUDGES: &[&str] = &[
    "continue",
    "thanks, go on",
    "ja, mach weiter",
    "weiter",
    "danke",
    "oui, continue",
    "vas-y",
    "sí, continúa",
    "sigue",
    "sim, pode continuar",
    "да, продолжай",
    "продолжай пожалуйста",
    "继续",
    "好的，继续",
    "はい、続けて",
    "続けてください",
    "계속",
    "네, 계속해 주세요",
    "نعم، تابع",
    "हाँ, जारी रखो",
];

/// The request before it is still the last that asked for something.
fn nudged(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    // What the user only showed may be gone once they go on.
    let shown = seen.ledger.failures.iter().any(|failure| failure.by_user);
    if !log.is_claude() || shown || seen.ledger.last_requests().is_empty() {
        return None;
    }
    let mut changed = log.clone();
    changed.prompt(NUDGES[way as usize]);
    changed.say("I go on.");
    asks_the_same(seen, &Seen::of(&changed))
}

/// The request and the title as they were.
fn asks_the_same(seen: &Seen, now: &Seen) -> Option<Result<(), String>> {
    let asked = |seen: &Seen| {
        let first = seen.ledger.last_requests().first();
        first.map(|request| request.text.clone())
    };
    let (before, after) = (asked(seen), asked(now));
    if before != after {
        return Some(Err(format!("{after:?} instead of {before:?}")));
    }
    let title = |seen: &Seen| {
        seen.handoff
            .as_ref()
            .map(|handoff| handoff.header.title.clone())
    };
    Some(equal(
        &title(seen).unwrap_or_default(),
        &title(now).unwrap_or_default(),
    ))
}

/// Commands that the program answers by itself.
const COMMANDS: &[&str] = &["/context", "/cost", "/model", "/usage"];

fn commanded(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    if !log.is_claude() || seen.ledger.last_requests().is_empty() {
        return None;
    }
    let name = COMMANDS[way as usize];
    let mut changed = log.clone();
    let bare = name.trim_start_matches('/');
    changed.prompt(&format!("<command-name>{name}</command-name>\n            <command-message>{bare}</command-message>\n            <command-args></command-args>"));
    changed.prompt("<local-command-stdout>FAILED zebra_leak: 3 failed</local-command-stdout>");
    let now = Seen::of(&changed);
    if now.text().contains("zebra_leak") {
        return Some(Err(format!("it leaks\n{}", now.text())));
    }
    asks_the_same(seen, &now)
}
