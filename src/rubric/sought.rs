//! What a slot looks for in a handoff, and the handoff as it is searched.

use std::collections::BTreeSet;

use crate::check::document::Document;
use crate::extract::words::content;
use crate::score::Part;

/// What a slot looks for.
pub(super) enum Sought {
    /// Any one of these fills the slot; none at all, and the log holds nothing for it.
    One(Vec<Sign>),
    /// Each of these must be said.
    Each(Vec<Sign>),
}

/// Something that the handoff is to say.
pub(super) struct Sign {
    /// What the log has, for whoever reads that it is missing; empty where the slot says it all.
    pub(super) what: String,
    /// Any of these shows it.
    shown: Vec<Shown>,
}

/// What shows that it is said.
enum Shown {
    /// These letters and digits, one after the other, however they are set; long texts by their beginning.
    Text(String),
    /// Three in five of its words in one quotation, or on one line without any: texts are shortened in the middle.
    Words(Vec<String>),
    /// A line of the part of which this is true, its citations blanked.
    Line(Part, fn(&str) -> bool),
}

impl Sign {
    /// `text` is said verbatim, but for how it is set.
    pub(super) fn text(text: &str) -> Self {
        Self::named(text, text)
    }

    /// `what` is said by the words `text`.
    pub(super) fn named(what: &str, text: &str) -> Self {
        /// Long commands are shortened; nobody mistakes one for another that begins as it does.
        const MOST: usize = 60;
        let text = format!(" {} ", plain(text));
        let end = text
            .char_indices()
            .nth(MOST)
            .map_or(text.len(), |(end, _)| end);
        Self {
            what: short(what),
            shown: vec![Shown::Text(text[..end].to_owned())],
        }
    }

    /// Three in five words of `text` are said in one quotation.
    pub(super) fn words(text: &str) -> Self {
        /// A long text is known by its beginning.
        const MOST: usize = 12;
        let words: Vec<String> = content(text).take(MOST).collect();
        if words.len() < 2 {
            return Self::text(text);
        }
        Self {
            what: short(text),
            shown: vec![Shown::Words(words)],
        }
    }

    /// The part has a line of which `is` is true.
    pub(super) fn line(part: Part, is: fn(&str) -> bool) -> Self {
        Self {
            what: String::new(),
            shown: vec![Shown::Line(part, is)],
        }
    }

    /// What shows `other` shows this as well.
    pub(super) fn or(mut self, other: Option<Self>) -> Self {
        self.shown
            .extend(other.into_iter().flat_map(|other| other.shown));
        self
    }

    fn is_said(&self, text: &Text<'_>) -> bool {
        self.shown.iter().any(|shown| match shown {
            Shown::Text(sought) => text.plain.contains(sought.as_str()),
            Shown::Words(words) => text.words.iter().any(|said| {
                let said = words.iter().filter(|word| said.contains(*word)).count();
                said * 5 >= words.len() * 3
            }),
            Shown::Line(part, is) => text
                .document
                .part(*part)
                .any(|line| is(line.uncited.trim())),
        })
    }
}

impl Sought {
    /// True if the log holds nothing for the slot.
    pub(super) fn is_empty(&self) -> bool {
        let (Self::One(signs) | Self::Each(signs)) = self;
        signs.is_empty()
    }

    /// What is not said; none if the slot is filled or the log holds nothing for it.
    pub(super) fn unsaid(&self, text: &Text<'_>) -> Vec<&Sign> {
        match self {
            // Any will do, and the first is the newest.
            Self::One(signs) if signs.iter().any(|sign| sign.is_said(text)) => Vec::new(),
            Self::One(signs) => signs.iter().take(1).collect(),
            Self::Each(signs) => signs.iter().filter(|sign| !sign.is_said(text)).collect(),
        }
    }
}

/// A handoff as it is searched.
pub(super) struct Text<'t> {
    document: &'t Document<'t>,
    /// The whole, as [`plain`] has it, a space at either end.
    plain: String,
    /// The content words of each quotation, and of what stands between them.
    words: Vec<BTreeSet<String>>,
}

impl<'t> Text<'t> {
    pub(super) fn new(document: &'t Document<'t>) -> Self {
        let whole: Vec<String> = document.lines.iter().map(|line| plain(line.text)).collect();
        Self {
            document,
            plain: format!(" {} ", whole.join(" ")),
            words: document
                .lines
                .iter()
                .flat_map(|line| line.text.split(['“', '”']))
                .map(|piece| content(piece).collect())
                .collect(),
        }
    }
}

/// Letters and digits in lower case, one space for whatever stands between them: marks of Markdown, quotation and
/// paths say nothing of what is said.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.trim().to_owned()
}

fn short(text: &str) -> String {
    const MOST: usize = 80;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Task: Fix the queue - 42/42 L3\n**Current Status:** red L9\n\
        - `go test ./queue/...`: 3 failed L9\n- “Take a lock before the queue … and release it after” L4\n\
        - tasks done: “rename the owner” L5; “close the stock” L6\n";

    #[test]
    fn signs_are_found_however_they_are_set() {
        let document = Document::new(TEXT);
        let text = Text::new(&document);
        for (sign, said) in [
            (Sign::text("go test ./queue/..."), true),
            (Sign::text("go test ./cart/..."), false),
            (Sign::text("13 failed"), false),
            (Sign::text("que"), false),
            (Sign::words("take a lock before the queue is read"), true),
            (Sign::words("refund the customer at once"), false),
            (Sign::words("queue"), true),
            (Sign::words("cart").or(Some(Sign::text("queue"))), true),
            // Two quotations on a line are not one text.
            (Sign::words("rename owner, close stock"), false),
            (
                Sign::line(Part::Status, |line| line.contains("3 failed")),
                true,
            ),
            (
                Sign::line(Part::Focus, |line| line.contains("3 failed")),
                false,
            ),
        ] {
            assert_eq!(sign.is_said(&text), said, "{}", sign.what);
        }
        let each = Sought::Each(vec![Sign::text("queue"), Sign::text("cart")]);
        let unsaid: Vec<&str> = each
            .unsaid(&text)
            .iter()
            .map(|sign| sign.what.as_str())
            .collect();
        assert_eq!(unsaid, ["cart"]);
        let one = Sought::One(vec![Sign::text("queue"), Sign::text("cart")]);
        assert!(one.unsaid(&text).is_empty());
        assert!(Sought::One(Vec::new()).is_empty());
    }
}
