use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::*;
use crate::entry::{Entry, RecordRow, TurnRow};
use crate::report::{Scope, gather};
use crate::store::{Kept, Stamp};

/// What a hostile log would put wherever it can.
const HOSTILE: &str = "\"'></code></pre></svg><script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:b) <!-- sessions --> {{ 7 * 7 }}";

fn kept(number: u32, text: &str) -> Kept {
    let entry = Entry {
        session: SessionRow {
            session: format!("{number:08}-{text}"),
            path: format!("{number}.jsonl"),
            state: "red".to_owned(),
            work: text.to_owned(),
            title: format!("title {number} {text}"),
            project: Some(format!("/home/{text}")),
            branch: Some(text.to_owned()),
            started: Some("2026-01-02T03:04:05Z".to_owned()),
            ended: Some(format!("2026-01-02T03:{:02}:05Z", number % 60)),
            ..SessionRow::default()
        },
        turns: vec![TurnRow {
            cite: "L2".to_owned(),
            prompt: text.to_owned(),
            tool_calls: 3,
            ..TurnRow::default()
        }],
        records: vec![RecordRow {
            cite: "L14".to_owned(),
            kind: text.to_owned(),
            text: text.to_owned(),
            ..RecordRow::default()
        }],
        ..Entry::default()
    };
    Kept {
        path: entry.session.path.clone(),
        stamp: Stamp::default(),
        made_by: 0,
        entry: Some(entry),
        handoffs: vec![(
            "md".to_owned(),
            format!("# Task: it\n\n- `code L14` {text} (L14, L15, abc:L14)\n"),
        )],
        problems: Vec::new(),
    }
}

fn page_of(kept: &[Kept], most: usize) -> Page {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = Store::open(&folder.path().join("store.sqlite")).expect("opens");
    store.keep(kept).expect("keeps");
    let (rollup, sessions) = gather(&store, &Scope::default()).expect("gathers");
    html(&store, &rollup, &sessions, most).expect("a page")
}

#[test]
fn the_policy_names_the_style_and_the_script() {
    for (text, told) in [(STYLE, STYLE_HASH), (SCRIPT, SCRIPT_HASH)] {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        assert_eq!(
            hash,
            told.trim(),
            "the file with the hash beside it should hold this"
        );
    }
    let page = page_of(&[kept(1, "plain")], MOST).text;
    assert!(page.contains(&format!("<style>{STYLE}</style>")));
    assert!(page.contains(&format!("<script>{SCRIPT}</script>")));
}

#[test]
fn text_of_the_log_stays_text() {
    let page = page_of(&[kept(1, HOSTILE)], MOST).text;
    let tags = |name: &str| page.matches(&format!("<{name}")).count();
    assert_eq!((tags("script"), tags("img"), tags("pre")), (1, 0, 1));
    assert!(!page.contains("href=\"javascript") && !page.contains(" onerror=alert(1)\""));
    assert!(
        !page.contains("49") || !page.contains("{{"),
        "a template in a text ran"
    );
    // All that is linked is in the page.
    for link in page.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{}", &link[..link.len().min(60)]);
    }
    assert_eq!(page.matches("class=\"session\"").count(), 1);
}

#[test]
fn citations_open_their_records() {
    let page = page_of(&[kept(1, "plain")], MOST).text;
    assert!(
        page.contains("(<a class=\"cite\" href=\"#s1-L14\">L14</a>, L15, abc:L14)"),
        "{page}"
    );
    assert!(page.contains("<code>code L14</code>"));
    assert!(page.contains("<details class=\"record\" id=\"s1-L14\">"));
}

#[test]
fn a_page_is_bounded_and_the_newest_sessions_are_whole() {
    let long = |number| {
        let mut kept = kept(number, "plain");
        for record in kept.entry.iter_mut().flat_map(|entry| &mut entry.records) {
            record.text = "a line\n".repeat(1_000);
        }
        kept
    };
    let kept: Vec<Kept> = (1..=40).map(long).collect();
    let all = page_of(&kept, MOST);
    assert_eq!((all.whole, all.rows_only), (40, 0));
    let most = all.text.len() * 2 / 3;
    let some = page_of(&kept, most);
    assert!(
        some.text.len() <= most + 10_000,
        "{} {most}",
        some.text.len()
    );
    assert!(
        some.whole > 5 && some.whole + some.rows_only == 40,
        "{}",
        some.whole
    );
    assert!(some.text.contains("id=\"s1\"") && !some.text.contains("id=\"s40\""));
    assert_eq!(some.text.matches("title 1 plain").count(), 1);
    assert!(some.text.contains("older sessions did not fit"));
}
