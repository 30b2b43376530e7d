//! Content blocks: what a message is made of.

use std::borrow::Cow;

use super::chain::Unknown;
use super::scan::Span;

/// The content of a message: a string, or a list of blocks; a bare string in the list is a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Content<'a>(Option<Span<'a>>);

/// A content block.
#[derive(Clone, Debug)]
pub enum Block<'a> {
    /// Words; a string.
    Text(Span<'a>),
    /// Thoughts; a string, often empty.
    Thinking(Span<'a>),
    /// A call of a tool, by the agent's program or by the service itself.
    ToolUse {
        /// The id that the answer repeats.
        id: Cow<'a, str>,
        /// The tool's name.
        name: Cow<'a, str>,
        /// What is asked of it.
        input: Option<Span<'a>>,
    },
    /// The answer to a call.
    ToolResult {
        /// The id of the call.
        id: Cow<'a, str>,
        /// What the tool said: a string or a list of blocks.
        content: Content<'a>,
        /// True if it failed.
        error: bool,
    },
    /// A picture.
    Image,
    /// Known, and of no use here.
    Ignored,
}

impl<'a> Content<'a> {
    pub(super) fn new(span: Option<Span<'a>>) -> Self {
        Self(span)
    }

    /// The blocks in order; the names of unknown ones go to `unknown`.
    pub fn blocks(self, unknown: &mut Vec<Unknown>) -> Vec<Block<'a>> {
        let Some(span) = self.0 else {
            return Vec::new();
        };
        if span.bytes().starts_with(b"\"") {
            return vec![Block::Text(span)];
        }
        let Some(items) = span.as_array() else {
            return Vec::new();
        };
        items.filter_map(|item| block(item, unknown)).collect()
    }

    /// True for a string of which nothing but its words can tell: it begins as no mark of the program's does.
    pub fn is_plain(self) -> bool {
        let bytes = self.0.map(Span::bytes).unwrap_or_default();
        matches!(bytes, [b'"', first, ..] if !matches!(first, b'<' | b'[' | b'\\'))
    }

    /// The texts of the content, joined by line ends; pictures and references left out.
    pub fn text(self) -> Cow<'a, str> {
        let mut texts = self
            .blocks(&mut Vec::new())
            .into_iter()
            .filter_map(|block| match block {
                Block::Text(span) => span.as_str(),
                _ => None,
            });
        let Some(first) = texts.next() else {
            return Cow::Borrowed("");
        };
        texts.fold(first, |mut all, next| {
            let whole = all.to_mut();
            whole.push('\n');
            whole.push_str(&next);
            all
        })
    }
}

fn block<'a>(item: Span<'a>, unknown: &mut Vec<Unknown>) -> Option<Block<'a>> {
    if item.bytes().starts_with(b"\"") {
        return Some(Block::Text(item));
    }
    let (mut kind, mut id, mut name, mut input) = (None, None, None, None);
    let (mut text, mut thinking, mut content, mut error) = (None, None, None, None);
    for (key, value) in item.as_entries()? {
        let slot = match key.as_ref() {
            b"type" => &mut kind,
            b"id" | b"tool_use_id" => &mut id,
            b"name" => &mut name,
            b"input" => &mut input,
            b"text" => &mut text,
            b"thinking" => &mut thinking,
            b"content" => &mut content,
            b"is_error" => &mut error,
            _ => continue,
        };
        slot.get_or_insert(value);
    }
    let kind = kind?.as_str()?;
    Some(match kind.as_ref() {
        "text" => Block::Text(text?),
        "thinking" => Block::Thinking(thinking?),
        "tool_use" | "server_tool_use" | "mcp_tool_use" => Block::ToolUse {
            id: id?.as_str()?,
            name: name.and_then(Span::as_str).unwrap_or_default(),
            input,
        },
        "tool_result"
        | "mcp_tool_result"
        | "web_search_tool_result"
        | "web_fetch_tool_result"
        | "code_execution_tool_result"
        | "advisor_tool_result" => Block::ToolResult {
            id: id?.as_str()?,
            content: Content(content),
            error: error.and_then(Span::as_bool).unwrap_or(false),
        },
        "image" => Block::Image,
        "document" | "redacted_thinking" | "tool_reference" | "search_result" | "fallback"
        | "web_search_result" => Block::Ignored,
        other => {
            unknown.push(Unknown::Block(other.to_owned()));
            Block::Ignored
        }
    })
}
