//! Texts to compare with: what is had without a tool, and what could be had at best.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Fact, FactKind, Facts};
use super::index::{Past, Sort};
use super::log::{Event, What};
use super::text::{head, head_within, tail_within, tokens};

/// The end of the log, as it stands there.
pub(super) fn tail(past: &Past<'_>, budget: usize) -> String {
    let from = past.events.len().saturating_sub(400);
    let lines = past
        .events
        .get(from..)
        .unwrap_or_default()
        .iter()
        .map(|event| match event.what {
            What::Call => format!("Tool {}: {}", tool(event), head(&event.text, 4_000)),
            What::Answer => format!("Result: {}", head(&event.text, 4_000)),
            _ => said(event),
        });
    end(lines, budget)
}

/// The end of the log without what tools answered.
pub(super) fn masked_tail(past: &Past<'_>, budget: usize) -> String {
    const MOST: usize = 300;
    let from = past.events.len().saturating_sub(1_500);
    let events = past.events.get(from..).unwrap_or_default().iter();
    let lines = events
        .filter(|event| event.what != What::Answer)
        .map(|event| match event.what {
            What::Call if tool(event) == "Bash" => format!("Bash: {}", head(event.command(), MOST)),
            What::Call if event.path().is_empty() => {
                format!("{}: {}", tool(event), head(&event.text, MOST))
            }
            What::Call => format!("{}: {}", tool(event), event.path()),
            _ => said(event),
        });
    end(lines, budget)
}

fn tool(event: &Event) -> &str {
    event.tool.as_deref().unwrap_or("None")
}

fn said(event: &Event) -> String {
    let who = match event.what {
        What::Prompt => "User",
        What::Reply => "Assistant",
        _ => "Summary",
    };
    format!("{who}: {}", event.text)
}

fn end(lines: impl Iterator<Item = String>, budget: usize) -> String {
    let lines: Vec<String> = lines.collect();
    // No more than twelve characters of a token are looked at.
    let (mut from, mut length) = (lines.len(), 0);
    while from > 0 && length <= budget.saturating_mul(12) {
        from -= 1;
        length += lines.get(from).map_or(0, |line| line.chars().count()) + 1;
    }
    let text = lines.get(from..).unwrap_or_default().join("\n");
    tail_within(&text, budget).to_owned()
}

/// What the log names most, with the number of times.
pub(super) fn frequent(past: &Past<'_>, budget: usize) -> String {
    const MOST: usize = 600;
    let mut entries: Vec<(&str, usize)> = past
        .entries()
        .filter(|(entry, _)| matches!(entry.sort, Sort::Path | Sort::Name | Sort::Command))
        .map(|(entry, count)| (&*entry.name, count))
        .collect();
    // The sort is stable: of those named as often, the one named first.
    entries.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    entries.truncate(MOST);
    let lines: Vec<String> = entries
        .into_iter()
        .map(|(name, count)| format!("{name} ({count} mentions)"))
        .collect();
    head_within(&lines.join("\n"), budget).to_owned()
}

