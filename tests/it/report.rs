//! `passdown report`: what many sessions tell together.

use crate::run::Run;

/// A store of the shipped logs.
fn shipped() -> Run {
    let corpora = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/sessions");
    let run = Run::new();
    let batch = Run::new().args(["batch", corpora, "--out", "out", "--store"]);
    batch
        .arg(run.path("s.sqlite").display().to_string())
        .go()
        .exits(0);
    run.args(["report", "--store", "s.sqlite"])
}

#[test]
fn a_report_tells_what_is_open_over_all_sessions() {
    let run = shipped();
    let ran = run.go().exits(0);
    for part in [
        "## Open\n\n- ",
        "## Numbers that moved\n\n- `",
        "30/90 (33.3 %), at first 24/90 (26.7 %)",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    assert_eq!(ran.err, "");
    assert_eq!(run.go().out, ran.out);
    let small = shipped().args(["--budget", "400"]).go().exits(0).out;
    assert!(
        small.len() < ran.out.len() && small.contains("… "),
        "{small}"
    );
}

#[test]
fn a_report_for_programs_is_json() {
    let ran = shipped().arg("--json").go().exits(0);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["schema_version"], 1);
    assert!(report["sums"]["sessions"].as_u64() > Some(40));
    assert!(
        report["open"]
            .as_array()
            .is_some_and(|open| !open.is_empty())
    );
}

#[test]
fn nothing_to_report_is_told_from_no_store() {
    let ran = shipped()
        .args(["--project", "no-such-project"])
        .go()
        .exits(1);
    assert!(
        ran.err.contains("no session of that project"),
        "{}",
        ran.err
    );
    let ran = Run::new().arg("report").go().exits(2);
    assert!(ran.err.contains("passdown batch"), "{}", ran.err);
    let ran = Run::new()
        .file("s.sqlite", "no database")
        .args(["report", "--store", "s.sqlite"])
        .go()
        .exits(2);
    assert!(ran.err.contains("s.sqlite"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_page_is_written_whole_and_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let run = shipped().args(["--html", "r.html"]);
    let ran = run.go().exits(0);
    assert!(
        ran.out.is_empty() && ran.err.contains("r.html: "),
        "{}",
        ran.err
    );
    let mode = std::fs::metadata(run.path("r.html"))
        .expect("a page")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let page = std::fs::read_to_string(run.path("r.html")).expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(!ran.err.contains("left out"), "{}", ran.err);
}
