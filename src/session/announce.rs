//! What the agent says it does next: "Now let me run the tests." is no end of a turn.

/// The last sentence of `prose`, if it says what comes next; with the one before it where it points back.
pub fn announced(prose: &str) -> Option<&str> {
    let line = prose
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())?;
    let last = last_sentence(line);
    // What ends in a colon is followed by something, but for a heading and an item of a list.
    let leads = last.ends_with(':')
        && line.starts_with(|c: char| c.is_alphabetic())
        && last.split_whitespace().count() > 2;
    if is_heading_of_a_step(line) {
        return Some(line);
    }
    (leads || is_announcement(last)).then(|| with_its_noun(line, last))
}

/// True of "**Fix 2: one helper** in `store.go`", below which the step is taken.
fn is_heading_of_a_step(line: &str) -> bool {
    const STEPS: &[&str] = &["fix", "step", "task", "phase", "part", "change", "edit"];
    let marked = line.starts_with("**") || line.starts_with("## ") || line.starts_with("### ");
    let bare = line.trim_start_matches(['*', '#', ' ']).to_lowercase();
    let mut words = bare.split_whitespace();
    let of_step = words.next().is_some_and(|word| STEPS.contains(&word));
    let number = words.next().unwrap_or_default();
    marked && of_step && number.ends_with(':') && number.starts_with(|c: char| c.is_ascii_digit())
}

/// `last` of `line`, with the sentence before it where it only points to what that names: "Let me search for it."
fn with_its_noun<'t>(line: &'t str, last: &'t str) -> &'t str {
    const POINTERS: &[&str] = &["it", "them", "this", "that", "these", "those", "there"];
    const SHORT: usize = 7;
    let words = || last.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let points = words().any(|word| POINTERS.contains(&word.to_lowercase().as_str()));
    let short = words().filter(|word| !word.is_empty()).count() <= SHORT;
    let before = line[..line.len() - last.len()].trim_end();
    if points && short && !before.is_empty() {
        &line[before.len() - last_sentence(before).len()..]
    } else {
        last
    }
}

/// The last sentence of `thoughts` that says what comes next: behind it may stand what it is based on.
pub fn intended(thoughts: &str) -> Option<&str> {
    let mut lines = thoughts.lines().map(str::trim).rev();
    lines.find_map(|line| {
        let mut rest = line;
        while !rest.is_empty() {
            let last = last_sentence(rest);
            if is_announcement(last) {
                return Some(last);
            }
            rest = rest[..rest.len() - last.len()].trim_end();
        }
        None
    })
}

/// What stands behind the last end of a sentence within `line`; an end is followed by a space, as none in `setup.go` is, or
/// by an opening that lost its line end.
fn last_sentence(line: &str) -> &str {
    let line = line.trim_end();
    let end = |mark: &str| line.rfind(mark).map(|at| at + mark.len());
    let run_on = |opening: &str| line.rfind(opening).filter(|at| *at > 0).map(|at| at + 1);
    let ends = [". ", "! ", "? "].into_iter().filter_map(end);
    let openings = [".Let me ", ".Now ", ".First, ", ".I'll ", ".Next, "];
    let from = ends.chain(openings.into_iter().filter_map(run_on)).max();
    line[from.unwrap_or(0)..].trim()
}

