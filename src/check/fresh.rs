//! What moved in the working tree since a handoff was written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::Complaint;
use super::document::Document;
use super::quality::column;
use super::tree::{Commit, Tree};
use super::words::paths;
use crate::extract::words::{counted, identifiers, is_identifier};
use crate::safety;
use crate::score::Part;

/// What was held against the tree, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Freshness {
    /// What is no longer as the handoff says, in the order of its lines.
    pub complaints: Vec<Complaint>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// Holds `text` against the files in `folder`. `written` is when the handoff was written, if its text does not say.
///
/// `None` if none of the files that it names lies there: then it is of another folder.
pub fn fresh(text: &str, folder: &Path, written: Option<jiff::Timestamp>) -> Option<Freshness> {
    let document = Document::new(text);
    let tree = Tree::new(folder);
    let named = named(&document);
    let here = |path: &&str| tree.has(path);
    if !named.keys().any(here)
        && document
            .folder()
            .is_none_or(|said| Path::new(said) != folder)
    {
        return None;
    }
    let time = said_time(text).or(written);
    let mut fresh = Freshness::default();
    let branch = tree.branch();
    let mut commits = Vec::new();
    let mut dirty = BTreeSet::new();
    match &branch {
        Err(why) => fresh.notes.push(format!(
            "branch, commits and names were not looked at: {why}"
        )),
        Ok(now) => {
            branches(&document, now.as_deref(), &mut fresh.complaints);
            if let Some(time) = time {
                commits = tree.commits_since(time);
                head(&document, &commits, &mut fresh.complaints);
            }
            dirty.extend(tree.dirty());
            hashes(&document, &tree, &mut fresh.complaints);
            symbols(&document, &tree, &mut fresh.complaints);
            closed(&document, &commits, &mut fresh.complaints);
        }
    }
    if time.is_none() {
        fresh
            .notes
            .push("the handoff says no time, so later changes were not looked for".to_owned());
    }
    for (path, (line, at)) in &named {
        let complain = |rule, what, mend| Complaint {
            line: *line,
            column: column(*at),
            rule,
            what,
            mend,
        };
        let shown = safety::one_line(path, 120);
        // Only what lies in a folder of this tree, or at its top, is expected here: other names are short for more.
        let Some(changed) = tree.modified(path) else {
            if path.contains('/') && !tree.has(path) {
                fresh.complaints.push(complain(
                    "file-gone",
                    format!("{shown} is not there any more"),
                    "say where it went, or leave it out",
                ));
            }
            continue;
        };
        let Some(time) = time else { continue };
        let by = commits
            .iter()
            .find(|commit| commit.files.iter().any(|file| file == path));
        let what = match (&branch, by) {
            (_, Some(commit)) => format!("{shown} was changed since, by {}", commit.hash),
            // The time of a file says little where git keeps it: a checkout sets it anew.
            (Ok(_), None) if !dirty.contains(*path) => continue,
            _ if changed > time => format!("{shown} was changed since"),
            _ => continue,
        };
        fresh.complaints.push(complain(
            "file-changed",
            what,
            "read it again before trusting what the line says of it",
        ));
    }
    fresh.complaints.sort();
    Some(fresh)
}

/// The files that the document itself names, by path from its folder, each with its first place. Quotations are left
/// out, and lines that tell of a removal.
fn named<'d>(document: &'d Document<'_>) -> BTreeMap<&'d str, (u32, usize)> {
    let folder = document.folder().unwrap_or("");
    let mut named = BTreeMap::new();
    for line in &document.lines {
        let lower = line.own.to_lowercase();
        if ["deleted", "removed", "renamed", "moved", "never written"]
            .iter()
            .any(|word| lower.contains(word))
        {
            continue;
        }
        let code = line.code();
        let verbatim = code
            .iter()
            .flat_map(|(at, code)| paths(code).map(move |(inner, path)| (at + inner, path)));
        for (at, path) in paths(&line.own).chain(verbatim) {
            let path = path
                .strip_prefix(folder)
                .map_or(path, |rest| rest.trim_start_matches('/'));
            let path = path.strip_prefix("./").unwrap_or(path);
            // What lies elsewhere is not this tree's, and nothing outside of it is looked at.
            if !path.starts_with('/') && !path.split('/').any(|folder| folder == "..") {
                named.entry(path).or_insert((line.number, at));
            }
        }
    }
    named
}

static TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)? ?(?:UTC|Z)\b").ok());

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?im)^(?:#+ |.*\b(?:date|updated|written)\b).*?(?<date>\d{4}-\d\d-\d\d)(?:[^\d-]|$)",
    )
    .ok()
});

/// The time that the document says it is from: the first that it names, else the end of the day in its heading or on the
/// line of its date.
fn said_time(text: &str) -> Option<jiff::Timestamp> {
    let Some(found) = TIME.as_ref()?.captures(text) else {
        let date = DATE.as_ref()?.captures(text)?;
        return format!("{}T23:59:59Z", &date["date"]).parse().ok();
    };
    let seconds = found.get(3).map_or(":59", |seconds| seconds.as_str());
    format!("{}T{}{seconds}Z", &found[1], &found[2])
        .parse()
        .ok()
}

static BRANCH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bbranch\b\**:?\**\s*`([^`\s]+)`").ok());

fn branches(document: &Document<'_>, now: Option<&str>, found: &mut Vec<Complaint>) {
    // Who writes by hand names it at the top, or with the status; further down it may be any branch.
    let top = document
        .lines
        .iter()
        .filter(|line| matches!(line.part, None | Some(Part::Task | Part::Status)));
    let said = document
        .part(Part::Environment)
        .chain(top)
        .find_map(|line| {
            let name = BRANCH.as_ref()?.captures(line.text)?.get(1)?;
            Some((line.number, name))
        });
    let Some((line, said)) = said else { return };
    if now == Some(said.as_str()) {
        return;
    }
    let now = now.map_or_else(
        || "none (a detached HEAD)".to_owned(),
        |now| safety::one_line(now, 80),
    );
    found.push(Complaint {
        line,
        column: column(said.start()),
        rule: "branch-moved",
        what: format!("the branch is {now} now"),
        mend: "check the branch of the handoff out, or write a new handoff",
    });
}

fn head(document: &Document<'_>, commits: &[Commit], found: &mut Vec<Complaint>) {
    let Some(newest) = commits.first() else {
        return;
    };
    let line = document
        .part(Part::Environment)
        .chain(&document.lines)
        .next()
        .map_or(1, |line| line.number);
    found.push(Complaint {
        line,
        column: 1,
        rule: "head-moved",
        what: format!(
            "{} since, the newest {} “{}”",
            counted(commits.len(), "commit"),
            newest.hash,
            safety::one_line(&newest.subject, 80)
        ),
        mend: "run the command of the status again, or write a new handoff",
    });
}

static HASH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[0-9a-f]{7,40}\b").ok());

fn hashes(document: &Document<'_>, tree: &Tree, found: &mut Vec<Complaint>) {
    let Some(pattern) = HASH.as_ref() else { return };
    let mut places: BTreeMap<&str, (u32, usize)> = BTreeMap::new();
    for line in &document.lines {
        // The id of the session stands in the document's preamble, and looks like a hash.
        let commits = line.part == Some(Part::Done) || line.own.contains("commit");
        if !commits || line.text.starts_with('>') {
            continue;
        }
        for hash in pattern.find_iter(line.text) {
            let text = hash.as_str();
            let mixed = text.bytes().any(|byte| byte.is_ascii_digit())
                && text.bytes().any(|byte| byte.is_ascii_lowercase());
            let quoted = !line.text[..hash.start()].ends_with('`')
                && line.own.as_bytes().get(hash.start()) == Some(&b' ');
            if mixed && !quoted {
                places.entry(text).or_insert((line.number, hash.start()));
            }
        }
    }
    let hashes: Vec<&str> = places.keys().copied().collect();
    for hash in tree.lost(&hashes) {
        let (line, at) = places[hash];
        found.push(Complaint {
            line,
            column: column(at),
            rule: "commit-gone",
            what: format!("{hash} is no commit here"),
            mend: "fetch it, or say what became of it: amended, rebased, of another clone",
        });
    }
}

