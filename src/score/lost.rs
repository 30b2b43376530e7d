//! What the last compaction lost: of what still counts, the evidence from before it that its summary does not hold.
//!
//! The agent of a long session knows what came after the compaction, and what
//! the summary tells of what came before. What is left are commands that
//! proved something, numbers, hashes, open failures, the user's rules and
//! choices: few lines, and those that prose drops first.

use std::collections::BTreeSet;

use super::Ranked;
use super::item::{Item, Kind, Line, PINNED, Part, Span, Trust};
use crate::extract::words::content;
use crate::ledger::Cite;
use crate::position::FileId;
use crate::session::{Body, Event, Session};

/// The last compaction that left a summary, with the summary.
pub fn compaction(session: &Session) -> Option<(&Event, &str)> {
    session
        .timeline
        .iter()
        .rev()
        .filter(|event| event.live && event.agent.is_none())
        .find_map(|event| match &event.body {
            Body::Compaction {
                summary: Some(summary),
                ..
            } if !summary.text.trim().is_empty() => Some((event, summary.text.as_str())),
            _ => None,
        })
}

/// Of `ranked`, what the summary of the last compaction dropped; none if there is no compaction, or nothing was dropped.
///
/// Evidence that stands on both sides of the compaction is not lost: the agent has seen it since.
pub fn lost(session: &Session, ranked: Ranked) -> Option<Ranked> {
    let (event, summary) = compaction(session)?;
    let summary = Summary::new(summary);
    let before = |cite: &&Cite| match cite.at.file {
        FileId(0) => cite.at.line < event.at.line,
        _ => cite.tick < event.tick,
    };
    let mut items: Vec<Item> = ranked
        .items
        .into_iter()
        .filter(|item| {
            let cites = item.cites();
            is_evidence(item)
                && !cites.is_empty()
                && cites.iter().all(before)
                && !summary.tells(item)
        })
        .collect();
    if items.is_empty() {
        return None;
    }
    let title = headline(&items, event);
    items.insert(0, title);
    Some(Ranked {
        header: ranked.header,
        items,
    })
}

/// Kinds that are evidence, and not prose about it.
fn is_evidence(item: &Item) -> bool {
    match item.kind {
        Kind::Check | Kind::Command | Kind::Instruction => true,
        // Open ones: those that were resolved say little beside what resolved them.
        Kind::Failure | Kind::Task => item.part == Part::Focus,
        // Each by its hash; how many there are is no evidence.
        Kind::Commit => item.part == Part::Done,
        Kind::Decision => item.trust == Trust::Stated,
        Kind::Attempt => item.trust != Trust::Claimed,
        _ => false,
    }
}

/// How many of each, behind the place of the compaction.
fn headline(items: &[Item], event: &Event) -> Item {
    const KINDS: [(Kind, &str, &str); 8] = [
        (Kind::Check, "check", "checks"),
        (Kind::Command, "command", "commands"),
        (Kind::Failure, "open failure", "open failures"),
        (Kind::Commit, "commit", "commits"),
        (Kind::Instruction, "rule", "rules"),
        (Kind::Decision, "decision", "decisions"),
        (Kind::Task, "open task", "open tasks"),
        (Kind::Attempt, "attempt", "attempts"),
    ];
    let counts: Vec<String> = KINDS
        .iter()
        .filter_map(|(kind, one, many)| {
            let count = items.iter().filter(|item| item.kind == *kind).count();
            match count {
                0 => None,
                1 => Some(format!("1 {one}")),
                _ => Some(format!("{count} {many}")),
            }
        })
        .collect();
    let line = Line::new()
        .own("what the last compaction dropped: ")
        .own(counts.join(", "))
        .cite(&Cite::of(event));
    Item::new(
        Part::Task,
        Kind::Title,
        Trust::Observed,
        "",
        0.0,
        line.piece(PINNED + 900.0),
    )
}

