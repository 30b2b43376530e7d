//! What is open, most valuable first: requests and questions, failures, tasks, next steps.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Room;
use super::asked::is_routine;
use super::item::{Fact, Item, Kind, Line, PINNED, Part, Trust};
use crate::extract::finding::Saying;
use crate::extract::words::{content, counted, sentences};
use crate::ledger::{Check, Failure, FileState, Ledger, Sentence, Status, Task, fingerprint};
use crate::session::Body;

/// Failures of the work that stand, newest first.
pub(super) fn open_failures(ledger: &Ledger) -> Vec<&Failure> {
    let mut open: Vec<&Failure> = ledger
        .failures
        .iter()
        .filter(|failure| failure.is_open() && failure.is_product())
        .filter(|failure| !is_told_by_its_tests(failure, ledger))
        .collect();
    open.sort_by_key(|failure| std::cmp::Reverse((failure.last.tick, failure.last.at)));
    open
}

/// True of a package that failed, of which a later run named the tests.
fn is_told_by_its_tests(failure: &Failure, ledger: &Ledger) -> bool {
    let package = failure.hit.package.as_ref().filter(|_| failure.hit.sums_up);
    let names = |other: &&Failure| {
        other.is_open()
            && other.hit.test.is_some()
            && other.hit.package.as_ref() == package
            && other.last.place() > failure.last.place()
    };
    package.is_some() && ledger.failures.iter().any(|other| names(&other))
}

impl<'a> Room<'a> {
    pub(super) fn focus(&mut self) {
        self.question();
        self.requests();
        self.review();
        self.failures();
        self.tasks();
        self.next_steps();
    }

    /// Open failures, together by the command that showed them, the newest first.
    fn failures(&mut self) {
        const GROUPS: usize = 5;
        const EACH: usize = 12;
        // Tests that are named behind the one whose failure is told: all if they are few, else some, for their number is told.
        const FEW: usize = 5;
        const SOME: usize = 3;
        let ledger = self.ledger;
        let mut groups: Vec<(&str, Vec<&Failure>)> = Vec::new();
        for failure in open_failures(ledger) {
            match groups
                .iter_mut()
                .find(|(command, _)| *command == failure.command)
            {
                Some((_, group)) => group.push(failure),
                None => groups.push((&failure.command, vec![failure])),
            }
        }
        for (rank, (command, mut group)) in groups.into_iter().take(GROUPS).enumerate() {
            // What names a test or a place says more than the line that sums up.
            group.sort_by_key(|failure| {
                (
                    failure.hit.test.is_none() && failure.hit.file.is_none(),
                    // What was edited since may be mended.
                    self.is_worked_on(failure),
                    failure.first.at,
                )
            });
            let newest = group
                .iter()
                .map(|failure| failure.last.tick)
                .max()
                .unwrap_or(0);
            let worth = 0.05 * self.recency(newest) / (1.0 + rank as f64);
            let command = self.gate.verbatim(command, 80);
            let count = group.len();
            let word = group
                .first()
                .map_or("", |failure| failure.hit.class.as_str());
            let by_user = group.iter().all(|failure| failure.by_user);
            // The output shows some of them, and says how many there are.
            let all = shown_in(ledger, &group);
            let head = match all > count {
                true => format!("{count} of {}", counted(all, &format!("{word} failure"))),
                false => counted(count, &format!("{word} failure")),
            };
            let folder = folder_of(ledger, &group).filter(|folder| !command.contains(folder));
            let folder = folder.map(|folder| self.gate.verbatim(folder, 120));
            let mut item: Option<Item> = None;
            for (index, pattern) in patterns(&group).into_iter().take(EACH).enumerate() {
                let failure = pattern[0];
                // Of what may be mended, one tells what it was.
                if index > 0 && pattern.iter().all(|failure| self.is_worked_on(failure)) {
                    continue;
                }
                let mut lead = match item {
                    None => {
                        let mut line = Line::new().own(head.clone());
                        if let Some(folder) = &folder {
                            line = line.own(" in ").code(folder.clone());
                        }
                        if !command.is_empty() {
                            line = line.own(" by ").code(command.clone());
                        }
                        if by_user {
                            line = line.own(", shown by the user");
                        }
                        line.own(": ")
                    }
                    Some(_) => Line::new().below(),
                };
                if pattern.len() > 1 {
                    lead = lead.own(format!("{}× ", pattern.len()));
                }
                let what = self.words(failure.hit.what.trim_start_matches(['-', ' ']), 200);
                let mut facts = self.facts.told(&what);
                facts.push((
                    Fact::State(failure.fingerprint.clone()),
                    worth / (1.0 + index as f64 / 2.0),
                ));
                let mut line = self.failure(lead, failure, what);
                let others: Vec<&str> = pattern[1..]
                    .iter()
                    .filter_map(|failure| failure.hit.test.as_deref())
                    .collect();
                let named = if others.len() > FEW { SOME } else { FEW };
                for other in others.iter().take(named) {
                    let test = self.gate.verbatim(other, 120);
                    line = line.own(", also ").code(test);
                }
                // What fails now is never left out for what is merely in use.
                let pinned = rank == 0 && index < 2;
                let own = if pinned {
                    PINNED + 510.0 - 20.0 * index as f64
                } else {
                    0.01
                };
                let piece = line.cite(&failure.last).telling(own, facts);
                match &mut item {
                    None => {
                        let order = 2.0 + rank as f64 / 100.0;
                        item = Some(Item::new(
                            Part::Focus,
                            Kind::Failure,
                            Trust::Observed,
                            "open",
                            order,
                            piece,
                        ));
                    }
                    Some(item) => item.pieces.push(piece),
                }
            }
            if let Some(item) = item {
                self.add(item);
            }
        }
    }

