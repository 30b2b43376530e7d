//! Shell commands that ran: which of them are checks, and what their output says.

use std::borrow::Cow;

use super::checks::{check, owner, through};
use super::command::{self, Simple, Then};
use super::evidence::{Evidence, judged};
use super::failures::{Places, class_of, gathered, telling_line, unknown};
use super::finding::COMMIT_HOOK;
use super::finding::{About, CheckHit, Class, FailureHit, Family, Ran, Segment, Verdict};
use super::inline::{
    benign, found_nothing, is_about_the_machine, is_anothers, is_cut, is_searched, never_ran,
    ran_alone, status_seen,
};
use crate::rules::{Counted, Kind, Scope};
use crate::session::Outcome;

/// What a shell command printed, and how it ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) output: &'a str,
    pub(super) outcome: &'a Outcome,
    /// The exit code, where it is known although the call was answered before the command ended.
    pub(super) exit: Option<i32>,
    /// True if nothing tells how the command ended but what it printed.
    pub(super) status_unknown: bool,
}

impl Answer<'_> {
    fn failed(&self) -> bool {
        self.exit.is_some_and(|exit| exit != 0)
            || matches!(
                self.outcome,
                Outcome::Error { .. } | Outcome::TimedOut | Outcome::Blocked
            )
    }

    fn exit(&self) -> Option<i32> {
        match self.outcome {
            Outcome::Error { exit, .. } => *exit,
            _ => self.exit,
        }
    }

    fn ended(&self) -> bool {
        self.exit.is_some()
            || matches!(
                self.outcome,
                Outcome::Ok | Outcome::Error { .. } | Outcome::TimedOut | Outcome::Blocked
            )
    }
}

/// Reads the command of `call` and its answer.
pub(super) fn ran(rules: &mut Counted<'_>, call: usize, command: &str, answer: Answer<'_>) -> Ran {
    let parsed = command::parse(command);
    let mut segments: Vec<Segment> = Vec::with_capacity(parsed.len());
    let strict_pipes = command.contains("pipefail");
    for (index, simple) in parsed.iter().enumerate() {
        // A commit that fails was refused by its hooks, if its output shows what they found.
        let refused = answer.failed()
            && simple.program() == "git"
            && simple.words.get(1).is_some_and(|word| word == "commit");
        let check = if refused {
            Some(CheckHit::commit_hook())
        } else {
            check(rules, simple)
        };
        let status_seen = !answer.status_unknown && status_seen(&parsed, index, strict_pipes);
        segments.push(Segment {
            simple: simple.clone(),
            check,
            status_seen,
        });
    }
    let mut ran = Ran {
        call,
        segments,
        failures: Vec::new(),
    };
    let checks = ran
        .segments
        .iter()
        .filter(|segment| segment.check.is_some())
        .count();
    if (checks == 0 && !answer.failed()) || !answer.ended() {
        return ran;
    }
    let mut failures = Vec::new();
    let output = clean(answer.output);
    let mut evidence: Vec<Vec<Evidence>> = vec![Vec::new(); ran.segments.len()];
    let mut shown_at: Vec<Places> = vec![Places::default(); ran.segments.len()];
    let kinds = |kind| matches!(kind, Kind::Metric | Kind::Failure);
    rules.scan_kinds(Scope::ToolOutput, Some("Bash"), kinds, &output, |hit| {
        let owner = owner(&ran.segments, &hit);
        match (hit.rule.kind, owner) {
            (Kind::Metric, Some(owner)) => evidence[owner].push(Evidence::of(&hit)),
            (Kind::Failure, Some(owner)) => {
                if let Some(check) = &mut ran.segments[owner].check {
                    check.failures.extend(shown_at[owner].failure(&hit));
                }
            }
            (Kind::Failure, None) => failures.extend(Places::default().failure(&hit)),
            _ => {}
        }
    });
    for (index, segment) in ran.segments.iter_mut().enumerate() {
        let bare = |check: &mut CheckHit| check.tool == COMMIT_HOOK && check.failures.is_empty();
        if evidence[index].is_empty() && segment.check.as_mut().is_some_and(bare) {
            segment.check = None;
        }
    }
    let red_elsewhere: Vec<bool> = (0..ran.segments.len())
        .map(|index| {
            ran.segments.iter().enumerate().any(|(other, segment)| {
                other != index
                    && segment.check.as_ref().is_some_and(|check| {
                        let content = segment.status_seen && !answer.failed();
                        judged(&evidence[other], check, content) == Verdict::Red
                    })
            })
        })
        .collect();
    let mut handed_on: Vec<FailureHit> = Vec::new();
    for (index, segment) in ran.segments.iter_mut().enumerate() {
        let Some(check) = &mut segment.check else {
            continue;
        };
        let cut = is_cut(&parsed, index);
        for shown in &evidence[index] {
            shown.count(&mut check.counts, cut);
        }
        // Only tests have packages.
        if check.family != Family::Test {
            check.counts.suites = 0;
        }
        check.through = through(rules, check, checks == 1, &output);
        check.summary = evidence[index].last().map(|shown| shown.line.clone());
        if answer.failed() && evidence[index].is_empty() && never_ran(&parsed, index, &output) {
            check.failures.clear();
            continue;
        }
        let content = segment.status_seen && !answer.failed();
        let said = judged(&evidence[index], check, content);
        if answer.failed()
            && segment.status_seen
            && evidence[index].is_empty()
            && is_anothers(&parsed, index, check)
        {
            handed_on.extend(check.failures.drain(..).map(|mut failure| {
                failure.class = Class::Command;
                failure
            }));
            if handed_on.is_empty() {
                handed_on.extend(telling_line(&output).map(|what| unknown(what, Class::Command)));
            }
            continue;
        }
        // A build that ended well and was followed by what was built did not print what went wrong then.
        let went_well = check.family == Family::Build
            && !answer.failed()
            && segment.status_seen
            && segment.simple.then == Then::And
            && evidence[index]
                .iter()
                .all(|shown| shown.verdict() != Verdict::Red);
        if went_well {
            check.failures.clear();
            shown_at[index].lines.clear();
        }
        let said = if went_well { Verdict::Green } else { said };
        check.verdict = match (said, answer.failed()) {
            (Verdict::Unknown, false)
                if only_looks(check, &segment.simple) || found_nothing(&output) =>
            {
                Verdict::Unknown
            }
            (Verdict::Unknown, false) if segment.status_seen => Verdict::Green,
            // A pipe hides the status; linters and compilers that print nothing found nothing.
            (Verdict::Unknown, false)
                if check.family != Family::Test && output.trim().is_empty() =>
            {
                Verdict::Green
            }
            // `gh pr checks` ends like this while some of them still run.
            (Verdict::Green | Verdict::Unknown, true)
                if check.tool == "gh pr checks" && answer.exit() == Some(8) =>
            {
                Verdict::Unknown
            }
            // A formatter that says nothing is not what stopped the checks beside it.
            (Verdict::Unknown, true) if check.family == Family::Format && checks > 1 => {
                Verdict::Unknown
            }
            (Verdict::Unknown, true)
                if segment.status_seen && (checks == 1 || !red_elsewhere[index]) =>
            {
                Verdict::Red
            }
            (Verdict::Green, true) if checks == 1 && ran_alone(&parsed, index) => Verdict::Red,
            (said, _) => said,
        };
        check.searched = is_searched(&parsed, index);
        let waits = evidence[index].iter().any(|shown| shown.waits);
        check.waits = waits && check.verdict == Verdict::Unknown;
        // What a test makes another program say is none of its own failures.
        if check.family == Family::Test && !evidence[index].is_empty() {
            let (failures, places) = (&mut check.failures, &mut shown_at[index]);
            places.keep(failures, |one| {
                one.class != Class::Command || one.test.is_some() || one.file.is_some()
            });
        }
        if check.verdict == Verdict::Red && check.failures.is_empty() {
            check
                .failures
                .extend(telling_line(&output).map(|what| unknown(what, class_of(check.family))));
        }
        check.failures = gathered(std::mem::take(&mut check.failures), &shown_at[index]);
        check.failures.dedup();
    }
    went_on(&mut ran.segments, &evidence);
    if answer.status_unknown {
        stopped(&mut ran.segments);
    }
    if answer.failed() && checks == 0 {
        if failures.is_empty() && !benign(&parsed) {
            failures.extend(telling_line(&output).map(|what| unknown(what, Class::Command)));
        }
        if parsed.iter().all(is_about_the_machine) {
            let commands = failures
                .iter_mut()
                .filter(|one| one.class == Class::Command);
            commands
                .filter(|one| one.about == About::Product)
                .for_each(|one| one.about = About::Environment);
        }
        failures.truncate(5);
        ran.failures = failures;
    } else if !handed_on.is_empty() {
        handed_on.truncate(5);
        ran.failures = handed_on;
    }
    ran
}

