//! Finds values by the name beside them: `DB_PASSWORD=…`, `"token": "…"`,
//! `the password is …`, `--api-key …`.
//!
//! A keyword leads here; the name around it is read whole, split into words
//! and judged, then the sign between name and value, then the value.

use std::ops::Range;

use super::names::judge_name;
use super::value::{self, Form, Name};

/// As far as a value is read, in bytes.
const LONGEST: usize = 2048;

/// A value that is a secret, with what to call it.
pub(super) type Named = (Range<usize>, &'static str);

/// The name around a keyword at `hit`; `API key` is one name.
pub(super) fn name_around(text: &str, hit: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let part = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    // A keyword may have a sign at its end that is not of the name.
    let word = text.get(hit.clone()).unwrap_or_default();
    let hit = hit.start..hit.start + word.trim_end_matches([' ', ':', '=']).len();
    let before = bytes.get(..hit.start).unwrap_or_default();
    let mut start = hit.start
        - before
            .iter()
            .rev()
            .take(64)
            .take_while(|&&b| part(b))
            .count();
    let after = bytes.get(hit.end..).unwrap_or_default();
    let end = hit.end + after.iter().take(64).take_while(|&&b| part(b)).count();
    // In `\npassword` the `n` belongs to the escape.
    let escaped = start > 0
        && bytes.get(start - 1) == Some(&b'\\')
        && matches!(bytes.get(start), Some(b'n' | b't' | b'r'))
        && start < hit.start;
    start += usize::from(escaped);
    first_word(text, start..end)..end
}

/// Where `API key` begins, if `key` stands at `name`.
fn first_word(text: &str, name: Range<usize>) -> usize {
    const FIRST: &[&str] = &[
        "api", "access", "secret", "private", "signing", "auth", "license",
    ];
    let word = text.get(name.clone()).unwrap_or_default();
    let head = text.get(..name.start).unwrap_or_default();
    let keyed = ["key", "keys", "token"]
        .iter()
        .any(|it| word.eq_ignore_ascii_case(it));
    let Some(head) = head.strip_suffix(' ').filter(|_| keyed) else {
        return name.start;
    };
    let letters = head
        .bytes()
        .rev()
        .take(16)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let start = head.len() - letters;
    let first = head.get(start..).unwrap_or_default();
    let known = FIRST.iter().any(|it| first.eq_ignore_ascii_case(it));
    if known { start } else { name.start }
}

/// A place in the text, read forwards.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, limit: usize, these: &[char]) -> usize {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .take(limit)
            .find(|(_, c)| !these.contains(c))
            .map_or_else(
                || {
                    rest.char_indices()
                        .nth(limit)
                        .map_or(rest.len(), |(at, _)| at)
                },
                |(at, _)| at,
            );
        self.at += end;
        end
    }

    fn eat(&mut self, this: &str) -> bool {
        let eaten = self.rest().starts_with(this);
        self.at += if eaten { this.len() } else { 0 };
        eaten
    }

    fn eat_word(&mut self, this: &str) -> bool {
        let rest = self.rest();
        let eaten = rest
            .get(..this.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(this));
        self.at += if eaten { this.len() } else { 0 };
        eaten
    }
}

/// What stands between name and value.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    /// `=` with nothing around it.
    Tight,
    /// Any other sign.
    Loose,
    /// Only white space, or what leads further on: a line end, a parenthesis, cells of a table, a few words.
    Space,
}

const CLOSERS: &[char] = &['"', '\'', '`', '\\', ']', '*'];
const BLANKS: &[char] = &[' ', '\t', '\u{a0}'];

