//! A log gives the same session however it is read: from its end or from its beginning, in units of any size, on any number of
//! threads.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use passdown::discover::{Agent, SessionFiles};
use passdown::pipeline;
use passdown::read::{Options, Source};
use passdown::session::Session;

/// A long log: all those of `corpora/sessions`, one behind the other.
fn long(folder: &Path) -> PathBuf {
    let sessions = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sessions");
    let mut logs: Vec<PathBuf> = fs::read_dir(sessions)
        .expect("corpora/sessions")
        .map(|entry| entry.expect("an entry").path().join("session.jsonl"))
        .filter(|path| path.is_file())
        .collect();
    logs.sort();
    let mut all = Vec::new();
    for log in logs {
        all.extend(fs::read(log).expect("reads"));
        all.push(b'\n');
    }
    let path = folder.join("long.jsonl");
    fs::write(&path, all).expect("writes");
    path
}

/// The same log in a form that can only be read from its beginning.
fn packed(log: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("packed.jsonl");
    let file = File::create(&path).expect("writes");
    let mut to = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::copy(&mut File::open(log).expect("opens"), &mut to).expect("packs");
    to.finish().expect("writes");
    path
}

/// All that is known of a session but what its file is called, and what is wrong with it.
fn told(log: &Path, options: &Options, threads: usize) -> String {
    let files = SessionFiles {
        id: String::new(),
        main: Source::File(log.to_owned()),
        subagents: Vec::new(),
        modified: None,
        bytes: 0,
        agent: Agent::Claude,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let (session, problems) = pool
        .install(|| pipeline::load(&files, options))
        .expect("a log");
    let problems: Vec<_> = problems
        .into_iter()
        .map(|problem| (problem.line, problem.column, problem.what))
        .collect();
    let sizes: Vec<u64> = session.files.iter().map(|file| file.bytes).collect();
    let session = Session {
        files: Vec::new(),
        id: String::new(),
        ..session
    };
    format!("{session:?}{sizes:?}{problems:?}")
}

fn options(recent: usize, unit: usize) -> Options {
    Options {
        recent,
        unit,
        ..Options::default()
    }
}

#[test]
fn a_log_may_be_read_from_either_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = long(folder.path());
    let packed = packed(&log, folder.path());
    for recent in [0, 40_000, Options::default().recent] {
        let expected = told(&packed, &options(recent, 1 << 20), 2);
        for (unit, threads) in [(1, 1), (5_000, 8), (1 << 20, 2)] {
            let found = told(&log, &options(recent, unit), threads);
            if found != expected {
                let differs = |(_, (a, b)): &(usize, (u8, u8))| a != b;
                let pairs = expected.bytes().zip(found.bytes()).enumerate();
                let at = pairs.into_iter().find(differs).map_or(0, |(at, _)| at);
                let near = |text: &str| {
                    let start = text.floor_char_boundary(at.saturating_sub(300));
                    let end = text.floor_char_boundary(at + 100);
                    text[start..end].to_owned()
                };
                panic!(
                    "{recent} in units of {unit}:\n{}\n{}",
                    near(&expected),
                    near(&found)
                );
            }
        }
    }
}

#[test]
fn of_a_long_log_the_end_is_kept_and_of_its_beginning_what_lasts() {
    use passdown::session::{Body, Input};
    let folder = tempfile::tempdir().expect("a folder");
    let log = long(folder.path());
    let load = |recent| {
        let (session, _) =
            passdown::session::from_bytes("long.jsonl", &fs::read(&log).expect("reads"));
        let files = SessionFiles {
            id: String::new(),
            main: Source::File(log.clone()),
            subagents: Vec::new(),
            modified: None,
            bytes: 0,
            agent: Agent::Claude,
        };
        let (old, _) = pipeline::load(&files, &options(recent, 1 << 20)).expect("a log");
        (session, old)
    };
    let (whole, old) = load(20_000);
    let count = |session: &Session, wanted: fn(&Body) -> bool| {
        let bodies = session.timeline.iter().map(|event| &event.body);
        bodies.filter(|body| wanted(body)).count()
    };
    let said = |body: &Body| matches!(body, Body::Say(_) | Body::Think(_));
    assert!(count(&old, said) > 0 && count(&old, said) * 4 < count(&whole, said));
    let edits = |session: &Session| {
        let inputs = session.calls.iter().map(|call| &call.input);
        inputs
            .filter(|input| matches!(input, Input::Edit { .. } | Input::Write { .. }))
            .count()
    };
    assert_eq!(edits(&old), edits(&whole));
    assert_eq!(old.usage.output, whole.usage.output);
    assert_eq!(old.tally.lines, whole.tally.lines);
    let last =
        |session: &Session| format!("{:?}", session.timeline.last().map(|event| &event.body));
    assert_eq!(last(&old), last(&whole));
}
