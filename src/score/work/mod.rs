//! The kind of work that a session did: scores from edits, the user's words and how the session went.
//!
//! That tests or linters ran separates nothing: 91 % of real sessions ran tests, 86 % a linter. What was edited and
//! what the user asked for decide.

mod signs;
mod words;

use crate::ledger::Ledger;
use signs::{DETECTORS, Signs};

/// A kind of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Building something.
    #[default]
    Code,
    /// Writing tests, or finding out why they fail.
    Testing,
    /// Writing for readers.
    Docs,
    /// Lint, types, clean-up, behaviour unchanged.
    Quality,
    /// Builds, pipelines, deployments.
    Infra,
    /// Deciding what to build.
    Planning,
}

impl Work {
    /// All kinds, the commonest first.
    pub const ALL: [Self; 6] = [
        Self::Code,
        Self::Testing,
        Self::Docs,
        Self::Quality,
        Self::Infra,
        Self::Planning,
    ];

    /// The word for it on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Testing => "testing",
            Self::Docs => "docs",
            Self::Quality => "quality",
            Self::Infra => "infra",
            Self::Planning => "planning",
        }
    }
}

/// The kinds with their scores, the highest first; the scores add up to one, or are all zero.
pub fn scores(ledger: &Ledger) -> Vec<(Work, f64)> {
    let signs = Signs::of(ledger);
    let mut score = [0.0f64; 6];
    for detector in DETECTORS {
        score[detector.work as usize] += detector.weight * (detector.sign)(&signs);
    }
    let sum: f64 = score.iter().sum();
    let mut scores: Vec<(Work, f64)> = Work::ALL
        .into_iter()
        .map(|work| {
            let share = score[work as usize] / if sum > 0.0 { sum } else { 1.0 };
            (work, share)
        })
        .collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::path::class;
    use crate::ledger::{Cite, FileState, Request, Uses};
    use crate::position::{FileId, Position};
    use crate::session::Via;

    fn cite() -> Cite {
        Cite {
            at: Position {
                file: FileId(0),
                line: 1,
            },
            uuid: None,
            time: None,
            tick: 1,
        }
    }

    /// A session that was asked `requests` and edited `files` as often as the number says, lines in and out.
    fn session(requests: &[&str], files: &[(&str, u32, u32, u32)]) -> Ledger {
        Ledger {
            requests: requests
                .iter()
                .map(|text| Request {
                    text: (*text).to_owned(),
                    via: Via::Typed,
                    cite: cite(),
                    turn: 0,
                    answered: true,
                })
                .collect(),
            files: files
                .iter()
                .map(|&(path, edits, added, removed)| FileState {
                    path: path.to_owned(),
                    class: class(path),
                    edits,
                    reads: 0,
                    created: false,
                    deleted: false,
                    added,
                    removed,
                    uncommitted: true,
                    pending: edits,
                    taken_back: 0,
                    uses: Uses::default(),
                    last: cite(),
                    changed: Vec::new(),
                    seen: Vec::new(),
                    defined: Vec::new(),
                    gone: Vec::new(),
                    made: None,
                    was: Vec::new(),
                })
                .collect(),
            ..Ledger::default()
        }
    }

    #[test]
    fn edits_and_words_decide() {
        for (requests, files, expected) in [
            (
                &["add a refund endpoint", "add tests for it", "run the tests"][..],
                &[
                    ("src/refund.go", 6, 90, 4),
                    ("src/refund_test.go", 4, 80, 0),
                ][..],
                Work::Code,
            ),
            (
                &["mise run lint fails"],
                &[("src/telemetry.go", 2, 2, 2)],
                Work::Quality,
            ),
            (
                &["we don't use `cart show` any more, remove it"],
                &[("src/cart.go", 3, 1, 40)],
                Work::Quality,
            ),
            (
                &["why is the refund test failing on main?"],
                &[("src/refund_test.go", 1, 2, 2)],
                Work::Testing,
            ),
            (&["debug: refunds of 0 crash"], &[], Work::Testing),
            (
                &["reword the install section"],
                &[("README.md", 1, 4, 4)],
                Work::Docs,
            ),
            (
                &["raise go everywhere to 1.25.6"],
                &[("mise.toml", 2, 2, 2), ("go.mod", 2, 2, 2)],
                Work::Infra,
            ),
            (
                &["write a specification first, no code yet"],
                &[("specs/refunds.md", 1, 80, 0)],
                Work::Planning,
            ),
            (
                &[
                    "how would you store refunds?",
                    "and with two currencies?",
                    "what if the shop is gone?",
                    "compare both options",
                    "let's take the second approach",
                    "put it into a file",
                ],
                &[("docs/architecture/refunds.md", 1, 60, 0)],
                Work::Planning,
            ),
            (
                &["/team:workflows:review"],
                &[("src/a.go", 1, 1, 1)],
                Work::Quality,
            ),
            (&[], &[], Work::Code),
        ] {
            let scores = scores(&session(requests, files));
            assert_eq!(scores[0].0, expected, "{requests:?}: {scores:?}");
            let sum: f64 = scores.iter().map(|(_, score)| score).sum();
            assert!(
                sum == 0.0 || (sum - 1.0).abs() < 1e-9,
                "{requests:?}: {sum}"
            );
        }
    }
}
