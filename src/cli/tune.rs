//! `passdown tune PATH…`: weights that serve some sessions best, proved on others.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::eval::MeasureArgs;
use super::layered;
use super::{Outcome, output};
use crate::discover::{self, Env, SessionFiles};
use crate::error::Error;
use crate::eval::{self, Search, Tuned};
use crate::extract::words::counted;
use crate::score::Weight;
use crate::{pipeline, write};

#[derive(Debug, clap::Args)]
pub(super) struct TuneArgs {
    #[command(flatten)]
    measure: MeasureArgs,
    /// How many weights are tried at most.
    #[arg(long, value_name = "COUNT", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    trials: u32,
    /// The order in which they are tried; the same one gives the same weights.
    #[arg(long, value_name = "NUMBER", default_value_t = 7)]
    seed: u64,
    /// Write the weights to this file, for `--weights`, if they are better on the other half beyond noise.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write them even if they are not.
    #[arg(long, requires = "output")]
    anyway: bool,
}

pub(super) fn run(args: &TuneArgs) -> Result<Outcome, Error> {
    let env = Env::from_system();
    let rules = layered::rules(&args.measure.layers.rules, &env)?;
    let budgets = args.measure.budgets()?;
    let options = args.measure.selection.apply(pipeline::Options {
        tokenizer: args.measure.tokenizer,
        ..pipeline::Options::default()
    })?;
    let found = discover::sessions(&args.measure.paths, &env)?;
    output::problems(&found.left_out);
    let (fitted, proved): (Vec<SessionFiles>, Vec<SessionFiles>) = found
        .sessions
        .into_iter()
        .partition(|files| is_even(&files.id));
    let search = Search {
        rules: &rules,
        options: &options,
        budgets: &budgets,
        trials: args.trials as usize,
        seed: args.seed,
    };
    let tuned = eval::tune(&fitted, &proved, &search, |trial| {
        output::complain(&format!("trial {}: {:.4}", trial.number, trial.recall));
    });
    let Some(tuned) = tuned else {
        output::complain(&format!(
            "passdown: no cut to score on one of the halves, of {} and {}; give more sessions",
            counted(fitted.len(), "session"),
            counted(proved.len(), "session")
        ));
        return Ok(Outcome::Nothing);
    };
    output::print_of_logs(&text(&tuned, fitted.len()))?;
    let is_gain = tuned.gain.is_clear() && tuned.gain.mean > 0.0;
    if let Some(path) = &args.output {
        if !is_gain && !args.anyway {
            output::complain(&format!(
                "passdown: {}: not written: no gain beyond noise; --anyway writes it",
                path.display()
            ));
            return Ok(Outcome::Nothing);
        }
        write::whole(path, &file(&tuned))?;
    }
    Ok(if is_gain {
        Outcome::Done
    } else {
        Outcome::Nothing
    })
}

/// True of half of the ids, whatever they are: those whose SHA-256 is an even number.
fn is_even(id: &str) -> bool {
    Sha256::digest(id.as_bytes())
        .last()
        .is_some_and(|byte| byte % 2 == 0)
}

fn text(tuned: &Tuned, fitted: usize) -> String {
    let mut out = format!(
        "# Weights\n\nfitted to {} of {}: R {:.4} before, {:.4} after {}\n\n",
        counted(tuned.cuts, "cut"),
        counted(fitted, "session"),
        tuned.before.recall,
        tuned.best.recall,
        counted(tuned.trials, "trial")
    );
    out.push_str("| weight   |  usual |  tuned |\n| -------- | -----: | -----: |\n");
    for weight in &Weight::ALL {
        let (usual, tuned) = (
            weight.of(&tuned.before.weights),
            weight.of(&tuned.best.weights),
        );
        let mark = if usual == tuned { "" } else { " *" };
        out.push_str(&format!(
            "| {:<8} | {usual:>6.3} | {tuned:>6.3} |{mark}\n",
            weight.key
        ));
    }
    out.push_str(&format!(
        "\non the other half, over all budgets: {}\n\n",
        verdict(tuned)
    ));
    out + &eval::markdown(&tuned.report)
}

fn verdict(tuned: &Tuned) -> String {
    let gain = &tuned.gain;
    let interval = gain.ends.map_or_else(
        || " (one session: no interval)".to_owned(),
        |[low, high]| format!(" [{low:+.4}, {high:+.4}]"),
    );
    let word = match (gain.is_clear(), gain.mean > 0.0) {
        (true, true) => "a gain",
        (true, false) => "a loss",
        _ => "no gain beyond noise",
    };
    format!("{word}\nR {:+.4}{interval}", gain.mean)
}

/// The file of the weights, with what they were fitted to and what they proved.
fn file(tuned: &Tuned) -> String {
    let verdict = verdict(tuned).replace('\n', ": ");
    format!(
        "# Made by `passdown tune`: fitted to {}, {}.\n# On {} of other sessions, over all budgets: {verdict}.\n{}",
        counted(tuned.cuts, "cut"),
        counted(tuned.trials, "trial"),
        counted(tuned.report.cuts.len(), "cut"),
        tuned.best.weights.text()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_fall_into_halves_by_their_id() {
        // `printf %s a | sha256sum` ends in …8bb, of b in …09d, of d in …8e4.
        let even: Vec<&str> = ["a", "b", "d"]
            .into_iter()
            .filter(|id| is_even(id))
            .collect();
        assert_eq!(even, ["d"]);
    }
}
