//! JSON with its keys in the order of the log, and back to text.
//!
//! What a call was given is scored as text, so the order of its keys counts;
//! the one spelling of a value here is that of Python's `json.dumps` without
//! escapes for other alphabets, which the reference measure uses.

use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Json {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Long(u64),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    /// Each key once, where it stood first, with the value it was given last.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// The value of a key; none of what is no map.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a key; empty where there is none.
    pub(super) fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Json::as_text).unwrap_or_default()
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Json]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// False for null, false, zero and what is empty.
    pub(super) fn holds(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(is) => *is,
            Self::Int(number) => *number != 0,
            Self::Long(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(pairs) => !pairs.is_empty(),
        }
    }

    /// The value as text; a text by itself has no quotes.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => other.dump(),
        }
    }

    /// The value as JSON in one line, with a blank behind `,` and `:`.
    pub(super) fn dump(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        // Writing to a string does not fail.
        let _ = match self {
            Self::Null => out.write_str("null"),
            Self::Bool(is) => write!(out, "{is}"),
            Self::Int(number) => write!(out, "{number}"),
            Self::Long(number) => write!(out, "{number}"),
            Self::Float(number) => write!(out, "{number:?}"),
            Self::Text(text) => {
                quote(text, out);
                Ok(())
            }
            Self::List(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    value.write(out);
                }
                out.write_char(']')
            }
            Self::Map(pairs) => {
                out.push('{');
                for (at, (key, value)) in pairs.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    quote(key, out);
                    out.push_str(": ");
                    value.write(out);
                }
                out.write_char('}')
            }
        };
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Json, E> {
        Ok(Json::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Long(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut pairs: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Json>()? {
            put(&mut pairs, key, value);
        }
        Ok(Json::Map(pairs))
    }
}

/// Maps of logs are small; a hostile one with very many keys is kept as it stands.
const SEARCHED: usize = 1_000;

fn put(pairs: &mut Vec<(String, Json)>, key: String, value: Json) {
    let known = pairs.iter_mut().take(SEARCHED).find(|(k, _)| *k == key);
    match known {
        Some((_, old)) => *old = value,
        None => pairs.push((key, value)),
    }
}

/// Those keys of a map that are wanted; the rest is passed over without being built.
pub(super) struct Wanted<const N: usize>(pub(super) [&'static str; N]);

impl<'de, const N: usize> serde::de::DeserializeSeed<'de> for Wanted<N> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Wanted<N> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if self.0.contains(&key.as_str()) {
                put(&mut pairs, key, entries.next_value()?);
            } else {
                entries.next_value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(Json::Map(pairs))
    }
}

/// The wanted keys of the object on a line; none if it is none.
///
/// Half a pair of escapes, as a text cut in the middle of an emoji has it, is
/// no reason to lose the line: it counts as one unknown character.
pub(super) fn object<const N: usize>(line: &str, wanted: [&'static str; N]) -> Option<Json> {
    use serde::de::DeserializeSeed;
    let parse = |text: &str| {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Wanted(wanted).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(value)
    };
    parse(line).or_else(|| parse(&whole_pairs(line)?))
}

/// `line` with halves of surrogate pairs replaced; none if it has no half.
fn whole_pairs(line: &str) -> Option<String> {
    let unit = |at: usize| -> Option<u32> {
        let hex = line.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(hex, 16).ok()
    };
    let mut out = String::with_capacity(line.len());
    let (mut copied, mut at, mut halves) = (0, 0, 0);
    while let Some(next) = memchr::memchr(b'\\', line.as_bytes().get(at..)?) {
        at += next;
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str(line.get(copied..at)?);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
                halves += 1;
            }
            // The byte behind a backslash is part of its escape.
            _ => at += 2,
        }
        if at >= line.len() {
            break;
        }
    }
    out.push_str(line.get(copied..)?);
    (halves > 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_its_order_and_is_written_as_python_writes_it() {
        let value: Json =
            serde_json::from_str(r#"{"b":1,"a":["x\ny",1.0,null,true],"b":{"é":"\u0001\t"}}"#)
                .expect("JSON");
        assert_eq!(
            value.dump(),
            "{\"b\": {\"é\": \"\\u0001\\t\"}, \"a\": [\"x\\ny\", 1.0, null, true]}"
        );
    }

    #[test]
    fn half_a_pair_of_escapes_costs_one_character() {
        let check = |line: &str, text: Option<&str>| {
            let found = object(line, ["t"]).map(|value| value.text("t").to_owned());
            assert_eq!(found.as_deref(), text, "{line}");
        };
        check(r#"{"t":"a\ud83d","x":{"y":1}}"#, Some("a\u{fffd}"));
        check(r#"{"t":"\ud83d\ude00 \ude00b"}"#, Some("😀 \u{fffd}b"));
        check(r#"{"t":"\\ud83d \ud83d"}"#, Some("\\ud83d \u{fffd}"));
        check(r#"{"t":"cut"#, None);
        check(r#"{"t":"cut\ud83d"#, None);
        check(r#"[1]"#, None);
        check("\\", None);
    }
}
