//! What the place of a command in its line says of it: whose status is seen, whose output it is, what was let through.

use super::command::{Simple, Then};
use super::finding::{CheckHit, Family};

/// True if what a failed line printed is of a command behind the check at `index`, as of the program that was just built:
/// a check that prints nothing when it passes, and
/// shows no place where it failed.
pub(super) fn is_anothers(parsed: &[Simple], index: usize, check: &CheckHit) -> bool {
    let placed = check
        .failures
        .iter()
        .any(|failure| failure.file.is_some() || failure.test.is_some());
    let mut behind = parsed[index..]
        .windows(2)
        .take_while(|pair| pair[0].then == Then::And)
        .map(|pair| &pair[1]);
    // What was built is run by its path.
    is_still(check.family) && !placed && behind.any(|simple| simple.words[0].contains('/'))
}

/// True if the shell could not go to the folder in which the command at `index` was to run: it never ran.
pub(super) fn never_ran(parsed: &[Simple], index: usize, output: &str) -> bool {
    const REFUSED: &[&str] = &[
        "no such file or directory",
        "not a directory",
        "permission denied",
        "can't cd to",
    ];
    let goes =
        |simple: &Simple| matches!(simple.program(), "cd" | "pushd") && simple.then == Then::And;
    parsed[..index].iter().any(goes)
        && output.lines().any(|line| {
            let line = line.to_lowercase();
            let of_shell = ["cd:", "pushd:"].iter().any(|word| {
                line.match_indices(word)
                    .any(|(at, _)| line[..at].ends_with([':', ' ']) || at == 0)
            });
            of_shell && REFUSED.iter().any(|word| line.contains(word))
        })
}

/// True of an output that says that there was nothing to check.
pub(super) fn found_nothing(output: &str) -> bool {
    const NOTHING: &[&str] = &[
        "matched no packages",
        "no tests found",
        "no test files found",
    ];
    let mut lines = output.lines();
    lines.any(|line| {
        let line = line.to_ascii_lowercase();
        NOTHING.iter().any(|word| line.contains(word))
    })
}

/// True of checks that run nothing of the work, and that print nothing when they pass.
pub(super) fn is_still(family: Family) -> bool {
    matches!(
        family,
        Family::Build | Family::Lint | Family::Format | Family::Types
    )
}

/// True if only a part of what the command at `index` prints is let through.
pub(super) fn is_cut(parsed: &[Simple], index: usize) -> bool {
    const CUT: &[&str] = &["tail", "head", "grep", "rg", "egrep", "sed", "awk"];
    parsed[index..]
        .windows(2)
        .take_while(|pair| pair[0].then == Then::Pipe)
        .any(|pair| CUT.contains(&pair[1].program()))
}

/// True if what the command at `index` prints is searched for something else than failures, as for the name of one test.
pub(super) fn is_searched(parsed: &[Simple], index: usize) -> bool {
    const SEARCH: &[&str] = &["grep", "rg", "egrep", "fgrep"];
    const FAILURES: &[&str] = &["fail", "err", "panic", "not ok", "✗", "✕", "✘", "×", "❌"];
    let pattern = |simple: &Simple| {
        let number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
        let inverted = |word: &String| word == "-v" || word == "--invert-match";
        let pattern = simple.operands().find(|word| !number(word))?.to_lowercase();
        (SEARCH.contains(&simple.program()) && !simple.words.iter().any(inverted))
            .then_some(pattern)
    };
    parsed[index..]
        .windows(2)
        .take_while(|pair| pair[0].then == Then::Pipe)
        .filter_map(|pair| pattern(&pair[1]))
        .any(|pattern| !FAILURES.iter().any(|word| pattern.contains(word)))
}

/// True if the status of the whole line says something of the command at `index`.
pub(super) fn status_seen(parsed: &[Simple], index: usize, strict_pipes: bool) -> bool {
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
pub(super) fn ran_alone(parsed: &[Simple], index: usize) -> bool {
    parsed.iter().enumerate().all(|(other, simple)| {
        other == index || matches!(simple.program(), "cd" | "export" | "source" | "set")
    })
}

/// True for commands that say nothing of the work when they fail: the repository, the folder, a service said no.
pub(super) fn is_about_the_machine(simple: &Simple) -> bool {
    const ABOUT: &[&str] = &[
        "git", "gh", "cd", "mkdir", "rm", "cp", "mv", "chmod", "curl", "wget", "ssh", "brew",
        "apt-get", "bd", "echo",
    ];
    ABOUT.contains(&simple.program())
}

/// Commands that answer "no" with a status that is no failure.
pub(super) fn benign(parsed: &[Simple]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::command::parse;

    #[test]
    fn a_check_behind_a_folder_that_is_not_there_never_ran() {
        for (command, output, never) in [
            (
                "cd it && go test ./...",
                "(eval):cd:1: no such file or directory: it",
                true,
            ),
            (
                "cd it && go test ./...",
                "bash: line 1: cd: it: No such file or directory",
                true,
            ),
            (
                "cd it; go test ./...",
                "bash: line 1: cd: it: No such file or directory",
                false,
            ),
            (
                "cd it && go test ./...",
                "a_test.go:3: open x: no such file or directory",
                false,
            ),
        ] {
            let parsed = parse(command);
            assert_eq!(never_ran(&parsed, 1, output), never, "{command} {output}");
        }
    }
}
