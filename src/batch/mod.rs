//! Many sessions → a handoff for each, and a table of all of them.
//!
//! Takes the files of sessions and leaves a folder: `handoffs/` with one file
//! a session, and `sessions.ndjson` with one line a session, by path. With a
//! [`Store`], what has not changed since it was read is not read again. All
//! cores work; what is in memory at once is bounded by the bytes of logs in
//! flight. A session that cannot be read or written costs itself and is
//! reported; the files are whole at any moment. Leaves to others who is told.

mod flight;
mod folder;
mod inputs;
mod keeper;
mod known;
mod once;
mod select;
mod work;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

pub use inputs::{Inputs, inputs};
pub use select::Select;

use crate::discover::{Found, SessionFiles};
use crate::entry::Entry;
use crate::error::{Error, Problem};
use crate::pipeline;
use crate::read::{self, Source};
use crate::rules::InForce;
use crate::store::{Stamp, Store};
use flight::Flight;
use folder::Folder;
use keeper::Keeper;

/// How a batch is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that receives the results; it is made if it is not there.
    pub out: PathBuf,
    /// The formats of the handoffs, each once.
    pub formats: Vec<pipeline::Format>,
    /// How handoffs are made; the format in it does not count.
    pub handoff: pipeline::Options,
    /// How logs are read.
    pub reading: read::Options,
    /// Which sessions are wanted.
    pub select: Select,
    /// The rules.
    pub rules: InForce,
    /// A number for the program and its built-in rules: what another made of a log is not trusted to be what this one makes.
    pub program: u64,
    /// The most bytes of logs that are worked on at once; a larger log is worked on alone.
    pub in_flight: u64,
}

/// Bytes of logs in flight that keep some cores busy: a session takes about twice its log in memory.
pub const IN_FLIGHT: u64 = 64 << 20;

/// Who is told how it goes. Called from many threads.
pub trait Watch: Sync {
    /// The work begins: so many sessions, with so many bytes of logs.
    fn begins(&self, sessions: usize, bytes: u64);
    /// A session is taken up.
    fn takes(&self, files: &SessionFiles);
    /// A session is done with.
    fn done(&self, files: &SessionFiles, fate: Fate);
    /// Something could not be used.
    fn problem(&self, problem: &Problem);
}

/// What became of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// A handoff was written.
    Written,
    /// The handoff that stood there already is the same.
    Unchanged,
    /// There is nothing to hand over.
    Nothing,
    /// It is not among those that are wanted.
    #[default]
    NotWanted,
    /// It could not be read or written; a problem says why.
    Failed,
}

/// What a batch came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Sessions that were found.
    pub found: usize,
    /// Sessions by what became of them.
    pub fates: Vec<(Fate, usize)>,
    /// Sessions in the table, by state word, the commonest first.
    pub states: Vec<(String, usize)>,
    /// Sessions in the table that only repeat messages of others.
    pub copies: usize,
    /// All that could not be used, by path and line.
    pub problems: Vec<Problem>,
    /// Sessions whose logs had not changed, and were not read.
    pub known: usize,
    /// Whether it was stopped before its end; then the table is as it was before.
    pub stopped: bool,
}

impl Summary {
    /// How many sessions came to `fate`.
    pub fn count(&self, fate: Fate) -> usize {
        self.fates
            .iter()
            .find(|(known, _)| *known == fate)
            .map_or(0, |(_, count)| *count)
    }

    fn add(&mut self, fate: Fate) {
        match self.fates.iter_mut().find(|(known, _)| *known == fate) {
            Some((_, count)) => *count += 1,
            None => self.fates.push((fate, 1)),
        }
    }
}

/// A session to be worked on.
struct Job<'f> {
    files: &'f SessionFiles,
    /// The main transcript, as it is called in the store.
    path: String,
    /// The name of its handoffs, without an ending.
    name: String,
    /// What its files are; none if the store is not to know of it.
    stamp: Option<Stamp>,
}

/// What came of a job.
#[derive(Default)]
struct Done {
    job: usize,
    fate: Fate,
    /// Whether it is what the store holds already.
    known: bool,
    /// Whether its log was read, and all of it is here.
    read: bool,
    entry: Option<Entry>,
    /// The handoffs.
    texts: Vec<(pipeline::Format, String)>,
    problems: Vec<Problem>,
}

/// Threads that write. A file is on the disk only after some milliseconds, which the cores need not wait for: with
/// one core's worth of threads a batch took nearly twice as long.
const WRITERS: usize = 8;

/// Runs a batch over the sessions that were `found`; `stop` ends it after the sessions at hand.
///
/// The results are the same whatever the number of threads, however often it was stopped before, and whatever the
/// store knows. A store that fails is a problem; the run goes on without it.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], if the folder cannot be made or the table cannot be written. A handoff that
/// cannot be written is a problem.
pub fn run(
    found: &Found,
    options: &Options,
    store: Option<Store>,
    watch: &dyn Watch,
    stop: &AtomicBool,
) -> Result<Summary, Error> {
    let folder = Folder::open(&options.out)?;
    let jobs = known::jobs(&found.sessions, store.is_some());
    let keeper = Mutex::new(Keeper::new(found, &jobs, options, store, watch));
    let fresh = lock(&keeper).fresh();
    watch.begins(jobs.len(), jobs.iter().map(|job| job.files.bytes).sum());
    if fresh.iter().any(Option::is_none) {
        options.rules.prepare();
    }

    let (worked, to_write) = mpsc::sync_channel::<Done>(2 * WRITERS);
    let to_write = Mutex::new(to_write);
    std::thread::scope(|threads| {
        for _ in 0..WRITERS {
            let (to_write, jobs, folder, keeper) = (&to_write, &jobs, &folder, &keeper);
            threads.spawn(move || {
                while let Some(mut done) = next(to_write) {
                    if let Some(job) = jobs.get(done.job) {
                        work::write(job, &mut done, folder, &options.formats);
                    }
                    lock(keeper).take(done);
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
                if let Some(done) = fresh.and_then(|fresh| lock(&keeper).known(index, fresh)) {
                    // The writers listen as long as this scope lasts.
                    let _ = worked.send(done);
                    continue;
                }
                let pass = flight.board(weight(job.files));
                let worked = worked.clone();
                scope.spawn(move |_| {
                    watch.takes(job.files);
                    let done = work::session(index, job, options);
                    drop(pass);
                    let _ = worked.send(done);
                });
            }
        });
        drop(worked);
    });

    let keeper = keeper.into_inner().unwrap_or_else(PoisonError::into_inner);
    let summary = keeper.end(&folder)?;
    folder.settle();
    Ok(summary)
}

/// Locks what is whole between any two calls on it, whatever became of those who made them.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
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
