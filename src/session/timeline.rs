//! One timeline of all conversations, and the numbers that follow from it.

use std::collections::HashMap;

use super::builder::Subagent;
use super::end::end;
use super::join::Joined;
use super::model::{Agent, Body, Event, Input, Notice, Session, ToolCall, Usage, Via};
use crate::position::FileId;

/// For each subagent, the call that started it.
pub(super) fn link(
    subagents: &[Subagent],
    prompts: &[Option<String>],
    calls: &[ToolCall],
) -> Vec<Option<usize>> {
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    let mut by_agent: HashMap<&str, usize> = HashMap::new();
    let mut by_prompt: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        by_id.insert(&call.id, index);
        if let Input::Agent { prompt, .. } = &call.input {
            if let Some(agent) = &call.detail.agent {
                by_agent.entry(agent).or_insert(index);
            }
            by_prompt.entry(prompt.text.trim()).or_default().push(index);
        }
    }
    let mut taken = vec![false; calls.len()];
    let mut links: Vec<Option<usize>> = subagents
        .iter()
        .map(|agent| {
            let found = agent
                .call
                .as_deref()
                .and_then(|call| by_id.get(call))
                .or_else(|| by_agent.get(agent.id.as_str()))
                .copied();
            if let Some(slot) = found.and_then(|call| taken.get_mut(call)) {
                *slot = true;
            }
            found
        })
        .collect();
    for (place, link) in links.iter_mut().enumerate() {
        if link.is_some() {
            continue;
        }
        let prompt = prompts.get(place).and_then(Option::as_deref);
        let same = prompt.and_then(|prompt| by_prompt.get(prompt.trim()));
        *link = same.into_iter().flatten().copied().find(|&call| {
            !taken.get(call).copied().unwrap_or(true)
                // A subagent does not start itself.
                && calls.get(call).is_some_and(|call| call.agent != Some(place))
        });
        if let Some(slot) = link.and_then(|call| taken.get_mut(call)) {
            *slot = true;
        }
    }
    links
}

