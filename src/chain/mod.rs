//! Sessions that go on from one another, joined by what shows it.
//!
//! Takes one session and earlier ones, each condensed to what a chain needs
//! ([`Past`]). An earlier one is joined if the later work shows that it goes
//! on from it: a plan handed over, a commit named, the same branch, ticket,
//! pull request, open task or files; folder and time alone join nothing. What
//! is carried is what is still open after all that followed, each line cited
//! to its own session, and how the numbers of a check moved. Finding and
//! reading sessions is left to others.

mod carry;
mod past;

pub use carry::carry;
pub use past::Past;

use std::collections::BTreeSet;

/// An earlier session that a later one goes on from.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The earlier session.
    pub past: Past,
    /// What joins it, clearest first, in our own words and safe to print.
    pub why: Vec<String>,
}

/// From this weight of evidence on, a session is joined.
const ENOUGH: f64 = 0.8;

/// The sessions of `earlier` that `now` goes on from, straight or through one another: the newest first, at most
/// `most`. What did not begin before `now` is passed over.
pub fn join(now: &Past, earlier: Vec<Past>, most: usize) -> Vec<Joined> {
    let mut earlier: Vec<Past> = earlier
        .into_iter()
        .filter(|past| past.id != now.id && past.started < now.started)
        .collect();
    earlier.sort_by(|a, b| b.started.cmp(&a.started).then_with(|| a.id.cmp(&b.id)));
    let mut joined: Vec<Joined> = Vec::new();
    for past in earlier {
        if joined.len() == most {
            break;
        }
        let later = std::iter::once(now).chain(joined.iter().map(|joined| &joined.past));
        let why = later
            .map(|later| evidence(later, &past))
            .max_by(|a, b| weight(a).total_cmp(&weight(b)))
            .filter(|evidence| weight(evidence) >= ENOUGH);
        if let Some(mut why) = why {
            why.sort_by(|a, b| b.0.total_cmp(&a.0));
            let why = why.into_iter().map(|(_, why)| why).collect();
            joined.push(Joined { past, why });
        }
    }
    joined
}

fn weight(evidence: &[(f64, String)]) -> f64 {
    evidence.iter().map(|(weight, _)| weight).sum()
}

/// What shows that `later` goes on from `past`, each with its weight.
fn evidence(later: &Past, past: &Past) -> Vec<(f64, String)> {
    let mut found = Vec::new();
    if is_handed(past, later) {
        found.push((1.0, "its plan was handed over".to_owned()));
    }
    let named = past
        .commits
        .iter()
        .find(|commit| later.named.iter().any(|hash| same_hash(hash, &commit.hash)));
    if let Some(commit) = named {
        found.push((0.8, format!("its commit {} is named", commit.hash)));
    }
    // The same words may stand in two repositories: of another they say little.
    let here = match (&later.repository, &past.repository) {
        (Some(a), Some(b)) if a == b => 1.0,
        _ => 0.4,
    };
    if let Some(branch) = later.branches.intersection(&past.branches).next() {
        found.push((0.8 * here, format!("same branch {branch}")));
    }
    if let Some(branch) = later.spoken.intersection(&past.branches).next() {
        found.push((0.6 * here, format!("its branch {branch} is named")));
    }
    if let Some(ticket) = later.tickets.intersection(&past.tickets).next() {
        found.push((0.6, format!("same ticket {ticket}")));
    }
    if later.pulls.intersection(&past.pulls).next().is_some() {
        found.push((0.6, "same pull request".to_owned()));
    }
    let repeated = past.tasks.iter().filter(|task| task.open).any(|task| {
        later
            .tasks
            .iter()
            .any(|other| says(&other.words, &task.words))
    });
    if repeated {
        found.push((0.5 * here, "an open task of it is here".to_owned()));
    }
    let both = later.edited.intersection(&past.edited).count();
    let least = later.edited.len().min(past.edited.len());
    // Two files of a few are the same work; two of forty are not.
    if both >= 2 && both * 3 >= least {
        found.push((0.4 * here, format!("{both} files edited in both")));
    }
    found
}

/// True if `later` was begun with the plan of `past`.
fn is_handed(past: &Past, later: &Past) -> bool {
    let (Some(handed), Some(plan)) = (&later.handed, &past.plan) else {
        return false;
    };
    !handed.is_empty()
        && !plan.is_empty()
        && (handed.starts_with(plan.as_str()) || plan.starts_with(handed.as_str()))
}

/// True if one is the other, shortened.
fn same_hash(a: &str, b: &str) -> bool {
    const LEAST: usize = 7;
    a.len().min(b.len()) >= LEAST && (a.starts_with(b) || b.starts_with(a))
}

/// True if `text` says three in five of `words`.
fn says(text: &BTreeSet<String>, words: &BTreeSet<String>) -> bool {
    let said = words.intersection(text).count();
    !words.is_empty() && said * 5 >= words.len() * 3
}
