//! Words, identifiers and sentences of a text.

use std::borrow::Cow;
use std::fmt::Display;

use super::path::{Class, by_extension};

/// Words that say nothing of the work.
const STOP: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "but", "by", "can", "could", "did", "do", "does", "don", "done",
    "down", "first", "for", "from", "get", "got", "had", "has", "have", "he", "here", "how", "i",
    "if", "in", "into", "is", "it", "its", "just", "let", "like", "ll", "made", "make", "me",
    "more", "most", "my", "need", "needs", "next", "no", "not", "now", "of", "on", "one", "only",
    "or", "other", "our", "out", "over", "re", "s", "same", "see", "should", "so", "some", "still",
    "such", "t", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "to", "too", "two", "under", "up", "us", "use", "used", "using", "ve", "very", "was",
    "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you",
    "your",
];

/// True if `word`, in lower case, says nothing of the work.
pub fn is_stop(word: &str) -> bool {
    STOP.binary_search(&word).is_ok()
}

/// The content words of `text`, in lower case: letters only, three or more, without stop words.
pub fn content(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().nth(2).is_some())
        .map(lower)
        .filter(|word| !is_stop(word))
        .map(Cow::into_owned)
}

/// A word in lower case.
pub(crate) fn lower(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase())
    }
}

/// The identifiers of `text`: names that no prose has (`runExplain`, `max_len`, `HTTPServer2`), ticket and issue
/// numbers (`ENT-212`, `#42`); paths and URLs are passed over. At least `MIN` bytes long, tickets apart.
pub fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    const MIN: usize = 6;
    chunks(text)
        .filter(|chunk| chunk.len() < 400)
        .filter(|chunk| {
            memchr::memchr2(b'/', b'\\', chunk.as_bytes()).is_none() && !is_file_name(chunk)
        })
        .flat_map(|chunk| {
            let ticket = ticket(chunk);
            let rest = if ticket.is_some() { "" } else { chunk };
            ticket.into_iter().chain(
                rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .filter(|name| name.len() >= MIN && is_identifier(name)),
            )
        })
}

/// ASCII that stands between the words of code and prose, besides white space.
const MARKS: &[u8] = b"\"'`()[]{}<>,;=|*!?&+";

/// What a byte is to [`chunks`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// It ends a word.
    Between,
    /// Prose has it only at the head of a word: a capital, a digit, `_`.
    Telling,
    Plain,
}

/// [`Byte`] by byte.
const BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Plain; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        if byte.is_ascii_whitespace() || byte == 0x0b {
            bytes[b] = Byte::Between;
        } else if byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_' {
            bytes[b] = Byte::Telling;
        }
        b += 1;
    }
    let mut mark = 0;
    while mark < MARKS.len() {
        bytes[MARKS[mark] as usize] = Byte::Between;
        mark += 1;
    }
    bytes
};

/// The words of code and prose that may hold an identifier or a ticket: most are told apart by a glance at each byte.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let telling = std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (mut telling, mut end) = (false, 0);
            for &byte in rest.as_bytes() {
                match BYTES[usize::from(byte)] {
                    Byte::Between => break,
                    Byte::Telling => telling |= end > 0,
                    Byte::Plain => {}
                }
                end += 1;
            }
            // What ends a stretch is one byte long.
            let (stretch, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = behind.get(1..).unwrap_or_default();
            if telling {
                return Some(stretch);
            }
        }
        None
    });
    // White space beyond ASCII is rare, and of little use in the table.
    telling.flat_map(|stretch| {
        let (whole, parts) = if stretch.is_ascii() {
            (Some(stretch), "")
        } else {
            (None, stretch)
        };
        let parts = parts.split(char::is_whitespace);
        whole.into_iter().chain(parts.filter(|part| may_name(part)))
    })
}

