//! Standard output and standard error.

use std::io::Write;

use super::terminal;
use crate::error::{Error, Problem};
use crate::pipeline;
use crate::safety::Gate;

/// Writes to standard output.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::io("standard output", error))
}

/// Writes a handoff in Markdown to standard output; on a terminal, its parts are told apart by colours.
pub(super) fn print_handoff(text: &str) -> Result<(), Error> {
    if terminal::colour() {
        print_styled(&terminal::handoff(text))
    } else {
        print(text)
    }
}

/// Writes what has styles to standard output, on systems too that must be told of them.
fn print_styled(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::io("standard output", error))
}

/// Writes what was made of logs to standard output, unless it still has the shape of a secret.
pub(super) fn print_of_logs(text: &str) -> Result<(), Error> {
    Gate::default()
        .second_look(text)
        .map_err(|kinds| pipeline::unsafe_text("what was to be printed", kinds))?;
    match terminal::colour() {
        true => print_styled(text),
        false => print(text),
    }
}

/// Writes a line to standard error, without secrets. Nobody is left to be told if that fails.
pub(super) fn complain(text: &str) {
    let text = Gate::default().safe(text);
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells of the first few problems, and how many more there are.
pub(super) fn problems(problems: &[Problem]) {
    const SHOWN: usize = 10;
    for problem in problems.iter().take(SHOWN) {
        // The name of a file may hold a line end.
        complain(&problem.to_string().replace('\n', " "));
    }
    if problems.len() > SHOWN {
        complain(&format!(
            "passdown: {} more problems of this kind",
            problems.len() - SHOWN
        ));
    }
}
