//! What the agent was about to do where its work was cut off, and what it thought of it.

use super::Room;
use super::approach::{explains, intends};
use super::item::{Fact, Line};
use crate::extract::words::told;
use crate::ledger::Cite;
use crate::session::{Body, End, Event, Input, Outcome, announced, intended};

/// Answers of tools behind the words on what comes next, after which these are no longer what the agent was at.
const ANSWERS: usize = 2;

impl<'a> Room<'a> {
    /// What the agent said it would do next, where it was cut off before or while it did.
    pub(super) fn under_way(&mut self) -> Option<Line> {
        if !self.is_cut_off() {
            return None;
        }
        let (mut answers, mut edited) = (0, false);
        for event in self.backwards() {
            let said = match &event.body {
                // Words that announce nothing stand behind what was announced before them.
                Body::Say(text) => Some(announced(&text.text)?),
                Body::Think(text) => intended(&text.text),
                Body::Prompt(_) => return None,
                // What did not come about brought it no further.
                Body::Return(index) if self.session.calls[*index].outcome != Outcome::Ok => {
                    continue;
                }
                Body::Return(index) => {
                    answers += 1;
                    edited |= self.edits(*index);
                    if answers > ANSWERS {
                        return None;
                    }
                    continue;
                }
                _ => continue,
            };
            // What one edit does is done by it.
            let many = |said: &str| {
                [" and ", " both", " all "]
                    .iter()
                    .any(|word| said.contains(word))
            };
            if said.is_some_and(|said| edited && !many(said)) {
                return None;
            }
            if let Some(said) = said {
                let text = self.words(said, 160);
                let line = match answers {
                    0 => Line::new(),
                    _ => Line::new().own("go on after "),
                };
                return Some(line.quote(text).cite(&Cite::of(event)));
            }
        }
        None
    }

    /// What the agent said or thought last of the work that was cut off; whether there is such a thing.
    pub(super) fn at_last(&mut self) -> bool {
        // Behind as many answers it may have come to see it otherwise.
        const SOON: usize = 5;
        const TOLD: usize = 5;
        if !self.is_cut_off() {
            return false;
        }
        let mut answers = 0;
        for event in self.backwards() {
            let (text, next) = match &event.body {
                Body::Say(text) => (&text.text, announced(&text.text)),
                Body::Think(text) => (&text.text, intended(&text.text)),
                Body::Prompt(_) => return false,
                Body::Return(index) => {
                    answers += 1;
                    // What was thought before an edit may have been done by it.
                    if answers > SOON || self.edits(*index) {
                        return false;
                    }
                    continue;
                }
                _ => continue,
            };
            let mut told = told(text);
            // What comes next is the first step.
            told.retain(|(sentence, _)| {
                !next.is_some_and(|next| next.contains(sentence)) && self.says_of_the_work(sentence)
            });
            // What only describes says nothing of what is to be done; nor does an item of such a list.
            let judges = |text: &str| {
                let leads = text.to_lowercase().contains("let me ");
                (intends(text) || explains(text)) && !leads
            };
            let leads =
                |(text, under): &(&str, Option<&str>)| judges(text) || under.is_some_and(judges);
            told.retain(|said| said.1.is_none() || leads(said));
            let last = told.len().saturating_sub(TOLD);
            let Some(from) = (last..told.len()).find(|at| leads(&told[*at])) else {
                continue;
            };
            let told: Vec<_> = told[from..]
                .iter()
                .map(|(text, under)| (*text, under.filter(|under| judges(under))))
                .collect();
            self.quoted("the agent at last: ", &told, &Cite::of(event), 0.015);
            return true;
        }
        false
    }

    /// True of a sentence that names something, and does more than to lead up to the next call.
    fn says_of_the_work(&self, sentence: &str) -> bool {
        const LEAST: usize = 24;
        let named = || {
            let facts = self.facts.told(sentence);
            sentence.contains('`') || facts.iter().any(|(fact, _)| !matches!(fact, Fact::Word(_)))
        };
        const TO_ITSELF: &[&str] = &[
            "let me ",
            "the user is ",
            "the user said ",
            "they're asking",
        ];
        let lower = sentence.to_lowercase();
        let leads = lower.ends_with(':') || TO_ITSELF.iter().any(|words| lower.contains(words));
        sentence.chars().count() >= LEAST && !leads && named()
    }

    /// True of a call that edited a file.
    fn edits(&self, call: usize) -> bool {
        let call = &self.session.calls[call];
        let edits = matches!(call.input, Input::Edit { .. } | Input::Write { .. });
        edits && call.outcome == Outcome::Ok
    }

    fn is_cut_off(&self) -> bool {
        matches!(
            self.ledger.end,
            End::MidTurn
                | End::MidCall
                | End::Compacted
                | End::ContextFull
                | End::ApiError
                | End::Limit
        )
    }

    /// The events of the main conversation, the last first.
    fn backwards(&self) -> impl Iterator<Item = &'a Event> + use<'a> {
        let session = self.session;
        session
            .timeline
            .iter()
            .rev()
            .filter(|event| event.live && event.agent.is_none())
    }
}
