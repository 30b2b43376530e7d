//! Ledger → ranked items: what could be said, each line with what it is worth.
//!
//! Worth is counted in shares of what a handoff could carry: all files
//! together are worth [`Weights::files`], all identifiers [`Weights::names`], and so on, each fact
//! by its activation. A line is worth what it says by itself and the facts it
//! tells; [`crate::pack`] takes what adds most for its length.

mod approach;
mod asked;
mod choices;
mod done;
mod environment;
mod expected;
mod facts;
mod files;
mod focus;
mod goal;
mod item;
mod lost;
mod outcome;
mod requests;
mod review;
mod state;
mod status;
mod subject;
mod title;
mod under_way;
mod wanted;
mod weights;
mod work;

pub use goal::Goal;
pub use item::{Fact, Item, Kind, Line, List, PINNED, Part, Piece, Span, Trust};
pub use lost::{compaction, lost};
pub use weights::{Weight, Weights};
pub use work::{Work, scores as work};

use std::collections::BTreeSet;

use crate::extract::path::Paths;
use crate::ledger::Ledger;
use crate::safety::Gate;
use crate::session::{End, Session};
use facts::Facts;

/// What a handoff is about and where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// The session's id.
    pub session: String,
    /// The first characters of it, for citations.
    pub short_id: String,
    /// A label for each file of the session, by [`crate::position::FileId`].
    pub labels: Vec<String>,
    /// The first and last time of the log.
    pub span: Option<(jiff::Timestamp, jiff::Timestamp)>,
    /// How the log ends, in words.
    pub ended: String,
    /// One of `green`, `red`, `blocked`, `unverified`.
    pub state: &'static str,
    /// The title, without the goal.
    pub title: String,
    /// The goal.
    pub goal: String,
    /// The folder of the last record.
    pub cwd: Option<String>,
    /// The branch of the last record.
    pub branch: Option<String>,
    /// The models that answered.
    pub models: Vec<String>,
}

/// Everything that could be handed over.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// What it is about.
    pub header: Header,
    /// The lines, in no order but that of their making; the title first.
    pub items: Vec<Item>,
}

/// What the stages of this room share.
struct Room<'a> {
    session: &'a Session,
    ledger: &'a Ledger,
    facts: Facts,
    paths: Paths,
    gate: &'a mut Gate,
    items: Vec<Item>,
    /// Lines of code that an item shows already.
    lines: BTreeSet<String>,
}

/// Ranks what `ledger` holds. Every text of the log passes `gate`.
///
/// `None` if there is nothing to hand over: nobody asked for anything and nothing was done.
pub fn rank(session: &Session, ledger: &Ledger, gate: &mut Gate) -> Option<Ranked> {
    rank_towards(session, ledger, None, gate)
}

/// As [`rank`], where the next session has a goal: what it names is worth more, and it stands in the title and the
/// outcome as it was stated.
pub fn rank_towards(
    session: &Session,
    ledger: &Ledger,
    goal: Option<&Goal>,
    gate: &mut Gate,
) -> Option<Ranked> {
    rank_by(session, ledger, goal, &Weights::default(), gate)
}

/// As [`rank_towards`], with weights of its own.
pub fn rank_by(
    session: &Session,
    ledger: &Ledger,
    goal: Option<&Goal>,
    weights: &Weights,
    gate: &mut Gate,
) -> Option<Ranked> {
    let nothing = ledger.requests.is_empty()
        && ledger.files.is_empty()
        && ledger.commands.is_empty()
        && ledger.tasks.is_empty();
    if nothing && ledger.prose.is_empty() {
        return None;
    }
    let mut room = Room {
        session,
        ledger,
        facts: Facts::new(ledger, goal, weights),
        paths: Paths::new(&session.cwds),
        gate,
        items: Vec::new(),
        lines: BTreeSet::new(),
    };
    let state = state::state(ledger);
    let (title, target) = room.title(state);
    room.status(state, &target);
    room.approach();
    room.focus();
    room.done();
    room.environment();
    room.outcome(state, &target.then);
    if let Some(goal) = goal {
        room.towards(goal);
    }
    let items = room.items;
    let header = Header {
        session: session.id.clone(),
        short_id: short(&session.id),
        labels: labels(session),
        span: session.span,
        ended: ended(session.end).to_owned(),
        state: state.word(),
        title,
        goal: target.then,
        cwd: session
            .cwd
            .as_deref()
            .map(|cwd| Paths::new(&session.cwds).root(cwd).to_owned()),
        branch: session.branch.clone(),
        models: session.models.clone(),
    };
    Some(Ranked { header, items })
}

/// The head of a session id that people type: eight characters.
fn short(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
        .take(8)
        .collect()
}

/// A label for each file of the session: the head of its id, or of its subagent's.
pub(crate) fn labels(session: &Session) -> Vec<String> {
    session
        .files
        .iter()
        .map(
            |file| match file.agent.and_then(|agent| session.agents.get(agent)) {
                Some(agent) => short(&agent.id),
                None => short(&session.id),
            },
        )
        .collect()
}

/// How the log ends, in words.
fn ended(end: End) -> &'static str {
    match end {
        End::Finished => "the agent's turn was over",
        End::Asked => "the agent's question is not answered",
        End::PlanWaiting => "a plan waits for approval",
        End::Interrupted => "the user interrupted",
        End::Unanswered => "the last request has no answer",
        End::MidCall => "in the middle of a tool call",
        End::MidTurn => "in the middle of a turn",
        End::Compacted => "at a compaction",
        End::ContextFull => "the context was full",
        End::ApiError => "the model could not be reached",
        End::Limit => "a usage limit was reached",
    }
}

impl Room<'_> {
    /// Raises what a goal names, and states it: behind the title, and before the target.
    fn towards(&mut self, goal: &Goal) {
        const MOST: usize = 160;
        for item in &mut self.items {
            goal.raise(item);
        }
        let text = self.gate.line(goal.text(), MOST);
        let title = self.items.iter_mut().find(|item| item.kind == Kind::Title);
        if let Some(piece) = title.and_then(|item| item.pieces.first_mut()) {
            // Citations stand last.
            let at = piece
                .spans
                .iter()
                .take_while(|span| !matches!(span, Span::Cites(_)))
                .count();
            let stated = [Span::Own(" - next: ".to_owned()), Span::Quote(text.clone())];
            piece.spans.splice(at..at, stated);
        }
        let line = Line::new()
            .own("goal of the next session: ")
            .quote(text)
            .own(";");
        let stated = line.piece(PINNED + 890.0);
        self.add(Item::new(
            Part::Outcome,
            Kind::Target,
            Trust::Stated,
            "",
            -1.0,
            stated,
        ));
    }

    fn add(&mut self, item: Item) {
        self.items.push(item);
    }

    /// A path of the log, as it may leave.
    fn path(&mut self, path: &str) -> String {
        const MOST: usize = 160;
        let shown = self.paths.show(path);
        self.gate.verbatim(&shown, MOST)
    }

    /// Words of the log, shortened at the end, with the session's folders cut from paths.
    fn words(&mut self, text: &str, most: usize) -> String {
        // Emphasis is the agent's; in a quotation its marks would only stand about.
        let text = self.paths.shorten(text).replace("**", "");
        let text = text.trim_start_matches("[ ] ").trim_start_matches("[x] ");
        self.gate.line(text, most)
    }
}
