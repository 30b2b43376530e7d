//! `passdown eval PATH…`: how much of what came next a handoff would have carried.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args::{LayerArgs, tokenizer};
use super::layered;
use super::selection::SelectionArgs;
use super::{Outcome, output};
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::eval::{self, Maker, Measured, Options, Report};
use crate::extract::words::counted;
use crate::rules::InForce;
use crate::safety;
use crate::tokens::Tokenizer;
use crate::{pipeline, render};

/// What is measured, and with what.
#[derive(Debug, clap::Args)]
pub(super) struct MeasureArgs {
    /// Transcripts, or folders of transcripts.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<OsString>,
    /// The budgets in tokens.
    #[arg(
        long,
        value_name = "TOKENS,…",
        value_delimiter = ',',
        default_value = "500,1000,2000"
    )]
    budgets: Vec<u32>,
    /// Who counts the tokens of handoffs: `auto` is a safe estimate for the Claude model of the session.
    #[arg(long, value_name = "auto|o200k|cl100k", default_value = "auto", value_parser = tokenizer)]
    pub(super) tokenizer: Tokenizer,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct EvalArgs {
    #[command(flatten)]
    measure: MeasureArgs,
    /// Two rule files, each on top of the others: what the second does better than the first, on the same cuts; `-` for no file.
    #[arg(long, num_args = 2, value_names = ["RULES_A", "RULES_B"])]
    compare: Option<Vec<PathBuf>>,
    /// List for each cut what the rest used and the handoff of the largest budget lacks, so many facts of each.
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "5", default_value_t = 0, hide_default_value = true)]
    missed: usize,
    /// The format.
    #[arg(long, value_enum, default_value_t = EvalFormat::Md)]
    format: EvalFormat,
    /// Handoffs without the places in the log.
    #[arg(long)]
    no_cite: bool,
    /// Score this text instead of handoffs.
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "compare")]
    text: Option<PathBuf>,
}

/// A format of scores.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum EvalFormat {
    /// Tables for people.
    Md,
    /// JSON, with every cut.
    Json,
}

/// What a handoff is called in tables.
const OWN: &str = "passdown";

pub(super) fn run(args: &EvalArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let found = discover::sessions(&args.measure.paths, &env)?;
    output::problems(&found.left_out);
    let options = Options {
        budgets: args.measure.budgets()?,
        baselines: true,
        missed: args.missed,
    };
    let handoff = args.measure.selection.apply(pipeline::Options {
        tokenizer: args.measure.tokenizer,
        render: render::Options {
            cite: !args.no_cite,
            as_of: None,
        },
        ..pipeline::Options::default()
    })?;
    let measured = match (&args.compare, &args.text) {
        (Some(files), _) => {
            let rules = files.iter().map(|file| with(file, args, &env));
            let rules: Vec<InForce> = rules.collect::<Result<_, _>>()?;
            let makers: Vec<(&str, Maker<'_>)> = (["A", "B"].into_iter().zip(&rules))
                .map(|(name, rules)| (name, of(rules, &handoff)))
                .collect();
            eval::measure(&found.sessions, &makers, &options)
        }
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).map_err(|error| Error::io(file, error))?;
            eval::measure(&found.sessions, &[("text", Maker::Text(&text))], &options)
        }
        (None, None) => {
            let rules = layered::rules(&args.measure.layers.rules, &env)?;
            eval::measure(&found.sessions, &[(OWN, of(&rules, &handoff))], &options)
        }
    };
    tell(args, &measured)
}

impl MeasureArgs {
    /// The budgets, the smallest first and each once.
    pub(super) fn budgets(&self) -> Result<Vec<u32>, Error> {
        let mut budgets = self.budgets.clone();
        budgets.sort_unstable();
        budgets.dedup();
        match budgets.first() {
            Some(0) | None => Err(ErrorKind::Usage(
                "a budget of 0 tokens holds nothing; give budgets as 500,1000,2000".to_owned(),
            )
            .into()),
            Some(_) => Ok(budgets),
        }
    }
}

fn of<'a>(rules: &'a InForce, options: &'a pipeline::Options) -> Maker<'a> {
    Maker::Handoff { rules, options }
}

/// The rules in force with one more file on top.
fn with(file: &Path, args: &EvalArgs, env: &Env) -> Result<InForce, Error> {
    let mut given = args.measure.layers.rules.clone();
    if file != Path::new("-") {
        // The last one given counts first.
        given.push(file.to_owned());
    }
    layered::rules(&given, env)
}

fn tell(args: &EvalArgs, measured: &[Measured]) -> Result<Outcome, Error> {
    let problems: Vec<_> = measured
        .iter()
        .flat_map(|it| it.problems.iter().cloned())
        .collect();
    output::problems(&problems);
    let compare = args.compare.as_ref().map(|_| ["A", "B"]);
    let report = Report::new(measured, compare);
    if report.cuts.is_empty() {
        output::complain(&format!(
            "passdown: no cut to score in {}: it takes a compaction or 60 tool calls, and 15 calls on both sides",
            counted(report.sessions, "session")
        ));
        return Ok(Outcome::Nothing);
    }
    let text = match args.format {
        EvalFormat::Json => {
            // Strings and numbers: it has a JSON form.
            serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
        }
        EvalFormat::Md => legend(args) + &eval::markdown(&report),
    };
    output::print_of_logs(&text)?;
    if report.without_cut > 0 {
        output::complain(&format!(
            "passdown: no cut to score in {} of {}",
            report.without_cut,
            counted(report.sessions, "session")
        ));
    }
    Ok(Outcome::Done)
}

/// Which rules `A` and `B` are.
fn legend(args: &EvalArgs) -> String {
    const WIDTH: usize = 70;
    let Some([a, b]) = args.compare.as_deref() else {
        return String::new();
    };
    let name = |file: &Path| match file.to_str() {
        Some("-") => "the rules in force".to_owned(),
        _ => safety::one_line(&file.display().to_string(), WIDTH),
    };
    format!("A: {}\nB: {}\n\n", name(a), name(b))
}
