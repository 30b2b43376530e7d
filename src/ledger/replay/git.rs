//! What git did to files: staged, committed, taken back.

use super::super::failures::State;
use super::super::git::Made;
use super::super::{Attempt, Cite, attempts::Tried};
use super::Replay;
use crate::extract::command::{self, Simple};
use crate::extract::finding::Class as Fault;
use crate::extract::finding::{Family, Git};
use crate::extract::path::join;
use crate::session::{Body, Event, Input};

impl<'s> Replay<'s> {
    /// The branch was changed by somebody else, who may have committed what was edited before: of that nothing is known.
    pub(super) fn moved(&mut self, event: &'s Event) {
        let Some(name) = event.branch.as_deref().filter(|name| *name != "HEAD") else {
            return;
        };
        let known = self.ledger.repository.branch.as_ref();
        let own = known.is_some_and(|(known, _)| known == name);
        let before = self.branch.replace(name);
        if !own && before.is_some_and(|before| before != name) {
            self.files.commit(&[]);
            self.ledger.repository.dirty = None;
        }
    }

    /// What a tool's answer shows of the repository.
    pub(super) fn git(&mut self, git: &Git, event: &Event, cite: &Cite) {
        let Some(folder) = self.repository_of(event) else {
            return;
        };
        let made = self.made(event);
        self.ledger.repository.found(git, made, cite);
        match git {
            Git::Commit { .. } => self.committed(event, made),
            // Of several working trees one is clean.
            Git::Clean if self.paths.is_one() => {
                self.files.commit(&[]);
                self.ledger.repository.cleaned(&[]);
            }
            Git::Dirty {
                paths,
                staged,
                whole,
            } => {
                let shown = |paths: &[String]| -> Vec<String> {
                    let paths = paths.iter();
                    paths
                        .map(|path| self.paths.show_from(folder.as_deref(), path))
                        .collect()
                };
                let (paths, staged) = (shown(paths), shown(staged));
                // Of several working trees one is listed, and which of them a path shown short is in is not known.
                let whole = *whole && self.paths.is_one();
                if whole {
                    self.staged = staged;
                }
                self.files.listed(&paths, whole);
                self.ledger.repository.listed(paths, whole, cite);
            }
            _ => {}
        }
    }

    /// The folder that the last call of git in the command was about; none for a repository that is not the session's.
    fn repository_of(&self, event: &Event) -> Option<Option<String>> {
        let Body::Return(call) = event.body else {
            return Some(None);
        };
        let mut folder = self.session.calls[call].cwd.as_deref().map(str::to_owned);
        let mut found = folder.clone();
        for simple in command::parse(self.shell_of(event)) {
            match (simple.program(), simple.operands().next()) {
                ("cd" | "pushd", Some(to)) => folder = folder.map(|from| join(&from, to)),
                ("git", _) => {
                    let at = match simple.words.get(1..3) {
                        Some([option, to]) if option == "-C" => Some(to.as_str()),
                        _ => None,
                    };
                    let mut operands = simple.operands();
                    let made = operands.next() == Some("init");
                    let at = at.or_else(|| operands.next().filter(|_| made));
                    let here = match at {
                        Some(to) => folder.as_deref().map(|from| join(from, to)),
                        None => folder.clone(),
                    };
                    if here
                        .as_deref()
                        .is_some_and(|here| self.is_made_for_a_try(here, made))
                    {
                        return None;
                    }
                    found = here;
                }
                _ => {}
            }
        }
        let elsewhere = found
            .as_deref()
            .is_some_and(|folder| self.is_elsewhere(folder));
        (!elsewhere).then_some(found)
    }

    /// True of a folder for temporary files, and of a new repository in which none of the session's work is.
    fn is_made_for_a_try(&self, folder: &str, made: bool) -> bool {
        let shown = self.paths.show(folder);
        let inside = shown.trim_end_matches('/').to_owned() + "/";
        folder.contains("mktemp") || (made && shown != "." && self.files.under(&inside).is_empty())
    }

