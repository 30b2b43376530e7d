//! The failures in the output of a command: each once, by the line that says most.

use std::collections::BTreeSet;

use super::finding::{About, Class, FailureHit, Family};
use crate::rules::Hit;

/// The failure that a rule's hit shows.
pub(super) fn failure(hit: &Hit<'_, '_>) -> FailureHit {
    FailureHit {
        rule: Some(hit.rule.id.to_string()),
        class: hit.rule.class.unwrap_or(Class::Command),
        about: hit.rule.about.unwrap_or(About::Product),
        what: shown(hit).to_owned(),
        message: hit.get("what").map(|what| what.trim().to_owned()),
        test: hit.get("test").map(str::to_owned),
        file: hit.get("file").map(str::to_owned),
        line: hit.get("line").and_then(|line| line.parse().ok()),
        sums_up: hit.rule.weight <= SUMS_UP,
    }
}

/// The weight up to which a failure only sums up what other lines of the output say one by one.
const SUMS_UP: f64 = 0.5;

/// `failures`, which stand at `lines` of the output, each failed test once: the message that stands near a test without
/// one, or that a test repeats, goes to the test; a test that fails by its subtests is told by them; what only sums up
/// goes where something else is left.
pub(super) fn gathered(mut failures: Vec<FailureHit>, lines: &[usize]) -> Vec<FailureHit> {
    if failures.len() != lines.len() {
        return failures;
    }
    let mut gone: Vec<bool> = vec![false; failures.len()];
    for index in 0..failures.len() {
        if let Some(test) = test_of(&failures, lines, index) {
            let message = failures[index].clone();
            give(&mut failures[test], message);
            gone[index] = true;
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

/// The failed test that the failure at `index` is the message of: one with the same message in the same file, else the
/// nearest without a message, before it or behind it.
fn test_of(failures: &[FailureHit], lines: &[usize], index: usize) -> Option<usize> {
    const NEAR: usize = 12;
    const FAR: usize = 400;
    let message = &failures[index];
    if message.class != Class::Test || message.test.is_some() || message.file.is_none() {
        return None;
    }
    if message.sums_up {
        return None;
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
    let near = |other: &usize| lines[index].abs_diff(lines[*other]) <= NEAR;
    (index + 1..last)
        .find(repeats)
        .or_else(|| (0..index).rev().take_while(near).find(bare))
        .or_else(|| (index + 1..last).take_while(near).find(bare))
}

fn give(test: &mut FailureHit, message: FailureHit) {
    if test.message.is_some() {
        test.line = message.line;
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
