//! `handoff`: where a session stands.

use std::path::PathBuf;

use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde_json::Value;

use super::tool::{Answer, Ask, named, wrong};
use super::{Host, LONGEST, Settings};
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::pipeline::{self, Format, Options};
use crate::read;
use crate::score::Goal;

/// Tokens of a handoff. The largest leaves room for what an answer may have in characters.
const BUDGET: std::ops::RangeInclusive<u32> = 200..=8_000;

/// Which handoff.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteHandoff {
    /// The session: its id, the first 4 or more characters of it, or the path of its .jsonl transcript.
    session: Option<String>,
    /// Without a session: the folder whose newest session is meant. Default: the folder the server was started in.
    project: Option<PathBuf>,
    /// The most tokens it may take. Default: 2000.
    #[schemars(range(min = 200, max = 8_000))]
    budget: Option<u32>,
    /// What the work that follows is for: matching facts rise.
    goal: Option<String>,
    /// Default: md.
    format: Option<Form>,
}

/// The format.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// Markdown.
    Md,
    /// JSON by the schema of `passdown --format json`, without what was left out.
    Json,
    /// Markdown behind a few facts for the agent that goes on.
    Prompt,
}

impl WriteHandoff {
    /// The handoff of `session`, as it is made where nothing else is said.
    pub(super) fn of(session: &str) -> Self {
        Self {
            session: Some(session.to_owned()),
            project: None,
            budget: None,
            goal: None,
            format: None,
        }
    }
}

impl Ask for WriteHandoff {
    const NAME: &str = "handoff";
    const TITLE: &str = "Handoff of a session";
    const DESCRIPTION: &str = "Where a Claude Code session stands: status with test numbers, what is open, what was \
        tried and failed, what is done and must not be redone, commands that work, the user's standing rules. Each \
        line cites its place in the log (L482), which `show` opens. Call it before going on with earlier work. \
        Without a session, the newest of the project is meant, which may be the one you are in.";

    fn answer(self, host: &Host) -> Result<Answer, Error> {
        let settings = &host.settings;
        let budget = self.budget.unwrap_or(settings.options.budget);
        if !BUDGET.contains(&budget) {
            return Err(wrong(format!(
                "budget: {budget} is not from {} to {} tokens",
                BUDGET.start(),
                BUDGET.end()
            )));
        }
        let files = match &self.session {
            Some(session) => named(session, settings)?,
            None => newest(self.project, settings)?,
        };
        let options = Options {
            budget,
            goal: self.goal.as_deref().and_then(Goal::new),
            format: match self.format {
                None | Some(Form::Md) => Format::Markdown,
                Some(Form::Json) => Format::Json,
                Some(Form::Prompt) => Format::Prompt,
            },
            ..settings.options.clone()
        };
        // What could not be used of the log is counted in the handoff.
        let (session, _) = pipeline::load(&files, &read::Options::default())?;
        let Some(mut condensed) = pipeline::condense(&session, &settings.rules, &options)? else {
            let nothing = "nothing to hand over: no request and no work in it";
            return Ok(Answer::text(format!("{}: {nothing}", files.id)));
        };
        if options.format != Format::Json {
            let text = condensed.text(options.format, options.render)?;
            return Ok(Answer::text(text));
        }
        // What did not fit is most of the JSON of a long session; a larger budget, or another tool, tells it.
        condensed.handoff.left_out.clear();
        let text = condensed.text(options.format, options.render)?;
        let data: Value = serde_json::from_str(&text).unwrap_or_default();
        let answer = Answer::data(&data);
        let length = answer.text.chars().count();
        if length > LONGEST {
            return Err(wrong(format!(
                "budget: as JSON that is {length} characters, more than the {LONGEST} of an answer; ask for fewer tokens, or for md"
            )));
        }
        Ok(answer)
    }
}

/// The newest session of a project.
fn newest(project: Option<PathBuf>, settings: &Settings) -> Result<discover::SessionFiles, Error> {
    let mut env = settings.env.clone();
    if let Some(project) = project {
        env.cwd = folder(project)?;
    }
    let found = discover::sessions::<&str>(&[], &env)?;
    let only = found.sessions.into_iter().next();
    only.ok_or_else(|| no_session(&env))
}

fn no_session(env: &Env) -> Error {
    ErrorKind::NoSession(format!("no session of {}", env.cwd.display())).into()
}

/// A project as a request names it.
///
/// # Errors
///
/// [`ErrorKind::Usage`], if it is no whole path.
pub(super) fn folder(project: PathBuf) -> Result<PathBuf, Error> {
    let shared = project.as_os_str().as_encoded_bytes();
    if !project.is_absolute() || shared.starts_with(b"\\\\") || shared.starts_with(b"//") {
        return Err(wrong(format!(
            "project: {}: not the whole path of a folder of this machine",
            project.display()
        )));
    }
    Ok(project)
}
