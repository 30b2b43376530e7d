//! What shows at the end: which edits nothing proved, and which tasks are seen to be done.

use super::super::undone::cancel;
use super::super::{Cite, Run, Status, Task};
use super::{Edited, Replay};
use crate::extract::finding::{Family, Verdict};
use crate::extract::path::Class;
use crate::session::{Input, Outcome};
use std::collections::BTreeMap;

impl Replay<'_> {
    /// Counts the edits that nothing proved since. Where tests were run, only tests, or a pipeline, prove code; a linter that
    /// ran after the last of them says nothing of what it does.
    pub(super) fn unchecked(&mut self) {
        let newest = |families: &dyn Fn(Family) -> bool| {
            let checks = self.ledger.checks.iter();
            checks
                .filter(|check| families(check.family))
                .flat_map(|check| &check.runs)
                .filter(|run| run.verdict != Verdict::Unknown)
                .map(|run| run.edits_before)
                .max()
        };
        let any = newest(&|_| true).unwrap_or(0);
        let tests = newest(&|family| family == Family::Test);
        let proved = match tests {
            Some(tests) => tests.max(newest(&|family| family == Family::Ci).unwrap_or(0)),
            None => any,
        };
        let mut files: Vec<String> = Vec::new();
        let mut edits: Vec<(&str, Option<usize>)> = Vec::new();
        for (before, Edited { path, call, .. }) in (0..).zip(&self.edited) {
            let class = self.files.get(path).map(|file| file.class);
            let proved = match class {
                Some(Class::Code | Class::Test) => proved,
                _ => any,
            };
            if before >= proved {
                edits.push((path, *call));
                if !files.contains(path) {
                    files.push(path.clone());
                }
            }
        }
        let of = |file: &str| {
            let calls = edits.iter().filter(|(path, _)| *path == file);
            calls.map(|(_, call)| *call).collect::<Vec<_>>()
        };
        // What git took back is as it was before.
        let stands = |path: &String| {
            let file = self.files.get(path);
            file.is_none_or(|file| file.edits > 0 || file.deleted)
        };
        files.retain(|file| stands(file) && !self.cancel(&of(file)));
        let count = |edits: usize| u32::try_from(edits).unwrap_or(u32::MAX);
        let all = count(edits.len());
        edits.retain(|(path, _)| files.iter().any(|file| file == path));
        self.ledger.edits_since_check = count(edits.len());
        self.ledger.edits_taken_back = all - self.ledger.edits_since_check;
        self.ledger.files_since_check = files;
    }

    /// True if the replacements of `calls`, all of one file, took each other back. Of an edit by other means nothing is
    /// known.
    fn cancel(&self, calls: &[Option<usize>]) -> bool {
        let hunks = |call: &Option<usize>| match &self.session.calls[(*call)?].input {
            Input::Edit { hunks, .. } => Some(hunks.as_slice()),
            _ => None,
        };
        let hunks: Option<Vec<_>> = calls.iter().map(hunks).collect();
        hunks.is_some_and(|hunks| cancel(hunks.into_iter().flatten()))
    }

    /// Files whose edits since the last commit took each other back are as they were committed, if git did not list
    /// them since.
    pub(super) fn take_back(&mut self) {
        let dirty = self.ledger.repository.dirty.as_ref();
        let listed = dirty.map_or(0, |(_, cite)| cite.tick);
        let mut calls: BTreeMap<&str, Vec<Option<usize>>> = BTreeMap::new();
        for Edited { path, cite, call } in &self.edited {
            // What git listed behind an edit it knows better.
            let call = call.filter(|_| cite.tick >= listed);
            calls.entry(path).or_default().push(call);
        }
        let mut back = Vec::new();
        for (path, calls) in calls {
            let file = self.files.get(path);
            let pending = file.map_or(0, |file| file.pending as usize);
            let since = calls.len().checked_sub(pending);
            if since.is_some_and(|since| pending > 0 && self.cancel(&calls[since..])) {
                back.push(path.to_owned());
            }
        }
        if !back.is_empty() {
            let gone = self.files.restore(&back);
            let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
            self.names.forget_lines(&gone);
        }
    }

    /// Finds for every completed task where it is seen to be done. One that only runs checks is done when they passed, too:
    /// its mark is the last thing that gets forgotten.
    pub(super) fn prove_tasks(&mut self) {
        let tasks = self.ledger.tasks.iter();
        let found: Vec<(Status, Option<Cite>)> = tasks
            .map(|task| match task.status {
                Status::Completed => (Status::Completed, self.proof(task)),
                Status::InProgress => match self.checks_ran(task) {
                    Some(ran) => (Status::Completed, Some(ran)),
                    None => (Status::InProgress, None),
                },
                status => (status, None),
            })
            .collect();
        for (task, (status, proof)) in self.ledger.tasks.iter_mut().zip(found) {
            (task.status, task.proof) = (status, proof);
        }
    }

    /// Where the last check passed that `task` names, if it names nothing but checks, and all of them passed since it was
    /// begun and on the code as it is.
    fn checks_ran(&self, task: &Task) -> Option<Cite> {
        let since = task.begun.as_ref().unwrap_or(&task.made);
        let words = task.subject.split(|c: char| !c.is_alphanumeric());
        let mut passed: Option<&Cite> = None;
        for word in words.filter(|word| !word.is_empty()) {
            let family = match word.to_lowercase().as_str() {
                "test" | "tests" => Family::Test,
                "lint" | "linter" | "linting" => Family::Lint,
                "fmt" | "format" | "formatting" => Family::Format,
                "build" => Family::Build,
                "run" | "and" | "the" | "all" | "full" | "suite" => continue,
                _ => return None,
            };
            let green = self.green().filter(|(check, run)| {
                let current = family == Family::Format || run.edits_before == self.ledger.edits;
                check.family == family && current && run.cite.at > since.at
            });
            let last = green
                .map(|(_, run)| &run.cite)
                .max_by_key(|cite| (cite.tick, cite.at))?;
            passed = passed.filter(|known| known.at > last.at).or(Some(last));
        }
        passed.cloned()
    }

    /// Where `task` is seen to be done: a check passed while it was at work; its tracker says so; what it edited passed
    /// tests later; or the tools' answers show that what its subject names was written, read or removed.
    fn proof(&self, task: &Task) -> Option<Cite> {
        let passed = self
            .green()
            .map(|(_, run)| &run.cite)
            .filter(|cite| cite.place() >= task.made.place() && cite.place() <= task.last.place());
        if let Some(cite) = passed.max_by_key(|cite| cite.place()) {
            return Some(cite.clone());
        }
        if task.tracked {
            return Some(task.last.clone());
        }
        let from = task.begun.as_ref().unwrap_or(&task.made).tick;
        let own: Vec<&Edited> = self
            .edited
            .iter()
            .filter(|edit| (from..=task.last.tick).contains(&edit.cite.tick))
            .collect();
        let Some(Edited { cite: last, .. }) = own.last() else {
            return self.shown(task, from);
        };
        let tested = self.ledger.checks.iter();
        let tested = tested.into_iter().any(|check| check.family == Family::Test);
        self.green()
            .filter(|(check, run)| {
                let proves = match tested {
                    true => check.family == Family::Test,
                    false => !matches!(check.family, Family::Run | Family::Deploy | Family::Format),
                };
                proves
                    && run.cite.place() > last.place()
                    && own.iter().any(|edit| check.scope.reaches(&edit.path))
            })
            .map(|(_, run)| &run.cite)
            .min_by_key(|cite| cite.place())
            .cloned()
    }

    fn green(&self) -> impl Iterator<Item = (&super::super::Check, &Run)> {
        let checks = self.ledger.checks.iter();
        checks
            .flat_map(|check| check.runs.iter().map(move |run| (check, run)))
            .filter(|(_, run)| run.verdict == Verdict::Green)
    }

    /// The answer that shows what became of a file which no check proves, and which the subject of `task` names.
    fn shown(&self, task: &Task, from: u32) -> Option<Cite> {
        let named = |path: &str| {
            let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
            let class = self
                .files
                .get(&self.paths.show(path))
                .map(|file| file.class);
            !matches!(class, Some(Class::Code | Class::Test))
                && name.contains('.')
                && task.subject.split_whitespace().any(|word| {
                    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
                    word.rsplit('/').next() == Some(name)
                })
        };
        let calls = self.session.calls.iter().rev();
        let mut calls = calls.filter(|call| {
            call.live
                && call.agent.is_none()
                && call.outcome == Outcome::Ok
                && (from..=task.last.tick).contains(&call.tick)
        });
        let call = calls.find(|call| match &call.input {
            Input::Read { path } | Input::Edit { path, .. } | Input::Write { path, .. } => {
                named(path)
            }
            Input::Shell { command, .. } => crate::extract::command::parse(command)
                .iter()
                .any(|simple| simple.program() == "rm" && simple.operands().any(named)),
            _ => false,
        })?;
        Some(Cite::of_call(call))
    }
}
