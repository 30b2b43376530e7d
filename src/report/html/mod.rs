//! The rollup and its sessions → one self-contained page.
//!
//! The page asks for nothing from anywhere: its policy allows one style and one
//! script, by their hashes, and no other source. Text of the log is escaped by
//! the template; handoffs pass a Markdown parser whose links, images and raw
//! HTML stay text. The page is bounded: sessions that do not fit keep their row,
//! and `passdown show` tells the rest.

mod chart;
mod handoff;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use rusqlite::{Connection, Result, Row};
use serde::Serialize;

use super::gather::name;
use super::{Place, Rollup, Sums};
use crate::entry::SessionRow;
use crate::error::{Error, ErrorKind};
use crate::safety::Gate;
use crate::store::Store;

/// The most bytes of a page: what a browser opens in a second or two.
pub const MOST: usize = 30_000_000;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The hashes of the style and the script, as the page's policy names them. The test of them says what they should be.
const STYLE_HASH: &str = include_str!("page.css.sha256");
const SCRIPT_HASH: &str = include_str!("page.js.sha256");

/// What became of a page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The page.
    pub text: String,
    /// Sessions that are there with their handoff.
    pub whole: usize,
    /// Sessions that have a row only, for want of room.
    pub rows_only: usize,
    /// Sessions that have a row only, since something in them has the shape of a secret still.
    pub withheld: usize,
}

/// The page of what [`super::gather`] gathered from `store`, of at most `most` bytes as far as whole sessions go.
///
/// # Errors
///
/// [`ErrorKind::Usage`], with what SQLite says of the store; [`ErrorKind::Unsafe`], if what is told of all sessions
/// together holds a secret.
pub fn html(
    store: &Store,
    rollup: &Rollup,
    sessions: &[(i64, SessionRow)],
    most: usize,
) -> std::result::Result<Page, Error> {
    let fail = |error: String| -> Error {
        ErrorKind::Usage(format!("{}: {error}", store.path().display())).into()
    };
    page(store.connection(), rollup, sessions, most).map_err(|trouble| match trouble {
        Trouble::Sqlite(error) => fail(format!("{error}; `passdown batch` mends it")),
        Trouble::Template(error) => fail(error.to_string()),
        Trouble::Unsafe(kinds) => ErrorKind::Unsafe(format!(
            "the report still holds a secret ({}), so it was not written",
            kinds.join(", ")
        ))
        .into(),
    })
}

enum Trouble {
    Sqlite(rusqlite::Error),
    Template(minijinja::Error),
    Unsafe(Vec<String>),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<minijinja::Error> for Trouble {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(error)
    }
}

fn page(
    connection: &Connection,
    rollup: &Rollup,
    sessions: &[(i64, SessionRow)],
    most: usize,
) -> std::result::Result<Page, Trouble> {
    let mut templates = Environment::new();
    templates.add_template("page.html", PAGE)?;
    templates.add_template("session.html", include_str!("session.html"))?;
    let one = templates.get_template("session.html")?;

    let mut details = String::new();
    let mut anchors = BTreeSet::new();
    let mut rows = Vec::new();
    let (mut whole, mut withheld) = (0, 0);
    let gate = Gate::default();
    // Rows come first: every session has one.
    let mut room = most.saturating_sub(STYLE.len() + SCRIPT.len() + ROW * sessions.len());
    for (number, (log, row)) in (1usize..).zip(sessions) {
        let (text, own) = if room > 0 {
            let session = session(connection, number, *log, row)?;
            let own: Vec<String> = (session.records.iter())
                .map(|record| record.anchor.clone())
                .collect();
            (one.render(Value::from(Serde(One { s: session })))?, own)
        } else {
            (String::new(), Vec::new())
        };
        let safe = gate.second_look(&plain(&text)).is_ok();
        let fits = safe && !text.is_empty() && text.len() <= room;
        if !safe {
            withheld += 1;
        } else if fits {
            room -= text.len();
            details.push_str(&text);
            anchors.extend(own);
            whole += 1;
        } else {
            // The newest sessions are there without a gap.
            room = 0;
        }
        rows.push(Listed::of(number, row, fits));
    }
    let text = templates
        .get_template("page.html")?
        .render(Value::from(Serde(Context {
            style: STYLE,
            script: SCRIPT,
            style_hash: STYLE_HASH.trim(),
            script_hash: SCRIPT_HASH.trim(),
            sums: &rollup.sums,
            hours: rollup.sums.active_seconds / 3_600,
            tokens_in: super::markdown::short(rollup.sums.tokens_in),
            tokens_out: super::markdown::short(rollup.sums.tokens_out),
            states: chart::states(&rollup.sums.states),
            days: chart::days(sessions),
            strips: chart::strips(connection)?,
            trends: chart::trends(connection)?,
            kinds: chart::kinds(connection)?,
            open: opens(rollup, &rows, &anchors),
            rollup,
            rows: &rows,
            left: sessions.len() - whole,
        })))?;
    gate.second_look(&plain(&text)).map_err(Trouble::Unsafe)?;
    let text = text.replacen(DETAILS, &details, 1);
    Ok(Page {
        text,
        whole,
        rows_only: sessions.len() - whole - withheld,
        withheld,
    })
}

