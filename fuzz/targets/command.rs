//! Any text as a command line: every command has words, and what was taken apart once is taken apart the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::extract::command::parse;

fuzz_target!(|text: &str| {
    for simple in parse(text) {
        assert!(!simple.words.is_empty());
        assert!(!simple.text.is_empty());
        assert!(simple.text.len() <= text.len());
        assert!(simple.line().len() <= simple.words.iter().map(|word| word.len() + 1).sum());
        assert!(simple.operands().count() < simple.words.len());
        assert!(!parse(&simple.text).is_empty(), "{simple:?}");
    }
});
