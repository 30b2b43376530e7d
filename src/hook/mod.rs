//! What Claude Code's hooks call: handoffs written when a session ends or is
//! compacted, and given to the next one when it starts.
//!
//! Takes what a hook gets on standard input, and the system around it; gives
//! what is to be said on standard output, which is nothing but for a start.
//! A hook is never in the way: what takes too long is handed back as
//! [`Ran::late`] for a process in the background, what goes wrong is a line in
//! a file, and the session notices neither.
//!
//! A project is the folder that Claude Code was started in. Its handoffs lie
//! in `.passdown/handoffs/` ([`Store`]), one file for a session. Unlike the
//! rooms below, this one reads the clock: it says how old a handoff is.

mod given;
mod input;
mod make;
mod store;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::discover::{self, Env};
use crate::pipeline::Options;
use crate::rules::InForce;

pub use given::FIRST_WORDS;
pub use input::{Event, Input};
pub use store::{Store, Stored};

/// How hooks go about it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How handoffs are made; the budget holds where one is written and where it is given.
    pub handoff: Options,
    /// The rules.
    pub rules: InForce,
    /// How old a handoff may be to be given.
    pub max_age: Duration,
    /// How many handoffs of a project are kept.
    pub keep: usize,
    /// How long the session may wait.
    pub within: Duration,
}

impl Default for Settings {
    /// 2,000 tokens, seven days, ten handoffs, one second.
    fn default() -> Self {
        Self {
            handoff: Options::default(),
            rules: InForce::default(),
            max_age: Duration::from_secs(7 * 24 * 60 * 60),
            keep: 10,
            within: Duration::from_secs(1),
        }
    }
}

/// A hook that was called.
#[derive(Clone, Debug)]
pub struct Call {
    /// The event.
    pub event: Event,
    /// What the hook got.
    pub input: Input,
    /// Where sessions are; its folder is the session's.
    pub env: Env,
    /// The folder of the project, whose handoffs are meant.
    pub project: PathBuf,
    /// The time.
    pub now: jiff::Timestamp,
}

/// What a call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// What to print: the JSON that puts a handoff into the session's context.
    pub context: Option<String>,
    /// The transcript whose handoff took too long, to be made in the background.
    pub late: Option<PathBuf>,
    /// What went wrong, a line each.
    pub problems: Vec<String>,
}

impl Call {
    /// The call of `event` with `input`, for the project that `project_dir` names, or else the input's folder.
    pub fn new(
        event: Event,
        input: Input,
        mut env: Env,
        project_dir: Option<PathBuf>,
        now: jiff::Timestamp,
    ) -> Self {
        if let Some(cwd) = &input.cwd {
            env.cwd.clone_from(cwd);
        }
        let project = project_dir
            .filter(|folder| folder.is_absolute() && folder.is_dir())
            .unwrap_or_else(|| discover::top(&env.cwd));
        Self {
            event,
            input,
            env,
            project,
            now,
        }
    }

    /// The handoffs of the project.
    pub fn store(&self) -> Store {
        Store::of(&self.project)
    }

    /// Does what the event asks for. Nothing that goes wrong is more than a problem.
    pub fn run(&self, settings: &Settings) -> Ran {
        let mut ran = Ran::default();
        // The end or compaction of a subagent is none of the session.
        if self.input.agent_id.is_some() {
            return ran;
        }
        match self.event {
            Event::SessionEnd | Event::PreCompact => make::write(self, settings, &mut ran),
            Event::SessionStart => given::start(self, settings, &mut ran),
        }
        ran
    }

    /// What a start would be given of the handoffs that lie there already; none for what is no start.
    ///
    /// For whoever may have to say it before [`Call::run`] is done.
    pub fn ready(&self, settings: &Settings) -> Option<String> {
        let starts = self.event == Event::SessionStart && self.input.agent_id.is_none();
        starts.then(|| given::ready(self, settings)).flatten()
    }

    /// The branch that is checked out in the session's folder.
    fn branch(&self) -> Option<String> {
        discover::branch(&self.env.cwd)
    }

    /// The folder of the session's transcript, which holds those of its project.
    fn logs(&self) -> Option<&Path> {
        self.input
            .transcript
            .as_deref()?
            .parent()
            .filter(|folder| folder.is_dir())
    }
}
