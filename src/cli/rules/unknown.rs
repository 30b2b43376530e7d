//! What logs hold that no rule knows: commands that verify something, lines that call themselves errors, lines that
//! sum up; put together by their templates.

use std::collections::{BTreeMap, BTreeSet};

use super::checking::{self, Checking};
use super::corpus;
use super::draft::By;
use super::guess;
use super::pattern::unprefixed;
use super::template;
use crate::extract::command::{self, Simple};
use crate::pipeline;
use crate::rules::{Kind, RuleSet, Scope};
use crate::safety::{self, Gate, Policy, is_secret_source};
use crate::session::{Body, Event, Input, Outcome, Session, ToolCall};

/// The shortest line of output that is looked at, and the longest, in bytes: a longer one is data.
const LINE_BYTES: std::ops::RangeInclusive<usize> = 8..=240;
/// The letters that stand still in a line that is looked at: with fewer, its template says nothing.
const LETTERS: usize = 4;
/// The lines of one output that are looked at; what is to be said stands at its ends.
const LINES: usize = 2_000;
/// The templates that are kept of all logs. Beyond it, those that were met once go.
const TEMPLATES: usize = 50_000;
/// The examples that are kept of a template.
const EXAMPLES: usize = 3;
/// How many of them may be of one session.
const OF_SESSION: usize = 2;
/// The variants that are kept of it.
const VARIANTS: usize = 8;

/// What a group of lines or commands would be a rule for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// Commands, by the words that name them.
    Command,
    /// Lines that sum up.
    Summary,
    /// Lines that call themselves errors, by how they begin.
    Errors,
    /// The same, by all that stands still in them.
    Error,
}

/// A line or a command, as the log holds it.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) citation: String,
    /// The line of output, or the command as rules see it.
    pub(super) text: String,
    /// The command that it is, or that printed it, where no rule knows that.
    pub(super) command: Option<Unknown>,
}

/// A command that no rule knows.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    pub(super) checking: Checking,
    /// As rules see it.
    pub(super) line: String,
}

/// Lines or commands with one template.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub(super) count: u64,
    pub(super) sessions: u64,
    /// How many of them stood in the output of a command that failed.
    pub(super) failed: u64,
    /// The commands that printed it, each with how often.
    pub(super) by: BTreeMap<By, u64>,
    /// Some of what makes its members different: the word behind a command, or the templates of lines that begin alike.
    pub(super) variants: BTreeSet<String>,
    pub(super) examples: Vec<Example>,
}

impl Cluster {
    fn variant(&mut self, text: &str) {
        if self.variants.len() < VARIANTS {
            self.variants.insert(text.to_owned());
        }
    }
}

/// By template.
pub(super) type Clusters = BTreeMap<(Sort, String), Cluster>;

/// What no rule knows in a session.
pub(super) fn of_session(session: &Session, rules: &RuleSet) -> Clusters {
    let mut found = Clusters::new();
    let mut gate = None;
    for event in session.timeline.iter().filter(|event| event.live) {
        if let Body::Return(index) = &event.body
            && let Some(call) = session.calls.get(*index)
            && let Input::Shell { command, .. } = &call.input
            && matches!(
                call.outcome,
                Outcome::Ok | Outcome::Error { .. } | Outcome::TimedOut
            )
            && !is_secret_source(command)
        {
            let mut look = Look {
                session,
                event,
                gate: &mut gate,
                found: &mut found,
            };
            look.at(call, command, rules);
        }
    }
    for cluster in found.values_mut() {
        cluster.sessions = 1;
    }
    found
}

/// A look at one command that ran.
struct Look<'s, 'f> {
    session: &'s Session,
    event: &'s Event,
    gate: &'f mut Option<Gate>,
    found: &'f mut Clusters,
}

impl Look<'_, '_> {
    fn at(&mut self, call: &ToolCall, command: &str, rules: &RuleSet) {
        let output = safety::clean(&call.output.text);
        let failed = !matches!(call.outcome, Outcome::Ok);
        if output.contains("command not found") {
            return;
        }
        let mut runs = None;
        for simple in command::parse(command) {
            // What shows files prints what others said.
            if simple.words.is_empty() || checking::only_shows(&simple) {
                continue;
            }
            let run = Run::of(&simple, rules);
            if let Some((unknown, true)) = &run.unknown {
                let key = (Sort::Command, unknown.checking.tool.clone());
                let cluster = self.add(key, failed, None, &unknown.line, Some(unknown));
                let rest = unknown.line.split_once(&unknown.checking.tool);
                let next = rest.and_then(|(_, rest)| rest.split_whitespace().next());
                let word = |next: &&str| {
                    next.starts_with(|c: char| c.is_ascii_lowercase())
                        && next.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                };
                if let Some(word) = next.filter(word) {
                    cluster.variant(word);
                }
            }
            runs = Some(run);
        }
        if let Some(run) = runs {
            self.lines(&output, failed, &run, rules);
        }
    }

