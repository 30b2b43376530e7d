//! Digests → one session: copies left out, conversations told apart, one timeline.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::end::end;
use super::join::{Joined, Talk, join};
use super::model::{
    Agent, Body, Drift, Event, File, Input, Notice, PullRequest, Session, Tally, ToolCall, Usage,
    Via,
};
use super::node::{Digest, Key, Node, Part, Way};
use super::tree::Tree;
use crate::error::Problem;
use crate::position::{FileId, Position};

/// Problems told of one file; behind them stands one that counts the rest.
const EXAMPLES: usize = 8;

/// Ids of the program's own helpers: their files hold a copy of the
/// conversation, or the question for its summary.
const HELPERS: &[&str] = &["acompact-", "aprompt_suggestion-", "aside_question-"];

/// Joins the digests of a session's files.
///
/// Files are given in the order in which they shall stand in
/// [`Session::files`], the main transcript first; the digests of a file in the
/// order of its lines.
#[derive(Debug, Default)]
pub struct Builder {
    session: Session,
    /// The nodes of the main transcript.
    main: Vec<Node>,
    subagents: Vec<Subagent>,
    problems: Vec<Problem>,
}

/// A subagent's conversation.
#[derive(Debug, Default)]
struct Subagent {
    file: FileId,
    id: String,
    kind: Option<String>,
    /// The id of the call that started it, where a file beside it says so.
    call: Option<Box<str>>,
    nodes: Vec<Node>,
}

impl Builder {
    /// A builder without files. Finished like this, it gives an empty session.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the main transcript: `path` as it was given, or `-`. Only the first counts as such.
    pub fn main(&mut self, path: &str, digests: Vec<Digest>) {
        self.main = self.file(path, digests);
    }

    /// Takes a subagent's transcript, with what its name and the file beside it
    /// tell: its id, the id of the call that started it, and its kind.
    ///
    /// Without an id, the one in its records counts. Files of the program's own
    /// helpers, which repeat the conversation, are left out.
    pub fn subagent(
        &mut self,
        path: &str,
        agent_id: Option<&str>,
        tool_use_id: Option<&str>,
        agent_type: Option<&str>,
        digests: Vec<Digest>,
    ) {
        let named = agent_id.or_else(|| stem(path).strip_prefix("agent-"));
        if named.is_some_and(|id| HELPERS.iter().any(|helper| id.starts_with(helper))) {
            return;
        }
        let file = FileId(u32::try_from(self.session.files.len()).unwrap_or(u32::MAX));
        let nodes = self.file(path, digests);
        let id = named
            .or_else(|| nodes.iter().find_map(|node| node.agent.as_deref()))
            .unwrap_or_else(|| stem(path))
            .to_owned();
        self.subagents.push(Subagent {
            file,
            id,
            kind: agent_type.map(str::to_owned),
            call: tool_use_id.map(Box::from),
            nodes,
        });
    }

    /// Adds a file's tally, drift and problems, and gives its nodes.
    fn file(&mut self, path: &str, digests: Vec<Digest>) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut tally = Tally::default();
        let mut problems = Vec::new();
        let mut count = 0;
        let mut bytes = 0;
        let mut unfinished: Option<Problem> = None;
        for digest in digests {
            // Only the last line of the file is left to its writer.
            if let Some(problem) = unfinished.take() {
                count += 1;
                problems.push(problem);
            }
            nodes.extend(digest.nodes);
            add_tally(&mut tally, &digest.tally);
            add_drift(&mut self.session.drift, digest.drift);
            problems.extend(digest.problems);
            count += digest.problem_count;
            bytes += digest.bytes;
            unfinished = digest.unfinished;
        }
        if tally.records == 0 && tally.bad > 0 {
            problems = vec![Problem {
                path: path.to_owned(),
                line: 0,
                column: 0,
                what: format!(
                    "none of its {} lines holds a record; give a session log with one JSON object a line",
                    tally.bad
                ),
            }];
        } else if count > EXAMPLES as u64 {
            problems.truncate(EXAMPLES);
            problems.push(Problem {
                path: path.to_owned(),
                line: 0,
                column: 0,
                what: format!("{} more lines were passed over", count - EXAMPLES as u64),
            });
        }
        self.problems.extend(problems);
        add_tally(&mut self.session.tally, &tally);
        self.session.files.push(File {
            path: path.to_owned(),
            agent: None,
            bytes,
        });
        nodes
    }

    /// Joins everything.
    pub fn finish(self) -> (Session, Vec<Problem>) {
        let Self {
            mut session,
            main,
            mut subagents,
            problems,
        } = self;
        let (main, copies) = distinct(main, &mut session.tally);
        let path = session.files.first().map(|file| file.path.clone());
        let named = path.as_deref().map(stem).filter(|stem| is_uuid(stem));
        let own = leading(&main, named);
        session.id = named.or(own.as_deref()).unwrap_or_default().to_owned();
        let tree = Tree::new(&main, &copies);
        let live = tree.live(&main, own.as_deref());
        describe(&mut session, &main, &live);

        let (main, live, inline) = inline_agents(main, live, &tree);
        subagents.splice(0..0, inline);
        let mut talks = vec![Talk {
            file: FileId(0),
            agent: None,
            nodes: main,
            live,
        }];
        let mut prompts = Vec::new();
        for subagent in &mut subagents {
            let nodes = std::mem::take(&mut subagent.nodes);
            let (mut nodes, _) = distinct(nodes, &mut session.tally);
            let prompt = first_prompt(&nodes);
            let live = vec![true; nodes.len()];
            if prompt.as_deref() == Some("Warmup") {
                // The program's own noise; its tokens were used all the same.
                for node in &mut nodes {
                    node.parts
                        .retain(|part| matches!(part, Part::Tokens { .. }));
                }
            }
            prompts.push(prompt);
            talks.push(Talk {
                file: subagent.file,
                agent: Some(talks.len() - 1),
                nodes,
                live,
            });
        }
        let joined = join(&mut talks);
        let links = link(&subagents, &prompts, &joined.calls);
        assemble(&mut session, subagents, joined, &links);
        (session, problems)
    }
}

