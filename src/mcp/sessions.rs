//! `list_sessions`: which sessions there are.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::Timestamp;
use rayon::prelude::*;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use super::handoff::folder;
use super::tool::{Answer, Ask, fitting, limit, wrong};
use super::{Host, Settings};
use crate::discover::{self, SessionFiles};
use crate::entry::stamp;
use crate::error::Error;
use crate::read;
use crate::{pipeline, score, when};

/// Sessions of a page where nobody says. Each is read whole.
const PAGE: usize = 10;
/// Sessions of the largest page.
const LARGEST: usize = 50;
/// Characters of a title.
const TITLE: usize = 160;

/// Which sessions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListSessions {
    /// The folder of a project, as a whole path, or * for all projects. Default: the folder the server was started in.
    project: Option<PathBuf>,
    /// Only sessions with a record at this time or later: 7d, 12h, 2026-02-04 or 2026-02-04T04:15:00Z.
    since: Option<String>,
    /// How many. Default: 10.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
    /// The next_cursor of the page before.
    cursor: Option<String>,
}

/// The page.
#[derive(Debug, Serialize)]
struct Page {
    /// The one last written first.
    sessions: Vec<Row>,
    /// What gives the next page; none on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A session.
#[derive(Debug, Serialize)]
struct Row {
    session: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<&'static str>,
    started: Option<String>,
    ended: Option<String>,
    project: Option<String>,
    branch: Option<String>,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl Ask for ListSessions {
    const NAME: &str = "list_sessions";
    const TITLE: &str = "Sessions of a project";
    const DESCRIPTION: &str = "The Claude Code sessions of a project, the one last written first: id, title, state \
        (green, red, blocked, unverified), kind of work, times, branch. Call it to find the session to go on from; \
        its id is what `handoff` and `show` take. The first may be the session you are in.";

    fn answer(self, host: &Host) -> Result<Answer, Error> {
        let settings = &host.settings;
        let limit = limit(self.limit, PAGE, LARGEST)?;
        let since = self.since.as_deref().map(moment).transpose()?;
        let (found, next_cursor) =
            page(self.project, settings, since, self.cursor.as_deref(), limit)?;
        let sessions: Vec<Row> = found.par_iter().map(|files| row(files, settings)).collect();
        let sessions = fitting(sessions);
        // Where not all of them fit, the next page begins behind the last that does.
        let next_cursor = match found.get(..sessions.len()) {
            Some([.., last]) if sessions.len() < found.len() => last.main.path().map(cursor_behind),
            _ => next_cursor,
        };
        Ok(Answer::data(&Page {
            sessions,
            next_cursor,
        }))
    }
}

/// A page of sessions, and the cursor of the next one, if there is one.
///
/// # Errors
///
/// As [`candidates`]; [`crate::error::ErrorKind::Usage`], if the cursor is of no page.
pub(super) fn page(
    project: Option<PathBuf>,
    settings: &Settings,
    since: Option<Timestamp>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<SessionFiles>, Option<String>), Error> {
    let after = cursor.map(Cursor::parse).transpose()?;
    let wanted = |path: &Path| {
        let in_time = |since| discover::last_time(path).is_none_or(|last| last >= since);
        (after.as_ref()).is_none_or(|after| Cursor::of(path).is_behind(after))
            && since.is_none_or(in_time)
    };
    // One more than the page tells whether there is a next one.
    let mut found = candidates(project, settings, wanted, limit + 1)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().and_then(|files| files.main.path());
    let next = last.filter(|_| more).map(cursor_behind);
    Ok((found, next))
}

/// The first `most` sessions of a project, or of all for `*`, whose transcripts are `wanted`, the one last written first.
///
/// # Errors
///
/// As [`folder`].
pub(super) fn candidates(
    project: Option<PathBuf>,
    settings: &Settings,
    wanted: impl Fn(&Path) -> bool,
    most: usize,
) -> Result<Vec<SessionFiles>, Error> {
    let mut env = settings.env.clone();
    if project.as_deref() == Some(Path::new("*")) {
        let mut found = discover::list(&env).sessions;
        found.retain(|files| files.main.path().is_some_and(&wanted));
        found.truncate(most);
        return Ok(found);
    }
    if let Some(project) = project {
        env.cwd = folder(project)?;
    }
    Ok(discover::of_project(&env)
        .filter(|path| wanted(path))
        .filter_map(|path| discover::sessions(&[path], &env).ok()?.sessions.pop())
        .take(most)
        .collect())
}

fn cursor_behind(path: &Path) -> String {
    Cursor::of(path).to_string()
}

/// Where a page ends: the sessions behind it are those written earlier, and of the same moment those of later ids.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    nanoseconds: u128,
    id: String,
}

impl Cursor {
    fn of(path: &Path) -> Self {
        let modified = path.metadata().and_then(|it| it.modified()).ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self {
            nanoseconds: since.map_or(0, |since| since.as_nanos()),
            id: name.split('.').next().unwrap_or_default().to_owned(),
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        text.split_once('.')
            .and_then(|(number, id)| {
                Some(Self {
                    nanoseconds: number.parse().ok()?,
                    id: id.to_owned(),
                })
            })
            .ok_or_else(|| wrong("cursor: not one that an answer gave"))
    }

    fn is_behind(&self, other: &Self) -> bool {
        match self.nanoseconds.cmp(&other.nanoseconds) {
            Ordering::Less => true,
            Ordering::Equal => self.id > other.id,
            Ordering::Greater => false,
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.nanoseconds, self.id)
    }
}

fn row(files: &SessionFiles, settings: &Settings) -> Row {
    let mut row = Row {
        session: crate::safety::one_line(&crate::safety::clean(&files.id), 64),
        title: String::new(),
        state: None,
        work: None,
        started: None,
        ended: None,
        project: None,
        branch: None,
        bytes: files.bytes,
        problem: None,
    };
    let session = match pipeline::load(files, &read::Options::default()) {
        Ok((session, _)) => session,
        Err(error) => {
            row.problem = Some(super::message(&error.to_string()));
            return row;
        }
    };
    let ledger = pipeline::ledger(&session, &settings.rules);
    let mut gate = pipeline::gate(&session, settings.options.redact);
    if let Some((started, ended)) = session.span {
        (row.started, row.ended) = (Some(stamp(started)), Some(stamp(ended)));
    }
    row.project = session.cwds.first().map(|folder| gate.line(folder, TITLE));
    row.branch = session
        .branch
        .as_deref()
        .map(|branch| gate.line(branch, TITLE));
    match score::rank(&session, &ledger, &mut gate) {
        Some(ranked) => {
            row.state = Some(ranked.header.state);
            row.work = score::work(&ledger).first().map(|(work, _)| work.word());
            row.title = crate::safety::one_line(&ranked.header.title, TITLE);
        }
        None => row.problem = Some("nothing to hand over: no request and no work in it".to_owned()),
    }
    row
}

/// A date, a moment, or how long ago.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Usage`], if the text is none.
pub(super) fn moment(text: &str) -> Result<Timestamp, Error> {
    when::moment(text, Timestamp::now()).map_err(|what| wrong(format!("since: {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_go_on_where_a_page_ended() {
        let at = |nanoseconds, id: &str| Cursor {
            nanoseconds,
            id: id.to_owned(),
        };
        let end = at(5, "b");
        for (cursor, behind) in [
            (at(4, "a"), true),
            (at(5, "c"), true),
            (at(5, "b"), false),
            (at(5, "a"), false),
            (at(6, "c"), false),
        ] {
            assert_eq!(cursor.is_behind(&end), behind, "{cursor}");
        }
        assert_eq!(Cursor::parse("5.b").expect("a cursor"), end);
        for wrong in ["", "b", "b.5", "-1.b"] {
            Cursor::parse(wrong).expect_err(wrong);
        }
    }
}
