//! What lies where a log should: folders, links, pipes, odd names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use super::*;

/// Runs the command on a file of the folder, whose name may be any bytes.
fn on(run: &Run, name: &OsStr) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_passdown"))
        .arg(name)
        .current_dir(run.path(""))
        .env_clear()
        .env("HOME", run.path(""))
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        err: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
    }
}

#[test]
fn links_pipes_and_devices() {
    let run = Run::new()
        .file("s.jsonl", whole())
        .file("folder.jsonl/notes.txt", "x");
    let link = |to: &str, name: &str| symlink(to, run.path(name)).expect("a link");
    link("s.jsonl", "good.jsonl");
    link("none.jsonl", "dangling.jsonl");
    link("self.jsonl", "self.jsonl");
    link("loop-b.jsonl", "loop-a.jsonl");
    link("loop-a.jsonl", "loop-b.jsonl");
    std::fs::hard_link(run.path("s.jsonl"), run.path("hard.jsonl")).expect("a hard link");
    let fifo = Command::new("mkfifo").arg(run.path("fifo.jsonl")).status();
    assert!(fifo.is_ok_and(|status| status.success()));
    let _socket =
        std::os::unix::net::UnixListener::bind(run.path("socket.jsonl")).expect("a socket");
    let locked = run.path("locked.jsonl");
    std::fs::write(&locked, whole()).expect("a file");
    std::fs::set_permissions(&locked, PermissionsExt::from_mode(0o000)).expect("a mode");
    // Whoever is root reads it all the same.
    let root = std::fs::read(&locked).is_ok();
    let mut wrong = String::new();
    for (id, name, reads) in [
        ("x01", "s.jsonl", true),
        ("x02", "folder.jsonl", false),
        ("x03", "good.jsonl", true),
        ("x04", "dangling.jsonl", false),
        ("x05", "self.jsonl", false),
        ("x06", "loop-a.jsonl", false),
        ("x07", "fifo.jsonl", false),
        ("x08", "socket.jsonl", false),
        ("x09", "/dev/zero", false),
        ("x10", "/dev/null", false),
        ("x11", "/proc/self/status", false),
        ("x12", "locked.jsonl", root),
        ("x21", "hard.jsonl", true),
    ] {
        let ran = on(&run, OsStr::new(name));
        let fine = match reads {
            true => fault(Want::Quiet, &ran).is_none(),
            false => {
                matches!(ran.code, 1 | 2) && ran.out.is_empty() && ran.err.lines().count() == 1
            }
        };
        if !fine {
            wrong.push_str(&format!("{id} {name}: exit {}: {}\n", ran.code, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    // x13: a batch over all of it goes on, and says what it left out.
    let ran = Run::again(
        &mut { run },
        &["batch", ".", "--out", "o", "--no-store"].map(str::to_owned),
    );
    assert!(matches!(ran.code, 0 | 1), "{}", ran.err);
    assert!(
        ran.out.contains("handoff") && !ran.err.contains("mistake"),
        "{}\n{}",
        ran.out,
        ran.err
    );
}

#[test]
fn names_of_files() {
    let names: &[&[u8]] = &[
        b"not-utf8-\xff\xfe.jsonl",
        b"line\nend.jsonl",
        b"esc\x1b[31m.jsonl",
        "bidi-\u{202e}x.jsonl".as_bytes(),
        b"<img src=x onerror=alert(1)>.jsonl",
        b"$(touch owned);`id`.jsonl",
    ];
    let long = [vec![b'n'; 244], b".jsonl".to_vec()].concat();
    for name in names.iter().copied().chain([long.as_slice()]) {
        let run = Run::new();
        let name = OsStr::from_bytes(name);
        std::fs::write(run.path("").join(name), whole()).expect("a file");
        let ran = on(&run, name);
        assert_eq!(fault(Want::Quiet, &ran), None, "{name:?}");
        assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{name:?}");
        std::fs::write(run.path("").join(name), around("{\"type\":\"user\",")).expect("a file");
        let ran = on(&run, name);
        assert_eq!(fault(Want::Told(1), &ran), None, "{name:?}");
        assert!(!ran.err.contains(['\u{1b}', '\u{202e}']), "{}", ran.err);
        assert!(!run.path("owned").exists());
    }
    // x20
    let run = Run::new().file("--help.jsonl", whole());
    assert_eq!(
        fault(Want::Quiet, &on(&run, OsStr::new("./--help.jsonl"))),
        None
    );
}

/// x22
#[test]
fn a_log_sixty_folders_down() {
    let deep = format!("{}s.jsonl", "d/".repeat(60));
    let run = Run::new().file(&deep, whole());
    assert_eq!(fault(Want::Quiet, &on(&run, OsStr::new(&deep))), None);
    let ran = on(&run, OsStr::new("d"));
    assert!(
        matches!(ran.code, 0..=2) && !ran.err.contains("mistake"),
        "{}",
        ran.err
    );
}
