//! The replay itself: one pass over the timeline.

use super::checks::{Checks, Run, Scope};
use super::commands::{Commands, is_telling};
use super::failures::{Failure, State, command_family, fingerprint};
use super::files::{Defined, FileState, Files, Touch};
use super::names::{Counter, Names};
use super::tasks::{Task, Tasks};
use super::words::is_nudge;
use super::{Attempt, Cite, Command, Repository, Request, Sentence, attempts::Tried};
use crate::extract::command::Simple;
use crate::extract::define::{definitions, headings};
use crate::extract::finding::Class as Fault;
use crate::extract::finding::{
    About, COMMIT_HOOK, CheckHit, Counts, Environment, Fact, FailureHit, Family, Finding, Git, Ran,
    Said, Saying, Verdict,
};
use crate::extract::path::{Class, Paths};
use crate::extract::words::{identifiers, sentences};
use crate::safety::is_secret_source;
use crate::session::{Body, End, Event, Input, Notice, Origin, Outcome, Session, ToolCall, Via};

/// The state at the end of the log.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Checks with their runs.
    pub checks: Checks,
    /// Failures, in the order they were first shown.
    pub failures: Vec<Failure>,
    /// Tasks, in the order they were made.
    pub tasks: Vec<Task>,
    /// What the user said, in order.
    pub requests: Vec<Request>,
    /// Sentences that a rule knows, of the user and the agent, in order.
    pub sentences: Vec<Sentence>,
    /// All the agent's sentences, in order, but for those in the first half of a long log's prose.
    pub prose: Vec<Sentence>,
    /// The agent's last words: the sentences of its last prose.
    pub last_words: Vec<Sentence>,
    /// Files, by path.
    pub files: Vec<FileState>,
    /// Commands that the next session may want to run, in the order of their first run.
    pub commands: Vec<Command>,
    /// Commits, pushes, pull requests, the branch.
    pub repository: Repository,
    /// What was tried and given up.
    pub attempts: Vec<Attempt>,
    /// Identifiers, heaviest first.
    pub names: Names,
    /// Background tasks that have not ended.
    pub background: Vec<Background>,
    /// Calls without an answer at the end of the log, as indexes in [`Session::calls`].
    pub in_flight: Vec<usize>,
    /// The last plan put before the user, where it was not refused.
    pub plan: Option<Plan>,
    /// Commands that prepare the shell, with their last use.
    pub setups: Vec<(String, Cite)>,
    /// Names of variables that were set.
    pub variables: Vec<(String, Cite)>,
    /// Servers that listened.
    pub servers: Vec<(String, Cite)>,
    /// Tools with their versions.
    pub versions: Vec<(String, String, Cite)>,
    /// Pages and searches on the web.
    pub web: Vec<Web>,
    /// Edits to code.
    pub edits: u32,
    /// Edits to code after the newest run of any check.
    pub edits_since_check: u32,
    /// Files edited after the newest run of any check.
    pub files_since_check: Vec<String>,
    /// Tool calls of the main conversation: the tick of the end.
    pub now: u32,
    /// How the log ends.
    pub end: End,
    /// The last record of the timeline.
    pub last: Option<Cite>,
    /// How often the context was replaced.
    pub compactions: u32,
}

/// A background task that has not ended.
#[derive(Clone, Debug)]
pub struct Background {
    /// The task's id.
    pub id: String,
    /// The command or the description.
    pub what: String,
    /// Where it was started.
    pub cite: Cite,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its text.
    pub text: String,
    /// True if the user accepted it.
    pub accepted: bool,
    /// Where.
    pub cite: Cite,
}

/// A page or a search on the web.
#[derive(Clone, Debug)]
pub struct Web {
    /// The address or the query.
    pub what: String,
    /// Where.
    pub cite: Cite,
}

/// Sentences of prose that are kept: more than the largest handoff could show.
const PROSE: usize = 4_000;

/// Distinct failures that are kept: a log that fails in more ways than this has one failure, and it is elsewhere.
const FAILURES: usize = 5_000;

