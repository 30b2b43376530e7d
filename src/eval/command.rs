//! Commands and lines of error, made comparable.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{head, is_word};

/// Programs whose runs tell nothing of the work.
const TRIVIAL: &[&str] = &[
    "[", "awk", "cat", "cd", "chmod", "cp", "cut", "diff", "do", "done", "echo", "export", "fi",
    "find", "for", "grep", "head", "if", "jq", "kill", "ls", "mkdir", "mv", "printf", "ps", "pwd",
    "rg", "rm", "sed", "sleep", "sort", "source", "tail", "tee", "test", "then", "touch", "tr",
    "true", "uniq", "wc", "which", "while", "xargs",
];

/// Commands of git that tell nothing of the work.
const TRIVIAL_GIT: &[&str] = &[
    "add",
    "blame",
    "branch",
    "checkout",
    "commit",
    "diff",
    "fetch",
    "log",
    "ls-files",
    "pull",
    "push",
    "reset",
    "restore",
    "rev-parse",
    "show",
    "stash",
    "status",
];

/// A command without environment, folder, pipes, redirections and quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The words, as in `go test ./...`.
    pub(super) full: String,
    /// The program and its command, as in `go test`.
    pub(super) family: String,
}

static REDIRECTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]?>>?\s*\S+|2>&1|<\s*\S+"));

/// A pattern of this file or its neighbours.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

/// The commands of a line of shell, in order.
pub(super) fn commands(line: &str) -> Vec<Command> {
    let line = without_heredocs(line);
    let mut found = Vec::new();
    for part in parts(&line) {
        let part = part.split('|').next().unwrap_or_default();
        let part = REDIRECTED.replace_all(part, " ");
        let mut words: Vec<&str> = part.split_whitespace().collect();
        while let Some(&first) = words.first() {
            let assigned = first
                .split_once('=')
                .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_word));
            let wrapped = matches!(first, "sudo" | "time" | "timeout" | "env" | "(");
            if !assigned && !wrapped {
                break;
            }
            let dropped = if first == "timeout" { 2 } else { 1 };
            words.drain(..dropped.min(words.len()));
        }
        let Some(&first) = words.first() else {
            continue;
        };
        let program = first.rsplit('/').next().unwrap_or(first);
        let named = first.starts_with(|c: char| c.is_ascii_alphabetic() || "./_".contains(c));
        if TRIVIAL.binary_search(&program).is_ok() || !named {
            continue;
        }
        let sub = words
            .get(1)
            .copied()
            .filter(|word| is_sub(word))
            .unwrap_or_default();
        if program == "git" && (sub.is_empty() || TRIVIAL_GIT.binary_search(&sub).is_ok()) {
            continue;
        }
        let words: Vec<&str> = words
            .iter()
            .map(|word| word.trim_matches(['\'', '"']))
            .collect();
        found.push(Command {
            full: head(&words.join(" "), 160).to_owned(),
            family: format!("{program} {sub}").trim().to_owned(),
        });
    }
    found
}

fn is_sub(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| is_word(c) || c == ':' || c == '-')
}

/// What `&&`, `||`, `;` and line ends stand between.
fn parts(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let length = match byte {
            b';' | b'\n' => 1,
            b'&' | b'|' if bytes.get(at + 1) == Some(byte) => 2,
            _ => {
                at += 1;
                continue;
            }
        };
        parts.extend(line.get(from..at));
        at += length;
        from = at;
    }
    parts.extend(line.get(from..));
    parts
}

/// `line` with a blank in the place of each heredoc, from `<<` to the word that ends it.
fn without_heredocs(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut copied, mut at) = (0, 0);
    while let Some(next) = line.get(at..).and_then(|rest| rest.find("<<")) {
        at += next;
        match heredoc_end(line, at) {
            Some(end) => {
                out.push_str(line.get(copied..at).unwrap_or_default());
                out.push(' ');
                (copied, at) = (end, end);
            }
            None => at += 1,
        }
    }
    out.push_str(line.get(copied..).unwrap_or_default());
    out
}

