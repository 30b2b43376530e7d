//! `passdown rules list` and `rules show`: the rules in force, and the text of one.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::args::{ListArgs, ShowArgs};
use super::corpus::{each, texts};
use crate::cli::Outcome;
use crate::cli::output;
use crate::cli::table::Table;
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::rules::{Layer, Rule, RuleFile, RuleSet, nearest};
use crate::safety;
use crate::session::Session;

pub(super) fn list(args: &ListArgs) -> Result<Outcome, Error> {
    let (set, _) = super::layered(&args.layers)?;
    let hits = match args.hits.as_slice() {
        [] => None,
        paths => Some(hits(paths, &set)?),
    };
    let mut plain = Table::new(["ID", "KIND", "SCOPE", "LAYER", ">WEIGHT"]);
    let mut counted = Table::new(["ID", "KIND", "SCOPE", "LAYER", ">WEIGHT", ">HITS"]);
    for rule in set.rules() {
        let weight = match rule.disabled {
            true => "off".to_owned(),
            false => rule.weight.to_string(),
        };
        let row = [
            rule.id.to_string(),
            rule.kind.as_str().to_owned(),
            scope(rule),
            layer(rule),
            weight,
        ];
        let line = row.join(" ");
        if args.words.iter().all(|word| line.contains(word.as_str())) {
            if let Some(hits) = &hits {
                let [id, kind, scope, layer, weight] = row.clone();
                let hits = hits.get(&rule.id).copied().unwrap_or_default();
                counted.row([id, kind, scope, layer, weight, hits.to_string()]);
            }
            plain.row(row);
        }
    }
    if plain.is_empty() {
        output::complain("passdown: no rule has all of these words in its line");
        return Ok(Outcome::Nothing);
    }
    let text = match hits {
        Some(_) => counted.text(),
        None => plain.text(),
    };
    output::print(&safety::clean(&text))?;
    Ok(Outcome::Done)
}

/// How often each rule fires in the sessions at `paths`, by its id.
fn hits(paths: &[OsString], rules: &RuleSet) -> Result<BTreeMap<Box<str>, u64>, Error> {
    let found = discover::sessions(paths, &Env::from_system())?;
    output::problems(&found.left_out);
    let mut all = BTreeMap::new();
    let look = |_: &_, session: &Session| {
        let mut hits: BTreeMap<Box<str>, u64> = BTreeMap::new();
        for event in &session.timeline {
            for seen in texts(session, event) {
                rules.scan(seen.scope, seen.tool, &seen.text, |hit| {
                    *hits.entry(hit.rule.id.clone()).or_default() += 1;
                });
            }
        }
        hits
    };
    each(&found.sessions, look, |hits| {
        for (id, count) in hits {
            *all.entry(id).or_default() += count;
        }
    });
    Ok(all)
}

/// The first of the texts that it looks into, and how many more there are.
fn scope(rule: &Rule) -> String {
    let first = rule.scope.first().map(scope_word).unwrap_or_default();
    match rule.scope.len() {
        0 | 1 => first,
        count => format!("{first}+{}", count - 1),
    }
}

fn scope_word(scope: &crate::rules::RuleScope) -> String {
    match &scope.tool {
        Some(tool) => format!("{}:{tool}", scope.scope.as_str()),
        None => scope.scope.as_str().to_owned(),
    }
}

/// The layer it comes from, and a mark if another changed it.
fn layer(rule: &Rule) -> String {
    match rule.changes.last() {
        Some(change) if change.layer != rule.layer => {
            format!("{}*", rule.layer.as_str())
        }
        _ => rule.layer.as_str().to_owned(),
    }
}

pub(super) fn show(args: &ShowArgs) -> Result<Outcome, Error> {
    let (set, files) = super::layered(&args.layers)?;
    let mut texts = Vec::new();
    for id in &args.ids {
        let Some(rule) = set.get(id) else {
            let ids: Vec<&str> = set.rules().map(|rule| &*rule.id).collect();
            let meant = match nearest(id, &ids) {
                Some(word) => format!("is `{word}` meant? "),
                None => String::new(),
            };
            return Err(ErrorKind::Usage(format!(
                "no rule `{id}`; {meant}`passdown rules list` shows them all"
            ))
            .into());
        };
        texts.push(shown(rule, &files));
    }
    output::print(&safety::clean(&texts.join("\n")))?;
    Ok(Outcome::Done)
}

/// The rule as TOML that can be pasted into a rule file, with where it comes from as a comment.
fn shown(rule: &Rule, files: &[RuleFile]) -> String {
    let mut out = format!("# {}, {}:{}", rule.layer.as_str(), rule.file, rule.line);
    match rule.pack {
        Some(pack) => out.push_str(&format!(", pack `{pack}`\n")),
        None => out.push('\n'),
    }
    for change in &rule.changes {
        out.push_str(&format!(
            "# {}, {}:{}: {}\n",
            change.layer.as_str(),
            change.file,
            change.line,
            change.what
        ));
    }
    let file = match rule.layer {
        Layer::BuiltIn => RuleSet::builtin_file(&rule.file),
        _ => files
            .iter()
            .find(|file| file.layer == rule.layer && file.name == *rule.file)
            .map(|file| file.text.as_str()),
    };
    out.push_str(&source(file.unwrap_or_default(), rule.line));
    out
}

/// The lines from `line` on that belong to the rule: up to the next one, without the comments above that.
fn source(file: &str, line: u32) -> String {
    let skipped = usize::try_from(line)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    let mut lines = file.lines().skip(skipped);
    let mut kept: Vec<&str> = lines.next().into_iter().collect();
    if !kept.iter().any(|line| line.trim_start().starts_with("[[")) {
        // A line of `[checks]` is the whole rule.
        return format!("[checks]\n{}\n", kept.concat());
    }
    kept.extend(lines.take_while(|line| {
        let head = line.trim_start();
        !head.starts_with("[[rule]]") && !head.starts_with("[packs]")
    }));
    while kept
        .last()
        .is_some_and(|line| line.trim().is_empty() || line.starts_with('#'))
    {
        kept.pop();
    }
    kept.join("\n") + "\n"
}
