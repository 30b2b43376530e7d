//! `search`: what sessions of a project say of something.

use std::path::PathBuf;

use rmcp::schemars::{self, JsonSchema};
use rusqlite::types::Value as Sql;
use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};

use super::Host;
use super::known::{self, Basis, failed};
use super::open::cite;
use super::sessions::moment;
use super::tool::{Answer, Ask, fitting, limit, start, wrong};
use crate::entry::stamp;
use crate::error::Error;
use crate::safety::one_line;
use crate::store::Store;

/// Findings of a page where nobody says.
const PAGE: usize = 20;
/// Findings of the largest page.
const LARGEST: usize = 50;
/// Characters of a finding, and of what stands beside it.
const WIDTH: usize = 400;
/// Words that are searched for.
const WORDS: usize = 16;

/// What to search.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// Words that all must stand in a finding, in any order, upper or lower case, parts of words too. Without them, all
    /// findings of the kind.
    text: Option<String>,
    /// Default: all kinds.
    kind: Option<Kind>,
    /// The folder of a project, as a whole path, or * for all that the store knows. Default: the folder the server was
    /// started in.
    project: Option<PathBuf>,
    /// Only of this time or later: 7d, 12h, 2026-02-04 or 2026-02-04T04:15:00Z.
    since: Option<String>,
    /// How many. Default: 20.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
    /// The next_cursor of the page before.
    cursor: Option<String>,
}

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// What the user asked for.
    Request,
    /// A task, with its status.
    Task,
    /// An error or failed test, with its state.
    Failure,
    /// A choice and who made it.
    Decision,
    /// A standing rule of the user's.
    Instruction,
    /// What was tried in vain.
    Attempt,
    /// A command that was run, with how it ended.
    Command,
    /// A test, build or lint, with its verdict.
    Check,
    /// A commit.
    Commit,
    /// A file that was touched.
    File,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Request,
        Self::Task,
        Self::Failure,
        Self::Decision,
        Self::Instruction,
        Self::Attempt,
        Self::Command,
        Self::Check,
        Self::Commit,
        Self::File,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Task => "task",
            Self::Failure => "failure",
            Self::Decision => "decision",
            Self::Instruction => "instruction",
            Self::Attempt => "attempt",
            Self::Command => "command",
            Self::Check => "check",
            Self::Commit => "commit",
            Self::File => "file",
        }
    }

    /// What is found, what came of it, its place and its time, and the table they are in.
    fn columns(self) -> &'static str {
        match self {
            Self::Request => "prompt, '', cite, started, log FROM turns",
            Self::Task => "subject, status, cite, time, log FROM tasks",
            Self::Failure => {
                "what || coalesce(' (' || test || ')', ''), state, cite, last_time, log FROM failures"
            }
            Self::Decision => {
                "text, CASE by_user WHEN 1 THEN 'by the user' ELSE 'by the agent' END, cite, time, log FROM decisions"
            }
            Self::Instruction => "text, '', cite, time, log FROM instructions WHERE by_user",
            Self::Attempt => {
                "what, CASE outcome WHEN '' THEN kind ELSE outcome END, cite, time, log FROM attempts"
            }
            Self::Command => "command, verdict, cite, NULL, log FROM commands",
            Self::Check => "command, verdict, cite, time, log FROM checks",
            Self::Commit => {
                "hash || ' ' || subject, CASE pushed WHEN 1 THEN 'pushed' ELSE '' END, cite, time, log FROM commits"
            }
            Self::File => {
                "path, CASE WHEN deleted THEN 'deleted' WHEN created THEN 'created' WHEN edits THEN 'changed' ELSE 'read' END, \
                 cite, NULL, log FROM files"
            }
        }
    }
}

/// The page.
#[derive(Debug, Serialize)]
struct Page {
    /// The newest first.
    findings: Vec<Finding>,
    /// Of all pages.
    findings_in_all: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    known: Basis,
}

/// A finding.
#[derive(Debug, Serialize)]
struct Finding {
    kind: String,
    what: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    outcome: String,
    /// What `show` opens.
    cite: String,
    time: Option<String>,
}

