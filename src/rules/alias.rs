//! A line of `[checks]`, as `"mise run test" = "test"`: a project's own word for a check, as a rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::compile::PATTERN_BYTES;
use super::rule::{Example, Family, Kind, Rule, RuleScope, Scope};

/// The id of the rule for a command; none if that is no command of one line.
pub(super) fn id(command: &str) -> Option<Box<str>> {
    let is_line = command.trim() == command && !command.contains(['\n', '\r']);
    if !is_line || command.len() < 2 || command.len() > PATTERN_BYTES / 8 {
        return None;
    }
    let lower = command.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty()).then(|| format!("check-{}", words.join("-")).into())
}

/// The rule: the command, and behind it what it is run on.
pub(super) fn rule(id: &str, command: &str, family: Family, file: Arc<str>, line: u32) -> Rule {
    let example = |text: String, captures: &[(&str, &str)]| Example {
        text,
        captures: (captures.iter())
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect::<BTreeMap<_, _>>(),
        line,
    };
    Rule {
        kind: Kind::Check,
        scope: vec![RuleScope {
            scope: Scope::Command,
            tool: None,
        }],
        keywords: vec![command.into()],
        pattern: format!("^{}(?: (?<target>\\S.*))?$", regex_syntax::escape(command)).into(),
        tool: Some(command.into()),
        family: Some(family),
        fires: vec![
            example(command.to_owned(), &[]),
            example(format!("{command} a/b"), &[("target", "a/b")]),
        ],
        silent: vec![example(format!("{command}x"), &[])],
        ..Rule::blank(id.into(), file, line)
    }
}
