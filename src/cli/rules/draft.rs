//! A rule being made: from a line or a command to TOML that can be pasted.

use std::collections::BTreeMap;

use super::checking::Checking;
use super::guess;
use super::pattern::{BETWEEN, Shape, keywords, pattern, unprefixed};
use super::template::{self, Piece, escaped};
use crate::rules::{About, Class, Family, Kind, Layer, RuleFile, RuleSet, Verdict};

/// The most words of a message that go into an id.
const ID_WORDS: usize = 4;

/// A rule, as it will be written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) scope: String,
    pub(super) keywords: Vec<String>,
    pub(super) pattern: String,
    pub(super) prefixed: bool,
    pub(super) tool: Option<String>,
    pub(super) family: Option<Family>,
    pub(super) class: Option<Class>,
    pub(super) about: Option<About>,
    pub(super) verdict: Option<Verdict>,
    pub(super) fires: Vec<String>,
    pub(super) captures: BTreeMap<String, String>,
    pub(super) silent: String,
}

/// What is known of the command that printed a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct By {
    pub(super) tool: Option<String>,
    pub(super) family: Option<Family>,
}

impl Draft {
    fn new(kind: Kind, scope: &str, pattern: String) -> Self {
        Self {
            id: String::new(),
            kind,
            scope: scope.to_owned(),
            keywords: keywords(&pattern),
            pattern,
            prefixed: false,
            tool: None,
            family: None,
            class: None,
            about: None,
            verdict: None,
            fires: Vec::new(),
            captures: BTreeMap::new(),
            silent: String::new(),
        }
    }

    /// A check, from commands of it as rules see them.
    pub(super) fn check(checking: Checking, lines: &[&str]) -> Self {
        Self {
            id: kebab(&checking.tool),
            family: Some(checking.family),
            fires: owned(lines),
            silent: checking.near_miss,
            tool: Some(checking.tool),
            ..Self::new(Kind::Check, "command", checking.pattern)
        }
    }

    /// A metric, from lines of one template that a command printed; never none. With `all`, every number gets a name.
    pub(super) fn metric(lines: &[&str], by: By, all: bool) -> Self {
        let Shape {
            line,
            bare,
            prefixed,
            indented,
        } = Shape::of(lines);
        let pieces = template::pieces(bare);
        let names = guess::groups(&pieces, all);
        let (pattern, captures) = pattern(&pieces, &names, None, indented);
        let counts = captures.keys().any(|name| COUNTED.contains(&name.as_str()));
        let verdict = match counts {
            true => None,
            false => guess::verdict(bare),
        };
        let tool = by.tool.unwrap_or_else(|| "my-tool".to_owned());
        Self {
            id: format!("{}-summary", kebab(&tool)),
            tool: Some(tool),
            family: by.family,
            verdict,
            prefixed,
            captures,
            fires: owned(lines),
            silent: quoting(line),
            ..Self::new(Kind::Metric, "tool_output:Bash", pattern)
        }
    }

    /// A failure, from lines of one template that a command printed; never none.
    pub(super) fn failure(lines: &[&str], by: By) -> Self {
        let Shape {
            line,
            bare,
            prefixed,
            indented,
        } = Shape::of(lines);
        let mut pieces = template::pieces(bare);
        let open_ended = lines.iter().any(|other| {
            template::template(&template::pieces(unprefixed(other).0.trim()))
                != template::template(&pieces)
        });
        if open_ended {
            // Only how they begin is the same.
            let template = template::template(&pieces);
            let head = template::head(&template).unwrap_or_default();
            pieces = match bare.split_at_checked(head.len()) {
                Some((same, rest)) if same == head => vec![
                    Piece {
                        kind: template::Kind::Words,
                        text: same,
                    },
                    Piece {
                        kind: template::Kind::Rest,
                        text: rest,
                    },
                ],
                _ => pieces,
            };
        }
        let (class, about) = guess::class(bare, by.family);
        let placed = pieces
            .first()
            .is_some_and(|piece| piece.kind == template::Kind::Place);
        let class = match class {
            Class::Command if placed && bare.contains("error") => Class::Compile,
            Class::Command if placed => Class::Lint,
            class => class,
        };
        let mut names = vec![None; pieces.len()];
        let test = pieces
            .iter()
            .position(|piece| piece.kind == template::Kind::Name);
        if let Some(name) = test
            .filter(|_| class == Class::Test)
            .and_then(|at| names.get_mut(at))
        {
            *name = Some("test".to_owned());
        }
        let opens = match pieces.as_slice() {
            // Behind `file:line: `.
            [place, words, ..]
                if place.kind == template::Kind::Place
                    && words.text.trim_start_matches(BETWEEN).len() < words.text.len() =>
            {
                1
            }
            _ => 0,
        };
        let (pattern, captures) = pattern(&pieces, &names, Some(opens), indented);
        let words: Vec<&str> = pieces
            .iter()
            .filter(|piece| piece.kind == template::Kind::Words)
            .map(|piece| piece.text)
            .collect();
        Self {
            id: id_of_words(by.tool.as_deref(), &words.join(" ")),
            tool: by.tool,
            class: Some(class),
            about: Some(about),
            prefixed,
            captures,
            fires: owned(lines),
            silent: quoting(line),
            ..Self::new(Kind::Failure, "tool_output:Bash", pattern)
        }
    }

