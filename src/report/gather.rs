//! The store → the rollup.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, Result, Row};

use super::{
    Open, Place, Proof, Recurring, Repeated, Rollup, SCHEMA_VERSION, Scope, Sums, Touched, Trend,
};
use crate::entry::SessionRow;
use crate::error::{Error, ErrorKind};
use crate::store::Store;

/// Rows of each list that are kept: more than the largest report could show.
const MOST: usize = 200;

/// What the sessions of `store` in `scope` tell together, and those sessions, the one that ended last first.
///
/// # Errors
///
/// [`ErrorKind::Usage`], with what SQLite says of the store.
pub fn gather(store: &Store, scope: &Scope) -> Result<(Rollup, Vec<(i64, SessionRow)>), Error> {
    let mut sessions: Vec<(i64, SessionRow)> = store
        .sessions()?
        .into_iter()
        .map(|read| (read.log, read.session))
        .filter(|(_, row)| scope.holds(row))
        .collect();
    sessions.sort_by(|a, b| (&b.1.ended, &a.1.path).cmp(&(&a.1.ended, &b.1.path)));
    let told = told(store.connection(), &sessions).map_err(|error| {
        ErrorKind::Usage(format!(
            "{}: {error}; `passdown batch` mends it",
            store.path().display()
        ))
    })?;
    Ok((told, sessions))
}

/// The logs of the sessions of `store` in `scope`, as the store numbers them; without a limit, those too that gave no
/// handoff.
///
/// # Errors
///
/// [`ErrorKind::Usage`], with what SQLite says of the store.
pub fn logs(store: &Store, scope: &Scope) -> Result<Vec<i64>, Error> {
    if scope.is_all() {
        return Ok(store.known()?.logs().collect());
    }
    let sessions = store.sessions()?.into_iter();
    Ok(sessions
        .filter(|read| scope.holds(&read.session))
        .map(|read| read.log)
        .collect())
}

fn told(connection: &Connection, sessions: &[(i64, SessionRow)]) -> Result<Rollup> {
    choose(connection, sessions)?;
    let rollup = Rollup {
        schema_version: SCHEMA_VERSION,
        sums: sums(sessions),
        open: open(connection)?,
        recurring: recurring(connection)?,
        trends: trends(connection)?,
        proofs: proofs(connection)?,
        files: files(connection)?,
        instructions: instructions(connection)?,
        attempts: attempts(connection)?,
    };
    Ok(rollup)
}

/// The last part of a folder: what people call the project. Worktrees are often only numbered: then the part before
/// it too.
pub(super) fn name(project: Option<&str>) -> String {
    let parts: Vec<&str> = project
        .unwrap_or("")
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [.., before, last] if last.len() < 3 => format!("{before}/{last}"),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    }
}

fn sums(sessions: &[(i64, SessionRow)]) -> Sums {
    let mut sums = Sums::default();
    let (mut projects, mut states) = (BTreeMap::new(), BTreeMap::new());
    for (_, row) in sessions {
        sums.sessions += 1;
        if row.copy_of.is_some() {
            sums.copies += 1;
            continue;
        }
        // The logs of some agents name no folder.
        let project = name(row.project.as_deref());
        if !project.is_empty() {
            *projects.entry(project).or_default() += 1;
        }
        *states.entry(row.state.clone()).or_default() += 1;
        if row.started.is_some() && (sums.first.is_none() || row.started < sums.first) {
            sums.first.clone_from(&row.started);
        }
        if row.ended > sums.last {
            sums.last.clone_from(&row.ended);
        }
        sums.active_seconds += row.active_seconds;
        sums.tokens_in += row.own_tokens.input + row.own_tokens.cache_creation;
        sums.tokens_out += row.own_tokens.output;
        sums.tool_calls += u64::from(row.tool_calls);
        sums.commits += u64::from(row.commits);
    }
    let most_first = |counts: BTreeMap<String, u32>| {
        let mut counts: Vec<(String, u32)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    };
    (sums.projects, sums.states) = (most_first(projects), most_first(states));
    sums
}

