//! Whole transcripts in, sessions out.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

/// A session as text: its events, one a line, then how it ends.
///
/// `L3 return Bash exit 1: text`; `~` marks what is not live, `@id` a subagent.
pub(super) fn show(session: &Session) -> String {
    let mut out = String::new();
    let name = |call: usize| &session.calls[call].name;
    for event in &session.timeline {
        if !event.live {
            out.push('~');
        }
        if let Some(agent) = event.agent {
            write!(out, "@{} ", session.agents[agent].id).expect("text");
        }
        write!(out, "L{} ", event.at.line).expect("text");
        let line = match &event.body {
            Body::Prompt(prompt) => {
                let via = match &prompt.via {
                    Via::Typed => "typed".to_owned(),
                    Via::Queued => "queued".to_owned(),
                    Via::Command { name } => name.clone(),
                    Via::Shell => "shell".to_owned(),
                    Via::Memory => "memory".to_owned(),
                    Via::Plan => "plan".to_owned(),
                    Via::Refusal { call } => format!("refusal of {}", name(*call)),
                    Via::Answer { question, .. } => format!("answer to {question}"),
                };
                let images = "+image".repeat(prompt.images as usize);
                assert_eq!(prompt.text.origin, Origin::User);
                format!("{via}{images}: {}", prompt.text.text)
            }
            Body::Say(text) => format!("say: {}", text.text),
            Body::Think(text) => format!("think: {}", text.text),
            Body::Call(call) => format!("call {}", name(*call)),
            Body::Return(call) => {
                let call = &session.calls[*call];
                let outcome = match &call.outcome {
                    Outcome::Error {
                        exit: Some(exit), ..
                    } => format!("exit {exit}"),
                    Outcome::Error { misuse: true, .. } => "misuse".to_owned(),
                    Outcome::Error { .. } => "error".to_owned(),
                    other => format!("{other:?}").to_lowercase(),
                };
                format!("return {} {outcome}: {}", call.name, call.output.text)
            }
            Body::Compaction { manual, summary } => format!(
                "compaction{}: {}",
                if *manual { " by hand" } else { "" },
                summary.as_ref().map_or("-", |summary| &summary.text)
            ),
            Body::Notice(notice) => match notice {
                Notice::Interrupted => "interrupted".to_owned(),
                Notice::ApiError(text) => format!("api error: {}", text.text),
                Notice::Limit(text) => format!("limit: {}", text.text),
                Notice::ContextFull(text) => format!("context full: {}", text.text),
                Notice::Background {
                    task,
                    call,
                    status,
                    exit,
                    text,
                } => format!(
                    "background {task} {status} {exit:?} {call:?}: {}",
                    text.text
                ),
                Notice::Hook {
                    event,
                    failed,
                    text,
                } => format!("hook {event} {failed}: {}", text.text),
                Notice::Recap(text) => format!("recap: {}", text.text),
                Notice::Output(text) => format!("output: {}", text.text),
                Notice::TurnEnd => "turn end".to_owned(),
            },
        };
        writeln!(out, "{}", line.replace('\n', "|")).expect("text");
    }
    writeln!(out, "{:?}", session.end).expect("text");
    out
}

pub(super) fn read(lines: &[String]) -> Session {
    let (session, problems) = from_bytes("s.jsonl", lines.join("\n").as_bytes());
    assert_eq!(problems, []);
    assert_sound(&session, &lines.join("\n"));
    session
}

/// Lines in, the shown session out.
pub(super) fn check(lines: &[String], expected: &[&str]) {
    let expected: String = expected.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(show(&read(lines)), expected);
}

