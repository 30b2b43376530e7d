//! `passdown rules diff A B PATH…`: what one rule set finds that another does not, and what that makes of handoffs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::args::DiffArgs;
use super::compare::{Count, Fate, Moved, Sample, Seens, Sides, Wanted};
use super::corpus;
use crate::cli::args::Form;
use crate::cli::table::Table;
use crate::cli::{Outcome, output};
use crate::diff::Changed;
use crate::discover::{self, Env};
use crate::error::Error;
use crate::extract::words::counted;
use crate::rules::{Places, RuleSet};
use crate::safety::{self, Gate};
use crate::score::Part;

/// The word for the built-in rules alone.
const BUILT_IN: &str = "builtin";
/// The columns of a line, so that it stands in a terminal of 80.
const COLUMNS: usize = 79;
/// The lines that are shown of what changed in one handoff.
const LINES: usize = 8;

pub(super) fn run(args: &DiffArgs) -> Result<Outcome, Error> {
    let sides = Sides::new(set(&args.a)?, set(&args.b)?);
    let found = discover::sessions(&args.paths, &Env::from_system())?;
    output::problems(&found.left_out);
    let wanted = Wanted {
        samples: args.samples,
        budget: args.budget,
    };
    let mut all = All {
        most: args.samples,
        ..All::default()
    };
    all.sessions = corpus::each(
        &found.sessions,
        |_, session| sides.look(session, wanted),
        |seens| all.take(seens),
    );
    let names = [&args.a, &args.b].map(|name| safety::one_line(&name.display().to_string(), 200));
    let text = match args.format {
        Form::Plain => all.plain(&names, &sides),
        Form::Json => all.json(&names, &sides),
    };
    output::print_of_logs(&Gate::default().safe(&text))?;
    Ok(Outcome::Done)
}

/// The built-in rules, with the file on top if it is one.
fn set(file: &Path) -> Result<RuleSet, Error> {
    if file.as_os_str() == BUILT_IN {
        return RuleSet::load(&[]);
    }
    let places = Places {
        cwd: Env::from_system().cwd,
        given: vec![file.to_owned()],
        config: None,
    };
    let files = places.read()?;
    let given: Vec<_> = files
        .into_iter()
        .filter(|file| file.layer == crate::rules::Layer::Given)
        .collect();
    RuleSet::load(&given)
}

/// What all sessions show.
#[derive(Default)]
struct All {
    sessions: usize,
    /// The hits, and the sessions with any.
    counts: BTreeMap<(Box<str>, Fate), (Count, u64)>,
    /// How many sessions each rule is another in.
    by_rule: BTreeMap<Box<str>, u64>,
    most: usize,
    handoffs: usize,
    tokens: [u64; 2],
    moved: Vec<Moved>,
}

impl All {
    fn take(&mut self, seens: Seens) {
        let mut last: Option<Box<str>> = None;
        for ((rule, fate), count) in seens.counts {
            if last.as_ref() != Some(&rule) {
                *self.by_rule.entry(rule.clone()).or_default() += 1;
                last = Some(rule.clone());
            }
            let (all, sessions) = self.counts.entry((rule, fate)).or_default();
            all.hits += count.hits;
            *sessions += 1;
            all.samples.extend(count.samples);
            // A stable sort: the first of each session, in the order of the sessions, then the second of each.
            all.samples.sort_by_key(|(number, _)| *number);
            all.samples.truncate(self.most);
        }
        if let Some(moved) = seens.moved {
            self.handoffs += 1;
            for (sum, tokens) in self.tokens.iter_mut().zip(moved.tokens) {
                *sum += u64::from(tokens.unwrap_or(0));
            }
            if self.moved.len() < self.most {
                self.moved.push(moved);
            }
        }
    }

    fn hits(&self, rule: &str, fate: Fate) -> u64 {
        let count = self.counts.get(&(rule.into(), fate));
        count.map_or(0, |(count, _)| count.hits)
    }

    fn plain(&self, names: &[String; 2], sides: &Sides) -> String {
        let mut out = format!(
            "{} → {}: {} {}, {}\n",
            names[0],
            names[1],
            counted(sides.rules.len(), "rule"),
            if sides.rules.len() == 1 {
                "differs"
            } else {
                "differ"
            },
            counted(self.sessions, "session")
        );
        if !sides.rules.is_empty() {
            let mut table =
                Table::new(["RULE", "WHAT", ">LOST", ">GAINED", ">CHANGED", ">SESSIONS"]);
            for (id, what) in &sides.rules {
                let [lost, gained, changed] = Fate::ALL.map(|fate| self.hits(id, fate).to_string());
                let sessions = self.by_rule.get(id).copied().unwrap_or(0);
                table.row([
                    id.to_string(),
                    what.clone(),
                    lost,
                    gained,
                    changed,
                    sessions.to_string(),
                ]);
            }
            out.push_str(&table.text());
        }
        out.push('\n');
        for (id, _) in &sides.rules {
            for fate in Fate::ALL {
                let Some((count, _)) = self.counts.get(&(id.clone(), fate)) else {
                    continue;
                };
                for (_, sample) in &count.samples {
                    out.push_str(&format!(
                        "{} {id}{}\n",
                        fate.word(),
                        described(sample, fate)
                    ));
                    out.push_str(&sample.lines);
                }
                if let Some(more @ 1..) = count.hits.checked_sub(count.samples.len() as u64) {
                    out.push_str(&format!("… {more} more {} {id}\n", fate.word()));
                }
                out.push('\n');
            }
        }
        out.push_str(&self.changed_handoffs());
        out
    }

