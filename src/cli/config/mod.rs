//! What options are where the arguments do not say: `passdown.toml`, profiles and `PASSDOWN_*` variables.
//!
//! From the lowest: the user's file, the project's file, the profile, variables. Each option of each command can stand
//! in them under its own name, so an option that is added is known here without a word. What is found becomes the
//! default of the option, so whatever is given in the arguments goes before it, and conflicts with nothing.

mod file;
mod show;
mod variables;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Command;
use clap::builder::{ArgAction, Resettable};

use super::layered;
use crate::discover::Env;
use crate::error::{Error, ErrorKind};
use crate::rules::unknown;
pub(super) use show::{ConfigArgs, run};

/// The name of the files.
const FILE: &str = "passdown.toml";
/// What their file is called in messages.
const BUILT_IN: &str = "built in";
/// The profiles that are built in.
const PROFILES: &str = include_str!("profiles.toml");
/// The options that mean the same in every command: outside a command's own table they hold for all that have them.
const COMMON: [&str; 19] = [
    "agent",
    "anonymize",
    "budget",
    "budgets",
    "chain",
    "goal",
    "keep",
    "max-age",
    "mmap",
    "no-cite",
    "part",
    "profile",
    "redact",
    "rules",
    "store",
    "tokenizer",
    "weight",
    "weights",
    "within",
];
/// What a project's file does not decide for whoever works in it: where this program writes, how long it may take, and
/// what the user wants.
const NOT_THE_PROJECTS: [&str; 8] = [
    "agent", "goal", "html", "mmap", "out", "output", "store", "within",
];
/// What a project's file may ask for and not take back.
const ONLY_MORE: [(&str, &str); 2] = [("anonymize", "true"), ("redact", "strict")];
/// The options whose values are pairs: those of one layer stand beside those of another.
const PAIRS: [&str; 2] = ["part", "weight"];

/// The settings that are in force.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// The layers, lowest first.
    layers: Vec<Layer>,
    /// Where files were looked for, and whether there was one.
    files: Vec<(PathBuf, bool)>,
    /// The profiles that there are, each with where it is defined.
    profiles: BTreeMap<String, Origin>,
    /// The profile that is in force.
    profile: Option<String>,
    /// Variables with our prefix that nothing here knows.
    strangers: Vec<String>,
    /// What is wrong with files and variables; then nothing of them counts.
    pub(super) wrong: Option<String>,
}

/// Settings of one source: by the command, empty for all, and the option.
type Layer = BTreeMap<(String, String), Setting>;

/// The values of an option.
#[derive(Clone, Debug, PartialEq)]
struct Setting {
    values: Vec<OsString>,
    origin: Origin,
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq)]
enum Origin {
    Variable(String),
    File {
        path: String,
        line: usize,
        profile: Option<String>,
    },
}

impl Config {
    /// Reads the files and the variables for a run with these arguments; `command` says which options there are.
    pub(super) fn read(env: &Env, args: &[OsString], command: &Command) -> Self {
        let mut config = Self::default();
        if let Err(wrong) = config.fill(env, args, command) {
            config.layers.clear();
            config.wrong = Some(wrong.join("\n"));
        }
        config
    }

    fn fill(&mut self, env: &Env, args: &[OsString], command: &Command) -> Result<(), Vec<String>> {
        let mut wrong = Vec::new();
        let mut profiles: BTreeMap<String, (Origin, Layer)> = BTreeMap::new();
        let mut take = |name: &str, folder: &Path, text: &str, is_project, wrong: &mut _| {
            let read = file::parse(name, folder, text, is_project, command, wrong);
            profiles.extend(read.profiles);
            read.settings
        };
        take(BUILT_IN, Path::new(""), PROFILES, false, &mut wrong);
        for (path, is_project) in places(env) {
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    self.files.push((path, false));
                    continue;
                }
                Err(error) => {
                    wrong.push(format!("{}: {error}", path.display()));
                    continue;
                }
            };
            let shown = path.strip_prefix(&env.cwd).unwrap_or(&path);
            let folder = shown.parent().unwrap_or(Path::new(""));
            let layer = take(
                &shown.display().to_string(),
                folder,
                &text,
                is_project,
                &mut wrong,
            );
            self.layers.push(layer);
            self.files.push((path, true));
        }
        let set: Vec<(OsString, OsString)> = std::env::vars_os()
            .filter(|(name, value)| {
                name.as_encoded_bytes().starts_with(b"PASSDOWN_") && !value.is_empty()
            })
            .collect();
        let variables = variables::read(set, command, &mut self.strangers, &mut wrong);
        let chosen = chosen(args).or_else(|| {
            let configured = std::iter::once(&variables).chain(self.layers.iter().rev());
            let key = (String::new(), "profile".to_owned());
            let mut named = configured.filter_map(|layer| layer.get(&key)?.values.first());
            named.next().map(|name| name.to_string_lossy().into_owned())
        });
        self.profiles = (profiles.iter())
            .map(|(name, (origin, _))| (name.clone(), origin.clone()))
            .collect();
        if let Some(name) = chosen {
            match profiles.remove(&name) {
                Some((_, layer)) => {
                    self.layers.push(layer);
                    self.profile = Some(name);
                }
                None => wrong.push(self.no_profile(&name)),
            }
        }
        self.layers.push(variables);
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn no_profile(&self, name: &str) -> String {
        let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        unknown("profile", name, &names)
    }

    /// `command` with what is configured as the defaults of its options.
    pub(super) fn applied(&self, command: Command) -> Command {
        if self.layers.iter().all(BTreeMap::is_empty) {
            return command;
        }
        self.on(command, "")
    }

    fn on(&self, mut command: Command, name: &str) -> Command {
        let options: Vec<(String, String)> = options(&command)
            .map(|(arg, long)| (arg.get_id().to_string(), long.to_owned()))
            .collect();
        for (id, long) in options {
            let settings = self.of(name, &long);
            if settings.is_empty() {
                continue;
            }
            let values: Vec<OsString> = (settings.iter())
                .flat_map(|setting| setting.values.iter().cloned())
                .collect();
            command = command.mut_arg(id, |arg| arg.required(false).default_values(values));
        }
        command.mut_subcommands(|sub| {
            let name = below(name, sub.get_name());
            self.on(sub, &name)
        })
    }

    /// What counts for an option of a command: the highest setting, or for pairs all of them, the lowest first.
    fn of(&self, command: &str, option: &str) -> Vec<&Setting> {
        let own = (command.to_owned(), option.to_owned());
        let all = (String::new(), option.to_owned());
        let mut found: Vec<&Setting> = Vec::new();
        for layer in &self.layers {
            if is_common(option) {
                found.extend(layer.get(&all).filter(|_| !command.is_empty()));
            }
            found.extend(layer.get(&own));
        }
        if !PAIRS.contains(&option) {
            found = found.split_off(found.len().saturating_sub(1));
        }
        found
    }

    /// The error of a run that needs what is configured.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], with all that is wrong with files and variables, each with its place.
    pub(super) fn sound(&self) -> Result<(), Error> {
        match &self.wrong {
            Some(wrong) => Err(ErrorKind::Usage(wrong.clone()).into()),
            None => Ok(()),
        }
    }
}

