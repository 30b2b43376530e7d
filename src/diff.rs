//! Two handoffs, compared: what was resolved, what is new, what changed, what is still open.
//!
//! Lines are the same if they speak of the same thing: what a line says without its numbers and citations. So a check
//! whose count moved is one line that changed, not one that went and one that came.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::document::Document;
use crate::score::Part;

/// A line of a handoff, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The word of the part it stands in.
    pub part: &'static str,
    /// What it says, without citations.
    pub text: String,
}

/// A line that says something else now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The word of the part it stands in.
    pub part: &'static str,
    /// What it said.
    pub before: String,
    /// What it says.
    pub after: String,
}

/// What changed from one handoff to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Open in the first, and not in the second.
    pub resolved: Vec<Said>,
    /// In the second alone.
    pub new: Vec<Said>,
    /// In both, with other words or numbers.
    pub changed: Vec<Changed>,
    /// Open in both.
    pub still_open: Vec<Said>,
    /// Not open, in the first alone.
    pub gone: Vec<Said>,
}

/// The lines of a handoff: Markdown, or the JSON of this program.
///
/// # Errors
///
/// What is wrong with the text, in one line: it begins as JSON and is none of a handoff, or no part of a handoff is in it.
pub fn lines(text: &str) -> Result<Vec<Said>, String> {
    let said = if text.trim_start().starts_with('{') {
        of_json(text)?
    } else {
        of_markdown(text)
    };
    if said.is_empty() {
        return Err("no part of a handoff in it, such as `**Current Status:**`".to_owned());
    }
    Ok(said)
}

fn of_json(text: &str) -> Result<Vec<Said>, String> {
    #[derive(serde::Deserialize)]
    struct Handoff {
        items: Vec<Item>,
    }
    #[derive(serde::Deserialize)]
    struct Item {
        part: String,
        text: String,
    }
    let handoff: Handoff = serde_json::from_str(text)
        .map_err(|error| format!("not the JSON of a handoff: {error}"))?;
    let part = |word: &str| {
        Part::ALL
            .into_iter()
            .find(|part| part.word() == word)
            .map(Part::word)
    };
    Ok(handoff
        .items
        .into_iter()
        .filter_map(|item| {
            Some(Said {
                part: part(&item.part)?,
                text: plain(&item.text),
            })
        })
        .filter(|said| !said.text.is_empty())
        .collect())
}

fn of_markdown(text: &str) -> Vec<Said> {
    let document = Document::new(text);
    let lines = document
        .lines
        .iter()
        .filter(|line| !line.fenced && !line.text.starts_with('>'));
    lines
        .filter_map(|line| {
            let said = plain(line.uncited.get(line.begins..)?);
            let label = line.heading && line.text.starts_with('#') && line.part != Some(Part::Task);
            // A label says nothing by itself, and the JSON has none.
            (!label && !said.is_empty() && !said.ends_with(':')).then_some(Said {
                part: line.part?.word(),
                text: said,
            })
        })
        .collect()
}

/// What a line says, without marks of Markdown and with one space between words, so that both formats compare.
fn plain(text: &str) -> String {
    let text = text.replace(['`', '\\'], "").replace("**", "");
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .trim_end_matches([',', ' '])
        .replace(" ,", ",")
        .replace(" :", ":")
}

/// What makes two lines speak of the same thing: the words up to the first result, without digits.
fn topic(said: &Said) -> (&'static str, String) {
    let verdict = [" failed", " passed", ", at first", ", expect"];
    let end = verdict
        .iter()
        .filter_map(|word| said.text.find(word))
        .min()
        .unwrap_or(said.text.len());
    let words: String = said.text[..end]
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .collect();
    (
        said.part,
        words.split_whitespace().collect::<Vec<_>>().join(" "),
    )
}

/// Compares two handoffs, line by line; each list in the order of the handoff that its lines stand in.
///
/// The title, the status, the approach and the outcome are never *open*: only the key areas are.
pub fn diff(before: &[Said], after: &[Said]) -> Diff {
    let mut diff = Diff::default();
    let open = |said: &Said| said.part == Part::Focus.word();
    // Of lines with one topic, the first of the one goes with the first of the other.
    let mut left: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for (index, said) in before.iter().enumerate().rev() {
        left.entry(topic(said)).or_default().push(index);
    }
    let mut met = vec![false; before.len()];
    for said in after {
        let same = left.get_mut(&topic(said)).and_then(Vec::pop);
        let Some(index) = same else {
            diff.new.push(said.clone());
            continue;
        };
        met[index] = true;
        if before[index].text != said.text {
            diff.changed.push(Changed {
                part: said.part,
                before: before[index].text.clone(),
                after: said.text.clone(),
            });
        }
        if open(said) {
            diff.still_open.push(said.clone());
        }
    }
    for (said, met) in before.iter().zip(met) {
        match (met, open(said)) {
            (true, _) => {}
            (false, true) => diff.resolved.push(said.clone()),
            (false, false) => diff.gone.push(said.clone()),
        }
    }
    diff
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Task: Fix it L1\n\n**Current Status:** red L4\n- test: `pytest` failed: 3/48 L4\n\n\
        **Key Areas to Focus On:**\n1. failure in `a.py` L2\n2. the docs L3\n\n**Development Environment:** `/p` L1\n- `make` L1\n";
    const AFTER: &str = "# Task: Fix it L1\n\n**Current Status:** red L9\n- test: `pytest` failed: 1/48 L9\n\n\
        **Key Areas to Focus On:**\n1. the docs L3\n2. the lock in `b.py` L8\n\n**Development Environment:** `/p` L1\n";

    fn read(text: &str) -> Vec<Said> {
        lines(text).expect("a handoff")
    }

    #[test]
    fn each_line_has_one_fate() {
        let diff = diff(&read(BEFORE), &read(AFTER));
        let texts = |said: &[Said]| {
            said.iter()
                .map(|said| said.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&diff.resolved), ["failure in a.py"]);
        assert_eq!(texts(&diff.new), ["the lock in b.py"]);
        assert_eq!(texts(&diff.still_open), ["the docs"]);
        assert_eq!(texts(&diff.gone), ["make"]);
        assert_eq!(
            diff.changed,
            [Changed {
                part: "status",
                before: "test: pytest failed: 3/48".to_owned(),
                after: "test: pytest failed: 1/48".to_owned()
            }]
        );
    }

    #[test]
    fn a_handoff_differs_in_nothing_from_itself() {
        let same = read(BEFORE);
        let diff = diff(&same, &same);
        assert_eq!(
            (
                diff.new.len(),
                diff.changed.len(),
                diff.resolved.len(),
                diff.gone.len()
            ),
            (0, 0, 0, 0)
        );
        assert_eq!(diff.still_open.len(), 2);
    }

    #[test]
    fn what_is_no_handoff_says_so() {
        assert!(lines("hello").is_err_and(|what| what.contains("no part")));
        assert!(lines("{\"a\": 1}").is_err_and(|what| what.contains("missing field `items`")));
        let json = "{\"items\":[{\"part\":\"focus\",\"text\":\"the docs\"}]}";
        assert_eq!(
            read(json),
            [Said {
                part: "focus",
                text: "the docs".to_owned()
            }]
        );
    }
}
