//! Folders → the sessions in them, each with the files of its subagents.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::glance::Glance;
use super::{AgentFile, Found, SessionFiles};
use crate::error::{Error, Problem};
use crate::read::{Source, peek};

/// What to do with links to folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// Leave them out: they may lead round in a circle.
    Leave,
    /// Follow those in the first folder: project folders are linked, as to another disk.
    FollowHere,
}

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Perhaps the main transcript of a session.
    Main,
    /// The transcript of a subagent.
    Agent,
    /// A copy of the conversation that the program made for itself: for a summary, a suggestion, a side question.
    Copy,
    /// The ledger of workflow agents.
    Journal,
    /// Not a transcript.
    Other,
}

impl Name {
    pub(super) fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(stem) = ENDINGS.iter().find_map(|end| name.strip_suffix(end)) else {
            return match is_chat(path) {
                true => Self::Main,
                false => Self::Other,
            };
        };
        if stem == "journal" {
            return Self::Journal;
        }
        match stem.strip_prefix("agent-") {
            None => Self::Main,
            Some(id) if COPIES.iter().any(|copy| id.starts_with(copy)) => Self::Copy,
            Some(_) => Self::Agent,
        }
    }
}

/// How the names of transcripts end.
const ENDINGS: [&str; 3] = [".jsonl", ".jsonl.gz", ".jsonl.zst"];
/// How the name of a chat of Gemini CLI begins and ends, and the folder that it lies in.
const CHAT: (&str, &str, &str) = ("session-", ".json", "chats");
/// How the ids of the program's own copies begin.
const COPIES: [&str; 3] = ["acompact-", "aprompt_suggestion-", "aside_question-"];

/// Whether a file is a chat of Gemini CLI by its name; a `.json` elsewhere may be anything.
fn is_chat(path: &Path) -> bool {
    let (head, end, folder) = CHAT;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let within = path.parent().and_then(Path::file_name);
    name.starts_with(head) && name.ends_with(end) && within.is_some_and(|it| it == folder)
}

/// The name without its ending: the id of a session or, behind `agent-`, of a subagent.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ENDINGS
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .or_else(|| name.strip_suffix(CHAT.1).filter(|_| is_chat(path)))
        .unwrap_or(&name)
        .to_owned()
}

/// The id that the name of a main transcript tells: that of a rollout of Codex, `rollout-<time>-<id>`, stands at its end, and the first
/// letters of that of a chat of Gemini CLI, `session-<time>-<letters>`.
pub fn id(path: &Path) -> String {
    let stem = stem(path);
    let rollout = stem
        .strip_prefix("rollout-")
        .and_then(|rest| rest.get(rest.len().checked_sub(36)?..))
        .filter(|last| is_uuid(last));
    let chat = stem.strip_prefix(CHAT.0).and_then(|rest| {
        let (_, last) = rest.rsplit_once('-')?;
        (last.len() == 8 && is_hex(last)).then_some(last)
    });
    rollout.or(chat).map_or_else(|| stem.clone(), str::to_owned)
}

/// The id of the session in the file at `path`, if that begins with `wanted`, which is in lower case. The file is opened
/// only where its name tells but the first letters of the id.
pub(super) fn id_like(path: &Path, wanted: &str) -> Option<String> {
    let id = id(path);
    let plain = id.to_ascii_lowercase();
    if wanted.starts_with(&plain) && is_hex(&plain) && plain.len() < wanted.len() {
        let whole = Glance::at(path).ok()?.session?;
        return whole
            .to_ascii_lowercase()
            .starts_with(wanted)
            .then_some(whole);
    }
    plain.starts_with(wanted).then_some(id)
}

/// The transcript beside `folder`, if it is the folder of a session: `<id>/` beside `<id>.jsonl`.
pub(super) fn transcript_of(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name().filter(|_| folder.is_dir())?;
    ENDINGS
        .iter()
        .map(|ending| {
            let mut name = name.to_owned();
            name.push(ending);
            folder.with_file_name(name)
        })
        .find(|path| path.is_file())
}

/// Files by path, and what could not be read.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) files: Vec<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