    /// What a git command other than `rm` and `mv` did to what stands in files.
    pub(super) fn git_edits(
        &mut self,
        subcommand: &str,
        simple: &Simple,
        operands: &[String],
        cite: &Cite,
    ) {
        let has = |option: &str| simple.words.iter().any(|word| word == option);
        match subcommand {
            "add" if has("-A") || has("-u") || has("--all") => self.staged.push(".".to_owned()),
            "add" => self
                .staged
                .extend_from_slice(operands.get(1..).unwrap_or_default()),
            "merge" | "rebase" | "cherry-pick" | "am" | "revert"
                if ["--abort", "--continue", "--quit", "--skip"]
                    .into_iter()
                    .any(has) =>
            {
                self.merged(simple.text.clone(), cite);
            }
            "checkout" | "restore" => self.restored(simple, operands, cite),
            "reset" if has("--hard") => self.restored(simple, operands, cite),
            "reset" if has("--soft") => {
                let back =
                    simple.line().matches('^').count() + usize::from(simple.line().contains('~'));
                self.ledger.repository.reset(back);
            }
            _ => {}
        }
    }

    /// What `git log --oneline` showed.
    pub(super) fn git_logged(&mut self, simple: &Simple, output: &str, cite: &Cite) {
        let short = |word: &String| word == "--oneline" || word.starts_with("--pretty=oneline");
        if simple.program() == "git"
            && simple.operands().next() == Some("log")
            && simple.words.iter().any(short)
        {
            self.ledger.repository.logged(output, cite);
        }
    }

    /// Changes to files were taken back by `git checkout`, `git restore` or `git reset --hard`.
    fn restored(&mut self, simple: &Simple, operands: &[String], cite: &Cite) {
        let all = simple.line().contains("--hard");
        let named = operands.get(1..).unwrap_or_default();
        self.ledger
            .repository
            .cleaned(if all { &[] } else { named });
        if named.is_empty() && !all {
            return;
        }
        // What was wrong in a file may have gone with its changes, whoever made them.
        for failure in &mut self.ledger.failures {
            let back = |file: &String| named.iter().any(|path| file.starts_with(path.as_str()));
            if failure.state == State::Open && failure.hit.file.as_ref().is_some_and(back) {
                failure.state = State::Doubtful;
            }
        }
        let files = self.files.uncommitted(if all { &[] } else { named });
        if files.is_empty() {
            return;
        }
        let gone = self.files.restore(&files);
        let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
        self.names.forget_lines(&gone);
        self.ledger.attempts.push(Attempt {
            tried: Tried::Reverted {
                command: simple.text.clone(),
                files,
            },
            cites: vec![cite.clone()],
        });
    }

    fn made(&self, event: &Event) -> Made {
        let command = self.shell_of(event);
        let git = command::parse(command);
        let calls = || git.iter().filter(|simple| simple.program() == "git");
        let amends = calls().any(|simple| simple.words.iter().any(|given| given == "--amend"));
        let rebases = calls().any(|simple| match simple.operands().next() {
            Some("rebase" | "am") => true,
            Some("cherry-pick") => simple.words.iter().any(|given| given == "--continue"),
            _ => false,
        });
        match (amends, rebases) {
            (true, _) => Made::Amended,
            (_, true) => Made::Replayed,
            _ => Made::New,
        }
    }

    fn committed(&mut self, event: &Event, made: Made) {
        let command = self.shell_of(event).lines().next().unwrap_or("").to_owned();
        let command_of_commit = command.clone();
        let all = ["commit -a", "commit --all", "commit -am"]
            .iter()
            .any(|option| command.contains(option));
        let staged = std::mem::take(&mut self.staged);
        // Without a `git add` in the log, what was staged before it began is unknown: everything counts as committed.
        // A commit is put on another base where nothing else is changed.
        let everything = all
            || made == Made::Replayed
            || staged.is_empty()
            || staged.iter().any(|path| path == ".");
        let staged: &[String] = if everything { &[] } else { &staged };
        self.files.commit(staged);
        self.ledger.repository.cleaned(staged);
        // Git commits nothing while a file is unmerged.
        self.merged(command_of_commit, &Cite::of(event));
        // A pipeline that failed ran on what was there before.
        for failure in &mut self.ledger.failures {
            let of_pipeline = matches!(failure.check, Some((_, Family::Ci)));
            if of_pipeline && failure.state == State::Open {
                failure.state = State::Doubtful;
            }
        }
    }

    /// Nothing is left of conflicts: they were committed, or the merge was given up.
    pub(super) fn merged(&mut self, by: String, cite: &Cite) {
        for failure in &mut self.ledger.failures {
            if failure.hit.class == Fault::Merge && failure.is_open() {
                failure.state = State::Resolved {
                    by: by.clone(),
                    at: cite.clone(),
                };
            }
        }
    }

    fn shell_of(&self, event: &Event) -> &str {
        match event.body {
            Body::Return(call) => match &self.session.calls[call].input {
                Input::Shell { command, .. } => command,
                _ => "",
            },
            _ => "",
        }
    }
}
