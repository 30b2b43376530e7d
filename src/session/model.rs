//! The model: what one conversation is, once its records are joined.
//!
//! Everything here is owned and bounded: a long text keeps its head and its
//! tail (see [`Text`]), file contents shown by a tool are not kept at all.

use std::sync::Arc;

use crate::position::Position;

/// One conversation: the records of a main transcript and of its subagents, joined.
#[derive(Debug, Default)]
pub struct Session {
    /// The session's id: the stem of the main file if it is a UUID, else its most frequent `sessionId`.
    pub id: String,
    /// The files read; the first is the main transcript.
    pub files: Vec<File>,
    /// All that happened, in order; a subagent's events stand after the call that started it.
    pub timeline: Vec<Event>,
    /// The tool calls, in the order of their requests on the timeline.
    pub calls: Vec<ToolCall>,
    /// The subagents, in the order of their first event.
    pub agents: Vec<Agent>,
    /// The folders the session worked in, in the order of their first record.
    pub cwds: Vec<String>,
    /// The folder of the last record that names one.
    pub cwd: Option<String>,
    /// The branch of the last record that names one; empty outside a repository.
    pub branch: Option<String>,
    /// The branches that its records name, each once.
    pub branches: Vec<String>,
    /// The program's versions, in the order of their first record.
    pub versions: Vec<String>,
    /// The models that answered, in the order of their first message, without `<synthetic>`.
    pub models: Vec<String>,
    /// A title set by the user.
    pub custom_title: Option<String>,
    /// A title made by the program.
    pub ai_title: Option<String>,
    /// Pull requests that the program linked to the session.
    pub pull_requests: Vec<PullRequest>,
    /// Tokens used, each message counted once.
    pub usage: Usage,
    /// The same for each message, in the order of their first records: forks and
    /// resumed copies of a session repeat messages, and whoever sums over
    /// sessions counts each once.
    pub messages: Vec<Message>,
    /// The first and last time of any record of the main transcript.
    pub span: Option<(jiff::Timestamp, jiff::Timestamp)>,
    /// How the log ends.
    pub end: End,
    /// How many lines were read and what became of them.
    pub tally: Tally,
    /// What this version does not know.
    pub drift: Drift,
}

/// A file of the session.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The path as it was given or found; `-` for standard input.
    pub path: String,
    /// The subagent whose file it is, as an index in [`Session::agents`].
    pub agent: Option<usize>,
    /// The size in bytes, decompressed, up to the last whole line that was read.
    pub bytes: u64,
}

/// A subagent.
#[derive(Clone, Debug, Default)]
pub struct Agent {
    /// The id, as in `agent-<id>.jsonl`.
    pub id: String,
    /// The kind, as `Explore` or `general-purpose`.
    pub kind: Option<String>,
    /// The call that started it, as an index in [`Session::calls`].
    pub call: Option<usize>,
}

/// A moment of the session.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where it stands.
    pub at: Position,
    /// The record's uuid.
    pub uuid: Option<Box<str>>,
    /// The record's time; not monotonic, so never an order.
    pub time: Option<jiff::Timestamp>,
    /// Tool calls of the main conversation that were made before it: the clock of recency.
    pub tick: u32,
    /// The turn it belongs to, from zero: a turn begins with each [`Via::Typed`], [`Via::Command`] or [`Via::Plan`] prompt.
    pub turn: u32,
    /// The subagent in whose conversation it happened, as an index in [`Session::agents`].
    pub agent: Option<usize>,
    /// False on a branch that a rewind left behind.
    pub live: bool,
    /// The branch of the repository that its record names.
    pub branch: Option<Arc<str>>,
    /// What happened.
    pub body: Body,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Body {
    /// A person said something.
    Prompt(Prompt),
    /// The agent said something.
    Say(Text),
    /// The agent thought something.
    Think(Text),
    /// The agent asked for a tool; an index in [`Session::calls`].
    Call(usize),
    /// The answer to a call arrived; an index in [`Session::calls`].
    Return(usize),
    /// The context was replaced by a summary, which is the agent's own account.
    Compaction {
        /// True if the user asked for it.
        manual: bool,
        /// The summary, if it is in the log.
        summary: Option<Text>,
    },
    /// The program or a hook said something.
    Notice(Notice),
}

