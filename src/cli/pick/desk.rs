//! What reads logs while the picker answers keys: three threads, and the wishes they look at.

use std::ffi::OsString;
use std::io;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::SystemTime;

use rayon::ThreadPool;

use super::state::{Described, Event, Key, Made, Row, Wanted};
use crate::discover::{self, Env, SessionFiles};
use crate::error::{Error, ErrorKind};
use crate::pipeline::{self, Options};
use crate::read;
use crate::render;
use crate::rules::InForce;
use crate::safety::{self, Gate, Level};
use crate::score::Ranked;
use crate::session::{self, Body, Session, Via};
use crate::show;

/// Sessions whose ranked lines are kept, so that another budget needs no reading.
const PREPARED: usize = 4;
/// Sessions that are sent at once while a list is made.
const AT_ONCE: usize = 64;
/// The characters of a title or a first request that are kept.
const TITLE: usize = 160;

/// Where and how sessions are read.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) env: Env,
    /// What the arguments name, instead of what Claude Code keeps.
    pub(super) paths: Vec<OsString>,
    pub(super) rules: InForce,
    pub(super) options: Options,
}

/// Reads in the background what is wanted, and sends it as events.
pub(super) struct Desk {
    shared: Arc<Shared>,
}

struct Shared {
    reading: Reading,
    /// Where all reading is done.
    pool: ThreadPool,
    events: Sender<Event>,
    wanted: Mutex<Wanted>,
    changed: Condvar,
    /// The number of the list in force.
    list: AtomicU32,
}

impl Desk {
    /// Starts what reads.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`], if the system gives no threads.
    pub(super) fn new(reading: Reading, events: Sender<Event>) -> Result<Self, Error> {
        // One core is left to the keys: with 5,000 sessions being read on both of two, a key waited for up to 170 ms.
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(cores.saturating_sub(1).max(1))
            .build()
            .map_err(|error| Error::io("threads", io::Error::other(error)))?;
        let shared = Arc::new(Shared {
            reading,
            pool,
            events,
            wanted: Mutex::default(),
            changed: Condvar::new(),
            list: AtomicU32::new(0),
        });
        for serve in [Shared::serve_texts, Shared::serve_rows] {
            let shared = shared.clone();
            thread::spawn(move || serve(&shared));
        }
        Ok(Self { shared })
    }

    /// Lists the sessions anew, under this number.
    pub(super) fn list(&self, number: u32, everywhere: bool) {
        self.shared.list.store(number, Ordering::Relaxed);
        let shared = self.shared.clone();
        thread::spawn(move || {
            let listed = catch_unwind(AssertUnwindSafe(|| shared.list(number, everywhere)));
            if listed.is_err() {
                shared.send(Event::Listed(number));
            }
        });
    }

    /// Replaces what was wanted before; what is being read is read to its end.
    pub(super) fn want(&self, wanted: Wanted) {
        let mut now = self.shared.wanted();
        if *now != wanted {
            *now = wanted;
            self.shared.changed.notify_all();
        }
    }
}

