//! Tokens that no keyword announces: a short name, a sign, and a long tail drawn by lot, as nearly every provider makes
//! them by now (`tgp_v1_…`, `xau_…`); and bot tokens of Discord, in three parts.
//!
//! Providers are more than any list has. What tells these from ids is their length: ids have up to thirty signs of
//! both cases behind their name, or hex digits only.

use std::ops::Range;

use memchr::memchr_iter;

use super::Span;
use super::value;

/// The least letters and digits in a row of a tail.
const LEAST: usize = 32;
/// The most: longer ones are data.
const MOST: usize = 200;

/// Words before a tail that is a hash, an id, or for everybody to see.
const OTHER: &[&str] = &[
    "sha1", "sha256", "sha384", "sha512", "sha", "md5", "blake3", "toolu", "msg", "req", "call",
    "resp", "rs", "fc", "run", "thread", "file", "user", "org", "pk", "pub", "public", "hash",
    "digest", "etag", "id", "session", "cache", "rev", "commit", "build", "chunk", "static",
];

/// The tokens of a name and a long tail.
///
/// A run of that many letters and digits covers one of every so many bytes, and only these are looked at.
pub(super) fn find(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = LEAST - 1;
    while let Some(b) = bytes.get(at) {
        if !b.is_ascii_alphanumeric() {
            at += LEAST;
            continue;
        }
        let head = bytes.get(..at).unwrap_or_default();
        let before = run(head.iter().rev());
        let start = at - before;
        let end = at + run(bytes.get(at..).unwrap_or_default().iter());
        if (LEAST..=MOST).contains(&(end - start))
            && let Some(range) = token(text, start..end)
        {
            found.push(Span::new(range, "token"));
        }
        at = (end + LEAST).max(at + LEAST);
    }
    found
}

fn run<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|b| b.is_ascii_alphanumeric()).count()
}

/// The token whose tail is `tail`.
fn token(text: &str, tail: Range<usize>) -> Option<Range<usize>> {
    let value = text.get(tail.clone())?;
    let has = |f: fn(&u8) -> bool| value.bytes().any(|b| f(&b));
    let mixed =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    if !mixed || !value::is_random(value) || value::is_placeholder(value) {
        return None;
    }
    let name = name_before(text.as_bytes(), tail.start)?;
    let words = text.get(name.start..tail.start)?;
    let other = words
        .split(['_', '-'])
        .any(|word| OTHER.contains(&word.to_ascii_lowercase().as_str()));
    // Behind the tail more of a longer thing may stand: base64, a path, a file's name.
    let behind = text.get(tail.end..)?;
    let goes_on = behind.starts_with(['/', '+', '=', '@'])
        || behind
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    (!other && !goes_on).then_some(name.start..tail.end)
}

/// The name that ends with a sign at `end`: up to four words of small letters, or of capitals, with digits at their ends.
fn name_before(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 40;
    let head = bytes.get(..end)?;
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'_' | b'-');
    let length = head.iter().rev().take(LONGEST + 1).take_while(part).count();
    if length > LONGEST {
        return None;
    }
    let start = end - length;
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    // In `\nabc_…` the `n` belongs to the escape.
    let start = start
        + usize::from(
            before == Some(&b'\\') && matches!(bytes.get(start), Some(b'n' | b't' | b'r')),
        );
    if matches!(before, Some(b'/' | b'+' | b'.' | b'%')) {
        return None;
    }
    let name = bytes.get(start..end)?;
    let (sign, name) = name.split_last()?;
    if !matches!(sign, b'_' | b'-') {
        return None;
    }
    let words: Vec<&[u8]> = name.split(|b| matches!(b, b'_' | b'-')).collect();
    let is_word = |word: &&[u8]| {
        let stem = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let (letters, rest) = word.split_at(stem);
        (1..=12).contains(&word.len())
            && stem > 0
            && rest.len() <= 2
            && rest.iter().all(u8::is_ascii_alphanumeric)
            && (letters.iter().all(u8::is_ascii_lowercase)
                || letters.iter().all(u8::is_ascii_uppercase))
    };
    let first = words.first()?;
    (words.len() <= 4 && first.len() >= 2 && words.iter().all(is_word)).then_some(start..end)
}

/// Bot tokens of Discord: three parts, the second of six signs.
pub(super) fn dotted(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let sign = |b: &&u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
    let mut found = Vec::new();
    for dot in memchr_iter(b'.', bytes) {
        if bytes.get(dot + 7) != Some(&b'.') {
            continue;
        }
        let head = bytes.get(..dot).unwrap_or_default();
        let middle = bytes.get(dot + 1..dot + 7).unwrap_or_default();
        let tail = bytes.get(dot + 8..).unwrap_or_default();
        let before = head.iter().rev().take(29).take_while(sign).count();
        let behind = tail.iter().take(64).take_while(sign).count();
        let start = dot - before;
        let ours = (24..=28).contains(&before)
            && (27..64).contains(&behind)
            && middle.iter().all(|b| sign(&b))
            && matches!(bytes.get(start), Some(b'M' | b'N' | b'O'));
        let range = start..dot + 8 + behind;
        if ours && text.get(range.clone()).is_some_and(value::is_random) {
            found.push(Span::new(range, "discord-token"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drawn by lot, once; nobody ever issued it.
    fn tail() -> String {
        ["q7Rk2Zp9", "Lm4Xc8Vb", "T3wYs6Nd", "H5jGf1Ae"].concat()
    }

    #[track_caller]
    fn check(text: &str, tokens: &[&str]) {
        let found: Vec<&str> = find(text).into_iter().map(|it| &text[it.range]).collect();
        assert_eq!(found, tokens, "{text}");
    }

    #[test]
    fn a_name_and_a_tail() {
        let tail = tail();
        for name in ["abc_", "os_v2_app_", "tgp-v1-", "CCDB1_", "secret_"] {
            let token = format!("{name}{tail}");
            check(&format!("it is {token}, see"), &[&token]);
            check(&format!("\\n{token}\\n"), &[&token]);
            check(&format!("X={token}"), &[&token]);
        }
    }

    #[test]
    fn what_is_another_thing() {
        let tail = tail();
        for other in [
            format!("{tail}"),
            format!("sha512-{tail}{tail}=="),
            format!("toolu_{tail}"),
            format!("pk_live_{tail}"),
            format!("/static/app-{tail}/x"),
            format!("app-{tail}.js"),
            format!("aB3xQ_{tail}"),
            format!("cache-{}", "0123456789abcdef".repeat(3)),
            "test_that_nothingIsLostWhenTheLastOf32RowsHasNoEnd".to_owned(),
        ] {
            check(&other, &[]);
        }
    }
}
