//! What the next session is for: facts that it names are worth more.

use std::collections::BTreeSet;

use super::facts::paths;
use super::item::{Fact, Item, PINNED};
use crate::extract::words::{content, identifiers};

/// What a fact that the goal names is worth beside one that it does not. With it, a file that was read once some
/// twenty calls ago stands before the one that was read last.
const NAMED: f64 = 6.0;

/// Words of goals that say how and not what.
const PLAIN: &[&str] = &[
    "add",
    "build",
    "change",
    "check",
    "code",
    "continue",
    "create",
    "error",
    "file",
    "finish",
    "fix",
    "go",
    "implement",
    "improve",
    "issue",
    "make",
    "new",
    "problem",
    "refactor",
    "remove",
    "run",
    "session",
    "start",
    "support",
    "task",
    "test",
    "update",
    "work",
    "write",
];

/// What the next session is for, in its user's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    text: String,
    words: BTreeSet<String>,
    names: BTreeSet<String>,
    paths: Vec<String>,
}

impl Goal {
    /// A goal in words; none if there is no word in them.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        text.chars().any(char::is_alphanumeric).then(|| Self {
            text: text.to_owned(),
            words: content(text)
                .map(|word| stem(&word))
                .filter(|word| !PLAIN.contains(&word.as_str()))
                .collect(),
            names: identifiers(text).map(str::to_owned).collect(),
            paths: paths(text)
                .map(|path| {
                    path.trim_start_matches("./")
                        .trim_end_matches('/')
                        .to_owned()
                })
                .collect(),
        })
    }

    /// The words, as they were given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a fact counts for this goal.
    pub(super) fn factor(&self, fact: &Fact) -> f64 {
        if self.names(fact) { NAMED } else { 1.0 }
    }

    /// True if the goal names the fact: its path or the end or a folder of it, the name, or half of its words.
    pub(super) fn names(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Word(word) => self.words.contains(&stem(word)),
            Fact::Name(name) => self.names.contains(name) || self.holds(parts(name)),
            Fact::File(path) => {
                let end = |named: &String| {
                    let behind = path.strip_suffix(named.as_str());
                    behind.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
                        || path
                            .strip_prefix(named.as_str())
                            .is_some_and(|rest| rest.starts_with('/'))
                };
                let name = path.rsplit('/').next().unwrap_or(path);
                let stem = name
                    .split('.')
                    .find(|part| !part.is_empty())
                    .unwrap_or(name);
                self.paths.iter().any(end) || self.holds(parts(stem))
            }
            Fact::Command(command) => {
                let words: BTreeSet<String> = parts(command).collect();
                words.intersection(&self.words).next().is_some()
                    || self
                        .names
                        .iter()
                        .any(|name| command.contains(name.as_str()))
                    || self
                        .paths
                        .iter()
                        .any(|path| command.contains(path.as_str()))
            }
            Fact::State(text) => {
                identifiers(text).any(|name| self.names.contains(name))
                    || self.holds(content(text).map(|word| stem(&word)))
                    || content(text)
                        .filter(|word| self.words.contains(&stem(word)))
                        .count()
                        > 1
            }
        }
    }

    /// True if half of `parts`, those that say how apart, are words of the goal.
    fn holds(&self, parts: impl Iterator<Item = String>) -> bool {
        let parts: BTreeSet<String> = parts
            .filter(|part| !PLAIN.contains(&part.as_str()))
            .collect();
        let shared = parts.intersection(&self.words).count();
        shared > 0 && shared * 2 >= parts.len()
    }

    /// Raises what `item` is worth by itself, if it tells of something that the goal names.
    pub(super) fn raise(&self, item: &mut Item) {
        let (mut said, mut named) = (0, false);
        for (fact, _) in item.pieces.iter().flat_map(|piece| &piece.facts) {
            if self.names(fact) {
                said += 1;
                named |= !matches!(fact, Fact::Word(_));
            }
        }
        if !named && said < 2 {
            return;
        }
        for piece in item.pieces.iter_mut().filter(|piece| piece.worth < PINNED) {
            piece.worth *= NAMED;
        }
    }
}

/// The words of a name, a path or a command, in lower case: `splitBudget` is `split` and `budget`.
fn parts(name: &str) -> impl Iterator<Item = String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            parts.push(String::new());
        } else if c.is_uppercase() && before.is_lowercase() || parts.is_empty() {
            parts.push(c.to_lowercase().collect());
        } else if let Some(last) = parts.last_mut() {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    parts
        .into_iter()
        .filter(|part| part.len() > 1)
        .map(|part| stem(&part))
}

/// `word` without the ending that English puts to it: `limits`, `limited`, `limiting` and `limiter` are `limit`.
fn stem(word: &str) -> String {
    const ENDINGS: &[&str] = &["ings", "ing", "ers", "er", "ed", "es", "s"];
    let bare = |ending: &&str| {
        word.strip_suffix(*ending)
            .filter(|rest| rest.chars().count() >= 4 && !rest.ends_with('s'))
    };
    ENDINGS.iter().find_map(bare).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_names_facts_by_path_name_and_word() {
        let goal = Goal::new("Finish the rate limits of src/api, see ENT-212 and splitBudget")
            .expect("words");
        let file = |text: &str| Fact::File(text.to_owned());
        let name = |text: &str| Fact::Name(text.to_owned());
        let word = |text: &str| Fact::Word(text.to_owned());
        for (fact, expected) in [
            (file("src/api/server.rs"), true),
            (file("cmd/src/api"), true),
            (file("src/apis.rs"), false),
            (file("src/rate_limiter.rs"), true),
            (file("src/limit_of_very_much_else.rs"), false),
            (name("rateLimit"), true),
            (name("splitBudget"), true),
            (name("ENT-212"), true),
            (name("runExplain"), false),
            (word("limited"), true),
            (word("finish"), false),
            (Fact::Command("go test ./rate -run Limit".to_owned()), true),
            (Fact::Command("go test ./...".to_owned()), false),
            (
                Fact::State("answer 429 above the rate limit".to_owned()),
                true,
            ),
            (Fact::State("write the docs".to_owned()), false),
        ] {
            assert_eq!(goal.names(&fact), expected, "{fact:?}");
        }
    }

    #[test]
    fn no_words_are_no_goal() {
        assert_eq!(Goal::new(" \n!? "), None);
        assert_eq!(Goal::new(" fix it ").expect("words").text(), "fix it");
    }
}
