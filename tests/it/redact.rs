//! `passdown redact`: any text, without its secrets.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::run::Run;

/// A key, in two halves, so that nothing here looks like one.
fn key() -> String {
    ["q7Rk2Zp9Lm4Xc8Vb", "T3wYs6NdH5jGf1Ae"].concat()
}

#[test]
fn a_file_and_standard_input_give_the_same() {
    let key = key();
    // The value stands bare before the place that names it.
    let text = format!("try {key}\r\nAPI_KEY={key}\r\nsrc/pack.rs:41 7f3d2a1 no end");
    let want = "try [redacted: api-key #1]\r\nAPI_KEY=[redacted: api-key #1]\r\nsrc/pack.rs:41 7f3d2a1 no end";
    let told = "passdown: redacted api-key: 2 places\n";
    for run in [
        Run::new().file("a.txt", &text).args(["redact", "a.txt"]),
        Run::new().input(text.clone()).args(["redact", "-"]),
        Run::new().input(text.clone()).arg("redact"),
    ] {
        let ran = run.go().exits(0);
        assert_eq!((&*ran.out, &*ran.err), (want, told));
    }
}

#[test]
fn counts_for_programs() {
    let text = format!("API_KEY={}", key());
    let ran = Run::new()
        .input(text.clone())
        .args(["redact", "--counts", "json"])
        .go()
        .exits(0);
    assert_eq!(
        ran.err,
        "{\"redacted\":{\"api-key\":{\"places\":1,\"values\":1}}}\n"
    );
    let ran = Run::new()
        .input(text)
        .args(["redact", "--counts", "none"])
        .go()
        .exits(0);
    assert_eq!(ran.err, "");
}

