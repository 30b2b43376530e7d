//! The key files, and the names that the work was about, each beside the file it stands in.

use std::collections::{BTreeMap, BTreeSet};

use super::Room;
use super::item::{Fact, Item, Kind, Line, Part, Piece, Trust};
use crate::extract::define::keyword;
use crate::extract::path::{Class, is_equipment};
use crate::ledger::{Cite, FileState, Name};
use crate::session::End;

/// Files that get a line of their own; the rest of the edited ones share one.
const FILES: usize = 16;
/// Files of one folder stand under its name if that saves so many bytes.
const SAVED: usize = 24;
/// Files that searches showed, and how many of them are told where the agent's turn is over and nothing was edited.
const FOUND: usize = 14;
const FOUND_THEN: usize = 4;
/// What such a file is worth besides: that nobody opened it is said nowhere else, even where the file is named.
const SHOWN: f64 = 0.00005;
/// Symbols that edits brought or changed, to a file.
const SYMBOLS: usize = 10;
/// Symbols on the line of the file itself.
const BESIDE: usize = 3;
/// Names that are given to files.
const NAMES: usize = 200;
/// What a name beside its file is worth besides: it says what the file is for, even where a sentence names it too.
const NAMED: f64 = 0.0006;
/// Names that are listed at all.
const LISTED_MOST: usize = 120;
/// Names listed with one place in a file.
const OF_FILE: usize = 24;
/// A name that is only listed with others says less than one in a sentence does.
const LISTED: f64 = 0.5;
/// Lines of code that were only read.
const READ_LINES: usize = 8;
/// What a line of code that was only read is worth against one that an edit brought.
const READ: f64 = 0.6;
/// Names at stake in a line of code that is told for itself: one alone may stand anywhere.
const TOGETHER: usize = 2;
/// Lines of code that are told for their names.
const LINES: usize = 24;
/// What the line is worth that the last edit brought.
const LAST: f64 = 0.004;
/// Changed lines to a file.
const CHANGES: usize = 3;

impl<'a> Room<'a> {
    /// The files that the work was about, those that a search showed, and the names at stake in them.
    pub(super) fn key_files(&mut self) {
        let at_stake = self.at_stake();
        let beside = self.files(&at_stake);
        self.found();
        // Where the agent's turn is over, the lines that edits brought stand with their files.
        if self.ledger.end != End::Finished {
            self.lines_of_code(&at_stake);
        }
        self.names(at_stake.iter().filter(|name| !beside.contains(&name.name)));
    }

    /// The names that stand beside a file are given back.
    fn files(&mut self, at_stake: &[&Name]) -> BTreeSet<String> {
        let ledger = self.ledger;
        let now = ledger.now;
        let over = ledger.end == End::Finished;
        let weight =
            |file: &FileState| file.uses.activation(now) * if file.edits > 0 { 2.0 } else { 1.0 };
        let mut files: Vec<&FileState> = ledger
            .files
            .iter()
            .filter(|file| !file.deleted && !is_plumbing(file))
            // What was edited and taken back, and never read, is as if it had not been touched.
            .filter(|file| file.edits + file.reads > 0)
            .filter(|file| !over || !is_left_behind(file, now))
            .collect();
        files.sort_by(|a, b| {
            weight(b)
                .total_cmp(&weight(a))
                .then_with(|| a.path.cmp(&b.path))
        });
        let (own, rest) = files.split_at(files.len().min(FILES));
        let mut symbols = self.symbols(own, at_stake);
        let beside = symbols.values().flatten();
        let beside = beside.map(|symbol| symbol.name.clone()).collect();
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
        let pieces = rest.iter().filter(|file| file.edits > 0).map(|file| {
            let path = self.path(&file.path);
            let fact = Fact::File(file.path.clone());
            let worth = self.facts.of(&fact);
            let line = Line::new().name(path).cite(&file.last);
            line.telling(0.001, vec![(fact, worth)])
        });
        let pieces = pieces.collect();
        self.one_line(
            Line::new().own("also edited: "),
            "",
            4.5,
            Kind::File,
            pieces,
        );
        beside
    }

