//! Files that searches showed and nobody opened.

use std::collections::BTreeMap;

use super::{Cite, faded};
use crate::extract::path::{Class, class};

/// A file that a search showed.
#[derive(Clone, Debug)]
pub struct Found {
    /// The path as it is shown.
    pub path: String,
    /// The searches that showed it, by age, each divided by the files it showed: one of two says more than one of fifty.
    pub weight: f64,
    /// The last of them.
    pub last: Cite,
}

/// Files that one search may show to say anything of each.
const MOST: usize = 24;

/// Collects what searches show.
#[derive(Debug, Default)]
pub(super) struct Searches {
    by_path: BTreeMap<String, (Vec<(u32, f64)>, Cite)>,
}

impl Searches {
    /// Counts one search that showed `paths`, each once.
    pub(super) fn showed(&mut self, mut paths: Vec<String>, cite: &Cite) {
        paths.sort_unstable();
        paths.dedup();
        if paths.len() > MOST {
            return;
        }
        let share = 1.0 / paths.len() as f64;
        for path in paths {
            if class(&path) == Class::Other {
                continue;
            }
            let (uses, last) = self
                .by_path
                .entry(path)
                .or_insert_with(|| (Vec::new(), cite.clone()));
            uses.push((cite.tick, share));
            *last = cite.clone();
        }
    }

    /// The files but for those that `known` says are told elsewhere, heaviest first.
    pub(super) fn finish(self, known: impl Fn(&str) -> bool, now: u32) -> Vec<Found> {
        const KEPT: usize = 40;
        let mut found: Vec<Found> = self
            .by_path
            .into_iter()
            .filter(|(path, _)| !known(path))
            .map(|(path, (uses, last))| Found {
                path,
                weight: uses
                    .iter()
                    .map(|&(tick, share)| share * faded(tick, now))
                    .sum(),
                last,
            })
            .collect();
        found.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.path.cmp(&b.path))
        });
        found.truncate(KEPT);
        found
    }
}
