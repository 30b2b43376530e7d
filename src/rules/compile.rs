//! Pattern → regex, within limits that hold for a stranger's pattern too.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::util::primitives::PatternID;
use regex_automata::{Anchored, Input, Span};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

/// Bytes of a pattern as it is written.
pub(super) const PATTERN_BYTES: usize = 4096;
/// Bytes of a compiled pattern: `\w{1000}` with Unicode classes is over it.
const COMPILED_BYTES: usize = 1 << 20;
/// Bytes of the cache that a lazily built automaton may take.
const CACHE_BYTES: usize = 2 << 20;
/// How deep groups, classes and repetitions may stand in each other.
pub(super) const NESTING: u32 = 50;

/// What may stand before a line when several programs print into one log: mise's `[task] `, the
/// job, step and time of a CI log, a container's `web-1  | `, `package:task: `, `package task: `, `step – `.
const PREFIX: &str = r"(?-u:\[[^\]\s]+\] +|(?:[^\t\n]+\t){2}|\d{4}-\d\d-\d\dT[\d:.]+Z |[\w.-]+ +\| |@?[\w./-]+:\w[\w:-]*: |[\w./@-]+ \w[\w:-]*: | *[\w-]+ – )*";

/// The group that holds the match without the prefix.
pub(super) const AFTER_PREFIX: &str = "after_prefix";

/// The pattern for lines that may have a prefix; it begins with `^`.
pub(super) fn with_prefix(pattern: &str) -> String {
    let rest = pattern.strip_prefix('^').unwrap_or(pattern);
    format!("^{PREFIX}(?<{AFTER_PREFIX}>{rest})")
}

/// The longest text, in bytes, that the quickly compiled form of a pattern searches.
const NEAR_BYTES: usize = 1024;

/// The number of texts that it searches; after so many, the other form is worth building.
const NEAR_TEXTS: u32 = 64;
/// The most places in a text at which a match is tried one by one.
const PLACES: usize = 16;

/// A compiled pattern, in two forms that find the same.
///
/// Most patterns see a few lines in a run and then no more. For those, building the
/// automata that make a search of long texts fast costs many times what the search
/// does, so they are built at the first text that is long, or when many were searched.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Searched by backtracking, bounded by the text times the pattern.
    near: Regex,
    /// Searched by an automaton; none if it is over a limit that `near` is below.
    far: OnceLock<Option<Regex>>,
    /// How many texts `near` searched.
    searched: AtomicU32,
    syntax: Hir,
    /// True if every match begins where a line does.
    at_line_start: bool,
}

impl Pattern {
    /// The names of its groups, in order.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let groups = self.near.group_info();
        groups.pattern_names(PatternID::ZERO).flatten()
    }

    /// True if it matches an empty text somewhere.
    pub(super) fn may_be_empty(&self) -> bool {
        self.syntax.properties().minimum_len() == Some(0)
    }

    /// The first match in `text` that begins at `at` or later; what stands before stays
    /// visible, so that `^` and `\b` know what precedes.
    pub(super) fn captures_at(&self, text: &[u8], at: usize) -> Option<Found> {
        let rest = text.get(at..)?;
        let near =
            rest.len() <= NEAR_BYTES && self.searched.fetch_add(1, Ordering::Relaxed) < NEAR_TEXTS;
        let regex = match near {
            true => &self.near,
            false => self
                .far
                .get_or_init(|| build(&self.syntax, true).ok())
                .as_ref()
                .unwrap_or(&self.near),
        };
        let mut captures = regex.create_captures();
        let input = Input::new(text).range(at..);
        // A search that need not look for its beginning ends at the first byte that does not fit.
        let starts = || memchr::memchr2_iter(b'\n', b'\r', rest).map(|end| at + end + 1);
        if !self.at_line_start || starts().nth(PLACES).is_some() {
            regex.search_captures(&input, &mut captures);
            return captures.is_match().then_some(Found(captures));
        }
        for start in std::iter::once(at).chain(starts()) {
            let here = input.clone().range(start..).anchored(Anchored::Yes);
            regex.search_captures(&here, &mut captures);
            if captures.is_match() {
                return Some(Found(captures));
            }
        }
        None
    }
}

