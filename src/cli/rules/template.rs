//! A line, folded: what stands still in it, and what is another each time.

use std::sync::OnceLock;

use regex::Regex;

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Words that stand still.
    Words,
    /// A number that stands by itself.
    Number,
    /// Digits within a word, as in `E0308`.
    Digits,
    /// How long something took.
    Length,
    /// A date, a time of day, or both.
    Time,
    /// A hash, an id, an address in memory.
    Hash,
    /// An address in a network.
    Url,
    /// A file or a folder.
    Path,
    /// A file with a line, perhaps with a column.
    Place,
    /// Something in quotation marks.
    Quoted,
    /// A name of code, as `TestAdd_Twice`, `addTwice` or `add::twice`.
    Name,
    /// Whatever follows.
    Rest,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
}

/// What is another each time, the more special before the more general.
const VARYING: &[(Kind, &str)] = &[
    (
        Kind::Time,
        r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b",
    ),
    (Kind::Url, r#"\b[a-z]+://[^\s"'`<>()\[\]]+"#),
    (
        Kind::Quoted,
        r#""[^"\n]*"|`[^`\n]*`|\B'[^'\n]*'\B|“[^”\n]*”"#,
    ),
    (
        Kind::Place,
        r"(?:~|\.{1,2})?[\w@+./-]*\w\.[A-Za-z]\w{0,9}:\d+(?::\d+)?\b",
    ),
    (Kind::Number, r"\b\d+/\d+\b"),
    (
        Kind::Path,
        r"(?:~|\.{1,2})?/[\w@+.*-]+(?:/[\w@+.*-]+)*/?|\b[\w@+.-]+/[\w@+.*/-]*[\w*/]|\b[\w-]+\.(?:go|rs|py|tsx?|jsx?|mjs|json|toml|ya?ml|md|java|kts?|rb|php|exs?|c|h|cc|cpp|hpp|cs|swift|sh|sql|html|css|lock|txt|log|vue|svelte|proto|tf)\b",
    ),
    (
        Kind::Hash,
        r"\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9A-Fa-f]+|[0-9a-f]{7,64})\b",
    ),
    (
        Kind::Length,
        r"\b(?:\d+(?:\.\d+)?(?:ms|µs|us|ns|s|m|h))+\b|\b\d+(?:\.\d+)? (?:ms|s|sec|secs|seconds?|minutes?)\b",
    ),
    (
        Kind::Name,
        r"\b(?:[A-Za-z]\w*_\w+|[A-Z]?[a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|[A-Za-z]\w*(?:::\w+)+)(?:/[\w-]+)*\b",
    ),
    (Kind::Number, r"\d+(?:,\d{3})*(?:\.\d+)*"),
];

fn varying() -> &'static Option<Regex> {
    static VARIES: OnceLock<Option<Regex>> = OnceLock::new();
    VARIES.get_or_init(|| {
        let groups: Vec<String> = VARYING
            .iter()
            .map(|(_, pattern)| format!("({pattern})"))
            .collect();
        Regex::new(&groups.join("|")).ok()
    })
}

/// The pieces of a line, in order; together they are the line.
pub(super) fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let found = varying().iter().flat_map(|regex| regex.captures_iter(line));
    for found in found {
        let groups = found.iter().skip(1).zip(VARYING);
        let Some((group, kind)) = groups
            .filter_map(|(group, (kind, _))| Some((group?, *kind)))
            .next()
        else {
            continue;
        };
        let Some(kind) = judged(kind, group.as_str(), line, group.start(), group.end()) else {
            continue;
        };
        let before = line.get(at..group.start()).unwrap_or_default();
        if !before.is_empty() {
            pieces.push(Piece {
                kind: Kind::Words,
                text: before,
            });
        }
        let words = Kind::Words;
        match group.as_str().split_once('/') {
            Some((of, all)) if kind == Kind::Number => {
                let ratio = [(kind, of), (words, "/"), (kind, all)];
                pieces.extend(ratio.map(|(kind, text)| Piece { kind, text }));
            }
            _ => pieces.push(Piece {
                kind,
                text: group.as_str(),
            }),
        }
        at = group.end();
    }
    let rest = line.get(at..).unwrap_or_default();
    if !rest.is_empty() {
        pieces.push(Piece {
            kind: Kind::Words,
            text: rest,
        });
    }
    pieces
}

/// What the piece is after a second look; none for words.
fn judged(kind: Kind, text: &str, line: &str, start: usize, end: usize) -> Option<Kind> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    match kind {
        Kind::Hash if !text.starts_with("0x") => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            match digits {
                // A word as `defaced`, or a number.
                0 => None,
                _ if digits == text.len() => Some(Kind::Number),
                _ => Some(Kind::Hash),
            }
        }
        // What kind of error it is stands still.
        Kind::Name
            if ["Error", "Exception", "Failure"]
                .iter()
                .any(|end| text.ends_with(end)) =>
        {
            None
        }
        Kind::Path => {
            // `and/or` is none.
            let parts = || text.split('/').filter(|part| !part.is_empty());
            let looks = text.starts_with(['/', '~', '.'])
                || text.contains('.')
                || text.ends_with('/')
                || parts().count() > 2;
            let name = || parts().next().is_some_and(is_name);
            match looks {
                true => Some(Kind::Path),
                false => name().then_some(Kind::Name),
            }
        }
        Kind::Number => {
            let before = line.get(..start).and_then(|text| text.chars().next_back());
            let after = line.get(end..).and_then(|text| text.chars().next());
            let within = before.is_some_and(|c| word(c) || c == '.') || after.is_some_and(word);
            Some(if within { Kind::Digits } else { Kind::Number })
        }
        kind => Some(kind),
    }
}

