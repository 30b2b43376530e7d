//! `passdown worker`: requests in, answers out.

use serde_json::{Value, json};

use crate::run::Run;

const LOG: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/corpora/sessions/protocol-example/session.jsonl"
);

fn answers(lines: &[String]) -> Vec<Value> {
    let ran = Run::new()
        .arg("worker")
        .input(lines.join("\n"))
        .go()
        .exits(0);
    assert_eq!(ran.err, "");
    ran.out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

#[test]
fn each_request_has_its_answer_and_a_bad_one_costs_itself() {
    let content = std::fs::read_to_string(LOG).expect("a log");
    let got = answers(&[
        json!({ "id": 1, "path": LOG }).to_string(),
        "not a request".to_owned(),
        String::new(),
        json!({ "id": "b", "path": "/no/such/log.jsonl" }).to_string(),
        json!({ "id": "c" }).to_string(),
        json!({ "id": "d", "path": LOG, "budget": 3 }).to_string(),
        json!({ "id": "e", "content": "" }).to_string(),
        json!({ "id": 2, "content": content, "name": "session.jsonl", "format": "json" })
            .to_string(),
    ]);
    let ids: Vec<Value> = got.iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(json!(ids), json!([1, null, "b", "c", "d", "e", 2]));
    let ok: Vec<bool> = got.iter().map(|answer| answer["ok"] == true).collect();
    assert_eq!(ok, [true, false, false, false, false, true, true]);
    for (at, why) in [
        (1, "not a request"),
        (2, "no such file"),
        (3, "one of path"),
        (4, "too small"),
    ] {
        assert!(
            got[at]["error"]
                .as_str()
                .is_some_and(|error| error.contains(why)),
            "{}",
            got[at]
        );
    }
    let one = Run::new().arg(LOG).go().exits(0);
    assert_eq!(got[0]["handoff"], one.out);
    assert_eq!(got[0]["session"]["tests_passed"], 30);
    // Nothing to hand over is no error.
    assert_eq!(
        (&got[5]["handoff"], &got[5]["error"]),
        (&Value::Null, &Value::Null)
    );
    let handoff: Value =
        serde_json::from_str(got[6]["handoff"].as_str().expect("a text")).expect("JSON");
    assert_eq!(handoff["state"], "red");
    assert_eq!(got[6]["session"]["state"], "red");
}

#[test]
fn what_a_request_holds_is_not_told_back() {
    let got = answers(&["{\"id\": 1, \"contents\": \"password hunter2\"}".to_owned()]);
    assert!(!got[0].to_string().contains("hunter2"), "{}", got[0]);
}
