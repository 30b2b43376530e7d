//! Arguments → the files of sessions, in a stable order.
//!
//! An argument is a file, a folder, `-`, or the id of a session or its
//! beginning; no argument means the newest session of the current project.
//! The folder of a session is the `cwd` of its records, never the name of the
//! folder it lies in, which has lost the difference between `/`, `-` and `.`.
//! What is not a session is left out, with the reason. Leaves to others what
//! is in the files beyond their first and last 64 KiB.

mod env;
mod glance;
mod project;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Problem};
use crate::read::Source;
pub use env::{Agent, Env};
use glance::Glance;
use project::Project;
pub use project::{branch, top};
pub use walk::{Meta, agent_id, id};

/// The files of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFiles {
    /// The file's stem if it is a UUID, else the first `sessionId` of the records, else the stem; `-` for standard input.
    pub id: String,
    /// The main transcript.
    pub main: Source,
    /// The transcripts of its subagents, by path.
    pub subagents: Vec<AgentFile>,
    /// When the main transcript was last written, as far as the system knows.
    pub modified: Option<SystemTime>,
    /// The size of all its files as they are stored, in bytes.
    pub bytes: u64,
    /// The program that it was held with, as far as the main transcript's ends tell.
    pub agent: Agent,
}

impl SessionFiles {
    /// The same files as they are now; none if one of them is gone, or they hold less, which no log does that only grows.
    pub fn again(&self) -> Option<Self> {
        let main = std::fs::metadata(self.main.path()?).ok()?;
        let mut bytes = main.len();
        for agent in &self.subagents {
            bytes += std::fs::metadata(agent.source.path()?).ok()?.len();
        }
        (bytes >= self.bytes).then(|| Self {
            modified: main.modified().ok(),
            bytes,
            ..self.clone()
        })
    }
}

/// The transcript of a subagent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFile {
    /// The id, as in `agent-<id>.jsonl`.
    pub id: String,
    /// The file.
    pub source: Source,
    /// The id of the tool use that started it, from the `.meta.json` beside it.
    pub tool_use: Option<String>,
    /// The kind of agent, as `Explore`, from the `.meta.json` beside it.
    pub kind: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The sessions, each once.
    pub sessions: Vec<SessionFiles>,
    /// What was left out, and why, by path within each argument.
    pub left_out: Vec<Problem>,
}

impl Found {
    fn extend(&mut self, more: Self) {
        self.sessions.extend(more.sessions);
        self.left_out.extend(more.left_out);
    }
}

/// The shortest beginning of an id that is looked up.
const SHORTEST_ID: usize = 4;

/// The sessions that `arguments` name: in their order, and by path within a folder.
///
/// A file or folder of the name comes before an id. The folder that a session
/// has beside its transcript stands for the session. A file named as such is
/// taken whatever its name is, but not if it is no transcript of an agent.
/// Without arguments, the newest session of the project of [`Env::cwd`], whichever agent it was held with.
///
/// # Errors
///
/// [`ErrorKind::NoSession`], if an argument names nothing; [`ErrorKind::Nothing`], if none of
/// the files that are named is a session; [`ErrorKind::Ambiguous`], if the beginning of an id fits
/// several; [`ErrorKind::Io`], if a named file cannot be read.
pub fn sessions<A: AsRef<OsStr>>(arguments: &[A], env: &Env) -> Result<Found, Error> {
    let mut found = Found::default();
    if arguments.is_empty() {
        found.extend(walk::session(&newest(env)?)?);
    }
    for argument in arguments {
        named(argument.as_ref(), env, &mut found)?;
    }
    let mut seen = BTreeSet::new();
    found.sessions.retain(|session| match &session.main {
        Source::Stdin => seen.insert(None),
        Source::File(path) => seen.insert(Some(walk::identity(path))),
    });
    if found.sessions.is_empty() {
        let reasons: Vec<String> = found.left_out.iter().map(Problem::to_string).collect();
        let reasons = reasons.join("\n");
        let files = (found.left_out.iter()).all(|problem| Path::new(&problem.path).is_file());
        return Err(match files {
            true => ErrorKind::Nothing(reasons),
            false => ErrorKind::NoSession(reasons),
        }
        .into());
    }
    Ok(found)
}

