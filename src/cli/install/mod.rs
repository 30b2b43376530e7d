//! `passdown install` and `passdown uninstall`: hooks in Claude Code's settings.

pub(super) mod settings;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Outcome;
use super::args::{InstallArgs, ScopeArgs};
use super::output;
use crate::discover::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::hook::Event;

/// Whose settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The user's, for all projects.
    User,
    /// The project's, shared by all who work on it.
    Project,
    /// The user's for this project.
    Local,
}

impl Scope {
    /// All, in the order in which Claude Code lets the later override.
    pub(super) const ALL: [Self; 3] = [Self::User, Self::Project, Self::Local];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
        }
    }

    /// The settings file; none where the home folder is not known.
    pub(super) fn path(self, env: &Env) -> Option<PathBuf> {
        let project = || discover::top(&env.cwd).join(".claude");
        match self {
            Self::User => env
                .config_dir
                .clone()
                .or_else(|| Some(env.home.as_ref()?.join(".claude")))
                .map(|root| root.join("settings.json")),
            Self::Project => Some(project().join("settings.json")),
            Self::Local => Some(project().join("settings.local.json")),
        }
    }
}

impl ScopeArgs {
    fn scope(&self) -> Scope {
        if self.project {
            Scope::Project
        } else if self.local {
            Scope::Local
        } else {
            Scope::User
        }
    }
}

pub(super) fn install(args: &InstallArgs) -> Result<Outcome, Error> {
    let (scope, file) = open(args)?;
    let program = program(scope);
    let command = |event: Event| match scope {
        // Who works on the project without passdown is not to see errors.
        Scope::Project => format!(
            "if command -v passdown >/dev/null 2>&1; then passdown hook {}; fi",
            event.name()
        ),
        _ => format!("{program} hook {}", event.name()),
    };
    if !settings::is_ours(&command(Event::SessionEnd)) {
        return Err(ErrorKind::Usage(format!(
            "hooks are known by the name of their program, `passdown`; this one is called {program}: give it that name"
        ))
        .into());
    }
    let text = settings::add(&file.text, command).map_err(|wrong| file.mistake(&wrong))?;
    if file.exists && text == file.text {
        output::print(&format!("{}: installed already\n", file.shown()))?;
        return Ok(Outcome::Done);
    }
    if args.dry_run {
        output::print(&file.diff(&text))?;
        return Ok(Outcome::Done);
    }
    file.writable()?;
    let mut said = format!("{}: hooks installed for", file.shown());
    for (index, event) in Event::ALL.iter().enumerate() {
        said.push_str(if index == 0 { " " } else { ", " });
        said.push_str(event.name());
    }
    said.push('\n');
    if file.exists {
        file.back_up()?;
        said.push_str(&format!("as it was before: {}\n", file.backup().display()));
    }
    file.write(&text)?;
    said.push_str(
        "next: the sessions that you start from now on; `passdown doctor` looks after them\n",
    );
    output::print(&said)?;
    Ok(Outcome::Done)
}

pub(super) fn uninstall(args: &InstallArgs) -> Result<Outcome, Error> {
    let (_, file) = open(args)?;
    let mut text = settings::remove(&file.text).map_err(|wrong| file.mistake(&wrong))?;
    if text == file.text {
        output::print(&format!("{}: no hooks of passdown in it\n", file.shown()))?;
        return Ok(Outcome::Nothing);
    }
    let backup = fs::read_to_string(file.backup()).ok();
    if let Some(backup) = &backup
        && settings::same(backup, &text)
    {
        text.clone_from(backup);
    }
    if args.dry_run {
        output::print(&file.diff(&text))?;
        return Ok(Outcome::Done);
    }
    file.writable()?;
    // Settings that held nothing else and that nobody had before are not left behind.
    if backup.is_none() && settings::same(&text, "{}") {
        fs::remove_file(&file.path).map_err(|error| Error::io(&file.path, error))?;
    } else {
        file.write(&text)?;
    }
    if backup.is_some() {
        // A file in the way of nothing; what it held is in the settings.
        let _ = fs::remove_file(file.backup());
    }
    output::print(&format!(
        "{}: hooks removed\nhandoffs that were written stay in .passdown/handoffs/ of their projects\n",
        file.shown()
    ))?;
    Ok(Outcome::Done)
}

/// A settings file, read.
struct File {
    /// The file itself, links resolved.
    path: PathBuf,
    text: String,
    exists: bool,
}

