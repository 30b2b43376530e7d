//! Checks: what verifies the work, with the history of its runs and its current state.

use super::{Cite, Scope};
use crate::extract::finding::{COMMIT_HOOK, CheckHit, Counts, Family, Verdict};

/// A check: one tool on one scope.
#[derive(Clone, Debug)]
pub struct Check {
    /// The tool, as `go test`.
    pub tool: String,
    /// What it verifies.
    pub family: Family,
    /// What it is run on.
    pub scope: Scope,
    /// What a runner ran for it, where the last run says so.
    pub through: Vec<Face>,
    /// The command of the last run, as it was written.
    pub command: String,
    /// Its runs, in order; never empty.
    pub runs: Vec<Run>,
}

/// A check that another one ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// The tool.
    pub tool: String,
    /// What it verifies.
    pub family: Family,
    /// What it was run on.
    pub scope: Scope,
}

/// One run of a check.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where its result stands.
    pub cite: Cite,
    /// What came of it.
    pub verdict: Verdict,
    /// Its numbers.
    pub counts: Counts,
    /// The summary line with the numbers.
    pub summary: Option<String>,
    /// True if some of it still ran.
    pub waits: bool,
    /// True if its output was searched for something else than failures.
    pub searched: bool,
    /// Fingerprints of the failures it showed, in order.
    pub failures: Vec<String>,
    /// Edits to code before it: the clock that tells whether it is out of date.
    pub edits_before: u32,
}

impl Check {
    /// The last run.
    pub fn last(&self) -> &Run {
        &self.runs[self.runs.len() - 1]
    }

    /// How many of its runs are known to have passed or failed: one behind `&&` may not have come about.
    pub fn told_runs(&self) -> usize {
        let told = |run: &&Run| run.verdict != Verdict::Unknown;
        self.runs.iter().filter(told).count()
    }

    /// The first run whose counts can be compared with the last: same numbers present.
    pub fn first_comparable(&self) -> Option<&Run> {
        let last = self.last();
        let first = self.runs.iter().find(|run| {
            (run.counts.passed.is_some() && last.counts.passed.is_some())
                || (run.counts.errors.is_some() && last.counts.errors.is_some())
                || (run.counts.warnings.is_some() && last.counts.warnings.is_some())
        })?;
        (first.cite.at != last.cite.at && first.counts != last.counts).then_some(first)
    }
}

/// All checks of a session, in the order of their first run.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    all: Vec<Check>,
}

impl Checks {
    /// The checks, in the order of their first run.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.all.iter()
    }

    pub(super) fn record(&mut self, hit: &CheckHit, command: &str, run: Run) -> usize {
        let scope = Scope::of(&hit.target);
        let known = self.all.iter().position(|check| {
            check.tool == hit.tool && check.family == hit.family && check.scope == scope
        });
        let index = known.unwrap_or_else(|| {
            self.all.push(Check {
                tool: hit.tool.clone(),
                family: hit.family,
                scope,
                through: Vec::new(),
                command: String::new(),
                runs: Vec::new(),
            });
            self.all.len() - 1
        });
        let check = &mut self.all[index];
        command.clone_into(&mut check.command);
        check.through = through(hit);
        check.runs.push(run);
        index
    }

    /// The check at `index`.
    pub fn get(&self, index: usize) -> &Check {
        &self.all[index]
    }

    /// The checks whose last run still tells something, newest first: a later run of a check that covers them
    /// supersedes the others, and so do two later runs of the same tool on anything.
    pub fn current(&self) -> Vec<&Check> {
        let mut current: Vec<&Check> = self
            .all
            .iter()
            // Hooks that let a commit through are told by the commit.
            .filter(|check| check.tool != COMMIT_HOOK || check.last().verdict == Verdict::Red)
            .filter(|check| {
                let last = &check.last().cite;
                !self.all.iter().any(|other| {
                    !std::ptr::eq(*check, other)
                        && after(&other.last().cite, last)
                        && other.last().verdict != Verdict::Unknown
                        && (other.covers(check) || other.compiles(check))
                })
            })
            .collect();
        current.sort_by(|a, b| {
            let (a, b) = (&a.last().cite, &b.last().cite);
            b.tick.cmp(&a.tick).then_with(|| b.at.cmp(&a.at))
        });
        current
    }

    /// The newest run of any check that verifies behaviour or form, with its check.
    pub fn newest(&self) -> Option<&Check> {
        self.current().into_iter().find(|check| {
            check.last().verdict != Verdict::Unknown
                && !matches!(check.family, Family::Run | Family::Deploy)
                && check.tool != COMMIT_HOOK
        })
    }
}

fn after(a: &Cite, b: &Cite) -> bool {
    (a.tick, a.at) > (b.tick, b.at)
}

/// What a runner ran for the check, with its scope.
pub(super) fn through(hit: &CheckHit) -> Vec<Face> {
    let faces = hit.through.iter();
    faces
        .map(|face| Face {
            tool: face.tool.clone(),
            family: face.family,
            scope: Scope::of(&face.target),
        })
        .collect()
}

