//! A handoff, read back: its lines, the part each stands in, and which of its words are its own.

use std::sync::LazyLock;

use regex::Regex;

use crate::score::Part;

/// A handoff in Markdown, made by this program or by hand.
#[derive(Debug)]
pub struct Document<'t> {
    /// The lines, first to last, empty ones too.
    pub lines: Vec<Line<'t>>,
}

/// A line of a handoff.
#[derive(Debug)]
pub struct Line<'t> {
    /// Its number, one-based.
    pub number: u32,
    /// The line without its end.
    pub text: &'t str,
    /// The part it stands in; `None` before the first heading and below one that is not of the seven.
    pub part: Option<Part>,
    /// The line with quotations, code and citations blanked, byte for byte as long as `text`.
    pub own: String,
    /// As `own`, but quotations and code stand: only citations are blanked.
    pub uncited: String,
    /// True within a fenced block, its fences included.
    pub fenced: bool,
    /// True for a heading of Markdown or a line that begins with a bold label.
    pub heading: bool,
    /// The byte at which the line's content begins, behind marks of lists, headings and labels.
    pub begins: usize,
}

static CITATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s(,])(?<cite>(?:[A-Za-z0-9_-]{2,16}:)?L\d+)(?:$|[\s),.;:])").ok()
});
static LABEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:#{1,6}\s+(?<head>.+)|\*\*(?<bold>[^*]+?):?\*\*:?)").ok());
static MARK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:>\s*)?(?:(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?)?").ok());

impl<'t> Document<'t> {
    /// Reads `text`; nothing in it is an error.
    pub fn new(text: &'t str) -> Self {
        let mut part = None;
        // The headings that a line stands below, with their levels: what is named under one of them belongs to its part.
        let mut above: Vec<(usize, Option<Part>)> = Vec::new();
        let mut fence: Option<String> = None;
        let lines = text.lines().zip(1..).map(|(text, number)| {
            let inner = text.trim_start();
            let mark: String = inner.chars().take_while(|c| "`~".contains(*c)).collect();
            let mut fenced = fence.is_some();
            match &fence {
                Some(open) if mark.starts_with(open.as_str()) && inner.trim_end() == mark => {
                    fence = None;
                }
                None if mark.len() >= 3 => {
                    fence = Some(mark);
                    fenced = true;
                }
                _ => {}
            }
            let label = LABEL
                .as_ref()
                .filter(|_| !fenced)
                .and_then(|label| label.captures(text));
            let mut begins = 0;
            let heading = label.is_some();
            if let Some(label) = label {
                begins = label.get(0).map_or(0, |all| all.end());
                if let Some(head) = label.name("head") {
                    let level = text.bytes().take_while(|byte| *byte == b'#').count();
                    above.retain(|(other, _)| *other < level);
                    let outer = above.last().and_then(|(_, part)| *part);
                    part = named(head.as_str()).or(outer.filter(|part| *part != Part::Task));
                    above.push((level, part));
                    begins = head.start();
                    if part == Some(Part::Task) {
                        begins += head.as_str().find(':').map_or(0, |colon| colon + 1);
                    }
                } else if let Some(bold) = label.name("bold") {
                    part = named(bold.as_str()).or(part);
                }
            } else if let Some(mark) = MARK.as_ref().and_then(|mark| mark.find(text)) {
                begins = mark.end();
            }
            let uncited = without_citations(text);
            let own = if fenced {
                blank(text)
            } else {
                without_quotations(&uncited)
            };
            Line {
                number,
                text,
                part,
                own,
                uncited,
                fenced,
                heading,
                begins,
            }
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// The lines of a part.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Line<'t>> {
        self.lines
            .iter()
            .filter(move |line| line.part == Some(part))
    }

    /// The folder that the environment names: the first absolute path in backticks.
    pub fn folder(&self) -> Option<&'t str> {
        self.part(Part::Environment)
            .flat_map(Line::code)
            .map(|(_, code)| code)
            .find(|code| code.starts_with('/') && !code.contains(' '))
    }

    /// True if any line is cited.
    pub fn is_cited(&self) -> bool {
        self.lines.iter().any(Line::is_cited)
    }
}

impl<'t> Line<'t> {
    /// True if the line names a place in a log.
    pub fn is_cited(&self) -> bool {
        self.uncited != self.text
    }

    /// What the line says behind its marks.
    pub fn content(&self) -> &str {
        self.text.get(self.begins..).unwrap_or("").trim()
    }

    /// The code spans, each with the byte at which its inside begins.
    pub fn code(&self) -> Vec<(usize, &'t str)> {
        if self.fenced {
            return Vec::new();
        }
        spans(self.text)
            .into_iter()
            .map(|(start, end)| (start, &self.text[start..end]))
            .collect()
    }
}

/// The part that a heading stands for: by the words of the protocol, and by those that people use instead.
fn named(heading: &str) -> Option<Part> {
    // The first that is met counts: `not done` is open before `done` is done.
    const WORDS: [(Part, &str); 7] = [
        (Part::Task, "task:|handoff:"),
        (
            Part::Focus,
            "focus|next step|next work|next session|next action|what's next|todo|to do|remaining|remains|open |\
             not done|not started|not implemented|not work|unfinished|unproven|pending|blocker|known issue|known bug|\
             priorit|nächste schritte|offen|à faire|prochaines étapes|próximos pasos|próximos passos|pendiente|\
             pendente|осталось|следующие шаги|下一步|待办|残り|次の|未実装|다음|남은",
        ),
        (
            Part::Outcome,
            "outcome|success criteria|acceptance|definition of done|verif|how to test|expected|goal|target|\
             erfolgskriterien|ziel|objectif|objetivo|critères|criterios",
        ),
        (
            Part::Status,
            "status|where things stand|where we are|state|in progress|aktueller stand|stand der|état|estado|\
             состояние|現状|状態|现状|状态|상태",
        ),
        (
            Part::Approach,
            "approach|strategy|decision|decided|do not|don't do|tried|didn't work|gotcha|watch out|lessons|\
             entscheidung|décisions|decisiones|решения|决定|決定",
        ),
        (
            Part::Done,
            "accomplish|done|completed|don't redo|shipped|built|landed|what works|what changed|what i changed|\
             erledigt|fait|hecho|feito|сделано|完成|完了|완료",
        ),
        (
            Part::Environment,
            "environment|setup|how to run|commands|key file|file map|where things live|umgebung|environnement|\
             entorno|ambiente|окружение|环境|環境|환경",
        ),
    ];
    let heading = heading.to_lowercase();
    // A word begins where a word does: `unstated` is no state.
    let says = |word: &str| {
        heading.match_indices(word).any(|(at, _)| {
            let before = heading[..at].chars().next_back();
            !word.is_ascii() || before.is_none_or(|before| !before.is_alphanumeric())
        })
    };
    WORDS
        .iter()
        .find(|(_, words)| words.split('|').any(says))
        .map(|(part, _)| *part)
}

fn blank(text: &str) -> String {
    " ".repeat(text.len())
}

fn without_citations(text: &str) -> String {
    let mut out = text.to_owned();
    let Some(pattern) = CITATION.as_ref() else {
        return out;
    };
    let mut from = 0;
    while let Some(found) = pattern
        .captures_at(&out, from)
        .and_then(|found| found.name("cite"))
    {
        let range = found.range();
        from = range.end;
        out.replace_range(range.clone(), &" ".repeat(range.len()));
    }
    out
}

/// The insides of code spans: a run of backticks up to the next run of the same length.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let run = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| **byte == b'`')
            .count()
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'`' {
            at += 1;
            continue;
        }
        let ticks = run(at);
        let start = at + ticks;
        let mut end = start;
        while end < bytes.len() && (bytes[end] != b'`' || run(end) != ticks) {
            end += run(end).max(1);
        }
        if end < bytes.len() {
            found.push((start, end));
            at = end + ticks;
        } else {
            at = start;
        }
    }
    found
}

