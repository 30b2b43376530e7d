//! Who keeps what comes of the sessions: the sums, the table, the store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::known::{Fresh, made_by};
use super::once::{self, Counted};
use super::work::ending;
use super::{Done, Fate, Job, Listener, Options, Summary};
use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Problem};
use crate::export::{self, Which};
use crate::read::Source;
use crate::store::{Kept, Outcome, Store};

/// Sessions that are handed to the store together: a transaction for each would cost more than what is in it.
const TOGETHER: usize = 64;
/// How long a session may wait for that: what a run that is killed has to do again.
const WAIT: Duration = Duration::from_millis(500);

pub(super) struct Keeper<'a> {
    options: &'a Options,
    listener: &'a dyn Listener,
    store: Option<Store>,
    made_by: u64,
    /// What was not handed to the store yet.
    pending: Vec<Kept>,
    /// Since when.
    since: Instant,
    /// What was left out before any session.
    left_out: Vec<Problem>,
    /// What became of sessions that could not be read or written, by main transcript.
    failed: BTreeMap<Source, Vec<Problem>>,
    /// Whether the store does not have these two as they are.
    unkept: bool,
    /// Whether the store was given what is not counted over all its sessions yet.
    uncounted: bool,
    /// The sessions of the table, by main transcript.
    rows: BTreeMap<Source, Counted>,
    /// Problems that were told: one that stays is told once, however often its log is read.
    told: BTreeSet<(String, u32, u32, String)>,
    /// The logs that are wanted and could be read, as the store calls them.
    handled: BTreeSet<String>,
    /// What came of the sessions since this was asked last.
    summary: Summary,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(
        options: &'a Options,
        store: Option<Store>,
        listener: &'a dyn Listener,
    ) -> Self {
        let mut keeper = Self {
            options,
            listener,
            store,
            made_by: made_by(options),
            pending: Vec::new(),
            since: Instant::now(),
            left_out: Vec::new(),
            failed: BTreeMap::new(),
            // What an earlier run left out may be there now.
            unkept: true,
            uncounted: false,
            rows: BTreeMap::new(),
            told: BTreeSet::new(),
            handled: BTreeSet::new(),
            summary: Summary::default(),
        };
        keeper.stored(|store| store.begin());
        keeper
    }

    /// Whether there is a store.
    pub(super) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Takes what was left out before any session: all of it, each time.
    pub(super) fn left_out(&mut self, problems: Vec<Problem>) {
        for problem in &problems {
            self.problem(problem.clone());
        }
        self.unkept |= self.left_out != problems;
        self.left_out = problems;
    }

    /// Takes what else could not be used.
    pub(super) fn also(&mut self, problem: Option<Problem>) {
        if let Some(problem) = problem {
            self.problem(problem);
        }
    }

    /// Of each job, whether the store knows it as it is now.
    pub(super) fn fresh(&mut self, jobs: &[Job<'_>]) -> Vec<Option<Fresh>> {
        let known = self.stored(|store| store.known()).unwrap_or_default();
        jobs.iter()
            .map(|job| {
                let (log, outcome) = known.fresh(&job.path, job.stamp?, self.made_by)?;
                Some(Fresh { log, outcome })
            })
            .collect()
    }

    /// What the store has of the job at `index`; none if it is not all there.
    pub(super) fn known(&mut self, index: usize, job: &Job<'_>, fresh: Fresh) -> Option<Done> {
        let mut done = Done {
            job: index,
            known: true,
            ..Done::default()
        };
        done.problems = self.stored(|store| store.problems(fresh.log))?;
        if fresh.outcome == Outcome::Nothing {
            done.fate = Fate::Nothing;
            return Some(done);
        }
        for format in &self.options.formats {
            let text = self.stored(|store| store.handoff(fresh.log, ending(*format)))??;
            done.texts.push((*format, text));
        }
        let read = self.stored(|store| store.session(fresh.log))??;
        done.entry = Some(Entry {
            session: read.session,
            messages: read.messages,
            ..Entry::default()
        });
        done.fate = super::work::fate(self.options, job.files, done.entry.as_ref());
        Some(done)
    }

    /// Takes what came of `job`.
    pub(super) fn take(&mut self, job: &Job<'_>, done: Done) {
        for problem in &done.problems {
            self.problem(problem.clone());
        }
        self.summary.add(done.fate);
        self.summary.known += usize::from(done.known);
        let main = &job.files.main;
        self.unkept |= match done.fate {
            Fate::Failed => {
                let before = self.failed.insert(main.clone(), done.problems.clone());
                before.as_ref() != Some(&done.problems)
            }
            _ => self.failed.remove(main).is_some(),
        };
        let entry =
            (done.entry.as_ref()).filter(|_| matches!(done.fate, Fate::Written | Fate::Unchanged));
        let row = entry.map(|entry| &entry.session);
        self.listener.done(job.files, done.fate, row);
        match entry {
            Some(entry) => {
                let counted = Counted {
                    name: job.name.clone(),
                    row: entry.session.clone(),
                    messages: entry.messages.clone(),
                };
                self.rows.insert(main.clone(), counted);
            }
            None => drop(self.rows.remove(main)),
        }
        if matches!(done.fate, Fate::NotWanted | Fate::Failed) {
            self.handled.remove(&job.path);
        } else {
            self.handled.insert(job.path.clone());
        }
        if let Some(stamp) = job.stamp
            && !done.known
            && done.read
        {
            // What may have been half read is read again next time, as if it had changed.
            let whole = !done.problems.iter().any(Problem::may_pass);
            let stamp = if whole { stamp } else { stamp.other() };
            let handoffs = done.texts.into_iter();
            self.pending.push(Kept {
                path: job.path.clone(),
                stamp,
                made_by: self.made_by,
                entry: done.entry,
                handoffs: handoffs
                    .map(|(format, text)| (ending(format).to_owned(), text))
                    .collect(),
                problems: done.problems,
            });
        }
        if self.pending.len() >= TOGETHER || self.since.elapsed() >= WAIT {
            self.hand_over();
        }
    }

    /// Leaves a session out of the table whose log is gone.
    pub(super) fn forget(&mut self, main: &Source) {
        self.rows.remove(main);
        self.unkept |= self.failed.remove(main).is_some();
    }

    /// Whether the store lacks problems that belong to no log it has.
    pub(super) fn is_unkept(&self) -> bool {
        self.unkept
    }

    /// Hands to the store what waits for it.
    pub(super) fn hand_over(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.since = Instant::now();
        if !pending.is_empty() {
            self.uncounted = true;
            self.stored(|store| store.keep(&pending));
        }
    }

    /// Hands to the store what belongs to no log that it has, and counts each message once over all its sessions.
    pub(super) fn count(&mut self) {
        if std::mem::take(&mut self.unkept) {
            let failed = self.failed.values().flatten();
            let problems: Vec<Problem> = self.left_out.iter().chain(failed).cloned().collect();
            self.stored(|store| store.keep_problems(&problems));
        }
        if std::mem::take(&mut self.uncounted) {
            self.stored(count_in_store);
        }
    }

    /// Writes the table; gives its sessions by state, the commonest first, and how many only repeat others.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Io`], if it cannot be written.
    pub(super) fn table(
        &mut self,
        folder: &Folder,
    ) -> Result<(Vec<(String, usize)>, usize), Error> {
        once::count_once(&mut self.rows.values_mut().collect::<Vec<_>>());
        folder.table(self.rows.values(), &self.options.formats)?;
        let mut states: Vec<(String, usize)> = Vec::new();
        let mut copies = 0;
        for Counted { row, .. } in self.rows.values() {
            match states.iter_mut().find(|(state, _)| *state == row.state) {
                Some((_, count)) => *count += 1,
                None => states.push((row.state.clone(), 1)),
            }
            copies += usize::from(row.copy_of.is_some());
        }
        states.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok((states, copies))
    }

    /// Writes the tables of the store, with the logs of this run, in the formats that are asked for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] without a store; as [`export::write`].
    pub(super) fn export(&self, folder: &Folder) -> Result<(), Error> {
        if self.options.export.is_empty() {
            return Ok(());
        }
        let Some(store) = &self.store else {
            let what = "no tables were written: the store could not be used";
            return Err(ErrorKind::Usage(what.to_owned()).into());
        };
        let known = store.known()?;
        let logs = self.handled.iter().filter_map(|path| known.log(path));
        let which = Which {
            logs: logs.collect(),
            without_log: true,
        };
        export::write(store.path(), &which, &folder.tables(), &self.options.export)
    }

    /// What came of the sessions since this was asked last, problems by path and line.
    pub(super) fn summary(&mut self) -> Summary {
        let mut summary = std::mem::take(&mut self.summary);
        // They came as the threads had them.
        summary
            .problems
            .sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
        summary
    }

    /// The run is over: what it left in the store is whole.
    pub(super) fn end(&mut self) {
        self.stored(|store| store.end());
    }

    /// Asks the store; one that fails is a problem, and is not asked again.
    fn stored<T>(&mut self, ask: impl FnOnce(&mut Store) -> Result<T, Error>) -> Option<T> {
        let store = self.store.as_mut()?;
        match ask(store) {
            Ok(answer) => Some(answer),
            Err(error) => {
                let path = store.path().display().to_string();
                let told = error.to_string();
                let what = told.strip_prefix(&format!("{path}: ")).unwrap_or(&told);
                let what = format!("the store is not used any more: {what}");
                self.store = None;
                self.problem(Problem {
                    path,
                    line: 0,
                    column: 0,
                    what,
                });
                None
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        let Problem {
            path,
            line,
            column,
            what,
        } = problem.clone();
        if self.told.insert((path, line, column, what)) {
            self.listener.problem(&problem);
            self.summary.problems.push(problem);
        }
    }
}

/// Counts each message once over all sessions of the store.
fn count_in_store(store: &mut Store) -> Result<(), Error> {
    let read = store.sessions()?;
    let before: Vec<_> = read
        .iter()
        .map(|read| (read.session.own_tokens, read.session.copy_of.clone()))
        .collect();
    let logs: Vec<i64> = read.iter().map(|read| read.log).collect();
    let mut counted: Vec<Counted> = read
        .into_iter()
        .map(|read| Counted {
            name: String::new(),
            row: read.session,
            messages: read.messages,
        })
        .collect();
    once::count_once(&mut counted.iter_mut().collect::<Vec<_>>());
    let changed = logs.into_iter().zip(&counted).zip(before);
    store.keep_counts(
        changed
            .filter(|((_, now), (tokens, copy_of))| {
                now.row.own_tokens != *tokens || now.row.copy_of != *copy_of
            })
            .map(|((log, now), _)| (log, &now.row.own_tokens, now.row.copy_of.as_deref())),
    )
}
