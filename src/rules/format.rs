//! The text of a rule file → rules, and every mistake in it with its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::RuleSet;
use super::alias;
use super::compile::PATTERN_BYTES;
use super::mistake::{Mistake, Place, unknown};
use super::rule::{About, Class, Example, Family, Kind, Rule, RuleScope, Verdict};

/// The keys of a file.
const FILE_KEYS: &[&str] = &["rule", "packs", "checks"];
/// The keys of a rule.
const RULE_KEYS: &[&str] = &[
    "id",
    "kind",
    "scope",
    "keywords",
    "pattern",
    "ignore_case",
    "prefixed",
    "lines",
    "weight",
    "disabled",
    "tool",
    "family",
    "class",
    "about",
    "verdict",
    "source",
    "fires",
    "silent",
];
/// The keys of an example on which the rule fires.
const FIRES_KEYS: &[&str] = &["text", "captures"];
/// The keys of an example on which the rule is silent.
const SILENT_KEYS: &[&str] = &["text"];
/// The heaviest weight: ten times the usual already decides every comparison.
const MAX_WEIGHT: f64 = 10.0;
/// The most lines a match may span: each one widens the text that a candidate costs.
const MAX_LINES: i64 = 8;

/// What a rule file says.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The rules, in their order.
    pub(super) drafts: Vec<Draft>,
    /// The packs that it switches.
    pub(super) packs: Vec<Switch>,
    /// What is wrong in it, by place.
    pub(super) mistakes: Vec<Mistake>,
}

/// A line of `[packs]`.
#[derive(Debug)]
pub(super) struct Switch {
    pub(super) pack: Box<str>,
    pub(super) on: bool,
    pub(super) at: Place,
}

/// A group of the pattern that another key names.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) key: &'static str,
    pub(super) group: Box<str>,
    pub(super) at: Place,
}

/// What one `[[rule]]` says.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: Box<str>,
    /// The whole rule; none if it gives no pattern.
    pub(super) rule: Option<Rule>,
    /// The weight, if it is given.
    pub(super) weight: Option<f64>,
    /// Whether it is disabled, if that is given.
    pub(super) disabled: Option<bool>,
    /// Why it cannot stand alone: for a rule without a pattern whose id no lower layer holds.
    pub(super) incomplete: Option<Mistake>,
    /// Where it begins.
    pub(super) at: Place,
    /// Where the pattern stands.
    pub(super) pattern_at: Place,
    /// The groups that `tool` and the examples name.
    pub(super) groups: Vec<Named>,
}

/// Reads a rule file. What is wrong costs the rule it stands in, and is told.
pub(super) fn parse(name: &str, text: &str) -> Parsed {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        lines: std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect(),
        text,
        file: Arc::from(name),
        mistakes: Vec::new(),
        groups: Vec::new(),
    };
    for error in errors {
        let at = reader.place(error.span().unwrap_or_default());
        let what = error.message().trim().replace('\n', "; ");
        reader.mistakes.push(Mistake { at, what });
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let mut packs = Vec::new();
    let mut aliases = Vec::new();
    for (key, value) in table.get_ref() {
        if key.get_ref() == "packs" {
            packs = reader.packs(value);
            continue;
        }
        if key.get_ref() == "checks" {
            aliases = reader.aliases(value);
            continue;
        }
        if key.get_ref() != "rule" {
            let what = unknown("key", key.get_ref(), FILE_KEYS);
            reader.tell(key.span(), what);
            continue;
        }
        let Some(tables) = value.get_ref().as_array() else {
            reader.tell(key.span(), "rules are written as `[[rule]]`".to_owned());
            continue;
        };
        for table in tables.iter() {
            let Some(draft) = reader.rule(table) else {
                continue;
            };
            if drafts.iter().any(|other| other.id == draft.id) {
                let what = format!(
                    "rule `{}`: the id is taken by an earlier rule of this file",
                    draft.id
                );
                reader.tell(table.span(), what);
                continue;
            }
            drafts.push(draft);
        }
    }
    // A rule that is written out counts before a line of `[checks]`.
    aliases.retain(|alias| !drafts.iter().any(|draft| draft.id == alias.id));
    drafts.append(&mut aliases);
    reader.mistakes.sort();
    Parsed {
        drafts,
        packs,
        mistakes: reader.mistakes,
    }
}

/// Reads values and collects mistakes.
struct Reader<'t> {
    text: &'t str,
    /// The offset of each line.
    lines: Vec<usize>,
    file: Arc<str>,
    mistakes: Vec<Mistake>,
    /// The groups that the rule at hand names.
    groups: Vec<Named>,
}

