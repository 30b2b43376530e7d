//! Words: what the user asked for, ruled, corrected and chose; what the agent said last.

use super::Cite;
use crate::extract::finding::Saying;
use crate::session::Via;

/// Something that the user said.
#[derive(Clone, Debug)]
pub struct Request {
    /// The words.
    pub text: String,
    /// The way they came in.
    pub via: Via,
    /// Where.
    pub cite: Cite,
    /// The turn.
    pub turn: u32,
    /// True if the agent answered and ended its turn, or called a tool after it.
    pub answered: bool,
}

/// A sentence with a place.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// What it is, where a rule knows it.
    pub kind: Option<Saying>,
    /// The rule's weight; one without a rule.
    pub weight: f64,
    /// True if the user said it.
    pub by_user: bool,
    /// Where.
    pub cite: Cite,
}

/// Prompts that only push the work on: they ask for nothing of their own.
pub(super) fn is_nudge(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    const NUDGES: &[&str] = &[
        "yes", "y", "yep", "yeah", "ok", "okay", "sure", "go", "ahead", "continue", "proceed",
        "please", "do", "it", "thanks", "thank", "you", "great", "good", "perfect", "nice", "cool",
        "on", "keep", "going", "sounds", "looks", "next", "and", "that", "s", "lgtm",
    ];
    words.len() <= 5 && words.iter().all(|word| NUDGES.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nudges_ask_for_nothing() {
        for (text, nudge) in [
            ("yes", true),
            ("ok, go ahead", true),
            ("yes, but use sqlite", false),
            ("continue", true),
            ("weiter", false),
            ("1", false),
        ] {
            assert_eq!(is_nudge(text), nudge, "{text}");
        }
    }
}
