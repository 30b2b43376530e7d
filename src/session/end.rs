//! How the log ends, told from the last live events of the main conversation.

use super::announce::announced;
use super::model::{Body, End, Event, Input, Notice, Outcome, ToolCall, Via};
use super::node::Stop;

/// Tells the end. `stop` says why the last message stopped, where that was noted.
pub(super) fn end(timeline: &[Event], calls: &[ToolCall], stop: Option<Stop>) -> End {
    let (mut later, mut compacted) = (false, false);
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
                if stop == Some(Stop::Call) || (stop.is_none() && announced(&said.text).is_some()) {
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
            // The turn may have been over before it.
            Body::Compaction { .. } => {
                compacted = true;
                continue;
            }
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
            End::Finished | End::Asked | End::PlanWaiting => found,
            _ if compacted => End::Compacted,
            found => found,
        };
    }
    match compacted {
        true => End::Compacted,
        false => End::Finished,
    }
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

/// True if prose ends with a question: as its last words, in its last line with a word on what follows the answer, or
/// before the list of choices that it ends with.
fn asks(prose: &str) -> bool {
    let mut lines = prose
        .lines()
        .map(str::trim)
        .rev()
        .filter(|line| !line.is_empty());
    let Some(last) = lines.next() else {
        return false;
    };
    let last = without_offer(last);
    if ends_asking(last) || last.split_inclusive(['?', '？']).any(is_put_to_the_user) {
        return true;
    }
    is_item(last)
        && lines
            .find(|line| !is_item(line))
            .is_some_and(|line| ends_asking(line) && is_put_to_the_user(line))
}

/// `line` without a last question that offers more work of any kind: nothing waits for the answer to that.
fn without_offer(line: &str) -> &str {
    const OFFERS: &[&str] = &[
        "how can i help",
        "how can i assist",
        "how may i help",
        "what can i help",
        "what can i do for you",
        "anything else",
        "what would you like to do next",
        "what would you like to work on",
    ];
    if !ends_asking(line) {
        return line;
    }
    let end = line.trim_end_matches(|c: char| !c.is_alphabetic()).len();
    let begin = line[..end].rfind(['.', '!', '?']).map_or(0, |at| at + 1);
    let sentence = line[begin..end].to_lowercase();
    match OFFERS.iter().any(|offer| sentence.contains(offer)) || offers_to_close(&sentence) {
        true => &line[..begin],
        false => line,
    }
}

/// True of a question that offers nothing but to put away what is done: to commit it, to push it, to open or merge a pull
/// request. The work does not wait for the answer.
pub fn offers_to_close(question: &str) -> bool {
    const ASKS: &[&str] = &[
        "would you like me to ",
        "would you like to ",
        "do you want me to ",
        "want me to ",
        "shall i ",
        "should i ",
    ];
    const ACTS: &[&str] = &[
        "commit",
        "push",
        "create",
        "open",
        "mark",
        "merge",
        "go ahead and commit",
    ];
    const OBJECTS: &[&str] = &["commit", "push", "pr", "pull"];
    let question = question
        .trim()
        .trim_start_matches(['*', '_'])
        .to_lowercase();
    let Some(act) = ASKS.iter().find_map(|ask| question.strip_prefix(ask)) else {
        return false;
    };
    let mut words = act.split(|c: char| !c.is_alphanumeric());
    ACTS.iter().any(|of| act.starts_with(of))
        && !act.contains(" or ")
        && words.any(|word| OBJECTS.contains(&word))
}

fn ends_asking(line: &str) -> bool {
    line.trim_end_matches(['*', '_', '`', '"', ')', ':'])
        .ends_with(['?', '？'])
}

/// True if the last sentence of `text` is a question that speaks of somebody: "Why? Because…" asks nobody.
fn is_put_to_the_user(text: &str) -> bool {
    const SOMEBODY: &[&str] = &["you", "your", "i", "we", "me", "us"];
    let sentence = text
        .trim_end_matches(['*', '_', ')', ':', ' '])
        .strip_suffix(['?', '？'])
        .unwrap_or("");
    let sentence = sentence.rsplit(['.', '!', '?']).next().unwrap_or(sentence);
    sentence
        .split(|c: char| !c.is_alphabetic())
        .any(|word| SOMEBODY.contains(&word.to_lowercase().as_str()))
}

fn is_item(line: &str) -> bool {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '*', '+', '•'])
        || (numbered.len() < line.len() && numbered.starts_with(['.', ')']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_may_stand_before_the_last_word() {
        for (prose, asked) in [
            ("All green. Want me to commit this?", false),
            ("All green. **Want me to make it the default?**", true),
            (
                "Which one do you prefer? I can open a pull request for either.",
                true,
            ),
            ("Which one do you prefer?\n\n1. Remove it\n2. Keep it", true),
            ("Why did it fail? The cache was stale.", false),
            ("How it works:\n- one\n- two", false),
            ("What changed?\n- one\n- two", false),
            ("You asked why. It is fixed.", false),
            ("Hello! How can I help you today?", false),
            ("Done. Is there anything else you'd like?", false),
            ("Shall I keep it? Anything else is done.", true),
            ("Shall I commit it? Or is there anything else?", true),
            ("", false),
        ] {
            assert_eq!(asks(prose), asked, "{prose}");
        }
    }

    #[test]
    fn an_offer_to_put_the_work_away_is_no_question_that_it_waits_for() {
        for offer in [
            "Want me to commit this?",
            "Would you like me to create the commit for you?",
            "Would you like to mark the PR as ready for review?",
            "Shall I open a pull request?",
        ] {
            assert!(offers_to_close(offer), "{offer}");
            assert!(!asks(&format!("All tests pass.\n\n{offer}")), "{offer}");
        }
        for question in [
            "Should I commit the current changes first, or address the consolidation as well?",
            "Want me to make that change?",
            "Would you like me to create the migration?",
        ] {
            assert!(!offers_to_close(question), "{question}");
        }
        assert!(asks(
            "It can stay or go. Want me to add that filter, or leave them visible?"
        ));
    }
}
