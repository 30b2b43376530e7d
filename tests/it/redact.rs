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
