//! `passdown worker`: one request a line in, one answer a line out, for engines that run many.

use std::borrow::Cow;
use std::io::{BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Outcome;
use super::making::MakeArgs;
use crate::discover::{self, Env, Meta};
use crate::entry::{self, SessionRow};
use crate::error::{Error, Problem};
use crate::pipeline::{self, Format, Options};
use crate::read;
use crate::render;
use crate::rules::InForce;
use crate::safety;
use crate::session::{self, AgentBytes, Session};

/// Bytes of a request: more than the largest log that is sent inline. What is longer is answered with an error.
const LONGEST: u64 = 1 << 30;
/// How the name of the file beside a subagent's transcript ends.
const META: &str = ".meta.json";
/// Problems of an answer; a log that is bad throughout has as many as lines.
const PROBLEMS: usize = 20;

#[derive(Debug, clap::Args)]
pub(super) struct WorkerArgs {
    #[command(flatten)]
    make: MakeArgs,
}

/// How requests are answered.
#[derive(Default)]
struct How {
    rules: InForce,
    options: Options,
}

/// A request: a log by its path, or by what is in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// Whatever the answer is to be known by.
    #[serde(default)]
    id: Value,
    path: Option<String>,
    content: Option<String>,
    base64: Option<String>,
    /// What an inline log is called.
    name: Option<String>,
    /// The transcripts of an inline log's subagents, and the `.meta.json` beside them.
    #[serde(default)]
    files: Vec<Inline>,
    budget: Option<u32>,
    format: Option<Asked>,
}

/// A file of an inline log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inline {
    name: String,
    content: Option<String>,
    base64: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Asked {
    Md,
    Json,
}

/// An answer. One of `handoff` and `error` stands, or neither where there is nothing to hand over.
#[derive(Default, Serialize)]
struct Answer {
    id: Value,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    session: Option<SessionRow>,
    handoff: Option<String>,
    problems: Vec<String>,
}

pub(super) fn run(args: &WorkerArgs) -> Result<Outcome, Error> {
    let how = How {
        rules: args.make.rules(&Env::from_system())?,
        options: args.make.options()?,
    };
    // What stops one request must not be told in words of its log.
    std::panic::set_hook(Box::new(|_| {}));
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let fail = |error| Error::io("standard input", error);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input).take(LONGEST).read_until(b'\n', &mut line);
        if read.map_err(fail)? == 0 {
            return Ok(Outcome::Done);
        }
        let answer = if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
            input.skip_until(b'\n').map_err(fail)?;
            refused(
                Value::Null,
                format!("a request longer than {LONGEST} bytes; give a path"),
            )
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            answered(line.trim_ascii(), &how)
        };
        let written = writeln!(output, "{}", written(&answer)).and_then(|()| output.flush());
        written.map_err(|error| Error::io("standard output", error))?;
    }
}

/// What `passdown worker` says to one line, as one line of JSON: for engines that have this library in them.
///
/// A request that names a path has that file read.
pub fn answer(request: &[u8]) -> String {
    written(&answered(request.trim_ascii(), &How::default()))
}

fn written(answer: &Answer) -> String {
    // An answer is strings and numbers: it has a JSON form.
    serde_json::to_string(answer).unwrap_or_default()
}

fn refused(id: Value, error: String) -> Answer {
    Answer {
        id,
        error: Some(safety::clean(&error).into_owned()),
        ..Answer::default()
    }
}

/// The answer to one line, whatever it is.
fn answered(line: &[u8], how: &How) -> Answer {
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => {
            // The words of the line are the log's; the place is enough.
            let what = format!(
                "column {}: not a request; one is {{\"path\": …}} or {{\"content\": …}}, with id, name, budget and format as you like",
                error.column()
            );
            return refused(Value::Null, what);
        }
    };
    let id = request.id.clone();
    match catch_unwind(AssertUnwindSafe(|| condensed(&request, how))) {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => refused(id, error),
        Err(_) => refused(
            id,
            "a mistake of this program stopped it; please report it".to_owned(),
        ),
    }
}

