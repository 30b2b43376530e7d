//! Ranked items + a budget → the handoff.
//!
//! One order for all budgets: pinned pieces first, then by what a piece adds
//! for its length. A handoff is the longest head of that order which fits, so
//! what stands at 500 tokens stands at 1,000 too.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use crate::error::{Error, ErrorKind};
use crate::score::{Fact, Header, Item, PINNED, Part, Piece, Ranked, Span};

/// The result: what is handed over.
#[derive(Clone, Debug)]
pub struct Handoff {
    /// What it is about and where it comes from.
    pub header: Header,
    /// The lines that fit, in the order of the document: by part, then by place in it.
    pub items: Vec<Packed>,
    /// The lines that did not fit, the most valuable first.
    pub left_out: Vec<Item>,
    /// The budget in tokens.
    pub budget: u32,
    /// The tokens that the rendered text takes.
    pub tokens: u32,
}

/// A line that fits, with as many of its pieces as do.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The line; its pieces are those that fit.
    pub item: Item,
    /// What its pieces added, in the order they were taken.
    pub score: f64,
}

/// Fills a handoff with the most valuable lines that fit the budget.
///
/// `measure` gives the size of a handoff as it will be rendered, headings
/// included. The first piece of the order, the title, is always taken. A part
/// with a budget of its own ends where that does, but for what is pinned.
///
/// # Errors
///
/// [`ErrorKind::BudgetTooSmall`], when the title alone is over `budget`.
pub fn pack(
    ranked: &Ranked,
    budget: u32,
    parts: &BTreeMap<Part, u32>,
    measure: impl Fn(&Handoff) -> u32,
) -> Result<Handoff, Error> {
    let mut order = order(&ranked.items);
    let mut beyond = Vec::new();
    for (&part, &most) in parts {
        let (within, rest) = bounded(ranked, order, part, most, &measure);
        order = within;
        beyond.extend(rest);
    }
    let measured = |taken: usize| {
        let handoff = assemble(ranked, &order, taken, budget);
        let tokens = measure(&handoff);
        (handoff, tokens)
    };
    let (least, needed) = measured(1);
    if needed > budget {
        return Err(ErrorKind::BudgetTooSmall { budget, needed }.into());
    }
    let mut best = (least, needed);
    let near = guess(ranked, &order, budget);
    let fits = longest(1, order.len(), near, budget, |taken| {
        let (handoff, tokens) = measured(taken);
        if tokens <= budget {
            best = (handoff, tokens);
        }
        tokens
    });
    let (mut handoff, tokens) = best;
    handoff.tokens = tokens;
    handoff.left_out = firsts(ranked, order.get(fits..).unwrap_or_default())
        .chain(firsts(ranked, &beyond))
        .collect();
    Ok(handoff)
}

/// The steps of `order` that a budget of `tokens` is likely to take.
fn guess(ranked: &Ranked, order: &[Step], tokens: u32) -> usize {
    const BYTES_PER_TOKEN: f64 = 3.6;
    let most = f64::from(tokens) * BYTES_PER_TOKEN;
    let lengths = order.iter().scan(0.0, |bytes, step| {
        *bytes += length(&ranked.items[step.item].pieces[step.piece], step.piece == 0);
        Some(*bytes)
    });
    lengths.take_while(|bytes| *bytes <= most).count()
}

/// The largest number from `least`, which fits, to `most` whose size is within `limit`, where sizes only grow.
///
/// The search begins at `near` and goes where the sizes seen point to: each head is measured by rendering it, so a
/// handful of looks near the limit is worth more than a dozen halvings.
fn longest(
    least: usize,
    most: usize,
    near: usize,
    limit: u32,
    mut size: impl FnMut(usize) -> u32,
) -> usize {
    let (mut low, mut high) = (least, most + 1);
    // Sizes of `low` and `high`, where they are known.
    let (mut below, mut above): (Option<u32>, Option<u32>) = (None, None);
    let mut next = near;
    let mut stride = 1 + near / 16;
    for looks in 1.. {
        if high - low <= 1 {
            break;
        }
        let at = next.clamp(low + 1, high - 1);
        let found = size(at);
        if found <= limit {
            (low, below) = (at, Some(found));
        } else {
            (high, above) = (at, Some(found));
        }
        let width = high - low;
        next = match (below, above) {
            // Every third look halves, so that no odd heap of sizes makes it long.
            (Some(below), Some(above)) if looks % 3 != 0 => {
                let share = f64::from(limit - below) / f64::from((above - below).max(1));
                low + (share * width as f64) as usize
            }
            (Some(_), Some(_)) => low + width / 2,
            (Some(_), None) => low.saturating_add(stride),
            (None, _) => high.saturating_sub(stride),
        };
        stride *= 2;
    }
    low
}

