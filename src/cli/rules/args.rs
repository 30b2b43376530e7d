//! The arguments of `passdown rules`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::args::Form;
pub(super) use crate::cli::args::LayerArgs;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RulesArgs {
    #[command(subcommand)]
    pub(super) action: RulesAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesAction {
    /// List the rules in force, in the order in which they count.
    List(ListArgs),
    /// Show rules: where they come from, what layers changed, and their text with its examples.
    Show(ShowArgs),
    /// Run the examples of rules; exits with 1 when one fails.
    Test(TestArgs),
    /// Say what is doubtful about your rules: keywords, examples, ids; exits with 1 when something is.
    Check(FileArgs),
    /// Show what a pattern, or the rules of a file, find in logs; exits with 1 when it is nothing.
    Try(TryArgs),
    /// Count the hits of each rule in logs, and name the rules that never fire.
    Stats(StatsArgs),
    /// Compare two rule sets on logs: hits lost, gained and changed, and the handoffs they make.
    Diff(DiffArgs),
    /// Suggest rules for what logs hold and no rule knows, ready to be pasted; exits with 1 when there is nothing.
    Suggest(SuggestArgs),
    /// Make a rule with its examples from a line: a command, or what it printed; to be pasted into a rule file.
    New(NewArgs),
    /// Print the JSON Schema of rule files, for editors.
    Schema,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only rules with all of these words in their line, as `metric`, `go-`, `project`, `off`.
    #[arg(value_name = "WORD")]
    pub(super) words: Vec<String>,
    /// With how often each fires in these logs: transcripts, folders, ids; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub(super) hits: Vec<OsString>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// The ids of the rules.
    #[arg(value_name = "ID", required = true)]
    pub(super) ids: Vec<String>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
    /// Test again whenever a rule file changes, comes or goes, until Ctrl-C.
    #[arg(long)]
    pub(super) watch: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// The rule files; without one, all rules in force.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct TryArgs {
    /// A pattern as in a rule, or a rule file.
    #[arg(value_name = "PATTERN|FILE")]
    pub(super) what: String,
    /// Transcripts, folders of transcripts, or sessions by their ids.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<OsString>,
    /// Try a pattern in these texts alone, as `prompt`, `command` or `tool_output:Bash`.
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Option<String>,
    /// Let a pattern take letters of either case.
    #[arg(long, short)]
    pub(super) ignore_case: bool,
    /// How many lines a match of a pattern may span.
    #[arg(long, value_name = "LINES", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(super) lines: u8,
    /// How many lines to show before and after a hit.
    #[arg(long, short = 'C', value_name = "LINES", default_value_t = 0)]
    pub(super) context: usize,
    /// How many hits to show of each session; all are counted.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10)]
    pub(super) most: usize,
}

#[derive(Debug, clap::Args)]
pub(super) struct StatsArgs {
    /// Transcripts, folders of transcripts, or sessions by their ids.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<OsString>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// A rule file, put on top of the built-in rules alone, or `builtin` for these.
    #[arg(value_name = "A")]
    pub(super) a: PathBuf,
    /// The same, to compare with.
    #[arg(value_name = "B")]
    pub(super) b: PathBuf,
    /// Transcripts, folders of transcripts, or sessions by their ids.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<OsString>,
    /// How many examples to show of the hits of each rule, and of the handoffs.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 2)]
    pub(super) samples: usize,
    /// The most tokens that the handoffs may take.
    #[arg(long, value_name = "TOKENS", default_value_t = 2_000)]
    pub(super) budget: u32,
    /// The format.
    #[arg(long, value_enum, default_value_t = Form::Plain)]
    pub(super) format: Form,
}

#[derive(Debug, clap::Args)]
pub(super) struct SuggestArgs {
    /// Transcripts, folders of transcripts, or sessions by their ids.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<OsString>,
    /// How many rules to suggest of each sort: for commands, for summaries, for errors.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 5)]
    pub(super) most: usize,
    /// How often something must be met.
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    pub(super) at_least: u64,
    /// In how many sessions it must be met.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(super) sessions: u64,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// The line; `-`, or none, for standard input, where several lines of one kind are several examples.
    #[arg(value_name = "LINE", allow_hyphen_values = true)]
    pub(super) line: Option<String>,
    /// What it is: `check`, `metric`, `failure`, `instruction`, or another kind of rule; without it, what it looks like.
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<String>,
    /// Where it stands, as `command`, `tool_output:Bash` or `prompt`; without it, where lines of that kind stand.
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Option<String>,
    /// The name of the check that it is, or that prints it.
    #[arg(long, value_name = "NAME")]
    pub(super) tool: Option<String>,
    /// What that check verifies: `test`, `build`, `lint`, `types`, `format`, `ci`, `run`, `deploy`.
    #[arg(long, value_name = "FAMILY")]
    pub(super) family: Option<String>,
    /// The id of the rule.
    #[arg(long, value_name = "ID")]
    pub(super) id: Option<String>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}
