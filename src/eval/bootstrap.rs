//! Intervals by resampling.
//!
//! Sessions are drawn, each with all its cuts: the cuts of one session are
//! much alike, and drawn one by one they would make an interval too narrow.

/// Where the draws begin; the same draws for every table.
const SEED: u64 = 7;

/// How often all sessions are drawn.
const DRAWS: usize = 1_000;

/// The interval that holds `of` in 95 of 100 draws; `groups` names the rows of
/// each session, `of` is given the rows drawn. None
/// with fewer than two sessions.
pub(super) fn interval(groups: &[Vec<usize>], of: impl Fn(&[usize]) -> f64) -> Option<[f64; 2]> {
    if groups.len() < 2 {
        return None;
    }
    let mut draws = Draws(SEED);
    let mut rows = Vec::new();
    let mut values: Vec<f64> = (0..DRAWS)
        .map(|_| {
            rows.clear();
            for _ in groups {
                let group = draws.below(groups.len());
                rows.extend(groups.get(group).into_iter().flatten());
            }
            of(&rows)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((share * DRAWS as f64) as usize).copied();
    Some([at(0.025)?, at(0.975)?])
}

/// SplitMix64: ten lines whose numbers are the same for ever, which no version of a crate promises.
#[derive(Clone, Debug)]
pub(super) struct Draws(pub(super) u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Puts values in an order of its own.
    pub(super) fn shuffle<T>(&mut self, values: &mut [T]) {
        for end in (1..values.len()).rev() {
            let other = self.below(end + 1);
            values.swap(end, other);
        }
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // The high half of the product; the bias is below 2^-32 for any count of sessions.
        let product = u128::from(self.next()) * end as u128;
        usize::try_from(product >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_the_same_every_time_and_holds_the_mean() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let groups: Vec<Vec<usize>> = (0..20).map(|at| vec![at, at + 20]).collect();
        let mean =
            |rows: &[usize]| rows.iter().map(|row| values[*row]).sum::<f64>() / rows.len() as f64;
        let [low, high] = interval(&groups, mean).expect("rows");
        assert_eq!(interval(&groups, mean), Some([low, high]));
        assert!(
            low < 19.5 && 19.5 < high && high - low < 8.0,
            "{low} {high}"
        );
        assert_eq!(interval(&[], mean), None);
        assert_eq!(interval(&[vec![3, 4]], mean), None);
    }
}
