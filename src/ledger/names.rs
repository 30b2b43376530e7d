//! Names: the identifiers that the last work was about, and where they live.

use std::collections::HashMap;

use super::{Cite, Uses};

/// An identifier in use.
#[derive(Clone, Debug)]
pub struct Name {
    /// As it is written.
    pub name: String,
    /// Activation at the end × how rare it is.
    pub weight: f64,
    /// How many events it stands in.
    pub events: u32,
    /// The file it is edited, searched or read about in most, as it is shown.
    pub file: Option<String>,
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
    uses: Uses,
    events: u32,
    files: Vec<(String, u32)>,
    last: Cite,
}

/// Names kept in all: far more than any handoff shows, so that a log of gigabytes stays bounded.
const MOST: usize = 50_000;

impl Counter {
    /// Counts the names of one event, each once; `file` is the file the event is about.
    pub(super) fn event<'t>(
        &mut self,
        names: impl Iterator<Item = &'t str>,
        file: Option<&str>,
        acted: bool,
        cite: &Cite,
    ) {
        self.events += 1;
        let mut seen: Vec<&str> = names.collect();
        seen.sort_unstable();
        seen.dedup();
        for name in seen {
            if !self.names.contains_key(name) {
                if self.names.len() >= MOST {
                    continue;
                }
                let count = Count {
                    uses: Uses::default(),
                    events: 0,
                    files: Vec::new(),
                    last: cite.clone(),
                };
                self.names.insert(name.to_owned(), count);
            }
            let Some(count) = self.names.get_mut(name) else {
                continue;
            };
            count.events += 1;
            if acted {
                count.uses.add(cite.tick);
                count.last = cite.clone();
            }
            if let Some(file) = file {
                match count.files.iter_mut().find(|(known, _)| known == file) {
                    Some((_, times)) => *times += 1,
                    None => count.files.push((file.to_owned(), 1)),
                }
            }
        }
    }

    pub(super) fn finish(self, now: u32) -> Names {
        let events = f64::from(self.events);
        let mut all: Vec<Name> = self
            .names
            .into_iter()
            .filter(|(_, count)| count.uses.count() > 0)
            .map(|(name, count)| Name {
                weight: count.uses.activation(now) * (1.0 + events / f64::from(count.events)).ln(),
                events: count.events,
                file: count
                    .files
                    .into_iter()
                    .min_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)))
                    .map(|(file, _)| file),
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
