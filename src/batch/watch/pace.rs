//! How often something is done again that changes all the time.

use std::time::{Duration, Instant};

/// How long after a change: a log gets several lines at a time.
const PAUSE: Duration = Duration::from_millis(400);
/// How long after it was done last.
const EVERY: Duration = Duration::from_secs(2);
/// And how many times as long as it took: a log of a gigabyte must not keep a core busy.
const REST: u32 = 10;

/// Something that is due a while after it is touched, and not too often.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// When it was touched first, if it was since it was begun last.
    touched: Option<Instant>,
    /// Not before.
    rests: Option<Instant>,
}

impl Pace {
    /// It is to be done.
    pub(super) fn touch(&mut self, now: Instant) {
        self.touched.get_or_insert(now);
    }

    /// When it is to be done; none if nothing touched it.
    pub(super) fn due(&self) -> Option<Instant> {
        let due = self.touched? + PAUSE;
        Some(self.rests.map_or(due, |rests| rests.max(due)))
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    pub(super) fn is_touched(&self) -> bool {
        self.touched.is_some()
    }

    /// Whether it is to be done, or is not to be done for a while.
    pub(super) fn is_live(&self, now: Instant) -> bool {
        self.is_touched() || self.rests.is_some_and(|rests| rests > now)
    }

    /// It is begun: what touches it from here on makes it due again.
    pub(super) fn begin(&mut self) {
        self.touched = None;
    }

    /// It was done, and took so long.
    pub(super) fn done(&mut self, now: Instant, took: Duration) {
        self.rests = Some(now + EVERY.max(took.saturating_mul(REST)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_all_the_time_is_done_now_and_then_and_once_more_in_the_end() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let check = |took: u64, expected: &[u64]| {
            let mut pace = Pace::default();
            let mut done = Vec::new();
            for ms in (0..30_000).step_by(100) {
                if ms < 5_000 {
                    pace.touch(at(ms));
                }
                if pace.is_due(at(ms)) {
                    pace.begin();
                    pace.done(at(ms), Duration::from_millis(took));
                    done.push(ms);
                }
            }
            assert_eq!(done, expected, "{took} ms");
            assert!(!pace.is_touched() && pace.due().is_none());
        };
        check(1, &[400, 2_400, 4_400, 6_400]);
        check(1_000, &[400, 10_400]);
    }
}
