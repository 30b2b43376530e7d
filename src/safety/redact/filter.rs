//! Any bytes through the redactor, a piece at a time: what is no secret stays as it is, to the byte.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memrchr;

use super::view::View;
use super::{Redactor, Span, merge};

/// How much is looked at in one turn, in bytes.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// What is new in it.
    step: usize,
    /// What is held back, since what follows may say what it is: a key block of 64 KiB may end there.
    held: usize,
    /// What was given and is looked at again: a name may stand there whose value follows.
    behind: usize,
    /// A line longer than this is worked on before its end is seen.
    line: usize,
}

const SIZES: Sizes = Sizes {
    step: 1 << 20,
    held: 160 << 10,
    behind: 4 << 10,
    line: 16 << 20,
};

/// How often a stream is looked at: one of 50 million damaged ones, at the strict level, needed a third look.
const LOOKS: usize = 3;

/// A stream of bytes without its secrets.
///
/// Whether the bytes come in one piece or in many makes no difference, as
/// long as lines are shorter than 16 MiB; so much is kept in memory at most.
/// Text in UTF-16 that begins with its mark is understood too.
#[derive(Debug)]
pub struct Filter<'r> {
    redactor: &'r mut Redactor,
    /// What stood in the place of a secret may have hidden another, so all is looked at more than once.
    stages: [Stage; LOOKS],
}

/// One look at a stream.
#[derive(Debug)]
struct Stage {
    /// Bytes that are looked at: up to `given` they are out already.
    window: Vec<u8>,
    given: usize,
    /// No turn is worth while before the window is this long.
    next: usize,
    script: Option<Script>,
    sizes: Sizes,
    places: BTreeMap<String, u64>,
}

/// How characters are written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Script {
    Bytes,
    Little,
    Big,
}

impl<'r> Filter<'r> {
    /// A stream that begins; `redactor` knows values already, and gets to know more.
    pub fn new(redactor: &'r mut Redactor) -> Self {
        Self {
            redactor,
            stages: std::array::from_fn(|_| Stage::new(SIZES)),
        }
    }

    /// Takes the next bytes, and adds to `out` what can be told of those so far.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut bytes = Cow::Borrowed(bytes);
        for stage in &mut self.stages {
            let mut next = Vec::new();
            stage.push(self.redactor, &bytes, &mut next);
            bytes = Cow::Owned(next);
        }
        out.extend_from_slice(&bytes);
    }

    /// Ends the stream: what was held back goes to `out`. Gives the number of places where something was replaced, by kind.
    pub fn finish(self, out: &mut Vec<u8>) -> BTreeMap<String, u64> {
        let mut places = BTreeMap::new();
        let mut bytes = Vec::new();
        for mut stage in self.stages {
            let mut next = Vec::new();
            stage.push(self.redactor, &bytes, &mut next);
            stage.end(self.redactor, &mut next);
            for (kind, count) in stage.places {
                *places.entry(kind).or_default() += count;
            }
            bytes = next;
        }
        out.extend_from_slice(&bytes);
        places
    }
}

impl Stage {
    fn new(sizes: Sizes) -> Self {
        Self {
            window: Vec::new(),
            given: 0,
            next: sizes.step + sizes.held,
            script: None,
            sizes,
            places: BTreeMap::new(),
        }
    }

    fn push(&mut self, redactor: &mut Redactor, bytes: &[u8], out: &mut Vec<u8>) {
        self.window.extend_from_slice(bytes);
        while self.window.len() >= self.next {
            let most = self.window.len() - self.sizes.held;
            let end = self
                .window
                .get(self.given..most)
                .and_then(|part| memrchr(b'\n', part))
                .map(|at| self.given + at + 1);
            let end = match end {
                Some(end) => end,
                None if most.saturating_sub(self.given) >= self.sizes.line => most,
                None => {
                    self.next = self.window.len() + self.sizes.step;
                    return;
                }
            };
            self.turn(redactor, end, out);
            self.next = self.window.len() + self.sizes.step;
        }
    }

    fn end(&mut self, redactor: &mut Redactor, out: &mut Vec<u8>) {
        self.turn(redactor, self.window.len(), out);
    }

