//! Two rule sets on one session: which hits the one has and the other has not, and what that makes of the handoff.

use std::collections::BTreeMap;

use serde::Serialize;

use super::corpus::{Seen, texts};
use super::hit::{Found, lines};
use crate::diff::{self, Diff};
use crate::extract::extract;
use crate::pipeline;
use crate::rules::{Rule, RuleSet};
use crate::safety::{self, Policy};
use crate::session::Session;

/// The rule sets A and B, and where they differ.
pub(super) struct Sides {
    a: RuleSet,
    b: RuleSet,
    /// The same sets with only the rules that differ.
    only: [RuleSet; 2],
    /// The ids of those rules, in the order of B, then those that only A has, and what is different.
    pub(super) rules: Vec<(Box<str>, String)>,
}

/// What became of a hit from A to B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fate {
    /// A has it.
    Lost,
    /// B has it.
    Gained,
    /// Both have it, of another extent, or with other groups.
    Changed,
}

impl Fate {
    pub(super) const ALL: [Self; 3] = [Self::Lost, Self::Gained, Self::Changed];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Gained => "gained",
            Self::Changed => "changed",
        }
    }
}

/// A hit to look at.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sample {
    pub(super) citation: String,
    pub(super) scope: String,
    /// The groups, as `name=value`; of a changed hit, those of B that are different, with what A says.
    pub(super) groups: Vec<String>,
    /// The rule whose hit stood here, or stands here now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) other: Option<String>,
    /// Its lines; what the rule matches is underlined.
    pub(super) lines: String,
}

/// The hits of one rule with one fate.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    pub(super) hits: u64,
    /// The first of each session come before the second of any; each with its number in its session.
    pub(super) samples: Vec<(usize, Sample)>,
}

/// The handoffs of a session that are not the same.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Moved {
    pub(super) session: String,
    /// The tokens of the handoff; none where there is nothing to hand over.
    pub(super) tokens: [Option<u32>; 2],
    pub(super) diff: Diff,
}

/// What was seen in one session.
#[derive(Default)]
pub(super) struct Seens {
    pub(super) counts: BTreeMap<(Box<str>, Fate), Count>,
    pub(super) moved: Option<Moved>,
}

/// How much is looked at.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// The samples of each rule and fate.
    pub(super) samples: usize,
    /// The tokens of a handoff.
    pub(super) budget: u32,
}

impl Sides {
    pub(super) fn new(a: RuleSet, b: RuleSet) -> Self {
        let mut rules = Vec::new();
        for rule in b.rules() {
            let what = match a.get(&rule.id) {
                Some(before) => different(before, rule),
                None if rule.disabled => None,
                None => Some("new".to_owned()),
            };
            rules.extend(what.map(|what| (rule.id.clone(), what)));
        }
        for rule in a.rules().filter(|rule| b.get(&rule.id).is_none()) {
            if !rule.disabled {
                rules.push((rule.id.clone(), "gone".to_owned()));
            }
        }
        let differs = |rule: &Rule| rules.iter().any(|(id, _)| *id == rule.id);
        let only = [a.only(differs), b.only(differs)];
        Self { a, b, only, rules }
    }

    /// Compares what the two make of a session.
    pub(super) fn look(&self, session: &Session, wanted: Wanted) -> Seens {
        let mut seens = Seens::default();
        let mut gate = None;
        let all = session
            .timeline
            .iter()
            .flat_map(|event| texts(session, event));
        for seen in all {
            let [a, b] = self.only.each_ref().map(|set| found(set, &seen));
            for (fate, hit, other) in fates(&a, &b) {
                let key = (Box::from(hit.rule.as_str()), fate);
                let count = seens.counts.entry(key).or_default();
                count.hits += 1;
                if count.samples.len() < wanted.samples {
                    let gate =
                        gate.get_or_insert_with(|| pipeline::gate(session, Policy::default()));
                    let (lines, whole) = lines(gate, &seen, hit, 0);
                    let mut shown = |groups: &[(String, String)]| -> BTreeMap<String, String> {
                        // A part of a secret is not known as one.
                        let groups = groups.iter().filter(|_| whole);
                        groups
                            .map(|(name, value)| (name.clone(), gate.line(value, 40)))
                            .collect()
                    };
                    let now = shown(&hit.groups);
                    let same_rule = other.filter(|other| other.rule == hit.rule);
                    let before = same_rule.map(|other| shown(&other.groups));
                    let sample = Sample {
                        citation: seen.citation(session),
                        scope: seen.place(),
                        groups: told(&now, before.as_ref()),
                        other: match same_rule {
                            Some(_) => None,
                            None => other.map(|other| other.rule.clone()),
                        },
                        lines,
                    };
                    count.samples.push((count.samples.len(), sample));
                }
            }
        }
        seens.moved = self.moved(session, wanted);
        seens
    }

    /// The handoffs, if they are not the same.
    fn moved(&self, session: &Session, wanted: Wanted) -> Option<Moved> {
        // All that follows is made of what is found, and of nothing else that rules know.
        if extract(session, &self.a) == extract(session, &self.b) {
            return None;
        }
        let options = pipeline::Options {
            budget: wanted.budget,
            ..pipeline::Options::default()
        };
        let handoffs = [&self.a, &self.b].map(|set| {
            // What is over the budget, or must not leave, is not there to be compared.
            pipeline::handoff(session, set, &options).ok().flatten()
        });
        let tokens = handoffs
            .each_ref()
            .map(|handoff| handoff.as_ref().map(|(handoff, _)| handoff.tokens));
        let [before, after] = handoffs.each_ref().map(|handoff| {
            let text = handoff.as_ref().map(|(_, text)| text.as_str());
            (text, text.and_then(|text| diff::lines(text).ok()))
        });
        if before.0 == after.0 {
            return None;
        }
        Some(Moved {
            session: safety::clean(&session.id).chars().take(8).collect(),
            tokens,
            diff: diff::diff(&before.1.unwrap_or_default(), &after.1.unwrap_or_default()),
        })
    }
}

