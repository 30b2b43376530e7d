//! A session, condensed to what a chain needs.

use std::collections::BTreeSet;

use crate::extract::finding::{Counts, Family, Verdict};
use crate::extract::path::{self, Paths};
use crate::extract::words::{content, counted, tickets};
use crate::ledger::{Cite, Ledger, Scope, Status, is_shared};
use crate::safety::Gate;
use crate::score::labels;
use crate::session::{End, Input, Session, Via};

/// A session, condensed to what a chain needs. What is shown of it has passed its own gate, which knows its secrets.
#[derive(Clone, Debug)]
pub struct Past {
    /// The session's id.
    pub id: String,
    /// When it began and ended.
    pub started: Option<jiff::Timestamp>,
    pub(super) day: String,
    /// A label for each of its files, by [`crate::position::FileId`].
    pub(super) labels: Vec<String>,
    pub(super) last: Option<Cite>,
    pub(super) end: End,
    pub(super) repository: Option<String>,
    pub(super) branches: BTreeSet<String>,
    pub(super) tickets: BTreeSet<String>,
    pub(super) pulls: BTreeSet<String>,
    pub(super) edited: BTreeSet<String>,
    pub(super) commits: Vec<Commit>,
    /// Hashes that its requests and commands name.
    pub(super) named: BTreeSet<String>,
    /// What its requests name that may be a branch.
    pub(super) spoken: BTreeSet<String>,
    /// Its last plan, and the plan that it was begun with: letters and digits of the beginning.
    pub(super) plan: Option<String>,
    pub(super) handed: Option<String>,
    pub(super) tasks: Vec<Task>,
    pub(super) request: Option<Said>,
    pub(super) failures: Vec<Failure>,
    pub(super) checks: Vec<Check>,
}

/// A commit of it.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) hash: String,
    pub(super) words: BTreeSet<String>,
}

/// Something said, with its place.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) shown: String,
    pub(super) words: BTreeSet<String>,
    pub(super) cite: Cite,
}

/// A task of it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) shown: String,
    pub(super) words: BTreeSet<String>,
    pub(super) open: bool,
    pub(super) cite: Cite,
}

/// A failure that was open at its end.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) shown: String,
    pub(super) fingerprint: String,
    pub(super) family: Option<Family>,
    pub(super) cite: Cite,
}

/// A check of it, with its last run that counted anything.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) tool: String,
    pub(super) family: Family,
    pub(super) scope: Scope,
    pub(super) command: String,
    pub(super) green: bool,
    /// The first and the last run that counted, as one says it: `30/90`.
    pub(super) counted: Option<[(String, Cite); 2]>,
}

