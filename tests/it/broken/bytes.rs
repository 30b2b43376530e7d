//! Framing and encoding.

use super::*;

fn replaced(text: &str, from: &str, to: &[u8]) -> Vec<u8> {
    let at = text.find(from).expect("it stands there");
    [
        &text.as_bytes()[..at],
        to,
        &text.as_bytes()[at + from.len()..],
    ]
    .concat()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(order)
        .collect()
}

#[test]
fn framing() {
    let whole = whole();
    let next = record(8, "user", json!("And then grün \u{1f600} 4 more")).to_string();
    let cut = |at: usize| [whole.as_bytes(), &next.as_bytes()[..at]].concat();
    let smile = next.find('\u{1f600}').expect("it");
    let escaped = next.replace('\u{1f600}', "\\ud83d\\ude00");
    let in_escape = [whole.as_bytes(), &escaped.as_bytes()[..smile + 4]].concat();
    let records: Vec<Value> = before().into_iter().chain(after()).collect();
    let pretty: String = records
        .iter()
        .map(|record| serde_json::to_string_pretty(record).expect("JSON") + "\n")
        .collect();
    let joined = |between: &str| {
        let texts: Vec<String> = records.iter().map(Value::to_string).collect();
        texts.join(between)
    };
    let say = record(
        4,
        "assistant",
        json!([{"type": "text", "text": "Looking into it."}]),
    )
    .to_string();
    let noise = [
        &b"\x80\xff\x00\x13\x37 npm WARN deprecated left-pad@1.3.0\nnpm ERR! code 1\n"[..],
        &[0xfe; 90],
    ]
    .concat();
    let mut other = lines(&before())
        .replace(SESSION, "99999999-2222-4333-8444-555555555555")
        .replace("before", "other");
    other = other.replace("\"u", "\"v");
    let woven: String = whole
        .lines()
        .zip(other.lines().chain(std::iter::repeat("")))
        .map(|(a, b)| format!("{a}\n{b}\n"))
        .collect();
    let head_cut = &whole.as_bytes()[40..];
    let with_head = [lines(&before()).as_bytes(), head_cut].concat();
    check(
        vec![
            case("f01", Want::Nothing, ""),
            case("f02", Want::Nothing, "\n\n\r\n\n"),
            case("f03", Want::Quiet, whole.replace('\n', "\n\n \n")),
            case("f04", Want::Quiet, whole.trim_end()),
            case("f05", Want::Quiet, cut(next.len() - 30)),
            case("f06", Want::Quiet, cut(smile + 2)),
            case("f07", Want::Quiet, in_escape),
            case("f08", Want::Quiet, whole.replace('\n', "\r\n")),
            case("f09", Want::Quiet, whole.replace('\n', "\r")),
            case("f10", Want::Quiet, format!("\u{feff}{whole}")),
            case("f11", Want::Quiet, around(format!("\u{feff}{say}"))),
            case("f12", Want::ReadOrRefused, utf16(&whole, u16::to_le_bytes)),
            case("f13", Want::ReadOrRefused, utf16(&whole, u16::to_be_bytes)),
            case(
                "f14",
                Want::Told(1),
                around([&[0; 5000], say.as_bytes()].concat()),
            ),
            case(
                "f15",
                Want::Told(1),
                [whole.as_bytes(), &vec![0; 4 << 20]].concat(),
            ),
            case("f16", Want::Told(1), replaced(&whole, "}\n{", b"}{")),
            case("f17", Want::Told(1), around(format!("{}{say}", &say[..90]))),
            case("f18", Want::Told(1), around(format!("{say}{say}{say}"))),
            case("f19", Want::ReadOrRefused, pretty),
            case("f20", Want::ReadOrRefused, format!("[{}]", joined(","))),
            case(
                "f21",
                Want::Quiet,
                around(
                    record(
                        4,
                        "assistant",
                        json!([{"type": "text", "text": "a\u{2028}b\u{2029}c\u{85}d"}]),
                    )
                    .to_string(),
                ),
            ),
            case("f22", Want::Told(3), around(noise)),
            case("f23", Want::Told(1), with_head),
            case(
                "f24",
                Want::Told(1),
                around(format!("{}\n{say}\n{say}", &say[..120])),
            ),
            case("f25", Want::Told(1), woven),
        ],
        25,
    );
}

#[test]
fn encoding() {
    let say = record(4, "assistant", json!([{"type": "text", "text": "MARK it"}])).to_string();
    let with = |bytes: &[u8]| around(replaced(&say, "MARK", bytes));
    let keys = say.replace("\"type\":\"text\"", "\"\\u0074ype\":\"text\"");
    check(
        vec![
            case("e01", Want::Told(1), with(b"\xff\xfe\x80")),
            case("e02", Want::Told(1), with(b"\xc0\xaf\xe0\x80\xaf")),
            case("e03", Want::Quiet, with(b"\\ud800 \\udc00\\ud800")),
            case("e04", Want::Told(1), with(b"\xed\xa0\x80\xed\xb0\x80")),
            case("e05", Want::Told(1), with(b"gr\xfcn \xe4")),
            case("e06", Want::Quiet, with(b"\\u0000")),
            case("e07", Want::Told(1), with(b"\x01\x07\x1b[31m\x7f")),
            case(
                "e08",
                Want::Quiet,
                with("\u{fffe}\u{ffff}\u{10ffff}".as_bytes()),
            ),
            case("e09", Want::Quiet, with("caf\u{e9} cafe\u{301}".as_bytes())),
            case("e10", Want::Quiet, around(keys)),
        ],
        10,
    );
}
