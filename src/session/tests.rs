//! Whole transcripts in, sessions out.

use std::path::{Path, PathBuf};

use super::*;

/// The transcripts below a folder, in a stable order.
fn transcripts(folder: &Path, all: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            transcripts(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "jsonl") {
            all.push(path);
        }
    }
}

fn assert_sound(session: &Session, label: &str) {
    let tally = session.tally;
    assert_eq!(
        tally.lines,
        tally.blank + tally.bad + tally.whole + tally.repaired,
        "{label}: each line is counted once"
    );
    for (index, call) in session.calls.iter().enumerate() {
        assert!(call.agent.is_none_or(|agent| agent < session.agents.len()));
        assert_eq!(
            call.returned_at.is_none(),
            call.outcome == Outcome::Missing,
            "{label}: call {index}"
        );
    }
    let mut next = 0;
    let mut ticks = 0;
    for event in &session.timeline {
        assert!(event.agent.is_none_or(|agent| agent < session.agents.len()));
        match event.body {
            Body::Call(call) => {
                assert_eq!(call, next, "{label}: calls stand in the timeline's order");
                next += 1;
                assert_eq!(event.tick, ticks);
                ticks += u32::from(event.agent.is_none());
            }
            Body::Return(call) => assert!(call < session.calls.len()),
            _ => {}
        }
    }
    assert_eq!(next, session.calls.len(), "{label}: every call is told");
}

#[test]
fn real_transcripts_are_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let mut paths = Vec::new();
    transcripts(&folder, &mut paths);
    for path in &paths {
        let label = path
            .strip_prefix(&folder)
            .unwrap_or(path)
            .display()
            .to_string();
        let bytes = std::fs::read(path).unwrap_or_default();
        let (session, _) = from_bytes(&path.display().to_string(), &bytes);
        assert_sound(&session, &label);
    }
}
