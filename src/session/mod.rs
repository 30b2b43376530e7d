//! Records → one conversation: turns, tool calls, subagents, compactions, branches.

mod model;

pub use model::*;