/// What a text could be that knows what will be used: the facts that weigh most for their length, each with true words
/// beside it.
pub(super) fn oracle(past: &Past<'_>, facts: &Facts, budget: usize) -> String {
    struct Choice<'f> {
        density: f64,
        kind: FactKind,
        fact: &'f Fact,
        tokens: usize,
    }
    let mut choices = Vec::new();
    for kind in FactKind::ALL {
        let weight = facts.weight(kind);
        for fact in facts.of(kind) {
            let tokens = tokens(&fact.shown);
            choices.push(Choice {
                density: kind.share() * fact.weight / weight / (tokens + 1) as f64,
                kind,
                fact,
                tokens,
            });
        }
    }
    let order = |a: &Choice<'_>, b: &Choice<'_>| {
        let by_name = || {
            b.kind
                .word()
                .cmp(a.kind.word())
                .then_with(|| b.fact.key.cmp(&a.fact.key))
        };
        b.density.total_cmp(&a.density).then_with(by_name)
    };
    choices.sort_by(order);
    let (mut grouped, mut alone, mut used) = (Vec::new(), Vec::new(), 0);
    for choice in choices {
        let named = matches!(
            choice.kind,
            FactKind::File | FactKind::Cmd | FactKind::Ident
        );
        let cost = choice.tokens + if named { 3 } else { 1 };
        if used + cost > budget {
            continue;
        }
        used += cost;
        match choice.kind {
            FactKind::File | FactKind::Ident => grouped.push(choice.fact),
            kind => alone.push((kind, choice.fact)),
        }
    }
    let mut spent = BTreeMap::new();
    let mut lines = Vec::new();
    for group in grouped.chunks(3) {
        let names: Vec<&str> = group.iter().map(|fact| fact.shown.as_str()).collect();
        let ids: Vec<u32> = group.iter().filter_map(|fact| fact.id).collect();
        let count = if group.len() > 1 { 3 } else { 2 };
        let words = true_words(past, &ids, count, &mut spent);
        lines.push(format!("{} {words}", names.join(" ")));
    }
    let mut topics = Vec::new();
    for (kind, fact) in alone {
        match kind {
            FactKind::Topic => topics.push(fact.shown.as_str()),
            FactKind::Cmd => {
                let ids: Vec<u32> = fact.id.into_iter().collect();
                let words = true_words(past, &ids, 2, &mut spent);
                lines.push(format!("{} {words}", fact.shown));
            }
            _ => lines.push(fact.shown.clone()),
        }
    }
    let text = format!("{}\n{}", lines.join("\n"), topics.join(" "));
    head_within(&text, budget).to_owned()
}

/// Words that stand beside the facts in the log, those first that were spent least: a word that is on many lines earns nothing.
fn true_words(
    past: &Past<'_>,
    ids: &[u32],
    count: usize,
    spent: &mut BTreeMap<u32, usize>,
) -> String {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for at in ids.iter().flat_map(|id| past.lately(*id)) {
        for word in past.event_words(*at) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut words: Vec<(usize, std::cmp::Reverse<usize>, &str, u32)> = counts
        .into_iter()
        .map(|(word, count)| {
            let used = spent.get(&word).copied().unwrap_or_default();
            (
                used,
                std::cmp::Reverse(count),
                past.index.spelled(word),
                word,
            )
        })
        .filter(|(_, _, word, _)| (3..=8).contains(&word.len()))
        .collect();
    words.sort();
    words.truncate(count);
    let mut chosen = Vec::new();
    for (_, _, text, word) in words {
        *spent.entry(word).or_default() += 1;
        chosen.push(text);
    }
    chosen.join(" ")
}

/// What no text of `budget` tokens can beat: facts by their weight for their length, the last one in part, and no word beside them.
pub(super) fn bound(facts: &Facts, budget: usize) -> f64 {
    let filled: BTreeSet<FactKind> = FactKind::ALL
        .into_iter()
        .filter(|kind| !facts.of(*kind).is_empty())
        .collect();
    let shares: f64 = filled.iter().map(|kind| kind.share()).sum();
    let mut choices: Vec<(f64, usize)> = Vec::new();
    for kind in filled {
        let weight = facts.weight(kind);
        for fact in facts.of(kind) {
            let text = match kind {
                // Six of ten words tell an item.
                FactKind::Todo => {
                    let length = fact.shown.chars().count() as f64 * 0.6;
                    head(&fact.shown, length as usize)
                }
                _ => &fact.shown,
            };
            choices.push((kind.share() * fact.weight / weight / shares, tokens(text)));
        }
    }
    let density = |choice: &(f64, usize)| choice.0 / choice.1.max(1) as f64;
    choices.sort_by(|a, b| density(b).total_cmp(&density(a)));
    let (mut sum, mut left) = (0.0, budget as f64);
    for (value, cost) in choices {
        if left <= 0.0 {
            break;
        }
        sum += value * (left / cost.max(1) as f64).min(1.0);
        left -= cost as f64;
    }
    sum
}
