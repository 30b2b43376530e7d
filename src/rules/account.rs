//! What rules that are not built in may cost a session.
//!
//! Counted in steps and never by a clock: a clock would make another handoff of the same log on a slower machine. The newest
//! texts are searched first, so that what a costly rule misses is what is oldest.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::rule::{Kind, Rule, Scope};
use super::scan::{Hit, Meter};
use super::{RuleSet, compile};

/// The steps of one rule in a session. A step is a state of its pattern that looks at a byte, some nanoseconds.
const STEPS: u64 = 40_000_000;
/// The steps of all these rules together.
const STEPS_OF_ALL: u64 = 4 * STEPS;
/// So many steps, counted as if no search were quick, are not worth finding out whether they are.
const FREE: u64 = 2_000_000;
/// What is made of a hit costs as much as so many steps.
const HIT: u64 = 500;
/// The texts that are searched at once, before it is counted what is left.
const AT_ONCE: usize = 64;

/// The steps of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Spent {
    /// If each byte is looked at by every state of the pattern.
    at_worst: u64,
    /// If each is looked at once.
    at_best: u64,
}

impl Spent {
    fn and(self, more: Self) -> Self {
        Self {
            at_worst: self.at_worst.saturating_add(more.at_worst),
            at_best: self.at_best.saturating_add(more.at_best),
        }
    }

    /// What counts of them.
    fn steps(self, pattern: &compile::Pattern) -> u64 {
        match self.at_worst <= FREE || pattern.is_quick() {
            true => self.at_best,
            false => self.at_worst,
        }
    }
}

/// What was spent, by the places of the rules in their set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Account {
    spent: BTreeMap<u32, Spent>,
    /// Rules that wanted more than there was: nothing is searched by them any more.
    off: BTreeSet<u32>,
}

impl Account {
    fn add(&mut self, more: Self) {
        for (index, spent) in more.spent {
            let sum = self.spent.entry(index).or_default();
            *sum = sum.and(spent);
        }
        self.off.extend(more.off);
    }

    fn of(&self, index: u32) -> Spent {
        self.spent.get(&index).copied().unwrap_or_default()
    }

    /// The steps of all rules.
    fn steps(&self, rules: &RuleSet) -> u64 {
        let steps = self.spent.iter().map(|(&index, spent)| {
            let pattern = rules.rules.get(index as usize)?.regex().ok()?;
            Some(spent.steps(pattern))
        });
        steps.flatten().fold(0, u64::saturating_add)
    }
}

/// The rules as a text of a session meets them: those that are not built in are counted.
#[derive(Debug)]
pub struct Counted<'r> {
    rules: &'r RuleSet,
    /// What newer texts spent; none if nothing is counted.
    before: Option<&'r Account>,
    /// The most that may be spent here, of what may be spent in the session: one in so many parts.
    share: u64,
    here: Account,
    /// The steps that all rules had taken before, and with those here.
    all: (u64, u64),
}

impl<'r> Counted<'r> {
    /// Rules that are not counted.
    pub fn free(rules: &'r RuleSet) -> Self {
        Self {
            rules,
            before: None,
            share: 1,
            here: Account::default(),
            all: (0, 0),
        }
    }

    fn after(rules: &'r RuleSet, before: &'r Account, share: u64) -> Self {
        let all = before.steps(rules);
        Self {
            before: Some(before),
            share,
            all: (all, all),
            ..Self::free(rules)
        }
    }

    /// As [`RuleSet::scan`].
    pub fn scan<'t>(
        &mut self,
        scope: Scope,
        tool: Option<&str>,
        text: &'t str,
        hit: impl FnMut(Hit<'r, 't>),
    ) {
        self.scan_kinds(scope, tool, |_| true, text, hit);
    }

    /// As [`RuleSet::scan_kinds`].
    pub fn scan_kinds<'t>(
        &mut self,
        scope: Scope,
        tool: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
        text: &'t str,
        hit: impl FnMut(Hit<'r, 't>),
    ) {
        let rules = self.rules;
        match self.before {
            None => rules.scan_kinds(scope, tool, kinds, text, hit),
            Some(_) => rules.scan_metered(scope, tool, kinds, text, self, hit),
        }
    }

    /// Whether a rule may spend so much more, which is then spent.
    fn spend(&mut self, index: u32, rule: &Rule, more: Spent) -> bool {
        let (Some(before), Ok(pattern)) = (self.before, rule.regex()) else {
            return true;
        };
        if before.off.contains(&index) || self.here.off.contains(&index) {
            return false;
        }
        let here = self.here.of(index);
        let sum = here.and(more);
        let in_session = |spent| before.of(index).and(spent).steps(pattern);
        let all = self.all.1 - in_session(here) + in_session(sum);
        let is_too_much = in_session(sum) > STEPS
            || all > STEPS_OF_ALL
            || sum.steps(pattern) > STEPS / self.share
            || all - self.all.0 > STEPS_OF_ALL / self.share;
        if is_too_much {
            self.here.off.insert(index);
            return false;
        }
        self.here.spent.insert(index, sum);
        self.all.1 = all;
        true
    }
}