    /// The files that a search showed and nobody opened, on one line.
    fn found(&mut self) {
        let ledger = self.ledger;
        let over = ledger.end == End::Finished;
        let edited = ledger.files.iter().any(|file| file.edits > 0);
        let most = match (over, edited) {
            // What was to be changed was found.
            (true, true) => return,
            (true, false) => FOUND_THEN,
            _ => FOUND,
        };
        let pieces = ledger.found.iter().take(most).map(|found| {
            let path = self.path(&found.path);
            let fact = Fact::File(found.path.clone());
            let worth = self.facts.of(&fact);
            let line = Line::new().name(path).cite(&found.last);
            line.telling(SHOWN, vec![(fact, worth)])
        });
        let pieces = pieces.collect();
        self.one_line(
            Line::new().own("found by search, not opened: "),
            "found",
            4.55,
            Kind::File,
            pieces,
        );
    }

    /// A line that begins so and lists `pieces`, as many as fit.
    fn one_line(
        &mut self,
        start: Line,
        status: &'static str,
        order: f64,
        kind: Kind,
        pieces: Vec<Piece>,
    ) {
        let list = start.list(false);
        let mut pieces = pieces.into_iter().map(|piece| piece.of(list.clone()));
        let Some(first) = pieces.next() else { return };
        let mut item = Item::new(
            Part::Environment,
            kind,
            Trust::Observed,
            status,
            order,
            first,
        );
        item.pieces.extend(pieces);
        self.add(item);
    }

    /// The piece that names a file, and the pieces with its symbols.
    fn file(&mut self, file: &FileState, shown: &str, symbols: Vec<Symbol>) -> (Piece, Vec<Piece>) {
        let ledger = self.ledger;
        let shown = self.gate.verbatim(shown, 160);
        let moves = u32::try_from(file.was.len()).unwrap_or(u32::MAX);
        let edits = file.edits.saturating_sub(moves);
        let mut line = Line::new()
            .name(shown)
            .own(format!(" {edits}, {}", file.reads));
        if moves > 0 {
            line = line.own(" moved");
        }
        if file.created {
            line = line.own(" new");
        }
        if file.taken_back > 0 {
            line = line.own(format!(", {} taken back", file.taken_back));
        }
        if file.uncommitted && !ledger.repository.commits.is_empty() {
            line = line.own(" uncommitted");
        }
        let fact = Fact::File(file.path.clone());
        let worth = self.facts.of(&fact);
        let first = line.cite(&file.last).telling(0.001, vec![(fact, worth)]);
        let beside = beside(file);
        let mut more = Vec::new();
        for (index, symbol) in symbols.into_iter().enumerate() {
            let shown = self.gate.verbatim(&symbol.name, 80);
            let fact = Fact::Name(symbol.name.clone());
            let worth = self.facts.of(&fact);
            let piece = if index < beside {
                // Of those, only what is not there to be expected is said: that it is new, and what it is.
                let mut line = Line::new();
                if symbol.touch == Touch::New {
                    line = line.own("new ");
                }
                if !symbol.role.is_empty() {
                    line = line.own(format!("{} ", symbol.role));
                }
                line.name(shown)
                    .telling(NAMED, vec![(fact, worth)])
                    .of(Line::new().own(": ").list(false))
            } else {
                // What an edit brought or changed stands before names that are only there.
                let own = if symbol.touch == Touch::Used {
                    0.0
                } else {
                    NAMED
                };
                let line = Line::new().name(shown);
                line.telling(own, vec![(fact, worth * LISTED)])
                    .of(Line::new().own(symbol.word()).list(true))
            };
            more.push(piece);
        }
        (first, more)
    }

    /// The lines of a file that were changed and name most of what the work is about, verbatim.
    fn changes(&mut self, file: &FileState) -> Vec<Piece> {
        if file.class == Class::Docs || self.is_committed(file) {
            return Vec::new();
        }
        // Where the turn is over, one line tells what it was about, beside the names of what was defined.
        let over = self.ledger.end == End::Finished;
        // Where it is not, the edit that came last tells how far the work is.
        let edited = self.ledger.files.iter().filter(|file| file.edits > 0);
        let newest = edited.map(|file| file.last.place()).max().filter(|_| !over);
        let mut told = false;
        let mut pieces: Vec<(f64, Piece)> = Vec::new();
        for (line, cite) in file.changed.iter().rev() {
            let text = self.gate.verbatim(line, 140);
            let facts = self.facts.told(&text);
            if facts.iter().any(|(fact, _)| matches!(fact, Fact::Name(_)))
                && !is_fragment(line)
                && (!over || keyword(line).is_empty())
                && self.lines.insert(line.clone())
            {
                let worth =
                    facts.iter().map(|(_, worth)| worth).sum::<f64>() / (text.len() + 16) as f64;
                let last = !told && newest == Some(cite.place());
                told |= last;
                let own = if last { LAST } else { 0.0 };
                pieces.push((
                    worth + own,
                    Line::new()
                        .below()
                        .code(text)
                        .cite(cite)
                        .telling(own, facts),
                ));
            }
        }
        pieces.sort_by(|a, b| b.0.total_cmp(&a.0));
        pieces
            .into_iter()
            .take(if over { 1 } else { CHANGES })
            .map(|(_, piece)| piece)
            .collect()
    }

