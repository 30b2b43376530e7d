//! A hit as it is shown: with its lines, and a part of them underlined.

use std::ops::Range;

use super::corpus::Seen;
use super::point::pointed;
use crate::rules::Hit;
use crate::safety::Gate;

/// A hit, without what it borrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) rule: String,
    /// The line of the text on which it begins, zero-based.
    pub(super) line: usize,
    pub(super) span: Range<usize>,
    pub(super) groups: Vec<(String, String)>,
}

impl Found {
    pub(super) fn of(hit: &Hit<'_, '_>) -> Self {
        let groups = hit.rule.groups();
        Self {
            rule: hit.rule.id.to_string(),
            line: hit.line,
            span: hit.start..hit.end,
            groups: groups
                .filter_map(|name| Some((name.to_owned(), hit.get(name)?.to_owned())))
                .collect(),
        }
    }
}

/// The lines of a hit with those around it, underlined if nothing in them had to be hidden, and whether that is so.
pub(super) fn lines(
    gate: &mut Gate,
    seen: &Seen<'_>,
    hit: &Found,
    context: usize,
) -> (String, bool) {
    let all: Vec<&str> = seen.text.split('\n').collect();
    let from = hit.line.saturating_sub(context);
    let start: usize = all.iter().take(from).map(|line| line.len() + 1).sum();
    let inside = seen.text.get(hit.span.clone()).unwrap_or_default();
    let last = hit.line + inside.matches('\n').count();
    let text = all.get(from..all.len().min(last + context + 1));
    let text = text.unwrap_or_default().join("\n");
    let safe = gate.safe(&text);
    let span = match safe == text {
        true => Some(hit.span.start - start..hit.span.end - start),
        false => None,
    };
    let mut out = String::new();
    // Each line by itself, so that those around the hit are shown too.
    let mut at = 0;
    for line in safe.split('\n') {
        let here = at..at + line.len();
        at = here.end + 1;
        let part = span.as_ref().and_then(|span| {
            let part = span.start.max(here.start)..span.end.min(here.end);
            (part.start < part.end).then(|| part.start - here.start..part.end - here.start)
        });
        out.push_str(&pointed(line, part.as_ref(), "    "));
    }
    (out, span.is_some())
}
