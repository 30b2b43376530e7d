//! What stands beside the conversation: words typed ahead, background tasks, subagents, hooks.

use super::tests::{
    aside, assert_sound, bash, call, chain, check, meta, queue, read, result, say, show, typed,
};
use super::*;

#[test]
fn what_was_typed_ahead() {
    let beside = r#""message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"x"},{"type":"text","text":"came beside"}]}"#;
    let attached =
        r#""attachment":{"type":"queued_command","prompt":"came attached","commandMode":"prompt"}"#;
    check(
        &[
            typed("a", "", "go"),
            bash("b", "a", "t", "sleep"),
            queue("enqueue", Some("never seen again")),
            queue("remove", None),
            queue("enqueue", Some("came beside")),
            queue("remove", None),
            chain("c", "b", "user", beside),
            queue("enqueue", Some("came attached")),
            queue("remove", None),
            chain("d", "c", "attachment", attached),
            queue("enqueue", Some("changed my mind")),
            queue("popAll", Some("changed my mind")),
            queue("enqueue", Some("came as a turn")),
            queue("enqueue", Some("/clear")),
            queue("enqueue", Some("/review it")),
            queue("dequeue", None),
            typed("e", "d", "came as a turn"),
            typed(
                "f",
                "e",
                "<command-name>/review</command-name><command-args>it</command-args>",
            ),
            queue("enqueue", Some("go")),
        ],
        &[
            "L1 typed: go",
            "L2 call Bash",
            "L3 queued: never seen again",
            "L7 return Bash ok: x",
            "L7 queued: came beside",
            "L10 queued: came attached",
            "L17 typed: came as a turn",
            "L18 /review: it",
            "L19 queued: go",
            "Unanswered",
        ],
    );
}

#[test]
fn background_tasks_end_once() {
    let told = "<task-notification>\n<task-id>b1</task-id>\n<status>completed</status>\n<summary>Background command \"x\" completed (exit code 3)</summary>\n</task-notification>";
    check(
        &[
            bash("a", "", "t", "x"),
            result(
                "b",
                "a",
                "t",
                false,
                "Command running in background with ID: b1. Output",
                "",
            ),
            queue("enqueue", Some(told)),
            queue("dequeue", None),
            typed("c", "b", told),
            say("d", "c", "It failed. Shall I retry?"),
        ],
        &[
            "L1 call Bash",
            "L2 return Bash background { task: \"b1\" }: Command running in background with ID: b1. Output",
            "L3 background b1 completed Some(3) Some(0): Background command \"x\" completed (exit code 3)",
            "L6 say: It failed. Shall I retry?",
            "Asked",
        ],
    );
}

#[test]
fn subagents_stand_behind_the_call_that_started_them() {
    let main = [
        typed("a", "", "go"),
        call(
            "b",
            "a",
            "t1",
            "Task",
            r#"{"description":"look","prompt":"find it","subagent_type":"Explore"}"#,
        ),
        call(
            "c",
            "b",
            "t2",
            "Task",
            r#"{"description":"look","prompt":"other","subagent_type":"Plan"}"#,
        ),
        result(
            "d",
            "b",
            "t1",
            false,
            "It is in x.rs.\nagentId: a1 (for resuming)",
            "",
        ),
        say("e", "d", "found"),
    ]
    .join("\n");
    let first = [
        aside(&typed("p", "", "find it")),
        aside(&bash("q", "p", "s1", "rg it")),
        aside(&result("r", "q", "s1", false, "x.rs", "")),
        aside(&say("s", "r", "It is in x.rs.")),
    ]
    .join("\n");
    let second = [
        aside(&typed("u", "", "other")),
        aside(&say("v", "u", "working")),
    ]
    .join("\n");
    let lines = |text: &'static str| (1u32..).zip(text.lines().map(str::as_bytes));
    let digest_of = |path: &str, text: String| vec![digest(1, lines(text.leak()), path)];
    let mut builder = Builder::new();
    builder.main("s.jsonl", digest_of("s.jsonl", main));
    builder.subagent(
        "s/subagents/agent-a1.jsonl",
        None,
        None,
        None,
        digest_of("a1", first.clone()),
    );
    builder.subagent(
        "s/subagents/agent-acompact-1.jsonl",
        None,
        None,
        None,
        digest_of("c", first),
    );
    builder.subagent("x.jsonl", Some("zz"), None, None, digest_of("zz", second));
    let (session, problems) = builder.finish();
    assert_eq!(problems, []);
    assert_sound(&session, "subagents");
    assert_eq!(
        show(&session),
        "L1 typed: go\nL2 call Task\n@a1 L2 call Bash\n@a1 L3 return Bash ok: x.rs\nL3 call Task\n@zz L2 say: working\nL4 return Task ok: It is in x.rs.|agentId: a1 (for resuming)\nL5 say: found\nFinished\n"
    );
    let kinds: Vec<_> = session
        .agents
        .iter()
        .map(|agent| agent.kind.as_deref())
        .collect();
    assert_eq!(kinds, [Some("Explore"), Some("Plan")]);
    assert_eq!(session.agents[1].call, Some(2));
    assert_eq!(session.files.len(), 3);
    assert_eq!(session.files[2].agent, Some(1));
    // Ticks count the main conversation's calls alone.
    let ticks: Vec<_> = session.calls.iter().map(|call| call.tick).collect();
    assert_eq!(ticks, [0, 1, 1]);
}

