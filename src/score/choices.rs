//! What the agent offered to choose from, and what an answer of a word or two takes of it.

use crate::extract::words::content;
use crate::ledger::Request;
use crate::session::{Body, Session, Via};

/// The agent's last words before `request`.
pub(super) fn said_before<'s>(session: &'s Session, request: &Request) -> Option<&'s str> {
    session.timeline.iter().rev().find_map(|event| {
        let before = event.at < request.cite.at && event.agent.is_none() && event.live;
        match &event.body {
            Body::Say(text) if before => Some(text.text.as_str()),
            _ => None,
        }
    })
}

/// The lines of a list in `said` that `answer` names by their numbers, or by the key in front: `d` takes `[d] Done`.
pub(super) fn options(said: &str, answer: &str) -> Vec<String> {
    if let Some(chosen) = key(answer).and_then(|key| option(said, key)) {
        return vec![chosen];
    }
    let words = answer.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    // "All 5" says how many, not which.
    let counts = |at: usize| at > 0 && words[at - 1].eq_ignore_ascii_case("all");
    (0..words.len())
        .filter(|at| is_number(words[*at]) && !counts(*at))
        .filter_map(|at| option(said, words[at]))
        .collect()
}

/// The letter that is all of `answer`, or its head: `a`, `a - with the tests`.
pub(super) fn key(answer: &str) -> Option<&str> {
    let answer = answer.trim();
    let (key, rest) = answer.split_at_checked(1)?;
    let is_key = key.bytes().all(|byte| byte.is_ascii_alphabetic());
    let ends = rest.is_empty()
        || [" - ", ") ", ": "]
            .iter()
            .any(|mark| rest.starts_with(mark));
    (is_key && ends).then_some(key)
}

/// What the agent listed beside what the user asked for first, with the request, as far as no later request takes it up.
pub(super) fn put_off<'l>(
    session: &Session,
    requests: &'l [Request],
) -> Option<(&'l Request, Vec<String>)> {
    let says_first = |request: &&Request| request.via == Via::Typed && is_first(&request.text);
    let at = requests.iter().rposition(|request| says_first(&request))?;
    let mut listed = choices(said_before(session, &requests[at])?);
    let taken = |item: &String| {
        requests[at..]
            .iter()
            .any(|request| takes_up(&request.text, item))
    };
    // Who takes up none of them speaks of something else.
    let all = listed.len();
    listed.retain(|item| !taken(item));
    (listed.len() < all && !listed.is_empty()).then(|| (&requests[at], listed))
}

/// True if `request` says that something is to be done first: "address 1 first", not "the first commit".
fn is_first(request: &str) -> bool {
    const OF_ORDER: [&str; 6] = ["the", "a", "this", "its", "their", "our"];
    let words = request.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    let before = |at: usize| at.checked_sub(1).map_or("", |at| words[at].as_str());
    let mut words = words.iter().enumerate();
    words.any(|(at, word)| word == "first" && !OF_ORDER.contains(&before(at)))
}

/// True if `request` names an item of a list by its number, or has two words of it.
fn takes_up(request: &str, item: &str) -> bool {
    const WORDS: usize = 2;
    let number = item
        .trim_start_matches('(')
        .split(')')
        .next()
        .unwrap_or_default();
    let mut words = request.split(|c: char| !c.is_alphanumeric());
    let told: Vec<String> = content(request).collect();
    let shared = content(item).filter(|word| told.contains(word));
    words.any(|word| word == number) || shared.take(WORDS).count() == WORDS || takes_all(request)
}

/// True of "skip 5 and 7, do the rest": what it names is not wanted.
pub(super) fn leaves_out(answer: &str) -> bool {
    const LEAVES: [&str; 7] = [
        "except", "ignore", "leave", "not", "rest", "skip", "without",
    ];
    let mut words = answer.split(|c: char| !c.is_alphanumeric());
    words.any(|word| LEAVES.contains(&word.to_lowercase().as_str()))
}

/// True of "all four", "both", which take up everything that was offered.
pub(super) fn takes_all(answer: &str) -> bool {
    let mut words = answer.split(|c: char| !c.is_alphanumeric());
    words.any(|word| {
        ["all", "both", "everything"]
            .iter()
            .any(|all| word.eq_ignore_ascii_case(all))
    })
}

/// The options of a message, as it calls them, else its last numbered list, whole, where there are at least two lines.
pub(super) fn choices(said: &str) -> Vec<String> {
    let is_option = |line: &str| start(line).starts_with("Option ");
    let options = said
        .lines()
        .filter(|line| is_option(line) && numbered(line).is_some());
    let options = options.count() > 1;
    let mut listed: Vec<String> = Vec::new();
    for line in said.lines() {
        match numbered(line).filter(|_| !options || is_option(line)) {
            Some(item) => {
                if !options && (item.starts_with("(1)") || item.starts_with("(A)")) {
                    listed.clear();
                }
                listed.push(item);
            }
            // What follows a colon is what the line says.
            None => {
                let said = start(line).trim();
                let open = listed.last_mut().filter(|item| item.ends_with(':'));
                if let Some(item) = open.filter(|_| !said.is_empty()) {
                    item.push(' ');
                    item.push_str(said);
                }
            }
        }
    }
    if listed.len() < 2 { Vec::new() } else { listed }
}

/// A line without the marks of headings, lists and emphasis at its head.
fn start(line: &str) -> &str {
    line.trim_start_matches(['#', '*', '-', ' ', '('])
}