impl Shared {
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `take` finds something to do.
    fn next<T>(&self, take: impl Fn(&mut Wanted) -> Option<T>) -> T {
        let mut wanted = self.wanted();
        loop {
            if let Some(next) = take(&mut wanted) {
                return next;
            }
            let woken = self.changed.wait(wanted);
            wanted = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends an event; that nobody listens any more is how the program ends.
    fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Makes handoffs and opens records: what the eye waits for.
    fn serve_texts(&self) {
        let mut kept: Vec<Prepared> = Vec::new();
        loop {
            let next = self.next(|wanted| {
                let record = wanted
                    .record
                    .take()
                    .map(|(key, path, cite)| (key, path, Err(cite)));
                record.or_else(|| {
                    wanted
                        .handoff
                        .take()
                        .map(|(key, path, budget)| (key, path, Ok(budget)))
                })
            });
            let (key, path, what) = next;
            let made = catch_unwind(AssertUnwindSafe(|| {
                let prepared = self.prepared(&mut kept, &path)?;
                if what.is_ok() {
                    self.send(Event::Described(key, prepared.described.clone()));
                }
                match &what {
                    Ok(budget) => self.handoff(prepared, *budget),
                    Err(cite) => self
                        .record(prepared, cite)
                        .map(|text| Made { text, tokens: None }),
                }
            }));
            let made = made
                .unwrap_or_else(|_| Err(mistake()))
                .unwrap_or_else(|error| {
                    let text = Gate::default().safe(&error.to_string());
                    Made { text, tokens: None }
                });
            self.send(match what {
                Ok(budget) => Event::Handoff(key, budget, made),
                Err(cite) => Event::Record(key, cite, made.text),
            });
        }
    }

    /// Describes the sessions in sight.
    fn serve_rows(&self) {
        loop {
            let (key, path) =
                self.next(|wanted| (!wanted.rows.is_empty()).then(|| wanted.rows.remove(0)));
            let described = catch_unwind(AssertUnwindSafe(|| {
                self.read(&path).map(|prepared| prepared.described)
            }));
            let described = described.unwrap_or_else(|_| Err(mistake()));
            let described = described.unwrap_or_else(|_| Described {
                title: Some("cannot be read".to_owned()),
                state: Some("-"),
                ..Described::default()
            });
            self.send(Event::Described(key, described));
        }
    }

    fn read(&self, path: &Path) -> Result<Prepared, Error> {
        self.pool.install(|| Prepared::read(&self.reading, path))
    }

    /// The session at `path`, read now or lately.
    fn prepared<'a>(
        &self,
        kept: &'a mut Vec<Prepared>,
        path: &Path,
    ) -> Result<&'a Prepared, Error> {
        let place = kept.iter().position(|prepared| prepared.is_of(path));
        let prepared = match place {
            Some(place) => kept.remove(place),
            None => self.read(path)?,
        };
        kept.truncate(PREPARED - 1);
        kept.insert(0, prepared);
        kept.first().ok_or_else(mistake)
    }

    fn handoff(&self, prepared: &Prepared, budget: u32) -> Result<Made, Error> {
        let Some((ranked, gate)) = &prepared.ranked else {
            return Ok(Made {
                text: "nothing to hand over: no request and no work in it".to_owned(),
                tokens: None,
            });
        };
        let options = &pipeline::Options {
            budget,
            ..self.reading.options.clone()
        };
        let handoff = pipeline::packed(&prepared.session, ranked, options)?;
        let text = render::markdown(&handoff, options.render);
        gate.second_look(&text)
            .map_err(|kinds| pipeline::unsafe_text("the handoff", kinds))?;
        Ok(Made {
            text,
            tokens: Some(handoff.tokens),
        })
    }

    fn record(&self, prepared: &Prepared, cite: &str) -> Result<String, Error> {
        let target = format!("session:{cite}");
        let (_, Some(citation)) = show::split(&target) else {
            return Err(ErrorKind::Usage(format!("{cite}: not a citation")).into());
        };
        let policy = self.reading.options.redact;
        let mut gate = pipeline::gate(&prepared.session, policy);
        let text = show::record(&prepared.files, &prepared.session, &mut gate, &citation)?;
        if policy.level != Level::Off {
            (Gate::default().second_look(&text))
                .map_err(|kinds| pipeline::unsafe_text("the record", kinds))?;
        }
        Ok(text)
    }

    /// Finds sessions, then says of each what its head tells.
    fn list(&self, number: u32, everywhere: bool) {
        let Reading { env, paths, .. } = &self.reading;
        let is_current = || self.list.load(Ordering::Relaxed) == number;
        let mut found: Vec<PathBuf> = Vec::new();
        let mut send = |paths: Vec<(PathBuf, String)>| {
            self.send(Event::Found(
                number,
                paths.iter().map(|(path, id)| row(path, id)).collect(),
            ));
            found.extend(paths.into_iter().map(|(path, _)| path));
        };
        if paths.is_empty() && !everywhere {
            let mut next = Vec::new();
            for path in discover::of_project(env) {
                if !is_current() {
                    return;
                }
                let id = discover::id(&path);
                next.push((path, id));
                if next.len() == AT_ONCE {
                    send(std::mem::take(&mut next));
                }
            }
            send(next);
        } else {
            let all = self.pool.install(|| match paths.is_empty() {
                true => discover::list(env),
                false => discover::all(paths, env),
            });
            let mut sessions = all.sessions;
            sessions.retain(|files| env.agent.is_none_or(|only| only == files.agent));
            sessions.sort_by(|a, b| {
                b.modified
                    .cmp(&a.modified)
                    .then_with(|| a.main.cmp(&b.main))
            });
            if let (true, Some(problem)) = (sessions.is_empty(), all.left_out.first()) {
                let text = Gate::default().line(&problem.to_string(), TITLE);
                self.send(Event::Note(text));
            }
            let named = |files: SessionFiles| Some((files.main.path()?.to_owned(), files.id));
            send(sessions.into_iter().filter_map(named).collect());
        }
        self.send(Event::Listed(number));
        for (row, path) in found.iter().enumerate() {
            if !is_current() {
                return;
            }
            let key = Key { list: number, row };
            let described = self.pool.install(|| head(path));
            self.send(Event::Described(key, described.unwrap_or_default()));
        }
    }
}

