//! `passdown check HANDOFF`: quality rules, freshness against the working tree, and the slots that the log behind it
//! has something for.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;

use super::Outcome;
use super::args::{Form, tokenizer};
use super::layered;
use super::output;
use crate::check::{self, Complaint, Options, document::Document};
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::hook::Store;
use crate::rubric::{Slot, State, rubric};
use crate::safety::Policy;
use crate::tokens::Tokenizer;
use crate::{pipeline, read, score};

/// The arguments of `passdown check`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// A handoff in Markdown, made by passdown or by hand; `-` for standard input; without one, the newest that the
    /// hooks wrote for this project.
    #[arg(value_name = "HANDOFF")]
    handoff: Option<OsString>,
    /// The most tokens that it may take; without it, any number.
    #[arg(long, value_name = "TOKENS")]
    budget: Option<u32>,
    /// Who counts tokens: `auto` is a safe estimate for the model of --model.
    #[arg(long, value_name = "auto|o200k|cl100k", default_value = "auto", value_parser = tokenizer)]
    tokenizer: Tokenizer,
    /// The model that is to read it, as claude-opus-4-6; without it, `auto` counts for the models that count most.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// The project's folder, to see what changed since; without it, the one that the handoff names, or this one.
    #[arg(long, value_name = "FOLDER")]
    tree: Option<PathBuf>,
    /// The text alone: no file of the project is looked at.
    #[arg(long, conflicts_with = "tree")]
    no_tree: bool,
    /// The session that it is of, a path or an id: what the log holds for each slot of its kind of work must be said.
    #[arg(long, value_name = "SESSION")]
    log: Option<OsString>,
    /// The format.
    #[arg(long, value_enum, default_value_t = Form::Plain)]
    format: Form,
}

#[derive(serde::Serialize)]
struct Report<'r> {
    schema_version: u32,
    handoff: &'r str,
    ok: bool,
    tree: Option<String>,
    complaints: &'r [Complaint],
    notes: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    slots: Option<&'r Slots>,
}

/// The slots of a kind of work.
#[derive(serde::Serialize)]
struct Slots {
    work: &'static str,
    filled: usize,
    absent: usize,
    missed: usize,
    each: Vec<Slot>,
}

pub(super) fn run(args: &CheckArgs) -> Result<Outcome, Error> {
    let (name, text, written) = read(args)?;
    let options = Options {
        budget: args.budget,
        tokenizer: args
            .model
            .as_deref()
            .map_or(args.tokenizer, |model| args.tokenizer.for_model(model)),
    };
    let mut complaints = check::quality(&text, options);
    let mut notes = Vec::new();
    let mut seen = None;
    if !args.no_tree {
        for folder in folders(args, &text)? {
            if let Some(fresh) = check::fresh(&text, &folder, written) {
                complaints.extend(fresh.complaints);
                notes = fresh.notes;
                seen = Some(folder.display().to_string());
                break;
            }
        }
        if seen.is_none() {
            notes.push(
                "freshness was not checked: no file that the handoff names is here; give --tree FOLDER".to_owned(),
            );
        }
    }
    let slots = args.log.as_ref().map(|log| slots(log, &text)).transpose()?;
    if let Some(slots) = &slots {
        complaints.extend(slots.each.iter().filter_map(Slot::complaint));
        notes.push(format!(
            "slots of {} work: {} filled, {} that the log holds nothing for, {} missed",
            slots.work, slots.filled, slots.absent, slots.missed
        ));
    }
    complaints.sort();
    let report = Report {
        schema_version: 1,
        handoff: &name,
        ok: complaints.is_empty(),
        tree: seen,
        complaints: &complaints,
        notes: &notes,
        slots: slots.as_ref(),
    };
    let text = match args.format {
        Form::Plain => plain(&report),
        Form::Json => serde_json::to_string_pretty(&report).unwrap_or_default() + "\n",
    };
    output::print_of_logs(&crate::safety::Gate::default().safe(&text))?;
    Ok(if complaints.is_empty() {
        Outcome::Done
    } else {
        Outcome::Nothing
    })
}

