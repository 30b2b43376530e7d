//! `passdown rules try PATTERN|FILE PATH…`: what a pattern, or the rules of a file, find in logs.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;

use super::args::TryArgs;
use super::corpus::{Seen, texts};
use super::hit::{Found, lines};
use crate::cli::table::Table;
use crate::cli::{Outcome, output};
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::extract::words::counted;
use crate::pipeline;
use crate::read;
use crate::rules::{Hit, Layer, Probe, RuleSet};
use crate::safety::Policy;
use crate::session::Session;

pub(super) fn run(args: &TryArgs) -> Result<Outcome, Error> {
    let began = Instant::now();
    let tried = Tried::new(args)?;
    let found = discover::sessions(&args.paths, &Env::from_system())?;
    output::problems(&found.left_out);
    let mut table = Table::new(["SESSION", ">HITS", "FILE"]);
    let mut all = 0;
    let mut with_hits = 0;
    let mut bytes = 0;
    let mut first = None;
    for files in &found.sessions {
        let (session, _) = pipeline::load(files, &read::Options::default())?;
        bytes += files.bytes;
        let hits: Vec<(Seen<'_>, Vec<Found>)> = session
            .timeline
            .par_iter()
            .with_min_len(64)
            .flat_map_iter(|event| texts(&session, event))
            .map(|seen| {
                let hits = tried.hits(&seen);
                (seen, hits)
            })
            .filter(|(_, hits)| !hits.is_empty())
            .collect();
        let count: usize = hits.iter().map(|(_, hits)| hits.len()).sum();
        if count == 0 {
            continue;
        }
        first.get_or_insert_with(|| began.elapsed());
        let text = shown(&session, &hits, args);
        if !text.is_empty() {
            output::print_of_logs(&text)?;
        }
        let id: String = crate::safety::clean(&session.id).chars().take(8).collect();
        let file = crate::safety::clean(&files.main.to_string()).into_owned();
        table.row([id, count.to_string(), file]);
        all += count;
        with_hits += 1;
    }
    let sessions = match counted(found.sessions.len(), "session") {
        // All of them, or none: the count says it.
        sessions if [0, found.sessions.len()].contains(&with_hits) => sessions,
        sessions => format!("{with_hits} of {sessions}"),
    };
    let head = if table.is_empty() {
        String::new()
    } else {
        table.text()
    };
    output::print(&format!("{head}{} in {sessions}\n", counted(all, "hit")))?;
    let first = first.map_or_else(String::new, |first| {
        format!(", the first hit after {:.2} s", first.as_secs_f64())
    });
    output::complain(&format!(
        "{:.1} MB in {:.2} s{first}",
        bytes as f64 / 1e6,
        began.elapsed().as_secs_f64()
    ));
    tried.advise();
    Ok(match all {
        0 => Outcome::Nothing,
        _ => Outcome::Done,
    })
}

/// What is tried.
enum Tried {
    Pattern(Box<Probe>),
    File(Box<RuleSet>),
}

impl Tried {
    fn new(args: &TryArgs) -> Result<Self, Error> {
        let path = Path::new(&args.what);
        if path.is_file()
            || path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            let layers = super::LayerArgs {
                rules: vec![path.to_owned()],
            };
            let (set, files) = super::layered(&layers)?;
            let name = files.last().map(|file| file.name.clone());
            let set =
                set.only(|rule| rule.layer == Layer::Given && Some(&*rule.file) == name.as_deref());
            return Ok(Self::File(Box::new(set)));
        }
        let usage = |what: String| Error::from(ErrorKind::Usage(what));
        let scope = match &args.scope {
            Some(word) => {
                Some(RuleSet::scope(word).map_err(|what| usage(format!("--scope: {what}")))?)
            }
            None => None,
        };
        Probe::new(&args.what, scope, args.ignore_case, args.lines)
            .map(|probe| Self::Pattern(Box::new(probe)))
            .map_err(|what| usage(format!("the pattern `{}`: {what}", args.what)))
    }

    fn hits(&self, seen: &Seen<'_>) -> Vec<Found> {
        let mut hits = Vec::new();
        let take = |hit: Hit<'_, '_>| hits.push(Found::of(&hit));
        match self {
            Self::Pattern(probe) => probe.scan(seen.scope, seen.tool, &seen.text, take),
            Self::File(set) => set.scan(seen.scope, seen.tool, &seen.text, take),
        }
        hits
    }

    /// Says what a rule with the pattern would need.
    fn advise(&self) {
        let Self::Pattern(probe) = self else {
            return;
        };
        let keywords = probe.keywords();
        if keywords.is_empty() {
            output::complain(
                "a rule needs keywords, one of which is in every match: this pattern has none of its own",
            );
        } else {
            output::complain(&format!(
                "a rule with this pattern can have: keywords = {keywords:?}"
            ));
        }
    }
}

/// The first hits of a session, each with its place, its groups and its lines.
fn shown(session: &Session, hits: &[(Seen<'_>, Vec<Found>)], args: &TryArgs) -> String {
    let mut out = String::new();
    if args.most == 0 {
        return out;
    }
    let mut gate = pipeline::gate(session, Policy::default());
    let count: usize = hits.iter().map(|(_, hits)| hits.len()).sum();
    let each = hits
        .iter()
        .flat_map(|(seen, hits)| hits.iter().map(move |hit| (seen, hit)));
    for (seen, hit) in each.take(args.most) {
        out.push_str(&format!(
            "{} {} {}",
            seen.citation(session),
            seen.place(),
            hit.rule
        ));
        let (lines, whole) = lines(&mut gate, seen, hit, args.context);
        // A part of a secret is not known as one: where something is hidden, the lines are all that is shown.
        for (name, value) in hit.groups.iter().filter(|_| whole) {
            out.push_str(&format!(" {name}={}", gate.line(value, 40)));
        }
        out.push('\n');
        out.push_str(&lines);
    }
    if count > args.most {
        out.push_str(&format!("… {} more in this session\n", count - args.most));
    }
    out.push('\n');
    out
}
