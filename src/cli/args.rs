//! The arguments.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use super::completions;
use super::making::MakeArgs;
use super::redaction::RedactionArgs;
use super::rules::RulesArgs;
use super::terminal::Color;
use crate::discover::Agent;
use crate::hook::Event;
use crate::tokens::Tokenizer;
use crate::when;

/// Writes the handoff that the next session needs, from the log that a Claude Code session left.
///
/// Exit codes: 0 a handoff was written, 1 nothing to hand over, 2 the run failed.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) action: Option<Action>,
    #[command(flatten)]
    pub(super) handoff: HandoffArgs,
    /// Whether there are colours.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto, global = true)]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// List the sessions: newest first.
    List(ListArgs),
    /// Show what stands behind a citation, or the timeline of a session.
    Show(ShowArgs),
    /// Answer requests, one a line of JSON: for engines that run many.
    Worker(super::worker::WorkerArgs),
    /// Explain a handoff line by line: its evidence, its score, its tokens, and what was left out for the budget.
    Explain(HandoffArgs),
    /// Check a handoff: is it good, and is it still true of the working tree? Exit code 1 if something is to be mended.
    Check(super::check::CheckArgs),
    /// Compare two handoffs: what was resolved, what is new, what changed, what is still open.
    Diff(super::diff::DiffArgs),
    /// Write a handoff for each of many sessions, and a table of all of them.
    #[cfg(feature = "batch")]
    Batch(Box<super::batch::BatchArgs>),
    /// Tell what many sessions tell together: what is open, what comes back, how numbers move.
    #[cfg(feature = "batch")]
    Report(super::report::ReportArgs),
    /// Answer agents: a Model Context Protocol server on standard input and output.
    ///
    /// In Claude Code: `claude mcp add passdown -- passdown mcp`. It reads sessions and nothing else, redacts whatever is asked,
    /// and opens no connection.
    #[cfg(feature = "mcp")]
    Mcp(Box<super::mcp::McpArgs>),
    /// Pick a session on the terminal and read its handoff: newest first, filtered as you type.
    ///
    /// Enter prints the handoff of the selected session to standard output and leaves, so that it can be piped; `?` tells the keys.
    #[cfg(feature = "pick")]
    Pick(super::pick::PickArgs),
    /// Take the secrets out of any text: everything else stays as it is, to the byte.
    ///
    /// The text goes to standard output, what was redacted is counted on standard error. Exit code 0 whether something was redacted or not.
    Redact(super::redact::RedactArgs),
    /// What Claude Code's hooks call.
    ///
    /// Writes handoffs and gives them to the sessions that follow. Reads the hook's JSON from standard input. Exit code 0, whatever happens to the handoff; what went wrong stands in
    /// `.passdown/handoffs/problems.log` of the project. `PASSDOWN_HOOKS=off` in the environment has it do nothing.
    Hook(HookArgs),
    /// Measure how much of what really came next the handoffs of cut sessions would have carried.
    ///
    /// Each session is cut at its compactions, or else at three fifths of its tool calls. The handoff of the first part
    /// is scored against what the rest used: files, identifiers, commands, open items, errors, words. No model is asked.
    Eval(Box<super::eval::EvalArgs>),
    /// Search the weights that serve half of the sessions best, and prove them on the other half.
    ///
    /// Weights are judged as by `eval`. A gain is claimed, and a file written, only where it lies beyond noise on the half
    /// that was not fitted to; exit code 1 otherwise.
    Tune(super::tune::TuneArgs),
    /// Look at the rules: which are in force, whether they hold, what they find.
    Rules(RulesArgs),
    /// Install the hooks that make and give handoffs by themselves.
    ///
    /// They go into Claude Code's settings. Everything else in the file stays as it is, to the byte. A copy of the file is kept beside it.
    Install(InstallArgs),
    /// Remove the hooks from Claude Code's settings.
    Uninstall(InstallArgs),
    /// Say what each option is and where that comes from: a `passdown.toml`, a profile, a variable.
    Config(super::config::ConfigArgs),
    /// Say where logs are, what is installed, and what to do next.
    ///
    /// Exit code 1 if something is in the way: no logs, damaged settings, a hook whose program is gone.
    Doctor(DoctorArgs),
    /// Print the script that completes arguments in a shell.
    ///
    /// For bash, in `~/.bashrc`: `source <(passdown completions bash)`. Ids of sessions are completed too.
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command.
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct HandoffArgs {
    /// A transcript, a folder of transcripts, a session id or the beginning of one, or `-`; without one, the newest
    /// session of this project.
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(completions::sessions))]
    pub(super) sessions: Vec<OsString>,
    #[command(flatten)]
    pub(super) make: MakeArgs,
    /// The format.
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub(super) format: Format,
    /// Write to this file, atomically and readable by the owner alone, instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Copy to the clipboard, instead of writing to standard output: with the system's tool, or through the terminal.
    #[arg(long)]
    pub(super) copy: bool,
    /// What the next session is for: facts and lines that it names rise, and it stands in the title and the outcome.
    #[arg(long, value_name = "TEXT")]
    pub(super) goal: Option<String>,
    /// Only what the summary of the log's last compaction dropped: checks, commands, failures, hashes, rules from
    /// before it that still count. Exit code 1 if there is no compaction, or nothing was dropped.
    #[arg(long, visible_alias = "lost-at-compaction", conflicts_with = "goal")]
    pub(super) since_compaction: bool,
    /// Join up to this many earlier sessions of the same folder that this one goes on from, as the plan, commits, branch,
    /// ticket, tasks or files show: what they left open, and how the numbers moved.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        conflicts_with = "since_compaction"
    )]
    pub(super) chain: usize,
    /// Say how old the log is at this time, as 2026-02-04T04:15:00Z; without it, no clock is read.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) as_of: Option<jiff::Timestamp>,
    /// Without the places in the log.
    #[arg(long)]
    pub(super) no_cite: bool,
    /// Map files into memory instead of reading them; a log that is cut meanwhile ends the process.
    #[arg(long)]
    pub(super) mmap: bool,
    #[command(flatten)]
    pub(super) of: AgentArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only the sessions of this many newest files.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20)]
    pub(super) most: usize,
    /// A transcript or a folder of transcripts, instead of all that agents keep.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<OsString>,
    #[command(flatten)]
    pub(super) of: AgentArgs,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

