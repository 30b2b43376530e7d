//! The store, as `docs/store.md` tells of it.

use crate::run::Run;

/// A store of the shipped logs, and one of them told again.
fn shipped() -> (Run, rusqlite::Connection) {
    let corpora = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/sessions");
    let one = std::fs::read_to_string(format!("{corpora}/standing-instructions/session.jsonl"))
        .expect("a log");
    // As if the user had said it all again: other records and other messages.
    let said = one
        .replace("3ea1942a-", "4ea1942a-")
        .replace("uuid\":\"", "uuid\":\"again-")
        .replace("Uuid\":\"", "Uuid\":\"again-")
        .replace("\"id\":\"msg_", "\"id\":\"msg_again");
    let run = Run::new().file("other/session.jsonl", said).args([
        "batch", corpora, "other", "--out", "out", "--store", "s.sqlite",
    ]);
    run.go().exits(0);
    let store = rusqlite::Connection::open(run.path("s.sqlite")).expect("a store");
    (run, store)
}

#[test]
fn every_question_of_the_docs_is_answered() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/store.md"))
        .expect("the page");
    let (_run, store) = shipped();
    let mut asked = 0;
    for block in docs.split("```sql\n").skip(1) {
        let sql = block.split("```").next().expect("a block");
        let mut select = store
            .prepare(sql)
            .unwrap_or_else(|error| panic!("{sql}{error}"));
        let rows = select
            .query_map([], |_| Ok(()))
            .and_then(Iterator::collect::<Result<Vec<()>, _>>)
            .unwrap_or_else(|error| panic!("{sql}{error}"));
        assert!(!rows.is_empty(), "no answer: {sql}");
        asked += 1;
    }
    assert!(asked >= 10, "{asked}");
}

#[test]
fn the_docs_name_every_table_view_and_column() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/store.md"))
        .expect("the page")
        + &std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/batch.md"))
            .expect("the page");
    let (_run, store) = shipped();
    let names = |sql: &str| -> Vec<String> {
        let mut select = store.prepare(sql).expect(sql);
        let rows = select.query_map([], |row| row.get(0)).expect(sql);
        rows.map(|row| row.expect("a name")).collect()
    };
    for name in
        names("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name <> 'state'")
    {
        assert!(docs.contains(&format!("`{name}`")), "{name}");
    }
    for name in names(
        "SELECT DISTINCT c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name <> 'state' \
         AND c.name NOT LIKE '%put' AND c.name NOT LIKE '%cache_%'",
    ) {
        assert!(docs.contains(&format!("`{name}`")), "{name}");
    }
}
