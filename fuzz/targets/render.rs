//! Any text in any field of a log: the handoff keeps its form, its budget and its words in their places.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::pipeline::{self, Format, Options};
use passdown::rules::RuleSet;
use passdown::session;

#[path = "../../tests/it/judge.rs"]
mod judge;
#[path = "../../tests/it/planted.rs"]
mod planted;

fuzz_target!(|data: &[u8]| {
    // A field by its number, then its text; more after each NUL.
    let planted: Vec<(&str, String)> = data
        .split(|&b| b == 0)
        .filter_map(|part| {
            let (&field, text) = part.split_first()?;
            let field = planted::FIELDS[usize::from(field) % planted::FIELDS.len()];
            Some((field, String::from_utf8_lossy(text).into_owned()))
        })
        .collect();
    let log = planted::log(&|field| {
        let (_, text) = planted.iter().find(|(name, _)| *name == field)?;
        Some(text.clone())
    });
    let (session, problems) = session::from_bytes("s.jsonl", log.as_bytes());
    assert!(problems.is_empty(), "{problems:?}");
    let options = Options::default();
    let made = match pipeline::condense(&session, RuleSet::builtin(), &options) {
        Ok(made) => made.expect("a handoff"),
        Err(error) => panic!("{error}"),
    };
    let text = match made.text(Format::Markdown, options.render) {
        Ok(text) => text,
        Err(error) => panic!("{error}"),
    };
    if let Err(wrong) = judge::judged(&text) {
        panic!("{wrong} in:\n{text}");
    }
    assert!(made.handoff.tokens <= options.budget);
    let json = made.text(Format::Json, options.render).expect("JSON");
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
});
