//! What `git status` lists: which files are changed, which are staged, and whether it lists all that are.

use super::command::{self, Simple, Then};
use super::finding::Git;
use crate::session::Outcome;

/// The listing in the output of `command`, and true if it was made behind a commit of the same line.
pub(super) fn listed(command: &str, outcome: &Outcome, output: &str) -> Option<(Git, bool)> {
    let parsed = command::parse(command);
    let git =
        |simple: &Simple, word: &str| simple.program() == "git" && subcommand(simple) == Some(word);
    const CLEAN: &str = "nothing to commit, working tree clean";
    // What was laid aside comes back with a listing.
    let back = |simple: &Simple| {
        git(simple, "stash")
            && simple
                .words
                .iter()
                .any(|word| matches!(word.as_str(), "pop" | "apply"))
    };
    let lists = |simple: &Simple| git(simple, "status") || back(simple);
    let Some(index) = parsed.iter().rposition(lists) else {
        let commits = parsed.iter().any(|simple| git(simple, "commit"));
        let clean = commits && output.contains(CLEAN);
        return if clean {
            Some((Git::Clean, false))
        } else {
            changed(&parsed, output)
        };
    };
    let status = &parsed[index];
    let behind = ["commit", "merge", "rebase", "cherry-pick", "revert"];
    let behind = parsed[..index]
        .iter()
        .any(|simple| behind.iter().any(|word| git(simple, word)));
    let (mut paths, mut staged) = read(output);
    let short = status.words.iter().any(|word| {
        word == "--short"
            || word.starts_with("--porcelain")
            || (word.starts_with('-') && !word.starts_with("--") && word.contains('s'))
    });
    // A path, a filter behind it, or an answer that was cut leave something out.
    let limited = status
        .words
        .iter()
        .skip_while(|word| *word != "status")
        .skip(1)
        .any(|word| {
            !word.starts_with('-')
                || word.starts_with("-u")
                || word.starts_with("--untracked")
                || word == "--"
        });
    if output.contains(CLEAN) {
        return (!limited).then_some((Git::Clean, behind));
    }
    let cut = status.then == Then::Pipe || output.len() > WHOLE;
    let named = short || output.contains("On branch ") || output.contains("HEAD detached at ");
    let whole = *outcome == Outcome::Ok && !limited && !cut && named && paths.len() <= MOST;
    // Of a short listing that lists nothing only an answer without any line is one.
    let alone = parsed
        .iter()
        .all(|simple| matches!(simple.program(), "cd" | "pushd") || std::ptr::eq(simple, status));
    if paths.is_empty() {
        let clean = whole
            && short
            && alone
            && output
                .lines()
                .all(|line| line.starts_with("## ") || line.trim().is_empty());
        return clean.then_some((Git::Clean, behind));
    }
    paths.truncate(MOST);
    staged.retain(|path| paths.contains(path));
    let found = Git::Dirty {
        paths,
        staged,
        whole,
    };
    Some((found, behind))
}

/// The files that `git diff --stat` counts, of what is not committed. What it leaves out may be new, or staged.
fn changed(parsed: &[Simple], output: &str) -> Option<(Git, bool)> {
    let diff = parsed.iter().find(|simple| {
        let of_commits = |word: &&str| !matches!(*word, "diff" | "HEAD");
        simple.program() == "git"
            && subcommand(simple) == Some("diff")
            && simple.words.iter().any(|word| word.starts_with("--stat"))
            && !simple.operands().any(|word| of_commits(&word))
    })?;
    let behind = parsed
        .iter()
        .take_while(|simple| !std::ptr::eq(*simple, diff))
        .any(|simple| simple.program() == "git" && subcommand(simple) == Some("commit"));
    let counted = |line: &str| {
        let (path, count) = line.strip_prefix(' ')?.split_once(" | ")?;
        let path = path.trim();
        let counts = count.trim_start().starts_with(|c: char| c.is_ascii_digit());
        // A long path is cut, a moved one written short.
        (counts && !path.starts_with("...") && !path.contains(" => ")).then(|| path.to_owned())
    };
    let paths: Vec<String> = output.lines().filter_map(counted).take(MOST).collect();
    (!paths.is_empty()).then_some((
        Git::Dirty {
            paths,
            staged: Vec::new(),
            whole: false,
        },
        behind,
    ))
}

/// The subcommand of a call of git, behind options of its own.
fn subcommand(simple: &Simple) -> Option<&str> {
    let mut words = simple.words.iter().skip(1).map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-C" | "-c" => {
                words.next();
            }
            _ if word.starts_with('-') => {}
            _ => return Some(word),
        }
    }
    None
}

/// Paths that are read from one listing.
const MOST: usize = 200;

/// Bytes of an answer that is surely not cut.
const WHOLE: usize = 25_000;

