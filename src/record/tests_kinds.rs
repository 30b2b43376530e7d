//! What each sort of record says, by the names of the wire.

use super::scan::Span;
use super::*;

/// Reads one record and hands it to `judge`.
fn read<T>(text: &str, judge: impl FnOnce(&Record<'_>) -> T) -> T {
    let line = line(text.as_bytes());
    assert_eq!((line.records.len(), &line.fault), (1, &None), "{text}");
    judge(&Record::read(&line.records[0]))
}

fn span(text: &str) -> Span<'_> {
    Span::whole(text.as_bytes()).expect("one value")
}

#[test]
fn an_envelope_says_where_a_record_stands() {
    let whole = r#"{"type":"progress","uuid":"u","parentUuid":"p","logicalParentUuid":"l","sessionId":"s","timestamp":"2026-03-01T10:00:00Z",
        "cwd":"/w","version":"2.1","gitBranch":"main","agentId":"a","isSidechain":true,"isMeta":true}"#;
    read(&whole.replace('\n', ""), |record| {
        let envelope = record.envelope();
        let said = [
            envelope.uuid,
            envelope.parent,
            envelope.logical_parent,
            envelope.session,
            envelope.cwd,
            envelope.version,
            envelope.branch,
            envelope.agent,
        ];
        let said: Vec<_> = said
            .into_iter()
            .flatten()
            .filter_map(Span::as_str)
            .collect();
        assert_eq!(said, ["u", "p", "l", "s", "/w", "2.1", "main", "a"]);
        assert_eq!(
            record.time().map(|time| time.to_string()).as_deref(),
            Some("2026-03-01T10:00:00Z")
        );
        assert!(record.is_sidechain() && record.is_meta());
        assert!(matches!(record.body, Body::Link) && record.unknown.is_empty());
    });
    read(
        r#"{"type":"user","uuid":"u","isSidechain":false}"#,
        |record| {
            assert!(!record.is_sidechain() && !record.is_meta() && record.time().is_none());
        },
    );
}

