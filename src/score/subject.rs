//! Which request the work is about, and the words that name it.

use super::asked::{Want, asked, is_routine, points_elsewhere};
use super::choices::{choices, key, leaves_out, options, said_before, takes_all};
use super::facts::paths;
use super::requests::is_brief;
use super::title::TITLE;
use crate::extract::words::{pasted, sentences, tickets};
use crate::ledger::{Cite, Commit, Ledger, Request, Task};
use crate::position::Position;
use crate::session::{Body, Event, Input, Session, Via, announced};
use std::collections::HashMap;

/// What the work is about.
pub(super) struct Work<'l> {
    /// The request that asks for it.
    pub(super) request: &'l Request,
    /// The words that name it.
    pub(super) text: String,
    /// Where they stand.
    pub(super) cite: &'l Cite,
}

/// The request that the work is about, and its words: the one that asks for most and that most work followed, rather a
/// later one.
pub(super) fn work_of<'l>(ledger: &'l Ledger, session: &Session) -> Option<Work<'l>> {
    let edits = edits(session);
    let said = said_first(ledger);
    // What only pushes the work on names it where nothing else was said.
    let nudges = ledger.requests.iter().all(Request::is_nudge);
    let candidates: Vec<(&Request, Want, String)> = ledger
        .requests
        .iter()
        .filter(|request| nudges || !request.is_nudge())
        .filter(|request| {
            matches!(
                request.via,
                Via::Typed | Via::Plan | Via::Command { .. } | Via::Queued
            )
        })
        // What only shows what a program said asks for nothing by itself.
        .filter(|request| request.text.trim().is_empty() || speaks(&request.text))
        .map(|request| {
            let (want, head) = match planned(request) {
                Some(title) => (Want::Work, title),
                None => match &request.via {
                    Via::Command { name } if request.text.trim().is_empty() => command(name),
                    _ => asked(&own_words(request, &said)),
                },
            };
            let answers = matches!(want, Want::Matter | Want::Answer) && answers(ledger, request);
            let answers = answers || picks(session, request);
            (request, if answers { Want::Talk } else { want }, head)
        })
        .collect();
    let last = candidates.len().saturating_sub(1);
    let worth = |index: usize| {
        let (request, want, head) = &candidates[index];
        let next = candidates[index + 1..]
            .iter()
            .find(|(_, want, _)| matches!(want, Want::Work | Want::Matter));
        let until = next.map_or(ledger.now, |(next, _, _)| next.cite.tick);
        // A call bears the tick that it had before it was counted.
        let before = |at: u32| edits.partition_point(|tick| *tick < at);
        let edited = match next {
            Some(_) => before(until),
            None => edits.len(),
        };
        let edited = edited.saturating_sub(before(request.cite.tick));
        // Reading and searching is work too, but what was changed is what the session came to.
        let calls = until.saturating_sub(request.cite.tick).min(FOLLOWED);
        let followed =
            f64::from(calls) / 2.0 + (EDIT * edited as f64).min(f64::from(FOLLOWED) / 2.0);
        // A question that was answered without a change is none of the work, if there is any.
        let asked_only = *want == Want::Answer && edited == 0 && !edits.is_empty();
        let idle = *want == Want::Work && edited == 0 && !edits.is_empty() && request.answered;
        let asked_only = match (asked_only, idle) {
            (true, _) => -30.0,
            (_, true) => -12.0,
            _ => 0.0,
        };
        let kind = match want {
            Want::Work => 30.0,
            Want::Matter => 12.0,
            Want::Answer => 0.0,
            Want::Routine => -10.0,
            Want::Talk => -30.0,
        };
        let full = if is_short(head) { -12.0 } else { 0.0 };
        let vague = if points_elsewhere(head) { -20.0 } else { 0.0 };
        let planned = if request.via == Via::Plan { 20.0 } else { 0.0 };
        // What was committed before something else was asked for is done.
        let committed = next.is_some()
            && ledger
                .repository
                .commits
                .iter()
                .any(|commit| (request.cite.tick..=until).contains(&commit.cite.tick));
        let done = if committed { COMMITTED } else { 0.0 };
        let tells = matches!(want, Want::Work | Want::Matter) && full == 0.0 && vague == 0.0;
        let moved = if edited > 0 && tells { MOVED } else { LATER };
        let later = moved * index as f64 / last.max(1) as f64;
        done + kind + full + vague + planned + followed + asked_only + later
    };
    let best = (0..candidates.len()).max_by(|a, b| worth(*a).total_cmp(&worth(*b)))?;
    let (request, want, head) = &candidates[best];
    let vague = points_elsewhere(head) || is_short(head);
    let commits = commits_of(ledger, request, &candidates[best + 1..]);
    // One of several commits is less than what was asked for, where that says what is wanted.
    let says = *want == Want::Work && !vague && head.chars().count() <= TITLE;
    if let Some(commit) = commits.last().filter(|_| commits.len() == 1 || !says) {
        return Some(Work {
            request,
            text: commit.subject.clone(),
            cite: &commit.cite,
        });
    }
    let chosen = said_before(session, request).map(|said| options(said, head));
    let chosen = chosen.and_then(|options| options.into_iter().next());
    let matter = chosen
        .as_deref()
        .or_else(|| pointed_at(&candidates[..best]));
    let full = match matter.filter(|_| vague) {
        Some(matter) => format!("{}: {head}", shortened(matter, TITLE - BESIDE)),
        None => match most_edited(ledger, request.cite.tick)
            .filter(|_| vague && !is_named(request, head))
        {
            Some(name) => format!("{}, in {name}", head.trim_end_matches(['.', ':'])),
            None => head.clone(),
        },
    };
    Some(Work {
        request,
        text: full,
        cite: &request.cite,
    })
}

