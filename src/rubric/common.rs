//! The slots of all kinds of work.

use super::sought::{Sign, Sought};
use super::{Log, Rule};
use crate::extract::finding::{Family, Saying, Verdict};
use crate::extract::path::Class;
use crate::extract::words::{is_identifier, prompted, unprinted};
use crate::ledger::{Defined, FileState, Run, Status, Task, Tried};
use crate::score::Part;
use crate::session::End;

/// Lists are held to their newest: what is older yields to the budget.
const NEWEST: usize = 10;

/// The slots, in the order of the document.
pub(super) const RULES: &[Rule] = &[
    Rule {
        slot: "title",
        holds: "what the work is, in words that are no command",
        part: Part::Task,
        sought: title,
    },
    Rule {
        slot: "goal",
        holds: "a goal that can be measured: a number, a path, a name, a state",
        part: Part::Task,
        sought: goal,
    },
    Rule {
        slot: "state",
        holds: "green, red, blocked or unverified",
        part: Part::Status,
        sought: state,
    },
    Rule {
        slot: "number",
        holds: "the newest number of the checks",
        part: Part::Status,
        sought: |log| newest(log, None),
    },
    Rule {
        slot: "evidence",
        holds: "the command behind it",
        part: Part::Status,
        sought: evidence,
    },
    Rule {
        slot: "failures",
        holds: "the failures that are open",
        part: Part::Status,
        sought: failures,
    },
    Rule {
        slot: "unverified",
        holds: "that code was edited after the last check",
        part: Part::Status,
        sought: unverified,
    },
    Rule {
        slot: "plan",
        holds: "the last plan",
        part: Part::Approach,
        sought: plan,
    },
    Rule {
        slot: "tried",
        holds: "what was tried and failed",
        part: Part::Approach,
        sought: tried,
    },
    Rule {
        slot: "request",
        holds: "the user's last request",
        part: Part::Focus,
        sought: request,
    },
    Rule {
        slot: "open-tasks",
        holds: "the tasks that are open",
        part: Part::Focus,
        sought: open_tasks,
    },
    Rule {
        slot: "done-tasks",
        holds: "the tasks that are done",
        part: Part::Done,
        sought: done_tasks,
    },
    Rule {
        slot: "commits",
        holds: "the commits",
        part: Part::Done,
        sought: commits,
    },
    Rule {
        slot: "edited",
        holds: "the files edited most",
        part: Part::Done,
        sought: edited,
    },
    Rule {
        slot: "created",
        holds: "the files made",
        part: Part::Done,
        sought: created,
    },
    Rule {
        slot: "folder",
        holds: "the folder",
        part: Part::Environment,
        sought: folder,
    },
    Rule {
        slot: "branch",
        holds: "the branch",
        part: Part::Environment,
        sought: branch,
    },
    Rule {
        slot: "test-command",
        holds: "a command that tests, as it was typed",
        part: Part::Environment,
        sought: |log| commands(log, &[Family::Test]),
    },
    Rule {
        slot: "build-command",
        holds: "a command that builds, as it was typed",
        part: Part::Environment,
        sought: |log| commands(log, &[Family::Build]),
    },
    Rule {
        slot: "lint-command",
        holds: "a command that lints or checks types, as it was typed",
        part: Part::Environment,
        sought: |log| commands(log, &[Family::Lint, Family::Types]),
    },
    Rule {
        slot: "symbols",
        holds: "the names at stake in the key files",
        part: Part::Environment,
        sought: symbols,
    },
    Rule {
        slot: "instructions",
        holds: "standing rules in the user's words",
        part: Part::Environment,
        sought: instructions,
    },
    Rule {
        slot: "running",
        holds: "what still runs",
        part: Part::Environment,
        sought: running,
    },
    Rule {
        slot: "target",
        holds: "what is to be reached",
        part: Part::Outcome,
        sought: target,
    },
    Rule {
        slot: "step",
        holds: "the first step: a command, a path or a request, and what to expect",
        part: Part::Outcome,
        sought: step,
    },
];

