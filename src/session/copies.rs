//! What stands in a file twice, and whose session it is.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::model::Tally;
use super::node::{Key, Node, Part};

/// Leaves out records that stand in the file already: the same uuid, or, where
/// a compaction or a resume wrote them again, the same message at the same time.
///
/// Gives, for each uuid left out, the index of the record it copies.
///
/// Done in place, since the nodes of a long log are a good part of its memory.
pub(super) fn distinct(nodes: &mut Vec<Node>, tally: &mut Tally) -> HashMap<Key, usize> {
    let mut seen: HashMap<Key, usize> = HashMap::with_capacity(nodes.len());
    let mut messages: HashMap<(Timestamp, u64), usize> = HashMap::new();
    let mut copies = HashMap::new();
    // What is left stands in front of this.
    let mut end = 0;
    for at in 0..nodes.len() {
        let (kept, node) = match (nodes.get(..end), nodes.get(at)) {
            (Some(kept), Some(node)) => (kept, node),
            _ => break,
        };
        if let Some(key) = node.key {
            if let Some(&first) = seen.get(&key) {
                tally.duplicates += 1;
                // The first counts, unless it is the one that was written badly.
                if kept.get(first).is_some_and(|slot| slot.parts.is_empty()) {
                    nodes.swap(first, at);
                }
                continue;
            }
            if let Some(message) = node.time.zip(node.copy) {
                match messages.get(&message) {
                    Some(&first) if written_again(node, first, kept, &seen, &copies) => {
                        tally.duplicates += 1;
                        copies.insert(key, first);
                        continue;
                    }
                    Some(_) => {}
                    None => {
                        messages.insert(message, end);
                    }
                }
            }
            seen.insert(key, end);
        }
        nodes.swap(end, at);
        end += 1;
    }
    nodes.truncate(end);
    copies
}

/// True if a record with the message and the time of the record at `first`
/// also stands where a copy would: beside it, behind a copy, at a root, or
/// behind a compaction.
fn written_again(
    node: &Node,
    first: usize,
    kept: &[Node],
    seen: &HashMap<Key, usize>,
    copies: &HashMap<Key, usize>,
) -> bool {
    let Some(parent) = node.parent else {
        return true;
    };
    kept.get(first).and_then(|first| first.parent) == Some(parent)
        || copies.contains_key(&parent)
        || seen
            .get(&parent)
            .and_then(|&parent| kept.get(parent))
            .is_none_or(|parent| {
                let compacted =
                    |part: &Part| matches!(part, Part::Boundary { .. } | Part::Summary(_));
                parent.parts.iter().any(compacted)
            })
}

/// The session whose records lead: the one the file is named after, else the most frequent.
pub(super) fn leading(nodes: &[Node], named: Option<&str>) -> Option<Arc<str>> {
    let mut counts: Vec<(&Arc<str>, usize)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for session in nodes.iter().filter_map(|node| node.session.as_ref()) {
        match places.get(session.as_ref()) {
            Some(&place) => {
                if let Some((_, count)) = counts.get_mut(place) {
                    *count += 1;
                }
            }
            None => {
                places.insert(session, counts.len());
                counts.push((session, 1));
            }
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    counts
        .iter()
        .find(|(session, _)| named == Some(session.as_ref()))
        .or_else(|| counts.iter().find(|(_, count)| Some(*count) == most))
        .map(|(session, _)| Arc::clone(session))
}
