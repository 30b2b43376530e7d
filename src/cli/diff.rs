//! `passdown diff A B`: what changed between two handoffs.

use std::path::PathBuf;

use super::Outcome;
use super::args::Form;
use super::output;
use crate::diff::{self, Diff, Said};
use crate::error::{Error, ErrorKind};
use crate::safety::{self, Gate};

/// The arguments of `passdown diff`.
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The earlier handoff: Markdown, or the JSON of passdown.
    #[arg(value_name = "A")]
    before: PathBuf,
    /// The later one.
    #[arg(value_name = "B")]
    after: PathBuf,
    /// The format.
    #[arg(long, value_enum, default_value_t = Form::Plain)]
    format: Form,
}

pub(super) fn run(args: &DiffArgs) -> Result<Outcome, Error> {
    let diff = diff::diff(&read(&args.before)?, &read(&args.after)?);
    let text = match args.format {
        Form::Plain => plain(&diff),
        Form::Json => {
            serde_json::to_string_pretty(&serde_json::json!({ "schema_version": 1, "diff": diff }))
                .unwrap_or_default()
                + "\n"
        }
    };
    output::print_of_logs(&Gate::default().safe(&text))?;
    Ok(Outcome::Done)
}

fn read(path: &PathBuf) -> Result<Vec<Said>, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
    diff::lines(&text).map_err(|what| {
        let path = safety::one_line(&path.display().to_string(), 400);
        ErrorKind::Usage(format!("{path}: {what}")).into()
    })
}

fn plain(diff: &Diff) -> String {
    let mut out = String::new();
    let mut section = |title: &str, said: &[Said]| {
        if !said.is_empty() {
            out.push_str(&format!("{title} ({})\n", said.len()));
        }
        for said in said {
            out.push_str(&format!("  {}: {}\n", said.part, said.text));
        }
    };
    section("resolved", &diff.resolved);
    section("new", &diff.new);
    section("still open", &diff.still_open);
    section("gone", &diff.gone);
    if !diff.changed.is_empty() {
        out.push_str(&format!("changed ({})\n", diff.changed.len()));
    }
    for changed in &diff.changed {
        out.push_str(&format!(
            "  {}: {}\n    now: {}\n",
            changed.part, changed.before, changed.after
        ));
    }
    if out.is_empty() {
        out.push_str("no difference\n");
    }
    out
}
