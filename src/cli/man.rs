//! `passdown man`: the manual, from the help.

use std::fs;

use clap::CommandFactory;

use super::Outcome;
use super::args::{Args, ManArgs};
use super::output;
use crate::error::Error;

pub(super) fn run(args: &ManArgs) -> Result<Outcome, Error> {
    if let Some(folder) = &args.out {
        let fail = |error| Error::io(folder, error);
        fs::create_dir_all(folder).map_err(fail)?;
        clap_mangen::generate_to(Args::command(), folder).map_err(fail)?;
        return Ok(Outcome::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command())
        .render(&mut page)
        .map_err(|error| Error::io("manual", error))?;
    output::print(&String::from_utf8_lossy(&page))?;
    Ok(Outcome::Done)
}
