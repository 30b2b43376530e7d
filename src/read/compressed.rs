//! Gzip and zstd, as streams, up to a limit.
//!
//! What a cut or damaged file still gives comes before the error.

use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The most that is ever decompressed: no log reported so far is larger than 5.3 GB, and those are not compressed.
const MOST: u64 = 4 << 30;
/// How far a log may have been squeezed; real ones reach about 20, runs of zeros 1,000.
const RATIO: u64 = 200;
/// What is decompressed in any case.
const LEAST: u64 = 64 << 20;

/// The bytes of all members of a gzip file of `size` bytes.
pub(super) fn gzip<'a>(
    raw: Box<dyn Read + Send + 'a>,
    size: Option<u64>,
) -> Box<dyn Read + Send + 'a> {
    let members = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, raw));
    Box::new(Limited::new(Steps::of(members), size))
}

/// The bytes of all frames of a zstd file of `size` bytes.
pub(super) fn zstd<'a>(
    raw: Box<dyn Read + Send + 'a>,
    size: Option<u64>,
) -> Box<dyn Read + Send + 'a> {
    let frames = Frames {
        raw: BufReader::with_capacity(1 << 16, raw),
        decoder: FrameDecoder::new(),
        within: false,
    };
    Box::new(Limited::new(frames, size))
}

/// The most that `size` compressed bytes may become.
fn limit(size: Option<u64>) -> u64 {
    size.map_or(MOST, |size| {
        MOST.min(size.saturating_mul(RATIO).saturating_add(LEAST))
    })
}

/// A reader that fails once it has given as much as it may.
struct Limited<R> {
    inner: R,
    limit: u64,
    left: u64,
}

impl<R: Read> Limited<R> {
    fn new(inner: R, size: Option<u64>) -> Self {
        let limit = limit(size);
        Self {
            inner,
            limit,
            left: limit,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if want == 0 && !buffer.is_empty() {
            // Exactly at the limit and at the end is fine.
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::other(format!(
                    "decompresses to more than {} MiB",
                    self.limit >> 20
                ))),
            };
        }
        let read = match buffer.get_mut(..want) {
            Some(part) => self.inner.read(part)?,
            None => 0,
        };
        self.left -= read as u64;
        Ok(read)
    }
}

/// A reader that is asked for the same small steps whatever is asked of it.
///
/// A decoder that fails gives nothing of that call, so how much of a damaged file is read would depend on the buffer.
struct Steps<R>(BufReader<R>);

impl<R: Read> Steps<R> {
    /// The most that is lost before the damage.
    const STEP: usize = 1 << 10;

    fn of(inner: R) -> Self {
        Self(BufReader::with_capacity(Self::STEP, inner))
    }
}

impl<R: Read> Read for Steps<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut step = self.0.fill_buf()?;
        let read = step.read(buffer)?;
        self.0.consume(read);
        Ok(read)
    }
}

/// The frames of a zstd file, one after the other.
struct Frames<'a> {
    raw: BufReader<Box<dyn Read + Send + 'a>>,
    decoder: FrameDecoder,
    within: bool,
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.within {
                if self.raw.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                match self.decoder.init(&mut self.raw) {
                    Ok(()) => self.within = true,
                    Err(FrameDecoderError::ReadFrameHeaderError(
                        ReadFrameHeaderError::SkipFrame { length, .. },
                    )) => {
                        let length = u64::from(length);
                        if io::copy(&mut self.raw.by_ref().take(length), &mut io::sink())? < length
                        {
                            return Err(io::ErrorKind::UnexpectedEof.into());
                        }
                        continue;
                    }
                    Err(error) => return Err(io::Error::other(error)),
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.raw, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            self.within = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_at_the_limit_is_whole_and_a_byte_more_is_too_much() {
        let mut limited = Limited {
            inner: &b"abcd"[..],
            limit: 4,
            left: 4,
        };
        let mut text = String::new();
        assert_eq!(limited.read_to_string(&mut text).expect("is whole"), 4);
        assert_eq!(text, "abcd");
        let mut limited = Limited {
            inner: &b"abcd"[..],
            limit: 3,
            left: 3,
        };
        let mut bytes = Vec::new();
        assert!(limited.read_to_end(&mut bytes).is_err());
        assert_eq!(bytes, b"abc");
    }
}
