//! Checks: what verifies the work, with the history of its runs and its current state.

use super::Cite;
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
    /// The tool that a runner ran for it, and on what, where the last run says so.
    pub through: Option<(String, Scope)>,
    /// The command of the last run, as it was written.
    pub command: String,
    /// Its runs, in order; never empty.
    pub runs: Vec<Run>,
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
                through: None,
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
pub(super) fn through(hit: &CheckHit) -> Option<(String, Scope)> {
    let (tool, target) = hit.through.as_ref()?;
    Some((tool.clone(), Scope::of(target)))
}

impl Check {
    /// True if a run of this check says all that a run of `other` says.
    pub fn covers(&self, other: &Check) -> bool {
        self.family == other.family
            && self.faces().any(|(tool, scope)| {
                other
                    .faces()
                    .any(|(narrow, inner)| related(tool, narrow) && scope.covers(inner))
            })
    }

    /// True if what passes here was compiled for it, and with it all that `other` compiles.
    fn compiles(&self, other: &Check) -> bool {
        const COMPILED: &[&str] = &[
            "go", "cargo", "mix", "swift", "dotnet", "zig", "sbt", "stack",
        ];
        let program = |tool: &str| tool.split(' ').next().unwrap_or("").to_owned();
        self.family == Family::Test
            && matches!(other.family, Family::Build | Family::Types)
            && self.last().verdict == Verdict::Green
            && self.faces().any(|(tool, scope)| {
                COMPILED.contains(&program(tool).as_str())
                    && program(tool) == program(&other.tool)
                    && scope.covers(&other.scope)
            })
    }

    /// The tools and scopes it stands for: its own, and what a runner ran for it.
    fn faces(&self) -> impl Iterator<Item = (&str, &Scope)> {
        let through = self
            .through
            .as_ref()
            .map(|(tool, scope)| (tool.as_str(), scope));
        std::iter::once((self.tool.as_str(), &self.scope)).chain(through)
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

/// What a check is run on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Paths or packages; empty for all.
    pub paths: Vec<String>,
    /// A filter by name.
    pub filter: Option<String>,
    /// Build tags, without which what they guard is not there.
    pub tags: Option<String>,
}

/// Options of test runners that choose tests by name and take a value.
const FILTERS: &[&str] = &[
    "-run",
    "-k",
    "-t",
    "--filter",
    "--grep",
    "-g",
    "--testNamePattern",
    "--tests",
    "-Dtest",
    "-m",
    "--example",
    "-e",
    "--only-testing",
];

impl Scope {
    /// The scope that `target` names: the arguments of the check as one line.
    pub fn of(target: &str) -> Self {
        let mut scope = Self::default();
        let mut words = target.split_whitespace();
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) if option.starts_with('-') => (option, Some(value)),
                _ => (word, None),
            };
            if option == "-tags" {
                scope.tags = value.or_else(|| words.next()).map(str::to_owned);
            } else if FILTERS.contains(&option) {
                let value = value.or_else(|| words.next()).unwrap_or("");
                scope.filter = Some(value.trim_matches(['\'', '"', '^', '$']).to_owned());
            } else if let Some((file, test)) = word.split_once("::") {
                scope.paths.push(path(file));
                scope.filter = Some(test.to_owned());
            } else if !word.starts_with('-') && !word.bytes().all(|b| b.is_ascii_digit()) {
                scope.paths.push(path(word));
            }
        }
        scope.paths.retain(|path| !path.is_empty());
        scope.paths.sort();
        scope.paths.dedup();
        scope
    }

    /// True if it leaves nothing out.
    pub fn is_all(&self) -> bool {
        self.paths.is_empty() && self.filter.is_none()
    }

    /// True if everything in `other` is in this scope too.
    pub fn covers(&self, other: &Self) -> bool {
        let named = self.filter.is_none() || self.filter == other.filter;
        let placed = self.paths.is_empty()
            || (!other.paths.is_empty()
                && other
                    .paths
                    .iter()
                    .all(|inner| self.paths.iter().any(|outer| under(inner, outer))));
        let tagged = other.tags.is_none() || self.tags == other.tags;
        named && placed && tagged
    }

    /// True if the file at `path` lies in this scope.
    pub fn holds(&self, file: &str) -> bool {
        self.paths.is_empty()
            || self
                .paths
                .iter()
                .any(|outer| under(file, outer) || outer.ends_with(file))
    }
}

/// A path or package of a scope; empty for all of it.
fn path(word: &str) -> String {
    let word = word.trim_matches(['\'', '"']);
    let word = word.strip_prefix("./").unwrap_or(word);
    let word = word
        .strip_suffix("...")
        .unwrap_or(word)
        .trim_end_matches('/');
    if word == "." {
        String::new()
    } else {
        word.to_owned()
    }
}

fn under(inner: &str, outer: &str) -> bool {
    inner == outer
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with(['/', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_scopes_cover_narrower_ones() {
        for (wide, narrow, covers) in [
            ("./...", "./cmd/...", true),
            ("", "tests/api -k login", true),
            ("./cmd/... -v", "./cmd/x -run TestA", true),
            ("./cmd/x -run TestA", "./cmd/x", false),
            ("./cmd/x -run TestA", "./cmd/x -run TestA -v", true),
            ("./cmd", "./cmdline", false),
            ("tests/a.py", "tests/a.py::test_b", true),
            ("./a ./b", "./b/c", true),
            ("./a", "./...", false),
            ("-tags=integration ./...", "./cmd -run TestA", true),
            ("./...", "-tags=integration ./it", false),
            ("-tags=integration ./...", "-tags integration ./it", true),
        ] {
            assert_eq!(
                Scope::of(wide).covers(&Scope::of(narrow)),
                covers,
                "{wide:?} over {narrow:?}"
            );
        }
    }

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
            failures: Vec::new(),
            edits_before: 0,
        };
        let check = |tool: &str, family, target: &str, through: Option<(&str, &str)>| Check {
            tool: tool.to_owned(),
            family,
            scope: Scope::of(target),
            through: through.map(|(tool, target)| (tool.to_owned(), Scope::of(target))),
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
        assert!(!unit.covers(&ci) && !one.covers(&unit) && !one.compiles(&build));
        // A runner that says nothing of what it ran covers its own task alone.
        let silent = check("mise run test", Family::Test, ":ci", None);
        assert!(!silent.covers(&one) && silent.covers(&silent));
    }
}