#[test]
fn what_is_not_known_is_named() {
    let unknown = |text: &str| read(text, |record| record.unknown.clone());
    assert_eq!(
        unknown(r#"{"type":"user","uuid":"u","slug":"x","novel":1}"#),
        [Unknown::Key("novel".to_owned())]
    );
    for (text, link) in [
        (r#"{"type":"novel","uuid":"u","more":1}"#, true),
        (r#"{"type":"novel","more":1}"#, false),
    ] {
        read(text, |record| {
            assert_eq!(record.unknown, [Unknown::Record("novel".to_owned())]);
            assert_eq!(matches!(record.body, Body::Link), link);
        });
    }
    assert_eq!(
        unknown(r#"{"type":"system","uuid":"u","subtype":"novel"}"#),
        [Unknown::System("novel".to_owned())]
    );
    assert_eq!(
        unknown(r#"{"type":"attachment","uuid":"u","attachment":{"type":"novel"}}"#),
        [Unknown::Attachment("novel".to_owned())]
    );
    assert_eq!(unknown(r#"{"type":"artifact-of-june","more":1}"#), []);
}

#[test]
fn a_person_is_told_from_the_program() {
    let by_program = |more: &str| {
        let text = format!(r#"{{"type":"user","uuid":"u","message":{{"content":"hi"}}{more}}}"#);
        read(&text, |record| match &record.body {
            Body::User(user) => {
                assert_eq!(user.content.text(), "hi");
                assert_eq!(
                    user.message.map(Span::bytes),
                    Some(&br#"{"content":"hi"}"#[..])
                );
                user.by_program
            }
            other => panic!("{other:?}"),
        })
    };
    for person in [
        "",
        r#","origin":{"kind":"human"}"#,
        r#","origin":{"kind":"unclassified"}"#,
        r#","promptSource":"typed""#,
        r#","isVisibleInTranscriptOnly":false"#,
    ] {
        assert!(!by_program(person), "{person}");
    }
    for program in [
        r#","origin":{"kind":"task-notification"}"#,
        r#","isVisibleInTranscriptOnly":true"#,
        r#","turnCompanion":true"#,
        r#","promptSource":"system""#,
    ] {
        assert!(by_program(program), "{program}");
    }
    let text = r#"{"type":"user","uuid":"u","isCompactSummary":true,"toolUseResult":{"stdout":"x"},"toolDenialKind":"user-rejected","userFeedback":"no"}"#;
    read(text, |record| {
        let Body::User(user) = &record.body else {
            panic!("{record:?}")
        };
        assert!(user.summary && user.answer.is_some());
        assert_eq!(user.denial.as_deref(), Some("user-rejected"));
        assert_eq!(user.feedback.as_deref(), Some("no"));
    });
}

#[test]
fn an_answer_of_the_model_tells_its_tokens() {
    let text = r#"{"type":"assistant","uuid":"u","isApiErrorMessage":true,"error":"rate_limit","message":{"id":"m","model":"claude","stop_reason":"end_turn","content":[{"type":"text","text":"hi"}],
        "usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,"cache_creation_input_tokens":0,"cache_creation":{"a":4,"b":5},"other":9}}}"#;
    read(&text.replace('\n', ""), |record| {
        let Body::Assistant(said) = &record.body else {
            panic!("{record:?}")
        };
        let words = [&said.id, &said.model, &said.stop, &said.error];
        let words: Vec<&str> = words.into_iter().flatten().map(AsRef::as_ref).collect();
        assert_eq!(words, ["m", "claude", "end_turn", "rate_limit"]);
        assert!(said.failed && said.message.is_some());
        assert_eq!(said.content.text(), "hi");
        let tokens = Tokens {
            input: 1,
            output: 2,
            cache_read: 3,
            cache_creation: 9,
        };
        assert_eq!(said.tokens, tokens);
    });
    let text = r#"{"type":"assistant","uuid":"u","message":{"usage":{"cache_creation_input_tokens":7,"cache_creation":{"a":4}}}}"#;
    read(text, |record| {
        assert!(
            matches!(&record.body, Body::Assistant(said) if said.tokens.cache_creation == 7 && !said.failed)
        );
    });
}

#[test]
fn the_program_speaks_in_system_records() {
    let system = |rest: &str| format!(r#"{{"type":"system","uuid":"u",{rest}}}"#);
    let is = |rest: &str, judge: fn(&System<'_>) -> bool| {
        read(&system(rest), |record| match &record.body {
            Body::System(said) => assert!(judge(said), "{rest}: {said:?}"),
            other => panic!("{other:?}"),
        });
    };
    is(
        r#""subtype":"compact_boundary","compactMetadata":{"trigger":"manual"}"#,
        |said| matches!(said, System::Compaction { manual: true }),
    );
    is(
        r#""subtype":"compact_boundary","compactMetadata":{"trigger":"auto"}"#,
        |said| matches!(said, System::Compaction { manual: false }),
    );
    is(r#""subtype":"turn_duration""#, |said| {
        matches!(said, System::TurnEnd)
    });
    is(
        r#""subtype":"stop_hook_summary","hookErrors":["a","b"],"preventedContinuation":true"#,
        |said| matches!(said, System::StopHooks { errors, prevented: true } if errors == &["a", "b"]),
    );
    is(
        r#""subtype":"local_command","content":"/model""#,
        |said| matches!(said, System::LocalCommand(text) if text == "/model"),
    );
    is(
        r#""subtype":"away_summary","content":"so far""#,
        |said| matches!(said, System::Recap(text) if text == "so far"),
    );
    is(
        r#""subtype":"model_refusal_fallback","retractedMessageUuids":["a"]"#,
        |said| matches!(said, System::Retracted(uuids) if uuids == &["a"]),
    );
    is(r#""content":"x""#, |said| matches!(said, System::Ignored));
}

#[test]
fn attachments_tell_who_speaks() {
    let is = |rest: &str, judge: &dyn Fn(&Attachment<'_>) -> bool| {
        let text = format!(r#"{{"type":"attachment","uuid":"u","attachment":{{{rest}}}}}"#);
        read(&text, |record| match &record.body {
            Body::Attachment(said) => assert!(judge(said), "{rest}: {said:?}"),
            other => panic!("{other:?}"),
        });
    };
    for (rest, program) in [
        ("", false),
        (r#","origin":{"kind":"human"}"#, false),
        (r#","origin":{"kind":"channel"}"#, true),
        (r#","isMeta":true"#, true),
        (r#","commandMode":"task-notification"#, true),
        (r#","commandMode":"prompt"#, false),
    ] {
        let close = if rest.contains("commandMode") {
            "\""
        } else {
            ""
        };
        let queued = format!(r#""type":"queued_command","prompt":"go"{rest}{close}"#);
        is(
            &queued,
            &|said| matches!(said, Attachment::Queued { content, by_program } if content.text() == "go" && *by_program == program),
        );
    }
    for (rest, failed, words) in [
        (
            r#""type":"hook_success","exitCode":0,"content":" ","stdout":"out""#,
            false,
            "out",
        ),
        (
            r#""type":"hook_success","exitCode":-1,"content":"said""#,
            true,
            "said",
        ),
        (
            r#""type":"hook_success","content":["a","b"]"#,
            false,
            "a\nb",
        ),
        (
            r#""type":"hook_blocking_error","blockingError":{"blockingError":"no"},"stderr":"x""#,
            true,
            "no",
        ),
        (
            r#""type":"hook_cancelled","error":{"message":"late"}"#,
            true,
            "late",
        ),
        (
            r#""type":"hook_system_message","content":"note""#,
            false,
            "note",
        ),
        (
            r#""type":"hook_stopped_continuation","stopReason":"enough""#,
            true,
            "enough",
        ),
    ] {
        let hook = format!(r#"{rest},"hookEvent":"Stop""#);
        is(
            &hook,
            &|said| matches!(said, Attachment::Hook { event, failed: fails, text } if event == "Stop" && *fails == failed && text == words),
        );
    }
    is(
        r#""type":"task_status","taskId":"b1","status":"running","description":"build","deltaSummary":"half""#,
        &|said| matches!(said, Attachment::Task { id, status, text } if id == "b1" && status == "running" && text == "build\nhalf"),
    );
    read(r#"{"type":"attachment","uuid":"u"}"#, |record| {
        assert!(matches!(record.body, Body::Attachment(Attachment::Ignored)));
    });
}

#[test]
fn states_are_noted_beside_the_messages() {
    let is = |text: &str, judge: fn(&State<'_>) -> bool| {
        read(text, |record| match &record.body {
            Body::State(state) => assert!(judge(state), "{text}: {state:?}"),
            other => panic!("{other:?}"),
        });
    };
    is(
        r#"{"type":"custom-title","customTitle":"mine"}"#,
        |state| matches!(state, State::CustomTitle(title) if title == "mine"),
    );
    is(
        r#"{"type":"ai-title","aiTitle":"its"}"#,
        |state| matches!(state, State::AiTitle(title) if title == "its"),
    );
    is(
        r#"{"type":"last-prompt","leafUuid":"u"}"#,
        |state| matches!(state, State::LastPrompt { leaf: Some(leaf) } if leaf == "u"),
    );
    is(
        r#"{"type":"pr-link","prNumber":7,"prUrl":"https://x/7"}"#,
        |state| matches!(state, State::PullRequest { number: 7, url } if url == "https://x/7"),
    );
    is(
        r#"{"type":"queue-operation","operation":"enqueue","content":"next"}"#,
        |state| matches!(state, State::Enqueue(text) if text.as_str().as_deref() == Some("next")),
    );
    for operation in ["dequeue", "remove"] {
        let text = format!(r#"{{"type":"queue-operation","operation":"{operation}"}}"#);
        is(&text, |state| matches!(state, State::Delivered));
    }
    is(
        r#"{"type":"queue-operation","operation":"popAll","content":"back"}"#,
        |state| matches!(state, State::TakenBack(text) if text == "back"),
    );
    is(
        r#"{"type":"relocated","relocatedCwd":"/new"}"#,
        |state| matches!(state, State::Relocated(folder) if folder == "/new"),
    );
    is(r#"{"type":"pr-link","prNumber":7}"#, |state| {
        matches!(state, State::Ignored)
    });
}

#[test]
fn a_message_is_made_of_blocks() {
    let content = r#"["bare",{"type":"text","text":"a"},{"type":"thinking","thinking":"hm"},{"type":"image","source":1},
        {"type":"server_tool_use","id":"t","name":"web_search","input":{"query":"q"}},
        {"type":"mcp_tool_result","tool_use_id":"t","content":[{"type":"text","text":"one"},{"type":"image"},{"type":"text","text":"two"}],"is_error":true},
        {"type":"document"},{"type":"novel"},{"text":"of no type"}]"#;
    let mut unknown = Vec::new();
    let blocks = Content::from(span(content)).blocks(&mut unknown);
    let told: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Text(text) => format!("text {}", text.as_str().unwrap_or_default()),
            Block::Thinking(text) => format!("thought {}", text.as_str().unwrap_or_default()),
            Block::ToolUse { id, name, input } => {
                let query = input.and_then(|input| input.str("query"));
                format!("call {id} {name} {}", query.unwrap_or_default())
            }
            Block::ToolResult { id, content, error } => {
                format!("answer {id} {} {error}", content.text())
            }
            Block::Image => "image".to_owned(),
            Block::Ignored => "nothing".to_owned(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "text bare",
            "text a",
            "thought hm",
            "image",
            "call t web_search q",
            "answer t one\ntwo true",
            "nothing",
            "nothing"
        ]
    );
    assert_eq!(unknown, [Unknown::Block("novel".to_owned())]);

    for (text, plain) in [
        (r#""words""#, true),
        (r#""<tag>""#, false),
        (r#""[Request""#, false),
        (r#""\n<tag>""#, false),
        (r#"[{"type":"text","text":"words"}]"#, false),
        ("12", false),
    ] {
        assert_eq!(Content::from(span(text)).is_plain(), plain, "{text}");
    }
    assert!(Content::from(span("{}")).blocks(&mut unknown).is_empty());
}

#[test]
fn words_that_are_no_strings() {
    assert_eq!(span("true").as_bool(), Some(true));
    assert_eq!(span("false").as_bool(), Some(false));
    assert_eq!(span("1").as_bool(), None);
    assert_eq!(span("-7").as_i32(), Some(-7));
    assert_eq!(span("7").as_i32(), Some(7));
    assert_eq!(span("7.5").as_i32(), None);
    assert_eq!(span("18446744073709551615").as_u64(), Some(u64::MAX));
    assert_eq!(span("-7").as_u64(), None);
    assert!(span(" null ").is_null() && !span("0").is_null());
    for number in ["0", "-1.5e+3", "1E9"] {
        assert_eq!(span(number).bytes(), number.as_bytes());
    }
    for none in ["-", "+1", "1x", "1true", "tru", "nulll", "e5", "[1 2]"] {
        assert!(Span::whole(none.as_bytes()).is_none(), "{none}");
    }
}

/// A format is told by the keys of its records, whatever their order.
#[test]
fn foreign_records_are_told_by_their_keys() {
    let told = |text: &str| {
        let line = line(text.as_bytes());
        other::translated(&line.records[0]).map(|told| !told.records.is_empty())
    };
    for own in [
        r#"{"parentUuid":null,"type":"user","message":{}}"#,
        r#"{"payload":{},"type":"event_msg","parentUuid":null}"#,
        r#"{"sessionId":"s","type":"user","message":{"role":"user"}}"#,
        r#"{"type":"summary","uuid":"u"}"#,
        r#"{"type":"summary","message":"x"}"#,
        r#"{"type":"novel"}"#,
        r#"{"id":"1","content":"x"}"#,
        r#"{"type":"x","id":"1"}"#,
        r#"{"info":{},"x":1}"#,
    ] {
        assert_eq!(told(own), None, "{own}");
    }
    for (foreign, says) in [
        (
            r#"{"sessionId":"s","projectHash":"h","startTime":"2026-03-01T10:00:00Z"}"#,
            true,
        ),
        (
            r#"{"type":"event_msg","payload":{"type":"user_message","message":"hi"}}"#,
            true,
        ),
        (
            r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}"#,
            true,
        ),
        (
            r#"{"id":"1","type":"user","content":"hi","timestamp":"2026-03-01T10:00:00Z"}"#,
            true,
        ),
        (r#"{"$set":{"x":1}}"#, false),
    ] {
        assert_eq!(told(foreign), Some(says), "{foreign}");
    }
}
