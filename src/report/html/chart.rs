//! The numbers behind the charts: places and sizes, which the template draws.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result};
use serde::Serialize;

use crate::entry::SessionRow;

/// The state words, in the order in which they are drawn.
const STATES: [&str; 4] = ["red", "blocked", "unverified", "green"];

/// A piece of a bar.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Piece {
    pub(super) class: String,
    pub(super) label: String,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// One bar of 1,000 units: how many sessions ended in which state.
pub(super) fn states(counts: &[(String, u32)]) -> Vec<Piece> {
    let all: u32 = counts.iter().map(|(_, count)| count).sum();
    let mut x = 0.0;
    let in_order = STATES.iter().filter_map(|state| {
        counts
            .iter()
            .find(|(known, _)| known == state)
            .map(|(_, count)| (*state, *count))
    });
    in_order
        .map(|(state, count)| {
            let width = 1_000.0 * f64::from(count) / f64::from(all.max(1));
            let piece = Piece {
                class: state.to_owned(),
                label: format!("{count} {state}"),
                x,
                y: 0.0,
                width,
                height: 24.0,
            };
            x += width;
            piece
        })
        .collect()
}

/// Sessions over time: a bar a day, or a month if there are too many days, by state.
#[derive(Debug, Default, Serialize)]
pub(super) struct Days {
    pub(super) unit: &'static str,
    pub(super) pieces: Vec<Piece>,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) most: u32,
}

pub(super) fn days(sessions: &[(i64, SessionRow)]) -> Days {
    /// Bars that can be told apart.
    const MOST: i64 = 120;
    let ended = |row: &SessionRow| -> Option<jiff::civil::Date> {
        row.ended.as_deref()?.get(..10)?.parse().ok()
    };
    let dates: Vec<(jiff::civil::Date, &str)> = sessions
        .iter()
        .filter(|(_, row)| row.copy_of.is_none())
        .filter_map(|(_, row)| Some((ended(row)?, row.state.as_str())))
        .collect();
    let (Some(first), Some(last)) = (
        dates.iter().map(|(date, _)| *date).min(),
        dates.iter().map(|(date, _)| *date).max(),
    ) else {
        return Days::default();
    };
    let by_day = i64::from((last - first).get_days()) < MOST;
    let slot = |date: jiff::civil::Date| -> i64 {
        if by_day {
            i64::from((date - first).get_days())
        } else {
            12 * i64::from(date.year() - first.year()) + i64::from(date.month() - first.month())
        }
    };
    let mut counts: BTreeMap<i64, [u32; 4]> = BTreeMap::new();
    for (date, state) in &dates {
        if let Some(at) = STATES.iter().position(|known| known == state) {
            counts.entry(slot(*date)).or_default()[at] += 1;
        }
    }
    let most = counts
        .values()
        .map(|counts| counts.iter().sum::<u32>())
        .max();
    let most = most.unwrap_or(1).max(1);
    let width = 1_000.0 / (slot(last) + 1) as f64;
    let mut pieces = Vec::new();
    for (slot, counts) in &counts {
        let mut y = 100.0;
        for (state, count) in STATES.iter().zip(counts).filter(|(_, count)| **count > 0) {
            let height = 100.0 * f64::from(*count) / f64::from(most);
            y -= height;
            let day = if by_day {
                first
                    .checked_add(jiff::Span::new().days(*slot))
                    .map_or_else(|_| String::new(), |date| date.to_string())
            } else {
                let months = i64::from(first.month()) - 1 + slot;
                format!(
                    "{}-{:02}",
                    i64::from(first.year()) + months / 12,
                    months % 12 + 1
                )
            };
            pieces.push(Piece {
                class: (*state).to_owned(),
                label: format!("{day}: {count} {state}"),
                x: *slot as f64 * width,
                y,
                width: (width * 0.86).min(40.0),
                height,
            });
        }
    }
    Days {
        unit: if by_day { "day" } else { "month" },
        pieces,
        first: first.to_string(),
        last: last.to_string(),
        most,
    }
}

/// A run of a check, as a cell of a strip.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Cell {
    pub(super) class: String,
    pub(super) label: String,
    pub(super) x: f64,
}

/// The history of a check.
#[derive(Debug, Serialize)]
pub(super) struct Strip {
    pub(super) project: String,
    pub(super) check: String,
    pub(super) runs: usize,
    pub(super) green: usize,
    pub(super) cells: Vec<Cell>,
}

/// Cells of a strip; of a longer history, the newest.
const CELLS: usize = 60;

fn cell(verdict: &str, label: String, nth: usize) -> Cell {
    Cell {
        class: verdict.to_owned(),
        label,
        x: 10.0 * nth as f64,
    }
}

/// A run: its verdict, and what to say of it.
struct Ran {
    key: (String, String, String),
    name: String,
    verdict: String,
    label: String,
    counts: Option<(f64, String)>,
}

