//! What facts are worth, as data: a file of weights, and the weights that hold without one.

use toml::de::{DeTable, DeValue};

use crate::error::{Error, ErrorKind};
use crate::position::line_column;
use crate::rules::unknown;

/// What facts are worth.
///
/// Only what the measure of `eval` can judge is here. What a decision, an
/// instruction or an open failure is worth is not: a measure of what is used
/// again would always find it too much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// All files together; with the three that follow, shares of a person who judges a handoff by what came next.
    pub files: f64,
    /// All identifiers together.
    pub names: f64,
    /// All commands together.
    pub commands: f64,
    /// All content words together.
    pub words: f64,
    /// A file that searches showed, against one that was opened.
    pub found: f64,
    /// A file that was edited, against one that was only read.
    pub edited: f64,
    /// A file that the open work names, against one that it does not.
    pub named: f64,
    /// How much a second use adds: facts are worth log2(1 + spread × weight).
    pub spread: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            files: 0.40,
            names: 0.30,
            commands: 0.20,
            words: 0.10,
            found: 0.6,
            edited: 2.0,
            named: 2.0,
            spread: 4.0,
        }
    }
}

/// One of the weights.
#[derive(Clone, Copy, Debug)]
pub struct Weight {
    /// Its key in files.
    pub key: &'static str,
    /// What it does, and why its value is what it is.
    pub why: &'static str,
    /// The largest value; the smallest is 0.
    pub most: f64,
    field: fn(&mut Weights) -> &mut f64,
}

impl Weight {
    /// All weights, in the order of files.
    pub const ALL: [Self; 8] = [
        Self {
            key: "files",
            why: "all files together, against the three that follow: the measure gives them 0.30, 0.20, 0.15 and 0.10, but words come with lines that stand anyway, so the others weigh more",
            most: 1.0,
            field: |weights| &mut weights.files,
        },
        Self {
            key: "names",
            why: "all identifiers together",
            most: 1.0,
            field: |weights| &mut weights.names,
        },
        Self {
            key: "commands",
            why: "all commands together",
            most: 1.0,
            field: |weights| &mut weights.commands,
        },
        Self {
            key: "words",
            why: "all content words of prompts and prose together",
            most: 1.0,
            field: |weights| &mut weights.words,
        },
        Self {
            key: "found",
            why: "a file that searches showed, against one that was opened: from 0.3 to 1 much the same, without them fewer of the files opened next are named",
            most: 100.0,
            field: |weights| &mut weights.found,
        },
        Self {
            key: "edited",
            why: "a file that was edited, against one that was only read: it is touched again twice as often",
            most: 100.0,
            field: |weights| &mut weights.edited,
        },
        Self {
            key: "named",
            why: "a file that the open work names: 2 and 3 do the same on real logs, and 6 no better",
            most: 100.0,
            field: |weights| &mut weights.named,
        },
        Self {
            key: "spread",
            why: "facts are worth log2(1 + spread x use): more keeps what is little used in play; tried from 1 to 4",
            most: 100.0,
            field: |weights| &mut weights.spread,
        },
    ];

    /// The weight of that key.
    ///
    /// # Errors
    ///
    /// What there is instead, in words.
    pub fn named(key: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|weight| weight.key == key);
        found.ok_or_else(|| unknown("weight", key, &Self::ALL.map(|weight| weight.key)))
    }

    /// `weights` with this value for it, if it is one; else what it takes, in words.
    ///
    /// # Errors
    ///
    /// For what is no number from 0 to [`Weight::most`].
    pub fn given(&self, weights: Weights, value: Option<f64>) -> Result<Weights, String> {
        match value {
            Some(value) if (0.0..=self.most).contains(&value) => Ok(self.set(weights, value)),
            _ => Err(format!(
                "`{}` takes a number from 0 to {}",
                self.key, self.most
            )),
        }
    }

    /// Its value.
    pub fn of(&self, weights: &Weights) -> f64 {
        let mut weights = *weights;
        *(self.field)(&mut weights)
    }

    /// `weights` with another value for it, at most [`Weight::most`].
    pub fn set(&self, mut weights: Weights, value: f64) -> Weights {
        *(self.field)(&mut weights) = value.clamp(0.0, self.most);
        weights
    }
}

