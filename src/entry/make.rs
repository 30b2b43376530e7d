//! A condensed session → its entry.

use super::records::records;
use super::{
    AttemptRow, CheckRow, CommandRow, CommitRow, Entry, FailureRow, FileRow, RunRow, SentenceRow,
    SessionRow, TaskRow, Tokens, TurnRow,
};
use crate::extract::finding::{Family, Saying, Verdict};
use crate::extract::path::{Class, repository};
use crate::ledger::{self, Cite, Ledger, State, Status, Tried};
use crate::pipeline::Condensed;
use crate::render::citation;
use crate::safety::Gate;
use crate::score::{self, Header, Work};
use crate::session::{Body, Input, Outcome, Session, Usage};

/// Characters of a title or a subject.
const SHORT: usize = 160;
/// Characters of a message, a command, a sentence.
const LONG: usize = 300;
/// Seconds without a record from which nobody was at work: longer than most builds, shorter than a meal.
const PAUSE: i64 = 600;

/// What is kept of `session`, whose main transcript was found at `path`.
///
/// [`SessionRow::own_tokens`] and [`SessionRow::copy_of`] are left to those who know the other sessions; all
/// tokens count as the session's own.
pub fn make(path: &str, session: &Session, condensed: &mut Condensed) -> Entry {
    let Condensed {
        ledger,
        handoff,
        gate,
    } = condensed;
    let mut maker = Maker {
        header: &handoff.header,
        session,
        ledger,
        gate,
    };
    let turns = maker.turns();
    Entry {
        session: SessionRow {
            turns: u32::try_from(turns.len()).unwrap_or(u32::MAX),
            ..maker.session_row(path)
        },
        turns,
        tasks: maker.tasks(),
        checks: maker.checks(),
        check_runs: maker.check_runs(),
        failures: maker.failures(),
        files: maker.files(),
        commands: maker.commands(),
        commits: maker.commits(),
        decisions: maker.sentences(&[Saying::Decision]),
        instructions: maker.sentences(&[Saying::Instruction, Saying::Correction]),
        attempts: maker.attempts(),
        records: records(session, handoff, maker.gate),
        messages: session.messages.clone(),
    }
}

struct Maker<'a> {
    header: &'a Header,
    session: &'a Session,
    ledger: &'a Ledger,
    gate: &'a mut Gate,
}