    /// Gives the window up to `end`, or less if something begins before and ends behind it.
    fn turn(&mut self, redactor: &mut Redactor, end: usize, out: &mut Vec<u8>) {
        let script = *self.script.get_or_insert(match self.window.get(..2) {
            Some([0xff, 0xfe]) => Script::Little,
            Some([0xfe, 0xff]) => Script::Big,
            _ => Script::Bytes,
        });
        let mut end = end;
        for span in self.spans(redactor, end) {
            let (mut from, mut to) = (span.range.start.max(self.given), span.range.end);
            match script {
                Script::Little => to = (to + 1).min(self.window.len()),
                Script::Big => from = from.saturating_sub(1).max(self.given),
                Script::Bytes => {}
            }
            if from >= to || from >= end {
                continue;
            }
            if to > end && from > self.given {
                // It is seen whole in the next turn.
                end = from;
                break;
            }
            let value = self.window.get(span.range.clone()).unwrap_or_default();
            let value = View::decoded(value);
            let value = value.shown().unwrap_or(value).text;
            let (kind, number) = redactor.number(&value, &span.kind);
            let mark = format!("[redacted: {kind} #{number}]");
            out.extend_from_slice(self.window.get(self.given..from).unwrap_or_default());
            match script {
                Script::Bytes => out.extend_from_slice(mark.as_bytes()),
                Script::Little => out.extend(mark.bytes().flat_map(|b| [b, 0])),
                Script::Big => out.extend(mark.bytes().flat_map(|b| [0, b])),
            }
            *self.places.entry(kind).or_default() += 1;
            self.given = to;
        }
        out.extend_from_slice(self.window.get(self.given..end).unwrap_or_default());
        self.given = self.given.max(end);
        // What is looked at again begins with a line, if there is one.
        let past = self.given.saturating_sub(self.sizes.behind);
        let before = past.saturating_sub(self.sizes.behind);
        let keep = self
            .window
            .get(before..past)
            .and_then(|part| memrchr(b'\n', part))
            .map_or(past, |at| before + at + 1);
        self.window.drain(..keep);
        self.given -= keep;
    }

    /// What must not leave, in bytes of the window; of what begins before `end` all is remembered.
    fn spans(&self, redactor: &mut Redactor, end: usize) -> Vec<Span> {
        let decoded = View::decoded(&self.window);
        let shown = decoded.shown();
        // What no reader sees is in the file all the same; but where a value
        // ends is told by what is seen.
        let mut found = Vec::new();
        for view in shown.iter().chain([&decoded]) {
            let mut more = Vec::new();
            for span in redactor.spans(&view.text) {
                let range = view.bytes(span.range.clone());
                if range.end <= self.given || range.start >= end || overlaps(&found, &range) {
                    continue;
                }
                let value = view.text.get(span.range).unwrap_or_default();
                redactor.number(value, &span.kind);
                more.push(Span {
                    range,
                    kind: span.kind,
                });
            }
            found = merge(found, more);
        }
        redactor.memory.refresh();
        for view in shown.iter().chain([&decoded]) {
            for span in redactor.remembered(&view.text) {
                found.push(Span {
                    range: view.bytes(span.range),
                    kind: span.kind,
                });
            }
        }
        merge(found, Vec::new())
    }
}

