//! What is left of records that are old: what lasts, and no more.
//!
//! A log of any length ends in a stretch that is kept as it is; of what stands
//! before it, a handoff can still show what the user said, what was done to
//! files, which commands ran, how tasks stood, and what was asked and
//! answered. What the agent said and thought by then, what it read, and most
//! of what was printed is gone. Old records stand by themselves: a rewind so
//! long ago is not looked for.
//!
//! [`super::skim()`] reads of old lines only what is kept here, and is to
//! leave the same as the whole of them does.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::clip::{OLD, OLD_COMMAND};
use super::gather::weight;
use super::model::{Input, Message, Usage};
use super::node::{Node, Part, Returned};

/// What old records may weigh together. Beyond it, those in the middle go.
const LASTING: usize = 3 << 20;
/// Records at the beginning that never go: what the session was for.
const BEGINNING: usize = 256;
/// Messages of which each is counted by itself.
const MESSAGES: usize = 100_000;

/// What is left of the old records of one file.
#[derive(Debug, Default)]
pub(super) struct Past {
    beginning: Vec<Node>,
    nodes: VecDeque<Node>,
    /// What `nodes` weigh.
    weight: usize,
    /// Calls that are left, by their ids: their answers are left too.
    calls: HashSet<Box<str>>,
    pub(super) spent: Spent,
    /// The first and the last time.
    pub(super) span: Option<(Timestamp, Timestamp)>,
}

/// Tokens of messages, each counted once: each line of one repeats its usage, early ones with less.
#[derive(Debug, Default)]
pub(super) struct Spent {
    pub(super) messages: Vec<Message>,
    places: HashMap<u64, usize>,
    pub(super) models: Vec<Arc<str>>,
}

/// Models that are listed; a session has a handful.
const MODELS: usize = 64;

impl Spent {
    /// Counts what a line says of a message.
    pub(super) fn count(&mut self, id: u64, usage: Usage, model: Option<Arc<str>>) {
        if let Some(model) = model {
            self.used(model);
        }
        let place = match self.places.get(&id) {
            // A message without an id is one of its own.
            Some(&place) if id != 0 => place,
            _ => {
                self.places.insert(id, self.messages.len());
                self.messages.push(Message {
                    id,
                    usage: Usage::default(),
                });
                self.messages.len() - 1
            }
        };
        if let Some(Message { usage: most, .. }) = self.messages.get_mut(place) {
            most.input = most.input.max(usage.input);
            most.output = most.output.max(usage.output);
            most.cache_read = most.cache_read.max(usage.cache_read);
            most.cache_creation = most.cache_creation.max(usage.cache_creation);
        }
    }

    /// Adds what stands behind.
    pub(super) fn append(&mut self, next: Self) {
        for model in next.models {
            self.used(model);
        }
        for message in next.messages {
            self.count(message.id, message.usage, None);
        }
    }

    fn used(&mut self, model: Arc<str>) {
        if self.models.len() < MODELS && !self.models.contains(&model) {
            self.models.push(model);
        }
    }

    /// Sums up the first half once there are more messages than are counted one by one.
    fn bound(&mut self) {
        if self.messages.len() <= MESSAGES {
            return;
        }
        let mut rest = self.messages.split_off(MESSAGES / 2);
        let sum = self
            .messages
            .drain(..)
            .fold(Usage::default(), |sum, one| Usage {
                input: sum.input.saturating_add(one.usage.input),
                output: sum.output.saturating_add(one.usage.output),
                cache_read: sum.cache_read.saturating_add(one.usage.cache_read),
                cache_creation: sum.cache_creation.saturating_add(one.usage.cache_creation),
                context: 0,
            });
        self.messages.push(Message { id: 0, usage: sum });
        self.messages.append(&mut rest);
        self.places = (0..)
            .zip(&self.messages)
            .map(|(place, message)| (message.id, place))
            .collect();
    }
}