impl Maker<'_> {
    fn cite(&self, cite: &Cite) -> String {
        citation(cite, self.header)
    }

    fn session_row(&mut self, path: &str) -> SessionRow {
        let (header, session, ledger) = (self.header, self.session, self.ledger);
        let tests = ledger
            .checks
            .current()
            .into_iter()
            .find(|check| check.family == Family::Test && check.last().counts.passed.is_some())
            .map(|check| &check.last().counts);
        let tokens = tokens(&session.usage);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        SessionRow {
            session: self.gate.verbatim(&header.session, SHORT),
            path: path.to_owned(),
            state: header.state.to_owned(),
            work: score::work(ledger)
                .first()
                .map_or(Work::Code, |(work, _)| *work)
                .word()
                .to_owned(),
            title: header.title.clone(),
            goal: header.goal.clone(),
            project: (session.cwds.first()).map(|cwd| self.gate.verbatim(repository(cwd), LONG)),
            cwd: (header.cwd.as_deref()).map(|cwd| self.gate.verbatim(cwd, LONG)),
            branch: (header.branch.as_deref())
                .filter(|branch| !branch.is_empty())
                .map(|branch| self.gate.verbatim(branch, SHORT)),
            started: header.span.map(|(start, _)| stamp(start)),
            ended: header.span.map(|(_, end)| stamp(end)),
            active_seconds: active_seconds(session),
            ending: header.ended.clone(),
            bytes: session.files.iter().map(|file| file.bytes).sum(),
            lines: session.tally.lines,
            bad_lines: session.tally.bad,
            turns: 0,
            tool_calls: count(session.calls.iter().filter(|call| call.live).count()),
            tool_errors: count(
                session
                    .calls
                    .iter()
                    .filter(|call| call.live && matches!(call.outcome, Outcome::Error { .. }))
                    .count(),
            ),
            subagents: count(session.agents.len()),
            compactions: ledger.compactions,
            files_changed: count(ledger.files.iter().filter(|file| file.edits > 0).count()),
            commits: count(ledger.repository.commits.len()),
            open_tasks: count(
                ledger
                    .tasks
                    .iter()
                    .filter(|task| matches!(task.status, Status::Pending | Status::InProgress))
                    .count(),
            ),
            done_tasks: count(
                ledger
                    .tasks
                    .iter()
                    .filter(|task| task.status == Status::Completed)
                    .count(),
            ),
            open_failures: count(
                ledger
                    .failures
                    .iter()
                    .filter(|failure| failure.is_open() && failure.is_product())
                    .count(),
            ),
            tests_passed: tests.and_then(|counts| counts.passed),
            tests_failed: tests.map(|counts| counts.failed.unwrap_or(0)),
            tests_total: tests.and_then(|counts| counts.ran()),
            version: (session.versions.last()).map(|version| self.gate.verbatim(version, SHORT)),
            models: (header.models.iter())
                .map(|model| self.gate.verbatim(model, SHORT))
                .collect(),
            tokens,
            own_tokens: tokens,
            copy_of: None,
        }
    }

    fn turns(&mut self) -> Vec<TurnRow> {
        let mut rows: Vec<TurnRow> = Vec::new();
        // When each of them ended.
        let mut ended: Vec<Option<jiff::Timestamp>> = Vec::new();
        for event in self.session.timeline.iter().filter(|event| event.live) {
            if rows.last().is_none_or(|row| row.turn != event.turn) {
                // Subagents end late: their events may stand behind the next turn's beginning.
                if rows.iter().any(|row| row.turn == event.turn) {
                    continue;
                }
                rows.push(TurnRow {
                    turn: event.turn,
                    cite: self.cite(&Cite::of(event)),
                    started: event.time.map(stamp),
                    ..TurnRow::default()
                });
                ended.push(None);
            }
            let (Some(row), Some(ended)) = (rows.last_mut(), ended.last_mut()) else {
                continue;
            };
            *ended = event.time.max(*ended);
            match &event.body {
                Body::Prompt(prompt) if row.prompt.is_empty() => {
                    row.prompt = self.gate.line(&prompt.text.text, LONG);
                }
                Body::Compaction { .. } => row.compactions += 1,
                Body::Call(call) => {
                    let Some(call) = self.session.calls.get(*call) else {
                        continue;
                    };
                    row.tool_calls += 1;
                    row.tool_errors += u32::from(matches!(call.outcome, Outcome::Error { .. }));
                    row.edits += u32::from(matches!(
                        call.input,
                        Input::Edit { .. } | Input::Write { .. }
                    ));
                }
                _ => {}
            }
        }
        for (row, ended) in rows.iter_mut().zip(ended) {
            row.ended = ended.map(stamp);
        }
        rows
    }

    fn tasks(&mut self) -> Vec<TaskRow> {
        let tasks = &self.ledger.tasks;
        tasks
            .iter()
            .map(|task| TaskRow {
                subject: self.gate.line(&task.subject, SHORT),
                status: match task.status {
                    Status::Pending => "pending",
                    Status::InProgress => "in-progress",
                    Status::Completed => "completed",
                    Status::Dropped => "dropped",
                    Status::Deleted => "deleted",
                }
                .to_owned(),
                cite: self.cite(&task.last),
                time: task.last.time.map(stamp),
            })
            .collect()
    }

    fn checks(&mut self) -> Vec<CheckRow> {
        let current = self.ledger.checks.current();
        let checks = &self.ledger.checks;
        checks
            .iter()
            .map(|check| CheckRow {
                tool: self.gate.verbatim(&check.tool, SHORT),
                family: check.family.as_str().to_owned(),
                scope: self.gate.verbatim(&scope(&check.scope), LONG),
                command: self.gate.verbatim(&check.command, LONG),
                verdict: verdict(check.last().verdict),
                current: current.iter().any(|known| std::ptr::eq(*known, check)),
                runs: u32::try_from(check.runs.len()).unwrap_or(u32::MAX),
                cite: self.cite(&check.last().cite),
                time: check.last().cite.time.map(stamp),
            })
            .collect()
    }

    fn check_runs(&self) -> Vec<RunRow> {
        let checks = (0u32..).zip(self.ledger.checks.iter());
        checks
            .flat_map(|(index, check)| check.runs.iter().map(move |run| (index, run)))
            .map(|(check, run)| RunRow {
                check,
                verdict: verdict(run.verdict),
                passed: run.counts.passed,
                failed: run.counts.failed,
                skipped: run.counts.skipped,
                total: run.counts.ran(),
                errors: run.counts.errors,
                warnings: run.counts.warnings,
                coverage: run.counts.coverage,
                cite: self.cite(&run.cite),
                time: run.cite.time.map(stamp),
                uuid: run.cite.uuid.as_deref().map(str::to_owned),
            })
            .collect()
    }

    fn failures(&mut self) -> Vec<FailureRow> {
        let failures = &self.ledger.failures;
        failures
            .iter()
            .map(|failure| {
                let (state, by) = match &failure.state {
                    State::Open => ("open", None),
                    State::Doubtful => ("doubtful", None),
                    State::Resolved { by, .. } => ("resolved", Some(self.gate.verbatim(by, LONG))),
                };
                FailureRow {
                    fingerprint: self.gate.line(&failure.fingerprint, LONG),
                    what: self.gate.line(&failure.hit.what, LONG),
                    class: failure.hit.class.as_str().to_owned(),
                    about: failure.hit.about.as_str().to_owned(),
                    test: (failure.hit.test.as_deref()).map(|test| self.gate.verbatim(test, SHORT)),
                    file: (failure.hit.file.as_deref()).map(|file| self.gate.verbatim(file, SHORT)),
                    command: self.gate.verbatim(&failure.command, LONG),
                    tool: (failure.check.as_ref()).map(|(tool, _)| self.gate.verbatim(tool, SHORT)),
                    scope: self.gate.verbatim(&scope(&failure.scope), LONG),
                    count: failure.count,
                    state: state.to_owned(),
                    resolved_by: by,
                    cite: self.cite(&failure.last),
                    first_time: failure.first.time.map(stamp),
                    last_time: failure.last.time.map(stamp),
                }
            })
            .collect()
    }

    fn files(&mut self) -> Vec<FileRow> {
        let files = &self.ledger.files;
        files
            .iter()
            .map(|file| FileRow {
                path: self.gate.verbatim(&file.path, LONG),
                class: match file.class {
                    Class::Code => "code",
                    Class::Test => "test",
                    Class::Docs => "docs",
                    Class::Infra => "infra",
                    Class::Config => "config",
                    Class::Other => "other",
                }
                .to_owned(),
                edits: file.edits,
                reads: file.reads,
                added: file.added,
                removed: file.removed,
                created: file.created,
                deleted: file.deleted,
                uncommitted: file.uncommitted,
                cite: self.cite(&file.last),
            })
            .collect()
    }

    fn commands(&mut self) -> Vec<CommandRow> {
        let commands = &self.ledger.commands;
        commands
            .iter()
            .map(|command| CommandRow {
                command: self.gate.verbatim(&command.text, LONG),
                tool: (command.check.as_ref()).map(|(tool, _)| self.gate.verbatim(tool, SHORT)),
                family: (command.check.as_ref()).map(|(_, family)| family.as_str().to_owned()),
                runs: u32::try_from(command.uses.count()).unwrap_or(u32::MAX),
                verdict: verdict(command.verdict),
                cite: self.cite(&command.last),
            })
            .collect()
    }

    fn commits(&mut self) -> Vec<CommitRow> {
        let commits = &self.ledger.repository.commits;
        commits
            .iter()
            .map(|commit| CommitRow {
                hash: self.gate.verbatim(&commit.hash, SHORT),
                subject: self.gate.line(&commit.subject, SHORT),
                files: commit.totals.map(|(files, _, _)| files),
                added: commit.totals.map(|(_, added, _)| added),
                removed: commit.totals.map(|(_, _, removed)| removed),
                pushed: commit.pushed,
                cite: self.cite(&commit.cite),
                time: commit.cite.time.map(stamp),
            })
            .collect()
    }

    fn sentences(&mut self, kinds: &[Saying]) -> Vec<SentenceRow> {
        let sentences = &self.ledger.sentences;
        sentences
            .iter()
            .filter_map(|sentence| Some((sentence, sentence.kind?)))
            .filter(|(_, kind)| kinds.contains(kind))
            .map(|(sentence, kind)| SentenceRow {
                text: self.gate.line(&sentence.text, LONG),
                kind: match kind {
                    Saying::Instruction => "instruction",
                    Saying::Correction => "correction",
                    _ => "decision",
                }
                .to_owned(),
                by_user: sentence.by_user,
                cite: self.cite(&sentence.cite),
                time: sentence.cite.time.map(stamp),
            })
            .collect()
    }

    fn attempts(&mut self) -> Vec<AttemptRow> {
        let attempts = &self.ledger.attempts;
        attempts
            .iter()
            .map(|attempt| {
                let (kind, what, outcome) = match &attempt.tried {
                    Tried::Reverted { command, files } => {
                        ("reverted", files.join(", "), command.clone())
                    }
                    Tried::SameFailure { files, failure, .. } => {
                        ("same-failure", files.join(", "), failure.clone())
                    }
                    Tried::Refused { what, reason } => ("refused", what.clone(), reason.clone()),
                    Tried::Said(text) => ("said", text.clone(), String::new()),
                };
                let last = attempt.cites.last();
                AttemptRow {
                    kind: kind.to_owned(),
                    what: self.gate.line(&what, LONG),
                    outcome: self.gate.line(&outcome, LONG),
                    cite: last.map_or_else(String::new, |cite| self.cite(cite)),
                    time: last.and_then(|cite| cite.time).map(stamp),
                }
            })
            .collect()
    }
}

/// A time as it is kept.
pub fn stamp(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn tokens(usage: &Usage) -> Tokens {
    Tokens {
        input: usage.input,
        output: usage.output,
        cache_read: usage.cache_read,
        cache_creation: usage.cache_creation,
    }
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Green => "green",
        Verdict::Red => "red",
        Verdict::Unknown => "unknown",
    }
    .to_owned()
}

/// A scope in one line: its paths, and its filter behind a `#`.
fn scope(scope: &ledger::Scope) -> String {
    let mut text = scope.paths.join(" ");
    if let Some(filter) = &scope.filter {
        text.push('#');
        text.push_str(filter);
    }
    text
}

/// The time between records of the main conversation, pauses left out.
fn active_seconds(session: &Session) -> i64 {
    let mut times: Vec<i64> = session
        .timeline
        .iter()
        .filter(|event| event.agent.is_none())
        .filter_map(|event| event.time.map(|time| time.as_second()))
        .collect();
    times.sort_unstable();
    times
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .filter(|gap| *gap < PAUSE)
        .sum()
}
