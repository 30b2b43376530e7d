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
|budget|fast_mode|new-diagnostics|persisted-output|retrieval|claude|anthropic|admin|developer|policy|ephemeral|[|]";

static OPENING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:<|＜|﹤)([A-Za-z/!?|Ａ-Ｚａ-ｚ／！？])").ok());

static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?:<|＜|﹤)(\s*[/／]?\s*(?:{TAGS}|[Ａ-Ｚａ-ｚ]))"
    ))
    .ok()
});

static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\|>|\[(?<inst>/?INST)\]|<(?<sys>/?SYS>>?)|(?m:^)(?<lead>[ \t>#*\-_`\x22'“”]*)(?<role>Human|Assistant|System|User|Developer)(?<tail>[*_`]*)(?<colon>[:：])").ok()
});

/// Neutralises text that will stand as prose: every tag-like `<` becomes `‹`.
///
/// `<name`, `</name`, `<!`, `<?` and `<|` lose their opening mark, in
/// full-width letters too; `[INST]` becomes `(INST)`; `Human:` and its like
/// at the start of a line get a space before the colon. Idempotent.
pub fn neutral(text: &str) -> Cow<'_, str> {
    marks(replace(text, &OPENING))
}

/// Neutralises text that will stand in code: only tags with a known meaning are touched.
///
/// So `Vec<String>` and `cat <file` stay as they are.
pub fn neutral_code(text: &str) -> Cow<'_, str> {
    marks(replace(text, &KNOWN))
}

fn replace<'t>(text: &'t str, pattern: &LazyLock<Option<Regex>>) -> Cow<'t, str> {
    match pattern.as_ref() {
        Some(pattern) if text.contains(['<', '＜', '﹤']) => pattern.replace_all(text, "‹$1"),
        _ => Cow::Borrowed(text),
    }
}

fn marks(text: Cow<'_, str>) -> Cow<'_, str> {
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
        #[test]
        fn twice_is_once(text in r"(<|/|\||>|\[INST\]|system|Human|:|\n| |a|＜){0,12}") {
            for f in [neutral, neutral_code] {
                let once = f(&text).into_owned();
                prop_assert_eq!(&f(&once), &once);
            }
        }
    }
}
