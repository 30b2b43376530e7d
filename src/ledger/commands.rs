//! Commands: what was run, how often, and how it ended last.

use std::collections::HashMap;

use super::{Cite, Uses};
use crate::extract::command::Simple;
use crate::extract::finding::{Family, Verdict};

/// A command that ran, by its text.
#[derive(Clone, Debug)]
pub struct Command {
    /// The text, as it was written, without redirections.
    pub text: String,
    /// Its words without assignments and wrappers.
    pub words: Vec<String>,
    /// The check it is.
    pub check: Option<(String, Family)>,
    /// Its runs.
    pub uses: Uses,
    /// How it ended last.
    pub verdict: Verdict,
    /// Its last run.
    pub last: Cite,
}

/// The commands of a session, in the order of their first run.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands {
    all: Vec<Command>,
    by_text: HashMap<String, usize>,
}

/// Programs that only look, move or print: they ran, but nobody needs to be told.
const LOOKING: &[&str] = &[
    "ls",
    "cat",
    "cd",
    "pwd",
    "echo",
    "head",
    "tail",
    "grep",
    "egrep",
    "rg",
    "ag",
    "find",
    "fd",
    "sed",
    "awk",
    "wc",
    "sleep",
    "time",
    "timeout",
    "nohup",
    "sudo",
    "which",
    "type",
    "true",
    "false",
    "mkdir",
    "rmdir",
    "rm",
    "cp",
    "mv",
    "ln",
    "touch",
    "chmod",
    "chown",
    "sort",
    "uniq",
    "xargs",
    "export",
    "source",
    ".",
    "for",
    "do",
    "done",
    "continue",
    "break",
    "return",
    "if",
    "then",
    "else",
    "fi",
    "while",
    "case",
    "esac",
    "test",
    "[",
    "[[",
    "printf",
    "tee",
    "diff",
    "cmp",
    "jq",
    "yq",
    "tr",
    "cut",
    "kill",
    "pkill",
    "ps",
    "set",
    "unset",
    "read",
    "exit",
    "return",
    "stat",
    "file",
    "du",
    "df",
    "less",
    "more",
    "tree",
    "basename",
    "dirname",
    "realpath",
    "readlink",
    "date",
    "env",
    "printenv",
    "alias",
    "wait",
    "local",
    "eval",
    "trap",
    "shopt",
    "ulimit",
    "xxd",
    "od",
    "hexdump",
    "strings",
    "open",
    "clear",
    "history",
    "whoami",
    "hostname",
    "uname",
    "column",
    "nl",
    "tac",
    "rev",
    "seq",
    "yes",
    "perl",
    "lsof",
    "top",
    "free",
    "id",
    "md5",
    "md5sum",
    "shasum",
    "sha256sum",
    "base64",
];

/// Subcommands of git that only look or move.
const GIT_LOOKING: &[&str] = &[
    "status",
    "diff",
    "log",
    "show",
    "add",
    "branch",
    "checkout",
    "switch",
    "stash",
    "rev-parse",
    "fetch",
    "pull",
    "push",
    "blame",
    "ls-files",
    "restore",
    "reset",
    "commit",
    "config",
    "remote",
    "reflog",
    "merge-base",
    "cat-file",
    "describe",
    "rev-list",
    "ls-tree",
    "for-each-ref",
    "show-ref",
    "symbolic-ref",
    "grep",
    "clean",
    "tag",
];

/// True if the command does something that the next session may want to run again.
pub(super) fn is_telling(simple: &Simple) -> bool {
    let program = simple.program();
    // A tool asked for its version; what the project's own program says of itself is part of the work.
    let second = simple.words.get(1).map_or("", String::as_str);
    if matches!(second, "--help" | "--version" | "help" | "version") {
        return false;
    }
    let named = program.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !named
        || LOOKING.contains(&program)
        || simple.words[0].contains('=')
        || simple.text.contains("$(")
    {
        return false;
    }
    if program == "git" {
        let subcommand = simple.words.get(1).map_or("", String::as_str);
        return !subcommand.starts_with('-')
            && !subcommand.is_empty()
            && !GIT_LOOKING.contains(&subcommand);
    }
    // A program given on the command line (`python -c`, `node -e`) is no command to be run again.
    let inline = simple
        .words
        .get(1)
        .is_some_and(|word| matches!(word.as_str(), "-c" | "-e" | "-" | "--version" | "--help"));
    !inline && !simple.text.contains('\n') && simple.text.len() <= 300
}

impl Commands {
    pub(super) fn ran(
        &mut self,
        simple: &Simple,
        check: Option<(String, Family)>,
        verdict: Verdict,
        cite: &Cite,
    ) {
        let index = *self.by_text.entry(simple.text.clone()).or_insert_with(|| {
            self.all.push(Command {
                text: simple.text.clone(),
                words: simple.words.clone(),
                check,
                uses: Uses::default(),
                verdict,
                last: cite.clone(),
            });
            self.all.len() - 1
        });
        let command = &mut self.all[index];
        command.uses.add(cite.tick);
        command.verdict = verdict;
        command.last = cite.clone();
    }

    pub(super) fn into_vec(self) -> Vec<Command> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::command::parse;

    #[test]
    fn looking_around_is_not_worth_telling() {
        for (command, telling) in [
            ("go test ./...", true),
            ("FOO=1 make build", true),
            ("ls -la", false),
            ("git status", false),
            ("git worktree add ../x", true),
            ("python3 -c 'print(1)'", false),
            ("python3 scripts/gen.py", true),
            ("./run.sh", true),
            ("golangci-lint --help", false),
            ("go run ./cmd/shop list --help", true),
            ("go version", false),
            ("continue", false),
            ("X=$(git log)", false),
        ] {
            assert_eq!(is_telling(&parse(command)[0]), telling, "{command}");
        }
    }
}