/// Holds `text` to the log of one session.
fn slots(log: &OsString, text: &str) -> Result<Slots, Error> {
    /// What is missing is named, not told.
    const MOST: usize = 80;
    let env = Env::from_system();
    let rules = layered::rules(&[], &env)?;
    let found = discover::sessions(&[log], &env)?;
    output::problems(&found.left_out);
    let [files] = found.sessions.as_slice() else {
        return Err(ErrorKind::Usage(format!(
            "--log: {} sessions; a handoff is held to one",
            found.sessions.len()
        ))
        .into());
    };
    let (session, problems) = pipeline::load(files, &read::Options::default())?;
    output::problems(&problems);
    let ledger = pipeline::ledger(&session, &rules);
    let mut gate = pipeline::gate(&session, Policy::default());
    let work = score::work(&ledger)
        .first()
        .map_or_else(Default::default, |(work, _)| *work);
    let mut each = rubric(text, &session, &ledger, work);
    for missing in each.iter_mut().flat_map(|slot| &mut slot.missing) {
        *missing = gate.line(missing, MOST);
    }
    let count = |state| each.iter().filter(|slot| slot.state == state).count();
    Ok(Slots {
        work: work.word(),
        filled: count(State::Filled),
        absent: count(State::Absent),
        missed: count(State::Missed),
        each,
    })
}

/// The name, the text, and when it was written.
fn read(args: &CheckArgs) -> Result<(String, String, Option<jiff::Timestamp>), Error> {
    let mut bytes = Vec::new();
    let mut written = None;
    let given = match &args.handoff {
        Some(handoff) => handoff.clone(),
        None => newest()?,
    };
    let name = if given == "-" {
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| Error::io("standard input", error))?;
        "standard input".to_owned()
    } else {
        let path = PathBuf::from(&given);
        bytes = std::fs::read(&path).map_err(|error| Error::io(&path, error))?;
        written = std::fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|time| jiff::Timestamp::try_from(time).ok());
        crate::safety::one_line(&path.display().to_string(), 400)
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        ErrorKind::Usage(format!(
            "{name}: not UTF-8 at byte {}",
            error.utf8_error().valid_up_to() + 1
        ))
    })?;
    if text.trim().is_empty() {
        return Err(
            ErrorKind::Usage(format!("{name}: empty, so there is no handoff to check")).into(),
        );
    }
    if text.trim_start().starts_with('{') {
        return Err(ErrorKind::Usage(format!(
            "{name}: JSON; check reads the Markdown of a handoff"
        ))
        .into());
    }
    Ok((name, text, written))
}

/// The newest handoff that the hooks wrote for this project.
fn newest() -> Result<OsString, Error> {
    let store = Store::of(&super::doctor::project(&Env::from_system()));
    let newest = store.list().into_iter().next().ok_or_else(|| {
        ErrorKind::Usage(format!(
            "no handoff in {}; name one, or let the hooks write them: `passdown install claude-code`",
            crate::safety::one_line(&store.folder().display().to_string(), 400)
        ))
    })?;
    Ok(newest.path.into_os_string())
}

/// The folders to look in, the likeliest first.
fn folders(args: &CheckArgs, text: &str) -> Result<Vec<PathBuf>, Error> {
    if let Some(tree) = &args.tree {
        return if tree.is_dir() {
            Ok(vec![tree.clone()])
        } else {
            Err(ErrorKind::Usage(format!(
                "{}: no folder; --tree takes the project's",
                tree.display()
            ))
            .into())
        };
    }
    let said = Document::new(text).folder().map(PathBuf::from);
    Ok(said
        .into_iter()
        .filter(|folder| folder.is_dir())
        .chain([PathBuf::from(".")])
        .collect())
}

fn plain(report: &Report<'_>) -> String {
    let mut out = String::new();
    for complaint in report.complaints {
        out.push_str(&format!(
            "{}:{}:{}: {}: {}\n    {}\n",
            report.handoff,
            complaint.line,
            complaint.column,
            complaint.rule,
            complaint.what,
            complaint.mend
        ));
    }
    for note in report.notes {
        out.push_str(&format!("note: {note}\n"));
    }
    out.push_str(&match (report.complaints.len(), &report.tree) {
        (0, Some(tree)) => format!("{}: good, and true of {tree}\n", report.handoff),
        (0, None) => format!("{}: good\n", report.handoff),
        (1, _) => "1 complaint\n".to_owned(),
        (count, _) => format!("{count} complaints\n"),
    });
    out
}
