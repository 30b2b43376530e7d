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
    /// The files it was edited in or searched in, as they are shown, the one with most uses first.
    pub files: Vec<String>,
    /// The last line that it stands in, of a length that can be shown.
    pub line: Option<(String, Cite)>,
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
    /// Files by their number, with how often.
    files: Vec<(u32, u32)>,
    line: Option<(&'s str, &'s Event)>,
    /// The last line it stands in.
    within: &'s str,
    /// The number of the file of that line.
    line_in: Option<u32>,
    last: &'s Event,
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
    /// Counts the names in the texts of one event, each once; `file` is the file the event is about, `own` is true
    /// for the agent's or the user's own words. Of the first `code` texts, which are code as it
    /// stands, lines are kept to be shown: what a program printed may be stale, and what was said is quoted elsewhere.
    pub(super) fn event(
        &mut self,
        texts: &[&'s str],
        file: Option<&str>,
        own: bool,
        code: usize,
        event: &'s Event,
    ) {
        self.events += 1;
        let file = file.map(|file| self.files.number(file));
        for (index, text) in texts.iter().enumerate() {
            for line in text.lines() {
                let shown =
                    Some(line.trim()).filter(|line| index < code && LINE.contains(&line.len()));
                for name in identifiers(line) {
                    self.used(name, line, shown, file, own, event);
                }
            }
        }
    }

    fn used(
        &mut self,
        name: &'s str,
        within: &'s str,
        line: Option<&'s str>,
        file: Option<u32>,
        own: bool,
        event: &'s Event,
    ) {
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
        if let Some(line) = line {
            count.line = Some((line, event));
            count.line_in = file;
        }
        if let Some(file) = file {
            count.stands_in(file);
        }
    }

    /// Notes that `names` stand in `file`, where a search shows it.
    pub(super) fn stand_in<'t>(&mut self, names: impl Iterator<Item = &'t str>, file: &str) {
        let file = self.files.number(file);
        for name in names {
            if let Some(count) = self.index.get(name).and_then(|&i| self.counts.get_mut(i)) {
                count.stands_in(file);
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
                count.files.retain(|(known, _)| *known != file);
            }
        }
    }

    /// A file was written anew: of its lines and names, those that `content` has are left.
    pub(super) fn rewritten(&mut self, file: &str, content: &str) {
        let file = self.files.number(file);
        for count in &mut self.counts {
            let stands = count.files.iter().any(|(known, _)| *known == file);
            if !stands {
                continue;
            }
            if !content.contains(count.name) {
                count.files.retain(|(known, _)| *known != file);
            }
            let alone = count.files.iter().all(|(known, _)| *known == file);
            if alone && count.line.is_some_and(|(line, _)| !content.contains(line)) {
                count.line = None;
            }
        }
    }

    pub(super) fn finish(self, now: u32) -> Names {
        let events = f64::from(self.events);
        let paths = self.files.paths;
        let counts = self.counts.into_iter();
        let mut all: Vec<(Name, &str)> = counts
            .map(|count| {
                let used = u32::try_from(count.uses.len()).unwrap_or(u32::MAX);
                let line = count.line;
                let line_in = count.line_in.filter(|_| line.is_some());
                let name = Name {
                    name: count.name.to_owned(),
                    weight: activation(&count.uses, now) * (1.0 + events / f64::from(used)).ln(),
                    events: used,
                    own: count.uses.iter().any(|(_, own)| *own),
                    files: most_used(count.files, &paths),
                    line: line.map(|(line, event)| (line.to_owned(), Cite::of(event))),
                    line_in: line_in.and_then(|file| paths.get(file as usize).cloned()),
                    within: String::new(),
                    last: Cite::of(count.last),
                };
                (name, count.within)
            })
            .collect();
        all.sort_by(|(a, _), (b, _)| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.name.cmp(&b.name))
        });
        for (name, line) in all.iter_mut().take(WITHIN) {
            name.within = around(line, &name.name).to_owned();
        }
        let all: Vec<Name> = all.into_iter().map(|(name, _)| name).collect();
        let index = all
            .iter()
            .enumerate()
            .map(|(index, name)| (name.name.clone(), index))
            .collect();
        Names { all, index }
    }
}

impl Count<'_> {
    fn stands_in(&mut self, file: u32) {
        match self.files.iter_mut().find(|(known, _)| *known == file) {
            Some((_, times)) => *times += 1,
            None => self.files.push((file, 1)),
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

/// The files of a name, the one with most uses first.
fn most_used(files: Vec<(u32, u32)>, paths: &[String]) -> Vec<String> {
    let files = files.into_iter();
    let mut files: Vec<(&String, u32)> = files
        .filter_map(|(file, times)| Some((paths.get(file as usize)?, times)))
        .collect();
    files.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    files.into_iter().map(|(file, _)| file.clone()).collect()
}

/// What a name in a tool's answer counts against one in somebody's words: most of what a tool prints is passed over.
const SHOWN: f64 = 0.3;

/// Calls that count as one moment: a name stands in many texts at once, and the last of them would be all.
const RECENT: u32 = 9;

fn activation(uses: &[(u32, bool)], now: u32) -> f64 {
    uses.iter()
        .map(|&(tick, own)| if own { 1.0 } else { SHOWN } * faded(tick, now + RECENT))
        .sum()
}
