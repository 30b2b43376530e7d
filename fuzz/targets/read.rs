//! A file of any bytes → its lines: the same for every size of unit, and nothing of them lost.

#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use passdown::read::{self, Options, Source};

/// The lines with their numbers, and whether all was read.
fn lines(source: &Source, unit: usize) -> (Vec<(u32, Vec<u8>)>, bool) {
    let options = Options {
        unit,
        ..Options::default()
    };
    let numbered = |unit: read::Unit<'_>| {
        unit.lines()
            .map(|(number, line)| (number, line.to_vec()))
            .collect::<Vec<_>>()
    };
    match read::units(source, &options, numbered) {
        Ok((units, report)) => {
            let lines: Vec<_> = units.into_iter().flatten().collect();
            assert_eq!(report.lines as usize, lines.len());
            (lines, report.problems.is_empty())
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            (Vec::new(), false)
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(data).expect("written");
    let source = Source::File(file.path().to_owned());
    let (small, whole) = lines(&source, 1);
    let (large, _) = lines(&source, 1 << 20);
    assert_eq!(small, large);
    assert!((1..).zip(&small).all(|(number, line)| line.0 == number));
    let compressed = matches!(
        data,
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
    );
    // A document of messages is read message by message, without what stands between them; one that is spread over lines
    // begins with its bracket alone, however it goes on.
    let spread = data.trim_ascii_start().strip_prefix(b"{");
    let spread = spread.is_some_and(|rest| rest.trim_ascii_start().len() < rest.len());
    let may_be_document = spread || data.windows(10).any(|window| window == b"\"messages\"");
    if !compressed && !may_be_document {
        assert!(whole);
        let mut joined = small
            .iter()
            .map(|(_, line)| line.as_slice())
            .collect::<Vec<_>>()
            .join(&b'\n');
        if data.ends_with(b"\n") {
            joined.push(b'\n');
        }
        assert_eq!(joined, data);
    }
});