/// False for what is neither an identifier nor a ticket, by a glance: most words are told apart by it.
fn may_name(chunk: &str) -> bool {
    let mut bytes = chunk.bytes().skip(1);
    bytes.any(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// True for the name of a file, a place in it behind a colon or not: `a_b.go`, `a_b.go:12`.
fn is_file_name(chunk: &str) -> bool {
    if memchr::memchr(b'.', chunk.as_bytes()).is_none() {
        return false;
    }
    let name = chunk.split(':').next().unwrap_or(chunk);
    name.trim_end_matches('.')
        .rsplit_once('.')
        .is_some_and(|(stem, extension)| {
            !stem.is_empty() && by_extension(extension) != Class::Other
        })
}

/// A ticket or issue number at the head of `chunk`, as `ENT-212` or `#42`.
fn ticket(chunk: &str) -> Option<&str> {
    if !chunk.starts_with('#') && memchr::memchr(b'-', chunk.as_bytes()).is_none() {
        return None;
    }
    let chunk = chunk.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    if let Some(number) = chunk.strip_prefix('#') {
        return (number.len() >= 2 && number.bytes().all(|b| b.is_ascii_digit())).then_some(chunk);
    }
    let (project, number) = chunk.split_once('-')?;
    let shaped = project.len() >= 2
        && project.bytes().all(|b| b.is_ascii_uppercase())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit());
    shaped.then_some(chunk)
}

/// The tickets that `text` names, as `ENT-212`; also at the head of a branch's name, as in `ENT-212-sync-files`. What only
/// looks like one, as `UTF-8`, is none.
pub fn tickets(text: &str) -> impl Iterator<Item = &str> {
    const STANDARDS: [&str; 12] = [
        "AES", "COVID", "CVE", "GPT", "HTTP", "ISO", "MD", "RFC", "RSA", "SHA", "TLS", "UTF",
    ];
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter_map(|word| {
            let (project, rest) = word.split_once('-')?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let ends = rest
                .get(digits..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with('-'));
            let shaped = (2..=10).contains(&project.len())
                && project.bytes().all(|b| b.is_ascii_uppercase())
                && (1..=6).contains(&digits)
                && !STANDARDS.contains(&project);
            word.get(..project.len() + 1 + digits)
                .filter(|_| shaped && ends)
        })
}

/// A number with its word: `1 file`, `2 files`.
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, word: &str) -> String {
    let s = if number == N::from(1) { "" } else { "s" };
    format!("{number} {word}{s}")
}

/// True if `name` is written as no word of prose is: a hump, an inner underscore, a digit behind a letter.
pub fn is_identifier(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.first().is_none_or(u8::is_ascii_digit) {
        return false;
    }
    bytes.windows(2).any(|pair| {
        let [a, b] = [pair[0], pair[1]];
        (a.is_ascii_lowercase() && b.is_ascii_uppercase())
            || (a.is_ascii_alphabetic() && b.is_ascii_digit())
    }) || bytes.windows(3).any(|three| {
        (three[0].is_ascii_alphabetic() && three[1] == b'_' && three[2].is_ascii_alphabetic())
            || (three[0].is_ascii_uppercase()
                && three[1].is_ascii_uppercase()
                && three[2].is_ascii_lowercase())
    })
}

/// True for a line that a program printed, as an error that the user pasted.
fn is_pasted(line: &str) -> bool {
    const MARKS: &[&str] = &[
        "fatal:",
        "error:",
        "error[",
        "warning:",
        "hint:",
        "remote:",
        "panic:",
        "npm err!",
        "npm error",
        "traceback (",
        "another git process",
        "=> error",
        "exit code",
        "create mode ",
        "delete mode ",
        "--- fail",
        "❯",
        "➜",
        "$ ",
        "⏺",
        "⎿",
    ];
    let line = line.trim_start();
    let head: String = line.chars().take(24).collect::<String>().to_lowercase();
    // `name@host folder % command`, as zsh prompts.
    let zsh = |line: &str| {
        let (who, rest) = line.split_once(' ')?;
        (who.contains('@') && rest.split_once(" % ")?.0.split(' ').count() == 1).then_some(())
    };
    // `[name] $ command`, as task runners say it.
    let runner = line.starts_with('[')
        && line
            .split_once(' ')
            .is_some_and(|(name, rest)| name.ends_with(']') && rest.starts_with("$ "));
    MARKS.iter().any(|mark| head.starts_with(mark)) || zsh(line).is_some() || runner
}

/// Which lines of `text` a program printed: what it says is nobody's rule. A mark counts until the next empty line.
pub fn pasted(text: &str) -> Vec<bool> {
    let mut inside = false;
    text.lines()
        .map(|line| {
            inside = !line.trim().is_empty() && (inside || is_pasted(line));
            inside
        })
        .collect()
}

/// True if a reviewer's remark begins in `text`: review bots grade each by a line of its own.
pub fn is_review(text: &str) -> bool {
    const GRADES: [&str; 4] = ["critical", "high", "medium", "low"];
    let graded = |line: &str| {
        let line = line.trim_matches(|c: char| !c.is_alphanumeric());
        let (grade, rest) = line.split_once(' ').unwrap_or((line, ""));
        rest.eq_ignore_ascii_case("severity")
            && GRADES.iter().any(|known| grade.eq_ignore_ascii_case(known))
    };
    text.lines().any(graded)
}

/// What prompts fill a line with.
const FILLER: &str = "····";

