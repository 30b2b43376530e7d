//! Where the work is done and with what; what is to be reached, and the first step.

use std::collections::{BTreeMap, BTreeSet};

use super::Room;
use super::item::{Fact, Item, Kind, Line, PINNED, Part, Piece, Trust};
use super::status::{StateWord, decisive, is_fresh, shown_by_user};
use crate::extract::define::keyword;
use crate::extract::finding::{About, Saying, Verdict};
use crate::extract::path::{Class, is_equipment};
use crate::ledger::{Command, FileState, Ledger, Status, Task};
use crate::session::End;

/// Files that get a line of their own; the rest of the edited ones share one.
const FILES: usize = 16;
/// Files of one folder stand under its name if that saves so many bytes.
const SAVED: usize = 24;
/// Files that searches showed.
const FOUND: usize = 10;
/// Symbols to a file.
const SYMBOLS: usize = 10;
/// Symbols on the line of the file itself; the others stand below it.
const BESIDE: usize = 3;
/// Names that are given to files.
const NAMES: usize = 200;
/// Names at stake in a line of code that is told for itself: one alone may stand anywhere.
const TOGETHER: usize = 2;
/// Changed lines to a file.
const CHANGES: usize = 8;
/// Commands that get a line.
const COMMANDS: usize = 16;

