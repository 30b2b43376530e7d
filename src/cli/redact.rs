//! `passdown redact FILE|-`: any text, without its secrets.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};

use clap::ValueEnum;

use super::redaction::RedactionArgs;
use super::{Outcome, output};
use crate::error::Error;
use crate::extract::words::counted;
use crate::read::{self, Source};
use crate::safety::{Filter, Redactor};

/// As much of standard input is read before any of it is given.
///
/// A file is read twice, so that a value is known before the place that names it; of a pipe that can be said only of what is held.
const HELD: u64 = 64 << 20;
/// How much is read at once.
const PIECE: usize = 1 << 18;

#[derive(Debug, clap::Args)]
pub(super) struct RedactArgs {
    /// Text of any kind, compressed or not; `-` is standard input. Without one, standard input.
    #[arg(value_name = "FILE|-")]
    files: Vec<OsString>,
    /// How what was redacted is counted on standard error.
    #[arg(long, value_enum, default_value_t = Counts::Text)]
    counts: Counts,
    #[command(flatten)]
    redaction: RedactionArgs,
}

/// How counts are told.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Counts {
    /// A line for each kind.
    Text,
    /// One line of JSON: for each kind the places and the different values.
    Json,
    /// Not at all.
    None,
}

pub(super) fn run(args: &RedactArgs) -> Result<Outcome, Error> {
    let mut sources: Vec<Source> = args.files.iter().map(source).collect();
    if sources.is_empty() {
        sources.push(Source::Stdin);
    }
    let mut redactor = args.redaction.policy().redactor();
    for source in &sources {
        if *source != Source::Stdin {
            each_piece(source, &mut Filter::new(&mut redactor), &mut io::sink())?;
        }
    }
    let mut places: BTreeMap<String, u64> = BTreeMap::new();
    let mut out = io::stdout().lock();
    for source in &sources {
        let found = match source {
            Source::Stdin => standard_input(&mut redactor, &mut out)?,
            Source::File(_) => whole(source, &mut redactor, &mut out)?,
        };
        for (kind, count) in found {
            *places.entry(kind).or_default() += count;
        }
    }
    out.flush().map_err(not_written)?;
    tell(args.counts, &places, &redactor.counts());
    Ok(Outcome::Done)
}

fn source(arg: &OsString) -> Source {
    if arg == OsStr::new("-") {
        Source::Stdin
    } else {
        Source::File(arg.into())
    }
}

fn not_written(error: io::Error) -> Error {
    Error::io("standard output", error)
}

/// Runs a source through `filter`, without the end.
fn each_piece(source: &Source, filter: &mut Filter<'_>, out: &mut dyn Write) -> Result<(), Error> {
    read::stream(source, |stream| pour(source, stream, filter, out))?
}

fn pour(
    source: &Source,
    stream: &mut dyn Read,
    filter: &mut Filter<'_>,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut piece = vec![0; PIECE];
    let mut ready = Vec::new();
    loop {
        let read = match stream.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io(source.to_string(), error)),
        };
        filter.push(piece.get(..read).unwrap_or_default(), &mut ready);
        out.write_all(&ready).map_err(not_written)?;
        ready.clear();
    }
}

/// Runs a source through the redactor, to its end.
fn whole(
    source: &Source,
    redactor: &mut Redactor,
    out: &mut dyn Write,
) -> Result<BTreeMap<String, u64>, Error> {
    let mut filter = Filter::new(redactor);
    each_piece(source, &mut filter, out)?;
    end(filter, out)
}

fn end(filter: Filter<'_>, out: &mut dyn Write) -> Result<BTreeMap<String, u64>, Error> {
    let mut rest = Vec::new();
    let places = filter.finish(&mut rest);
    out.write_all(&rest).map_err(not_written)?;
    Ok(places)
}

/// As [`whole`], with one reading: of a long input, values are known from the place that names them on.
fn standard_input(
    redactor: &mut Redactor,
    out: &mut dyn Write,
) -> Result<BTreeMap<String, u64>, Error> {
    let source = Source::Stdin;
    read::stream(&source, |stream| {
        let mut held = Vec::new();
        Read::take(&mut *stream, HELD)
            .read_to_end(&mut held)
            .map_err(|error| Error::io(source.to_string(), error))?;
        let mut known = Filter::new(redactor);
        known.push(&held, &mut Vec::new());
        known.finish(&mut Vec::new());
        let long = held.len() as u64 == HELD;
        let mut filter = Filter::new(redactor);
        let mut ready = Vec::new();
        filter.push(&held, &mut ready);
        drop(held);
        out.write_all(&ready).map_err(not_written)?;
        drop(ready);
        pour(&source, stream, &mut filter, out)?;
        let places = end(filter, out)?;
        if long {
            output::complain(&format!(
                "passdown: -: longer than {} MiB: behind those, a value is known only after the place that names it; give a file to have it read twice",
                HELD >> 20
            ));
        }
        Ok(places)
    })?
}

/// Says what was redacted.
fn tell(counts: Counts, places: &BTreeMap<String, u64>, values: &BTreeMap<&str, u32>) {
    let different = |kind: &str| values.get(kind).copied().unwrap_or_default();
    match counts {
        Counts::None => {}
        Counts::Text => {
            for (kind, &count) in places {
                let places = counted(count, "place");
                output::complain(&match different(kind) {
                    1 => format!("passdown: redacted {kind}: {places}"),
                    many => format!("passdown: redacted {kind}: {places}, {many} values"),
                });
            }
        }
        Counts::Json => {
            let told: serde_json::Map<String, serde_json::Value> = places
                .iter()
                .map(|(kind, &count)| {
                    let told = serde_json::json!({"places": count, "values": different(kind)});
                    (kind.clone(), told)
                })
                .collect();
            output::complain(&serde_json::json!({ "redacted": told }).to_string());
        }
    }
}
