//! `--redact` and `--anonymize`.

use clap::ValueEnum;

use crate::error::{Error, ErrorKind};
use crate::safety::{Level, Policy};

/// The variable that stands for `--redact`.
const VARIABLE: &str = "PASSDOWN_REDACT";

#[derive(Debug, clap::Args)]
pub(super) struct LevelArgs {
    /// What is redacted [default: default] [env: PASSDOWN_REDACT, which knows no off]
    #[arg(long, value_enum, value_name = "LEVEL")]
    redact: Option<Redact>,
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
    /// What the arguments ask for, or else the environment.
    pub(super) fn policy(&self) -> Result<Policy, Error> {
        let level = match self.redact {
            Some(level) => level,
            None => from_variable()?,
        };
        Ok(Policy {
            level: match level {
                Redact::Off => Level::Off,
                Redact::Default => Level::Default,
                Redact::Strict => Level::Strict,
            },
            ..Policy::default()
        })
    }
}

impl RedactionArgs {
    /// What the arguments ask for, or else the environment.
    pub(super) fn policy(&self) -> Result<Policy, Error> {
        Ok(Policy {
            anonymous: self.anonymize,
            ..self.level.policy()?
        })
    }
}

/// A project can set variables for whoever works in it, so no variable turns redaction off.
fn from_variable() -> Result<Redact, Error> {
    let Some(value) = std::env::var_os(VARIABLE) else {
        return Ok(Redact::Default);
    };
    match value.to_str() {
        Some("" | "default") => Ok(Redact::Default),
        Some("strict") => Ok(Redact::Strict),
        _ => Err(ErrorKind::Usage(format!(
            "{VARIABLE}: give default or strict; off is only for the command line, as --redact off"
        ))
        .into()),
    }
}
