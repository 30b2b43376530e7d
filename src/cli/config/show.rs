//! `passdown config`: each option, its value, and where that comes from.

use clap::{Arg, ArgAction, Command};

use super::{BUILT_IN, Config, Origin, below, options, variables};
use crate::cli::args::Form;
use crate::cli::table::Table;
use crate::cli::{Outcome, output};
use crate::error::{Error, ErrorKind};
use crate::safety;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ConfigArgs {
    /// The command whose options are meant, as `batch` or `rules stats`; without one, those of the handoff, and what is
    /// set for other commands.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// With the settings of this profile.
    // Read before the arguments are.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The format.
    #[arg(long, value_enum, default_value_t = Form::Plain)]
    format: Form,
}

/// An option as it is in force.
struct Row {
    option: String,
    value: String,
    from: String,
    variable: String,
}

pub(in crate::cli) fn run(
    args: &ConfigArgs,
    config: &Config,
    root: &Command,
) -> Result<Outcome, Error> {
    config.sound()?;
    let name = args.command.join(" ");
    let mut command = root;
    for word in &args.command {
        command = command.find_subcommand(word).ok_or_else(|| {
            ErrorKind::Usage(format!("no command `{name}`; see `passdown --help`"))
        })?;
    }
    let mut rows: Vec<Row> = options(command)
        .map(|(arg, long)| row(config, arg, &name, long))
        .collect();
    if name.is_empty() {
        for sub in root.get_subcommands() {
            set_below(config, sub, sub.get_name(), &mut rows);
        }
    }
    let text = match args.format {
        Form::Plain => plain(config, &rows),
        Form::Json => json(config, &rows),
    };
    output::print(&safety::clean(&text))?;
    Ok(Outcome::Done)
}

/// The options of a command that are set for it alone.
fn set_below(config: &Config, command: &Command, name: &str, rows: &mut Vec<Row>) {
    for (arg, long) in options(command) {
        let key = (name.to_owned(), long.to_owned());
        if config.layers.iter().any(|layer| layer.contains_key(&key)) {
            rows.push(Row {
                option: below(name, long),
                ..row(config, arg, name, long)
            });
        }
    }
    for sub in command.get_subcommands() {
        set_below(config, sub, &below(name, sub.get_name()), rows);
    }
}

fn row(config: &Config, arg: &Arg, command: &str, long: &str) -> Row {
    let settings = config.of(command, long);
    let shown = |values: &mut dyn Iterator<Item = &std::ffi::OsStr>| {
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (value, from) = match settings.last() {
        Some(last) => {
            let mut values = (settings.iter())
                .flat_map(|setting| setting.values.iter())
                .map(std::ffi::OsString::as_os_str);
            (shown(&mut values), told(&last.origin))
        }
        None => {
            let mut values = arg.get_default_values().iter().map(|value| &**value);
            (shown(&mut values), String::new())
        }
    };
    let value = match arg.get_action() {
        ArgAction::SetTrue if value.is_empty() => "false".to_owned(),
        _ if value.is_empty() => "-".to_owned(),
        _ => value,
    };
    Row {
        option: long.to_owned(),
        value,
        from,
        variable: variables::name(command, long),
    }
}

fn told(origin: &Origin) -> String {
    match origin {
        Origin::Variable(name) => name.clone(),
        Origin::File {
            path,
            line,
            profile,
        } => match profile {
            Some(name) => format!("{path}:{line}, profile {name}"),
            None => format!("{path}:{line}"),
        },
    }
}

fn plain(config: &Config, rows: &[Row]) -> String {
    let mut out = String::new();
    for (path, is) in &config.files {
        let word = if *is { "read" } else { "no such file" };
        out.push_str(&format!("{}: {word}\n", path.display()));
    }
    out.push('\n');
    let mut table = Table::new(["OPTION", "VALUE", "FROM"]);
    for row in rows {
        let from = if row.from.is_empty() {
            "default"
        } else {
            row.from.as_str()
        };
        table.row([row.option.clone(), row.value.clone(), from.to_owned()]);
    }
    out.push_str(&table.text());
    out.push_str("\nprofiles:\n");
    for (name, origin) in &config.profiles {
        let place = match origin {
            Origin::File { path, .. } if path == BUILT_IN => path.clone(),
            Origin::File { path, line, .. } => format!("{path}:{line}"),
            Origin::Variable(name) => name.clone(),
        };
        let mark = if config.profile.as_ref() == Some(name) {
            ", in force"
        } else {
            ""
        };
        out.push_str(&format!("  {name} ({place}{mark})\n"));
    }
    for name in &config.strangers {
        out.push_str(&format!("\n{name} is set, but no option has that name\n"));
    }
    out
}

fn json(config: &Config, rows: &[Row]) -> String {
    let files: Vec<_> = (config.files.iter())
        .map(|(path, is)| serde_json::json!({"path": path.display().to_string(), "read": is}))
        .collect();
    let options: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "option": row.option,
                "value": row.value,
                "from": if row.from.is_empty() { "default" } else { row.from.as_str() },
                "variable": row.variable,
            })
        })
        .collect();
    let profiles: Vec<&String> = config.profiles.keys().collect();
    let whole = serde_json::json!({
        "files": files,
        "options": options,
        "profile": config.profile,
        "profiles": profiles,
        "unknown_variables": config.strangers,
    });
    format!("{whole:#}\n")
}
