//! A pattern tried out before it is a rule: without keywords, in every text.

use std::sync::{Arc, OnceLock};

use regex_syntax::hir::{Hir, HirKind};

use super::RuleSet;
use super::rule::{Kind, Layer, Rule, RuleScope, Scope};
use super::scan::{HITS_PER_RULE, Hit};

/// A pattern to try.
#[derive(Debug)]
pub struct Probe {
    rule: Rule,
}

impl Probe {
    /// Compiles the pattern as that of a rule; without a scope, it looks into all texts.
    ///
    /// # Errors
    ///
    /// What is wrong with the pattern, in one line.
    pub fn new(
        pattern: &str,
        scope: Option<RuleScope>,
        ignore_case: bool,
        lines: u8,
    ) -> Result<Self, String> {
        let all = || {
            let all = Scope::ALL.iter();
            all.map(|&scope| RuleScope { scope, tool: None }).collect()
        };
        let rule = Rule {
            id: "pattern".into(),
            kind: Kind::Metric,
            scope: scope.map_or_else(all, |scope| vec![scope]),
            keywords: Vec::new(),
            pattern: pattern.into(),
            ignore_case,
            prefixed: false,
            lines,
            weight: 1.0,
            disabled: false,
            tool: None,
            family: None,
            class: None,
            about: None,
            verdict: None,
            source: None,
            fires: Vec::new(),
            silent: Vec::new(),
            file: Arc::from("pattern"),
            line: 1,
            layer: Layer::Given,
            pack: None,
            changes: Vec::new(),
            program: None,
            regex: OnceLock::new(),
        };
        rule.regex().map_err(str::to_owned)?;
        Ok(Self { rule })
    }

    /// Finds the matches in a text, in order, as [`RuleSet::scan`] does: at most 1,000, none of them empty.
    pub fn scan<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        text: &'t str,
        mut hit: impl FnMut(Hit<'r, 't>),
    ) {
        let Ok(regex) = self.rule.regex() else {
            return;
        };
        if !self.rule.looks_into(scope, tool) {
            return;
        }
        let bytes = text.as_bytes();
        let count =
            |range| memchr::memchr_iter(b'\n', bytes.get(range).unwrap_or_default()).count();
        let (mut at, mut line, mut counted, mut hits) = (0, 0, 0, 0);
        while at <= bytes.len() && hits < HITS_PER_RULE {
            let found = regex.captures_at(bytes, at);
            let Some((found, whole)) = found.and_then(|found| found.whole().map(|w| (found, w)))
            else {
                return;
            };
            at = whole.end.max(whole.start + 1);
            if whole.is_empty() || count(whole.range()) >= usize::from(self.rule.lines) {
                continue;
            }
            line += count(counted..whole.start);
            counted = whole.start;
            hits += 1;
            hit(Hit::new(&self.rule, line, whole.range(), text, found));
        }
    }

    /// Literals, one of which is in every match: what a rule with this pattern can take as its keywords.
    ///
    /// Empty if there are none of two bytes or more.
    pub fn keywords(&self) -> Vec<String> {
        let hir = regex_syntax::ParserBuilder::new()
            .utf8(false)
            .build()
            .parse(&self.rule.pattern);
        let literals = hir.ok().and_then(|hir| required(&hir)).unwrap_or_default();
        let mut keywords: Vec<String> = literals
            .into_iter()
            .filter_map(|literal| String::from_utf8(literal).ok())
            .collect();
        keywords.sort();
        keywords.dedup();
        let sound = |keyword: &String| keyword.trim().len() >= 2 && !keyword.contains('\n');
        if keywords.iter().all(sound) {
            keywords
        } else {
            Vec::new()
        }
    }
}

/// Literals, one of which is in every match; of several choices, the one whose shortest is the longest.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required)
            .max_by_key(|literals| literals.iter().map(Vec::len).min()),
        HirKind::Alternation(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(required).collect();
            Some(parts?.concat())
        }
        _ => None,
    }
}

impl RuleSet {
    /// A scope by its word in rule files, as `prompt` or `tool_output:Bash`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and which words there are.
    pub fn scope(text: &str) -> Result<RuleScope, String> {
        let (word, tool) = match text.split_once(':') {
            Some((word, tool)) => (word, Some(tool)),
            None => (text, None),
        };
        let words: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        match Scope::from_word(word) {
            Some(scope) if tool.is_none() || (scope == Scope::ToolOutput && tool != Some("")) => {
                Ok(RuleScope {
                    scope,
                    tool: tool.map(Into::into),
                })
            }
            Some(_) => Err("only `tool_output` takes a tool, as in `tool_output:Bash`".to_owned()),
            None => Err(super::mistake::unknown("word", word, &words)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(pattern: &str, lines: u8) -> Probe {
        Probe::new(pattern, None, false, lines).expect("a sound pattern")
    }

    #[test]
    fn a_pattern_finds_without_keywords() {
        let found = |pattern: &str, lines, text: &str| -> Vec<(usize, String)> {
            let mut hits = Vec::new();
            probe(pattern, lines).scan(Scope::Prompt, None, text, |hit| {
                hits.push((hit.line, hit.text().to_owned()));
            });
            hits
        };
        let text = "a1\nb2 a3\n\na4";
        let one = |line, text: &str| (line, text.to_owned());
        assert_eq!(
            found(r"a\d", 1, text),
            [one(0, "a1"), one(1, "a3"), one(3, "a4")]
        );
        assert_eq!(found(r"^b.*$", 1, text), [one(1, "b2 a3")]);
        assert_eq!(found(r"a\d\nb", 1, text), []);
        assert_eq!(found(r"a\d\nb", 2, text), [one(0, "a1\nb")]);
        assert_eq!(found("x*", 1, "axxé"), [one(0, "xx")]);
        assert_eq!(found("a", 1, &"a ".repeat(3_000)).len(), HITS_PER_RULE);
    }

    #[test]
    fn keywords_are_in_every_match() {
        let keywords = |pattern| probe(pattern, 1).keywords();
        assert_eq!(keywords(r"^quax: (?<n>\d+) fine, \d+ broken$"), [" broken"]);
        assert_eq!(keywords("(?:passed|failed)!?"), ["failed", "passed"]);
        assert_eq!(keywords(r"(?:passed|\d+)"), [""; 0]);
        assert_eq!(keywords("(?:passed)?"), [""; 0]);
        assert_eq!(keywords("a|bc"), [""; 0]);
    }
}
