//! How the work proceeds: the plan, what was decided and why, what was tried and failed.

use std::collections::BTreeMap;

use super::Room;
use super::asked::{Want, asked};
use super::facts::paths;
use super::item::{Fact, Item, Kind, Line, Part, Trust};
use super::requests::is_brief;
use crate::extract::finding::Saying;
use crate::extract::words::{counted, identifiers, sentences};
use crate::ledger::{Attempt, Cite, Ledger, PlanAnswer, Request, Sentence, Status, Tried};
use crate::session::Via;

/// Attempts shown: the latest.
const ATTEMPTS: usize = 6;
/// Sentences of the agent's that are looked at, newest first.
const SENTENCES: usize = 400;
/// Sentences of one message of the agent's.
const NOTES: usize = 3;

impl Room<'_> {
    pub(super) fn approach(&mut self) {
        self.plan();
        self.decisions();
        self.attempts();
        self.notes();
    }

    fn plan(&mut self) {
        let Some(plan) = &self.ledger.plan else {
            return;
        };
        let head = self.words(plan.heading(), 160);
        if head.is_empty() {
            return;
        }
        let commits = &self.ledger.repository.commits;
        let since = commits
            .iter()
            .filter(|commit| (commit.cite.tick, commit.cite.at) > (plan.cite.tick, plan.cite.at))
            .count();
        // What was committed since may be all of it.
        let (word, worth) = match (plan.answer, since) {
            (PlanAnswer::Waiting, _) => ("plan that waits for the user's word: ".to_owned(), 0.03),
            (PlanAnswer::Refused, _) => ("plan that the user refused: ".to_owned(), 0.03),
            (PlanAnswer::Accepted, 0) => ("accepted plan: ".to_owned(), 0.03),
            (PlanAnswer::Accepted, n) => {
                let commits = counted(n, "commit");
                (format!("accepted plan, {commits} since: "), 0.01)
            }
        };
        let facts = self.facts.told(&head);
        let line = Line::new().own(word).quote(head).cite(&plan.cite);
        let accepted = plan.answer == PlanAnswer::Accepted;
        let status = if accepted { "accepted" } else { "open" };
        let mut item = Item::new(
            Part::Approach,
            Kind::Decision,
            Trust::Claimed,
            status,
            0.0,
            line.telling(worth, facts),
        );
        for step in plan_steps(&plan.text).into_iter().take(12) {
            let text = self.words(step, 120);
            let facts = self.facts.told(&text);
            item.pieces
                .push(Line::new().own(" ").quote(text).telling(0.003, facts));
        }
        self.add(item);
    }

    /// What the user chose, and what the agent decided with a reason.
    fn decisions(&mut self) {
        let ledger = self.ledger;
        for request in ledger.requests.iter().rev() {
            let Via::Answer { question, .. } = &request.via else {
                continue;
            };
            if is_spent(ledger, question, &request.cite) {
                continue;
            }
            let answer = self.words(&request.text, 200);
            let question = self.words(question, 140);
            let line = Line::new().own("asked ").quote(question);
            let line = line.own(", the user chose ");
            let facts = self.facts.told(&answer);
            let line = line.quote(answer).cite(&request.cite);
            self.add(Item::new(
                Part::Approach,
                Kind::Decision,
                Trust::Stated,
                "decided",
                1.0,
                line.telling(0.05, facts),
            ));
        }
        let decided: Vec<&Sentence> = ledger
            .sentences
            .iter()
            .rev()
            .filter(|sentence| matches!(sentence.kind, Some(Saying::Decision | Saying::Correction)))
            // "Ok, let's go" decides something that stands elsewhere.
            .filter(|sentence| !is_brief(&sentence.text))
            .take(24)
            .collect();
        let last = ledger
            .last_requests()
            .first()
            .map(|request| request.cite.at);
        for sentence in decided {
            let past = self.is_past(&sentence.cite);
            if !sentence.by_user && (is_talk(&sentence.text) || (past && intends(&sentence.text))) {
                continue;
            }
            // The last request stands whole among the key areas.
            if sentence.by_user && Some(sentence.cite.at) == last {
                continue;
            }
            // "Let's add a flag" asks for work, and stands among the requests; a choice is one against something else.
            if sentence.by_user
                && sentence.kind == Some(Saying::Decision)
                && asked(&sentence.text).0 == Want::Work
                && !chooses(&sentence.text)
            {
                continue;
            }
            self.lines.insert(sentence.text.clone());
            let text = self.words(&sentence.text, 260);
            let facts = self.facts.told(&text);
            let (word, worth, trust) = match (sentence.by_user, sentence.kind) {
                (true, Some(Saying::Correction)) => ("the user corrected: ", 0.02, Trust::Stated),
                (true, _) => ("the user decided: ", 0.02, Trust::Stated),
                (false, _) => ("the agent found: ", 0.004, Trust::Claimed),
            };
            let line = Line::new().own(word).quote(text).cite(&sentence.cite);
            let piece = line.telling(
                worth * sentence.weight * self.recency(sentence.cite.tick),
                facts,
            );
            self.add(Item::new(
                Part::Approach,
                Kind::Decision,
                trust,
                "decided",
                2.0,
                piece,
            ));
        }
    }

    fn attempts(&mut self) {
        let ledger = self.ledger;
        let last = ledger.last_requests();
        for attempt in ledger.attempts.iter().rev().take(ATTEMPTS) {
            // What the user said last stands among the requests, with what it refused.
            let told =
                |request: &Request| attempt.cites.iter().any(|cite| cite.at == request.cite.at);
            if matches!(attempt.tried, Tried::Refused { .. }) && last.iter().any(told) {
                continue;
            }
            let Some((line, text)) = self.attempt(attempt) else {
                continue;
            };
            let facts = self.facts.told(&text);
            let trust = match attempt.tried {
                Tried::Said(_) => Trust::Claimed,
                Tried::Refused { .. } => Trust::Stated,
                _ => Trust::Observed,
            };
            let worth = if trust == Trust::Claimed {
                0.006
            } else {
                0.015
            };
            let tick = attempt.cites.last().map_or(0, |cite| cite.tick);
            let piece = line
                .cites(&attempt.cites)
                .telling(worth * self.recency(tick), facts);
            self.add(Item::new(
                Part::Approach,
                Kind::Attempt,
                trust,
                "given up",
                3.0,
                piece,
            ));
        }
    }

    fn attempt(&mut self, attempt: &Attempt) -> Option<(Line, String)> {
        match &attempt.tried {
            Tried::Reverted { command, files } => {
                let command = self.gate.verbatim(command, 120);
                let mut line = Line::new()
                    .own("reverted by ")
                    .code(command.clone())
                    .own(": edits to ");
                for (index, file) in files.iter().take(4).enumerate() {
                    let file = self.path(file);
                    line = line.own(if index > 0 { ", " } else { "" }).code(file);
                }
                Some((line, command))
            }
            Tried::SameFailure {
                files,
                failure,
                command,
                times,
            } => {
                // Only what still fails, or took several rounds, says something to the next session.
                if *times < 3 {
                    return None;
                }
                let failure = self.words(failure, 160);
                let command = self.gate.verbatim(command, 100);
                let mut line = Line::new()
                    .own(format!("{times} times "))
                    .code(command)
                    .own(" showed ")
                    .quote(failure.clone())
                    .own(" after edits to ");
                for (index, file) in files.iter().take(3).enumerate() {
                    let file = self.path(file);
                    line = line.own(if index > 0 { ", " } else { "" }).code(file);
                }
                Some((line, failure))
            }
            Tried::Refused { what, reason } => {
                let what = self.gate.verbatim(what, 100);
                let reason = self.words(reason, 240);
                let line = Line::new()
                    .own("the user refused ")
                    .code(what)
                    .own(": ")
                    .quote(reason.clone());
                Some((line, reason))
            }
            Tried::Said(text) => {
                // What the user has just said otherwise is not given up for that it did not work.
                let told = |cite: &Cite| {
                    let mut requests = self.ledger.requests.iter();
                    requests
                        .any(|request| request.cite.tick == cite.tick && request.cite.at < cite.at)
                };
                // "I need to revert that" says to nobody else what was given up.
                let names = text.contains('`') || identifiers(text).next().is_some();
                if attempt.cites.first().is_some_and(told) || !names {
                    return None;
                }
                // What is taken back is named by such words, what is given up by others.
                let lower = text.to_lowercase();
                let back = ["revert", "undo", "restore"]
                    .iter()
                    .any(|word| lower.contains(word));
                let lead = match back {
                    true => "the agent turned back: ",
                    false => "the agent gave up: ",
                };
                let text = self.words(text, 220);
                Some((Line::new().own(lead).quote(text.clone()), text))
            }
        }
    }

    /// Sentences that tell most of what the last work was about: of long requests, of the plan, of the agent.
    fn notes(&mut self) {
        let ledger = self.ledger;
        let known: Vec<&str> = ledger
            .sentences
            .iter()
            .map(|sentence| sentence.text.as_str())
            .collect();
        let last = ledger.last_words.first().map(|sentence| sentence.cite.at);
        let long = ledger
            .requests
            .iter()
            .rev()
            .filter(|request| request.text.chars().count() > 280)
            .take(3);
        for request in long {
            if request.via == Via::Plan && is_taken_apart(ledger, &request.cite) {
                continue;
            }
            // What was asked for and acted on is done; a plan is worked through in many turns.
            if request.via != Via::Plan && request.answered && self.was_acted_on(request) {
                continue;
            }
            let steps;
            let text = match request.via {
                Via::Plan => {
                    steps = without_background(&request.text);
                    &steps
                }
                _ => &request.text,
            };
            for text in sentences(text).into_iter().take(SENTENCES) {
                // A plan and a long request describe what is, too: only the whole is an ask.
                let lead = match request.via {
                    Via::Plan => "planned: ",
                    _ => "from the request: ",
                };
                if !self.is_begun(text, &request.cite) {
                    self.note(text, None, &request.cite, lead, Trust::Stated);
                }
            }
        }
        if let Some(plan) = &ledger.plan
            && !is_taken_apart(ledger, &plan.cite)
        {
            // Its steps stand behind its heading.
            let told = plan_steps(&plan.text);
            let steps = without_background(&plan.text);
            for text in sentences(&steps).into_iter().take(SENTENCES) {
                let told = told.iter().any(|step| text.ends_with(step));
                if !told && !self.is_begun(text, &plan.cite) {
                    self.note(text, None, &plan.cite, "planned: ", Trust::Claimed);
                }
            }
        }
        // A message that lists twenty things is told by a few of them.
        let mut noted = BTreeMap::new();
        for sentence in ledger.prose.iter().rev().take(SENTENCES) {
            let said = Some(sentence.cite.at) == last || known.contains(&sentence.text.as_str());
            let of_message = noted.entry(sentence.cite.at).or_insert(0);
            let past = self.is_past(&sentence.cite);
            // What was so before an edit may be so no more; why it is so lasts.
            let said = said || (past && (intends(&sentence.text) || !explains(&sentence.text)));
            let said = said || self.is_changed(&sentence.text, &sentence.cite);
            if !said && !is_talk(&sentence.text) && *of_message < NOTES {
                let (text, under) = (&sentence.text, sentence.under.as_deref());
                let noted = self.note(text, under, &sentence.cite, "noted: ", Trust::Claimed);
                *of_message += usize::from(noted);
            }
        }
    }

    /// True if something was edited after `cite`.
    fn is_past(&self, cite: &Cite) -> bool {
        let mut edited = self.ledger.files.iter().filter(|file| file.edits > 0);
        // A message may hold the words and the edit behind them.
        edited.any(|file| file.last.tick >= cite.tick && file.last.at >= cite.at)
    }

    /// True if an edit after `cite` brought a line with a name that `text` marks as one: it may be so no more.
    fn is_changed(&self, text: &str, cite: &Cite) -> bool {
        let named = || text.split('`').skip(1).step_by(2);
        let names = |line: &str| {
            let mut named = named().filter(|name| name.len() > 3);
            named.any(|name| line.contains(name.trim_end_matches("()")))
        };
        let files = self.ledger.files.iter();
        let mut lines = files.flat_map(|file| &file.changed);
        lines.any(|(line, changed)| changed.place() > cite.place() && names(line))
    }

    /// True if all the files that `step` names were edited after `since`: what it says of them is done, or is under way.
    pub(super) fn is_begun(&self, step: &str, since: &Cite) -> bool {
        let edited = |named: &str| {
            self.ledger.files.iter().any(|file| {
                let behind = file.path.strip_suffix(named);
                let is = behind.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'));
                is && file.edits > 0 && (file.last.tick, file.last.at) > (since.tick, since.at)
            })
        };
        let mut named = paths(step).filter(|path| !path.starts_with('/')).peekable();
        named.peek().is_some() && named.all(edited)
    }

    /// A sentence, if it is one, and names something of the work, with what its list stands `under`; whether it is.
    fn note(
        &mut self,
        sentence: &str,
        under: Option<&str>,
        cite: &Cite,
        lead: &str,
        trust: Trust,
    ) -> bool {
        let plain = |word: &&str| {
            word.chars()
                .all(|c| c.is_alphabetic() || ".,;:'’!?".contains(c))
        };
        let long_enough = (24..=320).contains(&sentence.chars().count())
            && sentence.split_whitespace().filter(plain).count() >= 4;
        if !long_enough || sentence.trim_end_matches('*').ends_with(['?', ':']) {
            return false;
        }
        let text = self.words(sentence, 260);
        let facts = self.facts.told(&text);
        if facts.iter().all(|(fact, _)| matches!(fact, Fact::Word(_))) {
            return false;
        }
        let mut line = Line::new().own(lead);
        if let Some(under) = under {
            line = line.quote(self.words(under, 80)).own(": ");
        }
        let line = line.quote(text).cite(cite);
        self.add(Item::new(
            Part::Approach,
            Kind::Account,
            trust,
            "",
            4.0,
            line.telling(0.0, facts),
        ));
        true
    }

    /// One for what was said at the end, falling with the distance in tool calls.
    pub(super) fn recency(&self, tick: u32) -> f64 {
        const HALF: f64 = 60.0;
        1.0 / (1.0 + f64::from(self.ledger.now.saturating_sub(tick)) / HALF)
    }
}

