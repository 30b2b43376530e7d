//! Errors, which end the run, and problems, which cost a line or a file.
//!
//! An [`Error`] is rare and final. A [`Problem`] says what was passed over and
//! why; there may be many, and the rest of the input is still used.

use std::fmt;
use std::path::PathBuf;

/// Something that ends the run.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
}

/// What ended the run.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or folder could not be read or written.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The arguments name no session. The text says where it was looked for, and the way on.
    NoSession(String),
    /// What the arguments name was read, and no session is in it. The text says why, a line for each.
    Nothing(String),
    /// The arguments fit several sessions. The text lists them.
    Ambiguous(String),
    /// A rule file is wrong. One message an error, each with file, line and column.
    Rules(Vec<String>),
    /// The budget does not hold even the empty handoff.
    BudgetTooSmall {
        /// The tokens allowed.
        budget: u32,
        /// The tokens that the smallest handoff takes.
        needed: u32,
    },
    /// The arguments contradict each other, or a value is not of its form.
    Usage(String),
    /// The finished text still holds something that must not leave, so nothing was written.
    Unsafe(String),
}

impl Error {
    /// The kind of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// An I/O error at `path`.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        ErrorKind::Io {
            path: path.into(),
            source,
        }
        .into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Io { path, source } => write!(f, "{}: {source}", path.display()),
            ErrorKind::NoSession(text)
            | ErrorKind::Nothing(text)
            | ErrorKind::Ambiguous(text)
            | ErrorKind::Usage(text)
            | ErrorKind::Unsafe(text) => f.write_str(text),
            ErrorKind::Rules(messages) => f.write_str(&messages.join("\n")),
            ErrorKind::BudgetTooSmall { budget, needed } => write!(
                f,
                "a budget of {budget} tokens is too small: the smallest handoff of this session needs {needed}"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// One line or file that was passed over, in whole or in part.
///
/// Displays as `path:line:column: what`, leaving out what is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the user named it or as it was found.
    pub path: String,
    /// The line, one-based; zero for the whole file.
    pub line: u32,
    /// The byte in the line, one-based; zero for the whole line.
    pub column: u32,
    /// What is wrong and what was done about it: lowercase, without a full stop.
    pub what: String,
}

impl Problem {
    /// How it begins where reading ended early.
    pub(crate) const CUT: &str = "could not be read to its end";
    /// How it begins where a file was cut meanwhile.
    pub(crate) const SHRANK: &str = "became shorter while it was read";

    /// Whether it is of the moment, as a disk that failed or a log that moved, so that the same file may give more another time.
    pub fn may_pass(&self) -> bool {
        let of_the_system = self.what.contains("(os error ");
        self.line == 0 && (self.what.starts_with(Self::SHRANK) || of_the_system)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        write!(f, ": {}", self.what)
    }
}