/// A chain record: uuid, parent (empty for none), time in seconds, the rest.
pub(super) fn chain(uuid: &str, parent: &str, kind: &str, rest: &str) -> String {
    let parent = match parent {
        "" => "null".to_owned(),
        parent => format!("{parent:?}"),
    };
    let second = uuid.bytes().map(u32::from).sum::<u32>() % 60;
    format!(
        r#"{{"parentUuid":{parent},"isSidechain":false,"cwd":"/w","sessionId":"s","version":"2.1.38","type":"{kind}","uuid":"{uuid}","timestamp":"2026-01-01T00:00:{second:02}.000Z",{rest}}}"#
    )
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

pub(super) fn typed(uuid: &str, parent: &str, text: &str) -> String {
    let rest = format!(r#""message":{{"role":"user","content":{}}}"#, quoted(text));
    chain(uuid, parent, "user", &rest)
}

pub(super) fn meta(uuid: &str, parent: &str, text: &str) -> String {
    let rest = format!(
        r#""isMeta":true,"message":{{"role":"user","content":{}}}"#,
        quoted(text)
    );
    chain(uuid, parent, "user", &rest)
}

pub(super) fn block(uuid: &str, parent: &str, block: &str) -> String {
    let rest = format!(
        r#""message":{{"id":"m-{uuid}","model":"claude","content":[{block}],"usage":{{"input_tokens":1,"output_tokens":2}}}}"#
    );
    chain(uuid, parent, "assistant", &rest)
}

pub(super) fn say(uuid: &str, parent: &str, text: &str) -> String {
    block(
        uuid,
        parent,
        &format!(r#"{{"type":"text","text":{}}}"#, quoted(text)),
    )
}

pub(super) fn call(uuid: &str, parent: &str, id: &str, name: &str, input: &str) -> String {
    let asked = format!(r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{input}}}"#);
    block(uuid, parent, &asked)
}

pub(super) fn bash(uuid: &str, parent: &str, id: &str, command: &str) -> String {
    let input = format!(r#"{{"command":{}}}"#, quoted(command));
    call(uuid, parent, id, "Bash", &input)
}

/// A tool result; `rest` are more keys of the record, with a comma before them.
pub(super) fn result(
    uuid: &str,
    parent: &str,
    id: &str,
    error: bool,
    text: &str,
    rest: &str,
) -> String {
    let rest = format!(
        r#""message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}","is_error":{error},"content":{}}}]}}{rest}"#,
        quoted(text)
    );
    chain(uuid, parent, "user", &rest)
}

pub(super) fn queue(operation: &str, content: Option<&str>) -> String {
    let content = content.map_or(String::new(), |text| {
        format!(r#","content":{}"#, quoted(text))
    });
    format!(r#"{{"type":"queue-operation","operation":"{operation}","sessionId":"s"{content}}}"#)
}

pub(super) fn aside(line: &str) -> String {
    line.replace(r#""isSidechain":false"#, r#""isSidechain":true"#)
}

#[test]
fn a_plain_conversation() {
    check(
        &[
            typed("a", "", "fix the test"),
            say("b", "a", "I will look."),
            bash("c", "b", "t1", "cargo test"),
            result("d", "c", "t1", true, "Exit code 101\nfailed: one", ""),
            say("e", "d", "One test fails."),
            chain(
                "f",
                "e",
                "system",
                r#""subtype":"turn_duration","durationMs":5"#,
            ),
        ],
        &[
            "L1 typed: fix the test",
            "L2 say: I will look.",
            "L3 call Bash",
            "L4 return Bash exit 101: failed: one",
            "L5 say: One test fails.",
            "L6 turn end",
            "Finished",
        ],
    );
}

#[test]
fn the_session_as_a_whole() {
    let session = read(&[
        r#"{"type":"summary","summary":"of another session","leafUuid":"z"}"#.to_owned(),
        typed("a", "", "one"),
        block("b", "a", r#"{"type":"text","text":"x"}"#).replace("m-b", "m"),
        block("c", "b", r#"{"type":"text","text":"y"}"#)
            .replace("m-c", "m")
            .replace(
                r#""output_tokens":2"#,
                r#""output_tokens":70,"cache_read_input_tokens":9"#,
            ),
        typed("d", "c", "two").replace("/w", "/w/sub"),
        r#"{"type":"ai-title","aiTitle":"made"}"#.to_owned(),
        r#"{"type":"custom-title","customTitle":"mine","sessionId":"s"}"#.to_owned(),
        r#"{"type":"pr-link","prNumber":7,"prUrl":"https://x/7"}"#.to_owned(),
        r#"{"type":"pr-link","prNumber":7,"prUrl":"https://x/7"}"#.to_owned(),
        r#"{"type":"brand-new","uuid":"q"}"#.to_owned(),
    ]);
    assert_eq!(session.id, "s");
    assert_eq!(session.cwds, ["/w", "/w/sub"]);
    assert_eq!(session.cwd.as_deref(), Some("/w/sub"));
    assert_eq!(session.custom_title.as_deref(), Some("mine"));
    assert_eq!(session.ai_title.as_deref(), Some("made"));
    assert_eq!(session.pull_requests.len(), 1);
    assert_eq!(session.models, ["claude"]);
    // Once for the message, and the most of its lines.
    assert_eq!(
        session.usage,
        Usage {
            input: 1,
            output: 70,
            cache_read: 9,
            cache_creation: 0,
            context: 10
        }
    );
    assert_eq!(session.messages.len(), 1);
    assert_eq!(session.drift.records.get("brand-new"), Some(&1));
    assert_eq!(session.end, End::Unanswered);
    assert_eq!(session.timeline.last().map(|event| event.turn), Some(1));
}

#[test]
fn parallel_tools_are_no_rewind_and_answers_find_their_calls() {
    check(
        &[
            typed("a", "", "go"),
            bash("b", "a", "t1", "one"),
            bash("c", "b", "t2", "two"),
            result("e", "c", "t2", false, "2", ""),
            result("d", "b", "t1", false, "1", ""),
            result("x", "b", "none", false, "of no call", ""),
            say("f", "d", "done"),
        ],
        &[
            "L1 typed: go",
            "L2 call Bash",
            "L3 call Bash",
            "L4 return Bash ok: 2",
            "L5 return Bash ok: 1",
            "L7 say: done",
            "Finished",
        ],
    );
}

#[test]
fn a_rewind_leaves_a_branch_behind() {
    let lines = [
        typed("a", "", "start"),
        say("b", "a", "ready"),
        chain("n", "b", "system", r#""subtype":"turn_duration""#),
        typed("c", "n", "wrong way"),
        bash("d", "c", "t1", "rm x"),
        result("e", "d", "t1", false, "", ""),
        typed("f", "n", "right way"),
        say("g", "f", "yes"),
    ];
    check(
        &lines,
        &[
            "L1 typed: start",
            "L2 say: ready",
            "L3 turn end",
            "~L4 typed: wrong way",
            "~L5 call Bash",
            "~L6 return Bash ok: ",
            "L7 typed: right way",
            "L8 say: yes",
            "Finished",
        ],
    );
    assert!(!read(&lines).calls[0].live);
    // The program's note on the leaf outweighs the order in the file.
    let mut noted = lines.to_vec();
    noted.push(r#"{"type":"last-prompt","leafUuid":"e"}"#.to_owned());
    let shown = show(&read(&noted));
    assert!(shown.contains("\nL4 typed: wrong way\n"), "{shown}");
    assert!(shown.contains("\n~L7 typed: right way\n"), "{shown}");
}

#[test]
fn damaged_links_leave_everything_live() {
    check(
        &[
            typed("a", "a", "its own parent"),
            typed("b", "gone", "dangling"),
            typed("c", "d", "a cycle"),
            typed("d", "c", "of two"),
        ],
        &[
            "L1 typed: its own parent",
            "L2 typed: dangling",
            "L3 typed: a cycle",
            "L4 typed: of two",
            "Unanswered",
        ],
    );
}

#[test]
fn copies_are_left_out() {
    let boundary = chain(
        "x",
        "",
        "system",
        r#""subtype":"compact_boundary","logicalParentUuid":"b","compactMetadata":{"trigger":"manual"}"#,
    );
    let summary = chain(
        "y",
        "x",
        "user",
        r#""isCompactSummary":true,"message":{"content":"This session is being continued …"}"#,
    );
    let again = typed("a", "", "start")
        .replace(r#""uuid":"a""#, r#""uuid":"a2""#)
        .replace(r#""parentUuid":null"#, r#""parentUuid":"y""#);
    let reply = say("b", "a", "ready")
        .replace(r#""uuid":"b""#, r#""uuid":"b2""#)
        .replace(r#""parentUuid":"a""#, r#""parentUuid":"a2""#);
    let lines = [
        typed("a", "", "start"),
        say("b", "a", "ready"),
        say("b", "a", "ready"),
        boundary,
        summary,
        again,
        reply,
        typed("c", "b2", "go on"),
        // The same words at the same time in the ordinary course are no copy.
        say("d", "c", "ok"),
        typed("c", "d", "go on").replace(r#""uuid":"c""#, r#""uuid":"c2""#),
    ];
    check(
        &lines,
        &[
            "L1 typed: start",
            "L2 say: ready",
            "L4 compaction by hand: This session is being continued …",
            "L8 typed: go on",
            "L9 say: ok",
            "L10 typed: go on",
            "Unanswered",
        ],
    );
    assert_eq!(read(&lines).tally.duplicates, 3);
}

#[test]
fn a_summary_alone_is_a_compaction() {
    let summary = r#""isCompactSummary":true,"message":{"content":"the story so far"}"#;
    check(
        &[typed("a", "", "x"), chain("b", "", "user", summary)],
        &[
            "L1 typed: x",
            "L2 compaction: the story so far",
            "Compacted",
        ],
    );
}

#[test]
fn outcomes() {
    let outcome = |command: &str, error: bool, text: &str, rest: &str| {
        let lines = [
            bash("a", "", "t", command),
            result("b", "a", "t", error, text, rest),
        ];
        let session = read(&lines);
        (
            session.calls[0].outcome.clone(),
            session.calls[0].output.text.clone(),
        )
    };
    let check = |command, error, text: &str, rest: &str, expected: Outcome, output: &str| {
        let expected = (expected, output.to_owned());
        assert_eq!(
            outcome(command, error, text, rest),
            expected,
            "{text}{rest}"
        );
    };
    let error = |exit, misuse| Outcome::Error { exit, misuse };
    let sibling = "<tool_use_error>Sibling tool call errored</tool_use_error>";
    let task = |task: &str| Outcome::Background { task: task.into() };
    check("ls", false, "a", "", Outcome::Ok, "a");
    check(
        "make",
        true,
        "Exit code 2\nno rule",
        "",
        error(Some(2), false),
        "no rule",
    );
    check("make", true, "Exit code 1", "", error(Some(1), false), "");
    check("x | grep y", true, "Exit code 1", "", Outcome::Ok, "");
    check(
        "grep y; make",
        true,
        "Exit code 1",
        "",
        error(Some(1), false),
        "",
    );
    check("diff a b", true, "Exit code 1\n< a", "", Outcome::Ok, "< a");
    check(
        "git commit",
        true,
        "lint failed",
        "",
        Outcome::Blocked,
        "lint failed",
    );
    check(
        "x",
        true,
        sibling,
        "",
        Outcome::Cancelled,
        "Sibling tool call errored",
    );
    check(
        "x",
        true,
        "<tool_use_error>InputValidationError: bad</tool_use_error>",
        "",
        error(None, true),
        "InputValidationError: bad",
    );
    check(
        "x",
        true,
        "Exit code 143\nCommand timed out after 2m 0.0s\nhalf",
        "",
        Outcome::TimedOut,
        "Command timed out after 2m 0.0s\nhalf",
    );
    check(
        "x",
        false,
        "Command running in background with ID: b1f. Output …",
        "",
        task("b1f"),
        "Command running in background with ID: b1f. Output …",
    );
    check(
        "x",
        false,
        "moved",
        r#","toolUseResult":{"backgroundTaskId":"b2"}"#,
        task("b2"),
        "moved",
    );
    let stopped = "[Request interrupted by user for tool use]";
    check("x", true, stopped, "", Outcome::Interrupted, stopped);
    check(
        "x",
        false,
        "",
        r#","toolUseResult":{"interrupted":true}"#,
        Outcome::Interrupted,
        "",
    );
    check(
        "x",
        true,
        "no",
        r#","toolDenialKind":"permission-rule""#,
        Outcome::Blocked,
        "no",
    );
    let early = bash("a", "", "t", "make").replace("2.1.38", "1.0.53");
    let failed = result("b", "a", "t", true, "Error", "").replace("2.1.38", "1.0.53");
    assert_eq!(read(&[early, failed]).calls[0].outcome, error(None, false));
    assert_eq!(
        read(&[bash("a", "", "t", "x")]).calls[0].outcome,
        Outcome::Missing
    );
}

#[test]
fn reads_keep_the_contents_or_what_stood_in_their_way() {
    let asked = |id: &str| call(id, "", id, "Read", r#"{"file_path":"/w/a.rs"}"#);
    let session = read(&[
        asked("a"),
        result("b", "a", "a", false, "1→fn main", ""),
        asked("c"),
        result("d", "c", "c", true, "EISDIR: illegal operation", ""),
    ]);
    assert_eq!(session.calls[0].output.text, "1→fn main");
    assert_eq!(session.calls[0].output.origin, Origin::File);
    assert_eq!(session.calls[1].output.text, "EISDIR: illegal operation");
    let misuse = Outcome::Error {
        exit: None,
        misuse: true,
    };
    assert_eq!(session.calls[1].outcome, misuse);
}

#[test]
fn edits_and_tasks_tell_their_details() {
    let patch = r#","toolUseResult":{"type":"update","filePath":"/w/a","originalFile":"big","userModified":true,"structuredPatch":[{"lines":["-a","+b","+c"," d"]}]}"#;
    let session = read(&[
        call(
            "a",
            "",
            "t1",
            "Edit",
            r#"{"file_path":"/w/a","old_string":"a","new_string":"b\nc"}"#,
        ),
        result("b", "a", "t1", false, "The file has been updated.", patch),
        call(
            "c",
            "b",
            "t2",
            "TaskCreate",
            r#"{"subject":"write","description":"it"}"#,
        ),
        result(
            "d",
            "c",
            "t2",
            false,
            "Task #4 created successfully: write",
            "",
        ),
        call(
            "e",
            "d",
            "t3",
            "TaskUpdate",
            r#"{"taskId":4,"status":"completed"}"#,
        ),
        call("f", "e", "t4", "Edit", r#"{"file_path":7}"#),
        call(
            "g",
            "f",
            "t5",
            "mcp__x__y",
            r#"{"id":"E-1","deep":{"n":1}}"#,
        ),
        call("h", "g", "t6", "TaskList", "{}"),
        result(
            "i",
            "h",
            "t6",
            false,
            "#4 [completed] write\n#5 [pending] more",
            "",
        ),
    ]);
    let Input::Edit { path, hunks } = &session.calls[0].input else {
        panic!("an edit: {:?}", session.calls[0].input);
    };
    assert_eq!(path, "/w/a");
    assert_eq!(hunks[0].1.text, "b\nc");
    assert_eq!(session.calls[0].detail.lines, Some((2, 1)));
    assert_eq!(session.calls[0].detail.created, Some(false));
    assert!(session.calls[0].detail.user_modified);
    assert_eq!(session.calls[1].detail.task.as_deref(), Some("4"));
    assert_eq!(
        session.calls[2].input,
        Input::TaskUpdate {
            id: "4".into(),
            status: Some("completed".into()),
            subject: None,
            blocked_by: vec![]
        }
    );
    assert_eq!(session.calls[3].input, Input::Other("file_path=7".into()));
    let other = Input::Other(r#"id=E-1 deep={"n":1}"#.into());
    assert_eq!(session.calls[4].input, other);
    let tasks = &session.calls[5].detail.tasks;
    assert_eq!(tasks[1], ("5".into(), "more".into(), "pending".into()));
}

#[test]
fn refusals_and_answers_are_the_users_words() {
    let refused = "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file). To tell you how to proceed, the user said:\nuse the library\n\nNote: The user's next message may contain a correction.";
    let answers = r#","toolUseResult":{"answers":{"Which?":"B","How?":["x","y"]},"annotations":{"Which?":{"notes":"but small"}}}"#;
    check(
        &[
            call(
                "a",
                "",
                "t1",
                "Write",
                r#"{"file_path":"/w/a","content":"x"}"#,
            ),
            result(
                "b",
                "a",
                "t1",
                true,
                refused,
                r#","toolUseResult":"User rejected tool use""#,
            ),
            call(
                "c",
                "b",
                "t2",
                "AskUserQuestion",
                r#"{"questions":[{"question":"Which?","options":[{"label":"A"},{"label":"B"}]}]}"#,
            ),
            result("d", "c", "t2", false, "answered", answers),
            call("e", "d", "t3", "ExitPlanMode", r##"{"plan":"# P"}"##),
            result("f", "e", "t3", true, "tests first", "").replace("2.1.38", "1.0.90"),
        ],
        &[
            "L1 call Write",
            &format!("L2 return Write refused: {}", refused.replace('\n', "|")),
            "L2 refusal of Write: use the library",
            "L3 call AskUserQuestion",
            "L4 return AskUserQuestion ok: answered",
            "L4 answer to Which?: B|but small",
            "L4 answer to How?: x, y",
            "L5 call ExitPlanMode",
            "L6 return ExitPlanMode refused: tests first",
            "L6 refusal of ExitPlanMode: tests first",
            "Interrupted",
        ],
    );
}

#[test]
fn what_only_looks_like_the_user() {
    check(
        &[
            meta(
                "a",
                "",
                "Caveat: The messages below were generated by the user",
            ),
            typed(
                "b",
                "a",
                "<command-name>/clear</command-name>\n <command-args></command-args>",
            ),
            typed("c", "b", "<local-command-stdout></local-command-stdout>"),
            typed(
                "d",
                "c",
                "<command-message>review</command-message>\n<command-name>/review</command-name>\n<command-args>the parser</command-args>",
            ),
            meta("e", "d", "# Review\nDo a review."),
            typed("f", "e", "<bash-input>git pull</bash-input>"),
            typed(
                "g",
                "f",
                "<bash-stdout>Up to date.</bash-stdout><bash-stderr></bash-stderr>",
            ),
            typed("h", "g", "[Request interrupted by user]"),
            typed(
                "i",
                "h",
                "<ide_opened_file>a.rs</ide_opened_file>now <system-reminder>be nice</system-reminder>fix it",
            ),
            typed("j", "i", "<system-reminder>only this</system-reminder>"),
            meta(
                "k",
                "j",
                "<system-reminder>\nPostToolUse:Edit hook additional context: format it\n</system-reminder>",
            ),
            meta("l", "k", "Stop hook feedback:\nrun the tests"),
            typed(
                "m",
                "l",
                "Implement the following plan:\n\n# P\n\nIf you need specific details from before exiting plan mode, read x",
            ),
            typed("n", "m", "(no content)"),
            typed(
                "o",
                "n",
                "<teammate-message teammate_id=\"x\">hi</teammate-message>",
            ),
            typed("p", "o", "why <commands> and <b>tags</b>?"),
            typed("q", "p", "x").replace(r#""message""#, r#""origin":{"kind":"peer"},"message""#),
            typed(
                "r",
                "q",
                "Operation stopped by hook: Another session is active: \"fix it\"\n\nYou can continue here.",
            ),
        ],
        &[
            "L4 /review: the parser",
            "L6 shell: git pull",
            "L7 output: Up to date.",
            "L8 interrupted",
            "L9 typed: now fix it",
            "L11 hook PostToolUse false: format it",
            "L12 hook Stop true: run the tests",
            "L13 plan: # P",
            "L16 typed: why <commands> and <b>tags</b>?",
            "Unanswered",
        ],
    );
}

#[test]
fn pictures_count_and_need_no_words() {
    let image = r#"{"type":"image","source":{"type":"base64","data":"AAAA"}}"#;
    let with = |words: &str| format!(r#""message":{{"content":[{words}{image},{image}]}}"#);
    check(
        &[
            chain(
                "a",
                "",
                "user",
                &with(r#"{"type":"text","text":"see [Image #1]"},"#),
            ),
            chain(
                "b",
                "a",
                "user",
                &with(r#"{"type":"text","text":"[Image: source: /x.png]"},"#),
            ),
        ],
        &[
            "L1 typed+image+image: see [Image #1]",
            "L2 typed+image+image: ",
            "Unanswered",
        ],
    );
}

#[test]
fn ends() {
    let end = |lines: &[String]| read(lines).end;
    let failed = |text: &str| {
        block("b", "a", &format!(r#"{{"type":"text","text":"{text}"}}"#))
            .replace("\"claude\"", "\"<synthetic>\"")
            .replace(r#""message""#, r#""isApiErrorMessage":true,"message""#)
    };
    let a = typed("a", "", "x");
    assert_eq!(end(&[]), End::Finished);
    assert_eq!(end(&[a.clone(), failed("API Error: 500")]), End::ApiError);
    assert_eq!(
        end(&[a.clone(), failed("You've hit your limit · resets 9pm")]),
        End::Limit
    );
    assert_eq!(
        end(&[a.clone(), failed("Prompt is too long")]),
        End::ContextFull
    );
    let run = bash("b", "a", "t", "x");
    assert_eq!(end(&[a.clone(), run.clone()]), End::MidCall);
    let both = [
        a.clone(),
        run.clone(),
        bash("c", "b", "t2", "y"),
        result("d", "b", "t", false, "", ""),
    ];
    assert_eq!(end(&both), End::MidCall);
    assert_eq!(
        end(&[a.clone(), run, result("c", "b", "t", false, "", "")]),
        End::MidTurn
    );
    let ask = call("b", "a", "t", "AskUserQuestion", r#"{"questions":[]}"#);
    assert_eq!(end(&[a.clone(), ask]), End::Asked);
    let plan = call("b", "a", "t", "ExitPlanMode", "{}");
    assert_eq!(end(&[a.clone(), plan]), End::PlanWaiting);
    let announced = say("b", "a", "Now I run it:")
        .replace(r#""content""#, r#""stop_reason":"tool_use","content""#);
    assert_eq!(end(&[a.clone(), announced]), End::MidTurn);
    let stopped = typed("b", "a", "[Request interrupted by user]");
    assert_eq!(end(&[a, stopped]), End::Interrupted);
}

#[test]
fn another_session_in_the_file_is_not_live_unless_it_was_continued() {
    let of_b = |line: String| line.replace(r#""sessionId":"s""#, r#""sessionId":"b""#);
    check(
        &[
            typed("a", "", "mine"),
            of_b(typed("x", "", "theirs")),
            say("c", "a", "ok"),
            of_b(say("y", "x", "no")),
            typed("d", "c", "more"),
        ],
        &[
            "L1 typed: mine",
            "~L2 typed: theirs",
            "L3 say: ok",
            "~L4 say: no",
            "L5 typed: more",
            "Unanswered",
        ],
    );
    check(
        &[
            of_b(typed("a", "", "copied")),
            of_b(say("b", "a", "history")),
            typed("c", "b", "goes on"),
            say("d", "c", "well"),
            say("e", "d", "then"),
        ],
        &[
            "L1 typed: copied",
            "L2 say: history",
            "L3 typed: goes on",
            "L4 say: well",
            "L5 say: then",
            "Finished",
        ],
    );
}

#[test]
fn a_todo_list_of_the_wrong_type_is_no_empty_list() {
    let input = |todos: &str| {
        let asked = call(
            "a",
            "",
            "t",
            "TodoWrite",
            &format!(r#"{{"todos":{todos}}}"#),
        );
        read(&[asked]).calls[0].input.clone()
    };
    assert_eq!(input("[]"), Input::Todos(vec![]));
    assert_eq!(input("\"x\""), Input::Other("todos=x".into()));
    let one = Todo {
        content: "do".into(),
        status: "pending".into(),
    };
    let odd = r#"["odd",{"content":"do","status":"pending","activeForm":"Doing"},{"status":"x"}]"#;
    assert_eq!(input(odd), Input::Todos(vec![one]));
}

#[test]
fn retracted_messages_are_not_live() {
    let retract = r#""subtype":"model_refusal_fallback","retractedMessageUuids":["b"]"#;
    check(
        &[
            typed("a", "", "x"),
            say("b", "a", "no"),
            chain("c", "b", "system", retract),
            say("d", "c", "yes"),
        ],
        &["L1 typed: x", "~L2 say: no", "L4 say: yes", "Finished"],
    );
}

#[test]
fn long_texts_keep_head_and_tail() {
    let long = format!("start {} end", "é".repeat(100_000));
    let session = read(&[
        typed("a", "", "x"),
        bash("b", "a", "t", "x"),
        result("c", "b", "t", false, &long, ""),
        call("d", "c", "u", "Grep", r#"{"pattern":"p"}"#),
        result("e", "d", "u", false, &long, ""),
    ]);
    for (call, most) in [(0, 64 * 1024), (1, 8 * 1024)] {
        let output = &session.calls[call].output;
        assert!(output.text.starts_with("start ") && output.text.ends_with(" end"));
        let said = format!("\n[{} bytes left out]\n", output.left_out);
        assert_eq!(output.text.len() - said.len() + output.left_out, long.len());
        assert!(output.text.len() - said.len() <= most);
        assert!(output.text.contains(&said));
    }
}

#[test]
fn problems_are_few_and_the_last_line_is_the_writers() {
    let whole = typed("a", "", "x");
    let cut = &whole[..80];
    let problems = |text: &str| {
        let (session, problems) = from_bytes("s.jsonl", text.as_bytes());
        assert_sound(&session, text);
        let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
        (session.tally.records, session.tally.bad, shown)
    };
    assert_eq!(problems(&format!("{whole}\n{cut}")), (1, 1, vec![]));
    let middle = vec!["s.jsonl:1:81: record cut short, skipped".to_owned()];
    assert_eq!(problems(&format!("{cut}\n{whole}\n")), (1, 1, middle));
    let pretty = "s.jsonl: none of its 3 lines holds a record; give a session log with one JSON object a line";
    assert_eq!(
        problems("{\n \"a\": 1\n}\n"),
        (0, 3, vec![pretty.to_owned()])
    );
    let (records, bad, shown) = problems(&format!("{}{whole}\n", "noise\n".repeat(1000)));
    assert_eq!((records, bad, shown.len()), (1, 1000, 9));
    assert_eq!(shown[8], "s.jsonl: 992 more lines were passed over");
    assert_eq!(problems(""), (0, 0, vec![]));
    assert_eq!(problems("\n\n \n"), (0, 0, vec![]));
}

proptest! {
    #[test]
    fn units_of_any_size_give_the_same_session(cuts in prop::collection::btree_set(1usize..12, 0..6)) {
        let lines = [
            typed("a", "", "start"),
            say("b", "a", "ready"),
            typed("c", "b", "wrong way"),
            queue("enqueue", Some("steer")),
            bash("d", "c", "t1", "make"),
            queue("remove", None),
            result("e", "d", "t1", true, "Exit code 2\nno", ""),
            typed("a", "", "start"),
            typed("f", "b", "right way").get(..90).unwrap_or_default().to_owned(),
            typed("f", "b", "right way"),
            call("g", "f", "t2", "Task", r#"{"prompt":"find"}"#),
            aside(&typed("p", "", "find")),
            aside(&say("q", "p", "looking")),
        ];
        let whole = from_bytes("s.jsonl", lines.join("\n").as_bytes());
        let mut from = 0;
        let mut digests = Vec::new();
        for to in cuts.into_iter().chain([lines.len()]) {
            let unit = lines[from..to].iter().zip(from as u32 + 1..);
            let unit = unit.map(|(line, number)| (number, line.as_bytes()));
            digests.push(digest(from as u32 + 1, unit, "s.jsonl"));
            from = to;
        }
        let mut builder = Builder::new();
        builder.main("s.jsonl", digests);
        let (session, problems) = builder.finish();
        prop_assert_eq!(show(&session), show(&whole.0));
        prop_assert_eq!(session.tally, whole.0.tally);
        prop_assert_eq!(problems, whole.1);
    }

    #[test]
    fn any_damage_leaves_a_sound_session(
        at in 0usize..4000,
        length in 0usize..300,
        with in prop::collection::vec(prop_oneof![Just(b'"'), Just(b'{'), Just(b'}'), Just(b'\\'), Just(b'\n'), Just(0u8), any::<u8>()], 0..40),
    ) {
        let mut bytes = [
            typed("a", "", "start"),
            say("b", "a", "ready"),
            bash("d", "b", "t1", "make"),
            result("e", "d", "t1", true, "Exit code 2\nno", r#","toolUseResult":"Error: no""#),
            aside(&typed("p", "", "find")),
            queue("enqueue", Some("steer")),
            typed("f", "b", "right way"),
        ]
        .join("\n")
        .into_bytes();
        let from = at.min(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, with);
        let (session, _) = from_bytes("s.jsonl", &bytes);
        assert_sound(&session, &String::from_utf8_lossy(&bytes));
    }
}

/// The transcripts below a folder, in a stable order.
fn transcripts(folder: &Path, all: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            transcripts(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "jsonl") {
            all.push(path);
        }
    }
}

/// What holds for every session, however damaged its log is.
pub(super) fn assert_sound(session: &Session, label: &str) {
    let tally = session.tally;
    assert_eq!(
        tally.lines,
        tally.blank + tally.bad + tally.whole + tally.repaired,
        "{label}: each line is counted once"
    );
    assert!(tally.records >= tally.whole + tally.repaired && tally.duplicates <= tally.records);
    for (index, call) in session.calls.iter().enumerate() {
        assert!(call.agent.is_none_or(|agent| agent < session.agents.len()));
        assert_eq!(
            call.returned_at.is_none(),
            call.outcome == Outcome::Missing,
            "{label}: call {index}"
        );
    }
    let mut next = 0;
    let mut ticks = 0;
    for event in &session.timeline {
        assert!(event.agent.is_none_or(|agent| agent < session.agents.len()));
        assert!((event.at.file.0 as usize) < session.files.len());
        match event.body {
            Body::Call(call) => {
                assert_eq!(call, next, "{label}: calls stand in the timeline's order");
                next += 1;
                assert_eq!(event.tick, ticks);
                ticks += u32::from(event.agent.is_none());
            }
            Body::Return(call) => assert!(call < session.calls.len()),
            _ => {}
        }
    }
    assert_eq!(next, session.calls.len(), "{label}: every call is told");
}

#[test]
fn real_transcripts_are_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let mut paths = Vec::new();
    transcripts(&folder, &mut paths);
    let (mut calls, mut missing, mut prompts, mut dead, mut unknown) = (0, 0, 0, 0, 0);
    for path in paths
        .iter()
        .filter(|path| !path.to_string_lossy().contains("other-agents"))
    {
        let label = path.display().to_string();
        let bytes = std::fs::read(path).expect("a readable file");
        let (session, _) = from_bytes(&label, &bytes);
        assert_sound(&session, &label);
        assert_eq!(session.files[0].bytes, bytes.len() as u64, "{label}");
        calls += session.calls.len();
        let outcomes = session.calls.iter().map(|call| &call.outcome);
        missing += outcomes
            .filter(|outcome| **outcome == Outcome::Missing)
            .count();
        let bodies = session.timeline.iter().map(|event| &event.body);
        prompts += bodies
            .filter(|body| matches!(body, Body::Prompt(_)))
            .count();
        dead += session.timeline.iter().filter(|event| !event.live).count();
        unknown += session.drift.records.len() + session.drift.blocks.len();
    }
    if calls == 0 {
        // The logs are not part of the project.
        return;
    }
    // Counted by other means: 11,000 calls, nearly all answered, one rewind at most a hundred prompts.
    assert!(
        missing * 100 < calls,
        "{missing} of {calls} calls without answer"
    );
    assert!(
        prompts * 5 < calls && prompts * 20 > calls,
        "{prompts} prompts, {calls} calls"
    );
    assert!(dead * 1000 < calls, "{dead} events on dead branches");
    assert!(unknown < 10, "{unknown} unknown names");
}
