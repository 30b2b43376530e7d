//! Finds keywords in a text: every place, in order of where they begin.
//!
//! An Aho–Corasick automaton over so many keywords takes two milliseconds to
//! build and three nanoseconds a byte, most of them waiting for the next
//! state; a table of the first three bytes takes next to nothing to build and
//! lets the processor look at several places at once. The session's hook has
//! a tenth of a second for everything.

use std::ops::Range;

/// Bits of the table's index: 4 KiB of flags stay in the nearest cache.
const BITS: u32 = 15;

/// Slots that share one entry of [`Keywords::groups`], as a power of two.
const GROUP: u32 = 5;

/// Keywords, each at least two bytes long.
#[derive(Debug)]
pub(crate) struct Keywords {
    words: Vec<Word>,
    /// A flag for each slot that some word's head falls in.
    flags: Box<[u64; 1 << (BITS - 6)]>,
    /// For each group of slots the words there, as a stretch of `heads`.
    groups: Vec<(u32, u32)>,
    /// Heads and fourth bytes with the index of their word, by slot.
    heads: Vec<(u32, Option<u8>, usize)>,
    /// The words of two bytes, and which: a handful, with a flag for each third byte.
    short: Vec<(u32, usize)>,
}

#[derive(Debug)]
struct Word {
    text: Box<[u8]>,
    /// It is met only as it is written, else in any case of ASCII letters.
    exact: bool,
}

/// The bit that tells small letters from capitals, in each of three bytes.
const CASE: u32 = 0x20_2020;
/// The first two of them.
const TWO: u32 = 0xffff;

/// The first three bytes, without regard to case, as a number.
fn head(a: u8, b: u8, c: u8) -> u32 {
    u32::from_le_bytes([a, b, c, 0]) | CASE
}