/// Where files are looked for, lowest first, and whether they are the project's.
fn places(env: &Env) -> Vec<(PathBuf, bool)> {
    let user = layered::config(env).map(|folder| (folder.join("passdown").join(FILE), false));
    let project = layered::places(&[], env).nearest(FILE);
    user.into_iter()
        .chain([(project.unwrap_or_else(|| env.cwd.join(FILE)), true)])
        .collect()
}

/// The profile that the arguments name.
fn chosen(args: &[OsString]) -> Option<String> {
    let mut args = args
        .iter()
        .skip(1)
        .map(|arg| arg.to_string_lossy())
        .take_while(|arg| arg != "--");
    while let Some(arg) = args.next() {
        if arg == "--profile" {
            return args.next().map(|name| name.into_owned());
        }
        if let Some(name) = arg.strip_prefix("--profile=") {
            return Some(name.to_owned());
        }
    }
    None
}

fn is_common(option: &str) -> bool {
    COMMON.contains(&option)
}

/// The options of a command that can be configured, with their names.
fn options(command: &Command) -> impl Iterator<Item = (&clap::Arg, &str)> {
    command.get_arguments().filter_map(|arg| {
        let is_setting = matches!(
            arg.get_action(),
            ArgAction::Set | ArgAction::Append | ArgAction::SetTrue
        );
        // Two values of one option have no form in a file that one would guess.
        let is_one = arg.get_num_args().is_none_or(|num| num.min_values() <= 1);
        arg.get_long()
            .filter(|_| is_setting && is_one)
            .map(|long| (arg, long))
    })
}

/// The name of a command below another.
fn below(above: &str, name: &str) -> String {
    if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above} {name}")
    }
}

/// What is wrong with the values of an option, in the words of its parser.
fn fault(arg: &clap::Arg, long: &str, values: &[OsString]) -> Option<String> {
    if long == "redact" && values.iter().any(|value| value == "off") {
        return Some(
            "`off` is only for the command line, as --redact off; here default or strict".into(),
        );
    }
    if values.len() > 1 && !matches!(arg.get_action(), ArgAction::Append) {
        return Some("takes one value".to_owned());
    }
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        let is_bool = values
            .iter()
            .all(|value| value == "true" || value == "false");
        return (!is_bool).then(|| "takes true or false".to_owned());
    }
    // Alone, it has nothing to conflict with.
    let alone = (arg.clone().required(false))
        .conflicts_with(Resettable::Reset)
        .requires(Resettable::Reset)
        .group(Resettable::Reset);
    let given = values.iter().map(|value| {
        let mut text = OsString::from(format!("--{long}="));
        text.push(value);
        text
    });
    let command = Command::new("passdown").no_binary_name(true).arg(alone);
    let error = command.try_get_matches_from(given).err()?.to_string();
    let told = error
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("For more") && !line.starts_with("Usage"))
        .filter(|line| !line.is_empty() && !line.starts_with("tip:"));
    let told = told.collect::<Vec<_>>().join(" ");
    let told = told.strip_prefix("error: ").unwrap_or(&told);
    // Its name is told before.
    let named = format!(" for '--{long} ");
    Some(match told.split_once(&named) {
        Some((head, tail)) => head.to_owned() + tail.split_once('\'').map_or("", |(_, rest)| rest),
        None => told.to_owned(),
    })
}
