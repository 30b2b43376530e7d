//! Layers of rule files: built-in ← the user's ← the project's ← those given in the arguments.
//!
//! A later layer adds rules, replaces one by its id, changes what it weighs, switches it
//! off or on, or switches a whole pack, which is the rules of one built-in file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::mistake::{Mistake, Place, meant, unknown};
use super::rule::{Change, Layer, Rule};
use super::{RuleSet, builtin, format};
use crate::error::{Error, ErrorKind};

/// The most bytes of a rule file; the largest built-in one has a twentieth of them.
const FILE_BYTES: u64 = 2 << 20;

/// Mistakes of a file that are told: a file that is no rule file at all has as many as lines.
const MISTAKES: usize = 40;

/// A rule file of a layer, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// The layer it belongs to.
    pub layer: Layer,
    /// Its name in messages, usually its path.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl RuleFile {
    /// A file of the arguments.
    pub fn given(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            layer: Layer::Given,
            name: name.into(),
            text: text.into(),
        }
    }
}

/// Where rule files are looked for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of the user's configuration, as `~/.config`; rule files are in `passdown/rules` there.
    pub config: Option<PathBuf>,
    /// The folder whose project is meant.
    pub cwd: PathBuf,
    /// The files of the arguments, lowest first.
    pub given: Vec<PathBuf>,
}

impl Places {
    /// The folder of the user's rule files.
    pub fn user(&self) -> Option<PathBuf> {
        Some(self.config.as_ref()?.join("passdown").join("rules"))
    }

    /// The project's rule file: the nearest `.passdown/rules.toml`.
    pub fn project(&self) -> Option<PathBuf> {
        self.nearest(".passdown/rules.toml")
    }

    /// The nearest file of this name from the folder up to the root of its repository.
    ///
    /// Outside of a repository, only the folder itself is looked into: what lies above it is somebody else's.
    pub fn nearest(&self, name: &str) -> Option<PathBuf> {
        let root = self.cwd.ancestors().find(|at| at.join(".git").exists());
        let root = root.unwrap_or(&self.cwd);
        self.cwd
            .ancestors()
            .take_while(|at| at.starts_with(root))
            .map(|at| at.join(name))
            .find(|path| path.is_file())
    }

    /// Reads the files of all layers, lowest first; the user's in the order of their names.
    ///
    /// A file that is given in the arguments counts there alone. Nothing to read is no error, except for a given file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rules`], with every file that cannot be read, is too large, or is not UTF-8.
    pub fn read(&self) -> Result<Vec<RuleFile>, Error> {
        let given: BTreeSet<PathBuf> = self.given.iter().map(|path| real(path)).collect();
        let mut paths: Vec<(Layer, PathBuf)> = Vec::new();
        let mut messages = Vec::new();
        if let Some(folder) = self.user() {
            match user_files(&folder) {
                Ok(files) => paths.extend(files.into_iter().map(|path| (Layer::User, path))),
                Err(error) => messages.push(format!("{}: {error}", folder.display())),
            }
        }
        paths.extend(self.project().map(|path| (Layer::Project, path)));
        paths.retain(|(_, path)| !given.contains(&real(path)));
        paths.extend(self.given.iter().map(|path| (Layer::Given, path.clone())));
        let mut files = Vec::new();
        for (layer, path) in paths {
            match read(&path) {
                Ok(text) => files.push(RuleFile {
                    layer,
                    name: self.shown(&path),
                    text,
                }),
                Err(what) => messages.push(format!("{}{what}", self.shown(&path))),
            }
        }
        if messages.is_empty() {
            Ok(files)
        } else {
            Err(ErrorKind::Rules(messages).into())
        }
    }

    /// The path as one would type it here.
    fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.cwd).unwrap_or(path);
        short.display().to_string()
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The `.toml` files of the folder, in the order of their names; none if there is no such folder.
fn user_files(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
            && path.is_file()
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a rule file, or what goes behind its name in the message.
fn read(path: &Path) -> Result<String, String> {
    let say = |error: std::io::Error| format!(": {error}");
    let meta = path.metadata().map_err(say)?;
    if meta.is_dir() {
        return Err(": a folder, where a rule file is meant".to_owned());
    }
    if meta.is_file() && meta.len() > FILE_BYTES {
        return Err(format!(": larger than {FILE_BYTES} bytes, so no rule file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(say)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, FILE_BYTES), &mut bytes)
        .map_err(say)?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let before = String::from_utf8_lossy(before.get(start..).unwrap_or_default());
        format!(":{line}:{}: not UTF-8", before.chars().count() + 1)
    })
}

impl RuleSet {
    /// The built-in rules with the files of `layers` on top, lowest first; with no file, as cheap as [`RuleSet::builtin`].
    ///
    /// A rule with a new id is added, in front of the rules of the layers below, so that it
    /// counts before them. A rule with an id that a lower layer holds replaces that rule in its
    /// place, if it gives a `pattern`; without one it may change `weight` or set `disabled`.
    /// `[packs]` switches all rules of built-in files, before the rules of the same layer count.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rules`], with every mistake in every layer, each as `name:line:column: what`.
    pub fn load(layers: &[RuleFile]) -> Result<Self, Error> {
        on_top(Self::builtin().rules.clone(), layers)
    }

    /// As [`RuleSet::load`], with the examples of the built-in rules and their places in the built-in files.
    ///
    /// # Errors
    ///
    /// As [`RuleSet::load`].
    pub fn load_with_examples(layers: &[RuleFile]) -> Result<Self, Error> {
        on_top(with_examples(), layers)
    }

    /// The text of a built-in file, by its name with `.toml`.
    pub fn builtin_file(name: &str) -> Option<&'static str> {
        let (_, text) = builtin::FILES.iter().find(|(file, _)| *file == name)?;
        Some(text)
    }

    /// The JSON Schema of rule files, for editors.
    pub fn schema() -> &'static str {
        include_str!("rules.schema.json")
    }

    /// The names of the packs, in the order of their rules.
    pub fn packs() -> impl Iterator<Item = &'static str> {
        builtin::FILES.iter().map(|(file, _)| pack(file))
    }
}