/// A match of a pattern.
#[derive(Debug)]
pub(super) struct Found(Captures);

impl Found {
    /// The whole match.
    pub(super) fn whole(&self) -> Option<Span> {
        self.0.get_match().map(|found| found.span())
    }

    /// The group of that name, if it exists and took part.
    pub(super) fn name(&self, name: &str) -> Option<Span> {
        self.0.get_group_by_name(name)
    }
}

/// Compiles a pattern: `^` and `$` stand for the ends of a line, a line may end in `\r\n`,
/// and `\w`, `\d`, `\s` and `\b` know ASCII alone.
///
/// A pattern that needs Unicode, as for `[✓✗]` or `\p{L}`, is compiled with it instead.
///
/// # Errors
///
/// What is wrong with the pattern, in one line.
pub(super) fn compile(pattern: &str, ignore_case: bool) -> Result<Pattern, String> {
    form(pattern, ignore_case, false).or_else(|_| form(pattern, ignore_case, true))
}

fn form(pattern: &str, ignore_case: bool, unicode: bool) -> Result<Pattern, String> {
    let syntax = ParserBuilder::new()
        .unicode(unicode)
        .utf8(false)
        .multi_line(true)
        .crlf(true)
        .case_insensitive(ignore_case)
        .nest_limit(NESTING)
        .build()
        .parse(pattern)
        // The message draws the pattern over several lines; its last line says what is wrong.
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        })?;
    let near = build(&syntax, false)?;
    let first = syntax.properties().look_set_prefix();
    Ok(Pattern {
        near,
        far: OnceLock::new(),
        searched: AtomicU32::new(0),
        at_line_start: first.contains(Look::StartCRLF) || first.contains(Look::Start),
        syntax,
    })
}

fn build(syntax: &Hir, automaton: bool) -> Result<Regex, String> {
    let config = Regex::config()
        .utf8_empty(false)
        .nfa_size_limit(Some(COMPILED_BYTES))
        .hybrid(automaton)
        .hybrid_cache_capacity(CACHE_BYTES)
        .dfa(automaton);
    Regex::builder()
        .configure(config)
        .build_from_hir(syntax)
        .map_err(|error| match error.size_limit() {
            Some(limit) => {
                format!("too large when compiled, over {limit} bytes; use smaller counts in {{…}}")
            }
            None => error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[&str] = &[
        "^(?<what>a+b)",
        "^a*$",
        "(?:^|x)b",
        r"\Aab|^b",
        "b.*a$",
        r"\bab\b",
        "^a|^b+x",
    ];

    proptest! {
        /// Where a match may begin, and by which form it is found, is a matter of time alone.
        #[test]
        fn every_way_finds_the_same(
            text in "[abx \r\n]{0,60}",
            long in any::<bool>(),
            at in 0usize..60,
            prefixed in any::<bool>(),
        ) {
            let text = if long { text.repeat(40) } else { text };
            let at = at.min(text.len());
            for &pattern in PATTERNS {
                let pattern = if prefixed { with_prefix(pattern) } else { pattern.to_owned() };
                let pattern = compile(&pattern, false).expect("a sound pattern");
                let plain = build(&pattern.syntax, true).expect("a small pattern");
                let input = Input::new(text.as_bytes()).range(at..);
                let mut expected = plain.create_captures();
                plain.search_captures(&input, &mut expected);
                // The first texts go one way, the later ones the other.
                for _ in 0..=NEAR_TEXTS {
                    let found = pattern.captures_at(text.as_bytes(), at);
                    let whole = found.as_ref().and_then(Found::whole);
                    prop_assert_eq!(whole, expected.get_match().map(|found| found.span()));
                    let group = found.as_ref().and_then(|found| found.name("what"));
                    prop_assert_eq!(group, expected.get_group_by_name("what"));
                }
            }
        }
    }
}
