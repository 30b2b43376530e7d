//! The scores of cuts → means with intervals.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::interval;
use super::facts::by_kind;
use super::{BOUND, Cut, CutKind, FactKind, Measured, Score, TAIL};

/// A mean, and where it lies in 95 of 100 resamplings of the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Its lower and upper end; none with fewer than two sessions, which tell nothing of others.
    pub ends: Option<[f64; 2]>,
}

impl Interval {
    /// True if the interval leaves no doubt on which side of zero the mean is.
    pub fn is_clear(&self) -> bool {
        self.ends.is_some_and(|[low, high]| low > 0.0 || high < 0.0)
    }
}

/// What a text came to at a budget, over all cuts of a kind.
#[derive(Clone, Debug, Serialize)]
pub struct Method {
    /// The budget in tokens.
    pub budget: u32,
    /// The name of the text.
    pub text: String,
    /// The mean recall, over the cuts.
    pub recall: Interval,
    /// Where that lies between the tail, 0, and what no text can beat, 1; none without baselines.
    pub gain: Option<Interval>,
    /// The mean recall by kind of fact, over the cuts that have facts of the kind.
    #[serde(serialize_with = "by_kind")]
    pub kinds: [Option<f64>; 6],
    /// The mean number of tokens.
    pub tokens: f64,
}

/// Two texts at a budget, cut by cut: what the second has more than the first.
#[derive(Clone, Debug, Serialize)]
pub struct Contrast {
    /// The names of the first and the second.
    pub texts: [String; 2],
    /// The budget in tokens.
    pub budget: u32,
    /// The mean difference of recall.
    pub recall: Interval,
    /// The mean differences by kind of fact.
    #[serde(serialize_with = "by_kind")]
    pub kinds: [Option<f64>; 6],
    /// Cuts where the second is better.
    pub better: usize,
    /// Cuts where it is worse.
    pub worse: usize,
}

/// The cuts of a kind.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The kind.
    pub kind: CutKind,
    /// How many cuts.
    pub cuts: usize,
    /// Of how many sessions.
    pub sessions: usize,
    /// The mean share of later use of files and commands that was known before.
    pub knowable: f64,
    /// The texts, by budget, then in the order of the scores.
    pub methods: Vec<Method>,
    /// The second text against the first, by budget, where two are compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contrast: Vec<Contrast>,
}

/// What a measurement came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The kinds of cuts that there are. They are never pooled: what follows a compaction is biased towards its summary.
    pub groups: Vec<Group>,
    /// Every cut, in the order of the sessions.
    pub cuts: Vec<Cut>,
    /// Sessions in all.
    pub sessions: usize,
    /// Of these, without a cut that can be scored.
    pub without_cut: usize,
}

impl Report {
    /// Sums up what was measured. With `compare`, the second text stands against the first.
    pub fn new(measured: &[Measured], compare: Option<[&str; 2]>) -> Self {
        let group = |kind| Group::new(kind, measured, compare);
        Self {
            groups: CutKind::ALL.into_iter().filter_map(group).collect(),
            cuts: measured
                .iter()
                .flat_map(|it| it.cuts.iter().cloned())
                .collect(),
            sessions: measured.len(),
            without_cut: measured.iter().filter(|it| it.cuts.is_empty()).count(),
        }
    }
}

/// What the second text has more than the first over all budgets, the mean of both kinds of cuts. None without cuts.
pub(super) fn gain(measured: &[Measured], [first, second]: [&str; 2]) -> Option<Interval> {
    let differences: Vec<Vec<(CutKind, f64)>> = measured
        .iter()
        .map(|one| {
            one.cuts
                .iter()
                .filter_map(|cut| Some((cut.kind, cut.all(second)? - cut.all(first)?)))
                .collect()
        })
        .filter(|cuts: &Vec<_>| !cuts.is_empty())
        .collect();
    let mut groups = Vec::new();
    let mut rows = Vec::new();
    for cuts in differences {
        let from = rows.len();
        rows.extend(cuts);
        groups.push((from..rows.len()).collect());
    }
    let of =
        |chosen: &[usize]| mean_of_kinds(chosen.iter().filter_map(|row| rows.get(*row)).copied());
    let all: Vec<usize> = (0..rows.len()).collect();
    let mean = of(&all)?;
    Some(Interval {
        mean,
        ends: interval(&groups, |rows| of(rows).unwrap_or(mean)),
    })
}

/// The mean over the kinds of cuts of their means: neither kind outweighs the other.
pub(super) fn mean_of_kinds(values: impl Iterator<Item = (CutKind, f64)>) -> Option<f64> {
    let values: Vec<(CutKind, f64)> = values.collect();
    let of = |kind| {
        mean(
            values
                .iter()
                .filter(|(other, _)| *other == kind)
                .map(|(_, value)| *value),
        )
    };
    mean(CutKind::ALL.into_iter().filter_map(of))
}

/// The rows of a table: the cuts of a kind, and which of them belong to one session.
struct Rows<'c> {
    cuts: Vec<&'c Cut>,
    groups: Vec<Vec<usize>>,
}