impl Check {
    /// True if a run of this check says all that a run of `other` says.
    pub fn covers(&self, other: &Check) -> bool {
        self.faces().any(|(tool, family, scope)| {
            // What a runner ran beside its own task is known to have run where all went well.
            let ran = family == self.family || self.last().verdict == Verdict::Green;
            ran && family == other.family
                && other.faces().any(|(narrow, same, inner)| {
                    same == family && related(tool, narrow) && scope.covers(inner)
                })
        })
    }

    /// True if it runs all that `other` runs and more, as far as it says.
    pub fn is_wider_than(&self, other: &Check) -> bool {
        let suites = |check: &Check| check.last().counts.suites;
        self.family == other.family
            && !other.covers(self)
            && (self.covers(other) || suites(self) > suites(other).max(1))
    }

    /// True if what passes here was compiled for it, and with it all that `other` compiles.
    fn compiles(&self, other: &Check) -> bool {
        self.family == Family::Test
            && matches!(other.family, Family::Build | Family::Types)
            && self.last().verdict == Verdict::Green
            && self.has_compiled(&other.tool, &other.scope)
    }

    /// True if running its tests compiles what `tool` compiles on `scope`.
    pub(super) fn has_compiled(&self, tool: &str, scope: &Scope) -> bool {
        const COMPILED: &[&str] = &[
            "go", "cargo", "mix", "swift", "dotnet", "zig", "sbt", "stack",
        ];
        let program = |tool: &str| tool.split(' ').next().unwrap_or("").to_owned();
        self.faces().any(|(own, _, outer)| {
            COMPILED.contains(&program(own).as_str())
                && program(own) == program(tool)
                && outer.builds(scope)
        })
    }

    /// The checks it stands for: itself, and what a runner ran for it.
    fn faces(&self) -> impl Iterator<Item = (&str, Family, &Scope)> {
        let through = self
            .through
            .iter()
            .map(|face| (face.tool.as_str(), face.family, &face.scope));
        std::iter::once((self.tool.as_str(), self.family, &self.scope)).chain(through)
    }
}

/// Runners that run whatever the project set up.
const RUNNERS: &[&str] = &[
    "make",
    "mise",
    "just",
    "task",
    "rake",
    "tox",
    "nox",
    "pre-commit",
];

/// Words of tools of one ecosystem whose runners are npm and its like.
const SCRIPTS: &[&str] = &["npm", "pnpm", "yarn", "bun", "turbo", "nx"];
const SCRIPTED: &[&str] = &[
    "jest",
    "vitest",
    "mocha",
    "playwright",
    "node",
    "eslint",
    "tsc",
    "prettier",
    "biome",
    "next",
    "vite",
    "npm",
    "pnpm",
    "yarn",
    "bun",
];

/// True if a run of tool `a` may stand for one of tool `b`.
fn related(a: &str, b: &str) -> bool {
    let word = |tool: &str| tool.split(' ').next().unwrap_or("").to_owned();
    let (head, other) = (word(a), word(b));
    head == other
        || RUNNERS.contains(&head.as_str())
        || (SCRIPTS.contains(&head.as_str()) && SCRIPTED.contains(&other.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_stand_for_what_they_run() {
        assert!(related("mise run", "go test"));
        assert!(related("npm run", "vitest"));
        assert!(!related("npm run", "ruff"));
        assert!(!related("go test", "mise run"));
    }

    #[test]
    fn a_runner_covers_what_it_ran() {
        let run = |verdict| Run {
            cite: crate::ledger::Cite {
                at: crate::position::Position::main(1),
                uuid: None,
                time: None,
                tick: 0,
            },
            verdict,
            counts: Counts::default(),
            summary: None,
            waits: false,
            searched: false,
            failures: Vec::new(),
            edits_before: 0,
        };
        let check = |tool: &str, family, target: &str, through: Option<(&str, &str)>| Check {
            tool: tool.to_owned(),
            family,
            scope: Scope::of(target),
            through: through
                .map(|(tool, target)| Face {
                    tool: tool.to_owned(),
                    family,
                    scope: Scope::of(target),
                })
                .into_iter()
                .collect(),
            command: String::new(),
            runs: vec![run(Verdict::Green)],
        };
        let ci = check(
            "mise run test",
            Family::Test,
            ":ci",
            Some(("go test", "./...")),
        );
        let one = check("go test", Family::Test, "./cmd -run TestA", None);
        let unit = check(
            "mise run test",
            Family::Test,
            ":unit",
            Some(("go test", "./cmd")),
        );
        let build = check("go build", Family::Build, "./cmd", None);
        assert!(ci.covers(&one) && ci.covers(&unit) && ci.compiles(&build));
        assert!(!unit.covers(&ci) && !one.covers(&unit));
        // Whatever is chosen by name, the package is compiled for it; another is not.
        let other = check("go test", Family::Test, "./other -run TestA", None);
        assert!(one.compiles(&build) && !other.compiles(&build));
        assert!(ci.is_wider_than(&one) && !one.is_wider_than(&ci) && !ci.is_wider_than(&ci));
        // A runner that says nothing of what it ran covers its own task alone.
        let silent = check("mise run test", Family::Test, ":ci", None);
        assert!(!silent.covers(&one) && silent.covers(&silent));
    }
}
