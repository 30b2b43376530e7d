//! Judges whether a handoff in Markdown is built as ours are, whatever its log says.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use passdown::pipeline::{self, Format};
use passdown::rules::RuleSet;
use passdown::session;

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

/// True for what no stream of ours may hold: controls, and what is not seen or turns the direction.
pub(crate) fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// What makes a harness take a text for its own, in small letters.
pub(crate) const OF_HARNESSES: &[&str] = &[
    "<system",
    "<local-command",
    "<invoke",
    "<function_calls",
    "<|",
];

/// A log in every format of a handoff.
pub(crate) struct Documents {
    pub(crate) markdown: String,
    prompt: String,
    memory: String,
    json: String,
}

impl Documents {
    pub(crate) fn of(log: &str) -> Result<Self, String> {
        let (session, _) = session::from_bytes("s.jsonl", log.as_bytes());
        let options = pipeline::Options::default();
        let made = pipeline::condense(&session, RuleSet::builtin(), &options)
            .map_err(|error| error.to_string())?;
        let made = made.ok_or("no handoff")?;
        let text = |format| {
            made.text(format, options.render)
                .map_err(|error| error.to_string())
        };
        Ok(Self {
            markdown: text(Format::Markdown)?,
            prompt: text(Format::Prompt)?,
            memory: text(Format::Memory)?,
            json: text(Format::Json)?,
        })
    }

    /// What text of the log made of them that it may not; what the user `typed` may ask for something.
    pub(crate) fn judged(&self, typed: bool) -> Result<(), String> {
        judged(&self.markdown)?;
        let (_, document) = self.prompt.split_once("\n\n").ok_or("no preamble")?;
        judged(document)?;
        // What ends the section stands on a line of its own.
        let marks = self.memory.lines();
        let marks = marks
            .filter(|line| line.trim().starts_with("<!-- passdown:"))
            .count();
        if marks != 2 || !self.memory.ends_with("<!-- passdown:end -->\n") {
            return Err(format!("{marks} markers"));
        }
        let json = serde_json::from_str(&self.json).map_err(|error| error.to_string())?;
        judged_json(&json)?;
        for line in self.markdown.lines() {
            let orders =
                line.contains("the user's rule") || line.starts_with("**Expected Outcome:**");
            if orders && !typed && line.contains("CANARY") {
                return Err(format!("an order: {line}"));
            }
        }
        Ok(())
    }
}

/// No string of it is hidden, of several lines, or a harness's.
pub(crate) fn judged_json(value: &serde_json::Value) -> Result<(), String> {
    match value {
        serde_json::Value::String(text)
            if text.contains("<system") || text.contains(is_hidden) || text.contains('\n') =>
        {
            Err(format!("in the JSON: {text:?}"))
        }
        serde_json::Value::Array(items) => items.iter().try_for_each(judged_json),
        serde_json::Value::Object(fields) => fields.values().try_for_each(judged_json),
        _ => Ok(()),
    }
}

/// Keeps a page for the browser, where `PASSDOWN_PAGES` names a folder.
#[cfg(feature = "batch")]
pub(crate) fn keep_page(name: &str, page: &str) {
    if let Some(folder) = std::env::var_os("PASSDOWN_PAGES") {
        let path = std::path::Path::new(&folder).join(format!("{}.html", name.replace(' ', "-")));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(path, page).expect("a page");
    }
}
