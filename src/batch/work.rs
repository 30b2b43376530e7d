//! One session of a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::folder::Folder;
use super::{Done, Fate, Job, Options};
use crate::discover::SessionFiles;
use crate::entry::{self, Entry};
use crate::error::{Error, Problem};
use crate::pipeline::{self, Format};
use crate::write::Change;

/// Problems of one session that are told one by one: a log that is bad throughout has one problem, not thousands.
const TOLD: usize = 20;

/// How the names of files of a format end.
pub(super) fn ending(format: Format) -> &'static str {
    match format {
        Format::Markdown => "md",
        Format::Json => "json",
        Format::Prompt => "prompt.md",
        Format::Memory => "agents.md",
    }
}

/// Condenses the session of `job`. Whatever happens costs no other session.
pub(super) fn session(index: usize, job: &Job<'_>, options: &Options) -> Done {
    let mut done = Done {
        job: index,
        ..Done::default()
    };
    if !options.select.fits_files(job.files) {
        return done;
    }
    // Nothing in the library panics by intent; if it does, this session is lost and the night's run is not.
    let worked = catch_unwind(AssertUnwindSafe(|| worked(job, options, &mut done)));
    let failed = match worked {
        Ok(Ok(())) => return done,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a mistake of this program stopped it; please report it".to_owned(),
    };
    fail(job, &mut done, &failed);
    done
}

/// What a session comes to before its handoffs are written.
pub(super) fn fate(options: &Options, files: &SessionFiles, entry: Option<&Entry>) -> Fate {
    match entry {
        None => Fate::Nothing,
        Some(entry) if options.select.fits_files(files) && options.select.fits(&entry.session) => {
            Fate::Unchanged
        }
        Some(_) => Fate::NotWanted,
    }
}

/// Writes the handoffs of `job`, if they are wanted.
pub(super) fn write(job: &Job<'_>, done: &mut Done, folder: &Folder, formats: &[Format]) {
    if done.fate != Fate::Unchanged {
        return;
    }
    for (format, text) in &done.texts {
        if !formats.contains(format) {
            continue;
        }
        match folder.handoff(&job.name, *format, text) {
            Ok(Change::Written) => done.fate = Fate::Written,
            Ok(Change::Unchanged) => {}
            Err(error) => return fail(job, done, &error.to_string()),
        }
    }
}

/// The session is lost, and `why` is told.
fn fail(job: &Job<'_>, done: &mut Done, why: &str) {
    done.fate = Fate::Failed;
    done.read = false;
    done.entry = None;
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

fn worked(job: &Job<'_>, options: &Options, done: &mut Done) -> Result<(), Error> {
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
    if let Some(mut condensed) = pipeline::condense(&session, &options.rules, &options.handoff)? {
        let path = job.files.main.to_string();
        let costly = condensed.ledger.costly.iter().map(|what| Problem {
            path: path.clone(),
            line: 0,
            column: 0,
            what: what.clone(),
        });
        done.problems.extend(costly);
        let entry = entry::make(&path, &session, &mut condensed);
        // The store has the Markdown in any case: reports show it.
        let all = options.formats.iter().copied();
        let unasked = (!options.formats.contains(&Format::Markdown)).then_some(Format::Markdown);
        for format in all.chain(unasked.filter(|_| job.stamp.is_some())) {
            let text = condensed.text(format, options.handoff.render)?;
            done.texts.push((format, text));
        }
        done.entry = Some(entry);
    }
    done.read = true;
    done.fate = fate(options, job.files, done.entry.as_ref());
    Ok(())
}
