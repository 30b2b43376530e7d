//! The store → rows of the logs that are meant, and what the views make of those alone.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Statement};

use super::tables::{Kind, Origin, Table};
use super::{Trouble, Which};

/// The store as it is at one moment, and of it what is meant: each table and view by its own name.
pub(super) struct Snapshot<'c> {
    connection: &'c Connection,
}

impl<'c> Snapshot<'c> {
    /// Takes it; it lasts as long as the connection, and other runs may write meanwhile.
    pub(super) fn take(connection: &'c Connection, which: &Which) -> Result<Self> {
        connection
            .execute_batch("CREATE TEMP TABLE meant (number INTEGER PRIMARY KEY, log INTEGER NOT NULL UNIQUE); BEGIN")?;
        // Numbers as JSON: a list of any length in one argument.
        let logs = serde_json::Value::from(which.logs.as_slice()).to_string();
        connection.execute(
            "INSERT INTO meant SELECT row_number() OVER (ORDER BY path), log FROM main.logs \
             WHERE log IN (SELECT value FROM json_each(?1))",
            [logs],
        )?;
        let (mut tables, mut views) = (String::new(), String::new());
        for table in Table::all() {
            let name = table.name;
            if table.origin == Origin::View {
                // The same question, asked of what is meant: names are looked for among the temporary ones first.
                let view: String = connection.query_row(
                    "SELECT sql FROM main.sqlite_schema WHERE type = 'view' AND name = ?1",
                    [name],
                    |row| row.get(0),
                )?;
                views.push_str(&view.replacen("CREATE VIEW", "CREATE TEMP VIEW", 1));
                views.push_str(";\n");
                continue;
            }
            let columns: Vec<String> = (table.columns.iter())
                .map(|column| match column.name {
                    "log" => "m.number AS log".to_owned(),
                    name => format!("t.\"{name}\""),
                })
                .collect();
            let from = match (table.origin, which.without_log) {
                (Origin::AnyLog, true) => {
                    "t LEFT JOIN temp.meant m USING (log) WHERE m.log IS NOT NULL OR t.log IS NULL"
                }
                _ => "t JOIN temp.meant m USING (log)",
            };
            tables.push_str(&format!(
                "CREATE TEMP VIEW {name} AS SELECT {} FROM main.{name} {from};\n",
                columns.join(", ")
            ));
        }
        connection.execute_batch(&tables)?;
        connection.execute_batch(&views)?;
        Ok(Self { connection })
    }

    /// The rows of a table, in their order.
    pub(super) fn select(&self, table: &Table) -> Result<Statement<'c>> {
        let columns: Vec<String> = (table.columns.iter())
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        let order: Vec<String> = match table.origin {
            Origin::Log => 1..=2,
            Origin::AnyLog | Origin::View => 1..=columns.len(),
        }
        .map(|number| number.to_string())
        .collect();
        self.connection.prepare(&format!(
            "SELECT {} FROM temp.{} ORDER BY {}",
            columns.join(", "),
            table.name,
            order.join(", ")
        ))
    }
}

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'r> {
    Nothing,
    Text(&'r str),
    Count(i64),
    Number(f64),
    Flag(bool),
    Time(&'r str),
}

/// The rows of a table, one after the other.
pub(super) struct Rows<'s> {
    table: &'s Table,
    rows: rusqlite::Rows<'s>,
}

impl<'s> Rows<'s> {
    pub(super) fn of(table: &'s Table, select: &'s mut Statement<'_>) -> Result<Self> {
        Ok(Self {
            table,
            rows: select.query([])?,
        })
    }

    /// Hands the cells of the next row to `take`, each with its place; false behind the last row.
    pub(super) fn next(
        &mut self,
        mut take: impl FnMut(usize, Cell<'_>) -> Result<(), Trouble>,
    ) -> Result<bool, Trouble> {
        let Some(row) = self.rows.next()? else {
            return Ok(false);
        };
        for (index, column) in self.table.columns.iter().enumerate() {
            let value = row.get_ref(index)?;
            let cell = match (column.kind, value) {
                (_, ValueRef::Null) => Cell::Nothing,
                (Kind::Text, _) => Cell::Text(value.as_str().map_err(rusqlite::Error::from)?),
                (Kind::Time, _) => Cell::Time(value.as_str().map_err(rusqlite::Error::from)?),
                (Kind::Count, _) => Cell::Count(value.as_i64().map_err(rusqlite::Error::from)?),
                (Kind::Flag, _) => Cell::Flag(value.as_i64().map_err(rusqlite::Error::from)? != 0),
                // A view mixes counts with what has a fraction; neither comes near 2^53.
                (Kind::Number, ValueRef::Integer(number)) => Cell::Number(number as f64),
                (Kind::Number, _) => Cell::Number(value.as_f64().map_err(rusqlite::Error::from)?),
            };
            take(index, cell)?;
        }
        Ok(true)
    }
}