fn runs(connection: &Connection, only: &str) -> Result<Vec<Ran>> {
    let sql = format!(
        "SELECT c.project, c.name, r.tool, r.scope, r.verdict, r.passed, r.total, r.time FROM runs r
         JOIN chosen c ON c.log = r.log WHERE {only} ORDER BY c.project, r.tool, r.scope, r.time, c.rank DESC"
    );
    connection
        .prepare(&sql)?
        .query_map([], |row| {
            let verdict: String = row.get("verdict")?;
            let time: Option<String> = row.get("time")?;
            let day: String = time.unwrap_or_default().chars().take(10).collect();
            let counts: Option<(i64, i64)> = row
                .get::<_, Option<i64>>("passed")?
                .zip(row.get::<_, Option<i64>>("total")?);
            let told =
                counts.map_or_else(String::new, |(passed, total)| format!(" {passed}/{total}"));
            Ok(Ran {
                key: (row.get("project")?, row.get("tool")?, row.get("scope")?),
                name: row.get("name")?,
                label: format!("{day}: {verdict}{told}"),
                verdict,
                counts: counts
                    .filter(|(_, total)| *total > 0)
                    .map(|(passed, total)| {
                        (passed as f64 / total as f64, format!("{passed}/{total}"))
                    }),
            })
        })?
        .collect()
}

/// The histories of the checks that were run most, each as a strip of its newest runs.
pub(super) fn strips(connection: &Connection) -> Result<Vec<Strip>> {
    /// As many as a person looks at.
    const SHOWN: usize = 10;
    let runs = runs(connection, "r.verdict <> 'unknown'")?;
    let mut strips: Vec<Strip> = runs
        .chunk_by(|a, b| a.key == b.key)
        .filter_map(|runs| {
            let (first, left_out) = (runs.first()?, runs.len().saturating_sub(CELLS));
            Some(Strip {
                project: first.name.clone(),
                check: format!("{} {}", first.key.1, first.key.2).trim().to_owned(),
                runs: runs.len(),
                green: runs.iter().filter(|run| run.verdict == "green").count(),
                cells: runs
                    .iter()
                    .skip(left_out)
                    .enumerate()
                    .map(|(nth, run)| cell(&run.verdict, run.label.clone(), nth))
                    .collect(),
            })
        })
        .collect();
    strips.sort_by_key(|strip| std::cmp::Reverse(strip.runs));
    strips.truncate(SHOWN);
    Ok(strips)
}

/// The newest runs of one check of one session: as many as fit beside its handoff.
pub(super) fn cells(connection: &Connection, log: i64, check: i64) -> Result<Vec<Cell>> {
    const CELLS: usize = 30;
    let cells: Vec<(String, String)> = connection
        .prepare_cached(
            "SELECT verdict, passed, total, cite FROM check_runs WHERE log = ?1 AND \"check\" = ?2 ORDER BY n",
        )?
        .query_map([log, check], |row| {
            let verdict: String = row.get("verdict")?;
            let counts = row
                .get::<_, Option<i64>>("passed")?
                .zip(row.get::<_, Option<i64>>("total")?);
            let told = counts.map_or_else(String::new, |(passed, total)| format!(" {passed}/{total}"));
            let label = format!("{}: {verdict}{told}", row.get::<_, String>("cite")?);
            Ok((verdict, label))
        })?
        .collect::<Result<_>>()?;
    let left_out = cells.len().saturating_sub(CELLS);
    let newest = cells.into_iter().skip(left_out).enumerate();
    Ok(newest
        .map(|(nth, (verdict, label))| cell(&verdict, label, nth))
        .collect())
}

/// A number over time, as a line.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) project: String,
    pub(super) check: String,
    /// The points of an SVG polyline in a field of 200 × 40.
    pub(super) points: String,
    pub(super) last_x: f64,
    pub(super) last_y: f64,
    pub(super) first: String,
    pub(super) last: String,
}

/// The shares of tests that passed, of the checks with most runs that count them.
pub(super) fn trends(connection: &Connection) -> Result<Vec<Line>> {
    /// As many as stand beside each other.
    const SHOWN: usize = 6;
    let runs = runs(
        connection,
        "r.passed IS NOT NULL AND r.total > 0 AND r.time IS NOT NULL",
    )?;
    let mut lines: Vec<(usize, Line)> = runs
        .chunk_by(|a, b| a.key == b.key)
        .filter(|runs| runs.len() > 1)
        .filter_map(|runs| {
            let step = 196.0 / (runs.len() - 1) as f64;
            let places: Vec<(f64, f64)> = runs
                .iter()
                .filter_map(|run| run.counts.as_ref())
                .enumerate()
                .map(|(nth, (share, _))| (2.0 + step * nth as f64, 38.0 - 36.0 * share))
                .collect();
            let points: Vec<String> = places
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            let (first, last) = (runs.first()?, runs.last()?);
            let told = |run: &Ran| {
                run.counts
                    .as_ref()
                    .map_or(String::new(), |(_, told)| told.clone())
            };
            let (last_x, last_y) = places.last().copied()?;
            let line = Line {
                project: last.name.clone(),
                check: format!("{} {}", last.key.1, last.key.2).trim().to_owned(),
                points: points.join(" "),
                last_x,
                last_y,
                first: told(first),
                last: told(last),
            };
            Some((runs.len(), line))
        })
        .collect();
    lines.sort_by_key(|(runs, _)| std::cmp::Reverse(*runs));
    lines.truncate(SHOWN);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// A kind of failure.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub(super) label: String,
    pub(super) all: u32,
    pub(super) open: u32,
    /// Its length, and the length of what is open, of 100.
    pub(super) width: f64,
    pub(super) open_width: f64,
}

