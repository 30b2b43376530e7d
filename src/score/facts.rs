//! What each fact is worth: shares of the whole, by activation.

use std::collections::HashMap;

use super::goal::Goal;
use super::item::Fact;
use super::wanted::Wanted;
use super::weights::Weights;
use crate::extract::words::{content, identifiers, lower};
use crate::ledger::{Ledger, Uses};

/// Identifiers beyond these are worth nothing: nobody asks for the next.
const NAMES_MOST: usize = 400;
/// So with words.
const WORDS_MOST: usize = 300;

/// The worth of the facts of one ledger: by what kind they are of, so that a text is looked up as it stands.
#[derive(Debug, Default)]
pub(super) struct Facts {
    files: HashMap<String, f64>,
    names: HashMap<String, f64>,
    commands: HashMap<String, f64>,
    words: HashMap<String, f64>,
}

impl Facts {
    pub(super) fn new(ledger: &Ledger, goal: Option<&Goal>, weights: &Weights) -> Self {
        let named = |fact: &Fact| goal.is_some_and(|goal| goal.names(fact));
        let now = ledger.now;
        let mut all = Self::default();
        let wanted = Wanted::new(ledger);
        let files = ledger.files.iter().filter(|file| !file.deleted);
        let found = ledger
            .found
            .iter()
            .map(|found| (Fact::File(found.path.clone()), weights.found * found.weight));
        let files = files.map(|file| {
            let mut factor = if file.edits > 0 { weights.edited } else { 1.0 };
            let defined = file.defined.iter().map(|defined| defined.name.as_str());
            if wanted.holds(&file.path, defined) {
                factor *= weights.named;
            }
            (
                Fact::File(file.path.clone()),
                factor * file.uses.activation(now),
            )
        });
        let spread = weights.spread;
        all.share(goal, weights.files, spread, files.chain(found));
        let names = ledger.names.all.iter().enumerate();
        let most = goal.map_or(NAMES_MOST, |_| usize::MAX);
        let names = names.take(most).filter_map(|(index, name)| {
            let fact = Fact::Name(name.name.clone());
            (index < NAMES_MOST || named(&fact)).then_some((fact, name.weight))
        });
        all.share(goal, weights.names, spread, names);
        let commands = ledger.commands.iter().map(|command| {
            (
                Fact::Command(command.text.clone()),
                command.uses.activation(now),
            )
        });
        all.share(goal, weights.commands, spread, commands);
        let words = words(ledger).into_iter();
        let words = words.map(|(word, weight)| (Fact::Word(word), weight));
        let counts = |(index, (fact, _)): &(usize, (Fact, f64))| *index < WORDS_MOST || named(fact);
        let words = words.enumerate().filter(counts).map(|(_, word)| word);
        all.share(goal, weights.words, spread, words);
        all
    }

    /// Divides `whole` among facts by log2(1 + spread × weight): the second use of a thing says less than the first.
    fn share(
        &mut self,
        goal: Option<&Goal>,
        whole: f64,
        spread: f64,
        facts: impl Iterator<Item = (Fact, f64)>,
    ) {
        let facts: Vec<(Fact, f64)> = facts
            .map(|(fact, weight)| (fact, (1.0 + spread * weight).log2()))
            .collect();
        let sum: f64 = facts.iter().map(|(_, weight)| weight).sum();
        for (fact, weight) in facts.into_iter().filter(|_| sum > 0.0) {
            let factor = goal.map_or(1.0, |goal| goal.factor(&fact));
            let worth = whole * weight / sum * factor;
            match fact {
                Fact::File(path) => self.files.insert(path, worth),
                Fact::Name(name) => self.names.insert(name, worth),
                Fact::Command(command) => self.commands.insert(command, worth),
                Fact::Word(word) => self.words.insert(word, worth),
                Fact::State(_) => None,
            };
        }
    }

    /// The worth of one fact; zero if it is not known.
    pub(super) fn of(&self, fact: &Fact) -> f64 {
        let worth = match fact {
            Fact::File(path) => self.files.get(path),
            Fact::Name(name) => self.names.get(name),
            Fact::Command(command) => self.commands.get(command),
            Fact::Word(word) => self.words.get(word),
            Fact::State(_) => None,
        };
        worth.copied().unwrap_or(0.0)
    }

    /// The facts that a text tells, with their worth.
    pub(super) fn told(&self, text: &str) -> Vec<(Fact, f64)> {
        let of = |known: &HashMap<String, f64>, text: &str| {
            known.get(text).copied().filter(|worth| *worth > 0.0)
        };
        let names = identifiers(text).filter_map(|name| {
            let worth = of(&self.names, name)?;
            Some((Fact::Name(name.to_owned()), worth))
        });
        // A word that says nothing is worth nothing.
        let words = text.split(|c: char| !c.is_alphabetic());
        let words = words.filter(|word| word.chars().nth(2).is_some());
        let words = words.filter_map(|word| {
            let word = lower(word);
            let worth = of(&self.words, &word)?;
            Some((Fact::Word(word.into_owned()), worth))
        });
        let paths = paths(text).filter_map(|path| {
            let worth = of(&self.files, path)?;
            Some((Fact::File(path.to_owned()), worth))
        });
        let mut facts: Vec<(Fact, f64)> = names.chain(words).chain(paths).collect();
        facts.sort_by(|a, b| a.0.cmp(&b.0));
        facts.dedup_by(|a, b| a.0 == b.0);
        facts
    }
}

/// Words of a text that look like paths.
pub(super) fn paths(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'`()[]<>,;:".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.contains('/') || word.contains('.'))
}

/// The content words of prompts and prose by activation × rarity, heaviest first.
fn words(ledger: &Ledger) -> Vec<(String, f64)> {
    let mut count: HashMap<String, (Uses, u32)> = HashMap::new();
    let mut texts = 0u32;
    let requests = ledger
        .requests
        .iter()
        .map(|request| (request.text.as_str(), request.cite.tick, 2));
    let prose = ledger
        .prose
        .iter()
        .map(|sentence| (sentence.text.as_str(), sentence.cite.tick, 1));
    for (text, tick, times) in requests.chain(prose) {
        texts += 1;
        let mut words: Vec<String> = content(text).filter(|word| word.len() > 3).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            let entry = count.entry(word).or_default();
            (0..times).for_each(|_| entry.0.add(tick));
            entry.1 += 1;
        }
    }
    let mut words: Vec<(String, f64)> = count
        .into_iter()
        .map(|(word, (uses, seen))| {
            (
                word,
                uses.activation(ledger.now) * (1.0 + f64::from(texts) / f64::from(seen)).ln(),
            )
        })
        .collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words
}
