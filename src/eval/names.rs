//! Names in a text: paths, and identifiers outside of paths.
//!
//! Both are patterns with a look behind them, read by hand: one pass, and no
//! position of a long run is tried twice, whatever the text.

use std::collections::BTreeSet;
use std::ops::Range;

use super::text::is_word;

/// Endings of files, sorted.
const ENDINGS: &[&str] = &[
    "c", "cc", "cfg", "cjs", "cpp", "cs", "css", "env", "ex", "exs", "go", "gradle", "h", "hpp",
    "html", "ini", "ipynb", "java", "js", "json", "jsonl", "jsx", "kt", "lock", "lua", "md", "mjs",
    "mod", "php", "proto", "py", "rb", "rs", "scss", "sh", "sql", "sum", "svelte", "swift", "tf",
    "toml", "ts", "tsx", "txt", "vue", "xml", "yaml", "yml", "zig",
];

/// The paths of `text`, and the text with a blank in the place of each.
pub(super) fn split(text: &str) -> (Vec<&str>, String) {
    let mut found = Vec::new();
    let mut rest = String::with_capacity(text.len());
    let mut copied = 0;
    each_path(text, |range| {
        rest.push_str(text.get(copied..range.start).unwrap_or_default());
        rest.push(' ');
        copied = range.end;
        found.extend(text.get(range));
    });
    rest.push_str(text.get(copied..).unwrap_or_default());
    (found, rest)
}

/// `text` with a blank in the place of each path.
pub(super) fn without_paths(text: &str) -> String {
    split(text).1
}

