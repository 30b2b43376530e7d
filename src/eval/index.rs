//! Where in a log each path, name, command, failure and word stands.
//!
//! Made once for a log; what was known at a cut is the part of it before the cut.

use std::collections::HashMap;

use rayon::prelude::*;

use super::command::{Command, Failure, commands, failures};
use super::log::{Event, Log, Todos, What, todos};
use super::names::{Roots, identifiers, split};
use super::text::{content, head};

/// What can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Path,
    Name,
    Command,
    Family,
    Failure,
}

/// A path, a name, a command or a failure, and the events that hold it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) sort: Sort,
    pub(super) name: Box<str>,
    /// As it was first written, where that is not its name.
    pub(super) shown: Option<Box<str>>,
    /// The events in their order; one that tells of it twice stands twice.
    at: Vec<u32>,
}

/// A log, and where what stands in it.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) log: Log,
    pub(super) roots: Roots,
    /// In the order in which the log names them.
    entries: Vec<Entry>,
    ids: [HashMap<Box<str>, u32>; 5],
    vocabulary: HashMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    /// For each event, the words that its head says, in their order.
    said: Vec<Vec<u32>>,
    /// For each word, the events whose head says it, or whose tool makes it true.
    told: Vec<Vec<u32>>,
    /// For each word, the events that say it in a longer head.
    known: Vec<Vec<u32>>,
    /// For each event, the commands that it runs.
    pub(super) commands: Vec<Vec<Command>>,
    /// For each event, the file that it is about.
    pub(super) paths: Vec<String>,
    /// For each answer, the call that it answers.
    calls: Vec<Option<u32>>,
    /// For each answer of a shell, what went wrong.
    failures: Vec<Vec<Failure>>,
}

/// What is found in one event.
struct Seen {
    paths: Vec<String>,
    names: Vec<String>,
    lower: String,
    longer: String,
    commands: Vec<Command>,
    path: String,
}

impl Seen {
    fn of(event: &Event, roots: &Roots) -> Self {
        let (paths, rest) = split(head(&event.text, 30_000));
        let mut paths: Vec<String> = paths.into_iter().map(|path| roots.relative(path)).collect();
        paths.sort_unstable();
        paths.dedup();
        let path = event.path();
        Self {
            paths,
            names: identifiers(&rest).into_iter().map(str::to_owned).collect(),
            lower: head(&event.text, 6_000).to_lowercase(),
            longer: head(&event.text, 8_000).to_lowercase(),
            commands: commands(event.command()),
            path: if path.is_empty() {
                String::new()
            } else {
                roots.relative(path)
            },
        }
    }
}

/// Words that the tool of an event makes true of it.
fn roles(event: &Event) -> &'static [&'static str] {
    match (event.what, event.tool.as_deref()) {
        (What::Answer, _) if event.failed => &["failed", "failing", "error", "errors"],
        (What::Call, Some("Read")) => &["read", "reads", "viewed"],
        (What::Call, Some("Edit")) => {
            &["edited", "edits", "edit", "modified", "changed", "updated"]
        }
        (What::Call, Some("Write")) => &[
            "wrote", "created", "written", "new", "modified", "edited", "edits",
        ],
        (What::Call, Some("MultiEdit")) => &["edited", "edits", "modified"],
        (What::Call, Some("Bash")) => &["ran", "run", "runs", "command"],
        _ => &[],
    }
}

