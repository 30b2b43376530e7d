use super::*;
use crate::discover::SessionFiles;
use crate::entry::{FailureRow, RunRow, SessionRow, TaskRow, Tokens};
use crate::read::Source;
use crate::session::{Message, Usage};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn open(path: &Path) -> Store {
    let (store, problem) = Store::open(path).expect("opens");
    assert_eq!(problem, None);
    store
}

/// A session with a row in each place that the tests ask for.
fn kept(path: &str, stamp: u64, tasks: &[&str]) -> Kept {
    let usage = Usage {
        output: 7,
        ..Usage::default()
    };
    Kept {
        path: path.to_owned(),
        stamp: Stamp(stamp),
        made_by: u64::MAX,
        entry: Some(Entry {
            session: SessionRow {
                session: format!("id of {path}"),
                path: path.to_owned(),
                bytes: u64::MAX,
                tests_passed: Some(3),
                models: vec!["a".to_owned(), "b".to_owned()],
                tokens: Tokens {
                    output: 7,
                    ..Tokens::default()
                },
                ..SessionRow::default()
            },
            tasks: tasks
                .iter()
                .map(|subject| TaskRow {
                    subject: (*subject).to_owned(),
                    status: "pending".to_owned(),
                    ..TaskRow::default()
                })
                .collect(),
            messages: vec![Message {
                id: u64::MAX,
                usage,
            }],
            ..Entry::default()
        }),
        handoffs: vec![("md".to_owned(), format!("# {path}"))],
        problems: vec![Problem {
            path: path.to_owned(),
            line: 3,
            column: 1,
            what: "bad".to_owned(),
        }],
    }
}

