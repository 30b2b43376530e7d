//! Relations between the handoffs of a log and of the same log, changed.
//!
//! No golden file says what a handoff of a real log should be. What can be said of any log is how its handoff may and may
//! not change when the log is changed in a known way: noise changes nothing, another name changes that name, a run that
//! passes clears what it covers. A relation is a function that changes a log and compares; it holds on made logs
//! (`tests/it/metamorphic.rs`) and on real ones (`tests/real.rs`).

mod follows;
mod log;
mod made;
mod noise;
mod renamed;
mod same;
mod spoken;

pub(crate) use log::{Log, Seen};
pub(crate) use made::made;

/// What must hold between a log's handoff and that of the log, changed.
pub(crate) struct Relation {
    /// Its name, by which a failing case is found again.
    pub(crate) name: &'static str,
    /// Each in a way of its own, or with a seed of its own.
    pub(crate) ways: u64,
    /// Changes the log in one of the ways, and says what is wrong; `None` where the log has nothing to change.
    pub(crate) holds: fn(&Log, &Seen, u64) -> Option<Result<(), String>>,
}

/// All relations.
pub(crate) fn all() -> impl Iterator<Item = &'static Relation> {
    [
        same::RELATIONS,
        noise::RELATIONS,
        renamed::RELATIONS,
        spoken::RELATIONS,
        follows::RELATIONS,
    ]
    .into_iter()
    .flatten()
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    /// Below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
