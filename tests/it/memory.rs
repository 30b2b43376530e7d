//! `--format agents-md`: the handoff as a section of a memory file.

use std::fs;

use crate::run::Run;

const SESSION: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/corpora/sessions/codex-rollout/session.jsonl"
);

#[test]
fn only_the_section_of_a_memory_file_is_rewritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("AGENTS.md");
    fs::write(&path, "# Mine\r\n\nUse tabs.\n").expect("writes");
    let write = |session: &str| {
        Run::new()
            .arg(session)
            .args(["--format", "agents-md", "--output"])
            .arg(path.display().to_string())
            .go()
    };
    write(SESSION).exits(0);
    let once = fs::read_to_string(&path).expect("reads");
    assert!(once.starts_with("# Mine\r\n\nUse tabs.\n\n<!-- passdown:begin"));
    assert!(once.contains("\n## Task: Show the unit on the label"));
    fs::write(&path, format!("{once}\nMine again.\n")).expect("writes");
    write(SESSION).exits(0);
    assert_eq!(
        fs::read_to_string(&path).expect("reads"),
        format!("{once}\nMine again.\n")
    );
    write(&SESSION.replace("codex-rollout", "work-moved-on")).exits(0);
    let other = fs::read_to_string(&path).expect("reads");
    assert!(
        other.starts_with("# Mine\r\n\nUse tabs.\n\n<!--")
            && other.ends_with("-->\n\nMine again.\n")
    );
    assert!(!other.contains("Show the unit on the label"));
    assert_eq!(other.matches("passdown:begin").count(), 1);

    let broken = "<!-- passdown:begin -->\nx\n";
    fs::write(&path, broken).expect("writes");
    let ran = write(SESSION).exits(2);
    assert!(ran.err.contains("AGENTS.md:1: a marker"), "{}", ran.err);
    assert_eq!(fs::read_to_string(&path).expect("reads"), broken);
}

#[test]
fn a_section_fits_its_budget_and_is_for_one_session() {
    let ran = Run::new()
        .arg(SESSION)
        .args([
            "--format",
            "agents-md",
            "--budget",
            "400",
            "--tokenizer",
            "o200k",
        ])
        .go()
        .exits(0);
    assert!(ran.out.ends_with("<!-- passdown:end -->\n"));
    assert!(passdown::tokens::Tokenizer::O200k.count(&ran.out) <= 400);
    let two = SESSION.replace("codex-rollout", "work-moved-on");
    let ran = Run::new()
        .args([SESSION, &two, "--format", "agents-md"])
        .go();
    ran.exits(2);
}
