//! Writes a made-up log: `cargo bench --bench write_log -- BYTES PATH [usual|progress|tiny|line|nul]`.

mod log;

use std::fs::File;
use std::io::{self, BufWriter};

fn main() -> io::Result<()> {
    // Cargo gives `--bench` of its own; with nothing else, as when all targets are tested, there is nothing to do.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let (bytes, path, shape) = match args.as_slice() {
        [bytes, path] => (bytes, path, "usual"),
        [bytes, path, shape] => (bytes, path, shape.as_str()),
        _ => return Ok(()),
    };
    let bytes = bytes.parse().map_err(io::Error::other)?;
    let shape = log::Shape::named(shape).ok_or(io::Error::other("no such shape of a log"))?;
    log::write(shape, bytes, &mut BufWriter::new(File::create(path)?))
}
