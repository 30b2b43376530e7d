//! Tests of the shapes, with a CommonMark parser as the judge.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::super::{clean, neutral};
use super::*;

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

/// What a line of a list shows; an error names what it formed besides.
fn shown(text: &str) -> Result<String, String> {
    let document = format!("- {text} (L1)\n- next\n");
    let mut seen = String::new();
    let mut prose = String::new();
    let mut items = 0;
    for event in Parser::new_ext(&document, options()) {
        match event {
            Event::Start(Tag::List(None) | Tag::Paragraph) | Event::End(_) => {}
            Event::Start(Tag::Item) => items += 1,
            Event::Text(text) if items == 1 => {
                seen.push_str(&text);
                prose.push_str(&text);
            }
            Event::Code(text) if items == 1 => {
                seen.push_str(&text);
                prose.push(' ');
            }
            Event::Text(_) if items == 2 => {}
            other => return Err(format!("{other:?} in {document}")),
        }
    }
    // The judge makes no links of bare addresses; pages do.
    if prose.contains("://") || prose.contains("www.") || prose.contains("me@a") {
        return Err(format!("an address in the prose of {document}"));
    }
    if items != 2 {
        return Err(format!("{items} items in {document}"));
    }
    seen.strip_suffix(" (L1)")
        .map(str::to_owned)
        .ok_or_else(|| format!("{seen:?} of {document}"))
}

/// What a text says, without the ticks of code spans and without white space, which they fold.
fn words(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect()
}

#[track_caller]
fn check(text: &str, want: &str) {
    assert_eq!(inline(text), want);
    let seen = shown(&format!("“{}”", inline(text))).unwrap();
    assert_eq!(words(&seen), format!("“{}”", words(text)), "as shown");
}

#[test]
fn ordinary_text_stays_as_it_is() {
    for text in [
        "Fix the budget test in src/pack.rs:41, then run cargo test.",
        "test_user_can_login failed: expected 3, got 4",
        "a - b, x_y_z, a * b is fine; [ok] (see #12) 50% & more!",
        "C:\\Users\\me and ~/work and --no-verify",
        "tests/test_api.py::test_get[param-1]",
        "run `go test ./...` first",
        "Don't touch the \"old\" parser > the new one",
        "vendor *.rs or 2 * 3 * 4",
    ] {
        check(text, text);
    }
}

#[test]
fn what_markdown_would_use_is_escaped_or_code() {
    check(
        "see https://a.b/c_d_?x=*y*.",
        "see `https://a.b/c_d_?x=*y*`.",
    );
    check("[a](https://b)", "[`a](https://b)`");
    check("://", "`://`");
    check("(://a.b)", "(`://a.b`)");
    check("mail me@x.io or @user", "mail `me@x.io` or `@user`");
    check(
        "src/__init__.py and src/*.rs",
        "`src/__init__.py` and `src/*.rs`",
    );
    check(
        "TypeError: Store.__init__() got (in __call__) y",
        "TypeError: `Store.__init__()` got (in `__call__`) y",
    );
    check("*never* do __that__", "\\*never\\* do `__that__`");
    check("![i][j] and [k](m)", "\\![i]\\[j] and [`k](m)`");
    check("a <b> &amp; &lt;", "a \\<b> \\&amp; \\&lt;");
    check("lone ` tick", "lone \\` tick");
    check("~~gone~~ ~/x", "\\~\\~gone\\~\\~ \\~/x");
    check("a | b", "a \\| b");
    check("end\\", "end\\\\");
}

#[test]
fn the_start_of_a_line_starts_nothing() {
    for text in [
        "# a",
        "- a",
        "+ a",
        "1. a",
        "12) a",
        "> a",
        "---",
        "===",
        "[x] a",
        "[a]: b",
        "* a",
        "***",
        "~~~",
        "```",
        "    a",
        "| a |\n|---|",
        ": a",
    ] {
        let document = format!("{}\n", inline(text));
        let events: Vec<Event<'_>> = Parser::new_ext(&document, options())
            .filter(|event| !matches!(event, Event::Text(_) | Event::Code(_)))
            .collect();
        assert_eq!(events.len(), 2, "{text}: {events:?}");
        assert!(
            matches!(events[0], Event::Start(Tag::Paragraph)),
            "{text}: {events:?}"
        );
    }
}

#[test]
fn code_is_never_raw() {
    assert_eq!(code("a"), "`a`");
    assert_eq!(code("a`b``c"), "```a`b``c```");
    assert_eq!(code("`a`"), "`` `a` ``");
    assert_eq!(code("a\nb"), "`a b`");
    assert_eq!(code(""), "");
    assert_eq!(
        fence("a\n```\nb", "rust,x y"),
        "````rustxy\na\n```\nb\n````\n"
    );
}

#[test]
fn lines_are_cut_at_characters() {
    assert_eq!(one_line("  a\n b\tc ", 10), "a b c");
    assert_eq!(one_line("abcdef", 5), "abcd…");
    assert_eq!(one_line("abcdef", 6), "abcdef");
    assert_eq!(one_line("grüße und", 4), "grü…");
    assert_eq!(one_line("abc", 0), "");
    assert_eq!(one_line("key [redacted: token #1] x", 12), "key…");
    assert_eq!(middle("abcdefghijklmnopqrstuvwxyz", 15), "abcdefgh … wxyz");
    assert_eq!(middle("abc", 15), "abc");
}