impl Meter for Counted<'_> {
    fn may_search(&mut self, index: u32, rule: &Rule, bytes: usize) -> bool {
        // A built-in pattern is known.
        let (None, Ok(pattern)) = (rule.program, rule.regex()) else {
            return true;
        };
        let bytes = bytes as u64;
        let more = Spent {
            at_worst: bytes.saturating_mul(pattern.states()),
            at_best: bytes,
        };
        self.spend(index, rule, more)
    }

    fn found(&mut self, index: u32, rule: &Rule, bytes: usize) -> bool {
        let (None, Ok(pattern)) = (rule.program, rule.regex()) else {
            return true;
        };
        // Where its groups are is found by going through the match again, in every state.
        let steps = (bytes as u64).saturating_mul(pattern.states()) + HIT;
        let more = Spent {
            at_worst: steps,
            at_best: steps,
        };
        self.spend(index, rule, more)
    }
}

impl RuleSet {
    /// What `work` makes of each of `items`, which are in the order of a session, with rules that are counted; and the
    /// rules that cost too much, and were switched off from some item on to older ones.
    ///
    /// The same whatever the number of threads.
    pub fn counted<I: Sync, O: Send>(
        &self,
        items: &[I],
        work: impl Fn(&mut Counted<'_>, &I) -> O + Sync,
    ) -> (Vec<O>, Vec<&Rule>) {
        let foreign = |rule: &std::sync::Arc<Rule>| rule.program.is_none() && !rule.disabled;
        if !self.rules.iter().any(foreign) {
            let free = || Counted::free(self);
            let done = items.par_iter().with_min_len(64);
            return (
                done.map_init(free, |rules, item| work(rules, item))
                    .collect(),
                Vec::new(),
            );
        }
        let run = |before: &Account, share: u64, item: &I| {
            let mut rules = Counted::after(self, before, share);
            let made = work(&mut rules, item);
            (made, rules.here)
        };
        let mut account = Account::default();
        let mut done = Vec::with_capacity(items.len());
        for items in items.rchunks(AT_ONCE) {
            let begun = account.clone();
            let tried: Vec<(O, Account)> = items
                .par_iter()
                .with_min_len(4)
                .map(|item| run(&begun, AT_ONCE as u64, item))
                .collect();
            for (item, (mut made, mut spent)) in items.iter().zip(tried).rev() {
                if spent != Account::default() {
                    let mut sum = account.clone();
                    sum.add(spent.clone());
                    // What was tried without knowing of the newer ones beside it stands if they left enough for it.
                    let stands = spent.off.is_empty()
                        && spent.spent.keys().all(|index| !account.off.contains(index))
                        && !self.is_too_much(&sum);
                    if !stands {
                        (made, spent) = run(&account, 1, item);
                    }
                    account.add(spent);
                }
                done.push(made);
            }
        }
        done.reverse();
        let off = account.off.iter();
        let off = off.filter_map(|&index| self.rules.get(index as usize));
        (done, off.map(|rule| &**rule).collect())
    }

    /// Whether this is more than one rule or all of them may spend.
    fn is_too_much(&self, account: &Account) -> bool {
        let over = |(&index, spent): (&u32, &Spent)| {
            let pattern = self.rules.get(index as usize)?.regex().ok()?;
            Some(spent.steps(pattern) > STEPS)
        };
        account.spent.iter().filter_map(over).any(|over| over) || account.steps(self) > STEPS_OF_ALL
    }
}