    /// True if what was done to `file` stands in a commit, which shows its lines better.
    fn is_committed(&self, file: &FileState) -> bool {
        let committed = !self.ledger.repository.commits.is_empty();
        committed && file.edits > 0 && !file.uncommitted
    }

    /// The names at stake in each of `files`, heaviest first: a name goes to the file that defines it, else to the
    /// one that uses it most and has room.
    fn symbols(&self, files: &[&FileState], at_stake: &[&Name]) -> BTreeMap<String, Vec<Symbol>> {
        let over = self.ledger.end == End::Finished;
        let mut symbols: BTreeMap<String, Vec<Symbol>> = BTreeMap::new();
        let shown = |path: &str| {
            files
                .iter()
                .find(|file| file.path == path && file.class != Class::Docs)
        };
        for name in at_stake.iter().take(NAMES) {
            let defining = files
                .iter()
                .filter(|file| file.defined.iter().any(|defined| defined.name == name.name))
                .map(|file| &file.path);
            for path in defining.chain(&name.files) {
                let tells = |file: &&&FileState| is_of(name, file) && (file.edits > 0 || !over);
                let Some(file) = shown(path).filter(tells) else {
                    continue;
                };
                let of_file = symbols.entry(path.clone()).or_default();
                let defined = file
                    .defined
                    .iter()
                    .find(|defined| defined.name == name.name);
                // Beside the first few, what an edit brought or changed.
                let most = if defined.is_some() {
                    SYMBOLS
                } else {
                    beside(file)
                };
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
        // New ones and changed ones stand together.
        for (path, of_file) in &mut symbols {
            let beside = shown(path)
                .map_or(0, |file| beside(file))
                .min(of_file.len());
            of_file[beside..].sort_by(|a, b| (a.touch, &a.role).cmp(&(b.touch, &b.role)));
        }
        symbols
    }

    /// The names that may be told, heaviest first: those that a look at where they stood last finds to be no secret.
    fn at_stake(&mut self) -> Vec<&'a Name> {
        let names = self.ledger.names.all.iter().take(LISTED_MOST);
        names
            .filter(|name| self.gate.safe(&name.within).contains(&name.name))
            .collect()
    }

    /// For each file a line with the names of `names` that stand there, those of each place in the log together.
    fn names<'n>(&mut self, names: impl Iterator<Item = &'n &'a Name>)
    where
        'a: 'n,
    {
        let over = self.ledger.end == End::Finished;
        let mut homes: Vec<(&FileState, Places<'_>)> = Vec::new();
        for name in names {
            let Some((home, seen)) = self.home(name) else {
                continue;
            };
            // What only stands there is named where the agent was still at work.
            if over && !is_brought(name, home) {
                continue;
            }
            let fact = Fact::Name(name.name.clone());
            let worth = self.facts.of(&fact) * LISTED;
            let shown = self.gate.verbatim(&name.name, 80);
            let piece = Line::new().name(shown).cite(seen);
            let piece = piece.telling(0.0, vec![(fact, worth)]);
            let places = match homes.iter_mut().find(|(file, _)| file.path == home.path) {
                Some((_, places)) => places,
                None => &mut homes.push_mut((home, Vec::new())).1,
            };
            match places.iter_mut().find(|(place, _)| place.at == seen.at) {
                Some((_, pieces)) if pieces.len() >= OF_FILE => {}
                Some((_, pieces)) => pieces.push(piece),
                None => places.push((seen, vec![piece])),
            }
        }
        for (file, places) in homes {
            let shown = self.place_of(&file.path);
            let start = Line::new().own("in ").name(shown).own(": ");
            let pieces = places.into_iter().flat_map(|(_, pieces)| pieces);
            self.one_line(start, "", 4.65, Kind::Name, pieces.collect());
        }
    }

    /// The file that a name stands in most, of those that were opened, and where it was seen there last.
    fn home<'n>(&self, name: &'n Name) -> Option<(&'a FileState, &'n Cite)> {
        let open = |path: &String| {
            let mut files = self.ledger.files.iter();
            files.find(|file| file.path == *path && !file.deleted)
        };
        let mut stands = name.files.iter().zip(&name.seen);
        stands.find_map(|(path, seen)| Some((open(path)?, seen)))
    }

    /// Lines of code with several names at stake: each by the line it stood in last.
    fn lines_of_code(&mut self, at_stake: &[&Name]) {
        let mut told = 0;
        let mut read = 0;
        let mut homes: Vec<(&String, Vec<Piece>)> = Vec::new();
        for name in at_stake.iter().take(NAMES) {
            let Some((line, cite)) = &name.line else {
                continue;
            };
            if !self.lines.insert(line.clone()) {
                continue;
            }
            if is_fragment(line) {
                continue;
            }
            // A name may stand in many files; the line stands in its own.
            let Some(file) = &name.line_in else {
                continue;
            };
            let text = self.words(line, 180);
            let mut facts = self.facts.told(&text);
            let names = facts
                .iter()
                .filter(|(fact, _)| matches!(fact, Fact::Name(_)));
            if names.count() < TOGETHER {
                continue;
            }
            if !name.line_brought {
                read += 1;
                if read > READ_LINES {
                    continue;
                }
                // What stood there before says little of the work: it comes last.
                facts.iter_mut().for_each(|(_, worth)| *worth *= READ);
            }
            let piece = Line::new().code(text).cite(cite).telling(0.0, facts);
            match homes.iter_mut().find(|(home, _)| *home == file) {
                Some((_, pieces)) => pieces.push(piece),
                None => homes.push((file, vec![piece])),
            }
            told += 1;
            if told >= LINES {
                break;
            }
        }
        for (file, pieces) in homes {
            let shown = self.place_of(file);
            let start = Line::new().own("in ").name(shown).own(": ");
            self.one_line(start, "", 4.6, Kind::Name, pieces);
        }
    }

    /// A file by its name, or by its path where another has that name.
    fn place_of(&mut self, file: &str) -> String {
        let name = file.rsplit('/').next().unwrap_or(file);
        let of_name = |other: &&FileState| other.path.rsplit('/').next() == Some(name);
        let alone = self.ledger.files.iter().filter(of_name).count() <= 1;
        self.gate.verbatim(if alone { name } else { file }, 160)
    }
}

/// True for a piece of a statement, which says nothing by itself: arguments, the fields of a value.
fn is_fragment(line: &str) -> bool {
    let line = line.trim();
    let closes = |open: char, close: char| line.matches(close).count() > line.matches(open).count();
    line.ends_with([',', '(']) || closes('(', ')')
}

/// True of a file that was read once and not for long: where the agent was still at work, it may be needed again.
fn is_left_behind(file: &FileState, now: u32) -> bool {
    const LONG: u32 = 40;
    let age = now.saturating_sub(file.last.tick);
    file.edits == 0 && file.reads == 1 && age > LONG && age > now / 2
}

/// True if edits brought the name into the file, or changed what it names there; of a file that was only read, of any
/// name in it.
fn is_of(name: &Name, file: &FileState) -> bool {
    let mut defined = file.defined.iter();
    file.edits == 0 || is_brought(name, file) || defined.any(|defined| defined.name == name.name)
}

/// True if edits brought the name into the file.
fn is_brought(name: &Name, file: &FileState) -> bool {
    name.files[..name.brought.min(name.files.len())].contains(&file.path)
}

/// How many symbols stand on the line of a file: no more than is said of it.
fn beside(file: &FileState) -> usize {
    if file.edits == file.reads { 1 } else { BESIDE }
}

/// The names of a file, by the place in the log that showed them last.
type Places<'n> = Vec<(&'n Cite, Vec<Piece>)>;

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

impl Symbol {
    /// What was done to it and what it is, with a space behind: `new func `.
    fn word(&self) -> String {
        let touch = match self.touch {
            Touch::New => "new ",
            Touch::Edited => "edited ",
            Touch::Used => "uses ",
        };
        let space = if self.role.is_empty() { "" } else { " " };
        format!("{touch}{}{space}", self.role)
    }
}

/// Files of the agent's own equipment, and scratch: they say nothing of the work unless it changed them.
pub(super) fn is_plumbing(file: &FileState) -> bool {
    let scratch = ["/tmp/", "/private/tmp/", "/var/folders/"]
        .iter()
        .any(|folder| file.path.starts_with(folder));
    scratch || (file.edits == 0 && is_equipment(&file.path))
}

/// The folder of `path` with its slash; empty for a bare name.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}
