//! The sessions of a folder on all cores: what state each is in, and what it is about.
//!
//! `cargo run --example many -- ~/.claude/projects`

use std::error::Error;
use std::path::Path;

use passdown::discover::{self, Env};
use passdown::pipeline::{self, Options};
use passdown::read;
use passdown::rules::RuleSet;
use rayon::prelude::*;

/// A line for each session of `folder`, by path, whatever order they were done in.
pub(crate) fn run(folder: &Path) -> Vec<String> {
    let found = discover::all(&[folder], &Env::default());
    let options = Options::default();
    found
        .sessions
        .par_iter()
        .map(|files| {
            // What is wrong with one session costs no other.
            let condensed = pipeline::load(files, &read::Options::default()).and_then(
                |(session, _problems)| pipeline::condense(&session, RuleSet::builtin(), &options),
            );
            match condensed {
                Ok(Some(condensed)) => {
                    let header = &condensed.handoff.header;
                    format!("{}: {}: {}", files.id, header.state, header.title)
                }
                Ok(None) => format!("{}: nothing to hand over", files.id),
                Err(error) => format!("{}: {error}", files.id),
            }
        })
        .collect()
}

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("give a folder")?;
    for line in run(Path::new(&folder)) {
        println!("{line}");
    }
    Ok(())
}
