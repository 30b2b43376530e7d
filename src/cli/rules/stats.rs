//! `passdown rules stats PATH…`: how often each rule fires.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::args::StatsArgs;
use super::corpus::texts;
use crate::cli::layered;
use crate::cli::table::Table;
use crate::cli::{Outcome, output};
use crate::discover::{self, Env, SessionFiles};
use crate::error::Error;
use crate::extract::words::counted;
use crate::pipeline;
use crate::read;
use crate::rules::RuleSet;
use crate::safety;

/// Hits, by the id of the rule.
type Counts = BTreeMap<Box<str>, u64>;

pub(super) fn run(args: &StatsArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let rules = layered::rules(&args.layers.rules, &env)?;
    let found = discover::sessions(&args.paths, &env)?;
    output::problems(&found.left_out);
    let sessions: Vec<Counts> = found
        .sessions
        .par_iter()
        .map(|files| of_session(files, &rules))
        .collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    let mut never = Vec::new();
    for rule in rules.rules().filter(|rule| !rule.disabled) {
        let hits = sessions.iter().filter_map(|counts| counts.get(&rule.id));
        let in_sessions = hits.clone().count();
        match hits.sum::<u64>() {
            0 => never.push(&*rule.id),
            hits => rows.push((hits, in_sessions, rule)),
        }
    }
    // The sort is stable: rules that fire as often stay in their order.
    rows.sort_by_key(|(hits, ..)| std::cmp::Reverse(*hits));
    let mut table = Table::new(["ID", "KIND", "LAYER", ">HITS", ">SESSIONS"]);
    for (hits, in_sessions, rule) in &rows {
        table.row([
            rule.id.to_string(),
            rule.kind.as_str().to_owned(),
            rule.layer.as_str().to_owned(),
            hits.to_string(),
            in_sessions.to_string(),
        ]);
    }
    let mut text = table.text();
    text.push_str(&format!(
        "{} of {} fired in {}\n",
        rows.len(),
        counted(rows.len() + never.len(), "rule"),
        counted(sessions.len(), "session")
    ));
    if !never.is_empty() {
        text.push_str("never:\n");
        text.push_str(&wrapped(&never));
    }
    output::print(&safety::clean(&text))?;
    Ok(Outcome::Done)
}

fn of_session(files: &SessionFiles, rules: &RuleSet) -> Result<Counts, Error> {
    let (session, _) = pipeline::load(files, &read::Options::default())?;
    let mut counts = Counts::new();
    for seen in session
        .timeline
        .iter()
        .flat_map(|event| texts(&session, event))
    {
        rules.scan(seen.scope, seen.tool, &seen.text, |hit| {
            *counts.entry(hit.rule.id.clone()).or_default() += 1;
        });
    }
    Ok(counts)
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