/// A value with its key.
struct Field<'v, 't> {
    key: &'v str,
    value: &'v Spanned<DeValue<'t>>,
}

impl<'t> Reader<'t> {
    fn place(&self, span: Range<usize>) -> Place {
        let line = self
            .lines
            .partition_point(|start| *start <= span.start)
            .max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..span.start).unwrap_or_default();
        Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }

    fn tell(&mut self, span: Range<usize>, what: String) {
        let at = self.place(span);
        self.mistakes.push(Mistake { at, what });
    }

    /// The table `[packs]`.
    fn packs(&mut self, value: &Spanned<DeValue<'t>>) -> Vec<Switch> {
        let Some(table) = value.get_ref().as_table() else {
            let what = "`packs` is a table, as in `[packs]` with `python = false` below it";
            self.tell(value.span(), what.to_owned());
            return Vec::new();
        };
        let mut switches = Vec::new();
        for (key, value) in table {
            let Some(on) = value.get_ref().as_bool() else {
                let what = format!("pack `{}`: must be `true` or `false`", key.get_ref());
                self.tell(value.span(), what);
                continue;
            };
            switches.push(Switch {
                pack: key.get_ref().as_ref().into(),
                on,
                at: self.place(key.span()),
            });
        }
        switches
    }

    /// The table `[checks]`: commands by what they verify.
    fn aliases(&mut self, value: &Spanned<DeValue<'t>>) -> Vec<Draft> {
        let Some(table) = value.get_ref().as_table() else {
            let what = "`checks` is a table, as in `[checks]` with `\"mise run test\" = \"test\"` below it";
            self.tell(value.span(), what.to_owned());
            return Vec::new();
        };
        let mut drafts = Vec::new();
        for (key, value) in table {
            let command = key.get_ref().as_ref();
            let Some(id) = alias::id(command) else {
                let what = format!("check `{command}`: must be a command of one line");
                self.tell(key.span(), what);
                continue;
            };
            let field = Field {
                key: "checks",
                value,
            };
            let families = words(Family::ALL, Family::as_str);
            let Some(family) = self.word(&id, &field, Family::from_word, &families) else {
                continue;
            };
            let at = self.place(key.span());
            let rule = alias::rule(&id, command, family, self.file.clone(), at.line);
            drafts.push(Draft {
                id,
                rule: Some(rule),
                weight: None,
                disabled: None,
                incomplete: None,
                at,
                pattern_at: at,
                groups: Vec::new(),
            });
        }
        drafts
    }

    /// One `[[rule]]`; none if it has no usable id.
    fn rule(&mut self, table: &Spanned<DeValue<'t>>) -> Option<Draft> {
        let Some(fields) = table.get_ref().as_table() else {
            self.tell(table.span(), "rules are written as `[[rule]]`".to_owned());
            return None;
        };
        let at = self.place(table.span());
        let before = self.mistakes.len();
        let id = self.id(table, fields)?;
        self.groups.clear();
        let mut rule = Rule::blank(id.clone(), self.file.clone(), at.line);
        let mut weight = None;
        let mut disabled = None;
        let mut pattern_at = at;
        for (key, value) in fields {
            let field = Field {
                key: key.get_ref(),
                value,
            };
            match field.key {
                "id" => {}
                "kind" => {
                    rule.kind = self
                        .word(
                            &id,
                            &field,
                            Kind::from_word,
                            &words(Kind::ALL, Kind::as_str),
                        )
                        .unwrap_or(rule.kind)
                }
                "scope" => rule.scope = self.scopes(&id, &field),
                "keywords" => rule.keywords = self.keywords(&id, &field),
                "pattern" => {
                    pattern_at = self.place(value.span());
                    rule.pattern = self.string(&id, &field).unwrap_or_default().into();
                    if rule.pattern.len() > PATTERN_BYTES {
                        self.wrong(&id, &field, &format!("longer than {PATTERN_BYTES} bytes"));
                    }
                }
                "ignore_case" => rule.ignore_case = self.bool(&id, &field).unwrap_or_default(),
                "prefixed" => rule.prefixed = self.bool(&id, &field).unwrap_or_default(),
                "lines" => rule.lines = self.lines(&id, &field),
                "weight" => weight = self.weight(&id, &field),
                "disabled" => disabled = self.bool(&id, &field),
                "tool" => {
                    rule.tool = self.string(&id, &field).map(Into::into);
                    let at = self.place(value.span());
                    self.groups.extend(groups_of(rule.tool.as_deref(), at));
                }
                "family" => {
                    rule.family = self.word(
                        &id,
                        &field,
                        Family::from_word,
                        &words(Family::ALL, Family::as_str),
                    )
                }
                "class" => {
                    rule.class = self.word(
                        &id,
                        &field,
                        Class::from_word,
                        &words(Class::ALL, Class::as_str),
                    )
                }
                "about" => {
                    rule.about = self.word(
                        &id,
                        &field,
                        About::from_word,
                        &words(About::ALL, About::as_str),
                    )
                }
                "verdict" => {
                    rule.verdict = self.word(
                        &id,
                        &field,
                        Verdict::from_word,
                        &words(Verdict::ALL, Verdict::as_str),
                    )
                }
                "source" => rule.source = self.string(&id, &field).map(Into::into),
                "fires" => rule.fires = self.examples(&id, &field, FIRES_KEYS),
                "silent" => rule.silent = self.examples(&id, &field, SILENT_KEYS),
                other => self.tell(
                    key.span(),
                    format!("rule `{id}`: {}", unknown("key", other, RULE_KEYS)),
                ),
            }
        }
        if rule.prefixed && !rule.pattern.starts_with('^') {
            let what = "a pattern for prefixed lines begins with `^`";
            self.mistakes.push(pattern_at.mistake(&id, "pattern", what));
        }
        rule.weight = weight.unwrap_or(1.0);
        rule.disabled = disabled.unwrap_or_default();

        let whole = fields.contains_key("pattern");
        let missing: Vec<&str> = ["kind", "scope", "keywords", "pattern"]
            .into_iter()
            .filter(|key| !fields.contains_key(*key))
            .collect();
        let lacks = format!("rule `{id}`: lacks `{}`", missing.join("`, `"));
        if whole && !missing.is_empty() {
            self.mistakes.push(Mistake {
                at,
                what: lacks.clone(),
            });
        }
        if !whole {
            for key in fields
                .keys()
                .filter(|key| !matches!(&**key.get_ref(), "id" | "weight" | "disabled"))
            {
                let what = format!(
                    "rule `{id}`: `{}` without `pattern`: a rule that changes one of a lower layer gives only `weight` and `disabled`, or all",
                    key.get_ref()
                );
                self.tell(key.span(), what);
            }
        }
        let sound = self.mistakes.len() == before;
        Some(Draft {
            id,
            rule: whole.then_some(rule),
            weight,
            disabled,
            incomplete: (!whole && sound).then_some(Mistake {
                at,
                what: format!("{lacks}, and no lower layer has a rule of that id"),
            }),
            at,
            pattern_at,
            groups: std::mem::take(&mut self.groups),
        })
    }

    fn id(&mut self, table: &Spanned<DeValue<'t>>, fields: &DeTable<'t>) -> Option<Box<str>> {
        let Some(value) = fields.get("id") else {
            self.tell(table.span(), "a rule without `id`".to_owned());
            return None;
        };
        let id = value.get_ref().as_str().unwrap_or_default();
        if !is_kebab(id) {
            let what = "`id` is kebab-case: lowercase letters and digits, joined by `-`".to_owned();
            self.tell(value.span(), what);
            return None;
        }
        Some(id.into())
    }

    fn wrong(&mut self, id: &str, field: &Field<'_, '_>, what: &str) {
        let mistake = self.place(field.value.span()).mistake(id, field.key, what);
        self.mistakes.push(mistake);
    }

    fn string<'v>(&mut self, id: &str, field: &Field<'v, 't>) -> Option<&'v str> {
        let text = field.value.get_ref().as_str();
        if text.is_none_or(str::is_empty) {
            self.wrong(id, field, "must be a text that is not empty");
            return None;
        }
        text
    }

    fn bool(&mut self, id: &str, field: &Field<'_, 't>) -> Option<bool> {
        let value = field.value.get_ref().as_bool();
        if value.is_none() {
            self.wrong(id, field, "must be `true` or `false`");
        }
        value
    }

    fn lines(&mut self, id: &str, field: &Field<'_, 't>) -> u8 {
        let lines = integer(field.value.get_ref()).filter(|n| (1..=MAX_LINES).contains(n));
        let Some(lines) = lines.and_then(|n| u8::try_from(n).ok()) else {
            self.wrong(
                id,
                field,
                &format!("must be a whole number from 1 to {MAX_LINES}"),
            );
            return 1;
        };
        lines
    }

    fn weight(&mut self, id: &str, field: &Field<'_, 't>) -> Option<f64> {
        let value = field.value.get_ref();
        let number = match value.as_float() {
            Some(float) => float.as_str().parse().ok(),
            None => value.as_integer().and_then(|n| n.as_str().parse().ok()),
        };
        let number = number.filter(|n| (0.0..=MAX_WEIGHT).contains(n));
        if number.is_none() {
            self.wrong(
                id,
                field,
                &format!("must be a number from 0 to {MAX_WEIGHT}"),
            );
        }
        number
    }

    fn word<T>(
        &mut self,
        id: &str,
        field: &Field<'_, 't>,
        from: impl Fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Option<T> {
        let word = self.string(id, field)?;
        let value = from(word);
        if value.is_none() {
            self.wrong(id, field, &unknown("word", word, allowed));
        }
        value
    }

    /// The texts of a list; a single text is not a list.
    fn texts<'v>(&mut self, id: &str, field: &Field<'v, 't>) -> Vec<Field<'v, 't>> {
        let Some(array) = field
            .value
            .get_ref()
            .as_array()
            .filter(|array| !array.is_empty())
        else {
            self.wrong(id, field, "must be a list of texts, with one at least");
            return Vec::new();
        };
        array
            .iter()
            .map(|value| Field {
                key: field.key,
                value,
            })
            .collect()
    }

    fn scopes(&mut self, id: &str, field: &Field<'_, 't>) -> Vec<RuleScope> {
        let mut scopes = Vec::new();
        for field in self.texts(id, field) {
            let Some(text) = self.string(id, &field) else {
                continue;
            };
            match RuleSet::scope(text) {
                Ok(scope) => scopes.push(scope),
                Err(what) => self.wrong(id, &field, &what),
            }
        }
        scopes
    }

    fn keywords(&mut self, id: &str, field: &Field<'_, 't>) -> Vec<Box<str>> {
        let mut keywords = Vec::new();
        for field in self.texts(id, field) {
            let Some(text) = self.string(id, &field) else {
                continue;
            };
            if text.trim().len() < 2 || text.contains('\n') {
                self.wrong(id, &field, "a keyword is two bytes or more, of one line: it decides where the pattern is run");
            } else {
                keywords.push(text.into());
            }
        }
        keywords
    }

    fn examples(&mut self, id: &str, field: &Field<'_, 't>, allowed: &[&str]) -> Vec<Example> {
        let mut examples = Vec::new();
        let array = field.value.get_ref().as_array();
        if array.is_none() {
            self.wrong(id, field, &format!("written as `[[rule.{}]]`", field.key));
        }
        for value in array.into_iter().flat_map(|array| array.iter()) {
            let Some(table) = value.get_ref().as_table() else {
                self.wrong(id, field, &format!("written as `[[rule.{}]]`", field.key));
                continue;
            };
            let mut example = Example {
                text: String::new(),
                captures: BTreeMap::new(),
                line: self.place(value.span()).line,
            };
            if !table.contains_key("text") {
                self.tell(
                    value.span(),
                    format!("rule `{id}`: an example without `text`"),
                );
            }
            for (key, value) in table {
                let field = Field {
                    key: key.get_ref(),
                    value,
                };
                match field.key {
                    "text" => example.text = self.string(id, &field).unwrap_or_default().to_owned(),
                    "captures" if allowed.contains(&"captures") => {
                        example.captures = self.captures(id, &field)
                    }
                    other => self.tell(
                        key.span(),
                        format!("rule `{id}`: {}", unknown("key", other, allowed)),
                    ),
                }
            }
            examples.push(example);
        }
        examples
    }

    fn captures(&mut self, id: &str, field: &Field<'_, 't>) -> BTreeMap<String, String> {
        let Some(table) = field.value.get_ref().as_table() else {
            self.wrong(
                id,
                field,
                "must be a table of texts, as in `{ passed = \"27\" }`",
            );
            return BTreeMap::new();
        };
        let mut captures = BTreeMap::new();
        for (key, value) in table {
            match value.get_ref().as_str() {
                Some(text) => {
                    self.groups.push(Named {
                        key: "captures",
                        group: key.get_ref().as_ref().into(),
                        at: self.place(key.span()),
                    });
                    captures.insert(key.get_ref().to_string(), text.to_owned());
                }
                None => self.tell(
                    value.span(),
                    format!("rule `{id}`: what a group holds is a text, in quotes"),
                ),
            }
        }
        captures
    }
}

/// The groups that `tool` names as `{group}`.
fn groups_of(tool: Option<&str>, at: Place) -> impl Iterator<Item = Named> {
    let parts = tool.unwrap_or_default().split('{').skip(1);
    parts.filter_map(move |part| {
        let (group, _) = part.split_once('}')?;
        Some(Named {
            key: "tool",
            group: group.into(),
            at,
        })
    })
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn is_kebab(id: &str) -> bool {
    id.split('-').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| word(*value)).collect()
}
