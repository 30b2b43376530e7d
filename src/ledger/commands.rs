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
    /// The last run that is not known to have gone wrong; of a check, the last that passed.
    pub worked: Option<Cite>,
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
    "print",
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
    "pgrep",
    "launchctl",
    "sw_vers",
];

/// Subcommands of git that only look or move, or that are spent once they ran.
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
    "init",
    "mv",
    "rm",
    "check-ref-format",
    "rebase",
    "merge",
    "maintenance",
    "diff-index",
    "diff-tree",
    "fsck",
    "gc",
    "hash-object",
    "update-index",
    "count-objects",
];

/// True for what says something to others or changes what they see: it happened once, and is not to be done again.
fn is_event(simple: &Simple) -> bool {
    const SERVICES: &[&str] = &["gh", "glab", "hub", "tea", "az", "jira", "linear"];
    const VERBS: &[&str] = &[
        "comment",
        "note",
        "create",
        "close",
        "reopen",
        "merge",
        "review",
        "edit",
        "update",
        "delete",
        "approve",
        "lock",
        "transition",
        "assign",
        "comments",
        "done",
    ];
    let program = simple.program();
    let words = simple.words.get(1..).unwrap_or_default();
    let has = |wanted: &[&str]| {
        words.iter().any(|word| {
            let option = word
                .split_once('=')
                .map_or(word.as_str(), |(option, _)| option);
            wanted.contains(&option)
        })
    };
    let method = |word: &String| {
        ["POST", "PUT", "PATCH", "DELETE"].iter().any(|method| {
            word.trim_start_matches("-X")
                .trim_start_matches("--method=")
                == *method
        })
    };
    let sends = words.iter().any(method);
    match program {
        "curl" | "http" | "https" | "wget" => sends || has(&["-d", "--data", "--post-data"]),
        // A query in the language of graphs is sent as a field, too.
        "gh" | "glab" if words.first().is_some_and(|word| word == "api") => {
            let graph = words.iter().any(|word| word == "graphql");
            sends
                || words.iter().any(|word| word.contains("mutation"))
                || (!graph && has(&["-f", "-F", "--field", "--raw-field", "--input"]))
        }
        _ if SERVICES.contains(&program) => words
            .iter()
            .take_while(|word| !word.starts_with('-'))
            .take(2)
            .any(|word| VERBS.contains(&word.as_str())),
        "git" => words.first().is_some_and(|word| word == "commit"),
        _ => false,
    }
}

/// True if the command does something that the next session may want to run again.
pub(super) fn is_telling(simple: &Simple) -> bool {
    let program = simple.program();
    // A tool asked for its version; what the project's own program says of itself is part of the work.
    let second = simple.words.get(1).map_or("", String::as_str);
    let of_itself = matches!(second, "--help" | "--version" | "help" | "version");
    // What a tool's own documents say, a search finds again.
    let documents = program == "go" && second == "doc";
    // Who is signed in, and a filter that puts JSON in form.
    let aside = matches!(program, "gh" | "glab") && second == "auth" || program == "json.tool";
    if of_itself || documents || aside || is_event(simple) {
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
        let lists = simple.words.get(2).is_some_and(|word| word == "list");
        return !subcommand.starts_with('-')
            && !subcommand.is_empty()
            && !lists
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
                worked: None,
            });
            self.all.len() - 1
        });
        let command = &mut self.all[index];
        // To look at a pipeline works, whatever it says.
        let looks = matches!(command.check, Some((_, Family::Ci)));
        let worked = match verdict {
            Verdict::Green => true,
            Verdict::Unknown => looks || command.check.is_none(),
            Verdict::Red => looks,
        };
        if worked {
            command.worked = Some(cite.clone());
        }
        command.uses.add(cite.tick);
        command.verdict = verdict;
        command.last = cite.clone();
    }

    /// What `is_gone` says of a path was removed: what ran it cannot be run again.
    pub(super) fn removed(&mut self, is_gone: impl Fn(&str) -> bool) {
        let before = self.all.len();
        self.all.retain(|command| {
            let mut run = command.words.iter().take(2);
            !run.any(|word| word.contains('/') && is_gone(word))
        });
        if self.all.len() == before {
            return;
        }
        self.by_text = (0..)
            .zip(&self.all)
            .map(|(index, command)| (command.text.clone(), index))
            .collect();
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
            ("git worktree list", false),
            ("git rebase origin/main", false),
            ("git cherry-pick 1a2b3c4", true),
            ("go doc net/http Client", false),
            ("go mod tidy", true),
            ("pgrep -lf server", false),
            ("python3 -c 'print(1)'", false),
            ("python3 scripts/gen.py", true),
            ("python3 -m json.tool", false),
            ("gh auth status", false),
            ("gh run view 21", true),
            ("./run.sh", true),
            ("golangci-lint --help", false),
            ("go run ./cmd/shop list --help", true),
            ("go version", false),
            ("continue", false),
            ("X=$(git log)", false),
            (
                "gh api repos/a/b/pulls/1/comments/2/replies -f body=done",
                false,
            ),
            ("gh api -X PATCH repos/a/b/pulls/1", false),
            ("gh api repos/a/b/pulls/1/comments", true),
            ("gh api graphql -f query='query { viewer { login } }'", true),
            ("gh api graphql -f query='mutation { resolve }'", false),
            ("gh pr comment 12 --body ok", false),
            ("gh pr checks 12", true),
            ("bd close shop-1 --reason=done", true),
            ("bd ready", true),
            ("curl -s http://localhost:8080/health", true),
            ("curl -XPOST http://localhost:8080/orders", false),
        ] {
            assert_eq!(is_telling(&parse(command)[0]), telling, "{command}");
        }
    }
}
