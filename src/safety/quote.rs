//! Shapes text so that it cannot leave the place it is put in: one line of
//! bounded length, code spans, fences, Markdown prose, cells.
//!
//! Everything here is judged by CommonMark and its common extensions (tables,
//! strikethrough, task lists, autolinks): the text comes out as text, with
//! no link, image, heading, list, HTML or emphasis of its own.

use std::fmt::Write as _;

use super::clean::clean;
use super::neutral::neutral;

/// Folds white space and cuts at a character boundary, with `…` at the end.
///
/// The result has no line end, no white space at its ends, no two spaces in a
/// row, and at most `max_chars` characters, the `…` included. A
/// placeholder of a secret is never cut in two: it goes whole.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let line = fold(text, max_chars);
    match cut(&line, max_chars.saturating_sub(1)) {
        _ if fits(&line, max_chars) => line,
        _ if max_chars == 0 => String::new(),
        head => format!("{}…", whole_words(head, &line).trim_end()),
    }
}

/// `head` of `line` without the word that the cut goes through: half a name is a name that nobody can find.
fn whole_words<'t>(head: &'t str, line: &str) -> &'t str {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let through = line
        .get(head.len()..)
        .is_some_and(|rest| rest.starts_with(word))
        && head.ends_with(word);
    match head.trim_end_matches(word) {
        // A line that is one long word has to be cut somewhere.
        whole if through && whole.len() * 3 > head.len() => whole,
        _ => head,
    }
}

/// Folds white space and leaves out the middle, with ` … ` in its place.
///
/// The head gets two thirds. For prompts, whose first words say what is
/// wanted and whose last words say how. Bounds as for [`one_line`].
pub fn middle(text: &str, max_chars: usize) -> String {
    let line = fold(text, usize::MAX);
    if fits(&line, max_chars) {
        return line;
    }
    let Some(room) = max_chars.checked_sub(3).filter(|&room| room >= 8) else {
        return one_line(&line, max_chars);
    };
    let behind = room / 3;
    let head = whole_words(cut(&line, room - behind), &line).trim_end();
    let skip = line.chars().count() - behind;
    let tail = line.get(byte_at(&line, skip)..).unwrap_or_default();
    // A placeholder that the cut would open in its middle is left out.
    let tail = match open_mark(&line, line.len() - tail.len()) {
        Some(_) => tail.split_once(']').map_or("", |(_, rest)| rest),
        None => tail,
    };
    let first = tail
        .find(|c: char| c.is_whitespace())
        .filter(|first| first * 2 < tail.len());
    let tail = first.map_or(tail, |first| &tail[first..]);
    format!("{head} … {}", tail.trim_start()).trim().to_owned()
}

/// Like [`middle`], but where that would leave out `keep`, a part of `text`, it stands between the head and what follows.
pub fn around(text: &str, keep: &str, max_chars: usize) -> String {
    let whole = middle(text, max_chars);
    let line = fold(text, usize::MAX);
    let keep = fold(keep, usize::MAX);
    let Some((before, behind)) = line.split_once(keep.as_str()) else {
        return whole;
    };
    if keep.is_empty() || whole.contains(keep.as_str()) {
        return whole;
    }
    let side = max_chars.saturating_sub(2) / 4;
    let parts = [(before, side), (&keep, 2 * side), (behind, side)];
    let parts = parts.map(|(part, most)| one_line(part, most));
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    parts.join(" ").trim().to_owned()
}

/// The byte at which the character `chars` begins.
fn byte_at(line: &str, chars: usize) -> usize {
    line.char_indices()
        .nth(chars)
        .map_or(line.len(), |(at, _)| at)
}

/// Where a placeholder begins in which byte `at` stands.
fn open_mark(line: &str, at: usize) -> Option<usize> {
    let open = line.get(..at)?.rfind('[')?;
    let mark = line.get(open..)?;
    let inside =
        mark.starts_with("[redacted:") && mark.find(']').is_none_or(|end| open + end >= at);
    inside.then_some(open)
}

/// One line of at most a little over `max_chars` characters; the rest is not looked at.
fn fold(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    let mut taken = 0usize;
    for word in text.split_whitespace() {
        if taken > max_chars {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
            taken += 1;
        }
        line.push_str(word);
        taken += word.chars().count();
    }
    line
}