/// A text, bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text, decoded; with a line of its own saying how much was left out, where it was cut in the middle.
    pub text: String,
    /// Bytes left out of the middle.
    pub left_out: usize,
    /// Who wrote it.
    pub origin: Origin,
}

/// Who wrote a text: only [`Origin::User`] may ever become a request or an instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A person typed it.
    User,
    /// The agent wrote it.
    Agent,
    /// A program printed it.
    #[default]
    Tool,
    /// It came from the web.
    Web,
    /// It stood in a file.
    File,
    /// A hook or the program itself put it in.
    Hook,
}

/// What a person said, and the way it came in.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The words, without what the program added around them.
    pub text: Text,
    /// The way.
    pub via: Via,
    /// Pictures that came with it.
    pub images: u32,
}

/// The way a person's words came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Typed at the prompt.
    Typed,
    /// Typed while the agent worked.
    Queued,
    /// The arguments of a slash command; empty arguments make no prompt unless the command stands alone.
    Command {
        /// The command's name, with its slash.
        name: String,
    },
    /// A `!` line, run by the user in a shell.
    Shell,
    /// A `#` note for the project's memory.
    Memory,
    /// The reason given with a refusal; the call as an index in [`Session::calls`].
    Refusal {
        /// The refused call.
        call: usize,
    },
    /// An answer to a question of the agent's.
    Answer {
        /// The call that asked, as an index in [`Session::calls`].
        call: usize,
        /// The question.
        question: String,
    },
    /// A plan accepted into a fresh context ("Implement the following plan:").
    Plan,
}

/// Something that the program or a hook said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The user stopped the agent.
    Interrupted,
    /// A request to the model failed for good; the text shown.
    ApiError(Text),
    /// A usage limit was reached; the text shown.
    Limit(Text),
    /// The context was full.
    ContextFull(Text),
    /// A background task or agent ended.
    Background {
        /// The task's id.
        task: String,
        /// The call that started it, as an index in [`Session::calls`], if it is known.
        call: Option<usize>,
        /// `completed`, `failed`, `killed`, or as the program says.
        status: String,
        /// The exit code, where it is said.
        exit: Option<i32>,
        /// The summary, and the result if it holds one.
        text: Text,
    },
    /// A hook's words to the agent.
    Hook {
        /// The event, as `Stop` or `PostToolUse`.
        event: String,
        /// True if it blocked or failed.
        failed: bool,
        /// What it said.
        text: Text,
    },
    /// The program's recap for a returning user.
    Recap(Text),
    /// The output of a user's `!` line or of a slash command.
    Output(Text),
    /// A turn ended cleanly.
    TurnEnd,
}

/// A tool call: the request and the answer, joined by id.
#[derive(Clone, Debug)]
pub struct ToolCall {
    /// The id that joins them.
    pub id: Box<str>,
    /// The tool's name on the wire, as `Bash` or `mcp__linear__get_issue`.
    pub name: Box<str>,
    /// Where the request stands.
    pub at: Position,
    /// Where the answer stands.
    pub returned_at: Option<Position>,
    /// The uuid of the request's record.
    pub uuid: Option<Box<str>>,
    /// The uuid of the answer's record.
    pub returned_uuid: Option<Box<str>>,
    /// When it was asked for.
    pub time: Option<jiff::Timestamp>,
    /// When it was answered.
    pub returned_time: Option<jiff::Timestamp>,
    /// As [`Event::tick`] of the request.
    pub tick: u32,
    /// As [`Event::turn`] of the request.
    pub turn: u32,
    /// As [`Event::agent`].
    pub agent: Option<usize>,
    /// As [`Event::live`].
    pub live: bool,
    /// The folder that the request's record names.
    pub cwd: Option<std::sync::Arc<str>>,
    /// What was asked for.
    pub input: Input,
    /// How it ended.
    pub outcome: Outcome,
    /// What the tool printed or said; the contents of a file as `Read` shows them, with numbers.
    pub output: Text,
    /// What else the answer tells.
    pub detail: Detail,
}

