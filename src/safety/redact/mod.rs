//! Replaces secrets by placeholders: `[redacted: github-token #1]`.
//!
//! Five layers, each a union: tokens known by their shape, private key
//! blocks, structures (URLs, headers, flags, connection strings), names with
//! a value beside them, and the memory of values found before in the same
//! session. Names and structures stay, so a reader still sees what stood there.

mod block;
mod filter;
mod named;
mod names;
mod people;
mod prefixed;
mod table;
mod value;
mod view;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::{memchr, memrchr};
use rayon::prelude::*;

pub use filter::Filter;
use table::{Judge, Owner, Rule, TABLE};
use value::{Form, Name};

/// What counts as a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Nothing: text leaves as it is.
    Off,
    /// What is known by shape, place, name or memory.
    #[default]
    Default,
    /// Also e-mail addresses, and bare strings of 24 or more characters that read as drawn by lot.
    Strict,
}

/// What must not leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Which secrets.
    pub level: Level,
    /// Whether people and their machines go too: e-mail addresses, names, users of home folders, hosts.
    pub anonymous: bool,
}

impl Policy {
    /// A redactor of this policy that has seen nothing.
    pub fn redactor(self) -> Redactor {
        Redactor {
            anonymous: self.anonymous,
            ..Redactor::new(self.level)
        }
    }
}

/// Finds secrets and remembers them for a session.
#[derive(Debug)]
pub struct Redactor {
    level: Level,
    /// People and their machines go too.
    anonymous: bool,
    /// Each value seen, with its kind and its number within the kind.
    seen: BTreeMap<String, (String, u32)>,
    counts: BTreeMap<String, u32>,
    memory: Memory,
}

/// An automaton over the values seen that are long enough to be known anywhere.
#[derive(Debug, Default)]
struct Memory {
    automaton: Option<AhoCorasick>,
    values: Vec<String>,
    /// Values were added since the automaton was built.
    stale: bool,
}

/// How often a text is looked at, as long as something is found.
///
/// Of some 20,000 damaged lines none needed more than two.
const ROUNDS: usize = 4;

/// A stretch of text that must not leave.
#[derive(Clone, Debug)]
struct Span {
    range: Range<usize>,
    kind: String,
}

impl Span {
    fn new(range: Range<usize>, kind: &str) -> Self {
        Self {
            range,
            kind: kind.to_owned(),
        }
    }
}

