//! The repository: commits, pushes, pull requests, the branch.

use super::Cite;
use crate::extract::finding::Git;

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
    /// What `git status` listed last, if nothing was committed or taken back since.
    pub dirty: Option<(Vec<String>, Cite)>,
    /// The branch, where a command's output names it.
    pub branch: Option<(String, Cite)>,
}

impl Repository {
    pub(super) fn found(&mut self, git: &Git, amended: bool, cite: &Cite) {
        match git {
            Git::Commit {
                hash,
                branch,
                subject,
            } => {
                self.dirty = None;
                if let Some(branch) = branch {
                    self.branch = Some((branch.clone(), cite.clone()));
                }
                if self.commits.iter().any(|commit| commit.hash == *hash) {
                    return;
                }
                if amended {
                    self.commits.pop();
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
            Git::Clean => self.dirty = None,
            Git::Dirty { paths } => self.dirty = Some((paths.clone(), cite.clone())),
            Git::Branch { name } => self.branch = Some((name.clone(), cite.clone())),
        }
    }

    /// A reset took back the last `commits` commits.
    pub(super) fn reset(&mut self, commits: usize) {
        let keep = self.commits.len().saturating_sub(commits);
        self.commits.truncate(keep);
    }
}
