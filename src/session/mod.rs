//! Records → one conversation: turns, tool calls, subagents, compactions, branches.
//!
//! Two steps. [`digest()`] reads lines, each by itself, into owned and bounded
//! nodes; units of lines can be digested side by side. [`Builder`] takes the
//! digests in file order and joins them: answers to their calls, subagents to
//! the calls that started them, summaries to their compactions, and it tells
//! what a person said from what only looks like it. Leaves to others what
//! matters.

mod announce;
mod builder;
mod clip;
mod continued;
mod copies;
mod digest;
mod end;
mod gather;
mod input;
mod join;
mod model;
mod node;
mod outcome;
mod parts;
mod past;
mod returned;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_beside;
#[cfg(test)]
mod tests_codex;
#[cfg(test)]
mod tests_others;
mod timeline;
mod tree;
mod walk;

pub use announce::{announced, intended};
pub use builder::Builder;
pub use digest::digest;
pub(crate) use digest::skim;
pub use end::offers_to_close;
pub use model::*;
pub use node::Digest;

use crate::error::Problem;

/// Reads a whole transcript from memory.
///
/// `path` is what the session's file and the problems are called; its stem is
/// the session's id if it is a UUID. Empty input gives an empty session. A document is read as [`crate::read::as_lines`] has it.
pub fn from_bytes(path: &str, bytes: &[u8]) -> (Session, Vec<Problem>) {
    with_agents(path, bytes, &[])
}

/// The transcript of a subagent, in memory.
#[derive(Clone, Debug)]
pub struct AgentBytes<'a> {
    /// What it is called.
    pub path: &'a str,
    /// The id, as in `agent-<id>.jsonl`.
    pub id: &'a str,
    /// The id of the call that started it, where that is known.
    pub tool_use: Option<String>,
    /// The kind of agent, where that is known.
    pub kind: Option<String>,
    /// Its lines.
    pub bytes: &'a [u8],
}

/// As [`from_bytes`], with the transcripts of the session's subagents.
pub fn with_agents(path: &str, bytes: &[u8], agents: &[AgentBytes<'_>]) -> (Session, Vec<Problem>) {
    let read = |path: &str, bytes: &[u8]| {
        let lines = crate::read::as_lines(bytes);
        let text = lines.strip_suffix(b"\n").unwrap_or(&lines);
        let split =
            (text.split(|&byte| byte == b'\n')).take(if lines.is_empty() { 0 } else { usize::MAX });
        let mut digest = digest(1, (1..=u32::MAX).zip(split), path);
        digest.clip(lines.len() as u64);
        vec![digest]
    };
    let mut builder = Builder::new();
    builder.main(path, read(path, bytes));
    for agent in agents {
        builder.subagent(
            agent.path,
            Some(agent.id),
            agent.tool_use.as_deref(),
            agent.kind.as_deref(),
            read(agent.path, agent.bytes),
        );
    }
    builder.finish()
}
