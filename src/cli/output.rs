//! Standard output and standard error.

use std::io::Write;

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
