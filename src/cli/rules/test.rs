//! `passdown rules test [FILE…]`: the examples of rules, run.

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::{FileArgs, TestArgs};
use super::point::pointed;
use crate::cli::Outcome;
use crate::cli::args::LayerArgs;
use crate::cli::layered::places;
use crate::cli::output;
use crate::discover::Env;
use crate::error::{Error, ErrorKind};
use crate::extract::words::counted;
use crate::rules::{Layer, Rule, RuleFile, RuleSet};
use crate::safety;

/// The rules in force, and which of them are meant.
pub(super) struct Tested {
    pub(super) set: RuleSet,
    /// The names of the files; none for all rules.
    files: Vec<String>,
}

impl Tested {
    /// Puts the files on top of everything else, so that their rules are the ones in force.
    pub(super) fn read(args: &FileArgs) -> Result<Self, Error> {
        let (set, files) = super::layered(&layers(args))?;
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

/// The layers, with the files that are tested on top.
fn layers(args: &FileArgs) -> LayerArgs {
    LayerArgs {
        rules: [args.layers.rules.as_slice(), &args.files].concat(),
    }
}

pub(super) fn run(args: &TestArgs) -> Result<Outcome, Error> {
    match args.watch {
        true => watch(&args.files),
        false => once(&args.files),
    }
}

/// How long a change may go unseen. Editors write a file in steps or put a new one in its place, and folders are on
/// disks that tell nobody: looking at what the few files hold is simple and knows them all.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Tests, and tests again when what the files hold is another; ends when it is interrupted, or nobody reads.
fn watch(args: &FileArgs) -> Result<Outcome, Error> {
    let places = places(&layers(args).rules, &Env::from_system());
    // A file that is gone or cannot be read is a state too: it may come back.
    let read = || places.read().map_err(|error| error.to_string());
    let mut seen = read();
    loop {
        match once(args) {
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::Rules(_)) => {
                output::complain(&error.to_string());
            }
            Err(error) => return Err(error),
        }
        let next = loop {
            std::thread::sleep(LOOK_EVERY);
            let next = read();
            if next != seen {
                break next;
            }
        };
        let names = changed(&seen, &next);
        output::print(&safety::clean(&format!("\nchanged: {names}\n")))?;
        seen = next;
    }
}

/// The names of the files that are others now.
fn changed(
    before: &Result<Vec<RuleFile>, String>,
    after: &Result<Vec<RuleFile>, String>,
) -> String {
    let (Ok(before), Ok(after)) = (before, after) else {
        return "what can be read".to_owned();
    };
    let only = |these: &[RuleFile], those: &[RuleFile]| -> Vec<String> {
        let new = these.iter().filter(|file| !those.contains(file));
        new.map(|file| file.name.clone()).collect()
    };
    let names: BTreeSet<String> = [only(before, after), only(after, before)]
        .concat()
        .into_iter()
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn once(args: &FileArgs) -> Result<Outcome, Error> {
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
    for failing in set.only(|rule| tested.holds(rule)).failing() {
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
