//! The shallow scanner: walks one JSON value and gives spans, not trees.
//!
//! One pass checks the structure (brackets, commas, colons, bare words) of a
//! whole value without recursion and at any depth; the contents of strings
//! are left alone, so a lone surrogate or a byte that is not UTF-8 costs
//! nothing where nobody reads it. A string is left by looking for its quote
//! in 64 bytes at a time, each byte a bit, which skips a base64 image and text
//! full of escapes at memory speed.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
use wide::u8x16;

/// A JSON value as it stands in the line, without the spaces around it.
///
/// Its structure was checked by [`value`]; nothing in it is decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    bytes: &'a [u8],
    /// What is long in the line from here on, as far as it was noted.
    long: &'a [Long],
}

/// An object with the places of its keys and values, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    bytes: &'a [u8],
    entries: Vec<(Range<usize>, Range<usize>)>,
    long: Vec<Long>,
}

/// A string, an object or an array that takes time to pass: its end is noted when it is passed the first time, and what
/// lies in it need not be looked at when what holds it is walked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Long {
    /// Where it begins in memory.
    address: usize,
    len: usize,
}

/// Bytes of what is noted.
const LONG: usize = 40;

/// How deep objects and arrays may stand in each other to be noted.
const DEEP: usize = 16;

impl Object<'_> {
    /// The whole of it.
    pub fn whole(&self) -> Span<'_> {
        Span {
            bytes: self.bytes,
            long: &self.long,
        }
    }

    /// Each key, a string that is not decoded yet, with its value.
    pub fn entries(&self) -> impl Iterator<Item = (Span<'_>, Span<'_>)> {
        let mut long = self.long.as_slice();
        let mut span = move |range: &Range<usize>| {
            let bytes = self.bytes.get(range.clone())?;
            long = behind(long, bytes.as_ptr().addr());
            Some(Span { bytes, long })
        };
        let entries = self.entries.iter();
        entries.filter_map(move |(key, value)| Some((span(key)?, span(value)?)))
    }
}

/// What does not begin before `address`.
fn behind(mut long: &[Long], address: usize) -> &[Long] {
    while let [first, rest @ ..] = long
        && first.address < address
    {
        long = rest;
    }
    long
}

/// Where and why a value ends too early or is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte at which it shows, from zero.
    pub at: usize,
    /// True if the bytes ended while the value was still going on.
    pub cut: bool,
}

/// What stood before, inside the innermost bracket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Open,
    Comma,
    Key,
    Colon,
    Value,
}

/// The open brackets: one bit each, 64 in a word, so depth costs next to nothing.
#[derive(Default)]
struct Brackets {
    /// True bits are objects; the lowest is the innermost.
    word: u64,
    spilled: Vec<u64>,
    depth: usize,
}

impl Brackets {
    fn push(&mut self, object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.spilled.push(self.word);
        }
        self.word = self.word << 1 | u64::from(object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.word >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.word = self.spilled.pop().unwrap_or_default();
        }
    }

    fn in_object(&self) -> bool {
        self.depth > 0 && self.word & 1 == 1
    }
}

/// The end of the JSON value that begins at `start`, which must not be a space.
///
/// What follows the value is not looked at. A string's contents, and the
/// grammar of numbers beyond their letters, are not checked.
pub fn value(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    walk(bytes, start, &mut ())
}

/// The object that begins at `start`, and its end.
pub fn object(bytes: &[u8], start: usize) -> Result<(Object<'_>, usize), Fault> {
    let mut notes = Notes {
        start,
        first: bytes.as_ptr().addr(),
        entries: Vec::with_capacity(24),
        long: Vec::with_capacity(16),
        open: [0; DEEP],
        depth: 0,
    };
    let end = walk(bytes, start, &mut notes)?;
    let bytes = bytes.get(start..end).unwrap_or_default();
    let object = Object {
        bytes,
        entries: notes.entries,
        long: notes.long,
    };
    Ok((object, end))
}

/// Who is told what a walk passes.
trait Walked {
    /// A string.
    fn string(&mut self, string: Range<usize>);
    /// An object or an array that begins there.
    fn opens(&mut self, at: usize);
    /// The innermost of those ends before that byte.
    fn closes(&mut self, end: usize);
    /// A key of the outermost object, and its value.
    fn entry(&mut self, key: Range<usize>, value: Range<usize>);
}

impl Walked for () {
    fn string(&mut self, _: Range<usize>) {}
    fn opens(&mut self, _: usize) {}
    fn closes(&mut self, _: usize) {}
    fn entry(&mut self, _: Range<usize>, _: Range<usize>) {}
}