/// A line of a list with its number or letter in front: `(2) Keep both`, for "2. **Keep both**" or "Option 2: Keep both".
fn numbered(line: &str) -> Option<String> {
    let (number, text) = item(line)?;
    Some(format!("({number}) {text}"))
}

/// The number or letter of a line of a list, and its words; of a row of a table, whose first cell is the number, too.
fn item(line: &str) -> Option<(&str, String)> {
    let line = start(line);
    if let Some(row) = line.strip_prefix('|') {
        let mut cells = row
            .split('|')
            .map(|cell| cell.trim_matches(['*', '#', ' ']));
        let number = cells.next()?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
        return (is_number && !cells.is_empty()).then(|| (number, cells.join(" – ")));
    }
    // `**[d] Done** - all of it`, but not the box of a task.
    if let Some((key, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
        let is_key =
            key.len() == 1 && key != "x" && key.bytes().all(|it| it.is_ascii_alphanumeric());
        let rest = rest
            .trim_start_matches(['*', ' ', '-', ':'])
            .replace("**", "");
        return (is_key && !rest.is_empty()).then_some((key, rest));
    }
    let option = line.strip_prefix("Option ");
    let line = option.unwrap_or(line);
    let end = match option {
        Some(option) if option.starts_with(|c: char| c.is_ascii_uppercase()) => 1,
        _ => line.bytes().take_while(u8::is_ascii_digit).count(),
    };
    let rest = line[end..].trim_start_matches('*');
    let rest = rest.strip_prefix(['.', ')', ':'])?;
    // Not "2.5 seconds", and not "10:30".
    let rest = rest.strip_prefix([' ', '\t', '*'])?.trim();
    let rest = rest.replace("**", "");
    (end > 0 && !rest.is_empty()).then(|| (&line[..end], rest))
}

/// The line of a list in `said` that has the number `number`, without it.
fn option(said: &str, number: &str) -> Option<String> {
    let mut items = said.lines().rev().filter_map(item);
    let found = items.find(|(known, text)| *known == number && text.chars().count() > 3);
    found.map(|(_, text)| text.trim_end_matches(':').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{choices, leaves_out, numbered, options, takes_up};

    #[test]
    fn what_is_to_be_done_first_is_told_from_what_is_the_first() {
        for (request, first) in [
            ("address 1 first", true),
            ("First fix the paths, then the rest", true),
            (
                "for the first we don't need it if the first commit has a trailer",
                false,
            ),
            ("go on", false),
        ] {
            assert_eq!(super::is_first(request), first, "{request}");
        }
    }

    #[test]
    fn a_request_takes_up_an_item_by_its_number_or_its_words() {
        for (request, item, takes) in [
            ("address 1 first", "(1) Orphaned branches", true),
            ("address 1 first", "(2) Two working trees", false),
            (
                "let's first fix the CWD bug",
                "(3) The bug with the CWD",
                true,
            ),
            (
                "let's first fix the CWD bug",
                "(4) Share the sanitizer",
                false,
            ),
            ("now all of them", "(4) Share the sanitizer", true),
        ] {
            assert_eq!(takes_up(request, item), takes, "{request}: {item}");
        }
    }

    #[test]
    fn a_letter_takes_the_line_that_it_is_the_key_of() {
        let said = "What next?\n- [a] Ask more\n- **[d] Done** - all of it\n";
        for (answer, taken) in [
            ("d", Some("Done - all of it")),
            ("a - and run it", Some("Ask more")),
            ("a test fails", None),
            ("b", None),
            ("I: no", None),
        ] {
            let found = options(said, answer);
            assert_eq!(found.first().map(String::as_str), taken, "{answer}");
        }
    }

    #[test]
    fn there_is_one_list_to_choose_from() {
        for (said, wanted) in [
            (
                "Two differ:\n1. names\n2. types\n\nI could:\n1. keep them\n2. merge them\nWhich?",
                "(1) keep them|(2) merge them",
            ),
            (
                "1. names\n2. types\n\n### Option 1: Keep\n1. nothing to do\n### Option 2: Merge\n**Pros**\nOption 1?",
                "(1) Keep|(2) Merge",
            ),
            (
                "1. **Blocking:**\n   - one exits\n2. Names",
                "(1) Blocking: one exits|(2) Names",
            ),
            ("1. only one", ""),
            (
                "What next?\n- **[b] Begin** - start now\n- [x] a task\n- [d] Done",
                "(b) Begin - start now|(d) Done",
            ),
        ] {
            assert_eq!(choices(said).join("|"), wanted, "{said}");
        }
    }

    #[test]
    fn what_is_named_may_be_left_out() {
        for (answer, out) in [
            ("skip 5, 7, 8 and do the rest", true),
            ("all except 3", true),
            ("2 and 4, not 3", true),
            ("all four", false),
            ("option 1", false),
        ] {
            assert_eq!(leaves_out(answer), out, "{answer}");
        }
    }

    #[test]
    fn lines_of_lists_have_a_number() {
        for (line, told) in [
            ("2. **Keep both** formats", Some("(2) Keep both formats")),
            ("**Option B: Minimal**", Some("(B) Minimal")),
            ("### 3) Later", Some("(3) Later")),
            ("- a point", None),
            ("3 packages ok", None),
            ("2.5 seconds", None),
            ("10:30 is late", None),
            ("12.", None),
            ("| 2 | Guard the prefix |", Some("(2) Guard the prefix")),
            ("| **#3** | a | b |", Some("(3) a – b")),
            ("| 2.4 MB | big |", None),
            ("|---|---|", None),
        ] {
            assert_eq!(numbered(line).as_deref(), told, "{line}");
        }
    }
}
