//! The form of a rule file, and the mistakes in one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::{Rule, compile};

/// What a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A command that verifies something.
    Check,
    /// A number that measures the work.
    Metric,
    /// Something that went wrong.
    Failure,
    /// A target or a piece of work.
    Task,
    /// What the user asks for.
    Request,
    /// How it is to be done.
    Plan,
    /// What comes next.
    NextStep,
    /// A question to the user.
    Question,
    /// A choice.
    Decision,
    /// A standing rule of the user's.
    Instruction,
    /// The user sets the agent right.
    Correction,
    /// Something tried and given up.
    Attempt,
    /// That something is done.
    Claim,
    /// A commit.
    Commit,
    /// A push.
    Push,
    /// A pull request.
    PullRequest,
    /// A branch.
    Branch,
    /// A server, a version, a variable, a shell that is prepared.
    Environment,
    /// A command.
    Command,
    /// A path.
    Path,
}

/// Where a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// What the user typed.
    Prompt,
    /// What the agent said.
    AssistantText,
    /// What the agent thought.
    Thinking,
    /// A plan.
    Plan,
    /// A simple command, without wrappers; or a whole command line.
    Command,
    /// What a tool printed.
    ToolOutput,
}

impl Scope {
    pub(super) const ALL: [Self; 6] = [
        Self::Prompt,
        Self::AssistantText,
        Self::Thinking,
        Self::Plan,
        Self::Command,
        Self::ToolOutput,
    ];

    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "prompt" => Self::Prompt,
            "assistant_text" => Self::AssistantText,
            "thinking" => Self::Thinking,
            "plan" => Self::Plan,
            "command" => Self::Command,
            "tool_output" => Self::ToolOutput,
            _ => return None,
        })
    }
}

/// A text that a rule is tried on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The text.
    pub text: String,
    /// What the named groups extract.
    #[serde(default)]
    pub captures: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    #[serde(default)]
    rule: Vec<toml::Spanned<RawRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    kind: Kind,
    scope: Vec<ScopeOf>,
    keywords: Vec<String>,
    pattern: String,
    #[serde(default = "one")]
    lines: usize,
    #[serde(default = "whole")]
    weight: f32,
    #[serde(default)]
    ignore_case: bool,
    tool: Option<String>,
    family: Option<String>,
    class: Option<String>,
    about: Option<String>,
    verdict: Option<String>,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "it tells the reader of the file where the examples are from"
    )]
    source: Option<String>,
    #[serde(default)]
    fires: Vec<Example>,
    #[serde(default)]
    silent: Vec<Example>,
}

fn one() -> usize {
    1
}

fn whole() -> f32 {
    1.0
}

/// `tool_output:Bash` → the scope and the tool.
struct ScopeOf(Scope, Option<String>);

impl<'de> Deserialize<'de> for ScopeOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = ScopeOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of prompt, assistant_text, thinking, plan, command, tool_output, tool_output:<Tool>")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<ScopeOf, E> {
                let (scope, tool) = word
                    .split_once(':')
                    .map_or((word, None), |(scope, tool)| (scope, Some(tool.to_owned())));
                let scope = Scope::of(scope)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))?;
                Ok(ScopeOf(scope, tool))
            }
        }
        deserializer.deserialize_str(Word)
    }
}

/// The longest pattern, in bytes.
const PATTERN: usize = 4_096;
/// The most lines that a match may span.
const LINES: usize = 8;

impl RuleFile {
    /// The rules of the file `name`; or every mistake in it, as `name:line:column: what`.
    pub(super) fn read(name: &str, text: &str) -> Result<Vec<Rule>, Vec<String>> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![format!("{name}:{}: {}", place(text, at), error.message())]
        })?;
        let mut mistakes = Vec::new();
        let mut rules: Vec<Rule> = Vec::new();
        for raw in file.rule {
            let at = place(text, raw.span().start);
            let raw = raw.into_inner();
            let mut wrong = |key: &str, what: &str| {
                mistakes.push(format!("{name}:{at}: rule `{}`: {key}: {what}", raw.id))
            };
            let kebab = !raw.id.is_empty()
                && raw
                    .id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !kebab {
                wrong(
                    "id",
                    "is not in kebab-case: lower-case letters, digits, hyphens",
                );
            }
            if rules.iter().any(|known| known.id == raw.id) {
                wrong("id", "stands twice in this file");
            }
            if raw.keywords.is_empty() || raw.keywords.iter().any(String::is_empty) {
                wrong(
                    "keywords",
                    "give at least one literal that is in every text the pattern matches",
                );
            }
            if raw.scope.is_empty() {
                wrong("scope", "give at least one place to look at");
            }
            if !(1..=LINES).contains(&raw.lines) {
                wrong("lines", "a match spans 1 to 8 lines");
            }
            if raw.pattern.len() > PATTERN {
                wrong("pattern", "is longer than 4,096 bytes");
            }
            if let Some(verdict) = raw
                .verdict
                .as_deref()
                .filter(|verdict| !matches!(*verdict, "green" | "red"))
            {
                wrong("verdict", &format!("`{verdict}` is neither green nor red"));
            }
            let pattern = if raw.ignore_case {
                format!("(?i){}", raw.pattern)
            } else {
                raw.pattern
            };
            rules.push(Rule {
                id: raw.id,
                kind: raw.kind,
                scopes: raw
                    .scope
                    .into_iter()
                    .map(|ScopeOf(scope, tool)| (scope, tool))
                    .collect(),
                keywords: raw.keywords,
                pattern,
                lines: raw.lines,
                weight: raw.weight,
                tool: raw.tool,
                family: raw.family,
                class: raw.class,
                about: raw.about,
                verdict: raw.verdict,
                fires: raw.fires,
                silent: raw.silent,
                regex: OnceLock::new(),
            });
        }
        if mistakes.is_empty() {
            Ok(rules)
        } else {
            Err(mistakes)
        }
    }
}

/// What is wrong with patterns that do not compile. Rules of ours are spared this at each start: a test compiles them.
pub(super) fn uncompiled(rules: &[Rule]) -> Vec<String> {
    rules
        .iter()
        .filter_map(|rule| {
            let error = compile(&rule.pattern).err()?;
            Some(format!("rule `{}`: pattern: {error}", rule.id))
        })
        .collect()
}

/// `line:column` of the byte `at`, both one-based.
fn place(text: &str, at: usize) -> String {
    let head = text.get(..at).unwrap_or(text);
    let line = head.matches('\n').count() + 1;
    let column = head
        .rsplit('\n')
        .next()
        .map_or(0, |last| last.chars().count())
        + 1;
    format!("{line}:{column}")
}