/// Where the sessions stand in the page. Text of the log has its `<` escaped, so none has this.
const DETAILS: &str = "<!-- sessions -->";

/// The text of HTML whose tags are all ours, as a reader would copy it.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut pieces = html.split('<');
    text.push_str(pieces.next().unwrap_or(""));
    for piece in pieces {
        text.push('\n');
        text.push_str(piece.split_once('>').map_or("", |(_, behind)| behind));
    }
    for (escaped, plain) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, plain);
    }
    text
}

/// What the template of a session sees.
#[derive(Serialize)]
struct One<'r> {
    s: Whole<'r>,
}

/// What the template of the page sees.
#[derive(Serialize)]
struct Context<'r> {
    style: &'static str,
    script: &'static str,
    style_hash: &'static str,
    script_hash: &'static str,
    sums: &'r Sums,
    hours: i64,
    tokens_in: String,
    tokens_out: String,
    states: Vec<chart::Piece>,
    days: chart::Days,
    strips: Vec<chart::Strip>,
    trends: Vec<chart::Line>,
    kinds: Vec<chart::Counted>,
    open: Vec<Opened<'r>>,
    rollup: &'r Rollup,
    rows: &'r [Listed],
    left: usize,
}

/// About the bytes of a row of the table.
const ROW: usize = 600;

/// A row of the table of sessions.
#[derive(Serialize)]
struct Listed {
    number: usize,
    whole: bool,
    id: String,
    ended: String,
    project: String,
    state: String,
    work: String,
    title: String,
    turns: u32,
    tool_calls: u32,
    tests: String,
    rate: f64,
    open: u32,
    minutes: i64,
    tokens: u64,
    tokens_short: String,
    copy: bool,
}

impl Listed {
    fn of(number: usize, row: &SessionRow, whole: bool) -> Self {
        let counts = row.tests_passed.zip(row.tests_total);
        let tokens = row.own_tokens.input + row.own_tokens.cache_creation + row.own_tokens.output;
        Self {
            number,
            whole,
            id: short_id(&row.session),
            ended: minute(row.ended.as_deref()),
            project: name(row.project.as_deref()),
            state: row.state.clone(),
            work: row.work.clone(),
            title: row.title.clone(),
            turns: row.turns,
            tool_calls: row.tool_calls,
            tests: counts.map_or_else(String::new, |(passed, total)| format!("{passed}/{total}")),
            rate: counts.map_or(-1.0, |(passed, total)| passed as f64 / total.max(1) as f64),
            open: row.open_tasks + row.open_failures,
            minutes: row.active_seconds / 60,
            tokens,
            tokens_short: super::markdown::short(tokens),
            copy: row.copy_of.is_some(),
        }
    }
}

/// What is open, with the number of its session if that is there.
#[derive(Serialize)]
struct Opened<'r> {
    kind: &'r str,
    status: &'r str,
    what: &'r str,
    command: &'r str,
    at: &'r Place,
    more: u32,
    /// Where its record, or else its session, is in the page.
    anchor: Option<String>,
    id: String,
}

