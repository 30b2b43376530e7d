//! The title: what the work has become, and what is to be reached.

use super::asked::{asked, is_routine};
use super::facts::paths;
use super::item::{Item, Kind, Line, PINNED, Part, Trust};
use super::outcome::is_carried_out;
use super::state::{StateWord, decisive, shown_by_user, unproven};
use super::subject::{Work, planned, waiting, work_of};
use super::{Room, focus};
use crate::extract::finding::{Saying, Verdict};
use crate::extract::words::{content, counted, identifiers, tickets};
use crate::ledger::{Cite, Ledger, PlanAnswer, Status, Task, is_shared};
use crate::session::{End, Session, Via};

/// Characters of a title.
pub(super) const TITLE: usize = 100;

/// True for "continue until all are done": it means the tasks, as far as there are any.
fn asks_for_all(target: &str) -> bool {
    let target = target.to_lowercase();
    target.contains("all")
        && ["done", "closed", "complete", "finished"]
            .iter()
            .any(|word| target.contains(word))
}

/// The heading of a plan that was put before the user for what they asked last, and is not carried out yet, if it says
/// what of.
fn newest_plan(ledger: &Ledger) -> Option<(&str, &Cite)> {
    const PLAIN: [&str; 6] = ["plan", "the", "implementation", "fix", "context", "summary"];
    let plan = ledger.plan.as_ref()?;
    let titled = plan.text.trim_start().starts_with("# ");
    let open = plan.answer != PlanAnswer::Accepted || !ledger.asked_since(&plan.cite);
    // An item of a tracker that was begun since is other work.
    let begun = |task: &Task| {
        let begun = task.begun.as_ref().filter(|_| task.tracked);
        begun.is_some_and(|begun| begun.place() > plan.cite.place())
    };
    let open = open && !ledger.tasks.iter().any(begun);
    let heading = plan.heading().trim_start_matches("Plan:").trim();
    let tells = content(heading).filter(|word| !PLAIN.contains(&word.as_str()));
    (titled && open && tells.count() >= 2).then_some((heading, &plan.cite))
}

/// The branch of the work where `title`, in the user's words, says little to who was not there: "rename to steps", "fix all
/// 5". Its name says the rest.
fn topic<'l>(ledger: &'l Ledger, session: &'l Session, title: &str) -> Option<&'l str> {
    const ENOUGH: usize = 4;
    // Any work fixes, adds or changes something.
    const ANY: [&str; 12] = [
        "add", "bug", "change", "code", "create", "feature", "fix", "improve", "remove", "test",
        "tests", "update",
    ];
    let telling = content(title).filter(|word| !ANY.contains(&word.as_str()));
    let names =
        title.contains('`') || identifiers(title).next().is_some() || paths(title).next().is_some();
    let branch = ledger.branch(session).filter(|name| !is_shared(name));
    branch.filter(|_| !names && telling.count() < ENOUGH)
}

/// The commit that `title` only follows up on, where it speaks of feedback, of checks or of their findings alone.
fn followed_up<'l>(ledger: &'l Ledger, title: &str) -> Option<&'l str> {
    const ROUND: [&str; 31] = [
        "additional",
        "address",
        "addressed",
        "again",
        "checks",
        "chore",
        "comment",
        "comments",
        "error",
        "errors",
        "failed",
        "failing",
        "failures",
        "feedback",
        "fix",
        "fixes",
        "format",
        "formatting",
        "issues",
        "lint",
        "linter",
        "more",
        "new",
        "pull",
        "remaining",
        "request",
        "resolve",
        "review",
        "style",
        "test",
        "tests",
    ];
    let is_round = |text: &str| content(text).all(|word| ROUND.contains(&word.as_str()));
    let mut commits = ledger.repository.commits.iter().rev();
    let commit = commits.find(|commit| !is_round(&commit.subject))?;
    is_round(title).then_some(commit.subject.as_str())
}

