//! The weights that serve best on one half of the sessions, proved on the other.
//!
//! A search that judges itself by what it was fitted to always finds a gain.
//! So the half that it was fitted to is never the half that is reported, and
//! a gain counts only where its interval lies above zero.

use rayon::prelude::*;

use super::bootstrap::Draws;
use super::cut::{CutKind, Place, cuts};
use super::facts::Facts;
use super::index::{Index, Past};
use super::log::Log;
use super::make::handoffs;
use super::score::score;
use super::summary::{Interval, Report, gain, mean_of_kinds};
use super::{Maker, Options, measure};
use crate::discover::SessionFiles;
use crate::ledger::Ledger;
use crate::pipeline;
use crate::rules::RuleSet;
use crate::safety::{Gate, Policy};
use crate::score::{Weight, Weights, rank_by};
use crate::session::{self, Session};

/// How to search.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// What is looked for.
    pub rules: &'a RuleSet,
    /// How handoffs are made, and the weights that the search begins with.
    pub options: &'a pipeline::Options,
    /// The budgets in tokens; each counts the same.
    pub budgets: &'a [u32],
    /// How many weights are tried at most, those at the beginning included.
    pub trials: usize,
    /// Which order the weights are tried in.
    pub seed: u64,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// The weights.
    pub weights: Weights,
    /// The mean recall on the half that is fitted to, over budgets, cuts and both kinds of them.
    pub recall: f64,
    /// How many were tried, this one included.
    pub number: usize,
}

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// The weights at the beginning.
    pub before: Trial,
    /// The best that were tried.
    pub best: Trial,
    /// How many were tried.
    pub trials: usize,
    /// Cuts of the half that is fitted to.
    pub cuts: usize,
    /// The other half: `usual` are the weights at the beginning, `tuned` the best.
    pub report: Report,
    /// What the best have more on the other half, over budgets, cuts and both kinds of them.
    pub gain: Interval,
}

/// The names of the texts in [`Tuned::report`].
const TEXTS: [&str; 2] = ["usual", "tuned"];

/// Searches weights that serve `fitted` best, and measures them on `proved`.
///
/// One weight is changed at a time, by a factor that shrinks as nothing more
/// is won. `better` is told of each trial that is the best so far. All logs of
/// `fitted` are held in memory. The same input gives the same weights.
/// None if one of the halves has no cut that can be scored.
pub fn tune(
    fitted: &[SessionFiles],
    proved: &[SessionFiles],
    search: &Search<'_>,
    better: impl FnMut(&Trial),
) -> Option<Tuned> {
    let logs: Vec<Loaded<'_>> = fitted.par_iter().filter_map(Loaded::read).collect();
    let mut ready: Vec<Ready<'_>> = logs
        .par_iter()
        .flat_map_iter(|log| log.ready(search))
        .collect();
    if ready.is_empty() {
        return None;
    }
    let (before, best, trials) = climb(search, &mut ready, better)?;
    let cuts = ready.len();
    drop(ready);
    let tuned = pipeline::Options {
        weights: best.weights,
        ..search.options.clone()
    };
    let maker = |options| Maker::Handoff {
        rules: search.rules,
        options,
    };
    let [usual_name, tuned_name] = TEXTS;
    let measured = measure(
        proved,
        &[
            (usual_name, maker(search.options)),
            (tuned_name, maker(&tuned)),
        ],
        &Options {
            budgets: search.budgets.to_vec(),
            baselines: false,
            missed: 0,
        },
    );
    Some(Tuned {
        before,
        best,
        trials,
        cuts,
        gain: gain(&measured, TEXTS)?,
        report: Report::new(&measured, Some(TEXTS)),
    })
}

