//! Files: what was done to each, how lately, and whether it is committed.

use std::collections::{BTreeMap, HashMap};

use super::git::lies_in;
use super::{Cite, Uses};
use crate::extract::path::{Class, class};

/// A file that the session touched.
#[derive(Clone, Debug)]
pub struct FileState {
    /// The path as it is shown.
    pub path: String,
    /// What it is for.
    pub class: Class,
    /// Times it was changed.
    pub edits: u32,
    /// Times it was read.
    pub reads: u32,
    /// True if the session made it.
    pub created: bool,
    /// True if it is gone.
    pub deleted: bool,
    /// Lines added and removed by edits.
    pub added: u32,
    /// See `added`.
    pub removed: u32,
    /// True if a change to it is in no commit that the log shows.
    pub uncommitted: bool,
    /// Changes since the last commit that holds it.
    pub pending: u32,
    /// Times it was changed that were taken back: they count in no other number.
    pub taken_back: u32,
    /// Its uses in the main conversation.
    pub uses: Uses,
    /// Its last change, or its last reading if it was never changed.
    pub last: Cite,
    /// Lines that edits brought in, newest last; of a file written whole, the lines that define something.
    pub changed: Vec<(String, Cite)>,
    /// Lines of it that searches showed, newest last.
    pub seen: Vec<(String, Cite)>,
    /// Names defined or changed in it, newest last.
    pub defined: Vec<Defined>,
    /// Names whose definitions edits took out of it: one that comes back is not new.
    pub gone: Vec<String>,
    /// Where the session made it.
    pub made: Option<Cite>,
    /// Paths that it had before it was moved; each move counts among the changes.
    pub was: Vec<String>,
}

impl FileState {
    /// True if it is as before the session, as far as its tools show: never changed, or made and taken away again.
    pub fn is_as_it_was(&self) -> bool {
        self.edits == 0 || (self.created && self.deleted)
    }
}

/// A name that an edit defined or changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Defined {
    /// The name.
    pub name: String,
    /// The line that defines it.
    pub line: String,
    /// True if the edit brought it in, false if it changed what stands there.
    pub new: bool,
    /// The edit.
    pub cite: Cite,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    Read,
    Edit { added: u32, removed: u32 },
    Create { added: u32 },
    Delete,
}

/// The files of a session, by path.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    by_path: BTreeMap<String, FileState>,
}

impl Files {
    /// Counts a touch. `main` is false in a subagent, whose reads say nothing of what the main conversation is about.
    pub(super) fn touch(
        &mut self,
        path: String,
        touch: Touch,
        cite: &Cite,
        main: bool,
    ) -> &mut FileState {
        let file = self
            .by_path
            .entry(path)
            .or_insert_with_key(|path| FileState {
                path: path.clone(),
                class: class(path),
                edits: 0,
                reads: 0,
                created: false,
                deleted: false,
                added: 0,
                removed: 0,
                uncommitted: false,
                pending: 0,
                taken_back: 0,
                uses: Uses::default(),
                last: cite.clone(),
                changed: Vec::new(),
                seen: Vec::new(),
                defined: Vec::new(),
                gone: Vec::new(),
                made: None,
                was: Vec::new(),
            });
        if main || touch != Touch::Read {
            file.uses.add(cite.tick);
        }
        match touch {
            Touch::Read => {
                file.reads += 1;
                if file.edits == 0 {
                    file.last = cite.clone();
                }
                return file;
            }
            Touch::Edit { added, removed } => {
                file.edits += 1;
                file.added += added;
                file.removed += removed;
                file.deleted = false;
            }
            Touch::Create { added } => {
                file.edits += 1;
                file.added += added;
                file.created = true;
                file.made.get_or_insert_with(|| cite.clone());
                file.deleted = false;
            }
            Touch::Delete => file.deleted = true,
        }
        // What lies outside of the session's folder is in another repository, or in none.
        file.uncommitted = !file.path.starts_with(['/', '~']) && !file.path.contains(':');
        file.pending += 1;
        file.last = cite.clone();
        file
    }

    pub(super) fn rename(&mut self, from: &str, to: String, cite: &Cite) {
        let old = self.by_path.remove(from);
        let file = self.touch(
            to,
            Touch::Edit {
                added: 0,
                removed: 0,
            },
            cite,
            true,
        );
        if let Some(old) = old {
            file.edits += old.edits;
            file.reads += old.reads;
            file.created |= old.created;
            file.pending += old.pending;
            file.defined = old.defined;
            file.gone = old.gone;
            file.made = old.made;
            file.was = old.was;
            file.was.push(old.path);
        }
    }

    /// Marks as committed what lies at or under `paths`; everything if there are none.
    pub(super) fn commit(&mut self, paths: &[String]) {
        for file in self.at(paths) {
            file.uncommitted = false;
            file.pending = 0;
        }
    }

    /// A whole listing of git's: what it does not list is as committed, what it lists is not.
    pub(super) fn listed(&mut self, paths: &[String], whole: bool) {
        for file in self.by_path.values_mut() {
            let is_listed = paths.iter().any(|path| lies_in(&file.path, path));
            if is_listed && file.edits > 0 {
                file.uncommitted = true;
            } else if whole && !is_listed {
                file.uncommitted = false;
                file.pending = 0;
            }
        }
    }

