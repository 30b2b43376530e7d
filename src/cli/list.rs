//! `passdown list`: the sessions, newest first.

use rayon::prelude::*;

use super::Outcome;
use super::args::ListArgs;
use super::layered;
use super::markup::{self, Style};
use super::output;
use super::terminal;
use crate::discover::{self, Agent, Env, SessionFiles};
use crate::error::Error;
use crate::pipeline;
use crate::rules::RuleSet;
use crate::safety::{self, Gate};
use crate::score::{self, Work};
use crate::{read, session};

pub(super) fn run(args: &ListArgs) -> Result<Outcome, Error> {
    let env = Env::from_system().only(args.of.agent);
    let rules = layered::rules(&args.layers.rules, &env)?;
    let found = if args.paths.is_empty() {
        discover::list(&env)
    } else {
        discover::sessions(&args.paths, &env)?
    };
    let mut sessions = found.sessions;
    sessions.retain(|files| env.agent.is_none_or(|only| only == files.agent));
    sessions.sort_by(|a, b| {
        b.modified
            .cmp(&a.modified)
            .then_with(|| a.main.cmp(&b.main))
    });
    if sessions.is_empty() {
        let roots: Vec<String> = env
            .roots()
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        output::complain(&format!("passdown: no sessions in {}", roots.join(", ")));
        return Ok(Outcome::Nothing);
    }
    let left = sessions.len().saturating_sub(args.most);
    sessions.truncate(args.most);
    let rows: Vec<Row> = sessions
        .par_iter()
        .map(|files| row(files, &rules))
        .collect();
    // A list of yesterday's sessions is read today: here, and nowhere below, the clock counts.
    let now = jiff::Timestamp::now().as_second();
    let (columns, colour) = (terminal::columns(), terminal::colour());
    // Where all are of one agent, a column that says so says nothing.
    let agents = rows.iter().any(|row| row.agent != Agent::Claude) && args.of.agent.is_none();
    let mut text = head(columns, agents, colour);
    for row in rows {
        let age = (row.end).map_or_else(|| "?".to_owned(), |end| age(now, end.as_second()));
        text.push_str(&line(&row, &age, columns, agents, colour));
    }
    if left > 0 {
        text.push_str(&format!("and {left} older: see --most\n"));
    }
    output::print_of_logs(&text)?;
    Ok(Outcome::Done)
}

/// The columns below which size, prompts and type are left out, so that a title has room.
const NARROW: usize = 70;

/// The names of the columns, that of the agent among them if it is told.
fn head(columns: usize, agents: bool, colour: bool) -> String {
    let faint = Style {
        faint: true,
        ..Style::default()
    };
    let agent = if agents { "AGENT    " } else { "" };
    let names = match columns {
        NARROW.. => {
            format!("ID        AGE       SIZE PROMPTS {agent}TYPE     STATE      TITLE")
        }
        _ => format!("ID        AGE  {agent}STATE      TITLE"),
    };
    terminal::styled(&terminal::fitted(&names, columns), faint, colour) + "\n"
}

/// The line of a session, its title cut to fit.
fn line(row: &Row, age: &str, columns: usize, agents: bool, colour: bool) -> String {
    let agent = match agents {
        true => format!("{:<8} ", row.agent.word()),
        false => String::new(),
    };
    let before = match columns {
        NARROW.. => format!(
            "{:<8}  {age:<4} {:>9} {:>7} {agent}{:<8} ",
            row.id,
            size(row.bytes),
            row.prompts,
            row.work
        ),
        _ => format!("{:<8}  {age:<4} {agent}", row.id),
    };
    let used = before.chars().count() + 11;
    // A title of a few letters says nothing; then the terminal breaks the line.
    let title = terminal::fitted(&row.title, columns.saturating_sub(used).max(8));
    let state = format!("{:<10}", row.state);
    let state = terminal::styled(&state, markup::state(row.state), colour);
    format!("{before}{state} {title}\n")
}

struct Row {
    id: String,
    agent: Agent,
    end: Option<jiff::Timestamp>,
    bytes: u64,
    prompts: usize,
    work: &'static str,
    state: &'static str,
    title: String,
}

fn row(files: &SessionFiles, rules: &RuleSet) -> Row {
    let mut row = Row {
        agent: files.agent,
        id: safety::clean(&files.id).chars().take(8).collect(),
        end: files
            .modified
            .and_then(|time| jiff::Timestamp::try_from(time).ok()),
        bytes: files.bytes,
        prompts: 0,
        work: "-",
        state: "-",
        title: String::new(),
    };
    let Ok((session, _)) = pipeline::load(files, &read::Options::default()) else {
        "cannot be read".clone_into(&mut row.title);
        return row;
    };
    let ledger = pipeline::ledger(&session, rules);
    row.end = session.span.map(|(_, end)| end).or(row.end);
    row.prompts = ledger
        .requests
        .iter()
        .filter(|request| {
            !matches!(
                request.via,
                session::Via::Answer { .. } | session::Via::Refusal { .. }
            )
        })
        .count();
    if let Some(ranked) = score::rank(&session, &ledger, &mut Gate::default()) {
        row.state = ranked.header.state;
        row.work = score::work(&ledger)
            .first()
            .map_or(Work::Code, |(work, _)| *work)
            .word();
        row.title = safety::one_line(&ranked.header.title, 160);
    }
    row
}

/// How long before `now` it was `then`, both in seconds since 1970, in the largest unit that is not zero: `3d`, `5h`, `12m`.
pub(super) fn age(now: i64, then: i64) -> String {
    let seconds = now.saturating_sub(then).max(0);
    match seconds {
        0..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A size in the unit that leaves one to three digits before the point.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1_000.0 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_short() {
        assert_eq!(
            (size(999), size(1_500), size(3_300_000)),
            ("999 B".into(), "1.5 kB".into(), "3.3 MB".into())
        );
        assert_eq!(
            (age(100, 40), age(7_300, 0), age(200_000, 0)),
            ("1m".into(), "2h".into(), "2d".into())
        );
        assert_eq!(age(0, 50), "0m");
    }
}
