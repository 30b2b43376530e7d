//! Scanning: one automaton over the keywords of a scope, then the patterns of the candidates.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Hit, Rule, Scope};

/// A longer line is seen in a window of this many bytes around the keyword: `find_iter` is not linear in its length.
const WINDOW: usize = 16 << 10;
/// Hits of one rule in one text; beyond them the text says nothing new.
const HITS: usize = 1_000;

/// The automata, one for each scope, built when a scope is first scanned.
#[derive(Debug)]
pub(super) struct Automata {
    scopes: BTreeMap<Scope, OnceLock<Automaton>>,
}

#[derive(Debug)]
struct Automaton {
    /// None without keywords.
    words: Option<AhoCorasick>,
    /// For each keyword, the rules that have it, ascending.
    rules: Vec<Vec<usize>>,
}

impl Automaton {
    fn new(rules: &[Rule], scope: Scope) -> Self {
        let mut by_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            if rule.scopes.iter().any(|(own, _)| *own == scope) {
                for word in &rule.keywords {
                    by_word
                        .entry(word.to_ascii_lowercase())
                        .or_default()
                        .push(index);
                }
            }
        }
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // A DFA takes ten times as long to build, which a log of some megabytes does not give back.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(by_word.keys())
            .ok()
            .filter(|_| !by_word.is_empty());
        Self {
            words,
            rules: by_word.into_values().collect(),
        }
    }
}

impl Automata {
    pub(super) fn new(_rules: &[Rule]) -> Self {
        Self {
            scopes: Scope::ALL
                .into_iter()
                .map(|scope| (scope, OnceLock::new()))
                .collect(),
        }
    }

    pub(super) fn scan<'r, 't>(
        &self,
        rules: &'r [Rule],
        scope: Scope,
        tool: Option<&str>,
        text: &'t str,
        hit: &mut impl FnMut(Hit<'r, 't>),
    ) {
        let Some(automaton) = self
            .scopes
            .get(&scope)
            .map(|cell| cell.get_or_init(|| Automaton::new(rules, scope)))
        else {
            return;
        };
        let Some(words) = &automaton.words else {
            return;
        };
        // Candidates: the line a keyword stands on, and the rule.
        let mut candidates: Vec<(usize, usize, usize)> = Vec::new();
        let mut lines = Lines::new(text);
        for found in words.find_overlapping_iter(text) {
            let (line, start) = lines.of(found.start());
            for &rule in &automaton.rules[found.pattern().as_usize()] {
                candidates.push((
                    line,
                    rule,
                    if found.start() - start > WINDOW / 2 {
                        found.start()
                    } else {
                        start
                    },
                ));
            }
        }
        candidates.sort_unstable();
        candidates.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1) && a.2 == b.2);
        let mut hits: BTreeMap<usize, usize> = BTreeMap::new();
        let mut last: BTreeMap<usize, usize> = BTreeMap::new();
        for (line, index, near) in candidates {
            let rule = &rules[index];
            let count = hits.entry(index).or_default();
            if *count >= HITS || !rule.looks_at(scope, tool) {
                continue;
            }
            let Some(regex) = rule.regex() else { continue };
            let end_of_last = last.get(&index).copied().unwrap_or(0);
            let (start, end) = window(text, near, rule.lines);
            let Some(window) = text.get(start..end) else {
                continue;
            };
            for captures in regex.captures_iter(window) {
                let Some(found) = captures.get(0).filter(|found| !found.is_empty()) else {
                    continue;
                };
                if start + found.start() < end_of_last {
                    continue;
                }
                last.insert(index, start + found.end());
                *count += 1;
                let begins = line.saturating_sub(
                    window[..near.saturating_sub(start).min(window.len())]
                        .matches('\n')
                        .count(),
                ) + window[..found.start()].matches('\n').count();
                hit(Hit {
                    rule,
                    line: begins,
                    captures,
                });
                if *count >= HITS {
                    break;
                }
            }
        }
    }
}

/// The lines that a match of a rule with `lines` lines may lie on, around the byte `near`, bounded.
fn window(text: &str, near: usize, lines: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut start = near;
    for step in 0..lines {
        let from = if step == 0 {
            start
        } else {
            start.saturating_sub(1)
        };
        start = memchr::memrchr(b'\n', &bytes[..from]).map_or(0, |at| at + 1);
        if near - start > WINDOW / 2 {
            start = near - WINDOW / 2;
            break;
        }
    }
    let mut end = near;
    for _ in 0..lines {
        end = memchr::memchr(b'\n', &bytes[end.min(bytes.len())..])
            .map_or(bytes.len(), |at| end + at + 1);
        if end - near > WINDOW / 2 {
            end = near + WINDOW / 2;
            break;
        }
    }
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    end = end.min(bytes.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // The last line end is not part of the last line.
    if end > start && bytes[end - 1] == b'\n' {
        end -= 1;
    }
    (start, end)
}

/// Counts lines up to ascending positions.
struct Lines<'t> {
    bytes: &'t [u8],
    line: usize,
    start: usize,
    seen: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            line: 0,
            start: 0,
            seen: 0,
        }
    }

    /// The line of the byte `at`, from zero, and where it starts.
    fn of(&mut self, at: usize) -> (usize, usize) {
        if at < self.start {
            // Overlapping matches are ordered by their end: one may begin on an earlier line.
            let start = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |at| at + 1);
            let back = memchr::memchr_iter(b'\n', &self.bytes[start..self.start]).count();
            return (self.line - back, start);
        }
        if at > self.seen {
            for end in memchr::memchr_iter(b'\n', &self.bytes[self.seen..at]) {
                self.line += 1;
                self.start = self.seen + end + 1;
            }
            self.seen = at;
        }
        (self.line, self.start)
    }
}
