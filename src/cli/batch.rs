//! `passdown batch PATH… --out DIR`: many sessions.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use jiff::Timestamp;

use super::layered::places;
use super::progress::{Progress, ProgressMode};
use super::redaction::LevelArgs;
use super::selection::SelectionArgs;
use super::{Outcome, args, output};
use crate::batch::{self, Batch, Fate, Inputs, Select, Summary, Watching};
use crate::discover::{Agent, Env};
use crate::entry;
use crate::error::{Error, ErrorKind, Problem};
use crate::export;
use crate::pipeline::{self, Format};
use crate::read;
use crate::rules::InForce;
use crate::safety::{Level, Policy};
use crate::score::Work;
use crate::store::{self, Store};
use crate::tokens::Tokenizer;
use crate::when;

/// Days after which Claude Code deletes a log, where its settings do not say.
const KEPT_DAYS: u64 = 30;

/// How often folders are looked at that the system does not watch.
const POLL: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(super) struct BatchArgs {
    /// Transcripts, folders, session ids, patterns; `-` for a list of paths on standard input, one a line or ended by
    /// NUL; nothing for all that Claude Code keeps.
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// The folder that receives `handoffs/` and `sessions.ndjson`.
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    /// The format of the handoffs.
    #[arg(long, value_enum, default_value_t = Formats::Md)]
    format: Formats,
    /// The most tokens that each handoff may take.
    #[arg(long, value_name = "TOKENS", default_value_t = 2_000)]
    budget: u32,
    /// Who counts tokens: `auto` is a safe estimate for the Claude model of the session.
    #[arg(long, value_name = "auto|o200k|cl100k", default_value = "auto", value_parser = args::tokenizer)]
    tokenizer: Tokenizer,
    /// Only sessions that ended at this time or later: 7d, 12h, 2026-02-04, 2026-02-04T04:15:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Only sessions that began before this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
    /// Only sessions that began or ended in this folder, below it, or in one of this name; may be given more than once.
    #[arg(long, value_name = "FOLDER|NAME")]
    project: Vec<String>,
    /// Only sessions that ended on this branch; may be given more than once.
    #[arg(long, value_name = "NAME")]
    branch: Vec<String>,
    /// Only this kind of work; several with commas between them.
    #[arg(long = "type", value_name = "TYPE", value_parser = Work::ALL.map(Work::word), value_delimiter = ',')]
    work: Vec<String>,
    /// Only sessions in this state; several with commas between them.
    #[arg(long, value_name = "STATE", value_parser = ["green", "red", "blocked", "unverified"], value_delimiter = ',')]
    state: Vec<String>,
    /// Only sessions with as many tool calls.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    min_tools: u32,
    /// Only sessions whose log Claude Code will delete within this time, as 7d.
    #[arg(long, value_name = "TIME", value_parser = length)]
    expiring: Option<Duration>,
    /// The store: what is known of logs that were read before; without this, where the platform keeps such files.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Also write the store's tables to `tables/` in the folder, with the sessions of this run; several with commas
    /// between them.
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',')]
    export: Vec<Tables>,
    /// Read every log, and keep nothing for the next run.
    #[arg(long, conflicts_with_all = ["store", "export"])]
    no_store: bool,
    /// After that, keep all of it current as logs grow and new ones come; Ctrl-C ends it.
    #[arg(long, conflicts_with_all = ["expiring", "export"])]
    watch: bool,
    /// With --watch: look every so often, as 10s, where the system does not tell of changes, as in folders of another
    /// machine.
    #[arg(long, value_name = "TIME", value_parser = length, requires = "watch")]
    poll: Option<Duration>,
    #[command(flatten)]
    layers: args::LayerArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    redaction: LevelArgs,
    /// How progress is told: on a terminal, as JSON lines on standard error, or not at all.
    #[arg(long, value_enum, default_value_t = ProgressMode::Auto)]
    progress: ProgressMode,
}

/// The formats of handoffs that a batch writes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Formats {
    /// Markdown.
    Md,
    /// JSON.
    Json,
    /// One file of each.
    Both,
}

/// The formats of the store's tables as files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Tables {
    /// Comma-separated values, for spreadsheets.
    Csv,
    /// Apache Parquet, for DuckDB, pandas, Spark.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// The formats that are asked for, each once.