/// Puts the conversations on one timeline, and numbers calls, agents, ticks and turns by it.
pub(super) fn assemble(
    session: &mut Session,
    subagents: Vec<Subagent>,
    joined: Joined,
    links: &[Option<usize>],
) {
    let mut talks = joined.events.into_iter();
    let mut main = talks.next().unwrap_or_default();
    let mut talks: Vec<Option<Vec<Event>>> = talks.map(Some).collect();
    let mut started: HashMap<usize, Vec<usize>> = HashMap::new();
    for (agent, link) in links.iter().enumerate() {
        if let Some(call) = link {
            started.entry(*call).or_default().push(agent);
        }
    }
    // An agent whose call is not known stands behind what came before it in time.
    let mut adrift: HashMap<usize, Vec<usize>> = HashMap::new();
    for (agent, link) in links.iter().enumerate() {
        let time = subagents.get(agent).and_then(|agent| agent.started);
        if let (None, Some(time)) = (link, time)
            && let Some(before) = main
                .iter()
                .rposition(|event| event.time.is_some_and(|before| before <= time))
        {
            adrift.entry(before).or_default().push(agent);
        }
    }
    let mut place = 0;
    let mut line = Line {
        timeline: Vec::new(),
        tick: 0,
        turns: 0,
    };
    if talks.is_empty() {
        // The usual case, and a long log's events are much to be moved.
        main.iter_mut().for_each(|event| line.number(event));
        line.timeline = std::mem::take(&mut main);
    }
    // A stack of what is left to tell of each conversation that is open.
    let mut open = vec![main.into_iter()];
    loop {
        let Some(events) = open.last_mut() else {
            // An agent that hangs on itself, or has no time.
            match talks.iter_mut().find_map(Option::take) {
                Some(events) => open.push(events.into_iter()),
                None => break,
            }
            continue;
        };
        let Some(event) = events.next() else {
            open.pop();
            continue;
        };
        let call = match event.body {
            Body::Call(call) => Some(call),
            _ => None,
        };
        let main = event.agent.is_none();
        line.push(event);
        let beside = main.then(|| adrift.get(&place)).flatten();
        place += usize::from(main);
        let below = call.and_then(|call| started.get(&call));
        for agent in below.into_iter().chain(beside).flatten().rev() {
            if let Some(events) = talks.get_mut(*agent).and_then(Option::take) {
                let report = call.and_then(|call| joined.calls.get(call));
                open.push(without_report(events, report).into_iter());
            }
        }
    }
    let mut timeline = line.timeline;

    // Calls and agents in the order in which the timeline names them.
    let mut calls = joined.calls;
    let mut count = 0;
    let mut call_places = vec![None; calls.len()];
    let mut agent_places = vec![None; subagents.len()];
    let mut agents: Vec<Option<Subagent>> = subagents.into_iter().map(Some).collect();
    for event in &timeline {
        if let Some(agent) = event.agent
            && let Some(found) = agents.get_mut(agent).and_then(Option::take)
        {
            let place = session.agents.len();
            if let Some(slot) = agent_places.get_mut(agent) {
                *slot = Some(place);
            }
            if found.file != FileId(0)
                && let Some(file) = session.files.get_mut(found.file.0 as usize)
            {
                file.agent = Some(place);
            }
            session.agents.push(Agent {
                id: found.id,
                kind: found.kind,
                call: links.get(agent).copied().flatten(),
            });
        }
        if let Body::Call(index) = event.body
            && let (Some(slot @ None), Some(call)) =
                (call_places.get_mut(index), calls.get_mut(index))
        {
            *slot = Some(count);
            count += 1;
            call.tick = event.tick;
            call.turn = event.turn;
        }
    }
    session.calls = in_places(calls, &call_places);
    let place = |old: usize| call_places.get(old).copied().flatten();
    let agent_place = |old: Option<usize>| agent_places.get(old?).copied().flatten();
    for agent in &mut session.agents {
        agent.call = agent.call.and_then(place);
    }
    for call in &mut session.calls {
        call.agent = agent_place(call.agent);
    }
    for agent in &mut session.agents {
        let call = agent.call.and_then(|call| session.calls.get(call));
        if let Some(Input::Agent { kind, .. }) = call.map(|call| &call.input)
            && agent.kind.is_none()
        {
            agent.kind.clone_from(kind);
        }
    }
    for event in &mut timeline {
        event.agent = agent_place(event.agent);
        match &mut event.body {
            Body::Call(call) | Body::Return(call) => *call = place(*call).unwrap_or(*call),
            Body::Prompt(prompt) => match &mut prompt.via {
                Via::Refusal { call } | Via::Answer { call, .. } => {
                    *call = place(*call).unwrap_or(*call);
                }
                _ => {}
            },
            Body::Notice(Notice::Background { call, .. }) => *call = call.and_then(place),
            _ => {}
        }
    }
    session.end = end(&timeline, &session.calls, joined.stop);
    session.timeline = timeline;
    session.models = joined
        .spent
        .models
        .iter()
        .map(|model| model.to_string())
        .collect();
    session.usage = joined
        .spent
        .messages
        .iter()
        .fold(Usage::default(), |sum, one| Usage {
            input: sum.input.saturating_add(one.usage.input),
            output: sum.output.saturating_add(one.usage.output),
            cache_read: sum.cache_read.saturating_add(one.usage.cache_read),
            cache_creation: sum.cache_creation.saturating_add(one.usage.cache_creation),
            context: 0,
        });
    session.usage.context = joined.context;
    session.messages = joined.spent.messages;
}

/// The timeline while it grows.
struct Line {
    timeline: Vec<Event>,
    tick: u32,
    /// Turns begun so far.
    turns: u32,
}

impl Line {
    fn push(&mut self, mut event: Event) {
        self.number(&mut event);
        self.timeline.push(event);
    }

    fn number(&mut self, event: &mut Event) {
        let main = event.agent.is_none();
        if main
            && let Body::Prompt(prompt) = &event.body
            && matches!(prompt.via, Via::Typed | Via::Command { .. } | Via::Plan)
        {
            self.turns = self.turns.saturating_add(1);
        }
        event.tick = self.tick;
        event.turn = self.turns.saturating_sub(1);
        if main && matches!(event.body, Body::Call(_)) {
            self.tick = self.tick.saturating_add(1);
        }
    }
}

/// The calls at their places, which are `0..` in some order; a call without one is left out.
fn in_places(calls: Vec<ToolCall>, places: &[Option<usize>]) -> Vec<ToolCall> {
    if places
        .iter()
        .enumerate()
        .all(|(at, place)| *place == Some(at))
    {
        return calls;
    }
    let mut placed: Vec<(usize, ToolCall)> = calls
        .into_iter()
        .zip(places)
        .filter_map(|(call, place)| Some(((*place)?, call)))
        .collect();
    placed.sort_unstable_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, call)| call).collect()
}

/// A subagent's events without its last words, where its caller's answer repeats them.
fn without_report(mut events: Vec<Event>, call: Option<&ToolCall>) -> Vec<Event> {
    let last = events
        .iter()
        .rposition(|event| matches!(event.body, Body::Say(_)));
    if let (Some(call), Some(last)) = (call, last)
        && let Some(Body::Say(said)) = events.get(last).map(|event| &event.body)
    {
        let end = said.text.floor_char_boundary(200);
        let opening = said.text.get(..end).unwrap_or_default();
        if call.output.text.contains(opening) {
            events.remove(last);
        }
    }
    events
}
