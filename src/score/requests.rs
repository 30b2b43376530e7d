//! What the user asked for last, and what the agent asked the user.

use super::Room;
use super::approach::{is_taken_apart, without_background};
use super::asked::{Want, asked};
use super::choices::{choices, leaves_out, options, put_off, said_before, takes_all};
use super::item::{Item, Kind, Line, PINNED, Part, Trust};
use super::outcome::is_carried_out;
use crate::extract::words::{content, counted, prompted, sentences, unprinted};
use crate::ledger::{Cite, Ledger, Request, Tried};
use crate::position::Position;
use crate::session::{Body, End, Via, offers_to_close};

/// Requests before the last that are told.
const EARLIER: usize = 8;
/// Bytes of a request from which it asks for more than a branch.
const BRANCHING: usize = 160;
/// Lines of a list of the agent's.
const LISTED: usize = 8;

impl Room<'_> {
    /// What the agent asked at the end and nobody answered.
    pub(super) fn question(&mut self) {
        let ledger = self.ledger;
        if ledger.end == End::Finished {
            self.offer();
        }
        if ledger.end != End::Asked {
            return;
        }
        let asked = ledger
            .last_words
            .iter()
            .rev()
            .find(|sentence| sentence.text.trim_end().ends_with(['?', '？']));
        let Some(question) = asked.or_else(|| ledger.last_words.last()) else {
            return;
        };
        let text = self.words(&question.text, 300);
        let facts = self.facts.told(&text);
        let line = Line::new()
            .own("answer the agent's question: ")
            .quote(text)
            .cite(&question.cite);
        let mut item = Item::new(
            Part::Focus,
            Kind::InFlight,
            Trust::Claimed,
            "open",
            0.0,
            line.telling(PINNED + 660.0, facts),
        );
        // What there is to choose from, as far as the message lists it.
        let listed = if is_yes_or_no(&question.text) {
            Vec::new()
        } else {
            self.listed(question.cite.at)
        };
        self.list(&mut item, listed, &question.cite);
        self.add(item);
    }

    /// What the agent offered at the end, where that is only to put away what is done.
    fn offer(&mut self) {
        let offered = self.ledger.last_words.last();
        let Some(offer) = offered.filter(|sentence| offers_to_close(&sentence.text)) else {
            return;
        };
        let text = self.words(&offer.text, 160);
        let facts = self.facts.told(&text);
        let line = Line::new()
            .own("the agent offers: ")
            .quote(text)
            .cite(&offer.cite);
        self.add(Item::new(
            Part::Focus,
            Kind::InFlight,
            Trust::Claimed,
            "offered",
            0.6,
            line.telling(0.02, facts),
        ));
    }

    /// Adds the lines of a list to `item`, each below it.
    pub(super) fn list(&mut self, item: &mut Item, listed: Vec<String>, cite: &Cite) {
        for line in listed.into_iter().take(LISTED) {
            let text = self.words(&line, 160);
            let facts = self.facts.told(&text);
            let line = Line::new().below().quote(text).cite(cite);
            item.pieces.push(line.telling(0.006, facts));
        }
    }

    /// What there is to choose from in what the agent said at `at`.
    fn listed(&self, at: Position) -> Vec<String> {
        let said = (self.session.timeline.iter().rev()).find_map(|event| match &event.body {
            Body::Say(text) if event.at == at => Some(text.text.as_str()),
            _ => None,
        });
        said.map(choices).unwrap_or_default()
    }

    /// The user's last words, pinned; the ones before them, for what they tell.
    pub(super) fn requests(&mut self) {
        let ledger = self.ledger;
        let asks = |request: &&Request| {
            matches!(
                request.via,
                Via::Typed
                    | Via::Queued
                    | Via::Plan
                    | Via::Command { .. }
                    | Via::Answer { .. }
                    | Via::Refusal { .. }
            )
        };
        let last: Vec<&Request> = ledger.last_requests().iter().filter(asks).collect();
        let from = last.first().map(|request| request.cite.at);
        let finished = ledger.end == End::Finished;
        let is_told = |request: &&&Request| !matches!(request.via, Via::Answer { .. });
        let told = last.iter().rev().take(3).filter(is_told).count();
        for (index, request) in last.iter().rev().take(3).rev().enumerate() {
            if matches!(request.via, Via::Answer { .. }) {
                continue;
            }
            let refused = refused(ledger, request);
            let refused = refused.map(|what| self.gate.verbatim(what, 100));
            let said = unprinted(&request.text);
            let open = (!request.answered || !finished) && !is_carried_out(ledger, request);
            let text = self.told(&said, 280);
            let facts = self.facts.told(&text);
            // Of a plan, what was before it is nothing to do.
            let mut rest = match (open, &request.via) {
                (true, Via::Plan) => cut_off(&without_background(&said), &text),
                (true, _) => cut_off(&said, &text),
                (false, _) => Vec::new(),
            };
            // Paths are told from the project's folder; of a long request a part may be done.
            rest.retain(|rest| {
                !text.contains(&self.words(rest, 2_000)) && !ledger.tells_of_done(rest)
            });
            if request.via == Via::Plan && is_taken_apart(ledger, &request.cite) {
                rest.clear();
            } else if request.via == Via::Plan {
                rest.retain(|rest| !rest.ends_with(':') && !self.is_begun(rest, &request.cite));
            }
            let asked_back = request.answered && ledger.end == End::Asked;
            let word = match (asked_back, open) {
                _ if index > 0 => "then",
                (true, _) => "request, answered with a question",
                (_, true) => "request, open",
                (_, false) => "request, answered",
            };
            // Words that came while the agent was at it are told behind it, and are the last.
            let last = if index == 0 && told == 1 { "last " } else { "" };
            let mut line = Line::new().own(format!("{last}{word}"));
            if let Some(what) = refused {
                line = line.own(", refusing ").code(what);
            }
            line = line.own(": ");
            line = match &request.via {
                Via::Command { name } if text.is_empty() => line.code(
                    self.gate
                        .verbatim(&format!("/{}", name.trim_start_matches('/')), 80),
                ),
                _ if text.is_empty() => line,
                _ => line.quote(text),
            };
            if said.len() < request.text.len() {
                let lead = if said.is_empty() { "pasted" } else { ", with" };
                line = self.printed(line.own(lead), &request.text);
            }
            let chosen = self.chosen(request);
            if !chosen.is_empty() {
                line = line.own(", to ");
                for (index, option) in chosen.into_iter().enumerate() {
                    let option = self.words(&option, 140);
                    line = line.own(if index > 0 { ", " } else { "" }).quote(option);
                }
            }
            if !open {
                line = self.came_of(line, request);
            }
            let line = line.cite(&request.cite);
            let status = if open { "open" } else { "answered" };
            let piece = line.telling(PINNED + 750.0 - index as f64, facts);
            let order = 1.0 + index as f64 / 10.0;
            let mut item = Item::new(
                Part::Focus,
                Kind::Request,
                Trust::Stated,
                status,
                order,
                piece,
            );
            // What was done for it so far stands among the files.
            let begun = self.ledger.files.iter().filter(|file| {
                file.edits > 0 && !file.deleted && file.last.place() > request.cite.place()
            });
            let begun = begun.count();
            if open && index == 0 && begun > 0 {
                let line = Line::new().own(format!("; {} edited since", counted(begun, "file")));
                item.pieces.push(line.piece(0.003));
            }
            // What is still to be done is told in more of its words, where there is room.
            for sentence in rest.into_iter().take(LISTED) {
                let text = self.words(&sentence, 240);
                let facts = self.facts.told(&text);
                let line = Line::new().below().quote(text).cite(&request.cite);
                item.pieces.push(line.telling(0.01, facts));
            }
            self.add(item);
        }
        self.put_off();
        let earlier = ledger
            .requests
            .iter()
            .rev()
            .filter(asks)
            .filter(|request| from.is_none_or(|from| request.cite.at < from));
        let mut earlier: Vec<&Request> = earlier
            .filter(|request| !matches!(request.via, Via::Answer { .. } | Via::Refusal { .. }))
            // A word or two, or what stands among the decisions, says nothing more.
            .filter(|request| !is_brief(&request.text))
            // An answer that changed nothing is known to who asked.
            .filter(|request| {
                !request.answered || (is_asked_for(&request.text) && self.was_acted_on(request))
            })
            .collect();
        earlier.truncate(EARLIER);
        let committed = ledger.repository.commits.last();
        for (back, request) in earlier.into_iter().enumerate() {
            // So does what asked for the branch that the work is on by now.
            let branch = ledger.branch(self.session);
            let asks_for = |it: &str| it.len() >= 8 && request.text.contains(it);
            let branched = branch.is_some_and(asks_for) && request.text.len() < BRANCHING;
            if self.lines.contains(request.text.trim()) || (branched && request.answered) {
                continue;
            }
            if is_said_again(request, &ledger.requests) {
                continue;
            }
            let said = unprinted(&request.text);
            let said = if said.is_empty() {
                &request.text
            } else {
                &*said
            };
            let text = self.told(said, 240);
            let facts = self.facts.told(&text);
            // What was committed since is done, and says only what the work was about.
            let past = committed.is_some_and(|it| it.cite.place() > request.cite.place());
            let (word, worth) = match past {
                true => ("asked before the last commit: ", 0.0),
                false => ("asked earlier: ", 0.006 / (1.0 + back as f64)),
            };
            let line = Line::new().own(word).quote(text);
            let line = self.came_of(line, request).cite(&request.cite);
            self.add(Item::new(
                Part::Approach,
                Kind::Request,
                Trust::Stated,
                "earlier",
                0.5 - back as f64 / 100.0,
                line.telling(worth, facts),
            ));
        }
    }

    /// What the agent had listed beside what the user wanted first.
    fn put_off(&mut self) {
        let Some((request, listed)) = put_off(self.session, &self.ledger.requests) else {
            return;
        };
        let line = Line::new()
            .own("listed beside what was wanted first, and not asked for since:")
            .cite(&request.cite);
        let mut item = Item::new(
            Part::Focus,
            Kind::InFlight,
            Trust::Claimed,
            "put off",
            1.5,
            line.piece(0.012 * self.recency(request.cite.tick)),
        );
        self.list(&mut item, listed, &request.cite);
        self.add(item);
    }

    /// What the user said, with the sentence that asks for something.
    fn told(&mut self, said: &str, most: usize) -> String {
        let said = self.paths.shorten(unmarked(said));
        let (want, asks) = asked(&said);
        let asks = match want {
            Want::Work | Want::Matter | Want::Answer => asks.as_str(),
            _ => "",
        };
        self.gate.line_around(&said, asks, most)
    }

    /// What stands in a request beside the user's words.
    fn printed(&mut self, line: Line, text: &str) -> Line {
        match prompted(text) {
            Some(command) => line
                .own(" what ")
                .code(self.gate.verbatim(command, 100))
                .own(" printed"),
            None => line.own(" what a program printed"),
        }
    }

    /// What a request of a word or two answers: the lines of the agent's last message that its numbers name, else the
    /// question that the message ends with.
    fn chosen(&self, request: &Request) -> Vec<String> {
        if !is_brief(&request.text) || leaves_out(&request.text) {
            return Vec::new();
        }
        let Some(said) = said_before(self.session, request) else {
            return Vec::new();
        };
        let mut named = options(said, &request.text);
        if named.is_empty() && takes_all(&request.text) {
            named = choices(said);
        }
        if named.is_empty() {
            let question = sentences(said)
                .into_iter()
                .rev()
                .find(|sentence| sentence.ends_with(['?', '？']));
            named.extend(question.map(str::to_owned));
        }
        named.truncate(4);
        named
    }
}

