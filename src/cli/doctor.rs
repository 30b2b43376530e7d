//! `passdown doctor`: where logs are, what is installed, what to do next.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::Outcome;
use super::args::{DoctorArgs, DoctorFormat};
use super::config::Config;
use super::install::{Scope, settings};
use super::layered::places;
use super::list::size;
use super::output;
use crate::discover::{self, Agent, Env, SessionFiles};
use crate::error::Error;
use crate::hook::{Event, Store};
use crate::rules::InForce;
use crate::{pipeline, read, render, safety};

/// The newest sessions that are read for their versions, and the bytes that one may have.
const READ: usize = 10;
const LARGEST: u64 = 32 * 1024 * 1024;
/// The days that Claude Code keeps logs if no settings say otherwise.
const KEPT_DAYS: u64 = 30;

/// All that is told.
#[derive(Debug, Serialize)]
struct Report {
    version: &'static str,
    roots: Vec<Root>,
    logs: Logs,
    /// Of the newest sessions, the oldest version first.
    claude_versions: Vec<String>,
    /// What is in the newest sessions that this version does not know.
    unknown: Vec<String>,
    kept_days: u64,
    settings: Vec<Settings>,
    /// What is wrong with `passdown.toml`, the variables and the rule files, each with its place.
    wrong: Vec<String>,
    handoffs: Handoffs,
    /// What to do, the most urgent first.
    next: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Root {
    path: String,
    there: bool,
}

#[derive(Debug, Serialize)]
struct Logs {
    sessions: usize,
    bytes: u64,
    newest: Option<jiff::Timestamp>,
    /// Of Claude Code, which removes them one day.
    oldest: Option<jiff::Timestamp>,
    of_other_agents: usize,
    of_this_project: usize,
}

#[derive(Debug, Serialize)]
struct Settings {
    scope: &'static str,
    path: String,
    there: bool,
    /// The events that hooks of ours are installed for.
    hooks: Vec<&'static str>,
    /// Whether the plugin, which brings the same hooks, is enabled.
    plugin: bool,
    /// The last of the programs that these call, if it is not there.
    missing_program: Option<String>,
    /// Why the file cannot be used, with its place.
    wrong: Option<String>,
}

#[derive(Debug, Serialize)]
struct Handoffs {
    folder: String,
    count: usize,
    newest: Option<jiff::Timestamp>,
    last_problem: Option<String>,
}

pub(super) fn run(args: &DoctorArgs, config: &Config) -> Result<Outcome, Error> {
    let now = jiff::Timestamp::now();
    let report = report(&Env::from_system(), config);
    let text = match args.format {
        DoctorFormat::Text => text(&report, now),
        DoctorFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            format!("{}\n", json.unwrap_or_default())
        }
    };
    output::print(&text)?;
    let ill = report.logs.sessions == 0
        || !report.wrong.is_empty()
        || report
            .settings
            .iter()
            .any(|file| file.wrong.is_some() || file.missing_program.is_some());
    Ok(if ill { Outcome::Nothing } else { Outcome::Done })
}

fn report(env: &Env, config: &Config) -> Report {
    let rules = places(&[], env).read().and_then(InForce::load);
    let rules = rules.err().map(|error| error.to_string());
    let wrong = [config.wrong.clone(), rules].into_iter().flatten();
    let wrong = wrong.flat_map(|text| {
        text.lines()
            .map(|line| safety::clean(line).into())
            .collect::<Vec<String>>()
    });
    let found = discover::list(env).sessions;
    let (of_claude, of_others): (Vec<SessionFiles>, Vec<SessionFiles>) =
        (found.iter().cloned()).partition(|files| files.agent == Agent::Claude);
    let (claude_versions, unknown) = versions(&of_claude);
    let time = |files: &SessionFiles| jiff::Timestamp::try_from(files.modified?).ok();
    let mut kept_days = KEPT_DAYS;
    let mut off = false;
    let mut files = Vec::new();
    for scope in Scope::ALL {
        if let Some(path) = scope.path(env) {
            files.push(settings_file(scope, &path, &mut kept_days, &mut off));
        }
    }
    let store = Store::of(&project(env));
    let stored = store.list();
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION"),
        roots: env
            .roots()
            .iter()
            .map(|root| Root {
                path: shown(root),
                there: root.is_dir(),
            })
            .collect(),
        logs: Logs {
            sessions: found.len(),
            bytes: found.iter().map(|files| files.bytes).sum(),
            newest: found.iter().filter_map(time).max(),
            oldest: of_claude.iter().filter_map(time).min(),
            of_other_agents: of_others.len(),
            of_this_project: discover::of_project(env).count(),
        },
        claude_versions,
        unknown,
        kept_days,
        settings: files,
        wrong: wrong.collect(),
        handoffs: Handoffs {
            folder: shown(store.folder()),
            count: stored.len(),
            newest: stored.first().map(crate::hook::Stored::end),
            last_problem: store.last_problem(),
        },
        next: Vec::new(),
    };
    report.next = next(&report, off);
    report
}

