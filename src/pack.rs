//! Ranked items + a budget → the handoff.
//!
//! One order for all budgets: pinned pieces first, then by what a piece adds
//! for its length. A handoff is the longest head of that order which fits, so
//! what stands at 500 tokens stands at 1,000 too.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use crate::error::{Error, ErrorKind};
use crate::score::{Fact, Header, Item, List, PINNED, Part, Piece, Ranked, Span};

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
    /// The tokens of the rendered text; from [`pack`], what they were measured as.
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
    let mut growing: Vec<Growing> = ranked.items.iter().map(Growing::new).collect();
    let lengths = order.iter().scan(0.0, |bytes, step| {
        *bytes += growing[step.item].length(step.piece);
        growing[step.item].take(step.piece);
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

/// The lines that begin among `steps`, whole.
fn firsts(ranked: &Ranked, steps: &[Step]) -> impl Iterator<Item = Item> {
    let begin = steps.iter().filter(|step| step.first);
    begin.map(|step| {
        let item = &ranked.items[step.item];
        let mut whole = Growing::new(item);
        whole.taken.fill(true);
        with_pieces(item, whole.joined())
    })
}

/// The item with these pieces.
fn with_pieces(item: &Item, pieces: Vec<Piece>) -> Item {
    Item {
        pieces,
        group: item.group.clone(),
        ..*item
    }
}

/// A step of the order: another piece of an item, and what it adds.
#[derive(Clone, Copy, Debug)]
struct Step {
    item: usize,
    piece: usize,
    /// True for the first piece of its item.
    first: bool,
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
    let mut growing: Vec<Growing> = items.iter().map(Growing::new).collect();
    for (item, piece) in first {
        let first = growing[item].take(piece);
        let gain = tell(&items[item].pieces[piece], &mut told);
        steps.push(Step {
            item,
            piece,
            first,
            gain,
        });
    }
    // Lazy greedy: what a piece adds only shrinks as facts are told, so a stale value that still leads is checked again.
    // Where it grows, for the list it stands in has begun, it is put in anew.
    let mut heap: BinaryHeap<Candidate> = BinaryHeap::new();
    for (item, growing) in growing.iter().enumerate() {
        heap.extend(
            growing
                .next()
                .map(|piece| Candidate::new(item, piece, growing, &told)),
        );
    }
    while let Some(candidate) = heap.pop() {
        let (item, piece) = (candidate.item, candidate.piece);
        if growing[item].taken[piece] {
            continue;
        }
        // In a list, what stands elsewhere is passed over.
        let of_list = items[item].pieces[piece].list.is_some();
        if of_list && is_told(&items[item].pieces[piece], &told) {
            continue;
        }
        let now = Candidate::new(item, piece, &growing[item], &told);
        if heap.peek().is_some_and(|other| now < *other) {
            heap.push(now);
            continue;
        }
        let lists = growing[item].begun.len();
        let first = growing[item].take(piece);
        let gain = tell(&items[item].pieces[piece], &mut told);
        steps.push(Step {
            item,
            piece,
            first,
            gain,
        });
        let growing = &growing[item];
        if first || growing.begun.len() > lists || growing.pieces[piece].list.is_none() {
            let next = growing.next();
            heap.extend(next.map(|piece| Candidate::new(item, piece, growing, &told)));
        }
    }
    steps
}

/// An item whose pieces are taken one by one.
struct Growing<'i> {
    pieces: &'i [Piece],
    taken: Vec<bool>,
    /// The lists that have begun.
    begun: Vec<&'i List>,
}

impl<'i> Growing<'i> {
    fn new(item: &'i Item) -> Self {
        Self {
            pieces: &item.pieces,
            taken: vec![false; item.pieces.len()],
            begun: Vec::new(),
        }
    }

    fn is_begun(&self) -> bool {
        self.taken.contains(&true)
    }

    /// Takes a piece; true for the first of the item.
    fn take(&mut self, piece: usize) -> bool {
        let first = !self.is_begun();
        self.taken[piece] = true;
        if let Some(list) = &self.pieces[piece].list
            && !self.begun.contains(&list)
        {
            self.begun.push(list);
        }
        first
    }

    /// The pieces that may be taken next: the first that stands in no list, and all of lists that have it behind them.
    fn next(&self) -> impl Iterator<Item = usize> {
        let mut ends = false;
        let untaken = (0..self.pieces.len()).filter(|&piece| !self.taken[piece]);
        untaken.take_while(move |&piece| {
            let before = ends;
            ends |= self.pieces[piece].list.is_none();
            !before
        })
    }

    /// What taking `piece` makes the item longer, in bytes or what is as dear.
    fn length(&self, piece: usize) -> f64 {
        const MARKS: usize = 10;
        let this = &self.pieces[piece];
        let bytes: usize = this.spans.iter().map(dear).sum();
        let joins = match &this.list {
            Some(list) if self.begun.contains(&list) => 2,
            Some(list) => {
                let start: usize = list.start.iter().map(dear).sum();
                start + if list.below { dear(&Span::Below) } else { 0 }
            }
            None => 0,
        };
        let line = if self.is_begun() { 1 } else { MARKS };
        (bytes + joins + line) as f64
    }

    /// The pieces taken, with what begins and joins lists.
    fn joined(&self) -> Vec<Piece> {
        let mut begun: Vec<&List> = Vec::new();
        let mut below = false;
        let taken = self.pieces.iter().zip(&self.taken);
        let taken = taken.filter_map(|(piece, taken)| taken.then_some(piece));
        let joined = taken.map(|piece| {
            let mut joined = piece.clone();
            let Some(list) = &piece.list else {
                return joined;
            };
            let mut spans = Vec::new();
            let known = begun.contains(&list);
            if list.below && !below {
                spans.push(Span::Below);
                below = true;
            } else if known || list.below {
                spans.push(Span::Own(", ".to_owned()));
            } else if !begun.is_empty() {
                spans.push(Span::Own("; ".to_owned()));
            }
            if !known {
                spans.extend(list.start.iter().cloned());
                begun.push(list);
            }
            spans.append(&mut joined.spans);
            joined.spans = spans;
            joined
        });
        joined.collect()
    }
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

/// True if nothing of it is new.
fn is_told(piece: &Piece, told: &BTreeMap<&Fact, f64>) -> bool {
    piece.worth <= 0.0 && piece.facts.iter().all(|(fact, _)| told.contains_key(fact))
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
    fn new(item: usize, piece: usize, growing: &Growing<'_>, told: &BTreeMap<&Fact, f64>) -> Self {
        Self {
            item,
            piece,
            density: gain(&growing.pieces[piece], told) / growing.length(piece),
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

/// What a span costs: its bytes, and what its marks cost besides.
///
/// A stand-in for tokens that no tokenizer is needed for: about 3.6 bytes are a token, and a line has a mark and
/// an end.
fn dear(span: &Span) -> usize {
    match span {
        Span::Own(text) | Span::Name(text) => text.len(),
        Span::Code(text) | Span::Quote(text) => text.len() + 2,
        Span::Cites(cites) => 4 * cites.len(),
        Span::Below => 4,
    }
}

/// The head of `taken` steps as a handoff; what is left out stays to be said.
fn assemble(ranked: &Ranked, order: &[Step], taken: usize, budget: u32) -> Handoff {
    let mut kept: BTreeMap<usize, (Growing<'_>, f64)> = BTreeMap::new();
    for step in &order[..taken.min(order.len())] {
        let item = &ranked.items[step.item];
        let (growing, score) = kept
            .entry(step.item)
            .or_insert_with(|| (Growing::new(item), 0.0));
        growing.take(step.piece);
        *score += step.gain;
    }
    let mut items: Vec<Packed> = kept
        .iter()
        .map(|(&index, (growing, score))| Packed {
            item: with_pieces(&ranked.items[index], growing.joined()),
            score: *score,
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
    use crate::score::{Kind, Line, Trust};

    /// A piece that tells the name `text`, worth `worth`.
    fn name(text: &str, worth: f64) -> Piece {
        let fact = Fact::Name(text.to_owned());
        Line::new().name(text).telling(0.0, vec![(fact, worth)])
    }

    fn list(start: &str, below: bool) -> List {
        Line::new().own(start).list(below)
    }

    fn item(order: f64, pieces: Vec<Piece>) -> Item {
        let mut item = Item::new(
            Part::Environment,
            Kind::File,
            Trust::Observed,
            "",
            order,
            Line::new().piece(0.0),
        );
        item.pieces = pieces;
        item
    }

    /// The text of an item, as its spans come.
    fn text(item: &Item) -> String {
        let spans = item.pieces.iter().flat_map(|piece| &piece.spans);
        let texts = spans.map(|span| match span {
            Span::Own(text) | Span::Name(text) | Span::Code(text) | Span::Quote(text) => text,
            Span::Below => " / ",
            Span::Cites(_) => "",
        });
        texts.collect()
    }

    /// The lines of `items` when the first `taken` steps of the order are taken, and what begins beyond them.
    fn taken(items: Vec<Item>, taken: usize) -> (Vec<String>, Vec<String>) {
        let ranked = Ranked {
            header: Header::default(),
            items,
        };
        let order = order(&ranked.items);
        let handoff = assemble(&ranked, &order, taken, 100);
        let kept = handoff.items.iter().map(|packed| text(&packed.item));
        let beyond = firsts(&ranked, order.get(taken..).unwrap_or_default());
        (kept.collect(), beyond.map(|item| text(&item)).collect())
    }

    #[test]
    fn a_list_is_of_the_pieces_that_are_taken_in_their_order() {
        let of = |text: &str, worth: f64| name(text, worth).of(list("in a.rs: ", false));
        let items = vec![item(
            1.0,
            vec![of("low", 0.1), of("high", 0.9), of("mid", 0.5)],
        )];
        assert_eq!(taken(items.clone(), 1).0, ["in a.rs: high"]);
        assert_eq!(taken(items.clone(), 2).0, ["in a.rs: high, mid"]);
        assert_eq!(taken(items.clone(), 3).0, ["in a.rs: low, high, mid"]);
        assert_eq!(taken(items, 0).1, ["in a.rs: low, high, mid"]);
    }

    #[test]
    fn lists_follow_the_piece_they_hang_on_and_share_the_place_below() {
        let pieces = vec![
            name("a.rs", 0.5),
            name("x", 0.1).of(list(": ", false)),
            name("y", 0.9).of(list("new fn ", true)),
            name("z", 0.2).of(list("edited fn ", true)),
        ];
        let items = vec![item(1.0, pieces)];
        assert_eq!(taken(items.clone(), 1).0, ["a.rs"]);
        assert_eq!(taken(items.clone(), 2).0, ["a.rs / new fn y"]);
        assert_eq!(taken(items, 4).0, ["a.rs: x / new fn y, edited fn z"]);
    }

    #[test]
    fn what_stands_elsewhere_is_passed_over_in_a_list_and_holds_nothing_up() {
        let of = |text: &str, worth: f64| name(text, worth).of(list("in a.rs: ", false));
        let items = vec![
            item(1.0, vec![name("told", 1.0)]),
            item(2.0, vec![of("told", 1.0), of("untold", 0.2)]),
        ];
        assert_eq!(taken(items, 9).0, ["told", "in a.rs: untold"]);
    }

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
