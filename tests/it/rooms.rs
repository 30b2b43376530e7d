//! The rooms: each knows only the ones below it.

use std::path::Path;

/// The rooms of the library, lowest first: a room names only rooms before it.
const ROOMS: &[&str] = &[
    "position", "when", "error", "write", "tokens", "rules", "safety", "read", "discover",
    "record", "session", "extract", "ledger", "score", "pack", "render", "check", "rubric",
    "chain", "diff", "pipeline", "show", "explain", "eval", "entry", "store", "export", "batch",
    "report", "hook", "mcp", "cli",
];

#[test]
fn the_arrow_points_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (index, room) in ROOMS.iter().enumerate() {
        for path in sources(&src, room) {
            let text = std::fs::read_to_string(&path).expect("a source file");
            for (number, line) in text.lines().enumerate() {
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for named in line
                    .match_indices("crate::")
                    .map(|(at, found)| &line[at + found.len()..])
                {
                    let named = named
                        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                        .next()
                        .unwrap_or("");
                    if ROOMS
                        .iter()
                        .position(|other| *other == named)
                        .is_some_and(|other| other > index)
                    {
                        wrong.push(format!(
                            "{}:{}: {room} names {named}",
                            path.display(),
                            number + 1
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "rooms that know rooms above them:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_module_is_a_room() {
    let lib = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("lib.rs");
    for line in lib.lines() {
        if let Some(room) = line.strip_prefix("pub mod ") {
            let room = room.trim_end_matches(';');
            assert!(ROOMS.contains(&room), "{room} has no place among the rooms");
        }
    }
}

fn sources(src: &Path, room: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![src.join(format!("{room}.rs")), src.join(room)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                std::fs::read_dir(&path)
                    .expect("a folder")
                    .map(|entry| entry.expect("an entry").path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") && path.exists() {
            found.push(path);
        }
    }
    found
}
