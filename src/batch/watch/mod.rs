//! Logs that grow → results that stay current.
//!
//! Takes a batch that has run, hears of what changes below its inputs, and
//! condenses again the sessions that it touches: each a moment after it was
//! written to, at most every two seconds, and once more when it has gone quiet.
//! Whenever files come, go or get other names, all inputs are looked at as at
//! the beginning, so that in the end there stands what a new run would leave.

mod eyes;
mod pace;
mod places;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Batch, Fate, Inputs, folder, inputs, known, problem};
use crate::discover::{self, Env, Found, SessionFiles};
use crate::error::Error;
use crate::read::Source;
use eyes::{Change, Eyes};
use pace::Pace;

/// How long a request to stop may wait.
const TICK: Duration = Duration::from_millis(250);

/// What is kept current.
#[derive(Clone, Copy, Debug)]
pub struct Watching<'w> {
    /// What is to be read, as it was said.
    pub inputs: &'w Inputs,
    /// Where sessions are.
    pub env: &'w Env,
    /// How often folders are looked at that the system does not watch.
    pub poll: Duration,
    /// Whether the system is asked to watch at all: folders of another machine change without its word.
    pub events: bool,
}

/// What a watch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Sessions that were condensed again, each time counted.
    pub refreshed: usize,
}

/// A session that stands.
#[derive(PartialEq)]
struct Standing {
    files: SessionFiles,
    /// The name of its handoffs.
    name: String,
}

/// What is known while it is watched.
struct Watch<'b, 'a, 'w> {
    batch: &'b mut Batch<'a>,
    what: Watching<'w>,
    eyes: Eyes,
    sessions: BTreeMap<Source, Standing>,
    /// Of each file of a session, in full, whose it is.
    files: BTreeMap<PathBuf, Source>,
    /// The sessions that were touched, and those that were done lately, by main transcript.
    paces: BTreeMap<Source, Pace>,
    /// Whether one of them is a link: of what is written to its target, nothing is told.
    linked: bool,
    /// Looking at all inputs.
    look: Pace,
    /// Writing the table.
    table: Pace,
    watched: Watched,
}

impl Batch<'_> {
    /// Keeps the results of [`Batch::run`] over what was `found` current, until `stop` is set; then what has changed by
    /// then is done too. It sleeps while nothing changes.
    ///
    /// Whatever becomes of a log: its handoffs and what the store has of it stay, and the table has the sessions whose
    /// logs are there. A folder that the system does not watch is a problem, and is looked at from time to time.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Io`], if the table cannot be written.
    pub fn watch(
        &mut self,
        what: Watching<'_>,
        found: &Found,
        stop: &AtomicBool,
    ) -> Result<Watched, Error> {
        let (eyes, problem) = Eyes::open(what.events);
        self.keeper.also(problem);
        let mut watch = Watch {
            batch: self,
            what,
            eyes,
            sessions: BTreeMap::new(),
            files: BTreeMap::new(),
            paces: BTreeMap::new(),
            linked: false,
            look: Pace::default(),
            table: Pace::default(),
            watched: Watched::default(),
        };
        watch.stand(found);
        // What changed before it was watched was not told.
        watch.see(found);
        watch.batch.listener.watches(watch.eyes.count());
        let found = watch.found();
        watch.take_in(&found);
        watch.go(stop)?;
        Ok(watch.watched)
    }
}

