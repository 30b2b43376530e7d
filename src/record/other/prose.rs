//! Words as they are meant to be shown → plain words.

use std::borrow::Cow;

/// Prose without what only a program shows: links whose target says no more than their words, and directives.
///
/// `[src/a.rs](/w/src/a.rs:12)` is `src/a.rs:12`, `[https://x.y](https://x.y)` is `https://x.y`, and a line
/// `::git-push{cwd="/w"}`, which is for the program, is left out.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains("](") && !text.contains("::") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.split_inclusive('\n') {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            out.push_str(line);
        } else if !is_directive(line) {
            links(line, &mut out);
        }
    }
    Cow::Owned(out)
}

/// True for a line of nothing but `::name{…}`, once or more.
fn is_directive(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("::")
        && line.ends_with('}')
        && line.split_once('{').is_some_and(|(name, _)| {
            let name = name.trim_start_matches(':');
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
}

fn links(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some((before, words, target, behind)) = link(rest) {
        out.push_str(before);
        let bare = words.trim_matches('`');
        let (path, line) = place(target);
        if target == bare || target.contains("://") && bare.contains("://") {
            out.push_str(target);
        } else if target.contains("://") {
            out.push_str(words);
            out.push_str(" (");
            out.push_str(target);
            out.push(')');
        } else if let Some(line) = line
            && path.ends_with(bare)
        {
            let quote = if words.ends_with('`') { "`" } else { "" };
            out.push_str(&format!("{quote}{bare}:{line}{quote}"));
        } else {
            out.push_str(words);
        }
        rest = behind;
    }
    out.push_str(rest);
}

/// The first `[words](target)` of a line: what stands before it, its parts, and what follows.
fn link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = text.split_once("](")?;
    let (before, words) = head.rsplit_once('[')?;
    let (target, behind) = tail.split_once(')')?;
    let plain = !target.is_empty() && !target.contains(char::is_whitespace) && !words.is_empty();
    plain.then_some((before, words, target, behind))
}

/// The path and the line of `src/a.rs:12`.
fn place(target: &str) -> (&str, Option<&str>) {
    match target.rsplit_once(':') {
        Some((path, line)) if !line.is_empty() && line.bytes().all(|it| it.is_ascii_digit()) => {
            (path, Some(line))
        }
        _ => (target, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_program_shows_is_left_out() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected, "{text}");
        check("as it is", "as it is");
        check("see [https://x.y/z](https://x.y/z).", "see https://x.y/z.");
        check("PR [#12](https://x.y/12)", "PR #12 (https://x.y/12)");
        check(
            "in [src/a.rs](/w/src/a.rs:12), [`b.rs`](/w/b.rs:3)",
            "in src/a.rs:12, `b.rs:3`",
        );
        check("[src/a.rs:12](/w/src/a.rs:12)", "src/a.rs:12");
        check("[the docs](docs/a.md)", "the docs");
        check("a[0](x y) and [1](", "a[0](x y) and [1](");
        check("done\n\n::git-push{cwd=\"/w\"}\n", "done\n\n");
        check("std::fmt{a}\n::Upper{a}", "std::fmt{a}\n::Upper{a}");
        check(
            "```\n[a](b)\n::x{}\n```\n[a](b)",
            "```\n[a](b)\n::x{}\n```\na",
        );
    }
}
