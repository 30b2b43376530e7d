//! `passdown mcp`: the server that agents ask.

use std::path::PathBuf;

use super::args::{LayerArgs, tokenizer};
use super::redaction::RedactionArgs;
use super::selection::SelectionArgs;
use super::{Outcome, layered};
use crate::discover::Env;
use crate::error::Error;
use crate::mcp::{self, Settings};
use crate::pipeline::Options;
use crate::store;
use crate::tokens::Tokenizer;

#[derive(Debug, clap::Args)]
pub(super) struct McpArgs {
    /// The most tokens of a handoff whose request does not say.
    #[arg(long, value_name = "TOKENS", default_value_t = 2_000)]
    budget: u32,
    /// Who counts tokens: `auto` is a safe estimate for the Claude model of the session.
    #[arg(long, value_name = "auto|o200k|cl100k", default_value = "auto", value_parser = tokenizer)]
    tokenizer: Tokenizer,
    /// The store that `passdown batch` made; without this, where the platform keeps such files.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    #[command(flatten)]
    layers: LayerArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    redaction: RedactionArgs,
}

pub(super) fn run(args: &McpArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let rules = layered::rules(&args.layers.rules, &env)?;
    let options = args.selection.apply(Options {
        budget: args.budget,
        tokenizer: args.tokenizer,
        redact: args.redaction.policy(),
        ..Options::default()
    })?;
    mcp::serve(Settings {
        env,
        rules,
        options,
        store: args.store.clone().or_else(store::default_path),
    })?;
    Ok(Outcome::Done)
}
