//! Bytes of any kind as text to look at, with the way back to the bytes.
//!
//! What is looked at has no terminal sequences and no invisible characters,
//! and bytes that are no UTF-8 are U+FFFD; what is found there is replaced in
//! the bytes as they stand.

use std::ops::Range;

use crate::safety::clean::each_shown;

/// A text made of bytes.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) text: String,
    /// Stretches of the text and of the bytes they stand for, in order of both.
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Where it begins in the text, and its length there.
    at: usize,
    len: usize,
    bytes: Range<usize>,
}

impl View {
    /// The bytes as text; what is no UTF-8 becomes U+FFFD.
    pub(super) fn decoded(bytes: &[u8]) -> Self {
        let mut view = Self::default();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let (valid, invalid) = (chunk.valid(), chunk.invalid());
            if !valid.is_empty() {
                view.push(valid, at..at + valid.len());
            }
            at += valid.len();
            if !invalid.is_empty() {
                view.push("\u{fffd}", at..at + invalid.len());
            }
            at += invalid.len();
        }
        view
    }

    /// What a reader sees of this view; none if that is all of it.
    pub(super) fn shown(&self) -> Option<Self> {
        let plain = |b: &u8| matches!(b, b' '..=b'~' | b'\n' | b'\t') || *b >= 0x80;
        if self.text.is_ascii() && self.text.as_bytes().iter().all(plain) {
            return None;
        }
        let mut view = Self::default();
        let mut signs = [0; 4];
        each_shown(&self.text, |c, place| {
            view.push(c.encode_utf8(&mut signs), self.bytes(place));
        });
        (view.text != self.text).then_some(view)
    }

    fn push(&mut self, text: &str, bytes: Range<usize>) {
        let at = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.pieces.last_mut() {
            let alike = last.len == last.bytes.len() && text.len() == bytes.len();
            if alike && last.bytes.end == bytes.start {
                last.len += text.len();
                last.bytes.end = bytes.end;
                return;
            }
        }
        self.pieces.push(Piece {
            at,
            len: text.len(),
            bytes,
        });
    }

    /// The bytes from the first to the last character of a range of the text, and what is not shown between them.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        let piece = |at: usize| {
            let after = self.pieces.partition_point(|piece| piece.at <= at);
            self.pieces.get(after.checked_sub(1)?)
        };
        let start = piece(range.start).map_or(0, |piece| {
            if piece.len == piece.bytes.len() {
                piece.bytes.start + (range.start - piece.at)
            } else {
                piece.bytes.start
            }
        });
        let Some(last) = range.end.checked_sub(1).and_then(piece) else {
            return start..start;
        };
        let end = if last.len == last.bytes.len() {
            last.bytes.start + (range.end - last.at)
        } else {
            last.bytes.end
        };
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], text: &str, find: &str, want: &[u8]) {
        let view = View::decoded(bytes);
        let view = view.shown().unwrap_or(view);
        assert_eq!(view.text, text);
        let at = view.text.find(find).expect("it stands there");
        assert_eq!(&bytes[view.bytes(at..at + find.len())], want);
    }

    #[test]
    fn the_way_back_leads_to_the_bytes() {
        check(b"a key b", "a key b", "key", b"key");
        check(b"a k\x1b[1mey\x1b[0m b", "a key b", "key", b"k\x1b[1mey");
        check(
            b"\xff\xfek\xffy",
            "\u{fffd}\u{fffd}k\u{fffd}y",
            "k\u{fffd}y",
            b"k\xffy",
        );
        check(
            "é k\u{200b}ey\r\n".as_bytes(),
            "é key\n",
            "key\n",
            "k\u{200b}ey\r\n".as_bytes(),
        );
        check(b"10%\rkey\rx", "10%\rkey\rx", "key", b"key");
        check(b"k\0e\0y\0", "key", "key", b"k\0e\0y");
    }
}
