//! A handoff, explained: what stands behind each line, and what was left out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Options;
use super::json::{Line, line, text};
use super::markdown::citation;
use crate::pack::Handoff;
use crate::safety;
use crate::score::{Item, PINNED, Part};

/// What the lines of a handoff cost.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    /// The tokens that each line takes, in the order of the handoff.
    pub kept: Vec<u32>,
    /// The tokens that the beginning of each line left out would take.
    pub left: Vec<u32>,
    /// The least budget that holds the first line left out; `None` if none was.
    pub next: Option<u32>,
}

/// How many different values of each kind were found in the session and redacted.
pub type Redacted<'g> = BTreeMap<&'g str, u32>;

const WIDTH: usize = 80;
/// Lines left out beyond these are counted.
const SHOWN: usize = 20;

/// The handoff, explained in lines of at most 80 characters.
pub fn explain(
    handoff: &Handoff,
    costs: &Costs,
    redacted: &Redacted<'_>,
    options: Options,
) -> String {
    let header = &handoff.header;
    let mut out = format!(
        "session {}: {} lines in {} of {} tokens\n\n  TOKENS  SCORE   KIND         LINE\n",
        header.short_id,
        handoff.items.len(),
        handoff.tokens,
        handoff.budget
    );
    let mut part: Option<Part> = None;
    for (packed, cost) in handoff.items.iter().zip(&costs.kept) {
        let item = &packed.item;
        if part != Some(item.part) {
            part = Some(item.part);
            out.push_str(&format!("{}\n", item.part.word()));
        }
        let pinned = item
            .pieces
            .first()
            .is_some_and(|piece| piece.worth >= PINNED);
        let score = if pinned {
            "always".to_owned()
        } else {
            format!("{:.4}", packed.score)
        };
        row(
            &mut out,
            &format!("{cost:>8}  {score:<6}  {:<11}  ", item.kind.word()),
            &text(item),
        );
        let places: Vec<String> = item
            .cites()
            .into_iter()
            .map(|cite| citation(cite, header))
            .collect();
        row(&mut out, &" ".repeat(31), &evidence(item, &places, options));
    }
    if handoff.left_out.is_empty() {
        out.push_str("\nnothing was left out\n");
    } else {
        left_out(&mut out, handoff, costs);
    }
    if !redacted.is_empty() {
        out.push_str("\nredacted, different values in the whole session:\n");
        for (kind, count) in redacted {
            out.push_str(&format!("{count:>8}  {kind}\n"));
        }
    }
    out
}

/// What the budget left out, and the budget that holds the first of it.
fn left_out(out: &mut String, handoff: &Handoff, costs: &Costs) {
    out.push_str(&format!(
        "\nleft out for the budget: {}, the most valuable first\n",
        handoff.left_out.len()
    ));
    for (item, cost) in handoff.left_out.iter().zip(&costs.left).take(SHOWN) {
        row(
            out,
            &format!(
                "{:>8}  {:<6}  {:<11}  ",
                format!("+{cost}"),
                "",
                item.kind.word()
            ),
            &text(item),
        );
    }
    if handoff.left_out.len() > SHOWN {
        out.push_str(&format!(
            "and {} more: see --format json\n",
            handoff.left_out.len() - SHOWN
        ));
    }
    if let Some(next) = costs.next {
        out.push_str(&format!(
            "\nthe first of them fits with {} tokens more: --budget {next}\n",
            next.saturating_sub(handoff.budget)
        ));
    }
}

fn row(out: &mut String, head: &str, text: &str) {
    out.push_str(head);
    out.push_str(&safety::one_line(
        text,
        WIDTH.saturating_sub(head.chars().count()),
    ));
    out.push('\n');
}

/// On whose word a line stands, and where.
fn evidence(item: &Item, places: &[String], options: Options) -> String {
    let mut said = vec![item.trust.word().to_owned()];
    if !item.status.is_empty() {
        said.push(item.status.to_owned());
    }
    if options.cite {
        said.extend_from_slice(places);
    }
    said.join(", ")
}

#[derive(Serialize)]
struct Document<'h> {
    schema_version: u32,
    session: &'h str,
    budget: u32,
    used: u32,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    redacted: &'h Redacted<'h>,
    items: Vec<Kept>,
    left_out: Vec<Left>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_budget: Option<u32>,
}

#[derive(Serialize)]
struct Kept {
    #[serde(flatten)]
    line: Line,
    always: bool,
}

#[derive(Serialize)]
struct Left {
    #[serde(flatten)]
    line: Line,
    why: &'static str,
}

/// The handoff, explained as JSON: the items of the handoff's JSON, with the tokens that each really takes.
pub fn explain_json(
    handoff: &Handoff,
    costs: &Costs,
    redacted: &Redacted<'_>,
    options: Options,
) -> String {
    let costing = |item: &Item, score, cost: u32| {
        let mut line = line(item, score, &handoff.header, options);
        line.tokens = cost;
        line
    };
    let document = Document {
        schema_version: 1,
        session: &handoff.header.session,
        budget: handoff.budget,
        used: handoff.tokens,
        redacted,
        items: (handoff.items.iter().zip(&costs.kept))
            .map(|(packed, cost)| Kept {
                line: costing(&packed.item, Some(packed.score), *cost),
                always: packed
                    .item
                    .pieces
                    .first()
                    .is_some_and(|piece| piece.worth >= PINNED),
            })
            .collect(),
        left_out: (handoff.left_out.iter().zip(&costs.left))
            .map(|(item, cost)| Left {
                line: costing(item, None, *cost),
                why: "budget",
            })
            .collect(),
        next_budget: costs.next,
    };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
