//! `passdown rules check [FILE…]`: what is doubtful about rules that load.

use super::args::FileArgs;
use super::test::Tested;
use crate::cli::{Outcome, output};
use crate::error::Error;
use crate::extract::words::counted;
use crate::rules::Layer;
use crate::safety;

pub(super) fn run(args: &FileArgs) -> Result<Outcome, Error> {
    let tested = Tested::read(args)?;
    // The built-in rules have tests of their own; here, they are what others are compared with.
    let of = |rule: &crate::rules::Rule| rule.layer != Layer::BuiltIn && tested.holds(rule);
    let rules = tested.set.rules().filter(|rule| of(rule)).count();
    let advice = tested.set.advice(of);
    let mut text = String::new();
    for one in &advice {
        text.push_str(&format!("{one}\n"));
    }
    let files = match rules {
        0 if args.files.is_empty() => {
            " of yours or of the project: name a file or write `.passdown/rules.toml`"
        }
        _ => "",
    };
    let found = match (rules, advice.len()) {
        (0, _) => String::new(),
        (_, 0) => ": nothing doubtful".to_owned(),
        (_, count) => format!(": {count} doubtful"),
    };
    text.push_str(&format!("{}{files}{found}\n", counted(rules, "rule")));
    output::print(&safety::clean(&text))?;
    Ok(match advice.len() {
        0 => Outcome::Done,
        _ => Outcome::Nothing,
    })
}
