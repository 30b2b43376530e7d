//! Shell commands that ran: which of them are checks, and what their output says.

use std::borrow::Cow;

use super::command::{self, Simple, Then};
use super::failures::{class_of, failure, gathered, telling_line, unknown};
use super::finding::COMMIT_HOOK;
use super::finding::{
    About, CheckHit, Class, Counts, FailureHit, Family, Ran, Segment, Shown, Verdict,
};
use super::words::pasted;
use crate::rules::{self, Hit, Kind, RuleSet, Scope};
use crate::session::Outcome;

/// What a shell command printed, and how it ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) output: &'a str,
    pub(super) outcome: &'a Outcome,
    /// The exit code, where it is known although the call was answered before the command ended.
    pub(super) exit: Option<i32>,
    /// True if nothing tells how the command ended but what it printed.
    pub(super) status_unknown: bool,
}

impl Answer<'_> {
    fn failed(&self) -> bool {
        self.exit.is_some_and(|exit| exit != 0)
            || matches!(
                self.outcome,
                Outcome::Error { .. } | Outcome::TimedOut | Outcome::Blocked
            )
    }

    fn exit(&self) -> Option<i32> {
        match self.outcome {
            Outcome::Error { exit, .. } => *exit,
            _ => self.exit,
        }
    }

    fn ended(&self) -> bool {
        self.exit.is_some()
            || matches!(
                self.outcome,
                Outcome::Ok | Outcome::Error { .. } | Outcome::TimedOut | Outcome::Blocked
            )
    }
}