fn fits(line: &str, max_chars: usize) -> bool {
    line.chars().nth(max_chars).is_none()
}

/// The first `chars` characters, less a placeholder that would be cut.
fn cut(line: &str, chars: usize) -> &str {
    let end = byte_at(line, chars);
    line.get(..open_mark(line, end).unwrap_or(end))
        .unwrap_or_default()
}

/// A line of a block, its spaces kept, of at most `max_chars` characters.
pub(super) fn cut_line(line: &str, max_chars: usize) -> String {
    if fits(line, max_chars) {
        return line.to_owned();
    }
    format!("{}…", cut(line, max_chars.saturating_sub(1)))
}

/// The longest run of `mark` in `text`.
fn longest_run(text: &str, mark: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == mark { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// An inline code span with one tick more than the longest run inside.
///
/// Line ends become spaces. Empty text gives an empty string, since Markdown
/// has no empty code span.
pub fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    if text.is_empty() {
        return text;
    }
    let ticks = "`".repeat(longest_run(&text, '`') + 1);
    // Markdown strips one space from both ends if both have one, and a tick at
    // an end would lengthen the delimiter.
    let padded = text.starts_with('`')
        || text.ends_with('`')
        || (text.starts_with(' ') && text.ends_with(' ') && text.trim() != "");
    let pad = if padded { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A fenced block, its fence longer than any run of its mark inside.
///
/// `info` is the language; anything but letters, digits, `+`, `-`, `.`, `_` is
/// dropped from it. Ends with a line end.
pub fn fence(text: &str, info: &str) -> String {
    let text = text.replace('\r', "\n");
    let fence = "`".repeat((longest_run(&text, '`') + 1).max(3));
    let info: String = info
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))
        .collect();
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{fence}{info}\n{text}{end}{fence}\n")
}

/// Text between quotation marks, safe in Markdown prose.
///
/// The pipeline for a text that holds no secret: clean, neutralise, one line
/// of at most `max_chars` characters, then [`inline`] between “ and ”. Marks
/// of that kind inside become `"`, so where the quotation ends is never in
/// doubt. Empty text gives `“”`.
pub fn quoted(text: &str, max_chars: usize) -> String {
    let text = clean(text);
    let line = one_line(&neutral(&text), max_chars);
    format!("“{}”", inline(&line.replace(['“', '”'], "\"")))
}

/// Text as HTML, for an element or a quoted attribute.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Text as a field of CSV, quoted where it must be.
///
/// A field that a spreadsheet would run as a formula gets a leading `'`.
pub fn csv(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if risky {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A path or a name: as [`inline`] has it where it looks like one, else a code span, for a file may be called anything.
pub fn name(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./@+~()[]{}$:,#=%&'^…".contains(c);
    if text.chars().all(plain) {
        inline(text)
    } else {
        code(text)
    }
}

/// Text as a cell of a Markdown table: [`inline`], with `|` escaped in code too.
pub fn cell(text: &str) -> String {
    // A pipe splits cells before code spans are looked for, so it is escaped
    // everywhere; tables take that backslash away again, even in code.
    inline(text).replace("\\|", "|").replace('|', "\\|")
}

/// Text as Markdown prose that shows what it says and forms nothing.
///
/// Balanced code spans of the text stay code spans. A word that Markdown or a
/// page would make something of – a URL, an address, a mention, a glob,
/// `__init__.py` – becomes code if it looks like code and gets a backslash
/// otherwise; ordinary sentences, paths and identifiers stay as they are.
/// Line ends become spaces; white space at the ends is dropped.
pub fn inline(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let text = text.trim();
    let pieces = pieces(text);
    let prose = |marks: &[char]| {
        pieces.iter().enumerate().any(|(i, piece)| match piece {
            Piece::Prose(prose) => closes(prose, (i > 0).then_some('`'), marks),
            _ => false,
        })
    };
    let escape = Escape {
        star: prose(&['*']),
        line: prose(&['_']),
        tilde: prose(&['~']),
    };
    let mut out = String::with_capacity(text.len() + 8);
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Span(span) => out.push_str(span),
            Piece::Word(word) => out.push_str(&code(word)),
            Piece::Prose(prose) => escape.push(prose, i == 0, &mut out),
        }
    }
    out
}

/// A part of a line of prose.
enum Piece<'t> {
    /// A code span, delimiters included.
    Span(&'t str),
    /// A word to be shown as code.
    Word(&'t str),
    /// Anything else.
    Prose(&'t str),
}

/// Splits a line by the code spans that CommonMark sees in it, then by words that need code.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut from = 0;
    // The lengths of runs that close nothing ahead: each is looked for only
    // once, so a thousand lone ticks cost no more than one.
    let mut lone = std::collections::BTreeSet::new();
    while let Some(at) = rest
        .get(from..)
        .and_then(|r| r.find('`'))
        .map(|at| at + from)
    {
        let run = run_at(rest, at);
        match (!lone.contains(&run))
            .then(|| closing(rest, at + run, run))
            .flatten()
        {
            Some(end) => {
                let (before, after) = (&rest[..at], &rest[end..]);
                words(before, pieces.is_empty(), false, &mut pieces);
                pieces.push(Piece::Span(&rest[at..end]));
                (rest, from) = (after, 0);
            }
            None => {
                lone.insert(run);
                from = at + run;
            }
        }
    }
    words(rest, pieces.is_empty(), true, &mut pieces);
    pieces
}

fn run_at(text: &str, at: usize) -> usize {
    text.bytes().skip(at).take_while(|&b| b == b'`').count()
}

/// The end of the code span whose opening run of `run` ticks ends at `from`.
fn closing(text: &str, mut from: usize, run: usize) -> Option<usize> {
    while let Some(at) = text.get(from..)?.find('`').map(|at| at + from) {
        let length = run_at(text, at);
        if length == run {
            return Some(at + length);
        }
        from = at + length;
    }
    None
}

/// Adds the words of a stretch of prose; `first` and `last` say that nothing stands before or behind it.
fn words<'t>(text: &'t str, first: bool, last: bool, pieces: &mut Vec<Piece<'t>>) {
    let mut done = 0;
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let start = at;
        at += word.len();
        let word = word.trim_end_matches(' ');
        let core = word.trim_start_matches(['(', '[', '{', '"', '\'', '“', '‘', ',', ':']);
        let lead = word.len() - core.len();
        // The colon of `://` is the address's own.
        let lead = word.find("://").map_or(lead, |colon| lead.min(colon));
        let core = word[lead..].trim_end_matches([
            '.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '”', '’', '…', '>',
        ]);
        let core = with_brackets(&word[lead..], core);
        // At the start of a text `~/` could close what a text before it opened.
        let home = first && start == 0 && core.starts_with("~/");
        let active = is_active(core) || home;
        let (from, to) = (start + lead, start + lead + core.len());
        // Code that touches a code span would melt into it.
        let touches = (from == 0 && !first, to == text.len() && !last);
        let held = touches.0 || touches.1 || core.contains('`');
        if !active && (held || !needs_code(core)) {
            continue;
        }
        if done < from {
            pieces.push(Piece::Prose(&text[done..from]));
        }
        let space = |touches: bool| touches.then_some(Piece::Prose(" "));
        pieces.extend(space(touches.0));
        pieces.push(Piece::Word(core));
        pieces.extend(space(touches.1));
        done = to;
    }
    if done < text.len() {
        pieces.push(Piece::Prose(&text[done..]));
    }
}

