//! `passdown mcp`: the server that agents ask.

use std::path::PathBuf;

use super::Outcome;
use super::making::MakeArgs;
use crate::discover::Env;
use crate::error::Error;
use crate::mcp::{self, Settings};
use crate::store;

#[derive(Debug, clap::Args)]
pub(super) struct McpArgs {
    #[command(flatten)]
    make: MakeArgs,
    /// The store that `passdown batch` made; without this, where the platform keeps such files.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

pub(super) fn run(args: &McpArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    mcp::serve(Settings {
        rules: args.make.rules(&env)?,
        options: args.make.options()?,
        env,
        store: args.store.clone().or_else(store::default_path),
    })?;
    Ok(Outcome::Done)
}