/// `order` without what takes `part`, its heading included, beyond `most` tokens, and that; what is pinned stays.
///
/// The head that is kept depends on nothing but the part, so it is the same at every budget.
fn bounded(
    ranked: &Ranked,
    order: Vec<Step>,
    part: Part,
    most: u32,
    measure: impl Fn(&Handoff) -> u32,
) -> (Vec<Step>, Vec<Step>) {
    let is_of_part = |step: &Step| ranked.items[step.item].part == part;
    let is_pinned = |step: &Step| ranked.items[step.item].pieces[step.piece].worth >= PINNED;
    let (title, rest) = order.split_at(order.len().min(1));
    let mut own = title.to_vec();
    own.extend(rest.iter().copied().filter(is_of_part));
    let size = |taken: usize| measure(&assemble(ranked, &own, taken, most));
    let bound = size(1).saturating_add(most);
    let pinned = own.iter().take_while(|step| is_pinned(step)).count();
    let near = guess(ranked, &own, most);
    let fits = longest(pinned.max(1), own.len(), near, bound, size);
    // The title stands in `own` whatever its part is.
    let mut left = fits.saturating_sub(1);
    let (mut kept, mut beyond) = (title.to_vec(), Vec::new());
    for step in rest {
        if !is_of_part(step) {
            kept.push(*step);
        } else if left > 0 {
            left -= 1;
            kept.push(*step);
        } else {
            beyond.push(*step);
        }
    }
    (kept, beyond)
}

/// The lines that begin among `steps`.
fn firsts(ranked: &Ranked, steps: &[Step]) -> impl Iterator<Item = Item> {
    steps
        .iter()
        .filter(|step| step.piece == 0)
        .map(|step| ranked.items[step.item].clone())
}

/// A step of the order: the next piece of an item, and what it adds.
#[derive(Clone, Copy, Debug)]
struct Step {
    item: usize,
    piece: usize,
    gain: f64,
}

/// The order in which pieces are taken.
fn order(items: &[Item]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut told: BTreeMap<&Fact, f64> = BTreeMap::new();
    let pinned = |piece: &Piece| piece.worth >= PINNED;
    let mut first: Vec<(usize, usize)> = items
        .iter()
        .enumerate()
        .flat_map(|(index, item)| (0..item.pieces.len()).map(move |piece| (index, piece)))
        .filter(|&(item, piece)| items[item].pieces[..=piece].iter().all(pinned))
        .collect();
    first.sort_by(|a, b| {
        items[b.0].pieces[b.1]
            .worth
            .total_cmp(&items[a.0].pieces[a.1].worth)
            .then_with(|| a.cmp(b))
    });
    for (item, piece) in first {
        let gain = tell(&items[item].pieces[piece], &mut told);
        steps.push(Step { item, piece, gain });
    }
    let next: Vec<usize> = items
        .iter()
        .map(|item| item.pieces.iter().take_while(|piece| pinned(piece)).count())
        .collect();
    // Lazy greedy: what a piece adds only shrinks as facts are told, so a stale value that still leads is checked again.
    let mut heap: BinaryHeap<Candidate> = items
        .iter()
        .enumerate()
        .filter(|(index, item)| next[*index] < item.pieces.len())
        .map(|(index, item)| Candidate::new(index, next[index], &item.pieces[next[index]], &told))
        .collect();
    while let Some(candidate) = heap.pop() {
        let piece = &items[candidate.item].pieces[candidate.piece];
        let now = Candidate::new(candidate.item, candidate.piece, piece, &told);
        if heap.peek().is_some_and(|other| now < *other) {
            heap.push(now);
            continue;
        }
        let gain = tell(piece, &mut told);
        steps.push(Step {
            item: candidate.item,
            piece: candidate.piece,
            gain,
        });
        let following = candidate.piece + 1;
        if let Some(piece) = items[candidate.item].pieces.get(following) {
            heap.push(Candidate::new(candidate.item, following, piece, &told));
        }
    }
    steps
}

