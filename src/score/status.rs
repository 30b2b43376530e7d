//! Where things stand: the checks, the counts, what is in flight.

use super::Room;
use super::approach::is_talk;
use super::asked::is_routine;
use super::focus;
use super::item::{Fact, Item, Kind, Line, PINNED, Part, Trust};
use super::state::{StateWord, in_numbers, is_only_built, shown, shown_by_user, unproven};
use super::title::{Target, counted_tasks};
use crate::extract::finding::{Family, Verdict};
use crate::extract::words::counted;
use crate::ledger::{Check, Cite, FileState, Ledger, Run, Sentence, Status};
use crate::session::{End, Input, Outcome, ToolCall};

impl Room<'_> {
    /// The commands of the checks that the status shows.
    pub(super) fn shown_checks(&self) -> Vec<String> {
        shown(self.ledger)
            .into_iter()
            .map(|check| check.command.clone())
            .collect()
    }

    pub(super) fn status(&mut self, state: StateWord, target: &Target) {
        let ledger = self.ledger;
        self.state_line(state);
        let mut families: Vec<Family> = Vec::new();
        for (rank, check) in shown(ledger).into_iter().enumerate() {
            let first = !families.contains(&check.family);
            families.push(check.family);
            self.check_line(check, rank, first, state);
        }
        self.counts(target);
        self.in_flight();
        self.account();
    }

    fn state_line(&mut self, state: StateWord) {
        let ledger = self.ledger;
        let mut line = Line::new().own(state.word());
        let ended = match ledger.end {
            End::Finished => "",
            other => super::ended(other),
        };
        if !ended.is_empty() {
            line = line.own(", ").own(ended);
        }
        let shown = shown_by_user(ledger);
        let over = ledger.end == End::Finished;
        if let (StateWord::Unverified, Some(shown)) = (state, shown) {
            line = line
                .own(": the user showed a failure, and nothing passed since")
                .cite(&shown.last);
        } else if state == StateWord::Unverified {
            let none = match ledger.checks.iter().next() {
                Some(_) => "no check said how it went",
                None => "no check was run",
            };
            line = match (ledger.checks.newest(), ledger.edits_since_check) {
                (None, 0) if over && ledger.files.iter().all(FileState::is_as_it_was) => {
                    line.own(": nothing was changed, ").own(none)
                }
                (None, 0) if over && ledger.checks.iter().next().is_none() => {
                    line.own(": only documents were changed")
                }
                (None, 0) => line.own(": ").own(none),
                (None, _) => line.own(": no check was run after the edits"),
                (Some(_), 0) => match unproven(ledger) {
                    Some(check) => {
                        let command = self.gate.verbatim(&check.command, 80);
                        line.own(": ")
                            .code(command)
                            .own(" failed, and only narrower runs passed since")
                    }
                    None if is_only_built(ledger) => line.own(": it was built, not tested"),
                    None => line,
                },
                (Some(_), edits) => {
                    let files = counted(ledger.files_since_check.len(), "file");
                    let last = ledger.last_proof();
                    let edits = counted(edits, "edit");
                    line.own(format!(": {edits} in {files} since the last {last}"))
                }
            };
        }
        if let Some(last) = &ledger.last {
            line = line.cite(last);
        }
        self.add(Item::new(
            Part::Status,
            Kind::State,
            Trust::Observed,
            state.word(),
            0.0,
            line.piece(PINNED + 800.0),
        ));
    }

    fn check_line(&mut self, check: &Check, rank: usize, first_of_family: bool, state: StateWord) {
        let run = check.last();
        let red = run.verdict == Verdict::Red;
        let command = self.gate.verbatim(&check.command, 160);
        let mut line = Line::new()
            .own(check.family.as_str())
            .own(": ")
            .code(command);
        let numbers = in_numbers(&run.counts);
        let word = match (red, numbers.is_empty()) {
            _ if run.waits => "still running when looked at".to_owned(),
            (true, true) => "failed".to_owned(),
            (false, true) => "ok".to_owned(),
            (true, false) => format!("failed: {numbers}"),
            (false, false) => format!("ok: {numbers}"),
        };
        line = line.own(" ").own(word);
        let mut cites = vec![&run.cite];
        if let Some(first) = check.first_comparable() {
            line = line.own(format!(", at first {}", in_numbers(&first.counts)));
            cites.push(&first.cite);
        }
        let failed = check.runs.iter().filter(|run| run.verdict == Verdict::Red);
        // What the machine refused was no failure of the work.
        let of_work = |run: &&Run| {
            let shown = |print: &String| {
                let mut failures = self.ledger.failures.iter();
                failures.any(|failure| failure.fingerprint == *print && failure.is_product())
            };
            run.failures.is_empty() || run.failures.iter().any(shown)
        };
        let failed = failed.filter(of_work).count();
        // A run that counted its failures is told by them.
        let told = check
            .first_comparable()
            .and_then(|first| first.counts.failed);
        if !red && failed > 0 && (failed > 1 || told.is_none()) {
            line = line.own(
                match check
                    .runs
                    .iter()
                    .position(|run| run.verdict != Verdict::Red)
                {
                    // It was mended, once.
                    Some(first) if first == failed => {
                        format!(", after {} that failed", counted(failed, "run"))
                    }
                    _ => format!(", failed {failed} of {} runs", check.told_runs()),
                },
            );
        }
        let edits = self.ledger.edits_since(run);
        // The line of the state says how many came after the last check, or the last tests.
        let said = state == StateWord::Unverified && edits == self.ledger.edits_since_check;
        let said = said && (check.family == Family::Test || self.ledger.last_proof() == "check");
        if edits > 0 && !said {
            line = line.own(format!(", {} since", counted(edits, "edit")));
        }
        line = line.cites(cites);
        let command = Fact::Command(check.command.clone());
        let told = self.facts.of(&command);
        let worth = match (red, first_of_family, rank) {
            (_, true, 0) => PINNED + 780.0,
            (true, _, _) if rank < 3 => PINNED + 700.0 - rank as f64,
            (true, _, _) => 0.04,
            // That it is formatted is what nobody asks.
            (_, true, _) if check.family == Family::Format => 0.02,
            (_, true, _) => 0.06,
            _ => 0.01,
        };
        let order = 1.0 + rank as f64 / 100.0;
        let item = Item::new(
            Part::Status,
            Kind::Check,
            Trust::Observed,
            if red { "red" } else { "green" },
            order,
            line.telling(worth, vec![(command, told)]),
        );
        self.add(item);
    }

    fn counts(&mut self, target: &Target) {
        let ledger = self.ledger;
        let tasks: Vec<_> = counted_tasks(ledger).collect();
        if let Some(last) = tasks
            .iter()
            .map(|task| &task.last)
            .max_by_key(|cite| (cite.tick, cite.at))
        {
            let count = |status| tasks.iter().filter(|task| task.status == status).count();
            let (done, begun, open) = (
                count(Status::Completed),
                count(Status::InProgress),
                count(Status::Pending),
            );
            let vanished = focus::vanished(ledger);
            let mut text = format!("tasks {done}/{} completed", tasks.len() + vanished);
            if begun > 0 {
                text.push_str(&format!(", {begun} in progress"));
            }
            if open > 0 {
                text.push_str(&format!(", {open} pending"));
            }
            if vanished > 0 {
                text.push_str(&format!(", {vanished} dropped from the list unfinished"));
            }
            if begun + open == 0 && ledger.asked_since(last) {
                text.push_str(", of what was asked before");
            }
            // Open steps of any work are named here; what else is open stands under the key areas.
            let mut line = Line::new().own(text);
            let mut facts = Vec::new();
            for task in tasks
                .iter()
                .filter(|task| matches!(task.status, Status::InProgress | Status::Pending))
                .filter(|task| is_routine(&task.subject))
                .take(3)
            {
                let subject = self.words(&task.subject, 100);
                facts.push((Fact::State(task.subject.clone()), 0.05));
                line = line.own(", open ").quote(subject);
            }
            let said = target.counts_tasks && facts.is_empty();
            let worth = if begun + open + vanished > 0 && !said {
                PINNED + 600.0
            } else {
                0.02
            };
            self.add(Item::new(
                Part::Status,
                Kind::Tasks,
                Trust::Claimed,
                "",
                2.0,
                line.cite(last).telling(worth, facts),
            ));
        }
        let uncommitted: Vec<_> = ledger
            .files
            .iter()
            .filter(|file| file.uncommitted && !file.deleted && file.edits > 0)
            .collect();
        let commits = &ledger.repository.commits;
        // Git's own list holds what other tools changed, too.
        let listed = ledger.repository.dirty.as_ref();
        let others = ledger.repository.others(&ledger.files);
        let changed = uncommitted.len() + others.len();
        if commits.is_empty() && changed > 0 {
            let new = uncommitted.iter().filter(|file| file.created).count();
            let (own, more) = (uncommitted.len(), others.len());
            let here = if own > 0 && more > 0 {
                " edited here"
            } else {
                ""
            };
            let what = match new {
                0 => counted(own, "file") + here,
                new if new == own => counted(new, "new file") + here,
                new => format!("{}{here}, {new} of them new", counted(own, "file")),
            };
            let what = match (own, more) {
                (_, 0) => what,
                (0, _) => format!("{} that git lists, none edited here", counted(more, "file")),
                _ => format!("{what}; git lists {more} more"),
            };
            let line = Line::new().own("not committed: ").own(what);
            let last = uncommitted.iter().map(|file| &file.last);
            let last = last.max_by_key(|cite| (cite.tick, cite.at));
            let cites = listed.map(|(_, cite)| cite).into_iter().chain(last);
            self.add(Item::new(
                Part::Status,
                Kind::Commit,
                Trust::Observed,
                "open",
                2.5,
                line.cites(cites).piece(0.04),
            ));
        }
        if let Some(last) = commits.last() {
            let hash = self.gate.verbatim(&last.hash, 40);
            let pushed = match (last.stale, last.pushed) {
                (false, true) => "pushed",
                (false, false) => "not pushed as far as the log shows",
                (true, true) => "before a rebase, pushed since",
                (true, false) => "before a rebase, not pushed since as far as the log shows",
            };
            let mut line = Line::new()
                .own(format!(
                    "{} this session, last ",
                    counted(commits.len(), "commit")
                ))
                .code(hash.clone())
                .own(format!(" {pushed}"));
            // Only what was edited after it was changed since it; the rest it left out.
            let after = |cite: &Cite| (cite.tick, cite.at) > (last.cite.tick, last.cite.at);
            let (since, before): (Vec<&FileState>, Vec<&FileState>) =
                uncommitted.iter().partition(|file| after(&file.last));
            let mut cites = vec![&last.cite];
            cites.extend(&last.shown);
            if !since.is_empty() {
                let files = counted(since.len(), "file");
                line = line.own(format!("; {files} changed since"));
                cites.extend(
                    since
                        .iter()
                        .map(|file| &file.last)
                        .max_by_key(|cite| cite.tick),
                );
            }
            let left: Vec<&str> = before
                .iter()
                .map(|file| file.path.as_str())
                .chain(others)
                .collect();
            if !left.is_empty() {
                line = line.own(if since.is_empty() { "; " } else { ", " });
                match left.as_slice() {
                    [_] | [_, _] => {
                        for (index, path) in left.iter().enumerate() {
                            let lead = if index == 0 {
                                "uncommitted too: "
                            } else {
                                ", "
                            };
                            let path = self.path(path);
                            line = line.own(lead).name(path);
                        }
                    }
                    _ => {
                        let files = counted(left.len(), "file");
                        line = line.own(format!("{files} uncommitted too"));
                    }
                }
                let shown = before.iter().map(|file| &file.last);
                let shown = shown.chain(listed.map(|(_, cite)| cite));
                cites.extend(shown.max_by_key(|cite| cite.tick));
            }
            let facts = self.facts.told(&hash);
            let piece = line.cites(cites).telling(0.04, facts);
            self.add(Item::new(
                Part::Status,
                Kind::Commit,
                Trust::Observed,
                "",
                2.5,
                piece,
            ));
        }
    }

    fn in_flight(&mut self) {
        let ledger = self.ledger;
        for off in ledger.broken_off.iter().rev().take(2) {
            let command = self.gate.verbatim(&off.command, 160);
            let line = Line::new()
                .own("did not come to its end: ")
                .code(command)
                .own(", the user broke it off");
            self.add(Item::new(
                Part::Status,
                Kind::InFlight,
                Trust::Observed,
                "open",
                1.9,
                line.cite(&off.cite)
                    .piece(0.03 * self.recency(off.cite.tick)),
            ));
        }
        for &index in ledger.in_flight.iter().take(3) {
            let call = &self.session.calls[index];
            let what = self.call(call);
            let line = Line::new()
                .own("in flight: ")
                .own(what.0)
                .code(what.1)
                .own(", no answer yet");
            let cite = Cite::of_call(call);
            let item = Item::new(
                Part::Status,
                Kind::InFlight,
                Trust::Observed,
                "open",
                3.0,
                line.cite(&cite).piece(PINNED + 650.0),
            );
            self.add(item);
        }
        self.not_made();
        for task in ledger.background.iter().rev().take(3) {
            let what = self.gate.verbatim(&task.what, 120);
            let line = Line::new()
                .own("running in the background: ")
                .code(what)
                .cite(&task.cite);
            self.add(Item::new(
                Part::Status,
                Kind::InFlight,
                Trust::Observed,
                "open",
                3.5,
                line.piece(0.05),
            ));
        }
    }

    /// The edits that the work was cut off at, where none of them came about.
    fn not_made(&mut self) {
        if self.ledger.end == End::Finished {
            return;
        }
        let calls = self.session.calls.iter().rev();
        let calls = calls.filter(|call| call.live && call.agent.is_none());
        let answered = calls.filter(|call| call.outcome != Outcome::Missing);
        let failed: Vec<&ToolCall> = answered
            .take_while(|call| {
                let edits = matches!(call.input, Input::Edit { .. } | Input::Write { .. });
                let failed = matches!(call.outcome, Outcome::Error { .. } | Outcome::Cancelled);
                edits && failed
            })
            .collect();
        // What stood beside the one that failed was not tried.
        let tried = |call: &&&ToolCall| call.outcome != Outcome::Cancelled;
        let Some(last) = failed.iter().find(tried) else {
            return;
        };
        let (_, path) = self.call(last);
        let why = last.output.text.trim();
        let why = why.strip_prefix("<tool_use_error>").unwrap_or(why);
        let why = why.lines().next().unwrap_or_default();
        let why = self.words(why.trim_end_matches("</tool_use_error>"), 120);
        let count = match failed.len() {
            1 => "the last edit".to_owned(),
            many => format!("the last {many} edits"),
        };
        let line = Line::new()
            .own(format!("not made: {count}, in "))
            .code(path)
            .own(": ")
            .quote(why)
            .cite(&Cite::of_call(last));
        self.add(Item::new(
            Part::Status,
            Kind::InFlight,
            Trust::Observed,
            "open",
            3.1,
            line.piece(PINNED + 640.0),
        ));
    }

    /// A call in a word and its object.
    fn call(&mut self, call: &ToolCall) -> (String, String) {
        let name = self.gate.verbatim(&call.name, 60);
        match &call.input {
            Input::Shell { command, .. } => (String::new(), self.gate.verbatim(command, 120)),
            Input::Agent { description, .. } => {
                ("subagent ".to_owned(), self.gate.verbatim(description, 120))
            }
            Input::Read { path } | Input::Edit { path, .. } | Input::Write { path, .. } => {
                let path = self.path(path);
                (format!("{name} "), path)
            }
            _ => ("tool ".to_owned(), name),
        }
    }

    /// The agent's last words: its own account of where things stand.
    fn account(&mut self) {
        if self.at_last() {
            return;
        }
        let ledger = self.ledger;
        // What is to come stands among what is open.
        let next = self.next_up();
        let is_next = |said: &str| next.iter().any(|step| step.text.contains(said));
        let said: Vec<&Sentence> = ledger
            .last_words
            .iter()
            .filter(|sentence| sentence.text.chars().count() > 12 && !is_talk(&sentence.text))
            .filter(|sentence| !is_next(&sentence.text))
            .filter(|sentence| !is_refuted(ledger, sentence))
            .filter(|sentence| sentence.under.is_some() || says_something(&sentence.text))
            .take(8)
            .collect();
        if let Some(first) = said.first() {
            let told = said
                .iter()
                .map(|sentence| (sentence.text.as_str(), sentence.under.as_deref()));
            let told: Vec<_> = told.collect();
            self.quoted("the agent claims: ", &told, &first.cite, 0.04);
        }
    }

    /// An account in the agent's words, each with what its list stands under; the first of them is worth `worth`.
    pub(super) fn quoted(
        &mut self,
        lead: &str,
        said: &[(&str, Option<&str>)],
        cite: &Cite,
        worth: f64,
    ) {
        let mut item: Option<Item> = None;
        let mut known = None;
        for (text, under) in said {
            let text = self.words(text, 240);
            let facts = self.facts.told(&text);
            let mut line = Line::new().own(if item.is_some() { " " } else { lead });
            // An item of a list says little without what the list stands under.
            if let Some(above) = under.filter(|_| *under != known) {
                known = *under;
                line = line.quote(self.words(above, 140)).own(": ");
            }
            let line = line.quote(text);
            match &mut item {
                None => {
                    item = Some(Item::new(
                        Part::Status,
                        Kind::Account,
                        Trust::Claimed,
                        "",
                        4.0,
                        line.cite(cite).telling(worth, facts),
                    ));
                }
                Some(item) => item.pieces.push(line.telling(0.004, facts)),
            }
        }
        if let Some(item) = item {
            self.add(item);
        }
    }
}

/// False for a path or a name that stands by itself.
fn says_something(text: &str) -> bool {
    let mut prose = text.split('`').step_by(2);
    prose.any(|prose| prose.contains(char::is_alphabetic)) || text.matches('`').count() > 2
}

/// True if `said` is that something passes, and a check failed since.
fn is_refuted(ledger: &Ledger, said: &Sentence) -> bool {
    const CLAIMS: &[&str] = &[" pass", " green", " works", " fixed", " clean"];
    let text = said.text.to_lowercase();
    let failed = |check: &Check| {
        let run = check.last();
        run.verdict == Verdict::Red && run.cite.place() > said.cite.place()
    };
    CLAIMS.iter().any(|claim| text.contains(claim)) && ledger.checks.iter().any(failed)
}
