//! `open_items`: what is unfinished over all sessions of a project.

use std::path::PathBuf;

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use super::Host;
use super::known::{self, Basis};
use super::sessions::moment;
use super::tool::{Answer, Ask, fitting, limit, start};
use crate::entry::stamp;
use crate::error::Error;
use crate::report::{self, Open, Scope};
use crate::safety::one_line;

/// Items of a page where nobody says.
const PAGE: usize = 20;
/// Items of the largest page.
const LARGEST: usize = 50;
/// Characters of an item, and of a command.
const WIDTH: usize = 300;

/// Which items.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenItems {
    /// The folder of a project, as a whole path, or * for all that the store knows. Default: the folder the server was
    /// started in.
    project: Option<PathBuf>,
    /// Only of sessions that ended at this time or later: 7d, 12h, 2026-02-04 or 2026-02-04T04:15:00Z.
    since: Option<String>,
    /// Default: both.
    kind: Option<Kind>,
    /// How many. Default: 20.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
    /// The next_cursor of the page before.
    cursor: Option<String>,
}

/// What is open.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Task,
    Failure,
}

/// The page.
#[derive(Debug, Serialize)]
struct Page {
    /// The newest first.
    items: Vec<Item>,
    /// Of all pages.
    items_in_all: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    known: Basis,
}

/// Something open.
#[derive(Debug, Serialize)]
struct Item {
    kind: String,
    what: String,
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    command: String,
    /// Other failures that the same command shows.
    #[serde(skip_serializing_if = "is_zero")]
    more: u32,
    /// What `show` opens.
    cite: String,
    time: Option<String>,
    project: String,
    sessions: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Ask for OpenItems {
    const NAME: &str = "open_items";
    const TITLE: &str = "What is unfinished in a project";
    const DESCRIPTION: &str = "Tasks that are neither done nor dropped and failures that no later run settled, over \
        all sessions of a project, the newest first, each with a citation for `show`. Call it to decide what to do \
        next, or to see whether something was left behind. What one session left and another finished is not in it.";

    fn answer(self, host: &Host) -> Result<Answer, Error> {
        let limit = limit(self.limit, PAGE, LARGEST)?;
        let start = start(self.cursor.as_deref())?;
        let scope = Scope {
            since: self.since.as_deref().map(moment).transpose()?.map(stamp),
            ..Scope::default()
        };
        let (rollup, known) = known::ask(host, self.project, |store| {
            report::gather(store, &scope).map(|(rollup, _)| rollup)
        })?;
        let wanted = |open: &Open| match self.kind {
            None => true,
            Some(Kind::Task) => open.kind == "task",
            Some(Kind::Failure) => open.kind == "failure",
        };
        let open: Vec<Open> = rollup.open.into_iter().filter(wanted).collect();
        let items_in_all = open.len();
        let items: Vec<Item> = open.into_iter().skip(start).take(limit).map(item).collect();
        let items = fitting(items);
        let next = start.saturating_add(items.len());
        Ok(Answer::data(&Page {
            next_cursor: (next < items_in_all && !items.is_empty()).then(|| next.to_string()),
            items,
            items_in_all,
            known,
        }))
    }
}

fn item(open: Open) -> Item {
    Item {
        what: one_line(&open.what, WIDTH),
        command: one_line(&open.command, WIDTH),
        cite: cite(&open.at.session, &open.at.cite),
        time: open.at.time,
        project: open.at.project,
        kind: open.kind,
        status: open.status,
        more: open.more,
        sessions: open.sessions,
    }
}

/// A citation with its session, as `show` takes it.
pub(super) fn cite(session: &str, cite: &str) -> String {
    format!("{session}:{cite}")
}
