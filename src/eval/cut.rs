//! Where a session is cut.

use serde::Serialize;

use super::facts::Facts;
use super::index::Past;
use super::log::{Event, What};

/// Calls of tools that stand on each side of a cut at least.
const CALLS: usize = 15;

/// Kinds of facts that the rest uses at least.
const KINDS: usize = 3;

/// Where a session is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CutKind {
    /// At a compaction: what came then could only use what its summary kept.
    Boundary,
    /// Within a session without compactions: what came then had everything at hand.
    Interior,
}

impl CutKind {
    /// Both kinds, in the order of tables.
    pub const ALL: [Self; 2] = [Self::Boundary, Self::Interior];

    /// The kind's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Boundary => "boundary",
            Self::Interior => "interior",
        }
    }
}

/// A cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: CutKind,
    /// The first event of the rest.
    pub(super) at: usize,
    /// The event behind the rest.
    pub(super) end: usize,
}

impl Place {
    /// True if there is enough on both sides to be scored.
    pub(super) fn counts(&self, past: &Past<'_>, facts: &Facts) -> bool {
        facts.calls >= CALLS && past.calls >= CALLS && facts.filled() >= KINDS
    }
}

/// The cuts of a session: at each compaction, up to the next; without any, at
/// three fifths of its calls if there are sixty or more.
pub(super) fn cuts(events: &[Event]) -> Vec<Place> {
    const LEAST: usize = 60;
    let places = |what: What| -> Vec<usize> {
        let events = events.iter().enumerate();
        let events = events.filter(|(_, event)| event.what == what);
        events.map(|(at, _)| at).collect()
    };
    let compactions = places(What::Summary);
    let calls = places(What::Call);
    if compactions.is_empty() && calls.len() >= LEAST {
        let at = (calls.len() as f64 * 0.6) as usize;
        return vec![Place {
            kind: CutKind::Interior,
            at: calls.get(at).copied().unwrap_or_default(),
            end: events.len(),
        }];
    }
    let ends = compactions.iter().skip(1).copied().chain([events.len()]);
    (compactions.iter().zip(ends))
        .map(|(&at, end)| Place {
            kind: CutKind::Boundary,
            at,
            end,
        })
        .collect()
}