/// What the user says in `text`, without what they pasted of a terminal: that is evidence, and none of their words.
pub fn unprinted(text: &str) -> Cow<'_, str> {
    let printed = pasted(text);
    if !printed.contains(&true) {
        return Cow::Borrowed(text);
    }
    let own = text.lines().zip(printed);
    let own: Vec<&str> = own
        .filter_map(|(line, printed)| (!printed && !line.contains(FILLER)).then_some(line))
        .collect();
    Cow::Owned(own.join("\n").trim().to_owned())
}

/// The first command that stands behind a prompt in `text`.
pub fn prompted(text: &str) -> Option<&str> {
    text.lines()
        .map(str::trim)
        .filter_map(|line| {
            let runner = line
                .strip_prefix('[')
                .and_then(|rest| rest.split_once("] $ "));
            ["❯ ", "➜ ", "$ "]
                .iter()
                .find_map(|mark| line.strip_prefix(mark))
                .or(runner.map(|(_, command)| command))
        })
        .map(str::trim)
        .find(|command| !command.starts_with(['~', '/']))
}

/// The sentences of prose, one by one: paragraphs and list items end a sentence; code blocks, tables and headings are
/// passed over. Each is trimmed of list marks and emphasis.
pub fn sentences(text: &str) -> Vec<&str> {
    let told = told(text).into_iter();
    told.map(|(sentence, _)| sentence).collect()
}

/// [`sentences`], each of a list with the words that the list stands under: a heading, or a line that ends with a colon.
pub fn told(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut out = Vec::new();
    let mut fenced = false;
    let mut above: Option<&str> = None;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if fenced || line.starts_with('|') || line.starts_with("---") || line.is_empty() {
            continue;
        }
        if line.starts_with('#') {
            above = Some(heading(line));
            continue;
        }
        let item = unlisted(line);
        let of_list = item.len() < line.len();
        let mut found = Vec::new();
        split_line(item, &mut found);
        let under = above.filter(|_| of_list);
        let last = found.last().copied().unwrap_or(item);
        out.extend(found.into_iter().map(|sentence| (sentence, under)));
        let leads = line.ends_with(':') || (line.starts_with("**") && line.ends_with("**"));
        if leads {
            // Of several sentences the last leads up to the list.
            above = Some(heading(last));
        } else if !of_list {
            above = None;
        }
    }
    out
}

/// A heading, or what leads up to a list, without its marks.
pub fn heading(line: &str) -> &str {
    unlisted(line.trim_matches(['#', '*', ':', ' '])).trim_matches('*')
}

/// A rule with the case that it is for: `what` from the beginning of its sentence in `line` if that begins with "if" or its
/// like, or comes to it. None in a list, where it is a case of what is to be built, and for what the user would do.
pub fn in_its_case<'t>(line: &'t str, what: &'t str) -> Option<&'t str> {
    let Some(at) = line.find(what) else {
        return Some(what);
    };
    let before = &line[..at];
    let start = ['.', '!', '?', ';']
        .iter()
        .filter_map(|mark| before.rfind(&format!("{mark} ")))
        .max()
        .map_or(0, |end| end + 2);
    let item = unlisted(line.trim_start());
    let is_item = item.len() < line.trim_start().len();
    let sentence = line[start..at + what.len()].trim();
    let first = unlisted(sentence).split(' ').next().unwrap_or_default();
    let cases = [
        "if", "when", "whenever", "unless", "once", "for", "in", "on",
    ];
    let before = sentence[..sentence.len() - what.len()].to_lowercase();
    // "What if I stash, then don't commit …": what somebody imagines is no rule.
    let imagined = before.contains("if i ");
    let cased = cases.contains(&first.to_lowercase().as_str()) || before.contains(" if ");
    match (cased && !before.is_empty(), is_item || imagined) {
        (true, true) => None,
        (true, false) => Some(sentence),
        (false, _) => Some(what),
    }
}

/// A line without the mark of a list item or a quotation.
fn unlisted(line: &str) -> &str {
    let line = line.trim_start_matches(['>', ' ']);
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < line.len()
        && let Some(rest) = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
    {
        return rest.trim_start();
    }
    for mark in ["- ", "* ", "+ ", "• ", "[ ] ", "[x] "] {
        if let Some(rest) = line.strip_prefix(mark) {
            return rest.trim_start();
        }
    }
    line
}