/// Failures of the work by kind.
pub(super) fn kinds(connection: &Connection) -> Result<Vec<Counted>> {
    let mut kinds: Vec<Counted> = connection
        .prepare(
            "SELECT f.class, count(*) AS all_of_it, sum(f.state = 'open') AS open
             FROM chosen c JOIN failures f USING (log) WHERE f.about = 'product'
             GROUP BY f.class ORDER BY all_of_it DESC, f.class LIMIT 8",
        )?
        .query_map([], |row| {
            Ok(Counted {
                label: row.get("class")?,
                all: row.get("all_of_it")?,
                open: row.get("open")?,
                width: 0.0,
                open_width: 0.0,
            })
        })?
        .collect::<Result<_>>()?;
    let most = f64::from(kinds.first().map_or(1, |kind| kind.all.max(1)));
    for kind in &mut kinds {
        kind.width = 100.0 * f64::from(kind.all) / most;
        kind.open_width = 100.0 * f64::from(kind.open) / most;
    }
    Ok(kinds)
}

/// The course of a session: its turns, each as wide as its work, with what happened in them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Timeline {
    pub(super) turns: Vec<Piece>,
    pub(super) marks: Vec<Piece>,
}

pub(super) fn timeline(connection: &Connection, log: i64) -> Result<Timeline> {
    struct Turn {
        from: i64,
        to: i64,
        tool_calls: u32,
        tool_errors: u32,
        compactions: u32,
        cite: String,
    }
    let second = |time: Option<String>| -> i64 {
        let time = time.and_then(|time| time.parse::<jiff::Timestamp>().ok());
        time.map_or(0, jiff::Timestamp::as_second)
    };
    let turns: Vec<Turn> = connection
        .prepare_cached(
            "SELECT started, ended, tool_calls, tool_errors, compactions, cite FROM turns WHERE log = ?1 ORDER BY n",
        )?
        .query_map([log], |row| {
            Ok(Turn {
                from: second(row.get("started")?),
                to: second(row.get("ended")?),
                tool_calls: row.get("tool_calls")?,
                tool_errors: row.get("tool_errors")?,
                compactions: row.get("compactions")?,
                cite: row.get("cite")?,
            })
        })?
        .collect::<Result<_>>()?;
    let runs: Vec<(i64, String, String)> = connection
        .prepare_cached(
            "SELECT r.time, r.verdict, r.cite, k.tool FROM check_runs r JOIN checks k ON k.log = r.log AND k.n = r.\"check\"
             WHERE r.log = ?1 ORDER BY r.time, r.n",
        )?
        .query_map([log], |row| {
            let verdict: String = row.get("verdict")?;
            let label = format!(
                "{}: {} {verdict}",
                row.get::<_, String>("cite")?,
                row.get::<_, String>("tool")?
            );
            Ok((second(row.get("time")?), verdict, label))
        })?
        .collect::<Result<_>>()?;
    let width = |turn: &Turn| f64::from(turn.tool_calls) + 1.0;
    let all: f64 = turns.iter().map(width).sum();
    let unit = 1_000.0 / all.max(1.0);
    let mut timeline = Timeline::default();
    let mut x = 0.0;
    for (nth, turn) in turns.iter().enumerate() {
        let width = unit * width(turn);
        timeline.turns.push(Piece {
            class: if nth % 2 == 0 { "even" } else { "odd" }.to_owned(),
            label: format!(
                "{}: {} tool calls, {} errors",
                turn.cite, turn.tool_calls, turn.tool_errors
            ),
            x,
            y: 12.0,
            width,
            height: 20.0,
        });
        if turn.compactions > 0 {
            timeline.marks.push(mark(
                "compaction",
                format!("{}: compacted", turn.cite),
                x + width / 2.0,
            ));
        }
        let span = (turn.to - turn.from).max(1) as f64;
        for (at, verdict, label) in runs
            .iter()
            .filter(|(at, ..)| *at >= turn.from && *at <= turn.to)
        {
            let share = (at - turn.from) as f64 / span;
            timeline
                .marks
                .push(mark(verdict, label.clone(), x + width * share));
        }
        x += width;
    }
    Ok(timeline)
}

fn mark(class: &str, label: String, x: f64) -> Piece {
    Piece {
        class: class.to_owned(),
        label,
        x: x.min(996.0),
        y: 6.0,
        width: 4.0,
        height: 32.0,
    }
}
