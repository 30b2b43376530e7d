//! The rules in `secrets.toml`: what they say, and when a pattern is run.
//!
//! One pass over a text for all keywords decides which patterns see which lines; a
//! pattern is compiled when it first matches, which an automaton that the build made tells. Most sessions hold a
//! handful of keywords, and compiling all patterns at the start of a hook
//! would cost more than its work.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::names::NAMES;
use crate::rules::{Fixed, Keywords};

/// All rules and their keywords.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

/// Marks of a key block, of a URL and of a placeholder, which code of ours reads.
const MARKS: [(&str, Owner); 4] = [
    ("PRIVATE KEY", Owner::Block),
    ("Private-Lines:", Owner::Block),
    ("://", Owner::Url),
    ("[redacted: ", Owner::Mark),
];

/// What `secrets.toml` says of a rule, as the build wrote it down: without its examples.
struct Shape {
    id: &'static str,
    kind: Option<&'static str>,
    keywords: &'static [&'static str],
    pattern: &'static str,
    judge: Judge,
    /// Where its automaton stands in [`PROGRAMS`].
    program: (usize, usize),
}

/// All of them, in their order.
const SHAPES: &[Shape] = include!(concat!(env!("OUT_DIR"), "/secrets.rs"));

/// The automata of all patterns.
static PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/secrets.bin"));

/// One rule: a shape, recognised by a pattern.
pub(super) struct Rule {
    /// What the placeholder says; several rules may say the same.
    kind: Option<&'static str>,
    pub(super) id: &'static str,
    /// One of these is in every text the pattern matches: in any case of letters, or exactly if it has a capital.
    pub(super) keywords: &'static [&'static str],
    /// What is redacted is the group `secret` if there is one, else the whole.
    pub(super) pattern: &'static str,
    /// What the text must be beside matching.
    pub(super) judge: Judge,
    program: (usize, usize),
    fixed: OnceLock<Option<Fixed>>,
    regex: OnceLock<Option<Regex>>,
}

/// What a text must be, beside matching a pattern, to be a secret.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Judge {
    /// No placeholder and no reference, which is asked of all: the shape says the rest.
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
        self.kind.unwrap_or(self.id)
    }

    /// False for a text that the pattern does not match: most keywords stand in no secret, and to learn that the pattern
    /// need not be compiled.
    pub(super) fn may_match(&self, text: &[u8]) -> bool {
        let (start, end) = self.program;
        self.regex.get().is_some()
            || self
                .fixed
                .get_or_init(|| PROGRAMS.get(start..end).and_then(Fixed::read))
                .as_ref()
                .is_none_or(|fixed| fixed.is_in(text))
    }

    /// The pattern, compiled on first use; none if it is wrong, which a test forbids.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| {
                // ASCII classes: the tables of Unicode make a pattern eighty
                // times as dear, and no token needs them.
                RegexBuilder::new(self.pattern)
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
        let rules: Vec<Rule> = SHAPES
            .iter()
            .map(|shape| Rule {
                kind: shape.kind,
                id: shape.id,
                keywords: shape.keywords,
                pattern: shape.pattern,
                judge: shape.judge,
                program: shape.program,
                fixed: OnceLock::new(),
                regex: OnceLock::new(),
            })
            .collect();
        let mut owners = Vec::new();
        let mut keywords: Vec<&str> = Vec::new();
        for (i, rule) in rules.iter().enumerate() {
            for keyword in rule.keywords {
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
