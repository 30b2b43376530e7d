//! JSON: every item with its kind, status, evidence and score; the schema is `handoff.schema.json` beside this file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::markdown::citation;
use super::{Options, Redacted};
use crate::ledger::Cite;
use crate::pack::Handoff;
use crate::score::{Header, Item, Span};

/// The version of the shape: a number more for each change that a reader must know of.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'h> {
    schema_version: u32,
    session: Session<'h>,
    state: &'h str,
    title: &'h str,
    goal: &'h str,
    budget: Budget,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    redacted: &'h Redacted<'h>,
    items: Vec<Line>,
    left_out: Vec<Line>,
}

#[derive(Serialize)]
struct Session<'h> {
    id: &'h str,
    cwd: Option<&'h str>,
    branch: Option<&'h str>,
    models: &'h [String],
    started: Option<String>,
    ended: Option<String>,
    end: &'h str,
}

#[derive(Serialize)]
struct Budget {
    tokens: u32,
    used: u32,
}

#[derive(Serialize)]
pub(super) struct Line {
    part: &'static str,
    kind: &'static str,
    trust: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    status: &'static str,
    text: String,
    score: Option<f64>,
    pub(super) tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence>,
}

#[derive(Serialize)]
struct Evidence {
    citation: String,
    file: u32,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

/// The handoff as one JSON document, indented, with a newline at its end.
///
/// `redacted` says how many different values of each kind were found in the session.
pub fn json(handoff: &Handoff, redacted: &Redacted<'_>, options: Options) -> String {
    let header = &handoff.header;
    let document = Document {
        schema_version: SCHEMA_VERSION,
        session: Session {
            id: &header.session,
            cwd: header.cwd.as_deref(),
            branch: header.branch.as_deref(),
            models: &header.models,
            started: header.span.map(|(start, _)| start.to_string()),
            ended: header.span.map(|(_, end)| end.to_string()),
            end: &header.ended,
        },
        state: header.state,
        title: &header.title,
        goal: &header.goal,
        budget: Budget {
            tokens: handoff.budget,
            used: handoff.tokens,
        },
        redacted,
        items: handoff
            .items
            .iter()
            .map(|packed| line(&packed.item, Some(packed.score), header, options))
            .collect(),
        left_out: handoff
            .left_out
            .iter()
            .map(|item| line(item, None, header, options))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

pub(super) fn line(item: &Item, score: Option<f64>, header: &Header, options: Options) -> Line {
    let cites = if options.cite {
        item.cites()
    } else {
        Vec::new()
    };
    let text = text(item);
    Line {
        part: item.part.word(),
        kind: item.kind.word(),
        trust: item.trust.word(),
        status: item.status,
        tokens: crate::tokens::estimate(&text),
        text,
        // Four digits: what differs beyond them is noise of the last bit.
        score: score.map(|score| (score * 10_000.0).round() / 10_000.0),
        evidence: cites
            .into_iter()
            .map(|cite| evidence(cite, header))
            .collect(),
    }
}

/// The words of an item, without marks of any format and without citations.
pub(super) fn text(item: &Item) -> String {
    let mut out = item.group.clone().unwrap_or_default();
    for span in item.pieces.iter().flat_map(|piece| &piece.spans) {
        match span {
            Span::Own(text) | Span::Code(text) | Span::Name(text) => out.push_str(text),
            Span::Quote(text) => {
                out.push('“');
                out.push_str(text);
                out.push('”');
            }
            Span::Cites(_) => {}
            Span::Below => out.push_str("; "),
        }
    }
    out
}

fn evidence(cite: &Cite, header: &Header) -> Evidence {
    Evidence {
        citation: citation(cite, header),
        file: cite.at.file.0,
        line: cite.at.line,
        uuid: cite.uuid.as_deref().map(str::to_owned),
        time: cite.time.map(|time| time.to_string()),
    }
}
