//! Text → hits: keywords find candidates, the rules' patterns decide.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::RuleSet;
use super::compile::{AFTER_PREFIX, Found};
use super::keywords::Keywords;
use super::rule::{Kind, Rule, Scope};

/// The bytes of text that one run of a pattern sees at most, around the keyword. A longer
/// line is data (minified code, base64, JSON), and a message stands close to its keyword.
const WINDOW_BYTES: usize = 16 * 1024;
/// The hits of one rule in one text. More say nothing new, and a stranger's rule could give millions.
pub(super) const HITS_PER_RULE: usize = 1_000;

/// A match of a rule in a text.
#[derive(Debug)]
pub struct Hit<'r, 't> {
    /// The rule.
    pub rule: &'r Rule,
    /// The line of the text on which the match begins, zero-based.
    pub line: usize,
    /// The first byte of the match in the text.
    pub start: usize,
    /// The byte after the match in the text.
    pub end: usize,
    text: &'t str,
    found: Found,
}

impl<'r, 't> Hit<'r, 't> {
    pub(super) fn new(
        rule: &'r Rule,
        line: usize,
        range: Range<usize>,
        text: &'t str,
        found: Found,
    ) -> Self {
        let range = whole_chars(text, range);
        Self {
            rule,
            line,
            start: range.start,
            end: range.end,
            text,
            found,
        }
    }

    /// What the named group holds; nothing if it took no part in the match or does not exist.
    pub fn get(&self, name: &str) -> Option<&'t str> {
        self.group(name).map(|(_, text)| text)
    }

    /// The bytes that the named group holds in the text, and what they say; as [`Hit::get`].
    pub fn group(&self, name: &str) -> Option<(Range<usize>, &'t str)> {
        let found = self.found.name(name)?;
        let range = whole_chars(self.text, found.range());
        Some((range.clone(), self.text.get(range)?))
    }

    /// The rule's `tool`, with each `{group}` replaced by what that group holds, if anything.
    pub fn tool(&self) -> Option<Cow<'_, str>> {
        let tool = self.rule.tool.as_deref()?;
        if !tool.contains('{') {
            return Some(Cow::Borrowed(tool));
        }
        let mut name = String::new();
        let mut rest = tool;
        while let Some((before, (group, after))) = rest
            .split_once('{')
            .and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            name.push_str(before);
            name.push_str(self.get(group).unwrap_or_default());
            rest = after;
        }
        name.push_str(rest);
        Some(Cow::Owned(name))
    }

    /// The text of the whole match.
    pub fn text(&self) -> &'t str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }
}

/// What finds the candidates of one scope.
#[derive(Debug)]
pub(super) struct Sought {
    keywords: Keywords,
    /// For each keyword the rules that have it.
    rules: Vec<Vec<u32>>,
}

impl Sought {
    fn new(rules: &[Arc<Rule>], scope: Scope) -> Self {
        let mut keywords: Vec<(&str, bool, u32)> = Vec::new();
        for (index, rule) in (0u32..).zip(rules) {
            if rule.disabled || !rule.scope.iter().any(|s| s.scope == scope) {
                continue;
            }
            let exact = !rule.ignore_case;
            keywords.extend(
                rule.keywords
                    .iter()
                    .map(|keyword| (&**keyword, exact, index)),
            );
        }
        keywords.sort_unstable();
        let same = keywords.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
        Self {
            keywords: Keywords::new(same.clone().map(|same| (same[0].0, same[0].1))),
            rules: same
                .map(|same| same.iter().map(|(.., rule)| *rule).collect())
                .collect(),
        }
    }
}

/// Who sees each search of a pattern around a keyword, as what measures rules does.
pub trait Watch {
    /// Runs `search`, which is one of this rule.
    fn search(&mut self, rule: &Rule, search: impl FnOnce());
}

impl Watch for () {
    fn search(&mut self, _: &Rule, search: impl FnOnce()) {
        search();
    }
}

/// Who counts what rules cost, and may stop one.
pub(super) trait Meter {
    /// Whether the rule at `index` may search so many bytes.
    fn may_search(&mut self, index: u32, rule: &Rule, bytes: usize) -> bool;

    /// Whether it may go on after a match of so many bytes, which is not to be had without.
    fn found(&mut self, index: u32, rule: &Rule, bytes: usize) -> bool;
}

impl Meter for () {
    fn may_search(&mut self, _: u32, _: &Rule, _: usize) -> bool {
        true
    }

    fn found(&mut self, _: u32, _: &Rule, _: usize) -> bool {
        true
    }
}

/// What is done of a rule in a text.
#[derive(Clone, Copy, Default)]
struct Done {
    /// Candidates before this byte are searched already.
    searched: usize,
    /// The end of the last match: the next one begins there at the earliest.
    matched: usize,
    hits: usize,
}