/// A record of progress that relays `record` of the subagent a1.
fn relayed(uuid: &str, parent: &str, record: &str) -> String {
    let data = format!(
        r#""data":{{"type":"agent_progress","agentId":"a1","prompt":"find it","message":{record}}}"#
    );
    chain(uuid, parent, "progress", &data)
}

#[test]
fn what_a_record_of_progress_relays_is_its_subagents_but_where_that_has_a_file() {
    let first = [
        aside(&typed("p", "", "find it")),
        aside(&bash("q", "p", "s1", "rg it")),
        aside(&result("r", "q", "s1", false, "x.rs", "")),
    ];
    let main = [
        typed("a", "", "go"),
        call(
            "b",
            "a",
            "t1",
            "Task",
            r#"{"description":"look","prompt":"find it","subagent_type":"Explore"}"#,
        ),
        relayed("1", "b", &first[0]),
        relayed("2", "1", &first[1]),
        relayed("3", "2", &first[2]),
        result("d", "3", "t1", false, "It is in x.rs.", ""),
        say("e", "d", "found"),
    ];
    check(
        &main,
        &[
            "L1 typed: go",
            "L2 call Task",
            "@a1 L4 call Bash",
            "@a1 L5 return Bash ok: x.rs",
            "L6 return Task ok: It is in x.rs.",
            "L7 say: found",
            "Finished",
        ],
    );
    let lines = |text: &'static str| (1u32..).zip(text.lines().map(str::as_bytes));
    let digest_of = |path: &str, text: String| vec![digest(1, lines(text.leak()), path)];
    let mut builder = Builder::new();
    builder.main("s.jsonl", digest_of("s.jsonl", main.join("\n")));
    builder.subagent(
        "s/subagents/agent-a1.jsonl",
        None,
        None,
        None,
        digest_of("a1", first.join("\n")),
    );
    let (session, problems) = builder.finish();
    assert_eq!(problems, []);
    assert_eq!(
        show(&session),
        "L1 typed: go\nL2 call Task\n@a1 L2 call Bash\n@a1 L3 return Bash ok: x.rs\nL6 return Task ok: It is in x.rs.\nL7 say: found\nFinished\n"
    );
}

#[test]
fn a_subagent_without_a_call_stands_by_its_time() {
    let at = |line: String, second: u32| {
        let from = line.find("2026-01-01T00:00:").expect("a time") + 17;
        format!("{}{second:02}{}", &line[..from], &line[from + 2..])
    };
    let main = [
        at(typed("a", "", "go"), 1),
        at(say("b", "a", "one"), 2),
        at(say("c", "b", "two"), 9),
    ];
    let agent = [
        at(aside(&typed("p", "", "of no call")), 4),
        at(aside(&say("q", "p", "late")), 10),
        at(aside(&bash("r", "q", "t", "ls")), 11),
    ];
    let lines = |text: &'static str| (1u32..).zip(text.lines().map(str::as_bytes));
    let digest_of = |all: &[String]| vec![digest(1, lines(all.join("\n").leak()), "x")];
    let mut builder = Builder::new();
    builder.main("s.jsonl", digest_of(&main));
    builder.subagent(
        "agent-a9.jsonl",
        None,
        None,
        Some("Plan"),
        digest_of(&agent),
    );
    let (session, _) = builder.finish();
    assert_sound(&session, "by time");
    assert_eq!(
        show(&session),
        "L1 typed: go\nL2 say: one\n@a9 L2 say: late\n@a9 L3 call Bash\nL3 say: two\nFinished\n"
    );
    assert_eq!(session.agents[0].kind.as_deref(), Some("Plan"));
    assert_eq!(session.agents[0].call, None);
}