/// What is noted of an object.
struct Notes {
    start: usize,
    /// Where the bytes begin in memory.
    first: usize,
    entries: Vec<(Range<usize>, Range<usize>)>,
    long: Vec<Long>,
    /// The notes of what is not closed yet.
    open: [usize; DEEP],
    depth: usize,
}

impl Walked for Notes {
    fn string(&mut self, string: Range<usize>) {
        if string.len() >= LONG {
            self.long.push(Long {
                address: self.first + string.start,
                len: string.len(),
            });
        }
    }

    fn opens(&mut self, at: usize) {
        if let Some(note) = self.open.get_mut(self.depth) {
            *note = self.long.len();
            self.long.push(Long {
                address: self.first + at,
                len: 0,
            });
        }
        self.depth += 1;
    }

    fn closes(&mut self, end: usize) {
        self.depth -= 1;
        let Some(&note) = self.open.get(self.depth) else {
            return;
        };
        if let Some(long) = self.long.get_mut(note) {
            long.len = self.first + end - long.address;
            // Of a short one there is no note, nor of what is in it, which is shorter.
            if long.len < LONG {
                self.long.truncate(note);
            }
        }
    }

    fn entry(&mut self, key: Range<usize>, value: Range<usize>) {
        let within = |range: Range<usize>| range.start - self.start..range.end - self.start;
        self.entries.push((within(key), within(value)));
    }
}

/// Walks a value as [`value`] does, and tells what it passes.
#[inline]
fn walk(bytes: &[u8], start: usize, walked: &mut impl Walked) -> Result<usize, Fault> {
    let (mut name, mut begin) = (0..0, 0);
    let mut brackets = Brackets::default();
    let mut before = Before::Colon;
    let mut at = start;
    let cut = Fault {
        at: bytes.len(),
        cut: true,
    };
    loop {
        let Some(&byte) = bytes.get(at) else {
            return Err(cut);
        };
        let wrong = Fault { at, cut: false };
        // A key is due after `{` and after a comma in an object.
        let key = brackets.in_object() && matches!(before, Before::Open | Before::Comma);
        let due = !matches!(before, Before::Key | Before::Value);
        let (from, outermost) = (at, brackets.depth == 1);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'"' if due => {
                at = string_end(bytes, at).ok_or(cut)?;
                walked.string(from..at);
                before = if key { Before::Key } else { Before::Value };
                if key && outermost {
                    name = from..at;
                }
            }
            b'{' | b'[' if due && !key => {
                brackets.push(byte == b'{');
                walked.opens(at);
                before = Before::Open;
                at += 1;
                if outermost {
                    begin = from;
                }
            }
            b'}' | b']'
                if brackets.depth > 0
                    && brackets.in_object() == (byte == b'}')
                    && matches!(before, Before::Open | Before::Value) =>
            {
                brackets.pop();
                before = Before::Value;
                at += 1;
                walked.closes(at);
            }
            b',' if brackets.depth > 0 && before == Before::Value => {
                before = Before::Comma;
                at += 1;
            }
            b':' if before == Before::Key => {
                before = Before::Colon;
                at += 1;
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' if due && !key => {
                at = word_end(bytes, at)?;
                before = Before::Value;
            }
            _ => return Err(wrong),
        }
        if before == Before::Value && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            match brackets.depth {
                0 => return Ok(at),
                // A container began where its bracket opened, all else here.
                1 if brackets.in_object() => {
                    let closed = matches!(byte, b'}' | b']');
                    walked.entry(name.clone(), if closed { begin } else { from }..at);
                }
                _ => {}
            }
        }
    }
}

/// The byte behind the closing quote of the string that opens at `open`.
fn string_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut from = open + 1;
    // Most strings are keys, ids and words, which end before a look at more at once has begun.
    for _ in 0..4 {
        let Some(eight) = bytes.get(from..).and_then(|rest| rest.first_chunk()) else {
            break;
        };
        let found = marks(*eight, b"\"\\");
        if found == 0 {
            from += 8;
            continue;
        }
        from += (found.trailing_zeros() / 8) as usize;
        if bytes.get(from) == Some(&b'"') {
            return Some(from + 1);
        }
        break;
    }
    // One if the first byte of the next block is escaped.
    let mut escaping = 0;
    while let Some(block) = bytes.get(from..).and_then(|rest| rest.first_chunk()) {
        let (escaped, next) = escaped(places(block, b'\\'), escaping);
        let quotes = places(block, b'"') & !escaped;
        if quotes != 0 {
            return Some(from + quotes.trailing_zeros() as usize + 1);
        }
        escaping = next;
        from += block.len();
    }
    from += escaping as usize;
    loop {
        match bytes.get(from)? {
            b'"' => return Some(from + 1),
            b'\\' => from += 2,
            _ => from += 1,
        }
    }
}

