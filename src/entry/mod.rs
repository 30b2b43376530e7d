//! What is kept of a session once it is condensed: one row for the session, and rows for what is in it.
//!
//! An entry is small and plain: texts have passed the session's
//! [`Gate`](crate::safety::Gate) and are of one line, places are citations as a
//! handoff has them, times are UTC to the second, as `2026-08-11T14:55:01Z`,
//! and sort as text. What `passdown batch` writes into tables is this and
//! nothing else. Leaves to others where it is kept.

mod make;
mod records;

use serde::Serialize;

use crate::session::Message;

pub use make::{make, stamp};

/// What is kept of a session.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The session itself.
    pub session: SessionRow,
    /// Its turns, in order.
    pub turns: Vec<TurnRow>,
    /// Its tasks, in the order they were made.
    pub tasks: Vec<TaskRow>,
    /// Its checks, in the order of their first run.
    pub checks: Vec<CheckRow>,
    /// The runs of its checks: by check, then in order.
    pub check_runs: Vec<RunRow>,
    /// Its failures, in the order they were first shown.
    pub failures: Vec<FailureRow>,
    /// The files it touched, by path.
    pub files: Vec<FileRow>,
    /// The commands worth keeping, in the order of their first run.
    pub commands: Vec<CommandRow>,
    /// Its commits, in order.
    pub commits: Vec<CommitRow>,
    /// Choices, of the user or stated by the agent, in order.
    pub decisions: Vec<SentenceRow>,
    /// Standing rules and corrections of the user's, in order.
    pub instructions: Vec<SentenceRow>,
    /// What was tried and given up, in order.
    pub attempts: Vec<AttemptRow>,
    /// The records that the handoff cites, in the order of the log.
    pub records: Vec<RecordRow>,
    /// What each message of the model used: forks and resumed copies of a session repeat messages.
    pub messages: Vec<Message>,
}

/// A session, in one line.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SessionRow {
    /// The session's id.
    pub session: String,
    /// The main transcript, as it was found.
    pub path: String,
    /// The state word: `green`, `red`, `blocked` or `unverified`.
    pub state: String,
    /// The kind of work: `code`, `testing`, `docs`, `quality`, `infra` or `planning`.
    pub work: String,
    /// The title.
    pub title: String,
    /// The goal; empty if none is known.
    pub goal: String,
    /// The folder of the first record: the project, as Claude Code counts it.
    pub project: Option<String>,
    /// The folder of the last record.
    pub cwd: Option<String>,
    /// The branch of the last record.
    pub branch: Option<String>,
    /// The time of the first record.
    pub started: Option<String>,
    /// The time of the last record.
    pub ended: Option<String>,
    /// Seconds of work: the time between records, without pauses of ten minutes and more.
    pub active_seconds: i64,
    /// How the log ends, in words.
    pub ending: String,
    /// The bytes of all its files, decompressed.
    pub bytes: u64,
    /// Lines of all its files.
    pub lines: u64,
    /// Lines that could not be used.
    pub bad_lines: u64,
    /// Turns: what a person asked for, and all that follows.
    pub turns: u32,
    /// Tool calls of the main conversation and of its subagents.
    pub tool_calls: u32,
    /// Of these, those that ended in an error.
    pub tool_errors: u32,
    /// Subagents.
    pub subagents: u32,
    /// How often the context was replaced by a summary.
    pub compactions: u32,
    /// Files that were changed.
    pub files_changed: u32,
    /// Commits.
    pub commits: u32,
    /// Tasks that are neither done nor dropped.
    pub open_tasks: u32,
    /// Tasks that the agent says are done.
    pub done_tasks: u32,
    /// Failures of the work that stand at the end.
    pub open_failures: u32,
    /// Tests that passed, of the newest run that counts them.
    pub tests_passed: Option<u64>,
    /// Tests that failed in that run.
    pub tests_failed: Option<u64>,
    /// Tests of that run.
    pub tests_total: Option<u64>,
    /// The program's newest version.
    pub version: Option<String>,
    /// The models that answered, in the order of their first message.
    pub models: Vec<String>,
    /// Tokens used, each message counted once.
    pub tokens: Tokens,
    /// Of these, those of messages that no earlier session holds.
    pub own_tokens: Tokens,
    /// The session that this one is a copy of: all its messages stand in earlier ones, and most in that one.
    pub copy_of: Option<String>,
}

impl SessionRow {
    /// True if the session began or ended in the folder `project`, below it, or in one of this name.
    pub fn is_in(&self, project: &str) -> bool {
        let project = project.trim_end_matches(['/', '\\']);
        self.project.iter().chain(&self.cwd).any(|folder| {
            let below = folder
                .strip_prefix(project)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
            below || folder.rsplit(['/', '\\']).next() == Some(project)
        })
    }
}

/// Tokens by what they were used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// Sent anew.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache.
    pub cache_creation: u64,
}

