//! Any stream of bytes → units: whoever has worked on one reads the next.
//!
//! Each thread reads into a buffer of its own, so that what is worked on lies
//! in the cache of who works on it, and nobody waits for others to be done.
//! Only reading itself, and handing over in order, is done by one at a time.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::open::{Kind, Opened};
use super::{Options, ReadReport, Unit};
use crate::error::{Error, Problem};

/// The most that a unit's size may ask of memory, in bytes.
const LARGEST_UNIT: usize = 64 << 20;

/// The longest line that is kept, in bytes: eight times the longest that a log is meant to have.
const LONGEST_LINE: usize = 128 << 20;

/// Bytes of a buffer that is kept; lines of more are rare.
const KEPT: usize = 32 << 20;

/// What is read into; kept for the next stretch, since fresh memory costs as much as reading into it.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Buffer>>);

/// What a thread reads into.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Where each `\n` in `bytes` stands.
    ends: Vec<usize>,
}

/// The units of a stream, or of a stretch of a plain file, mapped through `each` and handed to `take`.
pub(super) fn units<T: Send>(
    opened: &Opened<'_>,
    stretch: Option<Range<u64>>,
    options: &Options,
    each: impl Fn(Unit<'_>) -> T + Sync,
    take: impl FnMut(Vec<T>) + Send,
    report: &mut ReadReport,
    buffers: &Buffers,
) -> Result<(), Error> {
    let size = match (&stretch, opened.kind) {
        (Some(stretch), _) => Some(stretch.end.saturating_sub(stretch.start)),
        (None, Kind::Plain) => opened.size(),
        (None, Kind::Gzip | Kind::Zstd) => None,
    };
    let stream = match stretch {
        Some(stretch) => opened.stretch(stretch),
        None => opened.lines(),
    };
    let unit = options.unit.clamp(1, LARGEST_UNIT);
    let reading = Mutex::new(Reading {
        opened,
        stream,
        unit,
        rest: Vec::new(),
        given: 0,
        more: true,
        failed: None,
        report,
    });
    let results = Results::new(take);
    let work = || {
        let mut buffer = locked(&buffers.0).pop().unwrap_or_default();
        loop {
            let next = locked(&reading).next(&mut buffer);
            let Some((place, first_line)) = next else {
                break;
            };
            let Buffer { bytes, ends } = &buffer;
            let unit = Unit {
                first_line,
                bytes,
                ends,
            };
            results.add(place, each(unit));
            // What one long line took is not kept for all that follow.
            if buffer.bytes.capacity() > KEPT {
                buffer = Buffer::default();
            }
        }
        locked(&buffers.0).push(buffer);
    };
    // A thread for which there is no unit need not be woken.
    let units = size.map_or(u64::MAX, |size| size.div_ceil(unit as u64));
    let threads = (rayon::current_num_threads() as u64).min(units);
    if threads <= 1 {
        work();
    } else {
        rayon::in_place_scope(|scope| {
            (1..threads).for_each(|_| scope.spawn(|_| work()));
            work();
        });
    }
    results.hand_over();

    let Reading {
        report,
        failed,
        stream,
        ..
    } = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
    drop(stream);
    match failed {
        Some(error) if report.bytes == 0 => {
            return Err(Error::io(opened.source.to_string(), error));
        }
        Some(error) => report.problem(
            opened.source,
            format!(
                "{}, used up to line {}: {error}",
                Problem::CUT,
                report.lines
            ),
        ),
        None if opened.shrank() => report.problem(
            opened.source,
            format!("{}, used up to line {}", Problem::SHRANK, report.lines),
        ),
        None => {}
    }
    Ok(())
}

/// A panic elsewhere ends the whole, so what it left behind is not looked at.
fn locked<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream that is read unit by unit.
struct Reading<'r> {
    opened: &'r Opened<'r>,
    stream: Box<dyn Read + Send + 'r>,
    unit: usize,
    /// What was read behind the last line end.
    rest: Vec<u8>,
    /// How many units were given.
    given: usize,
    /// False at the end of the stream, or where it failed.
    more: bool,
    failed: Option<io::Error>,
    report: &'r mut ReadReport,
}

