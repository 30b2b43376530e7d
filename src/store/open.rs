//! Opening: a new store, one of today's form, one of an older form, or one that is damaged.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::{Store, failed, is_held};
use crate::error::{Error, ErrorKind, Problem};

/// What takes a store from each form to the next; a store's `user_version` counts those that it has behind it.
const STEPS: &[&str] = &[include_str!("schema.sql")];
/// Marks the file as a store of ours: `pass` in ASCII.
const APPLICATION: i64 = 0x7061_7373;
/// Statements that are kept ready: more than there are. What is kept of a log takes some thirty; with room for the usual
/// sixteen each was parsed anew for each log, which was a fifth of the time of a batch over small logs.
const STATEMENTS: usize = 64;
/// How long to wait for another run. A run writes for some milliseconds at a time, so one that holds the store for longer
/// is stopped or is another program; handoffs do not need the store, and are not kept waiting for it.
const PATIENCE: Duration = Duration::from_millis(1_900);

impl Store {
    /// Opens the store at `path`, or makes it, with its folder, for the owner alone.
    ///
    /// A damaged store is set aside under a name of its own and begun anew; the problem says so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], if the file is another program's or a newer version's, or if another process holds it
    /// too long; [`ErrorKind::Io`], if its folder cannot be made.
    pub fn open(path: &Path) -> Result<(Self, Option<Problem>), Error> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            crate::write::folder(folder).map_err(|error| Error::io(folder, error))?;
        }
        let empty = is_empty(path);
        match patiently(|left| prepare(path, left)) {
            Ok(connection) => {
                let problem = empty.then(|| note(path, "the store was empty, begun anew"));
                Ok((Self::of(path, connection), problem))
            }
            Err(Trouble::Damaged(why)) => {
                let aside = set_aside(path)?;
                let connection =
                    patiently(|left| prepare(path, left)).map_err(|trouble| trouble.told(path))?;
                let what = format!(
                    "the store was damaged ({why}): set aside as {}, and begun anew",
                    aside.display()
                );
                Ok((Self::of(path, connection), Some(note(path, &what))))
            }
            Err(trouble) => Err(trouble.told(path)),
        }
    }

    /// Opens the store at `path` for reading alone, as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSession`], if there is none; else as [`Store::open`], and if it is damaged.
    pub fn open_to_read(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Err(ErrorKind::NoSession(format!(
                "{}: no store here yet; `passdown batch` makes it",
                path.display()
            ))
            .into());
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = |path: &Path, flags: OpenFlags| -> Result<Connection, Trouble> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            if form(&connection)? != STEPS.len() {
                return Err(Trouble::Other(
                    "of another version of passdown, or not a store; run `passdown batch` to bring it up to date".to_owned(),
                ));
            }
            Ok(connection)
        };
        let opened = match (open(path, flags), unchanging(path)) {
            (Err(Trouble::Sqlite(error)), Some(uri)) if is_unwritable(&error) => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
                open(&uri, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            }
            (opened, _) => opened,
        };
        opened
            .map(|connection| Self::of(path, connection))
            .map_err(|trouble| trouble.told(path))
    }

    /// A store in memory, for questions over what is read to answer them; gone when it is dropped.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], with what SQLite says.
    pub fn in_memory() -> Result<Self, Error> {
        let path = Path::new(":memory:");
        Connection::open_in_memory()
            .map_err(Trouble::from)
            .and_then(|connection| prepared(connection, PATIENCE))
            .map(|connection| Self::of(path, connection))
            .map_err(|trouble| trouble.told(path))
    }

    fn of(path: &Path, connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self {
            path: path.to_owned(),
            connection,
        }
    }

    /// Marks the store as being written to; the mark of a run that did not end makes the next one look for damage.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], with what SQLite says.
    pub fn begin(&self) -> Result<(), Error> {
        self.mark(true)
    }

    /// Takes the mark of [`Store::begin`] away.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], with what SQLite says.
    pub fn end(&self) -> Result<(), Error> {
        self.mark(false)
    }

    fn mark(&self, open: bool) -> Result<(), Error> {
        self.connection
            .execute("UPDATE state SET open = ?1", [open])
            .map(drop)
            .map_err(|error| self.fail(error))
    }
}

/// The store as a file that nobody can change, on a disk that is read-only: SQLite has no room there to note who reads.
/// None if what was written last is not in it yet.
fn unchanging(path: &Path) -> Option<PathBuf> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|it| it.len() > 0) {
        return None;
    }
    let path = path.canonicalize().ok()?;
    let mut uri = String::from("file:");
    for c in path.to_str()?.chars() {
        match c {
            '%' | '?' | '#' => uri.push_str(&format!("%{:02x}", u32::from(c))),
            c => uri.push(c),
        }
    }
    uri.push_str("?immutable=1");
    Some(uri.into())
}

