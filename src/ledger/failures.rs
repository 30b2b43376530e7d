//! Failures: what went wrong, and whether it still does.

use super::Cite;
use super::checks::Face;
use super::scope::Scope;
use crate::extract::finding::{About, FailureHit, Family};

/// Something that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What the rule or the status says.
    pub hit: FailureHit,
    /// The message with its numbers, addresses and folders folded: what makes two of them the same.
    pub fingerprint: String,
    /// The command that showed it, as it was written.
    pub command: String,
    /// The tool and family of the check that showed it.
    pub check: Option<(String, Family)>,
    /// True if the user showed it: no tool of the session did.
    pub by_user: bool,
    /// What the check was run on.
    pub scope: Scope,
    /// What a runner ran for the check.
    pub through: Vec<Face>,
    /// How often it was shown.
    pub count: u32,
    /// Where it was shown first.
    pub first: Cite,
    /// Where it was shown last.
    pub last: Cite,
    /// Whether it still stands.
    pub state: State,
}

/// Whether a failure still stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// The last that is known of it is that it failed.
    Open,
    /// A narrower or unlike run of its tool passed since: it may be gone.
    Doubtful,
    /// It is gone.
    Resolved {
        /// The command that showed it.
        by: String,
        /// Where.
        at: Cite,
    },
}

impl Failure {
    /// True if it stands, as far as the log knows.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// True if it is about the work, not about the machine or the agent's tools.
    pub fn is_product(&self) -> bool {
        self.hit.about == About::Product
    }
}

/// `text` with numbers, addresses, hashes and folders folded, so that two runs show one failure.
pub fn fingerprint(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let word = word.rsplit('/').next().unwrap_or(word);
        if !out.is_empty() {
            out.push(' ');
        }
        let hex = word.len() >= 7
            && word.bytes().all(|b| b.is_ascii_hexdigit())
            && word.bytes().any(|b| b.is_ascii_digit());
        if hex || word.starts_with("0x") {
            out.push('#');
            continue;
        }
        let mut in_number = false;
        for c in word.chars() {
            if c.is_ascii_digit() {
                if !in_number {
                    out.push('#');
                }
                in_number = true;
            } else if !(in_number && c == '.') {
                in_number = false;
                out.extend(c.to_lowercase());
            }
        }
    }
    out
}

/// Which commands a failure of a command that is no check belongs to: program and first operand.
pub(super) fn command_family(words: &[String]) -> String {
    let program = words.first().map_or("", String::as_str);
    let program = program.rsplit('/').next().unwrap_or(program);
    match words
        .get(1)
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
    {
        // A script is the same from whatever folder it is run.
        Some(operand) => format!(
            "{program} {}",
            operand.rsplit('/').next().unwrap_or(operand)
        ),
        None => program.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_known_from_any_folder() {
        let family =
            |line: &str| command_family(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for (line, expected) in [
            ("node assets/build.js --minify", "node build.js"),
            ("node build.js", "node build.js"),
            ("./node_modules/.bin/esbuild app.ts", "esbuild app.ts"),
            ("gh pr create", "gh pr"),
            ("make -j4", "make"),
        ] {
            assert_eq!(family(line), expected, "{line}");
        }
    }

    #[test]
    fn fingerprints_fold_what_changes_from_run_to_run() {
        for (a, b) in [
            (
                "timeout after 1.53s at 0xc000123abc",
                "timeout after 12s at 0xdeadbeef",
            ),
            (
                "/tmp/x1/a.go:12: undefined: Foo",
                "/tmp/y/a.go:99: undefined: Foo",
            ),
            ("commit 1a2b3c4 is gone", "commit 99ffab0 is gone"),
        ] {
            assert_eq!(fingerprint(a), fingerprint(b));
        }
        assert_ne!(fingerprint("undefined: Foo"), fingerprint("undefined: Bar"));
    }
}
