//! What the user pasted of a terminal: failures that no tool of the session showed.

use super::failures::{Places, gathered, unknown};
use super::finding::{About, Class, Shown};
use super::words::{pasted, prompted};
use crate::rules::{Counted, Kind, Scope};

/// The failures among the lines of `text` that a program printed; none if there are none.
pub(super) fn shown(rules: &mut Counted<'_>, text: &str) -> Option<Shown> {
    const MOST: usize = 3;
    let pasted = pasted(text);
    if !pasted.contains(&true) {
        return None;
    }
    let (mut failures, mut places) = (Vec::new(), Places::default());
    let mut known = false;
    let kinds = |kind| kind == Kind::Failure;
    rules.scan_kinds(Scope::ToolOutput, Some("Bash"), kinds, text, |hit| {
        if pasted.get(hit.line) != Some(&true) {
            return;
        }
        known = true;
        if hit.rule.about.unwrap_or(About::Product) == About::Product {
            failures.extend(places.failure(&hit));
        }
    });
    let mut failures = gathered(failures, &places);
    failures.dedup();
    failures.truncate(MOST);
    if !known {
        let mut printed = text.lines().zip(&pasted).filter(|(_, pasted)| **pasted);
        let error = printed.find(|(line, _)| line.to_lowercase().contains("error"));
        failures.extend(error.map(|(line, _)| unknown(line.trim().to_owned(), Class::Command)));
    }
    (!failures.is_empty()).then(|| Shown {
        command: prompted(text).unwrap_or_default().to_owned(),
        failures,
    })
}
