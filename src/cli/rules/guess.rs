//! What a line probably is: an error, a summary, a command that checks; and the words of a rule that go with it.

use std::sync::OnceLock;

use regex::Regex;

use super::template::{Kind, Piece};
use crate::rules::{About, Class, Family, Verdict};

/// A regular expression that is compiled once; one that does not compile matches nothing, and a test tells of it.
fn matches(cell: &'static OnceLock<Option<Regex>>, pattern: &str, text: &str) -> bool {
    let regex = cell.get_or_init(|| Regex::new(pattern).ok());
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// True for a line that calls itself an error, or ends as errors do.
pub(super) fn is_error(line: &str) -> bool {
    static ERROR: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str = r"(?x)
        ^[\s\W]{0,8} (?:[\w@./-]{1,40}:\ )? (?:[\w-]{1,20}\ )?
            (?: (?i:error|fatal|panic|abort(?:ed)?) (?:\[[\w-]+\])? \s*[:!\]]
              | (?:FAIL|FAILED|FAILURE|Failed|ERROR|FATAL) \b
              | (?i:could\ not|cannot|can't|unable\ to|failed\ to|failed:) \s )
        | ^\s*(?:\w+\.)*\w*(?:Error|Exception|Failure)(?:\ \[\w+\])?:\ 
        | ^\s*[✗✘×❌✖⨯]\s*\S
        | :\ (?:No\ such\ file\ or\ directory|[Pp]ermission\ denied|command\ not\ found|[Cc]onnection\ refused|timed\ out
              |not\ found|does\ not\ exist|undefined|unreachable)\.?$";
    matches(&ERROR, PATTERN, line)
}

/// What a line without numbers says of its check, if it says only that.
pub(super) fn verdict(line: &str) -> Option<Verdict> {
    static GREEN: OnceLock<Option<Regex>> = OnceLock::new();
    static RED: OnceLock<Option<Regex>> = OnceLock::new();
    const GOOD: &str = r"(?x)^[\s\W]{0,8}
        (?: (?i:all)\ [\w\ -]{2,40}\ (?i:passed|pass|ok|clean|succeeded|valid|formatted\ correctly)
          | (?i:no)\ (?:\w+\ )?(?:issues|errors|problems|warnings|offenses|violations|vulnerabilities)(?:\ (?:were\ )?(?:found|detected))?
          | [A-Z][\w-]*(?:\ [\w-]+)?\ (?i:succeeded|successful|passed) )
        [\s\W]*$";
    const BAD: &str = r"(?x)^[\s\W]{0,8}
        (?: (?i:some)\ [\w\ -]{2,40}\ (?i:failed)
          | [A-Z][\w-]*(?:\ [\w-]+)?\ (?:FAILED|failed) )
        [\s\W]*$";
    if matches(&GREEN, GOOD, line) {
        Some(Verdict::Green)
    } else if matches(&RED, BAD, line) {
        Some(Verdict::Red)
    } else {
        None
    }
}

/// The group that a number belongs to by a word beside it, of those that a metric counts.
fn counted_by(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "passed" | "passing" | "pass" | "passes" | "ok" | "succeeded" | "successful"
        | "successes" => "passed",
        "failed" | "failing" | "failure" | "failures" | "fail" | "fails" | "broken" => "failed",
        "skipped" | "skip" | "pending" | "ignored" | "todo" | "disabled" => "skipped",
        "error" | "errors" | "problem" | "problems" | "offense" | "offenses" | "violation"
        | "violations" | "vulnerabilities" => "errors",
        "warning" | "warnings" => "warnings",
        "total" | "test" | "tests" | "spec" | "specs" | "example" | "examples" | "scenario"
        | "scenarios" | "cases" => "total",
        "coverage" | "covered" => "coverage",
        _ => return None,
    })
}