#[test]
fn quotations_end_where_they_end() {
    assert_eq!(
        quoted("say “yes” (L1)\n- “no”", 80),
        "“say \"yes\" (L1) - \"no\"”"
    );
    assert_eq!(
        quoted("\x1b[31m<system-reminder>", 80),
        "“‹system-reminder>”"
    );
    assert_eq!(
        quoted("git commit -m \"a b\"", 80),
        "“git commit -m \"a b\"”"
    );
}

#[test]
fn fields_of_other_formats() {
    assert_eq!(
        html("<a href=\"x\">&'"),
        "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"
    );
    assert_eq!(csv("=1+1"), "'=1+1");
    assert_eq!(csv("a,\"b\""), "\"a,\"\"b\"\"\"");
    assert_eq!(cell("a|`b|c`"), "a\\|`b\\|c`");
}

/// Text of what is dangerous.
fn dangerous() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        prop::sample::select(vec![
            "`",
            "``",
            "```",
            "*",
            "**",
            "_",
            "__",
            "~",
            "~~",
            "[",
            "]",
            "(",
            ")",
            "![",
            "](",
            "][",
            "<",
            ">",
            "\\",
            "&",
            "&lt;",
            "&#35;",
            ";",
            "|",
            "#",
            "-",
            "+",
            "1.",
            "\n",
            "\n\n",
            "    ",
            "\t",
            " ",
            "\"",
            "'",
            "“",
            "”",
            "a",
            "b",
            "word",
            "x_y",
            "src/a.rs",
            "https://a.b",
            "www.a.b",
            "www.",
            "me@a.b",
            "@me",
            "<a",
            "</a>",
            "<!--",
            "<?",
            "<![CDATA[",
            "[^1]",
            "[x]",
            ":",
            "===",
            "---",
            "$",
            "{#id}",
            "!",
            ".",
            "\r",
            "é",
            "日",
            "\u{200b}",
            "\x1b[1m",
            "[redacted: token #1]",
            "Human:",
            "*a*",
            "`a`",
            "=",
            "/",
            "\u{a0}",
            "¡",
            "http:",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn prose_forms_nothing_and_says_the_same(text in dangerous()) {
        let cleaned = clean(&text);
        let inlined = inline(&cleaned);
        let seen = shown(&format!("“{inlined}”")).map_err(TestCaseError::fail)?;
        let seen = seen.strip_prefix('“').and_then(|seen| seen.strip_suffix('”')).unwrap_or_default();
        prop_assert_eq!(words(seen), words(&cleaned), "{}", inlined);
    }

    #[test]
    fn quotations_form_nothing(text in dangerous(), max in 0usize..80) {
        let quotation = quoted(&text, max);
        let seen = shown(&quotation).map_err(TestCaseError::fail)?;
        prop_assert!(seen.starts_with('“') && seen.ends_with('”'));
        prop_assert_eq!(seen.matches(['“', '”']).count(), 2);
        prop_assert!(!seen.contains('\n'));
    }

    #[test]
    fn code_spans_hold_exactly_the_text(text in dangerous()) {
        let text = one_line(&format!("a{}", clean(&text)), 200);
        let document = format!("- {} (L1)", code(&text));
        let events: Vec<Event<'_>> = Parser::new_ext(&document, options()).collect();
        let codes: Vec<&str> = events.iter().filter_map(|e| match e { Event::Code(c) => Some(&**c), _ => None }).collect();
        prop_assert_eq!(codes, [text.as_str()]);
        prop_assert_eq!(shown(&code(&text)), Ok(text));
    }

    #[test]
    fn fences_hold_exactly_the_text(text in dangerous(), info in "\\PC{0,6}") {
        let text = clean(&text).into_owned();
        let document = format!("{}after\n", fence(&text, &info));
        let mut inside = String::new();
        let mut blocks = 0;
        for event in Parser::new_ext(&document, options()) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => blocks += 1,
                Event::Text(part) if &*part == "after" => {}
                Event::Text(part) => inside.push_str(&part),
                Event::Start(Tag::Paragraph) | Event::End(_) => {}
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
        prop_assert_eq!(blocks, 1);
        prop_assert_eq!(inside.trim_end_matches('\n'), text.trim_end_matches('\n'));
    }

    #[test]
    fn lines_are_bounded(text in dangerous(), max in 0usize..60) {
        for line in [one_line(&text, max), middle(&text, max)] {
            prop_assert!(line.chars().count() <= max, "{:?}", line);
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(line.trim(), &line);
        }
    }

    #[test]
    fn neutral_prose_has_no_tags(text in dangerous()) {
        let text = neutral(&text).into_owned();
        let bytes = text.as_bytes();
        prop_assert!(!bytes.windows(2).any(|w| w[0] == b'<' && (w[1].is_ascii_alphabetic() || b"/!?|".contains(&w[1]))));
    }
}
