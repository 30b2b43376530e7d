//! What shell commands did to files.

use super::super::Cite;
use super::super::files::Touch;
use super::Replay;
use crate::extract::command::Simple;

impl Replay<'_> {
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
                    self.edited(path, cite);
                }
            }
            ("git", subcommand) => self.git_edits(subcommand, simple, &operands, cite),
            _ => {}
        }
        for path in &simple.writes {
            let shown = self.paths.show_from(folder, path);
            let scratch = shown.starts_with("/dev/")
                || shown.starts_with("/tmp")
                || shown.starts_with("/var/")
                || shown.starts_with('$');
            if !scratch && shown.contains('.') {
                let touch = if self.files.is_known(&shown) {
                    Touch::Edit {
                        added: 0,
                        removed: 0,
                    }
                } else {
                    Touch::Create { added: 0 }
                };
                self.files.touch(shown.clone(), touch, cite, true);
                self.edited(shown, cite);
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
