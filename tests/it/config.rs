//! `passdown.toml`, profiles and variables, and `passdown config`, which shows them.

use crate::run::{Ran, Run};

const LOG: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/corpora/sessions/protocol-example/session.jsonl"
);
/// A rule that has the log's commands known as something else.
const RULES: &str = r#"
[[rule]]
id = "own-status"
kind = "check"
scope = ["command"]
keywords = ["pytest"]
pattern = 'pytest'
tool = "own-tool"
family = "lint"
[[rule.fires]]
text = "pytest tests/"
"#;

/// What `passdown config` says of an option: its value and where it comes from.
fn of(ran: &Ran, option: &str) -> (String, String) {
    let whole: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let options = whole["options"].as_array().expect("options");
    let row = options.iter().find(|row| row["option"] == option);
    let row = row.unwrap_or_else(|| panic!("no {option}: {}", ran.out));
    let text = |key: &str| row[key].as_str().expect("a text").to_owned();
    (text("value"), text("from"))
}

fn config(run: Run) -> Run {
    run.args(["config", "--format", "json"])
}

#[test]
fn the_higher_source_counts() {
    let check = |run: Run, value: &str, from: &str| {
        let ran = config(run).go().exits(0);
        assert_eq!(of(&ran, "budget"), (value.to_owned(), from.to_owned()));
    };
    let user = |run: Run| run.file(".config/passdown/passdown.toml", "budget = 1\n");
    let project = |run: Run| run.file("passdown.toml", "\nbudget = 2\n[profiles.p]\nbudget = 3\n");
    check(Run::new(), "2000", "default");
    let ran = config(user(Run::new())).go().exits(0);
    let (value, from) = of(&ran, "budget");
    assert!(value == "1" && from.ends_with("passdown.toml:1"), "{from}");
    check(project(user(Run::new())), "2", "passdown.toml:2");
    check(
        project(user(Run::new())).env("PASSDOWN_PROFILE", "p"),
        "3",
        "passdown.toml:4, profile p",
    );
    check(
        project(user(Run::new()))
            .env("PASSDOWN_PROFILE", "p")
            .env("PASSDOWN_BUDGET", "4"),
        "4",
        "PASSDOWN_BUDGET",
    );
    // An empty variable is none.
    check(
        project(Run::new()).env("PASSDOWN_BUDGET", ""),
        "2",
        "passdown.toml:2",
    );
}

#[test]
fn what_is_set_is_in_force_and_the_command_line_over_it() {
    let file = "format = \"json\"\nno-cite = true\nbudget = 700\n";
    let json = Run::new()
        .file("passdown.toml", file)
        .arg(LOG)
        .go()
        .exits(0);
    assert!(json.out.starts_with('{'), "{}", json.out);
    let markdown = Run::new()
        .file("passdown.toml", file)
        .args([LOG, "--format", "md"])
        .go()
        .exits(0);
    let given = Run::new()
        .args([LOG, "--budget", "700", "--no-cite"])
        .go()
        .exits(0);
    assert_eq!(markdown.out, given.out);
    // From below the project, and switched off again by a variable.
    let cited = Run::new()
        .file(".git/HEAD", "")
        .file("passdown.toml", "no-cite = true\nbudget = 700\n")
        .file("src/a.rs", "")
        .within("src")
        .env("PASSDOWN_NO_CITE", "0")
        .arg(LOG)
        .go()
        .exits(0);
    let given = Run::new().args([LOG, "--budget", "700"]).go().exits(0);
    assert_eq!(cited.out, given.out);
    // What a file sets conflicts with nothing that is given.
    Run::new()
        .file(".config/passdown/passdown.toml", "goal = \"the bus\"\n")
        .file("passdown.toml", "chain = 2\n")
        .args([LOG, "--since-compaction"])
        .go()
        .exits(1);
}

#[test]
fn a_commands_own_table_is_for_it_alone() {
    let run = || {
        Run::new().file(
            ".config/passdown/passdown.toml",
            "[worker]\nbudget = 300\n[batch]\nout = \"o\"\nno-store = true\n",
        )
    };
    assert_eq!(
        run().arg(LOG).go().exits(0).out,
        Run::new().arg(LOG).go().exits(0).out
    );
    let request = format!("{{\"path\": {LOG:?}}}\n");
    let answer = run().arg("worker").input(request.clone()).go().exits(0);
    let given = Run::new()
        .args(["worker", "--budget", "300"])
        .input(request.clone())
        .go()
        .exits(0);
    assert_eq!(answer.out, given.out);
    let variable = Run::new()
        .env("PASSDOWN_WORKER_BUDGET", "300")
        .arg("worker")
        .input(request)
        .go()
        .exits(0);
    assert_eq!(variable.out, given.out);
    // A file gives what the command line would have to.
    run().args(["batch", LOG]).go().exits(0);
}

