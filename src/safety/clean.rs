//! Cleans text of what a reader cannot see: terminal sequences, controls,
//! invisible and direction-changing characters, unusual line ends.
//!
//! Decoding is done before; nothing here looks for secrets. Cleaning comes
//! first because an escape sequence in the middle of a key hides it from
//! every pattern.

use std::borrow::Cow;
use std::ops::Range;

/// Cleans `text`, keeping `\n` and `\t`. Text that is clean already is borrowed.
///
/// Terminal sequences vanish; `\r` starts its line anew, as a terminal would
/// show it, and `\r\n` is one line end; `\b` takes back a character. Cleaning
/// twice changes nothing more.
pub fn clean(text: &str) -> Cow<'_, str> {
    clean_counting(text).0
}

/// As [`clean`], with the number of tag and bidirectional characters removed.
///
/// Those two kinds have hardly an innocent use in a log: a reader should be told.
pub fn clean_counting(text: &str) -> (Cow<'_, str>, u32) {
    if is_clean(text) {
        return (Cow::Borrowed(text), 0);
    }
    let mut cleaner = Cleaner {
        out: String::with_capacity(text.len()),
        ..Cleaner::default()
    };
    for c in text.chars() {
        cleaner.push(c);
    }
    (Cow::Owned(cleaner.out), cleaner.hidden)
}

/// The text as a reader sees it, with the place of each character in `text`: for finding things in a text
/// that stays as it is.
///
/// Unlike [`clean`] it takes nothing back: a `\r` stays unless it ends its line, and `\b` only vanishes.
/// `shown` gets each character with the place in `text` that it stands for.
pub(super) fn each_shown(text: &str, mut shown: impl FnMut(char, Range<usize>)) {
    let mut cleaner = Cleaner::default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let place = at..at + c.len_utf8();
        match c {
            '\u{8}' => continue,
            '\r' if cleaner.state == State::Ground => {
                if chars.peek().is_none_or(|&(_, next)| next != '\n') {
                    shown(c, place);
                }
                continue;
            }
            _ => {}
        }
        cleaner.out.clear();
        cleaner.line = 0;
        cleaner.push(c);
        for c in cleaner.out.chars() {
            shown(c, place.clone());
        }
    }
}

/// True if [`clean`] would change nothing.
fn is_clean(text: &str) -> bool {
    let mut rest = text;
    let mut last = None;
    loop {
        let plain = plain(rest.as_bytes());
        let (before, behind) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        last = before.chars().next_back().or(last);
        let mut chars = behind.chars();
        let Some(c) = chars.next() else { return true };
        let fine = match class(c) {
            Class::Shown => true,
            Class::Selector => keeps_selector(last),
            _ => false,
        };
        if !fine {
            return false;
        }
        last = Some(c);
        rest = chars.as_str();
    }
}

/// The bytes at the beginning that are shown as they are, or are `\n` or `\t`.
fn plain(bytes: &[u8]) -> usize {
    let is_plain = |b: &u8| matches!(b, b' '..=b'~' | b'\n' | b'\t');
    // By blocks, without a way out in the middle: so it runs at memory speed.
    let blocks = bytes.chunks_exact(32);
    let whole = blocks.take_while(|block| block.iter().fold(true, |all, b| all & is_plain(b)));
    let start = 32 * whole.count();
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|b| is_plain(b)).count()
}

/// What a character is to a reader.
#[derive(PartialEq)]
enum Class {
    Shown,
    /// C0, DEL and C1.
    Control,
    /// A line end other than `\n`; shown as a space.
    Break,
    /// Nothing is shown.
    Invisible,
    /// Nothing is shown, and the text around it changes its order or holds a message.
    Hidden,
    /// U+FE0F, which makes an emoji of the character before it.
    Selector,
}

fn class(c: char) -> Class {
    match c {
        ' '..='~' => Class::Shown,
        '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Class::Control,
        '\u{fe0f}' => Class::Selector,
        '\u{61c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{e0000}'..='\u{e0fff}' => Class::Hidden,
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0e}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}' => Class::Invisible,
        _ => Class::Shown,
    }
}

/// One U+FE0F after a character that is an emoji in its shape stays.
fn keeps_selector(before: Option<char>) -> bool {
    before.is_some_and(|c| {
        matches!(c, '#' | '*' | '0'..='9' | '©' | '®' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
    })
}

/// Where the state machine stands, after the parser of DEC terminals.
#[derive(Default, PartialEq)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// In a control sequence: parameters, then one final byte.
    Sequence,
    /// In OSC, DCS, APC, PM or SOS: up to BEL, ST or the end of the line.
    ///
    /// A terminal would wait for ST for ever; here a sequence never ended
    /// costs its line, not the text after it.
    Text,
    /// After ESC in such a text, where `\` ends it.
    TextEscape,
}

