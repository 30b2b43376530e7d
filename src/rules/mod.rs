//! Rules: what to look for in a session's texts, as data with its proof beside it.
//!
//! A rule names the texts it looks into ([`Scope`]), the literals that make it
//! worth trying (keywords), a pattern whose named groups are what it extracts,
//! and examples on which it fires or stays silent. Built-in rules are the TOML
//! files of `builtin/`, in the format that users write, which the build turns into
//! a table; [`RuleSet::load`] puts a user's files on top of them.
//!
//! [`RuleSet::scan`] asks one Aho–Corasick automaton over all keywords of a scope
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

mod builtin;
mod compile;
mod format;
mod mistake;
mod proof;
mod rule;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use crate::error::{Error, ErrorKind};

pub use proof::Failing;
pub use rule::{About, Class, Example, Family, Kind, Rule, RuleScope, Scope, Verdict};
pub use scan::Hit;

/// Rules in their order, with what finds their candidates.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    automata: [OnceLock<Option<scan::Automaton>>; Scope::ALL.len()],
}

impl RuleSet {
    /// The built-in rules, without their examples.
    ///
    /// Made on the first call and kept; a pattern is compiled when its first candidate shows up.
    pub fn builtin() -> &'static Self {
        static SET: OnceLock<RuleSet> = OnceLock::new();
        SET.get_or_init(|| Self::of(builtin::rules()))
    }

    /// The built-in rules with `layers` on top, each a name (for messages) and a TOML text, lowest first.
    ///
    /// A rule with a new id is added, in front of the rules of the layers below, so that it
    /// counts before them. A rule with an id that a lower layer holds replaces that rule in its
    /// place, if it gives a `pattern`; without one it may change `weight` or set `disabled`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rules`], with every mistake in every layer, each as `name:line:column: what`.
    pub fn load(layers: &[(&str, &str)]) -> Result<Self, Error> {
        let mut rules = Self::builtin().rules.clone();
        let mut messages = Vec::new();
        for (name, text) in layers {
            let (drafts, mut mistakes) = format::parse(name, text);
            let mut added = Vec::new();
            for draft in drafts {
                let place = rules.iter_mut().find(|rule| rule.id == draft.id);
                match (place, draft.rule) {
                    (None, None) => mistakes.extend(draft.incomplete),
                    (Some(place), None) => {
                        let mut rule = Rule::clone(place);
                        rule.weight = draft.weight.unwrap_or(rule.weight);
                        rule.disabled = draft.disabled.unwrap_or(rule.disabled);
                        *place = Arc::new(rule);
                    }
                    (place, Some(rule)) => {
                        if let Err(what) = rule.regex() {
                            mistakes.push(draft.pattern_at.mistake(&rule.id, "pattern", what));
                        }
                        let rule = Arc::new(rule);
                        match place {
                            Some(place) => *place = rule,
                            None => added.push(rule),
                        }
                    }
                }
            }
            added.append(&mut rules);
            rules = added;
            mistakes.sort();
            messages.extend(mistakes.iter().map(|mistake| mistake.message(name)));
        }
        if !messages.is_empty() {
            return Err(ErrorKind::Rules(messages).into());
        }
        Ok(Self::of(rules))
    }

    fn of(rules: Vec<Arc<Rule>>) -> Self {
        Self {
            rules,
            automata: Default::default(),
        }
    }

    /// The rules, in their order, with the disabled ones.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(Arc::as_ref)
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules().find(|rule| &*rule.id == id)
    }

    /// Runs the examples of every rule that has some, and gives those that fail, in order.
    ///
    /// The built-in rules carry no examples in the finished program, so this proves a user's rules.
    pub fn failing(&self) -> Vec<Failing> {
        proof::failing(self)
    }
}