/// The end of the heredoc that begins at `at`: behind the next line head that is its word. Where no line begins with
/// the word, one that begins with the beginning of it will do, the longest first.
fn heredoc_end(line: &str, at: usize) -> Option<usize> {
    let rest = line.get(at + 2..)?;
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    let rest = rest.strip_prefix(['\'', '"']).unwrap_or(rest);
    let start = line.len() - rest.len();
    let length: usize = rest
        .chars()
        .take_while(|c| is_word(*c))
        .map(char::len_utf8)
        .sum();
    let word = rest.get(..length)?;
    let ends: Vec<usize> = word
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .collect();
    ends.into_iter().rev().find_map(|length| {
        let word = rest.get(..length)?;
        let mut from = start + length;
        while let Some(next) = line.get(from..)?.find('\n') {
            from += next + 1;
            if line.get(from..)?.starts_with(word) {
                return Some(from + length);
            }
        }
        None
    })
}

static WRONG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)error|fail(?:ed|ure|ing)?\b|panic|traceback|exception|fatal|undefined|cannot |can't |not found|no such file|denied|unexpected|mismatch|\bE[0-9]{4}\b|✗|✘",
    )
});
static NOISE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)has not been read|string to replace not found|tool_use_error|^exit code [0-9]+$|0 (?:failed|failures|errors)|no error|interrupted by user",
    )
});
static FOLDERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w./\-]*/([\w.\-]+)"));
static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"0x[0-9a-f]+|\b[0-9a-f]{7,40}\b|[0-9]+(?:\.[0-9]+)?(?:ms|s)?"));
static SPACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+"));

/// A line that says what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What is the same when it comes again.
    pub(super) signature: String,
    /// The line.
    pub(super) line: String,
}

/// A line without its folders and numbers, in small letters.
pub(super) fn signature(line: &str) -> String {
    let lower = line.trim().to_lowercase();
    let text = FOLDERS.replace_all(&lower, "$1");
    let text = NUMBERS.replace_all(&text, "#");
    let text = SPACE.replace_all(&text, " ");
    head(&text, 140).to_owned()
}

/// The first lines of an output that say what went wrong.
pub(super) fn failures(output: &str) -> Vec<Failure> {
    const MOST: usize = 12;
    head(output, 20_000)
        .split('\n')
        .filter(|line| (12..=400).contains(&line.chars().count()))
        .filter(|line| WRONG.is_match(line) && !NOISE.is_match(line))
        .map(|line| Failure {
            signature: signature(line),
            line: head(line.trim(), 200).to_owned(),
        })
        .filter(|failure| super::text::words(&failure.signature).nth(1).is_some())
        .take(MOST)
        .collect()
}

/// The parts of a signature that are compared: letters, `_` and `#`, two or more.
pub(super) fn marks(signature: &str) -> impl Iterator<Item = &str> {
    signature
        .split(|c: char| !(c.is_ascii_lowercase() || c == '_' || c == '#'))
        .filter(|mark| mark.len() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_lose_what_differs_from_run_to_run() {
        let check = |line: &str, expected: &[(&str, &str)]| {
            let found = commands(line);
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|it| (it.full.as_str(), it.family.as_str()))
                .collect();
            assert_eq!(found, expected, "{line}");
        };
        check(
            "cd x && CI=1 go test ./... 2>&1 | tail -5",
            &[("go test ./...", "go test")],
        );
        check(
            "timeout 60 npm run \"build\" > out.txt; ls",
            &[("npm run build", "npm run")],
        );
        check(
            "git status && git rebase -i main",
            &[("git rebase -i main", "git rebase")],
        );
        check(
            "python - <<'EOF'\nimport os\nEOF\nmake",
            &[("python -", "python"), ("make", "make")],
        );
        check("./run.sh --all", &[("./run.sh --all", "run.sh")]);
        check("cat <<EOF\nnever ended", &[("never ended", "never ended")]);
        check("( ) && 2x", &[]);
    }

    #[test]
    fn a_failure_is_the_same_wherever_and_whenever() {
        assert_eq!(
            signature("  Error: /tmp/x1/build/a.go:12:3 took 1.5s at 0xff in deadbeef01"),
            "error: a.go:#:# took # at # in #"
        );
        let check = |line: &str, is: bool| assert_eq!(!failures(line).is_empty(), is, "{line}");
        check("main.go:3: undefined: newBuilder", true);
        check("0 errors and 12 warnings", false);
        check("Tests failed", true);
        check("failed 12", false);
        check("error E", false);
        check("Exit code 1234567", false);
        assert_eq!(
            marks("undefined: a_b #:# x").collect::<Vec<_>>(),
            ["undefined", "a_b"]
        );
    }
}
