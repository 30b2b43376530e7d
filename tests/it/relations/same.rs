//! What changes nothing but where lines stand: how the same log may be written.

use passdown::score::{Kind, Part};
use serde_json::{Value, json};

use super::log::{Line, Log, Seen, Text, equal, is_talk};
use super::{Relation, Seeded};

pub(super) const RELATIONS: &[Relation] = &[
    Relation {
        name: "line ends, blank lines, marks",
        ways: 5,
        holds: line_ends,
    },
    Relation {
        name: "records written again",
        ways: 4,
        holds: written_again,
    },
    Relation {
        name: "a line for each block",
        ways: 1,
        holds: split,
    },
    Relation {
        name: "a string or blocks",
        ways: 2,
        holds: blocks,
    },
    Relation {
        name: "order of parallel results",
        ways: 3,
        holds: parallel,
    },
    Relation {
        name: "fields and blocks that nobody knows",
        ways: 2,
        holds: unknown,
    },
    Relation {
        name: "history copied from another session",
        ways: 2,
        holds: copied,
    },
];

/// The same records behind a byte order mark, with other line ends, blank lines, and NUL bytes of a crash between them.
fn line_ends(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    if !log.is_claude() {
        return None;
    }
    let mut changed = log.clone();
    match way {
        0 => {}
        1 => changed.line_end = "\r\n",
        2 => changed.line_end = "\n\n",
        3 => changed.line_end = "\n\0\0\0",
        _ => {
            let mut bytes = "\u{feff}".as_bytes().to_vec();
            let first = changed.lines.first_mut()?;
            match &first.text {
                Text::Record(record) => bytes.extend(record.to_string().as_bytes()),
                Text::Raw(raw) => bytes.extend(raw),
            }
            first.text = Text::Raw(bytes);
        }
    }
    // Where a line has another number, citations have too.
    if way == 2 {
        changed.line_end = "\n";
        let blank = Line {
            from: 0,
            text: Text::Raw(b"  ".to_vec()),
        };
        let lines = std::mem::take(&mut changed.lines);
        changed.lines = lines
            .into_iter()
            .flat_map(|line| [blank.clone(), line])
            .collect();
    }
    Some(seen.equals(&Seen::of(&changed)))
}

/// Records with a uuid stand again: each behind itself, all at the end as after a resume, some of them anywhere, or the
/// last of them.
fn written_again(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let keyed = |line: &Line| {
        let copy = line.record()?;
        copy["uuid"].is_string().then(|| Line::added(copy.clone()))
    };
    let copies: Vec<(usize, Line)> = log
        .lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, keyed(line)?)))
        .collect();
    if copies.is_empty() {
        return None;
    }
    let mut changed = log.clone();
    match way {
        0 => {
            for (at, copy) in copies.into_iter().rev() {
                changed.lines.insert(at + 1, copy);
            }
        }
        1 => changed
            .lines
            .extend(copies.into_iter().map(|(_, copy)| copy)),
        2 => {
            let mut seeded = Seeded::new(log.lines.len() as u64);
            for (at, copy) in copies.into_iter().rev() {
                if seeded.below(3) == 0 {
                    let to = at + 1 + seeded.below(changed.lines.len() - at);
                    changed.lines.insert(to, copy);
                }
            }
        }
        _ => {
            let last = copies.len().saturating_sub(4);
            changed
                .lines
                .extend(copies.into_iter().skip(last).map(|(_, copy)| copy));
        }
    }
    Some(seen.equals(&Seen::of(&changed)))
}

/// A message in one record, and the same with a record for each of its blocks, as newer versions write.
fn split(log: &Log, _: &Seen, _: u64) -> Option<Result<(), String>> {
    let whole = merged(log)?;
    let mut split = whole.clone();
    split.lines = Vec::new();
    for line in &whole.lines {
        let content = line
            .record()
            .map_or(&Value::Null, |r| &r["message"]["content"]);
        let blocks = match (content, line.record()) {
            (Value::Array(blocks), Some(record)) if record["type"] == "assistant" => blocks,
            _ => {
                split.lines.push(line.clone());
                continue;
            }
        };
        let mut parent = None;
        for (index, block) in blocks.iter().enumerate() {
            let mut one = line.clone();
            if let Some(record) = one.record_mut() {
                record["message"]["content"] = json!([block]);
                if let Some(parent) = parent.take() {
                    record["parentUuid"] = parent;
                }
                // The last keeps the uuid: what follows names it.
                if index + 1 < blocks.len() {
                    let uuid = format!("{}-{index}", record["uuid"].as_str().unwrap_or_default());
                    record["uuid"] = Value::String(uuid);
                }
                parent = Some(record["uuid"].clone());
            }
            split.lines.push(one);
        }
    }
    (split.lines.len() > whole.lines.len()).then(|| Seen::of(&whole).equals(&Seen::of(&split)))
}

