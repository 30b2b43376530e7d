//! `passdown rules test [FILE…]`: the examples of rules, run.

use super::args::TestArgs;
use super::point::pointed;
use crate::cli::Outcome;
use crate::cli::args::LayerArgs;
use crate::cli::output;
use crate::error::Error;
use crate::rules::{Layer, Rule, RuleSet};
use crate::safety;

/// The rules in force, and which of them are meant.
pub(super) struct Tested {
    pub(super) set: RuleSet,
    /// The names of the files; none for all rules.
    files: Vec<String>,
}

impl Tested {
    /// Puts the files on top of everything else, so that their rules are the ones in force.
    pub(super) fn read(args: &TestArgs) -> Result<Self, Error> {
        let layers = LayerArgs {
            rules: [args.layers.rules.as_slice(), &args.files].concat(),
        };
        let (set, files) = super::layered(&layers)?;
        let files = files.into_iter().rev().take(args.files.len());
        Ok(Self {
            set,
            files: files.map(|file| file.name).collect(),
        })
    }

    pub(super) fn holds(&self, rule: &Rule) -> bool {
        let named = || self.files.iter().any(|file| **file == *rule.file);
        self.files.is_empty() || (rule.layer == Layer::Given && named())
    }
}

pub(super) fn run(args: &TestArgs) -> Result<Outcome, Error> {
    let tested = Tested::read(args)?;
    let set = &tested.set;
    let mut rules = 0;
    let mut examples = 0;
    let mut off = 0;
    let mut unproven = Vec::new();
    for rule in set.rules().filter(|rule| tested.holds(rule)) {
        if rule.disabled {
            off += 1;
            continue;
        }
        rules += 1;
        examples += rule.fires.len() + rule.silent.len();
        if rule.fires.is_empty() || rule.silent.is_empty() {
            unproven.push(rule);
        }
    }
    let mut text = String::new();
    let mut failed = 0;
    for failing in set.failing() {
        if !set.get(&failing.id).is_some_and(|rule| tested.holds(rule)) {
            continue;
        }
        failed += 1;
        text.push_str(&safety::clean(&failing.to_string()));
        text.push('\n');
        text.push_str(&pointed(&failing.text, failing.span.as_ref(), "    "));
    }
    for rule in unproven {
        let lacks = match (rule.fires.is_empty(), rule.silent.is_empty()) {
            (true, true) => "no example",
            (true, false) => "no example on which it fires",
            _ => "no example on which it is silent",
        };
        output::complain(&format!(
            "{}:{}: rule `{}`: {lacks}",
            rule.file, rule.line, rule.id
        ));
    }
    let off = match off {
        0 => String::new(),
        count => format!(", {count} switched off and not tested"),
    };
    text.push_str(&format!(
        "{}, {}: {}{off}\n",
        counted(rules, "rule"),
        counted(examples, "example"),
        match failed {
            0 => "all hold".to_owned(),
            count => format!("{count} failed"),
        }
    ));
    output::print(&text)?;
    Ok(match failed {
        0 => Outcome::Done,
        _ => Outcome::Nothing,
    })
}

/// A number with its word.
pub(super) fn counted(count: usize, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {word}{s}")
}
