//! Definitions: the functions, types, tests and sections that a piece of text defines.

/// Words that may stand before the one that says what is defined.
const BEFORE: &[&str] = &[
    "pub",
    "pub(crate)",
    "pub(super)",
    "export",
    "default",
    "declare",
    "async",
    "static",
    "public",
    "private",
    "protected",
    "internal",
    "final",
    "abstract",
    "override",
    "virtual",
    "inline",
    "extern",
    "unsafe",
    "const",
    "open",
    "sealed",
    "data",
    "suspend",
    "partial",
    "readonly",
    "local",
];

/// Words that say what is defined; the name follows.
const KEYWORDS: &[&str] = &[
    "fn",
    "func",
    "def",
    "defp",
    "defmodule",
    "class",
    "struct",
    "enum",
    "interface",
    "trait",
    "type",
    "function",
    "fun",
    "module",
    "mod",
    "protocol",
    "extension",
    "object",
    "record",
    "macro_rules!",
    "union",
    "namespace",
];

/// The names that `text` defines, each with its line, trimmed; in order.
pub fn definitions(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| definition(line.trim()).map(|name| (name, line.trim())))
        .collect()
}

/// The word of a definition that says what is defined; empty if `line` defines nothing.
pub fn keyword(line: &str) -> &str {
    line.split(' ')
        .find(|word| KEYWORDS.contains(word))
        .unwrap_or("")
}

/// The headings of Markdown in `text`, without their marks.
pub fn headings(text: &str) -> Vec<&str> {
    let mut fenced = false;
    text.lines()
        .filter_map(|line| {
            if line.starts_with("```") {
                fenced = !fenced;
            }
            let title = line.trim_start_matches('#');
            let depth = line.len() - title.len();
            (!fenced && (1..=4).contains(&depth) && title.starts_with(' ')).then(|| title.trim())
        })
        .collect()
}

fn definition(line: &str) -> Option<&str> {
    if line.len() > 400 {
        return None;
    }
    let mut rest = line;
    let keyword = loop {
        let (word, after) = rest.split_once(' ')?;
        rest = after.trim_start();
        if KEYWORDS.contains(&word) {
            break word;
        }
        if !BEFORE.contains(&word) {
            return None;
        }
    };
    // A Go method: the receiver stands before the name.
    if keyword == "func"
        && let Some(receiver) = rest.strip_prefix('(')
    {
        rest = receiver.split_once(')')?.1.trim_start();
    }
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == '?' || c == '!'))
        .unwrap_or(rest.len());
    let name = rest[..end].trim_end_matches('.');
    let after = rest[end..].trim_start();
    // In prose "type of" and "class is" are followed by words; a definition is followed by a sign, or by nothing.
    let signed = after.is_empty()
        || after.starts_with(['(', '<', '{', ':', '=', '[', ';', '|'])
        || [
            "struct",
            "interface",
            "extends",
            "implements",
            "do",
            "for",
            "where",
            "string",
            "int",
            "func",
            "map",
        ]
        .iter()
        .any(|word| {
            after
                .strip_prefix(word)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '{', '(']))
        });
    (name.len() >= 3 && signed && !name.bytes().all(|b| b.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_many_languages_are_found() {
        for (line, name) in [
            ("func runExplain(w io.Writer) error {", Some("runExplain")),
            (
                "func (s *Store) Load(id string) (*Item, error) {",
                Some("Load"),
            ),
            ("type Config struct {", Some("Config")),
            (
                "pub(crate) async fn read_all(&self) -> Vec<u8> {",
                Some("read_all"),
            ),
            ("def test_login(client):", Some("test_login")),
            ("class TestApi:", Some("TestApi")),
            ("export default function App() {", Some("App")),
            ("export interface Props {", Some("Props")),
            ("  defp changeset(struct, attrs) do", Some("changeset")),
            ("type of the thing", None),
            ("class is over", None),
            ("return func(x int) {", None),
            ("// func old() {", None),
        ] {
            assert_eq!(definition(line.trim()), name, "{line}");
        }
    }

    #[test]
    fn headings_outside_of_code_are_sections() {
        assert_eq!(
            headings("# A\ntext\n```\n# no\n```\n### B c\n#no"),
            ["A", "B c"]
        );
    }
}