/// The paths that a listing names, in its long form or its short one, and those of them that are staged as they are.
fn read(output: &str) -> (Vec<String>, Vec<String>) {
    let (mut untracked, mut to_be_committed) = (false, false);
    let (mut paths, mut staged): (Vec<String>, Vec<String>) = Default::default();
    for line in output.lines() {
        if line.starts_with("Untracked files:") {
            (untracked, to_be_committed) = (true, false);
        } else if line.ends_with(':') && !line.starts_with('\t') {
            to_be_committed = line.starts_with("Changes to be committed:");
            untracked = false;
        } else if line.trim().is_empty() {
            untracked &= line.is_empty();
        }
        let long = line.strip_prefix('\t').and_then(|rest| {
            let rest = rest.trim();
            let told = [
                "modified:",
                "deleted:",
                "new file:",
                "renamed:",
                "both modified:",
            ];
            let named = told.iter().find_map(|word| rest.strip_prefix(word));
            let path = named.or_else(|| untracked.then_some(rest))?;
            Some((path, to_be_committed))
        });
        let short = || {
            let (marks, path) = line.split_at_checked(3)?;
            let fits = marks.ends_with(' ')
                && marks.trim().chars().all(|c| "MADRCU?".contains(c))
                && !marks.trim().is_empty();
            let staged = marks.starts_with(|c| "MADRC".contains(c)) && marks.ends_with("  ");
            fits.then_some((path, staged))
        };
        let Some((path, is_staged)) = long.or_else(short) else {
            continue;
        };
        let path = path.trim();
        let path = path.rsplit(" -> ").next().unwrap_or(path).trim_matches('"');
        if path.is_empty() {
            continue;
        }
        // One that is staged and changed again stands twice.
        match is_staged && !paths.iter().any(|known| known == path) {
            true => staged.push(path.to_owned()),
            false => staged.retain(|known| known != path),
        }
        if !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
    (paths, staged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str, output: &str) -> Option<(Vec<String>, Vec<String>, bool)> {
        match listed(command, &Outcome::Ok, output)? {
            (
                Git::Dirty {
                    paths,
                    staged,
                    whole,
                },
                _,
            ) => Some((paths, staged, whole)),
            (Git::Clean, _) => Some((Vec::new(), Vec::new(), true)),
            _ => None,
        }
    }

    #[test]
    fn both_forms_tell_what_is_changed_and_what_is_staged() {
        let long = "On branch main\nChanges to be committed:\n  (use \"git restore --staged <file>...\" to unstage)\n\tmodified:   a.go\n\tmodified:   b.go\n\nChanges not staged for commit:\n\tmodified:   b.go\n\tdeleted:    c.go\n\nUntracked files:\n  (use \"git add <file>...\" to include in what will be committed)\n\tdocs/\n\n";
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let all = names(&["a.go", "b.go", "c.go", "docs/"]);
        assert_eq!(
            found("git status", long),
            Some((all.clone(), names(&["a.go"]), true))
        );
        let short = "## main\nM  a.go\nMM b.go\n D c.go\n?? docs/\n";
        assert_eq!(
            found("cd /w && git status -sb", short),
            Some((all, names(&["a.go"]), true))
        );
    }

    #[test]
    fn what_is_not_whole_proves_nothing_by_what_it_leaves_out() {
        for (command, whole) in [
            ("git status --short", Some(true)),
            ("git -C /w status --porcelain", Some(true)),
            ("git status --short | head -1", Some(false)),
            ("git status --short src", Some(false)),
            ("git status --short -uno", Some(false)),
            ("git diff", None),
        ] {
            let found = found(command, " M src/a.go\n");
            assert_eq!(found.map(|(_, _, whole)| whole), whole, "{command}");
        }
    }

    #[test]
    fn a_count_of_changes_tells_what_is_changed_and_not_what_is_not() {
        let stat = " .tool/settings.json    |  7 ++++++-\n .../long/path/a.go | 2 +-\n a.go => b.go | 0\n src/c.go | 10 +++++-----\n 4 files changed, 12 insertions(+), 7 deletions(-)\n";
        let names = vec![".tool/settings.json".to_owned(), "src/c.go".to_owned()];
        assert_eq!(
            found("git diff --stat", stat),
            Some((names.clone(), Vec::new(), false))
        );
        assert_eq!(
            found("git diff --stat HEAD", stat).map(|it| it.0),
            Some(names)
        );
        assert_eq!(found("git diff --stat main..HEAD", stat), None);
        assert_eq!(found("git diff --stat main", stat), None);
    }

    #[test]
    fn nothing_listed_is_clean_where_nothing_else_was_asked() {
        let clean = Some((Vec::new(), Vec::new(), true));
        assert_eq!(found("git status --short", ""), clean);
        assert_eq!(found("git status -sb", "## main...origin/main\n"), clean);
        assert_eq!(found("git status --short src", ""), None);
        assert_eq!(found("git status --short | grep go", ""), None);
        assert_eq!(found("git status --short; ls", "a\n"), None);
        assert_eq!(
            listed(
                "git commit -m x && git status",
                &Outcome::Ok,
                "nothing to commit, working tree clean"
            ),
            Some((Git::Clean, true))
        );
    }
}
