//! Texts as the measure sees them: heads in characters, words, tokens.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that tell nothing.
const STOP: &str = "the a an and or of to in on for is are was were be been it its this that these those with as at
by from we you i he they them our your my not no do does did done so if then else than but can could should
would will just let me now here there what which when where how why all any some into out up down over under
again also more most very has have had need needs see use used using get got make made one two first next
about after before because like still only other same such too s t re ll ve don";

static STOPPED: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP.split_whitespace().collect());

/// True of a word that tells nothing.
pub(super) fn tells_nothing(word: &str) -> bool {
    STOPPED.contains(word)
}

/// The first `count` characters.
pub(super) fn head(text: &str, count: usize) -> &str {
    if text.len() <= count {
        return text;
    }
    match text.char_indices().nth(count) {
        Some((at, _)) => text.get(..at).unwrap_or(text),
        None => text,
    }
}

/// The last `count` characters.
pub(super) fn last(text: &str, count: usize) -> &str {
    if count == 0 {
        return "";
    }
    match text.char_indices().rev().nth(count - 1) {
        Some((at, _)) => text.get(at..).unwrap_or(text),
        None => text,
    }
}

/// A letter, a digit or `_`, of any alphabet.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// White space, with the four separators of ASCII that Unicode does not count.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The words of a text in small letters: runs of three or more of a to z, with those that tell nothing.
pub(super) fn words(lower: &str) -> impl Iterator<Item = &str> {
    lower
        .split(|c: char| !c.is_ascii_lowercase())
        .filter(|word| word.len() >= 3)
}

/// The words of a text in small letters that tell something.
pub(super) fn content(lower: &str) -> impl Iterator<Item = &str> {
    words(lower).filter(|word| !tells_nothing(word))
}

/// Tokens of a text, by the measure's own estimate: it is the same for every
/// text that is compared, whoever counts the tokens of a handoff.
pub(super) fn tokens(text: &str) -> usize {
    let mut meter = Meter::default();
    text.chars().for_each(|c| meter.add(c));
    meter.total()
}

/// The longest head of `text` within `budget` tokens.
pub(super) fn head_within(text: &str, budget: usize) -> &str {
    let mut meter = Meter::default();
    for (at, c) in text.char_indices() {
        meter.add(c);
        if meter.total() > budget {
            let fits = text.get(..at).unwrap_or(text);
            return head(fits, budget.saturating_mul(12));
        }
    }
    text
}

/// The longest tail of `text` within `budget` tokens, by halving: the count of
/// a tail may fall by a token where it gains a line end, so halving is part of the definition.
pub(super) fn tail_within(text: &str, budget: usize) -> &str {
    let text = last(text, budget.saturating_mul(12));
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let tail = |count: usize| match count {
        0 => "",
        _ => starts
            .get(starts.len() - count)
            .and_then(|&at| text.get(at..))
            .unwrap_or(text),
    };
    let (mut low, mut high) = (0, starts.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if tokens(tail(middle)) <= budget {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    tail(low)
}

/// Counts tokens, a character at a time. Characters join to runs: letters,
/// digits, signs, a line end with the white space behind it, blanks, tabs.
#[derive(Default)]
struct Meter {
    done: usize,
    run: Run,
    length: usize,
    /// Whether the run of signs has only ASCII signs, and whether it begins with a digit of another alphabet.
    plain: bool,
    numeric: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Run {
    #[default]
    None,
    Letters,
    Digits,
    Signs,
    Line,
    Blanks,
    Tabs,
}

impl Meter {
    fn add(&mut self, c: char) {
        if self.run == Run::Line && is_space(c) {
            return;
        }
        let run = match c {
            'a'..='z' | 'A'..='Z' => Run::Letters,
            '0'..='9' => Run::Digits,
            '\n' => Run::Line,
            ' ' => Run::Blanks,
            '\t' => Run::Tabs,
            c if is_space(c) => Run::None,
            _ => Run::Signs,
        };
        if run == self.run {
            self.length += 1;
            self.plain &= c.is_ascii();
            return;
        }
        self.done = self.total();
        self.run = run;
        self.length = 1;
        self.plain = c.is_ascii();
        self.numeric = run == Run::Signs && c.is_numeric();
    }

    fn total(&self) -> usize {
        let length = self.length;
        self.done
            + match self.run {
                Run::None => 0,
                Run::Letters => 1 + (length - 1) / 8,
                Run::Digits => length.div_ceil(3),
                Run::Signs if self.numeric => length.div_ceil(3),
                Run::Signs if self.plain => length.div_ceil(2),
                Run::Signs => length,
                Run::Blanks => usize::from(length > 1),
                Run::Line | Run::Tabs => 1,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_by_runs() {
        let check = |text: &str, count| assert_eq!(tokens(text), count, "{text:?}");
        check("", 0);
        check("a word", 2);
        check("compaction", 2);
        check("12 345 6789", 1 + 1 + 2);
        check("->::;", 3);
        check("é→", 2);
        check("a\n   \n b", 3);
        check("a  b \t\tc", 5);
        check("a\r\rb", 2);
    }

    #[test]
    fn heads_and_tails_fit() {
        assert_eq!(head_within("one two three", 2), "one two ");
        assert_eq!(head_within("one", 2), "one");
        assert_eq!(tail_within("one two three", 2), " two three");
        assert_eq!(tail_within("", 2), "");
        assert_eq!(tail_within("abc", 0), "");
        assert_eq!((head("äbc", 2), last("abä", 2)), ("äb", "bä"));
        assert_eq!(
            (head("ab", 9), last("ab", 9), last("ab", 0)),
            ("ab", "ab", "")
        );
    }

    #[test]
    fn words_are_runs_of_three_letters_or_more() {
        let found: Vec<&str> = words("fix_the b2b naïve-path3").collect();
        assert_eq!(found, ["fix", "the", "path"]);
        assert_eq!(content("fix the path").collect::<Vec<_>>(), ["fix", "path"]);
    }
}