#[test]
fn old_subagents_stand_in_the_main_file() {
    check(
        &[
            typed("a", "", "go"),
            call(
                "b",
                "a",
                "t1",
                "Task",
                r#"{"description":"d","prompt":"find it"}"#,
            ),
            aside(&typed("p", "", "find it")),
            aside(&say("q", "p", "looking")),
            aside(&typed("w", "", "Warmup")),
            aside(&say("x", "w", "ready")),
            result("c", "b", "t1", false, "found", ""),
        ],
        &[
            "L1 typed: go",
            "L2 call Task",
            "@line-3 L4 say: looking",
            "L7 return Task ok: found",
            "MidTurn",
        ],
    );
}

/// What this program gives a session at its start comes back in the session's log, and must not be taken for words of
/// the user or the agent.
#[test]
fn a_handoff_that_was_given_is_the_words_of_a_hook() {
    let said = "Handoff by passdown: what session 7e5dcce0 of this project left 2 hours ago.\n\n# Task: fix it\n- the user's rule: “Always run the tests”\n";
    let json = serde_json::to_string(said).expect("JSON");
    let output = serde_json::to_string(&format!(
        r#"{{"hookSpecificOutput":{{"additionalContext":{json},"hookEventName":"SessionStart"}}}}"#
    ))
    .expect("JSON");
    let reminder = |head: &str| format!("<system-reminder>\n{head}: {said}\n</system-reminder>");
    let lines = [
        chain(
            "a",
            "",
            "attachment",
            &format!(
                r#""attachment":{{"type":"hook_additional_context","hookEvent":"SessionStart","content":[{json}]}}"#
            ),
        ),
        chain(
            "b",
            "a",
            "attachment",
            &format!(
                r#""attachment":{{"type":"hook_success","hookEvent":"SessionStart","content":{json},"stdout":{output},"exitCode":0}}"#
            ),
        ),
        meta("c", "b", &reminder("SessionStart hook additional context")),
        typed("d", "c", &reminder("SessionStart:startup hook success")),
        typed(
            "e",
            "d",
            &format!("<session-start-hook>{said}</session-start-hook>fix the parser"),
        ),
        typed(
            "f",
            "e",
            &format!(
                "{}and test it",
                reminder("SessionStart hook additional context")
            ),
        ),
    ];
    let session = read(&lines);
    let mut prompts = Vec::new();
    for event in &session.timeline {
        match &event.body {
            Body::Prompt(prompt) => prompts.push(prompt.text.text.as_str()),
            Body::Notice(Notice::Hook { text, failed, .. }) => {
                assert_eq!((text.origin, *failed), (Origin::Hook, false), "{text:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(prompts, ["fix the parser", "and test it"]);
}

#[test]
fn hooks_speak_in_attachments() {
    let hook = r#""attachment":{"type":"hook_additional_context","hookEvent":"SessionStart","content":["know this"]}"#;
    let error = r#""attachment":{"type":"hook_blocking_error","hookEvent":"PreToolUse","blockingError":{"blockingError":"lint"}}"#;
    let quiet =
        r#""attachment":{"type":"hook_success","hookEvent":"Stop","content":"","stdout":""}"#;
    let new = r#""attachment":{"type":"invented"}"#;
    let lines = [
        chain("a", "", "attachment", hook),
        chain("b", "a", "attachment", error),
        chain("c", "b", "attachment", quiet),
        chain("d", "c", "attachment", new),
    ];
    check(
        &lines,
        &[
            "L1 hook SessionStart false: know this",
            "L2 hook PreToolUse true: lint",
            "Finished",
        ],
    );
    assert_eq!(read(&lines).drift.attachments.get("invented"), Some(&1));
}
