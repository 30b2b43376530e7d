use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tempfile::TempDir;

use super::*;

/// The numbered lines of a file, and the report.
fn read(path: &Path, options: &Options) -> (Vec<(u32, Vec<u8>)>, ReadReport) {
    let source = Source::File(path.to_owned());
    let (units, report) = units(&source, options, |unit| {
        unit.lines()
            .map(|(number, line)| (number, line.to_vec()))
            .collect::<Vec<_>>()
    })
    .unwrap();
    (units.concat(), report)
}

/// The lines of `bytes` as `split` gives them, without the nothing behind a last `\n`.
fn split(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    (1..).zip(lines.into_iter().map(<[u8]>::to_vec)).collect()
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log.jsonl");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Some lines of different lengths that do not repeat.
fn log(lines: usize) -> Vec<u8> {
    (0..lines)
        .flat_map(|line| {
            format!(
                "{{\"n\":{line},\"t\":\"{}\"}}\n",
                "x".repeat(line * 37 % 211)
            )
            .into_bytes()
        })
        .collect()
}

/// Reads `bytes` as a file and expects the lines of `text`, and a problem that says `problem`, if any.
fn check(bytes: &[u8], text: &[u8], problem: Option<&str>) {
    let (_folder, path) = file(bytes);
    for mmap in [false, true] {
        let (lines, report) = read(
            &path,
            &Options {
                mmap,
                unit: 512,
                ..Options::default()
            },
        );
        assert_eq!(lines, split(text));
        assert_eq!(report.bytes, text.len() as u64);
        assert_eq!(report.lines as usize, lines.len());
        match (problem, &report.problems[..]) {
            (None, []) => {}
            (Some(problem), [only]) if only.what.contains(problem) => {}
            (expected, found) => panic!("expected {expected:?}, found {found:?}"),
        }
    }
}

/// Reads a damaged file and expects some first part of `text`, and a problem.
fn check_damaged(bytes: &[u8], text: &[u8], least: usize) {
    let (_folder, path) = file(bytes);
    let source = Source::File(path);
    let (parts, report) = units(&source, &Options::default(), |unit| unit.bytes.to_vec()).unwrap();
    let read = parts.concat();
    assert!(
        read.len() >= least && read.len() < text.len(),
        "{}",
        read.len()
    );
    assert_eq!(read, text[..read.len()]);
    assert_eq!(report.problems.len(), 1);
    assert!(
        report.problems[0]
            .what
            .contains("could not be read to its end")
    );
}

#[test]
fn lines_of_plain_and_compressed_files() {
    let text = log(3_000);
    check(&text, &text, None);
    check(&text[..text.len() - 5], &text[..text.len() - 5], None);
    check(&gzip(&text), &text, None);
    check(&zstd(&text), &text, None);
    check(b"", b"", None);
    check(&gzip(b""), b"", None);
    check(b"\n\n\r\n\xff\0", b"\n\n\r\n\xff\0", None);
}

#[test]
fn members_and_frames_are_read_to_the_last() {
    let text = log(900);
    let (first, second) = text.split_at(text.len() / 3);
    check(&[gzip(first), gzip(second)].concat(), &text, None);
    check(&[zstd(first), zstd(second)].concat(), &text, None);
    let skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    check(
        &[skipped.clone(), zstd(first), skipped, zstd(second)].concat(),
        &text,
        None,
    );
}

#[test]
fn a_damaged_file_gives_what_came_before() {
    let text = log(20_000);
    for packed in [gzip(&text), zstd(&text)] {
        check_damaged(&packed[..packed.len() * 2 / 3], &text, text.len() / 4);
        let mut broken = packed.clone();
        let at = broken.len() * 2 / 3;
        broken[at..at + 64].fill(0xff);
        let (_folder, path) = file(&broken);
        let (lines, report) = read(&path, &Options::default());
        assert!(!lines.is_empty());
        for unit in [1, 700, 1 << 20] {
            let options = Options {
                unit,
                ..Options::default()
            };
            assert_eq!(read(&path, &options), (lines.clone(), report.clone()));
        }
        // Zstd blocks of raw bytes may be damaged unseen.
        assert!(report.problems.len() <= 1);
    }
    let first = log(50);
    let trailing = [gzip(&first), b"not gzip".to_vec()].concat();
    check(&trailing, &first, Some("could not be read to its end"));
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'a'; 96 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    let limit = (64 << 20) + 200 * bomb.len();
    assert!(limit < 96 << 20, "{}", bomb.len());
    let (_folder, path) = file(&bomb);
    let source = Source::File(path);
    let (sizes, report) = units(&source, &Options::default(), |unit| unit.bytes.len()).unwrap();
    assert_eq!(sizes.iter().sum::<usize>(), limit);
    assert!(
        report.problems[0]
            .what
            .contains("decompresses to more than")
    );
}

#[test]
fn a_file_that_grows_is_read_to_the_size_it_had() {
    let text = log(100);
    let (_folder, path) = file(&text);
    let source = Source::File(path.clone());
    let opened = open::open(&source).unwrap();
    fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"more\n")
        .unwrap();
    let mut report = ReadReport::default();
    let mut parts = Vec::new();
    plain::units(
        &opened,
        None,
        &Options::default(),
        |unit| unit.bytes.to_vec(),
        |batch| parts.extend(batch),
        &mut report,
        &plain::Buffers::default(),
    )
    .unwrap();
    assert_eq!(parts.concat(), text);
    assert_eq!(report.problems, []);
}