/// Replays `findings` over the timeline of `session`. Findings stand in the order of the timeline.
pub fn replay(session: &Session, findings: &[Finding]) -> Ledger {
    let mut replay = Replay::new(session);
    let mut next = 0;
    for (index, event) in session.timeline.iter().enumerate() {
        let first = next;
        while findings
            .get(next)
            .is_some_and(|finding| finding.event == index)
        {
            next += 1;
        }
        if event.live {
            replay.event(event, &findings[first..next]);
        }
    }
    replay.finish()
}

struct Replay<'s> {
    session: &'s Session,
    paths: Paths,
    ledger: Ledger,
    files: Files,
    tasks: Tasks,
    commands: Commands,
    names: Counter,
    /// Paths named by `git add` since the last commit.
    staged: Vec<String>,
    /// Files edited since the last check, in order.
    since_check: Vec<String>,
    /// The last turn whose end the log shows, or in which the agent acted.
    acted: Option<u32>,
}

impl<'s> Replay<'s> {
    fn new(session: &'s Session) -> Self {
        Self {
            session,
            paths: Paths::new(&session.cwds),
            ledger: Ledger {
                end: session.end,
                ..Ledger::default()
            },
            files: Files::default(),
            tasks: Tasks::default(),
            commands: Commands::default(),
            names: Counter::default(),
            staged: Vec::new(),
            since_check: Vec::new(),
            acted: None,
        }
    }

    fn event(&mut self, event: &Event, findings: &[Finding]) {
        let cite = Cite::of(event);
        let main = event.agent.is_none();
        if main {
            self.ledger.now = self.ledger.now.max(event.tick);
        }
        match &event.body {
            Body::Prompt(prompt) if main => {
                self.names
                    .event(&[head(&prompt.text.text)], None, 1.0, 0, &cite);
                self.ledger.requests.push(Request {
                    text: prompt.text.text.clone(),
                    via: prompt.via.clone(),
                    cite: cite.clone(),
                    turn: event.turn,
                    answered: false,
                });
                if let Via::Refusal { call } = prompt.via {
                    self.refused(call, &prompt.text.text, &cite);
                }
            }
            Body::Say(text) if main => {
                self.acted = Some(event.turn);
                self.names.event(&[head(&text.text)], None, 1.0, 0, &cite);
                let said: Vec<Sentence> = sentences(&text.text)
                    .into_iter()
                    .map(|text| sentence(text, &cite))
                    .collect();
                if !said.is_empty() {
                    self.ledger.prose.extend(said.iter().cloned());
                    self.ledger.last_words = said;
                }
                if self.ledger.prose.len() > PROSE {
                    self.ledger.prose.drain(..PROSE / 2);
                }
            }
            Body::Call(call) => {
                let call = &self.session.calls[*call];
                self.requested(call, &cite, main);
            }
            Body::Return(index) => {
                let call = &self.session.calls[*index];
                self.returned(*index, call, &cite, main);
            }
            Body::Compaction { .. } => self.ledger.compactions += 1,
            Body::Notice(Notice::Background { task, .. }) => {
                self.ledger.background.retain(|known| known.id != *task)
            }
            _ => {}
        }
        for finding in findings {
            match &finding.fact {
                Fact::Ran(ran) => self.ran(ran, &cite),
                Fact::Said(said) => self.said(said, event, &cite),
                Fact::Git(git) => {
                    let amended = self.amended(event);
                    self.ledger.repository.found(git, amended, &cite);
                    if matches!(git, Git::Commit { .. }) {
                        self.committed(event);
                    }
                }
                Fact::Environment(environment) => self.environment(environment, &cite),
            }
        }
        self.ledger.last = Some(cite);
    }