/// Puts the sessions into a table of this connection's own: the one that ended last has the lowest `rank`.
fn choose(connection: &Connection, sessions: &[(i64, SessionRow)]) -> Result<()> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.chosen; \
         CREATE TEMP TABLE chosen (log INTEGER PRIMARY KEY, rank INTEGER, session TEXT, project TEXT, name TEXT)",
    )?;
    let transaction = connection.unchecked_transaction()?;
    let mut insert = transaction.prepare("INSERT INTO chosen VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let originals = sessions.iter().filter(|(_, row)| row.copy_of.is_none());
    for (rank, (log, row)) in (0i64..).zip(originals) {
        insert.execute((
            log,
            rank,
            &row.session,
            row.project.as_deref().unwrap_or(""),
            name(row.project.as_deref()),
        ))?;
    }
    drop(insert);
    transaction.commit()
}

/// A place, from the columns `session`, `name`, `cite` and `time`.
fn place(row: &Row<'_>) -> Result<Place> {
    Ok(Place {
        session: row.get("session")?,
        project: row.get("name")?,
        cite: row.get("cite")?,
        time: row.get("time")?,
    })
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    each: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], each)?.collect()
}

/// What is open: the newest word on each task and failure, unless a later run of its check passed.
fn open(connection: &Connection) -> Result<Vec<Open>> {
    let mut open = all(
        connection,
        "SELECT what, status, session, name, cite, time, sessions FROM (
             SELECT t.subject AS what, t.status, c.session, c.name, t.cite, t.time, c.rank,
                    row_number() OVER newest AS nth, count(*) OVER same AS sessions
             FROM chosen c JOIN tasks t USING (log)
             WINDOW newest AS (PARTITION BY c.project, t.subject ORDER BY c.rank, t.n DESC),
                    same AS (PARTITION BY c.project, t.subject))
         WHERE nth = 1 AND status IN ('pending', 'in-progress') ORDER BY rank, time DESC, what",
        |row| {
            Ok(Open {
                kind: "task".to_owned(),
                what: row.get("what")?,
                status: row.get("status")?,
                command: String::new(),
                at: place(row)?,
                sessions: row.get("sessions")?,
                more: 0,
            })
        },
    )?;
    // A failure of a check is settled by a later green run of the same tool on the same, or on everything.
    let failures = all(
        connection,
        "SELECT what, command, session, name, cite, time, sessions FROM (
             SELECT f.what, f.command, f.state, f.tool, f.scope, c.session, c.project, c.name, f.cite,
                    f.last_time AS time, c.rank,
                    row_number() OVER newest AS nth, count(*) OVER same AS sessions
             FROM chosen c JOIN failures f USING (log) WHERE f.about = 'product'
             WINDOW newest AS (PARTITION BY c.project, f.fingerprint ORDER BY c.rank, f.n DESC),
                    same AS (PARTITION BY c.project, f.fingerprint)) o
         WHERE nth = 1 AND state = 'open' AND NOT EXISTS (
             SELECT 1 FROM checks k JOIN chosen l USING (log)
             WHERE l.project = o.project AND l.rank < o.rank AND k.tool = o.tool
               AND k.scope IN (o.scope, '') AND k.verdict = 'green')
         ORDER BY rank, time DESC, what",
        |row| {
            Ok(Open {
                kind: "failure".to_owned(),
                what: row.get("what")?,
                status: "open".to_owned(),
                command: row.get("command")?,
                at: place(row)?,
                sessions: row.get("sessions")?,
                more: 0,
            })
        },
    )?;
    // A check may fail without a word that a rule knows; it is open all the same, where it is what makes its session red:
    // a part that failed before the whole passed is not.
    open.extend(all(
        connection,
        "SELECT command AS what, session, name, cite, time, sessions FROM (
             SELECT k.*, s.state, c.session, c.project, c.name, c.rank,
                    row_number() OVER newest AS nth, sum(k.verdict = 'red') OVER same AS sessions
             FROM chosen c JOIN checks k USING (log) JOIN sessions s USING (log)
             WINDOW newest AS (PARTITION BY c.project, k.tool, k.scope ORDER BY c.rank, k.time DESC, k.n),
                    same AS (PARTITION BY c.project, k.tool, k.scope)) o
         WHERE nth = 1 AND state = 'red' AND verdict = 'red' AND current
           AND NOT EXISTS (
             SELECT 1 FROM failures f WHERE f.log = o.log AND f.state = 'open' AND f.about = 'product'
               AND f.tool = o.tool)
           AND NOT EXISTS (
             SELECT 1 FROM checks g JOIN chosen l USING (log)
             WHERE l.project = o.project AND l.rank < o.rank AND g.tool = o.tool AND g.scope = '' AND g.verdict = 'green')
         ORDER BY rank, time DESC, what",
        |row| {
            Ok(Open {
                kind: "check".to_owned(),
                what: row.get("what")?,
                status: "red".to_owned(),
                command: String::new(),
                at: place(row)?,
                sessions: row.get("sessions")?,
                more: 0,
            })
        },
    )?);
    // A command that shows sixty failures is one thing that is open.
    let mut commands: HashMap<(String, String), usize> = HashMap::new();
    for failure in failures {
        let key = (failure.at.session.clone(), failure.command.clone());
        match commands.get(&key).and_then(|at| open.get_mut(*at)) {
            Some(first) => first.more += 1,
            None => {
                commands.insert(key, open.len());
                open.push(failure);
            }
        }
    }
    open.sort_by(|a, b| b.at.time.cmp(&a.at.time));
    open.truncate(MOST);
    Ok(open)
}

