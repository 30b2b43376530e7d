//! How the log ends, told from the last live events of the main conversation.

use super::model::{Body, End, Event, Input, Notice, Outcome, ToolCall, Via};
use super::node::Stop;

/// Tells the end. `stop` says why the last message stopped, where that was noted.
pub(super) fn end(timeline: &[Event], calls: &[ToolCall], stop: Option<Stop>) -> End {
    let mut later = false;
    for event in timeline.iter().rev() {
        if !event.live || event.agent.is_some() {
            continue;
        }
        let found = match &event.body {
            Body::Prompt(prompt) => match prompt.via {
                Via::Shell | Via::Memory => continue,
                Via::Answer { .. } => End::MidTurn,
                Via::Refusal { .. } => End::Interrupted,
                _ => End::Unanswered,
            },
            Body::Say(said) => {
                if stop == Some(Stop::Call) {
                    End::MidTurn
                } else if asks(&said.text) {
                    End::Asked
                } else {
                    End::Finished
                }
            }
            Body::Think(_) => {
                // The last message may hold nothing but thoughts behind its words.
                if stop == Some(Stop::Done) {
                    End::Finished
                } else {
                    End::MidTurn
                }
            }
            Body::Call(index) => match calls.get(*index) {
                Some(call) if call.outcome == Outcome::Missing => waiting(call),
                // Its answer stands before it, which happens in copies.
                _ => continue,
            },
            Body::Return(index) => match calls.get(*index).map(|call| &call.outcome) {
                Some(Outcome::Refused | Outcome::Interrupted) => End::Interrupted,
                _ => unanswered(timeline, calls).unwrap_or(End::MidTurn),
            },
            Body::Compaction { .. } => End::Compacted,
            Body::Notice(notice) => match notice {
                Notice::Interrupted => End::Interrupted,
                Notice::ApiError(_) => End::ApiError,
                Notice::Limit(_) => End::Limit,
                Notice::ContextFull(_) => End::ContextFull,
                Notice::TurnEnd if !later => {
                    later = true;
                    continue;
                }
                _ => continue,
            },
        };
        return match found {
            // The program itself noted that the turn was over.
            End::MidTurn if later => End::Finished,
            found => found,
        };
    }
    End::Finished
}

/// What a call without an answer means, in the newest turn.
fn unanswered(timeline: &[Event], calls: &[ToolCall]) -> Option<End> {
    timeline
        .iter()
        .rev()
        .filter(|event| event.live && event.agent.is_none())
        .take_while(|event| !matches!(event.body, Body::Prompt(_) | Body::Say(_)))
        .find_map(|event| match event.body {
            Body::Call(index) => calls
                .get(index)
                .filter(|call| call.outcome == Outcome::Missing)
                .map(waiting),
            _ => None,
        })
}

fn waiting(call: &ToolCall) -> End {
    match call.input {
        Input::Ask(_) => End::Asked,
        Input::Plan(_) => End::PlanWaiting,
        _ => End::MidCall,
    }
}

/// True if the last line of prose is a question.
fn asks(prose: &str) -> bool {
    prose
        .trim_end()
        .trim_end_matches(['*', '_', '`', '"', ')'])
        .ends_with(['?', '？'])
}