/// The secrets beside the name at `name`.
pub(super) fn find(text: &str, name: Range<usize>) -> Vec<Named> {
    let written = text.get(name.clone()).unwrap_or_default();
    let flag = written.starts_with('-');
    let bare = written.trim_matches(['-', '.', '_']);
    let Some((strength, kind)) = judge_name(bare) else {
        return Vec::new();
    };
    let mut reader = Reader { text, at: name.end };
    if written.ends_with(['.', '-']) {
        return Vec::new();
    }
    // `arn:…:secret:prod/db` names a secret.
    let head = text.get(..name.start).unwrap_or_default();
    let of = head.rfind(|c: char| c.is_ascii_whitespace() || "\"'`=,".contains(c));
    if head
        .get(of.map_or(0, |at| at + 1)..)
        .is_some_and(|whole| whole.starts_with("arn:"))
    {
        return Vec::new();
    }
    let tag = text.as_bytes().get(name.start.wrapping_sub(1)) == Some(&b'<');
    let closed = reader.skip(6, CLOSERS) > 0;
    let Some(sign) = read_sign(&mut reader, tag, closed, strength) else {
        return Vec::new();
    };
    // `PASS: TestLogin` is no password.
    if bare.eq_ignore_ascii_case("pass") && sign != Sign::Tight && !closed && !flag {
        return Vec::new();
    }
    let loud = !bare.contains(|c: char| c.is_ascii_lowercase());
    // The signature of a thinking block, in raw logs: some hundred signs up to many thousand.
    let sealed = bare == "signature";
    let lone = strength == Name::Weak && bare.eq_ignore_ascii_case("key");
    let mut found = Vec::new();
    let mut judge = |range: Range<usize>, form: Form| {
        // The first signs of a long value say what it is.
        let value = text.get(range.clone()).unwrap_or_default();
        let value = value.get(..256).unwrap_or(value);
        let secret = match sign {
            _ if sealed && range.len() >= 200 => false,
            Sign::Space if !flag => {
                strength != Name::Weak
                    && value.len() >= 10
                    && !value::is_uuid(value)
                    && !value::is_git(value)
                    && value.contains(|c: char| c.is_ascii_digit())
                    && value.contains(|c: char| c.is_ascii_alphabetic())
                    && value::is_random(value)
                    && value::is_secret(value, Name::Strong, Form::Bare)
            }
            _ if lone => {
                value.len() >= 20
                    && !value.contains(['-', '/', '.', ':'])
                    && value.contains(|c: char| c.is_ascii_uppercase())
                    && value::is_secret(value, strength, form)
            }
            _ => value::is_secret(value, strength, form),
        };
        if secret {
            found.push((range, kind));
        }
        secret
    };
    let Some((range, quoted, open)) = read_value(&mut reader) else {
        return found;
    };
    let form = match (quoted, sign) {
        (true, _) => Form::Quoted,
        _ if flag => Form::Flag,
        (_, Sign::Tight) if loud => Form::Env,
        (_, Sign::Tight)
            if !text
                .get(range.clone())
                .is_some_and(|v| v.contains(['(', '.'])) =>
        {
            Form::Env
        }
        _ => Form::Bare,
    };
    let whole = text.get(range.clone()).unwrap_or_default();
    let ours = whole.starts_with("[redacted");
    let secret = judge(range.clone(), form) || open.is_some_and(|open| judge(open, form));
    if !secret && !quoted && !ours && sign != Sign::Space {
        // `token = getenv("TOKEN", "…")`: the literals of the expression.
        if whole.contains(['(', '[']) || whole.starts_with("process.env") {
            for literal in literals(text, range.start) {
                let value = text.get(literal.clone()).unwrap_or_default();
                if value::is_random(value) && !value::is_git(value) && !value::is_uuid(value) {
                    judge(literal, Form::Quoted);
                }
            }
        }
    }
    found
}

