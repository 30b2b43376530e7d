//! One line → its records; the names of the wire end here.
//!
//! A line is scanned shallowly ([`scan`]), repaired if it is damaged
//! ([`line()`]), and each record in it read into a [`Record`] that borrows from
//! the line and decodes only what a handoff can use. A value of the wrong type
//! counts as absent, of a key that comes twice the first counts, and what is
//! not known is named in [`Record::unknown`]. Leaves to others how records
//! relate.

mod beside;
mod chain;
mod content;
mod known;
mod line;
mod moment;
pub mod other;
mod relayed;
pub mod scan;
mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_kinds;
mod tool;
mod user_text;

pub use beside::{Attachment, System};
pub use chain::{Assistant, Body, Envelope, Record, Tokens, Unknown, User};
pub use content::{Block, Content};
pub use line::{Line, LineFault, line};
pub use relayed::relayed;
pub use state::State;
pub use tool::{Answer, Args, Todo};
pub use user_text::{Notification, Said, failed_use, refusal, without_reminders};
