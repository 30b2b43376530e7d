//! Rules: what to look for, as data with its proof beside it.
//!
//! Built-in rules are ordinary files under `src/rules/builtin/`, embedded in
//! the binary; a user's rule file is of the same form. One automaton over the
//! keywords of a scope decides which patterns run, and on which lines.

mod format;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use format::RuleFile;
pub use format::{Example, Kind, Scope};
use scan::Automata;

use crate::error::{Error, ErrorKind};

/// The built-in rule files, in the order in which rules are tried.
const BUILTIN: &[(&str, &str)] = &[
    ("environment.toml", include_str!("builtin/environment.toml")),
    ("failures_build.toml", include_str!("builtin/failures_build.toml")),
    ("failures_run.toml", include_str!("builtin/failures_run.toml")),
    ("failures_services.toml", include_str!("builtin/failures_services.toml")),
    ("failures_tests.toml", include_str!("builtin/failures_tests.toml")),
    ("git.toml", include_str!("builtin/git.toml")),
    ("go.toml", include_str!("builtin/go.toml")),
    ("prose.toml", include_str!("builtin/prose.toml")),
    ("wrappers.toml", include_str!("builtin/wrappers.toml")),
];

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in kebab-case, unique.
    pub id: String,
    /// What it finds.
    pub kind: Kind,
    /// Where it looks, and for `tool_output` in the output of which tool.
    pub scopes: Vec<(Scope, Option<String>)>,
    /// Literals; one of them is in every text that the pattern matches.
    pub keywords: Vec<String>,
    /// The pattern as it is written.
    pub pattern: String,
    /// How many lines a match may span: 1 to 8.
    pub lines: usize,
    /// How much a finding matters, against 1 for an ordinary one.
    pub weight: f32,
    /// The check it belongs to.
    pub tool: Option<String>,
    /// What the check verifies: `test`, `build`, `lint`, `types`, `format`, `ci`, `deploy`, `run`.
    pub family: Option<String>,
    /// The kind of a failure.
    pub class: Option<String>,
    /// What a failure is about: `product`, `environment`, `agent`.
    pub about: Option<String>,
    /// What the line alone decides: `green` or `red`.
    pub verdict: Option<String>,
    /// Texts it finds something in, with what it extracts.
    pub fires: Vec<Example>,
    /// Texts it finds nothing in.
    pub silent: Vec<Example>,
    /// The pattern, compiled at its first candidate: compiling all of them takes longer than reading a log.
    regex: OnceLock<Option<Regex>>,
}

/// A match.
#[derive(Debug)]
pub struct Hit<'r, 't> {
    /// The rule.
    pub rule: &'r Rule,
    /// The line of the text that the match begins on, from zero.
    pub line: usize,
    captures: regex::Captures<'t>,
}

impl<'t> Hit<'_, 't> {
    /// The text that matched.
    pub fn text(&self) -> &'t str {
        self.captures.get(0).map_or("", |found| found.as_str())
    }

    /// What the group `name` matched; none if it took no part or there is none of that name.
    pub fn get(&self, name: &str) -> Option<&'t str> {
        self.captures.name(name).map(|found| found.as_str())
    }
}

/// A set of rules, ready to be used.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    automata: Automata,
}

impl RuleSet {
    /// The built-in rules.
    pub fn builtin() -> &'static Self {
        static SET: OnceLock<RuleSet> = OnceLock::new();
        // The files are part of the program, and the tests load them: they cannot be wrong here.
        SET.get_or_init(|| Self::of(merge(BUILTIN).unwrap_or_default()))
    }

    /// The rules of `files`, given as name and text, in order; a later rule replaces an earlier one of its id.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rules`] with every mistake of every file, each with its place; nothing is half loaded.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, Error> {
        let rules = merge(files).map_err(ErrorKind::Rules)?;
        let mistakes = format::uncompiled(&rules);
        if mistakes.is_empty() {
            Ok(Self::of(rules))
        } else {
            Err(ErrorKind::Rules(mistakes).into())
        }
    }

    fn of(rules: Vec<Rule>) -> Self {
        let automata = Automata::new(&rules);
        Self { rules, automata }
    }

    /// The rules, in the order in which they are tried.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Gives `hit` every match in `text` of the rules that look at `scope`: by line, then in the order of the rules.
    ///
    /// `tool` names the tool whose output it is. A line longer than 16 KiB is seen in a window around the keyword.
    pub fn scan<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        text: &'t str,
        mut hit: impl FnMut(Hit<'r, 't>),
    ) {
        self.automata.scan(&self.rules, scope, tool, text, &mut hit);
    }
}

impl Rule {
    /// The compiled pattern; none if it does not compile, which loading has ruled out for users' rules.
    fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| compile(&self.pattern).ok())
            .as_ref()
    }

    fn looks_at(&self, scope: Scope, tool: Option<&str>) -> bool {
        self.scopes
            .iter()
            .any(|(own, of)| *own == scope && (of.is_none() || of.as_deref() == tool))
    }
}

/// The rules of `files` in order, a later one in the place of an earlier one of its id; or every mistake.
fn merge(files: &[(&str, &str)]) -> Result<Vec<Rule>, Vec<String>> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut mistakes = Vec::new();
    for (name, text) in files {
        match RuleFile::read(name, text) {
            Ok(more) => {
                for rule in more {
                    match rules.iter_mut().find(|known| known.id == rule.id) {
                        Some(known) => *known = rule,
                        None => rules.push(rule),
                    }
                }
            }
            Err(more) => mistakes.extend(more),
        }
    }
    if mistakes.is_empty() {
        Ok(rules)
    } else {
        Err(mistakes)
    }
}

/// Compiles a pattern within bounds: a rule that is too large is refused instead of filling memory.
fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    const SIZE: usize = 1 << 20;
    const DFA: usize = 2 << 20;
    const NEST: u32 = 50;
    RegexBuilder::new(pattern)
        .multi_line(true)
        .size_limit(SIZE)
        .dfa_size_limit(DFA)
        .nest_limit(NEST)
        .build()
}
