//! The texts of a session as rules see them.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::cli::output;
use crate::discover::SessionFiles;
use crate::extract::command;
use crate::pipeline;
use crate::read;
use crate::rules::Scope;
use crate::safety::{self, is_secret_source};
use crate::session::{Body, Event, Input, Session};

/// A text of a session.
pub(super) struct Seen<'s> {
    pub(super) scope: Scope,
    /// The tool whose output it is.
    pub(super) tool: Option<&'s str>,
    pub(super) text: Cow<'s, str>,
    event: &'s Event,
}

/// The place of an event, as `passdown show` takes it: `ac8a4f1a:L482`, of a subagent `ac8a4f1a:a485154:L12`.
pub(super) fn citation(session: &Session, event: &Event) -> String {
    let head = |id: &str| -> String { safety::clean(id).chars().take(8).collect() };
    let agent = event.agent.and_then(|agent| session.agents.get(agent));
    let agent = agent.map_or_else(String::new, |agent| format!("{}:", head(&agent.id)));
    format!("{}:{agent}L{}", head(&session.id), event.at.line)
}

impl Seen<'_> {
    /// Its place, as [`citation`] gives it.
    pub(super) fn citation(&self, session: &Session) -> String {
        citation(session, self.event)
    }

    /// Its scope, as rules name it.
    pub(super) fn place(&self) -> String {
        match self.tool {
            Some(tool) => format!("{}:{tool}", self.scope.as_str()),
            None => self.scope.as_str().to_owned(),
        }
    }
}

/// Sessions that are in memory at once, for each core: enough that none waits long for the largest of them.
const FOR_EACH_CORE: usize = 4;

/// Looks at each session, on all cores, and takes what was seen in the order of the sessions; gives how many were read.
///
/// A session that cannot be read is told of and left out.
pub(super) fn each<T: Send>(
    sessions: &[SessionFiles],
    look: impl Fn(&SessionFiles, &Session) -> T + Sync,
    mut take: impl FnMut(T),
) -> usize {
    let mut count = 0;
    for some in sessions.chunks(FOR_EACH_CORE * rayon::current_num_threads()) {
        let seen: Vec<_> = some
            .par_iter()
            .map(|files| {
                let loaded = pipeline::load(files, &read::Options::default());
                loaded.map(|(session, _)| look(files, &session))
            })
            .collect();
        for one in seen {
            match one {
                Ok(one) => {
                    count += 1;
                    take(one);
                }
                Err(error) => output::complain(&format!("{error}, left out")),
            }
        }
    }
    count
}

/// The texts of an event that is not left behind. What may hold secrets by where it comes from is left out.
pub(super) fn texts<'s>(session: &'s Session, event: &'s Event) -> Vec<Seen<'s>> {
    if !event.live {
        return Vec::new();
    }
    let seen = |scope, tool, text: Cow<'s, str>| Seen {
        scope,
        tool,
        text: match safety::clean(&text) {
            Cow::Borrowed(clean) if clean.len() == text.len() => text,
            clean => Cow::Owned(clean.into_owned()),
        },
        event,
    };
    let one = |scope, text: &'s str| vec![seen(scope, None, Cow::Borrowed(text))];
    match &event.body {
        Body::Prompt(prompt) => one(Scope::Prompt, &prompt.text.text),
        Body::Say(text) => one(Scope::AssistantText, &text.text),
        Body::Think(text) => one(Scope::Thinking, &text.text),
        Body::Call(call) => match session.calls.get(*call).map(|call| &call.input) {
            Some(Input::Shell { command, .. }) => command::parse(command)
                .iter()
                .filter(|simple| !simple.words.is_empty())
                .map(|simple| seen(Scope::Command, None, Cow::Owned(simple.line())))
                .collect(),
            Some(Input::Plan(plan)) => one(Scope::Plan, &plan.text),
            _ => Vec::new(),
        },
        Body::Return(call) => match session.calls.get(*call) {
            Some(call) if !secret(&call.input) => vec![seen(
                Scope::ToolOutput,
                Some(&call.name),
                Cow::Borrowed(&call.output.text),
            )],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn secret(input: &Input) -> bool {
    match input {
        Input::Shell { command, .. } => is_secret_source(command),
        Input::Read { path } => is_secret_source(path),
        _ => false,
    }
}