/// A bit for each byte of the block that is `byte`; the lowest is the first.
fn places(block: &[u8; 64], byte: u8) -> u64 {
    let sought = u8x16::splat(byte);
    let (blocks, _) = block.as_chunks();
    blocks.iter().rev().fold(0, |bits, sixteen| {
        bits << 16 | u64::from(u8x16::new(*sixteen).simd_eq(sought).to_bitmask())
    })
}

/// The bytes of a block that are escaped, by its backslashes, and whether the first byte of the next one is.
///
/// Of a run of backslashes each second one is escaped, and so is what follows if their number is odd: a subtraction tells
/// where runs end, and the parity of the place how long they are.
fn escaped(backslashes: u64, escaping: u64) -> (u64, u64) {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    let may_escape = backslashes & !escaping;
    let follow = may_escape << 1 | ODD;
    let escape_or_behind = follow.wrapping_sub(may_escape) ^ ODD;
    let escaped = escape_or_behind ^ (backslashes | escaping);
    (escaped, (escape_or_behind & backslashes) >> 63)
}

/// The top bit of each of eight bytes that is one of `sought`. Those behind the first may be told wrongly.
fn marks(eight: [u8; 8], sought: &[u8]) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let word = u64::from_le_bytes(eight);
    let is = |byte: &u8| {
        let zero = word ^ LOW.wrapping_mul(u64::from(*byte));
        zero.wrapping_sub(LOW) & !zero & HIGH
    };
    sought.iter().fold(0, |found, byte| found | is(byte))
}

/// The end of a number, `true`, `false` or `null`.
fn word_end(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let rest = bytes.get(start..).unwrap_or_default();
    let len = rest
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.'))
        .unwrap_or(rest.len());
    let word = rest.get(..len).unwrap_or_default();
    let good = match word.first() {
        Some(b'-' | b'0'..=b'9') => {
            word.iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'e' | b'E' | b'+' | b'-' | b'.'))
                && word.iter().any(u8::is_ascii_digit)
        }
        _ => matches!(word, b"true" | b"false" | b"null"),
    };
    if good {
        Ok(start + len)
    } else {
        Err(Fault {
            at: if len == rest.len() {
                bytes.len()
            } else {
                start
            },
            cut: len == rest.len(),
        })
    }
}

/// The first byte from `at` on that is not a JSON space.
pub fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        .unwrap_or(rest.len())
}

impl<'a> Span<'a> {
    /// The value that is the whole of `bytes`, spaces aside; none if it is not one value.
    pub fn whole(bytes: &'a [u8]) -> Option<Self> {
        let start = skip_space(bytes, 0);
        let end = value(bytes, start).ok()?;
        (skip_space(bytes, end) == bytes.len()).then(|| Self {
            bytes: &bytes[start..end],
            long: &[],
        })
    }

    /// The bytes, as they stand in the line.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The string, decoded; lone surrogates and bytes that are not UTF-8 become U+FFFD.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.bytes.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(match (memchr(b'\\', inner), std::str::from_utf8(inner)) {
            (None, Ok(text)) => text.into(),
            (None, Err(_)) => String::from_utf8_lossy(inner),
            (Some(_), _) => decode(inner).into(),
        })
    }

    /// The truth value.
    pub fn as_bool(self) -> Option<bool> {
        match self.bytes {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The whole number; none if it is negative, broken, or over 64 bits.
    pub fn as_u64(self) -> Option<u64> {
        std::str::from_utf8(self.bytes).ok()?.parse().ok()
    }

    /// The whole number, which may be negative.
    pub fn as_i32(self) -> Option<i32> {
        std::str::from_utf8(self.bytes).ok()?.parse().ok()
    }

    /// True for `null`.
    pub fn is_null(self) -> bool {
        self.bytes == b"null"
    }

    /// The keys and values of an object, in order; a key that comes twice comes twice.
    pub fn as_object(self) -> Option<impl Iterator<Item = (Cow<'a, str>, Span<'a>)>> {
        let mut parts = Parts::of(self, b'{')?;
        Some(std::iter::from_fn(move || {
            let key = parts.next()?;
            let value = parts.next()?;
            Some((key.as_str()?, value))
        }))
    }

    /// As [`Span::as_object`], for who only compares the keys.
    pub fn as_entries(self) -> Option<impl Iterator<Item = (Cow<'a, [u8]>, Span<'a>)>> {
        let mut parts = Parts::of(self, b'{')?;
        Some(std::iter::from_fn(move || {
            let key = parts.next()?;
            let value = parts.next()?;
            Some((key.as_key()?, value))
        }))
    }

    /// The bytes of a string, decoded, for who only compares them.
    pub fn as_key(self) -> Option<Cow<'a, [u8]>> {
        let inner = self.bytes.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(if inner.contains(&b'\\') {
            decode(inner).into_bytes().into()
        } else {
            inner.into()
        })
    }

    /// The values of an array.
    pub fn as_array(self) -> Option<impl Iterator<Item = Span<'a>>> {
        Parts::of(self, b'[')
    }

    /// The value of the first key of that name, if this is an object that has it.
    pub fn get(self, name: &str) -> Option<Span<'a>> {
        self.as_object()?
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The string at the first key of that name.
    pub fn str(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.as_str()
    }
}