/// True of a letter that picks what the agent offered.
fn picks(session: &Session, request: &Request) -> bool {
    let said = key(&request.text).and_then(|_| said_before(session, request));
    said.is_some_and(|said| !options(said, &request.text).is_empty())
}

/// The request at the end that the agent has not come to an end with, if it says what is wanted and came after all that was
/// done to the tasks.
pub(super) fn waiting<'l>(ledger: &'l Ledger, session: &Session) -> Option<Work<'l>> {
    let request = ledger.last_requests().first()?;
    let (want, text) = asked(&request.text);
    let since = |task: &Task| task.last.tick >= request.cite.tick;
    let says = matches!(want, Want::Work | Want::Matter) && !points_elsewhere(&text);
    let says = says && !is_short(&text) && request.via == Via::Typed;
    // "All four" says what the agent had listed.
    let listed = listed(session, request);
    let (says, text) = match listed.as_slice() {
        _ if says => (true, text),
        [] => (false, text),
        [one] => (true, one.clone()),
        [first, others @ ..] => {
            let numbered = |c: char| c.is_ascii_digit() || matches!(c, '(' | ')' | '.' | ' ');
            let first = shortened(first.trim_start_matches(numbered), TITLE - BESIDE);
            (true, format!("{first} and {} more", others.len()))
        }
    };
    // Who only pushes the work on neither begins nor ends it.
    let from = request.cite.place();
    let mut later = ledger.requests.iter().map(|later| later.cite.place());
    let until = later.find(|later| *later > from);
    let acts = |event: &&Event| {
        let at = (event.tick, event.at);
        let within = at > from && until.is_none_or(|until| at < until);
        let act = matches!(event.body, Body::Say(_) | Body::Call(_) | Body::Return(_));
        within && act && event.live && event.agent.is_none()
    };
    let last = session.timeline.iter().rev().find(acts);
    // Words that only lead up to the next call end nothing.
    let ended = |event: &Event| match &event.body {
        Body::Say(said) => announced(&said.text).is_none(),
        _ => false,
    };
    let waits = last.is_none_or(|event| !ended(event));
    // A plan names the whole, of which what is asked for next is a part.
    let planned = ledger
        .requests
        .iter()
        .any(|request| request.via == Via::Plan);
    (waits && says && !planned && !ledger.tasks.iter().any(since)).then_some(Work {
        request,
        text,
        cite: &request.cite,
    })
}

/// What the user picked by a few words of what the agent had listed.
fn listed(session: &Session, request: &Request) -> Vec<String> {
    if !is_brief(&request.text) || leaves_out(&request.text) {
        return Vec::new();
    }
    let Some(said) = said_before(session, request) else {
        return Vec::new();
    };
    let named = options(said, &request.text);
    match named.is_empty() && takes_all(&request.text) {
        true => choices(said),
        false => named,
    }
}

/// The edits of the main conversation, by tick, in order.
fn edits(session: &Session) -> Vec<u32> {
    let main = session
        .timeline
        .iter()
        .filter(|event| event.agent.is_none());
    main.filter_map(|event| match event.body {
        Body::Call(call) => match session.calls[call].input {
            Input::Edit { .. } | Input::Write { .. } => Some(event.tick),
            _ => None,
        },
        _ => None,
    })
    .collect()
}

/// True for so few words that they hardly name any work: "add a test".
fn is_short(head: &str) -> bool {
    head.split_whitespace().count() < 5 && tickets(head).next().is_none()
}

/// True for a plan's title, a command, a question and words that are long or name what they are about.
fn is_named(request: &Request, head: &str) -> bool {
    const LONG: usize = TITLE - BESIDE;
    !matches!(request.via, Via::Typed | Via::Queued)
        || head.len() > LONG
        || head.contains(['`', '/', '_', '?'])
        || paths(head).next().is_some()
}