impl Room<'_> {
    pub(super) fn environment(&mut self) {
        self.place();
        self.instructions();
        self.setup();
        self.commands();
        self.files();
        self.found();
        self.names();
        self.gotchas();
    }

    fn place(&mut self) {
        let mut line = Line::new();
        let cwd = self.session.cwd.as_deref().unwrap_or_default();
        let cwd = self.paths.root(cwd).to_owned();
        if !cwd.is_empty() {
            let cwd = self.gate.verbatim(&cwd, 160);
            line = line.code(cwd);
        }
        let branch = self.ledger.branch(self.session);
        let known = !cwd.is_empty() || branch.is_some();
        if let Some(branch) = branch {
            let branch = self.gate.verbatim(branch, 100);
            line = line
                .own(if cwd.is_empty() {
                    "branch "
                } else {
                    ", branch "
                })
                .code(branch);
        }
        if let Some(last) = self.ledger.last.as_ref().filter(|_| known) {
            line = line.cite(last);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                0.0,
                line.piece(PINNED + 400.0),
            ));
        }
    }

    /// Standing rules in the user's own words: pinned, since what dies silently is what was ruled.
    fn instructions(&mut self) {
        let ledger = self.ledger;
        let rules = ledger
            .sentences
            .iter()
            .rev()
            .filter(|s| s.by_user && s.kind == Some(Saying::Instruction) && ledger.binds(s));
        for (rank, rule) in rules.take(10).enumerate() {
            let text = self.words(rule.text.trim_end_matches([',', ';', ' ']), 220);
            let facts = self.facts.told(&text);
            let line = Line::new()
                .own("the user's rule: ")
                .quote(text)
                .cite(&rule.cite);
            let worth = if rank < 3 {
                PINNED + 300.0 - rank as f64
            } else {
                0.03
            };
            self.add(Item::new(
                Part::Environment,
                Kind::Instruction,
                Trust::Stated,
                "",
                1.0 + rank as f64 / 100.0,
                line.telling(worth, facts),
            ));
        }
    }

    fn setup(&mut self) {
        let ledger = self.ledger;
        // One that was looked at is where the work is as much as one that was made.
        for (url, cite) in ledger.repository.pull_requests.iter().rev().take(3) {
            let url = self.gate.verbatim(url, 120);
            let line = Line::new().own("pull request ").code(url).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Commit,
                Trust::Observed,
                "",
                0.5,
                line.piece(0.02),
            ));
        }
        for (command, cite) in ledger.setups.iter().rev().take(3) {
            let command = self.gate.verbatim(command, 200);
            let line = Line::new().own("setup: ").code(command).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Command,
                Trust::Observed,
                "",
                2.0,
                line.piece(0.03),
            ));
        }
        for (address, cite) in ledger.servers.iter().rev().take(2) {
            let address = self.gate.verbatim(address, 100);
            let line = Line::new()
                .own("a server listened at ")
                .code(address)
                .cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                5.0,
                line.piece(0.008 * self.recency(cite.tick)),
            ));
        }
        for (tool, version, cite) in ledger.versions.iter().rev().take(3) {
            let version = self.gate.verbatim(&format!("{tool} {version}"), 80);
            let line = Line::new().own("version ").code(version).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                5.5,
                line.piece(0.004),
            ));
        }
        for (name, cite) in ledger.variables.iter().rev().take(4) {
            let name = self.gate.verbatim(name, 60);
            let line = Line::new().own("variable ").code(name).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                5.6,
                line.piece(0.004 * self.recency(cite.tick)),
            ));
        }
    }

    fn commands(&mut self) {
        let ledger = self.ledger;
        let now = ledger.now;
        let shown = self.shown_checks();
        let mut verbs = BTreeSet::new();
        let mut commands: Vec<&Command> = ledger.commands.iter().collect();
        commands.sort_by(|a, b| {
            b.uses
                .activation(now)
                .total_cmp(&a.uses.activation(now))
                .then_with(|| a.text.cmp(&b.text))
        });
        for (rank, command) in commands.into_iter().take(COMMANDS).enumerate() {
            // What failed last is no way to do a thing; checks may fail and still be the check.
            if command.verdict == Verdict::Red && command.check.is_none() {
                continue;
            }
            // The status shows it already.
            if shown.contains(&command.text) {
                continue;
            }
            // What never worked is no way to do a thing, unless it is what is wrong now.
            let failed = command.verdict == Verdict::Red && !self.is_superseded(command);
            let Some(cite) = (if failed {
                Some(&command.last)
            } else {
                command.worked.as_ref()
            }) else {
                continue;
            };
            // What was done to an item of a tracker, its status tells; how it is done, one command shows.
            let mut words = command.text.split(' ');
            let mut items = ledger.tasks.iter().filter(|task| task.tracked);
            if items.any(|task| words.clone().any(|word| Some(word) == task.id.as_deref()))
                && !verbs.insert((words.next(), words.next()))
            {
                continue;
            }
            let text = self.gate.verbatim(&command.text, 240);
            let fact = Fact::Command(command.text.clone());
            let mut facts = self.facts.told(&text);
            let worth = self.facts.of(&fact);
            facts.push((fact, worth));
            let word = match &command.check {
                Some((_, family)) => family.as_str(),
                None => "ran",
            };
            let count = command.uses.count();
            let mut line = Line::new()
                .own(word)
                .own(if count > 1 {
                    format!(" {count}×: ")
                } else {
                    ": ".to_owned()
                })
                .code(text);
            if failed {
                line = line.own(", failed last");
            }
            let piece = line.cite(cite).telling(0.002, facts);
            self.add(Item::new(
                Part::Environment,
                Kind::Command,
                Trust::Observed,
                "",
                3.0 + rank as f64 / 100.0,
                piece,
            ));
        }
    }

    fn files(&mut self) {
        let ledger = self.ledger;
        let now = ledger.now;
        let weight =
            |file: &FileState| file.uses.activation(now) * if file.edits > 0 { 2.0 } else { 1.0 };
        let mut files: Vec<&FileState> = ledger
            .files
            .iter()
            .filter(|file| !file.deleted && !is_plumbing(file))
            .collect();
        files.sort_by(|a, b| {
            weight(b)
                .total_cmp(&weight(a))
                .then_with(|| a.path.cmp(&b.path))
        });
        let (own, rest) = files.split_at(files.len().min(FILES));
        let mut symbols = self.symbols(own);
        // Files of one folder stand together, the folder with the best file first.
        let mut folders: Vec<(&str, usize)> = Vec::new();
        for file in own {
            let folder = folder(&file.path);
            match folders.iter_mut().find(|(known, _)| *known == folder) {
                Some((_, count)) => *count += 1,
                None => folders.push((folder, 1)),
            }
        }
        for (rank, file) in own.iter().enumerate() {
            let place = folders
                .iter()
                .position(|(known, _)| *known == folder(&file.path))
                .unwrap_or(0);
            // A name that another file has too is told by its whole path.
            let name = &file.path[folders[place].0.len()..];
            let alone = ledger
                .files
                .iter()
                .filter(|other| other.path.rsplit('/').next() == Some(name))
                .count()
                == 1;
            let (folder, files) = folders[place];
            // Each stands two spaces further in.
            let saved = (files - 1) * folder.len().saturating_sub(2);
            let together = alone && saved >= SAVED;
            let shown = if together {
                &file.path[folders[place].0.len()..]
            } else {
                &file.path
            };
            let (first, more) =
                self.file(file, shown, symbols.remove(&file.path).unwrap_or_default());
            // Those told by their whole path stand behind the others of their folder.
            let behind = if together { 0.0 } else { 0.005 };
            let order = 4.0 + place as f64 / 100.0 + behind + rank as f64 / 10_000.0;
            let status = if file.uncommitted { "uncommitted" } else { "" };
            let mut item = Item::new(
                Part::Environment,
                Kind::File,
                Trust::Observed,
                status,
                order,
                first,
            );
            item.group = together
                .then(|| folders[place].0.to_owned())
                .map(|folder| self.gate.verbatim(&folder, 160));
            item.pieces.extend(more);
            item.pieces.extend(self.changes(file));
            self.add(item);
        }
        let mut also: Option<Item> = None;
        for file in rest.iter().filter(|file| file.edits > 0) {
            let path = self.path(&file.path);
            let fact = Fact::File(file.path.clone());
            let facts = vec![(fact.clone(), self.facts.of(&fact))];
            match &mut also {
                None => {
                    let line = Line::new().own("also edited: ").name(path);
                    also = Some(Item::new(
                        Part::Environment,
                        Kind::File,
                        Trust::Observed,
                        "",
                        4.5,
                        line.telling(0.002, facts),
                    ));
                }
                Some(item) => item
                    .pieces
                    .push(Line::new().own(", ").name(path).telling(0.001, facts)),
            }
        }
        if let Some(item) = also {
            self.add(item);
        }
    }

    /// The files that a search showed and nobody opened, on one line.
    fn found(&mut self) {
        let ledger = self.ledger;
        let mut item: Option<Item> = None;
        for found in ledger.found.iter().take(FOUND) {
            let path = self.path(&found.path);
            let fact = Fact::File(found.path.clone());
            let worth = self.facts.of(&fact);
            let facts = vec![(fact, worth)];
            match &mut item {
                None => {
                    let line = Line::new()
                        .own("found by search, not opened: ")
                        .name(path)
                        .cite(&found.last);
                    item = Some(Item::new(
                        Part::Environment,
                        Kind::File,
                        Trust::Observed,
                        "found",
                        4.55,
                        line.telling(0.0, facts),
                    ));
                }
                Some(item) => {
                    let line = Line::new().own(", ").name(path).cite(&found.last);
                    item.pieces.push(line.telling(0.0, facts));
                }
            }
        }
        if let Some(item) = item {
            self.add(item);
        }
    }

    /// The piece that names a file, and the pieces with its symbols.
    fn file(&mut self, file: &FileState, shown: &str, symbols: Vec<Symbol>) -> (Piece, Vec<Piece>) {
        let ledger = self.ledger;
        let shown = self.gate.verbatim(shown, 160);
        let mut line = Line::new()
            .name(shown)
            .own(format!(" {}, {}", file.edits, file.reads));
        if file.created {
            line = line.own(" new");
        }
        if file.uncommitted && !ledger.repository.commits.is_empty() {
            line = line.own(" uncommitted");
        }
        let fact = Fact::File(file.path.clone());
        let worth = self.facts.of(&fact);
        let first = line.cite(&file.last).telling(0.001, vec![(fact, worth)]);
        let mut more = Vec::new();
        let mut last: Option<(Touch, String)> = None;
        for (index, symbol) in symbols.into_iter().enumerate() {
            let shown = self.gate.verbatim(&symbol.name, 80);
            let fact = Fact::Name(symbol.name);
            let worth = self.facts.of(&fact);
            let mut line = match index {
                0 => Line::new().own(": "),
                BESIDE => Line::new().below(),
                _ => Line::new().own(", "),
            };
            if index == 0 || index == BESIDE {
                last = None;
            }
            let touch = last.as_ref().map(|(touch, _)| *touch);
            if touch != Some(symbol.touch) && (index >= BESIDE || symbol.touch == Touch::New) {
                line = line.own(symbol.touch.word()).own(" ");
            }
            let kind = Some((symbol.touch, symbol.role));
            if let Some((_, role)) = &kind
                && !role.is_empty()
                && last != kind
            {
                line = line.own(format!("{role} "));
            }
            last = kind;
            more.push(line.name(shown).telling(0.0003, vec![(fact, worth)]));
        }
        (first, more)
    }

    /// The lines of a file that were changed or found and name most of what the work is about, verbatim.
    fn changes(&mut self, file: &FileState) -> Vec<Piece> {
        if file.class == Class::Docs {
            return Vec::new();
        }
        let mut pieces: Vec<(f64, Piece)> = Vec::new();
        for (line, cite) in file.changed.iter().rev().chain(file.seen.iter().rev()) {
            let text = self.gate.verbatim(line, 140);
            let facts = self.facts.told(&text);
            if facts.iter().any(|(fact, _)| matches!(fact, Fact::Name(_)))
                && self.lines.insert(line.clone())
            {
                let worth =
                    facts.iter().map(|(_, worth)| worth).sum::<f64>() / (text.len() + 16) as f64;
                pieces.push((
                    worth,
                    Line::new()
                        .below()
                        .code(text)
                        .cite(cite)
                        .telling(0.0, facts),
                ));
            }
        }
        pieces.sort_by(|a, b| b.0.total_cmp(&a.0));
        pieces
            .into_iter()
            .take(CHANGES)
            .map(|(_, piece)| piece)
            .collect()
    }

    /// The names at stake in each of `files`, heaviest first: a name goes to the file that uses it most and has room.
    fn symbols(&self, files: &[&FileState]) -> BTreeMap<String, Vec<Symbol>> {
        let mut symbols: BTreeMap<String, Vec<Symbol>> = BTreeMap::new();
        let shown = |path: &str| {
            files
                .iter()
                .find(|file| file.path == path && file.class != Class::Docs)
        };
        for name in self.ledger.names.all.iter().take(NAMES) {
            let defining = files
                .iter()
                .filter(|file| file.defined.iter().any(|defined| defined.name == name.name))
                .map(|file| &file.path);
            for path in defining.chain(&name.files) {
                let Some(file) = shown(path) else { continue };
                let of_file = symbols.entry(path.clone()).or_default();
                let defined = file
                    .defined
                    .iter()
                    .find(|defined| defined.name == name.name);
                // Beside the first few, what an edit brought or changed.
                let most = if defined.is_some() { SYMBOLS } else { BESIDE };
                if of_file.len() < most {
                    of_file.push(Symbol {
                        name: name.name.clone(),
                        touch: match defined {
                            Some(defined) if defined.new => Touch::New,
                            Some(_) => Touch::Edited,
                            None => Touch::Used,
                        },
                        role: defined
                            .map_or_else(String::new, |defined| keyword(&defined.line).to_owned()),
                    });
                    break;
                }
            }
        }
        // New ones, changed ones and the others stand together.
        for of_file in symbols.values_mut() {
            let beside = of_file.len().min(BESIDE);
            of_file[beside..].sort_by(|a, b| (a.touch, &a.role).cmp(&(b.touch, &b.role)));
        }
        symbols
    }

    /// Names that no file of the handoff tells: each by the line it stood in last.
    fn names(&mut self) {
        let ledger = self.ledger;
        for name in ledger.names.all.iter().take(NAMES) {
            let Some((line, cite)) = &name.line else {
                continue;
            };
            if !self.lines.insert(line.clone()) {
                continue;
            }
            // A name may stand in many files; the line stands in its own.
            let Some(file) = &name.line_in else {
                continue;
            };
            let text = self.words(line, 180);
            let facts = self.facts.told(&text);
            let names = facts
                .iter()
                .filter(|(fact, _)| matches!(fact, Fact::Name(_)));
            if names.count() < TOGETHER {
                continue;
            }
            let shown = self.place_of(file);
            let piece = Line::new()
                .own("in ")
                .name(shown)
                .own(": ")
                .code(text)
                .cite(cite)
                .telling(0.0, facts);
            self.add(Item::new(
                Part::Environment,
                Kind::Name,
                Trust::Observed,
                "",
                4.6,
                piece,
            ));
        }
    }

    /// A file by its name, or by its path where another has that name.
    fn place_of(&mut self, file: &str) -> String {
        let name = file.rsplit('/').next().unwrap_or(file);
        let of_name = |other: &&FileState| other.path.rsplit('/').next() == Some(name);
        let alone = self.ledger.files.iter().filter(of_name).count() <= 1;
        self.gate.verbatim(if alone { name } else { file }, 160)
    }

    /// True for a check whose last run says nothing any more.
    fn is_superseded(&self, command: &Command) -> bool {
        let current = self.ledger.checks.current();
        command.check.is_some()
            && !current
                .iter()
                .any(|check| check.command == command.text && is_fresh(self.ledger, check))
    }

    /// What the machine refused and still may.
    fn gotchas(&mut self) {
        let ledger = self.ledger;
        let open = ledger
            .failures
            .iter()
            .rev()
            .filter(|failure| failure.is_open() && failure.hit.about == About::Environment);
        for failure in open.take(4) {
            let what = self.words(&failure.hit.what, 160);
            let command = self.gate.verbatim(&failure.command, 100);
            let facts = self.facts.told(&what);
            let line = Line::new()
                .own("did not work here: ")
                .code(command)
                .own(": ")
                .quote(what)
                .cite(&failure.last);
            let piece = line.telling(0.012 * self.recency(failure.last.tick), facts);
            self.add(Item::new(
                Part::Environment,
                Kind::Failure,
                Trust::Observed,
                "open",
                6.0,
                piece,
            ));
        }
    }

    /// What is to be reached and what proves it; the first step.
    pub(super) fn outcome(&mut self, state: StateWord, goal: &str) {
        let ledger = self.ledger;
        let answered = ledger
            .requests
            .last()
            .is_none_or(|request| request.answered);
        let goal = match goal {
            "" if answered && ledger.end == End::Finished => "nothing open as far as the log shows",
            "" => "the last request done",
            goal => goal,
        };
        let mut line = Line::new().own(goal);
        match ledger.end {
            End::Asked => line = line.own("; first of all the agent's question wants an answer"),
            End::PlanWaiting => line = line.own("; first of all the plan wants the user's word"),
            _ => {}
        }
        let mut named = false;
        let shown = shown_by_user(ledger).filter(|failure| !failure.command.is_empty());
        if let Some(failure) = shown.filter(|_| state == StateWord::Unverified) {
            let command = self.gate.verbatim(&failure.command, 240);
            line = line
                .own("; first step: ")
                .code(command)
                .own(", expect: passes when done")
                .cite(&failure.last);
        } else if let Some(check) = decisive(ledger, state) {
            let command = self.gate.verbatim(&check.command, 240);
            // What it said last is what shows that nothing broke since.
            let numbers = super::status::in_numbers(&check.last().counts);
            let expect = match check.last().verdict {
                Verdict::Red => "fails as above, passes when done".to_owned(),
                _ if numbers.is_empty() => "passes".to_owned(),
                _ => numbers,
            };
            line = line
                .own("; first step: ")
                .code(command)
                .own(", expect: ")
                .own(expect)
                .cite(&check.last().cite);
        } else if let Some(file) = last_file(ledger, |file| file.edits > 0) {
            let path = self.path(&file.path);
            line = line
                .own("; first step: read ")
                .code(path)
                .own(", edited last")
                .cite(&file.last);
        } else if let Some(task) = open_task(ledger) {
            let subject = self.words(&task.subject, 160);
            line = line.own("; first step: ").quote(subject).cite(&task.last);
            named = true;
        } else if let Some(plan) = ledger.plan.as_ref().filter(|plan| plan.accepted)
            && let Some(step) = super::approach::plan_steps(&plan.text).first()
        {
            let step = self.words(step, 160);
            line = line.own("; first step: ").quote(step).cite(&plan.cite);
        } else if let Some(file) = last_file(ledger, |_| true) {
            let path = self.path(&file.path);
            line = line
                .own("; first step: read ")
                .code(path)
                .own(", read last")
                .cite(&file.last);
        }
        // What comes after the look at where things stand: by its number, for its words are the agent's.
        let next = open_task(ledger).filter(|_| !named && ledger.end != End::Asked);
        if let Some(mark) = next.and_then(Task::mark) {
            let mark = self.gate.verbatim(&mark, 30);
            line = line.own("; then task ").code(mark);
        }
        self.add(Item::new(
            Part::Outcome,
            Kind::Target,
            Trust::Observed,
            "",
            0.0,
            line.piece(PINNED + 450.0),
        ));
    }
}

