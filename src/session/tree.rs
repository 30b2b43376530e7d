//! Which records are the conversation, and which a rewind left behind.
//!
//! The links form a forest, and a fork in it is nearly always two tools that
//! ran side by side: of over a thousand forks read, one was a rewind. So a
//! fork counts only between prompts of a person that go on from the same
//! answer, and in every doubt a record is live.

use std::collections::{HashMap, HashSet};

use super::node::{Key, Node, Part, Role};

/// The main conversation's records in file order, linked.
pub(super) struct Tree {
    /// The record before each, by index: always an earlier one, so there is no cycle.
    parents: Vec<Option<usize>>,
    /// Parents that are named and not there, or not before their child.
    dangling: usize,
}

/// Share of unresolved parents from which the links are not believed: one in ten.
const BAD: usize = 10;

impl Tree {
    /// Links `nodes`. A parent that is missing, or does not stand before its child, makes a root.
    ///
    /// `copies` names records that were left out as copies of an earlier one, by the index of that.
    pub(super) fn new(nodes: &[Node], copies: &HashMap<Key, usize>) -> Self {
        let mut seen: HashMap<Key, usize> = copies.clone();
        let mut dangling = 0;
        let mut parents = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let parent = node.parent.or(node.logical_parent);
            let found = parent
                .and_then(|key| seen.get(&key).copied())
                .filter(|&parent| parent < index);
            dangling += usize::from(node.parent.is_some() && found.is_none());
            parents.push(found);
            if let Some(key) = node.key {
                seen.entry(key).or_insert(index);
            }
        }
        Self { parents, dangling }
    }

    /// For each record, whether it is on the branch that the session ended on.
    pub(super) fn live(&self, nodes: &[Node], own: Option<&str>) -> Vec<bool> {
        let mut live = vec![true; nodes.len()];
        if self.dangling * BAD <= nodes.len() {
            for root in self.left_behind(nodes) {
                if let Some(slot) = live.get_mut(root) {
                    *slot = false;
                }
            }
        }
        let retracted: HashSet<Key> = nodes
            .iter()
            .flat_map(|node| &node.parts)
            .filter_map(|part| match part {
                Part::Retracted(keys) => Some(keys),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        for (node, slot) in nodes.iter().zip(&mut live) {
            if node.key.is_some_and(|key| retracted.contains(&key)) {
                *slot = false;
            }
        }
        self.strangers(nodes, own, &mut live);
        live
    }

    /// The records on branches that a rewind left behind.
    fn left_behind(&self, nodes: &[Node]) -> Vec<usize> {
        // The answer that each record goes on from, over records that only link.
        let mut answers: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
        let mut forks: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut order = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let answer = self.parent(index).map(|above| {
                let links = nodes.get(above).is_some_and(|node| node.role == Role::Link);
                match answers.get(above).copied().flatten() {
                    Some(further) if links => further,
                    _ => above,
                }
            });
            answers.push(answer);
            if node.role == Role::Person
                && let Some(answer) = answer
            {
                let prompts = forks.entry(answer).or_default();
                prompts.push(index);
                if prompts.len() == 2 {
                    order.push(answer);
                }
            }
        }
        let leaf = self.leaf(nodes);
        let line = self.line_to(leaf);
        let mut dead = vec![false; nodes.len()];
        for fork in order {
            let branches = forks.remove(&fork).unwrap_or_default();
            // On a branch that is not live itself, the latest is as good as any.
            let keep = branches
                .iter()
                .find(|&branch| line.get(*branch).copied().unwrap_or(false))
                .or(branches.last())
                .copied();
            for branch in branches {
                if Some(branch) != keep
                    && let Some(slot) = dead.get_mut(branch)
                {
                    *slot = true;
                }
            }
        }
        for index in 0..dead.len() {
            if let Some(parent) = self.parent(index)
                && dead.get(parent).copied().unwrap_or(false)
                && let Some(slot) = dead.get_mut(index)
            {
                *slot = true;
            }
        }
        (0..dead.len())
            .filter(|&index| dead.get(index).copied().unwrap_or(false))
            .collect()
    }

    /// The record before the one at `index`.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.parents.get(index).copied().flatten()
    }

    /// The leaf of the live branch: the one noted last, unless a prompt came after the note.
    fn leaf(&self, nodes: &[Node]) -> Option<usize> {
        let mut noted = None;
        let mut last = None;
        for (index, node) in nodes.iter().enumerate() {
            if node.role == Role::Person {
                noted = None;
            }
            if node.role != Role::State {
                last = Some(index);
            }
            for part in &node.parts {
                if let Part::Leaf(key) = part {
                    noted = Some(*key);
                }
            }
        }
        noted
            .and_then(|key| nodes.iter().position(|node| node.key == Some(key)))
            .or(last)
    }

    /// Marks `leaf` and all records above it.
    fn line_to(&self, leaf: Option<usize>) -> Vec<bool> {
        let mut line = vec![false; self.parents.len()];
        let mut at = leaf;
        while let Some(index) = at {
            if let Some(slot) = line.get_mut(index) {
                *slot = true;
            }
            at = self.parent(index);
        }
        line
    }

    /// Records of another session in the same file: a copied history that the
    /// session's own records go on from is live, a conversation of its own is not.
    fn strangers(&self, nodes: &[Node], own: Option<&str>, live: &mut [bool]) {
        let is_own = |node: &Node| own.is_none() || node.session.as_deref() == own;
        if nodes
            .iter()
            .all(|node| node.role == Role::State || is_own(node))
        {
            return;
        }
        let first = nodes
            .iter()
            .position(|node| node.role != Role::State && is_own(node));
        let mut continued = vec![false; nodes.len()];
        for (index, node) in nodes.iter().enumerate().rev() {
            let goes_on = continued.get(index).copied().unwrap_or(false);
            if (goes_on || (node.role != Role::State && is_own(node)))
                && let Some(parent) = self.parent(index)
                && let Some(slot) = continued.get_mut(parent)
            {
                *slot = true;
            }
        }
        // One verdict for each other session: some record of it goes on into
        // the session's own, or all of it stands before them.
        let mut verdicts: HashMap<Option<&str>, (bool, bool)> = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            if node.role == Role::State || is_own(node) {
                continue;
            }
            let connected = continued.get(index).copied().unwrap_or(false);
            let before = first.is_none_or(|first| index < first);
            let (some, all) = verdicts
                .entry(node.session.as_deref())
                .or_insert((false, true));
            *some |= connected;
            *all &= before;
        }
        for (node, slot) in nodes.iter().zip(live) {
            if node.role != Role::State
                && !is_own(node)
                && node.session.is_some()
                && verdicts.get(&node.session.as_deref()) == Some(&(false, false))
            {
                *slot = false;
            }
        }
    }
}
