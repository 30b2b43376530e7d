//! Edits that took each other back: what they changed is as it was.

use crate::session::Text;

/// A piece of a file that was edited: what it was and what it is.
struct Piece {
    was: String,
    is: String,
}

impl Piece {
    /// Grows by what of `text` stands before or behind it, where they share whole lines.
    fn reach(&mut self, text: &str) {
        if let Some(at) = shared(text, &self.is) {
            self.was.insert_str(0, &text[..at]);
            self.is.insert_str(0, &text[..at]);
        } else if let Some(at) = shared(&self.is, text) {
            let behind = &text[self.is.len() - at..];
            self.was.push_str(behind);
            self.is.push_str(behind);
        }
    }
}

/// Where the longest end of `a` begins that is a beginning of `b`, if it is two lines at least.
fn shared(a: &str, b: &str) -> Option<usize> {
    let mut starts = a.match_indices('\n').map(|(at, _)| at + 1);
    starts.find(|at| a[*at..].contains('\n') && b.starts_with(&a[*at..]))
}

/// True if `replacements` in one file, in order, leave it as it was. A text that is replaced stands in its file once, so
/// that one within a piece that is known is the one there. Of texts that were cut nothing is known, and of more than can be
/// looked through: each is compared with each.
pub(super) fn cancel<'t>(replacements: impl IntoIterator<Item = &'t (Text, Text)>) -> bool {
    const MOST: usize = 100;
    let mut pieces: Vec<Piece> = Vec::new();
    for (index, (old, new)) in replacements.into_iter().enumerate() {
        if index >= MOST || old.left_out + new.left_out > 0 {
            return false;
        }
        let (old, new) = (old.text.as_str(), new.text.as_str());
        pieces.iter_mut().for_each(|piece| piece.reach(old));
        if let Some(piece) = pieces.iter_mut().find(|piece| piece.is.contains(old)) {
            piece.is = piece.is.replacen(old, new, 1);
            continue;
        }
        // What is wider than pieces that are known takes them in.
        let mut was = old.to_owned();
        pieces.retain(|piece| {
            let within = !piece.is.is_empty() && was.contains(&piece.is);
            if within {
                was = was.replacen(&piece.is, &piece.was, 1);
            }
            !within
        });
        pieces.push(Piece {
            was,
            is: new.to_owned(),
        });
    }
    pieces.iter().all(|piece| piece.was == piece.is)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text {
            text: text.to_owned(),
            ..Text::default()
        }
    }

    #[test]
    fn edits_that_are_taken_back_leave_nothing() {
        const PUT: (&str, &str) = ("func a() {\n\tgo()", "func a() {\n\tcheck()\n\tgo()");
        const FROM_ABOVE: (&str, &str) = (
            "// a goes\nfunc a() {\n",
            "// a goes\nfunc a() {\n\tcheck()\n",
        );
        const TO_BELOW: (&str, &str) = ("func a() {\n\tcheck()\n\tgo()\n", "func a() {\n\tgo()\n");
        const CHANGED: (&str, &str) = ("\tcheck()", "\tcheck() // always");
        const TAKEN: (&str, &str) = (
            "// a goes\nfunc a() {\n\tcheck() // always\n\tgo()",
            "// a goes\nfunc a() {\n\tgo()",
        );
        const GONE: (&str, &str) = ("\tgo()\n}\n", "}\n");
        const MOVED: (&str, &str) = ("func b() {\n", "func b() {\n\tgo()\n");
        for (edits, cancelled) in [
            (&[PUT, CHANGED, TAKEN][..], true),
            (&[FROM_ABOVE, CHANGED, TAKEN], true),
            (&[FROM_ABOVE, TO_BELOW], true),
            (&[PUT], false),
            (&[PUT, CHANGED], false),
            (&[PUT, TAKEN], false),
            (&[GONE, MOVED], false),
            (&[("x := 1", "x := 2"), ("x := 2", "x := 1")], true),
            (&[("x := 1", "x := 2"), ("x := 2", "x := 3")], false),
            (&[("a", "b"), ("b", "c"), ("c", "a")], true),
            (&[], true),
        ] {
            let texts: Vec<(Text, Text)> = edits
                .iter()
                .map(|(old, new)| (text(old), text(new)))
                .collect();
            assert_eq!(cancel(&texts), cancelled, "{edits:?}");
        }
    }

    #[test]
    fn of_a_text_that_was_cut_nothing_is_known() {
        let cut = Text {
            left_out: 9,
            ..text("a")
        };
        assert!(!cancel(&[(cut.clone(), cut)]));
    }
}