fn add_tally(all: &mut Tally, one: &Tally) {
    all.lines += one.lines;
    all.blank += one.blank;
    all.whole += one.whole;
    all.repaired += one.repaired;
    all.bad += one.bad;
    all.records += one.records;
    all.duplicates += one.duplicates;
}

fn add_drift(all: &mut Drift, one: Drift) {
    let pairs = [
        (&mut all.records, one.records),
        (&mut all.systems, one.systems),
        (&mut all.attachments, one.attachments),
        (&mut all.blocks, one.blocks),
        (&mut all.keys, one.keys),
    ];
    for (all, one) in pairs {
        for (name, count) in one {
            *all.entry(name).or_default() += count;
        }
    }
}

/// The file's name without its folders and endings.
fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

fn is_uuid(stem: &str) -> bool {
    stem.len() == 36
        && stem.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Leaves out records that stand in the file already: the same uuid, or, where
/// a compaction or a resume wrote them again, the same message at the same time.
///
/// Gives what is left and, for each uuid left out, the index of the record it copies.
fn distinct(nodes: Vec<Node>, tally: &mut Tally) -> (Vec<Node>, HashMap<Key, usize>) {
    let mut seen: HashMap<Key, usize> = HashMap::with_capacity(nodes.len());
    let mut messages: HashMap<(Timestamp, u64), usize> = HashMap::new();
    let mut copies = HashMap::new();
    let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let Some(key) = node.key else {
            kept.push(node);
            continue;
        };
        if let Some(&first) = seen.get(&key) {
            tally.duplicates += 1;
            // The first counts, unless it is the one that was written badly.
            if let Some(slot) = kept.get_mut(first)
                && slot.parts.is_empty()
            {
                *slot = node;
            }
            continue;
        }
        if let Some(message) = node.time.zip(node.copy) {
            match messages.get(&message) {
                Some(&first) if written_again(&node, first, &kept, &seen, &copies) => {
                    tally.duplicates += 1;
                    copies.insert(key, first);
                    continue;
                }
                Some(_) => {}
                None => {
                    messages.insert(message, kept.len());
                }
            }
        }
        seen.insert(key, kept.len());
        kept.push(node);
    }
    (kept, copies)
}

/// True if a record with the message and the time of the record at `first`
/// also stands where a copy would: beside it, behind a copy, at a root, or
/// behind a compaction.
fn written_again(
    node: &Node,
    first: usize,
    kept: &[Node],
    seen: &HashMap<Key, usize>,
    copies: &HashMap<Key, usize>,
) -> bool {
    let Some(parent) = node.parent else {
        return true;
    };
    kept.get(first).and_then(|first| first.parent) == Some(parent)
        || copies.contains_key(&parent)
        || seen
            .get(&parent)
            .and_then(|&parent| kept.get(parent))
            .is_none_or(|parent| {
                let compacted =
                    |part: &Part| matches!(part, Part::Boundary { .. } | Part::Summary(_));
                parent.parts.iter().any(compacted)
            })
}

