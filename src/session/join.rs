//! Nodes → events and calls, conversation by conversation.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::clip::{CONTENTS, OUTPUT};
use super::model::{Body, Detail, Event, Input, Notice, Origin, Outcome, Text, ToolCall, Via};
use super::node::{Node, Part, Returned, Stop};
use super::outcome::{Asked, outcome};
use super::past::Spent;
use super::walk::Walk;
use crate::position::{FileId, Position};

/// One conversation: the main one, or a subagent's.
pub(super) struct Talk {
    pub(super) file: FileId,
    /// The subagent, by its place among the talks; none for the main conversation.
    pub(super) agent: Option<usize>,
    pub(super) nodes: Vec<Node>,
    /// Beside the nodes.
    pub(super) live: Vec<bool>,
}

/// What the nodes of all conversations come to.
#[derive(Default)]
pub(super) struct Joined {
    /// The events of each talk, in order; call and tick numbers are not final.
    pub(super) events: Vec<Vec<Event>>,
    pub(super) calls: Vec<ToolCall>,
    /// Tokens of messages.
    pub(super) spent: Spent,
    /// The context's size at the last message of the main conversation.
    pub(super) context: u64,
    /// Why the last message of the main conversation stopped.
    pub(super) stop: Option<Stop>,
    ids: HashMap<Box<str>, usize>,
    /// Background tasks by id: the calls that started them.
    tasks: HashMap<String, usize>,
    /// Ends of background tasks that were told already.
    told: HashSet<(String, String)>,
}

/// Joins the talks; the first is the main conversation. `spent` is what records used that are gone.
pub(super) fn join(talks: &mut [Talk], spent: Spent) -> Joined {
    let mut joined = Joined {
        spent,
        ..Joined::default()
    };
    for talk in &mut *talks {
        joined.collect(talk);
    }
    for talk in &mut *talks {
        let events = joined.walk(talk);
        joined.events.push(events);
    }
    joined
}

impl Joined {
    /// Takes the calls out of the nodes, so that answers find them wherever they stand.
    fn collect(&mut self, talk: &mut Talk) {
        for (node, &live) in talk.nodes.iter_mut().zip(&talk.live) {
            for part in &mut node.parts {
                let Part::Call {
                    id,
                    name,
                    input,
                    folder,
                } = part
                else {
                    continue;
                };
                if self.ids.contains_key(id) {
                    continue;
                }
                self.ids.insert(id.clone(), self.calls.len());
                self.calls.push(ToolCall {
                    id: id.clone(),
                    name: std::mem::take(name),
                    at: Position {
                        file: talk.file,
                        line: node.line,
                    },
                    returned_at: None,
                    uuid: node.uuid.clone(),
                    returned_uuid: None,
                    time: node.time,
                    returned_time: None,
                    tick: 0,
                    turn: 0,
                    agent: talk.agent,
                    live,
                    cwd: folder.take().map(Arc::from).or_else(|| node.cwd.clone()),
                    input: std::mem::replace(input, Input::EnterPlan),
                    outcome: Outcome::Missing,
                    output: Text::default(),
                    detail: Detail::default(),
                });
            }
        }
    }

    fn walk(&mut self, talk: &mut Talk) -> Vec<Event> {
        let main = talk.agent.is_none();
        let mut walk = Walk::default();
        for (node, &live) in talk.nodes.iter_mut().zip(&talk.live) {
            let stamp = Event {
                at: Position {
                    file: talk.file,
                    line: node.line,
                },
                uuid: node.uuid.take(),
                time: node.time,
                tick: 0,
                turn: 0,
                agent: talk.agent,
                live,
                branch: node.branch.clone(),
                body: Body::Notice(Notice::TurnEnd),
            };
            let mut asked = Vec::new();
            for part in std::mem::take(&mut node.parts) {
                match part {
                    // What a subagent is told, its caller wrote: it is the call's input.
                    Part::Prompt { .. } if !main => {}
                    Part::Prompt { way, text, images } => {
                        walk.prompt(way, text, images, &asked, &stamp);
                    }
                    Part::Say(said) => walk.push(&stamp, Body::Say(said.into_text(Origin::Agent))),
                    Part::Think(thought) => {
                        walk.push(&stamp, Body::Think(thought.into_text(Origin::Agent)));
                    }
                    Part::Call { id, .. } => {
                        // The same id a second time is a copy.
                        if let Some(&call) = self.ids.get(&id)
                            && self
                                .calls
                                .get(call)
                                .is_some_and(|call| call.at == stamp.at && call.agent == talk.agent)
                        {
                            walk.push(&stamp, Body::Call(call));
                        }
                    }
                    Part::Result(answer) => {
                        if let Some(call) = self.answer(*answer, node, &stamp, &mut walk) {
                            asked.push(call);
                        }
                    }
                    Part::Boundary { manual } => walk.compaction(manual, &stamp),
                    Part::Summary(summary) => walk.summary(summary, &stamp),
                    Part::Notice(notice) => walk.notice(notice, &stamp),
                    Part::Background {
                        task,
                        call,
                        status,
                        exit,
                        text,
                    } => {
                        let call = call
                            .and_then(|id| self.ids.get(id.as_str()).copied())
                            .or_else(|| self.tasks.get(&task).copied());
                        if self.told.insert((task.clone(), status.clone())) {
                            let notice = Notice::Background {
                                task,
                                call,
                                status,
                                exit,
                                text: text.into_text(Origin::Tool),
                            };
                            walk.push(&stamp, Body::Notice(notice));
                        }
                    }
                    Part::Tokens {
                        message,
                        usage,
                        model,
                        stop,
                    } => {
                        self.spent.count(message, usage, model);
                        if main {
                            let context = usage
                                .input
                                .saturating_add(usage.cache_read)
                                .saturating_add(usage.cache_creation);
                            if live && context > 0 {
                                self.context = context;
                            }
                            if live {
                                self.stop = stop;
                            }
                        }
                    }
                    Part::Enqueue(text) if main => walk.enqueue(text, &stamp),
                    Part::Delivered => walk.delivered(),
                    Part::TakenBack(text) => walk.take_back(&text),
                    Part::Enqueue(_)
                    | Part::Leaf(_)
                    | Part::Retracted(_)
                    | Part::CustomTitle(_)
                    | Part::AiTitle(_)
                    | Part::PullRequest { .. }
                    | Part::Relocated(_) => {}
                }
            }
        }
        walk.finish()
    }