/// True of "Let me run it" and "Now revert `a.go`", not of "Let me know" and "Now it works".
fn is_announcement(sentence: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "let me ",
        "let's ",
        "i'll ",
        "i will ",
        "i need to ",
        "i should ",
        "i have to ",
        "i'm going to ",
        "i am going to ",
        "time to ",
    ];
    const BEFORE: &[&str] = &[
        "now ",
        "next ",
        "next, ",
        "first ",
        "first, ",
        "then ",
        "so ",
        "and ",
        "but ",
        "ok, ",
        "okay, ",
        "finally, ",
        "good, ",
    ];
    const ACTS: &[&str] = &[
        "add",
        "build",
        "check",
        "clean",
        "commit",
        "compile",
        "create",
        "delete",
        "edit",
        "extend",
        "extract",
        "find",
        "fix",
        "format",
        "implement",
        "lint",
        "look",
        "make",
        "merge",
        "move",
        "push",
        "read",
        "rebase",
        "refactor",
        "remove",
        "rename",
        "replace",
        "restore",
        "revert",
        "rewrite",
        "run",
        "search",
        "switch",
        "test",
        "update",
        "use",
        "verify",
        "wire",
        "write",
    ];
    // What is said to the user, at the end of a turn.
    const TO_THE_USER: &[&str] = &[
        "let me know",
        "i'll wait",
        "i will wait",
        "i'll be ",
        "i will be ",
        "i'll leave ",
        "i'll hold",
        "i'll stop",
        "i'll need you",
        "i'll keep ",
        "i'll let you",
        " if you ",
        " once you ",
        " when you ",
        " until you ",
        "i need to know",
    ];
    let lower = sentence.replace('’', "'").to_lowercase();
    if lower.ends_with('?') || TO_THE_USER.iter().any(|words| lower.contains(words)) {
        return false;
    }
    let bare = BEFORE.iter().fold(lower.as_str(), |rest, word| {
        rest.strip_prefix(word).unwrap_or(rest)
    });
    let acts = bare.len() < lower.len() && {
        let first = bare.split(|c: char| !c.is_alphabetic()).next();
        first.is_some_and(|first| ACTS.contains(&first))
    };
    acts || OPENINGS.iter().any(|opening| bare.starts_with(opening))
        || [
            "— let me ",
            "- let me ",
            ", let me ",
            ", so let me ",
            " and let me ",
        ]
        .iter()
        .any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_is_announced() {
        for (prose, next) in [
            ("Now revert `setup.go` and `setup_test.go`.", true),
            ("The lint is clean. Let me also run the formatter.", true),
            ("You're right — let me check which tests we had.", true),
            ("Good, that confirms it. Two fixes in the test:", true),
            ("Now I need to update `a.go`, which calls it.", true),
            ("Now let me also make sure the registry is filled:", true),
            ("Next, I'll write the migration.", true),
            ("Now it works.", false),
            ("Let me know if you want it changed.", false),
            ("I'll wait for your word.", false),
            ("All tests pass.", false),
            ("Should I push it?", false),
            ("Done:\n- one\n- two:", false),
            ("## Summary:", false),
            (
                "All four then.\n\n**Fix 2: one helper** in `store.go`",
                true,
            ),
            ("It is done.\n\n**Fix two:** one helper.", false),
            ("", false),
        ] {
            assert_eq!(announced(prose).is_some(), next, "{prose}");
        }
        assert_eq!(
            announced("It is in `setup.go`. Now run it! \n"),
            Some("It is in `setup.go`. Now run it!")
        );
        assert_eq!(
            announced("All is clean. A handler may crash in `pane.ex`. Let me search for it."),
            Some("A handler may crash in `pane.ex`. Let me search for it.")
        );
        assert_eq!(
            announced("All is clean. Now run the tests again!"),
            Some("Now run the tests again!")
        );
    }

    #[test]
    fn thoughts_may_go_on_behind_what_they_intend() {
        for (thoughts, next) in [
            (
                "1. Pass it down2. Update the callerLet me go step by step.First, update `load` in `a.go`:",
                Some("First, update `load` in `a.go`:"),
            ),
            (
                "It calls `load`. I need to change that. It is in `a.go`.",
                Some("I need to change that."),
            ),
            (
                "Clean.\nLet me run fmt.\n\nIt is quick.",
                Some("Let me run fmt."),
            ),
            ("The user asks for the second.", None),
        ] {
            assert_eq!(intended(thoughts), next, "{thoughts}");
        }
    }
}
