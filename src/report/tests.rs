use super::*;
use crate::entry::{
    AttemptRow, CheckRow, Entry, FailureRow, FileRow, RunRow, SentenceRow, SessionRow, TaskRow,
};
use crate::store::{Kept, Stamp, Store};

/// A session of `/home/dev/shop` that ended on `day`.
fn session(day: u32, change: impl FnOnce(&mut Entry)) -> Kept {
    let time = Some(format!("2026-01-{day:02}T10:00:00Z"));
    let mut entry = Entry {
        session: SessionRow {
            session: format!("session-{day}"),
            path: format!("{day:02}.jsonl"),
            state: "red".to_owned(),
            project: Some("/home/dev/shop".to_owned()),
            started: time.clone(),
            ended: time,
            active_seconds: 3_600,
            ..SessionRow::default()
        },
        ..Entry::default()
    };
    change(&mut entry);
    Kept {
        path: entry.session.path.clone(),
        stamp: Stamp::default(),
        made_by: 0,
        entry: Some(entry),
        handoffs: Vec::new(),
        problems: Vec::new(),
    }
}

fn task(subject: &str, status: &str) -> TaskRow {
    TaskRow {
        subject: subject.to_owned(),
        status: status.to_owned(),
        cite: "L7".to_owned(),
        ..TaskRow::default()
    }
}

fn failure(what: &str, state: &str) -> FailureRow {
    FailureRow {
        fingerprint: what.to_owned(),
        what: what.to_owned(),
        about: "product".to_owned(),
        tool: Some("pytest".to_owned()),
        scope: "tests/api".to_owned(),
        command: "pytest tests/api".to_owned(),
        count: 2,
        state: state.to_owned(),
        cite: "L9".to_owned(),
        ..FailureRow::default()
    }
}

/// A check of everything, with one run.
fn check(entry: &mut Entry, verdict: &str, passed: u64) {
    let time = entry.session.ended.clone();
    entry.checks.push(CheckRow {
        tool: "pytest".to_owned(),
        family: "test".to_owned(),
        command: "pytest -q".to_owned(),
        verdict: verdict.to_owned(),
        current: true,
        runs: 1,
        time: time.clone(),
        ..CheckRow::default()
    });
    entry.check_runs.push(RunRow {
        verdict: verdict.to_owned(),
        passed: Some(passed),
        total: Some(90),
        time,
        ..RunRow::default()
    });
}

fn rollup(kept: &[Kept], scope: &Scope) -> Rollup {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = Store::open(&folder.path().join("store.sqlite")).expect("opens");
    store.keep(kept).expect("keeps");
    gather(&store, scope).expect("gathers").0
}

#[test]
fn what_a_later_session_settled_is_not_open() {
    let open = |kept: &[Kept]| -> Vec<String> {
        let told = rollup(kept, &Scope::default());
        told.open.iter().map(|open| open.what.clone()).collect()
    };
    let tasks = |all: &[(&str, &str)]| {
        all.iter()
            .map(|(what, status)| task(what, status))
            .collect()
    };
    let first = || {
        session(1, |it| {
            it.tasks = tasks(&[("a", "pending"), ("b", "in-progress"), ("c", "completed")])
        })
    };
    assert_eq!(open(&[first()]), ["a", "b"]);
    assert_eq!(
        open(&[
            first(),
            session(2, |it| it.tasks = tasks(&[("a", "completed")]))
        ]),
        ["b"]
    );
    assert_eq!(
        open(&[
            session(3, |it| it.tasks = tasks(&[("c", "pending")])),
            first()
        ])
        .len(),
        3
    );

    // A check that failed and shows no failure is told by its command, until it passes.
    let red = |day| session(day, |it| check(it, "red", 80));
    assert_eq!(open(&[red(1)]), ["pytest -q"]);
    assert_eq!(
        open(&[red(1), session(2, |it| check(it, "green", 90))]),
        [""; 0]
    );
    let told = || {
        session(1, |it| {
            check(it, "red", 80);
            it.failures = vec![failure("x", "open")];
        })
    };
    assert_eq!(open(&[told()]), ["x"]);

    let broken = || session(1, |it| it.failures = vec![failure("x", "open")]);
    assert_eq!(open(&[broken()]), ["x"]);
    assert_eq!(
        open(&[
            broken(),
            session(2, |it| it.failures = vec![failure("x", "resolved")])
        ]),
        Vec::<String>::new()
    );
    // A later run of the tool on everything passed; or it did not; or it ran in another project.
    assert_eq!(
        open(&[broken(), session(2, |it| check(it, "green", 90))]),
        Vec::<String>::new()
    );
    assert_eq!(
        open(&[broken(), session(2, |it| check(it, "red", 80))]),
        ["pytest -q", "x"]
    );
    let elsewhere = session(2, |it| {
        it.session.project = Some("/home/dev/blog".to_owned());
        check(it, "green", 90);
    });
    assert_eq!(open(&[broken(), elsewhere]), ["x"]);
}