    fn changed_handoffs(&self) -> String {
        if self.handoffs == 0 {
            return format!(
                "handoffs: the same in {}\n",
                counted(self.sessions, "session")
            );
        }
        let mut out = format!(
            "handoffs: {} of {} changed; their tokens {} → {}\n",
            self.handoffs, self.sessions, self.tokens[0], self.tokens[1]
        );
        for moved in &self.moved {
            let [before, after] = moved.tokens.map(|tokens| {
                tokens.map_or_else(|| "nothing".to_owned(), |tokens| tokens.to_string())
            });
            out.push_str(&format!("  {}, tokens {before} → {after}\n", moved.session));
            let lines = lines(moved);
            for (sign, part, text) in lines.iter().take(LINES) {
                let line = format!("{sign} {part}: {text}");
                out.push_str(&format!("    {}\n", safety::one_line(&line, COLUMNS - 4)));
            }
            if let Some(more @ 1..) = lines.len().checked_sub(LINES) {
                out.push_str(&format!("    … {more} more of its lines\n"));
            }
        }
        if let Some(more @ 1..) = self.handoffs.checked_sub(self.moved.len()) {
            out.push_str(&format!("  … {more} more\n"));
        }
        out
    }

    fn json(&self, names: &[String; 2], sides: &Sides) -> String {
        #[derive(Serialize)]
        struct One<'s> {
            hits: u64,
            sessions: u64,
            samples: Vec<&'s Sample>,
        }
        let rules: Vec<_> = sides
            .rules
            .iter()
            .map(|(id, what)| {
                let fates = Fate::ALL.into_iter().map(|fate| {
                    let count = self.counts.get(&(id.clone(), fate));
                    let one = One {
                        hits: count.map_or(0, |(count, _)| count.hits),
                        sessions: count.map_or(0, |(_, sessions)| *sessions),
                        samples: count.map_or_else(Vec::new, |(count, _)| {
                            count.samples.iter().map(|(_, sample)| sample).collect()
                        }),
                    };
                    (fate.word(), one)
                });
                json!({ "id": id, "what": what, "hits": fates.collect::<BTreeMap<_, _>>() })
            })
            .collect();
        let all = json!({
            "schema_version": 1,
            "a": names[0],
            "b": names[1],
            "sessions": self.sessions,
            "rules": rules,
            "handoffs": { "changed": self.handoffs, "tokens": self.tokens, "samples": self.moved },
        });
        serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
    }
}

/// Where a sample stands and what its groups hold.
fn described(sample: &Sample, fate: Fate) -> String {
    let mut out = format!(" {} {}", sample.citation, sample.scope);
    match (&sample.other, fate) {
        (Some(other), Fate::Lost) => out.push_str(&format!(", there is now {other}")),
        (Some(other), _) => out.push_str(&format!(", there was {other}")),
        (None, _) => {}
    }
    if !sample.groups.is_empty() {
        let groups = safety::one_line(&sample.groups.join("; "), COLUMNS - 2);
        out.push_str(&format!("\n  {groups}"));
    }
    out
}

/// The lines of the two handoffs that are not the same, part by part, those that went before those that came.
fn lines(moved: &Moved) -> Vec<(char, &str, &str)> {
    let diff = &moved.diff;
    let changed = |sign, text: fn(&Changed) -> &str| {
        let changed = diff.changed.iter();
        changed.map(move |changed| (sign, changed.part, text(changed)))
    };
    let mut lines: Vec<(char, &str, &str)> = changed('-', |changed| &changed.before).collect();
    let went = diff.resolved.iter().chain(&diff.gone);
    lines.extend(went.map(|said| ('-', said.part, said.text.as_str())));
    lines.extend(changed('+', |changed| &changed.after));
    lines.extend(
        diff.new
            .iter()
            .map(|said| ('+', said.part, said.text.as_str())),
    );
    let place = |word: &str| Part::ALL.iter().position(|part| part.word() == word);
    lines.sort_by_key(|(_, part, _)| place(part));
    lines
}
