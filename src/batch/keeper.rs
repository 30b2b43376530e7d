//! Who keeps what comes of the sessions: the sums, the table, the store.

use std::time::{Duration, Instant};

use super::folder::Folder;
use super::known::{Fresh, made_by};
use super::once::{self, Counted};
use super::work::ending;
use super::{Done, Fate, Job, Options, Summary, Watch};
use crate::discover::Found;
use crate::entry::Entry;
use crate::error::{Error, Problem};
use crate::store::{Kept, Outcome, Store};

/// Sessions that are handed to the store together: a transaction for each would cost more than what is in it.
const TOGETHER: usize = 64;
/// How long a session may wait for that: what a run that is killed has to do again.
const WAIT: Duration = Duration::from_millis(500);

pub(super) struct Keeper<'a> {
    jobs: &'a [Job<'a>],
    options: &'a Options,
    watch: &'a dyn Watch,
    store: Option<Store>,
    made_by: u64,
    /// What was not handed to the store yet.
    pending: Vec<Kept>,
    /// Since when.
    since: Instant,
    /// Whether anything was handed to the store.
    changed: bool,
    /// What was left out before any session.
    left_out: Vec<Problem>,
    rows: Vec<Option<Counted>>,
    summary: Summary,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(
        found: &Found,
        jobs: &'a [Job<'a>],
        options: &'a Options,
        store: Option<Store>,
        watch: &'a dyn Watch,
    ) -> Self {
        let mut keeper = Self {
            jobs,
            options,
            watch,
            store,
            made_by: made_by(options),
            pending: Vec::new(),
            since: Instant::now(),
            changed: false,
            left_out: found.left_out.clone(),
            rows: vec![None; jobs.len()],
            summary: Summary {
                found: jobs.len(),
                ..Summary::default()
            },
        };
        for problem in &found.left_out {
            keeper.problem(problem.clone());
        }
        keeper
    }

    /// Of each job, whether the store knows it as it is now.
    pub(super) fn fresh(&mut self) -> Vec<Option<Fresh>> {
        let known = self.stored(|store| store.known()).unwrap_or_default();
        self.stored(|store| store.begin());
        self.jobs
            .iter()
            .map(|job| {
                let (log, outcome) = known.fresh(&job.path, job.stamp?, self.made_by)?;
                Some(Fresh { log, outcome })
            })
            .collect()
    }

    /// What the store has of a job; none if it is not all there.
    pub(super) fn known(&mut self, index: usize, fresh: Fresh) -> Option<Done> {
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
        let files = self.jobs.get(index)?.files;
        done.fate = super::work::fate(self.options, files, done.entry.as_ref());
        Some(done)
    }

    /// Takes what came of a job.
    pub(super) fn take(&mut self, done: Done) {
        let Some(job) = self.jobs.get(done.job) else {
            return;
        };
        for problem in &done.problems {
            self.problem(problem.clone());
        }
        self.summary.add(done.fate);
        self.summary.known += usize::from(done.known);
        if matches!(done.fate, Fate::Written | Fate::Unchanged)
            && let (Some(slot), Some(entry)) = (self.rows.get_mut(done.job), &done.entry)
        {
            *slot = Some(Counted {
                name: job.name.clone(),
                row: entry.session.clone(),
                messages: entry.messages.clone(),
            });
        }
        self.watch.done(job.files, done.fate);
        if let Some(stamp) = job.stamp
            && !done.known
            && done.read
        {
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

    /// Hands to the store what waits for it.
    fn hand_over(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.since = Instant::now();
        if !pending.is_empty() {
            self.changed = true;
            self.stored(|store| store.keep(&pending));
        }
    }

    /// Ends the run: the table, and what only all sessions together tell.
    pub(super) fn end(mut self, folder: &Folder) -> Result<Summary, Error> {
        self.hand_over();
        let left_out = std::mem::take(&mut self.left_out);
        self.stored(|store| store.keep_problems(&left_out));
        if self.changed {
            self.stored(count_in_store);
        }
        self.stored(|store| store.end());
        let mut summary = self.summary;
        // They came as the threads had them.
        summary
            .problems
            .sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
        let done: usize = summary.fates.iter().map(|(_, count)| count).sum();
        summary.stopped = done < summary.found;
        if summary.stopped {
            return Ok(summary);
        }
        let mut rows: Vec<Counted> = self.rows.into_iter().flatten().collect();
        once::count_once(&mut rows);
        for Counted { row, .. } in &rows {
            match (summary.states.iter_mut()).find(|(state, _)| *state == row.state) {
                Some((_, count)) => *count += 1,
                None => summary.states.push((row.state.clone(), 1)),
            }
            summary.copies += usize::from(row.copy_of.is_some());
        }
        (summary.states).sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        folder.table(&rows, &self.options.formats)?;
        Ok(summary)
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
        self.watch.problem(&problem);
        self.summary.problems.push(problem);
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
    once::count_once(&mut counted);
    let changed = logs.into_iter().zip(&counted).zip(before);
    store.keep_counts(
        changed
            .filter(|((_, now), (tokens, copy_of))| {
                now.row.own_tokens != *tokens || now.row.copy_of != *copy_of
            })
            .map(|((log, now), _)| (log, &now.row.own_tokens, now.row.copy_of.as_deref())),
    )
}