/// True for a word or two, which say something only to what stood before them. Of other scripts nothing is brief: their
/// words are not counted.
pub(super) fn is_brief(text: &str) -> bool {
    text.is_ascii() && content(text).nth(2).is_none()
}

/// True of words that ask for something to be done. What was only asked is nothing to do once it was answered, nor is a
/// short remark.
fn is_asked_for(text: &str) -> bool {
    const REMARK: usize = 20;
    match asked(text).0 {
        Want::Answer => false,
        Want::Talk => text.split_whitespace().count() >= REMARK,
        _ => true,
    }
}

/// True of a question that wants a yes or a no: what its message lists is nothing to choose from.
fn is_yes_or_no(question: &str) -> bool {
    const ASKS: [&str; 8] = [
        "ready to ",
        "shall i ",
        "should i ",
        "do you want me to ",
        "would you like me to ",
        "want me to ",
        "is this ",
        "does this ",
    ];
    const CHOOSES: [&str; 5] = [" or ", "which", "what", "option", "prefer"];
    let question = question.to_lowercase();
    let asked = question.trim_start_matches(['*', '_', ' ']);
    let asks = ASKS.iter().any(|ask| asked.starts_with(ask));
    asks && !CHOOSES.iter().any(|word| asked.contains(word))
}

/// What `told`, a part of `said`, leaves out of its sentences: of one that was begun, the rest.
fn cut_off(said: &str, told: &str) -> Vec<String> {
    const LEAST: usize = 16;
    const TORN: usize = 4;
    let rest = |sentence: &str| {
        let ends = sentence.match_indices(' ').map(|(at, _)| at);
        let begun = |at: &usize| *at >= LEAST && told.contains(&sentence[..*at]);
        match ends.filter(begun).max() {
            Some(at) => format!("…{}", &sentence[at..]),
            None => sentence.to_owned(),
        }
    };
    let missing = sentences(said).into_iter();
    let missing = missing
        .filter(|sentence| !told.contains(sentence))
        .map(rest);
    // The end of a sentence by itself says little.
    let tells = |rest: &String| {
        rest.len() >= LEAST && (!rest.starts_with('…') || rest.split_whitespace().count() > TORN)
    };
    missing.filter(tells).collect()
}