/// True of a plan put before the user at `cite` of which tasks were made, and some are done: they tell what is left of it.
pub(super) fn is_taken_apart(ledger: &Ledger, cite: &Cite) -> bool {
    let mut tasks = ledger.tasks.iter();
    tasks.any(|task| task.status == Status::Completed && task.last.place() > cite.place())
}

/// True if `text` says what is to be done, or what is wrong: an edit after it may have done or mended it.
pub(super) fn intends(text: &str) -> bool {
    const MARKS: &[&str] = &[
        " need to ",
        " needs to ",
        " should ",
        " could ",
        " can be ",
        " can delete ",
        " can remove ",
        " might ",
        " may ",
        " will ",
        "'ll ",
        "’ll ",
        " would ",
        " must ",
        " todo",
        " remaining ",
        " missing ",
        " not yet ",
        " is never ",
        " is not ",
        " let me ",
        " still ",
        " fails ",
        " failing ",
        " broken ",
        " bug ",
        " wrong ",
        " problem ",
        " issue ",
        " error is ",
        " isn't ",
        " doesn't ",
        " don't ",
        " incorrect",
        " mismatch",
        " to fix ",
        " going to ",
        " plan ",
    ];
    let lower = format!(" {} ", text.to_lowercase());
    MARKS.iter().any(|mark| lower.contains(mark))
}

