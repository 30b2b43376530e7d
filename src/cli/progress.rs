//! How a batch tells how it goes: a bar on a terminal, JSON lines for a program, or nothing.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output;
use crate::batch::{Fate, Listener, Summary, Watched};
use crate::discover::SessionFiles;
use crate::entry::SessionRow;
use crate::error::Problem;
use crate::safety;

/// How progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressMode {
    /// A bar, if standard error is a terminal.
    Auto,
    /// One JSON object a line on standard error.
    Json,
    /// Nothing but problems.
    None,
}

/// Problems that are told one by one; a folder of thousands of logs may have as many.
const SHOWN: usize = 10;

/// Tells how a batch goes.
pub(super) struct Progress {
    json: bool,
    shown: bool,
    silent: bool,
    bar: ProgressBar,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    sessions: usize,
    of: usize,
    bytes: u64,
    problems: usize,
    /// Whether the first pass is over.
    watching: bool,
}

impl Progress {
    pub(super) fn new(mode: ProgressMode) -> Self {
        Self {
            json: mode == ProgressMode::Json,
            silent: mode == ProgressMode::None,
            shown: mode == ProgressMode::Auto && std::io::stderr().is_terminal(),
            // Nothing is drawn before there is something to count.
            bar: ProgressBar::hidden(),
            told: Mutex::default(),
        }
    }

    /// Ends the bar, and says how many problems were not told.
    pub(super) fn end(&self, summary: &Summary) {
        self.bar.finish_and_clear();
        if self.json {
            let told = self.told();
            line(&json!({
                "event": "end",
                "sessions": told.sessions,
                "bytes": told.bytes,
                "written": summary.count(Fate::Written),
                "unchanged": summary.count(Fate::Unchanged),
                "nothing": summary.count(Fate::Nothing),
                "not_wanted": summary.count(Fate::NotWanted),
                "failed": summary.count(Fate::Failed),
                "problems": told.problems,
                "stopped": summary.stopped,
            }));
        } else if summary.problems.len() > SHOWN {
            output::complain(&format!(
                "passdown: {} more problems",
                summary.problems.len() - SHOWN
            ));
        }
    }

    /// Tells of a session that was condensed again.
    fn refreshed(&self, files: &SessionFiles, fate: Fate, row: Option<&SessionRow>) {
        let path = files.main.to_string();
        if self.json {
            line(&json!({
                "event": "refreshed",
                "path": safety::clean(&path),
                "fate": word(fate),
                "session": row.map(|row| &row.session),
                "state": row.map(|row| &row.state),
                "lines": row.map(|row| row.lines),
                "open_tasks": row.map(|row| row.open_tasks),
                "open_failures": row.map(|row| row.open_failures),
            }));
        } else if self.shown
            && fate == Fate::Written
            && let Some(row) = row
        {
            output::complain(&format!("{:<10}  {}", row.state, tail(&path)));
        }
    }

    /// Says what a watch came to.
    pub(super) fn watched(&self, watched: Watched) {
        let refreshed = watched.refreshed;
        if self.json {
            line(&json!({ "event": "watched", "refreshed": refreshed }));
        } else if !self.silent {
            let s = if refreshed == 1 { "" } else { "s" };
            output::complain(&format!(
                "passdown: ended; {refreshed} handoff{s} refreshed, all that is written is whole"
            ));
        }
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The second line of the bar: problems so far, and the file at hand.
    fn message(&self, path: &str) {
        let problems = self.told().problems;
        let problems = match problems {
            0 => String::new(),
            1 => "1 problem · ".to_owned(),
            _ => format!("{problems} problems · "),
        };
        self.bar.set_message(format!("{problems}{}", tail(path)));
    }
}

/// The end of a path, as it fits beside a word or two.
fn tail(path: &str) -> String {
    const MOST: usize = 56;
    let path = safety::clean(path);
    match path.char_indices().rev().nth(MOST) {
        Some((at, c)) => format!("…{}", &path[at + c.len_utf8()..]),
        None => path.into(),
    }
}

/// A JSON line on standard error. Nobody is left to be told if that fails.
fn line(event: &serde_json::Value) {
    let _ = writeln!(std::io::stderr().lock(), "{event}");
}

impl Listener for Progress {
    fn begins(&self, sessions: usize, bytes: u64) {
        self.told().of = sessions;
        self.bar.set_length(bytes);
        self.bar.set_prefix(format!("0/{sessions} sessions"));
        let style = "{bar:16} {decimal_bytes}/{decimal_total_bytes}  {prefix}  {decimal_bytes_per_sec}  {eta} left\n{wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style.progress_chars("█▌░"));
        }
        if self.shown {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if self.json {
            line(&json!({ "event": "begin", "sessions": sessions, "bytes": bytes }));
        }
    }

    fn takes(&self, files: &SessionFiles) {
        if !self.bar.is_hidden() {
            self.message(&files.main.to_string());
        }
    }

    fn done(&self, files: &SessionFiles, fate: Fate, row: Option<&SessionRow>) {
        let mut told = self.told();
        if told.watching {
            drop(told);
            return self.refreshed(files, fate, row);
        }
        told.sessions += 1;
        told.bytes += files.bytes;
        if !self.bar.is_hidden() {
            self.bar.inc(files.bytes);
            self.bar
                .set_prefix(format!("{}/{} sessions", told.sessions, told.of));
        }
        if self.json {
            line(&json!({
                "event": "session",
                "path": safety::clean(&files.main.to_string()),
                "fate": word(fate),
                "sessions": told.sessions,
                "bytes": told.bytes,
                "problems": told.problems,
            }));
        }
    }

    fn problem(&self, problem: &Problem) {
        let mut told = self.told();
        told.problems += 1;
        if self.json {
            line(&json!({
                "event": "problem",
                "path": safety::clean(&problem.path),
                "line": problem.line,
                "column": problem.column,
                "what": safety::clean(&problem.what),
            }));
        } else if told.watching || told.problems <= SHOWN {
            self.bar.suspend(|| output::complain(&problem.to_string()));
        }
    }

    fn watches(&self, (watched, unwatched): (usize, usize)) {
        let mut told = self.told();
        told.watching = true;
        if self.json {
            line(&json!({ "event": "watch", "folders": watched, "unwatched": unwatched }));
        } else if !self.silent {
            let folders = watched + unwatched;
            let s = if folders == 1 { "" } else { "s" };
            output::complain(&format!(
                "passdown: watching {folders} folder{s} and what is below; Ctrl-C ends it"
            ));
        }
    }
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Written => "written",
        Fate::Unchanged => "unchanged",
        Fate::Nothing => "nothing",
        Fate::NotWanted => "not-wanted",
        Fate::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_keeps_its_end() {
        let long = format!("/{}/s.jsonl", "ä".repeat(80));
        assert_eq!(tail("/a/s.jsonl"), "/a/s.jsonl");
        assert_eq!(tail(&long).chars().count(), 57);
        assert!(tail(&long).ends_with("ä/s.jsonl"));
    }
}
