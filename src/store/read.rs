//! Rows → what is known of a log.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Result, params};

use super::row;
use super::{Outcome, Stamp, Store};
use crate::entry::SessionRow;
use crate::error::{Error, Problem};
use crate::session::Message;

/// What is known of all logs, by path.
#[derive(Debug, Default)]
pub struct Known {
    by_path: HashMap<String, Log>,
}

/// A log that was read.
#[derive(Clone, Copy, Debug)]
struct Log {
    log: i64,
    stamp: Stamp,
    made_by: u64,
    outcome: Outcome,
}

impl Known {
    /// The log at `path`, if its files are what they were and `made_by` is what read them.
    pub fn fresh(&self, path: &str, stamp: Stamp, made_by: u64) -> Option<(i64, Outcome)> {
        let log = self.by_path.get(path)?;
        (log.stamp == stamp && log.made_by == made_by).then_some((log.log, log.outcome))
    }

    /// The numbers of all logs, in no order.
    pub fn logs(&self) -> impl Iterator<Item = i64> {
        self.by_path.values().map(|log| log.log)
    }

    /// The number of the log at `path`.
    pub fn log(&self, path: &str) -> Option<i64> {
        self.by_path.get(path).map(|log| log.log)
    }
}

/// A session as it was kept.
#[derive(Clone, Debug)]
pub struct Read {
    /// Its number in the store.
    pub log: i64,
    /// The session.
    pub session: SessionRow,
    /// What each message of the model used.
    pub messages: Vec<Message>,
}

impl Outcome {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Handoff => "handoff",
            Self::Nothing => "nothing",
        }
    }
}

impl Store {
    /// What is known of all logs.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn known(&self) -> Result<Known, Error> {
        let read = || -> Result<Known> {
            let mut known = Known::default();
            let mut select = self
                .connection
                .prepare("SELECT path, log, stamp, made_by, outcome FROM logs")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let log = Log {
                    log: row.get(1)?,
                    stamp: Stamp(row.get::<_, i64>(2)?.cast_unsigned()),
                    made_by: row.get::<_, i64>(3)?.cast_unsigned(),
                    outcome: match row.get::<_, String>(4)?.as_str() {
                        "handoff" => Outcome::Handoff,
                        _ => Outcome::Nothing,
                    },
                };
                known.by_path.insert(row.get(0)?, log);
            }
            Ok(known)
        };
        read().map_err(|error| self.fail(error))
    }

    /// What the files of the log at `path` were when they were read; none if it is not known.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn stamp(&self, path: &str) -> Result<Option<Stamp>, Error> {
        let read = || {
            self.connection
                .prepare_cached("SELECT stamp FROM logs WHERE path = ?1")?
                .query_row([path], |row| {
                    Ok(Stamp(row.get::<_, i64>(0)?.cast_unsigned()))
                })
                .optional()
        };
        read().map_err(|error| self.fail(error))
    }

    /// The session of a log; none if it gave no handoff.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn session(&self, log: i64) -> Result<Option<Read>, Error> {
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "SELECT log, {}, messages FROM sessions WHERE log = ?1",
                    row::COLUMNS
                ))?
                .query_row([log], of_row)
                .optional()
        };
        read().map_err(|error| self.fail(error))
    }

    /// All sessions, by path.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn sessions(&self) -> Result<Vec<Read>, Error> {
        let read = || -> Result<Vec<Read>> {
            self.connection
                .prepare(&format!(
                    "SELECT log, {}, messages FROM sessions ORDER BY path",
                    row::COLUMNS
                ))?
                .query_map([], of_row)?
                .collect()
        };
        read().map_err(|error| self.fail(error))
    }

    /// The handoff of a log, by the ending of its file.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn handoff(&self, log: i64, format: &str) -> Result<Option<String>, Error> {
        let read = || {
            self.connection
                .prepare_cached("SELECT text FROM handoffs WHERE log = ?1 AND format = ?2")?
                .query_row(params![log, format], |row| row.get(0))
                .optional()
        };
        read().map_err(|error| self.fail(error))
    }

    /// The problems of a log, in the order they were met.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn problems(&self, log: i64) -> Result<Vec<Problem>, Error> {
        let read = || -> Result<Vec<Problem>> {
            self.connection
                .prepare_cached(
                    "SELECT path, line, column, what FROM problems WHERE log = ?1 ORDER BY rowid",
                )?
                .query_map([log], |row| {
                    Ok(Problem {
                        path: row.get(0)?,
                        line: row.get(1)?,
                        column: row.get(2)?,
                        what: row.get(3)?,
                    })
                })?
                .collect()
        };
        read().map_err(|error| self.fail(error))
    }
}

fn of_row(row: &rusqlite::Row<'_>) -> Result<Read> {
    Ok(Read {
        log: row.get("log")?,
        session: row::session(row)?,
        messages: row::unpacked(&row.get::<_, Vec<u8>>("messages")?),
    })
}
