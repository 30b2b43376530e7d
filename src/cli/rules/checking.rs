//! Commands that no rule knows: which of them verify something, and what names them.

use super::template::escaped;
use crate::extract::command::Simple;
use crate::rules::{Family, Probe, Scope};

/// Programs that show, move or fetch things: they check nothing, and what they print is something else's.
const OTHERS: &[&str] = &[
    "[",
    ".",
    "awk",
    "basename",
    "bat",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cmp",
    "column",
    "cp",
    "curl",
    "cut",
    "date",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "env",
    "exit",
    "export",
    "false",
    "fd",
    "file",
    "find",
    "gh",
    "git",
    "grep",
    "egrep",
    "gunzip",
    "gzip",
    "head",
    "jj",
    "jq",
    "kill",
    "less",
    "ln",
    "ls",
    "man",
    "mkdir",
    "more",
    "mv",
    "nl",
    "open",
    "osascript",
    "pgrep",
    "pkill",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "read",
    "readlink",
    "realpath",
    "rg",
    "rm",
    "rmdir",
    "rsync",
    "scp",
    "sed",
    "set",
    "sleep",
    "sort",
    "source",
    "ssh",
    "sqlite3",
    "stat",
    "strings",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "tree",
    "true",
    "type",
    "uniq",
    "unset",
    "unzip",
    "vim",
    "wait",
    "wc",
    "wget",
    "which",
    "whoami",
    "xargs",
    "xxd",
    "yq",
    "zip",
];

/// Programs that run the script that follows.
const INTERPRETERS: &[&str] = &[
    "bash", "bun", "deno", "node", "perl", "php", "python", "python3", "Rscript", "ruby", "sh",
    "ts-node", "tsx", "zsh",
];

/// True for a program that shows, moves or fetches things.
pub(super) fn only_shows(simple: &Simple) -> bool {
    OTHERS.contains(&simple.program())
}

/// A command as a check: what makes it the same one each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checking {
    /// The words that name it.
    pub(super) tool: String,
    /// What it verifies.
    pub(super) family: Family,
    /// Matches it with whatever it is run on.
    pub(super) pattern: String,
    /// A command that looks like it and is none.
    pub(super) near_miss: String,
}

/// A script as a test, whatever its name says: for what is known by its output.
pub(super) fn by_output(simple: &Simple) -> Option<Checking> {
    let family = Family::Test;
    let program = simple.program();
    let rest: Vec<&str> = simple.words.iter().skip(1).map(String::as_str).collect();
    let plain = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    };
    if only_shows(simple) || !plain(program) {
        return None;
    }
    let script = rest.first().filter(|word| is_script(word));
    match script.filter(|_| INTERPRETERS.contains(&program)) {
        Some(script) => Some(of_script(program, script, family)),
        None if is_script(program) => Some(of_program(program, family)),
        None => None,
    }
}

/// The command as a check, by its program and the words behind it: for what somebody says is one.
pub(super) fn by_name(simple: &Simple) -> Option<Checking> {
    let program = simple.program();
    let rest: Vec<&str> = simple.words.iter().skip(1).map(String::as_str).collect();
    let family = |words: &str| family(words).unwrap_or(Family::Test);
    if let Some(script) = rest
        .first()
        .filter(|word| INTERPRETERS.contains(&program) && is_script(word))
    {
        return Some(of_script(program, script, family(script)));
    }
    let word = |word: &&&str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-' || c == ':')
    };
    // More words are rather what it is run on.
    let mut named = vec![program];
    named.extend(rest.iter().take(1).take_while(word));
    let tool = named.join(" ");
    let near_miss = match named.len() {
        1 => format!("which {program}"),
        _ => format!("{program} --help"),
    };
    (!program.is_empty()).then(|| Checking {
        family: family(&tool),
        pattern: format!(r"^{}(?: (?<target>\S.*))?$", escaped(&tool)),
        near_miss,
        tool,
    })
}

/// True for a command, as rules see it, that is the check.
pub(super) fn is(checking: &Checking, line: &str) -> bool {
    let mut hit = false;
    if let Ok(probe) = Probe::new(&checking.pattern, None, false, 1) {
        probe.scan(Scope::Command, None, line, |_| hit = true);
    }
    hit
}

fn of_script(program: &str, script: &str, family: Family) -> Checking {
    let name = script.rsplit('/').next().unwrap_or(script);
    Checking {
        tool: name.to_owned(),
        family,
        pattern: format!(
            r"^{} (?:\S*/)?{}(?: (?<target>\S.*))?$",
            escaped(program),
            escaped(name)
        ),
        near_miss: format!("cat {script}"),
    }
}

fn of_program(program: &str, family: Family) -> Checking {
    Checking {
        tool: program.to_owned(),
        family,
        pattern: format!(r"^{}(?: (?<target>\S.*))?$", escaped(program)),
        near_miss: format!("which {program}"),
    }
}