pub(super) fn formats(asked: &[Tables]) -> Vec<export::Format> {
    let mut formats = Vec::new();
    for tables in asked {
        let format = match tables {
            Tables::Csv => export::Format::Csv,
            #[cfg(feature = "parquet")]
            Tables::Parquet => export::Format::Parquet,
        };
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    formats
}

pub(super) fn run(args: &BatchArgs) -> Result<Outcome, Error> {
    let env = Env::from_system().only(whose(args));
    let options = options(args, &env)?;
    let stop = stop_on_signals()?;
    super::hush_panics();
    let inputs = inputs(args)?;
    let mut found = batch::inputs(&inputs, &env);
    let store = store(args, &mut found.left_out)?;
    let progress = Progress::new(args.progress);
    let mut batch = Batch::open(&options, store, &progress)?;
    let summary = batch.run(&found, &stop);
    progress.end(&summary);
    let outcome = outcome(&summary);
    output::print(&told(&summary, &args.out))?;
    if summary.stopped {
        output::complain(
            "passdown: interrupted; all that is written is whole: run the same command again to go on",
        );
    }
    let watched = args.watch && !summary.stopped && (outcome.is_some() || may_come(&inputs));
    if watched {
        let what = Watching {
            inputs: &inputs,
            env: &env,
            poll: args.poll.unwrap_or(POLL),
            events: args.poll.is_none(),
        };
        progress.watched(batch.watch(what, &found, &stop)?);
    }
    batch.end();
    match outcome {
        // It was asked to go on until it is stopped.
        _ if watched => Ok(Outcome::Done),
        Some(outcome) => Ok(outcome),
        None => Err(ErrorKind::NoSession(
            "no handoff could be written; the problems above say why".to_owned(),
        )
        .into()),
    }
}

/// Whether sessions may come where there is none yet: a path that is not there is rather a mistake.
fn may_come(inputs: &Inputs) -> bool {
    inputs.arguments.iter().any(|path| Path::new(path).is_dir())
}

/// Whose sessions are meant where none are named: only Claude Code deletes logs for their age.
fn whose(args: &BatchArgs) -> Option<Agent> {
    args.expiring.map(|_| Agent::Claude)
}

fn options(args: &BatchArgs, env: &Env) -> Result<batch::Options, Error> {
    let written_by = match args.expiring {
        Some(span) => Some(expiring(span, env)?),
        None => None,
    };
    Ok(batch::Options {
        out: args.out.clone(),
        formats: match args.format {
            Formats::Md => vec![Format::Markdown],
            Formats::Json => vec![Format::Json],
            Formats::Both => vec![Format::Markdown, Format::Json],
        },
        export: formats(&args.export),
        handoff: args.selection.apply(pipeline::Options {
            budget: args.budget,
            tokenizer: args.tokenizer,
            redact: policy(args)?,
            ..pipeline::Options::default()
        })?,
        reading: read::Options::default(),
        select: Select {
            since: args.since.map(entry::stamp),
            until: args.until.map(entry::stamp),
            projects: args
                .project
                .iter()
                .map(|name| absolute(name, env))
                .collect(),
            branches: args.branch.clone(),
            works: args.work.clone(),
            states: args.state.clone(),
            min_tools: args.min_tools,
            written_by,
        },
        rules: InForce::load(places(&args.layers.rules, env).read()?)?,
        program: program(),
        in_flight: batch::IN_FLIGHT,
    })
}

/// What must not leave; what is kept in a store is shown by others, who do not ask.
fn policy(args: &BatchArgs) -> Result<Policy, Error> {
    let policy = args.redaction.policy();
    if policy.level == Level::Off && !args.no_store {
        return Err(ErrorKind::Usage(
            "--redact off would leave secrets in the store; add --no-store".to_owned(),
        )
        .into());
    }
    Ok(policy)
}

/// The store, open; a problem if it is not to be had, and an error if it was asked for by name.
fn store(args: &BatchArgs, problems: &mut Vec<Problem>) -> Result<Option<Store>, Error> {
    let Some(path) = args.store.clone().or_else(store::default_path) else {
        if !args.export.is_empty() {
            return Err(ErrorKind::Usage(
                "this platform names no folder for data; give a file with --store".to_owned(),
            )
            .into());
        }
        return Ok(None);
    };
    if args.no_store {
        return Ok(None);
    }
    match Store::open(&path) {
        Ok((store, problem)) => {
            problems.extend(problem);
            Ok(Some(store))
        }
        Err(error) if args.store.is_some() || !args.export.is_empty() => Err(error),
        Err(error) => {
            output::complain(&format!("passdown: without the store: {error}"));
            Ok(None)
        }
    }
}

/// A number for this program: its version and, since rules and ranking change between versions too, its file.
fn program() -> u64 {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok();
    let built = file.map(|file| (file.len(), file.modified().ok()));
    xxhash_rust::xxh3::xxh3_64(format!("{} {built:?}", env!("CARGO_PKG_VERSION")).as_bytes())
}

/// A project as it is compared: what is written as a path and is one is meant from here.
pub(super) fn absolute(name: &str, env: &Env) -> String {
    let path = Path::new(name);
    let is_path = name == "." || name == ".." || name.contains(['/', '\\']);
    if !is_path || path.is_absolute() {
        return name.to_owned();
    }
    let path = env.cwd.join(path);
    path.canonicalize()
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

fn inputs(args: &BatchArgs) -> Result<Inputs, Error> {
    let mut inputs = Inputs::default();
    for path in &args.paths {
        if path == "-" {
            let mut list = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut list)
                .map_err(|error| Error::io("standard input", error))?;
            inputs.list = Some(list);
        } else {
            inputs.arguments.push(path.clone());
        }
    }
    Ok(inputs)
}

/// Set by Ctrl-C and by a request to end; a second Ctrl-C ends the process at once.
fn stop_on_signals() -> Result<Arc<AtomicBool>, Error> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    let set = || {
        signal_hook::flag::register_conditional_shutdown(SIGINT, 130, Arc::clone(&stop))?;
        signal_hook::flag::register(SIGINT, Arc::clone(&stop))?;
        signal_hook::flag::register(SIGTERM, Arc::clone(&stop))
    };
    set().map_err(|error: std::io::Error| Error::io("signals", error))?;
    // A file that becomes too large for a limit of the shell is a problem, and does not end the process.
    #[cfg(unix)]
    signal_hook::flag::register(libc::SIGXFSZ, Arc::default())
        .map_err(|error| Error::io("signals", error))?;
    Ok(stop)
}

