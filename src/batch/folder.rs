//! The folder that receives the results.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::once::Counted;
use super::work::ending;
use crate::discover::SessionFiles;
use crate::entry::SessionRow;
use crate::error::{Error, Problem};
use crate::pipeline::Format;
use crate::write::{self, Change};

/// Where in the folder the handoffs are.
const HANDOFFS: &str = "handoffs";
/// The table of sessions.
const TABLE: &str = "sessions.ndjson";
/// Where the tables of the store are, if they are asked for.
const TABLES: &str = "tables";
/// Held by each run as long as it goes.
const LOCK: &str = ".passdown-lock";
/// Longer than it takes to sweep away what a killed run left.
const SWEEP: Duration = Duration::from_millis(1_500);

/// A line of the table.
#[derive(Serialize)]
struct Line<'r> {
    /// Where the handoff is, in the folder.
    handoff: Option<String>,
    #[serde(flatten)]
    row: &'r SessionRow,
}

/// The folder, open for one run.
pub(super) struct Folder {
    root: PathBuf,
    /// Locked while files of this run may stand unfinished.
    _lock: Option<File>,
}

impl Folder {
    /// Opens the folder at `root` and makes what is missing of it, readable by the owner alone.
    ///
    /// What a run that was killed left unfinished is swept away, unless another run is at work here.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        let handoffs = root.join(HANDOFFS);
        write::folder(&handoffs).map_err(|error| Error::io(&handoffs, error))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join(LOCK))
            .ok();
        if let Some(lock) = &lock {
            if lock.try_lock().is_ok() {
                sweep(root);
                sweep(&handoffs);
                sweep(&root.join(TABLES));
                // Two runs at once are welcome: they write the same.
                let _ = lock.unlock();
            }
            share(lock);
        }
        Ok(Self {
            root: root.to_owned(),
            _lock: lock,
        })
    }

    /// Writes the handoff called `name`.
    pub(super) fn handoff(&self, name: &str, format: Format, text: &str) -> Result<Change, Error> {
        write::if_new(&self.root.join(place(name, format)), text)
    }

    /// Where the tables of the store go.
    pub(super) fn tables(&self) -> PathBuf {
        self.root.join(TABLES)
    }

    /// Writes the table: one line a session.
    pub(super) fn table<'s>(
        &self,
        sessions: impl IntoIterator<Item = &'s Counted>,
        formats: &[Format],
    ) -> Result<(), Error> {
        let mut text = String::new();
        for Counted { name, row, .. } in sessions {
            let handoff = formats.first().map(|format| place(name, *format));
            // A row is strings and numbers: it has a JSON form.
            text.push_str(&serde_json::to_string(&Line { handoff, row }).unwrap_or_default());
            text.push('\n');
        }
        write::if_new(&self.root.join(TABLE), &text)?;
        Ok(())
    }

    /// Makes sure that the names of the files outlive a loss of power.
    pub(super) fn settle(&self) {
        write::settle(&self.root.join(HANDOFFS));
        write::settle(&self.root);
    }
}

/// Shares the lock. Where files cannot be locked, nothing is swept by others either; and one that another program keeps
/// for itself is not waited for longer than a sweep takes.
fn share(lock: &File) {
    let begun = Instant::now();
    while let Err(TryLockError::WouldBlock) = lock.try_lock_shared() {
        if begun.elapsed() > SWEEP {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Where the handoff called `name` is, in the folder.
fn place(name: &str, format: Format) -> String {
    format!("{HANDOFFS}/{name}.{}", ending(format))
}

/// Removes files that were never finished.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(write::UNFINISHED) && name.ends_with(write::UNFINISHED_END) {
            // If it stays, it is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A name for the handoff of each session: its id where that is a UUID that no session before it has; else what is
/// plain of its id, and a hash of its path.
pub(super) fn names(sessions: &[SessionFiles]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    sessions
        .iter()
        .map(|files| {
            let id = files.id.to_ascii_lowercase();
            if is_uuid(&id) && taken.insert(id.clone()) {
                return id;
            }
            let path = files.main.path().unwrap_or(Path::new("-"));
            let hash = xxh3_64(path.as_os_str().as_encoded_bytes());
            let plain: String = id
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                .take(40)
                .collect();
            format!("{}-{hash:016x}", plain.trim_matches('-'))
        })
        .collect()
}

/// What is to be told of sessions with one id: which of them has the name of its own.
pub(super) fn twins(sessions: &[SessionFiles], names: &[String]) -> Vec<Problem> {
    let mut first = BTreeMap::new();
    let mut problems = Vec::new();
    for (files, name) in sessions.iter().zip(names) {
        let other = *(first.entry(files.id.to_ascii_lowercase())).or_insert(&files.main);
        if *other != files.main {
            problems.push(Problem {
                path: files.main.to_string(),
                line: 0,
                column: 0,
                what: format!("has the id of {other}; a handoff of it is called {name}"),
            });
        }
    }
    problems
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Source;

    fn files(id: &str, path: &str) -> SessionFiles {
        SessionFiles {
            id: id.to_owned(),
            main: Source::File(path.into()),
            subagents: Vec::new(),
            modified: None,
            bytes: 0,
            agent: crate::discover::Agent::default(),
        }
    }

    #[test]
    fn names_lead_nowhere_and_are_each_their_own() {
        let uuid = "ABCD1111-2222-4333-8444-555555555555";
        let sessions = [
            files(uuid, "a/x.jsonl"),
            files(uuid, "b/x.jsonl"),
            files("../../etc/passwd", "c.jsonl"),
            files("", "d.jsonl"),
            files(".", "e.jsonl"),
            files("turn-1", "f.jsonl"),
        ];
        let names = names(&sessions);
        assert_eq!(names[0], uuid.to_ascii_lowercase());
        for name in &names {
            assert!(
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "{name}"
            );
        }
        assert!(names[1].starts_with(&names[0]) && names[5].starts_with("turn-1-"));
        assert_eq!(BTreeSet::from_iter(&names).len(), names.len());
    }
}
