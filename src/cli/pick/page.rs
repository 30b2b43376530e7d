//! A text of several lines, wrapped to a width: what the right side shows.

use ratatui::text::Span;

use crate::cli::markup::{self, Role};

/// A wrapped text.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What stands on each line of the screen.
    pub(super) lines: Vec<Vec<Piece>>,
    /// The citations, in order: what they say, and the line of the screen they end on.
    pub(super) cites: Vec<(String, usize)>,
}

/// A part of a line of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) role: Role,
    pub(super) text: String,
    /// Of a citation, its place in [`Page::cites`].
    pub(super) cite: Option<usize>,
}

impl Page {
    /// A handoff in Markdown.
    pub(super) fn handoff(text: &str, width: usize) -> Self {
        let mut page = Self::default();
        for line in text.trim_end().lines() {
            page.wrap(&markup::pieces(line), width);
        }
        page
    }

    /// Any other text.
    pub(super) fn plain(text: &str, width: usize) -> Self {
        let mut page = Self::default();
        for line in text.trim_end().lines() {
            page.wrap(&[(Role::Plain, line)], width);
        }
        page
    }

    /// A record as indented JSON, with the lines of its texts as lines.
    pub(super) fn record(text: &str, width: usize) -> Self {
        let mut page = Self::default();
        for line in text.trim_end().lines() {
            let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
            for (index, line) in unescaped(line).split('\n').enumerate() {
                let before = if index == 0 { "" } else { indent };
                page.wrap(&[(Role::Plain, &format!("{before}{line}"))], width);
            }
        }
        page
    }

    /// Adds one line, broken between words where it is too long, the later lines below its first word.
    fn wrap(&mut self, pieces: &[(Role, &str)], width: usize) {
        let width = width.max(1);
        let first = pieces.first().map_or("", |(_, text)| *text);
        let indent = indent(first).min(width / 2);
        let mut line = Vec::new();
        let mut used = 0;
        for word in self.words(pieces) {
            let whole: String = word.iter().map(|piece| piece.text.as_str()).collect();
            let fits = |used: usize, text: &str| used + columns(text.trim_end()) <= width;
            if !fits(used, &whole) && used > indent {
                self.lines.push(std::mem::take(&mut line));
                used = push_blank(&mut line, indent);
            }
            for piece in word {
                let mut text = piece.text.as_str();
                // A word that no line holds is cut.
                while !fits(used, text) {
                    let room = width.saturating_sub(used);
                    let mut end = head(text, room);
                    if columns(&text[..end]) > room && used > indent {
                        end = 0;
                    }
                    push(&mut line, &piece, &text[..end]);
                    text = &text[end..];
                    self.lines.push(std::mem::take(&mut line));
                    used = push_blank(&mut line, indent);
                }
                push(&mut line, &piece, text);
                used += columns(text);
                if let Some((_, at)) = piece.cite.and_then(|cite| self.cites.get_mut(cite)) {
                    *at = self.lines.len();
                }
            }
        }
        self.lines.push(line);
    }

    /// The words of a line, each with the blanks behind it; one may be of several kinds, as a citation with its comma.
    fn words(&mut self, pieces: &[(Role, &str)]) -> Vec<Vec<Piece>> {
        let mut words: Vec<Vec<Piece>> = Vec::new();
        let mut ended = true;
        for (role, text) in pieces {
            let cite = (*role == Role::Cite).then(|| {
                self.cites.push(((*text).to_owned(), 0));
                self.cites.len() - 1
            });
            for part in text.split_inclusive(' ') {
                let piece = Piece {
                    role: *role,
                    text: part.to_owned(),
                    cite,
                };
                match words.last_mut() {
                    Some(word) if !ended => word.push(piece),
                    _ => words.push(vec![piece]),
                }
                ended = part.ends_with(' ');
            }
        }
        words
    }
}