/// The identifiers of a text whose paths are taken out: `#12`, `ABC-12`, names
/// with a hump, `_` or a digit, and hashes by their first seven digits.
pub(super) fn identifiers(rest: &str) -> BTreeSet<&str> {
    let bytes = rest.as_bytes();
    let mut found = BTreeSet::new();
    let mut at = 0;
    let mut behind_word = false;
    while let Some(c) = char_at(rest, at) {
        if c == '#' {
            let digits = run(rest, at + 1, is_digit);
            let many = rest
                .get(at + 1..digits)
                .is_some_and(|it| it.chars().nth(1).is_some());
            if many && !word_at(rest, digits) {
                found.extend(rest.get(at..digits));
                (at, behind_word) = (digits, true);
                continue;
            }
        }
        if !is_word(c) || behind_word {
            behind_word = is_word(c);
            at += c.len_utf8();
            continue;
        }
        let ascii = |class: fn(&u8) -> bool| {
            let tail = bytes.get(at..).unwrap_or_default();
            at + tail.iter().take_while(|b| class(b)).count()
        };
        let capitals = ascii(u8::is_ascii_uppercase);
        if capitals >= at + 2 && bytes.get(capitals) == Some(&b'-') {
            let digits = run(rest, capitals + 1, is_digit);
            if digits > capitals + 1 && !word_at(rest, digits) {
                found.extend(rest.get(at..digits));
                (at, behind_word) = (digits, true);
                continue;
            }
        }
        let end = ascii(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let hex = ascii(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
        let name = !c.is_ascii_digit() && c.is_ascii() && end >= at + 6 && !word_at(rest, end);
        let is_hash = (7..=40).contains(&(hex - at)) && !word_at(rest, hex);
        let word = rest.get(at..end).unwrap_or_default();
        if is_hash && hex == end {
            let mixed = word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().any(|b| b.is_ascii_lowercase());
            found.extend(word.get(..7).filter(|_| mixed));
        } else if name && has_hump(word.as_bytes()) {
            found.insert(word);
        }
        at = run(rest, at, is_word);
        behind_word = true;
    }
    found
}

/// True of `aB`, `a_b`, `a1` and `ABc`, anywhere in the word.
fn has_hump(word: &[u8]) -> bool {
    word.windows(2).any(|pair| match pair {
        [a, b] => {
            (a.is_ascii_lowercase() && b.is_ascii_uppercase())
                || (a.is_ascii_alphabetic() && b.is_ascii_digit())
        }
        _ => false,
    }) || word.windows(3).any(|three| match three {
        [a, b'_', c] => a.is_ascii_alphabetic() && c.is_ascii_alphabetic(),
        [a, b, c] => a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_lowercase(),
        _ => false,
    })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// What stands in a segment of a path.
fn in_segment(c: char) -> bool {
    is_word(c) || matches!(c, '.' | '@' | '+' | '-')
}

/// What stands between the points of a file's name.
fn in_name(c: char) -> bool {
    is_word(c) || c == '-'
}

fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at)? {
        byte if byte.is_ascii() => Some(char::from(*byte)),
        _ => text.get(at..)?.chars().next(),
    }
}

fn word_at(text: &str, at: usize) -> bool {
    char_at(text, at).is_some_and(is_word)
}

/// The end of the run of `class` that begins at `at`.
fn run(text: &str, mut at: usize, class: impl Fn(char) -> bool) -> usize {
    while let Some(c) = char_at(text, at).filter(|c| class(*c)) {
        at += c.len_utf8();
    }
    at
}

/// Where no path of a kind begins before: what was learned by trying.
#[derive(Default)]
struct Dead {
    /// No folders begin in it.
    tried: Range<usize>,
    /// No file begins before it.
    files: usize,
}

fn each_path(text: &str, mut each: impl FnMut(Range<usize>)) {
    let mut dead = Dead::default();
    let mut at = 0;
    let mut before: Option<char> = None;
    while let Some(c) = char_at(text, at) {
        let end = match c {
            '~' | '/' => folders(text, at, c, &mut dead),
            c if in_segment(c) => drive(text, at, c, before)
                .or_else(|| dotfile(text, at, c, before))
                .or_else(|| folders(text, at, c, &mut dead))
                .or_else(|| file(text, at, c, before, &mut dead)),
            _ => None,
        };
        match end {
            Some(end) => {
                each(at..end);
                before = text.get(..end).and_then(|it| it.chars().next_back());
                at = end;
            }
            None => {
                before = Some(c);
                at += c.len_utf8();
            }
        }
    }
}

/// `C:\folder\file`, with single or doubled strokes of either slant.
fn drive(text: &str, at: usize, c: char, before: Option<char>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !c.is_ascii_alphabetic() || bytes.get(at + 1) != Some(&b':') || before.is_some_and(is_word) {
        return None;
    }
    let stroke = |at: usize| matches!(bytes.get(at), Some(b'/' | b'\\'));
    let mut end = None;
    let mut next = at + 2;
    while stroke(next) {
        let from = next + 1 + usize::from(stroke(next + 1));
        let to = run(text, from, in_segment);
        if to == from {
            break;
        }
        end = Some(to);
        next = to;
    }
    end
}

/// `.env`, `.gitignore`, `.eslintrc`.
fn dotfile(text: &str, at: usize, c: char, before: Option<char>) -> Option<usize> {
    if c != '.' || before.is_some_and(|c| is_word(c) || matches!(c, '.' | '/')) {
        return None;
    }
    let end = run(text, at + 1, |c| c.is_ascii_lowercase());
    let name = text.get(at + 1..end)?;
    let known = name == "env"
        || name.strip_suffix("ignore").is_some_and(|it| !it.is_empty())
        || name.strip_suffix("rc").is_some_and(|it| !it.is_empty());
    (known && !word_at(text, end)).then_some(end)
}

/// `a/b`, `/a/b`, `~/a/b`, `./a/b`, `../a/b`: at least one folder and a name.
fn folders(text: &str, at: usize, c: char, dead: &mut Dead) -> Option<usize> {
    let bytes = text.as_bytes();
    let slash = |at: usize| bytes.get(at) == Some(&b'/');
    let mut from = |at: usize| dead.segments(text, at);
    let mut behind = |at: usize| {
        let rooted = if slash(at) { from(at + 1) } else { None };
        rooted.or_else(|| from(at))
    };
    match c {
        '~' => behind(at + 1),
        '/' => from(at + 1),
        '.' if bytes.get(at + 1) == Some(&b'.') => behind(at + 2)
            .or_else(|| behind(at + 1))
            .or_else(|| from(at)),
        '.' => behind(at + 1).or_else(|| from(at)),
        _ => from(at),
    }
}

impl Dead {
    /// The end of the segments from `at` on, if it is not known already that there is none: where none begins at a
    /// place, none begins between it and the end of what was looked at.
    fn segments(&mut self, text: &str, at: usize) -> Option<usize> {
        if self.tried.contains(&at) {
            return None;
        }
        match segments(text, at) {
            Ok(end) => Some(end),
            Err(end) => {
                self.tried = at..end;
                None
            }
        }
    }
}

/// The end of the segments from `at` on: behind the last letter or digit that
/// has a `/` before it. Otherwise, how far it was looked.
fn segments(text: &str, mut at: usize) -> Result<usize, usize> {
    let mut end = None;
    let mut first = true;
    loop {
        let mut to = at;
        while let Some(c) = char_at(text, to).filter(|c| in_segment(*c)) {
            to += c.len_utf8();
            if !first && is_word(c) {
                end = Some(to);
            }
        }
        if to == at || text.as_bytes().get(to) != Some(&b'/') {
            return end.ok_or(to);
        }
        first = false;
        at = to + 1;
    }
}

/// `name.go`, `some.test.ts`: the last point with a known ending behind it counts.
fn file(text: &str, at: usize, c: char, before: Option<char>, dead: &mut Dead) -> Option<usize> {
    if at < dead.files || !in_name(c) || before.is_some_and(is_word) == is_word(c) {
        return None;
    }
    let mut end = None;
    let mut to = run(text, at, in_name);
    while text.as_bytes().get(to) == Some(&b'.') {
        let from = to + 1;
        let word = run(text, from, is_word);
        let ending = text.get(from..word).unwrap_or_default();
        if ENDINGS.binary_search(&ending).is_ok() {
            end = Some(word);
        }
        let next = run(text, word, in_name);
        if next == from {
            break;
        }
        to = next;
    }
    if end.is_none() {
        dead.files = to;
    }
    end
}

/// Makes paths of one file one: relative to the session's folders, with `/`.
#[derive(Debug, Default)]
pub(super) struct Roots(Vec<String>);

impl Roots {
    /// The folders that records were written in.
    pub(super) fn new(cwds: &[String]) -> Self {
        let mut roots: Vec<String> = cwds
            .iter()
            .map(|cwd| format!("{}/", strokes(cwd).trim_end_matches('/').to_lowercase()))
            .collect();
        roots.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        roots.dedup();
        Self(roots)
    }

    /// `path` without the folder, `./`, a line number and what quotes it.
    pub(super) fn relative(&self, path: &str) -> String {
        const AROUND: &str = "`'\"()[]<>,;:";
        let path = path.trim().trim_matches(|c| AROUND.contains(c));
        let mut path = strokes(path);
        if path.contains([':', '#']) {
            path = without_place(&path);
        }
        let path = path.trim_end_matches(['/', '.']);
        let lower = path.to_lowercase();
        if let Some(root) = self.0.iter().find(|root| lower.starts_with(root.as_str())) {
            let skipped = root.chars().count();
            return path.chars().skip(skipped).collect();
        }
        let mut path = path;
        while let Some(rest) = path.strip_prefix("./") {
            path = rest;
        }
        path.to_owned()
    }
}

/// `path` with one `/` for each run of strokes of either slant.
fn strokes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '/' | '\\' if out.ends_with('/') => {}
            '/' | '\\' => out.push('/'),
            c => out.push(c),
        }
    }
    out
}

