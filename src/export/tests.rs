use super::*;
use crate::store::Store;

/// The columns of the store that are left out, with their tables.
const LEFT_OUT: &[(&str, &str)] = &[
    ("logs", "stamp"),
    ("logs", "made_by"),
    ("sessions", "messages"),
    ("originals", "messages"),
];

/// What the store has and the files have not, and the other way round.
#[test]
fn the_files_hold_what_the_store_does() {
    let store = Store::in_memory().expect("a store");
    let mut select = store
        .connection()
        .prepare(
            "SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type IN ('table', 'view') AND t.name <> 'state' ORDER BY t.name, c.cid",
        )
        .expect("a question");
    let stored: Vec<(String, String, String)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .expect("columns");
    let mut tables: Vec<&Table> = Table::all().iter().collect();
    tables.sort_by_key(|table| table.name);
    let mut named: Vec<(String, String)> = Vec::new();
    for table in tables {
        for column in table.columns {
            named.push((table.name.to_owned(), column.name.to_owned()));
            let kind = (stored.iter())
                .find(|(of, name, _)| of == table.name && name == column.name)
                .map(|(_, _, kind)| kind.as_str());
            let fits = match column.kind {
                Kind::Text | Kind::Time => &["TEXT", ""][..],
                Kind::Count | Kind::Flag => &["INTEGER", "INT", ""],
                Kind::Number => &["REAL", "INT", "INTEGER", "NUM", ""],
            };
            assert!(
                kind.is_some_and(|kind| fits.contains(&kind)),
                "{}.{}: {kind:?}",
                table.name,
                column.name
            );
        }
    }
    let wanted: Vec<(String, String)> = stored
        .into_iter()
        .map(|(table, column, _)| (table, column))
        .filter(|(table, column)| !LEFT_OUT.contains(&(table.as_str(), column.as_str())))
        .collect();
    assert_eq!(named, wanted);
}
