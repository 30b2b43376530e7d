//! What git did to files: staged, committed, taken back.

use super::super::failures::State;
use super::super::{Attempt, Cite, attempts::Tried};
use super::Replay;
use crate::extract::command::Simple;
use crate::extract::finding::Class as Fault;
use crate::extract::finding::Family;
use crate::session::{Body, Event, Input};

impl Replay<'_> {
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

    /// Changes to files were taken back by `git checkout`, `git restore` or `git reset --hard`.
    fn restored(&mut self, simple: &Simple, operands: &[String], cite: &Cite) {
        let all = simple.line().contains("--hard");
        self.ledger.repository.dirty = None;
        let named = operands.get(1..).unwrap_or_default();
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

    pub(super) fn amended(&self, event: &Event) -> bool {
        self.shell_of(event).contains("--amend")
    }

    pub(super) fn committed(&mut self, event: &Event) {
        let command = self.shell_of(event).lines().next().unwrap_or("").to_owned();
        let command_of_commit = command.clone();
        let all = ["commit -a", "commit --all", "commit -am"]
            .iter()
            .any(|option| command.contains(option));
        let staged = std::mem::take(&mut self.staged);
        // Without a `git add` in the log, what was staged before it began is unknown: everything counts as committed.
        let everything = all || staged.is_empty() || staged.iter().any(|path| path == ".");
        self.files.commit(if everything { &[] } else { &staged });
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
