//! What the rules found: facts with a place, not yet judged as still true or not.

use super::command::Simple;

pub use crate::rules::{About, Class, Family};

/// Something that a rule or the shape of a record shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The event it stands in, as an index in [`crate::session::Session::timeline`].
    pub event: usize,
    /// The fact.
    pub fact: Fact,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A shell command ran: its simple commands, and what its output says. Stands at the answer, or at the request if
    /// there is none.
    Ran(Ran),
    /// The user did not let a check come to its end.
    BrokenOff {
        /// The check.
        check: Box<CheckHit>,
        /// Its command.
        command: String,
    },
    /// A sentence of a person or of the agent that a rule knows.
    Said(Said),
    /// The user pasted what a program printed, and it shows failures.
    Shown(Shown),
    /// A tool's answer shows something about the repository.
    Git(Git),
    /// A tool's answer or a command shows something about the environment.
    Environment(Environment),
    /// A command showed or changed an item of an issue tracker.
    Ticket(Ticket),
}

/// An item of an issue tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// What the tracker calls it.
    pub id: String,
    /// What is to be done, where it was shown.
    pub subject: Option<String>,
    /// Where it stands now, in the tracker's word; none if it was only shown.
    pub status: Option<String>,
}

/// Failures that the user showed, as by pasting what a terminal said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The command that a prompt of the shell stands before; empty if there is none.
    pub command: String,
    /// What the lines show.
    pub failures: Vec<FailureHit>,
}

/// A shell command that ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ran {
    /// The call, as an index in [`crate::session::Session::calls`].
    pub call: usize,
    /// Its simple commands, in order.
    pub segments: Vec<Segment>,
    /// Failures that its output shows and no check of it claims.
    pub failures: Vec<FailureHit>,
}

/// A simple command of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The command.
    pub simple: Simple,
    /// The check it is, if it is one.
    pub check: Option<CheckHit>,
    /// True if the exit status of the whole line says something of this command.
    pub status_seen: bool,
}

/// A check: a command that verifies something.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckHit {
    /// The rule that knows it.
    pub rule: String,
    /// The tool, as `go test`.
    pub tool: String,
    /// What it verifies.
    pub family: Family,
    /// What it is run on, as it was given; empty for everything.
    pub target: String,
    /// What a runner says it ran for it.
    pub through: Vec<Face>,
    /// What came of it.
    pub verdict: Verdict,
    /// The numbers in its output.
    pub counts: Counts,
    /// The failures in its output.
    pub failures: Vec<FailureHit>,
    /// The summary line that shows the numbers, for the evidence.
    pub summary: Option<String>,
    /// True if some of it still ran.
    pub waits: bool,
    /// True if its output was searched for something else than failures: what it does not show may have failed all the same.
    pub searched: bool,
}

/// A check that another one ran: what it stands for beside its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// The tool.
    pub tool: String,
    /// What it verifies.
    pub family: Family,
    /// What it was run on, as the runner says.
    pub target: String,
}

/// The tool of the check that the hooks of a commit are: they lint, and refuse what does not pass.
pub const COMMIT_HOOK: &str = "commit hook";

impl CheckHit {
    /// The hooks of a commit, before anything is known of them.
    pub fn commit_hook() -> Self {
        Self {
            rule: COMMIT_HOOK.replace(' ', "-"),
            tool: COMMIT_HOOK.to_owned(),
            family: Family::Lint,
            target: String::new(),
            through: Vec::new(),
            verdict: Verdict::Unknown,
            counts: Counts::default(),
            failures: Vec::new(),
            summary: None,
            waits: false,
            searched: false,
        }
    }
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It passed.
    Green,
    /// It failed.
    Red,
    /// Neither its status nor its output says.
    #[default]
    Unknown,
}

/// The numbers of one run; nothing is added up over runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: Option<u64>,
    /// Tests that failed, errors of the runner included.
    pub failed: Option<u64>,
    /// Tests that were skipped.
    pub skipped: Option<u64>,
    /// Tests in all, where the output says so itself.
    pub total: Option<u64>,
    /// Errors of a linter or compiler.
    pub errors: Option<u64>,
    /// Warnings.
    pub warnings: Option<u64>,
    /// Coverage in percent.
    pub coverage: Option<f64>,
    /// Packages or suites reported as passed.
    pub suites: u64,
}

impl Counts {
    /// True if the output held no number.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Tests in all: as said, else passed and failed (skipped ones did not run).
    pub fn ran(&self) -> Option<u64> {
        self.total
            .or_else(|| Some(self.passed? + self.failed.unwrap_or(0)))
    }
}

/// A failure, as one line of output shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureHit {
    /// The rule that knows it; none where only the status says that something failed.
    pub rule: Option<String>,
    /// The kind.
    pub class: Class,
    /// What it is about.
    pub about: About,
    /// The message.
    pub what: String,
    /// What is wrong, without the place and the test: what several failures may share.
    pub message: Option<String>,
    /// The name of the test.
    pub test: Option<String>,
    /// The package or module that the test is in, as the tool calls it.
    pub package: Option<String>,
    /// The file.
    pub file: Option<String>,
    /// The line in the file.
    pub line: Option<u32>,
    /// True if it only sums up what other lines of the output say one by one.
    pub sums_up: bool,
}

/// A sentence that a rule knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The rule.
    pub rule: String,
    /// What it is.
    pub kind: Saying,
    /// The words.
    pub what: String,
    /// The weight of the rule.
    pub weight: f64,
}

/// What a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// A standing rule of the user's.
    Instruction,
    /// The user sets the agent right.
    Correction,
    /// A choice, with or without its reason.
    Decision,
    /// A target of the user's.
    Target,
    /// Something that was tried and given up.
    Attempt,
    /// What is to come.
    NextStep,
    /// That something is done or works.
    Claim,
    /// A question to the user.
    Question,
}

/// Something about the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Git {
    /// A commit was made.
    Commit {
        /// Its abbreviated hash.
        hash: String,
        /// The branch.
        branch: Option<String>,
        /// The subject.
        subject: String,
    },
    /// The totals of the commit just made.
    Totals {
        /// Files changed.
        files: u32,
        /// Lines added.
        added: u32,
        /// Lines removed.
        removed: u32,
    },
    /// Commits were pushed.
    Push {
        /// The branch.
        branch: String,
        /// The abbreviated hash of its last commit, where git says it.
        head: Option<String>,
    },
    /// Commits were put on another base.
    Rebased {
        /// Their branch.
        branch: Option<String>,
        /// How many, where git says it.
        commits: Option<usize>,
    },
    /// A pull request was made or named.
    PullRequest {
        /// Its address.
        url: String,
    },
    /// The branch changed.
    Branch {
        /// Its name.
        name: String,
    },
    /// Nothing is uncommitted.
    Clean,
    /// What `git status` lists as changed, new or gone.
    Dirty {
        /// The paths, as git prints them.
        paths: Vec<String>,
        /// Those of them that are staged as they are.
        staged: Vec<String>,
        /// True if it lists all there are.
        whole: bool,
    },
}

/// Something about the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A command that prepares the shell, kept verbatim.
    Setup(String),
    /// A variable that was set; never its value.
    Variable(String),
    /// A server that listens: its address or port.
    Server(String),
    /// A tool and its version.
    Version {
        /// The tool.
        tool: String,
        /// The version.
        version: String,
    },
}
