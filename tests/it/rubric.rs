//! The slots of the rubric: the made sessions fill them, and what is cut from a handoff is missed.

use std::path::{Path, PathBuf};

use passdown::check::document::Document;
use passdown::discover::{Env, sessions};
use passdown::ledger::Ledger;
use passdown::pipeline::{self, Options};
use passdown::read;
use passdown::rubric::{Slot, State, rubric};
use passdown::rules::RuleSet;
use passdown::score::{self, Part, Work};
use passdown::session::Session;

use crate::run::Run;

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sessions");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("the made sessions")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

/// The session of a case with its handoff; none where there is nothing to hand over.
fn condensed(case: &Path) -> Option<(Session, Ledger, Work, String)> {
    let log = case.join("session.jsonl");
    let found = sessions(&[log.to_str()?], &Env::from_system()).ok()?;
    let (session, _) = pipeline::load(found.sessions.first()?, &read::Options::default()).ok()?;
    let options = Options::default();
    let condensed = pipeline::condense(&session, RuleSet::builtin(), &options).ok()??;
    let text = condensed.text(options.format, options.render).ok()?;
    let work = score::work(&condensed.ledger)[0].0;
    Some((session, condensed.ledger, work, text))
}

fn missed(slots: &[Slot]) -> Vec<String> {
    slots
        .iter()
        .filter(|slot| slot.state == State::Missed)
        .map(|slot| format!("{}: {}", slot.slot, slot.missing.join(", ")))
        .collect()
}

#[test]
fn made_sessions_fill_the_slots_that_apply() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some((session, ledger, work, text)) = condensed(&case) else {
            continue;
        };
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        let missed = missed(&rubric(&text, &session, &ledger, work));
        if !missed.is_empty() {
            wrong.push(format!("{name}: {}", missed.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is cut from a handoff is missed, whatever its part, where no other part says it too.
#[test]
fn a_part_that_is_cut_is_missed() {
    let mut cut = std::collections::BTreeSet::new();
    for case in cases() {
        let Some((session, ledger, work, text)) = condensed(&case) else {
            continue;
        };
        let document = Document::new(&text);
        for part in Part::ALL {
            let less: Vec<&str> = document
                .lines
                .iter()
                .filter(|line| line.part != Some(part))
                .map(|line| line.text)
                .collect();
            let slots = rubric(&less.join("\n"), &session, &ledger, work);
            if slots
                .iter()
                .any(|slot| slot.state == State::Missed && slot.part == part.word())
            {
                cut.insert(part);
            }
        }
        let nothing = rubric("", &session, &ledger, work);
        assert!(nothing.iter().all(|slot| slot.state != State::Filled));
        assert!(missed(&nothing).len() >= 4, "{}", case.display());
    }
    assert_eq!(cut.len(), Part::ALL.len(), "{cut:?}");
}

#[test]
fn check_says_what_the_log_has_and_the_handoff_does_not() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sessions/code-quality");
    let read = |name: &str| std::fs::read_to_string(case.join(name)).expect("a file of the case");
    let handoff = read("handoff.md");
    let check = |text: &str, more: &[&str]| {
        Run::new()
            .file("s.jsonl", read("session.jsonl"))
            .file("h.md", text)
            .args(["check", "h.md", "--no-tree", "--log", "s.jsonl"])
            .args(more.iter().copied())
            .go()
    };
    let good = check(&handoff, &[]).exits(0);
    assert!(
        good.out.contains("note: slots of quality work: "),
        "{}",
        good.out
    );
    assert!(good.out.contains(", 0 missed\n"), "{}", good.out);
    let status = handoff
        .split("**Current Status:**")
        .next()
        .expect("a title");
    let bad = check(status, &[]).exits(1);
    assert!(
        bad.out.contains("missed-slot: status does not say "),
        "{}",
        bad.out
    );
    let json = check(status, &["--format", "json"]).exits(1);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["slots"]["work"], "quality");
    assert!(json["slots"]["missed"].as_u64() > Some(3), "{json}");
    let slot = &json["slots"]["each"][0];
    assert_eq!(
        (&slot["slot"], &slot["part"]),
        (&"title".into(), &"task".into())
    );
    let none = Run::new()
        .file("h.md", &handoff)
        .args(["check", "h.md", "--no-tree", "--log", "gone"])
        .go()
        .exits(2);
    assert!(none.err.contains("gone: no such file"), "{}", none.err);
}
