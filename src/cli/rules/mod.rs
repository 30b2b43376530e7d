//! `passdown rules …`: the rules in force, their proof, and what they find.

mod args;
mod check;
mod checking;
mod compare;
mod corpus;
mod diff;
mod draft;
mod guess;
mod hit;
mod list;
mod new;
mod pattern;
mod point;
mod stats;
mod suggest;
mod template;
mod test;
mod try_out;
mod unknown;

use super::Outcome;
use super::layered::places;
use crate::discover::Env;
use crate::error::Error;
use crate::rules::{RuleFile, RuleSet};
pub(super) use args::RulesArgs;
use args::{LayerArgs, RulesAction};

pub(super) fn run(args: &RulesArgs) -> Result<Outcome, Error> {
    match &args.action {
        RulesAction::List(list) => list::list(list),
        RulesAction::Show(show) => list::show(show),
        RulesAction::Test(test) => test::run(test),
        RulesAction::Check(check) => check::run(check),
        RulesAction::Try(args) => try_out::run(args),
        RulesAction::Stats(stats) => stats::run(stats),
        RulesAction::Diff(args) => diff::run(args),
        RulesAction::Suggest(args) => suggest::run(args),
        RulesAction::New(args) => new::run(args),
        RulesAction::Schema => {
            super::output::print(RuleSet::schema())?;
            Ok(Outcome::Done)
        }
    }
}

/// The rules in force, with their examples, and the files of the layers above the built-in one.
fn layered(layers: &LayerArgs) -> Result<(RuleSet, Vec<RuleFile>), Error> {
    let files = places(&layers.rules, &Env::from_system()).read()?;
    Ok((RuleSet::load_with_examples(&files)?, files))
}
