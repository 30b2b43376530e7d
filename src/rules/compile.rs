//! Pattern → regex, in two forms that find the same.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::{Input, Span};
use regex_syntax::hir::Hir;

use super::machine::{Groups, Machine};
use super::needed::{Words, needed};
pub(super) use super::syntax::{AFTER_PREFIX, NESTING, with_prefix};
use super::syntax::{COMPILED_BYTES, automaton, begins_line, parse};
use super::{program, quick};

/// Bytes of a pattern as it is written.
pub(super) const PATTERN_BYTES: usize = 4096;
/// Bytes of the cache that a lazily built automaton may take.
const CACHE_BYTES: usize = 2 << 20;

/// The longest text, in bytes, that the quickly compiled form of a pattern searches.
const NEAR_BYTES: usize = 1024;

/// The number of texts that it searches; after so many, the other form is worth building.
const NEAR_TEXTS: u32 = 64;
/// The most steps of such a search by a pattern that is not built in: of [`NEAR_TEXTS`] searches, some milliseconds.
const STRANGERS_STEPS: usize = 100_000;
/// What the build made of a built-in pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Built {
    /// Whether every match begins where a line does.
    pub(super) begins_line: bool,
    /// See [`needed`].
    pub(super) needed: &'static [&'static [&'static [u8]]],
    /// See [`program::write`].
    pub(super) program: &'static [u8],
}

/// A compiled pattern, in two forms that find the same.
///
/// Most patterns see a few lines in a run and then no more. For those, building the
/// automata that make a search of long texts fast costs many times what the search
/// does, so they are built at the first text that is long, or when many were searched.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What a match must have.
    needed: Vec<Words>,
    /// Searched by backtracking, bounded by the text times the pattern.
    near: Machine,
    /// Searched by an automaton.
    far: OnceLock<Option<Regex>>,
    /// How many texts `near` searched.
    searched: AtomicU32,
    /// As it is written.
    pattern: Box<str>,
    ignore_case: bool,
    /// True if every match begins where a line does.
    at_line_start: bool,
    /// The most steps of a search by backtracking.
    near_steps: usize,
    quick: OnceLock<bool>,
}

impl Pattern {
    /// The names of its groups, in order.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.near.groups()
    }

    /// True if it matches an empty text somewhere.
    pub(super) fn may_be_empty(&self) -> bool {
        parse(&self.pattern, self.ignore_case)
            .is_ok_and(|syntax| syntax.properties().minimum_len() == Some(0))
    }

    /// The first match in `text` that begins at `at` or later; what stands before stays
    /// visible, so that `^` and `\b` know what precedes.
    pub(super) fn captures_at(&self, text: &[u8], at: usize) -> Option<Found> {
        let rest = text.get(at..)?;
        if !self.needed.iter().all(|words| words.any_in(rest)) {
            return None;
        }
        let near = rest.len() <= NEAR_BYTES
            && self.near.takes(rest.len())
            && rest.len().saturating_mul(self.near.states()) <= self.near_steps
            && self.searched.fetch_add(1, Ordering::Relaxed) < NEAR_TEXTS;
        if near {
            let found = if self.at_line_start {
                let ends = memchr::memchr2_iter(b'\n', b'\r', rest);
                let starts = std::iter::once(at).chain(ends.map(|end| at + end + 1));
                self.near.search(text, at, starts)
            } else {
                self.near.search(text, at, at..=text.len())
            };
            return found.map(Found);
        }
        let far = self.far.get_or_init(|| self.far()).as_ref()?;
        let mut captures = far.create_captures();
        far.search_captures(&Input::new(text).range(at..), &mut captures);
        let places = captures.iter();
        let places = places.flat_map(|group| [group.map(|it| it.start), group.map(|it| it.end)]);
        captures.is_match().then(|| {
            Found(Groups {
                names: Arc::clone(self.near.names()),
                places: places.collect(),
            })
        })
    }

    /// How many states its automaton has.
    pub(super) fn states(&self) -> u64 {
        self.near.states() as u64
    }

    /// Whether a search looks at each byte about once, whatever the text: if all that its states can be in together are
    /// few enough to be known.
    pub(super) fn is_quick(&self) -> bool {
        *self.quick.get_or_init(|| {
            let Ok(syntax) = parse(&self.pattern, self.ignore_case) else {
                return false;
            };
            let of_letters = syntax.properties().look_set().contains_word_unicode();
            !of_letters
                && automaton(&syntax).is_ok_and(|automaton| quick::has_few_states(&automaton))
        })
    }

    /// None if it is over a limit even without automata, which `near` is not.
    fn far(&self) -> Option<Regex> {
        let syntax = parse(&self.pattern, self.ignore_case).ok()?;
        build(&syntax, true).or_else(|| build(&syntax, false))
    }
}

