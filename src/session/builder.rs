//! Digests → one session: copies left out, conversations told apart, one timeline.

use std::collections::HashMap;
use std::sync::Arc;

use super::continued::together;
use super::copies::{distinct, leading};
use super::digest::EXAMPLES;
use super::gather::{add_drift, add_tally};
use super::join::{Talk, join};
use super::model::{File, PullRequest, Session};
use super::node::{Digest, Node, Part, Role, Way};
use super::past::Spent;
use super::timeline::{assemble, link};
use super::tree::Tree;
use crate::error::Problem;
use crate::position::{FileId, Position};
use crate::read::RECENT;

/// Length of the lists of folders, versions and pull requests: far above what
/// a session has, and short enough to be searched.
const LIST: usize = 256;

/// Ids of the program's own helpers: their files hold a copy of the
/// conversation, or the question for its summary.
const HELPERS: &[&str] = &["acompact-", "aprompt_suggestion-", "aside_question-"];

/// Joins the digests of a session's files.
///
/// Files are given in the order in which they shall stand in
/// [`Session::files`], the main transcript first; the digests of a file in any
/// order.
#[derive(Debug, Default)]
pub struct Builder {
    session: Session,
    /// The nodes of the main transcript.
    main: Vec<Node>,
    subagents: Vec<Subagent>,
    /// Tokens of records that are gone.
    spent: Spent,
    problems: Vec<Problem>,
}

/// A subagent's conversation.
#[derive(Debug, Default)]
pub(super) struct Subagent {
    pub(super) file: FileId,
    pub(super) id: String,
    pub(super) kind: Option<String>,
    /// The id of the call that started it, where a file beside it says so.
    pub(super) call: Option<Box<str>>,
    /// The time of its first record.
    pub(super) started: Option<jiff::Timestamp>,
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
            started: None,
            nodes,
        });
    }

    /// Adds a file's tally, drift and problems, and gives its nodes.
    fn file(&mut self, path: &str, mut digests: Vec<Digest>) -> Vec<Node> {
        digests.sort_by_key(|digest| digest.first_line);
        let mut digests = digests.into_iter();
        let mut whole = digests.next().unwrap_or_default();
        digests.for_each(|next| whole.append(next));
        whole.age(RECENT);
        let Digest {
            mut past,
            nodes: young,
            tally,
            drift,
            mut problems,
            problem_count: count,
            notices,
            bytes,
            ..
        } = whole;
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
            problems.push(Problem {
                path: path.to_owned(),
                line: 0,
                column: 0,
                what: format!("{} more lines were passed over", count - EXAMPLES as u64),
            });
        }
        problems.extend(notices.into_iter().map(|what| Problem {
            path: path.to_owned(),
            line: 0,
            column: 0,
            what: what.to_owned(),
        }));
        let nodes = if past.is_empty() {
            young.into()
        } else {
            if self.session.files.is_empty() {
                self.session.span = past.span;
            }
            self.spent.append(std::mem::take(&mut past.spent));
            past.into_nodes().chain(young).collect()
        };
        let nodes = together(nodes);
        add_drift(&mut self.session.drift, drift);
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
            mut main,
            mut subagents,
            spent,
            problems,
        } = self;
        let copies = distinct(&mut main, &mut session.tally);
        if is_subagent(&main) {
            main.iter_mut().for_each(|node| node.sidechain = false);
        }
        let path = session.files.first().map(|file| file.path.clone());
        let named = path.as_deref().map(stem).filter(|stem| is_uuid(stem));
        let own = leading(&main, named);
        session.id = named.or(own.as_deref()).unwrap_or_default().to_owned();
        let tree = Tree::new(&main, &copies);
        let live = tree.live(&main, own.as_deref());
        describe(&mut session, &main, &live);

        let (main, live, mut inline) = inline_agents(main, live, &tree);
        drop(tree);
        // What has a file of its own is only repeated here.
        inline.retain(|agent| !subagents.iter().any(|known| known.id == agent.id));
        subagents.splice(0..0, inline);
        let mut talks = vec![Talk {
            file: FileId(0),
            agent: None,
            nodes: main,
            live,
        }];
        let mut prompts = Vec::new();
        for subagent in &mut subagents {
            let mut nodes = std::mem::take(&mut subagent.nodes);
            subagent.started = nodes.iter().find_map(|node| node.time);
            distinct(&mut nodes, &mut session.tally);
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
        let joined = join(&mut talks, spent);
        drop(talks);
        let links = link(&subagents, &prompts, &joined.calls);
        assemble(&mut session, subagents, joined, &links);
        (session, problems)
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

/// Fills in what the records of the main transcript say of the session as a whole.
fn describe(session: &mut Session, nodes: &[Node], live: &[bool]) {
    let mut versions: Vec<&str> = Vec::new();
    let mut cwds: Vec<&str> = Vec::new();
    let (mut cwd, mut branch) = (None, None);
    let mut worked = false;
    let mut branches: Vec<&str> = Vec::new();
    for (node, &live) in nodes.iter().zip(live) {
        if let Some(time) = node.time {
            let (from, to) = session.span.unwrap_or((time, time));
            session.span = Some((from.min(time), to.max(time)));
        }
        if let Some(version) = node.version.as_deref()
            && versions.len() < LIST
            && !versions.contains(&version)
        {
            versions.push(version);
        }
        if let Some(folder) = node.cwd.as_deref() {
            if cwds.len() < LIST && !cwds.contains(&folder) {
                cwds.push(folder);
            }
            if live && !node.sidechain {
                cwd = Some(folder);
            }
        }
        if live && let Some(name) = node.branch.as_deref() {
            // The branch is that of the work: what stands in a record of leaving may be checked out since.
            if node.role == Role::Reply || !worked {
                branch = Some(name);
            }
            worked |= node.role == Role::Reply;
            if branches.len() < LIST && !branches.contains(&name) {
                branches.push(name);
            }
        }
        for part in &node.parts {
            match part {
                Part::CustomTitle(title) => session.custom_title = Some(title.clone()),
                Part::AiTitle(title) => session.ai_title = Some(title.clone()),
                Part::Relocated(folder) => cwd = Some(folder),
                // Noted again at each resume.
                Part::PullRequest { number, url }
                    if session.pull_requests.len() < LIST
                        && !session.pull_requests.iter().any(|one| one.url == *url) =>
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
    session.branches = branches.into_iter().map(str::to_owned).collect();
}

/// True if the main transcript is a subagent's: it is what was asked for, so it is read as the conversation it is.
fn is_subagent(nodes: &[Node]) -> bool {
    let speaks = |node: &&Node| {
        let quiet = |part: &Part| matches!(part, Part::Tokens { .. });
        node.parts.iter().any(|part| !quiet(part))
    };
    let mut speaking = nodes.iter().filter(speaks).peekable();
    speaking.peek().is_some()
        && speaking.all(|node| node.sidechain)
        && first_prompt(nodes).as_deref() != Some("Warmup")
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
