//! `--export`: the store's tables as files.

use std::collections::BTreeMap;
use std::path::Path;

use passdown::export::{Kind, Table};
use serde_json::json;

use crate::run::Run;

const CORPORA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/sessions");

/// A session whose prompt begins like a formula.
fn formula() -> String {
    let record = json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": "/home/dev/shop",
        "sessionId": "5e55107a-2222-4333-8444-555555555555", "version": "2.1.30", "gitBranch": "main", "type": "user",
        "message": { "role": "user", "content": "=HYPERLINK(\"http://example.com\") stands in cell A1 of \"report.csv\", line 2;\nfix it" },
        "uuid": "u1", "timestamp": "2026-03-01T10:00:00.000Z",
    });
    format!("{record}\n")
}

/// The shipped logs and one more, exported.
fn exported(out: &str, store: &str, paths: &[&str]) -> Run {
    let run = Run::new()
        .file("more/session.jsonl", formula())
        .arg("batch");
    let run = run.args(paths.iter().copied()).args([
        "--out",
        out,
        "--store",
        store,
        "--export",
        "csv,parquet",
    ]);
    run.go().exits(0);
    run
}

/// All files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).expect("a file");
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

/// The rows of a table as text, from CSV.
fn of_csv(folder: &Path, table: &Table) -> Vec<Vec<String>> {
    let path = folder.join(format!("{}.csv", table.name));
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    assert_eq!(reader.headers().expect("a header"), names);
    let text = |(field, kind): (&str, Kind)| match kind {
        Kind::Text => field.strip_prefix('\'').unwrap_or(field).to_owned(),
        _ => field.to_owned(),
    };
    (reader.records())
        .map(|record| {
            let record = record.expect("a row");
            let kinds = table.columns.iter().map(|column| column.kind);
            record.iter().zip(kinds).map(text).collect()
        })
        .collect()
}

/// The rows of a table as CSV has them, from Parquet.
#[cfg(feature = "parquet")]
fn of_parquet(folder: &Path, table: &Table) -> Vec<Vec<String>> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let path = folder.join(format!("{}.parquet", table.name));
    let file = std::fs::File::open(path).expect("a table");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let text = |(column, field): (&passdown::export::Column, &Field)| match (column.kind, field) {
        (_, Field::Null) => String::new(),
        (Kind::Text, Field::Str(text)) => text.clone(),
        (Kind::Count, Field::Long(count)) => count.to_string(),
        (Kind::Number, Field::Double(number)) => number.to_string(),
        (Kind::Flag, Field::Bool(flag)) => flag.to_string(),
        (Kind::Time, Field::TimestampMillis(time)) => jiff::Timestamp::from_millisecond(*time)
            .expect("a time")
            .to_string(),
        other => panic!("{}.{}: {other:?}", table.name, column.name),
    };
    (reader.get_row_iter(None).expect("rows"))
        .map(|row| {
            let row = row.expect("a row");
            let cells = row.get_column_iter().map(|(_, field)| field);
            table.columns.iter().zip(cells).map(text).collect()
        })
        .collect()
}

