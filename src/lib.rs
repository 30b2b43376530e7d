//! passdown reads the log that a Claude Code session leaves behind and writes
//! the handoff the next session needs.

pub mod discover;
pub mod error;
pub mod extract;
pub mod ledger;
pub mod position;
pub mod safety;
pub mod session;
pub mod tokens;
