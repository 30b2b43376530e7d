//! What a subagent does, as releases of early 2.1 relay it in the main transcript: a record of progress that holds a record.

use super::scan::{Object, Span};

/// The record of a subagent that `object`, a record of progress, holds: a JSON object with the envelope of both. `None` if
/// it holds none.
///
/// What the same record repeats of the subagent's earlier messages is left alone.
pub fn relayed(object: &Object<'_>) -> Option<Vec<u8>> {
    let mut data = None;
    let mut outer: Vec<(Span<'_>, Span<'_>)> = Vec::new();
    for (key, value) in object.entries() {
        match key.bytes() {
            b"\"data\"" => data = data.or(Some(value)),
            b"\"sessionId\"" | b"\"cwd\"" | b"\"version\"" | b"\"gitBranch\"" => {
                outer.push((key, value));
            }
            _ => {}
        }
    }
    let data = data?;
    if data.str("type").as_deref() != Some("agent_progress") {
        return None;
    }
    let agent = data.get("agentId")?;
    let inner = data.get("message")?;
    let mut out = b"{\"isSidechain\":true,\"agentId\":".to_vec();
    out.extend_from_slice(agent.bytes());
    for name in ["type", "uuid", "timestamp", "message", "toolUseResult"] {
        if let Some(value) = inner.get(name) {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            out.extend_from_slice(value.bytes());
        }
    }
    for (key, value) in outer {
        out.push(b',');
        out.extend_from_slice(key.bytes());
        out.push(b':');
        out.extend_from_slice(value.bytes());
    }
    out.push(b'}');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Record, line};
    use super::relayed;

    #[test]
    fn a_record_of_progress_holds_one_of_a_subagent() {
        let relays = br#"{"type":"progress","uuid":"u1","parentUuid":"u0","sessionId":"s","cwd":"/repo","data":{"type":"agent_progress","agentId":"a17","prompt":"p","normalizedMessages":[{}],"message":{"type":"assistant","uuid":"i1","timestamp":"2026-03-01T10:00:00Z","message":{"id":"m1","content":[{"type":"text","text":"done"}]}}}}"#;
        let whole = line(relays);
        let told = relayed(&whole.records[0]).expect("one");
        let inner = line(&told);
        let record = Record::read(&inner.records[0]);
        assert!(record.is_sidechain());
        assert!(matches!(record.body, Body::Assistant(_)));
        let envelope = record.envelope();
        let text = |span: Option<super::Span<'_>>| {
            span.and_then(|span| span.as_str())
                .unwrap_or_default()
                .into_owned()
        };
        assert_eq!(text(envelope.agent), "a17");
        assert_eq!(text(envelope.uuid), "i1");
        assert_eq!(text(envelope.cwd), "/repo");
        assert!(envelope.parent.is_none());
    }

    #[test]
    fn other_progress_holds_none() {
        for told in [
            &br#"{"type":"progress","uuid":"u","data":{"type":"hook_progress","hookEvent":"Stop"}}"#[..],
            br#"{"type":"progress","uuid":"u","data":{"type":"agent_progress","agentId":"a17"}}"#,
            br#"{"type":"progress","uuid":"u","data":{"type":"agent_progress","message":{"type":"user"}}}"#,
            br#"{"type":"progress","uuid":"u","data":"agent_progress"}"#,
            br#"{"type":"progress","uuid":"u"}"#,
        ] {
            assert_eq!(relayed(&line(told).records[0]), None);
        }
    }
}