/// A match of a pattern.
#[derive(Debug)]
pub(super) struct Found(Groups);

impl Found {
    /// The whole match.
    pub(super) fn whole(&self) -> Option<Span> {
        self.group(0)
    }

    /// The group of that name, if it exists and took part.
    pub(super) fn name(&self, name: &str) -> Option<Span> {
        let group = self.0.names.iter().position(|known| **known == *name)?;
        // The whole match has no name.
        self.group(group).filter(|_| group > 0)
    }

    fn group(&self, group: usize) -> Option<Span> {
        match self.0.places.get(2 * group..2 * group + 2) {
            Some(&[Some(start), Some(end)]) => Some(Span { start, end }),
            _ => None,
        }
    }
}

/// Compiles a pattern, as [`parse`] reads it.
///
/// # Errors
///
/// What is wrong with the pattern, in one line.
pub(super) fn compile(pattern: &str, ignore_case: bool) -> Result<Pattern, String> {
    let syntax = parse(pattern, ignore_case)?;
    let program = program::write(&automaton(&syntax)?);
    let near = program.and_then(|program| Machine::read(&program));
    let needed = needed(&syntax);
    let needed = needed
        .iter()
        .map(|set| Words::new(set.iter().map(|word| &**word)));
    Ok(Pattern {
        needed: needed.collect(),
        near: near.ok_or("a pattern of a kind that is not known")?,
        far: OnceLock::new(),
        searched: AtomicU32::new(0),
        pattern: pattern.into(),
        ignore_case,
        at_line_start: begins_line(&syntax),
        near_steps: STRANGERS_STEPS,
        quick: OnceLock::new(),
    })
}

/// A built-in pattern, of which the build compiled the near form.
pub(super) fn compiled(pattern: &str, ignore_case: bool, built: Built) -> Result<Pattern, String> {
    let Some(near) = Machine::read(built.program) else {
        return compile(pattern, ignore_case);
    };
    let needed = built.needed.iter();
    Ok(Pattern {
        needed: needed.map(|set| Words::new(set.iter().copied())).collect(),
        near,
        far: OnceLock::new(),
        searched: AtomicU32::new(0),
        pattern: pattern.into(),
        ignore_case,
        at_line_start: built.begins_line,
        near_steps: usize::MAX,
        quick: OnceLock::new(),
    })
}

fn build(syntax: &Hir, automaton: bool) -> Option<Regex> {
    let config = Regex::config()
        .utf8_empty(false)
        .nfa_size_limit(Some(COMPILED_BYTES))
        .hybrid(automaton)
        .hybrid_cache_capacity(CACHE_BYTES)
        .dfa(automaton);
    Regex::builder()
        .configure(config)
        .build_from_hir(syntax)
        .ok()
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
        "x(?:aba|bab)b*",
        "(?:aab|bxa|bbb+x)a?$",
        "(?:(?<what>a|xb)*b){2}|xxx",
        "(?:a?b?)*x",
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
                let plain = pattern.far().expect("a small pattern");
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