fn open(args: &InstallArgs) -> Result<(Scope, File), Error> {
    let scope = args.scope.scope();
    let path = scope.path(&Env::from_system()).ok_or_else(|| {
        ErrorKind::Usage(
            "no home folder is known; set CLAUDE_CONFIG_DIR, or give --project or --local"
                .to_owned(),
        )
    })?;
    Ok((scope, File::read(path)?))
}

impl File {
    fn read(named: PathBuf) -> Result<Self, Error> {
        let path = match fs::canonicalize(&named) {
            Ok(path) => path,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named.is_symlink() => {
                return Ok(Self {
                    path: named,
                    text: String::new(),
                    exists: false,
                });
            }
            Err(error) => return Err(Error::io(named, error)),
        };
        let text = fs::read_to_string(&path).map_err(|error| Error::io(&path, error))?;
        Ok(Self {
            path,
            text,
            exists: true,
        })
    }

    fn shown(&self) -> std::path::Display<'_> {
        self.path.display()
    }

    fn mistake(&self, wrong: &settings::Mistake) -> Error {
        let place = match wrong.line {
            0 => String::new(),
            line => format!(":{line}:{}", wrong.column),
        };
        ErrorKind::Usage(format!(
            "{}{place}: {}; the file was left as it is",
            self.shown(),
            wrong.what
        ))
        .into()
    }

    /// Where the text stands that the file had before.
    fn backup(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".before-passdown");
        self.path.with_file_name(name)
    }

    /// Keeps the file as it is, with its permissions: settings can hold secrets.
    fn back_up(&self) -> Result<(), Error> {
        let backup = self.backup();
        fs::copy(&self.path, &backup)
            .map(|_| ())
            .map_err(|error| Error::io(backup, error))
    }

    /// Refuses a file that may not be written, which a new file in its place would get around.
    fn writable(&self) -> Result<(), Error> {
        if fs::metadata(&self.path).is_ok_and(|it| it.permissions().readonly()) {
            return Err(ErrorKind::Usage(format!(
                "{}: may not be written; allow it, or see what to change with --dry-run",
                self.shown()
            ))
            .into());
        }
        Ok(())
    }

    fn diff(&self, text: &str) -> String {
        let path = self.shown().to_string();
        similar::TextDiff::from_lines(self.text.as_str(), text)
            .unified_diff()
            .header(&path, &path)
            .to_string()
    }

    /// Writes the file whole or not at all, with the permissions that it has.
    fn write(&self, text: &str) -> Result<(), Error> {
        let fail = |error| Error::io(&self.path, error);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(fail)?;
        let permissions = fs::metadata(&self.path).ok().map(|it| it.permissions());
        let mut file = tempfile::Builder::new()
            .prefix(".passdown-")
            .suffix(".tmp")
            .tempfile_in(folder)
            .map_err(fail)?;
        file.write_all(text.as_bytes()).map_err(fail)?;
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions).map_err(fail)?;
        }
        file.as_file().sync_all().map_err(fail)?;
        file.persist(&self.path)
            .map_err(|error| fail(error.error))?;
        Ok(())
    }
}

/// How a hook calls this program: by the path on which it is found, which an upgrade keeps; else by its own.
///
/// A program that was started from a desktop has not the `PATH` of a terminal, so the name alone would not do.
fn program(scope: Scope) -> String {
    let name = "passdown".to_owned();
    let Ok(own) = std::env::current_exe() else {
        return name;
    };
    if scope == Scope::Project {
        return name;
    }
    let same = |path: &PathBuf| fs::canonicalize(path).ok() == fs::canonicalize(&own).ok();
    let path = std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .map(|folder| folder.join(own.file_name().unwrap_or_default()))
        .find(|path| path.is_absolute() && same(path))
        .unwrap_or(own);
    quoted(&path).unwrap_or(name)
}

/// A path as a word of a shell; none if that cannot be.
fn quoted(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    let plain = |c: char| c.is_alphanumeric() || "/\\:._-+@".contains(c);
    if cfg!(windows) {
        Some(format!("\"{text}\"")).filter(|_| !text.contains('"'))
    } else if text.chars().all(plain) && !text.contains('\\') {
        Some(text.to_owned())
    } else {
        Some(format!("'{text}'")).filter(|_| !text.contains('\''))
    }
}
