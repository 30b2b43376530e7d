//! `passdown rules stats PATH…`: how often each rule fires, what reaches a handoff, and what rules cost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::args::StatsArgs;
use super::corpus::{each, texts};
use crate::cli::layered;
use crate::cli::table::Table;
use crate::cli::{Outcome, output};
use crate::discover::{self, Env};
use crate::error::Error;
use crate::extract::words::counted;
use crate::pipeline::{self, Options};
use crate::position::Position;
use crate::rules::{Rule, RuleSet, Watch};
use crate::safety;
use crate::score::Span;
use crate::session::{Body, Session};

/// The rules whose time is shown.
const SLOWEST: usize = 10;
/// The hits from which it is no chance that two rules fire together.
const TOGETHER: usize = 3;

/// What a rule did, by its id; in one session, then in all.
type Counts = BTreeMap<Box<str>, Count>;

#[derive(Default)]
struct Count {
    hits: u64,
    sessions: u64,
    /// The hits whose record a handoff cites.
    handed: u64,
    /// The tokens of the lines that cite them.
    tokens: u64,
    /// How often the pattern was run, because a keyword stood there.
    tried: u64,
    time: Duration,
    /// The records of the hits, by session.
    places: Vec<(u32, Position)>,
}

/// Counts and times the searches of patterns.
#[derive(Default)]
struct Meter(BTreeMap<Box<str>, (u64, Duration)>);

impl Watch for Meter {
    fn search(&mut self, rule: &Rule, search: impl FnOnce()) {
        let from = Instant::now();
        search();
        let spent = from.elapsed();
        if let Some((tried, time)) = self.0.get_mut(&rule.id) {
            *tried += 1;
            *time += spent;
        } else {
            self.0.insert(rule.id.clone(), (1, spent));
        }
    }
}

pub(super) fn run(args: &StatsArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let rules = layered::rules(&args.layers.rules, &env)?;
    let found = discover::sessions(&args.paths, &env)?;
    output::problems(&found.left_out);
    let options = Options::default();
    let mut counts = Counts::new();
    let mut number = 0;
    let sessions = each(
        &found.sessions,
        |_, session| of_session(session, &rules, &options),
        |of_session| {
            number += 1;
            for (id, one) in of_session {
                let all = counts.entry(id).or_default();
                all.hits += one.hits;
                all.sessions += u64::from(one.hits > 0);
                all.handed += one.handed;
                all.tokens += one.tokens;
                all.tried += one.tried;
                all.time += one.time;
                let places = one.places.into_iter().map(|(_, at)| (number, at));
                all.places.extend(places);
            }
        },
    );
    let fired = |rule: &&Rule| counts.get(&rule.id).is_some_and(|count| count.hits > 0);
    let enabled = || rules.rules().filter(|rule| !rule.disabled);
    let never: Vec<&str> = enabled()
        .filter(|rule| !fired(rule))
        .map(|rule| &*rule.id)
        .collect();
    let mut rows: Vec<(&Rule, &Count)> = enabled()
        .filter(fired)
        .filter_map(|rule| Some((rule, counts.get(&rule.id)?)))
        .collect();
    // The sort is stable: rules that fire as often stay in their order.
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(count.hits));
    let mut text = hits(&rows);
    text.push_str(&format!(
        "{} of {} fired in {}\n",
        rows.len(),
        counted(rows.len() + never.len(), "rule"),
        counted(sessions, "session")
    ));
    text.push_str(&cost(&counts));
    text.push_str(&together(&rows));
    if !never.is_empty() {
        text.push_str("never:\n");
        text.push_str(&wrapped(&never));
    }
    output::print(&safety::clean(&text))?;
    Ok(Outcome::Done)
}

fn hits(rows: &[(&Rule, &Count)]) -> String {
    let mut table = Table::new([
        "ID",
        "KIND",
        "LAYER",
        ">HITS",
        ">SESSIONS",
        ">HANDED",
        ">TOKENS",
    ]);
    for (rule, count) in rows {
        table.row([
            rule.id.to_string(),
            rule.kind.as_str().to_owned(),
            rule.layer.as_str().to_owned(),
            count.hits.to_string(),
            count.sessions.to_string(),
            format!("{}%", count.handed * 100 / count.hits.max(1)),
            count.tokens.to_string(),
        ]);
    }
    table.text()
}

