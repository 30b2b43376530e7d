//! A log of any bytes → a session: every place is in the log, and reading it in two parts makes no difference.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::read::as_lines;
use passdown::session::{self, Builder};

fuzz_target!(|data: &[u8]| {
    let (whole, problems) = session::from_bytes("s.jsonl", data);
    // Of a document of messages each is a line.
    let count = as_lines(data).split(|&b| b == b'\n').count() as u32;
    assert!(problems.iter().all(|problem| problem.line <= count));
    for event in &whole.timeline {
        assert!((1..=count).contains(&event.at.line));
    }
    for call in &whole.calls {
        assert!((1..=count).contains(&call.at.line));
    }

    // A document of messages is no log of lines: it is read as a whole.
    let spread = data.trim_ascii_start().strip_prefix(b"{");
    let spread = spread.is_some_and(|rest| rest.trim_ascii_start().len() < rest.len());
    if spread || data.windows(10).any(|window| window == b"\"messages\"") {
        return;
    }

    let text = data.strip_suffix(b"\n").unwrap_or(data);
    let lines: Vec<(u32, &[u8])> = match data {
        [] => Vec::new(),
        _ => (1..).zip(text.split(|&b| b == b'\n')).collect(),
    };
    let (head, tail) = lines.split_at(lines.len() / 2);
    let mut builder = Builder::new();
    let first = tail.first().map_or(1, |(number, _)| *number);
    builder.main(
        "s.jsonl",
        vec![
            session::digest(1, head.iter().copied(), "s.jsonl"),
            session::digest(first, tail.iter().copied(), "s.jsonl"),
        ],
    );
    let (parts, more) = builder.finish();
    assert_eq!(format!("{:?}", whole.timeline), format!("{:?}", parts.timeline));
    assert_eq!(format!("{:?}", whole.calls), format!("{:?}", parts.calls));
    assert_eq!(format!("{problems:?}"), format!("{more:?}"));
});
