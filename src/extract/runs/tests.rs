//! What the output of commands is taken to say.

use super::*;
use crate::rules::RuleSet;

/// The failures that `command` shows with `output`, as `test: what`.
fn shown(command: &str, output: &str) -> Vec<String> {
    let outcome = Outcome::Error {
        exit: Some(1),
        misuse: false,
    };
    let answer = Answer {
        output,
        outcome: &outcome,
        exit: None,
        status_unknown: false,
    };
    let ran = ran(&mut Counted::free(RuleSet::builtin()), 0, command, answer);
    ran.segments
        .into_iter()
        .filter_map(|segment| segment.check)
        .flat_map(|check| check.failures)
        .chain(ran.failures)
        .map(|failure| match failure.test {
            Some(test) => format!("{test}: {}", failure.what),
            None => failure.what,
        })
        .collect()
}

/// What the checks of `command` came to, as it ended so.
fn checks(command: &str, output: &str, outcome: &Outcome, status_unknown: bool) -> Vec<CheckHit> {
    let answer = Answer {
        output,
        outcome,
        exit: None,
        status_unknown,
    };
    let ran = ran(&mut Counted::free(RuleSet::builtin()), 0, command, answer);
    let checks = ran.segments.into_iter().filter_map(|it| it.check);
    checks.collect()
}

#[test]
fn a_tool_that_is_asked_for_help_checks_nothing() {
    for (command, checks) in [
        ("golangci-lint --help", false),
        ("golangci-lint run --help 2>&1 | head", false),
        ("cargo test -h", false),
        ("pytest --version", false),
        ("golangci-lint run", true),
        ("go test ./help", true),
    ] {
        let parsed = command::parse(command);
        let found = check(&mut Counted::free(RuleSet::builtin()), &parsed[0]).is_some();
        assert_eq!(found, checks, "{command}");
    }
}

#[test]
fn checks_that_still_run_have_no_verdict() {
    let verdict = |exit, output: &str| {
        let outcome = Outcome::Error {
            exit: Some(exit),
            misuse: false,
        };
        let answer = Answer {
            output,
            outcome: &outcome,
            exit: None,
            status_unknown: false,
        };
        let ran = ran(
            &mut Counted::free(RuleSet::builtin()),
            0,
            "gh pr checks 142",
            answer,
        );
        ran.segments[0].check.as_ref().map(|check| check.verdict)
    };
    let lint = "lint\tpass\t1m42s\thttps://ci.example/1\t\n";
    let waits = format!("{lint}bot\tpending\t0\thttps://ci.example/2\t\n");
    let fails = format!("{lint}test\tfail\t2m1s\thttps://ci.example/3\t\n");
    assert_eq!(verdict(8, &waits), Some(Verdict::Unknown));
    assert_eq!(verdict(1, &fails), Some(Verdict::Red));
    // Behind `||` the status is not its own.
    let outcome = Outcome::Ok;
    let answer = Answer {
        output: &waits,
        outcome: &outcome,
        exit: None,
        status_unknown: false,
    };
    let rules = &mut Counted::free(RuleSet::builtin());
    let ran = ran(rules, 0, "gh pr checks 142 || echo looking", answer);
    let check = ran.segments[0].check.as_ref();
    assert_eq!(check.map(|check| check.verdict), Some(Verdict::Unknown));
}

#[test]
fn where_no_status_is_known_a_chain_ends_with_what_failed() {
    let verdicts = |output: &str| -> Vec<Verdict> {
        let command = "mise run lint && cargo test && mise run build";
        let checks = checks(command, output, &Outcome::Ok, true);
        checks.into_iter().map(|check| check.verdict).collect()
    };
    let built = "    Finished `dev` profile [unoptimized + debuginfo] target(s) in 1.12s\n";
    let lint = "\u{2716} 1 problem (1 error, 0 warnings)\n";
    let failed = [Verdict::Red, Verdict::Unknown, Verdict::Unknown];
    assert_eq!(verdicts(&format!("{built}{lint}")), failed);
    // The runner builds, too: that something was built shows no tests.
    let clean = "\u{2716} 1 problem (0 errors, 1 warning)\n";
    let shown = verdicts(&format!("{built}{clean}"));
    assert_eq!(shown[1], Verdict::Unknown);
    let tests = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
    let shown = verdicts(&format!("{clean}{tests}"));
    assert_eq!(shown[..2], [Verdict::Green, Verdict::Green]);
}

#[test]
fn a_formatter_is_not_blamed_for_the_checks_beside_it() {
    let verdicts = |command: &str, output: &str| -> Vec<Verdict> {
        let outcome = Outcome::Error {
            exit: Some(101),
            misuse: false,
        };
        let checks = checks(command, output, &outcome, false);
        checks.into_iter().map(|check| check.verdict).collect()
    };
    let missing = "error: no library targets found in package `hk`";
    assert_eq!(
        verdicts("cargo fmt --all && cargo test --lib", missing),
        [Verdict::Unknown, Verdict::Red]
    );
    let broken = "error: this file contains an unclosed delimiter";
    assert_eq!(verdicts("cargo fmt --all", broken), [Verdict::Red]);
}