    fn lines(&mut self, output: &str, failed: bool, run: &Run, rules: &RuleSet) {
        let mut known = BTreeSet::new();
        rules.scan(Scope::ToolOutput, Some("Bash"), output, |hit| {
            let lines = hit.text().matches('\n').count();
            known.extend(hit.line..=hit.line + lines);
        });
        let mut met = BTreeSet::new();
        for (number, line) in output.lines().enumerate().take(LINES) {
            let line = line.trim_end();
            if known.contains(&number)
                || !LINE_BYTES.contains(&line.trim().len())
                || guess::is_source(line)
            {
                continue;
            }
            let bare = unprefixed(line).0.trim();
            let pieces = template::pieces(bare);
            let still = pieces
                .iter()
                .filter(|piece| piece.kind == template::Kind::Words)
                .flat_map(|piece| piece.text.chars());
            if still.filter(|c| c.is_alphabetic()).count() < LETTERS {
                continue;
            }
            // A finding at a place sums nothing up.
            let placed = pieces
                .iter()
                .any(|piece| piece.kind == template::Kind::Place);
            let sums_up =
                || guess::sums_up(&guess::groups(&pieces, false)) || guess::verdict(bare).is_some();
            let sort = if !placed && sums_up() {
                Sort::Summary
            } else if failed && guess::is_error(bare) {
                Sort::Error
            } else {
                continue;
            };
            let template = template::template(&pieces);
            // A list of like lines in one output is one thing that was said.
            if !met.insert((sort, template.clone())) {
                continue;
            }
            let unknown = run.unknown.as_ref().map(|(unknown, _)| unknown);
            if let Some(head) = template::head(&template).filter(|_| sort == Sort::Error) {
                let key = (Sort::Errors, head.to_owned());
                let cluster = self.add(key, failed, Some(&run.by), line, unknown);
                cluster.variant(&template);
            }
            self.add((sort, template), failed, Some(&run.by), line, unknown);
        }
    }

    fn add(
        &mut self,
        key: (Sort, String),
        failed: bool,
        by: Option<&By>,
        text: &str,
        unknown: Option<&Unknown>,
    ) -> &mut Cluster {
        let wanted = match self.found.get(&key).map(|cluster| &cluster.examples) {
            None => true,
            Some(kept) => {
                kept.len() < OF_SESSION && kept.iter().all(|example| example.text != text)
            }
        };
        let example = match wanted {
            true => self.example(text, unknown),
            false => None,
        };
        let cluster = self.found.entry(key).or_default();
        cluster.count += 1;
        cluster.failed += u64::from(failed);
        if let Some(by) = by {
            *cluster.by.entry(by.clone()).or_default() += 1;
        }
        cluster.examples.extend(example);
        cluster
    }

    /// The text as an example; none if something in it must not leave.
    fn example(&mut self, text: &str, unknown: Option<&Unknown>) -> Option<Example> {
        let gate = self
            .gate
            .get_or_insert_with(|| pipeline::gate(self.session, Policy::default()));
        let mut clean = |text: &str| gate.safe(text) == text;
        let sound = clean(text) && unknown.is_none_or(|unknown| clean(&unknown.line));
        sound.then(|| Example {
            citation: corpus::citation(self.session, self.event),
            text: text.to_owned(),
            command: unknown.cloned(),
        })
    }
}

/// A command that ran, and what it is.
struct Run {
    by: By,
    /// The check that it probably is, and whether its own words say so.
    unknown: Option<(Unknown, bool)>,
}

impl Run {
    /// The check that a command is by the rules, else the one it probably is.
    fn of(simple: &Simple, rules: &RuleSet) -> Self {
        let line = simple.line();
        let hits = rules.matches(Scope::Command, &line);
        if let Some(check) = hits.iter().find(|hit| hit.rule.kind == Kind::Check) {
            return Self {
                by: By {
                    tool: check.tool().map(Into::into),
                    family: check.rule.family,
                },
                unknown: None,
            };
        }
        let known = |tool: &str| {
            let mut checks = rules.rules().filter(|rule| rule.kind == Kind::Check);
            checks.any(|rule| !rule.disabled && rule.tool.as_deref() == Some(tool))
        };
        let by_words =
            checking::checking(simple).filter(|checking| hits.is_empty() && !known(&checking.tool));
        let said = by_words.is_some();
        let checking = by_words.or_else(|| checking::by_output(simple));
        let by = checking.as_ref().map(|checking| By {
            tool: Some(checking.tool.clone()),
            family: Some(checking.family),
        });
        Self {
            by: by.unwrap_or_default(),
            unknown: checking.map(|checking| (Unknown { checking, line }, said)),
        }
    }
}

/// Puts what a session holds to what the sessions before it hold.
pub(super) fn add(all: &mut Clusters, session: Clusters) {
    for (key, mut cluster) in session {
        let whole = all.entry(key).or_default();
        whole.count += cluster.count;
        whole.sessions += cluster.sessions;
        whole.failed += cluster.failed;
        for (by, count) in cluster.by {
            *whole.by.entry(by).or_default() += count;
        }
        for variant in &cluster.variants {
            whole.variant(variant);
        }
        let known = |example: &Example| {
            whole
                .examples
                .iter()
                .any(|other| other.text == example.text)
        };
        cluster.examples.retain(|example| !known(example));
        let room = EXAMPLES.saturating_sub(whole.examples.len());
        whole
            .examples
            .extend(cluster.examples.into_iter().take(room));
    }
    if all.len() > TEMPLATES {
        all.retain(|_, cluster| cluster.sessions > 1);
    }
}