fn title(log: &Log<'_>) -> Sought {
    let asked = !log.ledger.requests.is_empty() || !log.ledger.tasks.is_empty();
    some(asked, || {
        Sign::line(Part::Task, |line| {
            let title = line.trim_start_matches("# Task:").trim();
            title.chars().filter(|c| c.is_alphabetic()).count() >= 3
                && !title.starts_with(['/', '<'])
        })
    })
}

fn goal(log: &Log<'_>) -> Sought {
    let measured = log.ledger.checks.iter().next().is_some()
        || !log.ledger.tasks.is_empty()
        || log.ledger.edits > 0;
    some(measured, || {
        Sign::line(Part::Task, |line| {
            const STATES: [&str; 9] = [
                "green", "clean", "pass", "done", "answered", "builds", "succeed", "works",
                "verified",
            ];
            let goal = line.rsplit(" - ").next().unwrap_or(line).to_lowercase();
            let names = goal.contains(['/', '`', '“', '_', '.']);
            names
                || goal.contains(|c: char| c.is_ascii_digit())
                || STATES.iter().any(|state| goal.contains(state))
        })
    })
}

fn state(_: &Log<'_>) -> Sought {
    some(true, || {
        Sign::line(Part::Status, |line| {
            ["green", "red", "blocked", "unverified"]
                .iter()
                .any(|word| line.contains(word))
        })
    })
}

/// The numbers of the last runs that still say something, of checks of `family` or of all.
pub(super) fn newest(log: &Log<'_>, family: Option<Family>) -> Sought {
    let current = log.ledger.checks.current();
    let checks = current
        .into_iter()
        .filter(|check| check.last().verdict != Verdict::Red || log.ledger.is_fresh(check))
        .filter(|check| family.is_none_or(|family| check.family == family));
    Sought::One(checks.filter_map(|check| numbers(check.last())).collect())
}

/// How the numbers of a run may be said; none where it has none.
fn numbers(run: &Run) -> Option<Sign> {
    let counts = &run.counts;
    // One package of one says no more than that it passed.
    let suites = Some(counts.suites).filter(|suites| counts.passed.is_none() && *suites > 1);
    let says: [(Option<u64>, &[&str]); 5] = [
        (counts.failed, &["failed", "failures", "failing", "of"]),
        (counts.passed, &["passed", "pass", "ok"]),
        (suites, &["packages", "package", "suites", "ok"]),
        (counts.errors, &["errors", "error", "issues"]),
        (counts.warnings, &["warnings", "warning"]),
    ];
    let rate = counts
        .passed
        .zip(counts.ran())
        .map(|(passed, all)| format!("{passed}/{all}"));
    let mut signs = says
        .into_iter()
        .filter_map(|(number, words)| Some((number.filter(|number| *number > 0)?, words)))
        .flat_map(|(number, words)| words.iter().map(move |word| format!("{number} {word}")))
        .chain(rate)
        .map(|text| Sign::text(&text));
    let first = signs.next()?;
    Some(signs.fold(first, |all, sign| all.or(Some(sign))))
}

fn evidence(log: &Log<'_>) -> Sought {
    let newest = log.ledger.checks.newest();
    Sought::One(
        newest
            .map(|check| Sign::text(&check.command).or(Some(Sign::text(&check.tool))))
            .into_iter()
            .collect(),
    )
}

fn failures(log: &Log<'_>) -> Sought {
    let failures = log.ledger.failures.iter().rev();
    let open = failures.filter(|failure| failure.is_open() && failure.is_product());
    Sought::Each(
        open.take(NEWEST)
            .map(|failure| {
                let test = failure.hit.test.as_deref().map(Sign::text);
                let message = failure.hit.message.as_deref().map(Sign::words);
                Sign::words(&failure.hit.what).or(test).or(message)
            })
            .collect(),
    )
}

