//! How a handoff is made: the options of every command that makes one.

use super::args::{LayerArgs, tokenizer};
use super::layered;
use super::redaction::RedactionArgs;
use super::selection::SelectionArgs;
use crate::discover::Env;
use crate::error::Error;
use crate::pipeline::Options;
use crate::rules::InForce;
use crate::tokens::Tokenizer;

#[derive(Debug, clap::Args)]
pub(super) struct MakeArgs {
    /// The most tokens that a handoff may take.
    #[arg(long, value_name = "TOKENS", default_value_t = 2_000)]
    pub(super) budget: u32,
    /// Who counts tokens: `auto` is a safe estimate for the Claude model of the session.
    #[arg(long, value_name = "auto|o200k|cl100k", default_value = "auto", value_parser = tokenizer)]
    pub(super) tokenizer: Tokenizer,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) redaction: RedactionArgs,
}

impl MakeArgs {
    /// The rules in force.
    ///
    /// # Errors
    ///
    /// As [`layered::rules`].
    pub(super) fn rules(&self, env: &Env) -> Result<InForce, Error> {
        layered::rules(&self.layers.rules, env)
    }

    /// What the arguments ask of a handoff.
    ///
    /// # Errors
    ///
    /// As [`SelectionArgs::apply`].
    pub(super) fn options(&self) -> Result<Options, Error> {
        self.selection.apply(self.plain())
    }

    /// The same without weights and bounds of parts, which files may have wrong.
    pub(super) fn plain(&self) -> Options {
        Options {
            budget: self.budget,
            tokenizer: self.tokenizer,
            redact: self.redaction.policy(),
            ..Options::default()
        }
    }
}
