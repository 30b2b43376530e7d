//! Files that are written whole or not at all.
//!
//! The text goes to a file beside its target first, which then takes the
//! target's place; whoever reads meanwhile, and whoever comes after a crash,
//! finds the old file or the new one. Both are readable by the owner alone.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::Error;

/// How the name of a file that is not finished begins.
pub const UNFINISHED: &str = ".passdown-";
/// How it ends.
pub const UNFINISHED_END: &str = ".tmp";

/// Writes `text` to `path`, replacing a file or a link that stands there; a link's target is left alone.
///
/// On an error, nothing of it is left and an older file stands as it was.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], with `path`.
pub fn whole(path: &Path, text: &str) -> Result<(), Error> {
    let fail = |error| Error::io(path, plain(error));
    let mut file = unfinished(path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Writes what `fill` gives to `path`, replacing what stands there as [`whole`] does; for what is too large to be held.
///
/// # Errors
///
/// As [`whole`], and what `fill` says; then nothing of it is left.
pub fn filled(path: &Path, fill: impl FnOnce(&mut File) -> Result<(), Error>) -> Result<(), Error> {
    let fail = |error| Error::io(path, error);
    let mut file = unfinished(path).map_err(fail)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Makes the folder at `path`, and those above it, for the owner alone; one that is there stays as it is.
///
/// # Errors
///
/// What the system says.
pub fn folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// What came of a file that was to hold some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new, or held something else.
    Written,
    /// It held the text already, and was not touched.
    Unchanged,
}

/// Writes `text` to `path` as [`whole`] does, unless a regular file there holds it already.
///
/// # Errors
///
/// As [`whole`].
pub fn if_new(path: &Path, text: &str) -> Result<Change, Error> {
    if holds(path, text) {
        return Ok(Change::Unchanged);
    }
    whole(path, text)?;
    Ok(Change::Written)
}

/// Writes `text` to the file that `path` leads to, unless it holds it already: a link stays a link, and the file keeps
/// its mode. A new file is made as [`whole`] makes it.
///
/// # Errors
///
/// As [`whole`].
pub fn in_place(path: &Path, text: &str) -> Result<Change, Error> {
    let fail = |error| Error::io(path, plain(error));
    if path.symlink_metadata().is_err() {
        return if_new(path, text);
    }
    let target = path.canonicalize().map_err(fail)?;
    if holds(&target, text) {
        return Ok(Change::Unchanged);
    }
    let mode = target.metadata().map_err(fail)?.permissions();
    let mut file = unfinished(&target).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().set_permissions(mode).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(&target).map_err(|error| fail(error.error))?;
    Ok(Change::Written)
}

/// A file beside `path`, which this crate makes with mode 0600.
fn unfinished(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(UNFINISHED)
        .suffix(UNFINISHED_END)
        .tempfile_in(folder_of(path))
}

/// An error without the name of the file that is not finished, which is another one each time.
fn plain(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((told, _)) => io::Error::new(error.kind(), told),
        None => error,
    }
}

/// Whether the regular file at `path` holds `text` and nothing else.
fn holds(path: &Path, text: &str) -> bool {
    let same_size = path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == text.len() as u64);
    same_size && std::fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// Makes sure that the names in `folder` outlive a loss of power, as far as the system can.
pub fn settle(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        // A system that cannot do this for folders does not need it.
        let _ = folder.sync_all();
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_already_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("h.md");
        for (text, change) in [
            ("one", Change::Written),
            ("one", Change::Unchanged),
            ("two", Change::Written),
            ("", Change::Written),
        ] {
            assert_eq!(if_new(&path, text).expect("writes"), change, "{text:?}");
            assert_eq!(std::fs::read_to_string(&path).expect("reads"), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 1);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("h.md")).expect("a folder in the way");
        whole(&folder.path().join("h.md"), "text").expect_err("a folder is no file");
        assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 1);
        let nowhere = folder.path().join("none/h.md");
        let told = whole(&nowhere, "text").expect_err("no folder").to_string();
        assert!(
            told.starts_with(&format!("{}: ", nowhere.display())) && !told.contains(UNFINISHED),
            "{told}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn in_place_a_link_stays_and_the_mode_is_kept() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "mine").expect("writes");
        let mode = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&target, mode).expect("a mode");
        std::os::unix::fs::symlink("target", &link).expect("links");
        assert_eq!(in_place(&link, "mine").expect("writes"), Change::Unchanged);
        assert_eq!(in_place(&link, "ours").expect("writes"), Change::Written);
        assert_eq!(std::fs::read_to_string(&target).expect("reads"), "ours");
        assert!(link.is_symlink());
        let mode = target.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "mine").expect("writes");
        std::os::unix::fs::symlink(&target, &link).expect("links");
        assert_eq!(if_new(&link, "mine").expect("writes"), Change::Written);
        whole(&link, "theirs").expect("writes");
        assert_eq!(std::fs::read_to_string(&target).expect("reads"), "mine");
    }
}