fn slot(head: u32) -> usize {
    (head.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

impl Keywords {
    /// Takes words, each with whether it is met only as it is written; one of a single byte is never met.
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = (&'w str, bool)>) -> Self {
        let words: Vec<Word> = words
            .into_iter()
            .map(|(word, exact)| Word {
                text: word.as_bytes().into(),
                exact,
            })
            .collect();
        let mut flags = Box::new([0u64; 1 << (BITS - 6)]);
        let mut flag = |head: u32| {
            let slot = slot(head);
            flags[slot >> 6] |= 1 << (slot & 63);
        };
        let (mut heads, mut short) = (Vec::with_capacity(words.len()), Vec::new());
        for (i, word) in words.iter().enumerate() {
            match *word.text {
                [a, b, c, ref rest @ ..] => {
                    flag(head(a, b, c));
                    heads.push((head(a, b, c), rest.first().map(|&b| b | 0x20), i));
                }
                [a, b] => {
                    (0..=u8::MAX).for_each(|any| flag(head(a, b, any)));
                    short.push((head(a, b, 0) & TWO, i));
                }
                _ => {}
            }
        }
        heads.sort_unstable_by_key(|&(head, fourth, i)| (slot(head), head, fourth, i));
        let mut groups = vec![(0u32, 0u32); 1 << (BITS - GROUP)];
        for (at, &(head, ..)) in (0u32..).zip(&heads) {
            if let Some((start, end)) = groups.get_mut(slot(head) >> GROUP) {
                if *end == 0 {
                    *start = at;
                }
                *end = at + 1;
            }
        }
        Self {
            words,
            flags,
            groups,
            heads,
            short,
        }
    }

    /// Calls `hit` with each keyword's index and place, overlapping ones too.
    pub(crate) fn each(&self, text: &str, mut hit: impl FnMut(usize, Range<usize>)) {
        let bytes = text.as_bytes();
        let mut look = |at: usize, head: u32| {
            let slot = slot(head);
            if self.flags[slot >> 6] >> (slot & 63) & 1 == 1 {
                self.compare(bytes, at, head, &mut hit);
            }
        };
        // Four bytes are read at once, and of those three are taken.
        for (at, window) in bytes.windows(4).enumerate() {
            if let &[a, b, c, d] = window {
                look(at, u32::from_le_bytes([a, b, c, d]) & 0xff_ffff | CASE);
            }
        }
        if let Some(&[a, b, c]) = bytes.last_chunk() {
            look(bytes.len() - 3, head(a, b, c));
        }
        if let Some(&[a, b]) = bytes.last_chunk() {
            self.compare_short(bytes, bytes.len() - 2, head(a, b, 0), &mut hit);
        }
    }

    #[inline(never)]
    fn compare(
        &self,
        bytes: &[u8],
        at: usize,
        head: u32,
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        self.compare_short(bytes, at, head, hit);
        let group = self.groups.get(slot(head) >> GROUP);
        let (start, end) = group.copied().unwrap_or_default();
        let heads = self.heads.get(start as usize..end as usize);
        let next = bytes.get(at + 3).map(|&b| b | 0x20);
        for &(other, fourth, i) in heads.unwrap_or_default() {
            if other == head && (fourth.is_none() || fourth == next) {
                self.word(bytes, at, i, hit);
            }
        }
    }

    fn compare_short(
        &self,
        bytes: &[u8],
        at: usize,
        head: u32,
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        for &(two, i) in &self.short {
            if two == head & TWO {
                self.word(bytes, at, i, hit);
            }
        }
    }

    /// Tells of a word, if it is the one that stands at `at`.
    fn word(
        &self,
        bytes: &[u8],
        at: usize,
        index: usize,
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        let Some(word) = self.words.get(index) else {
            return;
        };
        let range = at..at + word.text.len();
        let is_there = bytes.get(range.clone()).is_some_and(|written| {
            if word.exact {
                *written == *word.text
            } else {
                written.eq_ignore_ascii_case(&word.text)
            }
        });
        if is_there {
            hit(index, range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// A word in small letters is met in any case of letters.
    #[track_caller]
    fn check(words: &[&str], text: &str, want: &[(usize, usize)]) {
        let exact = |word: &&str| word.contains(|c: char| c.is_ascii_uppercase());
        let words = Keywords::new(words.iter().map(|word| (*word, exact(word))));
        let mut hits = Vec::new();
        words.each(text, |i, range| hits.push((i, range.start)));
        assert_eq!(hits, want);
    }

    #[test]
    fn every_place_in_order() {
        check(&["token", "ken-"], "TOKEN-token", &[(0, 0), (1, 2), (0, 6)]);
        check(&["AKIA"], "akia AKIA", &[(0, 5)]);
        check(&["password", "pass"], "pass", &[(1, 0)]);
        check(&["密码"], "密码密", &[(0, 0)]);
        check(&["abc"], "ab", &[]);
        check(&["do", "OK"], "do dOg ok OK", &[(0, 0), (0, 3), (1, 10)]);
        check(&["ab"], "ab", &[(0, 0)]);
        check(&["ab", "abc"], "xabc", &[(0, 1), (1, 1)]);
        check(&["a"], "aaa", &[]);
    }

    proptest! {
        /// What is found is what a plain search finds.
        #[test]
        fn nothing_is_passed_over(
            words in prop::collection::vec(("[abA@`é]{2,5}", any::<bool>()), 1..12),
            text in "[abA@`é]{0,40}",
        ) {
            let found = {
                let mut found = Vec::new();
                let given = words.iter().map(|(word, exact)| (word.as_str(), *exact));
                Keywords::new(given).each(&text, |i, range| found.push((range.start, i)));
                prop_assert!(found.is_sorted_by_key(|(at, _)| *at));
                found.sort_unstable();
                found
            };
            let is_at = |at: usize, word: &str, exact: bool| {
                text.as_bytes().get(at..at + word.len()).is_some_and(|written| match exact {
                    true => written == word.as_bytes(),
                    false => written.eq_ignore_ascii_case(word.as_bytes()),
                })
            };
            let mut expected = Vec::new();
            for at in 0..text.len() {
                for (i, (word, exact)) in words.iter().enumerate() {
                    if is_at(at, word, *exact) {
                        expected.push((at, i));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
