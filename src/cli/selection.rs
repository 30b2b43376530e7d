//! `--profile`, `--weights`, `--weight` and `--part`: what facts are worth, and how much of a handoff each part may take.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::error::Error;
use crate::pipeline::Options;
use crate::rules::unknown;
use crate::score::{Part, Weight, Weights};

/// What is worth how much.
#[derive(Debug, clap::Args)]
pub(super) struct SelectionArgs {
    /// The settings of this profile: debugging, docs, or one that a `passdown.toml` defines.
    // Read before the arguments are: it says what the others are where they are not given.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// What facts are worth, from a file as `passdown tune` writes it.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// What one kind of fact is worth, on top of that: files, names, commands, words, found, edited, named or spread.
    #[arg(long, value_name = "KIND=NUMBER", value_parser = weight)]
    weight: Vec<(Weight, f64)>,
    /// The most tokens of a part: status, approach, focus, done, environment or outcome; may be given for each.
    #[arg(long, value_name = "PART=TOKENS", value_parser = part)]
    part: Vec<(Part, u32)>,
}

impl SelectionArgs {
    /// `options` with the weights and the bounds of parts that are in force.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Io`], if the file of weights cannot be read, and as [`Weights::parse`].
    pub(super) fn apply(&self, options: Options) -> Result<Options, Error> {
        Ok(Options {
            weights: self.weights()?,
            parts: self.parts(),
            ..options
        })
    }

    fn weights(&self) -> Result<Weights, Error> {
        let weights = match &self.weights {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
                Weights::parse(&path.display().to_string(), &text)?
            }
            None => Weights::default(),
        };
        Ok(
            (self.weight.iter()).fold(weights, |weights, (weight, value)| {
                weight.set(weights, *value)
            }),
        )
    }

    fn parts(&self) -> BTreeMap<Part, u32> {
        self.part.iter().copied().collect()
    }
}

fn weight(text: &str) -> Result<(Weight, f64), String> {
    let (key, value) = pair(text)?;
    let weight = Weight::named(key)?;
    let given = weight.given(Weights::default(), value.parse().ok())?;
    Ok((weight, weight.of(&given)))
}

fn part(text: &str) -> Result<(Part, u32), String> {
    let (word, value) = pair(text)?;
    // The title is always there.
    let parts = &Part::ALL[1..];
    let words: Vec<&str> = parts.iter().map(|part| part.word()).collect();
    let part = parts
        .iter()
        .find(|part| part.word() == word)
        .ok_or_else(|| unknown("part", word, &words))?;
    let tokens = value
        .parse()
        .map_err(|_| format!("`{word}` takes a number of tokens"))?;
    Ok((*part, tokens))
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim(), value.trim()))
        .ok_or_else(|| "give it as a name and a number: name=1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_parts_are_pairs() {
        let (files, value) = weight("files=0.4").expect("a weight");
        assert_eq!((files.key, value), ("files", 0.4));
        assert_eq!(part("done = 150"), Ok((Part::Done, 150)));
        let wrong = |text: &str| weight(text).map(|_| ()).expect_err(text);
        assert!(wrong("file=1").contains("is `files` meant?"));
        assert!(wrong("files=1.5").contains("from 0 to 1"));
        assert!(wrong("files=nan").contains("from 0 to 1"));
        assert!(wrong("files").contains("name=1"));
        let wrong = |text: &str| part(text).expect_err(text);
        assert!(wrong("focu=1").contains("is `focus` meant?"));
        assert!(wrong("task=1").contains("unknown part `task`"));
        assert!(wrong("done=-1").contains("a number of tokens"));
    }
}