/// `core`, which `word` begins with, and the brackets behind it that close what it opened: `__init__()` ends with its own.
fn with_brackets<'t>(word: &'t str, core: &'t str) -> &'t str {
    let mut end = core.len();
    for close in word[end..].chars() {
        let open = match close {
            ')' => '(',
            ']' => '[',
            '}' => '{',
            _ => break,
        };
        let count = |mark| word[..end].matches(mark).count();
        if count(open) <= count(close) {
            break;
        }
        end += close.len_utf8();
    }
    &word[..end]
}

/// True for code that prose would spoil.
fn needs_code(word: &str) -> bool {
    let code_like = word.contains(['/', '\\', '_', '.', '=', '(', ':', '$'])
        && word.contains(|c: char| c.is_alphanumeric());
    code_like
        && (closes(word, Some(' '), &['*', '_', '~'])
            || word.contains("](")
            || word.contains("\\_"))
}

/// True for what pages link without being asked: URLs, addresses, mentions.
fn is_active(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let at = |from: usize| {
        let before = lower.get(..from).and_then(|head| head.chars().next_back());
        let after = lower.get(from + 1..).and_then(|tail| tail.chars().next());
        // A mention or a path to paste, then an address.
        match before {
            None => after.is_some_and(|c| c.is_alphanumeric() || "./~_-\"".contains(c)),
            Some(before) => {
                (before.is_alphanumeric() || "._-+".contains(before))
                    && after.is_some_and(char::is_alphanumeric)
            }
        }
    };
    lower.contains("://")
        || lower.contains("www.")
        // Its point may stand behind the word as if it ended a sentence.
        || lower.ends_with("www")
        || ["mailto:", "xmpp:", "javascript:", "data:", "vbscript:"]
            .iter()
            .any(|scheme| lower.contains(scheme))
        || lower.match_indices('@').any(|(from, _)| at(from))
}

