//! The tools: what each is called and takes, and how a request finds it.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Host, Settings, check, handoff, open, search, sessions, show};
use crate::discover::{self, SessionFiles};
use crate::error::{Error, ErrorKind};

/// What a tool says.
#[derive(Debug)]
pub(super) struct Answer {
    /// For whoever reads.
    pub(super) text: String,
    /// The same for programs, where it is more than a text.
    pub(super) data: Option<Value>,
}

impl Answer {
    /// An answer that is text.
    pub(super) fn text(text: String) -> Self {
        Self { text, data: None }
    }

    /// An answer that is data: as JSON of one line, its fields in their own order, and as it is.
    pub(super) fn data(data: &impl Serialize) -> Self {
        // Answers are strings and numbers: they have a JSON form.
        Self {
            text: serde_json::to_string(data).unwrap_or_default(),
            data: serde_json::to_value(data).ok(),
        }
    }
}

/// The arguments of a tool, which know how to answer.
pub(super) trait Ask: DeserializeOwned + JsonSchema + 'static {
    /// The name.
    const NAME: &str;
    /// The name for people.
    const TITLE: &str;
    /// What it does, and when to call it.
    const DESCRIPTION: &str;

    /// The answer.
    fn answer(self, host: &Host) -> Result<Answer, Error>;
}

/// A tool.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) described: fn() -> Tool,
    pub(super) run: fn(&Host, JsonObject) -> Result<Answer, Error>,
}

/// The tools, in the order they are listed.
pub(super) const TOOLS: [Entry; 6] = [
    entry::<sessions::ListSessions>(),
    entry::<handoff::WriteHandoff>(),
    entry::<show::Show>(),
    entry::<open::OpenItems>(),
    entry::<search::Search>(),
    entry::<check::Check>(),
];

const fn entry<A: Ask>() -> Entry {
    Entry {
        name: A::NAME,
        described: described::<A>,
        run: run::<A>,
    }
}

fn described<A: Ask>() -> Tool {
    Tool::new(A::NAME, A::DESCRIPTION, JsonObject::new())
        .with_title(A::TITLE)
        .with_input_schema::<A>()
        .with_annotations(ToolAnnotations::new().read_only(true).open_world(false))
}

fn run<A: Ask>(host: &Host, arguments: JsonObject) -> Result<Answer, Error> {
    let asked: A = serde_json::from_value(Value::Object(arguments))
        .map_err(|error| wrong(format!("{}: {error}", A::NAME)))?;
    asked.answer(host)
}

/// The row that a page begins with, by the cursor of the page before.
///
/// # Errors
///
/// [`ErrorKind::Usage`], if the cursor is of no page.
pub(super) fn start(cursor: Option<&str>) -> Result<usize, Error> {
    cursor.map_or(Ok(0), |cursor| {
        // More rows than there ever are would be a number that SQLite does not take.
        let number: Option<u32> = cursor.parse().ok();
        number
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| wrong("cursor: not one that an answer gave"))
    })
}

/// The rows of a page.
///
/// # Errors
///
/// [`ErrorKind::Usage`], if they are none or more than `most`.
pub(super) fn limit(asked: Option<usize>, unasked: usize, most: usize) -> Result<usize, Error> {
    let limit = asked.unwrap_or(unasked);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(wrong(format!("limit: {limit} is not from 1 to {most}")))
}

/// As many of the rows of a page, from the first, as an answer holds; one in any case.
pub(super) fn fitting<T: Serialize>(mut rows: Vec<T>) -> Vec<T> {
    /// What stands around the rows.
    const AROUND: usize = 1_000;
    let mut left = super::LONGEST - AROUND;
    let fit = rows
        .iter()
        .take_while(|row| {
            let text = serde_json::to_string(row).unwrap_or_default();
            let fits = left.checked_sub(text.chars().count() + 1);
            left = fits.unwrap_or(0);
            fits.is_some()
        })
        .count();
    rows.truncate(fit.max(1));
    rows
}

/// What is wrong about a request.
pub(super) fn wrong(what: impl Into<String>) -> Error {
    ErrorKind::Usage(what.into()).into()
}

/// How the names of transcripts end.
const TRANSCRIPTS: [&str; 4] = [".jsonl", ".jsonl.gz", ".jsonl.zst", ".json"];

/// The session that a request names: by its id, the beginning of that, or the path of its transcript.
///
/// # Errors
///
/// As [`discover::sessions`]; [`ErrorKind::Usage`], if the path is not one of a transcript on this machine.
pub(super) fn named(session: &str, settings: &Settings) -> Result<SessionFiles, Error> {
    let is_path = session.contains(['/', '\\']) || session.contains(".jsonl");
    if !is_path {
        return discover::of_id(session, &settings.env);
    }
    // A share of another machine is not asked: nothing goes over the network.
    if session.starts_with("\\\\") || session.starts_with("//") {
        return Err(wrong(format!(
            "{session}: not a path of this machine; give the id of a session, or the path of its transcript"
        )));
    }
    if !TRANSCRIPTS.iter().any(|end| session.ends_with(end)) {
        return Err(wrong(format!(
            "{session}: not the name of a transcript, which ends with {}; or give the id of a session",
            TRANSCRIPTS.join(", ")
        )));
    }
    let path = settings.env.cwd.join(session);
    if !path.is_file() {
        return Err(ErrorKind::NoSession(format!(
            "{session}: no such file; `list_sessions` tells which sessions there are"
        ))
        .into());
    }
    let found = discover::sessions(&[path], &settings.env)?;
    let only = found.sessions.into_iter().next();
    only.ok_or_else(|| ErrorKind::Nothing(format!("{session}: no session in it")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_an_answer_does() {
        let row = "\"".repeat(1_000);
        assert_eq!(fitting(vec![row.clone(); 50]).len(), 19);
        assert_eq!(fitting(vec![row; 7]).len(), 7);
        assert_eq!(fitting(vec!["x".repeat(50_000); 2]).len(), 1);
        assert_eq!(fitting(Vec::<u8>::new()).len(), 0);
    }
}
