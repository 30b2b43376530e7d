//! Arguments, patterns and lists of paths → the sessions they name.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::discover::{self, Env, Found};
use crate::error::Problem;

/// What is to be read.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Files, folders, session ids and patterns; none at all means everything that Claude Code keeps.
    pub arguments: Vec<OsString>,
    /// Paths as a list: one a line, or ended by NUL if there is one in it; empty lines are passed over.
    pub list: Option<Vec<u8>>,
}

/// The sessions that `inputs` name, by path, each once. What names nothing is left out, with the reason.
pub fn inputs(inputs: &Inputs, env: &Env) -> Found {
    if inputs.arguments.is_empty() && inputs.list.is_none() {
        let mut found = discover::list(env);
        found.sessions.sort_by(|a, b| a.main.cmp(&b.main));
        return found;
    }
    let mut problems = Vec::new();
    let mut paths: Vec<OsString> = Vec::new();
    for argument in &inputs.arguments {
        if Path::new(argument).symlink_metadata().is_ok() || !is_pattern(argument) {
            paths.push(argument.clone());
        } else {
            pattern(&argument.to_string_lossy(), &mut paths, &mut problems);
        }
    }
    paths.extend(inputs.list.as_deref().map(listed).unwrap_or_default());
    let mut found = discover::all(&paths, env);
    problems.append(&mut found.left_out);
    found.left_out = problems;
    found
}

pub(super) fn is_pattern(argument: &OsStr) -> bool {
    argument
        .as_encoded_bytes()
        .iter()
        .any(|byte| b"*?[".contains(byte))
}

/// Adds the paths that fit `pattern`, by name.
fn pattern(pattern: &str, paths: &mut Vec<OsString>, problems: &mut Vec<Problem>) {
    let mut problem = |what: String| {
        problems.push(Problem {
            path: pattern.to_owned(),
            line: 0,
            column: 0,
            what,
        });
    };
    match glob::glob(pattern) {
        Err(error) => problem(format!("not a pattern: {error}")),
        Ok(fits) => {
            let before = paths.len();
            for path in fits {
                match path {
                    Ok(path) => paths.push(path.into_os_string()),
                    Err(error) => problem(error.to_string()),
                }
            }
            if paths.len() == before {
                problem("no file fits this pattern".to_owned());
            }
        }
    }
}

/// The paths in a list.
pub(super) fn listed(list: &[u8]) -> Vec<OsString> {
    let by = if list.contains(&0) { 0 } else { b'\n' };
    list.split(|byte| *byte == by)
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .map(path)
        .collect()
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_lines_or_ends() {
        for (list, paths) in [
            (&b"a b\nc\r\n\n"[..], vec!["a b", "c"]),
            (b"a\nb\0c\0", vec!["a\nb", "c"]),
            (b"", vec![]),
        ] {
            assert_eq!(listed(list), paths, "{list:?}");
        }
    }
}
