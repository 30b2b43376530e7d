//! Lines in, records and faults out.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::Value;

use super::scan::Span;
use super::*;

/// How many records a line gives, whether it was repaired, and what is wrong with it.
fn check(bytes: impl AsRef<[u8]>, records: usize, repaired: bool, fault: Option<&str>) {
    let bytes = bytes.as_ref();
    let shown = String::from_utf8_lossy(bytes);
    let line = line(bytes);
    assert_eq!(line.records.len(), records, "records of {shown}");
    assert_eq!(line.repaired, repaired, "repair of {shown}");
    let what = line
        .fault
        .map(|fault| format!("{}: {}", fault.column, fault.what));
    assert_eq!(what.as_deref(), fault, "fault of {shown}");
}

const WHOLE: &str = r#"{"parentUuid":null,"type":"user","uuid":"u","message":{"content":"hi"}}"#;

#[test]
fn damaged_lines_give_what_is_whole_in_them() {
    check(WHOLE, 1, false, None);
    check("", 0, false, None);
    check(" \t\r", 0, false, None);
    check(format!("{WHOLE}\r"), 1, false, None);
    check(format!("\u{feff}{WHOLE}"), 1, false, None);
    check(format!("\0\0\0{WHOLE}"), 1, true, None);
    check(
        "\0\0\0",
        0,
        false,
        Some("1: nothing but NUL bytes, skipped"),
    );
    check(format!("{WHOLE}\0\0"), 1, false, None);
    check(format!("{WHOLE}{WHOLE}{WHOLE}"), 3, true, None);
    check(format!("{WHOLE}\r{WHOLE}"), 2, true, None);
    let cut = &WHOLE[..60];
    check(cut, 0, false, Some("61: record cut short, skipped"));
    check(
        format!("{cut}{WHOLE}"),
        1,
        true,
        Some("61: record cut short, skipped"),
    );
    check(
        format!("{WHOLE}{cut}"),
        1,
        false,
        Some("132: record cut short, skipped"),
    );
    check(
        &WHOLE[10..],
        0,
        false,
        Some("1: not a JSON object, skipped"),
    );
    check("42", 0, false, Some("1: not a JSON object, skipped"));
    check("[1]", 0, false, Some("1: not a JSON object, skipped"));
    check("[1", 0, false, Some("1: not a JSON object, skipped"));
    for array in ["[", "]", " [ "] {
        check(array, 0, false, None);
    }
    check(format!("[{WHOLE},"), 1, false, None);
    check(format!("{WHOLE}]"), 1, false, None);
    check(format!("[{WHOLE}, {WHOLE}]"), 2, true, None);
    check(
        format!("{WHOLE},]"),
        1,
        false,
        Some("72: not a JSON object, skipped"),
    );
    check("npm warn", 0, false, Some("1: not a JSON object, skipped"));
}

#[test]
fn a_block_of_a_cut_record_is_no_record() {
    let cut = r#"{"uuid":"u","message":{"content":[{"type":"text","text":"x"}"#;
    check(cut, 0, false, Some("61: record cut short, skipped"));
}

#[test]
fn what_is_not_json_costs_the_line() {
    for bad in [
        r#"{"a":NaN}"#,
        r#"{"a":{"b":[1,]}}"#,
        r#"{"a":1,}"#,
        r#"{"a":{'b':1}}"#,
        r#"{"a":1 /* no */}"#,
        r#"{"a" 1}"#,
        r#"{"a":1]"#,
        r#"{"a":[{"b"}]}"#,
        r#"{"a":[1 2]}"#,
        r#"{1:2}"#,
    ] {
        let line = line(bad.as_bytes());
        assert!(line.records.is_empty(), "{bad}");
        assert!(line.fault.is_some(), "{bad}");
    }
}

