//! What a text earns, on a small session.

use serde_json::{Value, json};

use super::baseline;
use super::cut::{CutKind, Place, cuts};
use super::facts::{FactKind, Facts};
use super::index::{Index, Past};
use super::log::Log;
use super::score::{missed, score};
use super::text::tokens;

/// A log in the making.
#[derive(Default)]
struct Made {
    lines: Vec<String>,
}

impl Made {
    fn add(&mut self, kind: &str, content: Value) {
        let line = json!({"type": kind, "cwd": "/w/app", "message": {"content": content}});
        self.lines.push(line.to_string());
    }

    fn call(&mut self, tool: &str, input: Value, answer: &str) {
        let id = format!("t{}", self.lines.len());
        self.add(
            "assistant",
            json!([{"type": "tool_use", "id": id, "name": tool, "input": input}]),
        );
        self.add(
            "user",
            json!([{"type": "tool_result", "tool_use_id": id, "content": answer}]),
        );
    }

    fn index(&self) -> Index {
        Index::new(Log::new(self.lines.join("\n").into_bytes()))
    }
}

/// Seventy calls: the parser is edited and tested again and again, before the cut and behind it.
fn session() -> Index {
    let mut log = Made::default();
    log.add("user", json!("Repair the token parser of the export"));
    log.call(
        "TodoWrite",
        json!({"todos": [{"content": "Repair quoted fields", "status": "in_progress"}]}),
        "ok",
    );
    for round in 0..17 {
        let old = format!("parseQuoted broken escape handling {round}");
        let edit = json!({"file_path": "/w/app/src/parser.go", "old_string": old});
        log.call("Edit", edit, "done");
        log.call(
            "Read",
            json!({"file_path": format!("/w/app/doc/{round}.md")}),
            "prose",
        );
        let test = json!({"command": "go test ./src/... 2>&1 | tail"});
        log.call("Bash", test, "parser.go:12: undefined: parseQuoted");
        log.call("Grep", json!({"path": "src/lexer.go"}), "found");
        log.add(
            "assistant",
            json!([{"type": "text", "text": "The escape handling still breaks."}]),
        );
    }
    log.call(
        "TodoWrite",
        json!({"todos": [{"content": "Repair quoted fields", "status": "completed"}]}),
        "ok",
    );
    log.index()
}

fn with_cut<T>(use_it: impl FnOnce(&Past<'_>, &Facts) -> T) -> T {
    let index = session();
    let places = cuts(&index.log.events);
    let [place] = places.as_slice() else {
        panic!("one cut: {places:?}");
    };
    assert_eq!(place.kind, CutKind::Interior);
    let past = Past::new(&index, place.at);
    let facts = Facts::new(&past, place.at, place.end);
    assert!(place.counts(&past, &facts));
    use_it(&past, &facts)
}

#[test]
fn what_was_known_and_is_used_again_is_a_fact() {
    with_cut(|_, facts| {
        let keys = |kind| -> Vec<&str> { facts.of(kind).iter().map(|fact| &*fact.key).collect() };
        assert_eq!(keys(FactKind::File), ["src/parser.go"]);
        assert_eq!(keys(FactKind::Cmd), ["go test ./src/..."]);
        assert_eq!(keys(FactKind::Todo), ["Repair quoted fields"]);
        assert_eq!(keys(FactKind::Err), ["parser.go:#: undefined: parsequoted"]);
        assert!(keys(FactKind::Ident).contains(&"parseQuoted"));
        assert!(keys(FactKind::Topic).contains(&"escape"));
        // The documents behind the cut are new: they weigh, and nobody could know them.
        assert!(
            facts.knowable > 0.5 && facts.knowable < 1.0,
            "{}",
            facts.knowable
        );
    });
}

/// What the only file earns.
fn file_credit(text: &str) -> f64 {
    with_cut(|past, facts| score(text, past, facts).credits[FactKind::File as usize][0])
}

#[test]
fn a_name_alone_earns_half_and_with_something_true_the_whole() {
    let check = |text: &str, earned: f64| assert_eq!(file_credit(text), earned, "{text}");
    check("", 0.0);
    check("src/other.go", 0.0);
    check("src/parser.go", 0.5);
    check("parser.go", 0.5);
    check("/w/app/src/parser.go:12 has broken escape handling", 1.0);
    // Words that never stood side by side there are a heap of keywords.
    check("src/parser.go handling broken string", 0.5);
    check("src/parser.go zebra walnut lantern", 0.5);
    // Its own number of edits.
    check("- src/parser.go: edited 11x, read 0x", 1.0);
    // A citation is no number of it.
    check("- src/parser.go L11", 0.5);
}

#[test]
fn a_family_of_commands_earns_less_than_the_command() {
    let earned = |text: &str| {
        with_cut(|past, facts| score(text, past, facts).credits[FactKind::Cmd as usize][0])
    };
    assert_eq!(earned("we should go test"), 0.2);
    assert_eq!(earned("`go test ./src/...`"), 0.5);
    assert_eq!(earned("ran 10x: `go test ./src/...` command"), 1.0);
}

#[test]
fn no_text_beats_the_bound_and_a_larger_budget_loses_nothing_of_it() {
    with_cut(|past, facts| {
        let mut last = 0.0;
        for budget in [5, 20, 80, 320] {
            let bound = baseline::bound(facts, budget);
            assert!(bound >= last && bound <= 1.0 + 1e-9, "{bound}");
            last = bound;
            for text in [
                baseline::tail(past, budget),
                baseline::masked_tail(past, budget),
                baseline::frequent(past, budget),
                baseline::oracle(past, facts, budget),
            ] {
                assert!(tokens(&text) <= budget, "{budget}: {text}");
                let recall = score(&text, past, facts).recall;
                assert!(
                    recall <= bound + 1e-9,
                    "{budget}: {recall} > {bound}: {text}"
                );
            }
        }
        assert!(!baseline::masked_tail(past, 80).contains("undefined"));
    });
}

#[test]
fn what_was_missed_adds_up_to_what_is_lacking() {
    with_cut(|past, facts| {
        let scored = score("src/parser.go: broken escape handling", past, facts);
        let lost: f64 = missed(&scored, facts).iter().map(|(.., lost)| lost).sum();
        assert!(
            (lost + scored.recall - 1.0).abs() < 1e-9,
            "{lost} {}",
            scored.recall
        );
    });
}

#[test]
fn a_session_is_cut_at_each_compaction_and_else_once_if_it_is_long() {
    let places = |calls: usize, compactions: &[usize]| -> Vec<Place> {
        let mut log = Made::default();
        for at in 0..calls {
            if compactions.contains(&at) {
                let line = json!({"type": "user", "isCompactSummary": true, "message": {"content": "All."}});
                log.lines.push(line.to_string());
            }
            log.call("Read", json!({"file_path": "a"}), "x");
        }
        cuts(&log.index().log.events)
    };
    assert_eq!(places(59, &[]), []);
    let at = |place: &Place| (place.kind, place.at, place.end);
    assert_eq!(
        places(60, &[]).iter().map(at).collect::<Vec<_>>(),
        [(CutKind::Interior, 72, 120)]
    );
    assert_eq!(
        places(80, &[10, 40]).iter().map(at).collect::<Vec<_>>(),
        [(CutKind::Boundary, 20, 81), (CutKind::Boundary, 81, 162)]
    );
}
