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

/// A session's files, as a request has them: the main transcript, and those of its subagents.
fn inline(folder: &str, files: &[&str], compressed: bool) -> Value {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let file = |name: &str| {
        let path = format!(
            "{}/corpora/sessions/{folder}/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        let bytes = std::fs::read(&path).expect("a file");
        if !compressed {
            let content = String::from_utf8(bytes).expect("UTF-8");
            return json!({ "name": path, "content": content });
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, &bytes).expect("compresses");
        let bytes = gzip.finish().expect("compresses");
        json!({ "name": path, "base64": BASE64_STANDARD.encode(bytes) })
    };
    let mut request = file("session.jsonl");
    request["files"] = files.iter().map(|name| file(name)).collect();
    request
}

#[test]
fn what_is_sent_inline_is_what_its_path_gives() {
    const NEW: &str = "session/subagents/agent-a4f19c27d03be1856";
    let (new, new_meta) = (format!("{NEW}.jsonl"), format!("{NEW}.meta.json"));
    let old = ["agent-5c20d7e1.jsonl", "agent-0b7e93ff.jsonl"];
    for (folder, files) in [
        ("protocol-example", &[][..]),
        ("subagent-new-layout", &[new_meta.as_str(), new.as_str()]),
        ("subagent-old-layout", &old),
    ] {
        let plain = inline(folder, files, false);
        let path = json!({ "path": plain["name"] }).to_string();
        let compressed = inline(folder, files, true).to_string();
        let got = answers(&[path, plain.to_string(), compressed]);
        assert!(got[0]["handoff"].is_string(), "{}", got[0]);
        assert_eq!(got[1], got[0], "{folder}");
        assert_eq!(got[2], got[0], "{folder}, compressed");
    }
}

#[test]
fn a_log_that_is_cut_is_the_same_inline() {
    let whole = std::fs::read_to_string(LOG).expect("a log");
    for cut in [whole.len() - 1, whole.len() / 2] {
        let content = &whole[..whole.floor_char_boundary(cut)];
        let run = Run::new().file("cut.jsonl", content).arg("worker").input(
            [
                json!({ "path": "cut.jsonl" }).to_string(),
                json!({ "name": "cut.jsonl", "content": content }).to_string(),
            ]
            .join("\n"),
        );
        let out = run.go().exits(0).out;
        let (path, inline) = out.split_once('\n').expect("two answers");
        assert_eq!(path, inline.trim_end());
        let answer: Value = serde_json::from_str(path).expect("JSON");
        assert_eq!(answer["session"]["bytes"], content.len());
    }
}

#[test]
fn what_is_wrong_with_an_inline_log_is_said() {
    let got = answers(&[
        json!({ "content": "", "base64": "" }).to_string(),
        json!({ "path": LOG, "files": [{ "name": "agent-1.jsonl", "content": "" }] }).to_string(),
        json!({ "base64": "no base64" }).to_string(),
        json!({ "content": "", "files": [{ "name": "notes.jsonl", "content": "" }] }).to_string(),
        json!({ "content": "", "files": [{ "name": "agent-1.jsonl" }] }).to_string(),
        json!({ "name": "cut.jsonl.gz", "base64": "H4sIAAAAAAAAAw==" }).to_string(),
    ]);
    for (answer, says) in got.iter().zip([
        "one of path",
        "one of path",
        "base64: ",
        "notes.jsonl: not a file",
        "one of path",
    ]) {
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.contains(says), "{answer}");
    }
    let problem = got[5]["problems"][0].as_str().unwrap_or_default();
    assert!(problem.starts_with("cut.jsonl.gz: "), "{}", got[5]);
}
