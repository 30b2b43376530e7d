//! The text of a `passdown.toml` → settings, and every mistake in it with its place.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use clap::Command;
use clap::builder::ArgAction;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    Layer, NOT_THE_PROJECTS, ONLY_MORE, Origin, Setting, below, fault, is_common, options,
};
use crate::position::line_column;
use crate::rules::nearest;

/// What a file says.
pub(super) struct Read {
    pub(super) settings: Layer,
    pub(super) profiles: BTreeMap<String, (Origin, Layer)>,
}

/// Reads a file; what is wrong goes to `wrong`, as `name:line:column: what`, in the order of the text. Paths are meant from `folder`.
pub(super) fn parse(
    name: &str,
    folder: &Path,
    text: &str,
    is_project: bool,
    command: &Command,
    wrong: &mut Vec<String>,
) -> Read {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        name,
        folder,
        text,
        is_project,
        profile: None,
        wrong: Vec::new(),
    };
    for error in errors {
        let at = error.span().unwrap_or_default().start;
        let what = error.message().trim().replace('\n', "; ");
        reader.wrong.push((at, what));
    }
    let mut read = Read {
        settings: Layer::new(),
        profiles: BTreeMap::new(),
    };
    reader.table(command, "", table.get_ref(), &mut read.settings);
    if let Some(profiles) = table.get_ref().get("profiles") {
        reader.profiles(command, profiles, &mut read.profiles);
    }
    let mut mistakes = reader.wrong;
    mistakes.sort();
    mistakes.dedup();
    wrong.extend(mistakes.into_iter().map(|(at, what)| {
        let (line, column) = line_column(text, at);
        format!("{name}:{line}:{column}: {what}")
    }));
    read
}

