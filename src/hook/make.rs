//! Handoffs, made while a session waits, but not for long.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Instant;

use super::store::Meta;
use super::{Call, Ran, Settings};
use crate::discover::{self, Env, SessionFiles};
use crate::error::Error;
use crate::pipeline;
use crate::read::{self, Source};
use crate::safety::Gate;

/// A handoff that was made, not yet written.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) meta: Meta,
    pub(super) text: String,
}

/// At the end of a session and before a compaction: the handoff of this session.
pub(super) fn write(call: &Call, settings: &Settings, ran: &mut Ran) {
    let transcript = match transcript(call) {
        Ok(transcript) => transcript,
        Err(problem) => return ran.problems.push(problem),
    };
    let until = Instant::now() + settings.within;
    let (done, made) = mpsc::channel();
    let (path, settings_, event) = (transcript.clone(), settings.clone(), call.event.name());
    let (env, now) = (call.env.clone(), call.now);
    std::thread::spawn(move || {
        // Nobody listens any more once the time is up.
        let _ = done.send(handoff(&path, event, &env, now, &settings_));
    });
    match made.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(Ok(Some(made))) => put(call, settings, made, ran),
        // A session in which nothing happened leaves nothing.
        Ok(Ok(None)) => {}
        Ok(Err(error)) => ran.problems.push(error.to_string()),
        Err(mpsc::RecvTimeoutError::Timeout) => ran.late = Some(transcript),
        Err(mpsc::RecvTimeoutError::Disconnected) => ran
            .problems
            .push(format!("{}: the handoff failed", transcript.display())),
    }
}

/// Writes a handoff to the project's store.
pub(super) fn put(call: &Call, settings: &Settings, made: Made, ran: &mut Ran) {
    if let Err(error) = call.store().put(&made.meta, &made.text, settings.keep) {
        ran.problems.push(error.to_string());
    }
}

/// The transcript of the session: the one that the input names if it has the session's name, else the one of that name
/// wherever it is, else the one that the input names after all.
pub(super) fn transcript(call: &Call) -> Result<PathBuf, String> {
    let named = call
        .input
        .transcript
        .as_deref()
        .filter(|path| path.is_file());
    let Some(id) = &call.input.session else {
        return named.map(Path::to_owned).ok_or_else(|| {
            "the hook's input names neither a session nor a transcript that is there".to_owned()
        });
    };
    if let Some(path) = named
        && discover::id(path) == *id
    {
        return Ok(path.to_owned());
    }
    let found = discover::sessions(&[id], &call.env);
    match (found, named) {
        (Ok(found), named) => found
            .sessions
            .into_iter()
            .find_map(|session| match session.main {
                Source::File(path) => Some(path),
                Source::Stdin => None,
            })
            .or_else(|| named.map(Path::to_owned))
            .ok_or_else(|| format!("{id}: no transcript")),
        (Err(_), Some(path)) => Ok(path.to_owned()),
        (Err(error), None) => Err(error.to_string()),
    }
}

/// The handoff of the transcript at `path`; none if there is nothing to hand over.
pub(super) fn handoff(
    path: &Path,
    event: &str,
    env: &Env,
    now: jiff::Timestamp,
    settings: &Settings,
) -> Result<Option<Made>, Error> {
    settings.rules.prepare();
    let found = discover::sessions(&[path], env)?;
    let Some(files) = found.sessions.into_iter().next() else {
        return Ok(None);
    };
    made(&files, path, event, now, settings)
}

fn made(
    files: &SessionFiles,
    path: &Path,
    event: &str,
    now: jiff::Timestamp,
    settings: &Settings,
) -> Result<Option<Made>, Error> {
    // Taken before the file is read: what is written meanwhile makes it one that has grown.
    let bytes = std::fs::metadata(path).map_or(0, |it| it.len());
    let (session, _) = pipeline::load(files, &read::Options::default())?;
    let made = pipeline::handoff(&session, &settings.rules, &settings.handoff)?;
    let Some((_, text)) = made else {
        return Ok(None);
    };
    let meta = Meta {
        session: discover::id(path),
        branch: session
            .branch
            .as_deref()
            .filter(|branch| !branch.is_empty())
            .map(branch_name),
        end: session.span.map_or(now, |(_, end)| end),
        made: now,
        event: event.to_owned(),
        log: path.to_owned(),
        bytes,
    };
    Ok(Some(Made { meta, text }))
}

/// A branch as it is kept and compared.
pub(super) fn branch_name(branch: &str) -> String {
    Gate::default().line(branch, 200)
}