impl Index {
    pub(super) fn new(log: Log) -> Self {
        let roots = Roots::new(&log.cwds);
        let seen: Vec<Seen> = (log.events.par_iter())
            .map(|event| Seen::of(event, &roots))
            .collect();
        let called: HashMap<Option<&str>, u32> = (0..)
            .zip(&log.events)
            .filter(|(_, event)| event.what == What::Call)
            .map(|(at, event)| (event.id.as_deref(), at))
            .collect();
        let calls: Vec<Option<u32>> = log
            .events
            .iter()
            .map(|event| match event.what {
                What::Answer => called.get(&event.id.as_deref()).copied(),
                _ => None,
            })
            .collect();
        let shell = |call: &Option<u32>| match call.and_then(|call| log.events.get(call as usize)) {
            Some(call) => matches!(call.tool.as_deref(), Some("Bash") | None),
            None => true,
        };
        let failures: Vec<Vec<Failure>> = (log.events.par_iter().zip(&calls))
            .map(|(event, call)| match event.what {
                What::Answer if shell(call) => failures(&event.text),
                _ => Vec::new(),
            })
            .collect();
        let mut index = Self {
            calls,
            failures,
            roots,
            ..Self::default()
        };
        for (at, (seen, event)) in (0..).zip(seen.into_iter().zip(&log.events)) {
            index.add(at, seen, event);
        }
        index.log = log;
        index
    }

    fn add(&mut self, at: u32, seen: Seen, event: &Event) {
        for path in &seen.paths {
            self.put(Sort::Path, path, None, at);
        }
        for name in &seen.names {
            self.put(Sort::Name, name, None, at);
        }
        if !seen.path.is_empty() {
            self.put(Sort::Path, &seen.path, None, at);
        }
        for command in &seen.commands {
            self.put(Sort::Command, &command.full, Some(&command.family), at);
            self.put(Sort::Family, &command.family, None, at);
        }
        for failure in self.failures.get(at as usize).cloned().unwrap_or_default() {
            self.put(Sort::Failure, &failure.signature, Some(&failure.line), at);
        }
        let said: Vec<u32> = content(&seen.lower).map(|word| self.learn(word)).collect();
        for &word in &said {
            self.told_at(word, at);
        }
        for role in roles(event) {
            let word = self.learn(role);
            self.told_at(word, at);
        }
        for word in content(&seen.longer) {
            let word = self.learn(word);
            post(&mut self.known, word, at);
        }
        self.said.push(said);
        self.commands.push(seen.commands);
        self.paths.push(seen.path);
    }

    fn told_at(&mut self, word: u32, at: u32) {
        post(&mut self.told, word, at);
    }

    fn learn(&mut self, word: &str) -> u32 {
        if let Some(&id) = self.vocabulary.get(word) {
            return id;
        }
        let id = u32::try_from(self.vocabulary.len()).unwrap_or(u32::MAX);
        self.vocabulary.insert(word.into(), id);
        self.words.push(word.into());
        self.told.push(Vec::new());
        self.known.push(Vec::new());
        id
    }

    fn put(&mut self, sort: Sort, name: &str, shown: Option<&str>, at: u32) {
        let Some(ids) = self.ids.get_mut(sort as usize) else {
            return;
        };
        let id = match ids.get(name) {
            Some(&id) => id,
            None => {
                let id = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
                ids.insert(name.into(), id);
                self.entries.push(Entry {
                    sort,
                    name: name.into(),
                    shown: shown.map(Box::from),
                    at: Vec::new(),
                });
                id
            }
        };
        if let Some(entry) = self.entries.get_mut(id as usize) {
            entry.at.push(at);
        }
    }

    /// The number of a word; none of what the log never says.
    pub(super) fn word(&self, word: &str) -> Option<u32> {
        self.vocabulary.get(word).copied()
    }

    /// The word of a number.
    pub(super) fn spelled(&self, word: u32) -> &str {
        self.words.get(word as usize).map_or("", |word| word)
    }

    /// What of the answer at `at` went wrong, to one who knows the events from `from` on: where the call is not among
    /// them, it may have been a shell's.
    pub(super) fn failures_from(&self, at: usize, from: usize) -> Vec<Failure> {
        let call = self.calls.get(at).copied().flatten();
        match self.log.events.get(at) {
            Some(event)
                if event.what == What::Answer
                    && call.is_some_and(|call| (call as usize) < from) =>
            {
                failures(&event.text)
            }
            _ => self.failures.get(at).cloned().unwrap_or_default(),
        }
    }
}

/// Adds an event to those of a word, once.
fn post(lists: &mut [Vec<u32>], word: u32, at: u32) {
    if let Some(list) = lists.get_mut(word as usize)
        && list.last() != Some(&at)
    {
        list.push(at);
    }
}

