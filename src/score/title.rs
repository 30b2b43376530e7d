//! The title: what the work has become, and what is to be reached.

use super::item::{Item, Kind, Line, PINNED, Part, Trust};
use super::status::StateWord;
use super::{Room, focus};
use crate::extract::finding::Saying;
use crate::extract::words::sentences;
use crate::ledger::{Cite, Request, Status};
use crate::session::Via;

/// Characters of a title.
const TITLE: usize = 100;

impl Room<'_> {
    /// Adds the title; gives it, and the goal.
    pub(super) fn title(&mut self, state: StateWord) -> (String, String) {
        let (title, cite) = self.subject();
        let goal = self.goal(state);
        let mut line = Line::new().own(super::title::plain(&title));
        if !goal.is_empty() {
            line = line.own(" - ").own(goal.clone());
        }
        if let Some(cite) = &cite {
            line = line.cite(cite);
        }
        let facts = self.facts.told(&title);
        self.add(Item::new(
            Part::Task,
            Kind::Title,
            Trust::Stated,
            "",
            0.0,
            line.telling(PINNED + 900.0, facts),
        ));
        (title, goal)
    }

    /// What the work is: the user's own title; the open task, under its ticket; or the request that began the latest
    /// stretch of work.
    fn subject(&mut self) -> (String, Option<Cite>) {
        let ledger = self.ledger;
        if let Some(title) = self.session.custom_title.clone() {
            return (self.words(&title, TITLE), None);
        }
        let open = |status| ledger.tasks.iter().find(move |task| task.status == status);
        if let Some(task) = open(Status::InProgress).or_else(|| open(Status::Pending)) {
            let (subject, cite) = (task.subject.clone(), task.last.clone());
            let ticket = ledger
                .requests
                .iter()
                .rev()
                .find_map(|request| ticket(&request.text))
                .filter(|ticket| !subject.contains(ticket));
            let text = match ticket {
                Some(ticket) => format!("{ticket}: {subject}"),
                None => subject,
            };
            return (self.words(&text, TITLE), Some(cite));
        }
        let says = |request: &Request| {
            let told = self.facts.told(&heading(request));
            told.iter().map(|(_, worth)| worth).sum()
        };
        if let Some(request) = latest_work(&ledger.requests, says) {
            let head = heading(request);
            let cite = request.cite.clone();
            let text = self.words(&head, TITLE);
            if !text.is_empty() {
                return (text, Some(cite));
            }
        }
        if let Some(task) = ledger
            .tasks
            .iter()
            .rev()
            .find(|task| !matches!(task.status, Status::Dropped | Status::Deleted))
        {
            let (subject, cite) = (task.subject.clone(), task.made.clone());
            return (self.words(&subject, TITLE), Some(cite));
        }
        match ledger.files.iter().max_by(|a, b| {
            a.uses
                .count()
                .cmp(&b.uses.count())
                .then_with(|| b.path.cmp(&a.path))
        }) {
            Some(file) => {
                let (path, cite) = (file.path.clone(), file.last.clone());
                (format!("work on {}", self.path(&path)), Some(cite))
            }
            None => ("session without a request".to_owned(), None),
        }
    }

    /// What is to be reached, with a number where the log holds one.
    fn goal(&mut self, state: StateWord) -> String {
        let ledger = self.ledger;
        if let Some(target) = ledger
            .sentences
            .iter()
            .rev()
            .find(|s| s.by_user && s.kind == Some(Saying::Target))
        {
            let text = target.text.clone();
            return format!("target: {}", plain(&self.words(&text, 80)));
        }
        let counted: Vec<_> = ledger
            .tasks
            .iter()
            .filter(|task| !matches!(task.status, Status::Dropped | Status::Deleted))
            .collect();
        let done = counted
            .iter()
            .filter(|task| task.status == Status::Completed)
            .count();
        let open = counted.len() - done;
        if let Some(check) = ledger.checks.newest()
            && state == StateWord::Red
        {
            let counts = &check.last().counts;
            if let (Some(failed), Some(ran)) =
                (counts.failed.filter(|failed| *failed > 0), counts.ran())
            {
                return format!(
                    "{}/{ran} tests pass; get {failed} failing to pass",
                    ran.saturating_sub(failed)
                );
            }
        }
        if open > 0 {
            return format!("{done} of {} tasks done, {open} open", counted.len());
        }
        let failures = focus::open_failures(ledger).len();
        match (state, failures) {
            (StateWord::Red, 0) => "a check fails; get it clean".to_owned(),
            (StateWord::Red, n) => {
                format!("{n} open {}", if n == 1 { "failure" } else { "failures" })
            }
            (StateWord::Unverified, _) if ledger.edits_since_check > 0 => {
                format!(
                    "verify {} edited since the last check",
                    files(ledger.files_since_check.len())
                )
            }
            (StateWord::Green, _) if !counted.is_empty() => {
                format!("{done} of {} tasks done, checks green", counted.len())
            }
            (StateWord::Green, _) => "checks green".to_owned(),
            _ => String::new(),
        }
    }
}

