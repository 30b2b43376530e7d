//! Bounded texts: how much of what is kept.
//!
//! The bounds are per text and in bytes. They hold what a handoff could ever
//! quote or match, and keep a log of any size from becoming memory of that
//! size; [`super::gather`] bounds their sum.

use super::model::{Origin, Text};

/// How much is kept of a text that is longer than both together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) head: usize,
    pub(super) tail: usize,
}

const KIB: usize = 1024;

/// A shell's output. Compilers say the first error first, test runners the
/// summary last, and the summary is worth more.
pub(super) const SHELL: Bound = bound(16 * KIB, 48 * KIB);
/// A person's words, an answer, a plan, prose. Longer ones are pasted logs.
pub(super) const PROSE: Bound = bound(12 * KIB, 4 * KIB);
/// The summary of a compaction: of 38 real ones, 7 were longer than other prose is kept, the longest 19.6 KB.
pub(super) const SUMMARY: Bound = bound(48 * KIB, 16 * KIB);
/// Thoughts: their conclusions are repeated in prose and calls.
pub(super) const THINKING: Bound = bound(2 * KIB, 2 * KIB);
/// One side of an edit, or a new file.
pub(super) const EDIT: Bound = bound(24 * KIB, 8 * KIB);
/// What tools other than a shell answer.
pub(super) const OUTPUT: Bound = bound(4 * KIB, 4 * KIB);
/// The contents of a file that was read: what it names and defines.
pub(super) const CONTENTS: Bound = bound(24 * KIB, 4 * KIB);
/// A command line: a here-document in it may be a whole file.
pub(super) const COMMAND: Bound = bound(24 * KIB, 8 * KIB);
/// A name, a path, a title, a subject.
pub(super) const NAME: Bound = bound(3 * KIB, KIB);
/// What a tool printed long ago, or what was put into a file: how it began, and how it ended.
pub(super) const OLD: Bound = bound(64, 192);
/// A command that ran long ago.
pub(super) const OLD_COMMAND: Bound = bound(KIB, KIB);

const fn bound(head: usize, tail: usize) -> Bound {
    Bound { head, tail }
}

impl Bound {
    /// Cuts a string that was not cut before, or to more than this.
    pub(super) fn cut(self, text: &mut String) {
        if text.len() > self.head + self.tail {
            *text = string(text, self);
        }
    }
}

/// A text cut in the middle, which can be cut again without a trace of the first cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clip {
    head: String,
    /// Empty if nothing was left out.
    tail: String,
    left_out: usize,
}

impl Clip {
    pub(super) fn new(text: &str, bound: Bound) -> Self {
        if text.len() <= bound.head + bound.tail {
            return Self {
                head: text.to_owned(),
                ..Self::default()
            };
        }
        let head = text.get(..text.floor_char_boundary(bound.head));
        let tail = text.get(text.ceil_char_boundary(text.len() - bound.tail)..);
        let (head, tail) = (head.unwrap_or_default(), tail.unwrap_or_default());
        Self {
            head: head.to_owned(),
            tail: tail.to_owned(),
            left_out: text.len() - head.len() - tail.len(),
        }
    }

    /// Cuts down to a smaller bound, as if the first had never been applied.
    pub(super) fn shrink(self, bound: Bound) -> Self {
        if self.left_out == 0 {
            // Most texts are short.
            let fits = self.head.len() <= bound.head + bound.tail;
            return if fits {
                self
            } else {
                Self::new(&self.head, bound)
            };
        }
        let head = self.head.floor_char_boundary(bound.head);
        let tail = self
            .tail
            .ceil_char_boundary(self.tail.len().saturating_sub(bound.tail));
        Self {
            left_out: self.left_out + (self.head.len() - head) + tail,
            head: self.head.get(..head).unwrap_or_default().to_owned(),
            tail: self.tail.get(tail..).unwrap_or_default().to_owned(),
        }
    }

    /// As [`Clip::shrink`].
    pub(super) fn shrink_in_place(&mut self, bound: Bound) {
        *self = std::mem::take(self).shrink(bound);
    }

    /// This text with `next` on a new line behind it, within `bound`.
    pub(super) fn followed_by(self, next: Self, bound: Bound) -> Self {
        if self.is_empty() || next.is_empty() {
            return if self.is_empty() { next } else { self };
        }
        let whole = |clip: Self| match clip.left_out {
            0 => (clip.head, 0),
            left_out => (clip.head + &left_out_line(left_out) + &clip.tail, left_out),
        };
        let ((mut text, before), (behind, after)) = (whole(self), whole(next));
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut clip = Self::new(&(text + &behind), bound);
        if clip.left_out > 0 {
            clip.left_out += before + after;
        }
        clip
    }

    /// Bytes that are kept.
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// The beginning, up to the cut.
    pub(super) fn head(&self) -> &str {
        &self.head
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// The text, with a line that tells of the cut.
    pub(super) fn into_text(self, origin: Origin) -> Text {
        let text = if self.left_out == 0 {
            self.head
        } else {
            self.head + &left_out_line(self.left_out) + &self.tail
        };
        Text {
            text,
            left_out: self.left_out,
            origin,
        }
    }
}

impl Text {
    /// Cuts down to a bound of which each side is smaller than that of the first cut, as if that had never been.
    pub(super) fn shorten(&mut self, bound: Bound) {
        let Clip {
            head,
            tail,
            left_out,
        } = Clip::new(&self.text, bound);
        if left_out == 0 {
            return;
        }
        let marker = match self.left_out {
            0 => 0,
            first => left_out_line(first).len(),
        };
        let cut = Clip {
            head,
            tail,
            left_out: self.left_out + left_out - marker,
        };
        *self = cut.into_text(self.origin);
    }
}

/// The line that tells of a cut.
fn left_out_line(bytes: usize) -> String {
    format!("\n[{bytes} bytes left out]\n")
}

/// A bounded text.
pub(super) fn text(text: &str, bound: Bound, origin: Origin) -> Text {
    Clip::new(text, bound).into_text(origin)
}

/// A bounded string.
pub(super) fn string(text: &str, bound: Bound) -> String {
    Clip::new(text, bound).into_text(Origin::Tool).text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_second_cut_leaves_no_trace_of_the_first(length in 0usize..400, each in "[aé\n]") {
            let long = each.repeat(length);
            let (first, second) = (bound(80, 40), bound(10, 30));
            let once = Clip::new(&long, second).into_text(Origin::File);
            let twice = Clip::new(&long, first).shrink(second).into_text(Origin::File);
            prop_assert_eq!(&twice, &once);
            let mut text = text(&long, first, Origin::File);
            text.shorten(second);
            prop_assert_eq!(&text, &once);
        }
    }
}
