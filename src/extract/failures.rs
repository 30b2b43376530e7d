//! The failures in the output of a command: each once, by the line that says most.

use std::collections::BTreeSet;

use super::finding::{About, Class, FailureHit, Family};
use crate::rules::Hit;

/// The failure that a rule's hit shows.
fn failure(hit: &Hit<'_, '_>) -> FailureHit {
    FailureHit {
        rule: Some(hit.rule.id.to_string()),
        class: hit.rule.class.unwrap_or(Class::Command),
        about: hit.rule.about.unwrap_or(About::Product),
        what: shown(hit).to_owned(),
        message: hit.get("what").map(|what| what.trim().to_owned()),
        test: hit.get("test").map(str::to_owned),
        package: hit.get("package").map(str::to_owned),
        file: hit.get("file").map(str::to_owned),
        line: hit.get("line").and_then(|line| line.parse().ok()),
        sums_up: hit.rule.weight <= SUMS_UP,
    }
}

/// The weight up to which a failure only sums up what other lines of the output say one by one.
const SUMS_UP: f64 = 0.5;

/// Where the failures of one check stand in its output.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// The line of each failure, in the order of the failures.
    pub(super) lines: Vec<usize>,
    /// The lines behind which the output is that of a test, and its name.
    running: Vec<(usize, String)>,
}

impl Places {
    /// The failure that `hit` shows; none if it only says whose output follows.
    pub(super) fn failure(&mut self, hit: &Hit<'_, '_>) -> Option<FailureHit> {
        if let Some(test) = hit.get("running") {
            self.running.push((hit.line, test.to_owned()));
            return None;
        }
        self.lines.push(hit.line);
        Some(failure(hit))
    }

    /// Leaves of `failures`, which stand there, those that are to be kept.
    pub(super) fn keep(
        &mut self,
        failures: &mut Vec<FailureHit>,
        kept: impl Fn(&FailureHit) -> bool,
    ) {
        let mut keeps = failures.iter().map(&kept);
        self.lines.retain(|_| keeps.next().unwrap_or(true));
        failures.retain(kept);
    }

    /// The test whose output `line` belongs to.
    fn running_at(&self, line: usize) -> Option<(usize, &str)> {
        let begun = self.running.partition_point(|(begun, _)| *begun < line);
        let (at, test) = self.running.get(begun.checked_sub(1)?)?;
        Some((*at, test))
    }
}

/// `failures`, which stand at `places` in the output, each failed test once: the message that stands near a test without
/// one, or that a test repeats, goes to the test; a test that fails by its subtests is told by them; what only sums up
/// goes where something else is left.
pub(super) fn gathered(mut failures: Vec<FailureHit>, places: &Places) -> Vec<FailureHit> {
    if failures.len() != places.lines.len() {
        return failures;
    }
    let mut gone: Vec<bool> = vec![false; failures.len()];
    for index in 0..failures.len() {
        match test_of(&failures, places, index) {
            Owner::Test(test) => {
                let message = failures[index].clone();
                give(&mut failures[test], message);
                gone[index] = true;
            }
            Owner::Running(test) => failures[index].test = Some(test.to_owned()),
            Owner::Passed => gone[index] = true,
            Owner::Nobody => {}
        }
    }
    // `FAIL acme.io/app/cli 0.5s` stands below the tests of its package.
    let mut package: Option<String> = None;
    for failure in failures.iter_mut().rev() {
        if failure.package.is_some() {
            package.clone_from(&failure.package);
        } else if failure.class == Class::Test {
            failure.package.clone_from(&package);
        }
    }
    let parents: BTreeSet<String> = failures
        .iter()
        .filter_map(|failure| failure.test.as_deref())
        .flat_map(|test| test.match_indices('/').map(|(at, _)| test[..at].to_owned()))
        .collect();
    let is_parent = |failure: &FailureHit| {
        let test = failure.test.as_deref();
        test.is_some_and(|test| parents.contains(test))
    };
    // `FAIL src/a.test.ts` stands above the tests of its file.
    let mut file: Option<String> = None;
    for failure in &mut failures {
        if failure.sums_up && failure.file.is_some() {
            file.clone_from(&failure.file);
        } else if failure.test.is_some() && failure.file.is_none() {
            failure.file.clone_from(&file);
        }
    }
    let mut kept: Vec<FailureHit> = failures
        .into_iter()
        .zip(gone)
        .filter(|(failure, gone)| !gone && !is_parent(failure))
        .map(|(failure, _)| failure)
        .collect();
    if !kept.iter().all(|failure| failure.sums_up) {
        kept.retain(|failure| !failure.sums_up);
    }
    kept
}

