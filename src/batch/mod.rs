//! Many sessions → a handoff for each, and a table of all of them.
//!
//! Takes the files of sessions and leaves a folder: `handoffs/` with one file
//! a session, and `sessions.ndjson` with one line a session, by path. With a
//! [`Store`], what has not changed since it was read is not read again. All
//! cores work; what is in memory at once is bounded by the bytes of logs in
//! flight. A session that cannot be read or written costs itself and is
//! reported; the files are whole at any moment. [`Batch::watch`] keeps all of
//! it current as logs grow. Leaves to others who is told.

mod flight;
mod folder;
mod inputs;
mod keeper;
mod known;
mod once;
mod pass;
mod select;
mod watch;
mod work;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

pub use inputs::{Inputs, inputs};
pub use select::Select;
pub use watch::{Watched, Watching};

use crate::discover::{Found, SessionFiles};
use crate::entry::{Entry, SessionRow};
use crate::error::{Error, ErrorKind, Problem};
use crate::export;
use crate::pipeline;
use crate::read;
use crate::rules::InForce;
use crate::store::{Stamp, Store};
use folder::Folder;
use keeper::Keeper;

/// How a batch is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that receives the results; it is made if it is not there.
    pub out: PathBuf,
    /// The formats of the handoffs, each once.
    pub formats: Vec<pipeline::Format>,
    /// The formats in which the store's tables are written beside the handoffs, each once; none without a store.
    pub export: Vec<export::Format>,
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
pub trait Listener: Sync {
    /// The work begins: so many sessions, with so many bytes of logs.
    fn begins(&self, sessions: usize, bytes: u64);
    /// A session is taken up.
    fn takes(&self, files: &SessionFiles);
    /// A session is done with; `row` is what the table has of it, if it is in there.
    fn done(&self, files: &SessionFiles, fate: Fate, row: Option<&SessionRow>);
    /// Something could not be used; each is told once.
    fn problem(&self, problem: &Problem);
    /// The first pass is over, and logs are watched: so many folders by the system, and so many that it does not watch.
    fn watches(&self, folders: (usize, usize));
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

/// A batch whose results stand in their folder, and can be kept current by [`Batch::watch`].
pub struct Batch<'a> {
    options: &'a Options,
    listener: &'a dyn Listener,
    folder: Folder,
    keeper: Keeper<'a>,
}

impl<'a> Batch<'a> {
    /// Opens the folder of the results.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Io`], if it cannot be made.
    pub fn open(
        options: &'a Options,
        store: Option<Store>,
        listener: &'a dyn Listener,
    ) -> Result<Self, Error> {
        Ok(Self {
            options,
            listener,
            folder: Folder::open(&options.out)?,
            keeper: Keeper::new(options, store, listener),
        })
    }

    /// Condenses the sessions that were `found`; `stop` ends it after the sessions at hand.
    ///
    /// The results are the same whatever the number of threads, however often it was stopped before, and whatever the
    /// store knows. A store that fails is a problem, and the run goes on without it; so is a handoff or the table, if it
    /// cannot be written.
    pub fn run(&mut self, found: &Found, stop: &AtomicBool) -> Summary {
        let names = folder::names(&found.sessions);
        self.left_out(found, &names);
        let jobs = known::jobs(&found.sessions, names, self.keeper.has_store());
        let fresh = self.keeper.fresh(&jobs);
        let bytes = jobs.iter().map(|job| job.files.bytes).sum();
        self.listener.begins(jobs.len(), bytes);
        self.pass(&jobs, fresh, stop);
        self.keeper.hand_over();
        self.keeper.count();
        let mut summary = self.keeper.summary();
        summary.found = jobs.len();
        let done: usize = summary.fates.iter().map(|(_, count)| count).sum();
        summary.stopped = done < summary.found;
        if !summary.stopped {
            let table = self.keeper.table(&self.folder);
            let written = table.and_then(|counted| {
                (summary.states, summary.copies) = counted;
                self.keeper.export(&self.folder)
            });
            if let Err(error) = written {
                self.keeper.also(Some(problem(&error, &self.options.out)));
                summary.problems.append(&mut self.keeper.summary().problems);
            }
        }
        self.folder.settle();
        summary
    }

    /// Takes what is to be told of `found` before any of it is read.
    fn left_out(&mut self, found: &Found, names: &[String]) {
        let twins = folder::twins(&found.sessions, names);
        let left_out = found.left_out.iter().cloned();
        self.keeper.left_out(left_out.chain(twins).collect());
    }

    /// Ends the batch: the store is whole.
    pub fn end(mut self) {
        self.keeper.end();
    }
}

/// Runs a batch over the sessions that were `found`, from its beginning to its end, as [`Batch`] has it.
///
/// # Errors
///
/// As [`Batch::open`].
pub fn run(
    found: &Found,
    options: &Options,
    store: Option<Store>,
    listener: &dyn Listener,
    stop: &AtomicBool,
) -> Result<Summary, Error> {
    let mut batch = Batch::open(options, store, listener)?;
    let summary = batch.run(found, stop);
    batch.end();
    Ok(summary)
}

/// The problem that an error is for those who go on; `path` is where it was, if it does not say so itself.
fn problem(error: &Error, path: &Path) -> Problem {
    let (path, what) = match error.kind() {
        ErrorKind::Io { path, source } => (path.as_path(), source.to_string()),
        _ => (path, error.to_string()),
    };
    Problem {
        path: path.display().to_string(),
        line: 0,
        column: 0,
        what,
    }
}
