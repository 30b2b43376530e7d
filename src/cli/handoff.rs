//! `passdown [SESSION…]`: the handoff.

use super::Outcome;
use super::args::{Format, HandoffArgs};
use super::layered::Rules;
use super::output;
use crate::discover::{self, Env};
use crate::error::Error;
use crate::pipeline::{self, Options};
use crate::score::{self, Goal};
use crate::session::Session;
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
    let options = options(args)?;
    let mut texts = Vec::new();
    for files in &found.sessions {
        let (session, problems) = pipeline::load(files, &reading)?;
        output::problems(&problems);
        match pipeline::handoff(&session, &rules, &options)? {
            Some((_, text)) => texts.push(text),
            None => output::complain(&format!(
                "passdown: {}: {}",
                files.main,
                nothing(&session, args)
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

/// Why there is nothing to hand over.
pub(super) fn nothing(session: &Session, args: &HandoffArgs) -> &'static str {
    match (args.since_compaction, score::compaction(session)) {
        (true, None) => "no compaction in this log",
        (true, Some(_)) => "nothing of what still counts was dropped by its last compaction",
        (false, _) => "nothing to hand over: no request and no work in it",
    }
}

/// What the arguments ask of a handoff.
///
/// # Errors
///
/// If the file of weights cannot be read, or is wrong; or if two levels of redaction contradict each other.
pub(super) fn options(args: &HandoffArgs) -> Result<Options, Error> {
    Ok(Options {
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
        lost: args.since_compaction,
        goal: args.goal.as_deref().and_then(Goal::new),
        weights: args.weights.read()?,
        redact: args.redaction.policy()?,
    })
}
