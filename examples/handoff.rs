//! The handoff of one session, from the path of its transcript.
//!
//! `cargo run --example handoff -- session.jsonl`

use std::error::Error;
use std::path::Path;

use passdown::{Options, RuleSet};

/// The handoff of the session at `path`, within 1,000 tokens; none if there is nothing to hand over.
pub(crate) fn run(path: &Path) -> Result<Option<String>, Box<dyn Error>> {
    let options = Options::new().budget(1_000);
    let made = passdown::from_path(path, RuleSet::builtin(), &options)?;
    Ok(made.map(|(handoff, text)| {
        assert!(handoff.tokens <= 1_000);
        text
    }))
}

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("give a transcript")?;
    match run(Path::new(&path))? {
        Some(text) => print!("{text}"),
        None => println!("nothing to hand over"),
    }
    Ok(())
}
