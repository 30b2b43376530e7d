//! Failures: shown, shown again, and gone.

use super::super::Cite;
use super::super::attempts::{Attempt, Tried};
use super::super::checks::{Check, Face, through};
use super::super::failures::{Failure, State, command_family, fingerprint};
use super::super::foreign::is_foreign;
use super::super::scope::Scope;
use super::Replay;
use super::ran::shown_as;
use crate::extract::command::{self, Simple};
use crate::extract::family_of;
use crate::extract::finding;
use crate::extract::finding::Class as Fault;
use crate::extract::finding::{About, CheckHit, FailureHit, Family, Verdict};

/// Distinct failures that are kept: a log that fails in more ways than this has one failure, and it is elsewhere.
const FAILURES: usize = 5_000;

/// What showed a failure.
pub(super) struct Shown<'c> {
    /// The command, as it was written.
    pub(super) command: &'c str,
    /// True if the user showed it.
    pub(super) by_user: bool,
    /// The tool and family, of a check.
    pub(super) check: Option<(String, Family)>,
    /// What it was run on.
    pub(super) scope: Scope,
    /// What a runner ran for it.
    pub(super) through: Vec<Face>,
}

impl Replay<'_> {
    pub(super) fn failed_in_check(
        &mut self,
        check: &CheckHit,
        simple: &Simple,
        cite: &Cite,
    ) -> Vec<String> {
        if check.verdict != Verdict::Red {
            return Vec::new();
        }
        let shown = Shown {
            command: shown_as(check, simple),
            by_user: false,
            check: Some((check.tool.clone(), check.family)),
            scope: Scope::of(&check.target),
            through: through(check),
        };
        check
            .failures
            .iter()
            .filter(|hit| hit.about != About::Agent)
            .map(|hit| self.record_failure(hit, &shown, cite))
            .collect()
    }

    pub(super) fn record_failure(
        &mut self,
        hit: &FailureHit,
        shown: &Shown<'_>,
        cite: &Cite,
    ) -> String {
        let place = hit.file.as_deref().map(|file| self.paths.show(file));
        let folded = fingerprint(&format!(
            "{} {}",
            hit.class.as_str(),
            place.as_deref().unwrap_or("")
        ));
        // The names of tests differ in nothing but a number, or in what stands before a slash.
        let print = match &hit.test {
            Some(test) => format!("{folded} {test}"),
            None => format!("{folded} {}", fingerprint(&hit.what)),
        };
        let files = self.since_check.clone();
        let known = self
            .ledger
            .failures
            .iter_mut()
            .rev()
            .find(|failure| failure.fingerprint == print);
        if let Some(failure) = known {
            // The same line twice in one output is one failure.
            if failure.last.at != cite.at {
                // A line that only sums up shows no cause that was tried.
                let certain = failure.hit.test.is_some() || failure.hit.file.is_some();
                let again = failure.state == State::Open && !files.is_empty() && certain;
                failure.count += 1;
                if again {
                    let cites = vec![failure.last.clone(), cite.clone()];
                    let tried = Tried::SameFailure {
                        files,
                        failure: failure.hit.what.clone(),
                        command: shown.command.to_owned(),
                        times: failure.count,
                    };
                    self.ledger.attempts.push(Attempt { tried, cites });
                }
            }
            failure.last = cite.clone();
            failure.by_user = shown.by_user;
            failure.state = State::Open;
            failure.hit.clone_from(hit);
            shown.command.clone_into(&mut failure.command);
            failure.scope.clone_from(&shown.scope);
            failure.through.clone_from(&shown.through);
            return print;
        }
        if self.ledger.failures.len() < FAILURES {
            let mut hit = hit.clone();
            hit.file = place;
            self.ledger.failures.push(Failure {
                hit,
                fingerprint: print.clone(),
                command: shown.command.to_owned(),
                check: shown.check.clone(),
                by_user: shown.by_user,
                scope: shown.scope.clone(),
                through: shown.through.clone(),
                count: 1,
                first: cite.clone(),
                last: cite.clone(),
                state: State::Open,
            });
        }
        print
    }

    /// What the user showed to have failed.
    pub(super) fn shown_by_user(&mut self, shown: &finding::Shown, cite: &Cite) {
        let words = command::parse(&shown.command);
        let words = words.first().map_or(&[][..], |simple| &simple.words);
        for hit in &shown.failures {
            let place = Shown {
                command: &shown.command,
                by_user: true,
                check: family_of(hit.class).map(|family| (String::new(), family)),
                scope: Scope {
                    paths: (!words.is_empty())
                        .then(|| command_family(words))
                        .into_iter()
                        .collect(),
                    ..Scope::default()
                },
                through: Vec::new(),
            };
            self.record_failure(hit, &place, cite);
        }
    }

    /// The user goes on: what was shown before, and not again, may be gone; so may what a command other than a check said
    /// in a turn that ended since.
    pub(super) fn user_goes_on(&mut self) {
        for failure in &mut self.ledger.failures {
            let passing = failure.check.is_none() && failure.hit.class == Fault::Command;
            if (failure.by_user || passing) && failure.is_open() {
                failure.state = State::Doubtful;
            }
        }
    }

    /// What the last run of a check says of the failures that stood before it.
    pub(super) fn resolve_by_check(&mut self, index: usize, cite: &Cite) {
        let check = self.ledger.checks.get(index);
        let run = check.last();
        if run.verdict == Verdict::Unknown {
            return;
        }
        // A test run whose build fails runs no test: what it does not show is not gone.
        let stopped = check.family == Family::Test
            && self.ledger.failures.iter().any(|failure| {
                run.failures.contains(&failure.fingerprint)
                    && matches!(
                        failure.hit.class,
                        Fault::Compile | Fault::Import | Fault::Linker | Fault::Type
                    )
            });
        let ran_tests = self.ledger.failures.iter().any(|failure| {
            failure.hit.test.is_some() && run.failures.contains(&failure.fingerprint)
        });
        for failure in &mut self.ledger.failures {
            let Some((tool, family)) = &failure.check else {
                continue;
            };
            if matches!(failure.state, State::Resolved { .. })
                || run.failures.contains(&failure.fingerprint)
            {
                continue;
            }
            let before = Check {
                tool: tool.clone(),
                family: *family,
                scope: failure.scope.clone(),
                through: failure.through.clone(),
                command: String::new(),
                runs: Vec::new(),
            };
            // A test run compiles too: one that ran tests resolves what stopped a build. What an analyser of types found,
            // only it clears, where the compiler knows no types.
            let stops = match failure.hit.class {
                Fault::Compile | Fault::Import => true,
                Fault::Type => *family != Family::Types || is_typed(tool),
                _ => false,
            };
            let compiles = stops
                && matches!(
                    check.family,
                    Family::Test | Family::Build | Family::Types | Family::Lint
                )
                && check.tool.split(' ').next() == tool.split(' ').next();
            let compiled =
                stops && check.family == Family::Test && check.has_compiled(tool, &failure.scope);
            // What was searched for something else shows nothing of it.
            let covered = !run.searched
                && (check.covers(&before) || (compiles && check.scope.covers(&failure.scope)));
            let named = failure
                .hit
                .test
                .as_deref()
                .is_some_and(|test| check.scope.chooses(test, &failure.scope))
                || (check.family == *family
                    && check.scope.filter.is_none()
                    && failure.hit.file.as_deref().is_some_and(|file| {
                        !check.scope.paths.is_empty() && check.scope.holds(file)
                    }));
            let green = run.verdict == Verdict::Green;
            let gone = if green {
                covered || compiled || named
            } else {
                !stopped && ((covered && !run.failures.is_empty()) || (compiled && ran_tests))
            };
            if gone {
                failure.state = State::Resolved {
                    by: check.command.clone(),
                    at: cite.clone(),
                };
            } else if green
                && check.scope.filter.is_none()
                && (compiles || check.family == *family)
                && !is_foreign(&check.tool, tool, failure.hit.file.as_deref())
            {
                failure.state = State::Doubtful;
            }
        }
    }

    /// A command that worked resolves its own earlier failures, and those of its name mistyped.
    pub(super) fn resolve_by_command(&mut self, simple: &Simple, cite: &Cite) {
        let family = command_family(&simple.words);
        for failure in &mut self.ledger.failures {
            if (failure.check.is_some() && !failure.by_user) || !failure.is_open() {
                continue;
            }
            let Some(failed) = failure.scope.paths.first() else {
                continue;
            };
            let program = failed.split(' ').next().unwrap_or(failed);
            let mistyped = failure.hit.class == Fault::Command && near(program, simple.program());
            if *failed == family || mistyped {
                failure.state = State::Resolved {
                    by: simple.text.clone(),
                    at: cite.clone(),
                };
            }
        }
    }

    /// A file is gone, and with it what was wrong in it.
    pub(super) fn forget_failures(&mut self, path: &str, by: &str, cite: &Cite) {
        for failure in &mut self.ledger.failures {
            if failure.hit.file.as_deref() == Some(path)
                && !matches!(failure.state, State::Resolved { .. })
            {
                failure.state = State::Resolved {
                    by: by.to_owned(),
                    at: cite.clone(),
                };
            }
        }
    }
}

/// True if what `tool` belongs to compiles only what has the right types.
fn is_typed(tool: &str) -> bool {
    const TYPED: &[&str] = &[
        "go", "cargo", "swift", "dotnet", "zig", "sbt", "stack", "gradle", "mvn",
    ];
    tool.split(' ')
        .next()
        .is_some_and(|program| TYPED.contains(&program))
}

/// True if `a` is `b` with one letter left out, put in, or another in its place.
fn near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a == b || a.len().abs_diff(b.len()) > 1 || a.len().min(b.len()) < 3 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..]
        .iter()
        .rev()
        .zip(b[head..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    a.len() - head - tail <= 1 && b.len() - head - tail <= 1
}
