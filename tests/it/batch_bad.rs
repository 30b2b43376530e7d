//! `passdown batch` where folders hold what they should not, and where nothing can be written.

#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::batch::{ONE, TWO, held, log, two};
use crate::run::Run;
use crate::watch::asked;

/// The problems in the store of `run`, by path.
fn problems(run: &Run) -> Vec<(String, String)> {
    let store = rusqlite::Connection::open(run.path("s.sqlite")).expect("a store");
    let mut select = store
        .prepare("SELECT path, what FROM problems ORDER BY path")
        .expect("a question");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.and_then(Iterator::collect).expect("its rows")
}

/// Checks that the problems are these: the end of a path, and the beginning of what is told.
fn told(run: &Run, expected: &[(&str, &str)]) {
    let found = problems(run);
    let fits = found.len() == expected.len()
        && (found.iter().zip(expected))
            .all(|((path, what), (end, begin))| path.ends_with(end) && what.starts_with(begin));
    assert!(fits, "{found:#?}");
}

#[test]
fn what_is_no_log_is_told_and_costs_nothing_else() {
    let run = two()
        .file(
            &format!("logs/-c/{ONE}.jsonl"),
            log("c", "shop", 3, "Other work"),
        )
        .file("logs/-d/empty.jsonl", "")
        .file("logs/-d/junk.jsonl", "no JSON\n".repeat(30))
        .file("s.sqlite", "")
        .args(["logs", "--out", "out", "--store", "s.sqlite"]);
    let at = |name: &str| run.path(&format!("logs/-d/{name}"));
    let odd = run
        .path("logs/-d")
        .join(OsStr::from_bytes(b"caf\xe9.jsonl"));
    fs::write(odd, log("odd", "shop", 4, "Odd work")).expect("a log");
    symlink("none.jsonl", at("broken.jsonl")).expect("a link");
    symlink("loop.jsonl", at("loop.jsonl")).expect("a link");
    symlink("..", at("up")).expect("a link");
    symlink("/dev/zero", at("zero.jsonl")).expect("a link");
    let fifo = Command::new("mkfifo").arg(at("pipe.jsonl")).status();
    assert!(fifo.is_ok_and(|status| status.success()));
    let _socket = UnixListener::bind(at("socket.jsonl")).expect("a socket");
    // One that is made just now may be another run's.
    let store = fs::File::options().write(true).open(run.path("s.sqlite"));
    let old = SystemTime::now() - Duration::from_secs(60);
    (store.expect("the store").set_modified(old)).expect("its time");

    let ran = run.go().exits(0);
    for says in ["4 sessions\n", "4 handoffs written", "10 problems"] {
        assert!(ran.out.contains(says), "{}", ran.out);
    }
    told(
        &run,
        &[
            (&format!("-c/{ONE}.jsonl"), "has the id of logs/-a/"),
            ("broken.jsonl", "a link that leads nowhere"),
            ("empty.jsonl", "empty"),
            ("junk.jsonl", "no record of"),
            ("loop.jsonl", "a link that leads nowhere"),
            ("pipe.jsonl", "not a regular file"),
            ("socket.jsonl", "not a regular file"),
            ("up", "a link to a folder, not followed"),
            ("zero.jsonl", "not a regular file"),
            ("s.sqlite", "the store was empty, begun anew"),
        ],
    );
}

#[test]
fn what_goes_or_grows_meanwhile_costs_itself() {
    // What is told of a session takes a third of a kilobyte, and a pipe holds 64: who does not read makes it wait.
    let folder = format!("logs/{}", "long".repeat(50));
    let name = |n: usize| format!("{folder}/{n:08}-2222-4333-8444-555555555555.jsonl");
    let run = (0..400).fold(Run::new(), |run, n| {
        let id = format!("{n:08}-2222-4333-8444-555555555555");
        run.file(&name(n), log(&id, "shop", 2, &format!("Fix number {n}")))
    });
    let mut run = run
        .args(["batch", "logs", "--out", "out", "--store", "s.sqlite"])
        .args(["--progress", "json"])
        .env("RAYON_NUM_THREADS", "1");
    let mut child = run.start();
    let mut messages = BufReader::new(child.stderr.take().expect("its messages"));
    let mut first = String::new();
    messages.read_line(&mut first).expect("its first message");
    fs::remove_file(run.path(&name(399))).expect("removed");
    let mut log = fs::File::options()
        .append(true)
        .open(run.path(&name(398)))
        .expect("a log");
    log.write_all(
        asked(
            "00000398-2222-4333-8444-555555555555",
            "Now round the invoice",
        )
        .as_bytes(),
    )
    .expect("a line");
    messages.read_to_string(&mut first).expect("the others");
    assert_eq!(child.wait().expect("ended").code(), Some(0), "{first}");
    told(&run, &[(&name(399), "No such file")]);

    let again = ["batch", "logs", "--out", "out", "--store", "s.sqlite"].map(str::to_owned);
    let ran = run.again(&again).exits(0);
    assert!(ran.out.starts_with("399 sessions\n"), "{}", ran.out);
    told(&run, &[]);
    let handoff = run.path("out/handoffs/00000398-2222-4333-8444-555555555555.md");
    let text = fs::read_to_string(handoff).expect("a handoff");
    assert!(text.contains("Now round the invoice"), "{text}");
}

