//! Any stream of bytes → units, by two buffers: one is read while the other is worked on.
//!
//! What came of a buffer is handed over while the next one is worked on, so
//! that putting it together keeps no thread waiting.

use std::io::{self, Read};
use std::ops::Range;

use rayon::prelude::*;

use super::open::{Kind, Opened};
use super::{Options, ReadReport, Unit};
use crate::error::{Error, Problem};

/// The most that a unit's size may ask of memory, in bytes.
const LARGEST_UNIT: usize = 64 << 20;

/// The longest line that is kept, in bytes: eight times the longest that a log is meant to have.
const LONGEST_LINE: usize = 128 << 20;

/// What is read into; kept for the next stretch, since fresh memory costs as much as reading into it.
#[derive(Default)]
pub(super) struct Buffers {
    now: Vec<u8>,
    next: Vec<u8>,
}

/// The units of a stream, or of a stretch of a plain file, mapped through `each` and handed to `take`.
pub(super) fn units<T: Send>(
    opened: &Opened<'_>,
    stretch: Option<Range<u64>>,
    options: &Options,
    each: impl Fn(Unit<'_>) -> T + Sync,
    mut take: impl FnMut(Vec<T>) + Send,
    report: &mut ReadReport,
    Buffers { now, next }: &mut Buffers,
) -> Result<(), Error> {
    // Some units for each thread, since they differ in how long they take.
    let batch = options
        .unit
        .clamp(1, LARGEST_UNIT)
        .saturating_mul((2 * rayon::current_num_threads()).max(8)) as u64;
    // A small file needs no more than its size, and one byte to see its end.
    let batch = match opened.kind {
        Kind::Plain => {
            let size = match &stretch {
                Some(stretch) => Some(stretch.end.saturating_sub(stretch.start)),
                None => opened.size(),
            };
            batch.min(size.map_or(batch, |size| size.saturating_add(1)))
        }
        Kind::Gzip | Kind::Zstd => batch,
    };
    let mut stream = match stretch {
        Some(stretch) => opened.stretch(stretch),
        None => opened.lines(),
    };
    now.clear();
    let mut done = Vec::new();

    // Up to where the buffer is known to have no line end.
    let mut sought = 0;
    let mut state = fill(&mut stream, now, batch);
    loop {
        // The last line goes to the next buffer, unless nothing follows.
        let more = matches!(state, Ok(true));
        let end = memchr::memrchr(b'\n', now.get(sought..).unwrap_or_default());
        let whole = match end {
            Some(end) if more => sought + end + 1,
            // Not one line end: a long line makes the buffer grow, by less than it has, and not for ever.
            None if more && now.len() < LONGEST_LINE => {
                let most = batch.max(now.len() as u64 / 4);
                sought = now.len();
                state = fill(&mut stream, now, most);
                continue;
            }
            None if more => {
                let line = report.lines.saturating_add(1);
                report.long_line(opened.source, line, LONGEST_LINE);
                state = skip_line(&mut stream, now, batch);
                sought = 0;
                continue;
            }
            _ => now.len(),
        };
        let (lines, rest) = now.split_at(whole);
        next.clear();
        next.extend_from_slice(rest);
        sought = rest.len();
        let (units, filled) = rayon::join(
            || parallel(lines, options, &each, report),
            || {
                take(std::mem::take(&mut done));
                more.then(|| fill(&mut stream, next, batch))
            },
        );
        done = units;
        match filled {
            Some(filled) => state = filled,
            None => break,
        }
        std::mem::swap(now, next);
    }
    take(done);
    drop(stream);

    match state {
        Err(error) if report.bytes == 0 => {
            return Err(Error::io(opened.source.to_string(), error));
        }
        Err(error) => report.problem(
            opened.source,
            format!(
                "{}, used up to line {}: {error}",
                Problem::CUT,
                report.lines
            ),
        ),
        Ok(_) if opened.shrank() => report.problem(
            opened.source,
            format!("{}, used up to line {}", Problem::SHRANK, report.lines),
        ),
        Ok(_) => {}
    }
    Ok(())
}

/// Reads up to `most` bytes more; false at the end of the stream.
///
/// An error leaves what came before it in `buffer`.
fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>, most: u64) -> io::Result<bool> {
    // Growing by doubling would leave up to half of it unused.
    buffer.reserve(usize::try_from(most).unwrap_or(0));
    let read = stream.take(most).read_to_end(buffer)?;
    Ok(read as u64 == most)
}

/// Leaves an empty line in `buffer` in place of the one that goes on, and what stands behind it; else as [`fill`].
fn skip_line(stream: &mut impl Read, buffer: &mut Vec<u8>, most: u64) -> io::Result<bool> {
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

/// Maps the units of `lines`, all of them whole but perhaps the last, through `each`, and counts them into `report`.
pub(super) fn parallel<T: Send>(
    lines: &[u8],
    options: &Options,
    each: impl Fn(Unit<'_>) -> T + Sync,
    report: &mut ReadReport,
) -> Vec<T> {
    let mut parts = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let least = options.unit.clamp(1, rest.len()) - 1;
        let end = memchr::memchr(b'\n', rest.get(least..).unwrap_or_default())
            .map_or(rest.len(), |end| least + end + 1);
        let (part, behind) = rest.split_at(end);
        parts.push(part);
        rest = behind;
    }
    let counts: Vec<usize> = parts
        .par_iter()
        .map(|part| memchr::memchr_iter(b'\n', part).count())
        .collect();

    let mut units = Vec::with_capacity(parts.len());
    for (bytes, count) in parts.into_iter().zip(counts) {
        let unfinished = !bytes.ends_with(b"\n");
        units.push(Unit {
            first_line: report.lines.saturating_add(1),
            bytes,
        });
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        report.lines = report
            .lines
            .saturating_add(count)
            .saturating_add(u32::from(unfinished));
    }
    report.bytes += lines.len() as u64;
    let end = memchr::memrchr(b'\n', lines).map_or(0, |end| end + 1);
    report.unfinished = (lines.len() - end) as u64;
    units.into_par_iter().map(&each).collect()
}
