//! What a match must have: words of which one stands in whatever the pattern matches.
//!
//! A keyword brings many lines to a pattern that it does not match. Most of them lack something else that it asks for, and
//! to look for that takes a hundredth of what it takes to try the pattern. Used by the build script as well.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Ways to write one thing beyond which it is no thing to look for.
const MOST: usize = 24;
/// Letters of a word that is worth looking for.
const LEAST: usize = 3;
/// Sets of words that are looked for.
const SETS: usize = 2;

/// For each of some sets of words, in small letters: a match has one of them, in any case of ASCII letters.
pub(super) fn needed(syntax: &Hir) -> Vec<Vec<Vec<u8>>> {
    let mut sets = Vec::new();
    collect(syntax, &mut sets);
    sets.sort_by_key(|set| std::cmp::Reverse(worth(set)));
    let mut chosen: Vec<Vec<Vec<u8>>> = Vec::new();
    for set in sets {
        let is_new = !chosen.iter().any(|known| is_in(&set, known));
        if is_new && chosen.len() < SETS {
            chosen.push(set);
        }
    }
    chosen
}

/// Whether where one of `known` stands, one of `set` does.
fn is_in(set: &[Vec<u8>], known: &[Vec<u8>]) -> bool {
    let has = |long: &[u8]| {
        let short = |word: &Vec<u8>| long.windows(word.len()).any(|part| *part == **word);
        set.iter().any(short)
    };
    known.iter().all(|word| has(word))
}

/// How much a set tells: its shortest word says most of it.
fn worth(set: &[Vec<u8>]) -> (usize, usize) {
    let shortest = set.iter().map(Vec::len).min().unwrap_or(0);
    (shortest.min(8), MOST - set.len().min(MOST))
}

fn is_useful(set: &[Vec<u8>]) -> bool {
    !set.is_empty() && set.len() <= MOST && set.iter().all(|word| word.len() >= LEAST)
}

/// Adds the sets of words that every match of `syntax` has one of.
fn collect(syntax: &Hir, sets: &mut Vec<Vec<Vec<u8>>>) {
    match syntax.kind() {
        HirKind::Concat(parts) => {
            // Parts that stand beside each other make longer words.
            let mut run = vec![Vec::new()];
            for part in parts {
                let whole = ways(part);
                let longer = whole.as_ref().and_then(|whole| joined(&run, whole));
                run = match longer {
                    Some(longer) => longer,
                    None => {
                        sets.extend(Some(run).filter(|run| is_useful(run)));
                        whole.unwrap_or_else(|| vec![Vec::new()])
                    }
                };
                collect(part, sets);
            }
            sets.extend(Some(run).filter(|run| is_useful(run)));
        }
        HirKind::Capture(capture) => collect(&capture.sub, sets),
        HirKind::Repetition(repetition) if repetition.min > 0 => collect(&repetition.sub, sets),
        HirKind::Alternation(parts) => {
            // One set of each way, together.
            let mut all = Vec::new();
            for part in parts {
                let mut own = Vec::new();
                collect(part, &mut own);
                own.extend(ways(part).filter(|ways| is_useful(ways)));
                match own.into_iter().max_by_key(|set| worth(set)) {
                    Some(best) => all.extend(best),
                    None => return,
                }
            }
            all.sort_unstable();
            all.dedup();
            sets.extend(Some(all).filter(|all| is_useful(all)));
        }
        _ => sets.extend(ways(syntax).filter(|ways| is_useful(ways))),
    }
}

/// All that `syntax` matches, in small letters; none if that is much, or not ASCII in more than one case.
fn ways(syntax: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut ways = match syntax.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.to_ascii_lowercase()],
        HirKind::Class(class) => letters(class)?,
        HirKind::Capture(capture) => ways(&capture.sub)?,
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                all = joined(&all, &ways(part)?)?;
            }
            all
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(ways(part)?);
            }
            all
        }
        HirKind::Repetition(repetition) if repetition.max == Some(1) => {
            let mut all = ways(&repetition.sub)?;
            all.extend((repetition.min == 0).then(Vec::new));
            all
        }
        HirKind::Repetition(_) => return None,
    };
    ways.sort_unstable();
    ways.dedup();
    (ways.len() <= MOST).then_some(ways)
}

