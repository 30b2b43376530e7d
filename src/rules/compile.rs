//! Pattern → regex, within limits that hold for a stranger's pattern too.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes of a pattern as it is written.
pub(super) const PATTERN_BYTES: usize = 4096;
/// Bytes of a compiled pattern: `\w{1000}` with Unicode classes is over it.
const COMPILED_BYTES: usize = 1 << 20;
/// Bytes of the cache that a lazily built automaton may take.
const CACHE_BYTES: usize = 2 << 20;
/// How deep groups, classes and repetitions may stand in each other.
const NESTING: u32 = 50;

/// What may stand before a line when several programs print into one log: mise's `[task] `, the
/// job, step and time of a CI log, a container's `web-1  | `, `package:task: `, `package task: `, `step – `.
const PREFIX: &str = r"(?-u:\[[^\]\s]+\] +|(?:[^\t\n]+\t){2}|\d{4}-\d\d-\d\dT[\d:.]+Z |[\w.-]+ +\| |@?[\w./-]+:\w[\w:-]*: |[\w./@-]+ \w[\w:-]*: | *[\w-]+ – )*";

/// The group that holds the match without the prefix.
pub(super) const AFTER_PREFIX: &str = "after_prefix";

/// The pattern for lines that may have a prefix; it begins with `^`.
pub(super) fn with_prefix(pattern: &str) -> String {
    let rest = pattern.strip_prefix('^').unwrap_or(pattern);
    format!("^{PREFIX}(?<{AFTER_PREFIX}>{rest})")
}

/// Compiles a pattern: `^` and `$` stand for the ends of a line, a line may end in `\r\n`,
/// and `\w`, `\d`, `\s` and `\b` know ASCII alone.
///
/// A pattern that needs Unicode, as for `[✓✗]` or `\p{L}`, is compiled with it instead.
///
/// # Errors
///
/// What is wrong with the pattern, in one line.
pub(super) fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    let build = |unicode| {
        RegexBuilder::new(pattern)
            .unicode(unicode)
            .multi_line(true)
            .crlf(true)
            .case_insensitive(ignore_case)
            .size_limit(COMPILED_BYTES)
            .dfa_size_limit(CACHE_BYTES)
            .nest_limit(NESTING)
            .build()
    };
    build(false)
        .or_else(|_| build(true))
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => {
                format!("too large when compiled, over {limit} bytes; use smaller counts in {{…}}")
            }
            // The message draws the pattern over several lines; its last line says what is wrong.
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default().trim();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
        })
}