/// Reads the command of `call` and its answer.
pub(super) fn ran(rules: &RuleSet, call: usize, command: &str, answer: Answer<'_>) -> Ran {
    let parsed = command::parse(command);
    let mut segments: Vec<Segment> = Vec::with_capacity(parsed.len());
    let strict_pipes = command.contains("pipefail");
    for (index, simple) in parsed.iter().enumerate() {
        // A commit that fails was refused by its hooks, if its output shows what they found.
        let refused = answer.failed()
            && simple.program() == "git"
            && simple.words.get(1).is_some_and(|word| word == "commit");
        let check = if refused {
            Some(CheckHit::commit_hook())
        } else {
            check(rules, simple)
        };
        let status_seen = !answer.status_unknown && status_seen(&parsed, index, strict_pipes);
        segments.push(Segment {
            simple: simple.clone(),
            check,
            status_seen,
        });
    }
    let mut ran = Ran {
        call,
        segments,
        failures: Vec::new(),
    };
    let checks = ran
        .segments
        .iter()
        .filter(|segment| segment.check.is_some())
        .count();
    if (checks == 0 && !answer.failed()) || !answer.ended() {
        return ran;
    }
    let mut failures = Vec::new();
    let output = clean(answer.output);
    let mut evidence: Vec<Vec<Evidence>> = vec![Vec::new(); ran.segments.len()];
    let mut shown_at: Vec<Vec<usize>> = vec![Vec::new(); ran.segments.len()];
    let kinds = |kind| matches!(kind, Kind::Metric | Kind::Failure);
    rules.scan_kinds(Scope::ToolOutput, Some("Bash"), kinds, &output, |hit| {
        let owner = owner(&ran.segments, &hit);
        match (hit.rule.kind, owner) {
            (Kind::Metric, Some(owner)) => evidence[owner].push(Evidence::of(&hit)),
            (Kind::Failure, Some(owner)) => {
                if let Some(check) = &mut ran.segments[owner].check {
                    check.failures.push(failure(&hit));
                    shown_at[owner].push(hit.line);
                }
            }
            (Kind::Failure, None) => failures.push(failure(&hit)),
            _ => {}
        }
    });
    for (index, segment) in ran.segments.iter_mut().enumerate() {
        let bare = |check: &mut CheckHit| check.tool == COMMIT_HOOK && check.failures.is_empty();
        if evidence[index].is_empty() && segment.check.as_mut().is_some_and(bare) {
            segment.check = None;
        }
    }
    let red_elsewhere: Vec<bool> = (0..ran.segments.len())
        .map(|index| {
            ran.segments.iter().enumerate().any(|(other, segment)| {
                other != index
                    && segment
                        .check
                        .as_ref()
                        .is_some_and(|check| judged(&evidence[other], check) == Verdict::Red)
            })
        })
        .collect();
    let mut handed_on: Vec<FailureHit> = Vec::new();
    for (index, segment) in ran.segments.iter_mut().enumerate() {
        let Some(check) = &mut segment.check else {
            continue;
        };
        for shown in &evidence[index] {
            shown.count(&mut check.counts);
        }
        // Of a list that was cut, the lines that are left say nothing of how many there were; and only tests have packages.
        if is_cut(&parsed, index) || check.family != Family::Test {
            check.counts.suites = 0;
        }
        check.through = through(rules, check, &output);
        check.summary = evidence[index].last().map(|shown| shown.line.clone());
        let said = judged(&evidence[index], check);
        if answer.failed()
            && segment.status_seen
            && is_anothers(&parsed, index, check, &evidence[index])
        {
            handed_on.extend(check.failures.drain(..).map(|mut failure| {
                failure.class = Class::Command;
                failure
            }));
            if handed_on.is_empty() {
                handed_on.extend(telling_line(&output).map(|what| unknown(what, Class::Command)));
            }
            continue;
        }
        // A build that ended well and was followed by what was built did not print what went wrong then.
        let went_well = check.family == Family::Build
            && !answer.failed()
            && segment.status_seen
            && segment.simple.then == Then::And
            && evidence[index]
                .iter()
                .all(|shown| shown.verdict() != Verdict::Red);
        if went_well {
            check.failures.clear();
            shown_at[index].clear();
        }
        let said = if went_well { Verdict::Green } else { said };
        check.verdict = match (said, answer.failed()) {
            (Verdict::Unknown, false) if segment.status_seen => Verdict::Green,
            // A pipe hides the status; linters and compilers that print nothing found nothing.
            (Verdict::Unknown, false)
                if check.family != Family::Test && output.trim().is_empty() =>
            {
                Verdict::Green
            }
            (Verdict::Unknown, true)
                if segment.status_seen && (checks == 1 || !red_elsewhere[index]) =>
            {
                Verdict::Red
            }
            // `gh pr checks` ends like this while some of them still run.
            (Verdict::Green, true) if check.tool == "gh pr checks" && answer.exit() == Some(8) => {
                Verdict::Unknown
            }
            (Verdict::Green, true) if checks == 1 && ran_alone(&parsed, index) => Verdict::Red,
            (said, _) => said,
        };
        if check.verdict == Verdict::Red && check.failures.is_empty() {
            check
                .failures
                .extend(telling_line(&output).map(|what| unknown(what, class_of(check.family))));
        }
        let lines = std::mem::take(&mut shown_at[index]);
        check.failures = gathered(std::mem::take(&mut check.failures), &lines);
        check.failures.dedup();
    }
    if answer.failed() && checks == 0 {
        if failures.is_empty() && !benign(&parsed) {
            failures.extend(telling_line(&output).map(|what| unknown(what, Class::Command)));
        }
        if parsed.iter().all(is_about_the_machine) {
            let commands = failures
                .iter_mut()
                .filter(|one| one.class == Class::Command);
            commands
                .filter(|one| one.about == About::Product)
                .for_each(|one| one.about = About::Environment);
        }
        failures.truncate(5);
        ran.failures = failures;
    } else if !handed_on.is_empty() {
        handed_on.truncate(5);
        ran.failures = handed_on;
    }
    ran
}