/// The few characters of a class.
fn letters(class: &Class) -> Option<Vec<Vec<u8>>> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => {
            let ranges = class.ranges().iter();
            ranges
                .map(|it| (it.start().into(), it.end().into()))
                .collect()
        }
        Class::Unicode(class) => {
            let ranges = class.ranges().iter();
            ranges
                .map(|it| (it.start().into(), it.end().into()))
                .collect()
        }
    };
    let count: u32 = ranges.iter().map(|(start, end)| end - start + 1).sum();
    let letters = ranges.into_iter().flat_map(|(start, end)| start..=end);
    let letters = letters.map(|letter| {
        let letter = u8::try_from(letter).ok().filter(u8::is_ascii)?;
        Some(vec![letter.to_ascii_lowercase()])
    });
    if count as usize <= 2 * MOST {
        letters.collect()
    } else {
        None
    }
}

/// Each of the first with each of the second behind it, unless these are many.
fn joined(first: &[Vec<u8>], second: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    (first.len() * second.len() <= MOST).then(|| {
        let pairs = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| [&a[..], b].concat()));
        let mut all: Vec<Vec<u8>> = pairs.collect();
        all.sort_unstable();
        all.dedup();
        all
    })
}

/// A set of words of which one is looked for.
#[derive(Debug)]
pub(super) struct Words {
    words: Vec<Box<[u8]>>,
    /// For each byte, whether a word begins with it, and whether it is the second of one.
    heads: [(bool, bool); 256],
}

#[allow(dead_code, reason = "not for the build script")]
impl Words {
    /// A set out of [`needed`].
    pub(super) fn new<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Self {
        let words: Vec<Box<[u8]>> = words.into_iter().map(Box::from).collect();
        let mut heads = [(false, false); 256];
        for word in &words {
            if let &[first, second, ..] = &**word {
                for cased in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                    heads[usize::from(cased)].0 = true;
                }
                for cased in [second.to_ascii_lowercase(), second.to_ascii_uppercase()] {
                    heads[usize::from(cased)].1 = true;
                }
            }
        }
        Self { words, heads }
    }

    /// Whether one of them stands in `text`.
    pub(super) fn any_in(&self, text: &[u8]) -> bool {
        let is_at = |rest: &[u8], word: &[u8]| {
            (rest.get(..word.len())).is_some_and(|there| there.eq_ignore_ascii_case(word))
        };
        text.windows(2).enumerate().any(|(at, pair)| {
            let &[first, second] = pair else { return false };
            self.heads[usize::from(first)].0
                && self.heads[usize::from(second)].1
                && text
                    .get(at..)
                    .is_some_and(|rest| self.words.iter().any(|word| is_at(rest, word)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::parse;
    use super::*;

    #[test]
    fn what_a_match_must_have() {
        for (pattern, expected) in [
            ("error: (?<what>.+)", vec!["error: "]),
            ("(?:let me|I(?:'|’)ll) try", vec![" try"]),
            (
                r"^\s*(?:passed|failed)\b.*(\d+) tests?",
                vec!["failed|passed", " test| tests"],
            ),
            ("colou?r", vec!["color|colour"]),
            ("(?:warn|[0-9]+)", vec![]),
            ("(?:abc)?", vec![]),
            ("(?:abc)+d", vec!["abc"]),
            ("ab", vec![]),
        ] {
            let syntax = parse(pattern, true).expect("a sound pattern");
            let found = needed(&syntax).into_iter().map(|set| {
                let words = set
                    .iter()
                    .map(|word| String::from_utf8_lossy(word).into_owned());
                words.collect::<Vec<_>>().join("|")
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "{pattern}");
        }
    }

    #[test]
    fn words_are_met_in_any_case() {
        let words = Words::new([b"let me".as_slice(), b"i\xe2\x80\x99ll"]);
        for (text, met) in [
            ("Let Me see", true),
            ("so I’LL", true),
            ("let m", false),
            ("", false),
        ] {
            assert_eq!(words.any_in(text.as_bytes()), met, "{text}");
        }
    }
}