/// For each piece of a summary the name of its group, where it is a number that should have one.
///
/// A name stands once. With `all`, numbers that no word names get one too.
pub(super) fn groups(pieces: &[Piece<'_>], all: bool) -> Vec<Option<String>> {
    let mut names: Vec<Option<String>> = vec![None; pieces.len()];
    let covers = pieces
        .iter()
        .any(|piece| piece.kind == Kind::Words && piece.text.to_lowercase().contains("cover"));
    let text = |index: Option<usize>| {
        let piece = index.and_then(|index| pieces.get(index));
        piece
            .filter(|piece| piece.kind == Kind::Words)
            .map_or("", |piece| piece.text)
    };
    for (index, piece) in pieces.iter().enumerate() {
        if piece.kind != Kind::Number {
            continue;
        }
        let before = text(index.checked_sub(1));
        let after = text(Some(index + 1));
        // `3 passed`, `3 tests passed`; not `3, Errors`.
        let next = after.strip_prefix([' ', '/']);
        let follows: Vec<&str> =
            match next.is_some_and(|next| next.starts_with(char::is_alphabetic)) {
                true => words(after).take(2).collect(),
                false => Vec::new(),
            };
        // `passed: 3`, `failures=2`, `Passed 3,`.
        let labelled = before.trim_end().ends_with([':', '=']);
        let label = words(before).last().filter(|_| labelled);
        let of = after == "/" && all_of(pieces, index);
        let over = before == "/" && index.checked_sub(2).is_some_and(|at| names[at].is_some());
        let known = if after.starts_with('%') {
            covers.then_some("coverage")
        } else if of {
            Some("passed")
        } else if over {
            Some("total")
        } else {
            // `12 tests passed` counts what passed, `12 tests` all.
            let behind = follows.get(1).and_then(|word| counted_by(word));
            let behind = behind.filter(|name| matches!(*name, "passed" | "failed" | "skipped"));
            let next = follows.first().and_then(|word| counted_by(word));
            let one_clause = !after.contains([',', ';']) || behind.is_none();
            behind
                .filter(|_| next == Some("total") && one_clause)
                .or(next)
                .or_else(|| label.and_then(counted_by))
                // `Failed files: 3` counts what failed.
                .or_else(|| clause(before).filter(|_| labelled).find_map(counted_by))
        };
        let used = |name: &str| names.iter().flatten().any(|used| used == name);
        if let Some(name) = known.filter(|name| !used(name)) {
            names[index] = Some(name.to_owned());
        } else if all {
            // `to`, `in` and `of` name nothing.
            let touches = before.trim_end().ends_with(char::is_alphabetic);
            let leads = words(before).next_back().filter(|_| touches);
            let beside = [follows.first().copied(), label, leads];
            let word = beside.into_iter().flatten().find(|word| word.len() > 3);
            let word = word.unwrap_or("number").to_ascii_lowercase();
            let word = match word.chars().all(|c| c.is_ascii_lowercase()) {
                true => word,
                false => "number".to_owned(),
            };
            let name = (1..)
                .map(|n| {
                    if n == 1 {
                        word.clone()
                    } else {
                        format!("{word}{n}")
                    }
                })
                .find(|name| !used(name));
            names[index] = name;
        }
    }
    names
}

/// The words of the last clause of a text, if they are no more than three.
fn clause(text: &str) -> impl Iterator<Item = &str> {
    let clause = text.rsplit([',', ';', '|', '(']).next().unwrap_or(text);
    let few = words(clause).count() <= 3;
    words(clause).filter(move |_| few)
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
}

/// True for the groups of a summary if they say how a check went: what merely counts tests, or what was skipped, does not.
pub(super) fn sums_up(groups: &[Option<String>]) -> bool {
    const RESULTS: &[&str] = &["passed", "failed", "errors", "warnings", "coverage"];
    groups
        .iter()
        .flatten()
        .any(|name| RESULTS.contains(&name.as_str()))
}

/// True for a line that looks like one of a file, not of a report: code, a comment, an entry of a list or of a table.
pub(super) fn is_source(line: &str) -> bool {
    let line = line.trim();
    let heads = [
        "//", "#", "* ", "- ", "+", "|", ">", "<", "\"", "/*", "{", "}", "@@", "│",
    ];
    heads.iter().any(|head| line.starts_with(head))
        || line.ends_with(['{', '}', ';', ',', '(', '\\'])
        || line.contains(" := ")
        || line.contains("\\n")
}

/// True for the first number of `12/15 passed`.
fn all_of(pieces: &[Piece<'_>], index: usize) -> bool {
    let second = pieces.get(index + 2).map(|piece| piece.kind);
    let after = pieces.get(index + 3).map_or("", |piece| piece.text);
    second == Some(Kind::Number)
        && words(after)
            .take(2)
            .any(|word| counted_by(word) == Some("passed"))
}

/// What kind of failure the line tells of, and what it says something about; `by` is what the command verifies.
pub(super) fn class(line: &str, by: Option<Family>) -> (Class, About) {
    let lower = line.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["permission denied", "eacces", "operation not permitted"]) {
        (Class::Permission, About::Environment)
    } else if has(&["command not found", "executable file not found"]) {
        (Class::Command, About::Environment)
    } else if has(&["address already in use", "eaddrinuse"]) {
        (Class::Port, About::Environment)
    } else if has(&[
        "connection refused",
        "econnrefused",
        "could not resolve host",
        "enotfound",
        "network is unreachable",
    ]) {
        (Class::Network, About::Environment)
    } else if has(&["out of memory", "heap limit", "cannot allocate memory"]) {
        (Class::Memory, About::Environment)
    } else if has(&["timed out", "timeout", "deadline exceeded"]) {
        (Class::Timeout, About::Product)
    } else if has(&[
        "unknown flag",
        "unknown option",
        "unknown command",
        "unknown shorthand",
        "unrecognized",
        "invalid option",
        "usage:",
        "accepts ",
        "required flag",
    ]) {
        (Class::Usage, About::Agent)
    } else if has(&["merge conflict"]) {
        (Class::Merge, About::Product)
    } else if has(&[
        "cannot find module",
        "no module named",
        "unresolved import",
        "cannot find package",
    ]) {
        (Class::Import, About::Product)
    } else if has(&["no such file", "enoent"]) {
        (Class::File, About::Product)
    } else if has(&["panic"]) {
        (Class::Panic, About::Product)
    } else if has(&["exception", "traceback"]) {
        (Class::Exception, About::Product)
    } else {
        let class = match by {
            Some(Family::Test) => Class::Test,
            Some(Family::Build) => Class::Compile,
            Some(Family::Lint) => Class::Lint,
            Some(Family::Types) => Class::Type,
            Some(Family::Format) => Class::Format,
            Some(Family::Ci) => Class::Ci,
            _ if has(&["test", "assert"]) => Class::Test,
            _ => Class::Command,
        };
        (class, About::Product)
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::pieces;
    use super::*;

    #[test]
    fn errors_call_themselves_so() {
        for line in [
            "error: no session",
            "Error: failed to open",
            "ERROR task failed",
            "fatal: not a repository",
            "ValueError: bad",
            "quax: error: no",
            "✗ adds numbers",
            "ls: /x: No such file or directory",
            "failed to read config",
        ] {
            assert!(is_error(line), "{line}");
        }
        for line in [
            "no error",
            "0 errors",
            "the error is gone",
            "handles errors: yes",
            "ok",
            "",
        ] {
            assert!(!is_error(line), "{line}");
        }
    }

    #[test]
    fn numbers_are_named_by_the_words_beside_them() {
        let check = |line: &str, expected: &[&str]| {
            let names = groups(&pieces(line), false);
            let names: Vec<String> = names.into_iter().flatten().collect();
            assert_eq!(names, expected, "{line}");
        };
        check(
            "3 failed, 12 passed, 15 total",
            &["failed", "passed", "total"],
        );
        check(
            "Tests run: 5, Failures: 2, Errors: 0",
            &["total", "failed", "errors"],
        );
        check("12 tests passed", &["passed"]);
        check("Failed files:      1 (50.0%)", &["failed"]);
        check(
            "Succeeded files: 3 | Tests Failed: 2",
            &["passed", "failed"],
        );
        check("see what failed in the long list: 3", &[]);
        check("12 tests, 3 failures", &["total", "failed"]);
        check("12/15 tests passed", &["passed", "total"]);
        check("coverage: 84.6% of statements", &["coverage"]);
        check("84.6% of memory", &[]);
        check("Found 3 errors in 2 files", &["errors"]);
        check("took 3 rounds", &[]);
        check("result 1 (error) is nil", &[]);
        let all = groups(&pieces("took 3 rounds, 4 rounds, 5"), true);
        let all: Vec<String> = all.into_iter().flatten().collect();
        assert_eq!(all, ["rounds", "rounds2", "number"]);
    }

    #[test]
    fn a_line_without_numbers_may_say_it_all() {
        assert_eq!(verdict("All checks passed!"), Some(Verdict::Green));
        assert_eq!(verdict("No issues found."), Some(Verdict::Green));
        assert_eq!(verdict("✓ Build succeeded"), Some(Verdict::Green));
        assert_eq!(verdict("Build failed"), Some(Verdict::Red));
        assert_eq!(
            verdict("All checks passed and so we go on to the next one"),
            None
        );
        assert_eq!(verdict("see what failed"), None);
    }

    #[test]
    fn failures_have_a_class() {
        let check = |line: &str, by, expected| assert_eq!(class(line, by).0, expected, "{line}");
        check("open x: permission denied", None, Class::Permission);
        check("error: unknown flag: --x", None, Class::Usage);
        check("error: bad", Some(Family::Lint), Class::Lint);
        check("error: bad", None, Class::Command);
    }
}
