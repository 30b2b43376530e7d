//! A pattern's automaton, searched by backtracking: where a match begins, each way on is tried, the first that counts first.
//!
//! Most patterns see a few lines in a run and then no more, so what counts is what it takes to be ready: this one is read
//! from what the build wrote, state by state, in a fifth of the time that the library's takes to build. What it
//! finds is what that finds; the tests of [`super::compile`] compare the two.

use std::cell::RefCell;
use std::sync::Arc;

use regex_automata::util::look::{Look, LookMatcher};

use super::program::{self, Reader};

/// The places that a search may note, in bits: ways that part times bytes of text.
const PLACES: usize = 1 << 21;

/// A state of the automaton; where others follow, they are named by their numbers.
#[derive(Clone, Copy, Debug)]
enum State {
    Fail,
    Match,
    Byte(Step),
    /// One of these steps.
    Bytes(u32, u32),
    Look(Look, u32),
    /// The ways on, the first that counts first; and the how manyeth state of this kind it is.
    Part(u32, u32, u32),
    /// Notes the place as a beginning or an end of a group.
    Note(u32, u32),
}

/// On a byte from the first to the second, on to a state.
#[derive(Clone, Copy, Debug)]
struct Step(u8, u8, u32);

/// An automaton.
#[derive(Debug)]
pub(super) struct Machine {
    states: Vec<State>,
    steps: Vec<Step>,
    ways: Vec<u32>,
    /// How many states part.
    parting: usize,
    start: u32,
    /// The names of the groups, that of the whole match among them; empty for none.
    names: Arc<[Box<str>]>,
    /// The bytes that a match may begin with; none if it may be empty.
    first: Option<[bool; 256]>,
}

/// A match: the places of its groups, the whole first.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) names: Arc<[Box<str>]>,
    /// Beginnings and ends, by turns.
    pub(super) places: Vec<Option<usize>>,
}

/// What is noted during a search; kept for the next.
#[derive(Default)]
struct Notes {
    /// A bit for each state that parts and each place in which it was before.
    seen: Vec<u64>,
    left: Vec<Left>,
}

/// What is left to do.
#[derive(Clone, Copy)]
enum Left {
    /// To try the ways of a state that parts from this one on, at that byte.
    Try(u32, u32, usize),
    /// To forget a place that was noted for a way that leads nowhere.
    Forget(u32, Option<usize>),
}

thread_local! {
    static NOTES: RefCell<Notes> = RefCell::default();
}

