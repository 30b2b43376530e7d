//! Entries → rows.

use rusqlite::{
    CachedStatement, Result, Transaction, TransactionBehavior, params, params_from_iter,
};

use super::row::{self, maybe};
use super::{Kept, Outcome, Store};
use crate::entry::{Entry, Tokens};
use crate::error::{Error, Problem};

/// The tables that hold rows of an entry, beside its session.
pub(super) const PARTS: [&str; 13] = [
    "handoffs",
    "turns",
    "tasks",
    "checks",
    "check_runs",
    "failures",
    "files",
    "commands",
    "commits",
    "decisions",
    "instructions",
    "attempts",
    "records",
];

impl Store {
    /// Keeps what `kept` holds, all of it or nothing; what was known of a log before is replaced.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn keep(&mut self, kept: &[Kept]) -> Result<(), Error> {
        self.transact(|transaction| kept.iter().try_for_each(|kept| keep(transaction, kept)))
    }

    /// Replaces the problems that belong to no log.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn keep_problems(&mut self, problems: &[Problem]) -> Result<(), Error> {
        self.transact(|transaction| {
            transaction.execute("DELETE FROM problems WHERE log IS NULL", [])?;
            add_problems(transaction, None, problems)
        })
    }

    /// Says of sessions which tokens are their own, and whose copies they are: by [`super::Read::log`].
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Usage`], with what SQLite says.
    pub fn keep_counts<'c>(
        &mut self,
        counts: impl IntoIterator<Item = (i64, &'c Tokens, Option<&'c str>)>,
    ) -> Result<(), Error> {
        self.transact(|transaction| {
            let mut update = transaction.prepare_cached(
                "UPDATE sessions SET own_input = ?2, own_output = ?3, own_cache_read = ?4, own_cache_creation = ?5, \
                 copy_of = ?6 WHERE log = ?1",
            )?;
            for (log, tokens, copy_of) in counts {
                let [input, output, read, creation] = row::of_tokens(tokens);
                update.execute(params![log, input, output, read, creation, copy_of])?;
            }
            Ok(())
        })
    }

    fn transact(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<()>) -> Result<(), Error> {
        // Immediate: one that begins to read and then wants to write may have to give up.
        let done = Transaction::new(&mut self.connection, TransactionBehavior::Immediate).and_then(
            |transaction| {
                work(&transaction)?;
                transaction.commit()
            },
        );
        done.map_err(|error| self.fail(error))
    }
}

fn keep(transaction: &Transaction<'_>, kept: &Kept) -> Result<()> {
    let outcome = match kept.entry {
        Some(_) => Outcome::Handoff,
        None => Outcome::Nothing,
    };
    let log: i64 = transaction
        .prepare_cached(
            "INSERT INTO logs (path, stamp, made_by, outcome) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (path) DO UPDATE SET stamp = ?2, made_by = ?3, outcome = ?4 RETURNING log",
        )?
        .query_row(
            params![
                kept.path,
                kept.stamp.0.cast_signed(),
                kept.made_by.cast_signed(),
                outcome.word()
            ],
            |row| row.get(0),
        )?;
    for table in ["sessions", "problems"].iter().chain(&PARTS) {
        transaction
            .prepare_cached(&format!("DELETE FROM {table} WHERE log = ?1"))?
            .execute([log])?;
    }
    add_problems(transaction, Some(log), &kept.problems)?;
    let mut handoff = transaction.prepare_cached("INSERT INTO handoffs VALUES (?1, ?2, ?3)")?;
    for (format, text) in &kept.handoffs {
        handoff.execute(params![log, format, text])?;
    }
    match &kept.entry {
        Some(entry) => add(transaction, log, entry),
        None => Ok(()),
    }
}

fn add_problems(
    transaction: &Transaction<'_>,
    log: Option<i64>,
    problems: &[Problem],
) -> Result<()> {
    let mut insert =
        transaction.prepare_cached("INSERT INTO problems VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for problem in problems {
        insert.execute(params![
            log,
            problem.path,
            problem.line,
            problem.column,
            problem.what
        ])?;
    }
    Ok(())
}

/// Adds the rows of an entry.
fn add(transaction: &Transaction<'_>, log: i64, entry: &Entry) -> Result<()> {
    let mut values = vec![log.into()];
    values.extend(row::values(&entry.session));
    values.push(row::packed(&entry.messages).into());
    let marks = vec!["?"; values.len()].join(", ");
    transaction
        .prepare_cached(&format!(
            "INSERT INTO sessions (log, {}, messages) VALUES ({marks})",
            row::COLUMNS
        ))?
        .execute(params_from_iter(values))?;

    // A statement for `columns` values behind the log and the number of the row.
    let insert = |table: &str, columns: usize| -> Result<CachedStatement<'_>> {
        let marks = vec!["?"; columns + 2].join(", ");
        transaction.prepare_cached(&format!("INSERT INTO {table} VALUES ({marks})"))
    };
    let mut turns = insert("turns", 9)?;
    for (n, it) in (0..).zip(&entry.turns) {
        turns.execute(params![
            log,
            n,
            it.turn,
            it.cite,
            it.started,
            it.ended,
            it.prompt,
            it.tool_calls,
            it.tool_errors,
            it.edits,
            it.compactions
        ])?;
    }
    let mut tasks = insert("tasks", 4)?;
    for (n, it) in (0..).zip(&entry.tasks) {
        tasks.execute(params![log, n, it.subject, it.status, it.cite, it.time])?;
    }
    let mut checks = insert("checks", 9)?;
    for (n, it) in (0..).zip(&entry.checks) {
        checks.execute(params![
            log, n, it.tool, it.family, it.scope, it.command, it.verdict, it.current, it.runs,
            it.cite, it.time
        ])?;
    }
    let mut runs = insert("check_runs", 12)?;
    for (n, it) in (0..).zip(&entry.check_runs) {
        runs.execute(params![
            log,
            n,
            it.check,
            it.verdict,
            maybe(it.passed),
            maybe(it.failed),
            maybe(it.skipped),
            maybe(it.total),
            maybe(it.errors),
            maybe(it.warnings),
            it.coverage,
            it.cite,
            it.time,
            it.uuid
        ])?;
    }
    let mut failures = insert("failures", 15)?;
    for (n, it) in (0..).zip(&entry.failures) {
        failures.execute(params![
            log,
            n,
            it.fingerprint,
            it.what,
            it.class,
            it.about,
            it.test,
            it.file,
            it.command,
            it.tool,
            it.scope,
            it.count,
            it.state,
            it.resolved_by,
            it.cite,
            it.first_time,
            it.last_time
        ])?;
    }
    let mut files = insert("files", 10)?;
    for (n, it) in (0..).zip(&entry.files) {
        files.execute(params![
            log,
            n,
            it.path,
            it.class,
            it.edits,
            it.reads,
            it.added,
            it.removed,
            it.created,
            it.deleted,
            it.uncommitted,
            it.cite
        ])?;
    }
    let mut commands = insert("commands", 6)?;
    for (n, it) in (0..).zip(&entry.commands) {
        commands.execute(params![
            log, n, it.command, it.tool, it.family, it.runs, it.verdict, it.cite
        ])?;
    }
    let mut commits = insert("commits", 8)?;
    for (n, it) in (0..).zip(&entry.commits) {
        commits.execute(params![
            log, n, it.hash, it.subject, it.files, it.added, it.removed, it.pushed, it.cite,
            it.time
        ])?;
    }
    for (table, sentences) in [
        ("decisions", &entry.decisions),
        ("instructions", &entry.instructions),
    ] {
        let mut said = insert(table, 5)?;
        for (n, it) in (0..).zip(sentences) {
            said.execute(params![
                log, n, it.text, it.kind, it.by_user, it.cite, it.time
            ])?;
        }
    }
    let mut attempts = insert("attempts", 5)?;
    for (n, it) in (0..).zip(&entry.attempts) {
        attempts.execute(params![
            log, n, it.kind, it.what, it.outcome, it.cite, it.time
        ])?;
    }
    let mut records = insert("records", 4)?;
    for (n, it) in (0..).zip(&entry.records) {
        records.execute(params![log, n, it.cite, it.kind, it.time, it.text])?;
    }
    Ok(())
}
