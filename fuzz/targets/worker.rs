//! Any line as a request: the answer is one line of JSON that says whether it went well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::cli;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    // A path would lead out of the input.
    let asks_for_path = serde_json::from_slice::<Value>(data)
        .is_ok_and(|request| request.get("path").is_some_and(|path| !path.is_null()));
    if asks_for_path {
        return;
    }
    let answer = cli::answer(data);
    assert!(!answer.contains('\n'));
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["ok"].as_bool(), Some(answer["error"].is_null()));
    let mistake = answer["error"].as_str().is_some_and(|error| error.contains("a mistake of this program"));
    assert!(!mistake);
});
