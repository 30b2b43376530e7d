//! A session that is one JSON document → its messages, one a line.
//!
//! Gemini CLI and the export of OpenCode write `{…, "messages": […]}`. Read
//! as lines, message 3 is line 3, so that a citation names it; the document
//! without its messages is the last line. Spaces and line ends between the
//! values, which say nothing, are left out. Nothing is held but the head, so a
//! document may be of any size; one that is cut gives the messages before the
//! cut.

use std::borrow::Cow;
use std::io::{self, Read};

/// How much of the beginning tells whether it is a document.
pub(super) const LOOK: usize = 1024;

/// The most that is kept of what is not a message.
const LONGEST_HEAD: usize = 1 << 20;

/// The key of the messages.
const MESSAGES: &[u8] = b"messages";

/// True if a text that begins like this is a document with messages, and not one of records, one a line.
pub(super) fn is_document(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let start = start.trim_ascii_start();
    let inner = start.strip_prefix(b"{").unwrap_or_default();
    let spaces = inner.len() - inner.trim_ascii_start().len();
    let over_lines = inner.get(..spaces).unwrap_or_default().contains(&b'\n');
    // Written as one line, all that tells is in it.
    let lines = if over_lines { usize::MAX } else { 1 };
    let mut text: Vec<u8> = start
        .split(|&byte| byte == b'\n')
        .take(lines)
        .flatten()
        .copied()
        .collect();
    text.retain(|byte| !byte.is_ascii_whitespace());
    let has = |key: &[u8]| memchr::memmem::find(&text, key).is_some();
    text.starts_with(b"{\"info\":{")
        || text.starts_with(b"{\"messages\":[")
        || (has(b"\"projectHash\"") && (over_lines || has(b"\"messages\":[")))
}

/// `bytes` as a source of them would be read: a document as lines, all else as it is.
pub fn as_lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !is_document(bytes.get(..LOOK.min(bytes.len())).unwrap_or_default()) {
        return Cow::Borrowed(bytes);
    }
    let mut lines = Vec::with_capacity(bytes.len());
    let mut split = Split::default();
    split.take(bytes, &mut lines);
    split.end(&mut lines);
    Cow::Owned(lines)
}

/// The lines of a document that is read from `R`.
pub(super) struct Document<R> {
    inner: R,
    split: Split,
    ready: Vec<u8>,
    /// How much of `ready` was handed over.
    given: usize,
    over: bool,
}

impl<R: Read> Document<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            split: Split::default(),
            ready: Vec::new(),
            given: 0,
            over: false,
        }
    }
}

impl<R: Read> Read for Document<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut bytes = [0; 16 * 1024];
        while self.given == self.ready.len() && !self.over {
            self.ready.clear();
            self.given = 0;
            let count = self.inner.read(&mut bytes)?;
            self.over = count == 0;
            self.split
                .take(bytes.get(..count).unwrap_or_default(), &mut self.ready);
            if self.over {
                self.split.end(&mut self.ready);
            }
        }
        let mut rest = self.ready.get(self.given..).unwrap_or_default();
        let count = rest.read(into)?;
        self.given += count;
        Ok(count)
    }
}

/// Where in the document the reader is.
#[derive(Default)]
struct Split {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The last string directly in the document, as far as it may be the key of the messages.
    key: Vec<u8>,
    in_messages: bool,
    /// True if something of a message was handed over since the last line end.
    in_line: bool,
    head: Vec<u8>,
}