    /// Takes back what was changed since the last commit: the file is again as committed. Gives the lines that are
    /// gone with it.
    pub(super) fn restore(&mut self, paths: &[String]) -> Vec<String> {
        let mut gone = Vec::new();
        for file in self.at(paths) {
            let back = file.pending.min(file.edits);
            file.edits -= back;
            file.taken_back += back;
            file.uncommitted = false;
            file.pending = 0;
            if file.edits == 0 {
                (file.added, file.removed) = (0, 0);
                gone.extend(file.changed.drain(..).map(|(line, _)| line));
                file.defined.clear();
            }
        }
        gone
    }

    /// Changed files that git knows and no commit holds, at or under `paths`; all of them if there are none.
    pub(super) fn uncommitted(&mut self, paths: &[String]) -> Vec<String> {
        self.at(paths)
            .filter(|file| file.edits > 0 && file.uncommitted)
            .filter(|file| !file.created || file.edits > file.pending)
            .map(|file| file.path.clone())
            .collect()
    }

    /// The files at or under `paths`; all of them if there are none.
    fn at<'f>(&'f mut self, paths: &'f [String]) -> impl Iterator<Item = &'f mut FileState> {
        self.by_path.values_mut().filter(move |file| {
            let named = |path: &String| {
                path == "."
                    || file.path == *path
                    || file
                        .path
                        .strip_prefix(path.trim_end_matches('/'))
                        .is_some_and(|rest| rest.starts_with('/'))
            };
            paths.is_empty() || paths.iter().any(named)
        })
    }

    /// The paths that begin with `folder`, in order.
    pub(super) fn under(&self, folder: &str) -> Vec<String> {
        let paths = self.by_path.keys();
        paths
            .filter(|path| path.starts_with(folder))
            .cloned()
            .collect()
    }

    pub(super) fn get(&self, path: &str) -> Option<&FileState> {
        self.by_path.get(path)
    }

    pub(super) fn get_mut(&mut self, path: &str) -> Option<&mut FileState> {
        self.by_path.get_mut(path)
    }

    pub(super) fn is_known(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }

    /// Its files by their names.
    pub(super) fn by_name(&self) -> ByName<'_> {
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        for file in self.by_path.values() {
            for path in std::iter::once(&file.path).chain(&file.was) {
                by_name.entry(name(path)).or_default().push(path);
            }
        }
        ByName(by_name)
    }

    pub(super) fn into_vec(self) -> Vec<FileState> {
        self.by_path.into_values().collect()
    }
}

/// Files by their names.
pub(super) struct ByName<'f>(HashMap<&'f str, Vec<&'f str>>);

impl ByName<'_> {
    /// True if one of the files is at `path`, or at the end of it, or has it for its own end: a search from within a
    /// folder shows no more.
    pub(super) fn holds(&self, path: &str) -> bool {
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short)
                .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
        };
        let named = self.0.get(name(path));
        named.is_some_and(|all| all.iter().any(|it| ends(it, path) || ends(path, it)))
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_end_of_its_path() {
        let mut files = Files::default();
        for path in ["cmd/cli/hooks.go", "main.go"] {
            edited(&mut files, path, Touch::Read);
        }
        let known = files.by_name();
        for (path, held) in [
            ("hooks.go", true),
            ("cli/hooks.go", true),
            ("/home/dev/x/cmd/cli/hooks.go", true),
            ("li/hooks.go", false),
            ("other/hooks.go", false),
            ("cmd/main.go", true),
            ("min.go", false),
        ] {
            assert_eq!(known.holds(path), held, "{path}");
        }
    }

    fn edited(files: &mut Files, path: &str, touch: Touch) {
        let cite = Cite {
            at: crate::position::Position::main(1),
            uuid: None,
            time: None,
            tick: 0,
        };
        files.touch(path.to_owned(), touch, &cite, true);
    }

    #[test]
    fn what_is_restored_was_not_edited() {
        const EDIT: Touch = Touch::Edit {
            added: 3,
            removed: 1,
        };
        let mut files = Files::default();
        edited(&mut files, "src/a.go", EDIT);
        files.commit(&[]);
        for path in ["src/a.go", "src/b.go", "other/c.go"] {
            edited(&mut files, path, EDIT);
        }
        edited(&mut files, "src/new.go", Touch::Create { added: 9 });
        let src = ["src".to_owned()];
        // What git does not know it does not bring back.
        let back = files.uncommitted(&src);
        assert_eq!(back, ["src/a.go", "src/b.go"]);
        files.restore(&back);
        let left: Vec<(String, u32, bool)> = files
            .into_vec()
            .into_iter()
            .map(|file| (file.path, file.edits, file.uncommitted))
            .collect();
        assert_eq!(
            left,
            [
                ("other/c.go".to_owned(), 1, true),
                ("src/a.go".to_owned(), 1, false),
                ("src/b.go".to_owned(), 0, false),
                ("src/new.go".to_owned(), 1, true),
            ]
        );
    }
}
