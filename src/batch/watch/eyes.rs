//! What the system tells of files that change, and that it does not.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::places::Places;
use crate::error::Problem;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// What a file holds.
    Content(std::path::PathBuf),
    /// Which files there are: this one came, went, or has another name.
    Names(std::path::PathBuf),
    /// Something that was not told.
    Unknown,
}

/// Hears of changes in folders.
pub(super) struct Eyes {
    watcher: Option<RecommendedWatcher>,
    events: Receiver<notify::Result<Event>>,
    /// Keeps `events` open where there is no watcher.
    _sender: mpsc::Sender<notify::Result<Event>>,
    watched: Places,
    /// Folders that the system does not watch.
    unwatched: Places,
}

impl Eyes {
    /// Without a folder yet; with `events`, the system is asked to tell. A problem says that it does not.
    pub(super) fn open(events: bool) -> (Self, Option<Problem>) {
        let (sender, receiver) = mpsc::channel();
        let told = sender.clone();
        let mut problem = None;
        // Links to folders are not followed when logs are looked for either.
        let config = Config::default().with_follow_symlinks(false);
        let watcher = match events {
            true => RecommendedWatcher::new(move |event| drop(told.send(event)), config)
                .map_err(|error| problem = Some(unwatched(Path::new("--watch"), &error)))
                .ok(),
            false => None,
        };
        let eyes = Self {
            watcher,
            events: receiver,
            _sender: sender,
            watched: Places::new(),
            unwatched: Places::new(),
        };
        (eyes, problem)
    }

    /// Watches `places`, and nothing else any more; a problem for each that the system does not watch.
    pub(super) fn over(&mut self, places: Places) -> Vec<Problem> {
        let Some(watcher) = &mut self.watcher else {
            self.unwatched = places;
            return Vec::new();
        };
        self.unwatched.clear();
        for (path, _) in self
            .watched
            .extract_if(.., |path, deep| places.get(path) != Some(&*deep))
        {
            // What is gone is not watched any more.
            let _ = watcher.unwatch(&path);
        }
        let mut problems = Vec::new();
        for (path, deep) in places {
            if self.watched.contains_key(&path) {
                continue;
            }
            let mode = match deep {
                true => RecursiveMode::Recursive,
                false => RecursiveMode::NonRecursive,
            };
            match watcher.watch(&path, mode) {
                Ok(()) => {
                    self.watched.insert(path, deep);
                }
                Err(error) => {
                    problems.push(unwatched(&path, &error));
                    self.unwatched.insert(path, deep);
                }
            }
        }
        problems
    }

    /// How many folders were named to the system, and how many it does not watch.
    pub(super) fn count(&self) -> (usize, usize) {
        (self.watched.len(), self.unwatched.len())
    }

    /// Whether there are folders of which nothing is told.
    pub(super) fn is_blind(&self) -> bool {
        !self.unwatched.is_empty()
    }

    /// What changed, waiting at most so long for the first of it.
    pub(super) fn changes(&self, wait: Duration) -> Vec<Change> {
        let mut changes = Vec::new();
        match self.events.recv_timeout(wait) {
            Ok(event) => add(event, &mut changes),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        self.events
            .try_iter()
            .for_each(|event| add(event, &mut changes));
        changes
    }
}

fn add(event: notify::Result<Event>, changes: &mut Vec<Change>) {
    let Ok(event) = event else {
        changes.push(Change::Unknown);
        return;
    };
    if event.need_rescan() {
        changes.push(Change::Unknown);
    }
    let change: fn(_) -> _ = match event.kind {
        // Reading is no change, and this program reads.
        EventKind::Access(_) => return,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Create(_) | EventKind::Remove(_) => {
            Change::Names
        }
        EventKind::Modify(_) | EventKind::Any | EventKind::Other => Change::Content,
    };
    changes.extend(event.paths.into_iter().map(change));
}

/// The problem that the system does not watch a folder, and the way on.
fn unwatched(path: &Path, error: &notify::Error) -> Problem {
    let why = match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the system watches no more folders; `sysctl fs.inotify.max_user_watches=1048576` lets it".to_owned()
        }
        ErrorKind::Io(error) if error.raw_os_error() == Some(libc::EMFILE) => {
            "the system lets no more programs watch; `sysctl fs.inotify.max_user_instances=1024` lets it".to_owned()
        }
        ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    Problem {
        path: path.display().to_string(),
        line: 0,
        column: 0,
        what: format!("not watched, looked at from time to time instead: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange, Flag, RenameMode};

    #[test]
    fn reading_is_no_change_and_an_overflow_is_one() {
        let check = |event: Event, expected: &[Change]| {
            let mut changes = Vec::new();
            add(Ok(event), &mut changes);
            assert_eq!(changes, expected);
        };
        let of = |kind| Event::new(kind).add_path("a".into());
        check(of(EventKind::Access(AccessKind::Any)), &[]);
        check(
            of(EventKind::Modify(ModifyKind::Data(DataChange::Any))),
            &[Change::Content("a".into())],
        );
        let names = [Change::Names("a".into())];
        check(of(EventKind::Create(CreateKind::Folder)), &names);
        check(
            of(EventKind::Modify(ModifyKind::Name(RenameMode::From))),
            &names,
        );
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        check(lost, &[Change::Unknown]);
    }
}
