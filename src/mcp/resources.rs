//! Handoffs as resources: `passdown://handoff/<session>`.

use rmcp::model::{
    ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};

use super::handoff::WriteHandoff;
use super::sessions::page;
use super::tool::{Answer, Ask, wrong};
use super::{Host, Settings};
use crate::discover;
use crate::entry::stamp;
use crate::error::Error;
use crate::safety;

/// How their addresses begin.
const ROOT: &str = "passdown://handoff/";
/// What they are written in.
const MARKDOWN: &str = "text/markdown";
/// Resources of a page; only the ends of their files are looked at.
const PAGE: usize = 50;

/// The sessions of the server's project, the one last written first.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Usage`], if the cursor is of no page.
pub(super) fn list(
    settings: &Settings,
    cursor: Option<&str>,
) -> Result<ListResourcesResult, Error> {
    let (found, next_cursor) = page(None, settings, None, cursor, PAGE)?;
    let resources = found
        .iter()
        .map(|files| {
            let id = safety::one_line(&safety::clean(&files.id), 64);
            let last = files.main.path().and_then(discover::last_time).map(stamp);
            let short: String = id.chars().take(8).collect();
            let when = last.map_or_else(String::new, |last| format!(", which ended {last}"));
            Resource::new(format!("{ROOT}{id}"), format!("handoff {short}"))
                .with_description(format!("Where session {short} stands{when}"))
                .with_mime_type(MARKDOWN)
        })
        .collect();
    let mut page = ListResourcesResult::with_all_items(resources);
    page.next_cursor = next_cursor;
    Ok(page)
}

/// The address of any handoff.
pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{ROOT}{{session}}"), "handoff")
        .with_description(
            "Where a session stands, by its id or the first 4 or more characters of it",
        )
        .with_mime_type(MARKDOWN)
}

/// The handoff at `uri`.
///
/// # Errors
///
/// As the tool, and if nothing has that address.
pub(super) fn read(host: &Host, uri: &str) -> Result<Answer, Error> {
    let id = uri
        .strip_prefix(ROOT)
        .filter(|id| !id.contains(['/', '\\', '.']))
        .ok_or_else(|| wrong(format!("{uri}: not {ROOT} and the id of a session")))?;
    WriteHandoff::of(id).answer(host)
}

/// What stands at `uri`.
pub(super) fn contents(uri: String, text: String) -> ReadResourceResult {
    ReadResourceResult::new(vec![
        ResourceContents::text(text, uri).with_mime_type(MARKDOWN),
    ])
}
