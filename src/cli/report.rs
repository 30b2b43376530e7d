//! `passdown report`: what many sessions tell together.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::batch::{Tables, absolute, formats, moment};
use super::{Outcome, output};
use crate::discover::Env;
use crate::entry;
use crate::error::{Error, ErrorKind};
use crate::export::{self, Table, Which};
use crate::pipeline;
use crate::report::{self, Rollup, Scope};
use crate::safety::Gate;
use crate::store::{self, Store};
use crate::tokens::Tokenizer;
use crate::write;

#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// Only sessions that began or ended in this folder, below it, or in one of this name; may be given more than once.
    #[arg(long, value_name = "FOLDER|NAME")]
    project: Vec<String>,
    /// Only sessions that ended at this time or later: 7d, 12h, 2026-02-04, 2026-02-04T04:15:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// The most tokens that the report may take.
    #[arg(long, value_name = "TOKENS", default_value_t = 3_000)]
    budget: u32,
    /// As JSON, with all there is.
    #[arg(long, conflicts_with = "budget")]
    json: bool,
    /// Write one self-contained page to this file: charts, a table to sort and search, each session with its handoff
    /// and the records that it cites.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["budget", "json"])]
    html: Option<PathBuf>,
    /// Write the store's tables, with these sessions, to the folder of `--out`; several with commas between them.
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',', requires = "out", conflicts_with_all = ["budget", "json", "html"])]
    export: Vec<Tables>,
    /// The folder that receives the tables.
    #[arg(long, short, value_name = "DIR", requires = "export")]
    out: Option<PathBuf>,
    /// The store that `passdown batch` made; without this, where the platform keeps such files.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

pub(super) fn run(args: &ReportArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let path = args
        .store
        .clone()
        .or_else(store::default_path)
        .ok_or_else(|| {
            ErrorKind::Usage(
                "this platform names no folder for data; give a file with --store".to_owned(),
            )
        })?;
    let store = Store::open_to_read(&path)?;
    let scope = Scope {
        projects: (args.project.iter())
            .map(|name| absolute(name, &env))
            .collect(),
        since: args.since.map(entry::stamp),
    };
    if let Some(folder) = &args.out {
        return tables(&store, &scope, folder, &formats(&args.export));
    }
    let (rollup, sessions) = report::gather(&store, &scope)?;
    if sessions.is_empty() {
        output::complain(&format!(
            "passdown: {}: no session of that project and time; `passdown batch` adds what is new",
            path.display()
        ));
        return Ok(Outcome::Nothing);
    }
    let Some(file) = &args.html else {
        output::print(&checked(text(&rollup, args))?)?;
        return Ok(Outcome::Done);
    };
    let page = report::html(&store, &rollup, &sessions, report::MOST_BYTES)?;
    let bytes = page.text.len();
    write::whole(file, &page.text)?;
    output::complain(&format!(
        "passdown: {}: {} sessions, {:.1} MB",
        file.display(),
        sessions.len(),
        bytes as f64 / 1e6
    ));
    if page.withheld > 0 {
        output::complain(&format!(
            "passdown: the handoffs of {} sessions were left out: something in them has the shape of a secret",
            page.withheld
        ));
    }
    if page.rows_only > 0 {
        output::complain(&format!(
            "passdown: the handoffs of the {} newest are in it; --since or --project make room for others",
            page.whole
        ));
    }
    Ok(Outcome::Done)
}

/// Writes the tables, of the sessions in scope; of nothing, where there is none.
fn tables(
    store: &Store,
    scope: &Scope,
    folder: &Path,
    formats: &[export::Format],
) -> Result<Outcome, Error> {
    let which = Which {
        logs: report::logs(store, scope)?,
        // What belongs to no session belongs to no project either.
        without_log: scope.is_all(),
    };
    export::write(store.path(), &which, folder, formats)?;
    output::complain(&format!(
        "passdown: {}: {} files, {} logs",
        folder.display(),
        Table::all().len() * formats.len(),
        which.logs.len()
    ));
    Ok(Outcome::Done)
}

fn text(rollup: &Rollup, args: &ReportArgs) -> String {
    if args.json {
        // A rollup is strings and numbers: it has a JSON form.
        let mut text = serde_json::to_string_pretty(rollup).unwrap_or_default();
        text.push('\n');
        return text;
    }
    let tokenizer = Tokenizer::default();
    report::markdown(rollup, args.budget, |text| tokenizer.most(text))
}

/// The finished text, if nothing in it has the shape of a secret.
fn checked(text: String) -> Result<String, Error> {
    Gate::default()
        .second_look(&text)
        .map_err(|kinds| pipeline::unsafe_text("the report", kinds))?;
    Ok(text)
}