    /// A line of output or a command that is of another kind: numbers get names.
    pub(super) fn line(kind: Kind, scope: &str, lines: &[&str]) -> Self {
        let shape = Shape::of(lines);
        let pieces = template::pieces(shape.bare);
        let names = guess::groups(&pieces, true);
        let (pattern, captures) = pattern(&pieces, &names, None, shape.indented);
        Self {
            id: id_of_words(Some(kind.as_str()), shape.bare),
            prefixed: shape.prefixed,
            captures,
            fires: owned(lines),
            silent: quoting(shape.line),
            ..Self::new(kind, scope, pattern)
        }
    }

    /// A sentence of a person or of the agent: the ones that begin alike.
    pub(super) fn sentence(kind: Kind, scope: &str, lines: &[&str]) -> Self {
        /// The words that sentences of one kind have in common.
        const WORDS: usize = 2;
        let line = lines.first().map_or("", |line| line.trim());
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = words
            .iter()
            .take(WORDS)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let pattern = match words.len() > WORDS {
            true => format!(r"^\s*(?<what>{} \S.*)$", escaped(&head)),
            false => format!(r"^\s*(?<what>{})$", escaped(line)),
        };
        Self {
            id: id_of_words(Some(kind.as_str()), &head),
            captures: BTreeMap::from([("what".to_owned(), line.to_owned())]),
            fires: owned(lines),
            silent: quoting(line),
            ..Self::new(kind, scope, pattern)
        }
    }

    /// The rule as a rule file has it.
    pub(super) fn toml(&self) -> String {
        let mut out = String::from("[[rule]]\n");
        let mut key = |key: &str, value: String| out.push_str(&format!("{key} = {value}\n"));
        key("id", text(&self.id));
        key("kind", text(self.kind.as_str()));
        let words = [
            ("class", self.class.map(Class::as_str)),
            ("about", self.about.map(About::as_str)),
            ("family", self.family.map(Family::as_str)),
            ("tool", self.tool.as_deref()),
            ("verdict", self.verdict.map(Verdict::as_str)),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                key(name, text(word));
            }
        }
        key("scope", format!("[{}]", text(&self.scope)));
        if self.prefixed {
            key("prefixed", "true".to_owned());
        }
        let keywords: Vec<String> = self.keywords.iter().map(|word| text(word)).collect();
        key("keywords", format!("[{}]", keywords.join(", ")));
        key("pattern", literal(&self.pattern));
        for (number, fires) in self.fires.iter().enumerate() {
            out.push_str(&format!("[[rule.fires]]\ntext = {}\n", text(fires)));
            if number == 0 && !self.captures.is_empty() {
                let captures = self.captures.iter();
                let captures: Vec<String> = captures
                    .map(|(name, value)| format!("{name} = {}", text(value)))
                    .collect();
                out.push_str(&format!("captures = {{ {} }}\n", captures.join(", ")));
            }
        }
        out.push_str(&format!("[[rule.silent]]\ntext = {}\n", text(&self.silent)));
        out
    }

    /// What keeps it from being pasted: what `rules test` and `rules check` say of it on top of `below`.
    ///
    /// An id that is taken gets a number first.
    pub(super) fn doubts(
        &mut self,
        below: &[RuleFile],
        taken: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let plain = self.id.clone();
        let mut number = 2;
        while taken(&self.id) {
            self.id = format!("{plain}-{number}");
            number += 1;
        }
        let mut files = below.to_vec();
        files.push(RuleFile::given("the rule", self.toml()));
        let set = match RuleSet::load(&files) {
            Ok(set) => set,
            Err(error) => return vec![error.to_string()],
        };
        let mine = set.only(|rule| rule.layer == Layer::Given && *rule.id == *self.id);
        let failing = mine.failing().into_iter().map(|failing| failing.what);
        let advice = mine.advice(|_| true).into_iter().map(|advice| advice.what);
        failing.chain(advice).collect()
    }
}

