//! Names: the identifiers that the last work was about, and where they live.

use std::collections::HashMap;

use super::{Cite, faded};
use crate::extract::words::identifiers;

/// An identifier in use.
#[derive(Clone, Debug)]
pub struct Name {
    /// As it is written.
    pub name: String,
    /// Activation at the end × how rare it is.
    pub weight: f64,
    /// How many events it stands in.
    pub events: u32,
    /// The files it was edited in or searched in, as they are shown, the one with most uses first.
    pub files: Vec<String>,
    /// The last line that it stands in, of a length that can be shown.
    pub line: Option<(String, Cite)>,
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

/// Counts names event by event.
#[derive(Debug, Default)]
pub(super) struct Counter {
    names: HashMap<String, Count>,
    events: u32,
}

#[derive(Debug)]
struct Count {
    uses: Vec<(u32, f64)>,
    events: u32,
    files: Vec<(String, u32)>,
    line: Option<(String, Cite)>,
    last: Cite,
}

/// Names kept in all: far more than any handoff shows, so that a log of gigabytes stays bounded.
const MOST: usize = 50_000;

/// Lines that can be shown: a shorter one says nothing, a longer one is a paragraph.
const LINE: std::ops::RangeInclusive<usize> = 16..=180;

impl Counter {
    /// Counts the names in the texts of one event, each once; `file` is the file the event is about, `weight` what a use
    /// counts against one in the agent's or the user's own words. Of the first `code` texts, which are code as it
    /// stands, lines are kept to be shown: what a program printed may be stale, and what was said is quoted elsewhere.
    pub(super) fn event(
        &mut self,
        texts: &[&str],
        file: Option<&str>,
        weight: f64,
        code: usize,
        cite: &Cite,
    ) {
        self.events += 1;
        let lines = texts
            .iter()
            .enumerate()
            .flat_map(|(index, text)| text.lines().map(move |line| (index < code, line)));
        let mut seen: Vec<(&str, Option<&str>)> = lines
            .flat_map(|(shown, line)| {
                identifiers(line).map(move |name| (name, shown.then_some(line.trim())))
            })
            .collect();
        seen.sort_by_key(|(name, _)| *name);
        seen.dedup_by_key(|(name, _)| *name);
        for (name, line) in seen {
            if !self.names.contains_key(name) {
                if self.names.len() >= MOST {
                    continue;
                }
                let count = Count {
                    uses: Vec::new(),
                    events: 0,
                    files: Vec::new(),
                    line: None,
                    last: cite.clone(),
                };
                self.names.insert(name.to_owned(), count);
            }
            let Some(count) = self.names.get_mut(name) else {
                continue;
            };
            count.events += 1;
            count.uses.push((cite.tick, weight));
            let own_words = weight >= 1.0;
            if own_words {
                count.last = cite.clone();
            }
            if let Some(line) = line.filter(|line| LINE.contains(&line.len())) {
                count.line = Some((line.to_owned(), cite.clone()));
            }
            if let Some(file) = file {
                match count.files.iter_mut().find(|(known, _)| known == file) {
                    Some((_, times)) => *times += 1,
                    None => count.files.push((file.to_owned(), 1)),
                }
            }
        }
    }

    /// Notes that `names` stand in `file`, where a search shows it.
    pub(super) fn stand_in<'t>(&mut self, names: impl Iterator<Item = &'t str>, file: &str) {
        for name in names {
            if let Some(count) = self.names.get_mut(name) {
                match count.files.iter_mut().find(|(known, _)| known == file) {
                    Some((_, times)) => *times += 1,
                    None => count.files.push((file.to_owned(), 1)),
                }
            }
        }
    }

    /// Forgets lines of code that are gone from where they stood.
    pub(super) fn forget_lines(&mut self, gone: &[String]) {
        for line in gone {
            for name in identifiers(line) {
                if let Some(count) = self.names.get_mut(name)
                    && count.line.as_ref().is_some_and(|(known, _)| known == line)
                {
                    count.line = None;
                }
            }
        }
    }

    pub(super) fn finish(self, now: u32) -> Names {
        let events = f64::from(self.events);
        let mut all: Vec<Name> = self
            .names
            .into_iter()
            .map(|(name, count)| Name {
                weight: activation(&count.uses, now)
                    * (1.0 + events / f64::from(count.events)).ln(),
                events: count.events,
                files: most_used(count.files),
                line: count.line,
                last: count.last,
                name,
            })
            .collect();
        all.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.name.cmp(&b.name))
        });
        let index = all
            .iter()
            .enumerate()
            .map(|(index, name)| (name.name.clone(), index))
            .collect();
        Names { all, index }
    }
}

/// The files of a name, the one with most uses first.
fn most_used(mut files: Vec<(String, u32)>) -> Vec<String> {
    files.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    files.into_iter().map(|(file, _)| file).collect()
}

fn activation(uses: &[(u32, f64)], now: u32) -> f64 {
    uses.iter()
        .map(|&(tick, weight)| weight * faded(tick, now))
        .sum()
}