/// Reads what stands between name and value; none if the name has no value.
fn read_sign(reader: &mut Reader<'_>, tag: bool, closed: bool, strength: Name) -> Option<Sign> {
    let start = reader.at;
    // `name: DB_PASSWORD`, then `value: …` on the next line or after a comma.
    let mut pair = Reader { ..*reader };
    if pair.skip(60, &[' ', '\t', '\n', ',', '"', '\'', '\\', '-', '+']) > 0
        && pair.eat_word("value")
    {
        pair.skip(6, CLOSERS);
        pair.skip(8, BLANKS);
        if pair.skip(1, &[':', '=']) > 0 {
            pair.skip(8, BLANKS);
            reader.at = pair.at;
            return Some(Sign::Loose);
        }
    }
    let blanks = reader.skip(40, BLANKS);
    // `password (for admin): …`
    if blanks > 0
        && reader.rest().starts_with('(')
        && let Some(end) = reader.rest().get(..60).unwrap_or(reader.rest()).find("):")
    {
        reader.at += end + 1;
    }
    let loose = [
        "=>", ":=", "?=", "||=", "||", "??", "->", "==", "＝", "：", "→",
    ];
    let sign = if loose.iter().any(|sign| reader.eat(sign)) {
        Sign::Loose
    } else if reader.eat("=") {
        let tight = blanks == 0 && !reader.rest().starts_with([' ', '\t']);
        if tight { Sign::Tight } else { Sign::Loose }
    } else if reader.eat(":") || reader.eat("|") || (tag && reader.eat(">")) {
        Sign::Loose
    } else if reader.rest().starts_with(['(', ','])
        && reader
            .rest()
            .get(1..)
            .is_some_and(|rest| rest.trim_start().starts_with(['"', '\'']))
    {
        reader.at += 1;
        Sign::Loose
    } else if blanks > 0
        && ["is ", "was ", "to ", "are ", "ist ", "es "]
            .iter()
            .any(|word| reader.eat_word(word))
    {
        reader.eat(": ");
        reader.eat("now ");
        Sign::Loose
    } else if leads_on(reader, blanks > 0, strength) || blanks > 0 || (closed && reader.at > start)
    {
        Sign::Space
    } else {
        return None;
    };
    reader.skip(40, BLANKS);
    reader.skip(4, &['*']);
    reader.skip(4, BLANKS);
    // The value on the line below, further in or behind a `\\`.
    let mut below = Reader { ..*reader };
    let continued = below.eat("\\\n");
    let further_in = sign == Sign::Loose && below.eat("\n") && below.skip(40, BLANKS) > 0;
    if strength != Name::Weak && (continued || further_in) {
        reader.at = below.at;
        return Some(Sign::Space);
    }
    // `token: |` and its value in the line below.
    for scalar in ["|-\n", ">-\n", "|\n", ">\n"] {
        if reader.eat(scalar) {
            reader.skip(40, BLANKS);
            break;
        }
    }
    // `password: str = …`
    let rest = reader.rest();
    let kind = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || b"_<>[]?.&'".contains(b))
        .take(40)
        .count();
    if kind > 0
        && let Some(behind) = rest.get(kind..).and_then(|r| r.strip_prefix(" = "))
        && sign == Sign::Loose
    {
        reader.at = reader.text.len() - behind.len();
    }
    Some(sign)
}

/// Reads over what stands between a name and a value further on: `key (…`, `</td><td>`, `password for the box: …`.
fn leads_on(reader: &mut Reader<'_>, blanks: bool, strength: Name) -> bool {
    const TAG: usize = 40;
    const WORDS: usize = 48;
    const ALONE: usize = 20;
    if blanks && reader.eat("(") {
        return true;
    }
    // Nothing but the value on the line below.
    let rest = reader.rest();
    if let Some(below) = rest.strip_prefix('\n') {
        let line = below.bytes().take_while(|b| b.is_ascii_graphic()).count();
        let alone = line >= ALONE && !below.get(line..).is_some_and(|it| it.starts_with(' '));
        reader.at += usize::from(alone);
        return alone;
    }
    let start = reader.at;
    for _ in 0..3 {
        let rest = reader.rest();
        let tag = rest.get(..TAG).unwrap_or(rest);
        match tag.find('>').filter(|_| tag.starts_with('<')) {
            Some(end) => reader.at += end + 1,
            None => break,
        }
        reader.skip(8, BLANKS);
    }
    if reader.at > start {
        return true;
    }
    let rest = reader.rest();
    let leads = ["for ", "of ", "to ", "on ", "in "];
    if !blanks || strength != Name::Password || !leads.iter().any(|word| rest.starts_with(word)) {
        return false;
    }
    let words = rest
        .bytes()
        .take(WORDS)
        .take_while(|b| b.is_ascii_alphanumeric() || b" -_.@`'\"".contains(b))
        .count();
    let behind = rest.get(words..).unwrap_or_default();
    let signed = behind.starts_with(": ");
    reader.at += if signed { words + 2 } else { 0 };
    signed
}

/// A value: its range, whether it stood in quotes, and the rest of the line if they were never closed.
type Value = (Range<usize>, bool, Option<Range<usize>>);

