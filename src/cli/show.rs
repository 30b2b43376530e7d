//! `passdown show SESSION[:L482]`: what stands behind a citation, or the timeline.

use super::Outcome;
use super::args::ShowArgs;
use super::output;
use super::terminal;
use crate::discover::{self, Env};
use crate::error::Error;
use crate::safety::Level;
use crate::{pipeline, read, show};

pub(super) fn run(args: &ShowArgs) -> Result<Outcome, Error> {
    let target = args.target.to_string_lossy();
    let env = Env::from_system();
    let policy = args.redaction.policy();
    let (name, citation) = show::split(&target);
    let found = discover::sessions(&[name], &env)?;
    let mut text = String::new();
    for files in &found.sessions {
        let (session, problems) = pipeline::load(files, &read::Options::default())?;
        output::problems(&problems);
        let mut gate = pipeline::gate(&session, policy);
        match &citation {
            Some(citation) => {
                text.push_str(&show::record(files, &session, &mut gate, citation)?);
            }
            None => {
                let columns = terminal::of_terminal().unwrap_or(usize::MAX);
                text.extend(show::rows(&session).map(|row| {
                    let line = row.line(&session, &mut gate);
                    terminal::fitted(line.trim_end(), columns) + "\n"
                }));
            }
        }
    }
    match policy.level {
        Level::Off => output::print(&text)?,
        _ => output::print_of_logs(&text)?,
    }
    Ok(Outcome::Done)
}
