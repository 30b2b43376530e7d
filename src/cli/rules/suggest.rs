//! `passdown rules suggest PATH…`: rules for what logs hold and no rule knows.

use std::collections::BTreeSet;

use super::args::SuggestArgs;
use super::corpus;
use super::draft::{By, Draft};
use super::template;
use super::unknown::{self, Cluster, Clusters, Sort};
use crate::cli::layered::{self, places};
use crate::cli::{Outcome, output};
use crate::discover::{self, Env};
use crate::error::Error;
use crate::extract::words::counted;
use crate::rules::{Kind, RuleFile};
use crate::safety::{self, Gate};

pub(super) fn run(args: &SuggestArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let rules = layered::rules(&args.layers.rules, &env)?;
    let below = places(&args.layers.rules, &env).read()?;
    let found = discover::sessions(&args.paths, &env)?;
    output::problems(&found.left_out);
    let mut all = Clusters::new();
    let sessions = corpus::each(
        &found.sessions,
        |_, session| unknown::of_session(session, &rules),
        |seen| unknown::add(&mut all, seen),
    );
    let mut drawn = Drawn {
        below,
        ids: rules.rules().map(|rule| rule.id.to_string()).collect(),
        tools: BTreeSet::new(),
    };
    let mut text = String::new();
    let mut suggested = 0;
    for sort in [Sort::Command, Sort::Summary, Sort::Error] {
        let mut ranked: Vec<&Cluster> = all
            .iter()
            .filter(|((of, template), cluster)| {
                let sorted = match sort {
                    Sort::Error | Sort::Errors => *of == sort_of_error(&all, template),
                    sort => *of == sort,
                };
                sorted && worth(sort, cluster, args)
            })
            .map(|(_, cluster)| cluster)
            .collect();
        // The sort is stable: what is met as often stays in the order of its templates.
        ranked.sort_by_key(|cluster| std::cmp::Reverse((cluster.sessions, cluster.count)));
        let drafts = ranked.iter().map(|cluster| drawn.of(sort, cluster));
        for draft in drafts.filter(|drafts| !drafts.is_empty()).take(args.most) {
            suggested += draft.len();
            text.extend(draft.into_iter().map(|draft| draft + "\n"));
        }
    }
    if let Some(text) = text.strip_suffix('\n') {
        output::print_of_logs(&Gate::default().safe(text))?;
    }
    let more = match args.at_least {
        0 | 1 => "",
        _ => "; `--at-least 1` takes what was met once",
    };
    output::complain(&format!(
        "{} suggested from {}{more}",
        counted(suggested, "rule"),
        counted(sessions, "session"),
    ));
    Ok(match suggested {
        0 => Outcome::Nothing,
        _ => Outcome::Done,
    })
}

/// Whether errors with the template are taken by how they begin, since others begin so too, or by all that they say.
fn sort_of_error(all: &Clusters, template: &str) -> Sort {
    let head = template::head(template).unwrap_or(template);
    match all.get(&(Sort::Errors, head.to_owned())) {
        Some(alike) if alike.variants.len() > 1 => Sort::Errors,
        _ => Sort::Error,
    }
}

fn worth(sort: Sort, cluster: &Cluster, args: &SuggestArgs) -> bool {
    /// A program with so many words behind its name does more than one thing.
    const WORDS: usize = 3;
    cluster.count >= args.at_least
        && cluster.sessions >= args.sessions
        && match sort {
            Sort::Command => cluster.variants.len() < WORDS,
            Sort::Summary => true,
            // What mostly stands in the output of what went well is no failure.
            Sort::Error | Sort::Errors => cluster.failed * 2 >= cluster.count,
        }
}

/// What was suggested so far, and what it stands on.
struct Drawn {
    below: Vec<RuleFile>,
    ids: BTreeSet<String>,
    /// The checks that were suggested.
    tools: BTreeSet<String>,
}

impl Drawn {
    /// The rules for a cluster, each behind a comment with its evidence, if some can be made that hold.
    fn of(&mut self, sort: Sort, cluster: &Cluster) -> Vec<String> {
        let Some(first) = cluster.examples.first() else {
            return Vec::new();
        };
        let texts = cluster.examples.iter().map(|example| example.text.as_str());
        let texts: Vec<&str> = texts.collect();
        let by = mostly(cluster);
        let mut drafts = Vec::new();
        let draft = match (sort, &first.command) {
            (Sort::Command, Some(unknown)) => Draft::check(unknown.checking.clone(), &texts),
            (Sort::Summary, unknown) if by.tool.is_some() => {
                // A summary belongs to a check, which has to be known too.
                if let Some(unknown) = unknown
                    && !self.tools.contains(&unknown.checking.tool)
                {
                    drafts.push(Draft::check(unknown.checking.clone(), &[&unknown.line]));
                }
                Draft::metric(&texts, by.clone(), false)
            }
            (Sort::Error, _) => Draft::failure(&texts, by.clone()),
            _ => return Vec::new(),
        };
        drafts.push(draft);
        for draft in &mut drafts {
            if !draft
                .doubts(&self.below, |id| self.ids.contains(id))
                .is_empty()
            {
                return Vec::new();
            }
        }
        for draft in &drafts {
            self.ids.insert(draft.id.clone());
            if draft.kind == Kind::Check {
                self.tools.extend(draft.tool.clone());
            }
        }
        drafts
            .iter()
            .map(|draft| format!("{}\n{}", evidence(cluster, &by), draft.toml()))
            .collect()
    }
}

/// How often it was met, where, and what printed it.
fn evidence(cluster: &Cluster, by: &By) -> String {
    let places: Vec<&str> = cluster
        .examples
        .iter()
        .map(|example| example.citation.as_str())
        .collect();
    let sessions = usize::try_from(cluster.sessions).unwrap_or(usize::MAX);
    let count = match cluster.count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let by = match &by.tool {
        Some(tool) => format!(", by `{}`", safety::one_line(tool, 30)),
        None => String::new(),
    };
    format!(
        "# {count} in {}{by}\n# {}",
        counted(sessions, "session"),
        places.join(", ")
    )
}

/// The command that printed it most often; of those that did as often, the last by name.
fn mostly(cluster: &Cluster) -> By {
    let most = cluster.by.iter().max_by_key(|(_, count)| **count);
    most.map(|(by, _)| by.clone()).unwrap_or_default()
}