impl<'c> Rows<'c> {
    fn of(kind: CutKind, measured: &'c [Measured]) -> Self {
        let mut rows = Self {
            cuts: Vec::new(),
            groups: Vec::new(),
        };
        for one in measured {
            let from = rows.cuts.len();
            rows.cuts
                .extend(one.cuts.iter().filter(|cut| cut.kind == kind));
            if rows.cuts.len() > from {
                rows.groups.push((from..rows.cuts.len()).collect());
            }
        }
        rows
    }

    /// For each cut, a value of the score of that text; none where it has none.
    fn column(
        &self,
        budget: u32,
        text: &str,
        of: impl Fn(&Score) -> Option<f64>,
    ) -> Vec<Option<f64>> {
        let score = |cut: &&Cut| cut.score(budget, text).and_then(&of);
        self.cuts.iter().map(score).collect()
    }

    /// The mean of what there is, with its interval.
    fn mean(&self, column: &[Option<f64>]) -> Option<Interval> {
        self.interval(|rows| mean(rows.iter().filter_map(|row| *column.get(*row)?)))
    }

    fn interval(&self, of: impl Fn(&[usize]) -> Option<f64>) -> Option<Interval> {
        let all: Vec<usize> = (0..self.cuts.len()).collect();
        let value = of(&all)?;
        Some(Interval {
            mean: value,
            // A draw that misses every row of a rare kind says as little as the mean.
            ends: interval(&self.groups, |rows| of(rows).unwrap_or(value)),
        })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_usize, 0.0), |(count, sum), value| {
        (count + 1, sum + value)
    });
    (count > 0).then(|| sum / count as f64)
}

impl Cut {
    /// The mean recall of a text over the budgets.
    fn all(&self, text: &str) -> Option<f64> {
        let scores = self.scores.iter().filter(|score| score.text == text);
        mean(scores.map(|score| score.recall))
    }

    /// The score of a text at a budget.
    pub fn score(&self, budget: u32, text: &str) -> Option<&Score> {
        self.scores
            .iter()
            .find(|score| score.budget == budget && score.text == text)
    }
}

impl Group {
    fn new(kind: CutKind, measured: &[Measured], compare: Option<[&str; 2]>) -> Option<Self> {
        let rows = Rows::of(kind, measured);
        let first = rows.cuts.first()?;
        let methods = (first.scores.iter())
            .filter_map(|score| method(&rows, score.budget, &score.text))
            .collect();
        let budgets: BTreeMap<usize, u32> = (first.scores.iter().enumerate())
            .map(|(at, score)| (at, score.budget))
            .collect();
        let mut budgets: Vec<u32> = budgets.into_values().collect();
        budgets.dedup();
        let contrast = compare.map_or_else(Vec::new, |texts| {
            let contrasts = budgets
                .iter()
                .filter_map(|budget| contrast(&rows, *budget, texts));
            contrasts.collect()
        });
        Some(Self {
            kind,
            cuts: rows.cuts.len(),
            sessions: rows.groups.len(),
            knowable: mean(rows.cuts.iter().map(|cut| cut.knowable)).unwrap_or_default(),
            methods,
            contrast,
        })
    }
}

fn method(rows: &Rows<'_>, budget: u32, text: &str) -> Option<Method> {
    let recalls = |text: &str| rows.column(budget, text, |score| Some(score.recall));
    let (own, tail, bound) = (recalls(text), recalls(TAIL), recalls(BOUND));
    let gain = rows.interval(|rows| {
        let sum = |column: &[Option<f64>]| -> Option<f64> {
            rows.iter().map(|row| *column.get(*row)?).sum()
        };
        let (own, tail, bound) = (sum(&own)?, sum(&tail)?, sum(&bound)?);
        Some(if bound > tail {
            (own - tail) / (bound - tail)
        } else {
            0.0
        })
    });
    Some(Method {
        budget,
        text: text.to_owned(),
        recall: rows.mean(&own)?,
        gain,
        kinds: FactKind::ALL.map(|kind| {
            let column = rows.column(budget, text, |score| *score.kinds.get(kind as usize)?);
            mean(column.into_iter().flatten())
        }),
        tokens: mean(
            rows.column(budget, text, |score| Some(score.tokens as f64))
                .into_iter()
                .flatten(),
        )?,
    })
}

fn contrast(rows: &Rows<'_>, budget: u32, [first, second]: [&str; 2]) -> Option<Contrast> {
    let differences = |of: &dyn Fn(&Score) -> Option<f64>| -> Vec<Option<f64>> {
        let (a, b) = (
            rows.column(budget, first, of),
            rows.column(budget, second, of),
        );
        a.into_iter().zip(b).map(|(a, b)| Some(b? - a?)).collect()
    };
    let recall = differences(&|score| Some(score.recall));
    let count = |is: fn(&f64) -> bool| recall.iter().flatten().filter(|it| is(it)).count();
    Some(Contrast {
        texts: [first.to_owned(), second.to_owned()],
        budget,
        better: count(|it| *it > 0.0),
        worse: count(|it| *it < 0.0),
        kinds: FactKind::ALL.map(|kind| {
            let column = differences(&|score| *score.kinds.get(kind as usize)?);
            mean(column.into_iter().flatten())
        }),
        recall: rows.mean(&recall)?,
    })
}
