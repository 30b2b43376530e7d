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

/// The line and the column of byte `offset` of `text`, one-based, the column in characters. An offset behind the end or
/// inside a character stands for the end.
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_begin_with_one() {
        for (text, offset, expected) in [
            ("", 0, (1, 1)),
            ("ab", 1, (1, 2)),
            ("a\nb", 2, (2, 1)),
            ("é=1", 2, (1, 2)),
            ("a\n", 9, (2, 1)),
        ] {
            assert_eq!(line_column(text, offset), expected, "{text:?} {offset}");
        }
    }
}