#[test]
fn tests_told_one_by_one_are_counted_and_what_was_built_on_the_way_is_not() {
    let counts = |command: &str, output: &str| {
        let check = checks(command, output, &Outcome::Ok, false).remove(0);
        (check.verdict, check.counts)
    };
    let built = "[build]     Finished `dev` profile [unoptimized + debuginfo] target(s) in 1.12s\n";
    let output = format!(
        "{built}{built}[test:bats] ok 1 hk fails\n[test:bats] ok 2 hk runs\n[test:bats] ok 3 hk waits # skip slow\n"
    );
    let (verdict, found) = counts("mise run test:bats", &output);
    assert_eq!(verdict, Verdict::Green);
    assert_eq!(
        (found.passed, found.failed, found.skipped, found.suites),
        (Some(2), None, Some(1), 0)
    );
    let (verdict, found) = counts("bats test", &output.replace("ok 2", "not ok 2"));
    assert_eq!(verdict, Verdict::Red);
    assert_eq!((found.passed, found.failed), (Some(1), Some(1)));
    let (_, found) = counts("bats test | tail -3", &output);
    assert_eq!((found.passed, found.skipped), (None, None));
    let (_, found) = counts(
        "node --test",
        "ok 1 - a\n    ok 1 - b\n# tests 2\n# pass 2\n# fail 0\n",
    );
    assert_eq!((found.passed, found.failed), (Some(2), Some(0)));
}

#[test]
fn a_look_at_a_pipeline_passes_only_where_it_shows_that_it_passed() {
    let verdict = |command: &str, output: &str| {
        let mut checks = checks(command, output, &Outcome::Ok, false).into_iter();
        checks.next().map(|check| check.verdict)
    };
    let json = |conclusion: &str| {
        format!(
            r#"{{"conclusion":"{conclusion}","createdAt":"2026-07-01T21:56:09Z","jobs":[{{"conclusion":"success","name":"build","status":"completed"}}],"status":"completed","workflowName":"CI"}}"#
        )
    };
    let view = "gh run view 21 --json conclusion,createdAt,jobs,status,workflowName";
    for (command, output, expected) in [
        (view, json("failure").as_str(), Verdict::Red),
        (view, json("success").as_str(), Verdict::Green),
        (view, json("").as_str(), Verdict::Unknown),
        ("gh run view 21 --log", "build\tstep\tok", Verdict::Unknown),
        ("gh run list --json url", "", Verdict::Unknown),
        ("gh run watch 21", "", Verdict::Unknown),
        ("gh run watch 21 --exit-status", "", Verdict::Green),
        ("gh pr checks 7 --json name,state", "[]", Verdict::Unknown),
        ("gh pr checks 7 --watch", "", Verdict::Green),
        ("glab ci view", "pipeline", Verdict::Unknown),
    ] {
        assert_eq!(verdict(command, output), Some(expected), "{command}");
    }
}

#[test]
fn a_linter_that_ended_well_has_only_warned() {
    let found = |command: &str, output: &str, failed: bool| {
        let outcome = match failed {
            true => Outcome::Error {
                exit: Some(1),
                misuse: false,
            },
            false => Outcome::Ok,
        };
        let mut checks = checks(command, output, &outcome, false).into_iter();
        let check = checks.next().expect("a check");
        (check.verdict, check.counts.errors, check.counts.warnings)
    };
    let warns = "> check\n> biome check . && tsc -b\n\nChecked 88 files in 14ms. No fixes applied.\nFound 1 warning.\napp/a.ts:18:11 lint/correctness/noUnusedVariables ━━━━━\n\n  ! This variable is unused.\n";
    let fails = warns.replace("  ! This", "  × This");
    let biome = "npm run check";
    assert_eq!(found(biome, warns, false), (Verdict::Green, None, Some(1)));
    assert_eq!(found(biome, &fails, true).0, Verdict::Red);
    // Behind a pipe only the mark tells a warning from an error.
    let piped = "npx biome check . | tail -30";
    assert_eq!(found(piped, warns, false).0, Verdict::Unknown);
    assert_eq!(found(piped, &fails, false).0, Verdict::Red);
    let eslint =
        "/app/a.ts\n  12:5  warning  Unexpected any  no-any\n\n✖ 1 problem (0 errors, 1 warning)\n";
    let expected = (Verdict::Green, Some(0), Some(1));
    assert_eq!(found("npx eslint .", eslint, false), expected);
    // A summary that counts errors is right, whatever the status of the script is.
    let errors =
        "/app/a.ts\n  12:5  error  'x' is unused  no-unused\n\n✖ 1 problem (1 error, 0 warnings)\n";
    assert_eq!(found("npm run lint", errors, false).0, Verdict::Red);
    let ruff = "app/a.py:1:8: F401 `os` imported but unused\n";
    assert_eq!(
        found("ruff check --exit-zero", ruff, false).0,
        Verdict::Green
    );
    assert_eq!(found("ruff check | cat", ruff, false).0, Verdict::Red);
}