/// The command as a check, if its words say that it verifies something.
pub(super) fn checking(simple: &Simple) -> Option<Checking> {
    const ASKS: &[&str] = &["--help", "-h", "--version", "help", "version"];
    if only_shows(simple)
        || simple
            .words
            .iter()
            .any(|word| ASKS.contains(&word.as_str()))
    {
        return None;
    }
    let program = simple.program();
    let rest: Vec<&str> = simple.words.iter().skip(1).map(String::as_str).collect();
    if program.contains(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
        return None;
    }
    let script = rest.first().filter(|_| INTERPRETERS.contains(&program));
    if let Some(script) = script.filter(|word| is_script(word)) {
        let name = script.rsplit('/').next().unwrap_or(script);
        return Some(of_script(program, script, family(name)?));
    }
    if let Some(family) = family(program).filter(|_| is_checker(program)) {
        return Some(of_program(program, family));
    }
    // Up to the word that says it, if all before it are words too: `mise run lint`, `quax verify`, `hurl --test`.
    let mut named = vec![program];
    for word in rest.iter().take(3) {
        let plain = word.strip_prefix("--").unwrap_or(word);
        let sound = plain.starts_with(|c: char| c.is_ascii_lowercase())
            && plain.chars().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ':' | '-' | '_')
            });
        if !sound || (word.starts_with("--") && named.len() > 1) {
            return None;
        }
        named.push(word);
        if let Some(family) = family(plain) {
            let tool = named.join(" ");
            return Some(Checking {
                family,
                pattern: format!(r"^{}(?: (?<target>\S.*))?$", escaped(&tool)),
                near_miss: format!("{program} --help"),
                tool,
            });
        }
        if word.starts_with("--") {
            return None;
        }
    }
    None
}

/// True for a program that does nothing else, by its name: `check-links`, `yamllint`, `run_tests.sh`. What only ends in
/// `-test` may be what is tested.
fn is_checker(program: &str) -> bool {
    let name = program.rsplit_once('.').map_or(program, |(name, _)| name);
    !INTERPRETERS.contains(&program)
        && (is_script(program)
            || ends(
                name,
                &["lint", "check", "fmt", "tests", "validate", "verify"],
            )
            || [
                "test-",
                "test_",
                "check-",
                "check_",
                "verify-",
                "lint-",
                "validate-",
            ]
            .iter()
            .any(|head| name.starts_with(head)))
}

/// True for a script that somebody keeps.
fn is_script(word: &str) -> bool {
    const ENDS: &[&str] = &[
        ".sh", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".php", ".R", ".bash",
    ];
    !word.starts_with(['-', '$'])
        && !word.starts_with("/tmp/")
        && ENDS.iter().any(|end| word.ends_with(end))
}

/// What a command verifies, by a word of it.
fn family(word: &str) -> Option<Family> {
    let parts: Vec<&str> = word
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|part| !part.is_empty())
        .collect();
    let has = |words: &[&str]| parts.iter().any(|part| words.contains(part));
    Some(
        if has(&["lint", "vet", "linter", "audit"]) || ends(word, &["lint", "check"]) {
            match has(&["typecheck"]) || (has(&["type", "types"]) && has(&["check"])) {
                true => Family::Types,
                false => Family::Lint,
            }
        } else if has(&["typecheck", "tsc"]) {
            Family::Types
        } else if has(&["fmt", "format"]) || ends(word, &["fmt"]) {
            Family::Format
        } else if has(&[
            "test",
            "tests",
            "spec",
            "specs",
            "selftest",
            "unittest",
            "integration",
            "bats",
        ]) || parts.contains(&"e") && word.contains("e2e")
        {
            Family::Test
        } else if has(&["verify", "validate", "check", "checks"]) {
            Family::Lint
        } else if has(&["build", "compile"]) {
            Family::Build
        } else if has(&["ci"]) {
            Family::Ci
        } else {
            return None;
        },
    )
}

fn ends(word: &str, ends: &[&str]) -> bool {
    ends.iter()
        .any(|end| word.len() > end.len() && word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::command;

    #[test]
    fn commands_that_check_are_known_by_a_word() {
        let check = |line: &str, expected: Option<(&str, Family)>| {
            let simple = command::parse(line);
            let found = simple.first().and_then(checking);
            let found = found
                .as_ref()
                .map(|found| (found.tool.as_str(), found.family));
            assert_eq!(found, expected, "{line}");
        };
        check("quax verify core", Some(("quax verify", Family::Lint)));
        check("hurl --test tests/", Some(("hurl --test", Family::Test)));
        check(
            "python3 scripts/check_links.py docs",
            Some(("check_links.py", Family::Lint)),
        );
        check(
            "./scripts/run-tests.sh -v",
            Some(("run-tests.sh", Family::Test)),
        );
        check("yamllint .", Some(("yamllint", Family::Lint)));
        check(
            "x run test:e2e --quick",
            Some(("x run test:e2e", Family::Test)),
        );
        check("mkdir test", None);
        check("git verify-commit HEAD", None);
        check("python3 main.py test", None);
        check("quax --help", None);
        check("entire-test rewind", None);
        check("yamllint version", None);
        check("quax ./test", None);
        check("[ -f test ]", None);
    }
}
