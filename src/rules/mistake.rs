//! What is wrong in a rule file: where, what, and which word was probably meant.

/// A place in a rule file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// One-based.
    pub(super) line: u32,
    /// In characters, one-based.
    pub(super) column: u32,
}

impl Place {
    /// A mistake here, in `key` of rule `id`.
    pub(super) fn mistake(self, id: &str, key: &str, what: &str) -> Mistake {
        Mistake {
            at: self,
            what: format!("rule `{id}`: `{key}`: {what}"),
        }
    }
}

/// Something wrong in a rule file; they sort by place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mistake {
    pub(super) at: Place,
    pub(super) what: String,
}

impl Mistake {
    /// The message to the person who wrote the file.
    pub(super) fn message(&self, file: &str) -> String {
        format!("{file}:{}:{}: {}", self.at.line, self.at.column, self.what)
    }
}

/// Says that `found` is not one of `allowed`, and which of them was probably meant.
pub fn unknown(what: &str, found: &str, allowed: &[&str]) -> String {
    let all = allowed.join("`, `");
    match meant(found, allowed) {
        _ if allowed.is_empty() => format!("unknown {what} `{found}` (there is none)"),
        Some(word) => {
            format!("unknown {what} `{found}`; is `{word}` meant? (allowed: `{all}`)")
        }
        None => format!("unknown {what} `{found}` (allowed: `{all}`)"),
    }
}

/// Which of `allowed` was probably meant by `found`: the nearest, if no more than a third of it differs.
pub fn meant<'a>(found: &str, allowed: &[&'a str]) -> Option<&'a str> {
    allowed
        .iter()
        .map(|word| (distance(found, word), *word))
        .min()
        .filter(|(distance, word)| *distance <= (word.len() / 3).max(1))
        .map(|(_, word)| word)
}

/// How many characters must be changed, put in or left out to make `a` of `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    // Nobody mistypes 40 characters of a word: the cut keeps a stranger's key from costing its square.
    for (i, x) in a.chars().take(40).enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let value = (*cell + 1).min(left + 1).min(corner + usize::from(x != *y));
            corner = *cell;
            left = value;
            *cell = value;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
