//! A session's row ↔ its columns.

use rusqlite::types::Value;
use rusqlite::{Result, Row};

use crate::entry::{SessionRow, Tokens};
use crate::session::{Message, Usage};

/// A count as SQLite keeps it: what is beyond its integers stands at their end.
pub(super) fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An optional count.
pub(super) fn maybe(count: Option<u64>) -> Option<i64> {
    count.map(int)
}

fn count(row: &Row<'_>, column: &str) -> Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

fn small(row: &Row<'_>, column: &str) -> Result<u32> {
    Ok(u32::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

fn maybe_count(row: &Row<'_>, column: &str) -> Result<Option<u64>> {
    let value: Option<i64> = row.get(column)?;
    Ok(value.and_then(|value| u64::try_from(value).ok()))
}

/// The columns of a session, in the order of [`values`].
pub(super) const COLUMNS: &str = "session, path, state, work, title, goal, project, cwd, branch, started, ended, \
    active_seconds, ending, bytes, lines, bad_lines, turns, tool_calls, tool_errors, subagents, compactions, \
    files_changed, commits, open_tasks, done_tasks, open_failures, tests_passed, tests_failed, tests_total, version, \
    models, input, output, cache_read, cache_creation, own_input, own_output, own_cache_read, own_cache_creation, \
    copy_of";

/// The values of a session, in the order of [`COLUMNS`].
pub(super) fn values(row: &SessionRow) -> Vec<Value> {
    let text = |text: &str| Value::from(text.to_owned());
    let number = |count: u64| Value::from(int(count));
    let mut values = vec![
        text(&row.session),
        text(&row.path),
        text(&row.state),
        text(&row.work),
        text(&row.title),
        text(&row.goal),
        row.project.clone().into(),
        row.cwd.clone().into(),
        row.branch.clone().into(),
        row.started.clone().into(),
        row.ended.clone().into(),
        row.active_seconds.into(),
        text(&row.ending),
        number(row.bytes),
        number(row.lines),
        number(row.bad_lines),
    ];
    let counts = [
        row.turns,
        row.tool_calls,
        row.tool_errors,
        row.subagents,
        row.compactions,
        row.files_changed,
        row.commits,
        row.open_tasks,
        row.done_tasks,
        row.open_failures,
    ];
    values.extend(counts.map(|count| number(count.into())));
    let tests = [row.tests_passed, row.tests_failed, row.tests_total];
    values.extend(tests.map(|count| maybe(count).into()));
    values.push(row.version.clone().into());
    // A list of strings has a JSON form.
    values.push(
        serde_json::to_string(&row.models)
            .unwrap_or_default()
            .into(),
    );
    for tokens in [&row.tokens, &row.own_tokens] {
        values.extend(of_tokens(tokens).map(Value::from));
    }
    values.push(row.copy_of.clone().into());
    values
}

/// The four counts, in the order of their columns.
pub(super) fn of_tokens(tokens: &Tokens) -> [i64; 4] {
    [
        tokens.input,
        tokens.output,
        tokens.cache_read,
        tokens.cache_creation,
    ]
    .map(int)
}

/// The session of a row that has [`COLUMNS`].
pub(super) fn session(row: &Row<'_>) -> Result<SessionRow> {
    let tokens = |own: &str| -> Result<Tokens> {
        Ok(Tokens {
            input: count(row, &format!("{own}input"))?,
            output: count(row, &format!("{own}output"))?,
            cache_read: count(row, &format!("{own}cache_read"))?,
            cache_creation: count(row, &format!("{own}cache_creation"))?,
        })
    };
    Ok(SessionRow {
        session: row.get("session")?,
        path: row.get("path")?,
        state: row.get("state")?,
        work: row.get("work")?,
        title: row.get("title")?,
        goal: row.get("goal")?,
        project: row.get("project")?,
        cwd: row.get("cwd")?,
        branch: row.get("branch")?,
        started: row.get("started")?,
        ended: row.get("ended")?,
        active_seconds: row.get("active_seconds")?,
        ending: row.get("ending")?,
        bytes: count(row, "bytes")?,
        lines: count(row, "lines")?,
        bad_lines: count(row, "bad_lines")?,
        turns: small(row, "turns")?,
        tool_calls: small(row, "tool_calls")?,
        tool_errors: small(row, "tool_errors")?,
        subagents: small(row, "subagents")?,
        compactions: small(row, "compactions")?,
        files_changed: small(row, "files_changed")?,
        commits: small(row, "commits")?,
        open_tasks: small(row, "open_tasks")?,
        done_tasks: small(row, "done_tasks")?,
        open_failures: small(row, "open_failures")?,
        tests_passed: maybe_count(row, "tests_passed")?,
        tests_failed: maybe_count(row, "tests_failed")?,
        tests_total: maybe_count(row, "tests_total")?,
        version: row.get("version")?,
        models: serde_json::from_str(&row.get::<_, String>("models")?).unwrap_or_default(),
        tokens: tokens("")?,
        own_tokens: tokens("own_")?,
        copy_of: row.get("copy_of")?,
    })
}

/// Bytes of a message: its id and four counts, the lowest byte first.
const MESSAGE: usize = 40;

/// Messages as one value.
pub(super) fn packed(messages: &[Message]) -> Vec<u8> {
    let numbers = |message: &Message| {
        let usage = &message.usage;
        [
            message.id,
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_creation,
        ]
    };
    messages
        .iter()
        .flat_map(numbers)
        .flat_map(u64::to_le_bytes)
        .collect()
}

/// The messages in such a value.
pub(super) fn unpacked(bytes: &[u8]) -> Vec<Message> {
    let number = |bytes: &[u8], at: usize| {
        let bytes = bytes.get(8 * at..8 * at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    bytes
        .chunks_exact(MESSAGE)
        .filter_map(|bytes| {
            Some(Message {
                id: number(bytes, 0)?,
                usage: Usage {
                    input: number(bytes, 1)?,
                    output: number(bytes, 2)?,
                    cache_read: number(bytes, 3)?,
                    cache_creation: number(bytes, 4)?,
                    ..Usage::default()
                },
            })
        })
        .collect()
}
