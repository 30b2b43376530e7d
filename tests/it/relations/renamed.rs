//! Other names and other times: the handoff has the other name where it had the first, and is the same otherwise.

use passdown::score::Span;
use regex::Regex;
use serde_json::{Value, json};

use super::Relation;
use super::log::{Line, Log, Seen, equal};

pub(super) const RELATIONS: &[Relation] = &[
    Relation {
        name: "another session id",
        ways: 2,
        holds: session_id,
    },
    Relation {
        name: "other ids of records, messages and calls",
        ways: 2,
        holds: ids,
    },
    Relation {
        name: "another user",
        ways: 4,
        holds: user,
    },
    Relation {
        name: "another place of the project",
        ways: 4,
        holds: place,
    },
    Relation {
        name: "paths of Windows",
        ways: 2,
        holds: windows,
    },
    Relation {
        name: "another branch",
        ways: 2,
        holds: branch,
    },
    Relation {
        name: "another time",
        ways: 3,
        holds: time,
    },
    Relation {
        name: "another model",
        ways: 1,
        holds: model,
    },
];

fn session_id(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let old = seen.handoff.as_ref()?.header.session.clone();
    let new = [
        "0d15ea5e-1111-4222-8333-444444444444",
        "ffffffff-ffff-4fff-bfff-ffffffffffff",
    ];
    let new = *new.get(way as usize)?;
    // A name like `s` stands in other words too.
    if old.len() < 12 {
        return None;
    }
    let mut changed = log.clone();
    changed.replace(&|text| text.replace(&old, new));
    let text = Seen::of(&changed).text();
    Some(equal(&seen.text(), &text.replace(&new[..8], &old[..8])))
}