/// What the user refused to let happen with these words.
pub(super) fn refused<'l>(ledger: &'l Ledger, request: &Request) -> Option<&'l str> {
    ledger
        .attempts
        .iter()
        .find_map(|attempt| match (&attempt.tried, attempt.cites.first()) {
            (Tried::Refused { what, .. }, Some(cite)) if cite.at == request.cite.at => {
                Some(what.as_str())
            }
            _ => None,
        })
}

/// True if the user began so again later: what was interrupted is sent once more, as it was or mended.
fn is_said_again(request: &Request, all: &[Request]) -> bool {
    const SAME: usize = 80;
    let start: String = request.text.chars().take(SAME).collect();
    let later = |other: &&Request| other.cite.at > request.cite.at;
    let mut later = all.iter().filter(later);
    start.chars().count() == SAME && later.any(|other| other.text.starts_with(&start))
}

/// A request without the mark of a heading at its head.
fn unmarked(text: &str) -> &str {
    text.trim_start_matches(['#', ' ', '\n'])
}

#[cfg(test)]
mod tests {
    use super::{cut_off, is_yes_or_no};

    #[test]
    fn a_question_to_be_answered_by_yes_is_told_from_a_choice() {
        for (question, yes) in [
            ("Ready to start with Phase 1, Step 1.1?", true),
            ("**Should I** go on?", false),
            ("Should I go on?", true),
            ("Should I take A or B?", false),
            ("Which of these do you want?", false),
            ("Would you like me to do all of them?", true),
        ] {
            assert_eq!(is_yes_or_no(question), yes, "{question}");
        }
    }

    #[test]
    fn what_was_cut_off_is_the_rest() {
        let said = "Store the path in the metadata of each session, too. It holds the home folder, which we should take out. Ok?";
        let told =
            "Store the path in the metadata of each session, too. It holds the home folder, which…";
        assert_eq!(cut_off(said, told), ["… we should take out."]);
        assert!(cut_off(said, said).is_empty());
    }
}
