//! What the rest of a session really used, of what was known before the cut.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::command::{commands, marks};
use super::index::{Past, Sort};
use super::log::{What, todos};
use super::names::{identifiers, split};
use super::text::{content, head};

/// A kind of fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// A file that is read or changed again.
    File,
    /// An identifier that is used again.
    Ident,
    /// A command that is run again, or one of its family.
    Cmd,
    /// An open item of a todo list, or an open task.
    Todo,
    /// A line of error that comes again.
    Err,
    /// A word of later prompts and replies.
    Topic,
}

impl FactKind {
    /// All kinds, in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::File,
        Self::Ident,
        Self::Cmd,
        Self::Todo,
        Self::Err,
        Self::Topic,
    ];

    /// The share of a score that is the kind's, where every kind has facts.
    pub fn share(self) -> f64 {
        match self {
            Self::File => 0.30,
            Self::Ident => 0.20,
            Self::Cmd | Self::Todo => 0.15,
            Self::Err | Self::Topic => 0.10,
        }
    }

    /// The kind's name in tables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Ident => "ident",
            Self::Cmd => "cmd",
            Self::Todo => "todo",
            Self::Err => "err",
            Self::Topic => "topic",
        }
    }

    /// How many facts of the kind count, the heaviest.
    fn most(self) -> usize {
        match self {
            Self::File => 80,
            Self::Ident | Self::Topic => 200,
            Self::Cmd => 40,
            Self::Todo => 30,
            Self::Err => 20,
        }
    }
}

/// Values by kind, for JSON: `{"file": …}`, with null where there is none.
pub(super) fn by_kind<T: Serialize, S: Serializer>(
    values: &[T; 6],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(FactKind::ALL.into_iter().zip(values))
}

/// Something that the rest of a session used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// What makes it the same; of the family of a command, with `~` before it.
    pub(super) key: String,
    /// As the log writes it.
    pub(super) shown: String,
    /// More where it was used sooner and oftener.
    pub(super) weight: f64,
    /// Its number in the index; none of words and todo items.
    pub(super) id: Option<u32>,
    /// What a line has to hold to tell it.
    pub(super) needle: Needle,
}

/// What a line has to hold to tell a fact.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Needle {
    /// The fact itself, looked up by its key.
    Key,
    /// A command without quotes; or, for less, its family.
    Command { full: String, family: String },
    /// A family of commands.
    Family(String),
    /// At least this share of words or marks.
    Words(BTreeSet<String>),
}

/// The facts of a cut by kind, the heaviest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    kinds: [Vec<Fact>; 6],
    /// For the kinds that are looked up by key: where each stands.
    places: [BTreeMap<String, usize>; 6],
    /// The share of later use of files and commands that was known before.
    pub(super) knowable: f64,
    /// Calls of tools behind the cut that count.
    pub(super) calls: usize,
}

/// Calls after which a use weighs half: early needs matter, later ones are found again.
const HALF_LIFE: f64 = 50.0;

/// The least weight of a use that counts: with that half-life, of the first 332 calls.
const LEAST: f64 = 0.01;

impl Facts {
    /// What the events from `from` to `end` used.
    pub(super) fn new(past: &Past<'_>, from: usize, end: usize) -> Self {
        let mut gather = Gather {
            past,
            raw: Default::default(),
            known: 0.0,
            total: 0.0,
        };
        let mut calls = 0;
        let events = past.index.log.events.get(from..end).unwrap_or_default();
        for (at, event) in (from..).zip(events) {
            if event.what == What::Summary {
                continue;
            }
            calls += usize::from(event.what == What::Call);
            let use_weight = 0.5_f64.powf(calls as f64 / HALF_LIFE);
            if use_weight < LEAST {
                break;
            }
            gather.event(at, from, use_weight);
        }
        gather.todos(end);
        gather.finish(calls)
    }

    pub(super) fn of(&self, kind: FactKind) -> &[Fact] {
        self.kinds.get(kind as usize).map_or(&[], Vec::as_slice)
    }

    /// Where the fact of that key stands among its kind.
    pub(super) fn place(&self, kind: FactKind, key: &str) -> Option<usize> {
        self.places.get(kind as usize)?.get(key).copied()
    }

    /// The weight of all facts of a kind.
    pub(super) fn weight(&self, kind: FactKind) -> f64 {
        self.of(kind).iter().map(|fact| fact.weight).sum()
    }

    /// How many kinds have facts.
    pub(super) fn filled(&self) -> usize {
        self.kinds.iter().filter(|facts| !facts.is_empty()).count()
    }
}

struct Gather<'p, 'a> {
    past: &'p Past<'a>,
    raw: [BTreeMap<String, f64>; 6],
    known: f64,
    total: f64,
}

impl Gather<'_, '_> {
    fn add(&mut self, kind: FactKind, key: &str, weight: f64) {
        let Some(raw) = self.raw.get_mut(kind as usize) else {
            return;
        };
        match raw.get_mut(key) {
            Some(sum) => *sum += weight,
            None => {
                raw.insert(key.to_owned(), weight);
            }
        }
    }

