//! Pages of `docs/`, followed step by step: their files are written, their commands run, their output expected.

use std::path::Path;

use crate::run::{Ran, Run};

/// What Hurl prints for two files, one of which fails.
const HURL: &str = "Exit code 4
tests/login.hurl: Success (4 request(s) in 25 ms)
error: Assert status code
  --> tests/cart.hurl:12:6
   |
   | GET http://localhost:8080/cart
   | ...
12 | HTTP 200
   |      ^^^ actual value is <500>
   |
tests/cart.hurl: Failure (1 request(s) in 12 ms)
--------------------------------------------------------------------------------
Executed files:    2
Executed requests: 5 (135.1/s)
Succeeded files:   1 (50.0%)
Failed files:      1 (50.0%)
Duration:          37 ms
";

/// The session of the tutorial.
fn session() -> String {
    let record = |kind: &str, uuid: &str, parent: Option<&str>, message: serde_json::Value| {
        let record = serde_json::json!({
            "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": "/home/dev/shop",
            "sessionId": "5e55107a-2222-4333-8444-555555555555", "version": "2.1.30", "gitBranch": "main",
            "type": kind, "message": message, "uuid": uuid, "timestamp": "2026-03-01T10:00:00.000Z",
        });
        format!("{record}\n")
    };
    let call = serde_json::json!({
        "type": "tool_use", "id": "toolu_1", "name": "Bash",
        "input": { "command": "hurl --test tests/", "description": "Run the requests" },
    });
    let answer = serde_json::json!({
        "type": "tool_result", "tool_use_id": "toolu_1", "content": HURL, "is_error": true,
    });
    [
        record(
            "user",
            "u1",
            None,
            serde_json::json!({ "role": "user", "content": "Make the requests of the shop pass: run them with hurl." }),
        ),
        record(
            "assistant",
            "u2",
            Some("u1"),
            serde_json::json!({ "model": "claude-opus-4-5-20251101", "id": "msg_1", "type": "message", "role": "assistant", "content": [call] }),
        ),
        record(
            "user",
            "u3",
            Some("u2"),
            serde_json::json!({ "role": "user", "content": [answer] }),
        ),
    ]
    .concat()
}

#[test]
fn the_tutorial_of_rules_does_what_it_says() {
    let run = Run::new().file("session.jsonl", session());
    assert!(follow("rules.md", run) >= 10);
}

#[test]
fn the_page_on_configuration_shows_what_is_shown() {
    assert_eq!(follow("config.md", Run::new()), 3);
}

#[test]
fn the_page_on_sizes_counts_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sizes.md");
    let page = std::fs::read_to_string(path).expect("a page");
    let behind = |text: &str| page.split_once(text).expect("a part of the page").1;
    let rate = (behind("any of these: **").split_once(" MB/s a core**")).expect("a rate");
    let rate: f64 = rate.0.parse().expect("a number");
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let close = |cell: &str, is: f64| {
        let (number, unit) = cell.split_once(' ').unwrap_or((cell, "h"));
        let number: f64 = number.parse().expect("a number");
        let hours = match unit {
            "s" => number / 3600.0,
            "min" => number / 60.0,
            "h" => number,
            "d" => number * 24.0,
            "GB/s" => number,
            other => panic!("a unit: {other}"),
        };
        assert!((hours / is - 1.0).abs() < 0.005, "{cell} is no {is}");
    };
    let measured = behind("| Threads |");
    for line in measured.lines().skip(2).take(2) {
        let numbers: Vec<f64> = (cells(line).iter())
            .map(|cell| cell.parse().expect("a number"))
            .collect();
        let all = 188.0 / numbers[1];
        assert!((all - numbers[2]).abs() <= 0.5 && (all / numbers[0] - numbers[3]).abs() <= 0.5);
        assert!(rate <= numbers[3]);
    }
    let mut table = behind("| Logs |").lines();
    let head = cells(table.next().expect("a head"));
    let counts: Vec<f64> = (head.iter().filter(|cell| !cell.is_empty()).skip(1))
        .map(|cell| {
            let number = cell.trim_start_matches("At ").split(' ').next();
            number.and_then(|number| number.parse().ok()).expect(cell)
        })
        .collect();
    let mut rows = 0;
    for line in table.skip(1).take_while(|line| line.starts_with('|')) {
        let row = cells(line);
        if row[0] == "must be read" {
            for (cell, cores) in row[2..5].iter().zip(&counts) {
                close(cell, cores * rate / 1e3);
            }
            continue;
        }
        let bytes = match row[0].as_str() {
            "1 GB" => 1e9,
            "1 TB" => 1e12,
            "1 PB" => 1e15,
            other => panic!("a size: {other}"),
        };
        let hours = bytes / (rate * 3.6e9);
        close(&row[1], hours);
        for (at, (cell, count)) in row[2..].iter().zip(&counts).enumerate() {
            close(cell, if at < 3 { hours / count } else { hours * count });
        }
        rows += 1;
    }
    assert_eq!((rows, counts.len()), (3, 5));
}

/// Follows a page, and counts its commands.
fn follow(page: &str, mut run: Run) -> u32 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    let text = std::fs::read_to_string(path).expect("a page");
    let mut commands = 0;
    let mut rest = text.as_str();
    while let Some((_, block)) = rest.split_once("\n```") {
        let (block, after) = block.split_once("\n```").expect("the end of a block");
        rest = after;
        let (language, block) = block.split_once('\n').expect("a language");
        match language {
            "toml" => {
                let (head, _) = block.split_once('\n').expect("a file's name");
                let name = head.strip_prefix("# ").expect("a file's name");
                run = run.file(name, block);
            }
            "console" => {
                for step in block.split("$ passdown ").skip(1) {
                    let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
                    commands += 1;
                    shows(command, run.again(&words(command)), expected);
                }
            }
            other => panic!("a block of {other}"),
        }
    }
    commands
}

/// The words of a command, of which some stand in single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in command.split('\'').enumerate() {
        match number % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Expects the lines in their order, on standard output, then on standard error; `…` stands for any lines, and at
/// the end of a line for the rest of it.
fn shows(command: &str, ran: Ran, expected: &str) {
    let all = format!("{}{}", ran.out, ran.err);
    let mut lines = all.lines();
    let mut skip = false;
    for wanted in expected.lines() {
        if wanted == "…" {
            skip = true;
            continue;
        }
        let fits = |line: &str| match wanted.strip_suffix('…') {
            Some(head) => line.starts_with(head),
            None => line == wanted,
        };
        let found = match skip {
            true => lines.any(fits),
            false => lines.next().is_some_and(fits),
        };
        assert!(
            found,
            "`{command}` shows no `{wanted}` in its place:\n{all}"
        );
        skip = false;
    }
    assert!(
        skip || lines.next().is_none(),
        "`{command}` shows more:\n{all}"
    );
}
