//! The slots of each kind of work.

use std::collections::BTreeMap;

use super::common::{
    changed, commands, failing_tests, file, instructions, name, newest, some, symbol, tried,
};
use super::sought::{Sign, Sought};
use super::{Log, Rule};
use crate::extract::finding::{Family, Saying, Verdict};
use crate::extract::path::Class;
use crate::ledger::{FileState, Status, Tried};
use crate::score::{Part, Work};
use crate::session::{Body, End, Input, Via};

/// Lists are held to so many.
const MOST: usize = 4;

/// The slots of `work`.
pub(super) fn rules(work: Work) -> &'static [Rule] {
    match work {
        Work::Code => CODE,
        Work::Testing => TESTING,
        Work::Docs => DOCS,
        Work::Quality => QUALITY,
        Work::Infra => INFRA,
        Work::Planning => PLANNING,
    }
}

const CODE: &[Rule] = &[
    Rule {
        slot: "code-tests",
        holds: "the newest count of tests",
        part: Part::Status,
        sought: |log| newest(log, Some(Family::Test)),
    },
    Rule {
        slot: "code-gaps",
        holds: "what is left to do",
        part: Part::Focus,
        sought: gaps,
    },
    Rule {
        slot: "code-added",
        holds: "names that were brought in",
        part: Part::Environment,
        sought: added,
    },
    Rule {
        slot: "code-joints",
        holds: "files that were edited together",
        part: Part::Environment,
        sought: joints,
    },
];

const TESTING: &[Rule] = &[
    Rule {
        slot: "test-results",
        holds: "the newest count of tests",
        part: Part::Status,
        sought: |log| newest(log, Some(Family::Test)),
    },
    Rule {
        slot: "test-failing",
        holds: "the tests that fail, by name",
        part: Part::Status,
        sought: |log| Sought::Each(failing_tests(log)),
    },
    Rule {
        slot: "test-tried",
        holds: "what was tried and what came of it",
        part: Part::Approach,
        sought: tried,
    },
    Rule {
        slot: "test-command",
        holds: "the command that shows it",
        part: Part::Outcome,
        sought: |log| commands(log, &[Family::Test]),
    },
];

const DOCS: &[Rule] = &[
    Rule {
        slot: "docs-written",
        holds: "sections that were written",
        part: Part::Done,
        sought: sections,
    },
    Rule {
        slot: "docs-pages",
        holds: "the pages",
        part: Part::Environment,
        sought: |log| of_class(log, &[Class::Docs]),
    },
    Rule {
        slot: "docs-rules",
        holds: "how it is to be written, in the user's words",
        part: Part::Environment,
        sought: instructions,
    },
];

const QUALITY: &[Rule] = &[
    Rule {
        slot: "quality-count",
        holds: "what the linter counts now",
        part: Part::Status,
        sought: |log| newest(log, Some(Family::Lint)),
    },
    Rule {
        slot: "quality-unchanged",
        holds: "tests after the last edit, or that there were none",
        part: Part::Status,
        sought: unchanged,
    },
    Rule {
        slot: "quality-left",
        holds: "files that still break a rule",
        part: Part::Focus,
        sought: left,
    },
    Rule {
        slot: "quality-command",
        holds: "the linter as it was run",
        part: Part::Environment,
        sought: |log| commands(log, &[Family::Lint, Family::Types, Family::Format]),
    },
];

const INFRA: &[Rule] = &[
    Rule {
        slot: "infra-pipeline",
        holds: "where the pipeline stands",
        part: Part::Status,
        sought: |log| checked(log, Family::Ci),
    },
    Rule {
        slot: "infra-applied",
        holds: "what was applied, deployed or destroyed, and what came of it",
        part: Part::Status,
        sought: |log| checked(log, Family::Deploy),
    },
    Rule {
        slot: "infra-resources",
        holds: "the resources that were changed",
        part: Part::Environment,
        sought: |log| of_class(log, &[Class::Infra, Class::Config]),
    },
    Rule {
        slot: "infra-variables",
        holds: "the variables it needs, by name",
        part: Part::Environment,
        sought: |log| {
            Sought::One(
                log.ledger
                    .variables
                    .iter()
                    .map(|(name, _)| Sign::text(name))
                    .collect(),
            )
        },
    },
    Rule {
        slot: "infra-versions",
        holds: "versions",
        part: Part::Environment,
        sought: |log| {
            Sought::One(
                log.ledger
                    .versions
                    .iter()
                    .map(|(_, version, _)| Sign::text(version))
                    .collect(),
            )
        },
    },
];

const PLANNING: &[Rule] = &[
    Rule {
        slot: "plan-decisions",
        holds: "what the user decided",
        part: Part::Approach,
        sought: decisions,
    },
    Rule {
        slot: "plan-rejected",
        holds: "what was refused",
        part: Part::Approach,
        sought: rejected,
    },
    Rule {
        slot: "plan-questions",
        holds: "the question that is open",
        part: Part::Focus,
        sought: questions,
    },
    Rule {
        slot: "plan-document",
        holds: "where the plan is written",
        part: Part::Environment,
        sought: |log| of_class(log, &[Class::Docs]),
    },
    Rule {
        slot: "plan-studied",
        holds: "the files that were studied",
        part: Part::Environment,
        sought: studied,
    },
];

/// Open tasks and failures.
fn gaps(log: &Log<'_>) -> Sought {
    let tasks = log.ledger.tasks.iter();
    let open = tasks.filter(|task| matches!(task.status, Status::Pending | Status::InProgress));
    let failures = log.ledger.failures.iter();
    let failing = failures.filter(|failure| failure.is_open() && failure.is_product());
    Sought::One(
        open.map(|task| Sign::words(&task.subject))
            .chain(failing.map(|failure| Sign::words(&failure.hit.what)))
            .collect(),
    )
}

