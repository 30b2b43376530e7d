//! Finds private keys written as blocks: whole, cut at either end, with line
//! numbers, diff signs or quotes before their lines, or with `\n` escaped.

use std::ops::Range;

/// The block around `PRIVATE KEY` at `hit`; none if that is only talk of one.
pub(super) fn find(text: &str, hit: Range<usize>) -> Option<Range<usize>> {
    let line_start = text.get(..hit.start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line_start..hit.start)?;
    let marker = before
        .rfind("--")
        .map(|at| &before[at..])
        .unwrap_or_default();
    let after = text.get(hit.end..)?;
    let rest = after.trim_start_matches(" BLOCK");
    let closed = rest.starts_with("---");
    if text.get(hit.clone())?.starts_with("Private-Lines") {
        let end = forward(text, hit.end + after.find('\n')?);
        return (end > hit.end + 32).then_some(hit.start..end);
    }
    if !closed {
        return None;
    }
    let body = text.len() - rest.trim_start_matches('-').len();
    if marker.contains("BEGIN") {
        let start = line_start
            + before
                .rfind("-----BEGIN")
                .or_else(|| before.rfind("---- BEGIN"))?;
        let end = forward(text, body);
        return (end > body).then_some(start..end);
    }
    if marker.contains("END") {
        let end = line_start
            + before
                .rfind("-----END")
                .or_else(|| before.rfind("---- END"))?;
        let start = backward(text, end);
        return (start < end).then_some(start..body);
    }
    None
}

/// One stretch of base64 between marks of lines.
fn is_body(run: &str) -> bool {
    run.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
}

/// Bytes that may stand between the lines of a block.
fn is_glue(b: u8) -> bool {
    b.is_ascii_whitespace() || b"\\\"'`,+>#|*;:[]()-".contains(&b)
}

/// The end of the last stretch of base64 from `from` on, or of the END line.
fn forward(text: &str, from: usize) -> usize {
    const LIMIT: usize = 64 << 10;
    let bytes = text.as_bytes();
    let mut at = from;
    let mut end = from;
    while at < bytes.len() && at - from < LIMIT {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("-----BEGIN") {
            break;
        }
        if rest.starts_with("-----END") || rest.starts_with("---- END") {
            let line = rest.find(['\n', '"', '\'']).unwrap_or(rest.len());
            let closing = rest
                .get(8..line)
                .and_then(|l| l.find("----"))
                .map_or(line, |i| i + 8);
            let tail = rest.get(closing..).unwrap_or_default();
            return at + closing + (tail.len() - tail.trim_start_matches('-').len());
        }
        if rest.starts_with("\\n") || rest.starts_with("\\r") || rest.starts_with("\\t") {
            at += 2;
            continue;
        }
        if rest.starts_with('→') || rest.starts_with('…') || rest.starts_with('│') {
            at += 3;
            continue;
        }
        let Some(&b) = bytes.get(at) else { break };
        if is_glue(b) && b != b'+' {
            at += 1;
            continue;
        }
        let run = rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
            .count();
        let after = rest.get(run..).unwrap_or_default();
        let number = run > 0 && run <= 6 && rest.bytes().take(run).all(|b| b.is_ascii_digit());
        let header = [
            "Proc-Type",
            "DEK-Info",
            "Version",
            "Comment",
            "Private-MAC",
            "Hash",
        ]
        .iter()
        .any(|header| rest.starts_with(header));
        if header {
            at += rest.find(['\n', '\\']).unwrap_or(rest.len());
        } else if number
            && after
                .trim_start()
                .starts_with(['→', '|', ':', '\t', '│', '-'])
        {
            at += run;
        } else if run == 0 {
            break;
        } else {
            // The last line of a block may be short; a short word in a line
            // with other words is not of the block.
            let alone =
                after.is_empty() || after.starts_with(['\n', '\\', '"', '\'', '-', '\r', ',']);
            let plain = rest.bytes().take(run).all(|b| b.is_ascii_alphabetic());
            let ended = after.get(..40).unwrap_or(after).contains("END");
            if run < 16 && !ended && !(alone && !plain && run >= 4) || (run < 40 && plain && !alone)
            {
                break;
            }
            at += run;
            end = at;
        }
    }
    end
}

/// The start of the first stretch of base64 before `to` whose lines reach it.
fn backward(text: &str, to: usize) -> usize {
    let mut start = to;
    let head = text.get(..to).unwrap_or_default();
    let mut at = to;
    for line in head.rsplit('\n').flat_map(|line| line.rsplit("\\n")) {
        let Some(line_start) = at.checked_sub(line.len()) else {
            break;
        };
        let core = strip(line);
        if core.len() >= 16 && is_body(core) {
            start = line_start + (line.len() - line.trim_start().len());
        } else {
            // The last line of a block may be short.
            let last = start == to && is_body(core);
            if !core.is_empty() && !last {
                break;
            }
        }
        let gap = if head.get(..line_start).is_some_and(|h| h.ends_with("\\n")) {
            2
        } else {
            1
        };
        let Some(next) = line_start.checked_sub(gap) else {
            break;
        };
        at = next;
        if to - at > 64 << 10 {
            break;
        }
    }
    start
}

/// A line without its number, its diff sign and its quotes.
fn strip(line: &str) -> &str {
    let line = line.trim();
    let behind = line
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start();
    let line = match behind.chars().next() {
        Some(c @ ('→' | '|' | ':' | '│')) => behind.get(c.len_utf8()..).unwrap_or_default(),
        _ => line,
    };
    line.trim_matches([' ', '\t', '"', '\'', '\\', ',', '>', '#', '-'])
        .trim_start_matches("+ ")
}