/// True of a look at pipelines, which ends well however they ended: only what it prints tells.
fn only_looks(check: &CheckHit, simple: &Simple) -> bool {
    let has = |option: &str| {
        simple.words.iter().any(|word| {
            word.strip_prefix(option)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    match check.tool.as_str() {
        "gh run view" | "gh run list" | "gh run rerun" | "gh run watch" => !has("--exit-status"),
        "gh pr checks" => has("--json"),
        tool => tool.starts_with("glab ci "),
    }
}

/// What stands before `&&` went well where the output shows that what follows ran. That something was built shows it not:
/// tests are built, and runners build.
fn went_on(segments: &mut [Segment], evidence: &[Vec<Evidence>]) {
    let mut followed = false;
    for (segment, shown) in segments.iter_mut().zip(evidence).rev() {
        if segment.simple.then != Then::And {
            followed = false;
        }
        if let Some(check) = &mut segment.check {
            if followed && check.verdict == Verdict::Unknown {
                check.verdict = Verdict::Green;
                check.failures.clear();
            }
            followed |= !shown.is_empty() && check.family != Family::Build;
        }
    }
}

/// What stands behind `&&` did not run where what stands before it failed.
fn stopped(segments: &mut [Segment]) {
    let mut failed = false;
    for segment in segments {
        if let Some(check) = &mut segment.check {
            if failed {
                check.verdict = Verdict::Unknown;
                check.failures.clear();
            }
            failed |= check.verdict == Verdict::Red;
        }
        failed &= segment.simple.then == Then::And;
    }
}

/// Output without the escapes of a terminal and without the program's own first line.
fn clean(output: &str) -> Cow<'_, str> {
    let output = output
        .strip_prefix("Exit code ")
        .and_then(|rest| rest.split_once('\n'))
        .map_or(output, |(_, rest)| rest);
    crate::safety::clean(output)
}

#[cfg(test)]
mod tests;
