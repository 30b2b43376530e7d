//! The words of a handoff that something can be held to: numbers, paths, commands.

use std::sync::LazyLock;

use regex::Regex;

use super::document::{Document, Line};
use crate::extract::command;
use crate::extract::words::identifiers;

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[\s(“,:×~≥≤<>=+/$€-])\d[\d.,]*(?:%|×|x|[kMG]?B|ms|s|/\d+)?(?:$|[\s)”,.;:×/%-])",
    )
    .ok()
});

/// True if `text` holds a number that measures: not a part of a name, a hash or a version.
pub(super) fn has_number(text: &str) -> bool {
    NUMBER.as_ref().is_some_and(|number| number.is_match(text))
}

/// True if a line says something that can be found again: a number, a path, code, a name, a quotation.
pub(super) fn is_concrete(line: &Line) -> bool {
    let said = line.uncited.get(line.begins..).unwrap_or("");
    has_number(said)
        || !line.code().is_empty()
        || said.contains('“')
        || identifiers(said).next().is_some()
        || paths(said).next().is_some()
}

/// The words of `text` that have the shape of a file's path, each with the byte at which it begins; marks of a line
/// or a test behind it (`:12`, `::test_x`) are cut.
pub(super) fn paths(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let outside = |c: char| c.is_whitespace() || "\"'`()[]<>,;“”|=".contains(c);
    text.split(outside)
        .map(|word| {
            let word = word.split(':').next().unwrap_or(word).trim_end_matches('.');
            (word.as_ptr() as usize - text.as_ptr() as usize, word)
        })
        .filter(|(_, word)| is_path(word))
}

fn is_path(word: &str) -> bool {
    if word.contains(['*', '$', '{', '~', '@', '…', '%', '\\'])
        || word.contains("...")
        || word.starts_with('-')
    {
        return false;
    }
    let name = word.rsplit('/').next().unwrap_or(word);
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    let shaped = !extension.is_empty()
        && extension.len() <= 6
        && extension.starts_with(|c: char| c.is_ascii_lowercase())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !shaped || word.starts_with("//") {
        return false;
    }
    // Without a folder, `queue.take` is a call and `e.g` a shorthand: only what files are called counts.
    word.contains('/') || (!stem.is_empty() && EXTENSIONS.contains(&extension))
}

const EXTENSIONS: [&str; 40] = [
    "bash", "c", "cc", "cfg", "cpp", "cs", "css", "go", "h", "hpp", "html", "java", "js", "json",
    "jsx", "kt", "lock", "lua", "md", "mjs", "php", "proto", "py", "rb", "rs", "rst", "scala",
    "scss", "sh", "sql", "swift", "tf", "toml", "ts", "tsx", "txt", "vue", "xml", "yaml", "yml",
];

/// True if the document shows a command as it is typed.
pub(super) fn has_command(document: &Document<'_>) -> bool {
    document.lines.iter().any(|line| {
        let block = line.fenced || line.text.starts_with("    ") || line.text.starts_with('\t');
        (block && is_command(line.text.trim()))
            || line.code().iter().any(|(_, code)| is_command(code))
    })
}

/// Programs that are a command without an argument.
const ALONE: [&str; 12] = [
    "ansible-lint",
    "build",
    "eslint",
    "jest",
    "just",
    "make",
    "mypy",
    "nox",
    "pytest",
    "rspec",
    "tox",
    "vitest",
];

fn is_command(text: &str) -> bool {
    let text = text.strip_prefix("$ ").unwrap_or(text);
    let parsed = command::parse(text);
    let Some(first) = parsed.first() else {
        return false;
    };
    let program = first.program();
    let named = program.starts_with(|c: char| c.is_ascii_lowercase())
        && program
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
        && program != "passdown";
    let script = text.starts_with("./") || text.starts_with("bash ");
    script
        || (named
            && (ALONE.contains(&program) || (text.contains(' ') && !text.contains(['(', '<']))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_measure() {
        for text in [
            "30/90 passed",
            "(33.3 %)",
            "12 open",
            "took 1.5s",
            "5× “x”",
            "-2 lines",
        ] {
            assert!(has_number(text), "{text}");
        }
        for text in [
            "v1x",
            "red",
            "abc1234",
            "step one",
            "python3 works",
            "fix 1a2b3c4",
        ] {
            assert!(!has_number(text), "{text}");
        }
    }

    #[test]
    fn paths_are_told_from_words() {
        let found = |text| paths(text).map(|(_, path)| path).collect::<Vec<_>>();
        assert_eq!(
            found(
                "see tests/test_q.py::test_a, `src/a.rs:12` and (main.go), e.g. and/or 1/2 fix/flaky self.x go test ./..."
            ),
            ["tests/test_q.py", "src/a.rs", "main.go"]
        );
        assert_eq!(
            found("https://a.b/c.html *.rs $HOME/x.rs"),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn commands_are_told_from_names() {
        let document = |text: &str| has_command(&Document::new(text));
        for text in [
            "`pytest -q`",
            "run `make`",
            "```\n$ go test ./...\n```",
            "    npm test",
            "`A=1 cargo test`",
        ] {
            assert!(document(text), "{text}");
        }
        for text in [
            "`splitBudget`",
            "`src/main.rs`",
            "pytest -q",
            "`passdown show a:L2`",
        ] {
            assert!(!document(text), "{text}");
        }
    }
}
