//! `passdown [SESSION…]`: the handoff.

use std::path::Path;

use super::Outcome;
use super::args::{Format, HandoffArgs};
use super::clipboard;
use super::output;
use crate::discover::{self, Env, SessionFiles};
use crate::error::{Error, ErrorKind};
use crate::pipeline::{self, Options};
use crate::rules::RuleSet;
use crate::score::{self, Goal};
use crate::session::Session;
use crate::{read, render, write};

pub(super) fn run(args: &HandoffArgs) -> Result<Outcome, Error> {
    // Where it cannot be had, the work goes to threads of its own, as it does without being told.
    _ = rayon::ThreadPoolBuilder::new()
        .use_current_thread()
        .build_global();
    let env = Env::from_system().only(args.of.agent);
    let rules = args.make.rules(&env)?;
    let found = discover::sessions(&args.sessions, &env)?;
    output::problems(&found.left_out);
    let reading = read::Options {
        mmap: args.mmap,
        ..read::Options::default()
    };
    if matches!(args.format, Format::AgentsMd) && found.sessions.len() > 1 {
        let count = found.sessions.len();
        let what = format!("a memory file has a section for one session, and {count} are named");
        return Err(ErrorKind::Usage(what).into());
    }
    let options = options(args)?;
    let mut texts = Vec::new();
    for files in &found.sessions {
        let (session, problems) = pipeline::load(files, &reading)?;
        output::problems(&problems);
        let options = chained(args, &options, files, &session, &rules, &reading);
        match pipeline::condense(&session, &rules, &options)? {
            Some(made) => {
                for what in &made.ledger.costly {
                    output::complain(&format!("passdown: {what}"));
                }
                texts.push(made.text(options.format, options.render)?);
                if texts.len() == found.sessions.len() {
                    // What holds so many pieces takes long to be given back, and the process ends here.
                    std::mem::forget((session, made));
                }
            }
            None => output::complain(&format!(
                "passdown: {}: {}",
                files.main,
                nothing(&session, args)
            )),
        }
    }
    if texts.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let text = texts.join("\n");
    match (&args.output, args.format) {
        (Some(path), Format::AgentsMd) => remember(path, &text)?,
        (Some(path), _) => write::whole(path, &text)?,
        (None, _) if args.copy => {}
        (None, Format::Json) => output::print(&text)?,
        (None, _) => output::print_handoff(&text)?,
    }
    if args.copy {
        output::complain(&format!("passdown: {}", clipboard::copy(&text)?));
    }
    Ok(Outcome::Done)
}

/// Puts the section into the memory file at `path`; the rest of the file stays as it is.
fn remember(path: &Path, section: &str) -> Result<(), Error> {
    let old = match std::fs::read_to_string(path) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::io(path, error)),
    };
    let text = render::placed(&old, section).map_err(|line| {
        ErrorKind::Usage(format!(
            "{}:{line}: a marker of passdown's section without its other, so nothing was written; take the section out, and run again",
            path.display()
        ))
    })?;
    write::in_place(path, &text)?;
    Ok(())
}

/// The options with the earlier sessions that `session` goes on from, where the arguments ask for them.
pub(super) fn chained(
    args: &HandoffArgs,
    options: &Options,
    files: &SessionFiles,
    session: &Session,
    rules: &RuleSet,
    reading: &read::Options,
) -> Options {
    /// The newest sessions that are looked at: a project has thousands, and what is going on is among the last.
    const LOOKED_AT: usize = 32;
    /// Of those held with other agents; some may be later.
    const MOST_OF_OTHERS: usize = 4 * LOOKED_AT;
    let mut options = options.clone();
    let folder = files.main.path().and_then(|path| {
        let folder = path.parent()?;
        // A file that is named alone stands in this folder.
        Some(if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        })
    });
    let (Some(folder), 1..) = (folder, args.chain) else {
        return options;
    };
    let ended = session.span.map(|(_, ended)| ended);
    let mut env = Env::from_system();
    let mut found = discover::all(&[folder], &env).sessions;
    if let Some(cwd) = &session.cwd {
        // Of other agents, a folder holds the sessions of a day, or those of one agent alone.
        env.cwd = cwd.into();
        let others = discover::of_project_by_others(&env).take(MOST_OF_OTHERS);
        let others: Vec<_> = others.collect();
        found.extend(discover::all(&others, &env).sessions);
        found.sort_by(|a, b| a.main.cmp(&b.main));
        found.dedup_by(|a, b| a.main == b.main);
    }
    let mut earlier: Vec<_> = found
        .into_iter()
        .filter(|other| other.main != files.main)
        .filter_map(|other| {
            let last = discover::last_time(other.main.path()?)?;
            (Some(last) <= ended).then_some((last, other))
        })
        .collect();
    earlier.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.main.cmp(&b.1.main)));
    earlier.truncate(LOOKED_AT);
    let earlier: Vec<_> = earlier.into_iter().map(|(_, files)| files).collect();
    let (joined, problems) = pipeline::chain(
        session,
        &earlier,
        rules,
        reading,
        options.redact,
        args.chain,
    );
    output::problems(&problems);
    options.chain = joined.into();
    options
}

/// Why there is nothing to hand over.
pub(super) fn nothing(session: &Session, args: &HandoffArgs) -> &'static str {
    match (args.since_compaction, score::compaction(session)) {
        (true, None) => "no compaction in this log",
        (true, Some(_)) => "nothing of what still counts was dropped by its last compaction",
        (false, _) => "nothing to hand over: no request and no work in it",
    }
}

/// What the arguments ask of a handoff.
///
/// # Errors
///
/// If the file of weights cannot be read, or is wrong; or if two levels of redaction contradict each other.
pub(super) fn options(args: &HandoffArgs) -> Result<Options, Error> {
    Ok(Options {
        format: match args.format {
            Format::Md => pipeline::Format::Markdown,
            Format::Json => pipeline::Format::Json,
            Format::Prompt => pipeline::Format::Prompt,
            Format::AgentsMd => pipeline::Format::Memory,
        },
        render: render::Options {
            cite: !args.no_cite,
            as_of: args.as_of,
        },
        chain: std::sync::Arc::default(),
        lost: args.since_compaction,
        goal: args.goal.as_deref().and_then(Goal::new),
        ..args.make.options()?
    })
}
