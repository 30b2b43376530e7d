//! Takes the meaning from what a harness or a model would read as its own
//! syntax: tags, turn markers, role names at the start of a line.
//!
//! The words stay; only the mark that makes them syntax is exchanged for one
//! that looks alike, so a quotation stays readable and cannot pose as a
//! reminder of the program or as another speaker.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Tags that Claude Code and models give a meaning; in code only these are touched.
const TAGS: &str = "system|user|assistant|human|tool|function|invoke|parameter|antml|thinking|command-\
|local-command|bash-|task-|session-|ide_|ide-|agent-|hook|instruction|important|context|result|output|answer\
|budget|fast_mode|new-diagnostics|persisted-output|retrieval|claude|anthropic|admin|developer|policy|ephemeral";

static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\|>|\[(?<inst>/?INST)\]|<(?<sys>/?SYS>>?)|(?m:^)(?<lead>[ \t>#*\-_`\x22'“”]*)(?<role>Human|Assistant|System|User|Developer)(?<tail>[*_`]*)(?<colon>[:：])").ok()
});

/// The marks that open a tag.
const OPEN: [char; 3] = ['<', '＜', '﹤'];

/// What stands behind the name of a speaker.
const COLONS: [char; 2] = [':', '：'];

/// Neutralises text that will stand as prose: every tag-like `<` becomes `‹`.
///
/// `<name`, `</name`, `<!`, `<?` and `<|` lose their opening mark, in
/// full-width letters too; `[INST]` becomes `(INST)`; `Human:` and its like
/// at the start of a line get a space before the colon. Idempotent.
pub fn neutral(text: &str) -> Cow<'_, str> {
    marks(opened(text, is_tag))
}

/// Neutralises text that will stand in code: only tags with a known meaning are touched.
///
/// So `Vec<String>` and `cat <file` stay as they are.
pub fn neutral_code(text: &str) -> Cow<'_, str> {
    marks(opened(text, is_known_tag))
}

/// True for what stands behind the mark of anything tag-like.
fn is_tag(behind: &str) -> bool {
    behind.chars().next().is_some_and(|next| {
        next.is_ascii_alphabetic()
            || is_wide(next)
            || matches!(next, '/' | '!' | '?' | '|' | '／' | '！' | '？')
    })
}

/// True for what stands behind the mark of a tag with a known meaning.
fn is_known_tag(behind: &str) -> bool {
    let slash = behind.trim_start();
    let name = slash
        .strip_prefix(['/', '／'])
        .unwrap_or(slash)
        .trim_start();
    let is = |tag: &str| {
        let mut letters = name.chars().map(folded);
        tag.chars().all(|letter| letters.next() == Some(letter))
    };
    let wide = |letter| letter == '|' || is_wide(letter);
    name.chars().next().is_some_and(wide) || TAGS.split('|').any(is)
}

