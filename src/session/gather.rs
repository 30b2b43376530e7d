//! The digests of one file, one after the other → one digest, bounded as a whole.
//!
//! Each text is bounded already; here their sum is. What tools printed and
//! what was put into files is kept as it is for the newest [`WHOLE`] bytes of
//! a file, which is more than a log of a hundred megabytes holds; of what is
//! older, only ends are kept. What a person and the agent said stays, and the
//! commands that ran.

use super::clip::{OLD, OLD_THOUGHT};
use super::digest::{EXAMPLES, NAMES};
use super::model::{Drift, Input, Tally};
use super::node::{Digest, Node, Part};

/// Bytes of texts of one file that are not cut for their age.
pub(super) const WHOLE: usize = 32 << 20;

impl Digest {
    /// Adds the digest of the lines that follow.
    ///
    /// In the end, a text is cut if and only if those behind it come to more
    /// than the bound, wherever one digest ended and the next one began.
    pub fn append(&mut self, next: Self) {
        self.append_within(next, WHOLE);
    }

    /// Says how many bytes a whole file has: each line counts one for its end, and the last may have none.
    pub fn clip(&mut self, bytes: u64) {
        self.bytes = self.bytes.min(bytes);
    }

    pub(super) fn append_within(&mut self, next: Self, whole: usize) {
        // Only the last line of a file is left to its writer.
        if let Some(problem) = self.unfinished.take() {
            self.report(problem);
        }
        self.problem_count += next.problem_count;
        self.problems.extend(next.problems);
        self.problems.truncate(EXAMPLES);
        self.unfinished = next.unfinished;
        self.bytes += next.bytes;
        next.notices.iter().for_each(|notice| self.note(notice));
        add_tally(&mut self.tally, &next.tally);
        add_drift(&mut self.drift, next.drift);

        let before = self.nodes.len();
        self.nodes.extend(next.nodes);
        self.young += next.young;
        if next.old > 0 {
            // All that stands before what is old is older.
            let older = self.nodes.iter_mut().take(before).skip(self.old);
            older.for_each(shorten);
            self.old = before + next.old;
            self.young = next.young;
        }
        self.age(whole);
    }

    /// Shortens what is old by now.
    pub(super) fn age(&mut self, whole: usize) {
        while let Some(node) = self.nodes.get_mut(self.old) {
            let behind = self.young - weight(node);
            if behind <= whole {
                break;
            }
            shorten(node);
            self.young = behind;
            self.old += 1;
        }
    }
}

/// Bytes of the texts that [`shorten`] may cut.
pub(super) fn weight(node: &Node) -> usize {
    let part = |part: &Part| match part {
        Part::Result(answer) => answer.text.len(),
        Part::Think(thought) => thought.len(),
        Part::Call { input, .. } => match input {
            Input::Edit { hunks, .. } => hunks
                .iter()
                .map(|(old, new)| old.text.len() + new.text.len())
                .sum(),
            Input::Write { content, .. } => content.text.len(),
            Input::Agent { prompt, .. } => prompt.text.len(),
            _ => 0,
        },
        _ => 0,
    };
    node.parts.iter().map(part).sum()
}

/// Cuts the texts of a node that is old.
fn shorten(node: &mut Node) {
    for part in &mut node.parts {
        match part {
            Part::Result(answer) => answer.text.shrink_in_place(OLD),
            Part::Think(thought) => thought.shrink_in_place(OLD_THOUGHT),
            Part::Call { input, .. } => match input {
                Input::Edit { hunks, .. } => {
                    for (old, new) in hunks {
                        old.shorten(OLD);
                        new.shorten(OLD);
                    }
                }
                Input::Write { content, .. } => content.shorten(OLD),
                Input::Agent { prompt, .. } => prompt.shorten(OLD),
                _ => {}
            },
            _ => {}
        }
    }
}

pub(super) fn add_tally(all: &mut Tally, one: &Tally) {
    all.lines += one.lines;
    all.blank += one.blank;
    all.whole += one.whole;
    all.repaired += one.repaired;
    all.bad += one.bad;
    all.records += one.records;
    all.duplicates += one.duplicates;
}

pub(super) fn add_drift(all: &mut Drift, one: Drift) {
    let pairs = [
        (&mut all.records, one.records),
        (&mut all.systems, one.systems),
        (&mut all.attachments, one.attachments),
        (&mut all.blocks, one.blocks),
        (&mut all.keys, one.keys),
    ];
    for (all, one) in pairs {
        for (name, count) in one {
            if let Some(seen) = all.get_mut(&name) {
                *seen += count;
            } else if all.len() < NAMES {
                all.insert(name, count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clip::{Clip, SHELL};
    use super::super::node::Returned;
    use super::*;

    /// The digest of answers of these lengths.
    fn of(lengths: &[usize]) -> Digest {
        let mut digest = Digest::default();
        for &length in lengths {
            let text = Clip::new(&"x".repeat(length), SHELL);
            let answer = Returned {
                text,
                ..Returned::default()
            };
            let node = Node {
                parts: vec![Part::Result(Box::new(answer))],
                ..Node::default()
            };
            digest.young += weight(&node);
            digest.nodes.push(node);
        }
        digest
    }

    fn kept(digest: &Digest) -> Vec<usize> {
        digest.nodes.iter().map(weight).collect()
    }

    proptest! {
        #[test]
        fn what_has_enough_behind_it_is_cut_however_it_was_read(
            lengths in prop::collection::vec(0usize..4000, 0..40),
            whole in 0usize..20_000,
            cuts in prop::collection::vec(0usize..40, 0..6),
            pairs in any::<bool>(),
        ) {
            let small = OLD.head + OLD.tail;
            let expected: Vec<usize> = (0..lengths.len())
                .map(|at| {
                    let behind: usize = lengths[at + 1..].iter().sum();
                    if behind > whole { lengths[at].min(small) } else { lengths[at] }
                })
                .collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(lengths.len())).collect();
            cuts.extend([0, lengths.len()]);
            cuts.sort_unstable();
            let mut parts: Vec<Digest> = cuts
                .windows(2)
                .map(|pair| of(&lengths[pair[0]..pair[1]]))
                .collect();
            if pairs && parts.len() > 1 {
                let last = parts.pop().expect("more than one");
                parts.last_mut().expect("one more").append_within(last, whole);
            }
            let mut digest = Digest::default();
            for part in parts {
                digest.append_within(part, whole);
            }
            prop_assert_eq!(kept(&digest), expected);
        }
    }
}