/// The groups of a metric that count.
pub(super) const COUNTED: &[&str] = &[
    "passed", "failed", "skipped", "total", "errors", "warnings", "coverage",
];

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The line as somebody speaks of it: a near miss of every pattern that begins where the line does.
fn quoting(line: &str) -> String {
    format!("it printed {}", line.trim())
}

fn id_of_words(head: Option<&str>, words: &str) -> String {
    let tool = head.map(kebab).unwrap_or_default();
    let said = kebab(words);
    let said: Vec<&str> = said
        .split('-')
        .filter(|word| word.len() > 1 && word.bytes().any(|b| b.is_ascii_alphabetic()))
        .take(ID_WORDS)
        .collect();
    let id = match tool.is_empty() || said.first().is_some_and(|first| tool == *first) {
        true => said.join("-"),
        false => format!("{tool}-{}", said.join("-")),
    };
    match id.trim_matches('-') {
        "" => "rule".to_owned(),
        id => id.to_owned(),
    }
}

/// Lowercase words joined by `-`.
pub(super) fn kebab(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

/// A text as TOML has it.
fn text(text: &str) -> String {
    // Every string of JSON is one of TOML, but for the character that JSON lets stand.
    serde_json::to_string(text)
        .unwrap_or_default()
        .replace('\u{7f}', "\\u007f")
}

/// A pattern as TOML has it, without escapes if that can be.
fn literal(pattern: &str) -> String {
    if !pattern.contains(['\'', '\n']) {
        format!("'{pattern}'")
    } else if !pattern.contains("'''") && !pattern.ends_with('\'') && !pattern.contains('\n') {
        format!("'''{pattern}'''")
    } else {
        text(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(tool: &str) -> By {
        By {
            tool: Some(tool.to_owned()),
            family: Some(Family::Test),
        }
    }

    /// What is drawn from lines proves itself, and has this pattern.
    fn holds(mut draft: Draft, pattern: &str) {
        assert_eq!(draft.doubts(&[], |_| false), [""; 0], "{}", draft.toml());
        assert_eq!(draft.pattern, pattern);
    }

    #[test]
    fn a_summary_is_a_rule() {
        let check = |lines: &[&str], pattern: &str| {
            holds(Draft::metric(lines, by("quax verify"), false), pattern);
        };
        check(
            &["quax: 12 fine, 3 errors", "quax: 12 fine, 1 error"],
            r"^quax: \d+ fine, (?<errors>\d+) errors?$",
        );
        check(
            &["[test]  3/4 tests passed", "7/9 tests passed"],
            r"^\s*(?<passed>\d+)/(?<total>\d+) tests? passed$",
        );
        check(
            &["coverage: 84.6% of it's lines (a.b)"],
            r"^coverage: (?<coverage>[\d.]+)% of it's lines \(a\.b\)$",
        );
        check(&["All checks passed!"], "^All checks passed!$");
    }

    #[test]
    fn a_failure_is_a_rule() {
        let check = |lines: &[&str], pattern: &str| {
            holds(Draft::failure(lines, by("quax verify")), pattern);
        };
        check(
            &[
                "  --- FAIL: TestAdd_Twice (0.02s)",
                "--- FAIL: TestAddOnce (3s)",
            ],
            r"^\s*(?<what>--- FAIL: (?<test>\S+) \(\d[^\s()\[\]]*(?: [a-z]+)?\))$",
        );
        check(
            &[
                "src/a.rs:41:9: error: bad 'x'",
                "b.rs:1:2: error: bad 'y z'",
            ],
            r"^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): (?<what>error: bad '[^']*')$",
        );
        check(
            &[
                "Failed to load rules: no such key",
                "Failed to load rules: 3 files \"missing\"",
            ],
            r"^(?<what>Failed to load rules: \S.*)$",
        );
        check(&["✘ [ERROR] a\\b $x"], r"^(?<what>✘ \[ERROR\] a\\b \$x)$");
    }

    #[test]
    fn an_id_that_is_taken_gets_a_number() {
        let mut draft = Draft::metric(&["3 passed"], by("quax"), false);
        let taken = |id: &str| ["quax-summary", "quax-summary-2"].contains(&id);
        assert_eq!(draft.doubts(&[], taken), [""; 0]);
        assert_eq!(draft.id, "quax-summary-3");
    }

    #[test]
    fn what_cannot_hold_is_told() {
        let mut draft = Draft::failure(&["123"], By::default());
        assert!(!draft.doubts(&[], |_| false).is_empty(), "{}", draft.toml());
    }
}
