//! Commands that ran, and what their checks say.

use super::super::Cite;
use super::super::checks::Run;
use super::super::commands::is_telling;
use super::super::failures::command_family;
use super::super::scope::Scope;
use super::super::state::BrokenOff;
use super::Replay;
use super::failed::Shown;
use crate::extract::command::{Simple, Then};
use crate::extract::finding::{COMMIT_HOOK, CheckHit, Counts, Family, Ran, Verdict};
use crate::extract::path::join;
use crate::session::{Body, Event, Outcome, Via};

impl Replay<'_> {
    /// A shell command ran: checks, commands, failures, files.
    pub(super) fn ran(&mut self, ran: &Ran, cite: &Cite) {
        let call = &self.session.calls[ran.call];
        let failed = matches!(call.outcome, Outcome::Error { .. } | Outcome::TimedOut);
        let mut folder = call.cwd.as_deref().map(str::to_owned);
        let last = ran
            .segments
            .last()
            .filter(|last| failed && last.status_seen);
        // One of a row of the same, the last of which failed, is not known to have done better.
        let is_like_last = |simple: &Simple| {
            last.is_some_and(|last| {
                simple.then != Then::And
                    && command_family(&simple.words) == command_family(&last.simple.words)
            })
        };
        let mut followed = false;
        for segment in &ran.segments {
            let simple = &segment.simple;
            // Of a chain that failed, it is not known how far it came.
            let came_about = !(failed && followed);
            followed = simple.then == Then::And;
            if let ("cd" | "pushd", Some(to)) = (simple.program(), simple.operands().next()) {
                folder = folder.map(|from| join(&from, to));
            }
            let verdict = match &segment.check {
                Some(check) => check.verdict,
                None if failed && segment.status_seen => Verdict::Red,
                None if is_like_last(simple) => Verdict::Red,
                None if failed => Verdict::Unknown,
                None if call.outcome == Outcome::Ok && simple.then != Then::Or => Verdict::Green,
                None => Verdict::Unknown,
            };
            // Of `a || b` that went well, it is not known which of them did.
            let known = simple.then != Then::Or;
            // A commit that its hooks refuse runs them; it is no way to run them.
            let check = segment
                .check
                .as_ref()
                .filter(|check| check.tool != COMMIT_HOOK);
            let elsewhere = folder
                .as_deref()
                .is_some_and(|folder| self.is_elsewhere(folder));
            // How another checkout is checked is not how this one is.
            let checks = check.is_some() && !elsewhere;
            let runs = known && came_about && check.is_none();
            if (is_telling(simple) && runs) || checks {
                let check = check.map(|check| (check.tool.clone(), check.family));
                self.commands.ran(simple, check, verdict, cite);
            }
            if let ("git", Some("stash")) =
                (simple.program(), simple.words.get(1).map(String::as_str))
            {
                self.stashed = match simple.words.get(2).map_or("push", String::as_str) {
                    "list" | "show" => self.stashed,
                    "pop" | "apply" | "drop" | "branch" => false,
                    _ => {
                        let part = |word: &String| {
                            matches!(word.as_str(), "--" | "-p" | "-k" | "-S")
                                || word.starts_with("--keep")
                                || word.starts_with("--patch")
                                || word.starts_with("--staged")
                        };
                        !simple.words.iter().any(part)
                            && !call.output.text.contains("No local changes to save")
                    }
                };
            }
            // What is checked while the work lies aside is the state before it; in another checkout, the state there.
            if self.stashed || elsewhere {
                continue;
            }
            if let Some(check) = &segment.check {
                let fingerprints = self.failed_in_check(check, simple, cite);
                let run = Run {
                    cite: cite.clone(),
                    verdict: check.verdict,
                    counts: check.counts.clone(),
                    summary: check.summary.clone(),
                    waits: check.waits,
                    searched: check.searched,
                    failures: fingerprints,
                    edits_before: self.ledger.edits,
                };
                let index = self
                    .ledger
                    .checks
                    .record(check, shown_as(check, simple), run);
                self.resolve_by_check(index, cite);
                self.watched(check);
                if check.verdict != Verdict::Unknown
                    && !matches!(check.family, Family::Run | Family::Deploy)
                {
                    self.since_check.clear();
                }
            }
            if verdict == Verdict::Green {
                self.committed_after_all(simple, cite);
                self.resolve_by_command(simple, cite);
            }
            // Of a chain that failed, what its `git add` named may be staged: better not said to be left out.
            let staged = simple
                .words
                .starts_with(&["git".to_owned(), "add".to_owned()]);
            if call.outcome == Outcome::Ok || staged {
                self.shell_edits(simple, folder.as_deref(), cite);
            }
            if call.outcome == Outcome::Ok {
                self.git_logged(simple, &call.output.text, cite);
                self.shell_reads(simple, folder.as_deref(), cite, call.agent.is_none());
            }
        }
        if failed {
            for hit in &ran.failures {
                let Some(segment) = ran
                    .segments
                    .iter()
                    .rev()
                    .find(|segment| segment.check.is_none())
                else {
                    break;
                };
                let family = command_family(&segment.simple.words);
                let shown = Shown {
                    command: &segment.simple.text,
                    by_user: false,
                    check: None,
                    scope: Scope {
                        paths: vec![family],
                        ..Scope::default()
                    },
                    through: Vec::new(),
                };
                self.record_failure(hit, &shown, cite);
            }
        }
    }

    /// The user did not let `check` come to its end.
    pub(super) fn broken_off(
        &mut self,
        check: &CheckHit,
        command: &str,
        event: &Event,
        cite: &Cite,
    ) {
        if let Body::Return(call) = event.body
            && event.agent.is_none()
        {
            self.ledger.broken_off.push(BrokenOff {
                command: command.to_owned(),
                check: check.clone(),
                call,
                cite: cite.clone(),
            });
        }
    }

    /// Leaves out the checks that ran to their end since, those that were refused with words, which are told with them, and
    /// all but the last of each.
    pub(super) fn spend_broken_off(&mut self) {
        let mut kept: Vec<BrokenOff> = Vec::new();
        for off in std::mem::take(&mut self.ledger.broken_off) {
            let scope = Scope::of(&off.check.target);
            let ran = self.ledger.checks.iter().any(|check| {
                let told = check.runs.iter().rev();
                let mut told = told.filter(|run| run.verdict != Verdict::Unknown);
                (&check.tool, check.family) == (&off.check.tool, off.check.family)
                    && check.scope.covers(&scope)
                    && told.any(|run| run.cite.at > off.cite.at)
            });
            let told =
                self.ledger.requests.iter().any(
                    |request| matches!(request.via, Via::Refusal { call } if call == off.call),
                );
            kept.retain(|known| known.command != off.command);
            if !ran && !told {
                kept.push(off);
            }
        }
        self.ledger.broken_off = kept;
    }

    /// What a pipeline came to is seen: what watches it in the background has nothing to wait for any more.
    fn watched(&mut self, check: &CheckHit) {
        if check.family != Family::Ci || check.verdict == Verdict::Unknown {
            return;
        }
        let runs = check.target.split(|c: char| !c.is_ascii_digit());
        let runs: Vec<&str> = runs.filter(|digits| !digits.is_empty()).take(1).collect();
        self.ledger.background.retain(|task| {
            let mut words = task.what.split_whitespace();
            let named = runs
                .iter()
                .any(|run| words.clone().any(|word| word == *run));
            !(named && words.any(|word| word.trim_start_matches('-') == "watch"))
        });
    }

    /// True of a folder in which none of the session's work is done.
    pub(super) fn is_elsewhere(&self, folder: &str) -> bool {
        let shown = self.paths.show(folder);
        let outside = shown.starts_with('/') && !self.paths.is_above(&shown);
        outside
            && self
                .files
                .under(&(shown.trim_end_matches('/').to_owned() + "/"))
                .is_empty()
    }

    /// A commit that goes through says that the hooks which refused one before are content.
    fn committed_after_all(&mut self, simple: &Simple, cite: &Cite) {
        let commits =
            simple.program() == "git" && simple.words.get(1).is_some_and(|word| word == "commit");
        let refused = self
            .ledger
            .checks
            .iter()
            .find(|check| check.tool == COMMIT_HOOK)
            .is_some();
        if commits && refused {
            let hit = CheckHit {
                verdict: Verdict::Green,
                ..CheckHit::commit_hook()
            };
            let run = Run {
                cite: cite.clone(),
                verdict: Verdict::Green,
                counts: Counts::default(),
                summary: None,
                waits: false,
                searched: false,
                failures: Vec::new(),
                edits_before: self.ledger.edits,
            };
            let index = self.ledger.checks.record(&hit, shown_as(&hit, simple), run);
            self.resolve_by_check(index, cite);
        }
    }
}

/// The command of a check, as it was written; of the hooks of a commit, without its message.
pub(super) fn shown_as<'t>(check: &CheckHit, simple: &'t Simple) -> &'t str {
    match check.tool.as_str() {
        COMMIT_HOOK => "git commit",
        _ => &simple.text,
    }
}
