//! What a request asks for: work, a routine step, an answer; and the words that say it.

use crate::extract::words::{identifiers, pasted, sentences};

/// What somebody wants who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Something is to be made or changed.
    Work,
    /// Something is described, as an error or a remark of a reviewer, that the agent is to act on.
    Matter,
    /// Something is to be looked at or explained.
    Answer,
    /// A routine step at the end of any work: tests, lint, commit, push.
    Routine,
    /// An answer, an opinion, a correction: it goes on with what was asked before.
    Talk,
}

/// Words that lead up to a request without being it.
const LEADS: &str = "can you, could you, would you, will you, can we, could we, should we, shall we, can i, maybe we can, \
    maybe we should, i want you to, i want to, i'd like you to, i'd like us to, i'd like to, i would like \
    you to, i would like to, i need you to, i need to, we need to, we should, we have to, you should, you \
    need to, need to, let's, lets, let us, please, ok, okay, yes, yeah, yep, sure, great, perfect, cool, \
    nice, good, alright, right, so, and, oh, ah, hey, hi, now, then, next, also, first, just, maybe, \
    actually, but, hmm, thanks, looks good, do me a favor, go ahead and, completely, first of all, 1., a, \
    question:, q:, a), b), c), help me, try to";

/// Verbs that begin work.
const WORK: &str = "continue finish complete truncate add address adress adjust apply attach bring branch build bump change clean cleanup configure convert \
    copy correct create debug delete deploy design disable document draft drop enable enhance ensure expand \
    expose extend extract file fix format generate handle implement improve include inline install integrate \
    introduce invert investigate limit make merge migrate move open optimise optimize parse port prepare \
    prevent print propose put raise rebase reduce refactor release remove rename replace reset resolve \
    restore restructure reuse revert rework rewrite rollback run scope set setup show simplify solve sort \
    split squash start store summarize summarise support swap switch test tidy track turn unify update \
    upgrade use word work wrap write do";

/// Verbs that ask for an answer.
const LOOK: &str = "analyse analyze check compare confirm describe explain find give have look read review search see \
    summarize take tell think understand verify walk list validate go double";

/// Words that make a routine step and nothing else.
const ROUTINE: &str = "continue implementation implementing working work it run rerun re all the full lint linter linting lints test tests testing suite format formatting fmt build \
    check checks verify and ci fix any issues issue errors make sure pass passes passing commit push changes \
    final everything works mise it this that these to a an pr draft raise open create up of on branch our \
    for with again now please me you can let s ok okay then go main unit integration update git message both \
    do same also failures failing still fail fails so are is new code quality verification merge from parent until done \
    close comments relevant appropriate off bring date latest rebase pull remote review them carefully";

/// Words that begin an answer, an opinion or a doubt.
const TALK: &str = "yes, yeah, yep, no, nope, nah, ok, okay, sure, option, actually, mh, hm, um, uh, umm, ummm, emm, ehh, \
    eh, mmm, but, hmm, wait, thanks, great, good, perfect, proceed, this is, go, i think, i feel, i mean, i \
    meant, i also meant, i guess, i did, i thought, i see, i built, maybe, that, that's, it, \
    it's, those, these, there, try again, still, same, sorry, note, weird, not, oh, ah, again, almost, \
    given, right now, currently, at the moment, you, you're, whoops, oops, both, one more, looks like, done, nice, cool, if, well, given that";

/// Words that begin a question.
const QUESTION: &str = "why, what, what's, is, isn't, are, aren't, did, didn't, does, doesn't, do, don't, how, where, which, \
    when, who, was, were, has, have, should, shouldn't, would, will, won't, can, could, couldn't, can't, any";