#[test]
fn depth_and_size_do_not_matter() {
    for depth in [1, 63, 64, 65, 127, 128, 129, 100_000] {
        let deep = format!(
            r#"{{"a":{}1{},"b":2}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        );
        check(&deep, 1, false, None);
        let crossed = format!(r#"{{"a":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth - 1));
        assert!(line(crossed.as_bytes()).fault.is_some(), "{depth}");
    }
    check(
        format!(r#"{{"a":{}}}"#, "9".repeat(100_000)),
        1,
        false,
        None,
    );
}

#[test]
fn strings_are_decoded_leniently() {
    let decoded = |bytes: &[u8]| Span::whole(bytes).and_then(Span::as_str).map(String::from);
    let check = |bytes: &[u8], text: &str| assert_eq!(decoded(bytes).as_deref(), Some(text));
    check(br#""plain""#, "plain");
    check(br#""a\n\"\\\/\u00e9\ud83d\ude00""#, "a\n\"\\/é😀");
    check(br#""cut \ud83d here""#, "cut \u{fffd} here");
    check(br#""\ud83d\n\ude00\u12""#, "\u{fffd}\n\u{fffd}\u{fffd}12");
    check(b"\"\xff\\n\xc3\xa9\"", "\u{fffd}\né");
    check(b"\"raw \x01 control\"", "raw \u{1} control");
    assert_eq!(decoded(b"\"open"), None);
    assert_eq!(decoded(b"12"), None);
}

#[test]
fn the_first_of_two_keys_counts_and_keys_are_decoded() {
    let span = Span::whole(br#"{"\u0061":1,"a":2}"#).expect("an object");
    assert_eq!(span.get("a").and_then(Span::as_u64), Some(1));
    let record = line(br#"{"type":"user","uuid":"x","uuid":"y","cwd":7}"#);
    let record = Record::read(&record.records[0]);
    let envelope = record.envelope();
    let text = |span: Option<Span<'_>>| span.and_then(Span::as_str).map(Cow::into_owned);
    assert_eq!(text(envelope.uuid).as_deref(), Some("x"));
    assert_eq!(text(envelope.cwd), None);
}

/// The value of a span, read by way of the spans inside it.
fn value(span: Span<'_>) -> Value {
    if let Some(entries) = span.as_object() {
        Value::Object(
            entries
                .map(|(key, span)| (key.into_owned(), value(span)))
                .collect(),
        )
    } else if let Some(items) = span.as_array() {
        Value::Array(items.map(value).collect())
    } else if let Some(text) = span.as_str() {
        text.into()
    } else if let Some(truth) = span.as_bool() {
        truth.into()
    } else if span.is_null() {
        Value::Null
    } else {
        serde_json::from_slice(span.bytes()).expect("a number")
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        r#"[\\"{}:,\[\] ]{0,12}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Writes a value as few writers do: odd spaces around everything, letters of strings as escapes, keys that come twice.
///
/// `choices` says which, one after the other, over and over.
fn write_oddly(value: &Value, choices: &mut impl Iterator<Item = u8>, out: &mut String) {
    let mut space = |out: &mut String| {
        let spaces = ["", "", " ", "\t", "\r\n", "  \n"];
        out.push_str(spaces[usize::from(choices.next().unwrap_or(0)) % spaces.len()]);
    };
    space(out);
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_oddly(item, choices, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (index, (key, item)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                if choices.next().is_some_and(|choice| choice % 5 == 0) {
                    write_oddly(&Value::from(key.as_str()), choices, out);
                    out.push_str(r#": {"twice": ["}"]},"#);
                }
                write_oddly(&Value::from(key.as_str()), choices, out);
                out.push(':');
                write_oddly(item, choices, out);
            }
            out.push('}');
        }
        Value::String(text) => {
            out.push('"');
            for letter in text.chars() {
                let choice = choices.next().unwrap_or(0);
                match letter {
                    '"' | '\\' | '/' if choice.is_multiple_of(2) => {
                        out.push('\\');
                        out.push(letter);
                    }
                    '"' | '\\' | '\0'..='\u{1f}' => escape(letter, out),
                    _ if choice.is_multiple_of(3) => escape(letter, out),
                    _ => out.push(letter),
                }
            }
            out.push('"');
        }
        other => out.push_str(&other.to_string()),
    }
    out.push_str(["", " ", "\n"][usize::from(choices.next().unwrap_or(0)) % 3]);
}

fn escape(letter: char, out: &mut String) {
    for unit in letter.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04X}"));
    }
}

/// Some letters without an escape.
const LONG: &str = "some letters without an escape";

proptest! {
    #[test]
    fn values_that_are_written_oddly_are_read_as_serde_json_reads_them(
        whole in json(),
        choices in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let mut text = String::new();
        write_oddly(&whole, &mut choices.into_iter().cycle(), &mut text);
        let read: Value = serde_json::from_str(&text).expect("a value");
        prop_assert_eq!(&read, &whole, "{}", text);
        let span = Span::whole(text.as_bytes()).expect("one value");
        prop_assert_eq!(value(span), whole, "{}", text);
        if let Value::Object(entries) = &read
            && !text.contains('\n')
        {
            let line = line(text.as_bytes());
            prop_assert_eq!((line.records.len(), line.fault), (1, None));
            for (key, expected) in entries {
                let is_key = |name: &Span<'_>| name.as_str().as_deref() == Some(key.as_str());
                let last = line.records[0].entries().collect::<Vec<_>>().into_iter().rev();
                let last = last.filter(|(name, _)| is_key(name)).map(|(_, span)| value(span)).next();
                prop_assert_eq!(last.as_ref(), Some(expected));
            }
        }
    }

    #[test]
    fn spans_hold_what_serde_json_reads(whole in json(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_string_pretty(&whole)
        } else {
            serde_json::to_string(&whole)
        }
        .expect("a value");
        let span = Span::whole(text.as_bytes()).expect("one value");
        prop_assert_eq!(value(span), whole);
        if let Some(entries) = span.as_object() {
            let (object, end) = scan::object(text.as_bytes(), 0).expect("an object");
            prop_assert_eq!(end, text.len());
            let found: Vec<_> = object.entries().map(|(key, value)| (key.as_str(), value.bytes())).collect();
            let entries: Vec<_> = entries.map(|(key, value)| (Some(key), value.bytes())).collect();
            prop_assert_eq!(found, entries);
        }
    }

    /// Wherever in a block of bytes an escape stands.
    #[test]
    fn a_string_ends_at_its_first_quote_that_is_not_escaped(
        inner in prop::collection::vec(
            prop_oneof![Just("\\"), Just("\\\\\\"), Just("\""), Just("éa"), Just(LONG)],
            0..24,
        ),
    ) {
        let text = format!("\"{}\"", inner.concat());
        let mut end = None;
        let mut letters = text.bytes().enumerate().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                b'"' => end = end.or(Some(at + 1)),
                b'\\' => _ = letters.next(),
                _ => {}
            }
        }
        prop_assert_eq!(scan::value(text.as_bytes(), 0).ok(), end, "{}", text);
    }

    #[test]
    fn structure_is_judged_as_serde_json_does(tokens in prop::collection::vec(
        prop::sample::select(vec!["{", "}", "[", "]", ",", ":", "\"k\"", "1", "true", "null", " "]),
        0..12,
    )) {
        let text = tokens.concat();
        let judged = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(Span::whole(text.as_bytes()).is_some(), judged, "{}", text);
    }

    #[test]
    fn any_bytes_are_accounted_for(bytes in prop::collection::vec(
        prop_oneof![Just(b'{'), Just(b'"'), Just(b'}'), Just(0), Just(b':'), any::<u8>()],
        0..80,
    )) {
        let line = line(&bytes);
        let blank = bytes.iter().all(|byte| b" \t\r\n\xEF\xBB\xBF\0[]".contains(byte));
        prop_assert!(blank || !line.records.is_empty() || line.fault.is_some());
        if let Some(fault) = line.fault {
            prop_assert!((1..=bytes.len() + 1).contains(&(fault.column as usize)));
        }
    }
}
