//! The handoff → text; one file per format.

mod explain;
mod json;
mod markdown;
mod memory;
mod prompt;

pub use explain::{Costs, Redacted, explain, explain_json};
pub use json::json;
pub(crate) use markdown::{Known, markdown_knowing};
pub use markdown::{age, citation, markdown};
pub use memory::{memory, placed};
pub use prompt::prompt;

/// How a handoff is rendered.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// With the places in the log.
    pub cite: bool,
    /// The time from which the age of the log is counted; without it, no age is said.
    pub as_of: Option<jiff::Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cite: true,
            as_of: None,
        }
    }
}

#[cfg(test)]
mod tests;
