//! Standard output, standard error, and files that are written whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Problem};
use crate::safety;

/// Writes to standard output.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::io("standard output", error))
}

/// Writes a line to standard error. Nobody is left to be told if that fails.
pub(super) fn complain(text: &str) {
    let text = safety::clean(text);
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells of the first few problems, and how many more there are.
pub(super) fn problems(problems: &[Problem]) {
    const SHOWN: usize = 10;
    for problem in problems.iter().take(SHOWN) {
        complain(&problem.to_string());
    }
    if problems.len() > SHOWN {
        complain(&format!(
            "passdown: {} more problems of this kind",
            problems.len() - SHOWN
        ));
    }
}

/// Writes `text` to `path`: to a file beside it first, which then takes its place. Readable by the owner alone.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let fail = |error| Error::io(path, error);
    // The file of this crate is made with mode 0600.
    let mut file = tempfile::Builder::new()
        .prefix(".passdown-")
        .suffix(".tmp")
        .tempfile_in(folder)
        .map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
