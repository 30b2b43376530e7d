//! Ranked items + a budget → the handoff.
//!
//! One order for all budgets: pinned pieces first, then by what a piece adds
//! for its length. A handoff is the longest head of that order which fits, so
//! what stands at 500 tokens stands at 1,000 too.

mod order;

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind};
use crate::score::{Header, Item, PINNED, Part, Piece, Ranked};
use order::{Growing, Step, order};

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
            // The first look tells about how much a step takes.
            (Some(below), None) if looks == 1 && below > 0 => {
                let more = f64::from(limit - below) / f64::from(below);
                low.saturating_add((low as f64 * more) as usize + 1)
            }
            (None, Some(above)) if looks == 1 => {
                let less = f64::from(above - limit) / f64::from(above);
                high.saturating_sub((high as f64 * less) as usize + 1)
            }
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
    use crate::score::{Fact, Kind, Line, List, Span, Trust};

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
