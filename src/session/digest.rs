//! Lines → nodes: each record by itself, without knowing the others.
//!
//! This is the costly part, and since no line needs another, units of lines
//! can be digested side by side.

use std::borrow::Cow;
use std::sync::Arc;

use super::clip::{NAME, string};
use super::gather::weight;
use super::model::Drift;
use super::node::{Digest, Key, Node, Role, copy_hash};
use super::parts::{answered, attached, noted, said, told};
use crate::error::Problem;
use crate::record::scan::Span;
use crate::record::{self, Body, Record, Unknown};

/// Problems told of one file; the rest are only counted. A log with a million
/// bad lines is one message, not a million.
pub(super) const EXAMPLES: usize = 8;

/// Names that [`Drift`] keeps of one kind, so that a log of invented names stays small.
pub(super) const NAMES: usize = 64;

/// Reads the lines of one unit.
///
/// `lines` gives each line without its `\n`, with its number, one-based;
/// `unit_first_line` is the number of the first, by which the digests of a file
/// are put in order. `path` is what problems name. Never fails: what cannot be
/// read is in the digest's tally and problems.
pub fn digest<'a>(
    unit_first_line: u32,
    lines: impl Iterator<Item = (u32, &'a [u8])>,
    path: &str,
) -> Digest {
    read(unit_first_line, lines, path, Depth::Whole)
}

/// As [`digest()`], of lines that are old: what [`super::past`] parts with is not read.
pub(crate) fn skim<'a>(
    unit_first_line: u32,
    lines: impl Iterator<Item = (u32, &'a [u8])>,
    path: &str,
) -> Digest {
    read(unit_first_line, lines, path, Depth::Lasting)
}

/// How much of a record is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// All that a handoff can use.
    Whole,
    /// What is left of it when it is old, or more.
    Lasting,
}

fn read<'a>(
    unit_first_line: u32,
    lines: impl Iterator<Item = (u32, &'a [u8])>,
    path: &str,
    depth: Depth,
) -> Digest {
    let mut digest = Digest {
        first_line: unit_first_line,
        ..Digest::default()
    };
    let mut names = Names::default();
    for (number, bytes) in lines {
        digest.bytes += bytes.len() as u64 + 1;
        digest.tally.lines += 1;
        // Only the last line of a file may be unfinished; this one is not.
        if let Some(problem) = digest.unfinished.take() {
            digest.report(problem);
        }
        let line = record::line(bytes);
        match (line.records.len(), line.fault, line.repaired) {
            (0, None, _) => digest.tally.blank += 1,
            (0, Some(_), _) => digest.tally.bad += 1,
            (1, None, false) => digest.tally.whole += 1,
            _ => digest.tally.repaired += 1,
        }
        digest.tally.records += line.records.len() as u64;
        for object in &line.records {
            match record::other::translated(object) {
                None => {
                    let record = Record::read(object);
                    let links = matches!(record.body, Body::Link);
                    digest.node(number, record, &mut names, depth);
                    if let Some(told) = links.then(|| record::relayed(object)).flatten() {
                        for object in &record::line(&told).records {
                            digest.node(number, Record::read(object), &mut names, depth);
                        }
                    }
                }
                Some(told) => {
                    if let Some(notice) = told.notice {
                        digest.note(notice);
                    }
                    for object in &record::line(&told.records).records {
                        digest.node(number, Record::read(object), &mut names, depth);
                    }
                }
            }
        }
        if let Some(fault) = line.fault {
            let problem = Problem {
                path: path.to_owned(),
                line: number,
                column: fault.column,
                what: fault.what.to_owned(),
            };
            if fault.cut {
                digest.unfinished = Some(problem);
            } else {
                digest.report(problem);
            }
        }
    }
    digest
}

/// Strings that stand on every record: kept once as long as they do not change.
#[derive(Default)]
pub(super) struct Names {
    session: Last,
    cwd: Last,
    version: Last,
    branch: Last,
    agent: Last,
    pub(super) model: Option<Arc<str>>,
}

/// A string as it stood on the last record that had it, and as it was kept.
type Last = Option<(Box<[u8]>, Arc<str>)>;