    /// The words of a failure, its test and its place where the words do not hold them.
    fn failure(&mut self, line: Line, failure: &Failure, what: String) -> Line {
        let mut line = line;
        if let Some(test) = failure
            .hit
            .test
            .as_deref()
            .filter(|test| !what.contains(*test))
        {
            let test = self.gate.verbatim(test, 120);
            line = line.own("FAIL ").code(test).own(": ");
        }
        let named = |file: &&str| what.contains(file.rsplit('/').next().unwrap_or(file));
        let place = failure.hit.file.as_deref().filter(|file| !named(file));
        line = line.quote(what.clone());
        if let Some(file) = place {
            let file = self.path(file);
            line = line.own(" in ").code(match failure.hit.line {
                Some(number) => format!("{file}:{number}"),
                None => file,
            });
        }
        // The test's own name tells the file, not the line.
        if let (None, Some(number)) = (place, failure.hit.line)
            && !what.contains(&number.to_string())
        {
            line = line.own(format!(" at line {number}"));
        }
        if failure.count > 1 {
            line = line.own(format!(", shown {}×", failure.count));
        }
        if self.is_worked_on(failure) {
            line = line.own(", its file edited since");
        }
        line
    }

    /// True if what a linter or a compiler shows lies in a file that was edited since: it may be mended.
    fn is_worked_on(&self, failure: &Failure) -> bool {
        let is_its = |file: &FileState| {
            file.edits > 0
                && Some(file.path.as_str()) == failure.hit.file.as_deref()
                && file.last.place() > failure.last.place()
        };
        failure.hit.test.is_none() && self.ledger.files.iter().any(is_its)
    }

