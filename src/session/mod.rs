//! Records → one conversation: turns, tool calls, subagents, compactions, branches.
//!
//! Two steps. [`digest()`] reads lines, each by itself, into owned and bounded
//! nodes; units of lines can be digested side by side. [`Builder`] takes the
//! digests in file order and joins them: answers to their calls, subagents to
//! the calls that started them, summaries to their compactions, and it tells
//! what a person said from what only looks like it. Leaves to others what
//! matters.

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
mod returned;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_codex;
#[cfg(test)]
mod tests_others;
mod timeline;
mod tree;
mod walk;

pub use builder::Builder;
pub use digest::digest;
pub use model::*;
pub use node::Digest;

use crate::error::Problem;

/// Reads a whole transcript from memory.
///
/// `path` is what the session's file and the problems are called; its stem is
/// the session's id if it is a UUID. Empty input gives an empty session. A document is read as [`crate::read::as_lines`] has it.
pub fn from_bytes(path: &str, bytes: &[u8]) -> (Session, Vec<Problem>) {
    let lines = crate::read::as_lines(bytes);
    let bytes = lines.as_ref();
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines =
        text.split(|&byte| byte == b'\n')
            .take(if bytes.is_empty() { 0 } else { usize::MAX });
    let numbered = (1..=u32::MAX).zip(lines);
    let mut builder = Builder::new();
    builder.main(path, vec![digest(1, numbered, path)]);
    let (mut session, problems) = builder.finish();
    if let Some(file) = session.files.first_mut() {
        file.bytes = file.bytes.min(bytes.len() as u64);
    }
    (session, problems)
}