/// Reads a value.
fn read_value(reader: &mut Reader<'_>) -> Option<Value> {
    const SCHEMES: &[&str] = &[
        "bearer ",
        "basic ",
        "token ",
        "apikey ",
        "negotiate ",
        "pass:",
        "plain:",
    ];
    let mut letters = Reader { ..*reader };
    // `b"…"`, `@"…"`.
    if letters.skip(1, &['b', 'f', 'r', '@', 'L', 'u']) > 0
        && letters.rest().starts_with(['"', '\''])
    {
        reader.at = letters.at;
    }
    let start = reader.at;
    reader.skip(4, &['\\']);
    let level = reader.at - start;
    let quote = reader.rest().chars().next().filter(|c| "\"'`".contains(*c));
    let Some(quote) = quote else {
        reader.at = start;
        SCHEMES.iter().any(|scheme| reader.eat_word(scheme));
        let end = bare_end(reader.rest());
        return (end > 0).then(|| (reader.at..reader.at + end, false, None));
    };
    reader.at += quote.len_utf8();
    // `"""…"""`
    if reader.rest().starts_with("\"\"") && quote == '"' {
        reader.at += 2;
    }
    SCHEMES.iter().any(|scheme| reader.eat_word(scheme));
    let rest = reader.rest();
    let mut slashes = 0;
    let mut end = None;
    for (at, c) in rest.char_indices().take(LONGEST) {
        if c == quote && slashes <= level {
            end = Some(at - slashes.min(level));
            break;
        }
        if c == '\n' {
            break;
        }
        slashes = if c == '\\' { slashes + 1 } else { 0 };
    }
    if let Some(end) = end {
        return (end > 0).then(|| (reader.at..reader.at + end, true, None));
    }
    // A quotation never ended was cut: what is there counts, as a word, and as far as it goes when a document puts a mark behind it.
    let line = rest.find(['\n', '`', '“', '”', '„', '«', '»']);
    let line = rest.floor_char_boundary(line.unwrap_or(rest.len()).min(LONGEST));
    let line = rest.get(..line).unwrap_or_default().trim_end().len();
    let end = reader.at + bare_end(rest);
    (line > 0).then(|| (reader.at..end, true, Some(reader.at..reader.at + line)))
}

/// Where a value without quotes ends.
fn bare_end(rest: &str) -> usize {
    let mut end = rest.len().min(LONGEST);
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        if at >= end {
            break;
        }
        // Our own marks, of quotations and in place of `<`, are among them: a value is as long in a handoff as in the log.
        let stop =
            c.is_whitespace() || "\"'`<>)]},;|，。）“”„«»‹›".contains(c) || (c == '&' && at > 0);
        // `\n` and `\"` of an escaped text end it too.
        let escape = escaped && matches!(c, 'n' | 't' | 'r' | '"' | '\'' | '\\');
        if stop || escape {
            end = if escaped { at - 1 } else { at };
            break;
        }
        escaped = c == '\\';
    }
    let value = rest.get(..end).unwrap_or_default();
    // A call stays whole, so that it is seen to be one.
    if value.contains('(') {
        return value.len();
    }
    value.trim_end_matches(['.', ':', '*', '?', '!']).len().max(
        // `!` ends passwords as well as sentences.
        value.trim_end_matches(['.', ':', '*']).len(),
    )
}

/// The first quoted literals of the expression that begins at `from`, on its line.
///
/// They are counted, not measured: what is replaced in one brings no other into reach.
fn literals(text: &str, from: usize) -> Vec<Range<usize>> {
    const MOST: usize = 4;
    let rest = text.get(from..).unwrap_or_default();
    let mut found = Vec::new();
    let mut open: Option<(char, usize)> = None;
    let mut depth = 0;
    for (at, c) in rest.char_indices().take(LONGEST) {
        match (open, c) {
            (_, '\n') => break,
            (Some((quote, start)), _) if c == quote => {
                found.push(from + start..from + at);
                open = None;
            }
            (Some(_), _) => {}
            (None, '"' | '\'') => open = Some((c, at + 1)),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',' | ';') if depth == 0 => break,
            _ => {}
        }
        if depth < 0 || found.len() == MOST {
            break;
        }
    }
    found
}
