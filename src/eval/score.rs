//! How much of what the rest of a session used stands in a text.
//!
//! A fact that is only named earns half. It earns the whole where its line says
//! something true of it: words that stand beside it in the log too, two of
//! them neighbours there, its own counts, its heading. So neither a list of
//! names nor a heap of keywords pays.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Line, lines};
use super::facts::{Fact, FactKind, Facts, Needle};
use super::index::{Past, Sort};

/// What a fact earns that is named without anything true beside it.
const BARE: f64 = 0.5;

/// What a command earns whose family is named.
const FAMILY: f64 = 0.4;

/// What a text earned.
#[derive(Clone, Debug, Default)]
pub(super) struct Scored {
    /// The share of what was used that stands in the text, from 0 to 1.
    pub(super) recall: f64,
    /// The same by kind; none of a kind without facts.
    pub(super) kinds: [Option<f64>; 6],
    /// What each fact earned, by kind, in the order of the facts.
    pub(super) credits: [Vec<f64>; 6],
}

/// Scores `text`.
pub(super) fn score(text: &str, past: &Past<'_>, facts: &Facts) -> Scored {
    let lines = lines(text, past);
    let common = common(&lines);
    let mut scored = Scored {
        credits: FactKind::ALL.map(|kind| vec![0.0; facts.of(kind).len()]),
        ..Scored::default()
    };
    let mut marked = Marked::new(past.events.len());
    for line in &lines {
        let hits = hits(line, facts, past);
        if hits.found.is_empty() {
            continue;
        }
        let named: BTreeSet<(FactKind, usize)> = hits
            .found
            .iter()
            .filter(|(kind, ..)| is_named(*kind))
            .map(|(kind, at, _)| (*kind, *at))
            .collect();
        let factor = if named.is_empty() {
            1.0
        } else {
            credit(
                line,
                &hits.keys,
                named.len().max(line.named),
                past,
                &common,
                &mut marked,
            )
        };
        for (kind, at, value) in hits.found {
            let earned = if is_named(kind) {
                value * factor
            } else {
                value
            };
            let credit = scored
                .credits
                .get_mut(kind as usize)
                .and_then(|list| list.get_mut(at));
            if let Some(credit) = credit {
                *credit = credit.max(earned);
            }
        }
    }
    let (mut sum, mut shares) = (0.0, 0.0);
    for kind in FactKind::ALL {
        let weight = facts.weight(kind);
        let credits = scored.credits.get(kind as usize);
        let (Some(credits), true) = (credits, weight > 0.0) else {
            continue;
        };
        let earned: f64 = (facts.of(kind).iter().zip(credits))
            .map(|(fact, credit)| fact.weight * credit)
            .sum();
        if let Some(place) = scored.kinds.get_mut(kind as usize) {
            *place = Some(earned / weight);
        }
        sum += kind.share() * (earned / weight);
        shares += kind.share();
    }
    scored.recall = if shares > 0.0 { sum / shares } else { 0.0 };
    scored
}

/// True of kinds that a list of names would tell.
fn is_named(kind: FactKind) -> bool {
    matches!(kind, FactKind::File | FactKind::Ident | FactKind::Cmd)
}

/// Words that stand on more than 15 of 100 lines with names, and on five at least: they tell nothing of any.
fn common(lines: &[Line]) -> BTreeSet<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let with_names = lines.iter().filter(|line| line.named > 0);
    let mut all = 0_usize;
    for line in with_names {
        all += 1;
        for word in &line.context {
            *counts.entry(*word).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count >= 5 && *count as f64 > 0.15 * all as f64)
        .map(|(word, _)| word)
        .collect()
}

/// The facts that a line tells, and what in the log they are.
struct Hits {
    found: Vec<(FactKind, usize, f64)>,
    /// Paths, names, commands and failures, known ones that are no facts too.
    keys: Vec<u32>,
}

fn hits(line: &Line, facts: &Facts, past: &Past<'_>) -> Hits {
    let mut found = Vec::new();
    let mut keys = Vec::new();
    for &id in &line.files {
        keys.push(id);
        let path = past.entry(id).map_or("", |entry| &entry.name);
        found.extend(
            facts
                .place(FactKind::File, path)
                .map(|at| (FactKind::File, at, 1.0)),
        );
    }
    for name in &line.names {
        keys.extend(past.find(Sort::Name, name));
        found.extend(
            facts
                .place(FactKind::Ident, name)
                .map(|at| (FactKind::Ident, at, 1.0)),
        );
    }
    for (at, fact) in facts.of(FactKind::Cmd).iter().enumerate() {
        let value = match &fact.needle {
            Needle::Family(family) if line.plain.contains(family.as_str()) => 1.0,
            Needle::Command { full, .. } if line.plain.contains(full.as_str()) => {
                keys.extend(fact.id);
                1.0
            }
            Needle::Command { family, .. } if line.plain.contains(family.as_str()) => FAMILY,
            _ => continue,
        };
        found.push((FactKind::Cmd, at, value));
    }
    for (at, fact) in facts.of(FactKind::Err).iter().enumerate() {
        if tells(&fact.needle, &line.marks, 0.7) {
            found.push((FactKind::Err, at, 1.0));
            keys.extend(fact.id);
        }
    }
    for (at, fact) in facts.of(FactKind::Todo).iter().enumerate() {
        if tells(&fact.needle, &line.words, 0.6) {
            found.push((FactKind::Todo, at, 1.0));
        }
    }
    for word in &line.words {
        found.extend(
            facts
                .place(FactKind::Topic, word)
                .map(|at| (FactKind::Topic, at, 1.0)),
        );
    }
    Hits { found, keys }
}

