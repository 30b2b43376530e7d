//! A section of a memory file, `CLAUDE.md` or `AGENTS.md`: the handoff between two markers, to be rewritten in place.

use super::prompt::PREAMBLE;
use super::{Options, markdown};
use crate::pack::Handoff;

/// How the line begins that the section begins with.
const BEGIN: &str = "<!-- passdown:begin";
/// What it goes on with, for whoever reads the file.
const NOTE: &str = ": written by `passdown --format agents-md`, and written anew the next time -->";
/// The line that the section ends with.
const END: &str = "<!-- passdown:end -->";

/// The handoff as a section: between markers, behind a preamble, its title a heading of the second level.
pub fn memory(handoff: &Handoff, options: Options) -> String {
    section(&markdown(handoff, options))
}

fn section(handoff: &str) -> String {
    let mut text = format!("{BEGIN}{NOTE}\n");
    let level = if handoff.starts_with("# ") { "#" } else { "" };
    for line in format!("{PREAMBLE}{level}{handoff}").lines() {
        // What was quoted is not to end the section.
        if marker(line).is_none() {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.push_str(END);
    text.push('\n');
    text
}

/// `old`, the text of a memory file, with `section` in the place of the one in it, or behind all of it.
///
/// Nothing outside of the markers changes.
///
/// # Errors
///
/// The number of the line with a marker that has no partner, or that is one too many.
pub fn placed(old: &str, section: &str) -> Result<String, u32> {
    let mut begin = None;
    let mut end = None;
    let mut offset = 0;
    for (number, line) in (1..).zip(old.split_inclusive('\n')) {
        let text = line.trim_end_matches(['\n', '\r']);
        match (marker(text), begin, end) {
            (Some(Marker::Begin), None, None) => begin = Some((offset, number)),
            (Some(Marker::End), Some(_), None) => end = Some(offset + text.len()),
            (Some(_), _, _) => return Err(number),
            (None, _, _) => {}
        }
        offset += line.len();
    }
    let kept = |from: usize, to: usize| old.get(from..to).unwrap_or_default();
    match (begin, end) {
        (Some((begin, _)), Some(end)) => {
            let section = section.trim_end_matches('\n');
            Ok([kept(0, begin), section, kept(end, old.len())].concat())
        }
        (Some((_, line)), None) => Err(line),
        _ => {
            let space = match old {
                "" => "",
                _ if old.ends_with("\n\n") => "",
                _ if old.ends_with('\n') => "\n",
                _ => "\n\n",
            };
            Ok([old, space, section].concat())
        }
    }
}

enum Marker {
    Begin,
    End,
}

fn marker(line: &str) -> Option<Marker> {
    let line = line.trim();
    if line.starts_with(BEGIN) {
        Some(Marker::Begin)
    } else {
        (line == END).then_some(Marker::End)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "<!-- passdown:begin: x -->\none\n<!-- passdown:end -->\n";
    const TWO: &str = "<!-- passdown:begin: x -->\ntwo\n<!-- passdown:end -->\n";

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let check = |old: &str, expected: Result<&str, u32>| {
            assert_eq!(placed(old, TWO), expected.map(str::to_owned), "{old:?}");
        };
        check("", Ok(TWO));
        check("# Mine", Ok(&format!("# Mine\n\n{TWO}")));
        check("# Mine\n", Ok(&format!("# Mine\n\n{TWO}")));
        check("# Mine\n\n", Ok(&format!("# Mine\n\n{TWO}")));
        check(ONE, Ok(TWO));
        check(TWO, Ok(TWO));
        check(&format!("a\r\n{ONE}\nb"), Ok(&format!("a\r\n{TWO}\nb")));
        check(
            &ONE.replace('\n', "\r\n"),
            Ok(&format!("{}\r\n", TWO.trim_end())),
        );
        check("x\n<!-- passdown:end -->\n", Err(2));
        check("x\n<!-- passdown:begin -->\ny\n", Err(2));
        check(&format!("{ONE}{ONE}"), Err(4));
        check(
            "<!-- passdown:begin -->\n<!-- passdown:begin -->\n<!-- passdown:end -->",
            Err(2),
        );
    }

    #[test]
    fn a_section_holds_no_marker_but_its_own() {
        let text = section("# Task: x\n <!-- passdown:end --> \n- y\n");
        assert!(
            text.starts_with(BEGIN) && text.ends_with("## Task: x\n- y\n<!-- passdown:end -->\n")
        );
        assert_eq!(text.matches(END).count(), 1);
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing(before in "(?s).{0,40}", body in "[a-z\n#]{0,40}") {
            let section = section(&body);
            let once = placed(&before, &section).expect("no markers in it");
            prop_assert!(once.starts_with(&before));
            prop_assert_eq!(placed(&once, &section), Ok(once));
        }
    }
}
