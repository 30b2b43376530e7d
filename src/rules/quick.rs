//! Whether a pattern is searched quickly in any text.

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::NFA;

/// The most sets of states that a pattern may be in; each takes some hundred bytes and microseconds to find out.
const SETS: usize = 256;
/// The most steps that finding out may take, each a state that looks at a byte: some ten milliseconds.
const STEPS: usize = 4_000_000;
/// Bytes of all of them: less than what a search keeps them in.
const BYTES: usize = 1 << 20;

/// Whether the sets of states in which the automaton can be while it reads some text are few, so that each is made once
/// and a search then takes one step for each byte.
///
/// Of `a.{40}b` there are as many as ways in which forty letters can be `a` or not.
pub(super) fn has_few_states(nfa: &NFA) -> bool {
    let config = DFA::config()
        .cache_capacity(BYTES)
        .skip_cache_capacity_check(true)
        .minimum_cache_clear_count(Some(0));
    let dfa = DFA::builder().configure(config).build_from_nfa(nfa.clone());
    dfa.ok().and_then(|dfa| all_known(&dfa)).is_some()
}

/// Something, if all of them fit.
fn all_known(dfa: &DFA) -> Option<()> {
    let mut cache = Cache::new(dfa);
    let mut known = std::collections::BTreeSet::new();
    let mut left = Vec::new();
    let (mut steps, states) = (STEPS, dfa.get_nfa().states().len());
    // What a search begins in depends on what stands before.
    for (text, at) in [("", 0), ("\n", 1), ("\r", 1), ("a", 1), (" ", 1)] {
        let input = Input::new(text).range(at..);
        let start = dfa.start_state_forward(&mut cache, &input).ok()?;
        left.extend(known.insert(start).then_some(start));
    }
    let bytes: Vec<u8> = dfa
        .byte_classes()
        .representatives(0..=u8::MAX)
        .filter_map(|unit| unit.as_u8())
        .collect();
    while let Some(state) = left.pop() {
        for &byte in &bytes {
            steps = steps.checked_sub(states)?;
            let next = dfa.next_state(&mut cache, state, byte).ok()?;
            // Where it ran out of room, names of states would mean others from now on.
            if known.len() > SETS || cache.clear_count() > 0 {
                return None;
            }
            if !next.is_dead() && !next.is_quit() && known.insert(next) {
                left.push(next);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::compile::compile;

    #[test]
    fn patterns_of_rules_are_quick_and_those_that_count_ahead_are_not() {
        for (pattern, quick) in [
            ("^error: (?<what>.+)$", true),
            (r"(?<passed>\d+) passed, (?<failed>\d+) failed", true),
            (r"^\s*at (?<path>[\w./-]+):(?<line>\d+)", true),
            ("✗ (?<what>.+)", true),
            ("a.{40}b", false),
            ("(?:a|aa)*.{60}$", false),
            (r"\b\p{L}+\b", false),
        ] {
            let compiled = compile(pattern, false).expect("a sound pattern");
            assert_eq!(compiled.is_quick(), quick, "{pattern}");
        }
    }
}
