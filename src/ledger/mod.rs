//! Findings, replayed in order → the state at the end of the log.
//!
//! An error that was fixed is no error, a count that was superseded is false,
//! a todo that was completed is not next: the ledger holds what is still true.

mod attempts;
mod checks;
mod commands;
mod failures;
mod files;
mod filter;
mod foreign;
mod found;
mod git;
mod names;
mod replay;
mod scope;
mod state;
mod tasks;
mod undone;
mod words;

pub use attempts::{Attempt, Tried};
pub use checks::{Check, Checks, Face, Run};
pub use commands::Command;
pub use failures::{Failure, State, fingerprint};
pub use files::{Defined, FileState};
pub use found::Found;
pub use git::{Commit, Repository, is_shared};
pub use names::{Name, Names};
pub use replay::replay;
pub use scope::Scope;
pub use state::{Background, BrokenOff, Ledger, OUTRUN, Plan, PlanAnswer, Web};
pub use tasks::{Status, Task};
pub use words::{Request, Sentence};

use crate::position::Position;
use crate::session::{Event, ToolCall};

/// Where a fact stands in the log, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Cite {
    /// The place.
    pub at: Position,
    /// The uuid of the record.
    pub uuid: Option<Box<str>>,
    /// The time of the record.
    pub time: Option<jiff::Timestamp>,
    /// Tool calls of the main conversation before it.
    pub tick: u32,
}

impl Cite {
    /// The place of `event`.
    pub fn of(event: &Event) -> Self {
        Self {
            at: event.at,
            uuid: event.uuid.clone(),
            time: event.time,
            tick: event.tick,
        }
    }

    /// What orders places: the clock of tool calls, then the line.
    pub(crate) fn place(&self) -> (u32, Position) {
        (self.tick, self.at)
    }

    /// The place of the request of `call`.
    pub fn of_call(call: &ToolCall) -> Self {
        Self {
            at: call.at,
            uuid: call.uuid.clone(),
            time: call.time,
            tick: call.tick,
        }
    }
}

/// How present something is: Σ age^-0.9 over its uses, age in tool calls.
///
/// Base-level activation as in ACT-R. Counting age in tool calls, with an exponent near 0.9, ranked the files that
/// real continuations touched best: weighted average precision .758, against .742 for a half-life of 40 calls and
/// .730 for plain frequency.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    ticks: Vec<u32>,
}

impl Uses {
    /// Counts a use at `tick`.
    pub fn add(&mut self, tick: u32) {
        self.ticks.push(tick);
    }

    /// How many uses there were.
    pub fn count(&self) -> usize {
        self.ticks.len()
    }

    /// The tick of the last use.
    pub fn last(&self) -> Option<u32> {
        self.ticks.iter().copied().max()
    }

    /// The activation at tick `now`; zero without a use.
    pub fn activation(&self, now: u32) -> f64 {
        self.ticks.iter().map(|&tick| faded(tick, now)).sum()
    }
}

/// What a use at `tick` counts at `now`.
fn faded(tick: u32, now: u32) -> f64 {
    (f64::from(now.saturating_sub(tick)) + 1.0).powf(-0.9)
}
