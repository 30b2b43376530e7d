//! What stands behind a citation: a record of the log, or the timeline around it.
//!
//! Takes a session and its files; gives text that has passed the session's
//! [`Gate`]. A citation is a line of the main transcript, `L482`, or of a
//! subagent's by the head of its id, `a485154:L12`. Leaves to others which
//! session is meant.

use crate::discover::SessionFiles;
use crate::error::{Error, ErrorKind};
use crate::position::Position;
use crate::read::{self, Source};
use crate::safety::{Gate, neutral_code};
use crate::session::{Body, Event, Input, Notice, Outcome as Ended, Session, Via};

/// A line of a file of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The beginning of the id of the subagent whose transcript is meant; none for the main one.
    pub agent: Option<String>,
    /// The line, one-based.
    pub line: u32,
}

/// `SESSION:L482` or `SESSION:<agent>:L12` → the session and the citation; none where the text has no line.
pub fn split(target: &str) -> (&str, Option<Citation>) {
    let number = |text: &str| {
        text.strip_prefix('L')
            .and_then(|digits| digits.parse().ok())
    };
    let Some((head, line)) = target
        .rsplit_once(':')
        .and_then(|(head, tail)| Some((head, number(tail)?)))
    else {
        return (target, None);
    };
    match head.rsplit_once(':') {
        // A drive letter is no session.
        Some((session, agent)) if session.len() > 1 && !agent.contains(['/', '\\', '.']) => (
            session,
            Some(Citation {
                agent: Some(agent.to_owned()),
                line,
            }),
        ),
        _ => (head, Some(Citation { agent: None, line })),
    }
}

/// The record that `citation` names, as indented JSON: cleaned, redacted, its long texts cut.
///
/// A line that is no JSON is given as it is, redacted.
///
/// # Errors
///
/// [`ErrorKind::Usage`], if there is no such subagent or line, or the log came by standard input;
/// [`ErrorKind::Io`], if the file cannot be read.
pub fn record(
    files: &SessionFiles,
    session: &Session,
    gate: &mut Gate,
    citation: &Citation,
) -> Result<String, Error> {
    let source = match &citation.agent {
        None => &files.main,
        Some(agent) => files
            .subagents
            .iter()
            .find(|known| known.id.starts_with(agent.as_str()))
            .map(|known| &known.source)
            .ok_or_else(|| {
                ErrorKind::Usage(format!(
                    "{}: no subagent {agent} in this session",
                    files.main
                ))
            })?,
    };
    if *source == Source::Stdin {
        return Err(ErrorKind::Usage(
            "a line of standard input cannot be shown: it is read already".to_owned(),
        )
        .into());
    }
    let (found, report) = read::units(source, &read::Options::default(), |unit| {
        unit.lines()
            .find(|(number, _)| *number == citation.line)
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
    })?;
    let Some(bytes) = found.into_iter().flatten().next() else {
        return Err(ErrorKind::Usage(format!(
            "{source}: no line {}: it has {}",
            citation.line, report.lines
        ))
        .into());
    };
    let pretty = serde_json::from_str::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|mut value| {
            shorten(&mut value, gate);
            serde_json::to_string_pretty(&value).ok()
        });
    // An agent that follows a citation reads this: what its harness would take for its own goes here too.
    let text = gate.safe(&pretty.unwrap_or(bytes));
    let text = neutral_code(&text);
    let label = citation.agent.as_deref().unwrap_or("");
    let colon = if label.is_empty() { "" } else { ":" };
    Ok(format!(
        "{}:{label}{colon}L{}\n{text}\n",
        crate::safety::clean(&session.id),
        citation.line
    ))
}

/// An event of the timeline that is worth a line.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it stands.
    pub at: Position,
    /// The subagent it is of, by its index; none for the main conversation.
    pub agent: Option<usize>,
    time: Option<jiff::Timestamp>,
    live: bool,
    word: &'static str,
    text: String,
}

/// The events of the session that are worth a line, in their order.
pub fn rows(session: &Session) -> impl Iterator<Item = Row> {
    session.timeline.iter().filter_map(|event| {
        let (word, text) = described(session, event)?;
        Some(Row {
            at: event.at,
            agent: event.agent,
            time: event.time,
            live: event.live,
            word,
            text,
        })
    })
}

