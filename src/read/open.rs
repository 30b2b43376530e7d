//! Opening: only regular files and standard input, told apart by their first bytes.

use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::document::{Document, LOOK, is_document};
use super::{Source, compressed};
use crate::error::Error;

/// A source that is open, with nothing of it consumed.
pub(super) struct Opened<'a> {
    pub(super) source: &'a Source,
    /// The file and its size when it was opened; none for standard input.
    pub(super) file: Option<(File, u64)>,
    pub(super) kind: Kind,
    /// The first bytes, as far as they were read to tell the kind.
    magic: Vec<u8>,
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Gzip,
    Zstd,
}

impl Kind {
    pub(super) fn of(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Self::Zstd,
            // A skippable frame, which tools put in front.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// Opens `source` and reads its first four bytes.
pub(super) fn open(source: &Source) -> Result<Opened<'_>, Error> {
    let mut magic = Vec::new();
    let (file, result) = match source {
        Source::Stdin => (None, io::stdin().lock().take(4).read_to_end(&mut magic)),
        Source::File(path) => {
            let (file, metadata) = regular(path).map_err(|error| Error::io(path, error))?;
            let result = (&file).take(4).read_to_end(&mut magic);
            (Some((file, metadata.len())), result)
        }
    };
    result.map_err(|error| Error::io(source.to_string(), error))?;
    Ok(Opened {
        source,
        file,
        kind: Kind::of(&magic),
        magic,
    })
}

impl Opened<'_> {
    /// The size when it was opened, compressed if it is; none for standard input.
    pub(super) fn size(&self) -> Option<u64> {
        self.file.as_ref().map(|(_, size)| *size)
    }

    /// Whether a plain file begins as a document.
    pub(super) fn begins_a_document(&self) -> bool {
        let Some((mut file, _)) = self.file.as_ref().map(|(file, size)| (file, size)) else {
            return false;
        };
        let mut start = self.magic.clone();
        let consumed = self.magic.len() as u64;
        let read = file.take(LOOK as u64).read_to_end(&mut start);
        let back = file.seek(SeekFrom::Start(consumed));
        read.is_ok() && back.is_ok() && is_document(&start)
    }

    /// All its lines, decompressed: those of a document are made of its messages.
    pub(super) fn lines(&self) -> Box<dyn Read + Send + '_> {
        let mut stream = self.stream();
        let mut start = Vec::new();
        let failed = (&mut stream).take(LOOK as u64).read_to_end(&mut start);
        let document = is_document(&start);
        let whole = Cursor::new(start).chain(Fault(failed.err())).chain(stream);
        if document {
            Box::new(Document::new(whole))
        } else {
            Box::new(whole)
        }
    }

    /// All its bytes, decompressed, up to the size when it was opened.
    pub(super) fn stream(&self) -> Box<dyn Read + Send + '_> {
        let magic = Cursor::new(self.magic.clone());
        let raw: Box<dyn Read + Send> = match &self.file {
            Some((file, size)) => {
                // Where it stands already, unless stretches were read before.
                let mut place = file;
                let sought = place.seek(SeekFrom::Start(self.magic.len() as u64));
                let whole = magic.chain(Fault(sought.err())).chain(file);
                Box::new(whole.take(*size))
            }
            None => Box::new(magic.chain(io::stdin())),
        };
        match self.kind {
            Kind::Plain => raw,
            Kind::Gzip => compressed::gzip(raw, self.size()),
            Kind::Zstd => compressed::zstd(raw, self.size()),
        }
    }

    /// The bytes of a stretch of a plain file, up to the size when it was opened.
    pub(super) fn stretch(&self, stretch: Range<u64>) -> Box<dyn Read + Send + '_> {
        let Some((mut file, size)) = self.file.as_ref().map(|(file, size)| (file, *size)) else {
            return Box::new(io::empty());
        };
        let sought = file.seek(SeekFrom::Start(stretch.start));
        let length = stretch.end.min(size).saturating_sub(stretch.start);
        Box::new(Fault(sought.err()).chain(file.take(length)))
    }

    /// Where the last line begins that begins at `at` or before it.
    pub(super) fn line_at(&self, at: u64) -> io::Result<u64> {
        const BLOCK: u64 = 64 << 10;
        let mut block = Vec::new();
        let mut end = at;
        while end > 0 {
            let begin = end.saturating_sub(BLOCK);
            block.clear();
            self.stretch(begin..end).read_to_end(&mut block)?;
            if let Some(newline) = memchr::memrchr(b'\n', &block) {
                return Ok(begin + newline as u64 + 1);
            }
            end = begin;
        }
        Ok(0)
    }

    /// Whether the file is now smaller than it was when it was opened.
    pub(super) fn shrank(&self) -> bool {
        self.file.as_ref().is_some_and(|(file, size)| {
            file.metadata().is_ok_and(|metadata| metadata.len() < *size)
        })
    }
}

/// A failure between two parts of a stream, told once.
struct Fault(Option<io::Error>);

impl Read for Fault {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Opens a regular file for reading, and nothing else.
///
/// A pipe is opened without waiting for its writer, so that it can be refused,
/// and a terminal without becoming this process's own.
pub(super) fn regular(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NONBLOCK | libc::O_NOCTTY,
    );
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    let what = if metadata.is_file() {
        return Ok((file, metadata));
    } else if metadata.is_dir() {
        "a folder"
    } else {
        "a pipe, a socket or a device"
    };
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("{what}, not a regular file; give a .jsonl file, or - for standard input"),
    ))
}