#[test]
fn a_file_that_shrinks_is_read_as_far_as_it_goes() {
    let text = log(100);
    let (_folder, path) = file(&text);
    let source = Source::File(path.clone());
    let opened = open::open(&source).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1_000)
        .unwrap();
    let mut report = ReadReport::default();
    let mut parts = Vec::new();
    plain::units(
        &opened,
        None,
        &Options::default(),
        |unit| unit.bytes.to_vec(),
        |batch| parts.extend(batch),
        &mut report,
        &plain::Buffers::default(),
    )
    .unwrap();
    assert_eq!(parts.concat(), text[..1_000]);
    assert!(report.problems[0].what.contains("became shorter"));
    assert!(report.unfinished > 0);
}

#[test]
fn a_long_line_makes_the_buffer_grow() {
    let text = [b"a\n".to_vec(), vec![b'x'; 3 << 20], b"\nb\n".to_vec()].concat();
    check(&text, &text, None);
}

#[test]
fn a_line_that_does_not_end_is_left_out() {
    use std::io::{Seek, SeekFrom};
    let (_folder, path) = file(b"one\n");
    let mut log = fs::File::options().write(true).open(&path).expect("opens");
    // Holes in a file read as zeros, and take no room.
    log.seek(SeekFrom::Start(200 << 20)).expect("seeks");
    log.write_all(b"\ntwo\n").expect("writes");
    let (lines, report) = read(&path, &Options::default());
    let expected = [(1, b"one".to_vec()), (2, Vec::new()), (3, b"two".to_vec())];
    assert_eq!(lines, expected);
    let told: Vec<u32> = report.problems.iter().map(|it| it.line).collect();
    assert_eq!(told, [2]);
    assert!(report.problems[0].what.contains("more than 128 MiB"));
    // Nor does it matter that nothing follows.
    log.set_len(190 << 20).expect("cuts");
    let (lines, report) = read(&path, &Options::default());
    assert_eq!(
        (lines, report.problems.len()),
        (vec![(1, b"one".to_vec())], 1)
    );
}

#[test]
fn only_regular_files_are_opened() {
    let folder = TempDir::new().unwrap();
    let refuse = |path: &Path, what: &str| {
        let source = Source::File(path.to_owned());
        let error = units(&source, &Options::default(), |_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(what), "{error}");
        assert!(peek(path).is_err());
    };
    refuse(folder.path(), "a folder");
    refuse(&folder.path().join("none.jsonl"), "none.jsonl: ");
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        refuse(&pipe, "a pipe");
        refuse(Path::new("/dev/null"), "a device");
    }
}

#[test]
fn a_source_is_called_by_its_path() {
    let file = Source::File("logs/a.jsonl".into());
    assert_eq!(file.path(), Some(Path::new("logs/a.jsonl")));
    assert_eq!(file.to_string(), "logs/a.jsonl");
    assert_eq!(Source::Stdin.path(), None);
    assert_eq!(Source::Stdin.to_string(), "-");
}

