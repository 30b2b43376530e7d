//! Names: the identifiers that the last work was about, and where they live.

use std::collections::HashMap;

use super::{Cite, faded};
use crate::extract::words::identifiers;
use crate::session::Event;

/// An identifier in use.
#[derive(Clone, Debug)]
pub struct Name {
    /// As it is written.
    pub name: String,
    /// Activation at the end × how rare it is.
    pub weight: f64,
    /// How many events it stands in.
    pub events: u32,
    /// True if it stands in somebody's own words, or in what was written; false if tools only showed it.
    pub own: bool,
    /// The files it stands in, as they are shown: those that edits brought it into, the first of them first, then those
    /// it was read or found in, the one with most uses first.
    pub files: Vec<String>,
    /// How many of them edits brought it into.
    pub brought: usize,
    /// Where it was seen last in each of them; empty for names that are far from mattering.
    pub seen: Vec<Cite>,
    /// The last line that it stands in, of a length that can be shown.
    pub line: Option<(String, Cite)>,
    /// True if an edit brought that line; else it was read.
    pub line_brought: bool,
    /// The file that this line stands in, as it is shown.
    pub line_in: Option<String>,
    /// The line it stood in last, or what is around it there, as the log has it: what it has to be judged by.
    /// Empty for names that are far from mattering.
    pub within: String,
    /// Its last use.
    pub last: Cite,
}

/// The identifiers of a session, heaviest first.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names.
    pub all: Vec<Name>,
    index: HashMap<String, usize>,
}

impl Names {
    /// The weight of `name`; zero if it is not known.
    pub fn weight(&self, name: &str) -> f64 {
        self.index
            .get(name)
            .map_or(0.0, |&index| self.all[index].weight)
    }
}

/// Counts names event by event. The texts stay where they are until it is known which of them are wanted.
#[derive(Debug, Default)]
pub(super) struct Counter<'s> {
    index: HashMap<&'s str, usize>,
    counts: Vec<Count<'s>>,
    files: Files,
    events: u32,
}

#[derive(Debug)]
struct Count<'s> {
    name: &'s str,
    /// Ticks, and whether it stood in the agent's or the user's own words.
    uses: Vec<(u32, bool)>,
    /// The number of the last event that it stands in.
    counted: u32,
    files: Vec<Standing<'s>>,
    line: Option<(&'s str, &'s Event)>,
    /// True if an edit brought that line.
    line_brought: bool,
    /// The last line it stands in.
    within: &'s str,
    /// The number of the file of that line.
    line_in: Option<u32>,
    last: &'s Event,
}

/// What a text is to the names in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A tool's answer.
    Shown,
    /// A line of a file that was read: it can be shown.
    Read,
    /// Words of the agent or the user, or code that an edit repeats.
    Said,
    /// What an edit brought into a file.
    Brought,
    /// A line of that, as it stands: it can be shown. What a program printed may be stale, and what was said is quoted
    /// elsewhere.
    Line,
}

/// That a name stands in a file.
#[derive(Clone, Copy, Debug)]
struct Standing<'s> {
    /// The number of the file.
    file: u32,
    /// Where it was seen there last.
    last: &'s Event,
    /// How often it was seen there.
    times: u32,
    /// The number of the event that brought it there, if an edit did.
    brought: Option<u32>,
}

/// Files that names stand in, by number.
#[derive(Debug, Default)]
struct Files {
    index: HashMap<String, u32>,
    paths: Vec<String>,
}

impl Files {
    fn number(&mut self, path: &str) -> u32 {
        if let Some(&number) = self.index.get(path) {
            return number;
        }
        let number = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.index.insert(path.to_owned(), number);
        self.paths.push(path.to_owned());
        number
    }
}

/// Names kept in all: far more than any handoff shows, so that a log of gigabytes stays bounded.
const MOST: usize = 50_000;

/// Names whose last line is kept.
const WITHIN: usize = 500;

/// Lines that can be shown: a shorter one says nothing, a longer one is a paragraph.
const LINE: std::ops::RangeInclusive<usize> = 16..=180;