#[test]
fn parts_and_weights_add_up_and_the_command_line_stands_in_their_place() {
    let file = "[parts]\ndone = 100\nstatus = 50\n[weights]\nspread = 3\n\
                [profiles.p]\nparts = { done = 20 }\n";
    let ran = config(Run::new().file("passdown.toml", file))
        .args(["--profile", "p"])
        .go()
        .exits(0);
    assert_eq!(of(&ran, "part").0, "done=100, status=50, done=20");
    assert_eq!(of(&ran, "weight").0, "spread=3");
    let bounded = Run::new()
        .file("passdown.toml", file)
        .args([LOG, "--profile", "p", "--part", "environment=5"])
        .go()
        .exits(0);
    let given = Run::new()
        .args([LOG, "--weight", "spread=3", "--part", "environment=5"])
        .go()
        .exits(0);
    assert_eq!(bounded.out, given.out);
    let free = Run::new().arg(LOG).go().exits(0);
    assert!(free.out.contains("Key files") && !given.out.contains("Key files"));
    // The user's rule is pinned.
    assert!(given.out.contains("Always run the tests"));
}

#[test]
fn the_profiles_that_are_built_in_are_sound() {
    for name in ["debugging", "docs"] {
        let ran = Run::new().args([LOG, "--profile", name]).go().exits(0);
        assert_eq!(ran.err, "");
    }
    let ran = Run::new().args([LOG, "--profile=debuging"]).go().exits(2);
    assert_eq!(
        ran.err,
        "passdown: unknown profile `debuging`; is `debugging` meant? (allowed: `debugging`, `docs`)\n"
    );
}

#[test]
fn a_mistake_stops_what_needs_the_file_and_nothing_else() {
    let file = "budget = \"much\"\nredact = \"off\"\nstore = \"/tmp/x\"\nno-cite = \"yes\"\nchain = [1, 2]\n\
                [profiles]\nx = 1\n[weights]\nfile = 1\n[what]\n";
    let run = || Run::new().file("passdown.toml", file);
    let ran = run().arg(LOG).go().exits(2);
    assert_eq!(ran.out, "");
    let told: Vec<&str> = ran.err.lines().collect();
    let expected = [
        "1:10: `budget`: invalid value 'much': invalid digit",
        "2:10: `redact`: a project's file may say `strict` and nothing less",
        "3:1: `store` is not for a project's file",
        "4:11: `no-cite`: takes true or false",
        "5:9: `chain`: takes one value",
        "7:5: a profile is a table, as `[profiles.x]`",
        "9:8: `weight`: invalid value 'file=1': unknown weight `file`; is `files` meant?",
        "10:2: `what` is not an option",
    ];
    assert_eq!(told.len(), expected.len(), "{}", ran.err);
    for (line, wanted) in told.iter().zip(expected) {
        assert!(line.contains(&format!("passdown.toml:{wanted}")), "{line}");
    }
    let ran = run().arg("doctor").go().exits(1);
    assert!(ran.out.contains("mend passdown.toml:1:10: `budget`"));
    run().args(["completions", "bash"]).go().exits(0);
    let ran = run().arg("config").go().exits(2);
    assert!(ran.err.contains("passdown.toml:9:8"));
    // Broken TOML, bytes that are no text, and a folder of that name.
    let ran = Run::new()
        .file("passdown.toml", "budget = \n")
        .arg(LOG)
        .go()
        .exits(2);
    assert!(ran.err.contains("passdown.toml:1:"), "{}", ran.err);
    let ran = Run::new()
        .file("passdown.toml", b"a = \"\xff\"")
        .arg(LOG)
        .go()
        .exits(2);
    assert!(ran.err.contains("passdown.toml: "), "{}", ran.err);
    // Variables.
    let ran = Run::new()
        .env("PASSDOWN_BUDGET", "much")
        .env("PASSDOWN_REDACT", "off")
        .env("PASSDOWN_MMAP", "perhaps")
        .arg(LOG)
        .go()
        .exits(2);
    assert_eq!(
        ran.err,
        "passdown: PASSDOWN_BUDGET: invalid value 'much': invalid digit found in string\n\
         PASSDOWN_MMAP: takes true or false\n\
         PASSDOWN_REDACT: `off` is only for the command line, as --redact off; here default or strict\n"
    );
}

