//! Filters by name, as test runners take them: which names they choose, and whether one chooses all that another does.
//!
//! Read is what such filters are nearly always made of: names, `|` and `or` between them, one group, `.*`, `^` and `$`.
//! Of any other expression nothing is known but that it chooses what it chose before.

/// A filter, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// Of these one must be found in the name; none if the expression could not be read.
    any: Vec<Alternative>,
}

/// Pieces that stand in a name one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Alternative {
    /// True if the name begins with the first piece.
    begins: bool,
    /// True if the name ends with the last piece.
    ends: bool,
    pieces: Vec<String>,
}

impl Filter {
    /// Takes `text` apart.
    pub(super) fn of(text: &str) -> Self {
        // Go's filters name subtests level by level.
        let text = text.replace("$/^", "/").replace(" or ", "|");
        let any = expanded(text.trim())
            .and_then(|all| all.iter().map(|one| Alternative::of(one)).collect())
            .unwrap_or_default();
        Self { any }
    }

    /// True if the test of that name is chosen: by its own name, or by that of a test above it.
    pub(super) fn chooses(&self, name: &str) -> bool {
        let above = name.match_indices('/').map(|(at, _)| &name[..at]);
        above
            .chain([name])
            .any(|name| self.any.iter().any(|one| one.is_in(name)))
    }

    /// True if every name that `other` chooses is chosen.
    pub(super) fn covers(&self, other: &Self) -> bool {
        !other.any.is_empty()
            && other
                .any
                .iter()
                .all(|inner| self.any.iter().any(|outer| outer.covers(inner)))
    }
}

/// The alternatives of `text`: what stands between `|`, with a group in its place; nothing if it holds more than that.
fn expanded(text: &str) -> Option<Vec<String>> {
    let Some((head, rest)) = text.split_once('(') else {
        return Some(text.split('|').map(str::to_owned).collect());
    };
    let (group, tail) = rest.rsplit_once(')')?;
    let group = group.strip_prefix("?:").unwrap_or(group);
    if [head, tail].concat().contains('|') || [group, tail].concat().contains(['(', ')']) {
        return None;
    }
    let one = |middle: &str| [head, middle, tail].concat();
    Some(group.split('|').map(one).collect())
}

impl Alternative {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let (begins, text) = match text.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (ends, text) = match text.strip_suffix('$') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        // What anything may stand before or behind neither begins nor ends the name.
        let (begins, ends) = (
            begins && !text.starts_with(".*"),
            ends && !text.ends_with(".*"),
        );
        let text = text.trim_start_matches(".*").trim_end_matches(".*");
        let named = |piece: &str| {
            !piece.is_empty()
                && !["not ", " and "].iter().any(|word| piece.contains(word))
                && piece
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-/:.#, ".contains(c))
        };
        let pieces: Vec<String> = text.split(".*").map(str::to_owned).collect();
        pieces.iter().all(|piece| named(piece)).then_some(Self {
            begins,
            ends,
            pieces,
        })
    }

    fn is_in(&self, name: &str) -> bool {
        let mut rest = name;
        for (index, piece) in self.pieces.iter().enumerate() {
            let last = index + 1 == self.pieces.len();
            let at = match (index == 0 && self.begins, last && self.ends) {
                (true, true) if self.pieces.len() == 1 => return rest == piece,
                (true, _) => rest.starts_with(piece.as_str()).then_some(0),
                (false, true) => rest
                    .ends_with(piece.as_str())
                    .then(|| rest.len() - piece.len()),
                (false, false) => rest.find(piece.as_str()),
            };
            let Some(at) = at else { return false };
            rest = &rest[at + piece.len()..];
        }
        true
    }

    /// True if whatever holds `inner` holds this too.
    fn covers(&self, inner: &Self) -> bool {
        // Of an inner one in several pieces the first says enough, where this is not bound to the ends of the name.
        let bound = (!self.begins || inner.begins) && (!self.ends || inner.ends);
        self == inner
            || bound
                && match inner.pieces.as_slice() {
                    [name] => self.is_in(name),
                    pieces => {
                        !self.begins && !self.ends && pieces.iter().any(|piece| self.is_in(piece))
                    }
                }
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn a_wider_filter_covers_a_narrower_one() {
        for (wide, narrow, covers) in [
            ("TestShop", "TestShop_Orders", true),
            ("TestShop_Orders", "TestShop", false),
            ("TestShop$", "TestShop", false),
            ("TestShop", "^TestShop$", true),
            ("^TestShop", "TestShop_Orders", false),
            ("^TestShop", "^TestShop_Orders$", true),
            ("TestA|TestB", "TestB_One", true),
            ("TestA", "TestA|TestB", false),
            ("^(TestA|TestB)$", "^TestB$", true),
            ("Test(A|B)", "TestA|TestB", true),
            ("Test.*Orders", "TestShop_Orders_Empty", true),
            ("Test.*Orders", "Test.*Orders.*Empty", false),
            ("Orders", "Test.*Orders", true),
            ("orders or carts", "carts", true),
            ("orders and not slow", "orders", false),
            ("[A-Z]+", "TestA", false),
            ("", "TestA", false),
        ] {
            assert_eq!(
                Filter::of(wide).covers(&Filter::of(narrow)),
                covers,
                "{wide:?} over {narrow:?}"
            );
        }
    }

    #[test]
    fn a_filter_chooses_by_name() {
        for (filter, name, chosen) in [
            ("TestShop", "TestShop_Orders", true),
            ("^TestShop$", "TestShop_Orders", false),
            ("^TestShop$", "TestShop/empty_order", true),
            ("^TestShop$/^empty", "TestShop/empty_order", true),
            ("TestShop/full", "TestShop/empty_order", false),
            ("shows the cart", "page shows the cart when full", true),
            ("TestA.*C", "TestABC", true),
            ("TestA.*C$", "TestABCD", false),
            ("(TestA", "TestA", false),
        ] {
            assert_eq!(Filter::of(filter).chooses(name), chosen, "{filter} {name}");
        }
    }
}