#[test]
fn sessions_are_told_together() {
    let kept: Vec<Kept> = [(1, 30), (2, 45), (3, 90)]
        .map(|(day, passed)| {
            session(day, |it| {
                check(it, if passed == 90 { "green" } else { "red" }, passed);
                it.failures = vec![failure("boom", if day == 3 { "resolved" } else { "open" })];
                it.instructions = vec![SentenceRow {
                    text: format!("Never add dependencies{}", "!".repeat(day as usize)),
                    by_user: true,
                    ..SentenceRow::default()
                }];
                it.files = vec![FileRow {
                    path: "src/cart.rs".to_owned(),
                    edits: day,
                    ..FileRow::default()
                }];
                it.attempts = vec![AttemptRow {
                    what: "src/cart.rs".to_owned(),
                    outcome: "boom".to_owned(),
                    ..AttemptRow::default()
                }];
            })
        })
        .into();
    let told = rollup(&kept, &Scope::default());
    assert_eq!((told.sums.sessions, told.sums.active_seconds), (3, 10_800));
    assert_eq!(
        (told.recurring[0].sessions, told.recurring[0].times),
        (3, 6)
    );
    assert_eq!(told.recurring[0].state, "resolved");
    assert_eq!(
        (told.trends[0].first, told.trends[0].latest),
        ((30, 90), (90, 90))
    );
    assert_eq!((told.proofs[0].green, told.proofs[0].runs), (1, 3));
    assert_eq!((told.files[0].sessions, told.files[0].edits), (3, 6));
    assert_eq!(
        (told.instructions[0].sessions, &*told.instructions[0].what),
        (3, "Never add dependencies!!!")
    );
    assert_eq!(told.attempts[0].times, 3);

    let since = Scope {
        since: Some("2026-01-02T00:00:00Z".to_owned()),
        ..Scope::default()
    };
    assert_eq!(rollup(&kept, &since).sums.sessions, 2);
    let other = Scope {
        projects: vec!["blog".to_owned()],
        ..Scope::default()
    };
    assert_eq!(rollup(&kept, &other).sums, Sums::default());
}

#[test]
fn a_report_fits_and_a_larger_one_holds_a_smaller_one() {
    let kept: Vec<Kept> = (1..=28)
        .map(|day| {
            session(day, |it| {
                it.tasks = (0..9)
                    .map(|n| task(&format!("task {n} of day {day}"), "pending"))
                    .collect();
                it.failures = vec![failure(&format!("failure of day {day}"), "open")];
            })
        })
        .collect();
    let told = rollup(&kept, &Scope::default());
    let count = |text: &str| u32::try_from(text.len()).expect("short");
    let lines = |budget: u32| -> Vec<String> {
        let text = markdown(&told, budget, count);
        assert!(count(&text) <= budget, "{budget}: {text}");
        text.lines()
            .filter(|line| line.starts_with("- ") && !line.starts_with("- …"))
            .map(str::to_owned)
            .collect()
    };
    let mut before = Vec::new();
    for budget in [800, 1_600, 3_200, 12_800] {
        let now = lines(budget);
        assert!(before.iter().all(|line| now.contains(line)), "{budget}");
        assert!(now.len() > before.len(), "{budget}");
        before = now;
    }
    // The newest is first.
    assert!(before[0].contains("day 28"), "{}", before[0]);
}

#[test]
fn text_of_the_log_stays_a_quotation() {
    let told = rollup(
        &[session(1, |it| {
            it.tasks = vec![task("`x` [a](http://b) <img> # Task", "pending")];
            it.session.project = Some("/home/dev/<b>".to_owned());
        })],
        &Scope::default(),
    );
    let text = markdown(&told, 10_000, |_| 0);
    let mut tags = Vec::new();
    for event in pulldown_cmark::Parser::new(&text) {
        if let pulldown_cmark::Event::Start(tag) = event {
            tags.push(format!("{tag:?}"));
        }
    }
    assert!(
        tags.iter()
            .all(|tag| !tag.contains("Link") && !tag.contains("Image") && !tag.contains("Html")),
        "{tags:?}"
    );
}
