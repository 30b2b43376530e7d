//! A text with a part of it underlined.

use std::ops::Range;

use crate::safety;

/// The columns that a line takes, so that it stands in a terminal of 80 behind its indent.
const COLUMNS: usize = 74;
/// The lines of a text that are shown around the part.
const LINES: usize = 8;

/// The lines of `text` that `span` touches, or its first ones, each indented, and the part underlined.
pub(super) fn pointed(text: &str, span: Option<&Range<usize>>, indent: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    let mut shown = 0;
    for line in text.split('\n') {
        let here = at..at + line.len();
        at = here.end + 1;
        let part = match span {
            None => 0..0,
            Some(span) if span.start <= here.end && span.end >= here.start => {
                span.start.saturating_sub(here.start)..span.end.min(here.end) - here.start
            }
            Some(_) => continue,
        };
        if shown == LINES {
            out.push_str(&format!("{indent}…\n"));
            break;
        }
        shown += 1;
        let (line, under) = of_line(line.trim_end_matches('\r'), part);
        out.push_str(format!("{indent}{line}").trim_end());
        out.push('\n');
        if !under.is_empty() {
            out.push_str(&format!("{indent}{under}\n"));
        }
    }
    out
}

/// A line, cut so that the beginning of the part is seen, and what stands below it.
fn of_line(line: &str, part: Range<usize>) -> (String, String) {
    let clean = |text: Option<&str>| -> Vec<char> {
        let text = safety::clean(text.unwrap_or_default()).replace(['\t', '\n'], " ");
        text.chars().collect()
    };
    let end = part.end.min(line.len());
    let before = clean(line.get(..part.start));
    let inside = clean(line.get(part.start..end));
    let after = clean(line.get(end..));
    // The part, with a third of the columns for what stands before it, if it does not all fit.
    let all = before.len() + inside.len() + after.len();
    let skipped = match all <= COLUMNS || before.len() + inside.len().min(COLUMNS / 3) <= COLUMNS {
        true => 0,
        false => before.len() - COLUMNS / 3,
    };
    let mut shown: Vec<char> = before.iter().skip(skipped).copied().collect();
    let start = shown.len();
    shown.extend(inside);
    let end = shown.len();
    shown.extend(after);
    if skipped > 0
        && let Some(first) = shown.first_mut()
    {
        *first = '…';
    }
    if shown.len() > COLUMNS {
        shown.truncate(COLUMNS - 1);
        shown.push('…');
    }
    let under = match end.min(COLUMNS).saturating_sub(start) {
        0 => String::new(),
        width => format!("{}{}", " ".repeat(start), "^".repeat(width)),
    };
    (shown.into_iter().collect(), under)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_underlined_where_it_stands() {
        let check = |text: &str, span: Option<Range<usize>>, expected: &str| {
            assert_eq!(pointed(text, span.as_ref(), "  "), expected, "{text:?}");
        };
        check("go test x", Some(3..7), "  go test x\n     ^^^^\n");
        check("é\tb\nnext", Some(3..4), "  é b\n    ^\n");
        check("a\nb c\nd", Some(2..6), "  b c\n  ^^^\n  d\n");
        check("a\nb\n", None, "  a\n  b\n\n");
        check("\u{1b}[31mred", None, "  red\n");
        check("", Some(0..0), "\n");
    }

    #[test]
    fn a_long_line_is_cut_around_the_part() {
        let text = format!("{}HERE{}", "a".repeat(500), "b".repeat(500));
        let shown = pointed(&text, Some(&(500..504)), "");
        let lines: Vec<&str> = shown.lines().collect();
        let at = lines[0].chars().position(|c| c == 'H').expect("the part");
        assert_eq!(lines[1], format!("{}^^^^", " ".repeat(at)));
        assert!(lines[0].starts_with('…') && lines[0].ends_with('…'));
        assert!(lines[0].chars().count() <= COLUMNS);
        let all = pointed(&text, Some(&(0..1004)), "");
        assert!(all.lines().all(|line| line.chars().count() <= COLUMNS));
    }
}
