//! Words: what the user asked for, ruled, corrected and chose; what the agent said last.

use super::Cite;
use crate::extract::finding::Saying;
use crate::session::Via;

/// Something that the user said.
#[derive(Clone, Debug)]
pub struct Request {
    /// The words.
    pub text: String,
    /// The way they came in.
    pub via: Via,
    /// Where.
    pub cite: Cite,
    /// The turn.
    pub turn: u32,
    /// True if the agent answered and ended its turn, or called a tool after it.
    pub answered: bool,
}

impl Request {
    /// True if it only pushes the work on: it asks for nothing of its own.
    pub fn is_nudge(&self) -> bool {
        // A slash command says by its name what it asks for.
        !matches!(self.via, Via::Command { .. }) && is_nudge(&self.text)
    }
}

/// A sentence with a place.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// What a list stands under that they are an item of.
    pub under: Option<String>,
    /// What it is, where a rule knows it.
    pub kind: Option<Saying>,
    /// The rule's weight; one without a rule.
    pub weight: f64,
    /// True if the user said it.
    pub by_user: bool,
    /// Where.
    pub cite: Cite,
}

/// Prompts that only push the work on: they ask for nothing of their own.
fn is_nudge(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| {
            c.is_whitespace() || c.is_ascii_punctuation() || "।。、，！？؟،…’“”".contains(c)
        })
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    // By language, as they are typed in a hurry too.
    const NUDGES: &[&str] = &[
        "yes y yep yeah ok okay sure go ahead continue proceed please do it thanks thank you great good",
        "perfect nice cool on keep going sounds looks next and that s lgtm it its is all fine excellent awesome",
        "ja weiter mach bitte danke gut gerne super genau",
        "oui continuez vas allez merci parfait bien très",
        "sí si sigue continúa continua adelante dale gracias vale perfecto",
        "sim pode continuar segue prossiga obrigado obrigada",
        "да давай дальше продолжай продолжайте пожалуйста спасибо хорошо ок",
        "是 是的 好 好的 继续 请继续 繼續 請繼續 可以 谢谢 謝謝",
        "はい 続けて 続けてください 続き お願いします ありがとう 進めて 進めてください",
        "네 예 응 계속 계속해 계속해줘 계속하세요 주세요 진행해 진행해줘 좋아 좋아요 고마워",
        "نعم تابع استمر أكمل اكمل حسنا شكرا من فضلك",
        "हाँ हां जारी रखो रखें आगे बढ़ो ठीक है धन्यवाद",
    ];
    let known = |word: &str| {
        NUDGES
            .iter()
            .any(|line| line.split(' ').any(|nudge| nudge == word))
    };
    words.len() <= 5 && words.iter().all(|word| known(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nudges_ask_for_nothing() {
        for (text, nudge) in [
            ("yes", true),
            ("ok, go ahead", true),
            ("yes, but use sqlite", false),
            ("continue", true),
            ("ja, mach weiter", true),
            ("weiter mit den Preisen", false),
            ("sí, continúa", true),
            ("oui, vas-y", true),
            ("好的，继续", true),
            ("はい、続けてください", true),
            ("네, 계속해 주세요", true),
            ("да, продолжай", true),
            ("نعم، تابع", true),
            ("हाँ, जारी रखो", true),
            ("1", false),
        ] {
            assert_eq!(is_nudge(text), nudge, "{text}");
        }
    }
}