/// True if one of `marks` could close an emphasis in a text behind `before`; none is the start of the whole.
fn closes(text: &str, mut before: Option<char>, marks: &[char]) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !marks.contains(&c) {
            before = Some(c);
            continue;
        }
        while chars.next_if_eq(&c).is_some() {}
        if can_close(c, before, chars.peek().copied()) {
            return true;
        }
        before = Some(c);
    }
    false
}

/// A run of `mark` between two characters closes if it does not stand free on its left.
fn can_close(mark: char, before: Option<char>, after: Option<char>) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match before {
        // A quotation mark may stand there, and what another text opened.
        None => !word(after),
        Some(c) if c.is_whitespace() => false,
        // Inside a word `_` does nothing; everything else may close.
        Some(_) => !(mark == '_' && word(before) && word(after)),
    }
}

/// The marks that must be escaped in the prose of one text.
struct Escape {
    star: bool,
    line: bool,
    tilde: bool,
}

impl Escape {
    fn push(&self, text: &str, first: bool, out: &mut String) {
        let mut before = if first { None } else { Some('`') };
        let mut rest = text;
        if first {
            rest = push_start(text, out);
            before = text[..text.len() - rest.len()].chars().next_back();
        }
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let after = chars.peek().map(|&(_, c)| c);
            let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let escaped = match c {
                '`' => true,
                '\\' => after.is_none_or(|c| c.is_ascii_punctuation()),
                '*' => self.star && !(space(before) && space(after)),
                '_' => self.line && !(word(before) && word(after)),
                '~' => self.tilde && !(space(before) && space(after)),
                '(' | '[' => before == Some(']'),
                '<' => opens_tag(rest.get(at + 1..).unwrap_or_default()),
                '&' => is_entity(rest.get(at..).unwrap_or_default()),
                '|' => true,
                '!' => after == Some('['),
                _ => false,
            };
            if escaped {
                out.push('\\');
            }
            out.push(c);
            before = Some(c);
        }
    }
}

fn space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

/// True if a `<` before `behind` may open a tag, a comment or an autolink.
fn opens_tag(behind: &str) -> bool {
    let word = behind.split(' ').next().unwrap_or_default();
    behind.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c))
        || word.contains('>')
        || behind.is_empty()
}

/// True if Markdown reads an entity at the start of `text`.
fn is_entity(text: &str) -> bool {
    let body = text.get(1..).unwrap_or_default();
    let name = body.strip_prefix('#').unwrap_or(body);
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    end > 0 && name.get(end..).is_some_and(|rest| rest.starts_with(';'))
}

/// Writes what would start a block at the start of a line, escaped; gives back the rest.
fn push_start<'t>(text: &'t str, out: &mut String) -> &'t str {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let mut chars = rest.chars();
    let (mark, next) = (chars.next(), chars.next());
    let block = match mark {
        Some('.' | ')') => digits > 0 && space(next),
        Some('-' | '+') => digits == 0 && (space(next) || next == mark),
        Some('#') => digits == 0 && (space(next) || next == Some('#')),
        Some('*') => digits == 0 && (space(next) || next == mark),
        Some('_' | '~') => digits == 0 && next == mark,
        Some('>' | '=' | ':') => digits == 0,
        Some('[') => {
            digits == 0
                && (["[ ]", "[x]", "[X]", "[^"]
                    .iter()
                    .any(|start| rest.starts_with(start))
                    || rest.contains("]:"))
        }
        _ => false,
    };
    match mark {
        Some(mark) if block => {
            let _ = write!(out, "{number}\\{mark}");
            &rest[mark.len_utf8()..]
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests;
