//! The kind of work that a session did: scores from edits, commands and the user's words.
//!
//! That tests or linters ran separates nothing: 91 % of real sessions ran tests, 86 % a linter. What was edited and
//! what the user asked for decide.

use crate::extract::finding::{Family, Verdict};
use crate::extract::path::Class;
use crate::extract::words::content;
use crate::ledger::Ledger;

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

/// Words of prompts that speak for a kind of work, in lower case.
const SPEAKING: &[(Work, &[&str])] = &[
    (
        Work::Code,
        &[
            "add",
            "implement",
            "support",
            "endpoint",
            "feature",
            "build",
            "create",
            "command",
            "flag",
        ],
    ),
    (
        Work::Testing,
        &[
            "fail",
            "fails",
            "failing",
            "failed",
            "flaky",
            "debug",
            "reproduce",
            "test",
            "tests",
            "testing",
            "coverage",
            "bug",
            "panic",
            "crash",
            "error",
        ],
    ),
    (
        Work::Docs,
        &[
            "document",
            "documentation",
            "readme",
            "guide",
            "docs",
            "changelog",
            "tutorial",
            "docstring",
            "wording",
        ],
    ),
    (
        Work::Quality,
        &[
            "lint",
            "linter",
            "refactor",
            "cleanup",
            "clean",
            "simplify",
            "rename",
            "types",
            "typing",
            "dedupe",
            "duplication",
            "review",
        ],
    ),
    (
        Work::Infra,
        &[
            "deploy",
            "docker",
            "pipeline",
            "workflow",
            "terraform",
            "kubernetes",
            "helm",
            "ansible",
            "release",
            "infrastructure",
            "actions",
            "container",
        ],
    ),
    (
        Work::Planning,
        &[
            "plan",
            "design",
            "architecture",
            "brainstorm",
            "discuss",
            "options",
            "proposal",
            "approach",
            "research",
            "compare",
        ],
    ),
];

/// The kinds with their scores, the highest first; the scores add up to one, or are all zero.
pub fn scores(ledger: &Ledger) -> Vec<(Work, f64)> {
    let mut score = [0.0f64; 6];
    let mut add = |work: Work, by: f64| score[work as usize] += by;
    let edited = || ledger.files.iter().filter(|file| file.edits > 0);
    let edits: f64 = edited().map(|file| f64::from(file.edits)).sum();
    let share = |class: Class| {
        let of_class: f64 = edited()
            .filter(|file| file.class == class)
            .map(|file| f64::from(file.edits))
            .sum();
        if edits > 0.0 { of_class / edits } else { 0.0 }
    };
    if edits > 0.0 {
        add(
            Work::Code,
            3.0 * share(Class::Code) + 0.5 * share(Class::Config),
        );
        add(Work::Testing, 2.5 * share(Class::Test));
        add(Work::Docs, 3.5 * share(Class::Docs));
        add(Work::Infra, 4.0 * share(Class::Infra));
    } else {
        add(Work::Planning, 2.0);
    }
    if edits > 0.0 && share(Class::Docs) > 0.6 && ledger.plan.is_some() {
        add(Work::Planning, 3.0);
    }
    if ledger.plan.is_some() {
        add(Work::Planning, if edits > 20.0 { 0.2 } else { 1.5 });
    }
    let runs: Vec<_> = ledger
        .checks
        .iter()
        .filter(|check| check.family == Family::Test)
        .flat_map(|check| &check.runs)
        .collect();
    let red = runs
        .iter()
        .filter(|run| run.verdict == Verdict::Red)
        .count();
    if runs.len() >= 3 && red * 5 >= runs.len() * 2 {
        add(Work::Testing, 1.5);
    }
    let deploys = ledger
        .checks
        .iter()
        .filter(|check| matches!(check.family, Family::Ci | Family::Deploy))
        .map(|check| check.runs.len())
        .sum::<usize>();
    add(Work::Infra, (deploys as f64 / 4.0).min(1.5));
    // Small edits over many files that follow a linter's output.
    let lint: usize = ledger
        .checks
        .iter()
        .filter(|check| matches!(check.family, Family::Lint | Family::Types))
        .map(|check| check.runs.len())
        .sum();
    if lint > runs.len() && edits > 0.0 {
        add(Work::Quality, 1.0);
    }
    // The words of the latest prompts weigh most.
    let mut weight = 1.0;
    let mut spoken = [0.0f64; 6];
    for request in ledger.requests.iter().rev().take(12) {
        let words: Vec<String> = content(&request.text).take(200).collect();
        for (work, speaking) in SPEAKING {
            if words.iter().any(|word| speaking.contains(&word.as_str())) {
                spoken[*work as usize] += weight;
            }
        }
        weight *= 0.85;
    }
    let most: f64 = spoken.iter().sum::<f64>().max(1.0);
    for work in Work::ALL {
        score[work as usize] += 2.5 * spoken[work as usize] / most;
    }
    let sum: f64 = score.iter().sum();
    let mut scores: Vec<(Work, f64)> = Work::ALL
        .into_iter()
        .map(|work| {
            (
                work,
                if sum > 0.0 {
                    score[work as usize] / sum
                } else {
                    0.0
                },
            )
        })
        .collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    scores
}
