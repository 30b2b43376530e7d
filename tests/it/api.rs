//! What is public, as a snapshot: a change of it is seen, and is one for whoever builds on the library.
//!
//! The lint `unreachable_pub` holds that what is called `pub` in `src` can be reached from outside, so the words of the sources tell all of it:
//! declarations without bodies, fields, variants.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[test]
fn what_is_public_is_known() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths.sort();
    let mut all = String::new();
    let mut count = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let found = declarations(&text);
        if found.is_empty() {
            continue;
        }
        count += found.len();
        let name = path.strip_prefix(&src).expect("below src");
        // The same on every platform.
        let name = name.display().to_string().replace('\\', "/");
        let _ = writeln!(all, "{name}\n  {}", found.join("\n  "));
    }
    assert!(count > 300, "only {count} declarations");
    insta::assert_snapshot!("public", all);
}

#[test]
fn declarations_are_told_without_their_bodies() {
    let text = "
/// A word.
pub struct Word {
    /// Its letters.
    pub letters: String,
    hidden: u32,
}

impl Word {
    /// Makes one.
    pub fn new(
        letters: &str,
        count: u32,
    ) -> Self {
        Self { letters: letters.into(), hidden: 0 }
    }
    pub(crate) fn inner() {}
    pub const MOST: usize = 3;
}

pub enum Kind {
    /// One.
    One,
    Two { of: u32 },
}

#[cfg(test)]
mod tests {
    pub fn none() {}
}
";
    assert_eq!(
        declarations(text),
        [
            "pub struct Word",
            "pub letters: String",
            "impl Word: pub fn new( letters: &str, count: u32, ) -> Self",
            "impl Word: pub const MOST: usize",
            "pub enum Kind { One, Two { of: u32 }, }",
        ]
    );
}

/// The public declarations of a file, in their order.
fn declarations(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut of = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let plain = line.trim();
        if plain == "#[cfg(test)]" {
            // Tests stand at the end of a file, or in another.
            break;
        }
        if line == "}" {
            of.clear();
        } else if line.starts_with("impl") || line.starts_with("pub trait ") {
            of = line.trim_end_matches(['{', ' ']).to_owned();
        }
        if !plain.starts_with("pub ") {
            continue;
        }
        let mut whole = plain.to_owned();
        let is_whole = |whole: &str| {
            let open = |sign: char| whole.matches(sign).count();
            match () {
                () if whole.starts_with("pub enum ")
                    || whole.starts_with("pub trait ")
                    || whole.starts_with("pub use ") =>
                {
                    open('{') == open('}') && whole.ends_with(['}', ';'])
                }
                () if whole.contains(" fn ") || whole.contains("struct ") => {
                    whole.ends_with(['{', ';', '}'])
                }
                () => whole.ends_with([',', ';', '{', '=', '[', '(']),
            }
        };
        while !is_whole(&whole) {
            let Some(next) = lines.next() else { break };
            let next = next.trim();
            if !next.starts_with("//") && !next.starts_with('#') {
                whole.push(' ');
                whole.push_str(next);
            }
        }
        // A value may change; a body is nobody's.
        let is_value = whole.starts_with("pub const") || whole.starts_with("pub static");
        let end = match whole.find(" = ").or(whole.find(" =").filter(|_| is_value)) {
            Some(end) if is_value => end,
            _ if whole.starts_with("pub enum ")
                || whole.starts_with("pub trait ")
                || whole.starts_with("pub use ") =>
            {
                whole.len()
            }
            _ => match whole.contains(" fn ") || whole.contains("struct ") {
                true => whole.find('{').unwrap_or(whole.len()),
                false => whole.len(),
            },
        };
        let told = whole[..end].trim_end_matches([',', ';', ' ']);
        let within =
            line.starts_with(' ') && told.contains(" fn ") || is_value && line.starts_with(' ');
        found.push(match within && !of.is_empty() {
            true => format!("{of}: {told}"),
            false => told.to_owned(),
        });
    }
    found
}

/// The source files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}