/// The regular files below `folder`, by path, each once; links to files count as files.
pub(super) fn files(folder: &Path, links: Links) -> Listing {
    let mut listing = Listing::default();
    let mut left = vec![(folder.to_owned(), links)];
    while let Some((folder, links)) = left.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                listing.problems.push(problem(&folder, &error.to_string()));
                continue;
            }
        };
        for entry in entries {
            let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))
            {
                Ok(entry) => entry,
                Err(error) => {
                    listing.problems.push(problem(&folder, &error.to_string()));
                    continue;
                }
            };
            let other = || {
                let named = Name::of(&path) != Name::Other;
                named.then(|| problem(&path, "not a regular file, left out"))
            };
            if kind.is_dir() {
                left.push((path, Links::Leave));
            } else if kind.is_file() {
                listing.files.push(path);
            } else if !kind.is_symlink() {
                listing.problems.extend(other());
            } else {
                match fs::metadata(&path) {
                    Ok(target) if target.is_file() => listing.files.push(path),
                    Ok(target) if target.is_dir() && links == Links::FollowHere => {
                        left.push((path, Links::Leave));
                    }
                    Ok(target) if target.is_dir() => listing
                        .problems
                        .push(problem(&path, "a link to a folder, not followed")),
                    Ok(_) => listing.problems.extend(other()),
                    Err(error) if Name::of(&path) != Name::Other => listing.problems.push(problem(
                        &path,
                        &format!("a link that leads nowhere: {error}"),
                    )),
                    Err(_) => {}
                }
            }
        }
    }
    listing.files.sort();
    let mut seen = BTreeSet::new();
    listing
        .files
        .retain(|path| Name::of(path) != Name::Other && seen.insert(identity(path)));
    listing.problems.sort_by(|a, b| a.path.cmp(&b.path));
    listing
}

/// The files directly in `folder`, by path; none if it cannot be read.
pub(super) fn directly_in(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| Name::of(path) != Name::Other && path.is_file())
        .collect();
    paths.sort();
    paths
}

/// The sessions below `folder`, by path.
pub(super) fn folder(folder: &Path, links: Links) -> Found {
    let Listing { files, problems } = files(folder, links);
    let mut found = Found {
        sessions: Vec::new(),
        left_out: problems,
    };
    // The agents of the newer layout are told by their path alone.
    let glances: Vec<Option<Result<Glance, Error>>> = files
        .par_iter()
        .map(|path| match Name::of(path) {
            Name::Main => Some(Glance::at(path)),
            Name::Agent if session_folder(path).is_none() => Some(Glance::at(path)),
            _ => None,
        })
        .collect();

    let mut agents = Vec::new();
    // Main transcripts by their path without its ending, and by folder and id.
    let mut places = BTreeMap::new();
    for (path, glance) in files.into_iter().zip(glances) {
        let glance = match glance.transpose() {
            Ok(glance) => glance,
            Err(error) => {
                found.left_out.push(unreadable(&path, &error));
                continue;
            }
        };
        match (Name::of(&path), glance) {
            (Name::Copy, _) => found.left_out.push(problem(
                &path,
                "the program's own copy of a conversation, left out",
            )),
            (Name::Journal, _) => found
                .left_out
                .push(problem(&path, "a ledger of workflow agents, left out")),
            (Name::Main, Some(glance)) => {
                if let Some(reason) = glance.reason() {
                    found.left_out.push(problem(&path, &reason));
                } else if glance.is_subagent() {
                    found.left_out.push(problem(
                        &path,
                        "a subagent's transcript without its session, left out",
                    ));
                } else {
                    let session = main(&path, &glance);
                    let parent = path.parent().unwrap_or(Path::new("")).to_owned();
                    let at = found.sessions.len();
                    places.entry(parent.join(stem(&path))).or_insert(at);
                    places.entry(parent.join(&session.id)).or_insert(at);
                    found.sessions.push(session);
                }
            }
            (Name::Agent, glance) => agents.push((path, glance)),
            _ => {}
        }
    }
    for (path, glance) in agents {
        let place = home(&path, glance.as_ref());
        let session = place
            .and_then(|place| places.get(&place))
            .and_then(|at| found.sessions.get_mut(*at));
        match session {
            Some(session) => match agent(&path) {
                Ok(agent) => session.add(agent),
                Err(problem) => found.left_out.push(problem),
            },
            None => found.left_out.push(problem(
                &path,
                "a subagent's transcript without its session, left out",
            )),
        }
    }
    for session in &mut found.sessions {
        session.subagents.sort_by(|a, b| a.source.cmp(&b.source));
    }
    found.left_out.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The session whose main transcript is at `path`, with its subagents; or why it is none.
///
/// Whatever its name is, it counts as a main transcript.
pub(super) fn session(path: &Path) -> Result<Found, Error> {
    let glance = Glance::at(path)?;
    let mut found = Found::default();
    // A session in which nothing was said is one all the same, if it is named.
    if let Some(reason) = glance.reason().filter(|_| !glance.is_quiet()) {
        found.left_out.push(problem(path, &reason));
        return Ok(found);
    }
    let mut session = main(path, &glance);
    let mut homes = vec![path.with_file_name(stem(path))];
    homes.extend(beside(path, &session.id).filter(|home| !homes.contains(home)));

    let mut agents = Vec::new();
    for folder in homes.iter().map(|home| home.join("subagents")) {
        if folder.is_dir() {
            agents.extend(files(&folder, Links::Leave).files);
        }
    }
    agents.retain(|path| Name::of(path) == Name::Agent);
    // The older layout: `agent-<hex>.jsonl` beside the main transcript.
    if Name::of(path) == Name::Main {
        let mut siblings = siblings(path);
        siblings.retain(|sibling| {
            Glance::at(sibling)
                .ok()
                .and_then(|glance| home(sibling, Some(&glance)))
                .is_some_and(|home| homes.contains(&home))
        });
        agents.extend(siblings);
    }
    for path in agents {
        match agent(&path) {
            Ok(agent) => session.add(agent),
            Err(problem) => found.left_out.push(problem),
        }
    }
    session.subagents.sort_by(|a, b| a.source.cmp(&b.source));
    found.sessions.push(session);
    Ok(found)
}

/// The transcripts of subagents in the folder of `path`, by path.
fn siblings(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(path.with_file_name(entry.ok()?.file_name())))
        .filter(|path| Name::of(path) == Name::Agent && path.is_file())
        .collect();
    paths.sort();
    paths
}

