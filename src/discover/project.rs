//! Which folders belong to one project: those above and below each other in
//! one repository, whose worktrees count as one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::read::peek;

/// The project of a folder.
pub(super) struct Project {
    /// The folder itself, links resolved.
    folder: PathBuf,
    place: Option<Place>,
    /// What was found out already: sessions of one project name the same few folders.
    known: BTreeMap<PathBuf, bool>,
}

/// A place in a repository.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The git folder that all worktrees of the repository share.
    repository: PathBuf,
    /// The folder within its worktree.
    within: PathBuf,
}

impl Project {
    pub(super) fn of(folder: &Path) -> Self {
        let folder = real(folder);
        Self {
            place: Place::of(&folder),
            folder,
            known: BTreeMap::new(),
        }
    }

    /// Whether `folder`, which need not exist any more, belongs to the project.
    pub(super) fn holds(&mut self, folder: &Path) -> bool {
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        // A share of another machine is not asked: nothing goes over the network.
        if folder.as_os_str().as_encoded_bytes().starts_with(b"\\\\") {
            return false;
        }
        let other = real(folder);
        let holds = other == self.folder
            || match (&self.place, Place::of(&other)) {
                (Some(here), Some(there)) => {
                    here.repository == there.repository
                        && (here.within.starts_with(&there.within)
                            || there.within.starts_with(&here.within))
                }
                _ => false,
            };
        self.known.insert(folder.to_owned(), holds);
        holds
    }

    /// Whether `hash` is that of the project's folder, or of one above it in its repository: the hexadecimal SHA-256 of
    /// a path, by which Gemini CLI names projects.
    pub(super) fn is_hashed(&self, hash: &str) -> bool {
        let top = top(&self.folder);
        let folders = self.folder.ancestors();
        let mut own = folders.take_while(|folder| folder.starts_with(&top));
        own.any(|folder| {
            let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            hex == hash
        })
    }
}

impl Place {
    fn of(folder: &Path) -> Option<Self> {
        if !folder.is_absolute() {
            return None;
        }
        folder.ancestors().find_map(|top| {
            Some(Self {
                repository: repository(&top.join(".git"))?,
                within: folder.strip_prefix(top).ok()?.to_owned(),
            })
        })
    }
}

/// The top folder of the repository, or worktree, that `folder` lies in; `folder` itself outside of one.
pub fn top(folder: &Path) -> PathBuf {
    folder
        .ancestors()
        .find(|top| top.join(".git").exists())
        .unwrap_or(folder)
        .to_owned()
}

/// The branch that is checked out at `folder`, as a transcript names it: `HEAD` where none is; nothing outside of a
/// repository.
pub fn branch(folder: &Path) -> Option<String> {
    let git = top(folder).join(".git");
    let own = if git.is_dir() {
        git
    } else {
        let text = small(&git)?;
        git.parent()?.join(text.strip_prefix("gitdir:")?.trim())
    };
    let head = small(&own.join("HEAD"))?;
    Some(match head.trim().strip_prefix("ref: refs/heads/") {
        Some(branch) => branch.to_owned(),
        None => "HEAD".to_owned(),
    })
}

/// The shared git folder that `.git` is or points to; none if there is no `.git`.
///
/// In a worktree, `.git` is a file that says `gitdir: <main>/.git/worktrees/<name>`,
/// and the `commondir` in that folder says where the shared one is.
fn repository(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(real(git));
    }
    let text = small(git)?;
    let named = text.strip_prefix("gitdir:")?.trim();
    let own = git.parent()?.join(named);
    let common = match small(&own.join("commondir")) {
        Some(common) => own.join(common.trim()),
        // The folder is gone, or it is a submodule's, which shares with none.
        None => match own.parent() {
            Some(worktrees) if worktrees.ends_with(".git/worktrees") => {
                worktrees.parent()?.to_owned()
            }
            _ => own,
        },
    };
    Some(real(&common))
}

/// The text of a small file. The path comes from a log, so it may name anything.
fn small(path: &Path) -> Option<String> {
    let ends = peek(path).ok()?;
    String::from_utf8(ends.head).ok().filter(|_| ends.whole)
}

/// The path with links resolved, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => real(parent).join(name),
        _ => path.to_owned(),
    }
}
