//! The handoffs of a project: `.passdown/handoffs/`, one Markdown file for a session.
//!
//! The first line of a file is a comment that says which log it is of and how
//! far; so a file is all there is to know of a handoff. Beside it lies an empty
//! file for each session that it was given to. Git ignores the folder by a file
//! in it, and whoever else uses the machine cannot read it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::safety;

/// How the first line of a handoff's file begins and ends; between them stands [`Meta`] as JSON.
const OPEN: &str = "<!-- passdown handoff ";
const CLOSE: &str = " -->";
/// The file of what went wrong.
const PROBLEMS: &str = "problems.log";
/// The bytes that the file of problems may have; then its older half goes.
const MOST_PROBLEMS: u64 = 32 * 1024;
/// The bytes that a handoff's file may have: a hundred times what one has.
const LARGEST: u64 = 1024 * 1024;

/// The folder of a project's handoffs, which need not exist.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What a handoff is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Meta {
    /// The session's id, as the name of its log tells it.
    pub(super) session: String,
    /// The branch it ended on.
    pub(super) branch: Option<String>,
    /// The time of its last record.
    pub(super) end: jiff::Timestamp,
    /// When it was made.
    pub(super) made: jiff::Timestamp,
    /// What made it: the name of a hook's event, or `catch-up`.
    pub(super) event: String,
    /// Its log.
    pub(super) log: PathBuf,
    /// The size of the log when it was made, in bytes.
    pub(super) bytes: u64,
}

/// A handoff that lies in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its file.
    pub path: PathBuf,
    /// The text, without the comment.
    pub text: String,
    pub(super) meta: Meta,
}

impl Stored {
    /// The time of the last record that it knows.
    pub fn end(&self) -> jiff::Timestamp {
        self.meta.end
    }

    /// The id of its session.
    pub fn session(&self) -> &str {
        &self.meta.session
    }
}

impl Store {
    /// The handoffs of the project in `folder`.
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.join(".passdown").join("handoffs"),
        }
    }

    /// The folder, whether it exists or not.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The handoffs: the one of the latest end first. A file that is none of ours is passed over.
    pub fn list(&self) -> Vec<Stored> {
        let mut found: Vec<Stored> = self
            .names(".md")
            .into_iter()
            .filter_map(|name| read(self.folder.join(name)))
            .collect();
        found.sort_by(|a, b| {
            (b.meta.end, b.meta.made)
                .cmp(&(a.meta.end, a.meta.made))
                .then_with(|| a.path.cmp(&b.path))
        });
        found
    }

    /// Writes a handoff, in place of older ones of the same session, and removes all but the `keep` latest.
    pub(super) fn put(&self, meta: &Meta, text: &str, keep: usize) -> Result<PathBuf, Error> {
        self.create()?;
        let short: String = meta.session.chars().take(8).collect();
        let path = self.folder.join(format!(
            "{}-{short}.md",
            meta.end.strftime("%Y%m%dT%H%M%SZ")
        ));
        // The comment must not end early: `>` may stand in the name of a branch.
        let line = serde_json::to_string(meta)
            .unwrap_or_default()
            .replace('>', "\\u003e");
        self.write(&path, &format!("{OPEN}{line}{CLOSE}\n{text}"))?;
        let mut kept = 0;
        for stored in self.list() {
            let older = stored.meta.session == meta.session && stored.path != path;
            kept += usize::from(!older);
            if older || kept > keep.max(1) {
                self.remove(&stored.path);
            }
        }
        Ok(path)
    }

    /// Notes that a handoff is given to `session`. False if it was before, by whichever process.
    pub(super) fn give(&self, stored: &Stored, session: &str) -> bool {
        match fs::File::create_new(self.note_of(stored, session)) {
            Ok(_) => true,
            // Rather twice than never, where nothing can be noted.
            Err(error) => error.kind() != std::io::ErrorKind::AlreadyExists,
        }
    }

    /// Whether a handoff was given to `session`.
    pub(super) fn was_given(&self, stored: &Stored, session: &str) -> bool {
        self.note_of(stored, session).exists()
    }

    fn note_of(&self, stored: &Stored, session: &str) -> PathBuf {
        let name = format!("{}.given-{session}", file_stem(&stored.path));
        self.folder.join(name)
    }

    /// Adds a line to the file of problems, whose older half goes when it is too long.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`], if the folder or the file cannot be written.
    pub fn note(&self, now: jiff::Timestamp, event: &str, problem: &str) -> Result<(), Error> {
        self.create()?;
        let path = self.folder.join(PROBLEMS);
        let problem = safety::clean(problem).replace('\n', "; ");
        let line = format!(
            "{} {event}: {problem}\n",
            now.strftime("%Y-%m-%dT%H:%M:%SZ")
        );
        if fs::metadata(&path).is_ok_and(|it| it.len() > MOST_PROBLEMS) {
            let old = fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<&str> = old.lines().collect();
            let newer = lines.get(lines.len() / 2..).unwrap_or_default();
            return self.write(&path, &format!("{}\n{line}", newer.join("\n")));
        }
        let mut options = fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&path)
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .map_err(|error| Error::io(path, error))
    }

    /// The last line of the file of problems, if there is one.
    pub fn last_problem(&self) -> Option<String> {
        let text = fs::read_to_string(self.folder.join(PROBLEMS)).ok()?;
        text.lines().last().map(|line| safety::clean(line).into())
    }

    /// The names in the folder that end with `end`, in order.
    fn names(&self, end: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(end))
            .collect();
        names.sort();
        names
    }

    /// Makes the folder, for the owner alone, and has git ignore it.
    fn create(&self) -> Result<(), Error> {
        // A repository can hold links that lead anywhere, and what is written here is of the user's sessions.
        for folder in [self.folder.parent(), Some(&self.folder)]
            .into_iter()
            .flatten()
        {
            if folder.is_symlink() {
                return Err(ErrorKind::Usage(format!(
                    "{}: a link, where handoffs are to be written into a folder; remove it",
                    folder.display()
                ))
                .into());
            }
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.folder)
            .map_err(|error| Error::io(&self.folder, error))?;
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            self.write(&ignore, "*\n")?;
        }
        Ok(())
    }

    /// Writes a file whole or not at all, for the owner alone.
    fn write(&self, path: &Path, text: &str) -> Result<(), Error> {
        let fail = |error| Error::io(path, error);
        // The file of this crate is made with mode 0600.
        let mut file = tempfile::Builder::new()
            .prefix(".passdown-")
            .suffix(".tmp")
            .tempfile_in(&self.folder)
            .map_err(fail)?;
        file.write_all(text.as_bytes()).map_err(fail)?;
        file.persist(path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    /// Removes a handoff with its notes. What cannot be removed is passed over again next time.
    fn remove(&self, path: &Path) {
        let _ = fs::remove_file(path);
        let notes = format!("{}.given-", file_stem(path));
        for name in self.names("") {
            if name.starts_with(&notes) {
                let _ = fs::remove_file(self.folder.join(name));
            }
        }
    }
}

/// The file's name without what stands behind its last dot.
fn file_stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn read(path: PathBuf) -> Option<Stored> {
    let about = path.symlink_metadata().ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    let whole = fs::read_to_string(&path).ok()?;
    let (first, text) = whole.split_once('\n')?;
    let meta = first.strip_prefix(OPEN)?.trim_end().strip_suffix(CLOSE)?;
    Some(Stored {
        meta: serde_json::from_str(meta).ok()?,
        text: text.to_owned(),
        path,
    })
}