/// Whether a range has a byte in common with one of these spans, which are in order.
fn overlaps(spans: &[Span], range: &Range<usize>) -> bool {
    let after = spans.partition_point(|span| span.range.end <= range.start);
    spans
        .get(after)
        .is_some_and(|span| span.range.start < range.end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Draw;
    use super::super::{Level, Redactor};
    use super::*;
    use proptest::prelude::*;

    /// So small that short texts take many turns.
    const SMALL: Sizes = Sizes {
        step: 1 << 10,
        held: 4 << 10,
        behind: 1 << 10,
        line: 16 << 10,
    };

    fn filtered(bytes: &[u8], pieces: usize) -> Vec<u8> {
        sized(bytes, pieces, SIZES)
    }

    fn sized(bytes: &[u8], pieces: usize, sizes: Sizes) -> Vec<u8> {
        let mut redactor = Redactor::new(Level::Default);
        let mut out = Vec::new();
        let mut filter = Filter::new(&mut redactor);
        filter.stages = std::array::from_fn(|_| Stage::new(sizes));
        for piece in bytes.chunks(pieces.max(1)) {
            filter.push(piece, &mut out);
        }
        filter.finish(&mut out);
        out
    }

    /// A key of no shape but its name's, and what is left of it.
    fn named(seed: u64) -> String {
        Draw::new(seed).fill("API_KEY={alnum:32}")
    }

    #[test]
    fn all_but_the_secret_stays_to_the_byte() {
        let key = named(1);
        let with =
            |before: &[u8], middle: &str, after: &[u8]| [before, middle.as_bytes(), after].concat();
        let mark = "API_KEY=[redacted: api-key #1]";
        for (before, after) in [
            (&b""[..], &b""[..]),
            (b"a\r\nb\r\n", b"\r\nc"),
            (b"\xff\x00\xfe\x80 \x1b[1m", b" \x1b[0m\xc3\n\n"),
            ("é\u{200b}\u{202e}日本 ".as_bytes(), b"\x08\x08\r100%\r"),
        ] {
            let got = filtered(&with(before, &key, after), 7);
            assert_eq!(got, with(before, mark, after));
            let plain = with(before, "API_KEY=$API_KEY", after);
            assert_eq!(filtered(&plain, 3), plain);
        }
    }

    #[test]
    fn a_secret_with_an_escape_inside_goes_whole() {
        let key = named(2);
        let (head, tail) = key.split_at(20);
        assert_eq!(
            filtered(format!("{head}\x1b[31m{tail}\x1b[0m.").as_bytes(), 64),
            b"API_KEY=[redacted: api-key #1]\x1b[0m."
        );
        // A terminal does not show the address of a link; the file holds it.
        let hidden = format!("\x1b]8;;https://x.io/?{key}\x1b\\link");
        assert!(!String::from_utf8_lossy(&filtered(hidden.as_bytes(), 64)).contains(&key[8..]));
    }

    #[test]
    fn text_in_utf_16_stays_in_utf_16() {
        let key = named(3);
        let wide = |text: &str, big: bool| -> Vec<u8> {
            let order = |unit: u16| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            };
            format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(order)
                .collect()
        };
        for big in [false, true] {
            assert_eq!(
                filtered(&wide(&format!("ein {key} für\r\n"), big), 5),
                wide("ein API_KEY=[redacted: api-key #1] für\r\n", big)
            );
        }
    }

    #[test]
    fn a_key_block_across_turns_goes_whole() {
        let mut draw = Draw::new(4);
        let body: String = (0..40).map(|_| draw.fill("{b64:64}\n")).collect();
        let block =
            format!("-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\n");
        let line = "nothing to see in this line, nor in the next one\n";
        for lines in 0..120 {
            let before = line.repeat(lines);
            let after = line.repeat(200);
            let text = format!("{before}{block}{after}");
            let want = format!("{before}[redacted: private-key #1]\n{after}");
            assert!(
                sized(text.as_bytes(), 1 << 9, SMALL) == want.as_bytes(),
                "{lines}"
            );
        }
    }

    #[test]
    fn a_line_without_end_needs_no_more_memory_than_others() {
        let mut redactor = Redactor::new(Level::Default);
        let mut filter = Filter::new(&mut redactor);
        filter.stages = std::array::from_fn(|_| Stage::new(SMALL));
        let mut out = Vec::new();
        let mut largest = 0;
        for _ in 0..400 {
            filter.push(&[b' '; 1 << 9], &mut out);
            largest = largest.max(filter.stages.iter().map(|stage| stage.window.len()).sum());
        }
        filter.finish(&mut out);
        assert_eq!(out.len(), 400 << 9);
        assert!(
            largest <= LOOKS * (SMALL.line + 2 * SMALL.held),
            "{largest}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn pieces_make_no_difference(seed: u64, piece in 1usize..9000) {
            let mut draw = Draw::new(seed);
            let mut text = String::new();
            while text.len() < 40 << 10 {
                let line = match draw.next() % 60 {
                    0 => draw.fill("DB_PASSWORD={strong:14}\n"),
                    1 => draw.fill("token: |\n  {alnum:32}\n"),
                    2 => draw.fill("-----BEGIN EC PRIVATE KEY-----\n{b64:64}\n{b64:40}\n-----END EC PRIVATE KEY-----\n"),
                    3 => draw.fill("{b64:64}\n{b64:64}\n{b64:30}=\n-----END PRIVATE KEY-----\n"),
                    4 => "-----BEGIN RSA PRIVATE KEY-----\n".to_owned(),
                    5 => draw.fill("\u{1b}[1mghp_{alnum:36}\u{1b}[0m\r\n"),
                    6 => draw.fill("name: CI_TOKEN\n- value: {hex:40}\n"),
                    _ => "   at src/pack.rs:41:9 in pack::fill (budget = 1500)\n".to_owned(),
                };
                text.push_str(&line);
            }
            let whole = filtered(text.as_bytes(), text.len());
            prop_assert!(sized(text.as_bytes(), piece, SMALL) == whole);
        }
    }
}