/// The string that `now` is, as it was kept the last time, if it has not changed.
fn kept<'a>(last: &mut Last, now: Option<Span<'a>>) -> Option<Arc<str>> {
    let now = now?;
    if let Some((bytes, kept)) = last
        && **bytes == *now.bytes()
    {
        return Some(Arc::clone(kept));
    }
    let kept: Arc<str> = Arc::from(string(&now.as_str()?, NAME));
    *last = Some((now.bytes().into(), Arc::clone(&kept)));
    Some(kept)
}

/// The string `now` as it was kept the last time, if it has not changed.
pub(super) fn shared(last: &mut Option<Arc<str>>, now: Option<Cow<'_, str>>) -> Option<Arc<str>> {
    let now = now?;
    if let Some(last) = last
        && **last == *now
    {
        return Some(Arc::clone(last));
    }
    let now = Arc::from(string(&now, NAME));
    *last = Some(Arc::clone(&now));
    Some(now)
}

impl Digest {
    pub(super) fn report(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < EXAMPLES {
            self.problems.push(problem);
        }
    }

    /// Tells what the log cannot give, once.
    pub(super) fn note(&mut self, notice: &'static str) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    fn node(&mut self, line: u32, mut record: Record<'_>, names: &mut Names, depth: Depth) {
        let mut unknown = Vec::new();
        let mut node = Node {
            line,
            sidechain: record.is_sidechain(),
            ..Node::default()
        };
        let mut message = None;
        match std::mem::replace(&mut record.body, Body::Link) {
            Body::User(user) => {
                message = user.message;
                said(&user, record.is_meta(), &mut node, &mut unknown, depth);
            }
            Body::Assistant(said) => {
                node.role = Role::Reply;
                message = said.message;
                node.parts = answered(&said, names, &mut unknown, depth);
            }
            Body::System(system) => node.parts = told(system),
            Body::Attachment(attachment) => attached(attachment, &mut node.parts),
            Body::Link => {}
            Body::State(state) => {
                node.role = Role::State;
                node.parts = noted(state);
            }
        }
        for name in std::mem::take(&mut record.unknown)
            .into_iter()
            .chain(unknown)
        {
            count(&mut self.drift, name);
        }
        // A state record that says nothing is neither linked nor told; nor is any other, long after.
        let links = node.role != Role::State;
        if node.parts.is_empty() && (!links || depth == Depth::Lasting) {
            if links {
                self.past.was_at(record.time());
            }
            return;
        }
        let envelope = record.envelope();
        if links {
            node.key = envelope.uuid.and_then(Key::read);
            node.parent = envelope.parent.and_then(Key::read);
        }
        node.logical_parent = envelope.logical_parent.and_then(Key::read);
        node.session = kept(&mut names.session, envelope.session);
        node.time = record.time();
        node.cwd = kept(&mut names.cwd, envelope.cwd);
        node.version = kept(&mut names.version, envelope.version);
        node.branch = kept(&mut names.branch, envelope.branch);
        node.agent = kept(&mut names.agent, envelope.agent);
        node.copy = message.map(|message| copy_hash(message.bytes()));
        if !node.parts.is_empty() {
            // Most records say one thing, and a list that grows makes room for four.
            node.parts.shrink_to_fit();
            let uuid = envelope.uuid.and_then(Span::as_str);
            node.uuid = uuid.map(|uuid| string(&uuid, NAME).into());
        }
        self.young += weight(&node);
        self.nodes.push_back(node);
    }
}

fn count(drift: &mut Drift, unknown: Unknown) {
    let (names, name) = match unknown {
        Unknown::Record(name) => (&mut drift.records, name),
        Unknown::System(name) => (&mut drift.systems, name),
        Unknown::Attachment(name) => (&mut drift.attachments, name),
        Unknown::Block(name) => (&mut drift.blocks, name),
        Unknown::Key(name) => (&mut drift.keys, name),
    };
    let name: String = name.chars().take(64).collect();
    if let Some(seen) = names.get_mut(&name) {
        *seen += 1;
    } else if names.len() < NAMES {
        names.insert(name, 1);
    }
}
