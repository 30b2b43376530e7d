//! Many sessions → a handoff for each, and a table of all of them.
//!
//! Takes the files of sessions and leaves a folder: `handoffs/` with one file
//! a session, and `sessions.ndjson` with one line a session, by path. All cores
//! work; what is in memory at once is bounded by the bytes of logs in flight.
//! A session that cannot be read or written costs itself and is reported; the
//! files are whole at any moment. Leaves to others who is told of it.

mod flight;
mod folder;
mod inputs;
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
use crate::rules::RuleSet;
use flight::Flight;
use folder::Folder;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A handoff was written.
    Written,
    /// The handoff that stood there already is the same.
    Unchanged,
    /// There is nothing to hand over.
    Nothing,
    /// It is not among those that are wanted.
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
    /// The name of its handoffs, without an ending.
    name: String,
}

/// What came of a job.
struct Done {
    job: usize,
    fate: Fate,
    entry: Option<Entry>,
    /// The handoffs, until they are written.
    texts: Vec<(pipeline::Format, String)>,
    problems: Vec<Problem>,
}

/// Threads that write. A file is on the disk only after some milliseconds, which the cores need not wait for: with
/// one core's worth of threads a batch took nearly twice as long.
const WRITERS: usize = 8;

/// Runs a batch over the sessions that were `found`; `stop` ends it after the sessions at hand.
///
/// The results are the same whatever the number of threads, and however often it was stopped before.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], if the folder cannot be made or the table cannot be written. A handoff that
/// cannot be written is a problem.
pub fn run(
    found: &Found,
    rules: &RuleSet,
    options: &Options,
    watch: &dyn Watch,
    stop: &AtomicBool,
) -> Result<Summary, Error> {
    let folder = Folder::open(&options.out)?;
    let mut summary = Summary {
        found: found.sessions.len(),
        ..Summary::default()
    };
    for problem in &found.left_out {
        watch.problem(problem);
        summary.problems.push(problem.clone());
    }
    let names = folder::names(&found.sessions);
    let jobs: Vec<Job<'_>> = found
        .sessions
        .iter()
        .zip(names)
        .map(|(files, name)| Job { files, name })
        .collect();
    watch.begins(
        jobs.len(),
        jobs.iter().map(|job| job.files.bytes).sum::<u64>(),
    );

    let mut rows: Vec<Option<once::Counted>> = vec![None; jobs.len()];
    let (worked, to_write) = mpsc::sync_channel::<Done>(2 * WRITERS);
    let (written, to_collect) = mpsc::channel::<Done>();
    let to_write = Mutex::new(to_write);
    std::thread::scope(|threads| {
        for _ in 0..WRITERS {
            let (written, to_write, jobs, folder) = (written.clone(), &to_write, &jobs, &folder);
            threads.spawn(move || {
                while let Some(mut done) = next(to_write) {
                    if let Some(job) = jobs.get(done.job) {
                        work::write(job, &mut done, folder);
                    }
                    // The collector ends after the last writer.
                    let _ = written.send(done);
                }
            });
        }
        drop(written);
        let collector = threads.spawn(|| {
            for done in to_collect {
                let Some(job) = jobs.get(done.job) else {
                    continue;
                };
                for problem in done.problems {
                    watch.problem(&problem);
                    summary.problems.push(problem);
                }
                summary.add(done.fate);
                if let (Some(slot), Some(entry)) = (rows.get_mut(done.job), done.entry) {
                    *slot = Some(once::Counted {
                        name: job.name.clone(),
                        row: entry.session,
                        messages: entry.messages,
                    });
                }
                watch.done(job.files, done.fate);
            }
        });
        let flight = Flight::new(options.in_flight);
        // The scope's own thread waits for room; those that work never wait, or they could wait for each other.
        rayon::in_place_scope(|scope| {
            for (index, job) in jobs.iter().enumerate() {
                let pass = flight.board(weight(job.files));
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let worked = worked.clone();
                scope.spawn(move |_| {
                    watch.takes(job.files);
                    let done = work::session(index, job, rules, options);
                    drop(pass);
                    // The writers listen as long as this scope lasts.
                    let _ = worked.send(done);
                });
            }
        });
        drop(worked);
        collector.join()
    })
    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));

    // They came as the threads had them.
    summary
        .problems
        .sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    summary.stopped = stop.load(Ordering::Relaxed)
        && summary.fates.iter().map(|(_, n)| n).sum::<usize>() < jobs.len();
    if !summary.stopped {
        let mut rows: Vec<_> = rows.into_iter().flatten().collect();
        once::count_once(&mut rows);
        for once::Counted { row, .. } in &rows {
            match summary
                .states
                .iter_mut()
                .find(|(state, _)| *state == row.state)
            {
                Some((_, count)) => *count += 1,
                None => summary.states.push((row.state.clone(), 1)),
            }
            summary.copies += usize::from(row.copy_of.is_some());
        }
        summary
            .states
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        folder.table(&rows, &options.formats)?;
    }
    folder.settle();
    Ok(summary)
}

/// The next job to be written; none after the last.
fn next(to_write: &Mutex<mpsc::Receiver<Done>>) -> Option<Done> {
    let receiver = to_write.lock().unwrap_or_else(PoisonError::into_inner);
    receiver.recv().ok()
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
