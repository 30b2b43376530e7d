//! What is kept of sessions from run to run: an SQLite file.
//!
//! Holds an [`Entry`] for each log, its handoffs, and the [`Stamp`] of its files
//! when they were read, so that what has not changed is not read again. Any
//! program may read it; `docs/store.md` tells its tables. A write is a
//! transaction: a process that is killed loses what it had not handed over, and
//! nothing else; two at once wait for each other. A file that is damaged is
//! set aside and begun anew, since the logs can be read again. Leaves to others
//! what is worth keeping.

mod copy;
mod open;
mod read;
mod row;
mod stamp;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Problem};

pub use read::{Known, Read};
pub use stamp::Stamp;

/// A store that is open.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

/// What became of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gave a handoff.
    Handoff,
    /// There was nothing to hand over.
    Nothing,
}

/// What is to be kept of one log.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The main transcript.
    pub path: String,
    /// What the files were.
    pub stamp: Stamp,
    /// What made it of them: the program, its rules, its options.
    pub made_by: u64,
    /// What there is to know of the session; none if there was nothing to hand over.
    pub entry: Option<Entry>,
    /// The handoffs: the ending of their files, and their text.
    pub handoffs: Vec<(String, String)>,
    /// What could not be used of it.
    pub problems: Vec<Problem>,
}

/// The store of this user, where the platform keeps such files; none if it does not say where.
pub fn default_path() -> Option<PathBuf> {
    Some(
        dirs::data_local_dir()?
            .join("passdown")
            .join("store.sqlite"),
    )
}

impl Store {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connection, for queries.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    fn fail(&self, error: rusqlite::Error) -> Error {
        failed(&self.path, error)
    }
}

/// Whether another process is in the way.
fn is_held(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseBusy | DatabaseLocked)
    )
}

/// What SQLite says of the store at `path`, and the way on.
fn failed(path: &Path, error: rusqlite::Error) -> Error {
    let way = match is_held(&error) {
        true => "; another run holds it: try again when it is done",
        false => "; give another file with --store",
    };
    ErrorKind::Usage(format!("{}: {error}{way}", path.display())).into()
}