#[test]
fn a_full_disk_costs_what_does_not_fit() {
    // A limit for files stands for the disk: two or four kilobytes, as the shell counts them.
    let limited = |run: &Run, args: &str| {
        let output = Command::new("/bin/sh")
            .args([
                "-c",
                "ulimit -f 4; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_passdown"),
            ])
            .args(["batch", "--no-store"])
            .args(args.split(' '))
            .current_dir(run.path(""))
            .env_clear()
            .env("HOME", run.path(""))
            .output()
            .expect("the shell starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let corpora = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/sessions");
    let large = fs::read(format!("{corpora}/protocol-example/session.jsonl")).expect("a log");
    let run = Run::new().file(&format!("large/{TWO}.jsonl"), large).file(
        &format!("small/{ONE}.jsonl"),
        log(ONE, "shop", 2, "Fix the cart total"),
    );
    let (code, out, err) = limited(&run, "large small --out out");
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("1 handoffs written"), "{out}");
    assert!(out.contains("1 that could not be"), "{out}");
    let place = format!("large/{TWO}.jsonl: out/handoffs/{TWO}.");
    assert!(
        err.contains(&format!("{place}md: File too large (os error 27)\n")),
        "{err}"
    );
    // Nothing of it is left half done, and what did fit is whole.
    let files = held(&run.path("out"));
    assert!(
        files.keys().all(|name| !name.ends_with(".tmp")),
        "{files:?}"
    );
    assert!(files.contains_key(&format!("handoffs/{ONE}.md")));

    let (code, out, err) = limited(&run, "large --out alone");
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(err.contains("no handoff could be written"), "{err}");
}

#[test]
fn what_may_not_be_read_or_written_is_told() {
    /// Who has no rights to anything.
    const NOBODY: u32 = 65_534;
    let run = two().file(
        "logs/-locked/a.jsonl",
        log("a", "shop", 3, "Nobody sees it"),
    );
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(run.path(path), PermissionsExt::from_mode(mode)).expect("a mode");
    };
    mode("logs/-locked", 0o000);
    mode(&format!("logs/-b/{TWO}.jsonl"), 0o000);
    // Modes do not hold for root, who is nobody here instead, if nobody may run the command where it lies.
    let root = fs::read_dir(run.path("logs/-locked")).is_ok();
    let go = |args: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_passdown"));
        command
            .args(["batch", "logs", "--store", "s.sqlite"])
            .args(args.split(' '))
            .current_dir(run.path(""))
            .env_clear()
            .env("HOME", run.path(""));
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output()
    };
    if root {
        let mut open = vec![run.path("")];
        while let Some(path) = open.pop() {
            chown(&path, Some(NOBODY), Some(NOBODY)).expect("an owner");
            if path.is_dir() {
                let entries = fs::read_dir(&path).expect("a folder");
                open.extend(entries.map(|entry| entry.expect("an entry").path()));
            }
        }
    }
    let first = match go("--out out") {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            eprintln!("passed over: only root may run what lies here");
            return;
        }
        first => first.expect("the command starts"),
    };
    let code = |output: &std::process::Output, code: i32| {
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{err}");
        err
    };
    code(&first, 0);
    told(
        &run,
        &[
            (&format!("-b/{TWO}.jsonl"), "Permission denied"),
            ("logs/-locked", "Permission denied"),
        ],
    );

    // A folder for results in which nothing can be written, and one that cannot be made.
    fs::create_dir_all(run.path("full/handoffs")).expect("folders");
    mode("full/handoffs", 0o555);
    let err = code(&go("--out full").expect("starts"), 2);
    assert!(err.contains("no handoff could be written"), "{err}");
    let mine = format!("-a/{ONE}.jsonl");
    let denied = |(path, what): &(String, String)| {
        path.ends_with(&mine) && Path::new(what).starts_with("full/handoffs")
    };
    let found = problems(&run);
    assert!(found.iter().any(denied), "{found:?}");
    let err = code(&go("--out full/handoffs/new").expect("starts"), 2);
    assert!(
        err.contains("full/handoffs/new/handoffs: Permission denied"),
        "{err}"
    );
    for path in ["logs/-locked", "full/handoffs"] {
        mode(path, 0o755);
    }
}