impl Past {
    /// Condenses `session`, whose state at the end is `ledger`; `gate` is its own.
    pub fn new(session: &Session, ledger: &Ledger, gate: &mut Gate) -> Self {
        const SHOWN: usize = 160;
        let branches = session
            .branch
            .iter()
            .chain(ledger.repository.branch.iter().map(|(branch, _)| branch))
            // Where everyone works, nothing is joined.
            .filter(|branch| !is_shared(branch))
            .map(|branch| gate.verbatim(branch, 80))
            .collect::<BTreeSet<String>>();
        let requests = || ledger.requests.iter().map(|request| request.text.as_str());
        let shell = session.calls.iter().filter_map(|call| match &call.input {
            Input::Shell { command, .. } => Some(command.as_str()),
            _ => None,
        });
        let spoken = branches.iter().map(|branch| branch.to_uppercase());
        let tickets = spoken
            .chain(requests().map(str::to_owned))
            .flat_map(|text| tickets(&text).map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let tasks = ledger
            .tasks
            .iter()
            .map(|task| Task {
                shown: gate.line(&task.subject, SHOWN),
                words: content(&task.subject).collect(),
                open: matches!(task.status, Status::Pending | Status::InProgress),
                cite: task.last.clone(),
            })
            .collect();
        let failures = ledger
            .failures
            .iter()
            .filter(|failure| failure.is_open() && failure.is_product())
            .map(|failure| Failure {
                shown: gate.line(&failure.hit.what, SHOWN),
                fingerprint: failure.fingerprint.clone(),
                family: failure.check.as_ref().map(|(_, family)| *family),
                cite: failure.last.clone(),
            })
            .collect();
        let checks = ledger
            .checks
            .iter()
            .filter(|check| check.last().verdict != Verdict::Unknown)
            .map(|check| {
                let mut runs = check
                    .runs
                    .iter()
                    .filter_map(|run| Some((numbers(&run.counts)?, run.cite.clone())));
                let first = runs.next();
                let last = runs.next_back().or_else(|| first.clone());
                Check {
                    tool: check.tool.clone(),
                    family: check.family,
                    scope: check.scope.clone(),
                    command: gate.verbatim(&check.command, 100),
                    green: check.last().verdict == Verdict::Green,
                    counted: first.zip(last).map(|(first, last)| [first, last]),
                }
            })
            .collect();
        Self {
            id: session.id.clone(),
            started: session.span.map(|(started, _)| started),
            day: session
                .span
                .map(|(_, ended)| ended.strftime("%Y-%m-%d").to_string())
                .unwrap_or_default(),
            labels: labels(session),
            last: ledger.last.clone(),
            end: session.end,
            repository: session
                .cwd
                .as_deref()
                .map(|cwd| repository(Paths::new(&session.cwds).root(cwd)).to_owned()),
            pulls: ledger
                .repository
                .pull_requests
                .iter()
                .map(|(url, _)| url.clone())
                .collect(),
            edited: ledger
                .files
                .iter()
                .filter(|file| file.edits > 0)
                .map(|file| file.path.clone())
                .collect(),
            commits: ledger
                .repository
                .commits
                .iter()
                .map(|commit| Commit {
                    hash: gate.verbatim(&commit.hash, 40),
                    words: content(&commit.subject).collect(),
                })
                .collect(),
            named: requests().chain(shell).flat_map(hashes).collect(),
            spoken: requests()
                .flat_map(branches_in)
                .map(str::to_owned)
                .collect(),
            // The program refuses a plan that it carries into a fresh context, so any that was put forward counts.
            plan: session
                .calls
                .iter()
                .rev()
                .find_map(|call| match &call.input {
                    Input::Plan(plan) => Some(beginning(&plan.text)),
                    _ => None,
                }),
            handed: ledger
                .requests
                .first()
                .filter(|request| request.via == Via::Plan)
                .map(|request| beginning(&request.text)),
            request: ledger.last_requests().first().map(|request| Said {
                shown: gate.line_middle(&request.text, SHOWN),
                words: content(&request.text).take(40).collect(),
                cite: request.cite.clone(),
            }),
            branches,
            tickets,
            tasks,
            failures,
            checks,
        }
    }
}

/// The numbers of a run as one says them; none where nothing was counted.
fn numbers(counts: &Counts) -> Option<String> {
    if let (Some(passed), Some(all)) = (counts.passed, counts.ran()) {
        return Some(format!("{passed}/{all}"));
    }
    let errors = counts.errors.map(|errors| counted(errors, "error"));
    errors.or_else(|| counts.warnings.map(|warnings| counted(warnings, "warning")))
}

/// The name of the folder of the repository that `root` is, or is a worktree of.
fn repository(root: &str) -> &str {
    path::repository(root)
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(root)
}

/// What may be abbreviated hashes of commits in a text.
fn hashes(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| (7..=40).contains(&word.len()))
        .filter(|word| {
            word.bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
                && word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().any(|b| b.is_ascii_lowercase())
        })
        .map(str::to_owned)
}

/// Words of a text that may be the name of a branch.
fn branches_in(text: &str) -> impl Iterator<Item = &str> {
    const LEAST: usize = 6;
    text.split(|c: char| c.is_whitespace() || "`'\"()[]<>,;:".contains(c))
        .map(|word| word.trim_end_matches(['.', '?', '!']))
        .filter(|word| word.len() >= LEAST && word.contains(['/', '-']))
}

/// The first letters and digits of a plan: how it is set changes on the way.
fn beginning(text: &str) -> String {
    const MOST: usize = 160;
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_repositories_are_told() {
        assert_eq!(
            hashes("git show 1c77b2cf; feedback 1234567 deadbee").collect::<Vec<_>>(),
            ["1c77b2cf"]
        );
        for (root, name) in [
            ("/home/dev/shop", "shop"),
            ("/home/dev/shop/.worktrees/2", "shop"),
            ("C:\\w\\shop\\", "shop"),
        ] {
            assert_eq!(repository(root), name, "{root}");
        }
        assert_eq!(beginning("# Plan: Sync, v2"), "plansyncv2");
    }
}