impl Watch<'_, '_, '_> {
    fn go(&mut self, stop: &AtomicBool) -> Result<(), Error> {
        let mut looked = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            let now = Instant::now();
            self.paces.retain(|_, pace| pace.is_live(now));
            let due = (self.paces.values())
                .chain([&self.look, &self.table])
                .filter_map(Pace::due)
                .min();
            let wait = due.map_or(TICK, |due| due.saturating_duration_since(now).min(TICK));
            for change in self.eyes.changes(wait) {
                self.hear(change);
            }
            let now = Instant::now();
            if (self.eyes.is_blind() || self.linked) && now.duration_since(looked) >= self.what.poll
            {
                self.look.touch(now);
            }
            if self.look.is_due(now) {
                self.look();
                looked = Instant::now();
            }
            self.refresh(|pace| pace.is_due(now), stop);
            if self.table.is_due(now)
                && let Err(error) = self.settle()
            {
                // A disk that is full now may not be so later.
                self.table.touch(now);
                let problem = problem(&error, &self.batch.options.out);
                self.batch.keeper.also(Some(problem));
            }
        }
        // All that has changed by now is to stand; who cannot wait for it asks a second time.
        self.look();
        self.refresh(Pace::is_touched, &AtomicBool::new(false));
        self.settle()
    }

    /// Takes in that something changed.
    fn hear(&mut self, change: Change) {
        let now = Instant::now();
        let path = match change {
            Change::Unknown => return self.look.touch(now),
            Change::Content(path) => {
                let standing = (self.files.get(&path)).and_then(|main| self.sessions.get_mut(main));
                if let Some(standing) = standing {
                    return match standing.files.again() {
                        Some(files) => {
                            let main = files.main.clone();
                            standing.files = files;
                            self.paces.entry(main).or_default().touch(now);
                        }
                        None => self.look.touch(now),
                    };
                }
                path
            }
            Change::Names(path) => path,
        };
        if self.files.contains_key(&path) || discover::concerns(&path) || self.is_folder(&path) {
            self.look.touch(now);
        }
    }

    /// Whether `path` is a folder, or was one with files of sessions in it.
    fn is_folder(&self, path: &Path) -> bool {
        let next = self.files.range(path.to_owned()..).next();
        next.is_some_and(|(file, _)| file.starts_with(path)) || path.is_dir()
    }

    /// Looks at all inputs.
    fn look(&mut self) {
        let begun = Instant::now();
        self.look.begin();
        let found = self.found();
        self.see(&found);
        self.take_in(&found);
        self.look.done(Instant::now(), begun.elapsed());
    }

    fn found(&self) -> Found {
        inputs(self.what.inputs, self.what.env)
    }

    /// Watches where `found` is, and where more may come.
    fn see(&mut self, found: &Found) {
        let places = places::places(self.what.inputs, self.what.env, found);
        for problem in self.eyes.over(places) {
            self.batch.keeper.also(Some(problem));
        }
    }

    /// Touches the sessions that are not as they were, and leaves out those that are gone.
    fn take_in(&mut self, found: &Found) {
        let now = Instant::now();
        let before = self.stand(found);
        for (main, standing) in &self.sessions {
            if before.get(main) != Some(standing) {
                self.paces.entry(main.clone()).or_default().touch(now);
            }
        }
        for main in before.keys() {
            if !self.sessions.contains_key(main) {
                self.batch.keeper.forget(main);
                self.paces.remove(main);
                self.table.touch(now);
            }
        }
        let names: Vec<String> = (found.sessions.iter())
            .filter_map(|files| Some(self.sessions.get(&files.main)?.name.clone()))
            .collect();
        self.batch.left_out(found, &names);
        if self.batch.keeper.is_unkept() {
            self.table.touch(now);
        }
    }

    /// Knows the sessions that were `found`; gives those that were known before.
    fn stand(&mut self, found: &Found) -> BTreeMap<Source, Standing> {
        self.files.clear();
        self.linked = false;
        let names = folder::names(&found.sessions);
        let mut sessions = BTreeMap::new();
        for (files, name) in found.sessions.iter().zip(names) {
            let agents = files.subagents.iter().map(|agent| &agent.source);
            for path in agents.chain([&files.main]).filter_map(Source::path) {
                let path = self.what.env.cwd.join(path);
                self.linked |= path.is_symlink();
                self.files.insert(path, files.main.clone());
            }
            let standing = Standing {
                files: files.clone(),
                name,
            };
            sessions.insert(files.main.clone(), standing);
        }
        std::mem::replace(&mut self.sessions, sessions)
    }

    /// Condenses again the sessions that are `wanted`.
    fn refresh(&mut self, wanted: impl Fn(&Pace) -> bool, stop: &AtomicBool) {
        let begun = Instant::now();
        let mut files = Vec::new();
        let mut names = Vec::new();
        for (main, pace) in self.paces.iter_mut().filter(|(_, pace)| wanted(pace)) {
            pace.begin();
            if let Some(standing) = self.sessions.get(main) {
                files.push(standing.files.clone());
                names.push(standing.name.clone());
            }
        }
        if files.is_empty() {
            return;
        }
        let stamped = self.batch.keeper.has_store();
        let jobs = known::jobs(&files, names, stamped);
        self.batch
            .pass(&jobs, jobs.iter().map(|_| None).collect(), stop);
        self.batch.keeper.hand_over();
        self.batch.folder.settle();
        let summary = self.batch.keeper.summary();
        let done: usize = summary.fates.iter().map(|(_, count)| count).sum();
        self.watched.refreshed += summary.count(Fate::Written);
        let (now, took) = (Instant::now(), begun.elapsed());
        for files in &files {
            let pace = self.paces.entry(files.main.clone()).or_default();
            pace.done(now, took);
            // Which of them a stop has passed over is not told; the last pass does them.
            if done < jobs.len() {
                pace.touch(now);
            }
        }
        self.table.touch(now);
    }

    /// Writes what only all sessions together tell.
    fn settle(&mut self) -> Result<(), Error> {
        let begun = Instant::now();
        self.table.begin();
        self.batch.keeper.count();
        self.batch.keeper.table(&self.batch.folder)?;
        self.batch.folder.settle();
        self.table.done(Instant::now(), begun.elapsed());
        Ok(())
    }
}