/// The folder whose handoffs are meant: the nearest that has some, else the top of the repository.
pub(super) fn project(env: &Env) -> PathBuf {
    env.cwd
        .ancestors()
        .find(|folder| Store::of(folder).folder().is_dir())
        .map_or_else(|| discover::top(&env.cwd), Path::to_owned)
}

fn shown(path: &Path) -> String {
    safety::clean(&path.display().to_string()).into()
}

/// The versions of the newest sessions, and what in them is not known.
fn versions(found: &[SessionFiles]) -> (Vec<String>, Vec<String>) {
    let read: Vec<_> = found
        .par_iter()
        .filter(|files| files.bytes <= LARGEST)
        .collect::<Vec<_>>()
        .into_par_iter()
        .take(READ)
        .filter_map(|files| pipeline::load(files, &read::Options::default()).ok())
        .map(|(session, _)| (session.versions, session.drift))
        .collect();
    let mut versions: BTreeSet<Vec<u64>> = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for (of_session, drift) in read {
        // As numbers, so that 2.1.9 comes before 2.1.30.
        versions.extend(of_session.iter().filter_map(|version| {
            let parts = version.split('.').map(|part| part.parse().ok());
            parts.collect::<Option<Vec<u64>>>()
        }));
        let kinds = [
            ("record", drift.records),
            ("system record", drift.systems),
            ("attachment", drift.attachments),
            ("content block", drift.blocks),
            ("key", drift.keys),
        ];
        for (kind, names) in kinds {
            for name in names.keys() {
                unknown.insert(format!(
                    "{kind} {}",
                    safety::one_line(&safety::clean(name), 60)
                ));
            }
        }
    }
    let versions = versions
        .into_iter()
        .map(|parts| {
            let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
            parts.join(".")
        })
        .collect();
    (versions, unknown.into_iter().collect())
}

/// What a settings file says; a later one overrides how long logs are kept, and any can turn hooks off.
fn settings_file(scope: Scope, path: &Path, kept_days: &mut u64, off: &mut bool) -> Settings {
    let mut file = Settings {
        scope: scope.word(),
        path: shown(path),
        there: path.exists(),
        hooks: Vec::new(),
        plugin: false,
        missing_program: None,
        wrong: None,
    };
    let text = match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => text,
        Ok(_) => return file,
        Err(error) => {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            file.wrong = (!missing).then(|| format!("{}: {error}", file.path));
            return file;
        }
    };
    match settings::check(&text) {
        Ok(value) => {
            if let Some(days) = value.get("cleanupPeriodDays").and_then(Value::as_u64) {
                *kept_days = days;
            }
            *off |= value.get("disableAllHooks").and_then(Value::as_bool) == Some(true);
            let plugins = value.get("enabledPlugins").and_then(Value::as_object);
            file.plugin = plugins
                .into_iter()
                .flatten()
                .any(|(name, on)| name.starts_with("passdown@") && on.as_bool() == Some(true));
            for hook in settings::installed(&value) {
                file.hooks.push(hook.event.name());
                let program = program(&hook.command);
                if program.is_absolute() && !program.is_file() {
                    file.missing_program = Some(shown(&program));
                }
            }
        }
        Err(wrong) => {
            file.wrong = Some(format!(
                "{}:{}:{}: {}",
                file.path, wrong.line, wrong.column, wrong.what
            ));
        }
    }
    file
}

/// The program that a command of ours calls.
fn program(command: &str) -> PathBuf {
    let head = command.split(" hook ").next().unwrap_or_default();
    PathBuf::from(head.trim_matches(['"', '\'']))
}