/// The part of a list of events before `end`.
fn before(list: &[u32], end: usize) -> &[u32] {
    let count = list.partition_point(|&at| (at as usize) < end);
    list.get(..count).unwrap_or_default()
}

/// What was known at a cut.
#[derive(Debug)]
pub(super) struct Past<'a> {
    pub(super) index: &'a Index,
    /// The events before the cut.
    pub(super) events: &'a [Event],
    /// Calls of tools before the cut.
    pub(super) calls: usize,
    /// Files that calls were about, with the number of edits and of other calls.
    touched: HashMap<u32, [u32; 2]>,
    /// The same, in the order of their first use.
    pub(super) files: Vec<(&'a str, u32)>,
    pub(super) todos: Todos,
}

impl<'a> Past<'a> {
    /// What was known before the event `cut`.
    pub(super) fn new(index: &'a Index, cut: usize) -> Self {
        let events = index.log.events.get(..cut).unwrap_or(&index.log.events);
        let mut past = Self {
            index,
            events,
            calls: events
                .iter()
                .filter(|event| event.what == What::Call)
                .count(),
            touched: HashMap::new(),
            files: Vec::new(),
            todos: todos(events),
        };
        for (event, path) in events.iter().zip(&index.paths) {
            if path.is_empty() {
                continue;
            }
            let Some(id) = past.find(Sort::Path, path) else {
                continue;
            };
            let counts = past.touched.entry(id).or_insert_with(|| {
                past.files.push((path, id));
                [0, 0]
            });
            let [edits, others] = counts;
            *(if event.edits() { edits } else { others }) += 1;
        }
        past
    }

    /// The number of what was known by that name.
    pub(super) fn find(&self, sort: Sort, name: &str) -> Option<u32> {
        let id = self.index.ids.get(sort as usize)?.get(name).copied()?;
        (!self.at(id).is_empty()).then_some(id)
    }

    pub(super) fn entry(&self, id: u32) -> Option<&'a Entry> {
        self.index.entries.get(id as usize)
    }

    /// All that was known, in the order in which the log names it.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a Entry, usize)> {
        let end = self.events.len();
        (self.index.entries.iter())
            .map(move |entry| (entry, before(&entry.at, end).len()))
            .filter(|(_, count)| *count > 0)
    }

    /// The events that hold it.
    pub(super) fn at(&self, id: u32) -> &'a [u32] {
        self.entry(id)
            .map_or(&[], |entry| before(&entry.at, self.events.len()))
    }

    /// The last forty of them.
    pub(super) fn lately(&self, id: u32) -> &'a [u32] {
        let at = self.at(id);
        at.get(at.len().saturating_sub(40)..).unwrap_or(at)
    }

    /// The edits and other calls of a file that a call was about.
    pub(super) fn touches(&self, id: u32) -> Option<[u32; 2]> {
        self.touched.get(&id).copied()
    }

    /// In how many events a word stands.
    pub(super) fn frequency(&self, word: &str) -> usize {
        let list = self
            .index
            .word(word)
            .and_then(|word| self.index.known.get(word as usize));
        list.map_or(0, |list| before(list, self.events.len()).len())
    }

    /// The events that say a word or have it as their role.
    pub(super) fn told(&self, word: u32) -> &'a [u32] {
        let list = self.index.told.get(word as usize);
        list.map_or(&[], |list| before(list, self.events.len()))
    }

    /// The words of an event's head, in their order.
    pub(super) fn said(&self, at: u32) -> &'a [u32] {
        self.index.said.get(at as usize).map_or(&[], Vec::as_slice)
    }

    /// The words of an event, each once, with its roles.
    pub(super) fn event_words(&self, at: u32) -> std::collections::BTreeSet<u32> {
        let event = self.events.get(at as usize);
        let roles = event.map_or(&[] as &[_], roles).iter();
        let roles = roles.filter_map(|role| self.index.word(role));
        self.said(at).iter().copied().chain(roles).collect()
    }
}