    fn requested(&mut self, call: &ToolCall, cite: &Cite, main: bool) {
        if !main {
            return;
        }
        self.acted = Some(call.turn);
        let path = self.file_of(&call.input);
        let mut texts: Vec<&str> = Vec::new();
        match &call.input {
            Input::Shell {
                command,
                description,
                ..
            } => {
                texts.push(command);
                texts.extend(description.as_deref());
            }
            Input::Edit { hunks, .. } => {
                // What the edit put in comes first: a line of what it took out is not shown.
                texts.extend(hunks.iter().map(|(_, new)| new.text.as_str()));
                texts.extend(hunks.iter().map(|(old, _)| old.text.as_str()));
            }
            Input::Write { content, .. } => {
                let defined = definitions(head(&content.text));
                let lines: Vec<&str> = defined.into_iter().map(|(_, line)| line).collect();
                self.names
                    .event(&lines, path.as_deref(), 1.0, lines.len(), cite);
                return;
            }
            Input::Search { pattern, .. } => texts.push(pattern),
            Input::Agent {
                description,
                prompt,
                ..
            } => {
                texts.push(description);
                texts.push(&prompt.text);
            }
            Input::Todos(todos) => texts.extend(todos.iter().map(|todo| todo.content.as_str())),
            Input::TaskCreate {
                subject,
                description,
            } => {
                texts.push(subject);
                texts.push(description);
            }
            Input::Plan(text) => texts.push(&text.text),
            Input::Web(what) | Input::Other(what) => texts.push(what),
            _ => {}
        }
        let heads: Vec<&str> = texts.into_iter().map(head).collect();
        let code = match &call.input {
            Input::Edit { hunks, .. } => hunks.len(),
            _ => 0,
        };
        self.names.event(&heads, path.as_deref(), 1.0, code, cite);
    }

    fn file_of(&self, input: &Input) -> Option<String> {
        match input {
            Input::Read { path } | Input::Edit { path, .. } | Input::Write { path, .. } => {
                Some(self.paths.show(path))
            }
            Input::Search { path, .. } => path.as_deref().map(|path| self.paths.show(path)),
            _ => None,
        }
    }

    fn returned(&mut self, index: usize, call: &ToolCall, cite: &Cite, main: bool) {
        // What was too long to be shown to the agent is nothing that it worked with.
        if call.output.text.len() <= SHOWN_TO_AGENT && !is_secret(call) {
            self.names
                .event(&[head(&call.output.text)], None, SHOWN, 0, cite);
        }
        match &call.outcome {
            Outcome::Background { task } => {
                let what = match &call.input {
                    Input::Shell { command, .. } => command.clone(),
                    Input::Agent { description, .. } => description.clone(),
                    _ => call.name.to_string(),
                };
                self.ledger.background.push(Background {
                    id: task.clone(),
                    what,
                    cite: cite.clone(),
                });
            }
            Outcome::Ok => {}
            Outcome::Refused => {
                self.forget_plan(index);
                return;
            }
            _ => return,
        }
        let request = Cite {
            at: call.at,
            uuid: call.uuid.clone(),
            time: call.time,
            tick: call.tick,
        };
        match &call.input {
            Input::Read { path } => {
                let path = self.paths.show(path);
                self.files.touch(path, Touch::Read, &request, main);
            }
            Input::Edit { path, hunks } => {
                let lines = call.detail.lines.unwrap_or_else(|| patched(hunks));
                let shown = self.paths.show(path);
                let file = self.files.touch(
                    shown.clone(),
                    Touch::Edit {
                        added: lines.0,
                        removed: lines.1,
                    },
                    &request,
                    main,
                );
                for (old, new) in hunks {
                    define(file, &old.text, &new.text, &request);
                }
                self.edited(shown);
            }
            Input::Write { path, content } => {
                let shown = self.paths.show(path);
                let known = self.files.is_known(&shown);
                let added = u32::try_from(content.text.lines().count()).unwrap_or(u32::MAX);
                let created = call.detail.created.unwrap_or(!known);
                let touch = if created {
                    Touch::Create { added }
                } else {
                    Touch::Edit { added, removed: 0 }
                };
                let file = self.files.touch(shown.clone(), touch, &request, main);
                define(file, "", &content.text, &request);
                self.edited(shown);
            }
            Input::Search { path, .. } => self.found(path.as_deref(), &call.output.text, &request),
            Input::Todos(todos) if main => self.tasks.replace(todos, &request),
            Input::TaskCreate {
                subject,
                description,
            } if main => {
                self.tasks.create(
                    call.agent,
                    call.detail.task.as_deref(),
                    subject,
                    description,
                    &request,
                );
            }
            Input::TaskUpdate {
                id,
                status,
                subject,
                blocked_by,
            } if main => {
                self.tasks.update(
                    call.agent,
                    id,
                    status.as_deref(),
                    subject.as_deref(),
                    blocked_by,
                    &request,
                );
            }
            Input::Plan(text) if main => {
                self.ledger.plan = Some(Plan {
                    text: text.text.clone(),
                    accepted: true,
                    cite: request,
                });
            }
            // A command says its exit code when it ends; an agent says its report.
            Input::Task { id, .. } if call.detail.exit.is_some() || self.reported(id, call) => {
                self.ledger.background.retain(|known| known.id != *id);
            }
            Input::Task { id, stop: true } => {
                self.ledger.background.retain(|known| known.id != *id)
            }
            Input::Web(what) => self.ledger.web.push(Web {
                what: what.clone(),
                cite: request,
            }),
            _ => {}
        }
        if main && !call.detail.tasks.is_empty() {
            self.tasks.listed(call.agent, &call.detail.tasks, cite);
        }
    }