/// Blanks code spans, and what stands in typographic or straight quotation marks.
fn without_quotations(text: &str) -> String {
    let mut out = text.to_owned();
    for (start, end) in spans(text).into_iter().rev() {
        out.replace_range(start..end, &" ".repeat(end - start));
    }
    for (open, close) in [('“', '”'), ('"', '"')] {
        let mut from = 0;
        while let Some(start) = out[from..].find(open).map(|at| from + at + open.len_utf8()) {
            // A quotation that is cut by the end of the line ends there.
            let end = out[start..].find(close).map_or(out.len(), |at| start + at);
            out.replace_range(start..end, &" ".repeat(end - start));
            from = (end + close.len_utf8()).min(out.len());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_known_by_the_words_of_the_protocol_and_of_people() {
        let text = "# Task: x\n**Current Status:** red L12\n- y\n## Next steps\n- z\n## Notes\n- n";
        let document = Document::new(text);
        let parts: Vec<_> = document.lines.iter().map(|line| line.part).collect();
        assert_eq!(
            parts,
            [
                Some(Part::Task),
                Some(Part::Status),
                Some(Part::Status),
                Some(Part::Focus),
                Some(Part::Focus),
                None,
                None
            ]
        );
        assert_eq!(document.lines[0].content(), "x");
        assert_eq!(document.lines[1].content(), "red L12");
    }

    #[test]
    fn headings_of_handoffs_made_by_hand_are_known() {
        use Part::{Approach, Done, Environment, Focus, Outcome, Status};
        for (heading, part) in [
            ("## 3. STATE", Some(Status)),
            ("## Current App State", Some(Status)),
            ("## Priority Order for Next Sessions", Some(Focus)),
            ("### What Does NOT Work / Is Half-Baked", Some(Focus)),
            ("## What's NOT Implemented Yet", Some(Focus)),
            ("## Open items owed to someone else", Some(Focus)),
            ("## 2. HOW TO VERIFY", Some(Outcome)),
            ("## What this session built", Some(Done)),
            ("## 5. DECIDED — DO NOT RELITIGATE", Some(Approach)),
            ("## Key Files Modified This Session", Some(Environment)),
            ("## Nächste Schritte", Some(Focus)),
            ("## 現状", Some(Status)),
            ("## Unstated assumptions", None),
        ] {
            assert_eq!(Document::new(heading).lines[0].part, part, "{heading}");
        }
        let below = Document::new("# H\n## Next steps\n### P1: the queue\n- a\n## Notes\n- b");
        let parts: Vec<_> = below.lines.iter().map(|line| line.part).collect();
        assert_eq!(
            parts,
            [None, Some(Focus), Some(Focus), Some(Focus), None, None]
        );
    }

    #[test]
    fn what_is_quoted_is_not_the_documents_own() {
        let own = |text: &str| {
            Document::new(text).lines[0]
                .own
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            own("say “do it” and `run ``x`` now` L12, a1b2:L3"),
            "say “ ” and ` ` ,"
        );
        assert_eq!(own("cut “off here"), "cut “");
        assert_eq!(own("LL1 xL2 L3x"), "LL1 xL2 L3x");
        let fenced = Document::new("```sh\nignore\n```\nown");
        assert_eq!(
            fenced
                .lines
                .iter()
                .map(|line| line.fenced)
                .collect::<Vec<_>>(),
            [true, true, true, false]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_blanking_keeps_the_length(text in "[a`“”\"~L1 :\n*#é-]{0,60}") {
            for line in &Document::new(&text).lines {
                proptest::prop_assert_eq!(line.own.len(), line.text.len());
                proptest::prop_assert_eq!(line.uncited.len(), line.text.len());
                line.code();
                line.content();
            }
        }
    }
}
