//! Judges whether a handoff in Markdown is built as ours are, whatever its log says.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The parts, as they are headed.
const PARTS: &[&str] = &[
    "Current Status:",
    "Strategic Approach:",
    "Key Areas to Focus On:",
    "Recent Accomplishments (Don't Redo):",
    "Development Environment:",
    "Expected Outcome:",
];

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
}

/// The text outside of code, or what the document forms that no handoff does.
pub(crate) fn judged(document: &str) -> Result<String, String> {
    let mut prose = String::new();
    let (mut headings, mut quotes, mut parts) = (0, 0, 0);
    let mut strong: Option<String> = None;
    for event in Parser::new_ext(document, options()) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                headings += 1;
                if level != HeadingLevel::H1 || headings > 1 {
                    return Err(format!("a heading: {level:?}"));
                }
            }
            Event::Start(Tag::BlockQuote(None)) => quotes += 1,
            Event::Start(Tag::Strong) => strong = Some(String::new()),
            Event::End(TagEnd::Strong) => {
                let name = strong.take().unwrap_or_default();
                let Some(at) = PARTS.iter().position(|part| *part == name) else {
                    return Err(format!("strong: {name}"));
                };
                if at < parts {
                    return Err(format!("a part twice or out of order: {name}"));
                }
                parts = at + 1;
            }
            Event::Start(Tag::Paragraph | Tag::List(_) | Tag::Item) | Event::End(_) => {}
            Event::SoftBreak => prose.push('\n'),
            Event::Text(text) => {
                if let Some(strong) = &mut strong {
                    strong.push_str(&text);
                }
                prose.push_str(&text);
            }
            Event::Code(_) => prose.push('\u{fffc}'),
            other => return Err(format!("{other:?}")),
        }
    }
    if headings != 1 || quotes != 1 {
        return Err(format!("{headings} headings, {quotes} quotations"));
    }
    // What clients make links, tags, mentions and reminders of.
    let lower = prose.to_lowercase();
    for wrong in ["://", "www.", "<system", "<|", "[inst]"] {
        if lower.contains(wrong) {
            return Err(format!("{wrong} in the prose"));
        }
    }
    let controls = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}' | '\u{feff}')
    };
    if document.contains(controls) {
        return Err("a control or invisible character".to_owned());
    }
    for line in document.lines() {
        if line.starts_with(['!', '/', '@', '\t']) {
            return Err(format!("the start of a line: {line}"));
        }
    }
    Ok(prose)
}
