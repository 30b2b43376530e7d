//! The text of `apply_patch` → one edit for each file.

use serde_json::{Value, json};

use super::{call, part_id};

/// The line that a patch begins with.
pub(super) const BEGIN: &str = "*** Begin Patch";

/// A file of a patch.
struct File<'a> {
    path: &'a str,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Add(String),
    Delete,
    Update {
        to: Option<&'a str>,
        /// Old and new lines of each place.
        hunks: Vec<(String, String)>,
    },
}

/// The calls that the patch in `text` stands for; none if there is no patch in it.
///
/// A new file is written, a changed one edited; one that is deleted or moved is so by a shell, since no tool of Claude
/// Code's does either.
pub(super) fn calls(id: &str, text: &str) -> Vec<Value> {
    let mut blocks: Vec<(&str, Value)> = Vec::new();
    for file in files(text) {
        let path = file.path;
        match file.kind {
            Kind::Add(content) => {
                blocks.push(("Write", json!({"file_path": path, "content": content})));
            }
            Kind::Delete => {
                blocks.push(("Bash", json!({"command": format!("rm {}", quoted(path))})))
            }
            Kind::Update { to, hunks } => {
                if let Some(to) = to {
                    let command = format!("mv {} {}", quoted(path), quoted(to));
                    blocks.push(("Bash", json!({ "command": command })));
                }
                if to.is_none() || !hunks.is_empty() {
                    let edits: Vec<Value> = hunks
                        .into_iter()
                        .map(|(old, new)| json!({"old_string": old, "new_string": new}))
                        .collect();
                    let path = to.unwrap_or(path);
                    blocks.push(("MultiEdit", json!({"file_path": path, "edits": edits})));
                }
            }
        }
    }
    blocks
        .into_iter()
        .enumerate()
        .map(|(number, (name, input))| call(&part_id(id, number), name, input))
        .collect()
}

fn files(text: &str) -> Vec<File<'_>> {
    let mut files: Vec<File<'_>> = Vec::new();
    let Some((_, body)) = text.split_once(BEGIN) else {
        return files;
    };
    // A place of context alone changes nothing.
    let mut fresh = true;
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("*** ") {
            fresh = true;
            let (word, path) = rest.split_once(": ").unwrap_or((rest, ""));
            let path = path.trim();
            let kind = match word {
                "Add File" => Kind::Add(String::new()),
                "Delete File" => Kind::Delete,
                "Update File" => Kind::Update {
                    to: None,
                    hunks: Vec::new(),
                },
                "Move to" => {
                    if let Some(Kind::Update { to, .. }) =
                        files.last_mut().map(|file| &mut file.kind)
                    {
                        *to = Some(path);
                    }
                    continue;
                }
                "End Patch" => break,
                _ => continue,
            };
            files.push(File { path, kind });
            continue;
        }
        match files.last_mut().map(|file| &mut file.kind) {
            Some(Kind::Add(content)) => {
                if let Some(line) = line.strip_prefix('+') {
                    content.push_str(line);
                    content.push('\n');
                }
            }
            Some(Kind::Update { hunks, .. }) => {
                if line.starts_with("@@") {
                    fresh = true;
                    continue;
                }
                if fresh {
                    hunks.push((String::new(), String::new()));
                    fresh = false;
                }
                if let Some((old, new)) = hunks.last_mut() {
                    let (sign, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
                    let both: [&mut String; 2] = [old, new];
                    for (side, wanted) in both.into_iter().zip(["-", "+"]) {
                        if sign == wanted || sign == " " {
                            side.push_str(rest);
                            side.push('\n');
                        }
                    }
                }
            }
            Some(Kind::Delete) | None => {}
        }
    }
    for file in &mut files {
        if let Kind::Update { hunks, .. } = &mut file.kind {
            hunks.retain(|(old, new)| old != new);
        }
    }
    files.retain(|file| !file.path.is_empty());
    files
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@%:,=".contains(&byte);
    if path.bytes().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patch: &str, expected: &[(&str, &str, Value)]) {
        let found = calls("c", patch);
        let expected: Vec<Value> = expected
            .iter()
            .map(|(id, name, input)| call(id, name, input.clone()))
            .collect();
        assert_eq!(found, expected, "{patch}");
    }

    #[test]
    fn a_patch_is_an_edit_for_each_file() {
        check("no patch", &[]);
        check("*** Begin Patch\n*** End Patch\n", &[]);
        check(
            "*** Begin Patch\n*** Add File: src/a b.rs\n+fn a() {}\n+\n*** Delete File: it's.rs\n*** End Patch",
            &[
                (
                    "c",
                    "Write",
                    json!({"file_path": "src/a b.rs", "content": "fn a() {}\n\n"}),
                ),
                ("c#2", "Bash", json!({"command": "rm 'it'\\''s.rs'"})),
            ],
        );
        check(
            "*** Begin Patch\n*** Update File: a.rs\n@@ fn x\n keep\n-old\n+new\n@@\n-gone\n*** End of File\n*** End Patch",
            &[(
                "c",
                "MultiEdit",
                json!({"file_path": "a.rs", "edits": [
                    {"old_string": "keep\nold\n", "new_string": "keep\nnew\n"},
                    {"old_string": "gone\n", "new_string": ""},
                ]}),
            )],
        );
        check(
            "*** Begin Patch\n*** Update File: a.rs\n*** Move to: b.rs\n@@\n only context\n*** End Patch",
            &[("c", "Bash", json!({"command": "mv a.rs b.rs"}))],
        );
        // Cut in the middle: what stands there counts.
        check(
            "*** Begin Patch\n*** Update File: a.rs\n@@\n-o",
            &[(
                "c",
                "MultiEdit",
                json!({"file_path": "a.rs", "edits": [{"old_string": "o\n", "new_string": ""}]}),
            )],
        );
    }
}