/// The sessions that `arguments` name, by path; for many, where one that is wrong must not cost the others.
///
/// As [`sessions`], but what names nothing or cannot be read is left out with its reason, a file whose name is not
/// that of a transcript too. No argument names no session.
pub fn all<A: AsRef<OsStr>>(arguments: &[A], env: &Env) -> Found {
    let mut found = Found::default();
    for argument in arguments {
        let path = Path::new(argument.as_ref());
        if let Err(error) = named(argument.as_ref(), env, &mut found) {
            found.left_out.push(match error.kind() {
                ErrorKind::Io { .. } => walk::unreadable(path, &error),
                _ => walk::problem(path, &without_path(path, &error.to_string())),
            });
        }
    }
    found.sessions.sort_by(|a, b| a.main.cmp(&b.main));
    let mut seen = BTreeSet::new();
    found.sessions.retain(|session| {
        session
            .main
            .path()
            .is_some_and(|path| seen.insert(walk::identity(path)))
    });
    found
        .left_out
        .sort_by(|a, b| (&a.path, &a.what).cmp(&(&b.path, &b.what)));
    found.left_out.dedup();
    found
}

/// Whether a file of this name may tell of a session: a transcript, or what stands beside a subagent's.
pub fn concerns(path: &Path) -> bool {
    let beside = || path.to_string_lossy().ends_with(".meta.json");
    walk::Name::of(path) != walk::Name::Other || beside()
}

/// A message without the path that it begins with.
fn without_path(path: &Path, message: &str) -> String {
    let place = format!("{}: ", path.display());
    message.strip_prefix(&place).unwrap_or(message).to_owned()
}

/// All sessions of all roots: the one last written first, then by path.
pub fn list(env: &Env) -> Found {
    let mut found = Found::default();
    for root in env.roots().iter().filter(|root| root.is_dir()) {
        found.extend(walk::folder(root, walk::Links::FollowHere));
    }
    found.sessions.sort_by(|a, b| {
        b.modified
            .cmp(&a.modified)
            .then_with(|| a.main.cmp(&b.main))
    });
    found
}

/// Adds what one argument names.
fn named(argument: &OsStr, env: &Env, found: &mut Found) -> Result<(), Error> {
    let path = Path::new(argument);
    if argument == "-" {
        found.sessions.push(SessionFiles {
            id: "-".to_owned(),
            main: Source::Stdin,
            subagents: Vec::new(),
            modified: None,
            bytes: 0,
            agent: Agent::default(),
        });
    } else if let Some(path) = walk::transcript_of(path) {
        found.extend(walk::session(&path)?);
    } else if path.is_dir() {
        let more = walk::folder(path, walk::Links::Leave);
        if more.sessions.is_empty() && more.left_out.is_empty() {
            found.left_out.push(walk::problem(
                path,
                "no transcript here; give a .jsonl file or a project folder",
            ));
        }
        found.extend(more);
    } else if path.symlink_metadata().is_ok() {
        found.extend(walk::session(path)?);
    } else {
        found.extend(walk::session(&by_id(argument, env)?)?);
    }
    Ok(())
}

/// The session whose id is `id`, or begins with it; never a file of that name.
///
/// # Errors
///
/// As [`sessions`].
pub fn of_id(id: &str, env: &Env) -> Result<SessionFiles, Error> {
    let path = by_id(OsStr::new(id), env)?;
    let found = walk::session(&path)?;
    let reasons: Vec<String> = found.left_out.iter().map(Problem::to_string).collect();
    let only = found.sessions.into_iter().next();
    only.ok_or_else(|| ErrorKind::Nothing(reasons.join("\n")).into())
}

/// The transcript whose id is, or begins with, `argument`.
fn by_id(argument: &OsStr, env: &Env) -> Result<PathBuf, Error> {
    let text = argument.to_string_lossy();
    let id_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.len() < SHORTEST_ID || !text.chars().all(id_like) {
        return Err(ErrorKind::NoSession(format!(
            "{text}: no such file or folder, and not the first {SHORTEST_ID} or more characters of a session id"
        ))
        .into());
    }
    let wanted = text.to_ascii_lowercase();
    let mut fits: Vec<(String, Candidate)> = candidates_in(&env.roots())
        .into_iter()
        .filter_map(|candidate| Some((walk::id_like(&candidate.path, &wanted)?, candidate)))
        .collect();
    if fits
        .iter()
        .any(|(stem, _)| stem.to_ascii_lowercase() == wanted)
    {
        fits.retain(|(stem, _)| stem.len() == wanted.len());
    }
    // One session in two folders, as after a move: the newest is first.
    let ids: BTreeSet<&String> = fits.iter().map(|(stem, _)| stem).collect();
    match (ids.len(), fits.first()) {
        (1, Some((_, newest))) => Ok(newest.path.clone()),
        (0, _) | (_, None) => Err(ErrorKind::NoSession(format!(
            "{text}: no such file or folder, and no session of that id{}",
            looked_in(env)
        ))
        .into()),
        _ => {
            let lines: Vec<String> = fits.iter().map(|(stem, it)| describe(stem, it)).collect();
            Err(ErrorKind::Ambiguous(format!(
                "{text}: fits {} sessions, give more of the id:\n{}",
                ids.len(),
                lines.join("\n")
            ))
            .into())
        }
    }
}

