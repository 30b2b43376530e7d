//! What the summary lines of a check say: numbers, and whether it passed.

use super::finding::{About, CheckHit, Class, Counts, FailureHit, Verdict};
use crate::rules::{self, Hit};

/// What a summary line says.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    verdict: Option<Verdict>,
    pub(super) line: String,
    numbers: Vec<(&'static str, f64)>,
    /// True of a line that says that a package's tests passed, and does not only repeat another.
    suite: bool,
    /// True of a numbered line that tells of one test, as in TAP.
    one: bool,
    /// True of a line that says that something still runs.
    pub(super) waits: bool,
}

const NUMBERS: &[&str] = &[
    "passed", "failed", "skipped", "total", "errors", "warnings", "coverage",
];

impl Evidence {
    pub(super) fn of(hit: &Hit<'_, '_>) -> Self {
        let numbers = NUMBERS
            .iter()
            .filter_map(|name| {
                let digits: String = hit
                    .get(name)?
                    .chars()
                    .filter(|c| c.is_ascii_digit() || *c == '.')
                    .collect();
                Some((*name, digits.parse().ok()?))
            })
            .collect();
        let verdict = hit.rule.verdict.map(|verdict| match verdict {
            rules::Verdict::Green => Verdict::Green,
            rules::Verdict::Red => Verdict::Red,
        });
        Self {
            verdict,
            line: hit.text().trim().to_owned(),
            numbers,
            one: hit.get("number").is_some(),
            waits: hit.get("waits").is_some(),
            suite: hit.rule.weight >= 1.0 && hit.rule.family == Some(rules::Family::Test),
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.numbers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// Takes the numbers over: the last summary of a run is the one that counts; suites, and tests told one by one, add up. Of a
    /// list that was `cut`, the lines that are left say nothing of how many there were.
    pub(super) fn count(&self, counts: &mut Counts, cut: bool) {
        let whole = |value: f64| value as u64;
        if self.one && !cut {
            let is_skipped = self.line.contains("# skip") || self.line.contains("# SKIP");
            let slot = match self.verdict {
                Some(Verdict::Green) if is_skipped => &mut counts.skipped,
                Some(Verdict::Green) => &mut counts.passed,
                _ => &mut counts.failed,
            };
            *slot = Some(slot.unwrap_or(0) + 1);
        }
        for (name, value) in &self.numbers {
            let slot = match *name {
                "passed" => &mut counts.passed,
                "failed" => &mut counts.failed,
                "skipped" => &mut counts.skipped,
                "total" => &mut counts.total,
                "errors" => &mut counts.errors,
                "warnings" => &mut counts.warnings,
                _ => {
                    counts.coverage = Some(*value);
                    continue;
                }
            };
            *slot = Some(whole(*value));
        }
        // ExUnit and its like say how many ran and how many failed.
        if let (Some(total), Some(failed), None) = (
            self.number("total"),
            self.number("failed"),
            self.number("passed"),
        ) {
            let others = failed
                + ["skipped", "errors"]
                    .map(|name| self.number(name).unwrap_or(0.0))
                    .iter()
                    .sum::<f64>();
            counts.passed = Some(whole((total - others).max(0.0)));
        }
        if self.suite && !cut && self.numbers.is_empty() && self.verdict == Some(Verdict::Green) {
            counts.suites += 1;
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let bad = ["failed", "errors"]
            .iter()
            .any(|name| self.number(name).is_some_and(|value| value > 0.0));
        match self.verdict {
            Some(verdict) => verdict,
            None if bad => Verdict::Red,
            None if self.number("passed").is_some()
                || self.number("failed").is_some()
                || self.number("errors").is_some() =>
            {
                Verdict::Green
            }
            None => Verdict::Unknown,
        }
    }
}

/// What the output says of a check. `content` is true where its own status says that it passed: what a linter found then
/// were warnings.
pub(super) fn judged(evidence: &[Evidence], check: &CheckHit, content: bool) -> Verdict {
    let verdicts = || evidence.iter().map(Evidence::verdict);
    let all_green = !evidence.is_empty() && verdicts().all(|verdict| verdict == Verdict::Green);
    // What a test that passes logs looks as what it says when it fails, but for the name of the test.
    let logged = |failure: &FailureHit| {
        all_green
            && failure.class == Class::Test
            && failure.test.is_none()
            && failure.line.is_some()
    };
    let fails = check
        .failures
        .iter()
        .filter(|failure| failure.about == About::Product && !logged(failure))
        .any(|failure| !content || failure.class != Class::Lint);
    if fails || verdicts().any(|verdict| verdict == Verdict::Red) {
        Verdict::Red
    } else if !content && evidence.iter().any(|shown| shown.waits) {
        Verdict::Unknown
    } else if verdicts().any(|verdict| verdict == Verdict::Green) {
        Verdict::Green
    } else {
        Verdict::Unknown
    }
}