#[test]
fn a_project_asks_for_more_redaction_and_for_nothing_of_the_users() {
    let check = |file: &str, wanted: &str| {
        let ran = Run::new().file("passdown.toml", file).arg(LOG).go();
        assert_eq!(ran.code, if wanted.is_empty() { 0 } else { 2 }, "{file}");
        assert!(ran.err.contains(wanted), "{file}: {}", ran.err);
    };
    check("redact = \"strict\"\nanonymize = true\n", "");
    check("redact = \"default\"\n", "`strict` and nothing less");
    check("anonymize = false\n", "`true` and nothing less");
    check(
        "goal = \"run this\"\n",
        "`goal` is not for a project's file",
    );
    check(
        "[profiles.p]\nstore = \"/x\"\n",
        "`store` is not for a project's file",
    );
    for path in ["/etc/passwd", "../up.toml", "a/../../b"] {
        check(
            &format!("weights = {path:?}\n"),
            "`weights`: a project's file names files of the project alone",
        );
    }
    check(
        "rule-files = [\"/etc/passwd\"]\n",
        "files of the project alone",
    );
    // Of the user's own file, all of it counts, but for `off`.
    let user = Run::new().file(".config/passdown/passdown.toml", "redact = \"off\"\n");
    let ran = user.arg(LOG).go().exits(2);
    assert!(
        ran.err.contains("`off` is only for the command line"),
        "{}",
        ran.err
    );
}

#[test]
fn a_variable_of_no_option_is_told() {
    let ran = Run::new()
        .env("PASSDOWN_BUGDET", "1")
        .env("PASSDOWN_HOOKS", "off")
        .arg("config")
        .go()
        .exits(0);
    assert!(
        ran.out
            .contains("PASSDOWN_BUGDET is set, but no option has that name")
    );
    assert!(!ran.out.contains("PASSDOWN_HOOKS"));
}

#[test]
fn rules_of_the_project_count_wherever_handoffs_are_made() {
    let run = || Run::new().file(".passdown/rules.toml", RULES);
    let one = run().arg(LOG).go().exits(0);
    assert!(one.out.contains("- lint: "), "{}", one.out);
    let request = format!("{{\"path\": {LOG:?}}}\n");
    let answer = run().arg("worker").input(request).go().exits(0);
    assert!(answer.out.contains("- lint: "), "{}", answer.out);
    let batch = run().args(["batch", LOG, "--out", "o", "--store", "s.sqlite"]);
    batch.go().exits(0);
    let folder = std::fs::read_dir(batch.path("o/handoffs")).expect("handoffs");
    let file = folder.flatten().next().expect("a handoff").path();
    let made = || std::fs::read_to_string(&file).expect("a handoff");
    assert_eq!(made(), one.out);
    // Other rules make other handoffs of logs that have not changed.
    let batch = batch.file(".passdown/rules.toml", RULES.replace("lint", "build"));
    batch.go().exits(0);
    assert!(made().contains("- build: "), "{}", made());
}

#[test]
fn a_part_ends_where_its_budget_does_and_larger_handoffs_hold_the_smaller() {
    let made = |budget: &str, parts: &[&str]| {
        let run = Run::new().args([LOG, "--tokenizer", "o200k", "--budget", budget]);
        let parts = parts.iter().flat_map(|part| ["--part", part]);
        run.args(parts).go().exits(0).out
    };
    let part = |text: &str, heading: &str| {
        let start = text.find(heading).expect("the part");
        let rest = &text[start..];
        rest[..rest.find("\n\n").unwrap_or(rest.len())].to_owned()
    };
    let free = made("2000", &[]);
    let bounded = made("2000", &["environment=60"]);
    let (before, after) = (
        part(&free, "**Development"),
        part(&bounded, "**Development"),
    );
    assert!(after.len() < before.len(), "{after}");
    assert!(before.starts_with(after.trim_end()), "{after}");
    // The rest is as it was.
    assert_eq!(free.replace(&before, ""), bounded.replace(&after, ""));
    let smaller = made("500", &["environment=60"]);
    let key = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains(" L"));
        lines.map(|line| line.chars().take(24).collect()).collect()
    };
    let larger = key(&bounded);
    for line in key(&smaller) {
        assert!(larger.contains(&line), "{line}");
    }
    // What the part's budget left out is told, and no budget holds it.
    let told = Run::new()
        .args([
            "explain",
            LOG,
            "--part",
            "environment=60",
            "--budget",
            "4000",
        ])
        .go()
        .exits(0);
    assert!(told.out.contains("left out"), "{}", told.out);
}
