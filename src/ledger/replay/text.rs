//! What an edit put into a file: lines, and what they define.

use super::super::Cite;
use super::super::Sentence;
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

/// `prompt` from where the user speaks: the lines at its head that repeat sentences of the agent's `prose` are what is spoken
/// of.
pub(super) fn unquoted<'t>(prompt: &'t str, prose: &[Sentence]) -> &'t str {
    const BACK: usize = 400;
    const LEAST: usize = 24;
    const WORDS: usize = 3;
    let recent = &prose[prose.len().saturating_sub(BACK)..];
    let is_repeated = |line: &str| {
        let mut left = line.to_owned();
        let fits = |said: &&Sentence| (LEAST..=line.len()).contains(&said.text.len());
        for said in recent.iter().filter(fits) {
            if let Some(at) = left.find(&said.text) {
                left.replace_range(at..at + said.text.len(), "");
            }
        }
        left.len() < line.len() && !left.contains(char::is_alphanumeric)
    };
    let mut rest = prompt;
    while let Some((line, below)) = rest.split_once('\n')
        && (line.trim().is_empty() || is_repeated(line))
    {
        rest = below;
    }
    match rest.split_whitespace().nth(WORDS) {
        Some(_) => rest,
        None => prompt,
    }
}

/// Notes what replacing `old` by `new` defined or changed in `file`.
///
/// Of a file that stood there before and was written whole it is not known what is new in it: `rewritten`.
pub(super) fn define(file: &mut FileState, old: &str, text: &str, rewritten: bool, cite: &Cite) {
    const KEPT: usize = 40;
    changed(file, old, text, cite);
    renamed(file, old, text);
    let docs = file.class == Class::Docs;
    let (before, after) = if docs {
        let pair = |text| {
            headings(text)
                .into_iter()
                .map(|title| (title, title))
                .collect::<Vec<_>>()
        };
        (pair(old), pair(text))
    } else {
        (definitions(old), definitions(text))
    };
    for (name, line) in after {
        let new = !before.iter().any(|(known, _)| *known == name);
        // An edit that only stands beside it leaves it as it was.
        if !new && body(old, name, docs) == body(text, name, docs) {
            continue;
        }
        let was_new = file
            .defined
            .iter()
            .any(|known| known.name == name && known.new);
        let came_back = file.gone.iter().any(|gone| gone == name);
        file.defined.retain(|known| known.name != name);
        file.defined.push(Defined {
            name: name.to_owned(),
            line: line.to_owned(),
            new: (new && !rewritten && !came_back) || was_new,
            cite: cite.clone(),
        });
    }
    for (name, _) in before {
        if !text.contains(name) {
            let was_new = file
                .defined
                .iter()
                .any(|known| known.name == name && known.new);
            file.defined.retain(|known| known.name != name);
            if !was_new && file.gone.len() < KEPT {
                file.gone.push(name.to_owned());
            }
        }
    }
    if file.defined.len() > KEPT {
        file.defined.drain(..file.defined.len() - KEPT);
    }
}

/// A name that is replaced by another, wherever it stands, is what was defined under it, too.
fn renamed(file: &mut FileState, old: &str, new: &str) {
    let is_name =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name(old) && is_name(new) {
        let defined = file.defined.iter_mut();
        for known in defined.filter(|known| known.name == old) {
            known.line = known.line.replace(old, new);
            new.clone_into(&mut known.name);
        }
        for (line, _) in &mut file.changed {
            *line = line.replace(old, new);
        }
    }
}

/// What `text` has of the definition of `name`: its lines to the next definition, without what only leads to that.
fn body<'t>(text: &'t str, name: &str, docs: bool) -> Vec<&'t str> {
    let defines = |line: &str| match docs {
        true => headings(line).first().map(|title| (*title).to_owned()),
        false => definitions(line)
            .first()
            .map(|(name, _)| (*name).to_owned()),
    };
    let mut lines = text.lines().map(str::trim);
    let Some(first) = lines.find(|line| defines(line).as_deref() == Some(name)) else {
        return Vec::new();
    };
    let mut body = vec![first];
    body.extend(lines.take_while(|line| defines(line).is_none()));
    let leads = |line: &&str| {
        line.is_empty()
            || (!docs
                && ["//", "#", "/*", "*", "@", "\"\"\""]
                    .iter()
                    .any(|mark| line.starts_with(mark)))
    };
    while body.last().is_some_and(leads) {
        body.pop();
    }
    body
}

/// The lines that replacing `old` by `new` brought in.
pub(super) fn brought<'t>(old: &str, new: &'t str) -> Vec<&'t str> {
    let before: HashSet<&str> = old.lines().map(str::trim).collect();
    new.lines()
        .filter(|line| !before.contains(line.trim()))
        .collect()
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
    use super::super::sentence;
    use super::{body, unnumbered, unquoted};
    use crate::ledger::Cite;
    use crate::position::Position;

    #[test]
    fn what_the_agent_said_is_not_asked_for_by_who_quotes_it() {
        let cite = Cite {
            at: Position::main(1),
            uuid: None,
            time: None,
            tick: 0,
        };
        let said = |text: &str| sentence(text, None, &cite);
        let prose = [
            said("The suffix solves this, since the first copy stays as it is."),
            said("When the user commits, its data are used."),
        ];
        let quoted = "> The suffix solves this, since the first copy stays as it is. When the user commits, its data are used.";
        for (prompt, own) in [
            (
                format!("{quoted}\n\nthis is not fully true, or?"),
                "this is not fully true, or?",
            ),
            (format!("{quoted}\nyes"), ""),
            (format!("{quoted} but why is that so?\n"), ""),
            ("drop the suffix\nand keep the copy".to_owned(), ""),
        ] {
            let own = if own.is_empty() { prompt.as_str() } else { own };
            assert_eq!(unquoted(&prompt, &prose), own);
        }
    }

    #[test]
    fn what_an_edit_only_stands_beside_is_not_edited() {
        let is_edited = |old: &str, new: &str| body(old, "Run", false) != body(new, "Run", false);
        let anchor = "func Run() {\n";
        let before = format!("func Check() {{\n\tgo()\n}}\n\n// Run runs.\n{anchor}");
        assert!(!is_edited(anchor, &before));
        let whole = "func Run() {\n}\n";
        let after = format!("{whole}\n// Check checks.\nfunc Check() {{\n}}\n");
        assert!(!is_edited(whole, &after));
        assert!(is_edited(whole, "func Run() {\n\tgo()\n}\n"));
    }

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
