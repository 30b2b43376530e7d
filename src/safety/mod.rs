//! What every text passes on its way out: clean, redact, neutralise, cut, quote.
//!
//! Callers hold one [`Gate`] for a session and never call the pieces in an
//! order of their own: cutting before redacting leaves half a key that no
//! pattern knows, and redacting before cleaning misses a key with an escape
//! sequence in its middle. The gate first [learns](Gate::learn) the session's
//! texts, so a value found once is known wherever it stands, then shapes what
//! leaves.
//!
//! This room knows no other room.

mod clean;
mod neutral;
mod quote;
mod redact;
mod source;

use std::collections::BTreeMap;

pub use clean::{clean, clean_counting};
pub use neutral::{neutral, neutral_code};
pub use quote::{cell, code, csv, fence, html, inline, middle, one_line, quoted};
pub use redact::{Level, Redactor};
pub use source::{is_risky_command, is_secret_source};

/// The one way out for the texts of a session.
#[derive(Debug)]
pub struct Gate {
    redactor: Redactor,
    hidden: u32,
}

impl Default for Gate {
    /// A gate that has seen nothing, at the level that is on by default.
    fn default() -> Self {
        Self::new(Level::Default)
    }
}

impl Gate {
    /// A gate that has seen nothing.
    pub fn new(level: Level) -> Self {
        Self {
            redactor: Redactor::new(level),
            hidden: 0,
        }
    }

    /// Remembers the secrets of a text, so that they are known wherever they stand.
    ///
    /// Call it with every text of the session before any text leaves; texts of
    /// [secret sources](is_secret_source) too, which are never quoted.
    pub fn learn(&mut self, text: &str) {
        let (text, hidden) = clean_counting(text);
        self.hidden = self.hidden.saturating_add(hidden);
        self.redactor.learn(&text);
    }

    /// A quotation in Markdown prose, `“…”`, of one line and at most `max_chars` characters before escaping.
    pub fn quote(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        quoted(&text, max_chars)
    }

    /// A quotation as [`Gate::quote`] makes it, cut in the middle instead of at the end.
    pub fn quote_middle(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        quoted(&middle(&neutral(&text), max_chars), max_chars)
    }

    /// Markdown prose of one line, without quotation marks: for titles and tasks.
    pub fn prose(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        inline(&one_line(&neutral(&text), max_chars))
    }

    /// A code span of one line: for commands, paths, branches, names.
    pub fn code(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        code(&one_line(&neutral_code(&text), max_chars))
    }

    /// A fenced block of at most `max_lines` lines, each of at most 400 characters.
    ///
    /// More lines are left out at the end, and a line says how many.
    pub fn block(&mut self, text: &str, info: &str, max_lines: usize) -> String {
        const WIDTH: usize = 400;
        let text = self.safe(text);
        let text = neutral_code(&text);
        let mut block = String::new();
        let lines: Vec<&str> = text.trim_end().lines().collect();
        for line in lines.iter().take(max_lines) {
            block.push_str(&quote::cut_line(line.trim_end(), WIDTH));
            block.push('\n');
        }
        if let Some(more @ 1..) = lines.len().checked_sub(max_lines) {
            block.push_str(&format!("… {more} more lines\n"));
        }
        fence(&block, info)
    }

    /// One plain line: for JSON, CSV, HTML and messages, which escape in their own way.
    pub fn line(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        one_line(&neutral(&text), max_chars)
    }

    /// As [`Gate::line`], cut in the middle instead of at the end.
    pub fn line_middle(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        middle(&neutral(&text), max_chars)
    }

    /// One plain line that a renderer puts into a code span: a command, a path, a name.
    pub fn verbatim(&mut self, text: &str, max_chars: usize) -> String {
        let text = self.safe(text);
        one_line(&neutral_code(&text), max_chars)
    }

    /// The text cleaned and redacted, its lines and its syntax kept: for `passdown redact` and for reading on.
    ///
    /// This is not yet safe to paste.
    pub fn safe(&mut self, text: &str) -> String {
        let (text, hidden) = clean_counting(text);
        self.hidden = self.hidden.saturating_add(hidden);
        self.redactor.redact(&text).into_owned()
    }

    /// How many different secrets of each kind were found.
    pub fn counts(&self) -> BTreeMap<&str, u32> {
        self.redactor.counts()
    }

    /// How many tag and bidirectional characters were removed; more than none deserves a line.
    pub fn hidden(&self) -> u32 {
        self.hidden
    }

    /// Looks for secrets in a finished document.
    ///
    /// # Errors
    ///
    /// The kinds that were found. Then the document must not be written.
    pub fn second_look(&self, finished: &str) -> Result<(), Vec<String>> {
        self.redactor.second_look(finished)
    }
}
