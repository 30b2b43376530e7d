//! Stamps: what the files of a session are, without reading them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use xxhash_rust::xxh3::Xxh3;

use crate::discover::SessionFiles;
use crate::error::Error;

/// What the files of a session are: which files, how long, written when, with which first and last 4 KiB.
///
/// Equal stamps mean that nothing changed since; a log is only ever appended to, so another end is seen in its size,
/// its time or its last bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp(pub(super) u64);

/// How much is looked at, at each end, in bytes.
const LOOK: u64 = 4_096;

impl Stamp {
    /// The stamp of `files` as they are now; none for standard input.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Io`], if one of them cannot be read.
    pub fn of(files: &SessionFiles) -> Result<Option<Self>, Error> {
        let mut hash = Xxh3::new();
        hash.update(files.id.as_bytes());
        let Some(path) = files.main.path() else {
            return Ok(None);
        };
        add(path, &mut hash).map_err(|error| Error::io(path, error))?;
        for agent in &files.subagents {
            for text in [
                Some(&agent.id),
                agent.tool_use.as_ref(),
                agent.kind.as_ref(),
            ] {
                let text = text.map_or("", String::as_str);
                hash.update(&(text.len() as u64).to_le_bytes());
                hash.update(text.as_bytes());
            }
            if let Some(path) = agent.source.path() {
                add(path, &mut hash).map_err(|error| Error::io(path, error))?;
            }
        }
        Ok(Some(Self(hash.digest())))
    }
}

impl Stamp {
    /// One that these files do not have.
    pub(crate) fn other(self) -> Self {
        Self(!self.0)
    }
}

fn add(path: &Path, hash: &mut Xxh3) -> std::io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    // What is not a regular file is not opened here: a pipe would wait.
    if !metadata.is_file() {
        return Ok(());
    }
    let size = metadata.len();
    let name = path.as_os_str().as_encoded_bytes();
    hash.update(&(name.len() as u64).to_le_bytes());
    hash.update(name);
    hash.update(&size.to_le_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        hash.update(&metadata.dev().to_le_bytes());
        hash.update(&metadata.ino().to_le_bytes());
    }
    let written = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |time| time.as_nanos());
    hash.update(&written.to_le_bytes());
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    (&mut file).take(LOOK).read_to_end(&mut bytes)?;
    hash.update(&bytes);
    if size > LOOK {
        bytes.clear();
        file.seek(SeekFrom::Start(size - LOOK))?;
        file.take(LOOK).read_to_end(&mut bytes)?;
        hash.update(&bytes);
    }
    Ok(())
}
