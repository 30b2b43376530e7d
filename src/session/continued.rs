//! Answers in pieces → one answer to the call that started it.
//!
//! Some agents wait only so long for a command. What it printed by then is the
//! answer, with a handle under which the process is asked for more, again and
//! again, and the answer that ends it may name another handle. All of them
//! are the answer of the command that was called. What is never ended goes on
//! in the background.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::clip::SHELL;
use super::input::{CONTINUE, END};
use super::model::Input;
use super::node::{Node, Part, Returned, Sign};

/// A process that goes on.
struct Open {
    /// The call that started it.
    call: Box<str>,
    /// Its command.
    command: String,
    /// The node with the answer so far.
    node: usize,
    /// The handle before this one: a script that waited for a process is over when it says so, the process may not be.
    before: Option<String>,
}

/// Puts the pieces together, in file order: the last piece stands for all, with the texts of all.
///
/// What was ended is no evidence. Of a process that is not asked again, and whose command was run again, nothing tells
/// how it ended. A log without such calls is left as it is.
pub(super) fn together(mut nodes: Vec<Node>) -> Vec<Node> {
    let asks = |part: &Part| matches!(part, Part::Call { name, .. } if is_asking(name));
    if !nodes.iter().flat_map(|node| &node.parts).any(asks) {
        return nodes;
    }
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
    // The calls that ask for more, with the handle; true if they end the process.
    let mut asked: HashMap<Box<str>, (String, bool)> = HashMap::new();
    let mut strays: HashSet<Box<str>> = HashSet::new();
    // The commands of calls that are not answered yet.
    let mut commands: HashMap<Box<str>, String> = HashMap::new();
    for at in 0..nodes.len() {
        let Some(node) = nodes.get_mut(at) else { break };
        let mut left_out: HashSet<Box<str>> = HashSet::new();
        let mut again = Vec::new();
        for part in &node.parts {
            match part {
                Part::Call {
                    id,
                    name,
                    input: Input::Task { id: handle, stop },
                    ..
                } if is_asking(name) && open.contains_key(handle) => {
                    asked.insert(id.clone(), (handle.clone(), *stop));
                    left_out.insert(id.clone());
                }
                // Nothing tells what the process is: what it prints stands by itself.
                Part::Call { id, name, .. } if is_asking(name) => {
                    strays.insert(id.clone());
                }
                Part::Call {
                    id,
                    input: Input::Shell { command, .. },
                    ..
                } => {
                    let same = |known: &Open| {
                        command.contains(&known.command) || known.command.contains(command)
                    };
                    let over = open.iter().filter(|(_, known)| same(known));
                    again.extend(over.map(|(handle, _)| handle.clone()));
                    commands.insert(id.clone(), command.clone());
                }
                _ => {}
            }
        }
        node.parts
            .retain(|part| !matches!(part, Part::Call { id, .. } if left_out.contains(id)));
        for handle in again {
            if let Some(known) = open.remove(&handle)
                && let Some(piece) = answer(&mut nodes, known.node, &known.call)
            {
                piece.background = None;
                piece.status_unknown = true;
            }
        }
        for place in 0..nodes.get(at).map_or(0, |node| node.parts.len()) {
            let Some(id) = result(&nodes, at, place).map(|piece| piece.id.clone()) else {
                continue;
            };
            let mut command = commands.remove(&id);
            let mut stopped = false;
            let mut under = None;
            let mut outer = None;
            let before = asked.remove(&id).and_then(|(handle, stop)| {
                stopped = stop;
                let known = open.remove(&handle);
                under = Some(handle);
                known
            });
            let earlier = before.filter(|known| known.node < at).map(|known| {
                command = Some(known.command);
                outer = known.before;
                let node = nodes.get_mut(known.node);
                (node.and_then(|node| take(node, &known.call)), known.call)
            });
            let Some(Part::Result(piece)) =
                nodes.get_mut(at).and_then(|node| node.parts.get_mut(place))
            else {
                continue;
            };
            if let Some((earlier, call)) = earlier {
                piece.id = call;
                if let Some(earlier) = earlier {
                    let text = std::mem::take(&mut piece.text);
                    piece.text = earlier.text.followed_by(text, SHELL);
                }
                if stopped && piece.background.is_none() {
                    piece.sign = Sign::Cancelled;
                }
            }
            if strays.remove(&id) {
                piece.background = None;
            }
            let (handles, before) = match &piece.background {
                Some(told) => (
                    [Some(told.clone()), None],
                    under.filter(|asked| asked != told).or(outer),
                ),
                // Where nothing tells that it ended, it may be asked again.
                None if piece.status_unknown => ([under, outer], None),
                None => ([None, None], None),
            };
            let Some(command) = command else { continue };
            for handle in handles.into_iter().flatten() {
                let known = Open {
                    call: piece.id.clone(),
                    command: command.clone(),
                    node: at,
                    before: before.clone(),
                };
                open.insert(handle, known);
            }
        }
    }
    nodes
}

fn is_asking(name: &str) -> bool {
    name == CONTINUE || name == END
}

/// The answer to `call` in the node at `at`.
fn answer<'a>(nodes: &'a mut [Node], at: usize, call: &str) -> Option<&'a mut Returned> {
    nodes
        .get_mut(at)?
        .parts
        .iter_mut()
        .find_map(|part| match part {
            Part::Result(piece) if *piece.id == *call => Some(&mut **piece),
            _ => None,
        })
}

fn result(nodes: &[Node], at: usize, place: usize) -> Option<&Returned> {
    match nodes.get(at)?.parts.get(place)? {
        Part::Result(piece) => Some(piece),
        _ => None,
    }
}

/// Takes the answer to `call` out of `node`.
fn take(node: &mut Node, call: &str) -> Option<Box<Returned>> {
    let is_it = |part: &Part| matches!(part, Part::Result(piece) if *piece.id == *call);
    let place = node.parts.iter().position(is_it)?;
    match node.parts.remove(place) {
        Part::Result(piece) => Some(piece),
        _ => None,
    }
}
