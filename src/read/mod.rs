//! A source → its lines with their numbers.
//!
//! Takes a file, plain or compressed, or standard input, and hands its lines
//! in units of whole lines to a function, in parallel, with results in file
//! order. A line is what stands between two `\n`; nothing else ends one, and
//! one of more than 128 MiB is left out with a problem. A session that is one
//! JSON document has a line for each message ([`as_lines`]). Leaves to others
//! what the lines say.
//!
//! A log may be written while it is read. It is read up to the size it had
//! when it was opened, into buffers: a file that is cut while it is mapped
//! kills the process, so mapping is an option. What cannot be read costs
//! what stands behind it and is reported as a problem.

mod compressed;
mod document;
#[cfg(feature = "mmap")]
mod mapped;
mod open;
mod peek;
mod plain;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use document::as_lines;
pub use peek::{Ends, peek};

use crate::error::{Error, Problem};

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Standard input, which can be read once.
    Stdin,
    /// A regular file.
    File(PathBuf),
}

impl Source {
    /// The file's path; none for standard input.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(path) => Some(path),
        }
    }
}

/// The path as it was given or found; `-` for standard input.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What the newest records of a log weigh: more than a log of twenty-five megabytes has, which is some filled contexts.
pub const RECENT: usize = 10 << 20;

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Map plain files instead of reading them: faster by about a third, but a
    /// file that is cut meanwhile kills the process, and its pages count as memory.
    /// Without the feature `mmap` they are read all the same.
    pub mmap: bool,
    /// About the size of a unit in bytes; a unit ends at a line end near it.
    /// The lines are the same for any size; zero counts as one, and a buffer
    /// asks for no more than 64 MiB for each.
    pub unit: usize,
    /// What the newest records of a log may weigh, in bytes of memory and at most [`RECENT`]; of those before them only what
    /// lasts is kept.
    pub recent: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mmap: false,
            // Large enough that its overhead is nothing beside parsing it,
            // small enough that what is read at once stays in a near cache.
            unit: 1 << 17,
            recent: RECENT,
        }
    }
}

/// Whole lines, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'a> {
    /// The number of the first line, one-based.
    pub first_line: u32,
    /// The lines with their `\n`; the very last line of a source may lack it.
    pub bytes: &'a [u8],
    /// Where each `\n` stands: to look for them once takes as long as to read the bytes.
    ends: &'a [usize],
}

impl<'a> Unit<'a> {
    /// The lines and their numbers, without the `\n`; a `\r` before it stays.
    ///
    /// Nothing stands behind the last `\n`, so no empty line is made of it.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &'a [u8])> + use<'a> {
        let Self {
            first_line,
            bytes,
            ends,
        } = *self;
        let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
        let ends = ends.iter().copied().chain([bytes.len()]);
        let lines = starts
            .zip(ends)
            .filter(move |(start, _)| *start < bytes.len());
        let numbers = (0..).map(move |more| first_line.saturating_add(more));
        numbers.zip(lines.map(move |(start, end)| bytes.get(start..end).unwrap_or_default()))
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// Bytes handed over, decompressed.
    pub bytes: u64,
    /// Of these, the bytes of an unfinished last line; zero if it has its `\n`.
    pub unfinished: u64,
    /// Lines handed over, the unfinished one included; the count stops at `u32::MAX`.
    pub lines: u32,
    /// What could not be read, and why; at most a few.
    pub problems: Vec<Problem>,
}

impl ReadReport {
    /// A line that is longer than any that is kept.
    fn long_line(&mut self, source: &Source, line: u32, most: usize) {
        self.problems.push(Problem {
            path: source.to_string(),
            line,
            column: 0,
            what: format!("left out: a line of more than {} MiB", most >> 20),
        });
    }

    fn problem(&mut self, source: &Source, what: String) {
        self.problems.push(Problem {
            path: source.to_string(),
            line: 0,
            column: 0,
            what,
        });
    }
}