impl Machine {
    /// Reads what [`program::write`] gave; none if it is something else.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let names: Option<Vec<Box<str>>> = (0..reader.number()?)
            .map(|_| reader.text().map(Box::from))
            .collect();
        let names = names?;
        let (start, _) = (reader.small()?, reader.small()?);
        let count = reader.number()?;
        let mut machine = Self {
            states: Vec::with_capacity(count.min(bytes.len())),
            steps: Vec::new(),
            ways: Vec::new(),
            parting: 0,
            start,
            names: names.into(),
            first: None,
        };
        for _ in 0..count {
            let state = machine.state(&mut reader)?;
            machine.states.push(state);
        }
        machine.first = machine.first();
        Some(machine)
    }

    fn state(&mut self, reader: &mut Reader<'_>) -> Option<State> {
        let step = |reader: &mut Reader<'_>| {
            let (from, to) = (reader.byte()?, reader.byte()?);
            Some(Step(from, to, reader.small()?))
        };
        Some(match reader.byte()? {
            program::FAIL => State::Fail,
            program::MATCH => State::Match,
            program::RANGE => State::Byte(step(reader)?),
            program::RANGES => {
                let from = small(self.steps.len())?;
                for _ in 0..reader.number()? {
                    self.steps.push(step(reader)?);
                }
                State::Bytes(from, small(self.steps.len())?)
            }
            program::LOOK => {
                let look = Look::from_repr(reader.small()?)?;
                State::Look(look, reader.small()?)
            }
            program::UNION => {
                let from = small(self.ways.len())?;
                for _ in 0..reader.number()? {
                    self.ways.push(reader.small()?);
                }
                let nth = small(self.parting)?;
                self.parting += 1;
                State::Part(from, small(self.ways.len())?, nth)
            }
            kind @ (program::GROUP_START | program::GROUP_END) => {
                let group = reader.small()?.checked_mul(2)?;
                let place = group + u32::from(kind == program::GROUP_END);
                State::Note(place, reader.small()?)
            }
            _ => return None,
        })
    }

    /// The bytes that a match may begin with.
    fn first(&self) -> Option<[bool; 256]> {
        let mut first = [false; 256];
        let mut met = vec![false; self.states.len()];
        let mut left = vec![self.start];
        let mut mark = |step: &Step| {
            (step.0..=step.1).for_each(|byte| first[usize::from(byte)] = true);
        };
        while let Some(at) = left.pop() {
            let met = met.get_mut(at as usize)?;
            if std::mem::replace(met, true) {
                continue;
            }
            match self.states.get(at as usize)? {
                State::Fail => {}
                State::Match => return None,
                State::Byte(step) => mark(step),
                State::Bytes(from, to) => self.steps(*from, *to).iter().for_each(&mut mark),
                State::Look(_, next) | State::Note(_, next) => left.push(*next),
                State::Part(from, to, _) => left.extend(self.ways(*from, *to)),
            }
        }
        Some(first)
    }

    fn steps(&self, from: u32, to: u32) -> &[Step] {
        self.steps.get(from as usize..to as usize).unwrap_or(&[])
    }

    fn ways(&self, from: u32, to: u32) -> &[u32] {
        self.ways.get(from as usize..to as usize).unwrap_or(&[])
    }

    /// The names of its groups, in order.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().map(AsRef::as_ref);
        names.filter(|name| !name.is_empty())
    }

    pub(super) fn names(&self) -> &Arc<[Box<str>]> {
        &self.names
    }

    /// How many states it has.
    pub(super) fn states(&self) -> usize {
        self.states.len()
    }

    /// Whether a text of so many bytes can be searched.
    pub(super) fn takes(&self, length: usize) -> bool {
        self.parting.saturating_mul(length + 1) <= PLACES
    }

    /// The first match in `text` that begins at one of `starts`, which only grow, and none of them is before `at`.
    ///
    /// What stands before `at` is seen by what looks around. None if the text is longer than it takes.
    pub(super) fn search(
        &self,
        text: &[u8],
        at: usize,
        mut starts: impl Iterator<Item = usize>,
    ) -> Option<Groups> {
        let width = text.len().checked_sub(at)? + 1;
        if !self.takes(width - 1) {
            return None;
        }
        let may_begin = |start: &usize| match (&self.first, text.get(*start)) {
            (Some(first), Some(byte)) => first[usize::from(*byte)],
            (first, _) => first.is_none(),
        };
        NOTES.with_borrow_mut(|notes| {
            let mut fresh = false;
            let mut places = vec![None; 2 * self.names.len()];
            starts
                .any(|start| {
                    if !may_begin(&start) {
                        return false;
                    }
                    if !std::mem::replace(&mut fresh, true) {
                        notes.seen.clear();
                        (notes.seen).resize((self.parting * width).div_ceil(64), 0);
                    }
                    self.matches(text, (at, width), start, notes, &mut places)
                })
                .then(|| Groups {
                    names: Arc::clone(&self.names),
                    places,
                })
        })
    }

    /// Whether there is a match that begins at `start`; then `places` are those of its groups.
    ///
    /// Where a way was gone before from the same place, it leads nowhere now either, wherever the match began.
    fn matches(
        &self,
        text: &[u8],
        (at, width): (usize, usize),
        start: usize,
        Notes { seen, left }: &mut Notes,
        places: &mut [Option<usize>],
    ) -> bool {
        let looker = LookMatcher::new();
        left.clear();
        let (mut state, mut here) = (self.start, start);
        loop {
            let next = match self.states.get(state as usize) {
                Some(State::Match) => return true,
                Some(State::Byte(step)) => text
                    .get(here)
                    .filter(|byte| (step.0..=step.1).contains(byte))
                    .map(|_| (step.2, here + 1)),
                Some(State::Bytes(from, to)) => text.get(here).and_then(|byte| {
                    let mut steps = self.steps(*from, *to).iter();
                    let step = steps.find(|step| (step.0..=step.1).contains(byte))?;
                    Some((step.2, here + 1))
                }),
                Some(State::Look(look, next)) => {
                    (looker.matches(*look, text, here)).then_some((*next, here))
                }
                Some(State::Part(from, to, nth)) => {
                    let bit = *nth as usize * width + (here - at);
                    let word = seen.get_mut(bit / 64);
                    let new = word.is_some_and(|word| {
                        let mask = 1 << (bit % 64);
                        let new = *word & mask == 0;
                        *word |= mask;
                        new
                    });
                    if new {
                        left.push(Left::Try(*from, *to, here));
                    }
                    None
                }
                Some(State::Note(place, next)) => {
                    if let Some(noted) = places.get_mut(*place as usize) {
                        left.push(Left::Forget(*place, *noted));
                        *noted = Some(here);
                    }
                    Some((*next, here))
                }
                Some(State::Fail) | None => None,
            };
            (state, here) = match next {
                Some(next) => next,
                None => loop {
                    match left.pop() {
                        None => return false,
                        Some(Left::Forget(place, before)) => {
                            if let Some(noted) = places.get_mut(place as usize) {
                                *noted = before;
                            }
                        }
                        Some(Left::Try(from, to, here)) => {
                            let Some(way) = self.ways(from, to).first() else {
                                continue;
                            };
                            if from + 1 < to {
                                left.push(Left::Try(from + 1, to, here));
                            }
                            break (*way, here);
                        }
                    }
                },
            };
        }
    }
}

fn small(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}
