//! `--redact` and `--anonymize`.

use clap::ValueEnum;

use crate::safety::{Level, Policy};

#[derive(Debug, clap::Args)]
pub(super) struct LevelArgs {
    /// What is redacted.
    // A project can set variables and files for whoever works in it, so neither turns redaction off: see `config`.
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Redact::Default)]
    redact: Redact,
}

#[derive(Debug, clap::Args)]
pub(super) struct RedactionArgs {
    #[command(flatten)]
    level: LevelArgs,
    /// Without e-mail addresses, names, users of home folders and hosts too; each keeps its number in the whole text.
    #[arg(long)]
    anonymize: bool,
}

/// A level of redaction.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum Redact {
    /// Nothing: for your own eyes.
    Off,
    /// What is known for a secret by its shape, its place or its name, and wherever else the same value stands.
    Default,
    /// Also e-mail addresses, and strings of 24 or more characters that read as drawn by lot.
    Strict,
}

impl LevelArgs {
    /// What the arguments ask for.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            level: match self.redact {
                Redact::Off => Level::Off,
                Redact::Default => Level::Default,
                Redact::Strict => Level::Strict,
            },
            ..Policy::default()
        }
    }
}

impl RedactionArgs {
    /// What the arguments ask for.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            anonymous: self.anonymize,
            ..self.level.policy()
        }
    }
}