#[test]
fn bytes_that_are_no_text_pass_as_they_are() {
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_passdown"))
        .args(["redact", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stdin = child.stdin.take().expect("its input");
    let input = bytes.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("ends");
    writer.join().expect("a thread").expect("written");
    assert!(output.stdout == bytes);
}

/// A log in which a key stands bare in an answer, before the command that names it.
fn log() -> String {
    let session = "11111111-2222-4333-8444-555555555555";
    let line = |kind: &str, parent: &str, uuid: &str, message: String| {
        format!(
            r#"{{"parentUuid":{parent},"isSidechain":false,"userType":"external","cwd":"/home/mkowalska/shop","sessionId":"{session}","version":"2.1.30","gitBranch":"main","type":"{kind}","message":{message},"uuid":"{uuid}","timestamp":"2026-03-01T10:00:00.000Z"}}"#
        )
    };
    let said = format!(
        "Ask maria.k@firma.pl, then deploy with API_KEY={} to 2 hosts",
        key()
    );
    let prompt = format!(r#"{{"role":"user","content":"{said}"}}"#);
    let answer = format!(
        r#"{{"role":"assistant","id":"msg_1","type":"message","model":"claude-opus-4-5-20251101","content":[{{"type":"text","text":"Deployed with {}."}}],"stop_reason":null,"usage":{{"input_tokens":1,"output_tokens":2}}}}"#,
        key()
    );
    [
        line("user", "null", "u1", prompt),
        line("assistant", "\"u1\"", "u2", answer),
    ]
    .map(|line| line + "\n")
    .concat()
}

#[test]
fn levels_and_names_hold_for_handoffs() {
    let run = |args: &[&str]| {
        Run::new()
            .file("s.jsonl", log())
            .args(args.iter().copied())
            .arg("s.jsonl")
            .go()
            .exits(0)
            .out
    };
    let mark = "API_KEY=[redacted: api-key #1]";
    for command in [&[][..], &["explain"], &["show"], &["--format", "prompt"]] {
        let with = |more: &[&str]| run(&[command, more].concat());
        let out = with(&[]);
        assert!(!out.contains(&key()), "{command:?}: {out}");
        if command != ["explain"] {
            // Its lines are cut before the key.
            assert!(with(&["--redact", "off"]).contains(&key()), "{command:?}");
        }
        let anonymous = with(&["--anonymize"]);
        assert!(
            !anonymous.contains("firma.pl") && !anonymous.contains("kowalska"),
            "{anonymous}"
        );
        assert!(!anonymous.contains(&key()), "{anonymous}");
    }
    assert!(run(&[]).contains(mark));
    assert!(run(&["--redact", "strict"]).contains("[redacted: address #1]"));
    assert!(run(&["--anonymize"]).contains("[redacted: email #1]"));
}

#[test]
fn counts_stand_in_the_json_and_in_explain() {
    for command in [&["--format", "json"][..], &["explain", "--format", "json"]] {
        let ran = Run::new()
            .file("s.jsonl", log())
            .args(command.iter().copied())
            .arg("s.jsonl")
            .go()
            .exits(0);
        let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(document["redacted"], serde_json::json!({"api-key": 1}));
    }
    let ran = Run::new()
        .file("s.jsonl", log())
        .args(["explain", "s.jsonl"])
        .go()
        .exits(0);
    assert!(ran.out.contains("\n       1  api-key\n"), "{}", ran.out);
}

/// A secret that only the form of a text in the document shows, or that a task holds and a request before it, is taken out
/// everywhere; found by fuzzing, each stopped the handoff.
#[test]
fn what_only_the_document_shows_stops_no_handoff() {
    let value = [
        "lT0kenN0tAr3aleft_.E_eft_.E",
        "_evi2dEAfor33-3333333333333@3ds",
    ]
    .concat();
    for (task, request) in [
        (
            format!("gh run: Bearer|{value} the session"),
            format!("The run failed|=p_ln0tAr3alT0kenH0tAr3aln0tAr3a{value} the session"),
        ),
        ("token `ke_pFr\"*8pa p".to_owned(), "go on".to_owned()),
        (
            "gTOKEN|1DATABACE\\e\u{fffd}\u{fffd}JKKK".to_owned(),
            "go on".to_owned(),
        ),
    ] {
        let record = |uuid: &str, role: &str, content: serde_json::Value| {
            serde_json::json!({
                "type": role, "message": {"role": role, "content": content}, "cwd": "/home/dev/shop",
                "sessionId": "5ca1ab1e-0000-4000-8000-000000000001", "uuid": uuid,
                "timestamp": "2026-03-02T09:00:00.000Z",
            })
        };
        let todos = serde_json::json!([{"content": task, "status": "pending", "activeForm": "x"}]);
        let call = serde_json::json!([
            {"type": "tool_use", "id": "t1", "name": "TodoWrite", "input": {"todos": todos}}
        ]);
        let answer = serde_json::json!([
            {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}
        ]);
        let records = [
            record("a", "assistant", call),
            record("b", "user", answer),
            record("c", "user", request.into()),
        ];
        let log = records.map(|record| format!("{record}\n")).concat();
        for format in ["md", "json"] {
            let ran = Run::new()
                .file("s.jsonl", log.clone())
                .args(["s.jsonl", "--format", format])
                .go()
                .exits(0);
            let told = !ran.out.contains(&value) && ran.out.contains("task pending");
            assert!(told, "{}", ran.out);
        }
    }
}

#[test]
fn no_variable_turns_redaction_off_and_no_store_keeps_secrets() {
    let ran = Run::new()
        .file("s.jsonl", log())
        .arg("s.jsonl")
        .env("PASSDOWN_REDACT", "off")
        .go()
        .exits(2);
    assert!(
        ran.err.contains("--redact off") && ran.out.is_empty(),
        "{}",
        ran.err
    );
    let run = Run::new()
        .file("s.jsonl", log())
        .args(["batch", "s.jsonl", "--out", "o", "--redact", "off"]);
    assert!(run.go().exits(2).err.contains("--no-store"));
    run.arg("--no-store").go().exits(0);
}

#[test]
fn what_cannot_be_read_is_said() {
    let ran = Run::new().args(["redact", "none.txt"]).go().exits(2);
    assert!(ran.err.contains("none.txt") && ran.out.is_empty());
    let ran = Run::new()
        .file("d/a.txt", "x")
        .args(["redact", "d"])
        .go()
        .exits(2);
    assert!(ran.err.contains("a folder"), "{}", ran.err);
}

/// A value that is too short to be a secret is quoted, and the handoff is written.
#[test]
fn a_short_value_at_the_end_of_a_quotation_stops_nothing() {
    let mut log = crate::planted::Log::new(&|_| None);
    log.user(serde_json::json!("Make the import test pass"));
    let output = "F.\nFAILED tests/test_feed.py::test_import - al_tokens: 24103l\n1 failed, 17 passed in 0.61s";
    log.shell("pytest tests/ -q", output, true);
    let run = Run::new().file("s.jsonl", log.lines).arg("s.jsonl");
    let ran = run.go().exits(0);
    assert!(ran.out.contains("al_tokens: 24103l”"), "{}", ran.out);
}
