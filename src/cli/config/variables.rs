//! Variables: `PASSDOWN_BUDGET` for `--budget`, `PASSDOWN_BATCH_FORMAT` for that of `batch` alone.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::ArgAction;
use clap::{Arg, Command};

use super::{Layer, Origin, Setting, below, fault, is_common, options};

/// What begins with our prefix and is no option: a switch for hooks, and what shells ask completions by.
const OTHERS: [&str; 2] = ["PASSDOWN_HOOKS", "PASSDOWN_COMPLETE"];

/// The settings of those variables that are set; the names that no option has go to `strangers`.
pub(super) fn read(
    set: Vec<(OsString, OsString)>,
    command: &Command,
    strangers: &mut Vec<String>,
    wrong: &mut Vec<String>,
) -> Layer {
    let mut layer = Layer::new();
    if set.is_empty() {
        return layer;
    }
    let mut known = Vec::new();
    collect(command, "", &mut known);
    let mut set = set;
    set.sort();
    for (variable, value) in set {
        let variable = variable.to_string_lossy().into_owned();
        if OTHERS.contains(&variable.as_str()) {
            continue;
        }
        let Some((key, arg)) = known
            .iter()
            .find(|(key, _)| name(&key.0, &key.1) == variable)
        else {
            strangers.push(variable);
            continue;
        };
        let values = values(arg, &value);
        match fault(arg, &key.1, &values) {
            Some(what) => wrong.push(format!("{variable}: {what}")),
            None => {
                let origin = Origin::Variable(variable);
                layer.insert(key.clone(), Setting { values, origin });
            }
        }
    }
    layer
}

/// The variable of an option.
pub(super) fn name(command: &str, option: &str) -> String {
    format!("PASSDOWN_{}", below(command, option))
        .replace([' ', '-'], "_")
        .to_ascii_uppercase()
}

/// All options, with their commands; those that commands share without one, too.
fn collect<'c>(command: &'c Command, name: &str, into: &mut Vec<((String, String), &'c Arg)>) {
    for (arg, long) in options(command) {
        into.push(((name.to_owned(), long.to_owned()), arg));
        if is_common(long) {
            into.push(((String::new(), long.to_owned()), arg));
        }
    }
    for sub in command.get_subcommands() {
        collect(sub, &below(name, sub.get_name()), into);
    }
}

fn values(arg: &Arg, value: &OsStr) -> Vec<OsString> {
    let is_path = arg.get_value_parser().type_id() == std::any::TypeId::of::<PathBuf>();
    match (arg.get_action(), value.to_str()) {
        (ArgAction::SetTrue, Some("1" | "yes" | "on")) => vec!["true".into()],
        (ArgAction::SetTrue, Some("0" | "no" | "off")) => vec!["false".into()],
        (ArgAction::Append, _) if is_path => std::env::split_paths(value)
            .map(PathBuf::into_os_string)
            .collect(),
        (ArgAction::Append, Some(text)) => text.split(',').map(|part| part.trim().into()).collect(),
        _ => vec![value.to_owned()],
    }
}