    /// Lines that a search shows: `path:12:text`, or `12:text` where one file was searched.
    fn found(&mut self, path: Option<&str>, output: &str, cite: &Cite) {
        for line in output.lines().take(200) {
            let mut parts = line.splitn(3, ':');
            let (path, text) = match (parts.next(), parts.next(), parts.next()) {
                (Some(file), Some(number), Some(text)) if is_number(number) => (Some(file), text),
                (Some(number), Some(_), _) if is_number(number) => {
                    (path, &line[number.len() + 1..])
                }
                _ => continue,
            };
            let Some(path) = path.map(|path| self.paths.show(path)) else {
                continue;
            };
            self.names.stand_in(identifiers(text), &path);
            if let Some(file) = self.files.get_mut(&path) {
                note_line(&mut file.seen, text.trim(), cite);
            }
        }
    }

    /// True if the background task `id` is an agent, and its report is in the answer of `call`.
    fn reported(&self, id: &str, call: &ToolCall) -> bool {
        !call.output.text.trim().is_empty()
            && self.session.calls.iter().any(|started| {
                matches!(&started.outcome, Outcome::Background { task } if task == id)
                    && matches!(started.input, Input::Agent { .. })
            })
    }

    /// Counts an edit to the file at `path`.
    fn edited(&mut self, path: String) {
        let class = self
            .files
            .get(&path)
            .map_or(Class::Other, |file| file.class);
        if matches!(
            class,
            Class::Code | Class::Test | Class::Config | Class::Infra
        ) {
            self.ledger.edits += 1;
            if !self.since_check.contains(&path) {
                self.since_check.push(path);
            }
        }
    }

    fn refused(&mut self, call: usize, reason: &str, cite: &Cite) {
        let Some(call) = self.session.calls.get(call) else {
            return;
        };
        let what = match &call.input {
            Input::Plan(_) => "plan".to_owned(),
            Input::Shell { command, .. } => command.lines().next().unwrap_or("").to_owned(),
            input => self.file_of(input).map_or_else(
                || call.name.to_string(),
                |path| format!("{} {path}", call.name),
            ),
        };
        self.ledger.attempts.push(Attempt {
            tried: Tried::Refused {
                what,
                reason: reason.to_owned(),
            },
            cites: vec![cite.clone()],
        });
    }

    fn forget_plan(&mut self, call: usize) {
        if let Some(call) = self.session.calls.get(call)
            && matches!(call.input, Input::Plan(_))
        {
            self.ledger.plan = None;
        }
    }

    fn said(&mut self, said: &Said, event: &Event, cite: &Cite) {
        let by_user =
            matches!(&event.body, Body::Prompt(prompt) if prompt.text.origin == Origin::User);
        if event.agent.is_some() {
            return;
        }
        if said.kind == Saying::Attempt && !by_user {
            self.ledger.attempts.push(Attempt {
                tried: Tried::Said(said.what.clone()),
                cites: vec![cite.clone()],
            });
        }
        // The same words again are the same sentence, said later.
        self.ledger
            .sentences
            .retain(|known| known.text != said.what || known.by_user != by_user);
        self.ledger.sentences.push(Sentence {
            text: said.what.clone(),
            kind: Some(said.kind),
            weight: said.weight,
            by_user,
            cite: cite.clone(),
        });
    }