impl Past {
    /// Takes the next record that became old.
    pub(super) fn take(&mut self, mut node: Node) {
        self.was_at(node.time);
        let parts = std::mem::take(&mut node.parts);
        node.parts = parts
            .into_iter()
            .filter_map(|part| self.left(part))
            .collect();
        // An agent within the log that has no name cannot be told from others without the links.
        if node.parts.is_empty() || (node.sidechain && node.agent.is_none()) {
            return;
        }
        node.parts.shrink_to_fit();
        node.parent = None;
        node.logical_parent = None;
        for part in &node.parts {
            if let Part::Call { id, .. } = part {
                self.calls.insert(id.clone());
            }
        }
        if self.beginning.len() < BEGINNING {
            self.beginning.push(node);
            return;
        }
        self.weight += weight(&node);
        self.nodes.push_back(node);
        while self.weight > LASTING
            && let Some(gone) = self.nodes.pop_front()
        {
            self.weight -= weight(&gone);
            for part in &gone.parts {
                if let Part::Call { id, .. } = part {
                    self.calls.remove(id);
                }
            }
        }
    }

    /// There was a record at that time.
    pub(super) fn was_at(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.within(Some((time, time)));
        }
    }

    /// There were records from the first time to the second.
    pub(super) fn within(&mut self, span: Option<(Timestamp, Timestamp)>) {
        self.span = match (self.span, span) {
            (Some((a, b)), Some((from, to))) => Some((a.min(from), b.max(to))),
            (known, span) => known.or(span),
        };
    }

    /// What is left of a part.
    fn left(&mut self, mut part: Part) -> Option<Part> {
        match &mut part {
            Part::Tokens {
                message,
                usage,
                model,
                ..
            } => {
                self.spent.count(*message, *usage, model.take());
                self.spent.bound();
                return None;
            }
            Part::Say(_)
            | Part::Think(_)
            | Part::Notice(_)
            | Part::Enqueue(_)
            | Part::Delivered
            | Part::TakenBack(_)
            | Part::Leaf(_) => return None,
            Part::Call { input, .. } => {
                if !lasts(input) {
                    return None;
                }
                shorten(input);
            }
            Part::Result(answer) => {
                if !self.calls.contains(&answer.id) {
                    return None;
                }
                answered(answer);
            }
            Part::Summary(text) => text.shrink_in_place(OLD),
            Part::Background { text, .. } => *text = Default::default(),
            Part::Prompt { .. }
            | Part::Boundary { .. }
            | Part::Retracted(_)
            | Part::CustomTitle(_)
            | Part::AiTitle(_)
            | Part::PullRequest { .. }
            | Part::Relocated(_) => {}
        }
        Some(part)
    }

    /// The records.
    pub(super) fn into_nodes(self) -> impl Iterator<Item = Node> {
        self.beginning.into_iter().chain(self.nodes)
    }

    /// True if no record became old.
    pub(super) fn is_empty(&self) -> bool {
        self.span.is_none() && self.beginning.is_empty() && self.spent.messages.is_empty()
    }
}

/// True if what was asked for outlasts the answer: what only looks at things does not.
fn lasts(input: &Input) -> bool {
    match input {
        Input::Read { .. }
        | Input::Search { .. }
        | Input::Web(_)
        | Input::Skill { .. }
        | Input::Task { .. }
        | Input::EnterPlan
        | Input::Other(_) => false,
        Input::Shell { .. }
        | Input::Edit { .. }
        | Input::Write { .. }
        | Input::Agent { .. }
        | Input::Todos(_)
        | Input::TaskCreate { .. }
        | Input::TaskUpdate { .. }
        | Input::Ask(_)
        | Input::Plan(_) => true,
    }
}

fn shorten(input: &mut Input) {
    match input {
        Input::Shell { command, .. } => OLD_COMMAND.cut(command),
        Input::Edit { hunks, .. } => hunks.clear(),
        Input::Write { content, .. } => content.shorten(OLD),
        Input::Agent { prompt, .. } | Input::Plan(prompt) => prompt.shorten(OLD),
        Input::TaskCreate { description, .. } => OLD_COMMAND.cut(description),
        _ => {}
    }
}

fn answered(answer: &mut Returned) {
    answer.tasks = Vec::new();
    if answer.of_file {
        // That it was done is all there is to say.
        answer.text = Default::default();
        answer.agent = None;
        answer.task = None;
        answer.background = None;
    }
    answer.text.shrink_in_place(OLD);
    if let Some(plan) = &mut answer.plan {
        plan.shrink_in_place(OLD);
    }
}
