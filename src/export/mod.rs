//! The store's tables as files: CSV for spreadsheets, Parquet for engines.
//!
//! Takes what a [store](crate::store) knows of some logs and leaves a file a
//! table, views included, in a folder: [`Table::all`] are their names, columns
//! and kinds. What the store holds passed the [gate](crate::safety) when it was
//! put there, and leaves as it stands. The same logs give the same bytes:
//! logs are numbered anew, by path, since the store numbers them as threads
//! had them. A file is whole or as it was; rows are streamed. Leaves to
//! others which logs are meant.

mod csv;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;
mod tables;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::Path;

use crate::error::{Error, ErrorKind};
use crate::store::Store;
use crate::write;
use rows::{Rows, Snapshot};

pub use tables::{Column, Kind, Table};

/// The format of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// Apache Parquet, compressed with Snappy.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// How the names of its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }
}

/// Which rows of the store are meant.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// The logs, as the store numbers them, in any order.
    pub logs: Vec<i64>,
    /// Also the problems that belong to no log.
    pub without_log: bool,
}

/// Writes each table of the store at `store` to `<folder>/<table>.<ending>`, in each of `formats`; the folder is made, for
/// the owner alone. Without any log the files hold their columns and no row.
///
/// # Errors
///
/// [`ErrorKind::Io`], with the folder or file that cannot be written; [`ErrorKind::Usage`], with what SQLite says;
/// as [`Store::open_to_read`]. Tables that were finished by then stand.
pub fn write(store: &Path, which: &Which, folder: &Path, formats: &[Format]) -> Result<(), Error> {
    write::folder(folder).map_err(|error| Error::io(folder, error))?;
    // A connection of its own: what it makes there for the time being is gone with it.
    let store = Store::open_to_read(store)?;
    let failed = |error: rusqlite::Error| {
        ErrorKind::Usage(format!("{}: {error}", store.path().display())).into()
    };
    let snapshot = Snapshot::take(store.connection(), which).map_err(failed)?;
    for table in Table::all() {
        for format in formats {
            let path = folder.join(format!("{}.{}", table.name, format.ending()));
            write::filled(&path, |file| {
                let mut select = snapshot.select(table).map_err(failed)?;
                let rows = Rows::of(table, &mut select).map_err(failed)?;
                fill(*format, table, rows, file).map_err(|trouble| match trouble {
                    Trouble::Store(error) => failed(error),
                    Trouble::File(error) => Error::io(&path, error),
                })
            })?;
        }
    }
    write::settle(folder);
    Ok(())
}

fn fill(format: Format, table: &Table, rows: Rows<'_>, file: &mut File) -> Result<(), Trouble> {
    match format {
        Format::Csv => csv::write(table, rows, file),
        #[cfg(feature = "parquet")]
        Format::Parquet => parquet::write(table, rows, file),
    }
}

/// What keeps a table from being written.
#[derive(Debug)]
enum Trouble {
    Store(rusqlite::Error),
    File(std::io::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}
