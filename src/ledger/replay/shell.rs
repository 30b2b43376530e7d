//! What shell commands did to files.

use super::super::Cite;
use super::super::files::Touch;
use super::Replay;
use crate::extract::command::Simple;
use crate::extract::path::{Class, class};

impl Replay<'_> {
    /// The files that a shell command printed: an agent without a tool that reads, reads so. `main` is false in a subagent.
    pub(super) fn shell_reads(
        &mut self,
        simple: &Simple,
        folder: Option<&str>,
        cite: &Cite,
        main: bool,
    ) {
        for path in printed(simple) {
            let shown = self.paths.show_from(folder, path);
            if is_file(path) && !is_scratch(&shown) {
                self.files.touch(shown, Touch::Read, cite, main);
            }
        }
    }

    /// What a shell command that ran in `folder` did to files and to the repository.
    pub(super) fn shell_edits(&mut self, simple: &Simple, folder: Option<&str>, cite: &Cite) {
        let operands: Vec<String> = simple
            .operands()
            .map(|path| self.paths.show_from(folder, path))
            .collect();
        match (
            simple.program(),
            simple.words.get(1).map_or("", String::as_str),
        ) {
            ("rm", _) | ("git", "rm") => {
                self.commands.removed(|run| {
                    let run = self.paths.show_from(folder, run);
                    operands.iter().any(|gone| {
                        let rest = run.strip_prefix(gone.trim_end_matches('/'));
                        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    })
                });
                let gone: Vec<String> = operands
                    .iter()
                    .flat_map(|path| {
                        // A folder goes with all that is in it.
                        let folder = path.trim_end_matches('/').to_owned() + "/";
                        let mut gone = self.files.under(&folder);
                        gone.extend(self.files.is_known(path).then(|| path.clone()));
                        gone
                    })
                    .collect();
                for path in gone {
                    self.forget_failures(&path, &simple.text, cite);
                    self.files.touch(path, Touch::Delete, cite, true);
                }
            }
            ("mv", _) => self.renamed(&operands, cite),
            ("git", "mv") => self.renamed(operands.get(1..).unwrap_or_default(), cite),
            ("sed", _)
                if simple
                    .words
                    .iter()
                    .any(|word| word.starts_with("-i") || word == "--in-place") =>
            {
                if let Some(path) = operands
                    .last()
                    .filter(|path| self.files.is_known(path) || path.contains('.'))
                    .cloned()
                {
                    self.files.touch(
                        path.clone(),
                        Touch::Edit {
                            added: 0,
                            removed: 0,
                        },
                        cite,
                        true,
                    );
                    self.edited(path, cite, None);
                }
            }
            ("git", subcommand) => self.git_edits(subcommand, simple, &operands, cite),
            _ => {}
        }
        for path in &simple.writes {
            let shown = self.paths.show_from(folder, path);
            if !is_scratch(&shown) && shown.contains('.') {
                let touch = if self.files.is_known(&shown) {
                    Touch::Edit {
                        added: 0,
                        removed: 0,
                    }
                } else {
                    Touch::Create { added: 0 }
                };
                self.files.touch(shown.clone(), touch, cite, true);
                self.edited(shown, cite, None);
            }
        }
    }

    fn renamed(&mut self, operands: &[String], cite: &Cite) {
        if let [from, to] = operands
            && !self.files.is_known(from)
        {
            // A folder moves with all that is in it.
            let folder = from.trim_end_matches('/').to_owned() + "/";
            for path in self.files.under(&folder) {
                let rest = path.strip_prefix(folder.as_str()).unwrap_or(&path);
                let to = format!("{}/{rest}", to.trim_end_matches('/'));
                self.forget_failures(&path, "mv", cite);
                self.files.rename(&path, to, cite);
            }
            return;
        }
        if let [from, to] = operands
            && self.files.is_known(from)
        {
            let name = from.rsplit('/').next().unwrap_or(from);
            let to = if to.ends_with('/') {
                format!("{to}{name}")
            } else {
                to.clone()
            };
            self.forget_failures(from, "mv", cite);
            self.files.rename(from, to, cite);
        }
    }
}

/// The files that `simple` prints, in whole or in part, as far as its words name them.
fn printed(simple: &Simple) -> impl Iterator<Item = &str> {
    let edits = |word: &String| word.starts_with("-i") || word == "--in-place";
    let (prints, script) = match simple.program() {
        "cat" | "nl" | "head" | "tail" | "less" | "more" | "bat" | "batcat" => (true, false),
        // The first operand is what it does, unless an option says that.
        "sed" => (
            !simple.words.iter().any(edits),
            !simple.words.iter().any(|word| word == "-e" || word == "-f"),
        ),
        _ => (false, false),
    };
    let named = |word: &&str| !word.contains(['*', '?', '[', '{', '$', '`', ' ']);
    let operands = if prints { usize::MAX } else { 0 };
    let operands = simple.operands().skip(usize::from(script)).take(operands);
    operands.filter(named)
}

/// True for a word that names a file: the number of an option names none.
fn is_file(word: &str) -> bool {
    let has_letters = |ending: &str| ending.starts_with(|c: char| c.is_ascii_alphabetic());
    let ending = word.rsplit_once('.').map(|(_, ending)| ending);
    word.contains('/') || ending.is_some_and(has_letters) || class(word) != Class::Other
}

/// What lies where nothing stays, or where it is not known.
fn is_scratch(path: &str) -> bool {
    ["/dev/", "/tmp", "/var/", "$"]
        .iter()
        .any(|head| path.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::{is_file, is_scratch, printed};
    use crate::extract::command::parse;

    /// The files that a command counts as a reading of.
    fn read(command: &str) -> Vec<String> {
        let files = |path: &&str| is_file(path) && !is_scratch(path);
        let parsed = parse(command);
        let shown = parsed.iter().flat_map(printed);
        shown.filter(files).map(str::to_owned).collect()
    }

    #[test]
    fn a_file_that_is_printed_is_read() {
        assert_eq!(
            read("sed -n '1,240p' src/a.rs && nl -ba b.go | sed -n '5,9p'; head -n 20 Makefile"),
            ["src/a.rs", "b.go", "Makefile"]
        );
        assert_eq!(
            read("cat README.md docs/x.md > /tmp/y.md"),
            ["README.md", "docs/x.md"]
        );
        assert_eq!(
            read("head -n 20 pkl/a.pkl && cat tasks/release b.bats"),
            ["pkl/a.pkl", "tasks/release", "b.bats"]
        );
        assert_eq!(read("sed -n -e 1p -e 5p src/a.rs"), ["src/a.rs"]);
        for command in [
            "sed -i 's/a.rs/b.rs/' src/a.rs",
            "sed 's/a.rs/b.rs/'",
            "cat > src/a.rs <<'EOF'\nx\nEOF",
            "tail -f /tmp/run.md",
            "cat src/*.rs $FILE.md",
            "head -20",
            "wc -l src/a.rs",
        ] {
            assert_eq!(read(command), [""; 0], "{command}");
        }
    }
}