/// Where the time goes: the rules whose patterns took longest, and how many of their runs were for nothing.
fn cost(counts: &Counts) -> String {
    let mut slowest: Vec<(&Box<str>, &Count)> =
        counts.iter().filter(|(_, count)| count.tried > 0).collect();
    slowest.sort_by_key(|(id, count)| (std::cmp::Reverse(count.time), *id));
    let whole: Duration = slowest.iter().map(|(_, count)| count.time).sum();
    let tried: u64 = slowest.iter().map(|(_, count)| count.tried).sum();
    let hits: u64 = slowest.iter().map(|(_, count)| count.hits).sum();
    let mut table = Table::new(["SLOWEST", ">TRIED", ">HIT", ">MS", ">SHARE"]);
    let share = |hits: u64, tried: u64| format!("{}%", hits.min(tried) * 100 / tried.max(1));
    for (id, count) in slowest.iter().take(SLOWEST) {
        table.row([
            id.to_string(),
            count.tried.to_string(),
            share(count.hits, count.tried),
            format!("{:.1}", count.time.as_secs_f64() * 1e3),
            format!(
                "{:.0}%",
                100.0 * count.time.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE)
            ),
        ]);
    }
    format!(
        "\n{}{tried} runs where a keyword stood, {} with a hit, {:.1} ms\n\n",
        table.text(),
        share(hits, tried),
        whole.as_secs_f64() * 1e3
    )
}

/// Rules that only ever fire on the same records: one of them may be enough.
fn together(rows: &[(&Rule, &Count)]) -> String {
    let mut same: BTreeMap<&[(u32, Position)], Vec<&str>> = BTreeMap::new();
    for (rule, count) in rows
        .iter()
        .filter(|(_, count)| count.places.len() >= TOGETHER)
    {
        same.entry(&count.places).or_default().push(&rule.id);
    }
    let mut lines: Vec<String> = same
        .into_iter()
        .filter(|(_, ids)| ids.len() > 1)
        .map(|(places, ids)| {
            format!(
                "  {} ({})\n",
                ids.join(" + "),
                counted(places.len(), "record")
            )
        })
        .collect();
    lines.sort();
    if lines.is_empty() {
        return String::new();
    }
    format!("always together:\n{}", lines.concat())
}

fn of_session(session: &Session, rules: &RuleSet, options: &Options) -> Counts {
    let cited = cited(session, rules, options);
    // A command is cited by its result.
    let mut returned: BTreeMap<usize, Position> = BTreeMap::new();
    for event in &session.timeline {
        if let Body::Return(call) = event.body {
            returned.entry(call).or_insert(event.at);
        }
    }
    let mut counts = Counts::new();
    let mut meter = Meter::default();
    for event in &session.timeline {
        let at = match event.body {
            Body::Call(call) => returned.get(&call).copied().unwrap_or(event.at),
            _ => event.at,
        };
        for seen in texts(session, event) {
            rules.scan_watched(
                seen.scope,
                seen.tool,
                |_| true,
                &seen.text,
                &mut meter,
                |hit| {
                    let count = counts.entry(hit.rule.id.clone()).or_default();
                    count.hits += 1;
                    count.handed += u64::from(cited.contains_key(&at));
                    count.places.push((0, at));
                },
            );
        }
    }
    for (id, (tried, time)) in meter.0 {
        let count = counts.entry(id).or_default();
        count.tried = tried;
        count.time = time;
    }
    for count in counts.values_mut() {
        count.places.sort();
        count.places.dedup();
        let lines: BTreeSet<(usize, u64)> = (count.places.iter())
            .filter_map(|(_, at)| cited.get(at))
            .flatten()
            .copied()
            .collect();
        count.tokens = lines.iter().map(|(_, tokens)| tokens).sum();
    }
    counts
}

/// The places that the handoff of a session cites, each with the lines that do so and their tokens.
fn cited(
    session: &Session,
    rules: &RuleSet,
    options: &Options,
) -> BTreeMap<Position, Vec<(usize, u64)>> {
    let mut cited: BTreeMap<Position, Vec<(usize, u64)>> = BTreeMap::new();
    let Ok(Some(condensed)) = pipeline::condense(session, rules, options) else {
        return cited;
    };
    for (number, packed) in condensed.handoff.items.iter().enumerate() {
        let spans = || packed.item.pieces.iter().flat_map(|piece| &piece.spans);
        let tokens: u32 = spans()
            .map(|span| match span {
                Span::Own(text) | Span::Code(text) | Span::Name(text) | Span::Quote(text) => {
                    options.tokenizer.count(text)
                }
                Span::Cites(_) | Span::Below => 0,
            })
            .sum();
        for span in spans() {
            if let Span::Cites(places) = span {
                for place in places {
                    let lines = cited.entry(place.at).or_default();
                    lines.push((number, u64::from(tokens)));
                }
            }
        }
    }
    cited
}

/// Words in lines of at most 78 columns, each indented by two.
fn wrapped(words: &[&str]) -> String {
    let mut out = String::new();
    let mut line = String::from(" ");
    for word in words {
        if line.len() + 1 + word.len() > 78 {
            out.push_str(&line);
            out.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    out + &line + "\n"
}