/// Names in backticks, and names that stand behind a file: those that no file of the tree holds are gone.
fn symbols(document: &Document<'_>, tree: &Tree, found: &mut Vec<Complaint>) {
    let mut places: BTreeMap<&str, (u32, usize)> = BTreeMap::new();
    for line in &document.lines {
        if matches!(line.part, None | Some(Part::Task)) || line.text.starts_with('>') {
            continue;
        }
        for (at, code) in line.code() {
            let name = code.trim_end_matches("()");
            if is_identifier(name)
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                places.entry(name).or_insert((line.number, at));
            }
        }
    }
    let names: Vec<&str> = places.keys().copied().collect();
    for name in tree.unknown(&names) {
        let (line, at) = places[name];
        found.push(Complaint {
            line,
            column: column(at),
            rule: "symbol-gone",
            what: format!("no file holds the name {name} any more"),
            mend: "say what it is called now, or leave it out",
        });
    }
}

/// Open items that a later commit speaks of: by a name, a test or a file that both name.
fn closed(document: &Document<'_>, commits: &[Commit], found: &mut Vec<Complaint>) {
    for line in document.part(Part::Focus) {
        let said = line.uncited.get(line.begins..).unwrap_or("");
        let mut words: BTreeSet<&str> = identifiers(said).collect();
        words.extend(paths(said).map(|(_, path)| path));
        let speaks = commits.iter().find_map(|commit| {
            let theirs: BTreeSet<&str> = identifiers(&commit.text)
                .chain(paths(&commit.text).map(|(_, path)| path))
                .collect();
            Some((commit, *words.intersection(&theirs).next()?))
        });
        if let Some((commit, word)) = speaks {
            found.push(Complaint {
                line: line.number,
                column: column(line.begins),
                rule: "maybe-closed",
                what: format!(
                    "{} “{}” speaks of {} too",
                    commit.hash,
                    safety::one_line(&commit.subject, 80),
                    safety::one_line(word, 60)
                ),
                mend: "see whether the commit closed it, and take it off the list",
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handoff_made_by_hand_says_its_day() {
        for (text, said) in [
            (
                "# Session Handoff — 2026-03-30c\n",
                Some("2026-03-30T23:59:59Z"),
            ),
            (
                "# HANDOFF\n\n**Date:** 2026-08-22\n",
                Some("2026-08-22T23:59:59Z"),
            ),
            (
                "> From session x, 2026-08-11 14:55 UTC.",
                Some("2026-08-11T14:55:59Z"),
            ),
            ("# HANDOFF\nDue on 2026-09-01.\n", None),
        ] {
            let said = said.map(|said| said.parse().expect("a time"));
            assert_eq!(said_time(text), said, "{text}");
        }
    }

    #[test]
    fn the_time_is_the_first_that_is_named() {
        let time = |text| said_time(text).map(|time| time.to_string());
        assert_eq!(
            time("> From x, 2026-07-08 20:50 UTC."),
            Some("2026-07-08T20:50:59Z".to_owned())
        );
        assert_eq!(
            time("at 2026-07-08T20:50:01Z"),
            Some("2026-07-08T20:50:01Z".to_owned())
        );
        assert_eq!(time("at 2026-99-08T20:50:01Z, 20:50"), None);
    }

    #[test]
    fn only_files_of_the_tree_are_named() {
        let text = "**Development Environment:** `/p`, branch `main`\n- src/a.rs and `pytest /p/t/b.py::x`\n\
            - “see c/d.rs”, ../e.rs, /etc/f.conf\n- g/h.rs was deleted\n";
        let document = Document::new(text);
        assert_eq!(
            named(&document).into_keys().collect::<Vec<_>>(),
            ["src/a.rs", "t/b.py"]
        );
        assert_eq!(document.folder(), Some("/p"));
    }
}