fn recurring(connection: &Connection) -> Result<Vec<Recurring>> {
    all(
        connection,
        &format!(
            "SELECT * FROM (
                 SELECT f.what, f.about, f.state, c.session, c.name, f.cite, f.last_time AS time,
                        row_number() OVER (PARTITION BY f.fingerprint ORDER BY c.rank, f.n DESC) AS nth,
                        count(*) OVER same AS sessions, sum(f.count) OVER same AS times, f.fingerprint
                 FROM chosen c JOIN failures f USING (log) WINDOW same AS (PARTITION BY f.fingerprint))
             WHERE nth = 1 AND sessions > 1
             ORDER BY (about = 'product') DESC, (state = 'open') DESC, sessions DESC, times DESC, fingerprint LIMIT {MOST}"
        ),
        |row| {
            Ok(Recurring {
                what: row.get("what")?,
                about: row.get("about")?,
                sessions: row.get("sessions")?,
                times: row.get("times")?,
                state: row.get("state")?,
                at: place(row)?,
            })
        },
    )
}

/// A run of a check with numbers.
struct Counted {
    tool: String,
    scope: String,
    passed: u64,
    total: u64,
    at: Place,
}

fn trends(connection: &Connection) -> Result<Vec<Trend>> {
    let count = |row: &Row<'_>, column: &str| -> Result<u64> {
        Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
    };
    let runs = all(
        connection,
        "SELECT r.tool, r.scope, r.passed, r.total, c.session, c.name, r.cite, r.time
         FROM runs r JOIN chosen c ON c.log = r.log
         WHERE r.passed IS NOT NULL AND r.total > 0 AND r.time IS NOT NULL
         ORDER BY c.project, r.tool, r.scope, r.time, c.rank DESC",
        |row| {
            Ok(Counted {
                tool: row.get("tool")?,
                scope: row.get("scope")?,
                passed: count(row, "passed")?,
                total: count(row, "total")?,
                at: place(row)?,
            })
        },
    )?;
    let same = |a: &Counted, b: &Counted| {
        (&a.at.project, &a.tool, &a.scope) == (&b.at.project, &b.tool, &b.scope)
    };
    let mut trends: Vec<Trend> = runs
        .chunk_by(same)
        .filter_map(|runs| {
            let (first, latest) = (runs.first()?, runs.last()?);
            let counts = |run: &Counted| (run.passed, run.total);
            (counts(first) != counts(latest)).then(|| Trend {
                project: latest.at.project.clone(),
                tool: latest.tool.clone(),
                scope: latest.scope.clone(),
                first: counts(first),
                latest: counts(latest),
                runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
                from: first.at.clone(),
                to: latest.at.clone(),
            })
        })
        .collect();
    // The whole before its parts, then what was run most.
    trends.sort_by(|a, b| {
        (b.scope.is_empty(), b.runs, &a.project, &a.tool, &a.scope).cmp(&(
            a.scope.is_empty(),
            a.runs,
            &b.project,
            &b.tool,
            &b.scope,
        ))
    });
    trends.truncate(MOST);
    Ok(trends)
}

