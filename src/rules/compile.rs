//! Pattern → regex, in two forms that find the same.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::backtrack::{BoundedBacktracker, Cache};
use regex_automata::util::captures::Captures;
use regex_automata::util::primitives::PatternID;
use regex_automata::{Anchored, Input, Span};
use regex_syntax::hir::Hir;

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
/// The most places in a text at which a match is tried one by one.
const PLACES: usize = 16;

thread_local! {
    /// What the backtracker notes while it searches.
    static CACHE: RefCell<Option<Cache>> = const { RefCell::new(None) };
}

/// A compiled pattern, in two forms that find the same.
///
/// Most patterns see a few lines in a run and then no more. For those, building the
/// automata that make a search of long texts fast costs many times what the search
/// does, so they are built at the first text that is long, or when many were searched.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Searched by backtracking, bounded by the text times the pattern.
    near: BoundedBacktracker,
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
        let groups = self.near.get_nfa().group_info();
        groups.pattern_names(PatternID::ZERO).flatten()
    }

    /// True if it matches an empty text somewhere.
    pub(super) fn may_be_empty(&self) -> bool {
        parse(&self.pattern, self.ignore_case)
            .is_ok_and(|syntax| syntax.properties().minimum_len() == Some(0))
    }

    /// The first match in `text` that begins at `at` or later; what stands before stays
    /// visible, so that `^` and `\b` know what precedes.
    pub(super) fn captures_at(&self, text: &[u8], at: usize) -> Option<Found> {
        let length = text.len().checked_sub(at)?;
        let near = length <= NEAR_BYTES.min(self.near.max_haystack_len())
            && length.saturating_mul(self.near.get_nfa().states().len()) <= self.near_steps
            && self.searched.fetch_add(1, Ordering::Relaxed) < NEAR_TEXTS;
        if near {
            return CACHE.with_borrow_mut(|cache| {
                let cache = cache.get_or_insert_with(|| self.near.create_cache());
                cache.reset(&self.near);
                self.first(text, at, self.near.create_captures(), |input, captures| {
                    // Fails on a text that is too long, and this one is not.
                    _ = self.near.try_captures(cache, input, captures);
                })
            });
        }
        let far = self.far.get_or_init(|| self.far()).as_ref()?;
        self.first(text, at, far.create_captures(), |input, captures| {
            far.search_captures(&input, captures);
        })
    }

    /// How many states its automaton has.
    pub(super) fn states(&self) -> u64 {
        self.near.get_nfa().states().len() as u64
    }

    /// Whether a search looks at each byte about once, whatever the text: if all that its states can be in together are
    /// few enough to be known.
    pub(super) fn is_quick(&self) -> bool {
        *self.quick.get_or_init(|| {
            let of_letters = parse(&self.pattern, self.ignore_case)
                .is_ok_and(|syntax| syntax.properties().look_set().contains_word_unicode());
            !of_letters && quick::has_few_states(self.near.get_nfa())
        })
    }

    fn first(
        &self,
        text: &[u8],
        at: usize,
        mut captures: Captures,
        mut search: impl FnMut(Input<'_>, &mut Captures),
    ) -> Option<Found> {
        let rest = text.get(at..)?;
        let input = Input::new(text).range(at..);
        // A search that need not look for its beginning ends at the first byte that does not fit.
        let starts = || memchr::memchr2_iter(b'\n', b'\r', rest).map(|end| at + end + 1);
        if !self.at_line_start || starts().nth(PLACES).is_some() {
            search(input, &mut captures);
            return captures.is_match().then_some(Found(captures));
        }
        for start in std::iter::once(at).chain(starts()) {
            let here = input.clone().range(start..).anchored(Anchored::Yes);
            search(here, &mut captures);
            if captures.is_match() {
                return Some(Found(captures));
            }
        }
        None
    }

    /// None if it is over a limit even without automata, which `near` is not.
    fn far(&self) -> Option<Regex> {
        let syntax = parse(&self.pattern, self.ignore_case).ok()?;
        build(&syntax, true).or_else(|| build(&syntax, false))
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

/// Compiles a pattern, as [`parse`] reads it.
///
/// # Errors
///
/// What is wrong with the pattern, in one line.
pub(super) fn compile(pattern: &str, ignore_case: bool) -> Result<Pattern, String> {
    let syntax = parse(pattern, ignore_case)?;
    let begins_line = begins_line(&syntax);
    let nfa = automaton(&syntax)?;
    of(pattern, ignore_case, begins_line, nfa, STRANGERS_STEPS)
}

/// A built-in pattern, of which the build compiled the near form.
pub(super) fn compiled(
    pattern: &str,
    ignore_case: bool,
    begins_line: bool,
    program: &[u8],
) -> Result<Pattern, String> {
    match program::read(program) {
        Some(nfa) => of(pattern, ignore_case, begins_line, nfa, usize::MAX),
        None => compile(pattern, ignore_case),
    }
}

fn of(
    pattern: &str,
    ignore_case: bool,
    at_line_start: bool,
    nfa: NFA,
    near_steps: usize,
) -> Result<Pattern, String> {
    Ok(Pattern {
        near: BoundedBacktracker::new_from_nfa(nfa).map_err(|error| error.to_string())?,
        far: OnceLock::new(),
        searched: AtomicU32::new(0),
        pattern: pattern.into(),
        ignore_case,
        at_line_start,
        near_steps,
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
