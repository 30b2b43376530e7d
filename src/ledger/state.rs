//! The state at the end of the log.

use std::collections::BTreeSet;

use super::{
    Attempt, Check, Checks, Cite, Command, Failure, FileState, Found, Names, Repository, Request,
    Run, Sentence, Status, Task,
};
use crate::extract::finding::{CheckHit, Family, Verdict};
use crate::extract::words::content;
use crate::session::{End, Session, Via};

/// Edits after which a run says nothing of what stands now.
pub const OUTRUN: u32 = 8;

/// The state at the end of the log.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Checks with their runs.
    pub checks: Checks,
    /// Failures, in the order they were first shown.
    pub failures: Vec<Failure>,
    /// Tasks, in the order they were made.
    pub tasks: Vec<Task>,
    /// What the user said, in order.
    pub requests: Vec<Request>,
    /// Sentences that a rule knows, of the user and the agent, in order.
    pub sentences: Vec<Sentence>,
    /// All the agent's sentences, in order, but for those in the first half of a long log's prose.
    pub prose: Vec<Sentence>,
    /// The agent's last words: the sentences of its last prose.
    pub last_words: Vec<Sentence>,
    /// Files, by path.
    pub files: Vec<FileState>,
    /// Files that searches showed and nobody opened, the heaviest first.
    pub found: Vec<Found>,
    /// Commands that the next session may want to run, in the order of their first run.
    pub commands: Vec<Command>,
    /// Commits, pushes, pull requests, the branch.
    pub repository: Repository,
    /// Checks that the user did not let come to an end, and that did not since, in order.
    pub broken_off: Vec<BrokenOff>,
    /// What was tried and given up.
    pub attempts: Vec<Attempt>,
    /// Identifiers, heaviest first.
    pub names: Names,
    /// Background tasks that have not ended.
    pub background: Vec<Background>,
    /// Calls without an answer at the end of the log, as indexes in [`crate::session::Session::calls`].
    pub in_flight: Vec<usize>,
    /// The last plan put before the user, where it was not refused.
    pub plan: Option<Plan>,
    /// Commands that prepare the shell, with their last use.
    pub setups: Vec<(String, Cite)>,
    /// Names of variables that were set.
    pub variables: Vec<(String, Cite)>,
    /// Servers that listened.
    pub servers: Vec<(String, Cite)>,
    /// Tools with their versions.
    pub versions: Vec<(String, String, Cite)>,
    /// Pages and searches on the web.
    pub web: Vec<Web>,
    /// Edits to code.
    pub edits: u32,
    /// Edits after the newest run of what proves them: to code, of tests where any were run, else of any check.
    pub edits_since_check: u32,
    /// Edits since then that took each other back, and count no more.
    pub edits_taken_back: u32,
    /// The files of these edits.
    pub files_since_check: Vec<String>,
    /// Tool calls of the main conversation: the tick of the end.
    pub now: u32,
    /// How the log ends.
    pub end: End,
    /// The last record of the timeline.
    pub last: Option<Cite>,
    /// How often the context was replaced.
    pub compactions: u32,
    /// What is said of rules that cost too much to look through all of this session.
    pub costly: Vec<String>,
}

/// A check that the user did not let come to its end.
#[derive(Clone, Debug)]
pub struct BrokenOff {
    /// Its command.
    pub command: String,
    /// The check.
    pub check: CheckHit,
    /// The call, as an index in [`crate::session::Session::calls`].
    pub call: usize,
    /// Where.
    pub cite: Cite,
}

/// A background task that has not ended.
#[derive(Clone, Debug)]
pub struct Background {
    /// The task's id.
    pub id: String,
    /// The command or the description.
    pub what: String,
    /// Where it was started.
    pub cite: Cite,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its text.
    pub text: String,
    /// What the user said to it.
    pub answer: PlanAnswer,
    /// Where.
    pub cite: Cite,
}

impl Plan {
    /// Its first line that says something, without the mark of a heading; empty for none.
    pub fn heading(&self) -> &str {
        let mut lines = self
            .text
            .lines()
            .map(|line| line.trim().trim_start_matches('#').trim());
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    }
}

/// What the user said to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanAnswer {
    /// It is to be carried out.
    Accepted,
    /// Nothing yet.
    Waiting,
    /// It is not to be carried out as it is, and nothing came after that.
    Refused,
}

/// A page or a search on the web.
#[derive(Clone, Debug)]
pub struct Web {
    /// The address or the query.
    pub what: String,
    /// Where.
    pub cite: Cite,
}

impl Ledger {
    /// The branch that the work is on: what git said of it, where the records never name that, as when the work is in another
    /// working tree than the session; else that of the last record.
    pub fn branch<'l>(&'l self, session: &'l Session) -> Option<&'l str> {
        let observed = self
            .repository
            .branch
            .as_ref()
            .map(|(name, _)| name.as_str());
        let told = session.branch.as_deref().filter(|name| !name.is_empty());
        match observed {
            Some(name) if !session.branches.iter().any(|known| known == name) => Some(name),
            _ => told.or(observed),
        }
    }

    /// Edits since the last check, those too that took each other back.
    pub fn edits_behind_proof(&self) -> u32 {
        self.edits_since_check + self.edits_taken_back
    }

    /// Edits since `run`. Of those since the last check, the ones that took each other back count no more.
    pub fn edits_since(&self, run: &Run) -> u32 {
        match self.edits - run.edits_before {
            edits if edits == self.edits_behind_proof() => self.edits_since_check,
            edits => edits,
        }
    }