#[test]
fn a_runner_says_what_it_ran() {
    let through = |command: &str, output: &str| {
        let checks = checks(command, output, &Outcome::Ok, false).into_iter();
        let faces = checks.map(|check| {
            let told = check.through.iter();
            told.map(|face| format!("{} {}", face.tool, face.target).trim().to_owned())
                .collect::<Vec<_>>()
        });
        faces.collect::<Vec<_>>()
    };
    let ci = "[fmt] $ gofmt -w .\nok  \tacme.io/a\t0.1s\n[test:ci] $ go test -tags=ci ./...\n";
    assert_eq!(
        through("mise run test:ci", ci),
        [["go test -tags=ci ./..."]]
    );
    assert_eq!(through("mise run test", ci), [[""; 0]]);
    assert_eq!(
        through("mise run fmt && mise run test:ci", ci),
        [["gofmt ."], ["go test -tags=ci ./..."]]
    );
    assert_eq!(
        through("npm test", "\n> shop@1.0.0 test\n> vitest run\n\n"),
        [["vitest"]]
    );
    assert_eq!(
        through("mise run test", "[test] $ go test ./cmd/entire/integr…\n"),
        [[""; 0]]
    );
    let check = "\n> check\n> npm run gen && eslint . && npm run typecheck\n\n> gen\n> prisma generate\n\n> typecheck\n> tsc -b\n";
    assert_eq!(
        through("npm run check", check),
        [["eslint .", "npm typecheck", "tsc"]]
    );
    // Of two runners in one line it is not known which of them ran what the other's family is.
    assert_eq!(
        through("npm run lint && npm test", "> eslint .\n> vitest run\n"),
        [["eslint ."], ["vitest"]]
    );
}

#[test]
fn what_is_followed_by_a_run_went_well() {
    let verdicts = |command: &str, output: &str| {
        let answer = Answer {
            output,
            outcome: &Outcome::Ok,
            exit: None,
            status_unknown: true,
        };
        let ran = ran(&mut Counted::free(RuleSet::builtin()), 0, command, answer);
        let checks = ran.segments.into_iter().filter_map(|segment| segment.check);
        checks.map(|check| check.verdict).collect::<Vec<_>>()
    };
    let passed = "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    for (command, output, first) in [
        ("cargo fmt --all && cargo test", passed, Verdict::Green),
        ("cargo fmt --all; cargo test", passed, Verdict::Unknown),
        (
            "cargo fmt --all | tail -3 && cargo test",
            passed,
            Verdict::Unknown,
        ),
        (
            "cargo fmt --all && cargo test",
            "   Compiling a\n",
            Verdict::Unknown,
        ),
    ] {
        assert_eq!(verdicts(command, output)[0], first, "{command}");
    }
}

#[test]
fn a_test_has_its_message_and_what_sums_up_goes() {
    let quiet = "--- FAIL: TestA (0.01s)\n    a_test.go:64: got 0, want 3\nFAIL\nFAIL\tacme.io/a\t2.0s\nFAIL\n";
    assert_eq!(
        shown("go test ./a", quiet),
        ["TestA: a_test.go:64: got 0, want 3"]
    );
    let verbose = "=== RUN   TestA\n    a_test.go:64: got 0, want 3\n--- FAIL: TestA (0.01s)\nFAIL\tacme.io/a\t2.0s\n";
    assert_eq!(
        shown("go test -v ./a", verbose),
        ["TestA: a_test.go:64: got 0, want 3"]
    );
    assert_eq!(
        shown("go test ./a", "FAIL\tacme.io/a\t2.0s\n"),
        ["FAIL\tacme.io/a\t2.0s"]
    );
}

#[test]
fn a_log_of_a_pipeline_shows_its_failures_without_its_columns() {
    let log = "test\tUNKNOWN STEP\t2026-02-04T07:16:16.4Z --- FAIL: TestA (0.00s)\n\
               test\tUNKNOWN STEP\t2026-02-04T07:16:16.5Z     --- FAIL: TestA/b (0.00s)\n\
               test\tUNKNOWN STEP\t2026-02-04T07:16:16.6Z         a_test.go:67: A() = false, want true\n\
               test\tUNKNOWN STEP\t2026-02-04T07:16:16.7Z ##[error]Process completed with exit code 1.\n";
    assert_eq!(
        shown("gh run view 21 --log-failed", log),
        ["TestA/b: a_test.go:67: A() = false, want true"]
    );
}

