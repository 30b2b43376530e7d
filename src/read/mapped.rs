//! A plain file → units, by mapping it: the one place of the library with unsafe code.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::{Mmap, MmapOptions};

use rayon::prelude::*;

use super::open::Opened;
use super::plain::Buffers;
use super::{Options, ReadReport, Unit, plain};
use crate::error::{Error, Problem};

/// The units of a plain file, mapped through `each` and handed to `take`; standard input is read.
pub(super) fn units<T: Send>(
    opened: &Opened<'_>,
    stretch: Option<Range<u64>>,
    options: &Options,
    each: impl Fn(Unit<'_>) -> T + Sync,
    mut take: impl FnMut(Vec<T>) + Send,
    report: &mut ReadReport,
    buffers: &Buffers,
) -> Result<(), Error> {
    let Some((file, size)) = &opened.file else {
        return plain::units(opened, stretch, options, each, take, report, buffers);
    };
    // An empty file cannot be mapped, and one that grew from it is read up to nothing.
    if *size == 0 {
        return Ok(());
    }
    let map = map(file, *size).map_err(|error| Error::io(opened.source.to_string(), error))?;
    let bytes = match stretch {
        Some(stretch) => {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(map.len());
            map.get(place(stretch.start)..place(stretch.end))
        }
        None => map.get(..),
    };
    take(parallel(bytes.unwrap_or_default(), options, each, report));
    if opened.shrank() {
        report.problem(
            opened.source,
            format!("{}; its end may have been read as zeros", Problem::SHRANK),
        );
    }
    Ok(())
}

/// Maps the units of `lines`, all of them whole but perhaps the last, through `each`, and counts them into `report`.
fn parallel<T: Send>(
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
    let ends: Vec<Vec<usize>> = parts
        .par_iter()
        .map(|part| plain::line_ends(part, 0).collect())
        .collect();

    let mut units = Vec::with_capacity(parts.len());
    for (bytes, ends) in parts.into_iter().zip(&ends) {
        let unfinished = !bytes.ends_with(b"\n");
        units.push(Unit {
            first_line: report.lines.saturating_add(1),
            bytes,
            ends,
        });
        report.lines = report
            .lines
            .saturating_add(u32::try_from(ends.len()).unwrap_or(u32::MAX))
            .saturating_add(u32::from(unfinished));
    }
    report.bytes += lines.len() as u64;
    let end = memchr::memrchr(b'\n', lines).map_or(0, |end| end + 1);
    report.unfinished = (lines.len() - end) as u64;
    units.into_par_iter().map(&each).collect()
}

/// Maps the first `size` bytes of `file`.
#[expect(
    unsafe_code,
    reason = "mapping a file is an option for the fastest reading"
)]
fn map(file: &File, size: u64) -> io::Result<Mmap> {
    let size = usize::try_from(size)
        .map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "too large to be mapped"))?;
    // SAFETY: the map is only read, as bytes, and every byte is a valid value.
    // It is not sound to the letter: a program that writes to the file changes
    // bytes behind a shared reference, and one that cuts it makes the read of
    // a lost page end this process by a signal. Logs are mostly appended to,
    // behind the mapped size; whoever asks for `--mmap` accepts the rest, and
    // what is parsed from the bytes is copied and checked, never trusted.
    unsafe { MmapOptions::new().len(size).map(file) }
}