fn condensed(request: &Request, how: &How) -> Result<Answer, String> {
    let (path, (session, problems)) = loaded(request)?;
    let options = Options {
        budget: request.budget.unwrap_or(how.options.budget),
        ..how.options.clone()
    };
    let mut answer = Answer {
        id: request.id.clone(),
        ok: true,
        problems: (problems.iter().take(PROBLEMS))
            .map(|problem| safety::clean(&problem.to_string()).into_owned())
            .collect(),
        ..Answer::default()
    };
    let made = pipeline::condense(&session, &how.rules, &options);
    if let Some(mut made) = made.map_err(|error| error.to_string())? {
        answer.problems.extend(made.ledger.costly.iter().cloned());
        let format = match request.format {
            Some(Asked::Json) => Format::Json,
            Some(Asked::Md) | None => Format::Markdown,
        };
        let text = made.text(format, render::Options::default());
        answer.handoff = Some(text.map_err(|error| error.to_string())?);
        answer.session = Some(entry::make(&path, &session, &mut made).session);
    }
    Ok(answer)
}

/// The session that is asked for, with what its log is called.
fn loaded(request: &Request) -> Result<(String, (Session, Vec<Problem>)), String> {
    match (&request.path, &request.content) {
        (Some(path), None) if request.base64.is_none() && request.files.is_empty() => {
            let found = discover::all(&[path], &Env::default());
            match found.sessions.as_slice() {
                [files] => pipeline::load(files, &read::Options::default())
                    .map(|loaded| (path.clone(), loaded))
                    .map_err(|error| error.to_string()),
                [] => Err(found
                    .left_out
                    .first()
                    .map_or_else(|| format!("{path}: no session"), Problem::to_string)),
                many => Err(format!(
                    "{path}: {} sessions; ask for one at a time",
                    many.len()
                )),
            }
        }
        (None, _) => {
            let name = request.name.as_deref().unwrap_or("-");
            inline(name, request).map(|loaded| (name.to_owned(), loaded))
        }
        _ => Err(ONE.to_owned()),
    }
}

/// What is said of a request, or of a file of it, that has its content twice or not at all.
const ONE: &str = "one of path, content and base64, please";

/// The session of a log that is in the request.
fn inline(name: &str, request: &Request) -> Result<(Session, Vec<Problem>), String> {
    let mut problems = Vec::new();
    let mut plain = |name: &str, content: &Option<String>, base64: &Option<String>| {
        let stored = match (content, base64) {
            (Some(content), None) => Cow::Borrowed(content.as_bytes()),
            (None, Some(base64)) => (BASE64_STANDARD.decode(base64))
                .map(Cow::Owned)
                .map_err(|error| format!("{name}: base64: {error}"))?,
            _ => return Err(ONE.to_owned()),
        };
        let (plain, cut) = read::inflated(&stored);
        problems.extend(cut.map(|error| Problem {
            path: name.to_owned(),
            line: 0,
            column: 0,
            what: format!("{error}; what comes before it is used"),
        }));
        Ok(plain.into_owned())
    };
    let main = plain(name, &request.content, &request.base64)?;
    let mut metas = Vec::new();
    let mut agents = Vec::new();
    for file in &request.files {
        let bytes = plain(&file.name, &file.content, &file.base64)?;
        if let Some(stem) = file.name.strip_suffix(META) {
            metas.push((stem, Meta::of(&bytes)));
        } else if let Some(id) = discover::agent_id(&file.name) {
            agents.push((file.name.as_str(), id, bytes));
        } else {
            return Err(format!(
                "{}: not a file of a session's subagents, which are called agent-….jsonl and agent-….meta.json",
                file.name
            ));
        }
    }
    agents.sort_by(|a, b| Path::new(a.0).cmp(Path::new(b.0)));
    let agents: Vec<AgentBytes<'_>> = (agents.iter())
        .map(|(path, id, bytes)| {
            let meta = metas.iter().find(|(stem, _)| {
                let rest = path.strip_prefix(stem);
                rest.is_some_and(|rest| rest.starts_with(".jsonl"))
            });
            let meta = meta.map(|(_, meta)| meta.clone()).unwrap_or_default();
            AgentBytes {
                path,
                id,
                tool_use: meta.tool_use,
                kind: meta.kind,
                bytes,
            }
        })
        .collect();
    let (session, more) = session::with_agents(name, &main, &agents);
    problems.extend(more);
    Ok((session, problems))
}