#[derive(Default)]
struct Cleaner {
    out: String,
    state: State,
    /// Where the current line starts in `out`.
    line: usize,
    /// A `\r` was seen: whatever is shown next replaces the line.
    returned: bool,
    hidden: u32,
}

impl Cleaner {
    fn push(&mut self, c: char) {
        match self.state {
            State::Ground => self.ground(c),
            State::Escape => match c {
                '[' => self.state = State::Sequence,
                ']' | 'P' | '_' | '^' | 'X' => self.state = State::Text,
                ' '..='/' => {} // more of the same sequence follows
                '0'..='~' => self.state = State::Ground,
                _ => self.abort(c),
            },
            State::Sequence => match c {
                ' '..='?' => {}
                '@'..='~' => self.state = State::Ground,
                _ => self.abort(c),
            },
            State::Text => match c {
                '\u{7}' | '\u{9c}' => self.state = State::Ground,
                '\u{1b}' => self.state = State::TextEscape,
                '\n' => self.abort(c),
                _ => {}
            },
            State::TextEscape => match c {
                '\\' => self.state = State::Ground,
                _ => {
                    self.state = State::Escape;
                    self.push(c);
                }
            },
        }
    }

    fn abort(&mut self, c: char) {
        self.state = State::Ground;
        self.ground(c);
    }

    fn ground(&mut self, c: char) {
        match c {
            '\n' => {
                self.returned = false;
                self.out.push(c);
                self.line = self.out.len();
            }
            '\r' => self.returned = true,
            '\u{8}' => {
                if self.out.len() > self.line {
                    self.out.pop();
                }
            }
            '\u{1b}' => self.state = State::Escape,
            '\u{9b}' => self.state = State::Sequence,
            '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => self.state = State::Text,
            '\t' => self.show(c),
            _ => match class(c) {
                Class::Shown => self.show(c),
                Class::Break => self.show(' '),
                Class::Selector
                    if !self.returned && keeps_selector(self.out.chars().next_back()) =>
                {
                    self.show(c);
                }
                Class::Hidden => self.hidden = self.hidden.saturating_add(1),
                Class::Control | Class::Invisible | Class::Selector => {}
            },
        }
    }

    fn show(&mut self, c: char) {
        if self.returned {
            self.out.truncate(self.line);
            self.returned = false;
        }
        self.out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(clean(text), want);
    }

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "a\n\tb", "grün ✔️ 日本"] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn terminal_sequences_vanish() {
        check("\x1b[1;31merror\x1b[0m: no", "error: no");
        check("\x1b]0;title\x07text", "text");
        check("\x1b]8;;https://a.b\x1b\\link\x1b]8;;\x1b\\", "link");
        check("\x1bPq#0\x1b\\a\x1b_x\x1b\\b", "ab");
        check("\u{9b}31mred\u{9d}0;t\u{9c}.", "red.");
        check("\x1b(Bplain", "plain");
    }

    #[test]
    fn a_sequence_without_end_costs_its_line() {
        check("a\x1b]0;never ended\nb", "a\nb");
        check("a\x1b[31\nb", "a\nb");
    }

    #[test]
    fn a_return_starts_the_line_anew() {
        check("10%\r 50%\r100%\ndone\r\n", "100%\ndone\n");
        check("kept\r", "kept");
        check("\r\r\nx", "\nx");
    }

    #[test]
    fn a_backspace_takes_back() {
        check("bb\x08old", "bold");
        check("a\n\x08b", "a\nb");
    }

    #[test]
    fn invisible_characters_are_removed_and_hidden_ones_counted() {
        check("gh\u{200b}p_\u{2060}x\u{ad}", "ghp_x");
        check("a\u{2028}b\u{b}c\u{85}d", "a b c d");
        let (text, hidden) = clean_counting("a\u{202e}b\u{e0041}\u{e0042}");
        assert_eq!((&*text, hidden), ("ab", 3));
        check("✔\u{fe0f}\u{fe0f} a\u{fe0f}", "✔\u{fe0f} a");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in r"(\PC|[\x00-\x1f\u{7f}-\u{9f}]|[\u{200b}-\u{206f}]|\x1b[\[\]P(]|[a;0m\\]|✔|\u{fe0f}){0,60}") {
            let once = clean(&text).into_owned();
            prop_assert_eq!(&clean(&once), &once);
            prop_assert!(once.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')));
        }
    }
}