/// The built-in rules with their examples, read from their files.
fn with_examples() -> Vec<Arc<Rule>> {
    let mut rules = Vec::new();
    for (name, text) in builtin::FILES {
        let drafts = format::parse(name, text).drafts;
        rules.extend(
            drafts
                .into_iter()
                .filter_map(|draft| draft.rule)
                .map(|mut rule| {
                    rule.pack = Some(pack(name));
                    Arc::new(rule)
                }),
        );
    }
    rules
}

/// The pack that a built-in file is.
pub(super) fn pack(file: &'static str) -> &'static str {
    file.strip_suffix(".toml").unwrap_or(file)
}

fn on_top(mut rules: Vec<Arc<Rule>>, layers: &[RuleFile]) -> Result<RuleSet, Error> {
    let mut messages = Vec::new();
    for file in layers {
        let parsed = format::parse(&file.name, &file.text);
        let mut mistakes = parsed.mistakes;
        for switch in parsed.packs {
            mistakes.extend(switch_pack(&mut rules, file, &switch));
        }
        let mut added = Vec::new();
        for draft in parsed.drafts {
            mistakes.extend(lay(&mut rules, &mut added, file, draft));
        }
        added.append(&mut rules);
        rules = added;
        mistakes.sort();
        let told = mistakes.iter().take(MISTAKES);
        messages.extend(told.map(|mistake| mistake.message(&file.name)));
        if let Some(more @ 1..) = mistakes.len().checked_sub(MISTAKES) {
            messages.push(format!("{}: {more} more mistakes", file.name));
        }
    }
    if messages.is_empty() {
        Ok(RuleSet::of(rules))
    } else {
        Err(ErrorKind::Rules(messages).into())
    }
}

/// Switches the rules of a pack; a mistake if there is no such pack.
fn switch_pack(
    rules: &mut [Arc<Rule>],
    file: &RuleFile,
    switch: &format::Switch,
) -> Option<Mistake> {
    let packs: Vec<&str> = RuleSet::packs().collect();
    if !packs.contains(&&*switch.pack) {
        return Some(Mistake {
            at: switch.at,
            what: unknown("pack", &switch.pack, &packs),
        });
    }
    for place in rules {
        if place.pack == Some(&*switch.pack) && place.disabled == switch.on {
            let rule = Arc::make_mut(place);
            rule.disabled = !switch.on;
            let word = if switch.on { "on" } else { "off" };
            let what = format!("switched {word} with its pack `{}`", switch.pack);
            rule.changes.push(change(file, switch.at, what));
        }
    }
    None
}

fn change(file: &RuleFile, at: Place, what: String) -> Change {
    Change {
        layer: file.layer,
        file: file.name.clone(),
        line: at.line,
        what,
        clash: false,
    }
}

/// Puts what one `[[rule]]` says on top of the rules below, or among those that its file adds.
fn lay(
    rules: &mut [Arc<Rule>],
    added: &mut Vec<Arc<Rule>>,
    file: &RuleFile,
    draft: format::Draft,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let index = rules.iter().position(|rule| rule.id == draft.id);
    match (index.and_then(|index| rules.get_mut(index)), draft.rule) {
        (None, None) => {
            if let Some(mut mistake) = draft.incomplete {
                let ids: Vec<&str> = rules.iter().map(|rule| &*rule.id).collect();
                if let Some(id) = meant(&draft.id, &ids) {
                    mistake.what.push_str(&format!("; is `{id}` meant?"));
                }
                mistakes.push(mistake);
            }
        }
        (Some(place), None) => {
            let rule = Arc::make_mut(place);
            if let Some(weight) = draft.weight {
                let what = format!("weight {weight}, before {}", rule.weight);
                rule.changes.push(change(file, draft.at, what));
                rule.weight = weight;
            }
            if let Some(disabled) = draft.disabled {
                let word = if disabled { "off" } else { "on" };
                let what = format!("switched {word}");
                rule.changes.push(change(file, draft.at, what));
                rule.disabled = disabled;
            }
        }
        (place, Some(mut rule)) => {
            rule.layer = file.layer;
            match rule.regex() {
                Err(what) => mistakes.push(draft.pattern_at.mistake(&rule.id, "pattern", what)),
                Ok(_) => {
                    let groups: Vec<&str> = rule.groups().collect();
                    for named in &draft.groups {
                        if !groups.contains(&&*named.group) {
                            let what = unknown("group", &named.group, &groups);
                            mistakes.push(named.at.mistake(&rule.id, named.key, &what));
                        }
                    }
                }
            }
            match place {
                Some(place) => {
                    rule.pack = place.pack;
                    let what = format!(
                        "in place of the rule of {} ({}:{})",
                        place.layer.as_str(),
                        place.file,
                        place.line
                    );
                    let mut change = change(file, draft.at, what);
                    change.clash = place.kind != rule.kind || place.layer == rule.layer;
                    rule.changes.push(change);
                    *place = Arc::new(rule);
                }
                None => added.push(Arc::new(rule)),
            }
        }
    }
    mistakes
}
