//! Lines → the pattern that matches their like, and what its groups hold.

use std::collections::BTreeMap;

use super::template::{self, Piece, escaped};
use crate::rules::Probe;

/// What stands between a place and the message.
pub(super) const BETWEEN: [char; 4] = [':', ' ', '\t', '-'];

/// Literals, one of which is in every match of the pattern.
pub(super) fn keywords(pattern: &str) -> Vec<String> {
    let probe = Probe::new(pattern, None, false, 1);
    probe.map(|probe| probe.keywords()).unwrap_or_default()
}

/// The line without what a task runner puts before it, as in `[lint] 3 issues`.
pub(super) fn unprefixed(line: &str) -> (&str, bool) {
    let runner = |name: &str| {
        !name.is_empty()
            && name.chars().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ':' | '-' | '_')
            })
            && !matches!(
                name,
                "error" | "fatal" | "warning" | "warn" | "info" | "debug"
            )
            && name.starts_with(|c: char| c.is_ascii_lowercase())
    };
    let bare = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .filter(|(name, rest)| runner(name) && !rest.trim().is_empty());
    match bare {
        Some((_, rest)) => (rest, true),
        None => (line, false),
    }
}

/// What lines of one template have in common.
pub(super) struct Shape<'t> {
    /// The first of them.
    pub(super) line: &'t str,
    /// The same, without what stands before and behind it.
    pub(super) bare: &'t str,
    /// True if a task runner put its name before one.
    pub(super) prefixed: bool,
    /// True if one is indented.
    pub(super) indented: bool,
}

impl<'t> Shape<'t> {
    pub(super) fn of(lines: &[&'t str]) -> Self {
        let line = lines.first().copied().unwrap_or_default();
        let parts = || lines.iter().map(|line| unprefixed(line));
        Self {
            line,
            bare: unprefixed(line).0.trim(),
            prefixed: parts().any(|(_, prefixed)| prefixed),
            indented: parts().any(|(bare, _)| bare.starts_with(char::is_whitespace)),
        }
    }
}

/// The pattern of a line, its named groups, and what they hold in it; `what` opens at that piece.
pub(super) fn pattern(
    pieces: &[Piece<'_>],
    names: &[Option<String>],
    what: Option<usize>,
    indented: bool,
) -> (String, BTreeMap<String, String>) {
    let mut out = String::from(if indented { r"^\s*" } else { "^" });
    let mut after = template::Kind::Words;
    let mut captures = BTreeMap::new();
    let mut message = String::new();
    let mut open = false;
    let mut placed = false;
    for (index, (piece, name)) in pieces.iter().zip(names).enumerate() {
        let mut text = piece.text;
        let counted = std::mem::replace(&mut after, piece.kind) == template::Kind::Number;
        if what == Some(index) {
            let head: usize = match index {
                0 => text.len() - text.trim_start().len(),
                _ => text.len() - text.trim_start_matches(BETWEEN).len(),
            };
            let (before, rest) = text.split_at_checked(head).unwrap_or(("", text));
            out.push_str(&escaped(before));
            out.push_str("(?<what>");
            open = true;
            text = rest;
        }
        if open {
            message.push_str(text);
        }
        match (piece.kind, name) {
            (template::Kind::Place, _) if !placed && what.is_some() => {
                placed = true;
                let mut parts = text.split(':');
                out.push_str(r"(?<file>[^\s:]+):(?<line>\d+)");
                for (name, part) in ["file", "line", "column"].into_iter().zip(parts.by_ref()) {
                    captures.insert(name.to_owned(), part.to_owned());
                    if name == "column" {
                        out.push_str(r":(?<column>\d+)");
                    }
                }
            }
            (_, Some(name)) => {
                captures.insert(name.clone(), text.to_owned());
                out.push_str(&format!("(?<{name}>{})", varying(piece.kind, text)));
            }
            (template::Kind::Words, None) => match template::split_count(text) {
                Some((counts, rest)) if counted => {
                    out.push_str(&format!("{}s?{}", escaped(counts), escaped(rest)));
                }
                _ => out.push_str(&escaped(text)),
            },
            (kind, None) => out.push_str(&varying(kind, text)),
        }
    }
    if open {
        out.push(')');
        captures.insert("what".to_owned(), message);
    }
    out.push('$');
    (out, captures)
}

/// A pattern for what stands in the place of a piece that varies.
fn varying(kind: template::Kind, text: &str) -> String {
    use template::Kind;
    match kind {
        Kind::Number | Kind::Digits if text.contains('.') && text.contains(',') => r"[\d.,]+",
        Kind::Number | Kind::Digits if text.contains('.') => r"[\d.]+",
        Kind::Number | Kind::Digits if text.contains(',') => r"[\d,]+",
        Kind::Number | Kind::Digits => r"\d+",
        Kind::Length => r"\d[^\s()\[\]]*(?: [a-z]+)?",
        Kind::Time => r"\d[\d:T.,Z+ -]+",
        Kind::Hash if text.starts_with("0x") => r"0x[0-9A-Fa-f]+",
        Kind::Hash => r"[0-9a-f-]{7,}",
        Kind::Url | Kind::Path | Kind::Place | Kind::Name => r"\S+",
        Kind::Quoted => match text.chars().next() {
            Some('`') => "`[^`]*`",
            Some('\'') => "'[^']*'",
            Some('“') => "“[^”]*”",
            _ => "\"[^\"]*\"",
        },
        Kind::Rest => r"\S.*",
        Kind::Words => return escaped(text),
    }
    .to_owned()
}
