//! What is done, with its evidence: tasks, commits, resolved failures, new files.

use super::Room;
use super::item::{Fact, Item, Kind, Line, Part, Trust};
use crate::extract::words::counted;
use crate::ledger::{Commit, State, Status};

impl Room<'_> {
    pub(super) fn done(&mut self) {
        self.commits();
        self.created();
        self.completed();
        self.resolved();
    }

    fn commits(&mut self) {
        let ledger = self.ledger;
        let commits = &ledger.repository.commits;
        // What was picked onto another branch, or rebased, stands once: as it is now.
        let again = |index: usize| {
            let (commit, later) = (&commits[index], &commits[index + 1..]);
            let same =
                |other: &Commit| other.subject == commit.subject && other.totals == commit.totals;
            commit.totals.is_some() && later.iter().any(same)
        };
        let told = (0..commits.len()).rev().filter(|index| !again(*index));
        for (back, commit) in told.map(|index| &commits[index]).take(10).enumerate() {
            let hash = self.gate.verbatim(&commit.hash, 40);
            let subject = self.words(&commit.subject, 120);
            let mut facts = self.facts.told(&subject);
            facts.push((Fact::Name(hash.clone()), 0.005));
            let mut line = Line::new()
                .own("commit ")
                .code(hash)
                .own(" ")
                .quote(subject);
            if let Some((files, added, removed)) = commit.totals {
                let files = counted(files, "file");
                line = line.own(format!(", {files}, +{added} -{removed}"));
            }
            let piece = line
                .cites(std::iter::once(&commit.cite).chain(&commit.shown))
                .telling(0.03 / (1.0 + back as f64 / 8.0), facts);
            self.add(Item::new(
                Part::Done,
                Kind::Commit,
                Trust::Observed,
                "done",
                1.0 + back as f64 / 100.0,
                piece,
            ));
        }
    }

    /// The files that the session made, the newest first: not to be made again.
    fn created(&mut self) {
        const MOST: usize = 8;
        let ledger = self.ledger;
        let mut made: Vec<_> = ledger
            .files
            .iter()
            .filter(|file| file.created && !file.deleted && is_within(&file.path))
            .collect();
        made.sort_by_key(|file| std::cmp::Reverse((file.last.tick, file.last.at)));
        let mut item: Option<Item> = None;
        for file in made.into_iter().take(MOST) {
            let path = self.path(&file.path);
            let made = file.made.as_ref().unwrap_or(&file.last);
            let fact = Fact::File(file.path.clone());
            let facts = vec![(fact.clone(), self.facts.of(&fact))];
            match &mut item {
                None => {
                    let line = Line::new().own("made: ").name(path).cite(made);
                    let piece = line.telling(0.01, facts);
                    item = Some(Item::new(
                        Part::Done,
                        Kind::File,
                        Trust::Observed,
                        "done",
                        1.5,
                        piece,
                    ));
                }
                Some(item) => {
                    let line = Line::new().own(", ").name(path).cite(made);
                    item.pieces.push(line.telling(0.002, facts));
                }
            }
        }
        if let Some(item) = item {
            self.add(item);
        }
    }

    /// The completed tasks, newest first, on one line.
    fn completed(&mut self) {
        let ledger = self.ledger;
        let mut item: Option<Item> = None;
        let done = ledger
            .tasks
            .iter()
            .rev()
            .filter(|task| task.status == Status::Completed);
        for (back, task) in done.enumerate() {
            let subject = self.words(&task.subject, 140);
            let facts = self.facts.told(&subject);
            let mut line = Line::new().own(if item.is_none() { "tasks done: " } else { "; " });
            if let Some(mark) = task.mark() {
                line = line.code(self.gate.verbatim(&mark, 30));
                line = line.own(if task.is_named() { " " } else { "" });
            }
            if task.is_named() {
                line = line.quote(subject);
            }
            line = match &task.proof {
                Some(proof) => line.cites([&task.last, proof]),
                None => line.own(" claimed").cite(&task.last),
            };
            let piece = line.telling(0.02 / (1.0 + back as f64 / 4.0), facts);
            match &mut item {
                None => {
                    item = Some(Item::new(
                        Part::Done,
                        Kind::Task,
                        Trust::Claimed,
                        "done",
                        2.0,
                        piece,
                    ))
                }
                Some(item) => item.pieces.push(piece),
            }
        }
        if let Some(item) = item {
            self.add(item);
        }
    }

    fn resolved(&mut self) {
        let ledger = self.ledger;
        let resolved = ledger
            .failures
            .iter()
            .rev()
            .filter(|failure| failure.is_product() && !failure.hit.sums_up);
        for (back, failure) in resolved
            .filter(|failure| matches!(failure.state, State::Resolved { .. }))
            .take(6)
            .enumerate()
        {
            let State::Resolved { by, at } = &failure.state else {
                continue;
            };
            // One round from red to green is the ordinary course of work.
            if failure.count < 2 {
                continue;
            }
            let what = self.words(
                failure.hit.test.as_deref().unwrap_or(&failure.hit.what),
                120,
            );
            let by = self.gate.verbatim(by, 80);
            let facts = self.facts.told(&what);
            let line = Line::new()
                .own("resolved: ")
                .quote(what)
                .own(", clean by ")
                .code(by)
                .cites([&failure.last, at]);
            let piece = line.telling(0.004 * self.recency(at.tick), facts);
            self.add(Item::new(
                Part::Done,
                Kind::Failure,
                Trust::Observed,
                "resolved",
                3.0 + back as f64 / 100.0,
                piece,
            ));
        }
    }
}

/// True for a path below the session's folder: no absolute one, and none on a drive.
fn is_within(path: &str) -> bool {
    !path.starts_with(['/', '~', '$']) && path.as_bytes().get(1) != Some(&b':')
}