/// True for `TestAdd_Twice` and `addTwice`.
fn is_name(text: &str) -> bool {
    let humps = text.bytes().zip(text.bytes().skip(1));
    text.contains('_')
        || humps
            .into_iter()
            .any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
}

/// How a line with such a template begins, up to a colon behind two words or more: what lines have in common that then
/// say each something else.
pub(super) fn head(template: &str) -> Option<&str> {
    /// The letters of two words.
    const LETTERS: usize = 8;
    let colons = template
        .match_indices(": ")
        .map(|(at, colon)| at + colon.len());
    let mut heads = colons.filter_map(|end| template.get(..end));
    heads.find(|head| {
        let letters = head.chars().filter(|c| c.is_alphabetic()).count();
        letters >= LETTERS && head.trim_end().contains(' ') && !head.contains('<')
    })
}

/// The line with a word for each piece that varies: lines with the same are of one kind.
pub(super) fn template(pieces: &[Piece<'_>]) -> String {
    let mut out = String::new();
    let mut after = Kind::Words;
    for piece in pieces {
        let counted = std::mem::replace(&mut after, piece.kind) == Kind::Number;
        out.push_str(match piece.kind {
            Kind::Words => {
                let mut blank = false;
                let (counts, rest) = match counted {
                    true => split_count(piece.text).unwrap_or(("", piece.text)),
                    false => ("", piece.text),
                };
                if !counts.is_empty() {
                    out.push_str(counts);
                    out.push('s');
                }
                for c in rest.chars() {
                    // How wide a column is says nothing.
                    if !(c.is_whitespace() && blank) {
                        out.push(if c.is_whitespace() { ' ' } else { c });
                    }
                    blank = c.is_whitespace();
                }
                continue;
            }
            Kind::Number => "<n>",
            Kind::Digits => "<d>",
            Kind::Length => "<length>",
            Kind::Time => "<time>",
            Kind::Hash => "<hash>",
            Kind::Url => "<url>",
            Kind::Path => "<path>",
            Kind::Place => "<place>",
            Kind::Quoted => "<quoted>",
            Kind::Name => "<name>",
            Kind::Rest => "<rest>",
        });
    }
    out
}

/// What is counted, as it stands behind a number: ` failure` of ` failures, …` and of ` failure, …`, and what follows.
pub(super) fn split_count(text: &str) -> Option<(&str, &str)> {
    const COUNTED: &[&str] = &[
        "assertion",
        "check",
        "doctest",
        "error",
        "example",
        "failure",
        "file",
        "issue",
        "package",
        "problem",
        "scenario",
        "spec",
        "step",
        "suite",
        "test",
        "violation",
        "warning",
    ];
    let word = text.strip_prefix(' ')?;
    let end = word
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(word.len());
    let (word, rest) = word.split_at_checked(end)?;
    let one = word.strip_suffix('s').unwrap_or(word);
    let counts = text.get(..one.len() + 1)?;
    COUNTED.contains(&one).then_some((counts, rest))
}

/// A text as a pattern that matches it alone; runs of blanks may be of any length.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => {
                let mut tab = c == '\t';
                let mut many = false;
                while let Some(next) = chars.next_if(|next| matches!(next, ' ' | '\t')) {
                    tab |= next == '\t';
                    many = true;
                }
                out.push_str(match (tab, many) {
                    (true, _) => r"\s+",
                    (false, true) => " +",
                    (false, false) => " ",
                });
            }
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_one_kind_have_one_template() {
        let check = |line: &str, expected: &str| {
            assert_eq!(template(&pieces(line)), expected, "{line}");
        };
        check(
            "12 passed, 3 failed in 1.92s",
            "<n> passed, <n> failed in <length>",
        );
        check(
            "error[E0308]: a/b.rs:41:9: bad",
            "error[E<d>]: <place>: bad",
        );
        check("cannot open /tmp/x1/y.txt", "cannot open <path>");
        check("HEAD is now at 70d782f fix", "HEAD is now at <hash> fix");
        check("unknown key \"color\" here", "unknown key <quoted> here");
        check("don't and can't", "don't and can't");
        check("either and/or 3/4 of them", "either and/or <n>/<n> of them");
        check("2026-03-01T10:00:00Z done", "<time> done");
        check("GET https://a.b/c?d=1 gave 500", "GET <url> gave <n>");
        check("a   b\tc", "a b c");
        check("1 failure, 2 errors", "<n> failures, <n> errors");
        check(
            "--- FAIL: TestAdd_Twice/auto-commit (0.02s)",
            "--- FAIL: <name> (<length>)",
        );
        check("TypeError: bad x.y", "TypeError: bad x.y");
        check("took 3 seconds", "took <length>");
        check("version v1.2.3 of x", "version v<d> of x");
        check("Makefile:12: *** no rule", "Makefile:<n>: *** no rule");
        check("", "");
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_line(line in r#"[ a-f0-9./:'"`,%é\[\](){}-]{0,60}"#) {
            let all: String = pieces(&line).iter().map(|piece| piece.text).collect();
            prop_assert_eq!(all, line);
        }

        #[test]
        fn an_escaped_text_matches_itself(text in r"[ a-z\t.*+?()|\[\]{}^$\\/:#-]{1,40}") {
            let pattern = format!("^(?:{})$", escaped(&text));
            prop_assert!(Regex::new(&pattern).expect("a sound pattern").is_match(&text));
        }
    }
}