struct Reader<'t> {
    name: &'t str,
    folder: &'t Path,
    text: &'t str,
    is_project: bool,
    /// The profile whose table is read.
    profile: Option<String>,
    /// What is wrong, by its offset.
    wrong: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn profiles(
        &mut self,
        command: &Command,
        value: &Spanned<DeValue<'_>>,
        into: &mut BTreeMap<String, (Origin, Layer)>,
    ) {
        let Some(profiles) = value.get_ref().as_table() else {
            let what = "profiles are tables, as `[profiles.mine]`";
            self.wrong.push((value.span().start, what.to_owned()));
            return;
        };
        for (name, value) in profiles {
            let Some(table) = value.get_ref().as_table() else {
                let what = format!("a profile is a table, as `[profiles.{}]`", name.get_ref());
                self.wrong.push((value.span().start, what));
                continue;
            };
            self.profile = Some(name.get_ref().to_string());
            let mut layer = Layer::new();
            self.table(command, "", table, &mut layer);
            into.insert(
                name.get_ref().to_string(),
                (self.origin(name.span().start), layer),
            );
            self.profile = None;
        }
    }

    /// The table of a command; the one outside all tables is that of the handoff, and of what means the same everywhere.
    fn table(&mut self, command: &Command, name: &str, table: &DeTable<'_>, into: &mut Layer) {
        for (key, value) in table {
            let (word, at) = (key.get_ref().as_ref(), key.span().start);
            let is_outside = name.is_empty();
            if is_outside && word == "profiles" {
                if self.profile.is_some() {
                    let what = "a profile holds no profiles".to_owned();
                    self.wrong.push((at, what));
                }
                continue;
            }
            if let DeValue::Table(table) = value.get_ref() {
                // What is one option with many pairs in the arguments reads better as a table here.
                let pairs = match word {
                    "weights" => Some("weight"),
                    "parts" => Some("part"),
                    _ => None,
                };
                if let Some((arg, long)) = pairs.and_then(|long| find(command, name, long)) {
                    self.pairs(name, arg, long, table, into);
                } else if let Some(sub) = command.find_subcommand(word) {
                    self.table(sub, &below(name, word), table, into);
                } else {
                    self.unknown(command, name, word, at);
                }
                continue;
            }
            // `rules` is the table of a command.
            let word = if word == "rule-files" { "rules" } else { word };
            match find(command, name, word) {
                Some((arg, long)) => self.option(name, arg, long, at, value, into),
                None => self.unknown(command, name, word, at),
            }
        }
    }

    fn option(
        &mut self,
        name: &str,
        arg: &clap::Arg,
        long: &str,
        at: usize,
        value: &Spanned<DeValue<'_>>,
        into: &mut Layer,
    ) {
        let texts = match value.get_ref() {
            DeValue::Array(values) => values.iter().map(|value| text(value.get_ref())).collect(),
            value => text(value).map(|text| vec![text]),
        };
        let Some(texts): Option<Vec<String>> = texts else {
            let what = format!("`{long}`: a text, a number, true or false, or a list of them");
            self.wrong.push((value.span().start, what));
            return;
        };
        let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
        if is_switch && value.get_ref().as_bool().is_none() {
            let what = format!("`{long}`: takes true or false");
            self.wrong.push((value.span().start, what));
            return;
        }
        let is_path =
            arg.get_value_parser().type_id() == std::any::TypeId::of::<PathBuf>() && !is_switch;
        let leads_out = |text: &String| {
            let path = Path::new(text);
            !path
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        };
        let may = !NOT_THE_PROJECTS.contains(&long);
        if is_path && self.is_project && may && texts.iter().any(leads_out) {
            let what = format!("`{long}`: a project's file names files of the project alone");
            self.wrong.push((value.span().start, what));
            return;
        }
        let values: Vec<OsString> = texts
            .into_iter()
            .map(|text| {
                if is_path {
                    self.folder.join(text).into_os_string()
                } else {
                    text.into()
                }
            })
            .collect();
        self.put(name, arg, long, at, value.span().start, values, into);
    }

    fn pairs(
        &mut self,
        name: &str,
        arg: &clap::Arg,
        long: &str,
        table: &DeTable<'_>,
        into: &mut Layer,
    ) {
        for (key, value) in table {
            let at = value.span().start;
            let Some(number) = text(value.get_ref()) else {
                let what = format!("`{}`: a number", key.get_ref());
                self.wrong.push((at, what));
                continue;
            };
            let pair = OsString::from(format!("{}={number}", key.get_ref()));
            self.put(name, arg, long, key.span().start, at, vec![pair], into);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the places of the key and of the value are told apart"
    )]
    fn put(
        &mut self,
        name: &str,
        arg: &clap::Arg,
        long: &str,
        key_at: usize,
        value_at: usize,
        values: Vec<OsString>,
        into: &mut Layer,
    ) {
        if self.is_project && NOT_THE_PROJECTS.contains(&long) {
            let what = format!(
                "`{long}` is not for a project's file: that is for whoever works in it to say"
            );
            self.wrong.push((key_at, what));
            return;
        }
        let more = ONLY_MORE.iter().find(|(option, _)| *option == long);
        if let Some((_, most)) = more.filter(|_| self.is_project)
            && values.iter().any(|value| value != most)
        {
            let what = format!("`{long}`: a project's file may say `{most}` and nothing less");
            self.wrong.push((value_at, what));
            return;
        }
        if let Some(what) = fault(arg, long, &values) {
            self.wrong.push((value_at, format!("`{long}`: {what}")));
            return;
        }
        let origin = self.origin(key_at);
        let setting = into
            .entry((name.to_owned(), long.to_owned()))
            .or_insert(Setting {
                values: Vec::new(),
                origin,
            });
        setting.values.extend(values);
    }

    fn unknown(&mut self, command: &Command, name: &str, word: &str, at: usize) {
        let mut known: Vec<&str> = options(command).map(|(_, long)| long).collect();
        known.extend(command.get_subcommands().map(Command::get_name));
        if name.is_empty() {
            known.extend(super::COMMON);
            known.push("profiles");
        }
        known.extend(["weights", "parts", "rule-files"]);
        let elsewhere = command
            .get_subcommands()
            .find(|sub| name.is_empty() && options(sub).any(|(_, long)| long == word));
        let hint = match (elsewhere, nearest(word, &known)) {
            (Some(sub), _) => format!("; it is one of `[{}]`", sub.get_name()),
            (None, Some(near)) => format!("; is `{near}` meant?"),
            (None, None) => String::new(),
        };
        let place = if name.is_empty() {
            "an option".to_owned()
        } else {
            format!("an option of `{name}`")
        };
        self.wrong
            .push((at, format!("`{word}` is not {place}{hint}")));
    }

    fn origin(&self, at: usize) -> Origin {
        Origin::File {
            path: self.name.to_owned(),
            line: line_column(self.text, at).0,
            profile: self.profile.clone(),
        }
    }
}

/// The option of a table: the command's own or, outside of all tables, one that any command shares.
fn find<'c>(command: &'c Command, name: &str, word: &str) -> Option<(&'c clap::Arg, &'c str)> {
    let own = options(command).find(|(_, long)| *long == word);
    own.or_else(|| {
        let shared = name.is_empty() && is_common(word);
        (command.get_subcommands().filter(|_| shared))
            .find_map(|sub| options(sub).find(|(_, long)| *long == word))
    })
}

/// A value as it would be typed.
fn text(value: &DeValue<'_>) -> Option<String> {
    Some(match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().replace('_', ""),
        DeValue::Float(number) => number.as_str().replace('_', ""),
        DeValue::Boolean(is) => is.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}
