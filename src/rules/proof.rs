//! The proof of a rule: its own examples.

use std::fmt;

use super::RuleSet;
use super::rule::{Example, Rule};
use super::scan::Hit;

/// An example that a rule fails. Displays as `file:line: rule …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// The rule's id.
    pub id: Box<str>,
    /// The file of the example.
    pub file: String,
    /// The line of the example in it, one-based.
    pub line: u32,
    /// *missing* where it should fire, *noisy* where it should not, or what a group holds instead.
    pub what: String,
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: rule `{}`: {}",
            self.file, self.line, self.id, self.what
        )
    }
}

/// Runs the examples of all rules that are not disabled.
pub(super) fn failing(set: &RuleSet) -> Vec<Failing> {
    let mut failing = Vec::new();
    for rule in set.rules().filter(|rule| !rule.disabled) {
        let mut tell = |example: &Example, what: String| {
            failing.push(Failing {
                id: rule.id.clone(),
                file: rule.file.to_string(),
                line: example.line,
                what,
            });
        };
        for example in &rule.fires {
            let groups: Vec<&str> = rule.groups().collect();
            for name in example
                .captures
                .keys()
                .filter(|name| !groups.contains(&name.as_str()))
            {
                tell(example, format!("the pattern has no group `{name}`"));
            }
            with_hits(set, rule, &example.text, |hits| {
                let Some(first) = hits.first() else {
                    tell(example, "missing: it should fire here".to_owned());
                    return;
                };
                for (name, expected) in &example.captures {
                    let found = first.get(name);
                    if groups.contains(&name.as_str()) && found != Some(expected) {
                        tell(example, format!("`{name}` is {found:?}, not {expected:?}"));
                    }
                }
            });
        }
        for example in &rule.silent {
            with_hits(set, rule, &example.text, |hits| {
                if let Some(first) = hits.first() {
                    tell(example, format!("noisy: it fires on {:?}", first.text()));
                }
            });
        }
    }
    failing
}

/// The hits of one rule in a text, through the whole set; in each of its scopes they are the same, so the first serves.
pub(super) fn with_hits<R>(
    set: &RuleSet,
    rule: &Rule,
    text: &str,
    use_hits: impl FnOnce(&[Hit<'_, '_>]) -> R,
) -> R {
    let mut hits = Vec::new();
    if let Some(scope) = rule.scope.first() {
        set.scan(scope.scope, scope.tool.as_deref(), text, |hit| {
            if hit.rule.id == rule.id {
                hits.push(hit);
            }
        });
    }
    use_hits(&hits)
}
