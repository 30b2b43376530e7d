//! The rubric: what a handoff must say for the kind of work that the session did, slot by slot.
//!
//! A slot applies where the log holds something to fill it with. Whether it is
//! filled is read off the text of the handoff, as the next session reads it;
//! so a handoff of any hand can be held to the log behind it. Who made the
//! text, and how, is left to others.

mod common;
mod kinds;
mod sought;

use crate::check::Complaint;
use crate::check::document::Document;
use crate::ledger::Ledger;
use crate::score::{Part, Work};
use crate::session::Session;
use sought::{Sought, Text};

/// A slot, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Slot {
    /// Its short name, as `status-number`.
    pub slot: &'static str,
    /// What stands in it.
    pub holds: &'static str,
    /// The part of the handoff that it belongs to, by [`Part::word`].
    pub part: &'static str,
    /// What became of it.
    pub state: State,
    /// What the log holds for it and the handoff does not say, as the log has it: not yet safe to print. At most
    /// three; empty unless the slot is missed, or where `holds` says it all.
    pub missing: Vec<String>,
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The handoff says it.
    Filled,
    /// The log holds nothing for it.
    Absent,
    /// The log holds something for it, and the handoff does not say it.
    Missed,
}

impl State {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Absent => "absent",
            Self::Missed => "missed",
        }
    }
}

/// What is looked for in the log.
struct Log<'a> {
    session: &'a Session,
    ledger: &'a Ledger,
}

/// A slot of the rubric.
struct Rule {
    slot: &'static str,
    holds: &'static str,
    part: Part,
    /// What the log holds for it.
    sought: fn(&Log<'_>) -> Sought,
}

impl Slot {
    /// What is to be mended about it; none where it is not missed.
    pub fn complaint(&self) -> Option<Complaint> {
        (self.state == State::Missed).then(|| Complaint {
            line: 1,
            column: 1,
            rule: "missed-slot",
            what: format!(
                "{} does not say {}{}",
                self.part,
                self.holds,
                match self.missing.as_slice() {
                    [] => String::new(),
                    missing => format!("; the log has “{}”", missing.join("”, “")),
                }
            ),
            mend: "say it there, or let the handoff take more tokens",
        })
    }
}

/// Holds the handoff `text` to the slots of all kinds of work and to those of `work`, in the order of the document.
/// `ledger` is that of `session`.
pub fn rubric(text: &str, session: &Session, ledger: &Ledger, work: Work) -> Vec<Slot> {
    /// What is missing is named, not listed.
    const MOST: usize = 3;
    let document = Document::new(text);
    let text = Text::new(&document);
    let log = Log { session, ledger };
    let mut slots: Vec<(Part, Slot)> = common::RULES
        .iter()
        .chain(kinds::rules(work))
        .map(|rule| {
            let sought = (rule.sought)(&log);
            let unsaid = sought.unsaid(&text);
            let state = match (sought.is_empty(), unsaid.is_empty()) {
                (true, _) => State::Absent,
                (false, true) => State::Filled,
                (false, false) => State::Missed,
            };
            let slot = Slot {
                slot: rule.slot,
                holds: rule.holds,
                part: rule.part.word(),
                state,
                missing: unsaid
                    .into_iter()
                    .map(|sign| sign.what.clone())
                    .filter(|what| !what.is_empty())
                    .take(MOST)
                    .collect(),
            };
            (rule.part, slot)
        })
        .collect();
    slots.sort_by_key(|(part, _)| *part);
    slots.into_iter().map(|(_, slot)| slot).collect()
}