fn split_line<'t>(line: &'t str, out: &mut Vec<&'t str>) {
    let mut start = 0;
    let mut code = false;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '`' {
            code = !code;
        }
        let wide = matches!(c, '。' | '！' | '？');
        let ends = matches!(c, '.' | '!' | '?')
            && !code
            && chars.peek().is_some_and(|(_, next)| *next == ' ');
        // "e.g. x", "i.e. x", "v1. x": not an end; an end is followed by a capital, a mark or code.
        let next = line[at + c.len_utf8()..].trim_start().chars().next();
        if wide
            || (ends && next.is_some_and(|next| next.is_uppercase() || "`*\"'([".contains(next)))
        {
            let end = at + c.len_utf8();
            out.extend(Some(line[start..end].trim()).filter(|sentence| !sentence.is_empty()));
            start = end;
        }
    }
    out.extend(Some(line[start..].trim()).filter(|sentence| !sentence.is_empty()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_item_stands_under_what_leads_up_to_its_list() {
        let text = "Go caches results. It matters for:\n- flaky ones\n\nDone.\n- alone\n## Names\n1. one\n**Kept:**\n- two";
        assert_eq!(
            told(text),
            [
                ("Go caches results.", None),
                ("It matters for:", None),
                ("flaky ones", Some("It matters for")),
                ("Done.", None),
                ("alone", None),
                ("one", Some("Names")),
                ("**Kept:**", None),
                ("two", Some("Kept")),
            ]
        );
    }

    #[test]
    fn a_rule_keeps_its_case() {
        let check = |line: &'static str, what: &'static str, expected: Option<&str>| {
            assert_eq!(in_its_case(line, what), expected, "{line}");
        };
        let always = "always exit with 1";
        check("always exit with 1", always, Some(always));
        check(
            "if there is an error, always exit with 1",
            always,
            Some("if there is an error, always exit with 1"),
        );
        check("2. if there is an error, always exit with 1", always, None);
        check("- always exit with 1", always, Some(always));
        check(
            "It fails. When it does, always exit with 1 please",
            always,
            Some("When it does, always exit with 1"),
        );
        check("ok, always exit with 1", always, Some(always));
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP.is_sorted());
    }

    proptest! {
        /// The glance is a matter of time alone.
        #[test]
        fn a_glance_hides_no_name(chunk in "[a-cA-C0-2_#.é-]{0,12}") {
            let parts = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            let named = ticket(&chunk).is_some() || chunk.split(parts).any(is_identifier);
            prop_assert!(may_name(&chunk) || !named);
        }
    }

    #[test]
    fn identifiers_are_what_no_prose_is() {
        let text = "The runExplain function and max_len of HTTPServer, see ENT-212, #42 and src/a_b.go; a_test.go:12, \
                    `parse2` is fine, and state.BaseCommit too. \
                    Sentence, README 12ab";
        assert_eq!(
            identifiers(text).collect::<Vec<_>>(),
            [
                "runExplain",
                "max_len",
                "HTTPServer",
                "ENT-212",
                "#42",
                "parse2",
                "BaseCommit"
            ]
        );
    }

    proptest! {
        /// The table of bytes is a matter of time alone.
        #[test]
        fn chunks_are_what_stands_between(text in "[aB_1 \t\u{b}\u{a0}\u{2003}é,;(=]{0,40}") {
            let between = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;=|*!?&+".contains(c);
            let expected: Vec<&str> = text.split(between).filter(|chunk| may_name(chunk)).collect();
            prop_assert_eq!(chunks(&text).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn tickets_are_told_from_standards() {
        let text = "ENT-212: see SHOP-9, DEV2/ENT-221-phase; not UTF-8, SHA-256, CVE-2024-1, ENT-22x, v-1 or A-1";
        let found: Vec<&str> = tickets(text).collect();
        assert_eq!(found, ["ENT-212", "SHOP-9", "ENT-221"]);
    }

    #[test]
    fn numbers_have_their_words() {
        assert_eq!(counted(1_u64, "file"), "1 file");
        assert_eq!(counted(0_usize, "file"), "0 files");
    }

    #[test]
    fn what_a_program_printed_is_told_from_words() {
        let text =
            "I see this:\nfatal: no such ref\nmake sure it exists\n\nplease fix it\n❯ ./run.sh";
        assert_eq!(pasted(text), [false, true, true, false, false, true]);
    }

    #[test]
    fn sentences_end_where_prose_does() {
        let text = "Fixed it. The cause was `a. B` e.g. the cache.\n\n- one item\n2. two! Three\n```\ncode. Here\n```\n# Head\n| a |";
        assert_eq!(
            sentences(text),
            [
                "Fixed it.",
                "The cause was `a. B` e.g. the cache.",
                "one item",
                "two!",
                "Three"
            ]
        );
    }

    #[test]
    fn other_scripts_have_sentences_too() {
        assert_eq!(
            sentences("直しました。次はテスト！"),
            ["直しました。", "次はテスト！"]
        );
        assert_eq!(
            content("Prüfe die Größe").collect::<Vec<_>>(),
            ["prüfe", "die", "größe"]
        );
    }
}