/// Whose sessions are meant.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct AgentArgs {
    /// Only sessions held with this agent: claude, codex, gemini or opencode; without it, with any.
    #[arg(long, value_name = "AGENT", value_parser = agent)]
    pub(super) agent: Option<Agent>,
}

/// The last layer of rules.
#[derive(Debug, clap::Args)]
pub(super) struct LayerArgs {
    /// A rule file on top of the user's and the project's; may be given several times, the last one counts first.
    #[arg(long, value_name = "FILE")]
    pub(super) rules: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// A session as for a handoff, with `:L482` behind it for one line, or `:<agent>:L12` for a line of a subagent.
    #[arg(value_name = "SESSION[:L482]", add = ArgValueCompleter::new(completions::sessions))]
    pub(super) target: OsString,
    #[command(flatten)]
    pub(super) redaction: RedactionArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct HookArgs {
    /// The event: `SessionEnd` and `PreCompact` write the handoff of the session to `.passdown/handoffs/`, `SessionStart`
    /// prints the latest one as additional context.
    #[arg(value_name = "SessionStart|PreCompact|SessionEnd", value_parser = event)]
    pub(super) event: Event,
    #[command(flatten)]
    pub(super) make: MakeArgs,
    /// The age beyond which a handoff is not given: `7d`, `12h`, `30m`.
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = duration)]
    pub(super) max_age: Duration,
    /// How many handoffs of a project are kept.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub(super) keep: usize,
    /// The milliseconds that the session may wait; what takes longer goes on in the background.
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    pub(super) within: u64,
}

#[derive(Debug, clap::Args)]
pub(super) struct InstallArgs {
    /// The program whose settings are meant.
    #[arg(value_name = "PROGRAM", value_enum)]
    pub(super) program: Program,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct ScopeArgs {
    /// For all your projects: `~/.claude/settings.json`. The default.
    #[arg(long)]
    pub(super) user: bool,
    /// For this project and all who work on it: `.claude/settings.json`.
    #[arg(long)]
    pub(super) project: bool,
    /// For this project and you alone: `.claude/settings.local.json`.
    #[arg(long)]
    pub(super) local: bool,
}

/// A program with hooks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Program {
    /// Claude Code.
    ClaudeCode,
}

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    /// The format.
    #[arg(long, value_enum, default_value_t = DoctorFormat::Text)]
    pub(super) format: DoctorFormat,
}

/// A format of reports.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum DoctorFormat {
    /// Lines to read.
    Text,
    /// JSON, with times in UTC.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

/// A shell that can be told how to complete.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    /// In `~/.bashrc`: `source <(passdown completions bash)`.
    Bash,
    /// In `~/.zshrc`: `source <(passdown completions zsh)`.
    Zsh,
    /// In `~/.config/fish/config.fish`: `passdown completions fish | source`.
    Fish,
    /// In `$PROFILE`: `passdown completions powershell | Out-String | Invoke-Expression`.
    Powershell,
}

impl Shell {
    /// The shell's name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Write a page for each command into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,
}

/// A format of what is not a handoff.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Form {
    /// Plain lines.
    Plain,
    /// JSON.
    Json,
}

/// A format of handoffs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// Markdown.
    Md,
    /// JSON.
    Json,
    /// Markdown behind a few facts for the agent that receives it.
    Prompt,
    /// The same as a section of CLAUDE.md or AGENTS.md, between markers; with `--output`, only what stands between them in the file changes.
    AgentsMd,
}

pub(super) fn tokenizer(text: &str) -> Result<Tokenizer, String> {
    text.parse()
        .map_err(|error: crate::error::Error| error.to_string())
}

pub(super) fn event(text: &str) -> Result<Event, String> {
    let plain = |name: &str| name.replace('-', "").to_ascii_lowercase();
    Event::ALL
        .into_iter()
        .find(|event| plain(event.name()) == plain(text))
        .ok_or_else(|| "give SessionStart, PreCompact or SessionEnd".to_owned())
}

fn agent(text: &str) -> Result<Agent, String> {
    let words = Agent::ALL.map(Agent::word);
    Agent::ALL
        .into_iter()
        .find(|agent| agent.word() == text)
        .ok_or_else(|| crate::rules::unknown("agent", text, &words))
}

fn duration(text: &str) -> Result<Duration, String> {
    when::length(text).ok_or_else(|| "not an age; give one as 7d, 12h or 30m".to_owned())
}

pub(super) fn time(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse()
        .map_err(|_| "not a time; give one as 2026-02-04T04:15:00Z".to_owned())
}