/// Stretches are read of a plain file with a record on each line, and begin where lines do.
#[test]
fn a_stretch_begins_at_a_line() {
    let size = |bytes: &[u8]| {
        let (_folder, path) = file(bytes);
        Log::open(&Source::File(path)).unwrap().size()
    };
    let text = log(3_000);
    assert!(text.len() > 200_000);
    assert_eq!(size(&text), Some(text.len() as u64));
    assert_eq!(size(&gzip(&text)), None);
    assert_eq!(
        size(br#"{"messages":[{"role":"user","content":"x"}]}"#),
        None
    );

    // A line longer than what is looked at in one step.
    let long = [&text[..], &[b'x'; 150_000], b"\n{}\n"].concat();
    let (_folder, path) = file(&long);
    let source = Source::File(path);
    let mut log = Log::open(&source).unwrap();
    for at in [0, 1, 70_000, text.len(), text.len() + 140_000, long.len()] {
        let begin = long[..at].iter().rposition(|byte| *byte == b'\n');
        let begin = begin.map_or(0, |end| end as u64 + 1);
        assert_eq!(log.line_at(at as u64).unwrap(), begin, "{at}");
    }
    let from = log.line_at(70_000).unwrap();
    let to = log.line_at(90_000).unwrap();
    for mmap in [false, true] {
        let options = Options {
            mmap,
            ..Options::default()
        };
        let mut parts = Vec::new();
        let report = log
            .batches(
                Some(from..to),
                &options,
                |unit| (unit.first_line, unit.bytes.to_vec()),
                |batch| parts.extend(batch),
            )
            .unwrap();
        assert_eq!(parts[0].0, 1);
        let read: Vec<u8> = parts.into_iter().flat_map(|(_, part)| part).collect();
        assert_eq!(read, long[from as usize..to as usize]);
        assert_eq!(report.bytes, to - from);
        assert_eq!((report.unfinished, report.problems.len()), (0, 0));
    }
}

#[test]
fn a_stream_and_bytes_at_hand_are_inflated() {
    let text = log(300);
    for packed in [text.clone(), gzip(&text), zstd(&text)] {
        let (bytes, ended) = inflated(&packed);
        assert!(bytes == text && ended.is_none());
        let (_folder, path) = file(&packed);
        let read = stream(&Source::File(path), |stream| {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).map(|_| bytes)
        });
        assert_eq!(read.unwrap().unwrap(), text);
    }
    let packed = gzip(&text);
    let (bytes, ended) = inflated(&packed[..packed.len() / 2]);
    assert!(text.starts_with(&bytes) && ended.is_some());
}

#[test]
fn peek_gives_both_ends() {
    let text = log(2_000);
    let (_folder, path) = file(&text);
    let ends = peek(&path).unwrap();
    assert_eq!(ends.head, text[..65_536]);
    assert_eq!(ends.tail, text[text.len() - 65_536..]);
    assert_eq!(ends.bytes, text.len() as u64);

    fs::write(&path, &text[..70_000]).unwrap();
    let ends = peek(&path).unwrap();
    assert_eq!(
        (ends.head.len(), ends.tail.len(), ends.whole),
        (70_000, 0, true)
    );
    fs::write(&path, b"{}\n").unwrap();
    assert_eq!(peek(&path).unwrap().tail, b"");
    fs::write(&path, gzip(&text)).unwrap();
    let ends = peek(&path).unwrap();
    assert_eq!(ends.head, text[..65_536]);
    assert!(!ends.whole);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Units joined are the file, and their lines are its lines, for any unit size and any number of threads.
    #[test]
    fn units_are_the_file(
        pieces in prop::collection::vec(prop_oneof![Just(b"\n".to_vec()), prop::collection::vec(any::<u8>(), 0..40)], 0..200),
        unit in 0_usize..300,
        threads in 1_usize..4,
        mmap: bool,
    ) {
        let bytes = pieces.concat();
        prop_assume!(open::Kind::of(bytes.get(..4).unwrap_or(&bytes)) == open::Kind::Plain);
        let (_folder, path) = file(&bytes);
        let source = Source::File(path.clone());
        let options = Options { mmap, unit, ..Options::default() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (parts, report) = pool
            .install(|| units(&source, &options, |unit| (unit.first_line, unit.bytes.to_vec())))
            .unwrap();
        let joined: Vec<u8> = parts.iter().flat_map(|(_, part)| part.clone()).collect();
        prop_assert_eq!(&joined, &bytes);
        prop_assert!(parts.iter().rev().skip(1).all(|(_, part)| part.ends_with(b"\n")));
        let (lines, _) = pool.install(|| read(&path, &options));
        prop_assert_eq!(lines, split(&bytes));
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        prop_assert_eq!(report.unfinished, (bytes.len() - end) as u64);
    }
}
