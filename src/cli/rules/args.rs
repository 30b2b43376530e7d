//! The arguments of `passdown rules`.

use std::path::PathBuf;

use clap::Subcommand;

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
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only rules with all of these words in their line, as `metric`, `go-`, `project`, `off`.
    #[arg(value_name = "WORD")]
    pub(super) words: Vec<String>,
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
    /// The rule files to test; without one, all rules in force, with the built-in ones.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}