fn unverified(log: &Log<'_>) -> Sought {
    let ledger = log.ledger;
    some(ledger.edits_since_check > 0, || {
        Sign::line(Part::Status, |line| {
            line.contains("unverified") || line.contains("edited since") || line.contains("red")
        })
    })
}

fn plan(log: &Log<'_>) -> Sought {
    let head = log.ledger.plan.as_ref().and_then(|plan| {
        plan.text
            .lines()
            .map(|line| line.trim().trim_start_matches('#').trim())
            .find(|line| !line.is_empty())
    });
    Sought::One(head.map(Sign::words).into_iter().collect())
}

/// What was tried beyond doubt, and still says something: the agent's word for it is no proof, and an approach that
/// led to the end in a second round did not fail.
pub(super) fn tried(log: &Log<'_>) -> Sought {
    let open: Vec<&str> = log
        .ledger
        .failures
        .iter()
        .filter(|failure| failure.is_open())
        .map(|failure| failure.hit.what.as_str())
        .collect();
    let tried = log.ledger.attempts.iter().rev();
    let signs = tried.filter_map(|attempt| match &attempt.tried {
        Tried::Reverted { command, files } => {
            let file = files.first().map(|file| Sign::text(name(file)));
            Some(Sign::text(command).or(file))
        }
        Tried::SameFailure { failure, .. } => open
            .contains(&failure.as_str())
            .then(|| Sign::words(failure)),
        Tried::Refused { what, reason } => Some(Sign::words(reason).or(Some(Sign::text(what)))),
        Tried::Said(_) => None,
    });
    Sought::Each(signs.take(3).collect())
}

fn request(log: &Log<'_>) -> Sought {
    let last = log.ledger.last_requests().first();
    Sought::One(
        last.and_then(|request| {
            let said = unprinted(&request.text);
            match said.is_empty() {
                true => prompted(&request.text).map(Sign::text),
                false => Some(Sign::words(&said)),
            }
        })
        .into_iter()
        .collect(),
    )
}

fn open_tasks(log: &Log<'_>) -> Sought {
    let is_open = |task: &&Task| matches!(task.status, Status::Pending | Status::InProgress);
    let tasks = log.ledger.tasks.iter().filter(is_open).take(NEWEST);
    Sought::Each(tasks.map(|task| Sign::words(&task.subject)).collect())
}

fn done_tasks(log: &Log<'_>) -> Sought {
    let tasks = log.ledger.tasks.iter().rev();
    let done = tasks.filter(|task| task.status == Status::Completed);
    Sought::Each(
        done.take(NEWEST)
            .map(|task| Sign::words(&task.subject))
            .collect(),
    )
}

fn commits(log: &Log<'_>) -> Sought {
    let commits = log.ledger.repository.commits.iter().rev().take(NEWEST);
    Sought::Each(commits.map(|commit| Sign::text(&commit.hash)).collect())
}

/// The files that were changed and are there, the most often changed first.
pub(super) fn changed<'a>(log: &Log<'a>) -> Vec<&'a FileState> {
    let mut files: Vec<&FileState> = log
        .ledger
        .files
        .iter()
        .filter(|file| file.edits > 0 && !file.deleted)
        .collect();
    files.sort_by(|a, b| b.edits.cmp(&a.edits).then_with(|| a.path.cmp(&b.path)));
    files
}

fn edited(log: &Log<'_>) -> Sought {
    let files = changed(log).into_iter().take(NEWEST);
    Sought::Each(files.map(file).collect())
}

fn created(log: &Log<'_>) -> Sought {
    let files = changed(log);
    let made = files.into_iter().filter(|file| file.created).take(NEWEST);
    Sought::Each(made.map(file).collect())
}

/// The file is named: files stand under their folders, so it is by its name.
pub(super) fn file(file: &FileState) -> Sign {
    Sign::named(&file.path, name(&file.path))
}

/// The last name of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn folder(log: &Log<'_>) -> Sought {
    let cwd = log.session.cwd.as_deref();
    let cwds = log.session.cwds.iter().map(String::as_str);
    // A step into the project is no folder of its own, so any that the session worked in will do.
    Sought::One(cwd.into_iter().chain(cwds).map(Sign::text).collect())
}