    /// `text` without its sentences that tell of what a task before it was for.
    fn not_done<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.ledger.tells_of_done(text) {
            return Cow::Borrowed(text);
        }
        let mut open = sentences(text);
        open.retain(|sentence| !self.ledger.tells_of_done(sentence));
        Cow::Owned(open.join(" "))
    }

    fn tasks(&mut self) {
        let ledger = self.ledger;
        let open: Vec<&Task> = ledger
            .tasks
            .iter()
            .filter(|task| matches!(task.status, Status::InProgress | Status::Pending))
            // The checks tell of it, and the counts name it.
            .filter(|task| !is_routine(&task.subject))
            .collect();
        let begun_first = open
            .iter()
            .filter(|task| task.status == Status::InProgress)
            .chain(open.iter().filter(|task| task.status == Status::Pending));
        for (rank, task) in begun_first.enumerate() {
            let subject = self.words(&task.subject, 160);
            let begun = task.status == Status::InProgress;
            let mut facts = self.facts.told(&subject);
            facts.push((
                Fact::State(task.subject.clone()),
                if begun { 0.10 } else { 0.05 },
            ));
            let mut line = Line::new().own(if begun {
                "task in progress"
            } else {
                "task pending"
            });
            if let Some(mark) = task.mark() {
                line = line.own(" ").code(self.gate.verbatim(&mark, 30));
            }
            if task.is_named() {
                line = line.own(": ").quote(subject);
            }
            if let Some(done) = &task.handed_in {
                line = line.own(", which a subagent marked as done").cite(done);
            }
            if !task.blocked_by.is_empty() {
                let ids: Vec<String> = task
                    .blocked_by
                    .iter()
                    .map(|id| format!("#{}", self.gate.verbatim(id, 20)))
                    .collect();
                line = line.own(", after ").code(ids.join(" "));
            }
            let worth = if rank < 12 {
                PINNED + 500.0 - rank as f64
            } else {
                0.02
            };
            let status = if begun { "in progress" } else { "pending" };
            let piece = line.cite(&task.last).telling(worth, facts);
            let mut item = Item::new(
                Part::Focus,
                Kind::Task,
                Trust::Claimed,
                status,
                3.0 + rank as f64 / 100.0,
                piece,
            );
            let described = !task.description.is_empty() && task.description != task.subject;
            if described && task.handed_in.is_none() {
                let open = self.not_done(&task.description);
                let text = self.words(&open, if begun { 600 } else { 240 });
                let facts = self.facts.told(&text);
                if !open.is_empty() {
                    let line = Line::new().own(": ").quote(text);
                    item.pieces.push(line.telling(0.004, facts));
                }
            }
            self.add(item);
        }
        for task in ledger
            .tasks
            .iter()
            .filter(|task| task.status == Status::Dropped && !task.replanned)
            .filter(|task| !is_routine(&task.subject))
            .filter(|task| !is_reworded(ledger, task))
            .rev()
            .take(4)
        {
            let subject = self.words(&task.subject, 120);
            let line = Line::new()
                .own("dropped from the list unfinished: ")
                .quote(subject)
                .cite(&task.last);
            self.add(Item::new(
                Part::Focus,
                Kind::Task,
                Trust::Claimed,
                "dropped",
                5.0,
                line.piece(0.006 * self.recency(task.last.tick)),
            ));
        }
    }

    /// What the agent said was to come, where it said so last.
    fn next_steps(&mut self) {
        for (rank, step) in self.next_up().into_iter().enumerate() {
            let items: Vec<&str> = step.text.lines().map(unmarked).collect();
            let text = self.words(&items.join("; "), 300);
            let facts = self.facts.told(&text);
            let many = if items.len() > 1 { "s" } else { "" };
            let line = Line::new()
                .own(format!("the agent's next step{many}: "))
                .quote(text)
                .cite(&step.cite);
            self.add(Item::new(
                Part::Focus,
                Kind::Step,
                Trust::Claimed,
                "open",
                4.0 + rank as f64 / 10.0,
                line.telling(0.01, facts),
            ));
        }
    }

    /// The steps that the agent named in the last turn, the last first.
    pub(super) fn next_up(&self) -> Vec<&'a Sentence> {
        const STEPS: usize = 4;
        // What was to come many calls ago has come.
        const SOON: u32 = 12;
        let (ledger, session) = (self.ledger, self.session);
        let last_turn = session
            .timeline
            .iter()
            .rev()
            .find(|event| matches!(event.body, Body::Prompt(_)))
            .map_or(0, |event| event.tick);
        // A step that names nothing is the generic kind that nobody needs.
        let names_something = |step: &Sentence| {
            let facts = self.facts.told(&step.text);
            let of_the_log = |fact: &Fact| matches!(fact, Fact::File(_) | Fact::Name(_));
            step.text.contains('`') || facts.iter().any(|(fact, _)| of_the_log(fact))
        };
        let steps = ledger.sentences.iter().rev().filter(|step| {
            !step.by_user
                && step.kind == Some(Saying::NextStep)
                && step.cite.tick >= last_turn
                && step.cite.tick + SOON >= ledger.now
        });
        steps
            .take(STEPS)
            .filter(|step| names_something(step))
            .collect()
    }
}