/// `path` without `:12:3` at its end, or all from `#L12` on.
fn without_place(path: &str) -> String {
    let mut rest = path;
    if let Some((at, _)) = path.match_indices('#').find(|(at, _)| {
        let behind = path.get(at + 1..).unwrap_or_default();
        let behind = behind.strip_prefix('L').unwrap_or(behind);
        behind.starts_with(is_digit)
    }) {
        rest = path.get(..at).unwrap_or(path);
        return rest.to_owned();
    }
    while let Some((before, digits)) = rest.rsplit_once(':') {
        if digits.is_empty() || !digits.chars().all(is_digit) {
            break;
        }
        rest = before;
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_and_leave_a_blank() {
        let check = |text: &str, paths: &[&str]| assert_eq!(split(text).0, paths, "{text}");
        check(
            "see src/eval/mod.rs:12, and main.go.",
            &["src/eval/mod.rs", "main.go"],
        );
        check(
            "/a/b /x ~/n/m ../up/x ./run.sh ./a/",
            &["/a/b", "~/n/m", "../up/x", "./run.sh", "./a"],
        );
        check(
            r"C:\Users\me\a.txt D:\\x",
            &[r"C:\Users\me\a.txt", r"D:\\x"],
        );
        check("https://example.com/a-b/c?q", &["/example.com/a-b/c"]);
        check(
            ".env .gitignore x.env a/.eslintrc .rc",
            &[".env", ".gitignore", "x.env", "a/.eslintrc"],
        );
        check(
            "some.test.tsx.map x.golang y.go-old",
            &["some.test.tsx", "y.go"],
        );
        check("a//b/c a/ -/- and/or", &["/b/c", "and/or"]);
        check("ünï/cödé.py", &["ünï/cödé.py"]);
        check("...", &[]);
        assert_eq!(without_paths("at a/b, c.rs!"), "at  ,  !");
    }

    #[test]
    fn identifiers_have_a_hump_a_stroke_or_a_digit() {
        let check = |text: &str, names: &[&str]| {
            let found: Vec<&str> = identifiers(text).into_iter().collect();
            assert_eq!(found, names, "{text}");
        };
        check("fix #482 and #4 in ABC-12", &["#482", "ABC-12"]);
        check(
            "newBuilder plainword from_bytes HTTPServer abcde1",
            &["HTTPServer", "abcde1", "from_bytes", "newBuilder"],
        );
        check("a1b2c3d4e5f6 1234567 abcdefa deadbeef", &["a1b2c3d"]);
        check("v1 xY #12a UPPERCASE _private", &[]);
        check("a_b_c_d_e x-y_z_w_1", &["a_b_c_d_e", "y_z_w_1"]);
        check("naïve_word_x éabcdeF", &[]);
    }

    #[test]
    fn paths_are_relative_to_the_folders_of_the_session() {
        let roots = Roots::new(&["/home/me/app".into(), r"C:\Work\App".into()]);
        let check = |path: &str, short: &str| assert_eq!(roots.relative(path), short, "{path}");
        check("/home/me/app/src/a.rs:12:3", "src/a.rs");
        check(r"c:\work\app\src\\a.rs", "src/a.rs");
        check("././src/a.rs", "src/a.rs");
        check("`src/a.rs#L12-L14`", "src/a.rs");
        check("/home/me/other/", "/home/me/other");
        check("", "");
    }

    #[test]
    fn long_runs_take_no_longer_than_their_length() {
        for unit in ["a", "-", ".", "a.", "a-", "..", "/.", "a/-/", "~", "#1"] {
            split(&unit.repeat(200_000));
            identifiers(&unit.repeat(200_000));
        }
    }
}
