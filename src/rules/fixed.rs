//! Patterns of the program itself, compiled by the build, of which a run asks no more than whether a text has them.
//!
//! To compile a long one takes as long as to look through a megabyte, and few runs look through that much.

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::pool::Pool;

use super::program;

/// A pattern, as an automaton whose states are made when they are met.
pub(crate) struct Fixed {
    automaton: DFA,
    /// The states that were met: a set for each thread that searches.
    met: Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
}

impl Fixed {
    /// The pattern, out of what the build wrote; none if it is something else.
    pub(crate) fn read(program: &[u8]) -> Option<Self> {
        let automaton = DFA::builder()
            .build_from_nfa(program::read(program)?)
            .ok()?;
        let same = automaton.clone();
        Some(Self {
            automaton,
            met: Pool::new(Box::new(move || same.create_cache())),
        })
    }

    /// Whether the pattern matches somewhere in `text`; in doubt it does.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        let input = Input::new(text).earliest(true);
        self.automaton
            .try_search_fwd(&mut self.met.get(), &input)
            .map_or(true, |found| found.is_some())
    }
}