/// Ids are only ids: whatever they are, and in whatever order they sort.
fn ids(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    // Ids in a line that is no JSON are not found.
    if !log.is_claude() || !log.is_whole() {
        return None;
    }
    let pattern =
        Regex::new(r"^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:toolu|msg|req)_\w+)$")
            .expect("a pattern");
    let session = seen.handoff.as_ref()?.header.session.clone();
    let mut changed = log.clone();
    let salt = way * 1_000_003;
    changed.replace(&|text| {
        if text == session || !pattern.is_match(text) {
            return text.to_owned();
        }
        let sum = text
            .bytes()
            .fold(salt ^ 0xcbf2_9ce4_8422_2325, |sum, byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        match text.split_once('_') {
            Some((kind, _)) => format!("{kind}_{sum:016x}"),
            None => {
                let hex = format!("{sum:016x}{:016x}", sum.rotate_left(29) ^ salt);
                let (a, b, c) = (&hex[..8], &hex[8..12], &hex[12..16]);
                format!("{a}-{b}-{c}-{}-{}", &hex[16..20], &hex[20..])
            }
        }
    });
    Some(seen.equals(&Seen::of(&changed)))
}

/// The home folder of the session's first folder, as `/home/dev`.
fn home(log: &Log) -> Option<String> {
    let pattern = Regex::new(r"^(?:/home/[\w.-]+|/Users/[\w.-]+)(?:/|$)").expect("a pattern");
    let cwd = log
        .records()
        .find_map(|(_, record)| record["cwd"].as_str())?;
    let home = pattern.find(cwd)?.as_str();
    Some(home.trim_end_matches('/').to_owned())
}

fn user(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let old = home(log)?;
    // Same length, other system, a name with a point and a digit, a container.
    let new = ["/home/ada", "/Users/dev", "/home/j.doe-42", "/workspace/u"];
    renamed(log, seen, &old, new.get(way as usize)?)
}

fn place(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let cwd = log
        .records()
        .find_map(|(_, record)| record["cwd"].as_str())?;
    let new = match way {
        0 => "/w".to_owned(),
        1 => format!("{cwd}-2.worktrees/blue-fox"),
        2 => "/srv/builds/agent_7/checkout.d/main".to_owned(),
        _ => "/Volumes/Work Drive/projects/it".to_owned(),
    };
    // A folder so short is the head of other words; in a command, one with a space would have to be quoted.
    let spaced = new.contains(' ') && said_in_a_command(log, cwd);
    if !cwd.starts_with('/') || cwd.len() < 6 || spaced {
        return None;
    }
    renamed(log, seen, cwd, &new)
}

/// True if a command names the folder.
fn said_in_a_command(log: &Log, folder: &str) -> bool {
    log.records().any(|(_, record)| {
        let blocks = record["message"]["content"].as_array();
        blocks.into_iter().flatten().any(|block| {
            block["input"]["command"]
                .as_str()
                .is_some_and(|command| command.contains(folder))
        })
    })
}

fn renamed(log: &Log, seen: &Seen, old: &str, new: &str) -> Option<Result<(), String>> {
    if old == new || seen.text().contains(new) {
        return None;
    }
    let mut changed = log.clone();
    changed.replace(&|text| text.replace(old, new));
    let text = Seen::of(&changed).text();
    Some(equal(
        &seen.text(),
        &uncut(&seen.text(), &text.replace(new, old)),
    ))
}

/// `now` with each line that only a longer name made too long as it stands in `before`.
fn uncut(before: &str, now: &str) -> String {
    let whole = |line: &str| {
        let same = |other: &&str| {
            let mut rest = Some(*other);
            for piece in line.split('…') {
                rest = rest
                    .and_then(|rest| rest.split_once(piece))
                    .map(|(_, rest)| rest);
            }
            line.contains('…') && rest.is_some()
        };
        before.lines().find(same).unwrap_or(line).to_owned()
    };
    let mut text: String = now.lines().map(|line| whole(line) + "\n").collect();
    if !now.ends_with('\n') {
        text.pop();
    }
    text
}

/// Folders as Windows has them: `C:\Users\dev\shop` in what tools are given and tell; in commands the same, or as the shell
/// of Git for Windows writes them.
fn windows(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let old = home(log)?;
    // A URL writes a drive in a way of its own, and in the shell a path with `\\` must be quoted.
    let url = format!("://{old}");
    let urls = log
        .bytes()
        .windows(url.len())
        .any(|bytes| bytes == url.as_bytes());
    if !log.is_claude() || urls || (way == 0 && said_in_a_command(log, &old)) {
        return None;
    }
    let name = old.rsplit('/').next()?;
    let path = Regex::new(&format!(
        r"{}(?P<rest>(?:/[\w.@+-]+)*)",
        regex::escape(&old)
    ))
    .expect("a pattern");
    let drive = |text: &str| {
        path.replace_all(text, |found: &regex::Captures<'_>| {
            format!("C:\\Users\\{name}{}", found["rest"].replace('/', "\\"))
        })
        .into_owned()
    };
    let shell = |text: &str| {
        path.replace_all(text, |found: &regex::Captures<'_>| {
            format!("/c/Users/{name}{}", &found["rest"])
        })
        .into_owned()
    };
    let mut changed = log.clone();
    changed.replace(&drive);
    if way == 1 {
        // The commands as they were given first, in the other way.
        let given = log.lines.iter().filter_map(Line::record);
        for (record, given) in changed
            .lines
            .iter_mut()
            .filter_map(Line::record_mut)
            .zip(given)
        {
            let Some(blocks) = record["message"]["content"].as_array_mut() else {
                continue;
            };
            for (at, block) in blocks.iter_mut().enumerate() {
                let command = &given["message"]["content"][at]["input"]["command"];
                if let Some(command) = command.as_str() {
                    block["input"]["command"] = json!(shell(command));
                }
            }
        }
    }
    let back = |text: &str| {
        let drive = format!("C:\\Users\\{name}");
        let shell = format!("/c/Users/{name}");
        // Outside of the session's folder it is shown with the strokes that others have.
        let shown = format!("C:/Users/{name}");
        let text = text.replace(&shell, &drive).replace(&shown, &drive);
        let found = Regex::new(&format!(r"{}(?:[\\/][\w.@+-]+)*", regex::escape(&drive)))
            .expect("a pattern");
        found
            .replace_all(&text, |found: &regex::Captures<'_>| {
                found[0].replace(&drive, &old).replace('\\', "/")
            })
            .into_owned()
    };
    // The rest of such a path keeps its strokes where it stands in a quotation.
    let strokes = |text: &str| text.replace("\\\\", "/").replace('\\', "/");
    Some(equal(
        &strokes(&seen.text()),
        &strokes(&back(&Seen::of(&changed).text())),
    ))
}

