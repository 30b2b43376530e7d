//! The repository: commits, pushes, pull requests, the branch.

use super::{Cite, FileState};
use crate::extract::finding::Git;

/// How a commit came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    New,
    /// It stands in the place of the one before it.
    Amended,
    /// It was made before, on another base: by the session, or by whoever else wrote on the branch.
    Replayed,
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
    /// True if it was put on another base since, and the log does not show under which hash it stands there.
    pub stale: bool,
    /// Where it was made.
    pub cite: Cite,
    /// Where its hash is shown, if it was put on another base since.
    pub shown: Option<Cite>,
    /// The branch it was made on, where git said it.
    branch: Option<String>,
    /// True if the rebase that is under way has put it in its place already.
    replayed: bool,
}

impl Commit {
    fn renew(&mut self, hash: &str, cite: &Cite) {
        hash.clone_into(&mut self.hash);
        self.stale = false;
        self.shown = Some(cite.clone());
    }

    /// True unless it is known to be on another branch.
    fn may_be_on(&self, branch: Option<&str>) -> bool {
        let known = self.branch.as_deref().zip(branch);
        known.is_none_or(|(own, other)| own == other)
    }
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

/// True for a branch on which everyone works: its name says nothing of the work.
pub fn is_shared(branch: &str) -> bool {
    const SHARED: [&str; 8] = [
        "", "HEAD", "main", "master", "develop", "dev", "trunk", "default",
    ];
    SHARED.contains(&branch)
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
                let branch = branch.clone().filter(|name| !name.contains("HEAD"));
                if let Some(branch) = &branch {
                    self.branch = Some((branch.clone(), cite.clone()));
                }
                if self.commits.iter().any(|commit| commit.hash == *hash) {
                    return;
                }
                let same = |known: &Commit| known.subject == *subject;
                let known = self.commits.iter().rposition(same);
                // A commit on no branch, with a subject that is known, goes on with a rebase.
                let replayed = made == Made::Replayed
                    || (made == Made::New && branch.is_none() && known.is_some());
                if replayed {
                    // Written anew on another base, it is the same commit. What is not known is another's.
                    if let Some(known) = known.map(|index| &mut self.commits[index]) {
                        known.renew(hash, cite);
                        known.pushed = false;
                        known.replayed = true;
                    }
                    return;
                }
                let commit = Commit {
                    hash: hash.clone(),
                    subject: subject.clone(),
                    totals: None,
                    pushed: false,
                    stale: false,
                    cite: cite.clone(),
                    shown: None,
                    branch,
                    replayed: false,
                };
                let place = known.or(self.commits.len().checked_sub(1));
                match place {
                    Some(index) if made == Made::Amended => self.commits[index] = commit,
                    _ => self.commits.push(commit),
                }
            }
            Git::Totals {
                files,
                added,
                removed,
            } => {
                if let Some(commit) = self
                    .commits
                    .iter_mut()
                    .rfind(|commit| commit.cite.at == cite.at)
                {
                    commit.totals = Some((*files, *added, *removed));
                }
            }
            Git::Push { branch, head } => {
                // The last commit of the branch is what was pushed, whatever it was called before.
                if let (Some(head), Some(last)) = (head, self.commits.last_mut())
                    && last.stale
                    && last.may_be_on(Some(branch))
                {
                    last.renew(head, cite);
                }
                self.commits
                    .iter_mut()
                    .for_each(|commit| commit.pushed = true);
            }
            Git::Rebased { branch, commits } => self.rebased(branch.as_deref(), *commits),
            Git::PullRequest { url } => {
                self.pull_requests.retain(|(known, _)| known != url);
                self.pull_requests.push((url.clone(), cite.clone()));
            }
            Git::Clean | Git::Dirty { .. } => {}
            Git::Branch { name } => self.branch = Some((name.clone(), cite.clone())),
        }
    }

    /// The last `count` commits of `branch`, all where none is told, stand on another base. But for those whose new hashes
    /// were shown on the way, they have others than they had.
    fn rebased(&mut self, branch: Option<&str>, count: Option<usize>) {
        let own = self.commits.iter_mut().rev();
        let own = own.filter(|commit| commit.may_be_on(branch));
        for commit in own.take(count.unwrap_or(usize::MAX)) {
            if !std::mem::take(&mut commit.replayed) {
                commit.stale = true;
                commit.pushed = false;
            }
        }
    }

    /// What `git log --oneline` shows: hashes with subjects. Commits with an unknown hash are known by their subject.
    pub(super) fn logged(&mut self, output: &str, cite: &Cite) {
        for commit in self.commits.iter_mut().filter(|commit| commit.stale) {
            let hash = output.lines().find_map(|line| {
                let (hash, subject) = line.split_once(' ')?;
                // The names of branches stand in brackets before it.
                let bare = subject
                    .strip_prefix('(')
                    .and_then(|rest| rest.split_once(") "));
                let named = [Some(subject), bare.map(|(_, bare)| bare)];
                let is_hash = hash.len() >= 7 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
                (is_hash && named.contains(&Some(commit.subject.as_str()))).then_some(hash)
            });
            if let Some(hash) = hash {
                commit.renew(hash, cite);
            }
        }
    }

    /// What git listed as changed and no edit of the session's accounts for.
    pub fn others<'r>(&'r self, files: &'r [FileState]) -> Vec<&'r str> {
        let dirty = self.dirty.iter().flat_map(|(paths, _)| paths);
        let own = |path: &str| {
            let mut edited = files
                .iter()
                .filter(|file| file.uncommitted && !file.deleted);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Position;

    fn cite(line: u32) -> Cite {
        Cite {
            at: Position::main(line),
            uuid: None,
            time: None,
            tick: line,
        }
    }

    fn commit(hash: &str, branch: &str, subject: &str) -> Git {
        Git::Commit {
            hash: hash.to_owned(),
            branch: Some(branch.to_owned()),
            subject: subject.to_owned(),
        }
    }

    fn push(head: &str) -> Git {
        Git::Push {
            branch: "fix".to_owned(),
            head: Some(head.to_owned()),
        }
    }

    fn rebased(commits: Option<usize>) -> Git {
        Git::Rebased {
            branch: Some("fix".to_owned()),
            commits,
        }
    }

    fn replayed(steps: &[(Git, Made)]) -> Repository {
        let mut repository = Repository::default();
        for (line, (git, made)) in (1..).zip(steps) {
            repository.found(git, *made, &cite(line));
        }
        repository
    }

    fn hashes(repository: &Repository) -> Vec<(&str, bool, bool)> {
        let commits = repository.commits.iter();
        commits
            .map(|commit| (commit.hash.as_str(), commit.pushed, commit.stale))
            .collect()
    }

    #[test]
    fn what_a_rebase_replays_is_no_new_commit() {
        const HEAD: &str = "detached HEAD";
        let repository = replayed(&[
            (commit("aaaaaa1", "fix", "parse dates"), Made::New),
            (commit("aaaaaa2", "fix", "parse times"), Made::New),
            (commit("bbbbbb0", HEAD, "of another"), Made::Replayed),
            (commit("bbbbbb1", HEAD, "parse dates"), Made::Replayed),
            (rebased(None), Made::Replayed),
            (commit("cccccc2", "fix", "parse times"), Made::Amended),
        ]);
        let expected = [("bbbbbb1", false, false), ("cccccc2", false, false)];
        assert_eq!(hashes(&repository), expected);
    }

    #[test]
    fn a_push_tells_what_the_last_commit_became() {
        let repository = replayed(&[
            (commit("aaaaaa1", "fix", "parse dates"), Made::New),
            (push("aaaaaa1"), Made::New),
            (commit("aaaaaa2", "fix", "parse times"), Made::New),
            (rebased(Some(1)), Made::New),
            (push("dddddd2"), Made::New),
        ]);
        let expected = [("aaaaaa1", true, false), ("dddddd2", true, false)];
        assert_eq!(hashes(&repository), expected);
        assert_eq!(repository.commits[1].shown, Some(cite(5)));
    }

    #[test]
    fn a_log_tells_what_the_commits_became() {
        let mut repository = replayed(&[
            (commit("aaaaaa1", "fix", "parse dates"), Made::New),
            (commit("aaaaaa2", "fix", "parse times"), Made::New),
            (commit("aaaaaa3", "other", "of another branch"), Made::New),
            (rebased(None), Made::New),
        ]);
        repository.logged("bbbbbb1 (HEAD -> fix) parse times\n", &cite(9));
        let expected = [
            ("aaaaaa1", false, true),
            ("bbbbbb1", false, false),
            ("aaaaaa3", false, false),
        ];
        assert_eq!(hashes(&repository), expected);
    }
}