fn added(log: &Log<'_>) -> Sought {
    let files = log.ledger.files.iter();
    let code = files.filter(|file| file.class == Class::Code && !file.deleted);
    let new = code
        .flat_map(|file| &file.defined)
        .filter(|defined| defined.new);
    Sought::One(new.filter_map(symbol).collect())
}

/// The two files that were edited in the same turns most often.
fn joints(log: &Log<'_>) -> Sought {
    let known: BTreeMap<&str, &FileState> = changed(log)
        .into_iter()
        .map(|file| (name(&file.path), file))
        .collect();
    let mut turns: BTreeMap<u32, Vec<&FileState>> = BTreeMap::new();
    for event in &log.session.timeline {
        let Body::Call(call) = event.body else {
            continue;
        };
        let path = match log.session.calls.get(call).map(|call| &call.input) {
            Some(Input::Edit { path, .. } | Input::Write { path, .. }) => path,
            _ => continue,
        };
        if let Some(file) = known.get(name(path)) {
            let files = turns.entry(event.turn).or_default();
            if !files.iter().any(|other| other.path == file.path) {
                files.push(file);
            }
        }
    }
    let mut pairs: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for files in turns.values() {
        for (index, a) in files.iter().enumerate() {
            for b in &files[index + 1..] {
                let (a, b) = (a.path.as_str(), b.path.as_str());
                *pairs.entry((a.min(b), a.max(b))).or_default() += 1;
            }
        }
    }
    let most = pairs
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    Sought::Each(
        most.into_iter()
            .flat_map(|((a, b), _)| [Sign::named(a, name(a)), Sign::named(b, name(b))])
            .collect(),
    )
}

fn of_class(log: &Log<'_>, classes: &[Class]) -> Sought {
    let files = changed(log).into_iter();
    let of = files.filter(|file| classes.contains(&file.class));
    Sought::Each(of.take(MOST).map(file).collect())
}

/// Headings that edits brought into pages.
fn sections(log: &Log<'_>) -> Sought {
    let pages = changed(log)
        .into_iter()
        .filter(|file| file.class == Class::Docs);
    let lines = pages.flat_map(|page| &page.changed);
    let headings = lines.filter(|(line, _)| line.starts_with('#'));
    Sought::One(
        headings
            .map(|(line, _)| Sign::words(line.trim_start_matches('#').trim()))
            .collect(),
    )
}

/// A test run after the last edit, or the word that there was none.
fn unchanged(log: &Log<'_>) -> Sought {
    let tests = log.ledger.checks.iter();
    let run = tests
        .filter(|check| check.family == Family::Test)
        .max_by_key(|check| (check.last().cite.tick, check.last().cite.at));
    let mut signs: Vec<Sign> = run.iter().map(|check| Sign::text(&check.command)).collect();
    if log.ledger.edits_since_check > 0 {
        signs.push(Sign::line(Part::Status, |line| line.contains("unverified")));
    }
    Sought::One(signs)
}

fn left(log: &Log<'_>) -> Sought {
    let failures = log.ledger.failures.iter();
    let open = failures.filter(|failure| {
        failure.is_open()
            && failure
                .check
                .as_ref()
                .is_some_and(|(_, family)| matches!(family, Family::Lint | Family::Types))
    });
    Sought::Each(
        open.filter_map(|failure| failure.hit.file.as_deref())
            .take(MOST)
            .map(|path| Sign::named(path, name(path)))
            .collect(),
    )
}

/// The last check of a family, by its command.
fn checked(log: &Log<'_>, family: Family) -> Sought {
    let current = log.ledger.checks.current();
    let of = current
        .into_iter()
        .filter(|check| check.family == family && check.last().verdict != Verdict::Unknown);
    Sought::One(of.map(|check| Sign::text(&check.command)).collect())
}

fn decisions(log: &Log<'_>) -> Sought {
    let requests = log.ledger.requests.iter().rev();
    let answers = requests.filter(|request| matches!(request.via, Via::Answer { .. }));
    let sentences = log.ledger.sentences.iter().rev();
    let decided =
        sentences.filter(|sentence| sentence.by_user && sentence.kind == Some(Saying::Decision));
    Sought::One(
        answers
            .map(|request| Sign::words(&request.text))
            .chain(decided.map(|sentence| Sign::words(&sentence.text)))
            .collect(),
    )
}

fn rejected(log: &Log<'_>) -> Sought {
    let refused = log
        .ledger
        .attempts
        .iter()
        .rev()
        .filter_map(|attempt| match &attempt.tried {
            Tried::Refused { reason, .. } => Some(Sign::words(reason)),
            _ => None,
        });
    Sought::One(refused.collect())
}

fn questions(log: &Log<'_>) -> Sought {
    let asks = matches!(log.session.end, End::Asked | End::PlanWaiting);
    some(asks, || {
        Sign::line(Part::Focus, |line| {
            line.contains("answer")
                || line.contains("question")
                || line.contains("plan")
                || line.contains("waits")
        })
    })
}

/// The files read most.
fn studied(log: &Log<'_>) -> Sought {
    let mut files: Vec<&FileState> = log
        .ledger
        .files
        .iter()
        .filter(|file| file.reads > 0 && file.edits == 0 && !file.deleted)
        .collect();
    files.sort_by(|a, b| b.reads.cmp(&a.reads).then_with(|| a.path.cmp(&b.path)));
    Sought::One(files.into_iter().take(MOST).map(file).collect())
}