/// True if `text` gives a reason, or a bound that holds.
pub(super) fn explains(text: &str) -> bool {
    const MARKS: &[&str] = &[
        " because ",
        " so that ",
        " since ",
        " intentional",
        " deliberate",
        " on purpose",
        " by design",
        " otherwise ",
        " cannot ",
        " can't ",
        " can’t ",
        " always ",
        " only if ",
        " only when ",
        " only for ",
        " unless ",
        " falls back",
        " fall back",
        " instead of ",
        " rather than ",
        " depends on ",
        " requires ",
        " assumes ",
        " guarantee",
        " limitation",
        " the reason ",
        " which means ",
        " root cause",
    ];
    let lower = format!(" {} ", text.to_lowercase());
    MARKS.iter().any(|mark| lower.contains(mark))
}

/// True if `text` prefers one thing to another.
fn chooses(text: &str) -> bool {
    const AGAINST: &[&str] = &[
        " instead", " rather", " not ", "n't ", "n’t ", " only ", " option", " for now", " later",
    ];
    let lower = format!(" {} ", text.to_lowercase());
    AGAINST.iter().any(|mark| lower.contains(mark))
}

/// Sentences that accompany the work and say nothing of it.
pub(super) fn is_talk(text: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "let me",
        "now",
        "i'll",
        "i will",
        "there's another",
        "there is another",
        "there's one more",
        "let's",
        "good",
        "great",
        "perfect",
        "excellent",
        "i'm going",
        "i'm checking",
        "i'm running",
        "i'm looking",
        "next i",
        "first, let",
        "next, i",
        "next, let",
        "ok",
        "okay",
        "sure",
        "i can see",
        "i need to",
        "i should",
        "i also need to",
        "looking at",
        "yes",
        "done",
        "here's",
        "here is",
        "i see",
        "would you",
        "should i",
        "do you",
        "want me",
        "shall i",
        "checking",
        "you're",
        "ah",
        "hmm",
        "wait",
        "actually, let",
    ];
    let lower = text
        .trim_start_matches(['*', '_', '"', '#', ' '])
        .to_lowercase()
        .replace('’', "'");
    lower.trim_end_matches(['*', '_', ' ']).ends_with(':')
        || OPENINGS.iter().any(|opening| {
            lower
                .strip_prefix(opening)
                .is_some_and(|rest| rest.starts_with([' ', ',', '.', '!', ':', '\'', '’']))
        })
}