impl Weights {
    /// The text of a file that gives these weights, each with what it does.
    pub fn text(&self) -> String {
        let mut out = String::from("[weights]\n");
        for weight in &Weight::ALL {
            out.push_str(&format!(
                "# {}\n{} = {:?}\n",
                weight.why,
                weight.key,
                weight.of(self)
            ));
        }
        out
    }

    /// Reads the text of such a file; a key that is not given has its usual value. `path` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], with all that is wrong, each with file, line and column: text that is no TOML, an unknown
    /// key, a value that is no number between 0 and the largest that its key takes.
    pub fn parse(path: &str, text: &str) -> Result<Self, Error> {
        let mut wrong: Vec<(usize, String)> = Vec::new();
        let mut weights = Self::default();
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().unwrap_or_default().start;
            wrong.push((at, error.message().trim().replace('\n', "; ")));
        }
        for (key, value) in table.get_ref() {
            match value.get_ref() {
                DeValue::Table(given) if key.get_ref() == "weights" => {
                    for (key, value) in given {
                        match read(key.get_ref(), value.get_ref(), weights) {
                            Ok(with) => weights = with,
                            Err((true, what)) => wrong.push((key.span().start, what)),
                            Err((false, what)) => wrong.push((value.span().start, what)),
                        }
                    }
                }
                _ => {
                    let what = format!(
                        "`{}` is not known here; weights stand in a table `[weights]`",
                        key.get_ref()
                    );
                    wrong.push((key.span().start, what));
                }
            }
        }
        if wrong.is_empty() {
            return Ok(weights);
        }
        wrong.sort();
        let messages: Vec<String> = wrong
            .into_iter()
            .map(|(at, what)| {
                let (line, column) = line_column(text, at);
                format!("{path}:{line}:{column}: {what}")
            })
            .collect();
        Err(ErrorKind::Usage(messages.join("\n")).into())
    }
}

/// `weights` with a key of a file; or what is wrong, and whether with the key.
fn read(key: &str, value: &DeValue<'_>, weights: Weights) -> Result<Weights, (bool, String)> {
    let weight = Weight::named(key).map_err(|what| (true, what))?;
    let number: Option<f64> = match value {
        DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
        DeValue::Integer(number) => number.as_str().replace('_', "").parse().ok(),
        _ => None,
    };
    weight.given(weights, number).map_err(|what| (false, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut weights = Weights::default();
        for (at, weight) in Weight::ALL.iter().enumerate() {
            weights = weight.set(weights, 0.1 + at as f64 / 10.0);
        }
        assert_ne!(weights, Weights::default());
        assert_eq!(
            Weights::parse("w", &weights.text()).expect("weights"),
            weights
        );
        let usual = Weights::parse("w", "").expect("no weights");
        assert_eq!(usual, Weights::default());
        let one = Weights::parse("w", "[weights]\nspread = 3\n").expect("a weight");
        assert_eq!(
            one,
            Weights {
                spread: 3.0,
                ..usual
            }
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let check = |text: &str, expected: &str| {
            let error = Weights::parse("w.toml", text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{error}");
        };
        check(
            "[weights]\nfile = 1\n",
            "w.toml:2:1: unknown weight `file`; is `files` meant? (allowed: `files`",
        );
        check(
            "[weights]\nfiles = 1.5\n",
            "w.toml:2:9: `files` takes a number from 0 to 1",
        );
        check("[weights]\nnamed = -1\n", "w.toml:2:9: `named` takes");
        check("[weights]\nnamed = nan\n", "w.toml:2:9: `named` takes");
        check("[weights]\nnamed = \"2\"\n", "w.toml:2:9: `named` takes");
        check(
            "files = 1\n",
            "w.toml:1:1: `files` is not known here; weights stand in",
        );
        check("[other]\n", "w.toml:1:2: `other` is not known here");
        check(
            "[weights]\nx = 1\ny = 1\n",
            "w.toml:2:1: unknown weight `x` (allowed: ",
        );
        let all = Weights::parse("w", "[weights]\nx = 1\nfiles = 2\n").expect_err("two");
        assert_eq!(all.to_string().lines().count(), 2);
        check("[weights\n", "w.toml:1:9: ");
    }
}