impl Reading<'_> {
    /// Reads the next unit into `buffer`: its place, and the number of its first line.
    fn next(&mut self, Buffer { bytes, ends }: &mut Buffer) -> Option<(usize, u32)> {
        ends.clear();
        bytes.clear();
        bytes.append(&mut self.rest);
        // In what was left there is no line end.
        let mut sought = bytes.len();
        while self.more {
            // A long line makes the buffer grow, by less than it has.
            let most = match self.unit.checked_sub(bytes.len()) {
                Some(most @ 1..) => most,
                _ => self.unit.max(bytes.len() / 4),
            };
            self.read(|stream| fill(stream, bytes, most));
            ends.extend(line_ends(bytes, sought));
            if !ends.is_empty() {
                break;
            }
            sought = bytes.len();
            if self.more && bytes.len() >= LONGEST_LINE {
                let line = self.report.lines.saturating_add(1);
                (self.report).long_line(self.opened.source, line, LONGEST_LINE);
                let most = self.unit;
                self.read(|stream| skip_line(stream, bytes, most));
                ends.extend(line_ends(bytes, 0));
                break;
            }
        }
        // The last line goes to the next unit, unless nothing follows.
        let end = ends.last().map_or(0, |end| end + 1);
        if self.more {
            self.rest
                .extend_from_slice(bytes.get(end..).unwrap_or_default());
            bytes.truncate(end);
        }
        if bytes.is_empty() {
            return None;
        }
        let report = &mut *self.report;
        let first_line = report.lines.saturating_add(1);
        report.unfinished = (bytes.len() - end) as u64;
        report.lines = report
            .lines
            .saturating_add(u32::try_from(ends.len()).unwrap_or(u32::MAX))
            .saturating_add(u32::from(bytes.len() > end));
        report.bytes += bytes.len() as u64;
        self.given += 1;
        Some((self.given - 1, first_line))
    }

    fn read(&mut self, how: impl FnOnce(&mut dyn Read) -> io::Result<bool>) {
        let read = how(&mut self.stream);
        self.more = matches!(read, Ok(true));
        self.failed = read.err();
    }
}

/// Where each `\n` stands from `from` on.
pub(super) fn line_ends(bytes: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memchr_iter(b'\n', rest).map(move |end| from + end)
}

/// Reads up to `most` bytes more; false at the end of the stream.
///
/// An error leaves what came before it in `buffer`.
fn fill(stream: &mut dyn Read, buffer: &mut Vec<u8>, most: usize) -> io::Result<bool> {
    // Growing by doubling would leave up to half of it unused.
    buffer.reserve(most);
    let read = stream.take(most as u64).read_to_end(buffer)?;
    Ok(read == most)
}

/// Leaves an empty line in `buffer` in place of the one that goes on, and what stands behind it; else as [`fill`].
fn skip_line(stream: &mut dyn Read, buffer: &mut Vec<u8>, most: usize) -> io::Result<bool> {
    loop {
        buffer.clear();
        let more = fill(stream, buffer, most)?;
        if let Some(end) = memchr::memchr(b'\n', buffer) {
            buffer.drain(..end);
            return Ok(more);
        }
        if !more {
            buffer.clear();
            return Ok(false);
        }
    }
}

/// What came of units, handed over in their order.
struct Results<T, F> {
    /// What waits for what stands before it.
    waiting: Mutex<BTreeMap<usize, T>>,
    /// Who takes them, and the place of the next.
    taker: Mutex<(F, usize)>,
}

impl<T, F: FnMut(Vec<T>)> Results<T, F> {
    fn new(take: F) -> Self {
        Self {
            waiting: Mutex::default(),
            taker: Mutex::new((take, 0)),
        }
    }

    /// Adds what came of the unit at `place`, and hands over what is complete up to there.
    fn add(&self, place: usize, result: T) {
        locked(&self.waiting).insert(place, result);
        self.hand_over();
    }

    /// Hands over what is complete, unless another thread is about it: then the next to add, or the last, does.
    fn hand_over(&self) {
        let mut taker = match self.taker.try_lock() {
            Ok(taker) => taker,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let (take, next) = &mut *taker;
        loop {
            let result = locked(&self.waiting).remove(next);
            let Some(result) = result else { break };
            *next += 1;
            take(vec![result]);
        }
    }
}
