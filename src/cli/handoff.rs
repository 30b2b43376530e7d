//! `passdown [SESSION…]`: the handoff.

use super::Outcome;
use super::args::{Format, HandoffArgs};
use super::layered::Rules;
use super::output;
use crate::discover::{self, Env};
use crate::error::Error;
use crate::pipeline::{self, Options};
use crate::score::Goal;
use crate::{read, render, write};

pub(super) fn run(args: &HandoffArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let rules = Rules::read(&args.layers.rules, &env)?;
    let found = discover::sessions(&args.sessions, &env)?;
    output::problems(&found.left_out);
    let reading = read::Options {
        mmap: args.mmap,
        ..read::Options::default()
    };
    let options = options(args);
    let mut texts = Vec::new();
    for files in &found.sessions {
        let (session, problems) = pipeline::load(files, &reading)?;
        output::problems(&problems);
        match pipeline::handoff(&session, &rules, &options)? {
            Some((_, text)) => texts.push(text),
            None => output::complain(&format!(
                "passdown: {}: nothing to hand over: no request and no work in it",
                files.main
            )),
        }
    }
    if texts.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let text = texts.join("\n");
    match &args.output {
        Some(path) => write::whole(path, &text)?,
        None => output::print(&text)?,
    }
    Ok(Outcome::Done)
}

/// What the arguments ask of a handoff.
pub(super) fn options(args: &HandoffArgs) -> Options {
    Options {
        budget: args.budget,
        tokenizer: args.tokenizer,
        format: match args.format {
            Format::Md => pipeline::Format::Markdown,
            Format::Json => pipeline::Format::Json,
            Format::Prompt => pipeline::Format::Prompt,
        },
        render: render::Options {
            cite: !args.no_cite,
            as_of: args.as_of,
        },
        goal: args.goal.as_deref().and_then(Goal::new),
    }
}