/// The weights at the beginning, the best, and how many were tried.
fn climb(
    search: &Search<'_>,
    ready: &mut [Ready<'_>],
    mut better: impl FnMut(&Trial),
) -> Option<(Trial, Trial, usize)> {
    // A change of a weight by less changes no line of most handoffs.
    const SMALLEST: f64 = 1.1;
    // Less is the order of two lines in one handoff.
    const LEAST: f64 = 1e-4;
    let mut number = 0;
    let mut trial = |weights: Weights| -> Option<Trial> {
        number += 1;
        let recall = recall(search, &weights, ready)?;
        Some(Trial {
            weights,
            recall,
            number,
        })
    };
    let before = trial(search.options.weights)?;
    let mut best = before;
    let mut trials = 1;
    let mut draws = Draws(search.seed);
    let mut factor = 2.0_f64;
    while factor > SMALLEST && trials < search.trials {
        let was = best.recall;
        let mut steps: Vec<(&Weight, f64)> = Weight::ALL
            .iter()
            .flat_map(|weight| [(weight, factor), (weight, 1.0 / factor)])
            .collect();
        draws.shuffle(&mut steps);
        for (weight, factor) in steps {
            let weights = weight.set(best.weights, weight.of(&best.weights) * factor);
            if weights == best.weights || trials >= search.trials {
                continue;
            }
            trials += 1;
            let next = trial(weights)?;
            if next.recall > best.recall + LEAST {
                best = next;
                better(&best);
            }
        }
        if best.recall <= was {
            factor = factor.sqrt();
        }
    }
    Some((before, best, trials))
}

/// The mean recall with those weights.
fn recall(search: &Search<'_>, weights: &Weights, ready: &mut [Ready<'_>]) -> Option<f64> {
    let recalls: Vec<(CutKind, f64)> = ready
        .par_iter_mut()
        .map(|cut| (cut.kind, cut.recall(search, weights)))
        .collect();
    mean_of_kinds(recalls.into_iter())
}

/// A log with its cuts.
struct Loaded<'f> {
    files: &'f SessionFiles,
    index: Index,
    places: Vec<Place>,
}

impl<'f> Loaded<'f> {
    fn read(files: &'f SessionFiles) -> Option<Self> {
        let (log, _) = Log::read(&files.main).ok()?;
        let places = cuts(&log.events);
        (!places.is_empty()).then(|| Self {
            files,
            index: Index::new(log),
            places,
        })
    }

    fn ready(&self, search: &Search<'_>) -> Vec<Ready<'_>> {
        self.places
            .iter()
            .filter_map(|place| {
                let past = Past::new(&self.index, place.at);
                let facts = Facts::new(&past, place.at, place.end);
                if !place.counts(&past, &facts) {
                    return None;
                }
                let before = (self.index.log.events.get(place.at)).map_or(0, |event| event.before);
                let name = format!("{}.jsonl", self.files.id);
                let (first, _) = session::from_bytes(&name, self.index.log.head(before));
                Some(Ready {
                    kind: place.kind,
                    ledger: pipeline::ledger(&first, search.rules),
                    gate: pipeline::gate(&first, Policy::default()),
                    first,
                    past,
                    facts,
                })
            })
            .collect()
    }
}

/// A cut with all that does not depend on weights.
struct Ready<'l> {
    kind: CutKind,
    first: Session,
    ledger: Ledger,
    gate: Gate,
    past: Past<'l>,
    facts: Facts,
}

impl Ready<'_> {
    /// The mean recall over the budgets.
    fn recall(&mut self, search: &Search<'_>, weights: &Weights) -> f64 {
        let goal = search.options.goal.as_ref();
        let ranked = rank_by(&self.first, &self.ledger, goal, weights, &mut self.gate);
        let Some(ranked) = ranked else {
            return 0.0;
        };
        let (texts, _) = handoffs(
            &self.first,
            &ranked,
            &self.gate,
            search.options,
            search.budgets,
        );
        let recalls = texts
            .iter()
            .map(|text| score(text, &self.past, &self.facts).recall);
        recalls.sum::<f64>() / search.budgets.len().max(1) as f64
    }
}
