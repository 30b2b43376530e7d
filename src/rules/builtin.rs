//! The built-in rules, as the build wrote them down from the files of `builtin/`.

use std::sync::{Arc, OnceLock};

use super::compile::Built;
use super::layers::pack;
use super::rule::{About, Class, Family, Kind, Layer, Rule, RuleScope, Scope, Verdict};

/// All of them, in their order.
const ROWS: &[Row] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The files themselves, each with its name: what shows a rule, or proves one, reads them.
pub(super) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The automata of all patterns.
static PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/programs.bin"));

/// One rule without its examples: the proof is for tests, and is two thirds of the bytes.
struct Row {
    file: &'static str,
    line: u32,
    id: &'static str,
    kind: Kind,
    scope: &'static [(Scope, Option<&'static str>)],
    keywords: &'static [&'static str],
    pattern: &'static str,
    begins_line: bool,
    needed: &'static [&'static [&'static [u8]]],
    /// Where its automaton stands in [`PROGRAMS`].
    program: (usize, usize),
    ignore_case: bool,
    prefixed: bool,
    disabled: bool,
    lines: u8,
    weight: f64,
    tool: Option<&'static str>,
    source: Option<&'static str>,
    family: Option<Family>,
    class: Option<Class>,
    about: Option<About>,
    verdict: Option<Verdict>,
}

/// The rules, in their order; a file's rules share its name.
pub(super) fn rules() -> Vec<Arc<Rule>> {
    let mut file: Arc<str> = Arc::from("");
    let rules = ROWS.iter().map(|row| {
        if *file != *row.file {
            file = Arc::from(row.file);
        }
        let scope = row.scope.iter().map(|&(scope, tool)| RuleScope {
            scope,
            tool: tool.map(Into::into),
        });
        Arc::new(Rule {
            id: row.id.into(),
            kind: row.kind,
            scope: scope.collect(),
            keywords: row.keywords.iter().map(|&keyword| keyword.into()).collect(),
            pattern: row.pattern.into(),
            ignore_case: row.ignore_case,
            prefixed: row.prefixed,
            lines: row.lines,
            weight: row.weight,
            disabled: row.disabled,
            tool: row.tool.map(Into::into),
            family: row.family,
            class: row.class,
            about: row.about,
            verdict: row.verdict,
            source: row.source.map(Into::into),
            fires: Vec::new(),
            silent: Vec::new(),
            file: file.clone(),
            line: row.line,
            layer: Layer::BuiltIn,
            pack: Some(pack(row.file)),
            changes: Vec::new(),
            program: PROGRAMS
                .get(row.program.0..row.program.1)
                .map(|program| Built {
                    begins_line: row.begins_line,
                    needed: row.needed,
                    program,
                }),
            regex: OnceLock::new(),
        })
    });
    rules.collect()
}