/// True if at least that share of the needle's words are there.
fn tells(needle: &Needle, there: &BTreeSet<String>, share: f64) -> bool {
    let Needle::Words(words) = needle else {
        return false;
    };
    let both = words.iter().filter(|word| there.contains(*word)).count();
    !words.is_empty() && both as f64 >= share * words.len() as f64
}

/// Events that are looked at for a line.
struct Marked {
    bits: Vec<bool>,
    set: Vec<u32>,
}

impl Marked {
    fn new(events: usize) -> Self {
        Self {
            bits: vec![false; events],
            set: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for at in self.set.drain(..) {
            if let Some(bit) = self.bits.get_mut(at as usize) {
                *bit = false;
            }
        }
    }

    fn mark(&mut self, at: u32) {
        if let Some(bit) = self.bits.get_mut(at as usize)
            && !*bit
        {
            *bit = true;
            self.set.push(at);
        }
    }

    fn any(&self, events: &[u32]) -> bool {
        events
            .iter()
            .any(|&at| self.bits.get(at as usize) == Some(&true))
    }
}

/// What the names of a line earn: the whole if it says enough that is true of them.
fn credit(
    line: &Line,
    keys: &[u32],
    named: usize,
    past: &Past<'_>,
    common: &BTreeSet<u32>,
    marked: &mut Marked,
) -> f64 {
    marked.clear();
    let mut counts: BTreeSet<String> = BTreeSet::new();
    for &key in keys {
        for &at in past.lately(key) {
            marked.mark(at);
            marked.mark(at.saturating_add(1));
        }
        match past.entry(key).map(|entry| entry.sort) {
            Some(Sort::Path) => counts.extend(
                past.touches(key)
                    .into_iter()
                    .flatten()
                    .map(|n| n.to_string()),
            ),
            Some(Sort::Command) => {
                counts.insert(past.at(key).len().to_string());
            }
            _ => {}
        }
    }
    let counted = line.numbers.intersection(&counts).count();
    let true_words = line
        .context
        .iter()
        .filter(|word| !common.contains(word) && marked.any(past.told(**word)))
        .count();
    let mut good = true_words + counted.min(2);
    if good > 0 && counted == 0 && !has_true_pair(line, keys, past, marked) {
        return BARE;
    }
    if line.heading.iter().any(|word| marked.any(past.told(*word))) {
        good += 1;
    }
    if good > named.div_ceil(2) { 1.0 } else { BARE }
}

/// True if two neighbouring words of the line are neighbours in an event that names one of the keys.
fn has_true_pair(line: &Line, keys: &[u32], past: &Past<'_>, marked: &mut Marked) -> bool {
    let pairs: Vec<[u32; 2]> = line
        .sequence
        .windows(2)
        .filter_map(|pair| match pair {
            [Some(a), Some(b)] => Some([*a, *b]),
            _ => None,
        })
        .collect();
    // Most lines fail here or at the first event that says both words.
    let pairs: Vec<[u32; 2]> = pairs
        .into_iter()
        .filter(|pair| pair.iter().all(|word| marked.any(past.told(*word))))
        .collect();
    if pairs.is_empty() {
        return false;
    }
    let events: BTreeSet<u32> = keys
        .iter()
        .flat_map(|key| past.lately(*key))
        .copied()
        .collect();
    events.into_iter().any(|at| {
        past.said(at)
            .windows(2)
            .any(|two| pairs.iter().any(|pair| pair == two))
    })
}

/// What a text left out: facts with the share of the whole score that they would have added, the most first.
pub(super) fn missed<'f>(scored: &Scored, facts: &'f Facts) -> Vec<(FactKind, &'f Fact, f64, f64)> {
    let filled = FactKind::ALL
        .into_iter()
        .filter(|kind| !facts.of(*kind).is_empty());
    let shares: f64 = filled.map(FactKind::share).sum();
    let mut missed = Vec::new();
    for (kind, credits) in FactKind::ALL.into_iter().zip(&scored.credits) {
        let weight = facts.weight(kind);
        for (fact, credit) in facts.of(kind).iter().zip(credits) {
            let lost = kind.share() / shares * fact.weight * (1.0 - credit) / weight;
            if lost > 0.0 {
                missed.push((kind, fact, *credit, lost));
            }
        }
    }
    missed.sort_by(|a, b| b.3.total_cmp(&a.3));
    missed
}
