//! The replay itself: one pass over the timeline.

mod answered;
mod asked;
mod failed;
mod git;
mod proof;
mod ran;
mod refused;
mod shell;
mod text;

use super::attempts::Tried;
use super::commands::Commands;
use super::files::Files;
use super::found::Searches;
use super::names::Counter;
use super::state::{Ledger, Plan, PlanAnswer};
use super::tasks::Tasks;
use super::{Attempt, Cite, Request, Sentence};
use crate::extract::finding::{Environment, Fact, Finding, Git, Said, Saying};
use crate::extract::path::Paths;
use crate::extract::words::{heading, is_review, told};
use crate::session::{
    Body, End, Event, Input, Notice, Origin, Outcome, Session, Text, ToolCall, Via,
};
use text::unquoted;

/// Sentences of prose that are kept: more than the largest handoff could show.
const PROSE: usize = 4_000;

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

/// True of a word on what ended in the background, behind a summary of which it takes nothing back.
fn is_note(said: &[Sentence], summary: &[Sentence]) -> bool {
    const SUMMARY: usize = 6;
    let asks = said.iter().any(|said| said.text.contains(['?', '？']));
    summary.len() >= SUMMARY && said.len() * 3 <= summary.len() && !asks
}

struct Replay<'s> {
    session: &'s Session,
    paths: Paths,
    ledger: Ledger,
    files: Files,
    searches: Searches,
    tasks: Tasks,
    commands: Commands,
    names: Counter<'s>,
    /// True while `git stash` holds the work.
    stashed: bool,
    /// Paths named by `git add` since the last commit.
    staged: Vec<String>,
    /// The branch that the main conversation was on last.
    branch: Option<&'s str>,
    /// Files edited since the last check, in order.
    since_check: Vec<String>,
    /// Every edit that counts, in order.
    edited: Vec<Edited>,
    /// The last turn whose end the log shows, or in which the agent acted.
    acted: Option<u32>,
    /// True if the agent has only read since its last words.
    only_read: bool,
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
            searches: Searches::default(),
            tasks: Tasks::default(),
            commands: Commands::default(),
            names: Counter::default(),
            stashed: false,
            staged: Vec::new(),
            branch: None,
            since_check: Vec::new(),
            edited: Vec::new(),
            acted: None,
            only_read: false,
        }
    }

    fn event(&mut self, event: &'s Event, findings: &[Finding]) {
        let cite = Cite::of(event);
        let main = event.agent.is_none();
        if main {
            self.moved(event);
        }
        if main {
            self.ledger.now = self.ledger.now.max(event.tick);
        }
        match &event.body {
            Body::Prompt(prompt) if main => {
                if prompt.text.origin == Origin::User {
                    self.user_goes_on();
                }
                self.only_read = false;
                self.names.said(&[head(&prompt.text.text)], None, event);
                self.ledger.requests.push(Request {
                    text: unquoted(&prompt.text.text, &self.ledger.prose).to_owned(),
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
                self.names.said(&[head(&text.text)], None, event);
                let told = told(&text.text);
                // What a list stands under is told with it.
                let leads = |at: usize, text: &str| {
                    let next = told.get(at + 1).and_then(|(_, under)| *under);
                    let letters = |text: &str| text.replace('*', "");
                    next.is_some_and(|under| letters(under) == letters(heading(text)))
                };
                let said: Vec<Sentence> = told
                    .iter()
                    .enumerate()
                    .filter(|(at, (text, _))| !leads(*at, text))
                    .map(|(_, (text, under))| sentence(text, *under, &cite))
                    .collect();
                if !said.is_empty() {
                    self.ledger.prose.extend(said.iter().cloned());
                    if !(self.only_read && is_note(&said, &self.ledger.last_words)) {
                        self.ledger.last_words = said;
                    }
                    self.only_read = true;
                }
                if self.ledger.prose.len() > PROSE {
                    self.ledger.prose.drain(..PROSE / 2);
                }
            }
            Body::Call(call) => {
                let call = &self.session.calls[*call];
                self.requested(call, event, main);
            }
            Body::Return(index) => {
                let call = &self.session.calls[*index];
                self.returned(*index, call, event, main);
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
                Fact::Shown(shown) => self.shown_by_user(shown, &cite),
                Fact::BrokenOff { check, command } => self.broken_off(check, command, event, &cite),
                Fact::Said(said) => self.said(said, event, &cite),
                // Where a subagent looks is not where the work stands.
                Fact::Git(Git::Branch { .. } | Git::Clean | Git::Dirty { .. }) if !main => {}
                Fact::Git(git) => self.git(git, event, &cite),
                Fact::Environment(environment) => self.environment(environment, &cite),
                Fact::Ticket(ticket) => self.tasks.ticket(ticket, &cite),
            }
        }
        // That a hook had something to say is no moment of the work.
        if !matches!(event.body, Body::Notice(Notice::Hook { .. })) {
            self.ledger.last = Some(cite);
        }
    }

    fn said(&mut self, said: &Said, event: &Event, cite: &Cite) {
        let by_user =
            matches!(&event.body, Body::Prompt(prompt) if prompt.text.origin == Origin::User);
        if event.agent.is_some() {
            return;
        }
        // What a reviewer remarked and the user passed on is no rule of theirs, nor is a message that they talk about.
        let passed_on = |text: &str| {
            text.find(&said.what)
                .map(|at| text.split_at(at))
                .is_some_and(|(before, from)| is_review(before) || is_quoted(before, from))
        };
        if matches!(&event.body, Body::Prompt(prompt) if by_user && passed_on(&prompt.text.text)) {
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
            under: None,
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
        if let Some((call, text, answer)) = open_plan(session) {
            let cite = Cite::of_call(call);
            if answer == PlanAnswer::Waiting || !self.ledger.asked_since(&cite) {
                self.ledger.plan = Some(Plan {
                    text: text.text.clone(),
                    answer,
                    cite,
                });
            }
        }
        let answered = self.acted;
        let last_turn = session.timeline.last().map_or(0, |event| event.turn);
        for request in &mut self.ledger.requests {
            request.answered =
                request.turn < last_turn || answered.is_some_and(|turn| turn >= request.turn);
        }
        self.take_back();
        self.unchecked();
        self.spend_refusals();
        self.spend_broken_off();
        let requests = &self.ledger.requests;
        self.tasks.adopt(|epic| {
            let named = |request: &Request| {
                let id = |c: char| !(c.is_alphanumeric() || "-._".contains(c));
                let mut words = request.text.split(id);
                words.any(|word| word.trim_end_matches('.') == epic)
            };
            requests.iter().any(named)
        });
        self.ledger.tasks = std::mem::take(&mut self.tasks).into_vec();
        self.prove_tasks();
        let known = self.files.by_name();
        self.ledger.found = self
            .searches
            .finish(|path| known.holds(path), self.ledger.now);
        self.ledger.files = self.files.into_vec();
        self.ledger.commands = self.commands.into_vec();
        self.ledger.names = self.names.finish(self.ledger.now);
        self.ledger
    }
}

/// The plan that the session ends with, if the user did not accept it.
fn open_plan(session: &Session) -> Option<(&ToolCall, &Text, PlanAnswer)> {
    let mut calls = session.calls.iter().rev();
    let (call, answer) = match session.end {
        End::PlanWaiting => {
            let plan = calls.find(|call| matches!(call.input, Input::Plan(_)))?;
            (plan, PlanAnswer::Waiting)
        }
        // Words that came after it are seen to by who knows the requests.
        _ => {
            let last = calls.find(|call| call.live && call.agent.is_none())?;
            (last.outcome == Outcome::Refused).then_some((last, PlanAnswer::Refused))?
        }
    };
    match &call.input {
        Input::Plan(text) => Some((call, text, answer)),
        _ => None,
    }
}

/// True of what begins with `from` if a quotation mark before it on its line is closed behind it.
fn is_quoted(before: &str, from: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let rest = from.split('\n').next().unwrap_or_default();
    line.matches('"').count() % 2 == 1 && rest.contains('"')
}

/// An edit of a file.
#[derive(Clone, Debug)]
struct Edited {
    path: String,
    cite: Cite,
    /// The call whose replacements it was, if it was that.
    call: Option<usize>,
}

/// Bytes of a text in which names are looked for.
const HEAD: usize = 12_000;

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn sentence(text: &str, under: Option<&str>, cite: &Cite) -> Sentence {
    Sentence {
        text: text.to_owned(),
        under: under.map(str::to_owned),
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