/// What was asked of a tool. A field of the wrong type counts as absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A shell command (`Bash`, `PowerShell`).
    Shell {
        /// The command line, as it was given.
        command: String,
        /// The agent's one-line description.
        description: Option<String>,
        /// True if it was to run in the background.
        background: bool,
    },
    /// A file was read (`Read`, `NotebookRead`).
    Read {
        /// The path, as it was given.
        path: String,
    },
    /// A file was changed (`Edit`, `MultiEdit`, `NotebookEdit`).
    Edit {
        /// The path, as it was given.
        path: String,
        /// The replacements: old text, new text.
        hunks: Vec<(Text, Text)>,
    },
    /// A file was written whole (`Write`).
    Write {
        /// The path, as it was given.
        path: String,
        /// Its new contents.
        content: Text,
    },
    /// Files or their contents were searched (`Grep`, `Glob`, `LS`).
    Search {
        /// The pattern.
        pattern: String,
        /// Where.
        path: Option<String>,
    },
    /// A subagent was started (`Task`, `Agent`), or written to (`SendMessage`).
    Agent {
        /// The one-line description.
        description: String,
        /// The prompt.
        prompt: Text,
        /// The kind of agent.
        kind: Option<String>,
    },
    /// The whole todo list was replaced (`TodoWrite`).
    Todos(Vec<Todo>),
    /// A task was made (`TaskCreate`); its id is in [`Detail::task`].
    TaskCreate {
        /// The subject.
        subject: String,
        /// The description.
        description: String,
    },
    /// A task was changed (`TaskUpdate`); absent fields stay.
    TaskUpdate {
        /// The id.
        id: String,
        /// The new status: `pending`, `in_progress`, `completed`, `deleted`.
        status: Option<String>,
        /// The new subject.
        subject: Option<String>,
        /// Ids of tasks that must end first.
        blocked_by: Vec<String>,
    },
    /// The user was asked (`AskUserQuestion`): each question with the labels of its options.
    Ask(Vec<(String, Vec<String>)>),
    /// A plan was put before the user (`ExitPlanMode`); from the input, else from the answer.
    Plan(Text),
    /// Plan mode began (`EnterPlanMode`).
    EnterPlan,
    /// A page or a search on the web (`WebFetch`, `WebSearch`): the URL or the query.
    Web(String),
    /// A skill or a slash command, run by the agent.
    Skill {
        /// Its name.
        name: String,
        /// Its arguments.
        args: String,
    },
    /// The output of a background task was asked for (`TaskOutput`, `BashOutput`), or the task was stopped (`TaskStop`, `KillShell`).
    Task {
        /// The task's id.
        id: String,
        /// True if it was stopped.
        stop: bool,
    },
    /// Anything else: the input's values as one line of `key=value`, cut at 400 characters.
    Other(String),
}

impl Input {
    /// The texts that were given, but for what an edit took out and the prompts of subagents: all of them may be told.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Shell { command, .. } => vec![command],
            Self::Read { path } => vec![path],
            Self::Edit { path, hunks } => {
                let new = hunks.iter().map(|(_, new)| new.text.as_str());
                std::iter::once(path.as_str()).chain(new).collect()
            }
            Self::Write { path, content } => vec![path, &content.text],
            Self::Search { pattern, path } => {
                let path = path.as_deref();
                std::iter::once(pattern.as_str()).chain(path).collect()
            }
            Self::Agent { description, .. } => vec![description],
            Self::Todos(todos) => todos.iter().map(|todo| todo.content.as_str()).collect(),
            Self::TaskCreate {
                subject,
                description,
            } => vec![subject, description],
            Self::TaskUpdate { subject, .. } => subject.as_deref().into_iter().collect(),
            Self::Ask(questions) => {
                let texts = questions
                    .iter()
                    .flat_map(|(question, options)| std::iter::once(question).chain(options));
                texts.map(String::as_str).collect()
            }
            Self::Plan(text) => vec![&text.text],
            Self::Skill { name, args } => vec![name, args],
            Self::Web(text) | Self::Other(text) => vec![text],
            Self::EnterPlan | Self::Task { .. } => Vec::new(),
        }
    }
}