    fn environment(&mut self, environment: &Environment, cite: &Cite) {
        match environment {
            Environment::Setup(command) => renew(&mut self.ledger.setups, command, cite),
            Environment::Variable(name) => renew(&mut self.ledger.variables, name, cite),
            Environment::Server(address) => renew(&mut self.ledger.servers, address, cite),
            Environment::Version { tool, version } => {
                self.ledger.versions.retain(|(known, _, _)| known != tool);
                self.ledger
                    .versions
                    .push((tool.clone(), version.clone(), cite.clone()));
            }
        }
    }

    /// A shell command ran: checks, commands, failures, files.
    fn ran(&mut self, ran: &Ran, cite: &Cite) {
        let call = &self.session.calls[ran.call];
        let failed = matches!(call.outcome, Outcome::Error { .. } | Outcome::TimedOut);
        for segment in &ran.segments {
            let simple = &segment.simple;
            let verdict = match &segment.check {
                Some(check) => check.verdict,
                None if failed && segment.status_seen => Verdict::Red,
                None if failed => Verdict::Unknown,
                None if call.outcome == Outcome::Ok => Verdict::Green,
                None => Verdict::Unknown,
            };
            if is_telling(simple) || segment.check.is_some() {
                let check = segment
                    .check
                    .as_ref()
                    .map(|check| (check.tool.clone(), check.family));
                self.commands.ran(simple, check, verdict, cite);
            }
            if let Some(check) = &segment.check {
                let fingerprints = self.failed_in_check(check, simple, cite);
                let run = Run {
                    cite: cite.clone(),
                    verdict: check.verdict,
                    counts: check.counts.clone(),
                    summary: check.summary.clone(),
                    failures: fingerprints,
                    edits_before: self.ledger.edits,
                };
                let index = self.ledger.checks.record(check, &simple.text, run);
                self.resolve_by_check(index, cite);
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
            if call.outcome == Outcome::Ok {
                self.shell_edits(simple, cite);
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
                self.record_failure(
                    hit,
                    &segment.simple.text,
                    None,
                    Scope {
                        paths: vec![family],
                        filter: None,
                    },
                    cite,
                );
            }
        }
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
                failures: Vec::new(),
                edits_before: self.ledger.edits,
            };
            let index = self.ledger.checks.record(&hit, &simple.text, run);
            self.resolve_by_check(index, cite);
        }
    }

    fn failed_in_check(&mut self, check: &CheckHit, simple: &Simple, cite: &Cite) -> Vec<String> {
        if check.verdict != Verdict::Red {
            return Vec::new();
        }
        let scope = Scope::of(&check.target);
        let tool = Some((check.tool.clone(), check.family));
        check
            .failures
            .iter()
            .filter(|hit| hit.about != About::Agent)
            .map(|hit| self.record_failure(hit, &simple.text, tool.clone(), scope.clone(), cite))
            .collect()
    }

    fn record_failure(
        &mut self,
        hit: &FailureHit,
        command: &str,
        check: Option<(String, Family)>,
        scope: Scope,
        cite: &Cite,
    ) -> String {
        let place = hit.file.as_deref().map(|file| self.paths.show(file));
        let key = hit.test.as_deref().unwrap_or(&hit.what);
        let print = fingerprint(&format!(
            "{} {} {}",
            hit.class.as_str(),
            place.as_deref().unwrap_or(""),
            key
        ));
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
                        command: command.to_owned(),
                        times: failure.count,
                    };
                    self.ledger.attempts.push(Attempt { tried, cites });
                }
            }
            failure.last = cite.clone();
            failure.state = State::Open;
            failure.hit.clone_from(hit);
            command.clone_into(&mut failure.command);
            failure.scope = scope;
            return print;
        }
        if self.ledger.failures.len() < FAILURES {
            let mut hit = hit.clone();
            hit.file = place;
            self.ledger.failures.push(Failure {
                hit,
                fingerprint: print.clone(),
                command: command.to_owned(),
                check,
                scope,
                count: 1,
                first: cite.clone(),
                last: cite.clone(),
                state: State::Open,
            });
        }
        print
    }

    /// What the last run of a check says of the failures that stood before it.
    fn resolve_by_check(&mut self, index: usize, cite: &Cite) {
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
        for failure in &mut self.ledger.failures {
            let Some((tool, family)) = &failure.check else {
                continue;
            };
            if matches!(failure.state, State::Resolved { .. })
                || run.failures.contains(&failure.fingerprint)
            {
                continue;
            }
            let before = super::Check {
                tool: tool.clone(),
                family: *family,
                scope: failure.scope.clone(),
                command: String::new(),
                runs: Vec::new(),
            };
            // A test run compiles too: a clean one resolves what stopped a build.
            let compiles = matches!(
                check.family,
                Family::Test | Family::Build | Family::Types | Family::Lint
            ) && matches!(
                failure.hit.class,
                Fault::Compile | Fault::Type | Fault::Import
            ) && check.tool.split(' ').next() == tool.split(' ').next();
            let covered = check.covers(&before) || (compiles && check.scope.covers(&failure.scope));
            let named =
                failure.hit.test.as_deref().is_some_and(|test| {
                    check
                        .scope
                        .filter
                        .as_deref()
                        .is_some_and(|filter| filter.contains(test))
                }) || (check.family == *family
                    && check.scope.filter.is_none()
                    && failure.hit.file.as_deref().is_some_and(|file| {
                        !check.scope.paths.is_empty() && check.scope.holds(file)
                    }));
            let green = run.verdict == Verdict::Green;
            let gone = if green {
                covered || named
            } else {
                covered && !stopped && !run.failures.is_empty()
            };
            if gone {
                failure.state = State::Resolved {
                    by: check.command.clone(),
                    at: cite.clone(),
                };
            } else if green && check.scope.filter.is_none() && (compiles || check.family == *family)
            {
                failure.state = State::Doubtful;
            }
        }
    }

    /// A command that worked resolves its own earlier failures, and those of its name mistyped.
    fn resolve_by_command(&mut self, simple: &Simple, cite: &Cite) {
        let family = command_family(&simple.words);
        for failure in &mut self.ledger.failures {
            if failure.check.is_some() || !failure.is_open() {
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

    /// What a shell command did to files and to the repository.
    fn shell_edits(&mut self, simple: &Simple, cite: &Cite) {
        let operands: Vec<String> = simple
            .operands()
            .map(|path| self.paths.show(path))
            .collect();
        match (
            simple.program(),
            simple.words.get(1).map_or("", String::as_str),
        ) {
            ("rm", _) | ("git", "rm") => {
                for path in operands
                    .iter()
                    .filter(|path| self.files.is_known(path))
                    .cloned()
                    .collect::<Vec<_>>()
                {
                    self.forget_failures(&path, &simple.text, cite);
                    self.files.touch(path, Touch::Delete, cite, true);
                }
            }
            ("mv", _) => self.renamed(&operands, cite),
            ("git", "mv") => self.renamed(operands.get(1..).unwrap_or_default(), cite),
            ("sed", _)
                if simple
                    .words
                    .iter()
                    .any(|word| word.starts_with("-i") || word == "--in-place") =>
            {
                if let Some(path) = operands
                    .last()
                    .filter(|path| self.files.is_known(path) || path.contains('.'))
                    .cloned()
                {
                    self.files.touch(
                        path.clone(),
                        Touch::Edit {
                            added: 0,
                            removed: 0,
                        },
                        cite,
                        true,
                    );
                    self.edited(path);
                }
            }
            ("git", "add") => self.staged.extend(
                if simple
                    .words
                    .iter()
                    .any(|word| matches!(word.as_str(), "-A" | "-u" | "--all"))
                {
                    vec![".".to_owned()]
                } else {
                    operands.get(1..).unwrap_or_default().to_vec()
                },
            ),
            ("git", "checkout" | "restore") => self.restored(simple, &operands, cite),
            ("git", "reset") if simple.words.iter().any(|word| word == "--hard") => {
                self.restored(simple, &operands, cite)
            }
            ("git", "reset") if simple.words.iter().any(|word| word == "--soft") => {
                let back =
                    simple.line().matches('^').count() + usize::from(simple.line().contains('~'));
                self.ledger.repository.reset(back);
            }
            ("git", "checkout-index" | "stash") => {}
            _ => {}
        }
        for path in &simple.writes {
            let shown = self.paths.show(path);
            let scratch = shown.starts_with("/dev/")
                || shown.starts_with("/tmp")
                || shown.starts_with("/var/")
                || shown.starts_with('$');
            if !scratch && shown.contains('.') {
                let touch = if self.files.is_known(&shown) {
                    Touch::Edit {
                        added: 0,
                        removed: 0,
                    }
                } else {
                    Touch::Create { added: 0 }
                };
                self.files.touch(shown.clone(), touch, cite, true);
                self.edited(shown);
            }
        }
    }

    /// A file is gone, and with it what was wrong in it.
    fn forget_failures(&mut self, path: &str, by: &str, cite: &Cite) {
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

    fn renamed(&mut self, operands: &[String], cite: &Cite) {
        if let [from, to] = operands
            && self.files.is_known(from)
        {
            let name = from.rsplit('/').next().unwrap_or(from);
            let to = if to.ends_with('/') {
                format!("{to}{name}")
            } else {
                to.clone()
            };
            self.forget_failures(from, "mv", cite);
            self.files.rename(from, to, cite);
        }
    }

    /// Changes to files were taken back by `git checkout`, `git restore` or `git reset --hard`.
    fn restored(&mut self, simple: &Simple, operands: &[String], cite: &Cite) {
        let all = simple.line().contains("--hard");
        let files: Vec<String> = if all {
            self.since_check.clone()
        } else {
            operands
                .iter()
                .skip(1)
                .filter(|path| {
                    self.files
                        .get(path)
                        .is_some_and(|file| file.edits > 0 && file.uncommitted)
                })
                .cloned()
                .collect()
        };
        if files.is_empty() {
            return;
        }
        self.files.restore(if all { &[] } else { &files });
        self.ledger.attempts.push(Attempt {
            tried: Tried::Reverted {
                command: simple.text.clone(),
                files,
            },
            cites: vec![cite.clone()],
        });
    }

    fn shell_of(&self, event: &Event) -> &str {
        match event.body {
            Body::Return(call) => match &self.session.calls[call].input {
                Input::Shell { command, .. } => command,
                _ => "",
            },
            _ => "",
        }
    }

    fn amended(&self, event: &Event) -> bool {
        self.shell_of(event).contains("--amend")
    }

    fn committed(&mut self, event: &Event) {
        let command = self.shell_of(event);
        let all = ["commit -a", "commit --all", "commit -am"]
            .iter()
            .any(|option| command.contains(option));
        let staged = std::mem::take(&mut self.staged);
        // Without a `git add` in the log, what was staged before it began is unknown: everything counts as committed.
        let everything = all || staged.is_empty() || staged.iter().any(|path| path == ".");
        self.files.commit(if everything { &[] } else { &staged });
    }

    fn finish(mut self) -> Ledger {
        let session = self.session;
        self.ledger.in_flight = session
            .calls
            .iter()
            .enumerate()
            .filter(|(_, call)| {
                call.live && call.outcome == Outcome::Missing && call.tick + 3 >= self.ledger.now
            })
            .map(|(index, _)| index)
            .collect();
        if session.end == End::PlanWaiting
            && let Some(call) = session
                .calls
                .iter()
                .rev()
                .find(|call| matches!(call.input, Input::Plan(_)))
            && let Input::Plan(text) = &call.input
        {
            let cite = Cite {
                at: call.at,
                uuid: call.uuid.clone(),
                time: call.time,
                tick: call.tick,
            };
            self.ledger.plan = Some(Plan {
                text: text.text.clone(),
                accepted: false,
                cite,
            });
        }
        let answered = self.acted;
        let last_turn = session.timeline.last().map_or(0, |event| event.turn);
        for request in &mut self.ledger.requests {
            request.answered =
                request.turn < last_turn || answered.is_some_and(|turn| turn >= request.turn);
        }
        let newest = self
            .ledger
            .checks
            .iter()
            .map(|check| check.last())
            .filter(|run| run.verdict != Verdict::Unknown);
        let checked = newest.map(|run| run.edits_before).max();
        self.ledger.edits_since_check = self.ledger.edits - checked.unwrap_or(0);
        self.ledger.files_since_check = self.since_check;
        self.ledger.files = self.files.into_vec();
        self.ledger.tasks = self.tasks.into_vec();
        self.ledger.commands = self.commands.into_vec();
        self.ledger.names = self.names.finish(self.ledger.now);
        self.ledger
    }
}

impl Ledger {
    /// The user's last request that asks for something of its own, and whatever came after it.
    pub fn last_requests(&self) -> &[Request] {
        let last = self.requests.iter().rposition(|request| {
            matches!(
                request.via,
                Via::Typed | Via::Queued | Via::Plan | Via::Command { .. }
            ) && !is_nudge(&request.text)
        });
        last.map_or(&[], |last| &self.requests[last..])
    }
}

/// What a name in a tool's answer counts against one in somebody's words: most of what a tool prints is passed over.
const SHOWN: f64 = 0.3;

/// Bytes of a tool's output that the program passes on whole; of more, the agent saw a preview.
const SHOWN_TO_AGENT: usize = 30_000;

/// Bytes of a text in which names are looked for.
const HEAD: usize = 12_000;

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn sentence(text: &str, cite: &Cite) -> Sentence {
    Sentence {
        text: text.to_owned(),
        kind: None,
        weight: 1.0,
        by_user: false,
        cite: cite.clone(),
    }
}

/// Puts `value` at the end of `list`, with its newest place.
fn renew(list: &mut Vec<(String, Cite)>, value: &str, cite: &Cite) {
    list.retain(|(known, _)| known != value);
    list.push((value.to_owned(), cite.clone()));
}

/// Lines added and removed by replacements, by counting lines that the other side does not have.
fn patched(hunks: &[(crate::session::Text, crate::session::Text)]) -> (u32, u32) {
    let only = |a: &str, b: &str| {
        let other: std::collections::HashSet<&str> = b.lines().collect();
        u32::try_from(a.lines().filter(|line| !other.contains(line)).count()).unwrap_or(u32::MAX)
    };
    hunks.iter().fold((0, 0), |(added, removed), (old, new)| {
        (
            added + only(&new.text, &old.text),
            removed + only(&old.text, &new.text),
        )
    })
}

/// Notes what replacing `old` by `new` defined or changed in `file`.
fn define(file: &mut FileState, old: &str, new: &str, cite: &Cite) {
    const KEPT: usize = 40;
    changed(file, old, new, cite);
    let docs = file.class == Class::Docs;
    let (before, after) = if docs {
        let pair = |text| {
            headings(text)
                .into_iter()
                .map(|title| (title, title))
                .collect::<Vec<_>>()
        };
        (pair(old), pair(new))
    } else {
        (definitions(old), definitions(new))
    };
    for (name, line) in after {
        let new = !before.iter().any(|(known, _)| *known == name);
        let was_new = file
            .defined
            .iter()
            .any(|known| known.name == name && known.new);
        file.defined.retain(|known| known.name != name);
        file.defined.push(Defined {
            name: name.to_owned(),
            line: line.to_owned(),
            new: new || was_new,
            cite: cite.clone(),
        });
    }
    for (name, _) in before {
        if !new.contains(name) {
            file.defined.retain(|known| known.name != name);
        }
    }
    if file.defined.len() > KEPT {
        file.defined.drain(..file.defined.len() - KEPT);
    }
}

/// Notes the lines that replacing `old` by `new` brought in.
fn changed(file: &mut FileState, old: &str, new: &str, cite: &Cite) {
    let whole = old.is_empty();
    let before: std::collections::HashSet<&str> = old.lines().map(str::trim).collect();
    for line in new.lines().map(str::trim) {
        if !before.contains(line) && (!whole || !definitions(line).is_empty()) {
            note_line(&mut file.changed, line, cite);
        }
    }
}

/// Puts a line of code at the end of `lines`, if it is neither a bracket nor a paragraph.
fn note_line(lines: &mut Vec<(String, Cite)>, line: &str, cite: &Cite) {
    const KEPT: usize = 60;
    const LENGTHS: std::ops::RangeInclusive<usize> = 12..=140;
    if LENGTHS.contains(&line.len()) {
        lines.retain(|(known, _)| known != line);
        lines.push((line.to_owned(), cite.clone()));
        if lines.len() > KEPT {
            lines.remove(0);
        }
    }
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

/// True if the answer of `call` may hold secrets by where it comes from: none of it is ever shown.
fn is_secret(call: &ToolCall) -> bool {
    match &call.input {
        Input::Shell { command, .. } => is_secret_source(command),
        Input::Search {
            path: Some(path), ..
        } => is_secret_source(path),
        _ => false,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
