//! Pattern → syntax and automaton, within limits that hold for a stranger's pattern too.
//!
//! Used by the build script as well, which does this for the built-in patterns.

use regex_automata::nfa::thompson::{Compiler, Config, NFA};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

/// Bytes of a compiled pattern: `\w{1000}` with Unicode classes is over it.
pub(super) const COMPILED_BYTES: usize = 1 << 20;
/// How deep groups, classes and repetitions may stand in each other.
pub(super) const NESTING: u32 = 50;

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

/// Parses a pattern: `^` and `$` stand for the ends of a line, a line may end in `\r\n`,
/// and `\w`, `\d`, `\s` and `\b` know ASCII alone.
///
/// A pattern that needs Unicode, as for `[✓✗]` or `\p{L}`, is parsed with it instead.
///
/// # Errors
///
/// What is wrong with the pattern, in one line.
pub(super) fn parse(pattern: &str, ignore_case: bool) -> Result<Hir, String> {
    let form = |unicode| {
        let mut parser = ParserBuilder::new()
            .unicode(unicode)
            .utf8(false)
            .multi_line(true)
            .crlf(true)
            .case_insensitive(ignore_case)
            .nest_limit(NESTING)
            .build();
        // The message draws the pattern over several lines; its last line says what is wrong.
        parser.parse(pattern).map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        })
    };
    form(false).or_else(|_| form(true))
}

/// Compiles a pattern.
///
/// # Errors
///
/// What is wrong with the pattern, in one line: it is too large.
pub(super) fn automaton(syntax: &Hir) -> Result<NFA, String> {
    let config = Config::new()
        .utf8(false)
        .nfa_size_limit(Some(COMPILED_BYTES));
    Compiler::new()
        .configure(config)
        .build_from_hir(syntax)
        .map_err(|error| match error.size_limit() {
            Some(limit) => {
                format!("too large when compiled, over {limit} bytes; use smaller counts in {{…}}")
            }
            None => error.to_string(),
        })
}

/// True if every match begins where a line does.
pub(super) fn begins_line(syntax: &Hir) -> bool {
    let first = syntax.properties().look_set_prefix();
    first.contains(Look::StartCRLF) || first.contains(Look::Start)
}
