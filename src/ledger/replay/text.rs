//! What an edit put into a file: lines, and what they define.

use super::super::Cite;
use super::super::files::{Defined, FileState};
use crate::extract::define::{definitions, headings};
use crate::extract::path::Class;
use crate::session::Text;
use std::collections::HashSet;

/// A line of a file as `Read` shows it, without its number: `    12→code`, or a tab for the arrow.
pub(super) fn unnumbered(line: &str) -> &str {
    let behind = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    behind.strip_prefix(['→', '\t']).unwrap_or(line)
}

/// Lines added and removed by replacements, by counting lines that the other side does not have.
pub(super) fn patched(hunks: &[(Text, Text)]) -> (u32, u32) {
    let only = |a: &str, b: &str| {
        let other: HashSet<&str> = b.lines().collect();
        u32::try_from(a.lines().filter(|line| !other.contains(line)).count()).unwrap_or(u32::MAX)
    };
    hunks.iter().fold((0, 0), |(added, removed), (old, new)| {
        (
            added + only(&new.text, &old.text),
            removed + only(&old.text, &new.text),
        )
    })
}

/// Notes what replacing `old` by `new` defined or changed in `file`.
pub(super) fn define(file: &mut FileState, old: &str, new: &str, cite: &Cite) {
    const KEPT: usize = 40;
    changed(file, old, new, cite);
    let docs = file.class == Class::Docs;
    let (before, after) = if docs {
        let pair = |text| {
            headings(text)
                .into_iter()
                .map(|title| (title, title))
                .collect::<Vec<_>>()
        };
        (pair(old), pair(new))
    } else {
        (definitions(old), definitions(new))
    };
    for (name, line) in after {
        let new = !before.iter().any(|(known, _)| *known == name);
        let was_new = file
            .defined
            .iter()
            .any(|known| known.name == name && known.new);
        file.defined.retain(|known| known.name != name);
        file.defined.push(Defined {
            name: name.to_owned(),
            line: line.to_owned(),
            new: new || was_new,
            cite: cite.clone(),
        });
    }
    for (name, _) in before {
        if !new.contains(name) {
            file.defined.retain(|known| known.name != name);
        }
    }
    if file.defined.len() > KEPT {
        file.defined.drain(..file.defined.len() - KEPT);
    }
}

/// Notes the lines that replacing `old` by `new` brought in.
fn changed(file: &mut FileState, old: &str, new: &str, cite: &Cite) {
    let whole = old.is_empty();
    let before: HashSet<&str> = old.lines().map(str::trim).collect();
    let gone = gone(old, new);
    for lines in [&mut file.changed, &mut file.seen] {
        lines.retain(|(line, _)| match whole {
            true => new.contains(line.as_str()),
            false => !gone.contains(&line.as_str()),
        });
    }
    for line in new.lines().map(str::trim) {
        if !before.contains(line) && (!whole || !definitions(line).is_empty()) {
            note_line(&mut file.changed, line, cite);
        }
    }
}

/// The lines that replacing `old` by `new` took out.
pub(super) fn gone<'t>(old: &'t str, new: &str) -> Vec<&'t str> {
    let after: HashSet<&str> = new.lines().map(str::trim).collect();
    let lines = old.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !after.contains(line))
        .collect()
}

/// Puts a line of code at the end of `lines`, if it is neither a bracket nor a paragraph.
pub(super) fn note_line(lines: &mut Vec<(String, Cite)>, line: &str, cite: &Cite) {
    const KEPT: usize = 60;
    const LENGTHS: std::ops::RangeInclusive<usize> = 12..=140;
    if LENGTHS.contains(&line.len()) {
        lines.retain(|(known, _)| known != line);
        lines.push((line.to_owned(), cite.clone()));
        if lines.len() > KEPT {
            lines.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unnumbered;

    #[test]
    fn the_number_of_a_line_is_taken_off() {
        for (line, code) in [
            ("     1→package cli", "package cli"),
            ("  120\t\tx := 1", "\tx := 1"),
            ("12 monkeys", "12 monkeys"),
            ("→ see below", " see below"),
            ("", ""),
        ] {
            assert_eq!(unnumbered(line), code);
        }
    }
}