/// Maps each unit of `source` through `each`, in parallel; results in file order.
///
/// As [`batches`], with all results at once.
///
/// # Errors
///
/// As [`batches`].
pub fn units<T: Send>(
    source: &Source,
    options: &Options,
    each: impl Fn(Unit<'_>) -> T + Sync,
) -> Result<(Vec<T>, ReadReport), Error> {
    let mut results = Vec::new();
    let report = batches(source, options, each, |mut batch| {
        results.append(&mut batch)
    })?;
    Ok((results, report))
}

/// Maps each unit of `source` through `each`, in parallel, and hands the results to `take`,
/// some at a time and in file order.
///
/// Where units begin and end depends on [`Options::unit`]; the lines and
/// their numbers do not. `take` is called while other units are mapped, never
/// by two threads at once. Memory is that of a buffer for each thread, as
/// large as a unit or as the longest line if that is more, of the results that
/// wait for one before them, and of what `take` keeps. An empty source gives
/// no unit.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], if the source cannot be opened, is not a
/// regular file, or fails at its first byte. A failure further on is a problem in the report.
pub fn batches<T: Send>(
    source: &Source,
    options: &Options,
    each: impl Fn(Unit<'_>) -> T + Sync,
    take: impl FnMut(Vec<T>) + Send,
) -> Result<ReadReport, Error> {
    Log::open(source)?.batches(None, options, each, take)
}

/// A source that is open, for who reads it in stretches.
pub(crate) struct Log<'a> {
    opened: open::Opened<'a>,
    buffers: plain::Buffers,
}

impl<'a> Log<'a> {
    /// Opens `source`.
    pub(crate) fn open(source: &'a Source) -> Result<Self, Error> {
        let opened = open::open(source)?;
        Ok(Self {
            opened,
            buffers: plain::Buffers::default(),
        })
    }

    /// The size when it was opened, if stretches of it can be read: of a plain file with a record on each line.
    pub(crate) fn size(&self) -> Option<u64> {
        let plain = self.opened.kind == open::Kind::Plain && !self.opened.begins_a_document();
        self.opened.size().filter(|_| plain)
    }

    /// Where the last line begins that begins at `at` or before it.
    pub(crate) fn line_at(&self, at: u64) -> std::io::Result<u64> {
        self.opened.line_at(at)
    }

    /// As [`batches`], of a stretch of whole lines if one is given, whose first line has the number one.
    pub(crate) fn batches<T: Send>(
        &mut self,
        stretch: Option<Range<u64>>,
        options: &Options,
        each: impl Fn(Unit<'_>) -> T + Sync,
        take: impl FnMut(Vec<T>) + Send,
    ) -> Result<ReadReport, Error> {
        let Self { opened, buffers } = self;
        let mut report = ReadReport::default();
        match opened.kind {
            #[cfg(feature = "mmap")]
            open::Kind::Plain if options.mmap && !opened.begins_a_document() => {
                mapped::units(opened, stretch, options, each, take, &mut report, buffers)?
            }
            _ => plain::units(opened, stretch, options, each, take, &mut report, buffers)?,
        };
        Ok(report)
    }
}

/// Hands the bytes of `source` to `with`, decompressed, in order: for what takes no lines.
///
/// A file is read up to the size it had when it was opened.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], if the source cannot be opened or is not a regular file.
pub fn stream<T>(
    source: &Source,
    with: impl FnOnce(&mut dyn std::io::Read) -> T,
) -> Result<T, Error> {
    let opened = open::open(source)?;
    Ok(with(&mut opened.stream()))
}

/// The bytes as they were before compression, as far as they can be had, and what ended them early; what is not
/// compressed stays as it is. The limits are those of files.
pub fn inflated(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<std::io::Error>) {
    let size = Some(bytes.len() as u64);
    let mut stream = match open::Kind::of(bytes.get(..4).unwrap_or(bytes)) {
        open::Kind::Plain => return (Cow::Borrowed(bytes), None),
        open::Kind::Gzip => compressed::gzip(Box::new(bytes), size),
        open::Kind::Zstd => compressed::zstd(Box::new(bytes), size),
    };
    let mut plain = Vec::new();
    let ended = stream.read_to_end(&mut plain);
    (Cow::Owned(plain), ended.err())
}