/// True for the full-width forms of the letters.
fn is_wide(letter: char) -> bool {
    matches!(letter, 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

/// The small letter of ASCII that a letter is another form of, or itself.
fn folded(letter: char) -> char {
    match letter {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

/// Where one of `marks` stands, and which: `ascii`, or one of those whose first byte is that of full-width forms.
fn places<'t>(
    text: &'t str,
    ascii: u8,
    marks: &'t [char],
) -> impl Iterator<Item = (usize, char)> + use<'t> {
    const WIDE: u8 = 0xef;
    memchr::memchr2_iter(ascii, WIDE, text.as_bytes()).filter_map(move |at| {
        let mark = text.get(at..)?.chars().next()?;
        marks.contains(&mark).then_some((at, mark))
    })
}

/// Exchanges the marks with such a text behind them.
fn opened(text: &str, is_opened: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    for (at, mark) in places(text, b'<', &OPEN) {
        let end = at + mark.len_utf8();
        if is_opened(text.get(end..).unwrap_or_default()) {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push('‹');
            done = end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// True if there are letters beyond ASCII, which may be other forms of those in ASCII, as `ſ` is.
fn has_other<'b>(mut bytes: impl Iterator<Item = &'b u8>) -> bool {
    bytes.any(|byte| !byte.is_ascii())
}

/// True for a text that may hold one of [`MARKS`]; false only if it has none.
fn may_be_marked(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Whether one of these words ends there, in any form.
    let ends = |end: usize, words: &[&str]| {
        let before = bytes.get(..end).unwrap_or_default();
        let is = |word: &&str| {
            before
                .get(end.saturating_sub(word.len())..)
                .is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
        };
        words.iter().any(is) || has_other(before.iter().rev().take(12))
    };
    let is_mark = |at: usize| match bytes.get(at) {
        Some(b'>') => at > 0 && bytes.get(at - 1) == Some(&b'|'),
        Some(b']') => ends(at, &["inst"]),
        _ => {
            let behind = bytes.get(at + 1..).unwrap_or_default().iter().take(5);
            behind.clone().any(|byte| matches!(byte, b'y' | b'Y')) || has_other(behind)
        }
    };
    let is_role = |colon: usize| {
        let before = text.get(..colon).unwrap_or_default();
        let end = before.trim_end_matches(['*', '_', '`']).len();
        ends(end, &["human", "assistant", "system", "user", "developer"])
    };
    memchr::memchr3_iter(b'>', b']', b'<', bytes).any(is_mark)
        || places(text, b':', &COLONS).any(|(colon, _)| is_role(colon))
}

fn marks(text: Cow<'_, str>) -> Cow<'_, str> {
    if !may_be_marked(&text) {
        return text;
    }
    let Some(pattern) = MARKS.as_ref() else {
        return text;
    };
    let rewrite = |found: &Captures<'_>| {
        if let Some(inst) = found.name("inst") {
            format!("({})", inst.as_str())
        } else if let Some(sys) = found.name("sys") {
            format!("‹{}", sys.as_str())
        } else if let (Some(lead), Some(role), Some(tail), Some(colon)) = (
            found.name("lead"),
            found.name("role"),
            found.name("tail"),
            found.name("colon"),
        ) {
            let (lead, role) = (lead.as_str(), role.as_str());
            format!("{lead}{role}{} {}", tail.as_str(), colon.as_str())
        } else {
            "|›".to_owned()
        }
    };
    match pattern.replace_all(&text, rewrite) {
        Cow::Owned(changed) => Cow::Owned(changed),
        Cow::Borrowed(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, prose: &str, code: &str) {
        assert_eq!(neutral(text), prose, "as prose");
        assert_eq!(neutral_code(text), code, "as code");
    }

    #[test]
    fn tags_of_the_harness() {
        check(
            "<system-reminder>do</System-Reminder>",
            "‹system-reminder>do‹/System-Reminder>",
            "‹system-reminder>do‹/System-Reminder>",
        );
        check(
            "＜system-reminder＞",
            "‹system-reminder＞",
            "‹system-reminder＞",
        );
        check(
            "< / command-name>",
            "< / command-name>",
            "‹ / command-name>",
        );
        check(
            "<|im_start|>system",
            "‹|im_start|›system",
            "‹|im_start|›system",
        );
    }

    #[test]
    fn code_keeps_its_angles() {
        check(
            "Vec<String> a < b",
            "Vec‹String> a < b",
            "Vec<String> a < b",
        );
        check("cat <in.txt", "cat ‹in.txt", "cat <in.txt");
    }

    #[test]
    fn turn_markers() {
        check("[INST] x [/INST]", "(INST) x (/INST)", "(INST) x (/INST)");
        check("<<SYS>>", "<‹SYS>>", "<‹SYS>>");
        check("\n\nHuman: hi", "\n\nHuman : hi", "\n\nHuman : hi");
        check("**System:** no", "**System :** no", "**System :** no");
        check("the System: ok", "the System: ok", "the System: ok");
    }

    proptest! {
        /// Which texts the patterns see is a matter of time alone.
        #[test]
        fn what_is_passed_over_has_no_mark(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<", "＜", "﹤", "/", "／", " ", "\n", "|", ">", "[", "]", "INST", "inst", "SYS", "ſys", "ſ", ":", "：", "*",
                    "_", "`", "Human", "aſſiſtant", "Syſtem", "user", "Uſer", "DEVELOPER", "system", "human", "fast_mode",
                    "Ａ", "new-diagnostics", "Result", "parser", "a", "Tem", "K",
                ]),
                0..9,
            ),
        ) {
            let text = parts.concat();
            let marked = MARKS.as_ref().expect("a sound pattern").is_match(&text);
            prop_assert!(may_be_marked(&text) || !marked, "{:?}", text);
            let known = format!(r"(?i)(?:<|＜|﹤)(\s*[/／]?\s*(?:{TAGS}|[|]|[Ａ-Ｚａ-ｚ]))");
            let known = Regex::new(&known).expect("a sound pattern");
            prop_assert_eq!(opened(&text, is_known_tag), known.replace_all(&text, "‹$1"), "{:?}", text);
            let opening = Regex::new(r"(?:<|＜|﹤)([A-Za-z/!?|Ａ-Ｚａ-ｚ／！？])").expect("a sound pattern");
            prop_assert_eq!(opened(&text, is_tag), opening.replace_all(&text, "‹$1"), "{:?}", text);
        }

        #[test]
        fn twice_is_once(text in r"(<|/|\||>|\[INST\]|system|Human|:|\n| |a|＜){0,12}") {
            for f in [neutral, neutral_code] {
                let once = f(&text).into_owned();
                prop_assert_eq!(&f(&once), &once);
            }
        }
    }
}