/// What `text` asks for, and the sentence that says it, without the words that lead up to it.
pub(super) fn asked(text: &str) -> (Want, String) {
    const LOOKED: usize = 12;
    let lines: Vec<&str> = text
        .lines()
        .zip(pasted(text))
        .filter_map(|(line, pasted)| (!pasted).then_some(line))
        .map(|line| line.trim().trim_start_matches('#').trim())
        .filter(|line| line.chars().filter(|c| c.is_alphabetic()).count() >= 3)
        .filter(|line| !is_code(line))
        .take(LOOKED)
        .collect();
    let mut said: Vec<&str> = Vec::new();
    for line in &lines {
        let parts = sentences(line);
        said.extend(if parts.is_empty() { vec![*line] } else { parts });
    }
    let wants: Vec<(Want, &str)> = said.into_iter().map(want).collect();
    let whole = wants
        .iter()
        .map(|(want, _)| *want)
        .max_by_key(|want| rank(*want));
    let want = whole.unwrap_or(Want::Talk);
    // What is wrong says more than "fix it" behind it.
    let telling = wants
        .iter()
        .find(|(of, head)| matches!(of, Want::Work | Want::Matter) && !points_elsewhere(head))
        .or_else(|| wants.iter().find(|(of, _)| *of == want));
    let head = telling.map_or(text.trim(), |(_, head)| *head);
    let marks: &[char] = match want {
        Want::Work => &['.', ':', '?', '!', ' '],
        _ => &['.', ':', ' '],
    };
    (want, head.trim_end_matches(marks).to_owned())
}

/// True for a line of a program that stands in a request.
fn is_code(line: &str) -> bool {
    const MARKS: [&str; 4] = [" := ", " += ", "=> {", "() {"];
    line.ends_with(['{', '}', ';'])
        || line.starts_with("//")
        || MARKS.iter().any(|mark| line.contains(mark))
}

/// True if `word` is one of `words`, which stand between blanks.
fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

fn rank(want: Want) -> u8 {
    match want {
        Want::Work => 4,
        Want::Matter => 3,
        Want::Answer => 2,
        Want::Routine => 1,
        Want::Talk => 0,
    }
}