/// Whose message a failure without a test is.
enum Owner<'p> {
    /// That of the failed test at this index.
    Test(usize),
    /// That of a test whose end is not shown.
    Running(&'p str),
    /// That of a test that did not fail.
    Passed,
    /// It stands for itself.
    Nobody,
}

/// Whose message the failure at `index` is: that of the test whose output it stands in, else of one with the same message
/// in the same file, else of the nearest without a message, before it or behind it.
fn test_of<'p>(failures: &[FailureHit], places: &'p Places, index: usize) -> Owner<'p> {
    const NEAR: usize = 12;
    // What a test that failed printed, where nothing else stands between.
    const BELOW: usize = 60;
    const FAR: usize = 400;
    let lines = &places.lines;
    let message = &failures[index];
    if message.class != Class::Test || message.test.is_some() || message.file.is_none() {
        return Owner::Nobody;
    }
    if message.sums_up {
        return Owner::Nobody;
    }
    if let Some((begun, test)) = places.running_at(lines[index]) {
        let is_it = |other: &FailureHit| other.test.as_deref() == Some(test);
        let ended = |(other, line): (&FailureHit, &usize)| {
            other.test.is_some() && (begun..lines[index]).contains(line)
        };
        if !failures.iter().zip(lines).any(ended) {
            return match failures.iter().position(is_it) {
                Some(failed) => Owner::Test(failed),
                None if failures.iter().any(|other| other.test.is_some()) => Owner::Passed,
                None => Owner::Running(test),
            };
        }
    }
    let last = failures.len().min(index + FAR);
    let repeats = |other: &usize| {
        let other = &failures[*other];
        other.test.is_some()
            && other.line.is_none()
            && other.message.is_some()
            && other.message == message.message
            && other.file == message.file
    };
    let bare =
        |other: &usize| failures[*other].test.is_some() && failures[*other].message.is_none();
    let apart = |other: &usize| lines[index].abs_diff(lines[*other]);
    let near = |other: &usize| apart(other) <= NEAR;
    let above = index.checked_sub(1).filter(|other| apart(other) <= BELOW);
    (index + 1..last)
        .find(repeats)
        .or_else(|| (0..index).rev().take_while(near).find(bare))
        .or_else(|| above.filter(bare))
        .or_else(|| (index + 1..last).take_while(near).find(bare))
        .map_or(Owner::Nobody, Owner::Test)
}

fn give(test: &mut FailureHit, message: FailureHit) {
    if test.message.is_some() {
        if test.message == message.message {
            test.line = message.line;
        }
    } else {
        test.what = message.what;
        test.message = message.message;
    }
}

/// The line of the failure, verbatim, if it is short; else what the rule says is the message.
fn shown<'t>(hit: &Hit<'_, 't>) -> &'t str {
    const SHORT: usize = 200;
    let line = hit.text().trim().trim_start_matches("##[error]");
    if line.starts_with('{') {
        // A record for programs: people are told the name.
        hit.get("what").or_else(|| hit.get("test")).unwrap_or(line)
    } else if line.len() <= SHORT && !line.contains('\n') {
        line
    } else {
        hit.get("what").unwrap_or(line).trim()
    }
}

/// What goes wrong when a check of that family does.
pub(super) fn class_of(family: Family) -> Class {
    match family {
        Family::Test => Class::Test,
        Family::Build => Class::Compile,
        Family::Types => Class::Type,
        Family::Lint => Class::Lint,
        Family::Format => Class::Format,
        Family::Ci => Class::Ci,
        Family::Run | Family::Deploy => Class::Command,
    }
}

/// A failure that only the status shows.
pub(super) fn unknown(what: String, class: Class) -> FailureHit {
    FailureHit {
        rule: None,
        class,
        about: About::Product,
        what,
        message: None,
        test: None,
        package: None,
        file: None,
        line: None,
        sums_up: false,
    }
}

/// The first line of output that calls itself an error, else the last that says something.
pub(super) fn telling_line(output: &str) -> Option<String> {
    const WORDS: &[&str] = &["error", "fatal", "failed", "panic", "conflict", "abort"];
    let lines = || {
        output.lines().map(str::trim).filter(|line| {
            line.chars().filter(|c| c.is_alphabetic()).count() >= 6
                && !line.starts_with("Exit code")
                && !line.starts_with("exit status")
                // What begins has not failed.
                && !line.starts_with("=== ")
        })
    };
    let calls_itself_one = |line: &&str| {
        let lower = line.to_lowercase();
        let opening = lower.trim_start_matches(|c: char| !c.is_alphabetic());
        WORDS.iter().any(|word| opening.starts_with(word)) || lower.contains("error: ")
    };
    lines()
        .find(calls_itself_one)
        .or_else(|| lines().next_back())
        .map(|line| line.chars().take(300).collect())
}
