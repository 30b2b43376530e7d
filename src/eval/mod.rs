//! How much of what really came next a handoff would have carried.
//!
//! A session is cut, the handoff of its first part is made, and what its rest
//! used – files, identifiers, commands, open items, errors, words – is looked
//! for in the handoff: no model and no annotator. Only what was known at the
//! cut counts. Takes transcripts and the ways to make a text of them, gives
//! scores by cut and their means with intervals; leaves to others what the
//! handoffs say and where scores are shown.
//!
//! The scorer shares no code with what makes handoffs, from the log on: it
//! reads lines, tools and words in its own plain way, so that a mistake of the
//! pipeline is not repeated in its judge. Subagents' own files are not read.

mod baseline;
mod bootstrap;
mod command;
mod cut;
mod document;
mod facts;
mod index;
mod json;
mod log;
mod make;
mod names;
mod score;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod tune;

use rayon::prelude::*;
use serde::Serialize;

pub use cut::CutKind;
pub use facts::FactKind;
pub use summary::{Contrast, Group, Interval, Method, Report};
pub use table::markdown;
pub use tune::{Search, Trial, Tuned, tune};

use crate::discover::SessionFiles;
use crate::error::Problem;
use crate::pipeline;
use crate::rules::RuleSet;
use crate::safety::Policy;
use crate::session::{self, Session};
use cut::cuts;
use facts::{Facts, by_kind};
use index::{Index, Past};
use log::Log;
use make::made;

/// A way to make a text of the first part of a session.
#[derive(Clone, Copy, Debug)]
pub enum Maker<'a> {
    /// A handoff.
    Handoff {
        /// What is looked for.
        rules: &'a RuleSet,
        /// How it is made; the budgets are those of [`Options`].
        options: &'a pipeline::Options,
    },
    /// Always this text, cut at the budget.
    Text(&'a str),
}

/// How to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// The budgets in tokens, in the order of the tables.
    pub budgets: Vec<u32>,
    /// Whether the texts to compare with are made and scored: the tail, the masked tail, what is frequent, and the oracle.
    pub baselines: bool,
    /// How many facts of each cut are listed that the first text left out, at the last budget.
    pub missed: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            budgets: vec![500, 1_000, 2_000],
            baselines: true,
            missed: 0,
        }
    }
}

/// The scores of the texts at one cut.
#[derive(Clone, Debug, Serialize)]
pub struct Cut {
    /// The first eight characters of the session's id.
    pub session: String,
    /// Where the session was cut.
    pub kind: CutKind,
    /// The line of the log, one-based, that is the first of the rest.
    pub line: usize,
    /// Calls of tools before the cut.
    pub calls_before: usize,
    /// Calls of tools behind it, as far as they count.
    pub calls_behind: usize,
    /// The share of later use of files and commands that was known before.
    pub knowable: f64,
    /// How many facts the rest used, by kind.
    #[serde(serialize_with = "by_kind")]
    pub facts: [usize; 6],
    /// The scores, by budget, then by text.
    pub scores: Vec<Score>,
    /// What the first text left out, the most valuable first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<Missed>,
}

/// The score of a text.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// The budget in tokens.
    pub budget: u32,
    /// The name of the text.
    pub text: String,
    /// The share of what was used that stands in it, from 0 to 1.
    pub recall: f64,
    /// The same by kind of fact; none of a kind without facts, and of the bound.
    #[serde(serialize_with = "by_kind")]
    pub kinds: [Option<f64>; 6],
    /// Its tokens by the measure's estimate.
    pub tokens: usize,
}

/// A fact that a text left out, or only named.
#[derive(Clone, Debug, Serialize)]
pub struct Missed {
    /// Its kind.
    pub kind: FactKind,
    /// As the log writes it, safe to print.
    pub fact: String,
    /// What the text earned for it, below 1: a half where it only names it.
    pub earned: f64,
    /// What the whole would have added to the score.
    pub lost: f64,
}

/// The name of the end of the log, as it stands there: what is had for nothing.
pub const TAIL: &str = "tail";
const MASKED: &str = "masked";
const FREQUENT: &str = "frequent";
const ORACLE: &str = "oracle";
/// The name of the score that no text can beat.
pub const BOUND: &str = "bound";

/// The cuts of one session.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Those that can be scored.
    pub cuts: Vec<Cut>,
    /// What could not be read or made.
    pub problems: Vec<Problem>,
}

