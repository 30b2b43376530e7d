//! One walk over a conversation: its events in order, and what was typed ahead.

use std::collections::{HashMap, HashSet, VecDeque};

use super::clip::Clip;
use super::model::{Body, Event, Notice, Origin, Prompt, Via};
use super::node::Way;

/// A text typed ahead: its event, where its words are known, and its place in the log.
struct Ahead {
    event: Option<usize>,
    withdrawn: bool,
    /// True once it was handed over or taken back.
    gone: bool,
}

/// One walk over a conversation.
#[derive(Default)]
pub(super) struct Walk {
    events: Vec<Event>,
    /// The event of a compaction that waits for its summary.
    boundary: Option<usize>,
    /// Texts typed ahead, in order.
    ahead: Vec<Ahead>,
    /// The first of them that may still wait.
    waiting: usize,
    /// Prompts that came through, by their events: what was typed ahead is among them.
    settled: Vec<usize>,
}

impl Walk {
    pub(super) fn push(&mut self, stamp: &Event, body: Body) {
        self.events.push(Event {
            body,
            ..stamp.clone()
        });
    }

    pub(super) fn notice(&mut self, notice: Notice, stamp: &Event) {
        if let Notice::Output(output) = &notice {
            // A command without arguments that prints its answer at once was
            // the program's to answer, so it asked nothing of the agent.
            let answered = matches!(
                self.events.last().map(|event| &event.body),
                Some(Body::Prompt(Prompt { via: Via::Command { .. }, text, .. }))
                    if text.text.is_empty()
            );
            if answered {
                self.events.pop();
                self.settled.pop();
            }
            if output.text.is_empty() {
                return;
            }
        }
        self.push(stamp, Body::Notice(notice));
    }

    pub(super) fn say(&mut self, via: Via, text: Clip, images: u32, stamp: &Event) {
        let text = text.into_text(Origin::User);
        self.push(stamp, Body::Prompt(Prompt { text, via, images }));
    }

    pub(super) fn prompt(
        &mut self,
        way: Way,
        text: Clip,
        images: u32,
        asked: &[usize],
        stamp: &Event,
    ) {
        let via = match way {
            Way::Typed => Via::Typed,
            Way::Queued => Via::Queued,
            // Beside the refusal of a call stand the words that explain it.
            Way::Beside => match (asked, self.events.last().map(|event| &event.body)) {
                (
                    [call],
                    Some(Body::Prompt(Prompt {
                        via: Via::Refusal { .. },
                        ..
                    })),
                ) => Via::Refusal { call: *call },
                _ => Via::Queued,
            },
            Way::Command(name) => Via::Command { name },
            Way::Shell => Via::Shell,
            Way::Memory => Via::Memory,
            Way::Plan => Via::Plan,
        };
        self.settled.push(self.events.len());
        self.say(via, text, images, stamp);
    }

    /// The context was replaced; the summary comes later, if it does.
    pub(super) fn compaction(&mut self, manual: bool, stamp: &Event) {
        self.boundary = Some(self.events.len());
        let summary = None;
        self.push(stamp, Body::Compaction { manual, summary });
    }

    pub(super) fn summary(&mut self, summary: Clip, stamp: &Event) {
        let text = summary.into_text(Origin::Agent);
        let waiting = self.boundary.take().and_then(|at| self.events.get_mut(at));
        if let Some(Event {
            body: Body::Compaction { summary, .. },
            ..
        }) = waiting
        {
            *summary = Some(text);
        } else {
            // Releases of 1.0 write the summary alone.
            let summary = Some(text);
            let manual = false;
            self.push(stamp, Body::Compaction { manual, summary });
        }
    }

    pub(super) fn enqueue(&mut self, text: Clip, stamp: &Event) {
        let event = (!text.is_empty()).then_some(self.events.len());
        if event.is_some() {
            self.say(Via::Queued, text, 0, stamp);
        }
        self.ahead.push(Ahead {
            event,
            withdrawn: false,
            gone: false,
        });
    }

    /// The oldest text typed ahead was handed over.
    pub(super) fn delivered(&mut self) {
        if let Some(one) = self.oldest() {
            one.gone = true;
        }
    }

    fn oldest(&mut self) -> Option<&mut Ahead> {
        while self.ahead.get(self.waiting).is_some_and(|one| one.gone) {
            self.waiting += 1;
        }
        self.ahead.get_mut(self.waiting)
    }

    /// A text typed ahead went back to the input line.
    pub(super) fn take_back(&mut self, text: &Clip) {
        self.oldest();
        let same = |one: &Ahead| {
            let words = one.event.and_then(|event| self.events.get(event));
            !one.gone && words.and_then(said) == Some(text.head())
        };
        // A queue is short; the bound is for one that was made to be long.
        let near = self.ahead.iter().skip(self.waiting).take(256);
        let found = near.clone().position(same).unwrap_or(0) + self.waiting;
        if let Some(one) = self.ahead.get_mut(found) {
            one.gone = true;
            one.withdrawn = true;
        }
    }

    /// The events, without what was typed ahead and taken back, or came through as a prompt.
    pub(super) fn finish(self) -> Vec<Event> {
        // A text's prompts, and each line of a prompt that several texts were joined to.
        let mut whole: HashMap<&str, VecDeque<usize>> = HashMap::new();
        let mut lines: HashMap<&str, usize> = HashMap::new();
        let mut commands: HashMap<&str, usize> = HashMap::new();
        for &place in &self.settled {
            let Some(text) = self.events.get(place).and_then(said) else {
                continue;
            };
            if let Some(Body::Prompt(Prompt {
                via: Via::Command { name },
                ..
            })) = self.events.get(place).map(|event| &event.body)
            {
                commands.insert(name, place);
            }
            whole.entry(text).or_default().push_back(place);
            if text.contains('\n') {
                for line in text.lines() {
                    lines.insert(line, place);
                }
            }
        }
        let mut dropped = HashSet::new();
        for one in &self.ahead {
            let Some(place) = one.event else { continue };
            let Some(text) = self.events.get(place).and_then(said) else {
                continue;
            };
            let mut came = false;
            if let Some(prompts) = whole.get_mut(text)
                && let Some(at) = prompts.iter().position(|&prompt| prompt > place)
            {
                prompts.drain(..=at);
                came = true;
            }
            let first = text.lines().next().unwrap_or_default();
            came |= lines.get(first).is_some_and(|&prompt| prompt > place);
            let command = first.split(' ').next().unwrap_or_default();
            came |= commands.get(command).is_some_and(|&prompt| prompt > place);
            if came || one.withdrawn {
                dropped.insert(place);
            }
        }
        if dropped.is_empty() {
            return self.events;
        }
        self.events
            .into_iter()
            .enumerate()
            .filter_map(|(place, event)| (!dropped.contains(&place)).then_some(event))
            .collect()
    }
}

/// The words of a prompt.
fn said(event: &Event) -> Option<&str> {
    match &event.body {
        Body::Prompt(prompt) => Some(&prompt.text.text),
        _ => None,
    }
}