/// Headings that every plan has: they say nothing of this one.
const PLAIN_HEADINGS: &[&str] = &[
    "approach",
    "context",
    "overview",
    "problem",
    "solution",
    "design",
    "implementation",
    "implementation steps",
    "implementation plan",
    "files",
    "key files",
    "critical files",
    "critical files to modify",
    "tests",
    "test plan",
    "scope",
    "out of scope",
    "requirements",
    "details",
    "summary",
    "background",
    "verification",
    "goal",
    "goals",
    "plan",
    "changes",
    "steps",
    "testing",
    "files to modify",
    "decisions",
    "open question",
    "open questions",
    "risks",
    "notes",
];

/// A plan without the sections that say how things were before it.
pub(super) fn without_background(plan: &str) -> String {
    const BEFORE: &[&str] = &[
        "problem",
        "context",
        "background",
        "overview",
        "motivation",
        "why",
        "current",
        "note",
        "issue",
        "root cause",
        "summary",
    ];
    let mut kept = String::with_capacity(plan.len());
    let mut skipped = 0;
    for line in plan.lines() {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if level > 0 && (skipped == 0 || level <= skipped) {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let before = BEFORE.iter().any(|word| title.starts_with(word));
            skipped = if before && level > 1 { level } else { 0 };
        }
        if skipped == 0 {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The headings and numbered lines of a plan, behind its title.
pub(super) fn plan_steps(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| {
            line.starts_with("##")
                || line.split_once(". ").is_some_and(|(number, _)| {
                    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
                })
        })
        .map(|line| line.trim_start_matches('#').trim())
        .map(|line| line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')))
        .filter(|line| !PLAIN_HEADINGS.contains(&line.to_lowercase().as_str()))
        .collect()
}

/// True of a question on how to commit or push, where that came about since.
fn is_spent(ledger: &Ledger, question: &str, asked: &Cite) -> bool {
    let question = question.to_lowercase();
    let of_putting_away = ["commit", "push"]
        .iter()
        .any(|word| question.contains(word));
    let mut commits = ledger.repository.commits.iter();
    of_putting_away && commits.any(|commit| commit.cite.place() > asked.place())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_before_a_plan_is_not_planned() {
        let plan = "# Lint in CI\n\n## Problem\nTwo tools.\n### Why\nHistory.\n## Changes\nOne tool.\n### Note on `new`\nIt was set.\n## Steps\nRun it.\n";
        assert_eq!(
            without_background(plan),
            "# Lint in CI\n\n## Changes\nOne tool.\n## Steps\nRun it.\n"
        );
    }
}
