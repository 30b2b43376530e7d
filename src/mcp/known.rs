//! What is known of the sessions of a project: from the store where it is up to date, else read now.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::handoff::folder;
use super::sessions::candidates;
use super::tool::wrong;
use super::{Host, Settings};
use crate::discover::{self, SessionFiles};
use crate::entry;
use crate::error::{Error, ErrorKind};
use crate::pipeline;
use crate::read;
use crate::safety::Policy;
use crate::store::{Kept, Stamp, Store};

/// The newest sessions of a project that are looked at whether they changed.
const LOOKED_AT: usize = 30;
/// Projects whose sessions are remembered from one question to the next.
const PROJECTS: usize = 4;

/// What was read for earlier questions, the newest last.
#[derive(Debug, Default)]
pub(super) struct Cache(Vec<(PathBuf, Known)>);

/// A store of our own, in memory, with the sessions of one project.
#[derive(Debug)]
struct Known(Store);

/// What a question was answered from.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Basis {
    /// Sessions.
    pub(super) sessions: usize,
    /// A word on what may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// Asks `question` of what is known of `project`: of the server's own without one, of all for `*`.
///
/// # Errors
///
/// [`ErrorKind::NoSession`], if nothing is known, and as [`Store::open_to_read`].
pub(super) fn ask<T>(
    host: &Host,
    project: Option<PathBuf>,
    question: impl FnOnce(&Store) -> Result<T, Error>,
) -> Result<(T, Basis), Error> {
    let settings = &host.settings;
    if project.as_deref() == Some(Path::new("*")) {
        return of_all(settings, question);
    }
    let project = match project {
        Some(project) => folder(project)?,
        None => discover::top(&settings.env.cwd),
    };
    // A question that stopped in the middle has left a store that is whole: it is written in transactions.
    let mut cache = host
        .known
        .lock()
        .unwrap_or_else(|broken| broken.into_inner());
    let kept = cache.0.iter().position(|(known, _)| *known == project);
    let mut known = match kept {
        Some(at) => cache.0.remove(at).1,
        None => Known::of(&project, settings)?,
    };
    let note = known.refresh(&project, settings);
    let told = note.and_then(|note| {
        let sessions = count(&known.0)?;
        if sessions == 0 {
            return Err(none(&project));
        }
        Ok((question(&known.0)?, Basis { sessions, note }))
    });
    cache.0.push((project, known));
    let over = cache.0.len().saturating_sub(PROJECTS);
    cache.0.drain(..over);
    told
}

/// Asks the store itself.
fn of_all<T>(
    settings: &Settings,
    question: impl FnOnce(&Store) -> Result<T, Error>,
) -> Result<(T, Basis), Error> {
    let Some(path) = stored(settings) else {
        let why = match settings.options.redact == Policy::default() {
            true => "no store of all projects yet: `passdown batch` makes it; or name one project",
            false => "the store is redacted by default and no further; name one project",
        };
        return Err(ErrorKind::NoSession(why.to_owned()).into());
    };
    let store = Store::open_to_read(path)?;
    let note = "what is newer than the last `passdown batch` is not in it";
    let basis = Basis {
        sessions: count(&store)?,
        note: Some(note.to_owned()),
    };
    Ok((question(&store)?, basis))
}

/// The store, where there is one that is redacted as answers have to be.
fn stored(settings: &Settings) -> Option<&Path> {
    let path = settings.store.as_deref().filter(|path| path.exists())?;
    (settings.options.redact == Policy::default()).then_some(path)
}

fn none(project: &Path) -> Error {
    ErrorKind::NoSession(format!(
        "no session of {}; `list_sessions` with project \"*\" tells where there are some",
        project.display()
    ))
    .into()
}

fn count(store: &Store) -> Result<usize, Error> {
    let sql = "SELECT count(*) FROM originals";
    let count = store
        .connection()
        .query_row(sql, [], |row| row.get::<_, i64>(0));
    count
        .map(|count| usize::try_from(count).unwrap_or(0))
        .map_err(|error| failed(&error))
}

/// What SQLite says of a question.
pub(super) fn failed(error: &rusqlite::Error) -> Error {
    wrong(format!("the store: {error}; `passdown batch` mends it"))
}

impl Known {
    /// What the store knows of the project.
    fn of(project: &Path, settings: &Settings) -> Result<Self, Error> {
        let mut store = Store::in_memory()?;
        if let Some(path) = stored(settings) {
            let name = project.to_string_lossy();
            let logs: Vec<i64> = Store::open_to_read(path)?
                .sessions()?
                .into_iter()
                .filter(|read| read.session.is_in(&name))
                .map(|read| read.log)
                .collect();
            store.copy(path, &logs)?;
        }
        Ok(Self(store))
    }

    /// Reads those of the newest sessions that changed; a word on what was not.
    fn refresh(&mut self, project: &Path, settings: &Settings) -> Result<Option<String>, Error> {
        let mut found = candidates(Some(project.to_owned()), settings, |_| true, LOOKED_AT + 1)?;
        let more = found.len() > LOOKED_AT;
        found.truncate(LOOKED_AT);
        let mut stale = Vec::new();
        for files in found {
            // What cannot be read now is as it was.
            let Ok(Some(stamp)) = Stamp::of(&files) else {
                continue;
            };
            if self.0.stamp(&files.main.to_string())? != Some(stamp) {
                stale.push((files, stamp));
            }
        }
        let read: Vec<Kept> = stale
            .par_iter()
            .filter_map(|(files, stamp)| kept(files, *stamp, settings))
            .collect();
        self.0.keep(&read)?;
        for kept in &read {
            self.only(kept).map_err(|error| failed(&error))?;
        }
        let note = format!(
            "of older sessions than the {LOOKED_AT} newest, {}",
            match stored(settings).is_some() {
                true => "only what the last `passdown batch` read is known",
                false => "nothing is known: `passdown batch` makes a store of all",
            }
        );
        Ok(more.then_some(note))
    }

    /// Forgets what is known of the same session by another path.
    fn only(&self, kept: &Kept) -> rusqlite::Result<()> {
        if let Some(entry) = &kept.entry {
            self.0.connection().execute(
                "DELETE FROM logs WHERE log IN (SELECT log FROM sessions WHERE session = ?1 AND path <> ?2)",
                [&entry.session.session, &kept.path],
            )?;
        }
        Ok(())
    }
}

/// What is kept of a session; none if it cannot be read, or something in it stops this program.
fn kept(files: &SessionFiles, stamp: Stamp, settings: &Settings) -> Option<Kept> {
    let read = || {
        let (session, _) = pipeline::load(files, &read::Options::default()).ok()?;
        let condensed = pipeline::condense(&session, &settings.rules, &settings.options).ok()?;
        let path = files.main.to_string();
        Some(Kept {
            entry: condensed.map(|mut condensed| entry::make(&path, &session, &mut condensed)),
            path,
            stamp,
            made_by: 0,
            handoffs: Vec::new(),
            problems: Vec::new(),
        })
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok()?
}