fn tasks_are_done(ledger: &Ledger) -> bool {
    let mut tasks = counted_tasks(ledger).peekable();
    tasks.peek().is_some() && tasks.all(|task| task.status == Status::Completed)
}

/// `head` with the name of the tracker's item that it asks for by its id alone: "work on shop-12".
fn with_its_name(head: &str, ledger: &Ledger) -> String {
    let mut named = ledger.tasks.iter().filter(|task| task.tracked);
    let named = named.find(|task| {
        let id = task.id.as_deref().unwrap_or_default();
        task.subject != id
            && !head.contains(&task.subject)
            && head
                .split_whitespace()
                .any(|word| word.trim_end_matches(['.', ',', ':']) == id)
    });
    match named {
        Some(task) => format!("{head}: {}", task.subject),
        None => head.to_owned(),
    }
}

/// `head`, or where it is too long for a title, what it asks for behind the reason that it begins with, else as much of
/// it as ends with a sentence: not everybody writes capitals.
fn whole(head: &str) -> String {
    const LEAST: usize = 16;
    const ASKS: [&str; 10] = [
        ", i want",
        ", we want",
        ", i need",
        ", we need",
        ", i'd like",
        ", i would like",
        ", please",
        ", let's",
        ", we should",
        ", can you",
    ];
    let Some((limit, _)) = head.char_indices().nth(TITLE) else {
        return head.to_owned();
    };
    let lower = head.to_ascii_lowercase();
    let begins = ASKS.iter().filter_map(|ask| lower.find(ask)).min();
    let asks = begins.map(|at| asked(&head[at + 1..]).1);
    if let Some(asks) = asks.filter(|asks| asks.chars().count() >= LEAST) {
        return asks;
    }
    let ends = head[..limit].rmatch_indices(". ").map(|(at, _)| at);
    let sound = |at: &usize| {
        let last = head[..*at].rsplit([' ', '.']).next().unwrap_or_default();
        *at >= LEAST && last.chars().count() > 3 && last.chars().all(char::is_alphanumeric)
    };
    let end = ends.filter(sound).max();
    end.map_or(head, |at| &head[..at]).to_owned()
}