/// A summary, as far as it is asked what it holds.
struct Summary {
    /// Its text, with runs of blanks as one space.
    text: String,
    /// The content words of each of its lines.
    lines: Vec<BTreeSet<String>>,
    /// Its numbers.
    numbers: BTreeSet<String>,
}

/// The share of the words of a sentence that a line of the summary must hold to tell it.
const SAME: f64 = 0.7;

impl Summary {
    fn new(text: &str) -> Self {
        Self {
            text: folded(text),
            lines: text.lines().map(|line| content(line).collect()).collect(),
            numbers: numbers(text).collect(),
        }
    }

    /// True if it holds what the item shows: its code to the letter, its quotations in other words at most, its numbers.
    fn tells(&self, item: &Item) -> bool {
        let first: &[Span] = item.pieces.first().map_or(&[], |piece| &piece.spans);
        let code = |text: &String| {
            let text = folded(text);
            // The hash of a commit stands in eight characters as in forty.
            let short = item.kind == Kind::Commit && text.len() > 7 && text.is_ascii();
            self.text.contains(if short { &text[..7] } else { &text })
        };
        let told = |span: &Span| match span {
            Span::Code(text) | Span::Name(text) => code(text),
            Span::Quote(text) => self.says(text),
            Span::Own(text) if item.kind == Kind::Check => {
                numbers(text).all(|number| self.numbers.contains(&number))
            }
            Span::Own(_) | Span::Cites(_) | Span::Below => true,
        };
        match item.kind {
            // What a commit, a failure or a task is called may be told without its name, and the name without that.
            Kind::Failure | Kind::Task => first
                .iter()
                .filter(|span| matches!(span, Span::Code(_) | Span::Quote(_)))
                .any(told),
            Kind::Commit => first
                .iter()
                .filter(|span| matches!(span, Span::Code(_)))
                .all(told),
            _ => first.iter().all(told),
        }
    }

    /// True if it holds `sentence`, or a line of it holds most of its words.
    fn says(&self, sentence: &str) -> bool {
        let words: BTreeSet<String> = content(sentence).collect();
        let shared = |line: &BTreeSet<String>| words.intersection(line).count() as f64;
        self.text.contains(&folded(sentence))
            || (!words.is_empty()
                && self
                    .lines
                    .iter()
                    .any(|line| shared(line) >= SAME * words.len() as f64))
    }
}

/// `text` with runs of blanks as one space.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The numbers of a text: runs of digits.
fn numbers(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_tells_code_to_the_letter_and_sentences_in_other_words() {
        let summary = Summary::new(
            "Tests: `go  test ./api` gave 30 passed, 2 failed.\nThe user always wants tabs in Go files.",
        );
        let item = |kind, line: Line| {
            Item::new(
                Part::Status,
                kind,
                Trust::Observed,
                "",
                0.0,
                line.piece(0.0),
            )
        };
        for (kind, line, expected) in [
            (
                Kind::Command,
                Line::new().own("test 2×: ").code("go test ./api"),
                true,
            ),
            (
                Kind::Command,
                Line::new().own("test: ").code("go test ./cli"),
                false,
            ),
            (
                Kind::Check,
                Line::new()
                    .code("go test ./api")
                    .own(" failed: 30/32 passed"),
                false,
            ),
            (
                Kind::Check,
                Line::new()
                    .code("go test ./api")
                    .own(" failed: 30 passed, 2 failed"),
                true,
            ),
            (
                Kind::Instruction,
                Line::new().quote("always use tabs in Go files"),
                true,
            ),
            (
                Kind::Instruction,
                Line::new().quote("never push to the main branch"),
                false,
            ),
            (
                Kind::Failure,
                Line::new()
                    .own("1 failure by ")
                    .code("go test ./api")
                    .quote("no such thing"),
                true,
            ),
            (Kind::Commit, Line::new().code("0edf673a"), false),
        ] {
            assert_eq!(summary.tells(&item(kind, line)), expected, "{kind:?}");
        }
    }
}
