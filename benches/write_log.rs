//! Writes a made-up log: `cargo bench --bench write_log -- BYTES PATH`.

mod log;

use std::fs::File;
use std::io::{self, BufWriter};

fn main() -> io::Result<()> {
    // Cargo gives `--bench` of its own; with nothing else, as when all targets are tested, there is nothing to do.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let [bytes, path] = args.as_slice() else {
        return Ok(());
    };
    let bytes = bytes.parse().map_err(io::Error::other)?;
    log::write(bytes, &mut BufWriter::new(File::create(path)?))
}