fn tasks(store: &Store) -> Vec<String> {
    let mut select = store
        .connection()
        .prepare("SELECT subject FROM tasks JOIN logs USING (log) ORDER BY path, n")
        .expect("a query");
    let rows = select.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

#[test]
fn what_is_kept_is_what_is_read() {
    let folder = folder();
    let mut store = open(&folder.path().join("new/store.sqlite"));
    let one = kept("one", u64::MAX - 1, &["a", "b"]);
    store.keep(std::slice::from_ref(&one)).expect("keeps");
    let known = store.known().expect("known");
    let (log, outcome) = known.fresh("one", one.stamp, one.made_by).expect("fresh");
    assert_eq!(outcome, Outcome::Handoff);
    for (path, stamp, made_by) in [
        ("one", 1, u64::MAX),
        ("one", u64::MAX - 1, 1),
        ("two", 1, 1),
    ] {
        assert_eq!(known.fresh(path, Stamp(stamp), made_by), None);
    }
    let read = store.session(log).expect("reads").expect("a session");
    let entry = one.entry.expect("an entry");
    // A count beyond SQLite's integers stands at their end.
    assert_eq!(read.session.bytes, i64::MAX as u64);
    assert_eq!(
        SessionRow {
            bytes: u64::MAX,
            ..read.session
        },
        entry.session
    );
    assert_eq!(read.messages, entry.messages);
    assert_eq!(
        store.handoff(log, "md").expect("reads").as_deref(),
        Some("# one")
    );
    assert_eq!(store.handoff(log, "json").expect("reads"), None);
    assert_eq!(store.problems(log).expect("reads"), one.problems);
}

#[test]
fn what_was_known_of_a_log_is_replaced() {
    let folder = folder();
    let mut store = open(&folder.path().join("store.sqlite"));
    store
        .keep(&[kept("one", 1, &["a", "b"]), kept("two", 1, &["c"])])
        .expect("keeps");
    store.keep(&[kept("one", 2, &["d"])]).expect("keeps");
    assert_eq!(tasks(&store), ["d", "c"]);
    let nothing = Kept {
        entry: None,
        handoffs: Vec::new(),
        ..kept("two", 2, &[])
    };
    store.keep(&[nothing]).expect("keeps");
    assert_eq!(tasks(&store), ["d"]);
    assert_eq!(store.sessions().expect("reads").len(), 1);
    let (log, outcome) = store
        .known()
        .expect("known")
        .fresh("two", Stamp(2), u64::MAX)
        .expect("fresh");
    assert_eq!(outcome, Outcome::Nothing);
    assert_eq!(store.problems(log).expect("reads").len(), 1);
}

#[test]
fn a_store_is_for_the_owner_alone_and_opens_again() {
    let folder = folder();
    let path = folder.path().join("store.sqlite");
    open(&path).keep(&[kept("one", 1, &["a"])]).expect("keeps");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(tasks(&open(&path)), ["a"]);
    let read = Store::open_to_read(&path).expect("opens");
    assert_eq!(tasks(&read), ["a"]);
}

#[test]
fn a_damaged_store_is_set_aside() {
    let damage = |how: &dyn Fn(&mut Vec<u8>), ran_to_its_end: bool| {
        let folder = folder();
        let path = folder.path().join("store.sqlite");
        let mut store = open(&path);
        let many: Vec<Kept> = (0..200)
            .map(|n| kept(&format!("log {n}"), n, &["a"]))
            .collect();
        store.begin().expect("begins");
        store.keep(&many).expect("keeps");
        if ran_to_its_end {
            store.end().expect("ends");
        }
        drop(store);
        let mut bytes = std::fs::read(&path).expect("reads");
        how(&mut bytes);
        std::fs::write(&path, bytes).expect("writes");
        let (mut store, problem) = Store::open(&path).expect("opens");
        let problem = problem.expect("a word").to_string();
        assert!(
            problem.contains("damaged-1") && problem.contains("begun anew"),
            "{problem}"
        );
        assert!(tasks(&store).is_empty());
        store.keep(&[kept("one", 1, &["b"])]).expect("keeps");
        assert!(folder.path().join("store.sqlite.damaged-1").exists());
    };
    damage(&|bytes| bytes[..16].fill(b'x'), true);
    damage(&|bytes| bytes.truncate(4_096), false);
    // Found by the look that follows a run which did not end.
    damage(&|bytes| bytes[8_192..].fill(0x5a), false);
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("other.sqlite");
    let other = Connection::open(&path).expect("opens");
    other.execute_batch("CREATE TABLE t (x)").expect("a table");
    let refused = |what: &str| {
        let error = Store::open(&path).expect_err("refused").to_string();
        assert!(error.contains(what) && error.contains("--store"), "{error}");
    };
    refused("another program");
    other
        .execute_batch("PRAGMA application_id = 1885434739; PRAGMA user_version = 99")
        .expect("marks");
    refused("newer passdown");
    let missing = Store::open_to_read(&folder.path().join("none")).expect_err("none");
    assert!(missing.to_string().contains("passdown batch"));
}

#[test]
fn an_empty_file_becomes_a_store_with_a_word() {
    let folder = folder();
    let path = folder.path().join("store.sqlite");
    let file = std::fs::File::create(&path).expect("makes");
    // One that is made this moment is another run's.
    assert_eq!(Store::open(&path).expect("opens").1, None);
    file.set_len(0).expect("empties");
    file.set_modified(std::time::UNIX_EPOCH).expect("ages");
    let (store, problem) = Store::open(&path).expect("opens");
    assert!(problem.is_some_and(|problem| problem.what.contains("empty")));
    assert!(tasks(&store).is_empty());
}

#[test]
fn a_stamp_tells_whether_anything_changed() {
    let folder = folder();
    let path = folder.path().join("s.jsonl");
    let files = || SessionFiles {
        id: "s".to_owned(),
        main: Source::File(path.clone()),
        subagents: Vec::new(),
        modified: None,
        bytes: 0,
        agent: crate::discover::Agent::default(),
    };
    let stamp = || Stamp::of(&files()).expect("reads").expect("a stamp");
    std::fs::write(&path, "a".repeat(10_000)).expect("writes");
    let (first, time) = (
        stamp(),
        std::fs::metadata(&path)
            .expect("a file")
            .modified()
            .expect("a time"),
    );
    assert_eq!(stamp(), first);
    // Same length, same time, another end.
    std::fs::write(&path, format!("{}b", "a".repeat(9_999))).expect("writes");
    let file = std::fs::File::options()
        .write(true)
        .open(&path)
        .expect("opens");
    file.set_modified(time).expect("sets");
    assert_ne!(stamp(), first);
    let stdin = SessionFiles {
        main: Source::Stdin,
        ..files()
    };
    assert_eq!(Stamp::of(&stdin).expect("no file"), None);
}

#[test]
fn a_run_in_two_logs_is_one_run() {
    let folder = folder();
    let mut store = open(&folder.path().join("store.sqlite"));
    let with_run = |path: &str, ended: &str| {
        let mut kept = kept(path, 1, &[]);
        if let Some(entry) = &mut kept.entry {
            entry.session.ended = Some(ended.to_owned());
            entry.checks = vec![crate::entry::CheckRow {
                tool: "pytest".to_owned(),
                family: "test".to_owned(),
                ..Default::default()
            }];
            entry.check_runs = vec![RunRow {
                verdict: "red".to_owned(),
                passed: Some(30),
                total: Some(90),
                time: Some("2026-01-02T03:04:05Z".to_owned()),
                uuid: Some("u1".to_owned()),
                ..RunRow::default()
            }];
            entry.failures = vec![FailureRow {
                fingerprint: "f".to_owned(),
                state: "open".to_owned(),
                about: "product".to_owned(),
                count: 2,
                ..FailureRow::default()
            }];
        }
        kept
    };
    store
        .keep(&[
            with_run("fork", "2026-01-03"),
            with_run("first", "2026-01-02"),
        ])
        .expect("keeps");
    let one = |sql: &str| -> String {
        store
            .connection()
            .query_row(sql, [], |row| row.get(0))
            .expect(sql)
    };
    assert_eq!(one("SELECT group_concat(session) FROM runs"), "id of first");
    assert_eq!(
        one("SELECT passed || '/' || total || ' ' || percent FROM pass_rate"),
        "30/90 33.3"
    );
    assert_eq!(
        one("SELECT sessions || ' ' || times || ' ' || open FROM failing"),
        "2 4 2"
    );
}

#[test]
fn a_store_that_another_run_makes_just_now_is_waited_for() {
    let folder = folder();
    let path = folder.path().join("store.sqlite");
    let other = rusqlite::Connection::open(&path).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("writes");
    std::thread::scope(|threads| {
        let opened = threads.spawn(|| Store::open(&path).map(drop));
        // SQLite does not wait by itself here, but fails at once.
        std::thread::sleep(std::time::Duration::from_millis(200));
        other.execute_batch("COMMIT").expect("ends");
        opened.join().expect("no panic").expect("opens");
    });
}

#[test]
fn one_that_another_program_keeps_is_given_up_within_two_seconds() {
    let folder = folder();
    let path = folder.path().join("store.sqlite");
    drop(open(&path));
    let other = rusqlite::Connection::open(&path).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("writes");
    let begun = std::time::Instant::now();
    // It is only read, which waits for nobody.
    let store = open(&path);
    assert!(begun.elapsed().as_millis() < 1_000);
    let begun = std::time::Instant::now();
    let said = store.begin().expect_err("it is held").to_string();
    assert!(
        (1_000..2_500).contains(&begun.elapsed().as_millis()),
        "{:?}",
        begun.elapsed()
    );
    assert!(said.contains("another run holds it"), "{said}");

    // So is one that is not made yet.
    let new = folder.path().join("new.sqlite");
    let other = rusqlite::Connection::open(&new).expect("opens");
    other.execute_batch("BEGIN EXCLUSIVE").expect("writes");
    let begun = std::time::Instant::now();
    let said = Store::open(&new).expect_err("it is held").to_string();
    assert!(begun.elapsed().as_millis() < 2_500, "{:?}", begun.elapsed());
    assert!(said.contains("another run holds it"), "{said}");
}
