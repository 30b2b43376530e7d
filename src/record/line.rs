//! One line → its records, and what is wrong with it.
//!
//! A healthy line is one object from end to end. Damage seen in real logs is
//! repaired where nothing has to be guessed: runs of NUL bytes, a byte order
//! mark, records glued together, and a record that was cut off and goes on
//! with a whole one.

use memchr::memmem;

use super::scan::{Fault, Object, object, skip_space};

/// What one line gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line<'a> {
    /// The records, in order; more than one where lines were glued together.
    pub records: Vec<Object<'a>>,
    /// What was passed over.
    pub fault: Option<LineFault>,
    /// True if the records are not the whole line as it stands.
    pub repaired: bool,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// The byte at which it shows, one-based.
    pub column: u32,
    /// What it is: lowercase, without a full stop.
    pub what: &'static str,
    /// True if the line ended in the middle of a record.
    pub cut: bool,
}

/// Places tried in one damaged line. A splice has one or two; more are an
/// attack on the time, since each try may read the rest of the line.
const TRIES: usize = 32;

/// Keys that a record begins with. Content blocks begin with `type` too, so
/// what is found must also have one of [`MARKS`].
const OPENINGS: &[&[u8]] = &[
    b"{\"parentUuid\"",
    b"{\"type\"",
    b"{\"uuid\"",
    b"{\"sessionId\"",
    b"{\"isSidechain\"",
    b"{\"logicalParentUuid\"",
    b"{\"message\"",
    b"{\"timestamp\"",
];

/// Keys of which every record has at least one, and no content block any.
const MARKS: &[&str] = &[
    "uuid",
    "parentUuid",
    "sessionId",
    "leafUuid",
    "messageId",
    "payload",
];

/// Reads one line, without its `\n`.
///
/// A line of spaces gives no record and no fault: it is blank. So is a line
/// with nothing but the bracket of an array; a whole log written as one array
/// is read like one without it.
pub fn line(bytes: &[u8]) -> Line<'_> {
    let mut line = Line::default();
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0))
        .map_or(0, |last| last + 1);
    let text = bytes.get(..end).unwrap_or_default();
    let mut at = skip_junk(bytes, 0);
    if at >= end {
        if bytes.contains(&0) {
            line.fault = Some(fault(0, "nothing but NUL bytes, skipped", false));
        }
        return line;
    }
    if matches!(text.get(at..), Some(b"[" | b"]")) {
        // An array with a record on each line begins or ends here.
        return line;
    }
    line.repaired = text.get(..at).is_some_and(|head| head.contains(&0));
    at = skip_frame(text, at, b"[");
    while at < end {
        let is_object = text.get(at) == Some(&b'{');
        let found = if is_object {
            object(text, at)
        } else {
            let cut = false;
            Err(Fault { at, cut })
        };
        match found {
            Ok((record, after)) => {
                line.repaired |= !line.records.is_empty();
                line.records.push(record);
                at = skip_frame(text, skip_junk(text, after), b",]");
            }
            Err(wrong) => {
                let next = next_record(text, at + 1);
                let what = match (is_object, wrong.cut || next.is_some()) {
                    (true, true) => "record cut short, skipped",
                    (true, false) => "record damaged, skipped",
                    (false, _) => "not a JSON object, skipped",
                };
                // Where a whole record follows, the cut one ends there.
                let shows = next.filter(|_| is_object).unwrap_or(wrong.at).min(end);
                let unfinished = is_object && wrong.cut && next.is_none();
                line.fault.get_or_insert(fault(shows, what, unfinished));
                let Some(next) = next else { break };
                line.repaired = true;
                at = next;
            }
        }
    }
    line
}

fn fault(at: usize, what: &'static str, cut: bool) -> LineFault {
    LineFault {
        column: u32::try_from(at + 1).unwrap_or(u32::MAX),
        what,
        cut,
    }
}

/// The first byte from `at` on that is neither a space, nor NUL, nor part of a byte order mark.
fn skip_junk(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = skip_space(bytes, at);
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"\xEF\xBB\xBF") {
            at += 3;
        } else if rest.first() == Some(&0) {
            at += rest
                .iter()
                .position(|&byte| byte != 0)
                .unwrap_or(rest.len());
        } else {
            return at;
        }
    }
}

/// Passes over a bracket or comma of an array of records, which stands before
/// a record, or ends the line behind one.
fn skip_frame(bytes: &[u8], at: usize, frame: &[u8]) -> usize {
    let Some(byte) = bytes.get(at).filter(|byte| frame.contains(byte)) else {
        return at;
    };
    let next = skip_junk(bytes, at + 1);
    match bytes.get(next) {
        Some(b'{') if *byte != b']' => next,
        None if *byte != b'[' => next,
        _ => at,
    }
}

/// Where a whole record begins inside a damaged line, at `from` or later.
fn next_record(bytes: &[u8], from: usize) -> Option<usize> {
    let mut tries = 0;
    for brace in memmem::find_iter(bytes.get(from..)?, b"{\"") {
        let at = from + brace;
        let rest = bytes.get(at..)?;
        if !OPENINGS.iter().any(|opening| rest.starts_with(opening)) {
            continue;
        }
        if let Ok((found, _)) = object(bytes, at) {
            let mut keys = found.entries().filter_map(|(key, _)| key.as_str());
            if keys.any(|key| MARKS.contains(&key.as_ref())) {
                return Some(at);
            }
        }
        tries += 1;
        if tries == TRIES {
            return None;
        }
    }
    None
}