/// The log with neighbouring records of one message put together; `None` where there are none.
fn merged(log: &Log) -> Option<Log> {
    let mut whole = log.clone();
    let mut lines: Vec<Line> = Vec::new();
    for line in &log.lines {
        let last = lines.last_mut().and_then(Line::record_mut);
        if let (Some(last), Some(record)) = (last, line.record())
            && record["type"] == "assistant"
            && last["type"] == "assistant"
            && record["message"]["id"].is_string()
            && record["message"]["id"] == last["message"]["id"]
            && record["parentUuid"] == last["uuid"]
            && let (Some(before), Some(blocks)) = (
                last["message"]["content"].as_array().cloned(),
                record["message"]["content"].as_array(),
            )
        {
            let both: Vec<Value> = before.iter().chain(blocks).cloned().collect();
            last["message"]["content"] = Value::Array(both);
            last["uuid"] = record["uuid"].clone();
            continue;
        }
        lines.push(line.clone());
    }
    let fewer = lines.len() < log.lines.len();
    whole.lines = lines;
    fewer.then(|| whole.unchanged())
}

/// A text as a string, or as a list of one block: of prompts, and of answers.
fn blocks(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let mut changed = log.clone();
    let mut any = false;
    for record in changed.lines.iter_mut().filter_map(Line::record_mut) {
        if record["type"] != "user" {
            continue;
        }
        let content = &mut record["message"]["content"];
        let texts: Vec<&mut Value> = match content {
            Value::String(_) if way == 0 => vec![content],
            Value::Array(blocks) if way == 1 => blocks
                .iter_mut()
                .filter(|block| block["type"] == "tool_result")
                .filter_map(|block| block.get_mut("content"))
                .collect(),
            _ => Vec::new(),
        };
        for text in texts {
            if let Value::String(inner) = text {
                *text = json!([{"type": "text", "text": inner}]);
                any = true;
            }
        }
    }
    any.then(|| seen.equals(&Seen::of(&changed)))
}

/// Answers to calls that ran side by side come in another order.
fn parallel(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let mut changed = log.clone();
    let (mut any, mut commands) = (false, false);
    for places in side_by_side(log) {
        let ran = places.iter().filter(|at| answered(log, **at) == "Bash");
        commands |= ran.count() > 1;
        let mut order: Vec<usize> = (0..places.len()).collect();
        match way {
            0 => order.reverse(),
            1 => order.rotate_left(1),
            _ => order.swap(0, places.len() - 1),
        }
        let times: Vec<Value> = places
            .iter()
            .map(|&at| {
                log.lines[at]
                    .record()
                    .map_or(Value::Null, |r| r["timestamp"].clone())
            })
            .collect();
        for (index, &to) in places.iter().enumerate() {
            let mut line = log.lines[places[order[index]]].clone();
            if let Some(record) = line.record_mut() {
                record["timestamp"] = times[index].clone();
            }
            changed.lines[to] = line;
        }
        any = true;
    }
    if !any {
        return None;
    }
    let now = Seen::of(&changed);
    if !commands {
        return Some(seen.equals(&now));
    }
    // Of two commands the later may be the one to run again; all that they showed is true in any order.
    let lines = |seen: &Seen| {
        let mut lines = seen.lines(|part, kind| part != Part::Outcome && kind != Kind::Command);
        lines.sort();
        lines.join("\n")
    };
    Some(equal(&lines(seen), &lines(&now)))
}

