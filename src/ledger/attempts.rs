//! Attempts: what was tried and given up, so that nobody tries it again.

use super::Cite;

/// Something that was tried and came to nothing. Few and certain rather than many.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What was tried.
    pub tried: Tried,
    /// Where it is shown; the first is where it was tried, the last where it failed or was given up.
    pub cites: Vec<Cite>,
}

/// What was tried.
#[derive(Clone, Debug)]
pub enum Tried {
    /// Changes to files were taken back.
    Reverted {
        /// The command that took them back.
        command: String,
        /// The files that had been changed.
        files: Vec<String>,
    },
    /// Files were edited, and the check still showed the same failure.
    SameFailure {
        /// The files edited in between.
        files: Vec<String>,
        /// The failure.
        failure: String,
        /// The check that showed it again.
        command: String,
        /// How often it was shown.
        times: u32,
    },
    /// The user refused it.
    Refused {
        /// The tool, or "plan".
        what: String,
        /// The user's reason.
        reason: String,
    },
    /// The agent says so.
    Said(String),
}
