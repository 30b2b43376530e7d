//! Texts that a pattern matches, made from it: to find one that its keywords miss.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::compile;
use super::rule::Rule;

/// How many texts are made of a pattern.
const SAMPLES: u64 = 200;
/// The most bytes of one: a longer one says no more.
const SAMPLE_BYTES: usize = 400;
/// What stands for a class, if it holds one of them: characters that are in few keywords.
const STAND_INS: &[char] = &['q', '7', 'Z', '#', '~', '_', '/', '.', ' ', '\n'];

/// A text that the pattern matches although no keyword is in the match, if a few hundred tries make one.
pub(super) fn without_keyword(rule: &Rule) -> Option<String> {
    let regex = rule.regex().ok()?;
    let hir = regex_syntax::ParserBuilder::new()
        .utf8(true)
        .nest_limit(compile::NESTING)
        .build()
        .parse(&rule.pattern)
        .ok()?;
    let fold = |text: &str| match rule.ignore_case {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    };
    let keywords: Vec<String> = rule.keywords.iter().map(|keyword| fold(keyword)).collect();
    (0..SAMPLES).find_map(|number| {
        let mut text = String::new();
        put(&hir, &mut Dice(number), &mut text);
        // Boundaries are not made, so not every text is a match.
        let found = regex.captures_at(text.as_bytes(), 0)?.whole()?;
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let whole = found.start == 0 && found.end == text.len() && lines < usize::from(rule.lines);
        let seen = fold(&text);
        (whole && !keywords.iter().any(|keyword| seen.contains(keyword))).then_some(text)
    })
}

/// Numbers that follow from the first one alone.
struct Dice(u64);

impl Dice {
    /// A number below `sides`; zero without sides.
    fn throw(&mut self, sides: usize) -> usize {
        // The constants of Knuth's MMIX; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let number = usize::try_from(self.0 >> 33).unwrap_or_default();
        number.checked_rem(sides).unwrap_or_default()
    }
}

fn put(hir: &Hir, dice: &mut Dice, text: &mut String) {
    if text.len() > SAMPLE_BYTES {
        return;
    }
    match hir.kind() {
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => {
            let chars: Vec<char> = match class {
                Class::Unicode(class) => {
                    choices(class.ranges().iter().map(|r| (r.start(), r.end())))
                }
                Class::Bytes(class) => {
                    let ranges = class.ranges().iter();
                    choices(ranges.map(|r| (char::from(r.start()), char::from(r.end()))))
                }
            };
            text.extend(chars.get(dice.throw(chars.len())));
        }
        HirKind::Repetition(repetition) => {
            let more = match repetition.max {
                Some(max) if max == repetition.min => 0,
                _ => u32::from(dice.throw(2) == 1),
            };
            for _ in 0..repetition.min.saturating_add(more) {
                if text.len() > SAMPLE_BYTES {
                    return;
                }
                put(&repetition.sub, dice, text);
            }
        }
        HirKind::Capture(capture) => put(&capture.sub, dice, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| put(part, dice, text)),
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(dice.throw(parts.len())) {
                put(part, dice, text);
            }
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// The stand-ins that the ranges hold, or where the first ranges begin.
fn choices(ranges: impl Iterator<Item = (char, char)> + Clone) -> Vec<char> {
    let held = |c: char| ranges.clone().any(|(from, to)| from <= c && c <= to);
    let chars: Vec<char> = STAND_INS.iter().copied().filter(|c| held(*c)).collect();
    match chars.is_empty() {
        true => ranges.map(|(from, _)| from).take(STAND_INS.len()).collect(),
        false => chars,
    }
}