/// The places of answers that stand one behind the other, to calls that were all made before the first of them.
fn side_by_side(log: &Log) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group: Vec<usize> = Vec::new();
    for (at, line) in log.lines.iter().enumerate() {
        let Some(record) = line.record() else {
            groups.push(std::mem::take(&mut group));
            continue;
        };
        let only = match record["message"]["content"].as_array().map(Vec::as_slice) {
            Some([block]) => Some(block),
            _ => None,
        };
        // What the user says with an answer is said in an order.
        let calm = |block: &&Value| block["type"] == "tool_result" && !is_refusal(block);
        if record["type"] == "user" && record["uuid"].is_string() && only.filter(calm).is_some() {
            group.push(at);
        } else if record["type"] != "progress" {
            groups.push(std::mem::take(&mut group));
        }
    }
    groups.push(group);
    // No record of the group hangs on another of it.
    let free = |group: &Vec<usize>| {
        let field = |at: &usize, name: &str| log.lines[*at].record().map(|r| r[name].clone());
        group.iter().all(|at| {
            group
                .iter()
                .all(|other| field(at, "parentUuid") != field(other, "uuid"))
        })
    };
    // Whether a file was changed before a command ran is told by their answers.
    let told = |group: &Vec<usize>| {
        let acts = group
            .iter()
            .filter(|at| !LOOKS.contains(&answered(log, **at)));
        let acts: Vec<&str> = acts.map(|at| answered(log, *at)).collect();
        acts.len() > 1 && acts.iter().any(|tool| *tool != "Bash")
    };
    groups
        .into_iter()
        .filter(|group| group.len() > 1 && free(group) && !told(group))
        .collect()
}

/// Tools that only look.
const LOOKS: &[&str] = &[
    "Read",
    "Grep",
    "Glob",
    "LS",
    "WebFetch",
    "WebSearch",
    "NotebookRead",
];

/// The tool of the call that the line at `at` answers.
fn answered(log: &Log, at: usize) -> &str {
    let answer = log.lines[at].record();
    let id = answer.map(|answer| &answer["message"]["content"][0]["tool_use_id"]);
    let blocks = log
        .records()
        .filter_map(|(_, record)| record["message"]["content"].as_array())
        .flatten();
    let mut calls = blocks.filter(|block| block["type"] == "tool_use" && Some(&block["id"]) == id);
    calls
        .next()
        .and_then(|call| call["name"].as_str())
        .unwrap_or_default()
}

fn is_refusal(block: &Value) -> bool {
    block.to_string().contains("doesn't want to")
}

/// Fields of tomorrow on every record, and blocks of a kind that nobody knows.
fn unknown(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    if !log.is_claude() {
        return None;
    }
    let mut changed = log.clone();
    for record in changed.lines.iter_mut().filter_map(Line::record_mut) {
        if !is_talk(record) {
            continue;
        }
        if way == 0 {
            record["zebra"] = json!({"stripes": ["FAILED tests/test_leak.py::test_leak", 3]});
            record["session_id"] = json!("0f0f0f0f-0000-4000-8000-000000000000");
            record["entrypoint"] = json!("claude-vscode");
            record["promptId"] = json!("0f0f0f0f-0000-4000-8000-000000000001");
            record["slug"] = json!("leaking-stripy-zebra");
            record["version"] = json!("2.9.901");
        } else if record["type"] == "assistant"
            && let Some(blocks) = record["message"]["content"].as_array_mut()
        {
            blocks.push(json!({"type": "zebra", "text": "FAILED tests/test_leak.py::test_leak"}));
        }
    }
    Some(seen.equals(&Seen::of(&changed)))
}

/// The first half of the records stand under the id of the session that they were copied from; or the whole log stands
/// again under this session's id, as a resume into the same file leaves it.
fn copied(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    const OTHER: &str = "0c0c0c0c-1111-4222-8333-444444444444";
    if !log.is_claude() {
        return None;
    }
    let own = log.last()?["sessionId"].clone();
    // Whose session it is must be known without counting.
    let stem = std::path::Path::new(&log.path).file_stem()?.to_str()?;
    let mut changed = log.clone();
    if own != stem {
        changed.path = format!("{}.jsonl", own.as_str()?);
    }
    let base = Seen::of(&changed);
    let half = log.lines.len() / 2;
    let mut others = 0;
    for line in changed.lines.iter_mut().take(half) {
        if let Some(record) = line.record_mut()
            && record["sessionId"] == own
        {
            record["sessionId"] = json!(OTHER);
            others += 1;
        }
    }
    if others == 0 {
        return None;
    }
    if way == 1 {
        let again = log.lines.iter().filter_map(Line::record);
        let again = again.filter(|record| record["uuid"].is_string());
        changed
            .lines
            .extend(again.cloned().map(Line::added).collect::<Vec<_>>());
    }
    let _ = seen;
    Some(equal(&base.text(), &Seen::of(&changed).text()))
}
