//! `passdown explain SESSION`: each line of a handoff, and what was left out.

use super::Outcome;
use super::args::{Format, HandoffArgs};
use super::{handoff, output};
use crate::discover::{self, Env};
use crate::error::Error;
use crate::explain::explain;
use crate::{pipeline, read, write};

pub(super) fn run(args: &HandoffArgs) -> Result<Outcome, Error> {
    let env = Env::from_system().only(args.of.agent);
    let rules = args.make.rules(&env)?;
    let found = discover::sessions(&args.sessions, &env)?;
    output::problems(&found.left_out);
    let reading = read::Options {
        mmap: args.mmap,
        ..read::Options::default()
    };
    let options = handoff::options(args)?;
    let json = matches!(args.format, Format::Json);
    let mut texts = Vec::new();
    for files in &found.sessions {
        let (session, problems) = pipeline::load(files, &reading)?;
        output::problems(&problems);
        let options = handoff::chained(args, &options, files, &session, &rules, &reading);
        match explain(&session, &rules, &options, json)? {
            Some(text) => texts.push(text),
            None => output::complain(&format!(
                "passdown: {}: {}",
                files.main,
                handoff::nothing(&session, args)
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