impl Row {
    /// Its line: place, time of day in UTC, what it is, and the beginning of its text; with the line end.
    pub fn line(&self, session: &Session, gate: &mut Gate) -> String {
        let time = self.time.map_or_else(
            || "     ".to_owned(),
            |time| time.strftime("%H:%M").to_string(),
        );
        let place = match self.agent.and_then(|agent| session.agents.get(agent)) {
            Some(agent) => format!("{}:L{}", gate.line(&agent.id, 8), self.at.line),
            None => format!("L{}", self.at.line),
        };
        let dead = match self.live {
            true => "",
            false => " (left behind by a rewind)",
        };
        format!(
            "{place:<8} {time} {:<10} {}{dead}\n",
            self.word,
            gate.line(&self.text, 120)
        )
    }
}

/// Redacts the texts, which are decoded here, and cuts what nobody reads: pictures, signatures, copies of files.
fn shorten(value: &mut serde_json::Value, gate: &mut Gate) {
    const MOST: usize = 4_000;
    match value {
        serde_json::Value::String(text) => {
            let whole = text.len();
            *text = neutral_code(&gate.safe(text)).into_owned();
            if text.len() > MOST {
                let head: String = text.chars().take(MOST).collect();
                *text = format!("{head}… ({whole} bytes in all)");
            }
        }
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|item| shorten(item, gate));
        }
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                if matches!(key.as_str(), "signature" | "originalFile" | "data")
                    && value.is_string()
                {
                    *value = serde_json::Value::String("…".to_owned());
                } else {
                    shorten(value, gate);
                }
            }
        }
        _ => {}
    }
}

fn described(session: &Session, event: &Event) -> Option<(&'static str, String)> {
    Some(match &event.body {
        Body::Prompt(prompt) => {
            let word = match prompt.via {
                Via::Answer { .. } => "answer",
                Via::Refusal { .. } => "refusal",
                Via::Shell => "!",
                _ => "user",
            };
            (word, prompt.text.text.clone())
        }
        Body::Say(text) => ("agent", text.text.clone()),
        Body::Think(_) => return None,
        Body::Call(call) => {
            let call = &session.calls[*call];
            let what = match &call.input {
                Input::Shell { command, .. } => command.clone(),
                Input::Read { path } | Input::Edit { path, .. } | Input::Write { path, .. } => {
                    path.clone()
                }
                Input::Search { pattern, .. } => pattern.clone(),
                Input::Agent { description, .. } => description.clone(),
                Input::TaskCreate { subject, .. } => subject.clone(),
                Input::Web(what) | Input::Other(what) => what.clone(),
                Input::Skill { name, .. } => name.clone(),
                _ => String::new(),
            };
            ("call", format!("{} {what}", call.name))
        }
        Body::Return(call) => {
            let call = &session.calls[*call];
            match &call.outcome {
                Ended::Ok => return None,
                outcome => (
                    "answer",
                    format!("{} {outcome:?}: {}", call.name, call.output.text),
                ),
            }
        }
        Body::Compaction { manual, .. } => (
            "compacted",
            if *manual {
                "by the user"
            } else {
                "by the program"
            }
            .to_owned(),
        ),
        Body::Notice(notice) => match notice {
            Notice::Interrupted => ("notice", "the user interrupted".to_owned()),
            Notice::ApiError(text)
            | Notice::Limit(text)
            | Notice::ContextFull(text)
            | Notice::Recap(text) => ("notice", text.text.clone()),
            Notice::Background { task, status, .. } => {
                ("notice", format!("background task {task} {status}"))
            }
            Notice::Hook { event, text, .. } => ("hook", format!("{event}: {}", text.text)),
            Notice::Output(_) | Notice::TurnEnd => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_told_from_paths() {
        let cited = |agent: Option<&str>, line| {
            Some(Citation {
                agent: agent.map(str::to_owned),
                line,
            })
        };
        assert_eq!(split("ac8a4f1a"), ("ac8a4f1a", None));
        assert_eq!(split("ac8a4f1a:L482"), ("ac8a4f1a", cited(None, 482)));
        assert_eq!(
            split("ac8a4f1a:a485154:L12"),
            ("ac8a4f1a", cited(Some("a485154"), 12))
        );
        assert_eq!(
            split("C:\\x\\s.jsonl:L3"),
            ("C:\\x\\s.jsonl", cited(None, 3))
        );
        assert_eq!(split("dir/s.jsonl:L3"), ("dir/s.jsonl", cited(None, 3)));
    }
}
