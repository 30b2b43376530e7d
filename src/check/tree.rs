//! The working tree, looked at and never changed: files, and `git` asked as a process with a time limit.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long one question to `git` may take.
const LIMIT: Duration = Duration::from_secs(5);
/// The most bytes that are read of an answer.
const MOST: u64 = 8 << 20;

/// A folder with the files of a project.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) folder: PathBuf,
}

/// A commit that was made after the handoff.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) hash: String,
    pub(super) subject: String,
    /// Subject, body and the names of its files.
    pub(super) text: String,
    pub(super) files: Vec<String>,
}

impl Tree {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The answer of `git` to a question. The error says why there is none.
    fn ask(&self, args: &[&str], input: &str) -> Result<String, String> {
        let mut command = Command::new("git");
        // What a repository configures must not run because somebody looks at it.
        command
            .arg("-C")
            .arg(&self.folder)
            .args([
                "--no-optional-locks",
                "--no-pager",
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
            ])
            .args([
                "-c",
                "log.showSignature=false",
                "-c",
                "core.quotePath=false",
            ])
            .args(args)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "git is not installed".to_owned(),
            _ => format!("git: {error}"),
        })?;
        let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let input = input.to_owned();
        let (send, answer) = mpsc::channel();
        std::thread::spawn(move || {
            if let Some(stdin) = &mut stdin {
                // git may have heard enough before the end.
                let _ = stdin.write_all(input.as_bytes());
            }
            drop(stdin);
            let mut bytes = Vec::new();
            let read = stdout.map(|stdout| stdout.take(MOST).read_to_end(&mut bytes));
            // Nobody listens any more if the limit is over.
            let _ = send.send(read.map(|_| bytes));
        });
        let answer = answer.recv_timeout(LIMIT);
        if answer.is_err() {
            // It may be gone already.
            let _ = child.kill();
        }
        let status = child.wait();
        match (answer, status) {
            (Err(_), _) => Err(format!("git gave no answer in {} seconds", LIMIT.as_secs())),
            (Ok(Some(bytes)), Ok(status)) if status.success() => {
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => Err("no git repository, or one that git does not read".to_owned()),
        }
    }

    /// The branch; `None` if none is checked out.
    pub(super) fn branch(&self) -> Result<Option<String>, String> {
        self.ask(&["rev-parse", "--git-dir"], "")?;
        Ok(self
            .ask(&["symbolic-ref", "--short", "--quiet", "HEAD"], "")
            .ok()
            .map(|name| name.trim().to_owned()))
    }

    /// The commits on the way to HEAD since `time`, newest first. None in a repository without commits.
    pub(super) fn commits_since(&self, time: jiff::Timestamp) -> Vec<Commit> {
        let since = format!("--since={time}");
        let answer = self.ask(
            &[
                "log",
                &since,
                "--max-count=200",
                "--relative",
                "--name-only",
                "--format=%x1e%h%x1f%s%x1f%b%x1f",
            ],
            "",
        );
        let answer = answer.unwrap_or_default();
        answer
            .split('\x1e')
            .filter_map(|commit| {
                let mut fields = commit.split('\x1f');
                let (hash, subject, body) = (fields.next()?, fields.next()?, fields.next()?);
                let files: Vec<String> = fields
                    .next()?
                    .lines()
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect();
                Some(Commit {
                    hash: hash.trim().to_owned(),
                    subject: subject.to_owned(),
                    text: format!("{subject}\n{body}"),
                    files,
                })
            })
            .collect()
    }

    /// The files with changes that are not committed.
    pub(super) fn dirty(&self) -> Vec<String> {
        let answer = self.ask(
            &["status", "--porcelain", "-z", "--no-renames", "--", "."],
            "",
        );
        let prefix = self
            .ask(&["rev-parse", "--show-prefix"], "")
            .unwrap_or_default();
        answer
            .unwrap_or_default()
            .split('\0')
            .filter_map(|entry| entry.get(3..))
            .map(|path| path.strip_prefix(prefix.trim()).unwrap_or(path).to_owned())
            .collect()
    }

    /// Those of `names` that no file holds. None if `git` cannot say.
    ///
    /// New files count too, but new Markdown does not: a handoff is a new file, and holds every name it speaks of.
    pub(super) fn unknown<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        let code = self.search(names, &["--untracked"], &["--", ".", ":(exclude)*.md"]);
        let Some(left) = code else {
            return Vec::new();
        };
        self.search(&left, &[], &["--", "."]).unwrap_or_default()
    }

    /// Those of `names` that no file of a search holds; `None` if `git` cannot say.
    fn search<'n>(&self, names: &[&'n str], how: &[&str], place: &[&str]) -> Option<Vec<&'n str>> {
        if names.is_empty() {
            return Some(Vec::new());
        }
        let mut args = vec!["grep", "--no-color", "-IhowF"];
        args.extend(how);
        for name in names {
            args.extend(["-e", *name]);
        }
        args.extend(place);
        // A search without a hit fails by its status, as one that could not be made: another question tells them apart.
        let found = match self.ask(&args, "") {
            Ok(found) => found,
            Err(_) => self
                .ask(&["rev-parse", "--git-dir"], "")
                .map(|_| String::new())
                .ok()?,
        };
        if found.len() as u64 >= MOST {
            return None;
        }
        let found: std::collections::BTreeSet<&str> = found.lines().collect();
        Some(
            names
                .iter()
                .copied()
                .filter(|name| !found.contains(name))
                .collect(),
        )
    }

    /// Those of `hashes` that name no commit here. None if `git` cannot say.
    pub(super) fn lost<'h>(&self, hashes: &[&'h str]) -> Vec<&'h str> {
        let input: String = hashes
            .iter()
            .map(|hash| format!("{hash}^{{commit}}\n"))
            .collect();
        let answer = self
            .ask(&["cat-file", "--batch-check"], &input)
            .unwrap_or_default();
        hashes
            .iter()
            .zip(answer.lines())
            .filter(|(_, line)| line.ends_with(" missing"))
            .map(|(hash, _)| *hash)
            .collect()
    }

    /// When the file was changed last; `None` if it is not there.
    pub(super) fn modified(&self, path: &str) -> Option<jiff::Timestamp> {
        let time = std::fs::metadata(self.folder.join(path))
            .ok()?
            .modified()
            .ok()?;
        jiff::Timestamp::try_from(time).ok()
    }

    /// True if there is such a file or folder, or one that cannot be looked at.
    pub(super) fn has(&self, path: &str) -> bool {
        self.folder.join(path).try_exists().unwrap_or(true)
    }
}
