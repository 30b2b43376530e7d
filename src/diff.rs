//! Two handoffs, compared: what was resolved, what is new, what changed, what is still open.
//!
//! Lines are the same if they speak of the same thing: what a line says without its numbers and citations. So a check
//! whose count moved is one line that changed, not one that went and one that came. Of what is left, two lines go together
//! by what stands at their head, where no other line has the same: the title, the state, the path of a file, a label as
//! `made`.

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
    // The folder that the files below it lie in: they are called by their whole path, as in JSON.
    let mut folder = None;
    lines
        .filter_map(|line| {
            let mut said = plain(line.uncited.get(line.begins..)?);
            let indent = line.text.len() - line.text.trim_start().len();
            if indent == 0 {
                folder = (said.ends_with('/') && !said.contains(' ')).then(|| said.clone());
                if folder.is_some() {
                    return None;
                }
            } else if let Some(folder) = folder.as_ref().filter(|_| indent == 2) {
                said.insert_str(0, folder);
            }
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
        .replace(" ,", ",")
        .replace(" ;", ";")
        .replace(",;", ";")
        .replace(" :", ":")
        .trim_end_matches([',', ';', ' '])
        .to_owned()
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

/// What stands at the head of a line: what it is about, where its words tell nothing of it.
fn head(said: &Said) -> (&'static str, String) {
    const STATES: [&str; 4] = ["green", "red", "blocked", "unverified"];
    const LABEL: usize = 40;
    let text = said.text.as_str();
    let first = text.split([' ', ',']).next().unwrap_or_default();
    // There is one title and one target, and one word on how things stand.
    let one = said.part == Part::Task.word() || said.part == Part::Outcome.word();
    let state = said.part == Part::Status.word() && STATES.contains(&first.trim_end_matches(':'));
    let quoted = || Some(text.split_once('“')?.1.split('”').next()?.to_owned());
    let head = if one || state {
        String::new()
    } else if let Some(quoted) = quoted().filter(|_| said.part == Part::Focus.word()) {
        quoted
    } else if first.contains(['/', '.']) && !first.ends_with(':') {
        first.to_owned()
    } else {
        let label = text.split_once(": ").map(|(label, _)| label);
        let label = label.filter(|label| label.len() <= LABEL);
        let words = label.unwrap_or_else(|| text.split(", ").next().unwrap_or(text));
        words.chars().filter(|c| !c.is_ascii_digit()).collect()
    };
    (said.part, head)
}

/// The indexes of lines by their heads, where only one line has it.
fn by_head(
    lines: &[Said],
    left: impl Fn(usize) -> bool,
) -> BTreeMap<(&'static str, String), usize> {
    let mut heads: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, said) in lines.iter().enumerate() {
        heads.entry(head(said)).or_default().push(index);
    }
    let only = |(head, lines): (_, Vec<usize>)| match lines.as_slice() {
        [only] if left(*only) => Some((head, *only)),
        _ => None,
    };
    heads.into_iter().filter_map(only).collect()
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
    let mut pairs: Vec<Option<usize>> = vec![None; after.len()];
    for (said, pair) in after.iter().zip(&mut pairs) {
        *pair = left.get_mut(&topic(said)).and_then(Vec::pop);
        if let Some(index) = *pair {
            met[index] = true;
        }
    }
    let old = by_head(before, |index| !met[index]);
    for (head, index) in by_head(after, |index| pairs[index].is_none()) {
        if let Some(&other) = old.get(&head) {
            pairs[index] = Some(other);
            met[other] = true;
        }
    }
    for (said, pair) in after.iter().zip(pairs) {
        let Some(index) = pair else {
            diff.new.push(said.clone());
            continue;
        };
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
    fn lines_go_together_by_what_stands_at_their_head() {
        let before = "# Task: Fix it L1\n\n**Current Status:** red, in the middle of a turn L4\n- tasks 2/3 completed, 1 in progress L3\n\n\
            **Key Areas to Focus On:**\n1. last request, open: “the lock” L2\n\n\
            **Recent Accomplishments (Don't Redo):**\n- made: a.py L3, b.py L4\n\n\
            **Development Environment:** `/p` L1\nKey files (edits, reads):\n- src/\n  - a.py 1, 2 L3: take\n- b.py 4, 0 L3\n- noted: x L1\n";
        let after = "# Task: The lock L1\n\n**Current Status:** green L9\n- tasks 3/3 completed L8\n\n\
            **Key Areas to Focus On:**\n1. last request, answered: “the lock” L2\n\n\
            **Recent Accomplishments (Don't Redo):**\n- made: a.py L3, b.py L4, c.py L8\n\n\
            **Development Environment:** `/p` L1\nKey files (edits, reads):\n- src/a.py 3, 2 uncommitted L8: take, hold\n- b.py 4, 0 L3\n\
            - noted: y L1\n- noted: z L1\n";
        let diff = diff(&read(before), &read(after));
        let changed: Vec<_> = diff
            .changed
            .iter()
            .map(|line| line.after.as_str())
            .collect();
        assert_eq!(
            changed,
            [
                "The lock",
                "green",
                "tasks 3/3 completed",
                "last request, answered: “the lock”",
                "made: a.py, b.py, c.py",
                "src/a.py 3, 2 uncommitted: take, hold",
            ]
        );
        let texts = |said: &[Said]| {
            said.iter()
                .map(|said| said.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&diff.new), ["noted: y", "noted: z"]);
        assert_eq!(texts(&diff.gone), ["noted: x"]);
        assert_eq!(texts(&diff.resolved), Vec::<String>::new());
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
