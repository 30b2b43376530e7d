//! The rules in `secrets.toml`: what they say, and when a pattern is run.
//!
//! One pass over a text for all keywords decides which patterns see which lines; a
//! pattern is compiled when its keyword first turns up. Most sessions hold a
//! handful of keywords, and compiling all patterns at the start of a hook
//! would cost more than its work.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use super::names::NAMES;
use crate::rules::Keywords;

/// All rules and their keywords.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

/// Marks of a key block, of a URL and of a placeholder, which code of ours reads.
const MARKS: [(&str, Owner); 4] = [
    ("PRIVATE KEY", Owner::Block),
    ("Private-Lines:", Owner::Block),
    ("://", Owner::Url),
    ("[redacted: ", Owner::Mark),
];

#[derive(Deserialize)]
struct File {
    rule: Vec<Rule>,
}

/// One rule: a shape, recognised by a pattern.
#[derive(Deserialize)]
pub(super) struct Rule {
    /// What the placeholder says; several rules may say the same.
    pub(super) kind: Option<String>,
    pub(super) id: String,
    /// One of these is in every text the pattern matches: in any case of letters, or exactly if it has a capital.
    pub(super) keywords: Vec<String>,
    /// What is redacted is the group `secret` if there is one, else the whole.
    pub(super) pattern: String,
    /// What the text must be beside matching.
    #[serde(default)]
    pub(super) judge: Judge,
    #[cfg(test)]
    #[serde(default)]
    pub(super) fires: Vec<String>,
    #[cfg(test)]
    #[serde(default)]
    pub(super) silent: Vec<String>,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

/// What a text must be, beside matching a pattern, to be a secret.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Judge {
    /// No placeholder and no reference: the shape says the rest.
    #[default]
    Shape,
    /// Something people choose, in a place where only secrets stand.
    Value,
    /// Something drawn by lot, or a UUID or hex digits.
    Random,
    /// Something drawn by lot that is neither a UUID nor a commit.
    Drawn,
    /// A cookie header with at least one value drawn by lot.
    Cookie,
}

impl Rule {
    /// The name of what was found.
    pub(super) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or(&self.id)
    }

    /// The pattern, compiled on first use; none if it is wrong, which a test forbids.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| {
                // ASCII classes: the tables of Unicode make a pattern eighty
                // times as dear, and no token needs them.
                RegexBuilder::new(&self.pattern)
                    .unicode(false)
                    .size_limit(1 << 20)
                    .build()
                    .ok()
            })
            .as_ref()
    }
}

/// Whose a keyword is.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    /// The rule at this index.
    Rule(usize),
    /// The names in [`NAMES`].
    Name,
    /// Private key blocks.
    Block,
    /// What stands before the host of a URL.
    Url,
    /// Placeholders of ours.
    Mark,
}

pub(super) struct Table {
    pub(super) rules: Vec<Rule>,
    /// The keywords of all rules, of names and of marks.
    pub(super) keywords: Keywords,
    /// Whose each keyword is.
    pub(super) owners: Vec<Owner>,
}

impl Table {
    fn new() -> Self {
        let rules = toml::from_str::<File>(include_str!("../secrets.toml"))
            .map(|file| file.rule)
            .unwrap_or_default();
        let mut owners = Vec::new();
        let mut keywords: Vec<&str> = Vec::new();
        for (i, rule) in rules.iter().enumerate() {
            for keyword in &rule.keywords {
                keywords.push(keyword);
                owners.push(Owner::Rule(i));
            }
        }
        for name in NAMES {
            keywords.push(name);
            owners.push(Owner::Name);
        }
        for (mark, owner) in MARKS {
            keywords.push(mark);
            owners.push(owner);
        }
        // One with a capital is met only as it is written.
        let exact = |word: &str| word.contains(|c: char| c.is_ascii_uppercase());
        let keywords = Keywords::new(keywords.iter().map(|word| (*word, exact(word))));
        Self {
            rules,
            keywords,
            owners,
        }
    }
}