/// The file of that kind that was touched last.
fn last_file(ledger: &Ledger, of_kind: impl Fn(&FileState) -> bool) -> Option<&FileState> {
    let there = |file: &&FileState| !file.deleted && !is_plumbing(file) && of_kind(file);
    let files = ledger.files.iter().filter(there);
    files.max_by_key(|file| (file.last.tick, file.last.at))
}

/// The task that is begun, else the first that waits.
fn open_task(ledger: &Ledger) -> Option<&Task> {
    let of = |status| ledger.tasks.iter().find(|task| task.status == status);
    of(Status::InProgress).or_else(|| of(Status::Pending))
}

/// A name at stake in a file.
struct Symbol {
    name: String,
    touch: Touch,
    /// The word of its definition, as `func`; empty where none is known.
    role: String,
}

/// What was done to a symbol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    /// An edit brought it in.
    New,
    /// An edit changed it.
    Edited,
    /// It stands there.
    Used,
}

impl Touch {
    fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Edited => "edited",
            Self::Used => "uses",
        }
    }
}

/// Files of the agent's own equipment, and scratch: they say nothing of the work unless it changed them.
fn is_plumbing(file: &FileState) -> bool {
    let scratch = ["/tmp/", "/private/tmp/", "/var/folders/"]
        .iter()
        .any(|folder| file.path.starts_with(folder));
    scratch || (file.edits == 0 && is_equipment(&file.path))
}

/// The folder of `path` with its slash; empty for a bare name.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}