impl Room<'_> {
    /// Adds the title; gives it, and what is to be reached.
    pub(super) fn title(&mut self, state: StateWord) -> (String, Target) {
        let Named {
            text: title,
            cite,
            asked,
            typed,
        } = self.subject();
        let target = self.target(state, asked);
        let ledger = self.ledger;
        let mut line = Line::new().own(self.gate.plain(&title));
        let branch = topic(ledger, self.session, &title).filter(|_| typed);
        if let Some(subject) = followed_up(ledger, &title) {
            let subject = self.words(subject, TITLE / 2);
            line = line.own(" (for ").quote(subject).own(")");
        } else if let Some(branch) = branch {
            let branch = self.gate.verbatim(branch, 80);
            line = line.own(" (branch ").code(branch).own(")");
        }
        if !target.now.is_empty() {
            line = line.own(" - ").own(target.now.clone());
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
        (title, target)
    }

    /// What the work is: the user's own title; the open task, under its ticket; or the request that began the latest
    /// stretch of work.
    fn subject(&mut self) -> Named {
        let ledger = self.ledger;
        if let Some(title) = self.session.custom_title.clone() {
            return Named::new(self.words(&title, TITLE), None);
        }
        if let Some((heading, cite)) = newest_plan(ledger) {
            return Named::new(self.words(heading, TITLE), Some(cite.clone()));
        }
        if let Some(named) = waiting(ledger, self.session).and_then(|work| self.named(&work)) {
            return named;
        }
        // A routine step is open in any work: it does not say what the work is.
        let open = |status| {
            let tasks = ledger.tasks.iter();
            // What waits in a tracker may be none of this session's work.
            let ours = |task: &&Task| !task.tracked || task.status == Status::InProgress;
            tasks.filter(move |task| {
                task.status == status && ours(task) && !is_routine(&task.subject)
            })
        };
        // What was begun last is what the work is at.
        let begun = open(Status::InProgress).rev().max_by_key(|task| {
            let begun = task.begun.as_ref().unwrap_or(&task.last);
            (begun.tick, begun.at)
        });
        if let Some(task) = begun.or_else(|| open(Status::Pending).next()) {
            let (subject, cite) = (task.subject.clone(), task.last.clone());
            let ticket = ledger
                .requests
                .iter()
                .rev()
                .find_map(|request| tickets(&request.text).next())
                .filter(|ticket| !subject.contains(ticket));
            // A step of a plan is named under the plan that the user gave for it.
            let mut asked = ledger.requests.iter().rev();
            let plan = asked.find(|request| request.cite.place() < task.made.place());
            let plan = plan.and_then(planned).filter(|_| !task.tracked);
            let text = match ticket.map(str::to_owned).or(plan) {
                Some(above) => format!("{above}: {subject}"),
                None => subject,
            };
            return Named::new(self.words(&text, TITLE), Some(cite));
        }
        if let Some(work) = work_of(ledger, self.session)
            && let Some(named) = self.named(&work)
        {
            return named;
        }
        if let Some(failure) = shown_by_user(ledger) {
            let (what, cite) = (failure.hit.what.clone(), failure.last.clone());
            return Named::new(self.words(&what, TITLE), Some(cite));
        }
        if let Some(task) = ledger
            .tasks
            .iter()
            .rev()
            .find(|task| !matches!(task.status, Status::Dropped | Status::Deleted))
        {
            let (subject, cite) = (task.subject.clone(), task.made.clone());
            return Named::new(self.words(&subject, TITLE), Some(cite));
        }
        match ledger.files.iter().max_by(|a, b| {
            a.uses
                .count()
                .cmp(&b.uses.count())
                .then_with(|| b.path.cmp(&a.path))
        }) {
            Some(file) => {
                let (path, cite) = (file.path.clone(), file.last.clone());
                Named::new(format!("work on {}", self.path(&path)), Some(cite))
            }
            None => match ledger.requests.first() {
                Some(request) => {
                    let (text, cite) = (request.text.clone(), request.cite.clone());
                    Named::new(self.words(&text, TITLE), Some(cite))
                }
                None => Named::new("session without a request".to_owned(), None),
            },
        }
    }

    /// The title that `work` gives, if it has words.
    fn named(&mut self, work: &Work<'_>) -> Option<Named> {
        let text = with_its_name(&whole(&work.text), self.ledger);
        let text = self.words(&text, TITLE);
        let named = Named {
            asked: Some(work.request.cite.tick),
            typed: work.request.via != Via::Plan && work.cite.at == work.request.cite.at,
            ..Named::new(text, Some(work.cite.clone()))
        };
        (!named.text.is_empty()).then_some(named)
    }

    fn target(&mut self, state: StateWord, asked: Option<u32>) -> Target {
        let ledger = self.ledger;
        if let Some(target) = ledger
            .sentences
            .iter()
            .rev()
            .find(|s| s.by_user && s.kind == Some(Saying::Target))
            .filter(|target| !(asks_for_all(&target.text) && tasks_are_done(ledger)))
        {
            let text = target.text.clone();
            let text = self.words(&text, 80);
            let text = format!("target: {}", self.gate.plain(&text));
            return Target::new(text.clone(), text);
        }
        let all = counted_tasks(ledger).count();
        let done = counted_tasks(ledger).filter(|task| task.status == Status::Completed);
        let done = done.count();
        if let Some(check) = decisive(ledger, state)
            && state == StateWord::Red
        {
            let counts = &check.last().counts;
            if let (Some(failed), Some(ran)) =
                (counts.failed.filter(|failed| *failed > 0), counts.ran())
            {
                let passed = ran.saturating_sub(failed);
                return Target::new(
                    format!("{passed}/{ran} tests pass; get {failed} failing to pass"),
                    format!("{ran}/{ran} tests pass"),
                );
            }
        }
        if done < all {
            return Target {
                now: format!("{done} of {all} tasks done"),
                then: format!("all {all} tasks done"),
                counts_tasks: true,
            };
        }
        // Tasks that were done before the work of the title was asked for are of other work.
        let of_title =
            counted_tasks(ledger).any(|task| asked.is_none_or(|asked| asked <= task.last.tick));
        let open = focus::open_failures(ledger);
        let failures = open.len().max(focus::shown_in(ledger, &open));
        let green = match is_open(ledger) {
            true => "the last request done, checks green",
            false => "checks stay green",
        };
        match (state, failures) {
            (StateWord::Red, 0) => Target::new("a check fails; get it clean", "that check passes"),
            (StateWord::Red, n) => {
                let red = decisive(ledger, state).filter(|it| it.last().verdict == Verdict::Red);
                let edits = red.map_or(0, |check| ledger.edits_since(check.last()));
                let now = match edits {
                    0 => counted(n, "open failure"),
                    edits => format!(
                        "{}, {} since",
                        counted(n, "open failure"),
                        counted(edits, "edit")
                    ),
                };
                Target::new(now, "0 open failures")
            }
            (StateWord::Unverified, _) if shown_by_user(ledger).is_some() => {
                Target::new("a failure that the user showed", "that failure gone")
            }
            (StateWord::Unverified, _) if ledger.edits_since_check > 0 => {
                let files = counted(ledger.files_since_check.len(), "file");
                let now = match ledger.checks.newest() {
                    Some(_) => {
                        let last = ledger.last_proof();
                        format!("verify {files} edited since the last {last}")
                    }
                    None => format!("verify {files} edited, no check was run"),
                };
                Target::new(now, format!("{files} verified"))
            }
            // What was done says less than that something is wanted.
            (StateWord::Green, _) if is_open(ledger) => {
                Target::new("the last request open, checks green", green)
            }
            (StateWord::Green, _) if all > 0 && of_title => {
                let all = all + focus::vanished(ledger);
                Target::new(format!("{done} of {all} tasks done, checks green"), green)
            }
            (StateWord::Green, _) => Target::new("checks green", green),
            (StateWord::Unverified, _) if unproven(ledger).is_some() => {
                Target::new("a check failed and was not run again", "that check passes")
            }
            _ => Target::default(),
        }
    }
}