impl Redactor {
    /// A redactor that has seen nothing.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            anonymous: false,
            seen: BTreeMap::new(),
            counts: BTreeMap::new(),
            memory: Memory::default(),
        }
    }

    /// Remembers the secrets of a cleaned text without giving it back.
    pub fn learn(&mut self, text: &str) {
        for span in self.spans(text) {
            self.number(text.get(span.range).unwrap_or_default(), &span.kind);
        }
    }

    /// As [`Redactor::learn`] of each text in turn, on all cores: with the same numbers, only sooner.
    pub fn learn_all(&mut self, texts: &[impl AsRef<str> + Sync]) {
        let found: Vec<Vec<Span>> = texts
            .par_iter()
            .with_min_len(64)
            .map(|text| self.spans(text.as_ref()))
            .collect();
        for (text, spans) in texts.iter().zip(found) {
            for span in spans {
                let value = text.as_ref().get(span.range).unwrap_or_default();
                self.number(value, &span.kind);
            }
        }
    }

    /// The cleaned text with its secrets replaced; borrowed if it has none.
    ///
    /// The same value gets the same number. Redacting twice changes nothing more.
    pub fn redact<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let Some(mut redacted) = self.redacted(text) else {
            return Cow::Borrowed(text);
        };
        // What stood in the place of a secret may have hidden another.
        for _ in 1..ROUNDS {
            match self.redacted(&redacted) {
                Some(more) => redacted = more,
                None => break,
            }
        }
        Cow::Owned(redacted)
    }

    /// The text with what is found in it replaced; none if that is nothing.
    fn redacted(&mut self, text: &str) -> Option<String> {
        let found = self.spans(text);
        for span in &found {
            self.number(text.get(span.range.clone()).unwrap_or_default(), &span.kind);
        }
        self.memory.refresh();
        let found = merge(found, self.remembered(text));
        if found.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for span in found {
            let value = text.get(span.range.clone()).unwrap_or_default();
            out.push_str(text.get(done..span.range.start).unwrap_or_default());
            out.push_str(&self.placeholder(value, &span.kind));
            done = span.range.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Some(out)
    }

    /// How many values are known, in all their forms.
    pub(super) fn known(&self) -> usize {
        self.seen.len()
    }

    /// How many different values of each kind were found.
    pub fn counts(&self) -> BTreeMap<&str, u32> {
        self.counts
            .iter()
            .map(|(kind, &count)| (kind.as_str(), count))
            .collect()
    }

    /// Looks for secrets in a finished document; placeholders are fine.
    ///
    /// # Errors
    ///
    /// The kinds that were found, sorted, each once.
    pub fn second_look(&self, finished: &str) -> Result<(), Vec<String>> {
        let mut kinds: Vec<String> = merge(self.spans(finished), self.remembered(finished))
            .into_iter()
            .map(|span| span.kind)
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.is_empty() { Ok(()) } else { Err(kinds) }
    }

    /// `line` without the values that are secrets only in the form in which it is `shown`: a document puts a word into a
    /// code span, and what stood bare is then read as a value in quotation marks.
    pub(super) fn redact_as_shown(&mut self, line: String, shown: &str) -> String {
        self.spans(shown).into_iter().fold(line, |line, span| {
            let value = shown.get(span.range).unwrap_or_default();
            // Markdown's own backslashes are not in the line.
            let bare = value.replace('\\', "");
            let value = if line.contains(value) { value } else { &bare };
            match value {
                "" => line,
                value => line.replace(value, &self.placeholder(value, &span.kind)),
            }
        })
    }

    /// What stands in the place of a value.
    fn placeholder(&mut self, value: &str, kind: &str) -> String {
        let (kind, number) = self.number(value, kind);
        format!("[redacted: {kind} #{number}]")
    }

    /// The kind and number of a value, new or known.
    fn number(&mut self, value: &str, kind: &str) -> (String, u32) {
        if let Some(known) = self.seen.get(value) {
            return known.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let known = (kind.to_owned(), *count);
        for value in std::iter::once(value.to_owned()).chain(other_forms(value)) {
            if (is_memorable(&value) || people::is_of_people(kind))
                && !self.seen.contains_key(&value)
            {
                self.memory.values.push(value.clone());
                self.memory.stale = true;
            }
            self.seen.entry(value).or_insert_with(|| known.clone());
        }
        known
    }

    fn spans(&self, text: &str) -> Vec<Span> {
        let found = match self.level {
            Level::Off => Vec::new(),
            Level::Default => find(text),
            Level::Strict => merge(find(text), strict(text)),
        };
        if self.anonymous {
            merge(found, people::find(text))
        } else {
            found
        }
    }

    fn remembered(&self, text: &str) -> Vec<Span> {
        let fresh;
        let automaton = if self.memory.stale {
            fresh = build(&self.memory.values);
            fresh.as_ref()
        } else {
            self.memory.automaton.as_ref()
        };
        let Some(automaton) = automaton else {
            return Vec::new();
        };
        let kind = |i: usize| {
            let value = self.memory.values.get(i)?;
            Some(self.seen.get(value)?.0.clone())
        };
        automaton
            .find_iter(text)
            .filter(|found| {
                // A short value is looked for as a word of its own.
                found.len() >= 12 || stands_alone(text, found.range())
            })
            .filter_map(|found| {
                Some(Span {
                    range: found.range(),
                    kind: kind(found.pattern().as_usize())?,
                })
            })
            .collect()
    }
}

impl Memory {
    fn refresh(&mut self) {
        if self.stale {
            self.automaton = build(&self.values);
            self.stale = false;
        }
    }
}

fn build(values: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(values)
        .ok()
}

/// True for a value that stands for itself wherever it is met.
///
/// A longer one has a shape, or is a key, whose lines are remembered.
fn is_memorable(value: &str) -> bool {
    let has = |f: fn(&u8) -> bool| value.as_bytes().iter().any(f);
    (8..=256).contains(&value.len())
        && (value::is_random(value)
            || (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic))
            || (value.len() >= 12 && !value.bytes().all(|b| b.is_ascii_lowercase())))
}

/// What else the same secret may be written as: without its `%41` escapes, out of
/// the base64 of `user:password`, and each line of a key.
fn other_forms(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    if value.contains('%') {
        forms.extend(percent_decoded(value));
    }
    if let Some((_, password)) = base64_decoded(value)
        .as_deref()
        .and_then(|v| v.split_once(':'))
    {
        forms.push(password.to_owned());
    }
    forms.extend(
        value
            .split(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c))
            .filter(|line| line.len() >= 40 && line.len() < value.len())
            .map(str::to_owned),
    );
    forms
}

