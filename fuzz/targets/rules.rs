//! Any text as a rule file: it is taken, or refused with the place of each mistake; what is taken runs.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use passdown::error::ErrorKind;
use passdown::extract::extract;
use passdown::rules::{RuleFile, RuleSet};
use passdown::session::{self, Session};

static SESSION: LazyLock<Session> = LazyLock::new(|| {
    let log = include_bytes!("../../corpora/sessions/testing-debugging/session.jsonl");
    session::from_bytes("s.jsonl", log).0
});

fuzz_target!(|text: &str| {
    match RuleSet::load(&[RuleFile::given("mine.toml", text)]) {
        Ok(rules) => {
            for failing in rules.failing() {
                let _ = format!("{failing:?}");
            }
            extract(&SESSION, &rules);
        }
        Err(error) => match error.kind() {
            ErrorKind::Rules(messages) => {
                assert!(!messages.is_empty());
                for message in messages {
                    assert!(message.starts_with("mine.toml:"), "{message}");
                }
            }
            other => panic!("{other:?}"),
        },
    }
});
