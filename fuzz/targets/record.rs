//! A line of any bytes → records or a fault: a line that says something is never passed over in silence.

#![no_main]

use libfuzzer_sys::fuzz_target;
use passdown::record;

fuzz_target!(|data: &[u8]| {
    let bytes = data.split(|&b| b == b'\n').next().unwrap_or_default();
    let line = record::line(bytes);
    let silent = b" \t\r\n\0[],\xef\xbb\xbf";
    if line.records.is_empty() && line.fault.is_none() {
        assert!(bytes.iter().all(|b| silent.contains(b)), "lost: {bytes:?}");
    }
    if let Some(fault) = &line.fault {
        assert!(!fault.what.is_empty());
    }
    // What serde_json takes for one flat object is one record.
    if let Ok(value @ serde_json::Value::Object(_)) = serde_json::from_slice(bytes)
        && value.as_object().is_some_and(|fields| !fields.is_empty())
    {
        assert_eq!(line.records.len(), 1, "{value}");
        assert!(line.fault.is_none(), "{value}");
    }
});