/// The session whose records lead: the one the file is named after, else the most frequent.
fn leading(nodes: &[Node], named: Option<&str>) -> Option<Arc<str>> {
    let mut counts: Vec<(&Arc<str>, usize)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for session in nodes.iter().filter_map(|node| node.session.as_ref()) {
        match places.get(session.as_ref()) {
            Some(&place) => {
                if let Some((_, count)) = counts.get_mut(place) {
                    *count += 1;
                }
            }
            None => {
                places.insert(session, counts.len());
                counts.push((session, 1));
            }
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    counts
        .iter()
        .find(|(session, _)| named == Some(session.as_ref()))
        .or_else(|| counts.iter().find(|(_, count)| Some(*count) == most))
        .map(|(session, _)| Arc::clone(session))
}

/// Fills in what the records of the main transcript say of the session as a whole.
fn describe(session: &mut Session, nodes: &[Node], live: &[bool]) {
    let mut versions: Vec<&str> = Vec::new();
    let mut cwds: Vec<&str> = Vec::new();
    let (mut cwd, mut branch) = (None, None);
    for (node, &live) in nodes.iter().zip(live) {
        if let Some(time) = node.time {
            let (from, to) = session.span.unwrap_or((time, time));
            session.span = Some((from.min(time), to.max(time)));
        }
        if let Some(version) = node.version.as_deref()
            && !versions.contains(&version)
        {
            versions.push(version);
        }
        if let Some(folder) = node.cwd.as_deref() {
            // Bounded in practice by the folders of one machine; 256 in any case.
            if cwds.len() < 256 && !cwds.contains(&folder) {
                cwds.push(folder);
            }
            if live && !node.sidechain {
                cwd = Some(folder);
            }
        }
        if live && let Some(name) = node.branch.as_deref() {
            branch = Some(name);
        }
        for part in &node.parts {
            match part {
                Part::CustomTitle(title) => session.custom_title = Some(title.clone()),
                Part::AiTitle(title) => session.ai_title = Some(title.clone()),
                Part::Relocated(folder) => cwd = Some(folder),
                // Noted again at each resume.
                Part::PullRequest { number, url }
                    if !session.pull_requests.iter().any(|one| one.url == *url) =>
                {
                    session.pull_requests.push(PullRequest {
                        number: *number,
                        url: url.clone(),
                        at: Position::main(node.line),
                    });
                }
                _ => {}
            }
        }
    }
    session.versions = versions.into_iter().map(str::to_owned).collect();
    session.cwds = cwds.into_iter().map(str::to_owned).collect();
    session.cwd = cwd.map(str::to_owned);
    session.branch = branch.map(str::to_owned);
}

/// Takes the conversations of subagents out of the main transcript.
///
/// Old releases write them there: by id, or only marked, and then a
/// conversation is what hangs on one root.
fn inline_agents(
    nodes: Vec<Node>,
    live: Vec<bool>,
    tree: &Tree,
) -> (Vec<Node>, Vec<bool>, Vec<Subagent>) {
    if !nodes.iter().any(|node| node.sidechain) {
        return (nodes, live, Vec::new());
    }
    let mut agents: Vec<Subagent> = Vec::new();
    let mut by_id: HashMap<Arc<str>, usize> = HashMap::new();
    let mut places: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let above = tree
            .parent(index)
            .and_then(|parent| places.get(parent).copied().flatten());
        let place = if !node.sidechain {
            None
        } else if let Some(id) = &node.agent {
            Some(*by_id.entry(Arc::clone(id)).or_insert_with(|| {
                agents.push(Subagent {
                    id: id.to_string(),
                    ..Subagent::default()
                });
                agents.len() - 1
            }))
        } else if above.is_some() {
            above
        } else {
            agents.push(Subagent {
                id: format!("line-{}", node.line),
                ..Subagent::default()
            });
            Some(agents.len() - 1)
        };
        places.push(place);
    }
    let mut main = (Vec::new(), Vec::new());
    for ((node, live), place) in nodes.into_iter().zip(live).zip(places) {
        match place.and_then(|place| agents.get_mut(place)) {
            Some(agent) => agent.nodes.push(node),
            None => {
                main.0.push(node);
                main.1.push(live);
            }
        }
    }
    (main.0, main.1, agents)
}

/// What a subagent was told first.
fn first_prompt(nodes: &[Node]) -> Option<String> {
    nodes
        .iter()
        .take(8)
        .flat_map(|node| &node.parts)
        .find_map(|part| match part {
            Part::Prompt {
                way: Way::Typed,
                text,
                ..
            } => Some(text.clone().into_text(Default::default()).text),
            _ => None,
        })
}

/// For each subagent, the call that started it.
fn link(
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
fn assemble(
    session: &mut Session,
    subagents: Vec<Subagent>,
    joined: Joined,
    links: &[Option<usize>],
) {
    let mut talks = joined.events.into_iter();
    let main = talks.next().unwrap_or_default();
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
        let events = talks.get(agent).and_then(Option::as_ref);
        let time = events.and_then(|events| events.first()?.time);
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
    let mut calls: Vec<Option<ToolCall>> = joined.calls.into_iter().map(Some).collect();
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
        if let Body::Call(call) = event.body
            && let Some(mut found) = calls.get_mut(call).and_then(Option::take)
        {
            if let Some(slot) = call_places.get_mut(call) {
                *slot = Some(session.calls.len());
            }
            found.tick = event.tick;
            found.turn = event.turn;
            session.calls.push(found);
        }
    }
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
        .models
        .iter()
        .map(|model| model.to_string())
        .collect();
    session.usage = joined
        .usage
        .iter()
        .fold(Usage::default(), |sum, one| Usage {
            input: sum.input.saturating_add(one.usage.input),
            output: sum.output.saturating_add(one.usage.output),
            cache_read: sum.cache_read.saturating_add(one.usage.cache_read),
            cache_creation: sum.cache_creation.saturating_add(one.usage.cache_creation),
            context: 0,
        });
    session.usage.context = joined.context;
    session.messages = joined.usage;
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
        self.timeline.push(event);
    }
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
