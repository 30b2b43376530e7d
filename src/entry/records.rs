//! The records behind the citations of a handoff.

use std::collections::BTreeMap;

use super::{RecordRow, stamp};
use crate::pack::Handoff;
use crate::position::Position;
use crate::render::citation;
use crate::safety::{Gate, neutral_code};
use crate::session::{Body, Event, Input, Notice, Session};

/// Characters of a record that are kept: enough to judge a claim by, too few to make the store a copy of the logs.
const MOST: usize = 600;

/// The records that `handoff` cites, in the order of the log; what stands on one line is one record.
pub(super) fn records(session: &Session, handoff: &Handoff, gate: &mut Gate) -> Vec<RecordRow> {
    let mut cited: BTreeMap<Position, String> = BTreeMap::new();
    for packed in &handoff.items {
        for cite in packed.item.cites() {
            cited
                .entry(cite.at)
                .or_insert_with(|| citation(cite, &handoff.header));
        }
    }
    let mut records: BTreeMap<Position, RecordRow> = BTreeMap::new();
    for event in &session.timeline {
        let Some(cite) = cited.get(&event.at) else {
            continue;
        };
        let Some((kind, text)) = told(session, event) else {
            continue;
        };
        // Agents read tables too: what a harness would take for its own goes.
        let text = shortened(&neutral_code(&gate.safe(&text)));
        match records.get_mut(&event.at) {
            Some(record) => {
                record.text.push_str("\n\n");
                record.text.push_str(&text);
            }
            None => {
                let record = RecordRow {
                    cite: cite.clone(),
                    kind: kind.to_owned(),
                    time: event.time.map(stamp),
                    text,
                };
                records.insert(event.at, record);
            }
        }
    }
    // Cutting may make of harmless text what looks like a secret; better none than one that stops a report.
    records
        .into_values()
        .filter(|record| gate.second_look(&record.text).is_ok())
        .collect()
}

/// The head and the tail of a text: what a program prints last is often what counts.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    let Some(left_out) = count.checked_sub(MOST).filter(|more| *more > 0) else {
        return text.trim().to_owned();
    };
    let head: String = text.chars().take(MOST / 2).collect();
    let tail: String = text.chars().skip(count - MOST / 2).collect();
    format!(
        "{}\n… {left_out} characters left out …\n{}",
        head.trim(),
        tail.trim()
    )
}

/// What an event is, and its text.
fn told(session: &Session, event: &Event) -> Option<(&'static str, String)> {
    Some(match &event.body {
        Body::Prompt(prompt) => ("user", prompt.text.text.clone()),
        Body::Say(text) => ("agent", text.text.clone()),
        Body::Think(_) => return None,
        Body::Call(call) => {
            let call = session.calls.get(*call)?;
            ("call", format!("{} {}", call.name, asked(&call.input)))
        }
        Body::Return(call) => ("answer", session.calls.get(*call)?.output.text.clone()),
        Body::Compaction { summary, .. } => (
            "compaction",
            summary
                .as_ref()
                .map(|text| text.text.clone())
                .unwrap_or_default(),
        ),
        Body::Notice(notice) => match notice {
            Notice::Interrupted => ("notice", "the user interrupted".to_owned()),
            Notice::ApiError(text)
            | Notice::Limit(text)
            | Notice::ContextFull(text)
            | Notice::Recap(text)
            | Notice::Output(text)
            | Notice::Hook { text, .. }
            | Notice::Background { text, .. } => ("notice", text.text.clone()),
            Notice::TurnEnd => return None,
        },
    })
}

/// What a tool was asked, in one text.
fn asked(input: &Input) -> String {
    match input {
        Input::Shell { command, .. } => command.clone(),
        Input::Read { path } => path.clone(),
        Input::Write { path, content } => format!("{path}\n{}", content.text),
        Input::Edit { path, hunks } => {
            let mut text = path.clone();
            for (old, new) in hunks {
                for (mark, side) in [("-", old), ("+", new)] {
                    for line in side.text.lines() {
                        text.push_str(&format!("\n{mark} {line}"));
                    }
                }
            }
            text
        }
        Input::Search { pattern, path } => {
            format!("{pattern} {}", path.as_deref().unwrap_or(""))
        }
        Input::Agent {
            description,
            prompt,
            ..
        } => format!("{description}\n{}", prompt.text),
        Input::Todos(todos) => {
            let lines: Vec<String> = todos
                .iter()
                .map(|todo| format!("[{}] {}", todo.status, todo.content))
                .collect();
            lines.join("\n")
        }
        Input::TaskCreate {
            subject,
            description,
        } => format!("{subject}\n{description}"),
        Input::TaskUpdate {
            id,
            status,
            subject,
            ..
        } => [Some(id), status.as_ref(), subject.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<String>>()
            .join(" "),
        Input::Ask(questions) => {
            let lines: Vec<String> = questions
                .iter()
                .map(|(question, options)| format!("{question} [{}]", options.join(" | ")))
                .collect();
            lines.join("\n")
        }
        Input::Plan(text) => text.text.clone(),
        Input::EnterPlan => String::new(),
        Input::Web(what) | Input::Other(what) => what.clone(),
        Input::Skill { name, args } => format!("{name} {args}"),
        Input::Task { id, .. } => id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_record_keeps_both_its_ends() {
        let long = format!("first{}last", "ä".repeat(1_000));
        let short = shortened(&long);
        assert!(short.starts_with("first") && short.ends_with("last"));
        assert!(short.contains("… 409 characters left out …"), "{short}");
        assert_eq!(shortened(" x\n"), "x");
    }
}