fn opens<'r>(rollup: &'r Rollup, rows: &[Listed], anchors: &BTreeSet<String>) -> Vec<Opened<'r>> {
    /// As many as a person reads before the charts.
    const SHOWN: usize = 15;
    rollup
        .open
        .iter()
        .take(SHOWN)
        .map(|open| {
            let id = short_id(&open.at.session);
            Opened {
                kind: &open.kind,
                status: &open.status,
                what: &open.what,
                command: &open.command,
                at: &open.at,
                more: open.more,
                anchor: rows
                    .iter()
                    .find(|row| row.whole && !row.copy && row.id == id)
                    .map(|row| {
                        let record = handoff::anchor(row.number, &open.at.cite);
                        match anchors.contains(&record) {
                            true => record,
                            false => format!("s{}", row.number),
                        }
                    }),
                id,
            }
        })
        .collect()
}

/// A session with all that the page shows of it.
#[derive(Serialize)]
struct Whole<'r> {
    number: usize,
    id: String,
    row: &'r SessionRow,
    hours: String,
    handoff: String,
    timeline: chart::Timeline,
    turns: Vec<Turn>,
    checks: Vec<Checked>,
    records: Vec<Record>,
}

#[derive(Serialize)]
struct Turn {
    cite: String,
    time: String,
    prompt: String,
    tool_calls: u32,
    tool_errors: u32,
    edits: u32,
    compactions: u32,
}

#[derive(Serialize)]
struct Checked {
    tool: String,
    scope: String,
    cells: Vec<chart::Cell>,
    last: String,
}

#[derive(Serialize)]
struct Record {
    anchor: String,
    cite: String,
    kind: String,
    time: String,
    text: String,
}

fn session<'r>(
    connection: &Connection,
    number: usize,
    log: i64,
    row: &'r SessionRow,
) -> Result<Whole<'r>> {
    let of = |sql: &str| connection.prepare_cached(sql);
    let records: Vec<Record> =
        of("SELECT cite, kind, time, text FROM records WHERE log = ?1 ORDER BY n")?
            .query_map([log], |it: &Row<'_>| {
                let cite: String = it.get("cite")?;
                Ok(Record {
                    anchor: handoff::anchor(number, &cite),
                    cite,
                    kind: it.get("kind")?,
                    time: minute(it.get::<_, Option<String>>("time")?.as_deref()),
                    text: it.get("text")?,
                })
            })?
            .collect::<Result<_>>()?;
    let known: BTreeSet<&str> = records.iter().map(|record| record.cite.as_str()).collect();
    let text: Option<String> =
        of("SELECT max(text) FROM handoffs WHERE log = ?1 AND format = 'md'")?
            .query_row([log], |it| it.get(0))?;
    let handoff = handoff::html(text.as_deref().unwrap_or(""), number, &known);
    let turns: Vec<Turn> = of(
        "SELECT cite, started, prompt, tool_calls, tool_errors, edits, compactions FROM turns WHERE log = ?1 ORDER BY n",
    )?
    .query_map([log], |it| {
        Ok(Turn {
            cite: it.get("cite")?,
            time: minute(it.get::<_, Option<String>>("started")?.as_deref()),
            prompt: it.get("prompt")?,
            tool_calls: it.get("tool_calls")?,
            tool_errors: it.get("tool_errors")?,
            edits: it.get("edits")?,
            compactions: it.get("compactions")?,
        })
    })?
    .collect::<Result<_>>()?;
    let timeline = chart::timeline(connection, log)?;
    let checks = of("SELECT n, tool, scope, verdict FROM checks WHERE log = ?1 ORDER BY n")?
        .query_map([log], |it| {
            Ok(Checked {
                tool: it.get("tool")?,
                scope: it.get("scope")?,
                cells: chart::cells(connection, log, it.get("n")?)?,
                last: it.get("verdict")?,
            })
        })?
        .collect::<Result<_>>()?;
    Ok(Whole {
        number,
        id: short_id(&row.session),
        row,
        hours: format!(
            "{}:{:02}",
            row.active_seconds / 3_600,
            row.active_seconds / 60 % 60
        ),
        handoff,
        timeline,
        turns,
        checks,
        records,
    })
}

/// The head of an id, of plain characters.
fn short_id(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(8)
        .collect()
}

/// A time to the minute.
fn minute(time: Option<&str>) -> String {
    let time: String = time.unwrap_or("").chars().take(16).collect();
    time.replacen('T', " ", 1)
}