    fn event(&mut self, at: usize, from: usize, weight: f64) {
        let past = self.past;
        let index = past.index;
        let Some(event) = index.log.events.get(at) else {
            return;
        };
        if event.what == What::Call {
            let path = index.paths.get(at).map_or("", String::as_str);
            let tool = event.tool.as_deref().unwrap_or_default();
            if !path.is_empty() {
                let weight = if event.edits() { 3.0 } else { 1.0 } * weight;
                self.total += weight;
                if past.find(Sort::Path, path).is_some() {
                    self.known += weight;
                    self.add(FactKind::File, path, weight);
                }
            } else if matches!(tool, "Grep" | "Glob" | "Bash") {
                let text = match event.input.text("path") {
                    "" => event.input.text("command"),
                    path => path,
                };
                let (paths, _) = split(text);
                let paths: BTreeSet<String> = paths
                    .into_iter()
                    .map(|path| index.roots.relative(path))
                    .collect();
                for path in &paths {
                    let id = past.find(Sort::Path, path);
                    if id.is_some_and(|id| past.touches(id).is_some()) {
                        self.add(FactKind::File, path, 0.5 * weight);
                    }
                }
            }
            for command in commands(event.command()) {
                self.total += weight;
                if past.find(Sort::Command, &command.full).is_some() {
                    self.add(FactKind::Cmd, &command.full, weight);
                    self.known += weight;
                } else if past.find(Sort::Family, &command.family).is_some() {
                    self.add(FactKind::Cmd, &format!("~{}", command.family), 0.5 * weight);
                    self.known += 0.5 * weight;
                }
            }
        }
        let all = past.events.len().max(1) as f64;
        if matches!(event.what, What::Call | What::Reply | What::Prompt) {
            let text = match event.tool.as_deref() {
                Some("Write") => event.path(),
                _ => &event.text,
            };
            let (_, rest) = split(head(text, 12_000));
            for name in identifiers(&rest) {
                if let Some(id) = past.find(Sort::Name, name) {
                    let count = past.at(id).len() as f64;
                    self.add(FactKind::Ident, name, weight * (1.0 + all / count).ln());
                }
            }
        }
        if matches!(event.what, What::Reply | What::Prompt) {
            let lower = head(&event.text, 6_000).to_lowercase();
            let words: BTreeSet<&str> = content(&lower).filter(|word| word.len() > 3).collect();
            let twice = if event.what == What::Prompt { 2.0 } else { 1.0 };
            for word in words {
                let count = past.frequency(word);
                if count > 0 {
                    let rare = (1.0 + all / count as f64).ln();
                    self.add(FactKind::Topic, word, weight * rare * twice);
                }
            }
        }
        if event.what == What::Answer {
            for failure in index.failures_from(at, from) {
                if past.find(Sort::Failure, &failure.signature).is_some() {
                    self.add(FactKind::Err, &failure.signature, weight);
                }
            }
        }
    }

    /// What was open at the cut: it weighs more if it was begun, and if it moved.
    fn todos(&mut self, end: usize) {
        let all = &self.past.index.log.events;
        let after = todos(all.get(..end).unwrap_or(all));
        for (item, status) in &self.past.todos {
            let weight = match status.as_str() {
                "pending" => 1.0,
                "in_progress" => 2.0,
                _ => continue,
            };
            let later = after.get(item).map(String::as_str);
            if let Some(later @ ("completed" | "in_progress" | "pending")) = later {
                let moved = if later == status { 0.5 } else { 1.0 };
                self.add(FactKind::Todo, item, weight * moved);
            }
        }
    }

    fn finish(self, calls: usize) -> Facts {
        let mut facts = Facts {
            knowable: if self.total > 0.0 {
                self.known / self.total
            } else {
                1.0
            },
            calls,
            ..Facts::default()
        };
        for ((kind, raw), (place, list)) in (FactKind::ALL.into_iter().zip(self.raw))
            .zip(facts.places.iter_mut().zip(&mut facts.kinds))
        {
            *list = raw
                .into_iter()
                .filter(|(_, sum)| *sum > 0.0)
                .map(|(key, sum)| fact(self.past, kind, key, (1.0 + sum).log2()))
                .collect();
            // The map was in order of keys, and the sort is stable.
            list.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            list.truncate(kind.most());
            *place = (list.iter().enumerate())
                .map(|(at, fact)| (fact.key.clone(), at))
                .collect();
        }
        facts
    }
}

fn fact(past: &Past<'_>, kind: FactKind, key: String, weight: f64) -> Fact {
    let sort = match kind {
        FactKind::File => Some(Sort::Path),
        FactKind::Ident => Some(Sort::Name),
        FactKind::Cmd if key.starts_with('~') => Some(Sort::Family),
        FactKind::Cmd => Some(Sort::Command),
        FactKind::Err => Some(Sort::Failure),
        FactKind::Todo | FactKind::Topic => None,
    };
    let name = match kind {
        FactKind::Cmd => key.strip_prefix('~').unwrap_or(&key),
        _ => &key,
    };
    let id = sort.and_then(|sort| past.find(sort, name));
    let shown = id
        .and_then(|id| past.entry(id))
        .and_then(|entry| entry.shown.as_deref());
    let needle = match kind {
        FactKind::Cmd if sort == Some(Sort::Family) => Needle::Family(name.to_owned()),
        FactKind::Cmd => Needle::Command {
            full: name
                .replace(['\'', '"'], "")
                .trim_end_matches('\\')
                .to_owned(),
            family: shown.unwrap_or_default().to_owned(),
        },
        FactKind::Err => Needle::Words(marks(&key).map(str::to_owned).collect()),
        FactKind::Todo => Needle::Words(content(&key.to_lowercase()).map(str::to_owned).collect()),
        FactKind::File | FactKind::Ident | FactKind::Topic => Needle::Key,
    };
    let shown = match kind {
        FactKind::Err => shown.unwrap_or(&key).to_owned(),
        _ => name.to_owned(),
    };
    Fact {
        shown,
        weight,
        id,
        needle,
        key,
    }
}
