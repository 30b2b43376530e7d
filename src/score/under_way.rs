//! What the agent was about to do where its work was cut off.

use super::Room;
use super::item::Line;
use crate::ledger::Cite;
use crate::session::{Body, End, Outcome, announced, intended};

/// Answers of tools behind the words on what comes next, after which these are no longer what the agent was at.
const ANSWERS: usize = 2;

impl Room<'_> {
    /// What the agent said it would do next, where it was cut off before or while it did.
    pub(super) fn under_way(&mut self) -> Option<Line> {
        let cut = matches!(
            self.ledger.end,
            End::MidTurn
                | End::MidCall
                | End::Compacted
                | End::ContextFull
                | End::ApiError
                | End::Limit
        );
        let live = self.session.timeline.iter().rev();
        let live = live.filter(|event| event.live && event.agent.is_none());
        let mut answers = 0;
        for event in live.take_while(|_| cut) {
            let said = match &event.body {
                Body::Say(text) => announced(&text.text),
                Body::Think(text) => intended(&text.text),
                Body::Prompt(_) => return None,
                // What did not come about brought it no further.
                Body::Return(index) if self.session.calls[*index].outcome != Outcome::Ok => {
                    continue;
                }
                Body::Return(_) => {
                    answers += 1;
                    if answers > ANSWERS {
                        return None;
                    }
                    continue;
                }
                _ => continue,
            };
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
}
