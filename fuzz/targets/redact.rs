//! Any bytes through the redactor: plain text stays as it is, twice is as once, and pieces make no difference.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::safety::{Filter, Level, Policy, clean};

fn filtered(policy: Policy, bytes: &[u8], piece: usize) -> (Vec<u8>, u64) {
    let mut redactor = policy.redactor();
    let mut filter = Filter::new(&mut redactor);
    let mut out = Vec::new();
    for piece in bytes.chunks(piece) {
        filter.push(piece, &mut out);
    }
    let places = filter.finish(&mut out);
    (out, places.values().sum())
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, bytes)) = data.split_first() else {
        return;
    };
    let policy = Policy {
        level: [Level::Default, Level::Strict, Level::Off][usize::from(how % 3)],
        anonymous: how & 4 != 0,
    };
    let text = String::from_utf8_lossy(bytes);
    let text = clean(&text);
    assert_eq!(clean(&text), text);
    let mut redactor = policy.redactor();
    let once = redactor.redact(&text).into_owned();
    assert_eq!(redactor.redact(&once), once, "redacted twice");
    assert_eq!(redactor.second_look(&once), Ok(()), "{once}");
    if redactor.counts().is_empty() {
        assert_eq!(once, text);
    }

    let (whole, places) = filtered(policy, bytes, usize::MAX);
    assert_eq!(filtered(policy, bytes, 7).0, whole);
    if places == 0 {
        assert_eq!(whole, bytes);
    }
    let (again, _) = filtered(policy, &whole, usize::MAX);
    assert_eq!(
        String::from_utf8_lossy(&again),
        String::from_utf8_lossy(&whole),
        "filtered twice"
    );
});
