//! One session of a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::folder::Folder;
use super::{Done, Fate, Job, Options};
use crate::entry;
use crate::error::{Error, Problem};
use crate::pipeline;
use crate::rules::RuleSet;
use crate::write::Change;

/// Problems of one session that are told one by one: a log that is bad throughout has one problem, not thousands.
const TOLD: usize = 20;

/// Condenses the session of `job`. Whatever happens costs no other session.
pub(super) fn session(index: usize, job: &Job<'_>, rules: &RuleSet, options: &Options) -> Done {
    let mut done = Done {
        job: index,
        fate: Fate::NotWanted,
        entry: None,
        texts: Vec::new(),
        problems: Vec::new(),
    };
    if !options.select.fits_files(job.files) {
        return done;
    }
    // Nothing in the library panics by intent; if it does, this session is lost and the night's run is not.
    let worked = catch_unwind(AssertUnwindSafe(|| worked(job, rules, options, &mut done)));
    let failed = match worked {
        Ok(Ok(())) => return done,
        Ok(Err(error)) => error.to_string(),
        Err(_) => {
            "a mistake of this program stopped it; please report it with the log's shape".to_owned()
        }
    };
    fail(job, &mut done, &failed);
    done
}

/// Writes the handoffs of `job`.
pub(super) fn write(job: &Job<'_>, done: &mut Done, folder: &Folder) {
    for (format, text) in std::mem::take(&mut done.texts) {
        match folder.handoff(&job.name, format, &text) {
            Ok(Change::Written) => done.fate = Fate::Written,
            Ok(Change::Unchanged) => {}
            Err(error) => return fail(job, done, &error.to_string()),
        }
    }
}

/// The session is lost, and `why` is told.
fn fail(job: &Job<'_>, done: &mut Done, why: &str) {
    done.fate = Fate::Failed;
    done.entry = None;
    done.texts.clear();
    let path = job.files.main.to_string();
    let what = why
        .strip_prefix(&format!("{path}: "))
        .unwrap_or(why)
        .to_owned();
    done.problems.push(Problem {
        path,
        line: 0,
        column: 0,
        what,
    });
}

fn worked(job: &Job<'_>, rules: &RuleSet, options: &Options, done: &mut Done) -> Result<(), Error> {
    let (session, mut problems) = pipeline::load(job.files, &options.reading)?;
    if let Some(more) = problems.len().checked_sub(TOLD + 1) {
        problems.truncate(TOLD);
        problems.push(Problem {
            path: job.files.main.to_string(),
            line: 0,
            column: 0,
            what: format!("{} more lines with problems", more + 1),
        });
    }
    done.problems = problems;
    let Some(mut condensed) = pipeline::condense(&session, rules, &options.handoff)? else {
        done.fate = Fate::Nothing;
        return Ok(());
    };
    let entry = entry::make(&job.files.main.to_string(), &session, &mut condensed);
    if !options.select.fits(&entry.session) {
        return Ok(());
    }
    done.fate = Fate::Unchanged;
    for format in &options.formats {
        let text = condensed.text(*format, options.handoff.render)?;
        done.texts.push((*format, text));
    }
    done.entry = Some(entry);
    Ok(())
}