/// An item of a todo list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// What is to be done.
    pub content: String,
    /// `pending`, `in_progress`, `completed`, or as the agent wrote.
    pub status: String,
}

/// How a call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It answered without an error.
    Ok,
    /// It answered with an error.
    Error {
        /// The exit status of a shell command, where it is known.
        exit: Option<i32>,
        /// True if it is the agent's misuse of a tool (edit string not found, file not read, bad arguments): it says nothing of the work.
        misuse: bool,
    },
    /// A person refused it; the reason is a [`Via::Refusal`] prompt.
    Refused,
    /// A permission rule, a mode or a hook refused it.
    Blocked,
    /// It never ran, since a call beside it failed.
    Cancelled,
    /// A person interrupted it.
    Interrupted,
    /// It ran out of time.
    TimedOut,
    /// It went on in the background, under this task id; how it ended is a later [`Notice::Background`] or [`Input::Task`].
    Background {
        /// The task's id.
        task: String,
    },
    /// The log holds no answer.
    #[default]
    Missing,
}

/// What an answer tells beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// The id of the task that `TaskCreate` made, or of a background task.
    pub task: Option<String>,
    /// The subagent's id.
    pub agent: Option<String>,
    /// True if `Write` made a new file, false if it replaced one.
    pub created: Option<bool>,
    /// Lines added and removed, from the structured patch.
    pub lines: Option<(u32, u32)>,
    /// The exit code, where the answer says it.
    pub exit: Option<i32>,
    /// True if nothing tells how the command ended: what it printed may.
    pub status_unknown: bool,
    /// True if the user changed the edit before accepting it.
    pub user_modified: bool,
    /// The tasks of a `TaskList` answer: id, subject, status.
    pub tasks: Vec<(String, String, String)>,
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its address.
    pub url: String,
    /// Where it is recorded.
    pub at: Position,
}

/// Tokens used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Sent anew.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache.
    pub cache_creation: u64,
    /// The size of the context at the last message of the main conversation.
    pub context: u64,
}

/// A message of the model, by the id that its copies in other sessions share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// A hash of the message's id, the same on every machine; 0 for a message without one.
    pub id: u64,
    /// What it used; [`Usage::context`] is not set.
    pub usage: Usage,
}

/// How the log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// The agent's turn ended; it is the user's turn.
    #[default]
    Finished,
    /// The agent asked a question, and no answer is in the log.
    Asked,
    /// A plan waits for the user's word.
    PlanWaiting,
    /// The user stopped the agent.
    Interrupted,
    /// The user's last words have no answer.
    Unanswered,
    /// A tool call has no answer: killed in the middle, or still running.
    MidCall,
    /// The agent was at work: the last record is a tool's answer, or prose that a call was to follow.
    MidTurn,
    /// The context was just replaced by a summary.
    Compacted,
    /// The context was full.
    ContextFull,
    /// The model could not be reached.
    ApiError,
    /// A usage limit was reached.
    Limit,
}

/// What became of the lines. `lines = blank + bad + whole + spliced lines`, and nothing is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines read.
    pub lines: u64,
    /// Lines without anything on them.
    pub blank: u64,
    /// Lines that gave exactly one record, whole.
    pub whole: u64,
    /// Lines that gave a record or more only after a repair (spliced, glued, NULs).
    pub repaired: u64,
    /// Lines that gave no record.
    pub bad: u64,
    /// Records.
    pub records: u64,
    /// Records that stood in the session already, by uuid.
    pub duplicates: u64,
}

/// What stood in the log that this version does not know: names with counts, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Record types.
    pub records: std::collections::BTreeMap<String, u64>,
    /// Subtypes of `system` records.
    pub systems: std::collections::BTreeMap<String, u64>,
    /// Attachment types.
    pub attachments: std::collections::BTreeMap<String, u64>,
    /// Content blocks.
    pub blocks: std::collections::BTreeMap<String, u64>,
    /// Top-level keys of chain records.
    pub keys: std::collections::BTreeMap<String, u64>,
}