/// True if what a failed line printed is of a command behind the check at `index`, as of the program that was just built:
/// a check that prints nothing when it passes, and shows no place where it failed.
fn is_anothers(parsed: &[Simple], index: usize, check: &CheckHit, evidence: &[Evidence]) -> bool {
    let silent = matches!(
        check.family,
        Family::Build | Family::Lint | Family::Format | Family::Types
    );
    let placed = check
        .failures
        .iter()
        .any(|failure| failure.file.is_some() || failure.test.is_some());
    let mut behind = parsed[index..]
        .windows(2)
        .take_while(|pair| pair[0].then == Then::And)
        .map(|pair| &pair[1]);
    // What was built is run by its path.
    silent && evidence.is_empty() && !placed && behind.any(|simple| simple.words[0].contains('/'))
}

/// True if only a part of what the command at `index` prints is let through.
fn is_cut(parsed: &[Simple], index: usize) -> bool {
    const CUT: &[&str] = &["tail", "head", "grep", "rg", "egrep", "sed", "awk"];
    parsed[index..]
        .windows(2)
        .take_while(|pair| pair[0].then == Then::Pipe)
        .any(|pair| CUT.contains(&pair[1].program()))
}

/// The failures among the lines of `text` that a program printed; none if there are none.
pub(super) fn shown(rules: &RuleSet, text: &str) -> Option<Shown> {
    const MOST: usize = 3;
    let pasted = pasted(text);
    if !pasted.contains(&true) {
        return None;
    }
    let (mut failures, mut lines) = (Vec::new(), Vec::new());
    let mut known = false;
    let kinds = |kind| kind == Kind::Failure;
    rules.scan_kinds(Scope::ToolOutput, Some("Bash"), kinds, text, |hit| {
        let failure = failure(&hit);
        if pasted.get(hit.line) != Some(&true) {
            return;
        }
        known = true;
        if failure.about == About::Product {
            failures.push(failure);
            lines.push(hit.line);
        }
    });
    let mut failures = gathered(failures, &lines);
    failures.dedup();
    failures.truncate(MOST);
    if !known {
        let mut printed = text.lines().zip(&pasted).filter(|(_, pasted)| **pasted);
        let error = printed.find(|(line, _)| line.to_lowercase().contains("error"));
        failures.extend(error.map(|(line, _)| unknown(line.trim().to_owned(), Class::Command)));
    }
    let command = text
        .lines()
        .map(str::trim)
        .filter_map(|line| {
            ["❯ ", "➜ ", "$ "]
                .iter()
                .find_map(|mark| line.strip_prefix(mark))
        })
        .find(|command| !command.starts_with(['~', '/']))
        .unwrap_or_default();
    (!failures.is_empty()).then(|| Shown {
        command: command.trim().to_owned(),
        failures,
    })
}

/// What a summary line says.
#[derive(Clone, Debug)]
struct Evidence {
    verdict: Option<Verdict>,
    line: String,
    numbers: Vec<(&'static str, f64)>,
}

const NUMBERS: &[&str] = &[
    "passed", "failed", "skipped", "total", "errors", "warnings", "coverage",
];

impl Evidence {
    fn of(hit: &Hit<'_, '_>) -> Self {
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
        }
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.numbers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// Takes the numbers over: the last summary of a run is the one that counts, suites add up.
    fn count(&self, counts: &mut Counts) {
        let whole = |value: f64| value as u64;
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
        if self.numbers.is_empty() && self.verdict == Some(Verdict::Green) {
            counts.suites += 1;
        }
    }

