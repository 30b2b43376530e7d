//! A handoff's Markdown → HTML, its citations as links to their records.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, html::push_html};
use regex::Regex;

use crate::safety;

/// A citation: `L14`, or `a485154:L14`.
static CITE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:[0-9A-Za-z_-]{1,8}:)?L\d+\b").ok());

/// The anchor of a record of the session with `number` in the page; plain characters only.
pub(super) fn anchor(number: usize, cite: &str) -> String {
    let plain = cite
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("s{number}-{}", plain.collect::<String>())
}

/// The handoff as HTML. Links, images and raw HTML stay text; citations whose records are in `known` become links.
pub(super) fn html(markdown: &str, number: usize, known: &BTreeSet<&str>) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    let mut in_code = false;
    let events = Parser::new(markdown).flat_map(|event| match event {
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
        | Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => Vec::new(),
        Event::Start(tag @ Tag::CodeBlock(_)) => {
            in_code = true;
            vec![Event::Start(tag)]
        }
        Event::End(TagEnd::CodeBlock) => {
            in_code = false;
            vec![Event::End(TagEnd::CodeBlock)]
        }
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Text(text) if !in_code => linked(&text, number, known),
        event => vec![event],
    });
    push_html(&mut out, events);
    out
}

/// A text with its citations as links.
fn linked<'e>(text: &str, number: usize, known: &BTreeSet<&str>) -> Vec<Event<'e>> {
    let mut events = Vec::new();
    let mut from = 0;
    let own = |text: &str| Event::Text(CowStr::from(text.to_owned()));
    for found in CITE.iter().flat_map(|cite| cite.find_iter(text)) {
        if !known.contains(found.as_str()) {
            continue;
        }
        events.push(own(&text[from..found.start()]));
        events.push(Event::InlineHtml(CowStr::from(format!(
            "<a class=\"cite\" href=\"#{}\">{}</a>",
            anchor(number, found.as_str()),
            safety::html(found.as_str())
        ))));
        from = found.end();
    }
    events.push(own(&text[from..]));
    events
}
