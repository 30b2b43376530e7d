//! What one record becomes before the records are joined: owned and bounded.

use std::collections::VecDeque;
use std::num::NonZeroU128;
use std::sync::Arc;

use jiff::Timestamp;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::clip::Clip;
use super::model::{Drift, Input, Notice, Tally, Usage};
use super::past::Past;
use crate::error::Problem;
use crate::record::scan::Span;

/// The records of one unit of lines, each read by itself.
///
/// Made by [`super::digest()`], in parallel if one likes, put together in file
/// order by [`Digest::append`], and joined by [`super::Builder`].
#[derive(Debug, Default)]
pub struct Digest {
    /// The number of the unit's first line.
    pub(super) first_line: u32,
    /// What is left of records that are old, since there is enough behind them.
    pub(super) past: Past,
    /// The records behind those.
    pub(super) nodes: VecDeque<Node>,
    /// What these weigh: see [`super::gather`].
    pub(super) young: usize,
    pub(super) tally: Tally,
    pub(super) drift: Drift,
    /// The first few problems.
    pub(super) problems: Vec<Problem>,
    /// How many problems there are, without `unfinished`.
    pub(super) problem_count: u64,
    /// The last line of the unit, if it ends in the middle of a record.
    pub(super) unfinished: Option<Problem>,
    /// What the log cannot give, each once, in the order of the lines.
    pub(super) notices: Vec<&'static str>,
    /// Bytes of the lines, line ends included.
    pub(super) bytes: u64,
}

/// A uuid, as a number. Never zero, so that a node's three take no more room than they must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key(NonZeroU128);

impl Key {
    /// The number that a UUID is, or a hash of any other text.
    pub(super) fn new(uuid: &str) -> Self {
        if let Some(number) = number(uuid.as_bytes()) {
            return Self::of(number);
        }
        let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
        for byte in uuid.bytes() {
            // FNV-1a, 128 bits.
            hash = (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
        Self::of(hash)
    }

    /// The same of a string that is not decoded yet.
    pub(super) fn read(uuid: Span<'_>) -> Option<Self> {
        let inner = uuid.bytes().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        match number(inner) {
            Some(number) => Some(Self::of(number)),
            None => uuid.as_str().map(|uuid| Self::new(&uuid)),
        }
    }

    fn of(number: u128) -> Self {
        Self(NonZeroU128::new(number).unwrap_or(NonZeroU128::MAX))
    }
}

/// The number that a UUID in small letters is.
fn number(uuid: &[u8]) -> Option<u128> {
    let mut halves = [0u64; 2];
    let mut digits = 0;
    for byte in uuid {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'-' => continue,
            _ => return None,
        };
        let half = halves.get_mut(digits / 16)?;
        *half = *half << 4 | u64::from(digit);
        digits += 1;
    }
    let [high, low] = halves.map(u128::from);
    (digits == 32 && uuid.len() == 36).then_some(high << 64 | low)
}

/// A number for a message's id that is the same in each build and on each machine: FNV-1a, 64 bits.
pub(super) fn message_hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A number for the bytes of a message, to tell a copy from another message within one run.
pub(super) fn copy_hash(message: &[u8]) -> u64 {
    // The ends tell two messages apart as well as the whole, and an image is long.
    const END: usize = 2048;
    match message.len().checked_sub(2 * END) {
        None | Some(0) => xxh3_64(message),
        Some(_) => {
            let (head, rest) = message.split_at(END);
            let (_, tail) = rest.split_at(rest.len() - END);
            xxh3_64_with_seed(tail, xxh3_64_with_seed(head, message.len() as u64))
        }
    }
}

/// A record, owned.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) key: Option<Key>,
    pub(super) parent: Option<Key>,
    pub(super) logical_parent: Option<Key>,
    /// The uuid as text, where an event will carry it.
    pub(super) uuid: Option<Box<str>>,
    pub(super) session: Option<Arc<str>>,
    pub(super) time: Option<Timestamp>,
    pub(super) cwd: Option<Arc<str>>,
    pub(super) version: Option<Arc<str>>,
    pub(super) branch: Option<Arc<str>>,
    pub(super) agent: Option<Arc<str>>,
    pub(super) sidechain: bool,
    pub(super) role: Role,
    /// See [`copy_hash`].
    pub(super) copy: Option<u64>,
    pub(super) parts: Vec<Part>,
}

/// What a record is in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// A person's prompt.
    Person,
    /// An answer of the model, or of a tool.
    Reply,
    /// Anything else of the chain: it only links.
    #[default]
    Link,
    /// Not in the chain.
    State,
}

/// What a record says; a record may say several things.
#[derive(Debug)]
pub(super) enum Part {
    Prompt {
        way: Way,
        text: Clip,
        images: u32,
    },
    Say(Clip),
    Think(Clip),
    Call {
        id: Box<str>,
        name: Box<str>,
        input: Input,
        /// The folder that it names for itself.
        folder: Option<Box<str>>,
    },
    Result(Box<Returned>),
    /// The context was replaced.
    Boundary {
        manual: bool,
    },
    /// The summary that replaced it.
    Summary(Clip),
    Notice(Notice),
    Background {
        task: String,
        call: Option<String>,
        status: String,
        exit: Option<i32>,
        text: Clip,
    },
    /// Tokens of a message, and why it stopped.
    Tokens {
        message: u64,
        usage: Usage,
        model: Option<Arc<str>>,
        stop: Option<Stop>,
    },
    Enqueue(Clip),
    Delivered,
    TakenBack(Clip),
    Leaf(Key),
    Retracted(Vec<Key>),
    CustomTitle(String),
    AiTitle(String),
    PullRequest {
        number: u64,
        url: String,
    },
    Relocated(Arc<str>),
}

/// The way a prompt came in, as far as one record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Typed,
    /// In an attachment, while the agent worked.
    Queued,
    /// In one record with a tool's answer.
    Beside,
    Command(String),
    Shell,
    Memory,
    Plan,
}

/// Why a message stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// For a tool call.
    Call,
    /// Since it was done.
    Done,
    /// For another reason.
    Other,
}

/// The answer of a tool, as far as one record tells.
#[derive(Debug, Default)]
pub(super) struct Returned {
    pub(super) id: Box<str>,
    pub(super) sign: Sign,
    /// What it said, without tags and prefixes; cut as a shell's output.
    pub(super) text: Clip,
    pub(super) exit: Option<i32>,
    pub(super) background: Option<String>,
    pub(super) created: Option<bool>,
    pub(super) lines: Option<(u32, u32)>,
    pub(super) user_modified: bool,
    pub(super) status_unknown: bool,
    /// True if the text is what a file holds, or that it was changed, and nothing else is told by it.
    pub(super) of_file: bool,
    pub(super) agent: Option<String>,
    pub(super) task: Option<String>,
    pub(super) tasks: Vec<(String, String, String)>,
    pub(super) answers: Vec<(String, Clip)>,
    pub(super) plan: Option<Clip>,
}

/// How an answer looks, whichever tool gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Sign {
    #[default]
    Ok,
    Error,
    /// Marked as a misuse of the tool.
    Misuse,
    /// Refused by a person, with the reason given.
    Refused(Clip),
    Blocked,
    Cancelled,
    Interrupted,
    TimedOut,
}
