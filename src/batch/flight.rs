//! Room for logs in memory: what may be worked on at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Sessions in flight for each core: enough that none waits for work, few enough that a core which waits for a part
/// of one session does not begin a long row of others on its stack.
const FOR_EACH_CORE: usize = 4;

/// Counts what is in flight.
pub(super) struct Flight {
    most_bytes: u64,
    most_sessions: usize,
    aloft: Mutex<Aloft>,
    landed: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Aloft {
    bytes: u64,
    sessions: usize,
}

/// A place in flight; given back when it is dropped.
pub(super) struct Pass<'f> {
    flight: &'f Flight,
    bytes: u64,
}

impl Flight {
    pub(super) fn new(most_bytes: u64) -> Self {
        Self {
            most_bytes,
            most_sessions: FOR_EACH_CORE * rayon::current_num_threads(),
            aloft: Mutex::default(),
            landed: Condvar::new(),
        }
    }

    /// Waits until there is room for `bytes`, or until nothing else is in flight.
    pub(super) fn board(&self, bytes: u64) -> Pass<'_> {
        let mut aloft = self.aloft();
        while aloft.sessions > 0
            && (aloft.sessions >= self.most_sessions
                || aloft.bytes.saturating_add(bytes) > self.most_bytes)
        {
            aloft = self
                .landed
                .wait(aloft)
                .unwrap_or_else(PoisonError::into_inner);
        }
        aloft.bytes = aloft.bytes.saturating_add(bytes);
        aloft.sessions += 1;
        Pass {
            flight: self,
            bytes,
        }
    }

    fn aloft(&self) -> MutexGuard<'_, Aloft> {
        // Two numbers that are changed together: a panic elsewhere leaves them right.
        self.aloft.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut aloft = self.flight.aloft();
        aloft.bytes = aloft.bytes.saturating_sub(self.bytes);
        aloft.sessions = aloft.sessions.saturating_sub(1);
        self.flight.landed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_flies_alone() {
        let flight = Flight::new(100);
        let (small, also) = (flight.board(60), flight.board(40));
        let landed = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|threads| {
            let large = threads.spawn(|| {
                let pass = flight.board(1_000);
                assert!(landed.load(std::sync::atomic::Ordering::SeqCst));
                drop(pass);
            });
            drop(small);
            landed.store(true, std::sync::atomic::Ordering::SeqCst);
            drop(also);
            large.join().expect("it flew");
        });
        assert_eq!(flight.aloft().bytes, 0);
    }
}
