//! The first and the last bytes of a file, to recognise it without reading it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use super::Source;
use super::open::{self, Kind};
use crate::error::Error;

/// How much is looked at, at each end, in bytes.
const LOOK: u64 = 64 * 1024;

/// The ends of a file.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The first 64 KiB, decompressed; all of a plain file of up to 128 KiB.
    pub head: Vec<u8>,
    /// The last 64 KiB of a plain file that is larger, else nothing.
    pub tail: Vec<u8>,
    /// Whether the head is all of it.
    pub whole: bool,
    /// The size in bytes, compressed if it is.
    pub bytes: u64,
    /// When it was last written, as far as the system knows.
    pub modified: Option<SystemTime>,
}

/// The ends of the regular file at `path`; the first or last line in them may be cut.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], if it cannot be read or is not a regular file.
pub fn peek(path: &Path) -> Result<Ends, Error> {
    let source = Source::File(path.to_owned());
    let opened = open::open(&source)?;
    let bytes = opened.size().unwrap_or(0);
    let plain = opened.kind == Kind::Plain;
    let look = if plain && bytes <= 2 * LOOK {
        bytes
    } else {
        LOOK
    };
    let mut head = Vec::new();
    let result = opened.stream().take(look).read_to_end(&mut head);
    if plain || head.is_empty() {
        result.map_err(|error| Error::io(path, error))?;
    }
    let mut tail = Vec::new();
    let mut modified = None;
    if let Some((file, _)) = &opened.file {
        modified = file.metadata().and_then(|it| it.modified()).ok();
        if plain && bytes > look {
            read_at(file, bytes - LOOK, LOOK, &mut tail).map_err(|error| Error::io(path, error))?;
        }
    }
    let whole = if plain {
        bytes <= look
    } else {
        (head.len() as u64) < LOOK
    };
    Ok(Ends {
        head,
        tail,
        whole,
        bytes,
        modified,
    })
}

/// Reads the `length` bytes from `from`, or as many as there are.
fn read_at(mut file: &File, from: u64, length: u64, into: &mut Vec<u8>) -> io::Result<usize> {
    file.seek(SeekFrom::Start(from))?;
    file.take(length).read_to_end(into)
}