    /// False of a run that says nothing of what stands now: a red one that nobody repeated, where another check of its
    /// family passed since and what it showed is gone or [`OUTRUN`] edits lie between; and a pipeline's, which ran on what
    /// was committed before the last commit.
    pub fn is_fresh(&self, check: &Check) -> bool {
        let run = check.last();
        let later = |cite: &Cite| cite.tick > run.cite.tick;
        let commit = self.repository.commits.last();
        if check.family == Family::Ci && commit.is_some_and(|commit| later(&commit.cite)) {
            return false;
        }
        let passed = self.checks.iter().any(|other| {
            let last = other.last();
            other.family == check.family && last.verdict == Verdict::Green && later(&last.cite)
        });
        let open = |print: &String| {
            let mut failures = self.failures.iter();
            failures.any(|failure| failure.fingerprint == *print && failure.is_open())
        };
        let doubtful = !run.failures.is_empty() && !run.failures.iter().any(open);
        !(passed && (self.edits - run.edits_before >= OUTRUN || doubtful))
    }

    /// What the edits that nothing proved are counted from: another check may have run since the last tests.
    pub fn last_proof(&self) -> &'static str {
        let newest = self.checks.newest().map(|check| check.last());
        let later =
            newest.is_some_and(|run| self.edits - run.edits_before < self.edits_behind_proof());
        if later { "tests" } else { "check" }
    }

    /// True if a rule of the user's still binds: one that is worded for good, and of the others, which say how a piece of
    /// work is to be done, those of work that was not committed yet.
    pub fn binds(&self, rule: &Sentence) -> bool {
        /// The weight from which a rule of prose forbids or speaks of always, of conventions and of what matters; below
        /// it stands how one thing is to be done: use this, only that.
        const FOR_GOOD: f64 = 0.7;
        let mut commits = self.repository.commits.iter();
        let committed = commits.any(|commit| commit.cite.tick > rule.cite.tick);
        // "Don't commit" said so of what was done then, if the user had it committed later.
        let of_committing = rule.text.to_lowercase().contains("commit");
        let for_good = !committed || (rule.weight >= FOR_GOOD && !of_committing);
        for_good && !(is_of_one_step(&rule.text) && self.asked_since(&rule.cite))
    }

    /// True if the user asked for something of its own after `cite`.
    pub fn asked_since(&self, cite: &Cite) -> bool {
        let asked = self.last_requests().first();
        asked.is_some_and(|request| (request.cite.tick, request.cite.at) > (cite.tick, cite.at))
    }

    /// True if `text` says, in nearly all of its words, what a task that was completed is called: that much of it is done.
    pub fn tells_of_done(&self, text: &str) -> bool {
        const LEAST: usize = 3;
        let said: BTreeSet<String> = content(text).collect();
        let done = |task: &&Task| task.status == Status::Completed;
        self.tasks.iter().filter(done).any(|task| {
            let subject: BTreeSet<String> = content(&task.subject).collect();
            let shared = subject.intersection(&said).count();
            subject.len() >= LEAST && shared * 5 >= subject.len() * 4
        })
    }

    /// The user's last request that asks for something of its own, and whatever came after it.
    pub fn last_requests(&self) -> &[Request] {
        let last = self.requests.iter().rposition(|request| {
            matches!(
                request.via,
                Via::Typed | Via::Queued | Via::Plan | Via::Command { .. }
            ) && !request.is_nudge()
        });
        last.map_or(&[], |last| &self.requests[last..])
    }
}

/// True of words that say how one step is to be done, and nothing of the next: "don't fix anything, just look", "don't set it".
fn is_of_one_step(rule: &str) -> bool {
    const POINTERS: [&str; 4] = ["it", "that", "this", "them"];
    const OF_NOW: [&str; 4] = ["anything", "yet", "now", "just"];
    let words: Vec<String> = rule
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .map(str::to_lowercase)
        .collect();
    // The object behind "don't" and its verb, or "do not" and its verb.
    let object = if words.first().is_some_and(|word| word == "do") {
        3
    } else {
        2
    };
    let is = |at: usize, known: &[&str]| {
        words
            .get(at)
            .is_some_and(|word| known.contains(&word.as_str()))
    };
    let forbids = words
        .first()
        .is_some_and(|word| word.starts_with("don") || word == "do");
    let points = is(object, &POINTERS) && words.get(object + 1).is_none_or(String::is_empty);
    // "Option 1 is not acceptable", "design it first".
    let option = |pair: &[String]| pair[0] == "option" && pair[1].chars().count() == 1;
    let has = |known: &str| words.iter().any(|word| word == known);
    // What was so, and is not to be: "don't append it any more".
    let no_more = words.windows(2).any(|pair| pair == ["any", "more"]) || has("anymore");
    let in_turn = no_more || words.windows(2).any(option) || (has("first") && !has("always"));
    in_turn || forbids && (points || (object..object + 2).any(|at| is(at, &OF_NOW)))
}

#[cfg(test)]
mod tests {
    use super::is_of_one_step;

    #[test]
    fn rules_of_one_step_are_told_from_those_for_good() {
        for (rule, one) in [
            ("don't fix anything, but just validate it works", true),
            ("don't set it, let's see if it keeps happening", true),
            ("do not commit yet", true),
            ("don't write code, design it first", true),
            ("option 1 is not acceptable", true),
            ("don't append the raw text any more", true),
            ("always run the linter first", false),
            ("an option must not be read twice", false),
            ("don't commit", false),
            ("don't touch it in the generated files", false),
            ("never set it", false),
            ("do not use mocks", false),
            ("don't add comments that just repeat the code", false),
        ] {
            assert_eq!(is_of_one_step(rule), one, "{rule}");
        }
    }
}