/// A fact told before is worth a tenth.
const AGAIN: f64 = 0.1;

fn gain(piece: &Piece, told: &BTreeMap<&Fact, f64>) -> f64 {
    let own = if piece.worth >= PINNED {
        0.0
    } else {
        piece.worth
    };
    own + piece
        .facts
        .iter()
        .map(|(fact, worth)| match told.get(fact) {
            Some(before) => (worth - before).max(0.0) + worth.min(*before) * AGAIN,
            None => *worth,
        })
        .sum::<f64>()
}

fn tell<'p>(piece: &'p Piece, told: &mut BTreeMap<&'p Fact, f64>) -> f64 {
    let gain = gain(piece, told);
    for (fact, worth) in &piece.facts {
        let before = told.entry(fact).or_default();
        *before = before.max(*worth);
    }
    gain
}

struct Candidate {
    item: usize,
    piece: usize,
    density: f64,
}

impl Candidate {
    fn new(item: usize, index: usize, piece: &Piece, told: &BTreeMap<&Fact, f64>) -> Self {
        Self {
            item,
            piece: index,
            density: gain(piece, told) / length(piece, index == 0),
        }
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.density
            .total_cmp(&other.density)
            .then_with(|| (other.item, other.piece).cmp(&(self.item, self.piece)))
    }
}

/// The length of a piece: its bytes, and, for the first of a line, what a line costs besides.
///
/// A stand-in for tokens that no tokenizer is needed for: about 3.6 bytes are a token, and a line has a mark and
/// an end.
fn length(piece: &Piece, first: bool) -> f64 {
    const MARKS: usize = 10;
    let bytes: usize = piece
        .spans
        .iter()
        .map(|span| match span {
            Span::Own(text) | Span::Name(text) => text.len(),
            Span::Code(text) | Span::Quote(text) => text.len() + 2,
            Span::Cites(cites) => 4 * cites.len(),
            Span::Below => 4,
        })
        .sum();
    (bytes + if first { MARKS } else { 1 }) as f64
}

/// The head of `taken` steps as a handoff; what is left out stays to be said.
fn assemble(ranked: &Ranked, order: &[Step], taken: usize, budget: u32) -> Handoff {
    let mut kept: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
    for step in &order[..taken.min(order.len())] {
        let entry = kept.entry(step.item).or_default();
        *entry = (step.piece + 1, entry.1 + step.gain);
    }
    let mut items: Vec<Packed> = kept
        .iter()
        .map(|(&index, &(pieces, score))| {
            let mut item = ranked.items[index].clone();
            item.pieces.truncate(pieces);
            Packed { item, score }
        })
        .collect();
    items.sort_by(|a, b| {
        (a.item.part.cmp(&b.item.part)).then_with(|| a.item.order.total_cmp(&b.item.order))
    });
    Handoff {
        header: ranked.header.clone(),
        items,
        left_out: Vec::new(),
        budget,
        tokens: 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Where the search begins, and how sizes grow, is a matter of time alone.
        #[test]
        fn the_longest_that_fits_is_found(
            steps in prop::collection::vec(prop_oneof![Just(0u32), 1u32..40, Just(10_000)], 1..400),
            least in 0usize..50,
            limit in 0u32..20_000,
            near in 0usize..600,
        ) {
            let sizes: Vec<u32> = steps
                .iter()
                .scan(0, |sum, step| {
                    *sum += step;
                    Some(*sum)
                })
                .collect();
            let most = sizes.len() - 1;
            let least = least.min(most);
            let fitting = sizes.iter().take_while(|size| **size <= limit).count();
            let expected = fitting.saturating_sub(1).max(least);
            let mut looks = 0;
            let found = longest(least, most, near, limit, |taken| {
                looks += 1;
                sizes[taken]
            });
            prop_assert_eq!(found, expected);
            prop_assert!(looks <= 36, "{} looks", looks);
        }
    }
}
