//! One pass over some sessions: all cores work, and what they make is written meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

use super::flight::Flight;
use super::known::Fresh;
use super::{Batch, Done, Job, work};
use crate::discover::SessionFiles;
use crate::read::Source;

/// Threads that write. A file is on the disk only after some milliseconds, which the cores need not wait for: with
/// one core's worth of threads a batch took nearly twice as long.
const WRITERS: usize = 8;

impl Batch<'_> {
    /// Condenses the sessions of `jobs`, but for those that are `fresh`, which the store has; `stop` ends it after the
    /// sessions at hand.
    pub(super) fn pass(&mut self, jobs: &[Job<'_>], fresh: Vec<Option<Fresh>>, stop: &AtomicBool) {
        if fresh.iter().any(Option::is_none) {
            self.options.rules.prepare();
        }
        let (options, listener, folder) = (self.options, self.listener, &self.folder);
        let keeper = Mutex::new(&mut self.keeper);
        let (worked, to_write) = mpsc::sync_channel::<Done>(2 * WRITERS);
        let to_write = Mutex::new(to_write);
        std::thread::scope(|threads| {
            for _ in 0..WRITERS.min(jobs.len()) {
                let (to_write, keeper) = (&to_write, &keeper);
                threads.spawn(move || {
                    while let Some(mut done) = next(to_write) {
                        if let Some(job) = jobs.get(done.job) {
                            work::write(job, &mut done, folder, &options.formats);
                            lock(keeper).take(job, done);
                        }
                    }
                });
            }
            let flight = Flight::new(options.in_flight);
            // The scope's own thread waits for room; those that work never wait, or they could wait for each other.
            rayon::in_place_scope(|scope| {
                for ((index, job), fresh) in jobs.iter().enumerate().zip(fresh) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    if let Some(done) = fresh.and_then(|it| lock(&keeper).known(index, job, it)) {
                        // The writers listen as long as this scope lasts.
                        let _ = worked.send(done);
                        continue;
                    }
                    let pass = flight.board(weight(job.files));
                    let worked = worked.clone();
                    scope.spawn(move |_| {
                        listener.takes(job.files);
                        let done = work::session(index, job, options);
                        drop(pass);
                        let _ = worked.send(done);
                    });
                }
            });
            drop(worked);
        });
    }
}

/// Locks what is whole between any two calls on it, whatever became of those who made them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next job to be written; none after the last.
fn next(to_write: &Mutex<mpsc::Receiver<Done>>) -> Option<Done> {
    lock(to_write).recv().ok()
}

/// What a session counts in flight: its bytes, or what they may become once inflated.
fn weight(files: &SessionFiles) -> u64 {
    /// How much smaller logs get by compression, as gzip and zstd do it at their defaults.
    const INFLATED: u64 = 10;
    let plain = match &files.main {
        Source::File(path) => path.extension().is_some_and(|end| end == "jsonl"),
        Source::Stdin => true,
    };
    files.bytes * if plain { 1 } else { INFLATED }
}
