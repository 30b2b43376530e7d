//! Rules: what to look for in a session's texts, as data with its proof beside it.
//!
//! A rule names the texts it looks into ([`Scope`]), the literals that make it
//! worth trying (keywords), a pattern whose named groups are what it extracts,
//! and examples on which it fires or stays silent. Built-in rules are the TOML
//! files of `builtin/`, in the format that users write, which the build turns into
//! a table; [`Places`] finds the files of a user and a project, and [`RuleSet::load`]
//! puts them on top.
//!
//! [`RuleSet::scan`] asks one table over all keywords of a scope
//! which lines are candidates, and runs only the patterns of those rules there.
//! What a hit means is left to the rooms above.
//!
//! ```
//! use passdown::rules::{RuleSet, Scope};
//!
//! let hits = RuleSet::builtin().matches(Scope::Command, "go test ./cmd/...");
//! assert_eq!(hits[0].rule.tool.as_deref(), Some("go test"));
//! assert_eq!(hits[0].get("target"), Some("./cmd/..."));
//! ```

mod account;
mod alias;
mod builtin;
mod compile;
mod fixed;
mod format;
mod in_force;
mod keywords;
mod layers;
mod lint;
mod machine;
mod mistake;
mod needed;
mod probe;
mod program;
mod proof;
mod quick;
mod rule;
mod sample;
mod scan;
mod syntax;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

pub use account::Counted;
pub(crate) use fixed::Fixed;
pub use in_force::InForce;
pub(crate) use keywords::Keywords;
pub use layers::{Places, RuleFile};
pub use lint::Advice;
pub use mistake::{meant as nearest, unknown};
pub use probe::Probe;
pub use proof::Failing;
pub use rule::{
    About, Change, Class, Example, Family, Kind, Layer, Rule, RuleScope, Scope, Verdict,
};
pub use scan::{Hit, Watch};

/// Rules in their order, with what finds their candidates.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    sought: [OnceLock<scan::Sought>; Scope::ALL.len()],
}

impl RuleSet {
    /// The built-in rules, without their examples.
    ///
    /// Made on the first call and kept; a pattern is compiled when its first candidate shows up.
    pub fn builtin() -> &'static Self {
        static SET: OnceLock<RuleSet> = OnceLock::new();
        SET.get_or_init(|| Self::of(builtin::rules()))
    }

    fn of(rules: Vec<Arc<Rule>>) -> Self {
        Self {
            rules,
            sought: Default::default(),
        }
    }

    /// The rules, in their order, with the disabled ones.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(Arc::as_ref)
    }

    /// The set of the rules for which `keep` holds, in their order.
    pub fn only(&self, keep: impl Fn(&Rule) -> bool) -> Self {
        let rules = self.rules.iter().filter(|rule| keep(rule));
        Self::of(rules.cloned().collect())
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules().find(|rule| &*rule.id == id)
    }

    /// Runs the examples of every rule that has some and is not disabled, and gives those that fail, in order.
    ///
    /// The rules of [`RuleSet::builtin`] carry none; [`RuleSet::load_with_examples`] gives theirs too.
    pub fn failing(&self) -> Vec<Failing> {
        let rules = self.rules.par_iter().filter(|rule| !rule.disabled);
        rules.flat_map_iter(proof::failing).collect()
    }

    /// What is doubtful about the rules for which `of` holds, in their order: files load without it, and work less well.
    pub fn advice(&self, of: impl Fn(&Rule) -> bool) -> Vec<Advice> {
        let rules = self.rules().filter(|rule| of(rule));
        rules.flat_map(lint::advice).collect()
    }
}
