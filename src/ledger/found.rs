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

#[cfg(test)]
mod tests {
    use super::Searches;
    use crate::ledger::Cite;
    use crate::position::Position;

    fn cite(tick: u32) -> Cite {
        Cite {
            at: Position::main(tick + 1),
            uuid: None,
            time: None,
            tick,
        }
    }

    #[test]
    fn narrow_and_late_searches_count_most_and_opened_files_not_at_all() {
        let mut searches = Searches::default();
        let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        searches.showed(paths(&["a.go", "b.go", "b.go", "LICENSE"]), &cite(9));
        searches.showed(paths(&["c.go"]), &cite(9));
        searches.showed(paths(&["old.go"]), &cite(0));
        searches.showed(paths(&["opened.go"]), &cite(9));
        searches.showed((0..99).map(|n| format!("all/{n}.go")).collect(), &cite(9));
        let found = searches.finish(|path| path == "opened.go", 10);
        let order: Vec<&str> = found.iter().map(|found| found.path.as_str()).collect();
        assert_eq!(order, ["c.go", "a.go", "b.go", "old.go"]);
        assert!(found[0].weight > 2.0 * found[1].weight);
        assert_eq!(found[1].last.tick, 9);
    }
}
