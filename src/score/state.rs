//! The state word, and which checks it stands on.

use super::focus;
use crate::extract::finding::{Counts, Family, Verdict};
use crate::extract::path::Class;
use crate::extract::words::counted;
use crate::ledger::{Check, Failure, Ledger, OUTRUN, State};
use crate::session::End;

/// The first word of the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateWord {
    /// The newest checks passed, and nothing was edited since.
    Green,
    /// A current check fails.
    Red,
    /// The work waits for somebody or something.
    Blocked,
    /// Nothing was checked since the last edit.
    Unverified,
}

impl StateWord {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Red => "red",
            Self::Blocked => "blocked",
            Self::Unverified => "unverified",
        }
    }
}

/// The state word of a ledger.
pub(super) fn state(ledger: &Ledger) -> StateWord {
    let current = ledger.checks.current();
    let red = |check: &&Check| check.last().verdict == Verdict::Red && ledger.is_fresh(check);
    if current.iter().any(|check| verifies(check) && red(check)) {
        return StateWord::Red;
    }
    match ledger.end {
        End::Asked | End::PlanWaiting | End::Limit | End::ApiError => return StateWord::Blocked,
        _ => {}
    }
    let checked = current
        .iter()
        .any(|check| verifies(check) && check.last().verdict == Verdict::Green);
    let checked = checked && !is_only_built(ledger);
    let open = unproven(ledger).is_some() || shown_by_user(ledger).is_some();
    if checked && ledger.edits_since_check == 0 && !open {
        StateWord::Green
    } else {
        StateWord::Unverified
    }
}

/// True if all that passed is that it compiles, where there are tests: that proves little.
pub(super) fn is_only_built(ledger: &Ledger) -> bool {
    let current = ledger.checks.current();
    let green = |check: &&&Check| verifies(check) && check.last().verdict == Verdict::Green;
    let mut passed = current.iter().filter(green).peekable();
    let tested = ledger
        .checks
        .iter()
        .any(|check| check.family == Family::Test)
        || ledger
            .files
            .iter()
            .any(|file| file.edits > 0 && file.class == Class::Test);
    tested && passed.peek().is_some() && passed.all(|check| check.family == Family::Build)
}

/// The check that makes the work red; of any other work, the tests that ran last, or else the check that did.
pub(super) fn decisive(ledger: &Ledger, state: StateWord) -> Option<&Check> {
    if state == StateWord::Unverified
        && let Some(check) = of_suite(ledger)
    {
        return Some(check);
    }
    let mut current = ledger.checks.current().into_iter();
    let found = current.find(|check| match (state, check.last().verdict) {
        (StateWord::Red, Verdict::Red) => verifies(check) && ledger.is_fresh(check),
        (StateWord::Red, _) => false,
        (StateWord::Unverified, Verdict::Red) => is_unproven(ledger, check),
        (_, verdict) => check.family == Family::Test && verdict == Verdict::Green,
    });
    // What a pipeline said of an older commit, it will say again for ever.
    let still = |check: &&Check| check.family != Family::Ci || ledger.is_fresh(check);
    let proves = |check: &&Check| {
        verifies(check)
            && check.family != Family::Format
            && check.last().verdict != Verdict::Unknown
    };
    let other = || ledger.checks.current().into_iter().find(proves);
    let newest = || other().or_else(|| ledger.checks.newest());
    found.or_else(|| newest().filter(still))
}

/// The check of the suite that alone was edited since the last check, where that is one that other checks leave out.
fn of_suite(ledger: &Ledger) -> Option<&Check> {
    const SUITES: [&str; 3] = ["integration", "e2e", "acceptance"];
    let suite = |path: &String| {
        let mut folders = path.rsplit('/').skip(1);
        folders.find_map(|folder| SUITES.iter().find(|suite| folder.contains(**suite)))
    };
    let mut suites = ledger.files_since_check.iter().map(suite);
    let first = suites.next()??;
    let mut checks = ledger.checks.current().into_iter();
    suites.all(|other| other == Some(first)).then_some(())?;
    checks.find(|check| check.family == Family::Test && check.command.contains(first))
}

/// True if it proves the work rather than does it.
fn verifies(check: &Check) -> bool {
    !matches!(check.family, Family::Run | Family::Deploy)
}

/// The newest failure that the user showed and nothing was seen of since.
pub(super) fn shown_by_user(ledger: &Ledger) -> Option<&Failure> {
    let open = focus::open_failures(ledger);
    open.into_iter().find(|failure| failure.by_user)
}

/// The newest check of that kind.
pub(super) fn unproven(ledger: &Ledger) -> Option<&Check> {
    let mut current = ledger.checks.current().into_iter();
    current.find(|check| is_unproven(ledger, check))
}

