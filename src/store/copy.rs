//! Rows of one store → another.

use std::path::Path;

use super::{Store, write};
use crate::error::Error;

impl Store {
    /// Takes over what the store at `from` knows of `logs`, under the same numbers, without handoffs and records:
    /// for questions over a part of it, in a store that is empty.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn copy(&mut self, from: &Path, logs: &[i64]) -> Result<(), Error> {
        // Numbers as JSON: a list of any length in one argument.
        let logs = serde_json::Value::from(logs).to_string();
        let copied = || -> rusqlite::Result<()> {
            self.connection
                .execute("ATTACH DATABASE ?1 AS other", [from.to_string_lossy()])?;
            let tables = ["logs", "sessions"].into_iter().chain(write::PARTS);
            let copied = tables
                .filter(|table| !matches!(*table, "handoffs" | "records"))
                .try_for_each(|table| {
                    let copy = format!(
                        "INSERT INTO main.{table} SELECT * FROM other.{table} \
                         WHERE log IN (SELECT value FROM json_each(?1))"
                    );
                    self.connection.execute(&copy, [&logs]).map(drop)
                });
            self.connection.execute("DETACH DATABASE other", [])?;
            copied
        };
        copied().map_err(|error| self.fail(error))
    }
}
