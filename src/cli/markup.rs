//! A line of a handoff, taken apart for the eye: headings, state words, code, quotations, citations.
//!
//! The Markdown stays as it is, to the byte: the pieces of a line, put together, are the line.

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Words of ours, and whatever is nothing else.
    Plain,
    /// The title, and the name of a part.
    Heading,
    /// One of `green`, `red`, `blocked`, `unverified`, where the status begins.
    State,
    /// A code span, with its backticks.
    Code,
    /// A quotation, with its marks.
    Quote,
    /// A place in the log: `L482`, `a485154:L12`.
    Cite,
    /// How to read the handoff, and where it comes from.
    Faint,
}

/// How a piece looks: subtly, in colours of the terminal's own theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) faint: bool,
    pub(super) hue: Option<Hue>,
}

/// A colour of the terminal's theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hue {
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

impl Style {
    /// As escape sequences.
    pub(super) fn ansi(self) -> anstyle::Style {
        use anstyle::AnsiColor as Ansi;
        let hue = self.hue.map(|hue| match hue {
            Hue::Red => Ansi::Red,
            Hue::Green => Ansi::Green,
            Hue::Yellow => Ansi::Yellow,
            Hue::Blue => Ansi::Blue,
            Hue::Magenta => Ansi::Magenta,
            Hue::Cyan => Ansi::Cyan,
        });
        let mut effects = anstyle::Effects::new();
        if self.bold {
            effects |= anstyle::Effects::BOLD;
        }
        if self.faint {
            effects |= anstyle::Effects::DIMMED;
        }
        let style = anstyle::Style::new().effects(effects);
        style.fg_color(hue.map(Into::into))
    }
}

/// How a piece of a handoff looks; `text` says which state word it is.
pub(super) fn style(role: Role, text: &str) -> Style {
    let plain = Style::default();
    let hue = |hue| Style {
        hue: Some(hue),
        ..plain
    };
    match role {
        Role::Plain | Role::Quote => plain,
        Role::Heading => Style {
            bold: true,
            ..plain
        },
        Role::State => state(text),
        Role::Code => hue(Hue::Cyan),
        Role::Cite => hue(Hue::Blue),
        Role::Faint => Style {
            faint: true,
            ..plain
        },
    }
}

/// How a state word looks; faint, if it is none.
pub(super) fn state(word: &str) -> Style {
    let hue = match word {
        "green" => Hue::Green,
        "red" => Hue::Red,
        "blocked" => Hue::Magenta,
        "unverified" => Hue::Yellow,
        _ => {
            return Style {
                faint: true,
                ..Style::default()
            };
        }
    };
    Style {
        bold: true,
        faint: false,
        hue: Some(hue),
    }
}

/// The pieces of one line of a handoff in Markdown, in order; none is empty.
pub(super) fn pieces(line: &str) -> Vec<(Role, &str)> {
    if line.starts_with("> ") {
        return vec![(Role::Faint, line)];
    }
    let mut out = Vec::new();
    let mut rest = line;
    let mut plain = Role::Plain;
    if line.starts_with("# ") {
        plain = Role::Heading;
    } else if let Some((heading, after)) = heading(line) {
        out.push((Role::Heading, heading));
        rest = after;
        let word = after.trim_start();
        let end = word.find(' ').unwrap_or(word.len());
        if is_state(&word[..end]) {
            let blank = after.len() - word.len();
            out.push((Role::Plain, &after[..blank]));
            out.push((Role::State, &word[..end]));
            rest = &word[end..];
        }
    }
    inline(rest, plain, &mut out);
    out.retain(|(_, text)| !text.is_empty());
    out
}

/// One of the state words.
fn is_state(word: &str) -> bool {
    matches!(word, "green" | "red" | "blocked" | "unverified")
}

/// `**Current Status:** red` → the name of the part with its marks, and what follows.
fn heading(line: &str) -> Option<(&str, &str)> {
    let end = line.strip_prefix("**")?.find(":**")? + "**".len() + ":**".len();
    Some(line.split_at(end))
}

fn inline<'a>(text: &'a str, plain: Role, out: &mut Vec<(Role, &'a str)>) {
    let (mut start, mut at) = (0, 0);
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &text[at..];
        let found = match next {
            '`' => code(rest).map(|end| (Role::Code, end)),
            '“' => rest
                .find('”')
                .map(|end| (Role::Quote, end + '”'.len_utf8())),
            'L' | 'a'..='z' | '0'..='9' if begins_a_word(&text[..at]) => {
                cite(rest).map(|end| (Role::Cite, end))
            }
            _ => None,
        };
        match found {
            Some((role, length)) => {
                out.push((plain, &text[start..at]));
                out.push((role, &text[at..at + length]));
                at += length;
                start = at;
            }
            // A run of backticks that nothing closes is no span, and none begins within it.
            None if next == '`' => at += rest.len() - rest.trim_start_matches('`').len(),
            None => at += next.len_utf8(),
        }
    }
    out.push((plain, &text[start..]));
}

fn begins_a_word(before: &str) -> bool {
    before
        .chars()
        .next_back()
        .is_none_or(|c| c == ' ' || c == '(')
}

/// The length of the code span that `text` begins with.
fn code(text: &str) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let mut at = ticks;
    while let Some(found) = text[at..].find('`') {
        let run = &text[at + found..];
        let length = run.len() - run.trim_start_matches('`').len();
        at += found + length;
        if length == ticks {
            return Some(at);
        }
    }
    None
}

/// The length of the citation that `text` begins with.
fn cite(text: &str) -> Option<usize> {
    let end = text.find([' ', ',', ';', ')']).unwrap_or(text.len());
    let word = text[..end].trim_end_matches('.');
    let (label, line) = word.rsplit_once(':').unwrap_or(("", word));
    let digits = line.strip_prefix('L')?;
    let is_line = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_label = label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (is_line && is_label).then_some(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of `line`, each with the first letter of its role.
    fn check(line: &str, expected: &str) {
        let pieces = pieces(line);
        let whole: String = pieces.iter().map(|(_, text)| *text).collect();
        assert_eq!(whole, line);
        let marked = pieces.iter().filter(|(role, _)| *role != Role::Plain);
        let marked: Vec<String> = marked
            .map(|(role, text)| format!("{role:?} {text}"))
            .collect();
        assert_eq!(marked.join(" | "), expected, "{line}");
    }

    #[test]
    fn lines_are_taken_apart() {
        check("", "");
        check("- 3 commits", "");
        check(
            "# Task: Mend it - target: 3/5 L2",
            "Heading # Task: Mend it - target: 3/5  | Cite L2",
        );
        check(
            "**Current Status:** red L16",
            "Heading **Current Status:** | State red | Cite L16",
        );
        check(
            "**Key Areas to Focus On:**",
            "Heading **Key Areas to Focus On:**",
        );
        check("> From session 7e5d. L2", "Faint > From session 7e5d. L2");
        check(
            "- test: `pytest` failed: 3/5 L14, a485154:L5 (L7).",
            "Code `pytest` | Cite L14 | Cite a485154:L5 | Cite L7",
        );
        check("1. “see L4 `x`” L5", "Quote “see L4 `x`” | Cite L5");
        check("- `` a ` L3 `` L4", "Code `` a ` L3 `` | Cite L4");
        check("- an open `tick, L4 and “no end", "Cite L4");
        check("- ML4 xL4 L L4x a/b:L4 https://x:L4", "");
    }
}