/// Cuts sessions and scores the texts of all `makers`, each under its name, in parallel.
///
/// Results are in the order of `sessions`; a session that cannot be cut gives
/// an empty result, one that cannot be read a problem. The same input gives
/// the same scores, whatever the number of threads.
pub fn measure(
    sessions: &[SessionFiles],
    makers: &[(&str, Maker<'_>)],
    options: &Options,
) -> Vec<Measured> {
    sessions
        .par_iter()
        .map(|files| one(files, makers, options))
        .collect()
}

fn one(files: &SessionFiles, makers: &[(&str, Maker<'_>)], options: &Options) -> Measured {
    let path = files.main.to_string();
    let (log, problems) = match Log::read(&files.main) {
        Ok(read) => read,
        Err(error) => {
            let what = format!("left out: {error}");
            return Measured {
                cuts: Vec::new(),
                problems: vec![problem(&path, 0, what)],
            };
        }
    };
    let mut measured = Measured {
        cuts: Vec::new(),
        problems,
    };
    let cuts = cuts(&log.events);
    if cuts.is_empty() {
        return measured;
    }
    let index = Index::new(log);
    let scored: Vec<_> = cuts
        .par_iter()
        .filter_map(|place| {
            let past = Past::new(&index, place.at);
            let facts = Facts::new(&past, place.at, place.end);
            let counts = place.counts(&past, &facts);
            counts.then(|| {
                Scorer {
                    files,
                    place,
                    past,
                    facts,
                }
                .run(makers, options)
            })
        })
        .collect();
    for (cut, problems) in scored {
        measured.cuts.push(cut);
        measured.problems.extend(problems);
    }
    measured
}

fn problem(path: &str, line: usize, what: String) -> Problem {
    Problem {
        path: path.to_owned(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: 0,
        what,
    }
}

/// The head of a session's id that people type, safe to print.
fn short(id: &str) -> String {
    crate::safety::clean(id).chars().take(8).collect()
}

/// A cut with what was known and what came.
struct Scorer<'s> {
    files: &'s SessionFiles,
    place: &'s cut::Place,
    past: Past<'s>,
    facts: Facts,
}

impl Scorer<'_> {
    fn run(&self, makers: &[(&str, Maker<'_>)], options: &Options) -> (Cut, Vec<Problem>) {
        let mut problems = Vec::new();
        let before = self
            .past
            .index
            .log
            .events
            .get(self.place.at)
            .map_or(0, |event| event.before);
        let first = self.first_part(before, makers);
        let texts: Vec<Vec<String>> = makers
            .iter()
            .map(|(name, maker)| {
                let (texts, failed) = made(maker, &first, &options.budgets);
                let failed = failed.into_iter().map(|what| {
                    problem(
                        &self.files.main.to_string(),
                        before + 1,
                        format!("{name}: {what}; counts as an empty text"),
                    )
                });
                problems.extend(failed);
                texts
            })
            .collect();
        let mut cut = Cut {
            session: short(&self.files.id),
            kind: self.place.kind,
            line: before + 1,
            calls_before: self.past.calls,
            calls_behind: self.facts.calls,
            knowable: self.facts.knowable,
            facts: FactKind::ALL.map(|kind| self.facts.of(kind).len()),
            scores: Vec::new(),
            missed: Vec::new(),
        };
        for (at, &budget) in options.budgets.iter().enumerate() {
            for ((name, _), texts) in makers.iter().zip(&texts) {
                let text = texts.get(at).map_or("", String::as_str);
                let scored = self.score(&mut cut, budget, name, text);
                let is_listed = cut.missed.is_empty() && at + 1 == options.budgets.len();
                if is_listed && options.missed > 0 {
                    cut.missed = self.missed(&scored, &first, options.missed);
                }
            }
            if options.baselines {
                self.baselines(&mut cut, budget);
            }
        }
        (cut, problems)
    }

    /// The session of the first part, as far as one is needed.
    fn first_part(&self, before: usize, makers: &[(&str, Maker<'_>)]) -> Session {
        if makers
            .iter()
            .all(|(_, maker)| matches!(maker, Maker::Text(_)))
        {
            return Session::default();
        }
        let name = format!("{}.jsonl", self.files.id);
        session::from_bytes(&name, self.past.index.log.head(before)).0
    }

    fn score(&self, cut: &mut Cut, budget: u32, name: &str, text: &str) -> score::Scored {
        let scored = score::score(text, &self.past, &self.facts);
        cut.scores.push(Score {
            budget,
            text: name.to_owned(),
            recall: scored.recall,
            kinds: scored.kinds,
            tokens: text::tokens(text),
        });
        scored
    }

    fn baselines(&self, cut: &mut Cut, budget: u32) {
        let most = budget as usize;
        for (name, text) in [
            (TAIL, baseline::tail(&self.past, most)),
            (MASKED, baseline::masked_tail(&self.past, most)),
            (FREQUENT, baseline::frequent(&self.past, most)),
            (ORACLE, baseline::oracle(&self.past, &self.facts, most)),
        ] {
            self.score(cut, budget, name, &text);
        }
        cut.scores.push(Score {
            budget,
            text: BOUND.to_owned(),
            recall: baseline::bound(&self.facts, most),
            kinds: [None; 6],
            tokens: most,
        });
    }

    fn missed(&self, scored: &score::Scored, first: &Session, most: usize) -> Vec<Missed> {
        const WIDTH: usize = 160;
        let mut gate = pipeline::gate(first, Policy::default());
        let missed = score::missed(scored, &self.facts).into_iter().take(most);
        missed
            .map(|(kind, fact, earned, lost)| Missed {
                kind,
                fact: gate.line(&fact.shown, WIDTH),
                earned,
                lost,
            })
            .collect()
    }
}
