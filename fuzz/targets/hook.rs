//! Any bytes as a hook's input: refused in words, or a session whose id can be a file's name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::hook::Input;

fuzz_target!(|data: &[u8]| match Input::parse(data) {
    Ok(input) => {
        if let Some(session) = &input.session {
            assert!(!session.is_empty());
            assert!(!session.contains(['/', '\\', '\0']) && !session.starts_with('.'));
        }
    }
    Err(what) => assert!(!what.is_empty() && !what.contains('\n')),
});
