//! Refusals that are spent: what was refused was let happen later, or the user only asked to wait and went on.

use super::super::attempts::Tried;
use super::super::{Attempt, Cite, Request};
use super::Replay;
use crate::extract::command::{self, Simple};
use crate::extract::finding::Saying;
use crate::position::Position;
use crate::session::{Input, Outcome, ToolCall, Via};

impl Replay<'_> {
    /// Leaves out the refusals that say nothing any more, with their words.
    pub(super) fn spend_refusals(&mut self) {
        let attempts = std::mem::take(&mut self.ledger.attempts);
        let (spent, kept): (Vec<Attempt>, Vec<Attempt>) = attempts
            .into_iter()
            .partition(|attempt| self.is_spent(attempt));
        self.ledger.attempts = kept;
        let spent: Vec<Position> = spent
            .iter()
            .flat_map(|one| &one.cites)
            .map(|cite| cite.at)
            .collect();
        self.ledger.requests.retain(|request| {
            !matches!(request.via, Via::Refusal { .. }) || !spent.contains(&request.cite.at)
        });
    }

    fn is_spent(&self, attempt: &Attempt) -> bool {
        let (Tried::Refused { reason, .. }, Some(cite)) = (&attempt.tried, attempt.cites.first())
        else {
            return false;
        };
        let mut requests = self.ledger.requests.iter();
        let Some(Via::Refusal { call }) = requests
            .find(|request| request.cite.at == cite.at)
            .map(|request| &request.via)
        else {
            return false;
        };
        let Some(refused) = self.session.calls.get(*call) else {
            return false;
        };
        // A sentence that a rule knows binds on.
        let mut said = self.ledger.sentences.iter();
        if directs(reason)
            || said.any(|said| {
                said.kind == Some(Saying::Instruction) && said.by_user && said.cite.at == cite.at
            })
        {
            return false;
        }
        ((only_waits(reason) || only_asks(reason)) && self.prompted_after(cite))
            || self.was_let_happen(*call, refused, reason)
    }

    fn prompted_after(&self, cite: &Cite) -> bool {
        let prompts = |request: &Request| {
            matches!(
                request.via,
                Via::Typed | Via::Queued | Via::Plan | Via::Command { .. }
            )
        };
        let mut requests = self.ledger.requests.iter();
        requests.any(|request| {
            prompts(request) && (request.cite.tick, request.cite.at) > (cite.tick, cite.at)
        })
    }

    /// True if what the call at `index` was to do was done by a later one.
    fn was_let_happen(&self, index: usize, refused: &ToolCall, reason: &str) -> bool {
        let later = self.session.calls[index + 1..].iter();
        let mut later = later.filter(|call| call.live && call.outcome == Outcome::Ok);
        match &refused.input {
            Input::Shell { command, .. } => {
                let mut open = done_by(command);
                let asked = !open.is_empty();
                for call in later {
                    if let Input::Shell { command, .. } = &call.input {
                        let done = done_by(command);
                        open.retain(|one| !done.contains(one));
                    }
                }
                asked && open.is_empty()
            }
            // What is said to an edit is nearly always how it is to be, and holds for the next one, too.
            Input::Edit { path, .. } | Input::Write { path, .. } if is_of_time(reason) => later
                .any(|call| match &call.input {
                    Input::Edit { path: other, .. } | Input::Write { path: other, .. } => {
                        other == path
                    }
                    _ => false,
                }),
            _ => false,
        }
    }
}

/// What `command` does, a word or two for each part: git by its subcommand, where that says all; anything else as it is
/// written.
fn done_by(command: &str) -> Vec<String> {
    const SAME: &[&str] = &[
        "push", "pull", "commit", "add", "merge", "rebase", "fetch", "tag",
    ];
    let parsed = command::parse(command);
    let done = parsed
        .iter()
        .filter(|simple| !matches!(simple.program(), "cd" | "pushd" | "echo" | "head" | "tail"));
    let name = |simple: &Simple| match (simple.program(), simple.operands().next()) {
        ("git", Some(word)) if SAME.contains(&word) => format!("git {word}"),
        ("gh" | "glab", Some(_)) => {
            let words: Vec<&str> = simple.operands().take(2).collect();
            format!("{} {}", simple.program(), words.join(" "))
        }
        _ => simple.line(),
    };
    done.map(name).collect()
}