    /// Joins an answer to its call; none if the call is not in the log, or was answered already.
    fn answer(
        &mut self,
        answer: Returned,
        node: &Node,
        stamp: &Event,
        walk: &mut Walk,
    ) -> Option<usize> {
        let index = self.ids.get(&answer.id).copied()?;
        let call = self.calls.get_mut(index)?;
        if call.returned_at.is_some() {
            return None;
        }
        let asked = Asked {
            name: &call.name,
            input: &call.input,
            version: node.version.as_deref(),
        };
        let (outcome, reason) = outcome(&asked, &answer);
        call.returned_at = Some(stamp.at);
        call.returned_uuid.clone_from(&stamp.uuid);
        call.returned_time = stamp.time;
        if let Some(task) = answer.background.as_ref().or(answer.agent.as_ref()) {
            self.tasks.entry(task.clone()).or_insert(index);
        }
        let failed = !matches!(outcome, Outcome::Ok | Outcome::Background { .. });
        let (text, origin) = match &call.input {
            Input::Read { .. } => (answer.text.shrink(CONTENTS), Origin::File),
            Input::Shell { .. } | Input::Task { .. } => (answer.text, Origin::Tool),
            Input::Web(_) => (answer.text.shrink(OUTPUT), Origin::Web),
            Input::Agent { .. } => (answer.text.shrink(OUTPUT), Origin::Agent),
            _ => (answer.text.shrink(OUTPUT), Origin::Tool),
        };
        call.output = text.into_text(if failed { Origin::Tool } else { origin });
        if let Input::Plan(plan) = &mut call.input
            && plan.text.is_empty()
            && let Some(found) = answer.plan
        {
            *plan = found.into_text(Origin::Agent);
        }
        let lines = match &call.input {
            Input::Write { content, .. } if answer.created == Some(true) => Some((
                u32::try_from(content.text.lines().count()).unwrap_or(u32::MAX),
                0,
            )),
            _ => answer.lines,
        };
        call.detail = Detail {
            task: answer.background.or(answer.task),
            agent: answer
                .agent
                .filter(|_| matches!(call.input, Input::Agent { .. })),
            created: answer.created,
            lines,
            exit: answer.exit,
            status_unknown: answer.status_unknown,
            user_modified: answer.user_modified,
            tasks: answer.tasks,
        };
        call.outcome = outcome;
        let main = call.agent.is_none();
        let sole = match &call.input {
            Input::Ask(questions) => questions.first().map(|(question, _)| question.clone()),
            _ => None,
        };
        walk.push(stamp, Body::Return(index));
        self.share(index, stamp, walk);
        if main && let Some(reason) = reason {
            walk.say(Via::Refusal { call: index }, reason, 0, stamp);
        }
        if main {
            for (question, said) in answer.answers {
                let question = if question.is_empty() {
                    sole.clone().unwrap_or_default()
                } else {
                    question
                };
                let via = Via::Answer {
                    call: index,
                    question,
                };
                walk.say(via, said, 0, stamp);
            }
        }
        Some(index)
    }

    /// Answers the other parts of a call that is told as several, `<id>#2` and so on, as its first part was answered.
    fn share(&mut self, first: usize, stamp: &Event, walk: &mut Walk) {
        for number in 2.. {
            let Some(answered) = self.calls.get(first) else {
                return;
            };
            let (outcome, output) = (answered.outcome.clone(), answered.output.clone());
            let id = format!("{}#{number}", answered.id);
            let Some(&index) = self.ids.get(id.as_str()) else {
                return;
            };
            let Some(call) = self
                .calls
                .get_mut(index)
                .filter(|call| call.returned_at.is_none())
            else {
                return;
            };
            call.returned_at = Some(stamp.at);
            call.returned_uuid.clone_from(&stamp.uuid);
            call.returned_time = stamp.time;
            call.outcome = outcome;
            call.output = output;
            walk.push(stamp, Body::Return(index));
        }
    }
}
