//! Reads a log and makes a `serde_json::Value` of each line, on one thread: what extraction is compared with.
//! `cargo bench --bench value_pass -- PATH` prints the lines that are JSON.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use serde_json::Value;

fn main() -> io::Result<()> {
    // Cargo gives `--bench` of its own; with nothing else, as when all targets are tested, there is nothing to do.
    let Some(path) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) else {
        return Ok(());
    };
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut line, mut values) = (Vec::new(), 0_u64);
    while reader.read_until(b'\n', &mut line)? > 0 {
        if let Ok(value) = serde_json::from_slice::<Value>(&line) {
            // What is not looked at may not be made.
            values += u64::from(std::hint::black_box(value).is_object());
        }
        line.clear();
    }
    writeln!(io::stdout(), "{values}")
}