fn next(report: &Report, off: bool) -> Vec<String> {
    let mut next: Vec<String> = (report.wrong.iter())
        .map(|wrong| format!("mend {wrong}"))
        .collect();
    for file in &report.settings {
        if let Some(wrong) = &file.wrong {
            next.push(format!("mend {wrong}"));
        }
        if let Some(program) = &file.missing_program {
            next.push(format!(
                "`passdown install claude-code --{}`: its hooks call {program}, which is not there",
                file.scope
            ));
        }
        let missing = |event: &Event| !file.hooks.contains(&event.name());
        if !file.hooks.is_empty() && Event::ALL.iter().any(missing) {
            next.push(format!(
                "`passdown install claude-code --{}`: only some of the hooks are there",
                file.scope
            ));
        }
    }
    if off {
        next.push("`disableAllHooks` is set in Claude Code's settings: no hook runs".to_owned());
    }
    let none = |file: &Settings| file.hooks.is_empty() && !file.plugin;
    if report.settings.iter().all(none) {
        next.push(
            "`passdown install claude-code`: handoffs are then made and given by themselves"
                .to_owned(),
        );
    }
    if report.logs.sessions == 0 {
        next.push(
            "use Claude Code once, or set CLAUDE_CONFIG_DIR if it keeps its logs elsewhere"
                .to_owned(),
        );
    } else if report.logs.of_this_project > 0 {
        next.push("`passdown`: the handoff of this project's newest session".to_owned());
    } else {
        next.push("`passdown list`: no session is of this folder, but these there are".to_owned());
    }
    next
}

fn text(report: &Report, now: jiff::Timestamp) -> String {
    let age = |time: Option<jiff::Timestamp>| {
        time.map_or_else(
            || "never".to_owned(),
            |time| render::age(now.as_second() - time.as_second()),
        )
    };
    let mut out = String::new();
    let mut row = |name: &str, text: String| out.push_str(&format!("{name:<10} {text}\n"));
    row("passdown", report.version.to_owned());
    for (index, root) in report.roots.iter().enumerate() {
        let there = if root.there { "" } else { " (not there)" };
        row(
            if index == 0 { "logs in" } else { "" },
            format!("{}{there}", root.path),
        );
    }
    let logs = &report.logs;
    row(
        "sessions",
        match logs.sessions {
            0 => "none".to_owned(),
            count => format!(
                "{count}, {}, the newest {}, {} of this project{}",
                size(logs.bytes),
                age(logs.newest),
                logs.of_this_project,
                match logs.of_other_agents {
                    0 => String::new(),
                    others => format!(", {others} of other agents"),
                }
            ),
        },
    );
    let versions = &report.claude_versions;
    row(
        "versions",
        match (versions.first(), versions.last()) {
            (Some(first), Some(last)) if first == last => format!("Claude Code {first}"),
            (Some(first), Some(last)) => format!("Claude Code {first} to {last}"),
            _ => "not known".to_owned(),
        },
    );
    if !report.unknown.is_empty() {
        let some: Vec<&str> = report.unknown.iter().take(3).map(String::as_str).collect();
        let more = report.unknown.len().saturating_sub(some.len());
        let more = if more > 0 {
            format!(", {more} more")
        } else {
            String::new()
        };
        row(
            "",
            format!("not known, passed over: {}{more}", some.join(", ")),
        );
    }
    let mut kept = format!("{} days, then Claude Code removes a log", report.kept_days);
    if logs.oldest.is_some() {
        kept.push_str(&format!("; the oldest was written {}", age(logs.oldest)));
    }
    row("kept", kept);
    for (index, file) in report.settings.iter().enumerate() {
        let mut kinds = file.hooks.clone();
        kinds.extend(file.plugin.then_some("the plugin"));
        let state = match (&file.wrong, kinds.is_empty(), file.there) {
            (Some(_), ..) => "damaged".to_owned(),
            (None, false, _) => kinds.join(", "),
            (None, true, true) => "none".to_owned(),
            (None, true, false) => "none (no such file)".to_owned(),
        };
        let name = if index == 0 { "hooks" } else { "" };
        row(name, format!("{:<8} {state}: {}", file.scope, file.path));
    }
    let handoffs = &report.handoffs;
    row(
        "handoffs",
        match handoffs.count {
            0 => format!("none in {}", handoffs.folder),
            count => format!(
                "{count} in {}, the newest {}",
                handoffs.folder,
                age(handoffs.newest)
            ),
        },
    );
    if let Some(problem) = &handoffs.last_problem {
        row("", format!("last problem: {problem}"));
    }
    for (index, step) in report.next.iter().enumerate() {
        row(if index == 0 { "next" } else { "" }, step.clone());
    }
    out
}
