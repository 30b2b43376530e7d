//! The digests of one file, one after the other → one digest, bounded as a whole.
//!
//! Each text is bounded already; here their sum is. The newest records are
//! kept as they are, up to what they weigh; of what is older, [`super::past`]
//! keeps what lasts.

use super::digest::{EXAMPLES, NAMES};
use super::model::{Drift, Input, Tally};
use super::node::{Digest, Node, Part};
use crate::read::RECENT;

/// What a record weighs without texts.
const RECORD: usize = 256;

impl Digest {
    /// Adds the digest of the lines that follow.
    pub fn append(&mut self, next: Self) {
        self.append_within(next, RECENT);
    }

    /// As [`Digest::append`], with another bound.
    ///
    /// In the end, a record is old if and only if those behind it weigh more
    /// than `whole`, wherever one digest ended and the next one began.
    pub(crate) fn append_within(&mut self, mut next: Self, whole: usize) {
        // All that stands before what is old is older.
        if !next.past.is_empty() {
            self.nodes.drain(..).for_each(|node| self.past.take(node));
            self.young = 0;
            let mut past = std::mem::take(&mut next.past);
            self.past.within(past.span);
            let spent = std::mem::take(&mut past.spent);
            past.into_nodes().for_each(|node| self.past.take(node));
            self.past.spent.append(spent);
        }
        self.nodes.append(&mut next.nodes);
        self.young += next.young;
        self.add(next);
        self.age(whole);
    }

    /// Adds the digest of the lines that follow, which are old.
    pub(crate) fn append_old(&mut self, mut next: Self) {
        self.past.within(next.past.span);
        next.nodes.drain(..).for_each(|node| self.past.take(node));
        self.add(next);
    }

    /// What its records weigh.
    pub(crate) fn weight(&self) -> usize {
        self.young
    }

    /// Says that there are so many lines before its first.
    pub(crate) fn behind(&mut self, lines: u32) {
        self.first_line = self.first_line.saturating_add(lines);
        for node in &mut self.nodes {
            node.line = node.line.saturating_add(lines);
        }
        for problem in self.problems.iter_mut().chain(&mut self.unfinished) {
            problem.line = problem.line.saturating_add(lines);
        }
    }

    /// Says how many bytes a whole file has: each line counts one for its end, and the last may have none.
    pub fn clip(&mut self, bytes: u64) {
        self.bytes = self.bytes.min(bytes);
    }

    /// All but the records.
    fn add(&mut self, next: Self) {
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
    }

    /// Parts with what is old by now.
    pub(super) fn age(&mut self, whole: usize) {
        while let Some(node) = self.nodes.front() {
            let behind = self.young - weight(node);
            if behind <= whole {
                break;
            }
            self.young = behind;
            if let Some(old) = self.nodes.pop_front() {
                self.past.take(old);
            }
        }
    }
}

/// What a record weighs: about the bytes that it takes in memory.
pub(super) fn weight(node: &Node) -> usize {
    let part = |part: &Part| match part {
        Part::Result(answer) => RECORD + answer.text.len(),
        Part::Prompt { text, .. }
        | Part::Say(text)
        | Part::Think(text)
        | Part::Summary(text)
        | Part::Background { text, .. }
        | Part::Enqueue(text) => text.len(),
        Part::Call { input, .. } => match input {
            Input::Shell { command, .. } => command.len(),
            Input::Edit { hunks, .. } => hunks
                .iter()
                .map(|(old, new)| old.text.len() + new.text.len())
                .sum(),
            Input::Write { content, .. } => content.text.len(),
            Input::Agent { prompt, .. } | Input::Plan(prompt) => prompt.text.len(),
            Input::TaskCreate { description, .. } => description.len(),
            Input::Todos(todos) => todos.iter().map(|todo| todo.content.len()).sum(),
            _ => 0,
        },
        _ => 0,
    };
    RECORD + node.parts.iter().map(part).sum::<usize>()
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

    use super::super::clip::{Clip, PROSE};
    use super::super::node::Way;
    use super::*;

    /// The digest of so many words of a person.
    fn of(lengths: &[usize]) -> Digest {
        let mut digest = Digest::default();
        for &length in lengths {
            let said = Part::Say(Clip::new(&"x".repeat(length), PROSE));
            let prompt = Part::Prompt {
                way: Way::Typed,
                text: Clip::new("go on", PROSE),
                images: 0,
            };
            let node = Node {
                parts: vec![prompt, said],
                ..Node::default()
            };
            digest.young += weight(&node);
            digest.nodes.push_back(node);
        }
        digest
    }

    /// For each record that is left, whether it is as it was.
    fn kept(digest: Digest) -> Vec<bool> {
        let all = digest.past.into_nodes().chain(digest.nodes);
        all.map(|node| node.parts.len() == 2).collect()
    }

    proptest! {
        #[test]
        fn what_has_enough_behind_it_is_old_however_it_was_read(
            lengths in prop::collection::vec(0usize..4000, 0..40),
            whole in 0usize..20_000,
            cuts in prop::collection::vec(0usize..40, 0..6),
            pairs in any::<bool>(),
        ) {
            let weights: Vec<usize> = of(&lengths).nodes.iter().map(weight).collect();
            let expected: Vec<bool> = (0..lengths.len())
                .map(|at| weights[at + 1..].iter().sum::<usize>() <= whole)
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
            prop_assert_eq!(kept(digest), expected);
        }
    }
}