fn branch(log: &Log<'_>) -> Sought {
    let shown = log.ledger.repository.branch.as_ref();
    let branch = log.session.branch.as_deref();
    let branches = branch
        .into_iter()
        .chain(shown.map(|(branch, _)| branch.as_str()));
    Sought::One(
        branches
            .filter(|branch| !branch.is_empty() && *branch != "HEAD")
            .map(Sign::text)
            .collect(),
    )
}

/// Commands of these families that ended well.
pub(super) fn commands(log: &Log<'_>, families: &[Family]) -> Sought {
    let ran = log.ledger.commands.iter().filter(|command| {
        command.verdict == Verdict::Green
            && command
                .check
                .as_ref()
                .is_some_and(|(_, family)| families.contains(family))
    });
    Sought::One(ran.map(|command| Sign::text(&command.text)).collect())
}

/// Names that were defined or changed in the files edited most.
fn symbols(log: &Log<'_>) -> Sought {
    let files = changed(log).into_iter().take(NEWEST);
    let code = files.filter(|file| file.class != Class::Docs);
    Sought::One(
        code.flat_map(|file| &file.defined)
            .filter_map(symbol)
            .collect(),
    )
}

/// A name that is defined, if it is written as no word of prose is: `label` may be said by chance.
pub(super) fn symbol(defined: &Defined) -> Option<Sign> {
    is_identifier(&defined.name).then(|| Sign::text(&defined.name))
}

/// Standing rules of the user's, the newest.
pub(super) fn instructions(log: &Log<'_>) -> Sought {
    let stated = log
        .ledger
        .sentences
        .iter()
        .rev()
        .filter(|sentence| sentence.by_user && sentence.kind == Some(Saying::Instruction))
        .filter(|sentence| log.ledger.binds(sentence));
    Sought::Each(
        stated
            .take(NEWEST)
            .map(|sentence| Sign::words(&sentence.text))
            .collect(),
    )
}

fn running(log: &Log<'_>) -> Sought {
    let background = log
        .ledger
        .background
        .iter()
        .map(|task| Sign::words(&task.what));
    Sought::Each(background.take(NEWEST).collect())
}

fn target(_: &Log<'_>) -> Sought {
    some(true, || {
        Sign::line(Part::Outcome, |line| {
            line.chars().filter(|c| c.is_alphabetic()).count() > 20
        })
    })
}

fn step(log: &Log<'_>) -> Sought {
    let ledger = log.ledger;
    let has = !ledger.commands.is_empty() || !ledger.files.is_empty() || ledger.edits > 0;
    // Who only answered, or left everything as it was, has left nothing to be done.
    let mut files = ledger.files.iter();
    let is_left = ledger.end != End::Finished
        || ledger.checks.iter().next().is_some()
        || ledger
            .tasks
            .iter()
            .any(|task| matches!(task.status, Status::Pending | Status::InProgress))
        || files.any(|file| {
            let here = !file.path.starts_with(['/', '~']);
            here && !file.is_as_it_was()
        });
    some(has && is_left, || {
        Sign::line(Part::Outcome, |line| {
            line.contains(['`', '“', '/'])
                || ["question", " to commit", " to push"]
                    .iter()
                    .any(|step| line.contains(step))
        })
    })
}

/// The failures that are open and name a test.
pub(super) fn failing_tests(log: &Log<'_>) -> Vec<Sign> {
    log.ledger
        .failures
        .iter()
        .rev()
        .filter(|failure| failure.is_open() && failure.is_product())
        .filter_map(|failure| failure.hit.test.as_deref())
        .take(NEWEST)
        .map(Sign::text)
        .collect()
}

/// `sign`, where `is` holds.
pub(super) fn some(is: bool, sign: impl FnOnce() -> Sign) -> Sought {
    Sought::One(is.then(sign).into_iter().collect())
}