/// The groups of a hit; where there was one before, only what is different.
fn told(now: &BTreeMap<String, String>, before: Option<&BTreeMap<String, String>>) -> Vec<String> {
    let Some(before) = before else {
        return now
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
    };
    let names: std::collections::BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    let word = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
    names
        .into_iter()
        .filter(|name| now.get(*name) != before.get(*name))
        .map(|name| {
            format!(
                "{name}={}, before {}",
                word(now.get(name)),
                word(before.get(name))
            )
        })
        .collect()
}

fn found(set: &RuleSet, seen: &Seen<'_>) -> Vec<Found> {
    let mut hits = Vec::new();
    set.scan(seen.scope, seen.tool, &seen.text, |hit| {
        hits.push(Found::of(&hit))
    });
    hits
}

/// The hits of the two on one text that are not the same, in the order of the text, each with one that stands there on
/// the other side: of a changed hit, what it was.
fn fates<'f>(a: &'f [Found], b: &'f [Found]) -> Vec<(Fate, &'f Found, Option<&'f Found>)> {
    let overlap = |x: &Found, y: &Found| x.span.start < y.span.end && y.span.start < x.span.end;
    let mut lost: Vec<&Found> = a.iter().filter(|hit| !b.contains(hit)).collect();
    let mut all = Vec::new();
    for hit in b.iter().filter(|hit| !a.contains(hit)) {
        let was = lost
            .iter()
            .position(|before| before.rule == hit.rule && overlap(before, hit));
        match was {
            Some(was) => all.push((Fate::Changed, hit, Some(lost.remove(was)))),
            None => all.push((
                Fate::Gained,
                hit,
                a.iter().find(|other| overlap(other, hit)),
            )),
        }
    }
    for hit in lost {
        let other = b.iter().find(|other| overlap(other, hit));
        all.push((Fate::Lost, hit, other));
    }
    all.sort_by_key(|(fate, hit, _)| (hit.span.start, *fate));
    all
}

/// What is different between two rules of one id, in a few words.
fn different(a: &Rule, b: &Rule) -> Option<String> {
    if a.disabled && b.disabled {
        return None;
    }
    let mut keys = Vec::new();
    let mut tell = |same: bool, what: &str| {
        if !same {
            keys.push(what.to_owned());
        }
    };
    tell(
        a.disabled == b.disabled,
        if b.disabled { "off" } else { "on" },
    );
    tell(a.pattern == b.pattern, "pattern");
    tell(a.keywords == b.keywords, "keywords");
    tell(a.scope == b.scope, "scope");
    tell(a.kind == b.kind, "kind");
    tell(a.lines == b.lines, "lines");
    tell(a.ignore_case == b.ignore_case, "ignore_case");
    tell(a.prefixed == b.prefixed, "prefixed");
    tell(a.tool == b.tool, "tool");
    tell(a.family == b.family, "family");
    tell(a.class == b.class, "class");
    tell(a.about == b.about, "about");
    tell(a.verdict == b.verdict, "verdict");
    let weight = format!("weight {}→{}", a.weight, b.weight);
    tell(a.weight == b.weight, &weight);
    match keys.len() {
        0 => None,
        1..=2 => Some(keys.join(", ")),
        more => Some(format!("{}, +{}", keys.first()?, more - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(rule: &str, span: std::ops::Range<usize>, group: &str) -> Found {
        Found {
            rule: rule.to_owned(),
            line: 0,
            span,
            groups: vec![("what".to_owned(), group.to_owned())],
        }
    }

    #[test]
    fn each_hit_has_one_fate() {
        let a = [
            hit("same", 0..4, "x"),
            hit("one", 5..9, "x"),
            hit("two", 10..14, "x"),
            hit("old", 20..24, "x"),
        ];
        let b = [
            hit("same", 0..4, "x"),
            hit("one", 5..8, "y"),
            hit("more", 16..18, "x"),
            hit("new", 20..22, "x"),
        ];
        let fates = fates(&a, &b);
        let told: Vec<(Fate, &str, Option<&str>)> = fates
            .iter()
            .map(|(fate, hit, other)| {
                (*fate, hit.rule.as_str(), other.map(|hit| hit.rule.as_str()))
            })
            .collect();
        assert_eq!(
            told,
            [
                (Fate::Changed, "one", Some("one")),
                (Fate::Lost, "two", None),
                (Fate::Gained, "more", None),
                (Fate::Lost, "old", Some("new")),
                (Fate::Gained, "new", Some("old")),
            ]
        );
    }

    #[test]
    fn what_is_different_is_said_in_a_few_words() {
        let rule = |keys: &str| {
            let text = format!("[[rule]]\nid = \"go-vet\"\n{keys}\n");
            let file = crate::rules::RuleFile::given("my.toml", text);
            RuleSet::load(&[file]).expect("a sound file")
        };
        let builtin = || RuleSet::load(&[]).expect("no file");
        let said = |set: RuleSet| Sides::new(builtin(), set).rules;
        let one = |what: &str| [(Box::from("go-vet"), what.to_owned())];
        assert_eq!(said(builtin()), []);
        assert_eq!(said(rule("weight = 1")), []);
        assert_eq!(said(rule("weight = 2")), one("weight 1→2"));
        assert_eq!(said(rule("disabled = true")), one("off"));
        let other =
            "kind = \"check\"\nscope = [\"command\"]\nkeywords = [\"quax\"]\npattern = 'quax'";
        assert_eq!(said(rule(other)), one("pattern, +3"));
    }
}