/// A line of a list without its mark.
pub(super) fn unmarked(line: &str) -> &str {
    let line = line.trim();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match number.strip_prefix(['.', ')']) {
        Some(rest) if number.len() < line.len() => rest.trim_start(),
        _ => line.trim_start_matches(['-', '*', '•']).trim_start(),
    }
}

/// How many tasks vanished from the list unfinished: they were to be done, too.
pub(super) fn vanished(ledger: &Ledger) -> usize {
    let dropped = ledger.tasks.iter();
    let dropped = dropped.filter(|task| task.status == Status::Dropped && !task.replanned);
    dropped.filter(|task| !is_reworded(ledger, task)).count()
}

/// True if a dropped task went on under other words: another task, not given up, has most of its own.
pub(super) fn is_reworded(ledger: &Ledger, dropped: &Task) -> bool {
    const MOST: f64 = 0.5;
    let words = |task: &Task| content(&task.subject).collect::<BTreeSet<String>>();
    let own = words(dropped);
    let kept = |task: &&Task| !matches!(task.status, Status::Dropped | Status::Deleted);
    let shared = |task: &Task| words(task).intersection(&own).count() as f64;
    let mut tasks = ledger.tasks.iter().filter(kept);
    !own.is_empty() && tasks.any(|task| shared(task) >= MOST * own.len() as f64)
}

/// How many failures the run that showed all of `group` counts, where it says so.
pub(super) fn shown_in(ledger: &Ledger, group: &[&Failure]) -> usize {
    let shows = |check: &&Check| {
        let mut group = group.iter().peekable();
        group.peek().is_some()
            && group.all(|it| {
                it.command == check.command && check.last().failures.contains(&it.fingerprint)
            })
    };
    let counted = ledger.checks.iter().filter(shows).filter_map(|check| {
        let counts = &check.last().counts;
        counts.failed.or(counts.errors)
    });
    usize::try_from(counted.max().unwrap_or(0)).unwrap_or(usize::MAX)
}

/// The folder of the package that all of `group` failed in, if the session worked there: the name of a package begins with
/// that of its module.
fn folder_of<'f>(ledger: &Ledger, group: &[&'f Failure]) -> Option<&'f str> {
    let package = group.first()?.hit.package.as_deref()?;
    let elsewhere = |failure: &&Failure| failure.hit.package.as_deref() != Some(package);
    if group.iter().any(elsewhere) {
        return None;
    }
    let holds = |folder: &str| {
        let inside = |file: &FileState| {
            let rest = file.path.strip_prefix(folder);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        ledger.files.iter().any(inside)
    };
    let starts = package.match_indices('/').map(|(at, _)| at + 1);
    let mut folders = std::iter::once(0).chain(starts).map(|at| &package[at..]);
    folders.find(|folder| holds(folder))
}

/// The failures of one command by what is wrong, in the order of their first: twenty tests that miss one argument have
/// one cause.
fn patterns<'f>(group: &[&'f Failure]) -> Vec<Vec<&'f Failure>> {
    let mut patterns: Vec<(String, Vec<&Failure>)> = Vec::new();
    for failure in group {
        let message = failure
            .hit
            .message
            .as_deref()
            .filter(|_| failure.hit.test.is_some());
        let key = message.map_or_else(|| failure.fingerprint.clone(), fingerprint);
        match patterns.iter_mut().find(|(known, _)| *known == key) {
            Some((_, pattern)) => pattern.push(failure),
            None => patterns.push((key, vec![failure])),
        }
    }
    patterns.sort_by_key(|(_, pattern)| std::cmp::Reverse(pattern.len()));
    patterns.into_iter().map(|(_, pattern)| pattern).collect()
}