fn files(count: usize) -> String {
    format!("{count} {}", if count == 1 { "file" } else { "files" })
}

/// Log text for a title, where no quotation marks stand: nothing that Markdown would read.
pub(super) fn plain(text: &str) -> String {
    crate::safety::inline(text)
}

/// The ticket that `text` names, as `ENT-212`.
fn ticket(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .find(|word| {
            word.split_once('-').is_some_and(|(project, number)| {
                (2..=10).contains(&project.len())
                    && project.bytes().all(|b| b.is_ascii_uppercase())
                    && (1..=6).contains(&number.len())
                    && number.bytes().all(|b| b.is_ascii_digit())
                    && !matches!(
                        project,
                        "UTF" | "SHA" | "ISO" | "RFC" | "MD" | "HTTP" | "TLS" | "COVID"
                    )
            })
        })
}

/// The request that the latest work is about: of the last ones that ask for something of their own, the one that most
/// work followed, and that `says` most of it.
fn latest_work(requests: &[Request], says: impl Fn(&Request) -> f64) -> Option<&Request> {
    const BACK: usize = 5;
    let asks = |request: &&Request| {
        matches!(
            request.via,
            Via::Typed | Via::Plan | Via::Command { .. } | Via::Queued
        )
    };
    let begins: Vec<&Request> = requests
        .iter()
        .filter(asks)
        .filter(|request| !continues(&request.text))
        .collect();
    let latest = &begins[begins.len().saturating_sub(BACK)..];
    let value = |index: usize| {
        let until = latest
            .get(index + 1)
            .or(requests.last().as_ref())
            .map_or(0, |next| next.cite.tick);
        // The later of two that much work followed is what the work has become.
        let followed = until.saturating_sub(latest[index].cite.tick).min(30);
        (f64::from(followed) + 8.0 * index as f64) * says(latest[index])
    };
    (0..latest.len())
        .max_by(|&a, &b| value(a).total_cmp(&value(b)))
        .map(|index| latest[index])
        .or_else(|| requests.iter().rev().find(asks))
}

/// True for words that go on with what was asked before: an answer, a correction, a choice.
fn continues(text: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "yes",
        "yeah",
        "yep",
        "no",
        "nope",
        "ok",
        "okay",
        "sure",
        "option",
        "actually",
        "mh",
        "hm",
        "um",
        "uh",
        "but",
        "hmm",
        "wait",
        "thanks",
        "great",
        "good",
        "perfect",
        "continue",
        "proceed",
        "go",
        "do it",
        "please continue",
        "let's go",
        "i think",
        "why",
        "what",
        "is",
        "are",
        "did",
        "does",
        "can",
        "could",
        "couldn't",
        "should",
        "shouldn't",
        "isn't",
        "won't",
        "would",
        "how",
        "where",
        "which",
        "so",
        "maybe",
        "that",
        "this",
        "it",
        "we",
        "try again",
        "still",
        "same",
    ];
    let lower = text.trim().to_lowercase();
    let short = lower.is_ascii() && lower.split_whitespace().count() < 4;
    short
        || OPENINGS.iter().any(|opening| {
            lower
                .strip_prefix(opening)
                .is_some_and(|rest| rest.starts_with([' ', ',', '.', '!', '?', ':']))
        })
}

/// The line of a request that says what it is about: the first heading of a plan, else the first line with words.
fn heading(request: &Request) -> String {
    let lines = || {
        request
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let titled = if request.via == Via::Plan {
        lines().find_map(|line| line.strip_prefix("# "))
    } else {
        None
    };
    let line = titled
        .or_else(|| lines().find(|line| line.chars().filter(|c| c.is_alphabetic()).count() >= 3));
    let line = line.unwrap_or("").trim_start_matches('#').trim();
    let first = sentences(line)
        .into_iter()
        .next()
        .filter(|first| first.chars().count() >= 16);
    first.unwrap_or(line).trim_end_matches('.').to_owned()
}