/// What the exit code tells; none if all that was tried failed.
fn outcome(summary: &Summary) -> Option<Outcome> {
    if summary.stopped {
        return Some(Outcome::Stopped);
    }
    let stands = summary.count(Fate::Written) + summary.count(Fate::Unchanged);
    let failed =
        summary.count(Fate::Failed) > 0 || (summary.found == 0 && !summary.problems.is_empty());
    match (stands > 0, failed) {
        (true, _) => Some(Outcome::Done),
        (false, false) => Some(Outcome::Nothing),
        (false, true) => None,
    }
}

/// The summary, for a person.
fn told(summary: &Summary, out: &Path) -> String {
    let count = |fate| summary.count(fate);
    let mut text = format!("{} sessions\n", summary.found);
    let mut line = |number: usize, what: &str| {
        if number > 0 {
            text.push_str(&format!("{number:>7} {what}\n"));
        }
    };
    line(count(Fate::Written), "handoffs written");
    line(count(Fate::Unchanged), "handoffs unchanged");
    line(
        summary.known,
        "logs unchanged since they were read last, not read again",
    );
    line(count(Fate::Nothing), "with nothing to hand over");
    line(count(Fate::NotWanted), "not among those asked for");
    line(count(Fate::Failed), "that could not be read or written");
    line(
        summary.copies,
        "that repeat others: their messages are counted once",
    );
    line(summary.problems.len(), "problems");
    if !summary.states.is_empty() {
        let states: Vec<String> = summary
            .states
            .iter()
            .map(|(state, count)| format!("{state} {count}"))
            .collect();
        text.push_str(&format!("state: {}\n", states.join(", ")));
        text.push_str(&format!(
            "table: {}\n",
            crate::safety::clean(&out.join("sessions.ndjson").to_string_lossy())
        ));
    }
    text
}

/// A time. What is yesterday's is asked today: here, and nowhere below, the clock counts.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    when::moment(text, Timestamp::now())
}

fn length(text: &str) -> Result<Duration, String> {
    when::length(text).ok_or_else(|| "not a length of time; give 7d, 12h, 30m or 10s".to_owned())
}

/// When a log of Claude Code must have been written last to be deleted within `span`.
fn expiring(span: Duration, env: &Env) -> Result<SystemTime, Error> {
    let kept = Duration::from_secs(kept_days(env).unwrap_or(KEPT_DAYS) * 86_400);
    let latest = Timestamp::now()
        .checked_sub(kept)
        .and_then(|time| time.checked_add(span));
    latest
        .map(SystemTime::from)
        .map_err(|error| ErrorKind::Usage(format!("--expiring: {error}")).into())
}

/// The days that the settings of Claude Code keep logs for.
fn kept_days(env: &Env) -> Option<u64> {
    let root = match (&env.config_dir, &env.home) {
        (Some(root), _) => root.clone(),
        (None, Some(home)) => home.join(".claude"),
        (None, None) => return None,
    };
    let settings = std::fs::read(root.join("settings.json")).ok()?;
    let settings: serde_json::Value = serde_json::from_slice(&settings).ok()?;
    settings
        .get("cleanupPeriodDays")?
        .as_u64()
        .filter(|days| *days <= 36_500)
}
