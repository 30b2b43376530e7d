//! Which folders are to be watched.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::batch::Inputs;
use crate::batch::inputs::{is_pattern, listed};
use crate::discover::{Env, Found};

/// Folders, and whether what is below them is meant too.
pub(super) type Places = BTreeMap<PathBuf, bool>;

/// The folders in which what `inputs` name can change, of those that are there.
///
/// A session that was named by itself has the folder of its transcript, and that of its subagents.
pub(super) fn places(inputs: &Inputs, env: &Env, found: &Found) -> Places {
    let mut places = Places::new();
    let mut add = |path: &Path, deep: bool| {
        let path = env.cwd.join(path);
        if path.is_dir() {
            *places.entry(path).or_default() |= deep;
        }
    };
    let list = inputs.list.as_deref().map(listed).unwrap_or_default();
    for argument in inputs.arguments.iter().chain(&list) {
        let path = Path::new(argument);
        if path.is_dir() {
            add(path, true);
        } else if path.symlink_metadata().is_err() && is_pattern(argument) {
            let (folder, deep) = plain(path);
            add(&folder, deep);
        } else {
            add(parent(path), false);
        }
    }
    if inputs.arguments.is_empty() && inputs.list.is_none() {
        for root in env.roots() {
            match root.is_dir() {
                true => {
                    add(&root, true);
                    // Project folders may be linked, as to another disk.
                    linked(&root).iter().for_each(|folder| add(folder, true));
                }
                // It may come.
                false => add(parent(&root), false),
            }
        }
    }
    let named: Vec<PathBuf> = (found.sessions.iter())
        .filter_map(|session| Some(env.cwd.join(session.main.path()?)))
        .filter(|path| !is_within(path, &places))
        .collect();
    for path in named {
        let mut add = |path: &Path, deep: bool| {
            if path.is_dir() {
                *places.entry(path.to_owned()).or_default() |= deep;
            }
        };
        add(parent(&path), false);
        add(&path.with_extension(""), true);
    }
    places
}

/// Whether `path` is below one of the places that mean all below them.
fn is_within(path: &Path, places: &Places) -> bool {
    path.ancestors()
        .any(|folder| places.get(folder) == Some(&true))
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The folder of a pattern that all that fits it is in, and whether that may be deeper than in it.
fn plain(pattern: &Path) -> (PathBuf, bool) {
    let mut folder = PathBuf::new();
    let mut components = pattern.components();
    for component in components.by_ref() {
        match component {
            Component::Normal(name) if is_pattern(name) => break,
            component => folder.push(component),
        }
    }
    if folder.as_os_str().is_empty() {
        folder.push(".");
    }
    let deep = components.next().is_some() || pattern.to_string_lossy().contains("**");
    (folder, deep)
}

/// The links in `folder` that lead to folders.
fn linked(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_symlink() && path.is_dir())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_watched_from_its_plain_folder() {
        for (pattern, folder, deep) in [
            ("logs/*.jsonl", "logs", false),
            ("logs/**/*.jsonl", "logs", true),
            ("logs/-*/a.jsonl", "logs", true),
            ("*.jsonl", ".", false),
            ("/a/b?/**", "/a", true),
        ] {
            assert_eq!(
                plain(Path::new(pattern)),
                (folder.into(), deep),
                "{pattern}"
            );
        }
    }
}
