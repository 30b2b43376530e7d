//! What earlier sessions left open, as lines of the handoff of the last one.

use super::past::{Check, Past};
use super::{Joined, is_handed, says};
use crate::ledger::Cite;
use crate::position::FileId;
use crate::score::{Item, Kind, Line, Part, Ranked, Trust};
use crate::session::End;

/// Lines of each kind that are carried, so that the past never crowds out the session itself.
const TASKS: usize = 6;
const FAILURES: usize = 3;
const TRENDS: usize = 3;

/// Adds to `ranked`, made of the session that `now` is, what `chain` left open and how the numbers moved. `chain` is
/// what [`super::join`] gave, the newest first; an empty one changes nothing.
pub fn carry(ranked: &mut Ranked, now: &Past, chain: &[Joined]) {
    let offsets: Vec<u32> = chain
        .iter()
        .map(|joined| {
            let offset = u32::try_from(ranked.header.labels.len()).unwrap_or(u32::MAX);
            ranked
                .header
                .labels
                .extend(joined.past.labels.iter().cloned());
            offset
        })
        .collect();
    let place = |index: usize, cite: &Cite| {
        let mut cite = cite.clone();
        cite.at.file = FileId(cite.at.file.0.saturating_add(offsets[index]));
        cite
    };
    let mut items = Vec::new();
    trends(now, chain, &place, &mut items);
    let (mut tasks, mut failures) = (0, 0);
    for (index, joined) in chain.iter().enumerate() {
        let past = &joined.past;
        let later: Vec<&Past> = std::iter::once(now)
            .chain(chain[..index].iter().map(|joined| &joined.past))
            .collect();
        if let Some(last) = &past.last {
            let line = Line::new()
                .own(format!("goes on from the session of {}: ", past.day))
                .own(joined.why.join(", "))
                .cite(&place(index, last));
            items.push(Item::new(
                Part::Approach,
                Kind::Earlier,
                Trust::Observed,
                "",
                // Behind the session's own plan and decisions.
                4.0,
                line.piece(0.02),
            ));
        }
        for task in past.tasks.iter().filter(|task| task.open) {
            let is_told = later.iter().any(|later| {
                let tasks = later.tasks.iter().map(|other| &other.words);
                let commits = later.commits.iter().map(|commit| &commit.words);
                tasks.chain(commits).any(|other| says(other, &task.words))
            });
            if is_told || tasks == TASKS {
                continue;
            }
            tasks += 1;
            let line = Line::new()
                .own("left open earlier: ")
                .quote(task.shown.clone())
                .cite(&place(index, &task.cite));
            items.push(Item::new(
                Part::Focus,
                Kind::Task,
                Trust::Claimed,
                "open",
                // Behind all that the session itself left open.
                90.0,
                line.piece(0.03),
            ));
        }
        for failure in &past.failures {
            let is_told = later.iter().any(|later| {
                let ran = |check: &Check| Some(check.family) == failure.family;
                later.checks.iter().any(ran)
                    || later
                        .failures
                        .iter()
                        .any(|other| other.fingerprint == failure.fingerprint)
            });
            if is_told || failures == FAILURES {
                continue;
            }
            failures += 1;
            let line = Line::new()
                .own("failed earlier, not run since: ")
                .quote(failure.shown.clone())
                .cite(&place(index, &failure.cite));
            items.push(Item::new(
                Part::Focus,
                Kind::Failure,
                Trust::Observed,
                "open",
                91.0,
                line.piece(0.03),
            ));
        }
        let broken_off = matches!(
            past.end,
            End::Unanswered
                | End::MidCall
                | End::MidTurn
                | End::ContextFull
                | End::ApiError
                | End::Limit
        );
        if let Some(request) = past.request.as_ref().filter(|_| broken_off) {
            let is_told = later.iter().any(|later| {
                let request_of = later.request.iter().map(|other| &other.words);
                let tasks = later.tasks.iter().map(|task| &task.words);
                let commits = later.commits.iter().map(|commit| &commit.words);
                request_of
                    .chain(tasks)
                    .chain(commits)
                    .any(|other| says(other, &request.words))
            });
            // A plan that was handed over is the next session.
            let handed = later.iter().any(|later| is_handed(past, later));
            if !is_told && !handed {
                let line = Line::new()
                    .own("asked earlier, broken off: ")
                    .quote(request.shown.clone())
                    .cite(&place(index, &request.cite));
                items.push(Item::new(
                    Part::Focus,
                    Kind::Request,
                    Trust::Stated,
                    "open",
                    92.0,
                    line.piece(0.03),
                ));
            }
        }
    }
    ranked.items.extend(items);
}

/// How the numbers of a check moved over the sessions, oldest first: `30/90 → 41/90 → 45/90`.
fn trends(
    now: &Past,
    chain: &[Joined],
    place: &impl Fn(usize, &Cite) -> Cite,
    items: &mut Vec<Item>,
) {
    let same =
        |a: &Check, b: &Check| a.tool == b.tool && a.family == b.family && a.scope == b.scope;
    let mut told: Vec<&Check> = Vec::new();
    let newest_first = std::iter::once(now).chain(chain.iter().map(|joined| &joined.past));
    for check in newest_first.flat_map(|past| past.checks.iter().rev()) {
        if told.len() == TRENDS || told.iter().any(|other| same(other, check)) {
            continue;
        }
        let mut steps: Vec<(String, Cite)> = Vec::new();
        let mut sessions = 0;
        let oldest_first = (0..chain.len()).rev().map(Some).chain([None]);
        for index in oldest_first {
            let past = index.map_or(now, |index| &chain[index].past);
            let found = past.checks.iter().find(|other| same(other, check));
            let Some([first, last]) = found.and_then(|check| check.counted.as_ref()) else {
                continue;
            };
            let cited = |(text, cite): &(String, Cite)| {
                let cite = index.map_or_else(|| cite.clone(), |index| place(index, cite));
                (text.clone(), cite)
            };
            // Where the whole began is a step of its own.
            if sessions == 0 {
                steps.push(cited(first));
            }
            // What did not move is told once, with its newest place.
            if steps.last().is_some_and(|(text, _)| *text == last.0) {
                steps.pop();
            }
            steps.push(cited(last));
            sessions += 1;
        }
        if sessions < 2 || steps.len() < 2 {
            continue;
        }
        told.push(check);
        let mut line = Line::new()
            .own(format!("over {sessions} sessions, "))
            .code(check.command.clone())
            .own(": ");
        for (index, (text, _)) in steps.iter().enumerate() {
            line = line
                .own(if index > 0 { " → " } else { "" })
                .own(text.clone());
        }
        let line = line.cites(steps.iter().map(|(_, cite)| cite));
        items.push(Item::new(
            Part::Status,
            Kind::Check,
            Trust::Observed,
            if check.green { "green" } else { "red" },
            1.9,
            line.piece(0.05),
        ));
    }
}