/// The rows of a table as CSV has them, from the store; logs counted by path.
fn of_store(store: &rusqlite::Connection, table: &Table) -> Vec<Vec<String>> {
    let columns: Vec<String> = (table.columns.iter())
        .map(|column| match (column.name, column.kind) {
            ("log", _) => {
                "(SELECT count(*) FROM logs a, logs b WHERE a.path <= b.path AND b.log = t.log)"
                    .to_owned()
            }
            (name, Kind::Flag) => format!("iif(t.\"{name}\", 'true', 'false')"),
            (name, Kind::Number) => format!("CAST(t.\"{name}\" AS REAL)"),
            (name, _) => format!("t.\"{name}\""),
        })
        .collect();
    let mut select = store
        .prepare(&format!(
            "SELECT {} FROM {} t",
            columns.join(", "),
            table.name
        ))
        .expect("a question");
    let rows = select.query_map([], |row| {
        use rusqlite::types::ValueRef;
        (0..columns.len())
            .map(|index| {
                Ok(match row.get_ref(index)? {
                    ValueRef::Null => String::new(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Blob(_) => panic!("bytes"),
                })
            })
            .collect()
    });
    rows.and_then(Iterator::collect).expect("rows")
}

/// Rows of no log count as those of log 0 in [`of_store`].
fn sorted(table: &Table, mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for row in &mut rows {
        for (cell, column) in row.iter_mut().zip(table.columns) {
            if column.name == "log" && cell.is_empty() {
                "0".clone_into(cell);
            }
        }
    }
    rows.sort();
    rows
}

#[test]
fn the_files_hold_what_the_store_holds() {
    let run = exported("out", "s.sqlite", &[CORPORA, "more"]);
    let folder = run.path("out/tables");
    let store = rusqlite::Connection::open(run.path("s.sqlite")).expect("a store");
    let mut formats = 1;
    for table in Table::all() {
        let rows = of_csv(&folder, table);
        #[cfg(feature = "parquet")]
        {
            assert_eq!(of_parquet(&folder, table), rows, "{}", table.name);
            formats = 2;
        }
        let stored = sorted(table, of_store(&store, table));
        assert_eq!(sorted(table, rows), stored, "{}", table.name);
    }
    assert_eq!(files(&folder).len(), formats * Table::all().len());
}

#[test]
fn a_spreadsheet_runs_nothing() {
    let run = exported("out", "s.sqlite", &["more"]);
    let table = |name: &str| std::fs::read_to_string(run.path(name)).expect("a table");
    let turns = table("out/tables/turns.csv");
    assert!(turns.contains(",\"'=HYPERLINK("), "{turns}");
}

#[test]
fn the_same_logs_give_the_same_bytes() {
    let one = exported("out", "s.sqlite", &[CORPORA]);
    // Another store numbers them in another order, and holds what was not asked for.
    let two = exported("first", "s.sqlite", &["more"]).then(
        &[
            "batch",
            CORPORA,
            "--out",
            "out",
            "--store",
            "s.sqlite",
            "--export=csv",
            "--export=parquet",
        ],
        "",
    );
    two.go().exits(0);
    let tables = files(&one.path("out/tables"));
    assert!(tables.len() > 20);
    assert!(tables == files(&two.path("out/tables")));
    // And once more, of what is known.
    two.go().exits(0);
    assert!(tables == files(&two.path("out/tables")));
}

#[test]
fn a_report_exports_what_is_in_its_scope() {
    let mut run = exported("out", "s.sqlite", &[CORPORA, "more"]);
    let whole = std::fs::read_to_string(run.path("out/tables/sessions.csv")).expect("a table");
    let mut export = |scope: &[&str]| {
        let all = ["report", "--store", "s.sqlite", "--export", "csv"];
        let args: Vec<&str> = (all.iter().chain(["--out", "some"].iter()))
            .chain(scope)
            .copied()
            .collect();
        let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        run.again(&args).exits(0);
        let table = |name: &str| std::fs::read_to_string(run.path(name)).expect("a table");
        let logs = table("some/logs.csv").lines().count() - 1;
        (logs, table("some/sessions.csv"))
    };
    let (all, sessions) = export(&[]);
    assert_eq!(sessions, whole);
    assert!(all > 20);
    let (one, sessions) = export(&["--project", "shop", "--since", "2026-03-01"]);
    assert!((1..all).contains(&one) && sessions.contains("/home/dev/shop"));
    let (none, sessions) = export(&["--project", "/no/such"]);
    assert_eq!((none, sessions.lines().count()), (0, 1));
}

#[test]
fn what_cannot_be_done_is_said() {
    for (args, code, says) in [
        ("--export csvv", 2, "tip: a similar value exists: 'csv'"),
        ("--export csv --no-store", 2, "cannot be used with"),
        ("--export csv --watch", 2, "cannot be used with"),
        ("--export csv --store more", 2, "more: "),
        // The handoffs stand: what does not is among the problems.
        ("--export csv --store s.sqlite", 0, "out/tables: "),
    ] {
        let run = Run::new()
            .file("more/session.jsonl", formula())
            .file("out/tables", "in the way")
            .args(["batch", "more", "--out", "out"])
            .args(args.split(' '));
        let ran = run.go().exits(code);
        assert!(ran.err.contains(says), "{args}: {}", ran.err);
    }
}