fn proofs(connection: &Connection) -> Result<Vec<Proof>> {
    all(
        connection,
        &format!(
            "SELECT * FROM (
                 SELECT k.command, k.family, k.verdict, k.tool, k.scope, c.project, c.session, c.name, k.cite, k.time,
                        row_number() OVER (PARTITION BY c.project, k.tool, k.scope ORDER BY c.rank, k.n) AS nth,
                        count(*) OVER same AS sessions, sum(k.runs) OVER same AS runs,
                        sum((SELECT count(*) FROM check_runs r
                             WHERE r.log = k.log AND r.\"check\" = k.n AND r.verdict = 'green')) OVER same AS green
                 FROM chosen c JOIN checks k USING (log) WINDOW same AS (PARTITION BY c.project, k.tool, k.scope))
             WHERE nth = 1 AND green > 0 ORDER BY runs DESC, project, tool, scope LIMIT {MOST}"
        ),
        |row| {
            Ok(Proof {
                command: row.get("command")?,
                family: row.get("family")?,
                sessions: row.get("sessions")?,
                runs: row.get("runs")?,
                green: row.get("green")?,
                verdict: row.get("verdict")?,
                at: place(row)?,
            })
        },
    )
}

fn files(connection: &Connection) -> Result<Vec<Touched>> {
    all(
        connection,
        &format!(
            "SELECT c.name, f.path, count(*) AS sessions, sum(f.edits) AS edits
             FROM chosen c JOIN files f USING (log) WHERE f.edits > 0
             GROUP BY c.project, f.path HAVING count(*) > 1
             ORDER BY sessions DESC, edits DESC, c.project, f.path LIMIT {MOST}"
        ),
        |row| {
            Ok(Touched {
                project: row.get("name")?,
                path: row.get("path")?,
                sessions: row.get("sessions")?,
                edits: row.get("edits")?,
            })
        },
    )
}

/// What makes two sentences the same: their words.
fn same_words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

fn instructions(connection: &Connection) -> Result<Vec<Repeated>> {
    let said = all(
        connection,
        "SELECT i.text, c.session, c.name, i.cite, i.time FROM chosen c JOIN instructions i USING (log)
         WHERE i.by_user ORDER BY c.rank, i.n DESC",
        |row| Ok((row.get::<_, String>("text")?, String::new(), place(row)?)),
    )?;
    Ok(repeated(said, 2))
}

fn attempts(connection: &Connection) -> Result<Vec<Repeated>> {
    let tried = all(
        connection,
        "SELECT a.what, a.outcome, c.session, c.name, a.cite, a.time FROM chosen c JOIN attempts a USING (log)
         WHERE a.what <> '' ORDER BY c.rank, a.n DESC",
        |row| Ok((row.get("what")?, row.get("outcome")?, place(row)?)),
    )?;
    Ok(repeated(tried, 1))
}

/// What stands more than once, in at least so many sessions; newest first where it comes as often.
fn repeated(said: Vec<(String, String, Place)>, in_sessions: usize) -> Vec<Repeated> {
    let mut by_words: BTreeMap<String, (usize, Repeated, BTreeSet<String>)> = BTreeMap::new();
    for (order, (what, outcome, at)) in said.into_iter().enumerate() {
        let key = same_words(&format!("{what} {outcome}"));
        let (_, repeated, sessions) = by_words.entry(key).or_insert_with(|| {
            let newest = Repeated {
                what,
                outcome,
                at: at.clone(),
                ..Repeated::default()
            };
            (order, newest, BTreeSet::new())
        });
        repeated.times += 1;
        sessions.insert(at.session);
    }
    let mut all: Vec<(usize, Repeated)> = by_words
        .into_values()
        .filter(|(_, repeated, sessions)| repeated.times > 1 && sessions.len() >= in_sessions)
        .map(|(order, repeated, sessions)| {
            let sessions = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
            (
                order,
                Repeated {
                    sessions,
                    ..repeated
                },
            )
        })
        .collect();
    all.sort_by(|a, b| (b.1.sessions, b.1.times, a.0).cmp(&(a.1.sessions, a.1.times, b.0)));
    all.truncate(MOST);
    all.into_iter().map(|(_, repeated)| repeated).collect()
}
