//! What came of a request: the files that were edited and the commits that were made until something else was asked for.

use super::Room;
use super::asked::is_routine;
use super::item::Line;
use crate::ledger::{Commit, Ledger, Request};
use crate::position::Position;
use crate::session::{Body, Input, Outcome, Session};
use std::collections::BTreeMap;

impl Room<'_> {
    /// True if something was edited for `request`.
    pub(super) fn was_acted_on(&self, request: &Request) -> bool {
        !edited(self.session, stretch(self.ledger, request)).is_empty()
    }

    /// `line` with what came of `request`, as far as the log shows it.
    pub(super) fn came_of(&mut self, mut line: Line, request: &Request) -> Line {
        let within = stretch(self.ledger, request);
        let edited = edited(self.session, &within);
        let commits = self.ledger.repository.commits.iter();
        let commits: Vec<&Commit> = commits
            .filter(|commit| !commit.stale && within(commit.cite.place()))
            .collect();
        let mut word = "; then ";
        let mut edits: BTreeMap<&str, usize> = BTreeMap::new();
        // What was taken back came to nothing.
        let files = (self.ledger.files.iter()).filter(|file| file.edits > 0 && !file.deleted);
        let stands = |path: &str| files.clone().any(|file| file.path == path);
        for path in edited {
            if !stands(&self.paths.show(path)) {
                continue;
            }
            *edits.entry(path).or_default() += 1;
        }
        if let Some((most, _)) = edits.iter().max_by_key(|(_, edits)| **edits) {
            let name = most.rsplit(['/', '\\']).next().unwrap_or(most);
            let name = self.gate.verbatim(name, 60);
            line = line.own(word).own("edited ").name(name);
            let others = edits.len() - 1;
            if others > 0 {
                line = line.own(format!(" and {others} more"));
            }
            word = ", ";
        }
        if let Some(commit) = commits.last() {
            let hash = self.gate.verbatim(&commit.hash, 40);
            line = line.own(word).own("commit ").code(hash);
        }
        line
    }
}

/// True of a request for nothing but steps of git, all of which were seen to be done after it.
pub(super) fn is_carried_out(ledger: &Ledger, request: &Request) -> bool {
    const OTHERS: [&str; 19] = [
        "test", "tests", "testing", "lint", "linting", "fmt", "format", "build", "check", "checks",
        "verify", "fix", "pr", "rebase", "merge", "pull", "run", "review", "close",
    ];
    let words: Vec<String> = request
        .text
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .collect();
    let asks = |step: &str| words.iter().any(|word| word == step);
    let from = request.cite.place();
    let repository = &ledger.repository;
    let mut commits = repository.commits.iter().filter(|commit| !commit.stale);
    let committed = commits.clone().any(|commit| commit.cite.place() > from);
    let pushed = commits.next_back().is_some_and(|commit| commit.pushed);
    let branch = repository.branch.as_ref();
    let branched = branch.is_some_and(|(_, cite)| cite.place() > from);
    let steps = [
        ("commit", committed),
        ("push", pushed),
        ("branch", branched),
    ];
    is_routine(&request.text)
        && !OTHERS.iter().any(|other| asks(other))
        && steps.iter().any(|(step, _)| asks(step))
        && steps.iter().all(|(step, done)| *done || !asks(step))
}

/// The places between `request` and the next that asks for something of its own.
fn stretch(ledger: &Ledger, request: &Request) -> impl Fn((u32, Position)) -> bool + use<> {
    let from = request.cite.place();
    let mut later = ledger.requests.iter();
    let next = later.find(|later| later.cite.place() > from && !later.is_nudge());
    let until = next.map(|next| next.cite.place());
    move |at| at > from && until.is_none_or(|until| at < until)
}

/// The paths of what was edited at the places that `within` takes, once for each edit.
fn edited(session: &Session, within: impl Fn((u32, Position)) -> bool) -> Vec<&str> {
    let events = session.timeline.iter();
    let calls = events
        .filter(|event| event.live && within((event.tick, event.at)))
        .filter_map(|event| match event.body {
            Body::Call(call) => Some(&session.calls[call]),
            _ => None,
        });
    calls
        .filter(|call| call.outcome == Outcome::Ok)
        .filter_map(|call| match &call.input {
            Input::Edit { path, .. } | Input::Write { path, .. } => Some(path.as_str()),
            _ => None,
        })
        .collect()
}