/// How far the later lines of a long one stand in: below the text of a list item.
fn indent(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    let marker = if text.starts_with("- ") {
        2
    } else {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && text[digits..].starts_with(". ") {
            digits + 2
        } else {
            0
        }
    };
    line.len() - text.len() + marker
}

fn push_blank(line: &mut Vec<Piece>, indent: usize) -> usize {
    let blank = Piece {
        role: Role::Plain,
        text: " ".repeat(indent),
        cite: None,
    };
    line.push(blank);
    indent
}

/// Adds text of the kind of `piece` to a line; what is of one kind stands in one piece.
fn push(line: &mut Vec<Piece>, piece: &Piece, text: &str) {
    match line.last_mut() {
        Some(last) if last.role == piece.role && last.cite == piece.cite => {
            last.text.push_str(text)
        }
        _ => line.push(Piece {
            text: text.to_owned(),
            ..*piece
        }),
    }
}

/// The columns that a text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    Span::raw(text).width()
}

/// The bytes of the longest head of `text` that takes at most `width` columns, but at least one character.
fn head(text: &str, width: usize) -> usize {
    let mut used = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        used += columns(&text[at..next]);
        if used > width && end > 0 {
            break;
        }
        end = next;
    }
    end
}

/// `text` in at most `width` columns; what is cut off leaves `…`.
pub(super) fn fitted(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    match width {
        0 => String::new(),
        1 => "…".to_owned(),
        _ => format!("{}…", text[..head(text, width - 1)].trim_end()),
    }
}

/// The text of a line of JSON for eyes: line ends, tabs, quotes and strokes as themselves; any other escape stays one.
fn unescaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('\\', Some('n')) => "\n",
            ('\\', Some('t')) => "    ",
            ('\\', Some('"')) => "\"",
            ('\\', Some('\\')) => "\\",
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push_str(meant);
        chars.next();
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(page: &Page) -> Vec<String> {
        let line = |line: &Vec<Piece>| line.iter().map(|piece| piece.text.as_str()).collect();
        page.lines.iter().map(line).collect()
    }

    #[test]
    fn long_lines_go_on_below_their_first_word() {
        let page = Page::handoff("- one two three L12, a4:L7\n\n10. `a b`", 11);
        assert_eq!(
            shown(&page),
            [
                "- one two ",
                "  three ",
                "  L12, ",
                "  a4:L7",
                "",
                "10. `a b`"
            ]
        );
        assert_eq!(page.cites, [("L12".to_owned(), 2), ("a4:L7".to_owned(), 3)]);
    }

    #[test]
    fn a_record_shows_the_lines_of_its_texts() {
        let record = r#"{
  "text": "one \"two\"\n\n\tthree\u001b C:\\new",
  "n": 1
}"#;
        assert_eq!(
            shown(&Page::record(record, 40)),
            [
                "{",
                "  \"text\": \"one \"two\"",
                "  ",
                "      three\\u001b C:\\new\",",
                "  \"n\": 1",
                "}",
            ]
        );
    }

    #[test]
    fn a_word_that_no_line_holds_is_cut() {
        assert_eq!(
            shown(&Page::plain("  abcdefghij 表表表", 6)),
            ["  abcd", "  efgh", "  ij ", "  表表", "  表"]
        );
        assert_eq!(fitted("abcdef", 4), "abc…");
        assert_eq!(fitted("abc def", 5), "abc…");
        assert_eq!(fitted("表表表", 4), "表…");
        assert_eq!((fitted("ab", 1), fitted("ab", 0)), ("…".into(), "".into()));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page_and_no_text_is_lost(
            text in "[-a-z0-9. `“”L:表]{0,80}",
            width in 4_usize..30,
        ) {
            let page = Page::handoff(&text, width);
            let lines = shown(&page);
            for line in &lines {
                prop_assert!(columns(line.trim_end()) <= width, "{line:?}");
            }
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(solid(&lines.concat()), solid(&text));
        }
    }
}