    fn verdict(&self) -> Verdict {
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

/// What the output says of a check.
fn judged(evidence: &[Evidence], check: &CheckHit) -> Verdict {
    let verdicts = || evidence.iter().map(Evidence::verdict);
    let fails = check
        .failures
        .iter()
        .any(|failure| failure.about == About::Product);
    if fails || verdicts().any(|verdict| verdict == Verdict::Red) {
        Verdict::Red
    } else if verdicts().any(|verdict| verdict == Verdict::Green) {
        Verdict::Green
    } else {
        Verdict::Unknown
    }
}

/// The check that a hit in the output belongs to: the one of its tool, else the last one of its family.
fn owner(segments: &[Segment], hit: &Hit<'_, '_>) -> Option<usize> {
    let checks = || {
        segments
            .iter()
            .enumerate()
            .filter_map(|(index, segment)| Some((index, segment.check.as_ref()?)))
    };
    let tool = hit.tool();
    let family = hit
        .rule
        .family
        .or_else(|| hit.rule.class.and_then(family_of));
    checks()
        .find(|(_, check)| tool.as_deref().is_some_and(|tool| tool == check.tool))
        .or_else(|| {
            checks().rfind(|(_, check)| family.is_some_and(|family| family == check.family))
        })
        // A test run compiles, a build type-checks: what stops them is theirs, if no other check is there.
        .or_else(|| checks().next_back())
        .map(|(index, _)| index)
}

pub(crate) fn family_of(class: Class) -> Option<Family> {
    Some(match class {
        Class::Test | Class::Panic | Class::Exception => Family::Test,
        Class::Compile | Class::Linker | Class::Import => Family::Build,
        Class::Type => Family::Types,
        Class::Lint => Family::Lint,
        Class::Format => Family::Format,
        Class::Ci => Family::Ci,
        _ => return None,
    })
}

/// The check that `simple` is.
fn check(rules: &RuleSet, simple: &Simple) -> Option<CheckHit> {
    const TOLD: &[&str] = &["--help", "-h", "--version", "help", "version"];
    // A tool that is asked how it is used checks nothing.
    let second = simple.words.get(1).map_or("", String::as_str);
    let last = simple.words.last().map_or("", String::as_str);
    if TOLD.contains(&second) || (TOLD[..3].contains(&last) && simple.words.len() > 1) {
        return None;
    }
    let line = simple.line();
    let mut found: Option<CheckHit> = None;
    rules.scan(Scope::Command, None, &line, |hit| {
        if found.is_some() || hit.rule.kind != Kind::Check {
            return;
        }
        let Some(family) = hit.rule.family else {
            return;
        };
        let tool = hit
            .tool()
            .map_or_else(|| simple.program().to_owned(), Cow::into_owned);
        found = Some(CheckHit {
            rule: hit.rule.id.to_string(),
            tool,
            family,
            target: hit.get("target").unwrap_or("").trim().to_owned(),
            through: None,
            verdict: Verdict::Unknown,
            counts: Counts::default(),
            failures: Vec::new(),
            summary: None,
        });
    });
    found
}

/// What a runner says it ran for `check`: `[test:ci] $ go test ./...` by mise, `$ jest` by yarn and bun, `> vitest run` by npm.
fn through(rules: &RuleSet, of: &CheckHit, output: &str) -> Option<(String, String)> {
    const LINES: usize = 400;
    let task = of.target.split(' ').next().unwrap_or("");
    output
        .lines()
        .take(LINES)
        .chain(output.lines().rev().take(LINES))
        .filter_map(|line| match line.split_once("$ ") {
            Some(("", command)) => Some(command),
            Some((name, command)) => {
                let name = name.trim().strip_prefix('[')?.strip_suffix(']')?;
                (of.tool.starts_with("mise") && named(name, &of.tool, task)).then_some(command)
            }
            None => line.strip_prefix("> "),
        })
        // A runner cuts long commands short: what they were run on is not known.
        .filter(|command| !command.ends_with('…'))
        .find_map(|command| {
            let parsed = command::parse(command);
            let inner = parsed.iter().find_map(|simple| check(rules, simple))?;
            (inner.family == of.family && inner.tool != of.tool)
                .then_some((inner.tool, inner.target))
        })
}

/// True if `name` is the task that `tool` and the first word of its target name: `test:ci` of `mise run test` and `:ci`.
fn named(name: &str, tool: &str, task: &str) -> bool {
    let head = tool.rsplit(' ').next().unwrap_or(tool);
    match name.strip_prefix(head) {
        Some(rest) => rest == if task.starts_with(':') { task } else { "" },
        None => false,
    }
}

/// True if the status of the whole line says something of the command at `index`.
fn status_seen(parsed: &[Simple], index: usize, strict_pipes: bool) -> bool {
    let rest = &parsed[index..];
    let last = rest.len() - 1;
    rest.iter()
        .enumerate()
        .all(|(at, simple)| match simple.then {
            Then::And => true,
            Then::Pipe => strict_pipes,
            Then::Or => false,
            Then::Next => at == last,
        })
}

/// True if no other command of the line could have failed in its place.
fn ran_alone(parsed: &[Simple], index: usize) -> bool {
    parsed.iter().enumerate().all(|(other, simple)| {
        other == index || matches!(simple.program(), "cd" | "export" | "source" | "set")
    })
}

/// True for commands that say nothing of the work when they fail: the repository, the folder, a service said no.
fn is_about_the_machine(simple: &Simple) -> bool {
    const ABOUT: &[&str] = &[
        "git", "gh", "cd", "mkdir", "rm", "cp", "mv", "chmod", "curl", "wget", "ssh", "brew",
        "apt-get", "bd", "echo",
    ];
    ABOUT.contains(&simple.program())
}

/// Commands that answer "no" with a status that is no failure.
fn benign(parsed: &[Simple]) -> bool {
    const ASKING: &[&str] = &[
        "grep", "egrep", "fgrep", "rg", "ag", "diff", "cmp", "test", "[", "[[", "find", "ls",
        "cat", "which", "pgrep", "kill", "pkill", "true", "false", "head", "tail", "sed",
    ];
    parsed
        .iter()
        .rev()
        .find(|simple| simple.then != Then::Pipe || !simple.piped_into)
        .is_some_and(|simple| {
            ASKING.contains(&simple.program())
                || (simple.program() == "git"
                    && simple.words.get(1).is_some_and(|word| {
                        matches!(
                            word.as_str(),
                            "diff" | "grep" | "log" | "show" | "rev-parse"
                        )
                    }))
        })
        || parsed
            .last()
            .is_some_and(|simple| ASKING.contains(&simple.program()))
}

/// Output without the escapes of a terminal and without the program's own first line.
fn clean(output: &str) -> String {
    let output = output
        .strip_prefix("Exit code ")
        .and_then(|rest| rest.split_once('\n'))
        .map_or(output, |(_, rest)| rest);
    crate::safety::clean(output).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The failures that `command` shows with `output`, as `test: what`.
    fn shown(command: &str, output: &str) -> Vec<String> {
        let outcome = Outcome::Error {
            exit: Some(1),
            misuse: false,
        };
        let answer = Answer {
            output,
            outcome: &outcome,
            exit: None,
            status_unknown: false,
        };
        let ran = ran(RuleSet::builtin(), 0, command, answer);
        ran.segments
            .into_iter()
            .filter_map(|segment| segment.check)
            .flat_map(|check| check.failures)
            .chain(ran.failures)
            .map(|failure| match failure.test {
                Some(test) => format!("{test}: {}", failure.what),
                None => failure.what,
            })
            .collect()
    }

    #[test]
    fn a_tool_that_is_asked_for_help_checks_nothing() {
        for (command, checks) in [
            ("golangci-lint --help", false),
            ("golangci-lint run --help 2>&1 | head", false),
            ("cargo test -h", false),
            ("pytest --version", false),
            ("golangci-lint run", true),
            ("go test ./help", true),
        ] {
            let parsed = command::parse(command);
            let found = check(RuleSet::builtin(), &parsed[0]).is_some();
            assert_eq!(found, checks, "{command}");
        }
    }

    #[test]
    fn checks_that_still_run_have_no_verdict() {
        let verdict = |exit, output: &str| {
            let outcome = Outcome::Error {
                exit: Some(exit),
                misuse: false,
            };
            let answer = Answer {
                output,
                outcome: &outcome,
                exit: None,
                status_unknown: false,
            };
            let ran = ran(RuleSet::builtin(), 0, "gh pr checks 142", answer);
            ran.segments[0].check.as_ref().map(|check| check.verdict)
        };
        let lint = "lint\tpass\t1m42s\thttps://ci.example/1\t\n";
        let waits = format!("{lint}bot\tpending\t0\thttps://ci.example/2\t\n");
        let fails = format!("{lint}test\tfail\t2m1s\thttps://ci.example/3\t\n");
        assert_eq!(verdict(8, &waits), Some(Verdict::Unknown));
        assert_eq!(verdict(1, &fails), Some(Verdict::Red));
    }

    #[test]
    fn a_runner_says_what_it_ran() {
        let through = |command: &str, output: &str| {
            let answer = Answer {
                output,
                outcome: &Outcome::Ok,
                exit: None,
                status_unknown: false,
            };
            let ran = ran(RuleSet::builtin(), 0, command, answer);
            let checks = ran.segments.into_iter().filter_map(|segment| segment.check);
            checks.map(|check| check.through).collect::<Vec<_>>()
        };
        let go = |target: &str| Some(("go test".to_owned(), target.to_owned()));
        let ci = "[fmt] $ gofmt -w .\nok  \tacme.io/a\t0.1s\n[test:ci] $ go test -tags=ci ./...\n";
        assert_eq!(through("mise run test:ci", ci), [go("-tags=ci ./...")]);
        assert_eq!(through("mise run test", ci), [None]);
        assert_eq!(
            through("mise run fmt && mise run test:ci", ci),
            [
                Some(("gofmt".to_owned(), ".".to_owned())),
                go("-tags=ci ./...")
            ]
        );
        assert_eq!(
            through("npm test", "\n> shop@1.0.0 test\n> vitest run\n\n"),
            [Some(("vitest".to_owned(), String::new()))]
        );
        assert_eq!(
            through("mise run test", "[test] $ go test ./cmd/entire/integr…\n"),
            [None]
        );
    }

    #[test]
    fn a_test_has_its_message_and_what_sums_up_goes() {
        let quiet = "--- FAIL: TestA (0.01s)\n    a_test.go:64: got 0, want 3\nFAIL\nFAIL\tacme.io/a\t2.0s\nFAIL\n";
        assert_eq!(
            shown("go test ./a", quiet),
            ["TestA: a_test.go:64: got 0, want 3"]
        );
        let verbose = "=== RUN   TestA\n    a_test.go:64: got 0, want 3\n--- FAIL: TestA (0.01s)\nFAIL\tacme.io/a\t2.0s\n";
        assert_eq!(
            shown("go test -v ./a", verbose),
            ["TestA: a_test.go:64: got 0, want 3"]
        );
        assert_eq!(
            shown("go test ./a", "FAIL\tacme.io/a\t2.0s\n"),
            ["FAIL\tacme.io/a\t2.0s"]
        );
    }

    #[test]
    fn a_log_of_a_pipeline_shows_its_failures_without_its_columns() {
        let log = "test\tUNKNOWN STEP\t2026-02-04T07:16:16.4Z --- FAIL: TestA (0.00s)\n\
                   test\tUNKNOWN STEP\t2026-02-04T07:16:16.5Z     --- FAIL: TestA/b (0.00s)\n\
                   test\tUNKNOWN STEP\t2026-02-04T07:16:16.6Z         a_test.go:67: A() = false, want true\n\
                   test\tUNKNOWN STEP\t2026-02-04T07:16:16.7Z ##[error]Process completed with exit code 1.\n";
        assert_eq!(
            shown("gh run view 21 --log-failed", log),
            ["TestA/b: a_test.go:67: A() = false, want true"]
        );
    }

    #[test]
    fn an_unknown_failure_is_told_by_the_line_that_calls_itself_an_error() {
        let output = "✘ [ERROR] Could not resolve \"js/app.js\"\n\n1 error\n  warnings: [Getter/Setter]\n}\n\nNode.js v24.13.0\n";
        assert_eq!(
            shown("./bundle assets", output),
            ["✘ [ERROR] Could not resolve \"js/app.js\""]
        );
        assert_eq!(shown("./bundle assets", "no luck here\n"), ["no luck here"]);
    }
}