fn percent_decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(behind.get(..2)?, 16).ok()?);
        rest = behind.get(2..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// The text behind base64, if it is text of one line.
fn base64_decoded(value: &str) -> Option<String> {
    let mut bits = 0u32;
    let mut held = 0;
    let mut bytes = Vec::with_capacity(value.len());
    for b in value.trim_end_matches('=').bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    text.bytes()
        .all(|b| (b' '..=b'~').contains(&b))
        .then_some(text)
}

fn stands_alone(text: &str, range: Range<usize>) -> bool {
    let word = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    !word(range.start.checked_sub(1).and_then(|at| bytes.get(at))) && !word(bytes.get(range.end))
}

/// All that layers a to d find, in order, without overlaps.
fn find(text: &str) -> Vec<Span> {
    let table = &*TABLE;
    let mut found = Vec::new();
    let mut marks: Vec<Range<usize>> = Vec::new();
    // Up to where each rule has looked, and the end of the last name and block.
    let mut looked: Vec<usize> = Vec::new();
    let mut named = 0;
    let mut blocked = 0;
    table
        .keywords
        .each(text, |keyword, hit| match table.owners.get(keyword) {
            Some(&Owner::Rule(i)) => {
                looked.resize(table.rules.len(), 0);
                if let (Some(rule), Some(looked)) = (table.rules.get(i), looked.get_mut(i)) {
                    shaped(text, rule, hit, looked, &mut found);
                }
            }
            Some(Owner::Name) if hit.start >= named => {
                let name = named::name_around(text, hit);
                named = name.end;
                found.extend(
                    named::find(text, name)
                        .into_iter()
                        .map(|(range, kind)| Span::new(range, kind)),
                );
            }
            Some(Owner::Block) if hit.start >= blocked => {
                if let Some(range) = block::find(text, hit) {
                    blocked = range.end;
                    found.push(Span::new(range, "private-key"));
                }
            }
            Some(Owner::Url) => found.extend(userinfo(text, hit.end)),
            Some(Owner::Mark) => marks.extend(placeholder(text, hit)),
            _ => {}
        });
    found.extend(prefixed::dotted(text));
    found.extend(prefixed::find(text));
    found.retain(|span| {
        !marks
            .iter()
            .any(|mark| mark.start < span.range.end && span.range.start < mark.end)
    });
    merge(found, Vec::new())
}

/// Runs a rule's pattern over the line of its keyword.
fn shaped(text: &str, rule: &Rule, hit: Range<usize>, looked: &mut usize, found: &mut Vec<Span>) {
    const BEFORE: usize = 1 << 10;
    const BEHIND: usize = 8 << 10;
    if hit.start < *looked {
        return;
    }
    let bytes = text.as_bytes();
    let before = hit.start.saturating_sub(BEFORE).max(*looked);
    let start = bytes
        .get(before..hit.start)
        .and_then(|head| memrchr(b'\n', head))
        .map_or(before, |at| before + at + 1);
    let limit = (hit.end + BEHIND).min(bytes.len());
    let end = bytes
        .get(hit.end..limit)
        .and_then(|tail| memchr(b'\n', tail))
        .map_or(limit, |at| hit.end + at);
    *looked = end;
    let Some(window) = bytes.get(start..end).filter(|text| rule.may_match(text)) else {
        return;
    };
    let Some(regex) = rule.regex() else {
        return;
    };
    for captures in regex.captures_iter(window) {
        let Some(secret) = captures.name("secret").or_else(|| captures.get(0)) else {
            continue;
        };
        let mut range = start + secret.start()..start + secret.end();
        if range.end == limit {
            range.end += token_run(bytes.get(limit..).unwrap_or_default());
        }
        let range = widen(text, range);
        let value = text.get(range.clone()).unwrap_or_default();
        if judge(rule.judge, value) {
            found.push(Span {
                range,
                kind: rule.kind().to_owned(),
            });
        }
    }
}

fn judge(judge: Judge, value: &str) -> bool {
    if value::is_placeholder(value) || value::is_reference(value) {
        return false;
    }
    match judge {
        Judge::Shape => true,
        Judge::Value => is_chosen(value),
        Judge::Random => value::is_secret(value, Name::Strong, Form::Quoted) && value.len() >= 12,
        Judge::Drawn => value::is_secret(value, Name::Weak, Form::Quoted),
        Judge::Cookie => value
            .split([';', '=', ' '])
            .any(|part| part.len() >= 12 && value::is_random(part)),
    }
}

/// True for a password in a place where only passwords stand, unless it is one everybody uses.
fn is_chosen(value: &str) -> bool {
    const KNOWN: &[&str] = &[
        "password",
        "passwd",
        "pass",
        "postgres",
        "secret",
        "admin",
        "root",
        "guest",
        "user",
        "username",
        "test",
        "testing",
        "mysql",
        "redis",
        "mongo",
        "token",
        "pwd",
        "none",
        "null",
        "true",
        "false",
        "minio",
        "minioadmin",
        "rabbitmq",
        "develop",
        "docker",
        "app",
        "db",
        "env",
        "stdin",
        "prompt",
        "string",
        "api_key",
        "apikey",
        "changeit",
        "x-oauth-basic",
    ];
    value.len() >= 4
        && !KNOWN.contains(&value.to_ascii_lowercase().as_str())
        && !value.starts_with(['-', '/', '~'])
}

/// The password in a URL whose `://` ends at `at`, or the token that stands for both.
fn userinfo(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    let mut last = None;
    for (i, b) in rest.bytes().enumerate().take(512) {
        match b {
            b'@' => last = Some(i),
            b'/' | b'?' | b'#' if last.is_some() => break,
            b' ' | b'\n' | b'\t' | b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b'\\' => break,
            b'/' => break,
            _ => {}
        }
    }
    let info = rest.get(..last?)?;
    let (from, value) = match info.split_once(':') {
        Some((user, "")) => (0, user),
        Some((user, password))
            if is_token(user) && (password == "x-oauth-basic" || password.is_empty()) =>
        {
            (0, user)
        }
        Some((user, password)) => (user.len() + 1, password),
        None => (0, info),
    };
    let secret = if from == 0 {
        is_token(value)
    } else {
        is_chosen(value)
    };
    let secret = secret && !value::is_placeholder(value) && !value::is_reference(value);
    secret.then(|| Span {
        range: at + from..at + from + value.len(),
        kind: "url-password".to_owned(),
    })
}

fn is_token(value: &str) -> bool {
    value.len() >= 16 && value::is_random(value)
}

/// The placeholder that begins at `hit`, if it is one of ours.
fn placeholder(text: &str, hit: Range<usize>) -> Option<Range<usize>> {
    let body = text.get(hit.end..)?;
    let end = body.find(']').filter(|&end| end <= 60)?;
    let (kind, number) = body.get(..end)?.split_once(" #")?;
    let ours = kind
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && number.bytes().all(|b| b.is_ascii_digit());
    ours.then_some(hit.start..hit.end + end + 1)
}

fn token_run(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_+/=.".contains(b))
        .count()
}

/// The range widened to whole characters: patterns see bytes.
fn widen(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end.min(text.len()));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Both in order; spans that overlap become one, of the kind of the longer.
fn merge(mut spans: Vec<Span>, more: Vec<Span>) -> Vec<Span> {
    spans.extend(more);
    spans.sort_by(|a, b| {
        (a.range.start, b.range.end, &a.kind).cmp(&(b.range.start, a.range.end, &b.kind))
    });
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.range.start < last.range.end => {
                if span.range.len() > last.range.len() {
                    last.kind = span.kind;
                }
                last.range.end = last.range.end.max(span.range.end);
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// What [`Level::Strict`] finds beside: addresses, and bare strings drawn by lot.
fn strict(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split(|c: char| c.is_whitespace() || "\"'`<>()[]{},;=:".contains(c)) {
        let start = at;
        at += word.len()
            + text
                .get(at + word.len()..)
                .and_then(|r| r.chars().next())
                .map_or(0, char::len_utf8);
        let classes = [
            u8::is_ascii_lowercase,
            u8::is_ascii_uppercase,
            u8::is_ascii_digit,
        ]
        .iter()
        .filter(|class| word.bytes().any(|b| class(&b)))
        .count();
        let address = word.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host
                    .rsplit_once('.')
                    .is_some_and(|(a, b)| !a.is_empty() && b.len() >= 2)
        });
        let drawn = word.len() >= 24
            && classes == 3
            && !word.contains('/')
            && value::is_secret(word, Name::Weak, Form::Quoted);
        if address || drawn {
            found.push(Span {
                range: start..start + word.len(),
                kind: if address { "address" } else { "random" }.to_owned(),
            });
        }
    }
    found
}

#[cfg(test)]
mod drawn;
#[cfg(test)]
mod tests;
