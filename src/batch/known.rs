//! What is known of the sessions before any log is read.

use std::path::Path;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::{Job, Options};
use crate::discover::SessionFiles;
use crate::store::{Outcome, Stamp};

/// A log that the store knows as it is now.
#[derive(Clone, Copy)]
pub(super) struct Fresh {
    /// Its number in the store.
    pub(super) log: i64,
    pub(super) outcome: Outcome,
}

/// The jobs for `sessions`, in their order, by the names of their handoffs; with stamps if there is a store.
pub(super) fn jobs(sessions: &[SessionFiles], names: Vec<String>, stamped: bool) -> Vec<Job<'_>> {
    sessions
        .par_iter()
        .zip(names)
        .map(|(files, name)| Job {
            files,
            path: path(files.main.path().unwrap_or(Path::new("-"))),
            name,
            // Who cannot be read now is told when it is to be.
            stamp: Stamp::of(files).ok().flatten().filter(|_| stamped),
        })
        .collect()
}

/// A path as a text that no other path has.
fn path(path: &Path) -> String {
    match path.to_str() {
        Some(path) => path.to_owned(),
        None => format!(
            "{}#{:016x}",
            path.display(),
            xxh3_64(path.as_os_str().as_encoded_bytes())
        ),
    }
}

/// A number for all that decides what is made of a log: the program, its rules, and how handoffs are made.
pub(super) fn made_by(options: &Options) -> u64 {
    let layers = options.rules.layers();
    let how = format!("{} {:?} {layers:?}", options.program, options.handoff);
    xxh3_64(how.as_bytes())
}
