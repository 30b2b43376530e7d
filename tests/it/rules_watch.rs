//! `passdown rules test --watch`.

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::rules::QUAX;
use crate::run::Run;

/// Waits for a line.
fn waits(lines: &Receiver<String>, expected: &str) {
    // What is waited for takes a quarter of a second; a busy machine may need some more.
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(60)) {
        if line == expected {
            return;
        }
    }
    panic!("`{expected}` does not come");
}

#[test]
fn a_change_is_tested_at_once_and_a_mistake_ends_nothing() {
    let run = Run::new()
        .file("my.toml", QUAX)
        .args(["rules", "test", "my.toml", "--watch"]);
    let mut child = run.start();
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let err = BufReader::new(child.stderr.take().expect("its complaints"));
    let (to, lines) = channel();
    let also = to.clone();
    std::thread::spawn(move || {
        out.lines()
            .map_while(Result::ok)
            .try_for_each(|line| to.send(line))
    });
    std::thread::spawn(move || {
        err.lines()
            .map_while(Result::ok)
            .try_for_each(|line| also.send(line))
    });
    let write = |text: &str| std::fs::write(run.path("my.toml"), text).expect("the file");
    waits(&lines, "2 rules, 4 examples: all hold");
    write(&QUAX.replace("text = \"quax build\"", "text = \"quax verify all\""));
    waits(&lines, "changed: my.toml");
    waits(&lines, "2 rules, 4 examples: 1 failed");
    write("[[rule]]\nid = \"one\"\npattern = '('\n");
    waits(
        &lines,
        "my.toml:1:1: rule `one`: lacks `kind`, `scope`, `keywords`",
    );
    std::fs::remove_file(run.path("my.toml")).expect("no file");
    waits(&lines, "changed: what can be read");
    write(QUAX);
    waits(&lines, "2 rules, 4 examples: all hold");
    child.kill().expect("its end");
    child.wait().expect("its end");
}
