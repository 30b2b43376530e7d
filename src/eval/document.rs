//! A text that is scored: its lines, and what each names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::command::{marks, pattern, signature};
use super::index::{Past, Sort};
use super::names::{identifiers, split, without_paths};
use super::text::{content, is_space, is_word, words};

/// A line of a text.
#[derive(Debug)]
pub(super) struct Line {
    /// The line without quotes and marks of emphasis, for commands.
    pub(super) plain: String,
    /// The files of the log that it names, resolved.
    pub(super) files: Vec<u32>,
    /// The identifiers that it names.
    pub(super) names: BTreeSet<String>,
    /// How many paths and identifiers it names, known or not.
    pub(super) named: usize,
    /// The words around them.
    pub(super) context: Vec<u32>,
    /// The same in their order; none for a word that the log never says.
    pub(super) sequence: Vec<Option<u32>>,
    /// The words of the heading above.
    pub(super) heading: Vec<u32>,
    /// All its words, and those of the names.
    pub(super) words: BTreeSet<String>,
    /// Its marks as a line of error; none of a short line.
    pub(super) marks: BTreeSet<String>,
    /// The numbers outside of paths.
    pub(super) numbers: BTreeSet<String>,
}

static LABEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A(?:#{1,6} |\*\*[^*]{2,80}\*\*:?\s*$|[A-Z0-9][^.`]{2,60}:$)"));
static INLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\A(\*\*[^*]{2,80}:\*\*)\s+\S"));
static SPACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+"));

/// The lines of `text` that are not empty. Citations do not count.
pub(super) fn lines(text: &str, past: &Past<'_>) -> Vec<Line> {
    let mut found = Vec::new();
    let mut heading = String::new();
    for line in text.split('\n') {
        let line = joined_numbers(&without_citations(line));
        let line = line.trim_matches(is_space);
        if line.is_empty() {
            continue;
        }
        if let Some(label) = INLINE.captures(line).and_then(|found| found.get(1)) {
            heading = label.as_str().to_owned();
        } else if LABEL.is_match(line) {
            heading = line.to_owned();
        }
        let above = if heading == line { "" } else { &heading };
        found.push(Line::new(line, above, past));
    }
    found
}

impl Line {
    fn new(line: &str, heading: &str, past: &Past<'_>) -> Self {
        let (paths, rest) = split(line);
        let paths: BTreeSet<String> = (paths.into_iter())
            .map(|path| past.index.roots.relative(path))
            .collect();
        let names = identifiers(&rest);
        let mut bare = rest.clone();
        for name in &names {
            bare = bare.replace(name, " ");
        }
        let bare = bare.to_lowercase();
        let sequence: Vec<Option<u32>> = content(&bare).map(|word| past.index.word(word)).collect();
        let each_once = |words: &mut dyn Iterator<Item = u32>| -> Vec<u32> {
            words.collect::<BTreeSet<u32>>().into_iter().collect()
        };
        let above = heading.to_lowercase();
        let signature = signature(line);
        let is_long = signature.chars().count() > 11;
        Self {
            plain: SPACE
                .replace_all(line, " ")
                .replace(['`', '*', '\\', '\'', '"'], ""),
            files: paths
                .iter()
                .filter_map(|path| resolve(path, past))
                .collect(),
            named: paths.len() + names.len(),
            names: names.into_iter().map(str::to_owned).collect(),
            context: each_once(&mut sequence.iter().flatten().copied()),
            sequence,
            heading: each_once(&mut content(&above).filter_map(|word| past.index.word(word))),
            words: words(&line.to_lowercase()).map(str::to_owned).collect(),
            marks: if is_long {
                marks(&signature).map(str::to_owned).collect()
            } else {
                BTreeSet::new()
            },
            numbers: without_paths(line)
                .split(|c: char| !c.is_ascii_digit())
                .filter(|digits| !digits.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// The file of the log that a path means: itself, or the only one that was used and ends like it.
fn resolve(path: &str, past: &Past<'_>) -> Option<u32> {
    if let Some(id) = past.find(Sort::Path, path)
        && (path.contains('/') || past.touches(id).is_some())
    {
        return Some(id);
    }
    let only = |mut found: Vec<u32>| if found.len() == 1 { found.pop() } else { None };
    let among = |is: &dyn Fn(&str) -> bool| -> Vec<u32> {
        let files = past.files.iter().filter(|(file, _)| is(file));
        files.map(|(_, id)| *id).collect()
    };
    let tail = |whole: &str, tail: &str| {
        whole
            .strip_suffix(tail)
            .is_some_and(|before| before.ends_with('/'))
    };
    only(among(&|file| file.rsplit('/').next() == Some(path)))
        .or_else(|| only(among(&|file| tail(file, path) || tail(path, file))))
}

/// `line` without places in a log, such as `L482`, `(L12-L15)` and `ac8a4f1a:L7`.
fn without_citations(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut before: Option<char> = None;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '(' => citation(rest.get(1..).unwrap_or_default()).map(|length| length + 1),
            _ if before.is_some_and(|c| is_word(c) || c == '/') => None,
            _ => citation(rest),
        };
        let skipped = length.unwrap_or(c.len_utf8());
        let taken = rest.get(..skipped).unwrap_or(rest);
        if length.is_none() {
            out.push(c);
        }
        before = taken.chars().next_back();
        rest = rest.get(skipped..).unwrap_or_default();
    }
    out
}

/// The length of the citation that `text` begins with.
fn citation(text: &str) -> Option<usize> {
    let label = text.chars().take_while(|c| is_word(*c) || *c == '-');
    let (count, length) = label.fold((0, 0), |(count, length), c| {
        (count + 1, length + c.len_utf8())
    });
    let labelled = (4..=40)
        .contains(&count)
        .then(|| text.get(length..)?.strip_prefix(':'))
        .flatten();
    let place = labelled
        .and_then(|rest| lines_of(rest))
        .or_else(|| lines_of(text))?;
    let rest = place.strip_prefix(')').unwrap_or(place);
    Some(text.len() - rest.len())
}

/// What stands behind `L12`, `L12-L15`, `L3, 5`.
fn lines_of(text: &str) -> Option<&str> {
    let digits = |text: &str| -> Option<usize> {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        (length > 0).then_some(length)
    };
    let space = |text: &'_ str| -> usize {
        text.chars()
            .next()
            .filter(|c| is_space(*c))
            .map_or(0, char::len_utf8)
    };
    let behind = text.strip_prefix('L')?;
    let mut rest = behind.get(digits(behind)?..)?;
    loop {
        let more = || {
            let joint = rest
                .get(space(rest)..)?
                .strip_prefix(['-', '–', ',', '→'])?;
            let next = joint.get(space(joint)..)?;
            let next = next.strip_prefix('L').unwrap_or(next);
            next.get(digits(next)?..)
        };
        match more() {
            Some(behind) => rest = behind,
            None => return Some(rest),
        }
    }
}

/// `line` with `1,234` as `1234`.
fn joined_numbers(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let behind = line.get(at + 1..).unwrap_or_default();
        let thousand = || {
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            digits == 3 && !behind.chars().nth(3).is_some_and(is_word)
        };
        let joins = c == ','
            && line
                .get(..at)
                .is_some_and(|it| it.ends_with(|c: char| c.is_ascii_digit()));
        if !(joins && thousand()) {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_and_commas_in_numbers_do_not_count() {
        let check = |line: &str, expected: &str| {
            assert_eq!(joined_numbers(&without_citations(line)), expected, "{line}");
        };
        check("green L12", "green ");
        check("two (L3, L5-L7) and ac8a4f1a:L9.", "two  and .");
        check("a-b:L4 XL5 src/L6 abc:L7", "a-b: XL5 src/L6 abc:");
        check(
            "1,234 of 12,345,678 in 1,23 x,123",
            "1234 of 12345678 in 1,23 x,123",
        );
        check("Later L", "Later L");
    }
}
