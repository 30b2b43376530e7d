//! In which order pieces are taken: what is pinned, then what adds most for its length.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use crate::score::{Fact, Item, List, PINNED, Piece, Span};

/// A step of the order: another piece of an item, and what it adds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub item: usize,
    pub piece: usize,
    /// True for the first piece of its item.
    pub first: bool,
    pub gain: f64,
}

/// The order in which pieces are taken.
pub(super) fn order(items: &[Item]) -> Vec<Step> {
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
        steps.push(taken(items, &mut growing, &mut told, (item, piece)));
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
        let step = taken(items, &mut growing, &mut told, (item, piece));
        steps.push(step);
        let growing = &growing[item];
        if step.first || growing.begun.len() > lists || growing.pieces[piece].list.is_none() {
            let next = growing.next();
            heap.extend(next.map(|piece| Candidate::new(item, piece, growing, &told)));
        }
    }
    steps
}

/// Takes a piece: what it tells is told from now on.
fn taken<'i>(
    items: &'i [Item],
    growing: &mut [Growing<'i>],
    told: &mut BTreeMap<&'i Fact, f64>,
    (item, piece): (usize, usize),
) -> Step {
    Step {
        item,
        piece,
        first: growing[item].take(piece),
        gain: tell(&items[item].pieces[piece], told),
    }
}

/// An item whose pieces are taken one by one.
pub(super) struct Growing<'i> {
    pieces: &'i [Piece],
    pub taken: Vec<bool>,
    /// The lists that have begun.
    begun: Vec<&'i List>,
}

impl<'i> Growing<'i> {
    pub(super) fn new(item: &'i Item) -> Self {
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
    pub(super) fn take(&mut self, piece: usize) -> bool {
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
    pub(super) fn length(&self, piece: usize) -> f64 {
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
    pub(super) fn joined(&self) -> Vec<Piece> {
        let mut begun: Vec<&List> = Vec::new();
        let mut below = false;
        let mut all: Vec<Piece> = Vec::new();
        let taken = self.pieces.iter().zip(&self.taken);
        for (piece, _) in taken.filter(|(_, taken)| **taken) {
            let mut joined = piece.clone();
            let Some(list) = &piece.list else {
                all.push(joined);
                continue;
            };
            // One place behind several names stands behind the last of them.
            if let Some(before) = all.last_mut().filter(|before| before.list == joined.list)
                && matches!(joined.spans.last(), Some(Span::Cites(_)))
                && before.spans.last() == joined.spans.last()
            {
                before.spans.pop();
            }
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
            all.push(joined);
        }
        all
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