/// The newest transcript whose records say that it belongs to the project of [`Env::cwd`].
fn newest(env: &Env) -> Result<PathBuf, Error> {
    of_project(env).next().ok_or_else(|| {
        ErrorKind::NoSession(format!(
            "no session of {}{}; give a file or an id, or see `passdown list`",
            env.cwd.display(),
            looked_in(env)
        ))
        .into()
    })
}

/// The main transcripts whose records say that they belong to the project of [`Env::cwd`]: the one last written
/// first, then by path.
///
/// A file is looked at only when it is its turn.
pub fn of_project(env: &Env) -> impl Iterator<Item = PathBuf> {
    of_folder(env, candidates_in(&env.roots()))
}

/// The same for those that were last written at `since` or later. `claude` is the one folder in which sessions of Claude
/// Code are looked for, without those below it; else its roots are.
pub fn of_project_since(
    env: &Env,
    claude: Option<&Path>,
    since: SystemTime,
) -> impl Iterator<Item = PathBuf> {
    let mut candidates = match claude {
        Some(folder) => {
            let mut paths = walk::directly_in(folder);
            paths.extend(files_in(&env.of_others()));
            in_order(paths)
        }
        None => candidates_in(&env.roots()),
    };
    candidates.retain(|candidate| candidate.modified.is_none_or(|time| time >= since));
    of_folder(env, candidates)
}

/// The sessions of the project that were held with another agent than Claude Code, in the same order.
pub fn of_project_by_others(env: &Env) -> impl Iterator<Item = PathBuf> {
    of_folder(env, candidates_in(&env.of_others()))
}

/// Of `candidates`, those of the project of [`Env::cwd`].
fn of_folder(env: &Env, candidates: Vec<Candidate>) -> impl Iterator<Item = PathBuf> {
    let mut here = Project::of(&env.cwd);
    candidates.into_iter().filter_map(move |candidate| {
        let glance = Glance::at(&candidate.path).ok()?;
        let is_here = glance.cwds.iter().any(|cwd| here.holds(Path::new(cwd)))
            || (glance.project.as_deref()).is_some_and(|hash| here.is_hashed(hash));
        (is_here && glance.reason().is_none() && !glance.is_subagent()).then_some(candidate.path)
    })
}

/// The time of the last record of the transcript at `path`, as far as its last 64 KiB tell; none if it cannot be read.
pub fn last_time(path: &Path) -> Option<jiff::Timestamp> {
    Glance::at(path).ok()?.last_time?.parse().ok()
}

/// A file that may be the main transcript of a session, by its name.
struct Candidate {
    path: PathBuf,
    modified: Option<SystemTime>,
}

/// The candidates of all roots: the one last written first, then by path.
fn candidates_in(roots: &[PathBuf]) -> Vec<Candidate> {
    in_order(files_in(roots))
}

fn files_in(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for root in roots.iter().filter(|root| root.is_dir()) {
        paths.extend(walk::files(root, walk::Links::FollowHere).files);
    }
    paths
}

/// Those of `paths` that may be main transcripts: the one last written first, then by path.
fn in_order(paths: Vec<PathBuf>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = paths
        .into_par_iter()
        .filter(|path| matches!(walk::Name::of(path), walk::Name::Main))
        .map(|path| Candidate {
            modified: path.metadata().and_then(|it| it.modified()).ok(),
            path,
        })
        .collect();
    candidates.sort_by(|a, b| {
        b.modified
            .cmp(&a.modified)
            .then_with(|| a.path.cmp(&b.path))
    });
    candidates
}

/// A line about a candidate: its id, the time of its last record or of its last change, its folder.
fn describe(stem: &str, candidate: &Candidate) -> String {
    let glance = Glance::at(&candidate.path).unwrap_or_default();
    let time = glance.last_time.or_else(|| {
        jiff::Timestamp::try_from(candidate.modified?)
            .ok()
            .map(|time| time.to_string())
    });
    // To the minute: `2026-01-10T15:02`.
    let time: String = time.unwrap_or_default().chars().take(16).collect();
    let cwd = glance.cwds.first().map_or("", String::as_str);
    // The log wrote them: nothing in them is to steer a terminal.
    let line: String = format!("  {stem}  {time}  {cwd}")
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    line.trim_end().to_owned()
}

/// Where sessions were looked for, as the end of a message.
fn looked_in(env: &Env) -> String {
    let roots: Vec<String> = env
        .roots()
        .into_iter()
        .map(|root| {
            let missing = if root.is_dir() { "" } else { " (not there)" };
            format!("{}{missing}", root.display())
        })
        .collect();
    match roots.len() {
        0 => "; no home folder is known to look in".to_owned(),
        _ => format!("; looked in {}", roots.join(", ")),
    }
}