/// True of a check that failed, whose failures may be gone since a narrower run passed, and that was not run again.
pub(super) fn is_unproven(ledger: &Ledger, check: &Check) -> bool {
    let run = check.last();
    let stands = |print: &String| {
        let mut failures = ledger.failures.iter();
        failures.any(|failure| {
            failure.fingerprint == *print && !matches!(failure.state, State::Resolved { .. })
        })
    };
    // Of a task of a runner it is not known how much it runs; only what is seen to be a part proves no more than a part.
    let mut later = ledger.checks.iter().filter(|other| {
        let last = other.last();
        other.family == check.family
            && last.verdict == Verdict::Green
            && (last.cite.tick, last.cite.at) > (run.cite.tick, run.cite.at)
    });
    later.all(|other| check.covers(other))
        && verifies(check)
        && check.family != Family::Ci
        && run.verdict == Verdict::Red
        && !ledger.is_fresh(check)
        && ledger.edits - run.edits_before < OUTRUN
        && run.failures.iter().any(stands)
}

/// True of a formatter that edits outran, where a linter has read them since, which knows the form, too, or all is committed.
fn is_settled(ledger: &Ledger, check: &Check) -> bool {
    let is_outrun = check.family == Family::Format && ledger.edits_since(check.last()) > 0;
    let linted = |other: &&Check| {
        let last = other.last();
        other.family == Family::Lint
            && last.verdict == Verdict::Green
            && ledger.edits_since(last) == 0
    };
    let committed = !ledger.repository.commits.is_empty()
        && !ledger
            .files
            .iter()
            .any(|file| file.uncommitted && file.edits > 0);
    is_outrun && (committed || ledger.checks.current().iter().any(linted))
}

/// The numbers of a run, in words.
pub(super) fn in_numbers(counts: &Counts) -> String {
    let mut parts = Vec::new();
    match (counts.passed, counts.failed.unwrap_or(0), counts.ran()) {
        (Some(passed), 0, Some(ran)) => parts.push(format!("{passed}/{ran} passed")),
        (Some(passed), failed, Some(ran)) => {
            let rate = if ran > 0 {
                format!(" ({:.1} %)", 100.0 * passed as f64 / ran as f64)
            } else {
                String::new()
            };
            parts.push(format!("{passed}/{ran} passed{rate}, {failed} failed"));
        }
        (None, failed, _) if failed > 0 => parts.push(format!("{failed} failed")),
        _ => {}
    }
    if let Some(skipped) = counts.skipped.filter(|skipped| *skipped > 0) {
        parts.push(format!("{skipped} skipped"));
    }
    for (count, word) in [(counts.errors, "error"), (counts.warnings, "warning")] {
        if let Some(count) = count {
            parts.push(counted(count, word));
        }
    }
    if let Some(coverage) = counts.coverage {
        parts.push(format!("coverage {coverage} %"));
    }
    if parts.is_empty() && counts.suites > 1 {
        parts.push(format!("{} packages ok", counts.suites));
    }
    parts.join(", ")
}

/// The checks of the status: the newest of each family, the others that fail or count tests, and the newest that
/// counts anything where no other of its family does; those that fail first.
pub(super) fn shown(ledger: &Ledger) -> Vec<&Check> {
    const MOST: usize = 6;
    let mut families: Vec<Family> = Vec::new();
    let mut shown = Vec::new();
    for check in ledger.checks.current() {
        let verdict = check.last().verdict;
        if verdict == Verdict::Unknown && !check.last().waits {
            continue;
        }
        let first = !families.contains(&check.family);
        // What failed once, and what it showed is gone or many edits lie between, says nothing beside what passed since.
        let past = verdict == Verdict::Red
            && !ledger.is_fresh(check)
            && !is_unproven(ledger, check)
            && (check.family == Family::Ci || !first);
        if past || is_settled(ledger, check) {
            continue;
        }
        families.push(check.family);
        let counts = |check: &Check| !in_numbers(&check.last().counts).is_empty();
        let first_count = counts(check)
            && !shown
                .iter()
                .any(|other: &&Check| other.family == check.family && counts(other));
        // A part that ran since does not say what the whole said.
        let passed = check.family == Family::Test && verdict == Verdict::Green;
        let whole = |part: &&Check| passed && check.is_wider_than(part);
        if first
            || shown.iter().any(whole)
            || verdict == Verdict::Red
            || check.last().counts.passed.is_some()
            || first_count
        {
            shown.push(check);
        }
    }
    shown.truncate(MOST);
    // What is wrong stands first.
    shown.sort_by_key(|check| check.last().verdict != Verdict::Red);
    shown
}