/// The name of the file that most edits since `tick` were made in.
fn most_edited(ledger: &Ledger, tick: u32) -> Option<&str> {
    let since = ledger.files.iter();
    let since = since.filter(|file| file.edits > 0 && !file.deleted && file.last.tick >= tick);
    let edits: u32 = since.clone().map(|file| file.edits).sum();
    let file = since.max_by_key(|file| file.edits)?;
    file.path
        .rsplit(['/', '\\'])
        .next()
        .filter(|_| 2 * file.edits > edits)
}

/// The commits that the work of `request` came to, before something else was asked for; those of a plan are parts of it.
fn commits_of<'l>(
    ledger: &'l Ledger,
    request: &Request,
    later: &[(&Request, Want, String)],
) -> Vec<&'l Commit> {
    if request.via == Via::Plan {
        return Vec::new();
    }
    let next = later
        .iter()
        .find(|(_, want, _)| matches!(want, Want::Work | Want::Matter));
    let until = next.map_or(ledger.now, |(next, _, _)| next.cite.tick);
    let own = |commit: &&Commit| {
        !commit.stale
            && (request.cite.tick..=until).contains(&commit.cite.tick)
            && !is_routine(&commit.subject)
            && !commit.subject.starts_with("Merge ")
    };
    ledger.repository.commits.iter().filter(own).collect()
}

/// Characters of a title that are kept for a request which points at what was said before it.
const BESIDE: usize = 36;

/// What a request that names nothing itself is about, as far as one before it says.
fn pointed_at<'c>(before: &'c [(&Request, Want, String)]) -> Option<&'c str> {
    const LEAST: usize = 4;
    let mut before = before.iter().rev();
    let found = before.find(|(_, want, head)| {
        matches!(want, Want::Work | Want::Matter | Want::Answer)
            && !points_elsewhere(head)
            && head.split_whitespace().count() >= LEAST
    });
    found.map(|(_, _, head)| head.trim_end_matches('?'))
}

/// As many words of `text` as `most` characters hold.
fn shortened(text: &str, most: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let end = text[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", &text[..end])
}

/// What a slash command without arguments asks for: a step that its name tells, of whatever the work is.
fn command(name: &str) -> (Want, String) {
    (Want::Routine, format!("/{}", name.trim_start_matches('/')))
}

/// True if not all of `text` was printed by a program.
fn speaks(text: &str) -> bool {
    let mut lines = text.lines().zip(pasted(text));
    lines.any(|(line, pasted)| !pasted && !line.trim().is_empty())
}

/// The agent's sentences, each with where it was said first.
fn said_first(ledger: &Ledger) -> HashMap<String, Position> {
    let mut first = HashMap::new();
    for sentence in &ledger.prose {
        first
            .entry(letters(&sentence.text))
            .or_insert(sentence.cite.at);
    }
    first
}

/// The words of a request without the lines that repeat what the agent said before it.
fn own_words(request: &Request, said: &HashMap<String, Position>) -> String {
    let repeats = |line: &str| {
        let told = sentences(line);
        let quoted = |sentence: &&str| {
            said.get(&letters(sentence))
                .is_some_and(|at| *at < request.cite.at)
        };
        line.len() > QUOTED && !told.is_empty() && told.iter().all(quoted)
    };
    let lines = request.text.lines().filter(|line| !repeats(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Bytes of a line from which it is no chance that it is the same as another.
const QUOTED: usize = 24;

/// The letters and digits of a text, which stay when it is copied from a screen.
fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    letters.extend(text.chars().filter(|c| c.is_alphanumeric()));
    letters
}

/// Tool calls behind a request beyond which more say nothing more.
const FOLLOWED: u32 = 40;

/// What an edit behind a request is worth.
const EDIT: f64 = 4.0;

/// What a request is worth less whose work was committed before the next.
const COMMITTED: f64 = -8.0;

/// What the last request is worth more than the first: work moves on.
const LATER: f64 = 15.0;

/// The same of requests that say what is wanted and were followed by edits.
const MOVED: f64 = 30.0;

/// The title of a plan.
pub(super) fn planned(request: &Request) -> Option<String> {
    let mut lines = request.text.lines().map(str::trim);
    let title = lines.find_map(|line| line.strip_prefix("# "))?;
    let title = title.strip_prefix("Plan: ").unwrap_or(title);
    (request.via == Via::Plan).then(|| title.trim_end_matches('.').to_owned())
}

/// True if the agent's words before the request end with a question: the request answers it.
fn answers(ledger: &Ledger, request: &Request) -> bool {
    let before = ledger
        .prose
        .partition_point(|sentence| sentence.cite.at < request.cite.at);
    ledger.prose[..before]
        .last()
        .is_some_and(|sentence| sentence.text.trim_end().ends_with('?'))
}