/// The strings and values of a container one after the other, keys among them.
struct Parts<'a> {
    whole: Span<'a>,
    at: usize,
}

impl<'a> Parts<'a> {
    fn of(whole: Span<'a>, open: u8) -> Option<Self> {
        (whole.bytes.first() == Some(&open)).then_some(Self { whole, at: 1 })
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Span<'a>;

    fn next(&mut self) -> Option<Span<'a>> {
        loop {
            match self.whole.bytes.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => self.at += 1,
                b'}' | b']' => return None,
                _ => break,
            }
        }
        let Span { bytes, long } = self.whole;
        let start = self.at;
        self.at = skip(bytes, start, &mut self.whole.long)?;
        Some(Span {
            bytes: bytes.get(start..self.at)?,
            long,
        })
    }
}

/// The end of a value inside a container that [`value`] has passed already; `long` is what was noted from there on.
fn skip(bytes: &[u8], start: usize, long: &mut &[Long]) -> Option<usize> {
    let first = bytes.as_ptr().addr();
    let mut at = start;
    let mut depth = 0usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                *long = behind(long, first + at);
                at = match long.first() {
                    Some(known) if known.address == first + at => at + known.len,
                    _ => string_end(bytes, at)?,
                };
            }
            b'{' | b'[' => {
                *long = behind(long, first + at);
                match long.first() {
                    Some(known) if known.address == first + at => at += known.len,
                    _ => {
                        depth += 1;
                        at += 1;
                    }
                }
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => at += 1,
            _ => at = word_end(bytes, at).ok()?,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Decodes the inside of a string: as serde_json does, and leniently where that refuses.
fn decode(inner: &[u8]) -> String {
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = backslash(rest, &mut out) {
        let escape = rest.get(at + 1).copied();
        let (decoded, used) = match escape {
            Some(b'u') => unicode(&rest[at..]),
            Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(byte), 2),
            Some(b'n') => ('\n', 2),
            Some(b't') => ('\t', 2),
            Some(b'r') => ('\r', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            _ => (char::REPLACEMENT_CHARACTER, 1),
        };
        match u8::try_from(decoded) {
            Ok(byte) if byte.is_ascii() => out.push(byte),
            _ => out.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = rest.get(at + used..).unwrap_or_default();
    }
    match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// The first backslash; what stands before it, or all if there is none, goes to `out`.
fn backslash(bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    // In the text of a program they stand close to each other.
    let mut at = 0;
    for _ in 0..6 {
        let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            break;
        };
        let found = marks(*eight, b"\\");
        let before = (found.trailing_zeros() / 8) as usize;
        // Eight at once are copied faster than as many as are wanted.
        out.extend_from_slice(eight);
        out.truncate(out.len() - (8 - before));
        at += before;
        if found != 0 {
            return Some(at);
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let found = memchr(b'\\', rest);
    out.extend_from_slice(rest.get(..found.unwrap_or(rest.len())).unwrap_or_default());
    found.map(|found| at + found)
}

/// The character of the escape or the pair of escapes `\uXXXX` at the start, and its length.
fn unicode(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| -> Option<u32> {
        let escape = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        if !escape.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(escape).ok()?, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (char::REPLACEMENT_CHARACTER, 2);
    };
    if (0xD800..0xDC00).contains(&first)
        && let Some(second @ 0xDC00..0xE000) = unit(6)
        && let Some(decoded) =
            char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    {
        return (decoded, 12);
    }
    (
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        6,
    )
}