impl<'s> Counter<'s> {
    /// Counts the names in what the agent or the user said.
    pub(super) fn said(&mut self, texts: &[&'s str], file: Option<&str>, event: &'s Event) {
        self.texts(texts, file, |_| Part::Said, event);
    }

    /// Counts the names in what a tool showed.
    pub(super) fn shown(&mut self, text: &'s str, event: &'s Event) {
        self.texts(&[text], None, |_| Part::Shown, event);
    }

    /// Counts the names in the lines of a file that was read.
    pub(super) fn read(&mut self, lines: &[&'s str], file: &str, event: &'s Event) {
        self.texts(lines, Some(file), |_| Part::Read, event);
    }

    /// Counts the names in what was written to `file`: texts that it brought there, of which the first `lines` are code
    /// that can be shown as it stands, and behind them `around`, which stood there before.
    pub(super) fn wrote(
        &mut self,
        brought: &[&'s str],
        lines: usize,
        around: &[&'s str],
        file: Option<&str>,
        event: &'s Event,
    ) {
        let texts = [brought, around].concat();
        let part = |index| match index {
            _ if index < lines => Part::Line,
            _ if index < brought.len() => Part::Brought,
            _ => Part::Said,
        };
        self.texts(&texts, file, part, event);
    }

    /// Counts each name in `texts` once.
    fn texts(
        &mut self,
        texts: &[&'s str],
        file: Option<&str>,
        part: impl Fn(usize) -> Part,
        event: &'s Event,
    ) {
        self.events += 1;
        let file = file.map(|file| self.files.number(file));
        for (index, text) in texts.iter().enumerate() {
            for line in text.lines() {
                for name in identifiers(line) {
                    self.used(name, line, part(index), file, event);
                }
            }
        }
    }

    fn used(
        &mut self,
        name: &'s str,
        within: &'s str,
        part: Part,
        file: Option<u32>,
        event: &'s Event,
    ) {
        let own = !matches!(part, Part::Shown | Part::Read);
        let known = self.index.get(name).copied();
        let index = match known {
            Some(index) => index,
            None if self.counts.len() >= MOST => return,
            None => {
                self.index.insert(name, self.counts.len());
                self.counts.push(Count {
                    name,
                    uses: Vec::new(),
                    counted: 0,
                    files: Vec::new(),
                    line: None,
                    line_brought: false,
                    within,
                    line_in: None,
                    last: event,
                });
                self.counts.len() - 1
            }
        };
        let Some(count) = self.counts.get_mut(index) else {
            return;
        };
        if count.counted == self.events {
            return;
        }
        count.counted = self.events;
        count.uses.push((event.tick, own));
        count.within = within;
        if own {
            count.last = event;
        }
        let line = within.trim();
        // What was read stands there unless it was written anew.
        let shows = match part {
            Part::Line => true,
            Part::Read => count.line.is_none() || !count.line_brought,
            _ => false,
        };
        if shows && LINE.contains(&line.len()) {
            count.line = Some((line, event));
            count.line_brought = part == Part::Line;
            count.line_in = file;
        }
        if let Some(file) = file {
            let brought = matches!(part, Part::Line | Part::Brought).then_some(self.events);
            count.stands_in(file, brought, event);
        }
    }

    /// Notes that `names` stand in `file`, where a search shows it.
    pub(super) fn stand_in<'t>(
        &mut self,
        names: impl Iterator<Item = &'t str>,
        file: &str,
        event: &'s Event,
    ) {
        let file = self.files.number(file);
        for name in names {
            if let Some(count) = self.index.get(name).and_then(|&i| self.counts.get_mut(i)) {
                count.stands_in(file, None, event);
            }
        }
    }

    /// Forgets lines of code that are gone from where they stood.
    pub(super) fn forget_lines(&mut self, gone: &[&str]) {
        for &line in gone {
            for name in identifiers(line) {
                if let Some(count) = self.index.get(name).and_then(|&i| self.counts.get_mut(i))
                    && count.line.is_some_and(|(known, _)| known == line)
                {
                    count.line = None;
                }
            }
        }
    }

    /// These names stand in that file no more.
    pub(super) fn left(&mut self, names: &[&str], file: &str) {
        let file = self.files.number(file);
        for name in names {
            if let Some(count) = self.index.get(name).and_then(|&i| self.counts.get_mut(i)) {
                count.files.retain(|standing| standing.file != file);
            }
        }
    }

    /// A file was written anew: of its lines and names, those that `content` has are left.
    pub(super) fn rewritten(&mut self, file: &str, content: &str) {
        let file = self.files.number(file);
        for count in &mut self.counts {
            let stands = count.files.iter().any(|standing| standing.file == file);
            if !stands {
                continue;
            }
            if !content.contains(count.name) {
                count.files.retain(|standing| standing.file != file);
            }
            let alone = count.files.iter().all(|standing| standing.file == file);
            if alone && count.line.is_some_and(|(line, _)| !content.contains(line)) {
                count.line = None;
            }
        }
    }

    pub(super) fn finish(self, now: u32) -> Names {
        let events = f64::from(self.events);
        let paths = self.files.paths;
        let counts = self.counts.into_iter();
        // What a use counts goes by its age alone, and there are many of one age.
        let faded: Vec<f64> = (0..=now.saturating_add(RECENT).min(AGES))
            .map(|age| faded(0, age))
            .collect();
        let mut all: Vec<(Name, &str, Vec<&Event>)> = counts
            .map(|count| {
                let used = u32::try_from(count.uses.len()).unwrap_or(u32::MAX);
                let line = count.line;
                let line_in = count.line_in.filter(|_| line.is_some());
                let brought = count.files.iter().filter(|it| it.brought.is_some()).count();
                let (files, seen) = in_order(count.files, &paths).into_iter().unzip();
                let name = Name {
                    name: count.name.to_owned(),
                    weight: activation(&count.uses, now, &faded)
                        * (1.0 + events / f64::from(used)).ln(),
                    events: used,
                    own: count.uses.iter().any(|(_, own)| *own),
                    brought,
                    seen: Vec::new(),
                    files,
                    line: line.map(|(line, event)| (line.to_owned(), Cite::of(event))),
                    line_brought: count.line_brought,
                    line_in: line_in.and_then(|file| paths.get(file as usize).cloned()),
                    within: String::new(),
                    last: Cite::of(count.last),
                };
                (name, count.within, seen)
            })
            .collect();
        all.sort_by(|(a, ..), (b, ..)| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.name.cmp(&b.name))
        });
        for (name, line, seen) in all.iter_mut().take(WITHIN) {
            name.within = around(line, &name.name).to_owned();
            name.seen = seen.iter().copied().map(Cite::of).collect();
        }
        let all: Vec<Name> = all.into_iter().map(|(name, ..)| name).collect();
        let index = all
            .iter()
            .enumerate()
            .map(|(index, name)| (name.name.clone(), index))
            .collect();
        Names { all, index }
    }
}

impl<'s> Count<'s> {
    fn stands_in(&mut self, file: u32, brought: Option<u32>, event: &'s Event) {
        match self.files.iter_mut().find(|standing| standing.file == file) {
            Some(standing) => {
                standing.times += 1;
                standing.last = event;
                standing.brought = standing.brought.or(brought);
            }
            None => self.files.push(Standing {
                file,
                last: event,
                times: 1,
                brought,
            }),
        }
    }
}

/// Of `line`, what stands near `name`.
fn around<'t>(line: &'t str, name: &str) -> &'t str {
    const NEAR: usize = 160;
    let at = line.find(name).unwrap_or(0);
    let mut start = at.saturating_sub(NEAR);
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = line.len().min(at + name.len() + NEAR);
    while !line.is_char_boundary(end) {
        end += 1;
    }
    &line[start..end]
}