fn is_unwritable(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

/// Why a store cannot be used.
enum Trouble {
    Damaged(String),
    Sqlite(rusqlite::Error),
    Other(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl Trouble {
    fn told(self, path: &Path) -> Error {
        match self {
            Self::Damaged(why) | Self::Other(why) => {
                ErrorKind::Usage(format!("{}: {why}", path.display())).into()
            }
            Self::Sqlite(error) => failed(path, error),
        }
    }
}

/// Asks again for a while where another run is in the way: one that makes the store just now locks it so that SQLite
/// does not wait by itself. `ask` is told how long it may wait.
fn patiently<T>(ask: impl Fn(Duration) -> Result<T, Trouble>) -> Result<T, Trouble> {
    let begun = Instant::now();
    loop {
        match ask(PATIENCE.saturating_sub(begun.elapsed())) {
            Err(Trouble::Sqlite(error)) if is_held(&error) && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            answer => return answer,
        }
    }
}

/// Opens the file at `path` and brings it to today's form.
fn prepare(path: &Path, patience: Duration) -> Result<Connection, Trouble> {
    if !path.exists() {
        private(path);
    }
    prepared(Connection::open(path)?, patience)
}

fn prepared(mut connection: Connection, patience: Duration) -> Result<Connection, Trouble> {
    connection.busy_timeout(patience)?;
    // Readers and a writer do not wait for each other. A loss of power may lose the last transactions, never more.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // One that is of today's form is only read, so that a run that writes just now is not waited for.
    if form(&*connection.unchecked_transaction()?)? != STEPS.len() {
        bring_up(&mut connection)?;
    }
    let open: bool = connection.query_row("SELECT open FROM state", [], |row| row.get(0))?;
    if open {
        let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Trouble::Damaged(found));
        }
    }
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Takes the steps that the store does not have behind it.
fn bring_up(connection: &mut Connection) -> Result<(), Trouble> {
    // Immediate: two runs that both find an older form must not both change it.
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let form = form(&transaction)?;
    for step in STEPS.get(form..).ok_or_else(newer)? {
        transaction.execute_batch(step)?;
    }
    if form < STEPS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(
            None,
            "user_version",
            i64::try_from(STEPS.len()).unwrap_or(i64::MAX),
        )?;
    }
    Ok(transaction.commit()?)
}

fn newer() -> Trouble {
    Trouble::Other("of a newer passdown; update, or give another file with --store".to_owned())
}

/// How many steps the store has behind it; zero if it is new.
fn form(connection: &Connection) -> Result<usize, Trouble> {
    let number =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = number("application_id")?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(0);
    }
    if application != APPLICATION {
        return Err(Trouble::Other(
            "a database of another program; give another file with --store".to_owned(),
        ));
    }
    usize::try_from(number("user_version")?).map_err(|_| newer())
}

/// True if the file is empty, and not because another run makes it just now.
fn is_empty(path: &Path) -> bool {
    let old = |metadata: &fs::Metadata| {
        let age = metadata
            .modified()
            .ok()
            .and_then(|time| time.elapsed().ok());
        age.is_some_and(|age| age > PATIENCE)
    };
    fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0 && old(&metadata))
}

/// Makes a store for the owner alone; SQLite's own files beside it take its mode.
///
/// It is made under another name, so that no run that is killed leaves an empty one, and none meets one half made. If this
/// fails, opening it says why.
fn private(path: &Path) {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let made = tempfile::Builder::new()
        .prefix(".passdown-store-")
        .suffix(".tmp")
        .tempfile_in(folder.unwrap_or(Path::new(".")));
    let Ok(made) = made else { return };
    let whole = || -> Result<(), Trouble> {
        let mut connection = Connection::open(made.path())?;
        // Nothing beside it, since it is nobody's yet.
        connection.pragma_update(None, "journal_mode", "MEMORY")?;
        bring_up(&mut connection)?;
        connection.close().map_err(|(_, error)| error.into())
    };
    if whole().is_ok() {
        // One that another run made meanwhile stays.
        let _ = made.persist_noclobber(path);
    }
}

/// Renames a damaged store to a name that is free, and removes what SQLite has beside it.
fn set_aside(path: &Path) -> Result<PathBuf, Error> {
    let beside = |end: &str| {
        let mut name = OsString::from(path);
        name.push(end);
        PathBuf::from(name)
    };
    let mut number = 1;
    let aside = loop {
        let aside = beside(&format!(".damaged-{number}"));
        if !aside.exists() {
            break aside;
        }
        number += 1;
    };
    fs::rename(path, &aside).map_err(|error| Error::io(path, error))?;
    for end in ["-wal", "-shm"] {
        // They are of the damaged file; it is not missed if it was not there.
        let _ = fs::remove_file(beside(end));
    }
    Ok(aside)
}

fn note(path: &Path, what: &str) -> Problem {
    Problem {
        path: path.display().to_string(),
        line: 0,
        column: 0,
        what: what.to_owned(),
    }
}
