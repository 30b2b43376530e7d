//! Where standard output goes: how wide that is, and whether it takes colours.

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};

use super::markup::{self, Style};

/// The columns where no terminal says how many.
const COLUMNS: usize = 80;

/// `--color`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`; elsewhere if `CLICOLOR_FORCE` is set.
    Auto,
    /// Anywhere.
    Always,
    /// Nowhere.
    Never,
}

/// Makes `--color` count for the run.
pub(super) fn choose(color: Color) {
    let choice = match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether what is printed takes colours.
pub(super) fn colour() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Whether what is drawn on standard error takes colours.
#[cfg(feature = "pick")]
pub(super) fn colour_of_errors() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// The columns that a table may take: those of the terminal; else what `COLUMNS` says, or 80.
pub(super) fn columns() -> usize {
    of_terminal()
        .or_else(|| std::env::var("COLUMNS").ok()?.parse().ok())
        .filter(|columns| *columns > 0)
        .unwrap_or(COLUMNS)
}

/// The columns of the terminal that standard output is; none if it is none.
pub(super) fn of_terminal() -> Option<usize> {
    let out = io::stdout();
    let size = out
        .is_terminal()
        .then(|| terminal_size::terminal_size_of(&out));
    let (width, _) = size.flatten()?;
    Some(usize::from(width.0))
}

/// `text` in at most `columns` characters; what is cut off leaves `…`.
pub(super) fn fitted(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let head: String = text.chars().take(columns.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

/// `text` in a style, if there are styles and it has one.
pub(super) fn styled(text: &str, style: Style, colour: bool) -> String {
    let style = style.ansi();
    match colour && !style.is_plain() {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    }
}

/// A handoff in Markdown with its headings, state word, code and citations told apart; without the styles, it is the
/// same to the byte.
pub(super) fn handoff(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|whole| {
        let line = whole.trim_end_matches('\n');
        let pieces = markup::pieces(line).into_iter();
        let line: String = (pieces)
            .map(|(role, text)| styled(text, markup::style(role, text), true))
            .collect();
        line + if whole.ends_with('\n') { "\n" } else { "" }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_styled_handoff_is_the_same_text() {
        let text = "# Task: Mend it L2\n\n**Current Status:** red L3\n- `a`\n> b\n\nend";
        let styled = handoff(text);
        assert_eq!(anstream::adapter::strip_str(&styled).to_string(), text);
        let red = "\x1b[1m\x1b[31mred\x1b[0m ";
        assert!(styled.contains(red), "{styled:?}");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(
            (fitted("grün", 4), fitted("grün x", 5), fitted("ab", 1)),
            ("grün".into(), "grün…".into(), "…".into())
        );
    }
}