/// A turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TurnRow {
    /// Its number, from zero.
    pub turn: u32,
    /// Where it begins.
    pub cite: String,
    /// When it begins.
    pub started: Option<String>,
    /// The time of its last record.
    pub ended: Option<String>,
    /// What the user asked for.
    pub prompt: String,
    /// Tool calls in it, those of subagents included.
    pub tool_calls: u32,
    /// Of these, those that ended in an error.
    pub tool_errors: u32,
    /// Calls that changed a file.
    pub edits: u32,
    /// How often the context was replaced in it.
    pub compactions: u32,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TaskRow {
    /// What is to be done.
    pub subject: String,
    /// `pending`, `in-progress`, `completed`, `dropped` or `deleted`.
    pub status: String,
    /// Where its status was set last.
    pub cite: String,
    /// When.
    pub time: Option<String>,
}

/// A check.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CheckRow {
    /// The tool, as `go test`.
    pub tool: String,
    /// What it verifies, as `test`.
    pub family: String,
    /// What it is run on; empty for everything.
    pub scope: String,
    /// The command of the last run.
    pub command: String,
    /// What came of the last run: `green`, `red` or `unknown`.
    pub verdict: String,
    /// Whether no later run of a check that covers it supersedes it.
    pub current: bool,
    /// How often it was run.
    pub runs: u32,
    /// Where the last run stands.
    pub cite: String,
    /// When it was.
    pub time: Option<String>,
}

/// A run of a check.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunRow {
    /// Its check, as an index in [`Entry::checks`].
    pub check: u32,
    /// What came of it: `green`, `red` or `unknown`.
    pub verdict: String,
    /// Tests that passed.
    pub passed: Option<u64>,
    /// Tests that failed.
    pub failed: Option<u64>,
    /// Tests that were skipped.
    pub skipped: Option<u64>,
    /// Tests that ran.
    pub total: Option<u64>,
    /// Errors of a linter or compiler.
    pub errors: Option<u64>,
    /// Warnings.
    pub warnings: Option<u64>,
    /// Coverage in percent.
    pub coverage: Option<f64>,
    /// Where its result stands.
    pub cite: String,
    /// When it was.
    pub time: Option<String>,
    /// The uuid of the record: a copy of the session has the same.
    pub uuid: Option<String>,
}

/// A failure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FailureRow {
    /// What makes two failures the same, in one session and over many.
    pub fingerprint: String,
    /// The message.
    pub what: String,
    /// The kind, as `assertion`.
    pub class: String,
    /// What it is about: the work (`product`), the machine, the agent's tools.
    pub about: String,
    /// The test.
    pub test: Option<String>,
    /// The file.
    pub file: Option<String>,
    /// The command that showed it.
    pub command: String,
    /// The tool of the check that showed it.
    pub tool: Option<String>,
    /// What that check was run on; empty for everything.
    pub scope: String,
    /// How often it was shown.
    pub count: u32,
    /// `open`, `doubtful` or `resolved`.
    pub state: String,
    /// The command that showed that it is gone.
    pub resolved_by: Option<String>,
    /// Where it was shown last.
    pub cite: String,
    /// When it was shown first.
    pub first_time: Option<String>,
    /// When it was shown last.
    pub last_time: Option<String>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FileRow {
    /// The path, relative to the session's folder where it lies in it.
    pub path: String,
    /// What it is for, as `code`.
    pub class: String,
    /// Times it was changed.
    pub edits: u32,
    /// Times it was read.
    pub reads: u32,
    /// Lines added by edits.
    pub added: u32,
    /// Lines removed by edits.
    pub removed: u32,
    /// Whether the session made it.
    pub created: bool,
    /// Whether it is gone.
    pub deleted: bool,
    /// Whether a change to it is in no commit that the log shows.
    pub uncommitted: bool,
    /// Its last change, or its last reading.
    pub cite: String,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CommandRow {
    /// The text, as it was written.
    pub command: String,
    /// The tool of the check that it is.
    pub tool: Option<String>,
    /// What that check verifies.
    pub family: Option<String>,
    /// How often it was run.
    pub runs: u32,
    /// How it ended last: `green`, `red` or `unknown`.
    pub verdict: String,
    /// Its last run.
    pub cite: String,
}

/// A commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CommitRow {
    /// Its abbreviated hash.
    pub hash: String,
    /// Its subject.
    pub subject: String,
    /// Files changed.
    pub files: Option<u32>,
    /// Lines added.
    pub added: Option<u32>,
    /// Lines removed.
    pub removed: Option<u32>,
    /// Whether a push followed it.
    pub pushed: bool,
    /// Where it was made.
    pub cite: String,
    /// When.
    pub time: Option<String>,
}

/// A sentence.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SentenceRow {
    /// The words.
    pub text: String,
    /// What it is: `instruction`, `correction`, `decision`.
    pub kind: String,
    /// Whether the user said it.
    pub by_user: bool,
    /// Where.
    pub cite: String,
    /// When.
    pub time: Option<String>,
}

/// Something that was tried and came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AttemptRow {
    /// `reverted`, `same-failure`, `refused` or `said`.
    pub kind: String,
    /// What was tried.
    pub what: String,
    /// What came of it; empty where that is all in the kind.
    pub outcome: String,
    /// Where it failed or was given up.
    pub cite: String,
    /// When.
    pub time: Option<String>,
}

/// A record that the handoff cites, shortened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RecordRow {
    /// Where it stands.
    pub cite: String,
    /// What it is: `user`, `agent`, `call`, `answer`, `notice`, `compaction`.
    pub kind: String,
    /// When it was written.
    pub time: Option<String>,
    /// Its text, with its lines.
    pub text: String,
}