fn branch(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let old = seen.handoff.as_ref()?.header.branch.clone()?;
    let new = ["feature/TICKET-9-zebra_run", "zz/y"].get(way as usize)?;
    // `main` is a word; a name with a stroke is one.
    if !old.contains('/') || old.contains(new) {
        return None;
    }
    if seen.text().contains(new) {
        return None;
    }
    let mut changed = log.clone();
    changed.replace(&|text| with_branch(text, &old, new));
    let text = Seen::of(&changed).text();
    let back = uncut(&seen.text(), &text.replace(new, &old));
    Some(equal(&seen.text(), &back))
}

/// `text` with the branch `new` for `old`, but not where `old` begins the path of a file: `docs/guide.md` beside the
/// branch `docs/guide` stays what it is.
fn with_branch(text: &str, old: &str, new: &str) -> String {
    let mut pieces = text.split(old);
    let mut changed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let mut next = piece.chars();
        let file = next.next() == Some('.') && next.next().is_some_and(char::is_alphanumeric);
        changed += if file { old } else { new };
        changed += piece;
    }
    changed
}

/// The whole log a year later, some milliseconds later, or over the end of a year.
fn time(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    const DAY: i64 = 86_400_000;
    if !log.is_claude() {
        return None;
    }
    let by = [364 * DAY, 7, 97 * DAY][way as usize];
    let mut changed = log.clone();
    for record in changed.lines.iter_mut().filter_map(Line::record_mut) {
        if let Some(time) = record["timestamp"].as_str()
            && let Ok(time) = time.parse::<jiff::Timestamp>()
        {
            let moved = jiff::Timestamp::from_millisecond(time.as_millisecond() + by).ok()?;
            record["timestamp"] = Value::String(format!("{moved:.3}"));
        }
    }
    let mut later = Seen::of(&changed);
    let first = seen.handoff.as_ref()?;
    let moved = later.handoff.as_mut()?;
    if first.header.span.is_some() && first.header.span == moved.header.span {
        return Some(Err("the time of the session is the same".to_owned()));
    }
    moved.header.span = first.header.span;
    Some(seen.equals(&later))
}

/// The model decides how tokens are counted, and nothing else.
fn model(log: &Log, seen: &Seen, _: u64) -> Option<Result<(), String>> {
    let old = seen.handoff.as_ref()?.header.models.last()?.clone();
    let own = seen
        .handoff
        .as_ref()?
        .items
        .iter()
        .flat_map(|packed| &packed.item.pieces);
    // Where the work is about models, their names are its own.
    let mut names = own
        .flat_map(|piece| &piece.spans)
        .filter_map(|span| match span {
            Span::Name(text) | Span::Code(text) | Span::Quote(text) => Some(text),
            _ => None,
        });
    if names.any(|name| name.contains(&old)) {
        return None;
    }
    let mut changed = log.clone();
    for record in changed.lines.iter_mut().filter_map(Line::record_mut) {
        if record["message"]["model"] == old.as_str() {
            record["message"]["model"] = json!("claude-zebra-9");
        }
    }
    Some(seen.equals(&Seen::of(&changed)))
}
