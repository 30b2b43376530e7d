//! A plain file → units, by mapping it: the one place of the library with unsafe code.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::{Mmap, MmapOptions};

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
    buffers: &mut Buffers,
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
    take(plain::parallel(
        bytes.unwrap_or_default(),
        options,
        each,
        report,
    ));
    if opened.shrank() {
        report.problem(
            opened.source,
            format!("{}; its end may have been read as zeros", Problem::SHRANK),
        );
    }
    Ok(())
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
