//! Where something stands: a file of the session, and a line in it.
//!
//! Every finding carries a [`Position`], so "where does this come from?"
//! always has an answer: the citation `L482` is line 482 of the session's main
//! transcript, `a485154:L12` line 12 of another file.

/// A file of a session, by its index in [`crate::session::Session::files`].
///
/// Zero is the main transcript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A line of a file of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The file.
    pub file: FileId,
    /// The line, one-based.
    pub line: u32,
}

impl Position {
    /// Line `line` (one-based) of the main transcript.
    pub fn main(line: u32) -> Self {
        Self {
            file: FileId(0),
            line,
        }
    }
}
