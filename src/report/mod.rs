//! What many sessions tell together: a rollup from the store.
//!
//! Takes the sessions of the [store](crate::store) that are asked for and gives what is
//! still open over all of them, what comes back, how numbers move, what the
//! user keeps saying: newest evidence first, each line with its session and
//! place. As in a handoff, what a later session settled is not open. Leaves
//! to others where it goes.

mod gather;
mod html;
mod markdown;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::entry::SessionRow;

pub use gather::{gather, logs};
pub use html::{MOST as MOST_BYTES, Page, html};
pub use markdown::markdown;

/// Which sessions a report is about.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only sessions of these projects: see [`crate::entry::SessionRow::is_in`].
    pub projects: Vec<String>,
    /// Only sessions whose last record is at this time or later, as [`crate::entry::stamp`] writes it.
    pub since: Option<String>,
}

impl Scope {
    /// True if it leaves nothing out.
    pub fn is_all(&self) -> bool {
        self.projects.is_empty() && self.since.is_none()
    }

    fn holds(&self, row: &SessionRow) -> bool {
        (self.projects.is_empty() || self.projects.iter().any(|project| row.is_in(project)))
            && (self.since.is_none() || row.ended >= self.since)
    }
}

/// The version of the shape in JSON: a number more for each change that a reader must know of.
pub const SCHEMA_VERSION: u32 = 1;

/// What the sessions tell together. Lists stand with the most valuable first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rollup {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The sums.
    pub sums: Sums,
    /// Tasks that are neither done nor dropped, and failures of the work and checks that failed without one that no later
    /// session settled; newest first.
    pub open: Vec<Open>,
    /// Failures that more than one session met.
    pub recurring: Vec<Recurring>,
    /// Numbers that moved.
    pub trends: Vec<Trend>,
    /// Commands that prove something, with how they do now.
    pub proofs: Vec<Proof>,
    /// Files that more than one session changed.
    pub files: Vec<Touched>,
    /// Standing rules and corrections that the user said in more than one session.
    pub instructions: Vec<Repeated>,
    /// What was tried in vain more than once.
    pub attempts: Vec<Repeated>,
}

/// The sums over all sessions; copies of sessions count in none but their own number.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sums {
    /// Sessions.
    pub sessions: u32,
    /// Of these, those that only repeat others.
    pub copies: u32,
    /// Projects, by name of their folder, with their sessions; the most first.
    pub projects: Vec<(String, u32)>,
    /// State words with their sessions; the commonest first.
    pub states: Vec<(String, u32)>,
    /// The first record of all.
    pub first: Option<String>,
    /// The last record of all.
    pub last: Option<String>,
    /// Seconds of work, pauses left out.
    pub active_seconds: i64,
    /// Tokens sent anew or written to the cache, each message counted once.
    pub tokens_in: u64,
    /// Tokens written by the model.
    pub tokens_out: u64,
    /// Tool calls.
    pub tool_calls: u64,
    /// Commits.
    pub commits: u64,
}

/// A place in a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Place {
    /// The session's id.
    pub session: String,
    /// The project's folder, by its name.
    pub project: String,
    /// The place in it, as handoffs have it.
    pub cite: String,
    /// When.
    pub time: Option<String>,
}

/// Something open.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Open {
    /// `task`, `failure`, or `check`: one that failed without a failure that a rule knows.
    pub kind: String,
    /// What it is.
    pub what: String,
    /// `pending`, `in-progress`, `open` or `red`.
    pub status: String,
    /// The command that shows the failure; empty for a task and a check.
    pub command: String,
    /// The newest evidence.
    pub at: Place,
    /// Sessions that know of it.
    pub sessions: u32,
    /// Other failures that the same command shows in the same session.
    pub more: u32,
}

/// A failure that comes back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Recurring {
    /// The message.
    pub what: String,
    /// What it is about: `product` is the work.
    pub about: String,
    /// Sessions that met it.
    pub sessions: u32,
    /// How often it was shown in all.
    pub times: u32,
    /// How the newest of them left it: `open`, `doubtful` or `resolved`.
    pub state: String,
    /// The newest evidence.
    pub at: Place,
}

/// A check whose numbers moved: the first and the newest run that can be compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trend {
    /// The project's folder, by its name.
    pub project: String,
    /// The tool.
    pub tool: String,
    /// What it is run on; empty for everything.
    pub scope: String,
    /// Tests that passed, of how many, at first.
    pub first: (u64, u64),
    /// The same now.
    pub latest: (u64, u64),
    /// Runs in all.
    pub runs: u32,
    /// The first run.
    pub from: Place,
    /// The newest run.
    pub to: Place,
}

/// A command that proves something.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Proof {
    /// The command of the newest run.
    pub command: String,
    /// What it verifies.
    pub family: String,
    /// Sessions that ran it.
    pub sessions: u32,
    /// Its runs.
    pub runs: u32,
    /// Of these, those that passed.
    pub green: u32,
    /// What came of the newest.
    pub verdict: String,
    /// The newest run.
    pub at: Place,
}

/// A file that keeps being changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Touched {
    /// The project's folder, by its name.
    pub project: String,
    /// The path in it.
    pub path: String,
    /// Sessions that changed it.
    pub sessions: u32,
    /// Changes.
    pub edits: u32,
}

/// Something that was said or tried more than once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Repeated {
    /// What.
    pub what: String,
    /// What came of it; empty for words.
    pub outcome: String,
    /// Sessions.
    pub sessions: u32,
    /// Times in all.
    pub times: u32,
    /// The newest.
    pub at: Place,
}