impl Ask for Search {
    const NAME: &str = "search";
    const TITLE: &str = "Search the sessions of a project";
    const DESCRIPTION: &str = "Findings over all sessions of a project by words and kind: requests, tasks, failures, \
        decisions, the user's standing rules, attempts that came to nothing, commands, checks, commits, files; the \
        newest first, each with a citation for `show`. Call it before repeating work: was this error met before, was \
        this tried, what did the user decide, which command runs these tests?";

    fn answer(self, host: &Host) -> Result<Answer, Error> {
        let limit = limit(self.limit, PAGE, LARGEST)?;
        let start = start(self.cursor.as_deref())?;
        let text = self.text.as_deref().unwrap_or("");
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > WORDS {
            return Err(wrong(format!("text: more than {WORDS} words")));
        }
        if words.is_empty() && self.kind.is_none() {
            return Err(wrong("give text, or a kind, or both"));
        }
        let since = self.since.as_deref().map(moment).transpose()?.map(stamp);
        let kinds: &[Kind] = match &self.kind {
            Some(kind) => std::slice::from_ref(kind),
            None => &Kind::ALL,
        };
        let ((findings, findings_in_all), known) = known::ask(host, self.project, |store| {
            found(store, kinds, &words, since.as_deref(), start, limit)
        })?;
        let findings = fitting(findings);
        let next = start.saturating_add(findings.len());
        Ok(Answer::data(&Page {
            next_cursor: (next < findings_in_all && !findings.is_empty()).then(|| next.to_string()),
            findings,
            findings_in_all,
            known,
        }))
    }
}

/// A page of what is found, and how many there are in all.
fn found(
    store: &Store,
    kinds: &[Kind],
    words: &[&str],
    since: Option<&str>,
    start: usize,
    limit: usize,
) -> Result<(Vec<Finding>, usize), Error> {
    let tables: Vec<String> = kinds
        .iter()
        .map(|kind| format!("SELECT '{}' AS kind, {}", kind.word(), kind.columns()))
        .collect();
    // The names of the columns are those of the first table, so they are said before it.
    let mut sql = format!(
        "WITH found (kind, what, outcome, cite, time, log) AS ({}) \
         SELECT kind, what, outcome, cite, coalesce(found.time, s.ended) AS at, s.session, count(*) OVER () AS of \
         FROM found JOIN originals s USING (log) WHERE true",
        tables.join(" UNION ALL ")
    );
    let mut values: Vec<Sql> = Vec::new();
    for word in words {
        sql.push_str(" AND what || ' ' || outcome LIKE ? ESCAPE '\\'");
        values.push(like(word).into());
    }
    if let Some(since) = since {
        sql.push_str(" AND at >= ?");
        values.push(since.to_owned().into());
    }
    sql.push_str(" ORDER BY at DESC, s.session, kind, cite, what LIMIT ? OFFSET ?");
    for number in [limit, start] {
        values.push(i64::try_from(number).unwrap_or(i64::MAX).into());
    }
    let read = || -> rusqlite::Result<Vec<(Finding, i64)>> {
        let mut select = store.connection().prepare(&sql)?;
        select
            .query_map(params_from_iter(values), |row| {
                Ok((finding(row)?, row.get("of")?))
            })?
            .collect()
    };
    let rows = read().map_err(|error| failed(&error))?;
    let in_all = rows.first().map_or(0, |(_, of)| *of);
    let findings = rows.into_iter().map(|(finding, _)| finding).collect();
    Ok((findings, usize::try_from(in_all).unwrap_or(0)))
}

fn finding(row: &Row<'_>) -> rusqlite::Result<Finding> {
    let (session, place): (String, String) = (row.get("session")?, row.get("cite")?);
    Ok(Finding {
        kind: row.get("kind")?,
        what: one_line(&row.get::<_, String>("what")?, WIDTH),
        outcome: one_line(&row.get::<_, String>("outcome")?, WIDTH),
        cite: cite(&session, &place),
        time: row.get("at")?,
    })
}

/// The pattern of SQLite's LIKE that finds `word` as it is, anywhere.
fn like(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