/// The files of a name: those it was brought into, then the others, the one with most uses first.
fn in_order<'s>(files: Vec<Standing<'s>>, paths: &[String]) -> Vec<(String, &'s Event)> {
    let files = files.into_iter();
    let mut files: Vec<(&String, Standing<'_>)> = files
        .filter_map(|standing| Some((paths.get(standing.file as usize)?, standing)))
        .collect();
    let order = |(path, standing): &(&String, Standing<'_>)| {
        let brought = standing.brought.unwrap_or(u32::MAX);
        (brought, std::cmp::Reverse(standing.times), path.to_string())
    };
    files.sort_by_cached_key(order);
    let files = files.into_iter();
    files
        .map(|(path, standing)| (path.clone(), standing.last))
        .collect()
}

/// What a name in a tool's answer counts against one in somebody's words: most of what a tool prints is passed over.
const SHOWN: f64 = 0.3;

/// Calls that count as one moment: a name stands in many texts at once, and the last of them would be all.
const RECENT: u32 = 9;

/// Ages whose weights are worth noting.
const AGES: u32 = 1 << 16;

fn activation(uses: &[(u32, bool)], now: u32, by_age: &[f64]) -> f64 {
    uses.iter()
        .map(|&(tick, own)| {
            let age = (now + RECENT).saturating_sub(tick);
            let known = by_age.get(age as usize).copied();
            let faded = known.unwrap_or_else(|| faded(tick, now + RECENT));
            if own { faded } else { SHOWN * faded }
        })
        .sum()
}
