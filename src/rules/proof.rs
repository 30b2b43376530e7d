//! The proof of a rule: its own examples.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{Ast, Span};

use super::RuleSet;
use super::compile;
use super::rule::{Example, Rule};
use super::scan::Hit;

/// An example that a rule fails. Displays as `file:line: rule …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// The rule's id.
    pub id: Box<str>,
    /// The file of the example.
    pub file: String,
    /// The line of the example in it, one-based.
    pub line: u32,
    /// *missing* where it should fire, *noisy* where it should not, or what a group holds instead.
    pub what: String,
    /// The example.
    pub text: String,
    /// The bytes of the example that it is about: what is matched, as far as anything is.
    pub span: Option<Range<usize>>,
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: rule `{}`: {}",
            self.file, self.line, self.id, self.what
        )
    }
}

/// Runs the examples of a rule, by itself: what other rules find does not count.
pub(super) fn failing(rule: &Arc<Rule>) -> Vec<Failing> {
    let alone = RuleSet::of(vec![Arc::clone(rule)]);
    let mut failing = Vec::new();
    let mut tell = |example: &Example, what: String, span: Option<Range<usize>>| {
        failing.push(Failing {
            id: rule.id.clone(),
            file: rule.file.to_string(),
            line: example.line,
            what,
            text: example.text.clone(),
            span,
        });
    };
    for example in &rule.fires {
        let groups: Vec<&str> = rule.groups().collect();
        for name in example
            .captures
            .keys()
            .filter(|name| !groups.contains(&name.as_str()))
        {
            tell(example, format!("the pattern has no group `{name}`"), None);
        }
        let hits = hits(&alone, rule, &example.text);
        let Some(first) = hits.first() else {
            let (why, span) = missing(rule, &example.text);
            tell(example, format!("missing: {why}"), span);
            continue;
        };
        for (name, expected) in &example.captures {
            if !groups.contains(&name.as_str()) {
                continue;
            }
            match first.group(name) {
                None => {
                    let what = format!("missing: `{name}` holds nothing, not `{expected}`");
                    tell(example, what, Some(first.start..first.end));
                }
                Some((span, found)) if found != expected => {
                    let what = format!("`{name}` is `{found}`, not `{expected}`");
                    tell(example, what, Some(span));
                }
                Some(_) => {}
            }
        }
    }
    for example in &rule.silent {
        if let Some(first) = hits(&alone, rule, &example.text).first() {
            let what = "noisy: it should be silent, and fires".to_owned();
            tell(example, what, Some(first.start..first.end));
        }
    }
    failing
}

/// The hits of a rule in a text; in each of its scopes they are the same, so the first serves.
fn hits<'r, 't>(alone: &'r RuleSet, rule: &Rule, text: &'t str) -> Vec<Hit<'r, 't>> {
    let mut hits = Vec::new();
    if let Some(scope) = rule.scope.first() {
        alone.scan(scope.scope, scope.tool.as_deref(), text, |hit| {
            hits.push(hit);
        });
    }
    hits
}

/// Why a rule does not fire on a text, and the bytes that its pattern fits before it stops.
fn missing(rule: &Rule, text: &str) -> (String, Option<Range<usize>>) {
    let has = |keyword: &str| match rule.ignore_case {
        true => text
            .to_ascii_lowercase()
            .contains(&keyword.to_ascii_lowercase()),
        false => text.contains(keyword),
    };
    if !rule.keywords.iter().any(|keyword| has(keyword)) {
        let keywords = rule.keywords.join("`, `");
        return (
            format!("none of its keywords is in it (`{keywords}`)"),
            None,
        );
    }
    let whole = rule.regex().ok().and_then(|regex| first(regex, text));
    if let Some(span) = whole {
        let what = match span.is_empty() {
            true => "the match is empty, which is no hit".to_owned(),
            false => format!(
                "the match begins on a line without a keyword, or spans more than `lines = {}`",
                rule.lines
            ),
        };
        return (what, Some(span));
    }
    match reach(rule, text) {
        Some((span, rest)) => {
            let rest: String = match rest.chars().count() > 40 {
                true => rest.chars().take(39).chain(['…']).collect(),
                false => rest.to_owned(),
            };
            (
                format!("the pattern fits so far, then asks for `{rest}`"),
                Some(span),
            )
        }
        None => ("no part of the pattern fits".to_owned(), None),
    }
}

fn first(regex: &compile::Pattern, text: &str) -> Option<Range<usize>> {
    let found = regex.captures_at(text.as_bytes(), 0)?;
    let whole = found.name(compile::AFTER_PREFIX).or(found.whole())?.range();
    Some(text.ceil_char_boundary(whole.start)..text.floor_char_boundary(whole.end))
}

/// The longest beginning of the pattern that fits somewhere in the text: what it matches, and the rest of the pattern.
fn reach<'r>(rule: &'r Rule, text: &str) -> Option<(Range<usize>, &'r str)> {
    let ast = ParserBuilder::new()
        .nest_limit(compile::NESTING)
        .build()
        .parse(&rule.pattern)
        .ok()?;
    let alternatives: Vec<&Ast> = match &ast {
        Ast::Alternation(alternation) => alternation.asts.iter().collect(),
        one => vec![one],
    };
    let mut best: Option<(Range<usize>, &str)> = None;
    for alternative in alternatives {
        let parts: Vec<&Span> = match alternative {
            Ast::Concat(concat) => concat.asts.iter().map(Ast::span).collect(),
            one => vec![one.span()],
        };
        let start = alternative.span().start.offset;
        let end = alternative.span().end.offset;
        let fits = |count: usize| {
            let until = parts.get(count.checked_sub(1)?)?.end.offset;
            let pattern = rule.pattern.get(start..until)?;
            let found = first(&rule.compiled(pattern).ok()?, text)?;
            Some((found, rule.pattern.get(until..end)?))
        };
        // What a longer beginning fits, a shorter one fits too.
        let (mut low, mut high) = (0, parts.len());
        while low < high {
            let middle = (low + high).div_ceil(2);
            match fits(middle) {
                Some(_) => low = middle,
                None => high = middle - 1,
            }
        }
        let found = fits(low).filter(|(span, _)| !span.is_empty());
        if let Some((span, rest)) = found
            && best
                .as_ref()
                .is_none_or(|(best, _)| best.len() < span.len())
        {
            best = Some((span, rest));
        }
    }
    best
}
