//! The repository: commits, pushes, pull requests, the branch.

use super::{Cite, FileState};
use crate::extract::finding::Git;

/// How a commit came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    New,
    /// It stands in the place of the one before it.
    Amended,
    /// It was made before, on another base.
    Rebased,
}

/// True if `path` is `folder` or lies in it, or the other way round: git lists a new folder for all that is in it.
pub(super) fn lies_in(path: &str, folder: &str) -> bool {
    let under = |path: &str, folder: &str| {
        let rest = path.strip_prefix(folder.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    folder == "." || under(path, folder) || (path.ends_with('/') && under(folder, path))
}

/// A commit that the session made.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its abbreviated hash.
    pub hash: String,
    /// Its subject.
    pub subject: String,
    /// Files, lines added, lines removed.
    pub totals: Option<(u32, u32, u32)>,
    /// True if a push followed it.
    pub pushed: bool,
    /// Where it was made.
    pub cite: Cite,
}

/// What the session did to the repository.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// Its commits, in order; an amended one is replaced by what it became.
    pub commits: Vec<Commit>,
    /// Pull requests made or named, by address, with their last mention.
    pub pull_requests: Vec<(String, Cite)>,
    /// What git listed as changed, but for what was committed or taken back since; paths as they are shown.
    pub dirty: Option<(Vec<String>, Cite)>,
    /// The branch, where a command's output names it.
    pub branch: Option<(String, Cite)>,
}

impl Repository {
    /// What git listed. A whole listing stands in place of what was known; another adds to it.
    pub(super) fn listed(&mut self, mut paths: Vec<String>, whole: bool, cite: &Cite) {
        if let (false, Some((known, _))) = (whole, self.dirty.take()) {
            paths.extend(known);
            paths.sort_unstable();
            paths.dedup();
        }
        self.dirty = (!paths.is_empty()).then(|| (paths, cite.clone()));
    }

    /// What lies at or under `paths` is as committed; everything if there are none.
    pub(super) fn cleaned(&mut self, paths: &[String]) {
        if let Some((dirty, _)) = &mut self.dirty {
            dirty.retain(|known| {
                !paths.is_empty() && !paths.iter().any(|path| lies_in(known, path))
            });
            if dirty.is_empty() {
                self.dirty = None;
            }
        }
    }

    pub(super) fn found(&mut self, git: &Git, made: Made, cite: &Cite) {
        match git {
            Git::Commit {
                hash,
                branch,
                subject,
            } => {
                if let Some(branch) = branch.as_ref().filter(|name| !name.contains("HEAD")) {
                    self.branch = Some((branch.clone(), cite.clone()));
                }
                if self.commits.iter().any(|commit| commit.hash == *hash) {
                    return;
                }
                match made {
                    Made::Amended => {
                        self.commits.pop();
                    }
                    // Written anew on another base, it is the same commit.
                    Made::Rebased => self.commits.retain(|known| known.subject != *subject),
                    Made::New => {}
                }
                self.commits.push(Commit {
                    hash: hash.clone(),
                    subject: subject.clone(),
                    totals: None,
                    pushed: false,
                    cite: cite.clone(),
                });
            }
            Git::Totals {
                files,
                added,
                removed,
            } => {
                if let Some(commit) = self
                    .commits
                    .last_mut()
                    .filter(|commit| commit.cite.at == cite.at)
                {
                    commit.totals = Some((*files, *added, *removed));
                }
            }
            Git::Push { .. } => self
                .commits
                .iter_mut()
                .for_each(|commit| commit.pushed = true),
            Git::PullRequest { url } => {
                self.pull_requests.retain(|(known, _)| known != url);
                self.pull_requests.push((url.clone(), cite.clone()));
            }
            Git::Clean | Git::Dirty { .. } => {}
            Git::Branch { name } => self.branch = Some((name.clone(), cite.clone())),
        }
    }

    /// What git listed as changed and no edit of the session's accounts for.
    pub fn others<'r>(&'r self, files: &'r [FileState]) -> Vec<&'r str> {
        let dirty = self.dirty.iter().flat_map(|(paths, _)| paths);
        let own = |path: &str| {
            let mut edited = files.iter().filter(|file| file.uncommitted);
            edited.any(|file| lies_in(&file.path, path))
        };
        dirty
            .map(String::as_str)
            .filter(|path| !own(path))
            .collect()
    }

    /// A reset took back the last `commits` commits.
    pub(super) fn reset(&mut self, commits: usize) {
        let keep = self.commits.len().saturating_sub(commits);
        self.commits.truncate(keep);
    }
}
