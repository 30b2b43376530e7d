//! The automaton of a built-in pattern as bytes: the build script writes them, a run reads them.
//!
//! To parse and compile a pattern takes twenty times as long as to read what came of it, and in
//! most sessions that was a fifth of the time of a run.

use std::sync::Arc;

use regex_automata::nfa::thompson::{BuildError, Builder, NFA, State, Transition};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::{PatternID, StateID};

pub(super) const FAIL: u8 = 0;
pub(super) const MATCH: u8 = 1;
pub(super) const RANGE: u8 = 2;
pub(super) const RANGES: u8 = 3;
pub(super) const LOOK: u8 = 4;
pub(super) const UNION: u8 = 5;
pub(super) const GROUP_START: u8 = 6;
pub(super) const GROUP_END: u8 = 7;

/// Writes an automaton of one pattern; none if it has a kind of state that is not known here.
///
/// The names of the groups, the two states it begins in, then the states, each with a byte for
/// its kind. A number has seven bits in each byte, the lowest first; the last has no eighth.
#[cfg_attr(not(test), allow(dead_code, reason = "for the build script"))]
pub(super) fn write(nfa: &NFA) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let groups = nfa.group_info().pattern_names(PatternID::ZERO);
    number(&mut bytes, groups.len());
    for name in groups {
        let name = name.unwrap_or_default();
        number(&mut bytes, name.len());
        bytes.extend_from_slice(name.as_bytes());
    }
    number(&mut bytes, nfa.start_anchored().as_usize());
    number(&mut bytes, nfa.start_unanchored().as_usize());
    number(&mut bytes, nfa.states().len());
    let range = |bytes: &mut Vec<u8>, range: &Transition| {
        bytes.extend([range.start, range.end]);
        number(bytes, range.next.as_usize());
    };
    let union = |bytes: &mut Vec<u8>, states: &[StateID]| {
        bytes.push(UNION);
        number(bytes, states.len());
        states
            .iter()
            .for_each(|state| number(bytes, state.as_usize()));
    };
    for state in nfa.states() {
        match state {
            State::ByteRange { trans } => {
                bytes.push(RANGE);
                range(&mut bytes, trans);
            }
            State::Sparse(sparse) => {
                bytes.push(RANGES);
                number(&mut bytes, sparse.transitions.len());
                let ranges = sparse.transitions.iter();
                ranges.for_each(|one| range(&mut bytes, one));
            }
            // The compiler makes none.
            State::Dense(_) => return None,
            State::Look { look, next } => {
                bytes.push(LOOK);
                number(&mut bytes, look.as_repr() as usize);
                number(&mut bytes, next.as_usize());
            }
            State::Union { alternates } => union(&mut bytes, alternates),
            State::BinaryUnion { alt1, alt2 } => union(&mut bytes, &[*alt1, *alt2]),
            State::Capture {
                next,
                group_index,
                slot,
                ..
            } => {
                let end = slot.as_usize() % 2 == 1;
                bytes.push(if end { GROUP_END } else { GROUP_START });
                number(&mut bytes, group_index.as_usize());
                number(&mut bytes, next.as_usize());
            }
            State::Fail => bytes.push(FAIL),
            State::Match { .. } => bytes.push(MATCH),
        }
    }
    Some(bytes)
}

#[cfg_attr(not(test), allow(dead_code, reason = "for the build script"))]
fn number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads an automaton; none if the bytes are not what [`write`] gave.
#[allow(dead_code, reason = "not for the build script")]
pub(super) fn read(bytes: &[u8]) -> Option<NFA> {
    let mut reader = Reader(bytes);
    let mut names: Vec<Option<Arc<str>>> = Vec::new();
    for _ in 0..reader.number()? {
        let name = reader.text()?;
        names.push(Some(Arc::from(name)).filter(|_| !name.is_empty()));
    }
    let (anchored, unanchored) = (reader.state()?, reader.state()?);
    let mut builder = Builder::new();
    builder.start_pattern().ok()?;
    for _ in 0..reader.number()? {
        reader.add(&mut builder, &names)?.ok()?;
    }
    builder.finish_pattern(anchored).ok()?;
    builder.build(anchored, unanchored).ok()
}

/// What [`write`] gave, read bit by bit.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

#[allow(dead_code, reason = "not for the build script")]
impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// A text behind its length.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn state(&mut self) -> Option<StateID> {
        StateID::new(self.number()?).ok()
    }

    fn range(&mut self) -> Option<Transition> {
        Some(Transition {
            start: self.byte()?,
            end: self.byte()?,
            next: self.state()?,
        })
    }

    /// Adds the next state.
    fn add(
        &mut self,
        builder: &mut Builder,
        names: &[Option<Arc<str>>],
    ) -> Option<Result<StateID, BuildError>> {
        Some(match self.byte()? {
            FAIL => builder.add_fail(),
            MATCH => builder.add_match(),
            RANGE => builder.add_range(self.range()?),
            RANGES => {
                let count = self.number()?;
                let ranges: Option<Vec<Transition>> = (0..count).map(|_| self.range()).collect();
                builder.add_sparse(ranges?)
            }
            LOOK => {
                let look = Look::from_repr(u32::try_from(self.number()?).ok()?)?;
                builder.add_look(self.state()?, look)
            }
            UNION => {
                let count = self.number()?;
                let states: Option<Vec<StateID>> = (0..count).map(|_| self.state()).collect();
                builder.add_union(states?)
            }
            GROUP_START => {
                let group = self.number()?;
                let name = names.get(group)?.clone();
                builder.add_capture_start(self.state()?, u32::try_from(group).ok()?, name)
            }
            GROUP_END => {
                let group = u32::try_from(self.number()?).ok()?;
                builder.add_capture_end(self.state()?, group)
            }
            _ => return None,
        })
    }
}
