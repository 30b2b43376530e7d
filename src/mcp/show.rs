//! `show`: what stands behind a citation.

use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

use super::Host;
use super::tool::{Answer, Ask, named, start, wrong};
use crate::error::Error;
use crate::pipeline;
use crate::position::FileId;
use crate::read;
use crate::safety;
use crate::show::{self, Row};

/// Characters of the record itself.
const RECORD: usize = 20_000;
/// Lines before and behind it.
const MOST_CONTEXT: u32 = 20;
/// Lines of a timeline in one answer.
const PAGE: usize = 100;

/// What to show.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Show {
    /// A citation with its session, as ac8a4f1a:L482, or ac8a4f1a:a485154:L12 for a line of a subagent; a session
    /// alone gives its timeline, 100 lines at a time.
    cite: String,
    /// How many lines of the timeline before and behind the record. Default: 3.
    #[schemars(range(max = 20))]
    context: Option<u32>,
    /// For a timeline: the cursor of the page before.
    cursor: Option<String>,
}

impl Ask for Show {
    const NAME: &str = "show";
    const TITLE: &str = "What stands behind a citation";
    const DESCRIPTION: &str = "The record of the log behind a citation of a handoff, with the events around it; or, \
        for a session alone, its timeline. Call it when a line of a handoff matters enough to see its evidence: the \
        whole error, the exact command, the user's own words. Secrets are redacted, long texts cut.";

    fn answer(self, host: &Host) -> Result<Answer, Error> {
        let settings = &host.settings;
        let (session, citation) = show::split(&self.cite);
        let files = named(session, settings)?;
        let (session, _) = pipeline::load(&files, &read::Options::default())?;
        let mut gate = pipeline::gate(&session, settings.options.redact);
        let rows: Vec<Row> = show::rows(&session).collect();
        let Some(citation) = citation else {
            return timeline(&self, &rows, |row| row.line(&session, &mut gate));
        };
        if self.cursor.is_some() {
            return Err(wrong("cursor: only a timeline has pages"));
        }
        let context = self.context.unwrap_or(3);
        if context > MOST_CONTEXT {
            return Err(wrong(format!("context: at most {MOST_CONTEXT} lines")));
        }
        let record = show::record(&files, &session, &mut gate, &citation)?;
        // It goes into a context: nothing in it may pose as what stands around it.
        let (head, record) = record.split_once('\n').unwrap_or(("", &record));
        let record = super::cut(safety::neutral_code(record).into_owned(), RECORD);
        let mut text = format!("{head}\n{}", safety::fence(&record, "json"));
        // The lines of the same file around it; a record that is no event stands between two.
        let agent = citation.agent.as_deref();
        let same: Vec<&Row> = rows
            .iter()
            .filter(
                |row| match (agent, row.agent.and_then(|agent| session.agents.get(agent))) {
                    (None, _) => row.at.file == FileId(0),
                    (Some(wanted), Some(agent)) => agent.id.starts_with(wanted),
                    (Some(_), None) => false,
                },
            )
            .collect();
        let context = usize::try_from(context).unwrap_or(0);
        let at = same.partition_point(|row| row.at.line < citation.line);
        let behind = same.partition_point(|row| row.at.line <= citation.line);
        let mut around = |heading: &str, rows: &[&Row]| {
            if !rows.is_empty() {
                text.push_str(&format!("\n{heading}:\n"));
                text.extend(rows.iter().map(|row| row.line(&session, &mut gate)));
            }
        };
        around(
            "before",
            same.get(at.saturating_sub(context)..at).unwrap_or_default(),
        );
        let end = same.len().min(behind + context);
        around("after", same.get(behind..end).unwrap_or_default());
        Ok(Answer::text(text))
    }
}

/// A page of the timeline; its cursor is the number of its first row.
fn timeline(asked: &Show, rows: &[Row], line: impl FnMut(&Row) -> String) -> Result<Answer, Error> {
    let start = start(asked.cursor.as_deref())?;
    let page: Vec<&Row> = rows.iter().skip(start).take(PAGE).collect();
    let shown = page.len();
    let mut text: String = page.into_iter().map(line).collect();
    let left = rows.len().saturating_sub(start.saturating_add(shown));
    if left > 0 {
        let next = start + shown;
        text.push_str(&format!(
            "\n{left} more: ask again with cursor \"{next}\"\n"
        ));
    } else if text.is_empty() {
        text.push_str("nothing to show: no event in it, or none behind this cursor\n");
    }
    Ok(Answer::text(text))
}