impl Split {
    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            self.byte(byte, out);
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        let byte = if matches!(byte, b'\n' | b'\r') {
            b' '
        } else {
            byte
        };
        if self.in_string {
            if self.depth == 1 && self.key.len() <= MESSAGES.len() && byte != b'"' {
                self.key.push(byte);
            }
            self.in_string = byte != b'"' || self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            return self.put(byte, out);
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.escaped = false;
                if self.depth == 1 {
                    self.key.clear();
                }
            }
            b'{' | b'[' => {
                self.depth += 1;
                if byte == b'[' && self.depth == 2 && self.key == MESSAGES && !self.in_messages {
                    self.in_messages = true;
                    return self.head(byte);
                }
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.in_messages && self.depth < 2 {
                    self.in_messages = false;
                    self.line_end(out);
                }
            }
            b',' if self.in_messages && self.depth == 2 => return self.line_end(out),
            _ => {}
        }
        self.put(byte, out);
    }

    fn put(&mut self, byte: u8, out: &mut Vec<u8>) {
        if !self.in_string && byte.is_ascii_whitespace() {
            return;
        }
        if !self.in_messages {
            self.head(byte);
        } else {
            self.in_line = true;
            out.push(byte);
        }
    }

    fn head(&mut self, byte: u8) {
        if self.head.len() < LONGEST_HEAD {
            self.head.push(byte);
        }
    }

    fn line_end(&mut self, out: &mut Vec<u8>) {
        if self.in_line {
            out.push(b'\n');
        }
        self.in_line = false;
    }

    /// The last line: the document without its messages. One that was cut among them is closed.
    fn end(&mut self, out: &mut Vec<u8>) {
        self.line_end(out);
        if self.in_messages {
            self.head.extend(b"]}");
        }
        out.extend(self.head.trim_ascii());
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(document: &str, lines: &[&str]) {
        let found = String::from_utf8_lossy(&as_lines(document.as_bytes())).into_owned();
        let expected: String = lines.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(found, expected, "{document}");
    }

    #[test]
    fn a_document_is_its_messages_and_its_head() {
        check(
            "{\n  \"projectHash\": \"s\",\n  \"messages\": [\n    {\n \"a\": \"],}\\\"\"\n    },\n    {\"messages\":[1,2]}\n  ],\n  \"x\": {\"y\": 1}\n}\n",
            &[
                "{\"a\":\"],}\\\"\"}",
                "{\"messages\":[1,2]}",
                "{\"projectHash\":\"s\",\"messages\":[],\"x\":{\"y\":1}}",
            ],
        );
        check(
            "{\"info\":{\"id\":\"s\"},\"messages\":[{\"a\":1},{\"b\":2}]}",
            &[
                "{\"a\":1}",
                "{\"b\":2}",
                "{\"info\":{\"id\":\"s\"},\"messages\":[]}",
            ],
        );
        // Cut in a message, and before any.
        check(
            "{\n\"messages\": [{\"a\":1},{\"b\":",
            &["{\"a\":1}", "{\"b\":", "{\"messages\":[]}"],
        );
        check(
            "{\n\"info\": {}, \"x\": \"messages\", \"y\": [1]",
            &["{\"info\":{},\"x\":\"messages\",\"y\":[1]"],
        );
        let records = "{\"type\":\"user\"}\n{\"type\":\"user\"}\n";
        assert_eq!(as_lines(records.as_bytes()), records.as_bytes());
        assert_eq!(as_lines(b""), b"".as_slice());
        let other = "{\n  \"name\": \"x\"\n}\n";
        assert_eq!(as_lines(other.as_bytes()), other.as_bytes());
    }

    proptest! {
        #[test]
        fn it_is_read_the_same_in_any_pieces(
            middle in "[{}\\[\\],:\"a\\\\ \n]{0,60}",
            piece in 1usize..9,
        ) {
            let document = format!("{{\n\"messages\": [{middle}");
            let whole = as_lines(document.as_bytes()).into_owned();
            let mut read: Vec<u8> = Vec::new();
            let mut stream = Document::new(document.as_bytes());
            let mut buffer = vec![0; piece];
            while let count @ 1.. = stream.read(&mut buffer).unwrap() {
                read.extend(&buffer[..count]);
            }
            prop_assert_eq!(&read, &whole);
            prop_assert!(whole.ends_with(b"\n"));
        }
    }
}
