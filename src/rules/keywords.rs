//! Finds keywords in a text: every place, in order of where they begin.
//!
//! An Aho–Corasick automaton over so many keywords takes two milliseconds to
//! build and three nanoseconds a byte, most of them waiting for the next
//! state; a table of the first three bytes takes nothing to build and lets
//! the processor look at several places at once. The session's hook has a
//! tenth of a second for everything.

use std::ops::Range;

/// Bits of the table's index: 4 KiB of flags stay in the nearest cache.
const BITS: u32 = 15;

/// Keywords, each at least three bytes long.
///
/// One in small letters is met in any case of ASCII letters, one with a
/// capital only as it is written.
#[derive(Debug)]
pub(super) struct Keywords {
    words: Vec<Word>,
    /// A flag for each slot that some word's head falls in.
    flags: Box<[u64; 1 << (BITS - 6)]>,
    /// For each slot the words there, as a stretch of `heads`.
    slots: Vec<(u16, u16)>,
    /// Heads and fourth bytes with the index of their word, by slot.
    heads: Vec<(u32, Option<u8>, u16)>,
}

#[derive(Debug)]
struct Word {
    text: Box<[u8]>,
    /// It is met only as it is written.
    exact: bool,
}

/// The bit that tells small letters from capitals, in each of three bytes.
const CASE: u32 = 0x20_2020;

/// The first three bytes, without regard to case, as a number.
fn head(a: u8, b: u8, c: u8) -> u32 {
    u32::from_le_bytes([a, b, c, 0]) | CASE
}

fn slot(head: u32) -> usize {
    (head.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

impl Keywords {
    /// Takes fewer than 65,536 words; shorter ones than three bytes are never met.
    pub(super) fn new(words: &[&str]) -> Self {
        let mut heads = Vec::with_capacity(words.len());
        for (i, word) in words.iter().enumerate() {
            if let (&[a, b, c, ref rest @ ..], Ok(i)) = (word.as_bytes(), u16::try_from(i)) {
                heads.push((head(a, b, c), rest.first().map(|&b| b | 0x20), i));
            }
        }
        heads.sort_unstable_by_key(|&(head, fourth, i)| (slot(head), head, fourth, i));
        let mut flags = Box::new([0u64; 1 << (BITS - 6)]);
        let mut slots = vec![(0u16, 0u16); 1 << BITS];
        for (at, &(head, ..)) in (0u16..).zip(&heads) {
            let slot = slot(head);
            if let Some(flags) = flags.get_mut(slot >> 6) {
                *flags |= 1 << (slot & 63);
            }
            if let Some((start, end)) = slots.get_mut(slot) {
                if *end == 0 {
                    *start = at;
                }
                *end = at + 1;
            }
        }
        let words = words
            .iter()
            .map(|word| Word {
                text: word.as_bytes().into(),
                exact: word.contains(|c: char| c.is_ascii_uppercase()),
            })
            .collect();
        Self {
            words,
            flags,
            slots,
            heads,
        }
    }

    /// Calls `hit` with each keyword's index and place, overlapping ones too.
    pub(super) fn each(&self, text: &str, mut hit: impl FnMut(usize, Range<usize>)) {
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
    }

    #[inline(never)]
    fn compare(
        &self,
        bytes: &[u8],
        at: usize,
        head: u32,
        hit: &mut impl FnMut(usize, Range<usize>),
    ) {
        let (start, end) = self.slots.get(slot(head)).copied().unwrap_or_default();
        let heads = self.heads.get(usize::from(start)..usize::from(end));
        let next = bytes.get(at + 3).map(|&b| b | 0x20);
        for &(other, fourth, i) in heads.unwrap_or_default() {
            if other != head || (fourth.is_some() && fourth != next) {
                continue;
            }
            let i = usize::from(i);
            let Some(word) = self.words.get(i) else {
                continue;
            };
            let range = at..at + word.text.len();
            let Some(written) = bytes.get(range.clone()) else {
                continue;
            };
            let same = if word.exact {
                *written == *word.text
            } else {
                written.eq_ignore_ascii_case(&word.text)
            };
            if same {
                hit(i, range);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], text: &str, want: &[(usize, usize)]) {
        let words = Keywords::new(words);
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
    }
}