impl RuleSet {
    /// Finds the matches of the rules of a scope in a text, in order of position, then of rules.
    ///
    /// `tool` is the tool whose output the text is; rules for another tool, or for one where it is
    /// unknown, are left out. The text is decoded, and free of terminal control sequences. A pattern
    /// sees one line, or the `lines` lines around its keyword, and at most 16 KiB of them; a rule has
    /// at most 1,000 hits in a text. Matches of one rule do not overlap.
    pub fn scan<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        text: &'t str,
        hit: impl FnMut(Hit<'r, 't>),
    ) {
        self.scan_kinds(scope, tool, |_| true, text, hit);
    }

    /// As [`RuleSet::scan`], with the rules of some kinds: the patterns of the others are not run, nor compiled.
    pub fn scan_kinds<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
        text: &'t str,
        hit: impl FnMut(Hit<'r, 't>),
    ) {
        self.scan_watched(scope, tool, kinds, text, &mut (), hit);
    }

    /// As [`RuleSet::scan_kinds`], with `watch` around each search of a pattern.
    pub fn scan_watched<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
        text: &'t str,
        watch: &mut impl Watch,
        hit: impl FnMut(Hit<'r, 't>),
    ) {
        self.scan_all(scope, tool, kinds, text, (watch, &mut ()), hit);
    }

    /// As [`RuleSet::scan_kinds`], with what each rule costs told to `meter`.
    pub(super) fn scan_metered<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
        text: &'t str,
        meter: &mut impl Meter,
        hit: impl FnMut(Hit<'r, 't>),
    ) {
        self.scan_all(scope, tool, kinds, text, (&mut (), meter), hit);
    }

    fn scan_all<'r, 't>(
        &'r self,
        scope: Scope,
        tool: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
        text: &'t str,
        (watch, meter): (&mut impl Watch, &mut impl Meter),
        mut hit: impl FnMut(Hit<'r, 't>),
    ) {
        let Some(sought) = self.sought(scope) else {
            return;
        };
        let mut done = Vec::new();
        let mut found: Vec<(u32, Hit<'r, 't>)> = Vec::new();
        sought.keywords.each(text, |keyword, place| {
            if done.is_empty() {
                done.resize(self.rules.len(), Done::default());
            }
            for &index in sought.rules.get(keyword).into_iter().flatten() {
                let (Some(rule), Some(done)) =
                    (self.rules.get(index as usize), done.get_mut(index as usize))
                else {
                    continue;
                };
                if place.start >= done.searched && kinds(rule.kind) && rule.looks_into(scope, tool)
                {
                    watch.search(rule, || {
                        let meter = (index, &mut *meter);
                        search(rule, text, place.clone(), done, meter, |hit| {
                            found.push((index, hit))
                        });
                    });
                }
            }
        });
        found.sort_by_key(|(index, hit)| (hit.start, *index));
        let mut line = 0;
        let mut at = 0;
        for (_, mut found) in found {
            let between = text.as_bytes().get(at..found.start).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count();
            at = found.start;
            found.line = line;
            hit(found);
        }
    }

    /// The matches in a short text that no tool printed, as a command, in order of rules: the first is the one that counts.
    pub fn matches<'r, 't>(&'r self, scope: Scope, text: &'t str) -> Vec<Hit<'r, 't>> {
        let mut hits = Vec::new();
        self.scan(scope, None, text, |hit| hits.push(hit));
        hits.sort_by_key(|hit| {
            self.rules
                .iter()
                .position(|rule| std::ptr::eq(&**rule, hit.rule))
        });
        hits
    }

    fn sought(&self, scope: Scope) -> Option<&Sought> {
        let place = Scope::ALL.iter().position(|s| *s == scope)?;
        let sought = self.sought.get(place)?;
        Some(sought.get_or_init(|| Sought::new(&self.rules, scope)))
    }
}

/// Runs a rule's pattern on the lines around a keyword.
fn search<'r, 't>(
    rule: &'r Rule,
    text: &'t str,
    keyword: Range<usize>,
    done: &mut Done,
    (index, meter): (u32, &mut impl Meter),
    mut hit: impl FnMut(Hit<'r, 't>),
) {
    let bytes = text.as_bytes();
    let line_end = end_of_line(bytes, keyword.end);
    done.searched = line_end;
    // A pattern that does not compile has no hits; `load` and the tests tell of it.
    let Ok(regex) = rule.regex() else {
        return;
    };
    let others = usize::from(rule.lines.max(1)) - 1;
    let mut start = start_of_line(bytes, keyword.start);
    let mut end = line_end;
    for _ in 0..others {
        start = start_of_line(bytes, start.saturating_sub(1));
        end = end_of_line(bytes, (end + 1).min(bytes.len()));
    }
    if end - start > WINDOW_BYTES {
        start = start.max(floor(text, keyword.start.saturating_sub(WINDOW_BYTES / 2)));
        end = end.min(floor(text, start + WINDOW_BYTES)).max(keyword.end);
        done.searched = done.searched.min(end);
    }
    let mut at = start.max(done.matched);
    while done.hits < HITS_PER_RULE && at <= end && meter.may_search(index, rule, end - at) {
        let found = bytes
            .get(..end)
            .and_then(|seen| regex.captures_at(seen, at));
        let Some((found, whole)) = found.and_then(|found| found.whole().map(|w| (found, w))) else {
            return;
        };
        // What begins on a later line belongs to a keyword there, whose window holds all of it.
        if whole.start > line_end {
            return;
        }
        if !meter.found(index, rule, whole.len()) {
            return;
        }
        at = whole.end.max(whole.start + 1);
        if whole.is_empty()
            || memchr::memchr_iter(b'\n', bytes.get(whole.range()).unwrap_or_default()).count()
                > others
        {
            continue;
        }
        done.matched = whole.end;
        done.hits += 1;
        let shown = found.name(AFTER_PREFIX).unwrap_or(whole).range();
        hit(Hit::new(rule, 0, shown, text, found));
    }
}

fn start_of_line(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |newline| newline + 1)
}

/// The newline that ends the line of `at`, or the end of the text.
fn end_of_line(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', text.get(at..).unwrap_or_default())
        .map_or(text.len(), |newline| at + newline)
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

/// The range without characters that it cuts: a pattern counts bytes, so `.{4}` may end within one.
fn whole_chars(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.ceil_char_boundary(range.start);
    start..text.floor_char_boundary(range.end).max(start)
}
