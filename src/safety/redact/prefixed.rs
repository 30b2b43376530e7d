//! Tokens that no keyword announces: a short name, a sign, and a long tail drawn by lot, as nearly every provider makes
//! them by now (`tgp_v1_…`, `xau_…`); and bot tokens of Discord, in three parts.
//!
//! Providers are more than any list has. What tells these from ids is their length: ids have up to thirty signs of
//! both cases behind their name, or hex digits only. A name that says what it is, as `_live_`, needs fewer.

use std::ops::Range;

use memchr::memchr_iter;

use super::Span;
use super::value;

/// The least length of a token, its name included.
const LEAST: usize = 24;
/// The most: longer ones are data.
const MOST: usize = 260;
/// The least letters and digits of a tail.
const TAIL: usize = 30;
/// The least of one whose name says what it is.
const TOLD: usize = 20;

/// Words before a tail that is a hash, an id, or for everybody to see.
const OTHER: &[&str] = &[
    "sha1", "sha256", "sha384", "sha512", "sha", "md5", "blake3", "toolu", "msg", "req", "call",
    "chatcmpl", "resp", "rs", "fc", "run", "thread", "file", "user", "org", "pk", "pub", "public",
    "hash", "digest", "etag", "id", "session", "cache", "rev", "commit", "build", "chunk",
    "static", "nonce", "boundary", "css", "test",
];

/// Words of a name that says what follows.
const SAYS: &[&str] = &[
    "live", "prod", "secret", "private", "priv", "sk", "token", "pat", "apikey",
];

/// The tokens of a name and a long tail.
///
/// A run of that many signs covers one of every so many bytes, and only these are looked at.
pub(super) fn find(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = LEAST - 1;
    while let Some(b) = bytes.get(at) {
        if !is_part(b) {
            at += LEAST;
            continue;
        }
        let before = run(bytes.get(..at).unwrap_or_default().iter().rev());
        let start = at - before;
        let end = at + run(bytes.get(at..).unwrap_or_default().iter());
        if (LEAST..=MOST).contains(&(end - start))
            && let Some(range) = token(text, start..end)
        {
            found.push(Span::new(range, "token"));
        }
        at = end + LEAST;
    }
    found
}

fn is_part(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn run<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|b| is_part(b)).count()
}

/// The token that the run at `range` is; none if it is none.
fn token(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let run = bytes.get(range.clone())?;
    let has = |f: fn(&u8) -> bool| run.iter().any(f);
    if !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)) {
        return None;
    }
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    // In `\nabc_…` the `n` belongs to the escape.
    let escaped = before == Some(&b'\\') && matches!(run.first(), Some(b'n' | b't' | b'r'));
    let start = range.start + usize::from(escaped);
    // Around it more of a longer thing may stand: base64, a path, a file's name.
    let behind = text.get(range.end..)?;
    let goes_on = behind.starts_with(['/', '+', '@'])
        || behind
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    if goes_on || matches!(before, Some(b'/' | b'+' | b'.' | b'%' | b'@')) {
        return None;
    }
    let whole = text.get(start..range.end)?.trim_end_matches(['-', '_']);
    let (name, tail) = split(whole)?;
    let words = || name.split(['_', '-']).map(str::to_ascii_lowercase);
    if words().any(|word| OTHER.contains(&word.as_str())) {
        return None;
    }
    let told = !name.contains('-') && words().any(|word| SAYS.contains(&word.as_str()));
    let drawn: String = tail.chars().filter(char::is_ascii_alphanumeric).collect();
    let has = |f: fn(&u8) -> bool| drawn.bytes().any(|b| f(&b));
    let mixed =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    // By lot one sign in thirty is none of the letters and digits; words joined by signs have more.
    let signs = tail.len() - drawn.len();
    let long = drawn.len() >= if told { TOLD } else { TAIL };
    (mixed && long && signs * 8 <= tail.len() && value::is_random(&drawn))
        .then_some(start..start + whole.len())
        .filter(|_| !value::is_placeholder(whole))
}

/// The name at the beginning, of up to four words of small letters, or of capitals, with digits at their ends; and the rest.
fn split(whole: &str) -> Option<(&str, &str)> {
    let is_word = |word: &str| {
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        (1..=12).contains(&word.len())
            && !stem.is_empty()
            && word.len() - stem.len() <= 2
            && (stem.bytes().all(|b| b.is_ascii_lowercase())
                || stem.bytes().all(|b| b.is_ascii_uppercase()))
    };
    let mut end = 0;
    for _ in 0..4 {
        let rest = whole.get(end..)?;
        match rest.find(['_', '-']) {
            Some(at) if is_word(rest.get(..at)?) => end += at + 1,
            _ => break,
        }
    }
    let name = whole.get(..end)?.trim_end_matches(['_', '-']);
    let first = name.split(['_', '-']).next()?;
    (first.len() >= 2).then_some((name, whole.get(end..)?))
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
        let signs = tail.replacen('X', "-", 1).replacen('T', "_", 1);
        for name in ["abc_", "os_v2_app_", "tgp-v1-", "CCDB1_", "secret_"] {
            for tail in [&tail, &signs] {
                let token = format!("{name}{tail}");
                check(&format!("it is {token}, see"), &[&token]);
                check(&format!("\\n{token}\\n"), &[&token]);
                check(&format!("X={token}"), &[&token]);
            }
        }
        let token = format!("tr_prod_{}", &tail[..20]);
        check(&token, &[&token]);
    }

    #[test]
    fn what_is_another_thing() {
        let tail = tail();
        for other in [
            tail.clone(),
            format!("sha512-{tail}{tail}=="),
            format!("toolu_{tail}"),
            format!("pk_live_{tail}"),
            format!("/static/app-{tail}/x"),
            format!("app-{tail}.js"),
            format!("aB3xQ_{tail}"),
            format!("cache-{}", "0123456789abcdef".repeat(3)),
            format!("rotate-api-token-{}", &tail[..24]),
            format!("price_{}", &tail[..24]),
            "that_nothingIsLostWhenTheLastOf32RowsHasNoEnd".to_owned(),
            "Handles_FooBar1_WhenBaz2_IsQux3_AndNot_Quux4_Or5".to_owned(),
        ] {
            check(&other, &[]);
        }
    }
}