fn mistake() -> Error {
    ErrorKind::Usage("a mistake of this program; please report it".to_owned()).into()
}

/// What the id and the metadata of a transcript tell.
fn row(path: &Path, id: &str) -> Row {
    let metadata = path.metadata().ok();
    let modified = metadata.as_ref().and_then(|it| it.modified().ok());
    Row {
        path: path.to_owned(),
        id: safety::clean(id).chars().take(8).collect(),
        ended: modified.and_then(seconds),
        bytes: metadata.map_or(0, |it| it.len()),
        ..Row::default()
    }
}

fn seconds(time: SystemTime) -> Option<i64> {
    jiff::Timestamp::try_from(time)
        .ok()
        .map(jiff::Timestamp::as_second)
}

/// What the first 64 KiB of a transcript tell: the first request, and the folder.
fn head(path: &Path) -> Option<Described> {
    let ends = read::peek(path).ok()?;
    let (session, _) = session::from_bytes("", &ends.head);
    let mut gate = Gate::default();
    let request = session.timeline.iter().find_map(|event| match &event.body {
        Body::Prompt(prompt)
            if !matches!(
                prompt.via,
                Via::Answer { .. } | Via::Refusal { .. } | Via::Shell
            ) =>
        {
            Some(gate.line(&prompt.text.text, TITLE))
        }
        _ => None,
    });
    Some(Described {
        title: request,
        folder: folder(&session, &mut gate),
        ..Described::default()
    })
}

/// The last part of the folder that a session worked in.
fn folder(session: &Session, gate: &mut Gate) -> Option<String> {
    let cwd = session.cwd.as_deref()?;
    let name = cwd
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()?;
    Some(gate.line(name, 40))
}

/// A session that was read, and all that could be handed over.
struct Prepared {
    path: PathBuf,
    /// The size and the time of its file when it was read: a log that is being written is read again.
    stamp: (u64, Option<SystemTime>),
    files: SessionFiles,
    session: Session,
    ranked: Option<(Ranked, Gate)>,
    described: Described,
}

impl Prepared {
    fn read(reading: &Reading, path: &Path) -> Result<Self, Error> {
        let stamp = stamp(path);
        let found = discover::sessions(&[path], &reading.env)?;
        let none = || ErrorKind::NoSession(format!("{}: no session", path.display()));
        let files = found.sessions.into_iter().next().ok_or_else(none)?;
        let (session, _) = pipeline::load(&files, &read::Options::default())?;
        let ranked = pipeline::ranked(&session, &reading.rules, &reading.options);
        let mut described = Described {
            state: Some("-"),
            ended: session.span.map(|(_, end)| end.as_second()),
            folder: folder(&session, &mut Gate::default()),
            title: None,
        };
        if let Some((_, _, ranked)) = &ranked {
            described.state = Some(ranked.header.state);
            described.title = Some(safety::one_line(&ranked.header.title, TITLE));
        }
        Ok(Self {
            path: path.to_owned(),
            stamp,
            files,
            session,
            ranked: ranked.map(|(_, gate, ranked)| (ranked, gate)),
            described,
        })
    }

    fn is_of(&self, path: &Path) -> bool {
        self.path == path && self.stamp == stamp(path)
    }
}

fn stamp(path: &Path) -> (u64, Option<SystemTime>) {
    let metadata = path.metadata().ok();
    (
        metadata.as_ref().map_or(0, |it| it.len()),
        metadata.and_then(|it| it.modified().ok()),
    )
}
