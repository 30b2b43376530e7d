//! Is a handoff good, and is it still true?
//!
//! [`quality`] holds a Markdown handoff, made by this program or by hand, to
//! the rules that a good one keeps. [`fresh`] holds it to the working tree:
//! what moved since it was written. The first reads nothing but the text; the
//! second reads files and asks `git`, and changes neither.

pub mod document;
mod fresh;
mod quality;
mod tree;
mod words;

pub use fresh::{Freshness, fresh};
pub use quality::{Options, quality};

/// Something about a handoff that is to be mended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Complaint {
    /// The line, one-based; 1 for the whole document.
    pub line: u32,
    /// The byte in the line, one-based.
    pub column: u32,
    /// The rule's short name.
    pub rule: &'static str,
    /// What is wrong: lowercase, one line, without a full stop.
    pub what: String,
    /// How to mend it.
    pub mend: &'static str,
}