#[test]
fn an_unknown_failure_is_told_by_the_line_that_calls_itself_an_error() {
    let output = "✘ [ERROR] Could not resolve \"js/app.js\"\n\n1 error\n  warnings: [Getter/Setter]\n}\n\nNode.js v24.13.0\n";
    assert_eq!(
        shown("./bundle assets", output),
        ["✘ [ERROR] Could not resolve \"js/app.js\""]
    );
    assert_eq!(shown("./bundle assets", "no luck here\n"), ["no luck here"]);
}

#[test]
fn what_a_program_says_is_not_charged_to_what_built_it_or_tested_it() {
    let verdict = |command: &str, output: &str, failed: bool| {
        let outcome = match failed {
            true => Outcome::Error {
                exit: Some(1),
                misuse: false,
            },
            false => Outcome::Ok,
        };
        let answer = Answer {
            output,
            outcome: &outcome,
            exit: None,
            status_unknown: false,
        };
        let ran = ran(&mut Counted::free(RuleSet::builtin()), 0, command, answer);
        let mut checks = ran
            .segments
            .iter()
            .filter_map(|segment| segment.check.as_ref());
        let check = checks.next().expect("a check");
        (check.verdict, check.failures.len())
    };
    let logged = "=== RUN   TestA\n    a_test.go:47: Note: expected 'x', got: y\n--- PASS: TestA (0.1s)\nPASS\nok  \tacme.io/a\t0.2s\n";
    assert_eq!(
        verdict("go test -v ./a | tail -30", logged, false).0,
        Verdict::Green
    );
    let fails = logged
        .replace("--- PASS", "--- FAIL")
        .replace("PASS\nok  \t", "FAIL\nFAIL\t");
    assert_eq!(
        verdict("go test -v ./a | tail -30", &fails, false).0,
        Verdict::Red
    );
    let panics = "thread 'main' panicked at src/settings.rs:101:30:\nno configuration\n";
    assert_eq!(
        verdict("cargo build -q && ./x", panics, false),
        (Verdict::Green, 0)
    );
    assert_eq!(
        verdict("cargo build -q\n./x", panics, false),
        (Verdict::Unknown, 0)
    );
    assert_eq!(
        verdict("cargo build -q && ./x", panics, true),
        (Verdict::Unknown, 0)
    );
    let broken = "error[E0425]: cannot find value `y` in this scope\n --> src/a.rs:3:5\n";
    assert_eq!(
        verdict("cargo build -q && ./x", broken, true).0,
        Verdict::Red
    );
}

#[test]
fn what_a_running_test_prints_is_its_message() {
    let output = "=== RUN   TestHooks\n=== PAUSE TestHooks\n=== CONT  TestHooks\n=== RUN   TestHooks/auto\n\
        === PAUSE TestHooks/auto\n=== RUN   TestHooks/manual\n=== PAUSE TestHooks/manual\n=== RUN   TestOther\n\
        \x20   other_test.go:9: expected nothing, and got it\n=== CONT  TestHooks/manual\n\
        \x20   hooks_test.go:212: hooks should be installed\n=== NAME  TestHooks/auto\n\
        \x20   hooks_test.go:164: hooks should be there\n--- PASS: TestOther (0.00s)\n--- FAIL: TestHooks (0.00s)\n\
        \x20   --- FAIL: TestHooks/auto (0.01s)\n    --- FAIL: TestHooks/manual (0.01s)\nFAIL\n\
        FAIL\tacme.io/app/cmd/hooks\t1.112s\nFAIL";
    assert_eq!(
        shown("go test ./cmd/hooks -v", output),
        [
            "TestHooks/auto: hooks_test.go:164: hooks should be there",
            "TestHooks/manual: hooks_test.go:212: hooks should be installed"
        ]
    );
    // What it printed before it was cut is the message of the test that ran.
    assert_eq!(
        shown(
            "go test ./cmd/hooks -v | head -3",
            "=== RUN   TestHooks\n    hooks_test.go:164: hooks should be there"
        ),
        ["TestHooks: hooks_test.go:164: hooks should be there"]
    );
    // Without -v all that a test printed stands below the line that says that it failed.
    let printed: String = (0..30)
        .map(|line| format!("        step {line}\n"))
        .collect();
    assert_eq!(
        shown(
            "go test ./...",
            &format!(
                "--- FAIL: TestMerge (3.81s)\n{printed}    merge_test.go:439: failed to merge: exit status 1\nFAIL\nFAIL\tacme.io/app\t8.760s"
            )
        ),
        ["TestMerge: merge_test.go:439: failed to merge: exit status 1"]
    );
}