/// True of words that say how things are to be done, and not only when.
fn directs(reason: &str) -> bool {
    const MARKS: &[&str] = &[
        " don't ",
        " don’t ",
        " dont ",
        " do not ",
        " never ",
        " always ",
        " instead ",
        " rather ",
        " should ",
        " must ",
        " only ",
        " use ",
        " prefer ",
        " no ",
        " not ",
        " without ",
        " want ",
        " too ",
    ];
    has(reason, MARKS)
}

/// True of words that only ask to wait.
fn only_waits(reason: &str) -> bool {
    const MARKS: &[&str] = &[
        " wait ",
        " hold on ",
        " let you know ",
        " one moment ",
        " one sec ",
        " a sec ",
        " hang on ",
    ];
    const MOST: usize = 9;
    reason.split_whitespace().count() <= MOST && has(reason, MARKS)
}

/// True of a question and nothing else, which is answered by what came after it.
fn only_asks(reason: &str) -> bool {
    let reason = reason.trim();
    let sentence = reason.trim_end_matches(['?', '？']);
    sentence.len() < reason.len() && !sentence.contains(['.', '!', '?', '\n'])
}

/// True of words that say when: not yet, something else before.
fn is_of_time(reason: &str) -> bool {
    only_waits(reason) || has(reason, &[" first ", " before ", " later ", " wait "])
}

fn has(reason: &str, marks: &[&str]) -> bool {
    let bare = |c: char| {
        if ",.;:!?…".contains(c) || c.is_whitespace() {
            ' '
        } else {
            c
        }
    };
    let words: String = reason.to_lowercase().chars().map(bare).collect();
    let words = format!(
        " {} ",
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    marks.iter().any(|mark| words.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_direct_are_told_from_words_that_wait() {
        for (reason, direction, waiting) in [
            ("pull rebase first", false, false),
            (
                "oh wait, there are merge conflicts let's deal with that first",
                false,
                false,
            ),
            ("i'll let you know what to do.", false, true),
            ("wait please let's talk about this", false, true),
            ("don't run CI or integration tests, too slow.", true, false),
            ("too slow.", true, false),
            ("use pnpm instead", true, false),
            ("No, the table has 40 million rows", true, false),
            ("wait, use the helper", true, true),
        ] {
            assert_eq!(
                (directs(reason), only_waits(reason)),
                (direction, waiting),
                "{reason}"
            );
        }
    }

    #[test]
    fn a_question_is_told_from_words_with_one() {
        assert!(only_asks("is 241 really still a problem?"));
        assert!(!only_asks("not here. Can we log an issue?"));
        assert!(!only_asks("log an issue"));
    }

    #[test]
    fn a_command_does_the_same_as_another() {
        for (refused, later, same) in [
            ("git push", "git push -u origin fix 2>&1", true),
            ("git push", "git pull --rebase", false),
            (
                "git add a.go && git commit -m x",
                "git add . && git commit -m y",
                true,
            ),
            (
                "cd web && gh pr view --json url | head -50",
                "gh pr view 12",
                true,
            ),
            ("gh pr comment 12", "gh pr view 12", false),
            ("git checkout -b fix", "git checkout main", false),
            ("rm -rf data", "rm a.tmp", false),
            ("mise run test:ci", "mise run fmt", false),
            ("make deploy", "make deploy", true),
        ] {
            let later = done_by(later);
            let found = done_by(refused).iter().all(|one| later.contains(one));
            assert_eq!(found, same, "{refused} {later:?}");
        }
    }
}