/// True if the log ends before the last request was answered.
pub(super) fn is_open(ledger: &Ledger) -> bool {
    let last = ledger.requests.last();
    let done = last.is_some_and(|request| is_carried_out(ledger, request));
    let answered = last.is_none_or(|request| request.answered);
    !done && (ledger.end != End::Finished || !answered)
}

/// A title.
struct Named {
    text: String,
    /// Where its words stand.
    cite: Option<Cite>,
    /// When that was asked for, in ticks.
    asked: Option<u32>,
    /// True for the user's own words, which may say little to who was not there.
    typed: bool,
}

impl Named {
    fn new(text: String, cite: Option<Cite>) -> Self {
        let asked = cite.as_ref().map(|cite| cite.tick);
        Self {
            text,
            cite,
            asked,
            typed: false,
        }
    }
}

/// What is to be reached, with a number where the log holds one.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    /// Where the work stands on the way: behind the title.
    pub(super) now: String,
    /// Where it shall stand.
    pub(super) then: String,
    /// True if `now` says how many tasks are done.
    pub(super) counts_tasks: bool,
}

impl Target {
    fn new(now: impl Into<String>, then: impl Into<String>) -> Self {
        Self {
            now: now.into(),
            then: then.into(),
            counts_tasks: false,
        }
    }
}

/// The tasks that count: those that were not given up, nor done for another job.
pub(super) fn counted_tasks(ledger: &Ledger) -> impl Iterator<Item = &Task> {
    let tasks = ledger.tasks.iter().filter(|task| !task.past);
    tasks.filter(|task| !matches!(task.status, Status::Dropped | Status::Deleted))
}