/// A session with its main transcript alone.
fn main(path: &Path, glance: &Glance) -> SessionFiles {
    let stem = stem(path);
    SessionFiles {
        id: match &glance.session {
            Some(session) if !is_uuid(&stem) => session.clone(),
            _ => stem,
        },
        main: Source::File(path.to_owned()),
        subagents: Vec::new(),
        modified: glance.modified,
        bytes: glance.bytes,
        agent: glance.agent,
    }
}

impl SessionFiles {
    fn add(&mut self, (agent, bytes): (AgentFile, u64)) {
        self.subagents.push(agent);
        self.bytes += bytes;
    }
}

/// The path, without its ending, of the main transcript that a subagent's transcript belongs to.
fn home(path: &Path, glance: Option<&Glance>) -> Option<PathBuf> {
    match session_folder(path) {
        Some(folder) => Some(folder.to_owned()),
        // An id is not to lead out of the folder.
        None => beside(path, glance?.session.as_deref()?),
    }
}

/// The path beside `path` that has an id as its name; an id is not to lead out of the folder.
fn beside(path: &Path, id: &str) -> Option<PathBuf> {
    let plain = !id.is_empty() && !id.contains(['/', '\\', ':', '.']);
    plain.then(|| path.with_file_name(id))
}

/// The folder `<session>` of a file in `<session>/subagents/` or deeper.
fn session_folder(path: &Path) -> Option<&Path> {
    path.ancestors()
        .skip(1)
        .find(|folder| folder.ends_with("subagents"))?
        .parent()
}

/// A subagent's transcript with its size, or why it is left out.
fn agent(path: &Path) -> Result<(AgentFile, u64), Problem> {
    let metadata = fs::metadata(path).map_err(|error| problem(path, &error.to_string()))?;
    if metadata.len() == 0 {
        return Err(problem(path, "empty"));
    }
    let stem = stem(path);
    let meta = meta(&path.with_file_name(format!("{stem}.meta.json")));
    let agent = AgentFile {
        id: stem.strip_prefix("agent-").unwrap_or(&stem).to_owned(),
        source: Source::File(path.to_owned()),
        tool_use: meta.tool_use,
        kind: meta.kind,
    };
    Ok((agent, metadata.len()))
}

/// What the file beside a subagent's transcript, `agent-<id>.meta.json`, tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// The id of the tool use that started it.
    #[serde(rename = "toolUseId")]
    pub tool_use: Option<String>,
    /// The kind of agent, as `Explore`.
    #[serde(rename = "agentType")]
    pub kind: Option<String>,
}

impl Meta {
    /// What the bytes of a `.meta.json` tell; nothing if they are not of its form.
    pub fn of(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}

/// Reads a `.meta.json`; nothing if it is missing or not of its form.
fn meta(path: &Path) -> Meta {
    peek(path)
        .map(|ends| Meta::of(&ends.head))
        .unwrap_or_default()
}

/// The id of the subagent whose transcript is called `name`, if that is one: `agent-<id>.jsonl`, perhaps compressed.
pub fn agent_id(name: &str) -> Option<String> {
    let path = Path::new(name);
    let stem = stem(path);
    let id = stem.strip_prefix("agent-")?;
    (Name::of(path) == Name::Agent).then(|| id.to_owned())
}

/// Whether `text` has the form `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What makes two paths one file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// The device and the file's number on it.
    #[cfg(unix)]
    Inode(u64, u64),
    /// The path with links resolved, where nothing better is known.
    Path(PathBuf),
}

/// The identity of the file at `path`.
pub(super) fn identity(path: &Path) -> Identity {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        use std::os::unix::fs::MetadataExt;
        return Identity::Inode(metadata.dev(), metadata.ino());
    }
    Identity::Path(super::project::real(path))
}

/// A problem with a whole file.
pub(super) fn problem(path: &Path, what: &str) -> Problem {
    Problem {
        path: path.display().to_string(),
        line: 0,
        column: 0,
        what: what.to_owned(),
    }
}

/// The problem that a file could not be looked at.
pub(super) fn unreadable(path: &Path, error: &Error) -> Problem {
    problem(path, &super::without_path(path, &error.to_string()))
}