/// True if `head` points at something said elsewhere and names nothing itself: "put it there", "implement this".
pub(super) fn points_elsewhere(head: &str) -> bool {
    const POINTERS: &[&str] = &[
        "it", "this", "that", "them", "these", "those", "both", "all", "one", "option", "options",
        "same", "there", "some", "another", "such", "similar", "1", "2", "3", "4", "5", "6", "7",
        "8", "9",
    ];
    const NEAR: usize = 6;
    let names = identifiers(head).next().is_some()
        || head.contains(['`', '/', '_'])
        || head
            .split('.')
            .skip(1)
            .any(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
    // "make sure that the cache is kept" points at nothing.
    let head = head.replace("sure that ", "sure ");
    let points = head.split_whitespace().skip(1).take(NEAR).any(|word| {
        let word = word
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        POINTERS.contains(&word.as_str())
    });
    let goes_on = ["again", "more", "too", "as well"]
        .iter()
        .any(|end| head.to_lowercase().ends_with(end));
    // "Put it in main.rs" says where, not what.
    let mut words = head.split_whitespace().skip(1).map(str::to_lowercase);
    let object = words.next().unwrap_or_default();
    let next = words.next().unwrap_or_default();
    let placed = matches!(
        object.as_str(),
        "it" | "this" | "that" | "them" | "these" | "those"
    ) && matches!(
        next.as_str(),
        "in" | "into"
            | "to"
            | "on"
            | "onto"
            | "from"
            | "with"
            | "there"
            | "here"
            | "please"
            | "and"
            | "too"
            | "-"
    );
    // "3 and clean up, too" takes up the third of what was offered.
    let mut start = head.split_whitespace();
    let number = start.next().unwrap_or_default();
    let chosen = number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    let chosen = chosen
        && matches!(
            start.next().unwrap_or_default(),
            "and" | "but" | "with" | "please" | "then"
        );
    placed || chosen || ((points || goes_on) && !names)
}

/// True for a task or a request that is a step of any work: "Run tests and lint".
pub(super) fn is_routine(text: &str) -> bool {
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .peekable();
    words.peek().is_some() && words.all(|word| has(ROUTINE, &word))
}

/// What one sentence asks for, and the sentence without its lead.
fn want(sentence: &str) -> (Want, &str) {
    if is_routine(sentence) {
        return (Want::Routine, sentence);
    }
    let rest = unled(sentence);
    let (start, aside) = rest.split_once(" (").unwrap_or((rest, ""));
    if is_routine(rest) || (aside.ends_with(')') && is_routine(start)) {
        return (Want::Routine, rest);
    }
    let worded = rest.starts_with(|c: char| c.is_alphanumeric());
    let mut words = rest.split_whitespace().map(|word| {
        word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')
            .to_lowercase()
    });
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let noun = matches!(
        second.as_str(),
        "is" | "are"
            | "fail"
            | "fails"
            | "failed"
            | "failing"
            | "failure"
            | "failures"
            | "seems"
            | "was"
            | "were"
            | "it's"
    ) || (first == "do"
        && matches!(
            second.as_str(),
            "we" | "you" | "they" | "i" | "the" | "these" | "those"
        ))
        || (first == "work" && second != "on" && second != "through");
    let on = matches!(second.as_str(), "with" | "the" | "on" | "from" | "where");
    if first == "continue" && on {
        return (Want::Routine, rest);
    }
    let words = rest.split_whitespace().count();
    let led = rest.len() < sentence.len();
    if worded && has(WORK, &first) && !noun && words >= 2 {
        return (Want::Work, rest);
    }
    if worded && has(LOOK, &first) && !noun && words >= 3 {
        return (Want::Answer, rest);
    }
    // Behind "ok, so" a sentence may begin that says something by itself.
    const ITSELF: usize = 6;
    let lead = sentence[..sentence.len() - rest.len()].to_lowercase();
    let only_leads = led
        && !["you", "we", "i", "us"].iter().any(|who| {
            let mut words = lead.split(|c: char| !c.is_alphanumeric());
            words.any(|word| word == *who)
        });
    let by_itself = only_leads && words >= ITSELF;
    let lower = match by_itself {
        true => rest.to_lowercase(),
        false => sentence.trim_start().to_lowercase(),
    };
    let opens = |openings: &str| {
        openings.split(", ").any(|opening| {
            lower.strip_prefix(opening).is_some_and(|rest| {
                rest.starts_with([' ', ',', '.', '!', '?', ':']) || rest.is_empty()
            })
        })
    };
    let printed = !sentence.starts_with(|c: char| c.is_alphanumeric() || "`\"'@/.<[".contains(c))
        || is_numbered_change(sentence);
    let short = sentence.is_ascii() && words < 4;
    if printed || short || opens(TALK) {
        (Want::Talk, sentence)
    } else if opens(QUESTION) || (led && !by_itself) {
        (Want::Answer, sentence)
    } else {
        if !sentence.starts_with('[') && asks_behind(&lower) {
            return (Want::Work, sentence);
        }
        let set_off = lead.trim_end().ends_with([',', ':', '-', '!', '.']);
        let head = if by_itself && set_off { rest } else { sentence };
        (Want::Matter, head)
    }
}

/// True if a sentence that tells a reason, in lower case, asks for work behind it: "it never worked, so let's remove it".
fn asks_behind(sentence: &str) -> bool {
    const ASKS: [&str; 6] = [
        " so let's ",
        ", let's ",
        ", please ",
        ", can you ",
        ", could you ",
        ", we should ",
    ];
    ASKS.iter().any(|ask| {
        let behind = sentence.rfind(ask).map(|at| &sentence[at + ask.len()..]);
        let mut words = behind.into_iter().flat_map(str::split_whitespace);
        words
            .find(|word| !matches!(*word, "just" | "also" | "then" | "please"))
            .is_some_and(|word| has(WORK, word) && words.next().is_some())
    })
}

/// True for a line of a change as it is shown with its number: `299 +User commit`.
fn is_numbered_change(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && rest.trim_start().starts_with(['+', '-'])
}

/// `sentence` behind the words that lead up to what it asks for.
fn unled(sentence: &str) -> &str {
    let mut rest = sentence.trim_start();
    // `@"name (agent)" do this`: whom it is for is not what it is.
    if let Some((agent, asked)) = rest
        .strip_prefix("@\"")
        .and_then(|rest| rest.split_once('"'))
        && agent.ends_with("(agent)")
    {
        rest = asked.trim_start();
    }
    'leads: loop {
        for lead in LEADS.split(", ") {
            let Some(head) = rest.get(..lead.len()) else {
                continue;
            };
            let behind = &rest[lead.len()..];
            // "Right now, it does" says when, and is no "right, now do".
            if lead == "right" && behind.to_ascii_lowercase().starts_with(" now") {
                continue;
            }
            if head.eq_ignore_ascii_case(lead) && behind.starts_with([' ', ',', ':', '-', '!', '.'])
            {
                rest = behind.trim_start_matches([' ', ',', ':', '-', '!', '.']);
                continue 'leads;
            }
        }
        return rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Want, head: &str) {
        assert_eq!(asked(text), (want, head.to_owned()), "{text}");
    }

    #[test]
    fn work_is_told_from_talk() {
        check("Add a CSV export.", Want::Work, "Add a CSV export");
        check(
            "ok let's create your proposed bug form, and more",
            Want::Work,
            "create your proposed bug form, and more",
        );
        check(
            "can you please update the docs?",
            Want::Work,
            "update the docs",
        );
        check(
            "This is a subtle function now.  Let's add a few table tests.",
            Want::Work,
            "add a few table tests",
        );
        check(
            "Low Severity\n\nThe error of load() is wrapped twice, which hides its cause.",
            Want::Matter,
            "The error of load() is wrapped twice, which hides its cause",
        );
        check(
            "can you review the changes in this branch?",
            Want::Answer,
            "review the changes in this branch?",
        );
        check(
            "do they have unique templates?",
            Want::Answer,
            "do they have unique templates?",
        );
        check(
            "tests fail on main since yesterday",
            Want::Matter,
            "tests fail on main since yesterday",
        );
        check(
            "those frameworks look ancient to me",
            Want::Talk,
            "those frameworks look ancient to me",
        );
        check(
            "@\"architect (agent)\" add a list of commands",
            Want::Work,
            "add a list of commands",
        );
        check(
            "ok, the next problem is that only new lines are stored",
            Want::Matter,
            "the next problem is that only new lines are stored",
        );
        check(
            "299 +User commit with its metadata",
            Want::Talk,
            "299 +User commit with its metadata",
        );
        check("yes", Want::Talk, "yes");
        check("yes, fix it", Want::Routine, "fix it");
        check(
            "fatal: Unable to create 'index.lock': File exists.",
            Want::Talk,
            "fatal: Unable to create 'index.lock': File exists",
        );
        check(
            "❯ ./run.sh --fast now please",
            Want::Talk,
            "❯ ./run.sh --fast now please",
        );
        check(
            "push and create a PR",
            Want::Routine,
            "push and create a PR",
        );
    }

    #[test]
    fn what_points_elsewhere_is_no_title() {
        for (head, points) in [
            ("put it there", true),
            ("implement this", true),
            ("print a full example again", true),
            ("add some tests for this behavior", true),
            ("make both a constant", true),
            // Where, not what: the name is the place's.
            ("put it in handleGeminiSessionEnd", true),
            ("add it to the release notes of 0.3", true),
            ("remove handleGeminiSessionEnd", false),
            ("add a standard MIT license", false),
            (
                "make sure that with more agents the right name is shown",
                false,
            ),
            ("make sure that this is shown", true),
            ("update go in all places to go.mod", false),
        ] {
            assert_eq!(points_elsewhere(head), points, "{head}");
        }
    }

    #[test]
    fn routine_steps_are_known() {
        for (text, routine) in [
            ("continue implementation", true),
            ("continue until all are done", true),
            ("Run lint and tests", true),
            ("Run fmt, lint, and tests", true),
            ("Run tests for the parser", false),
            ("fix lint errors", true),
            ("", false),
        ] {
            assert_eq!(is_routine(text), routine, "{text}");
        }
    }
}
