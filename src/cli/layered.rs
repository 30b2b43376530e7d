//! The rules in force: the built-in ones, with the user's, the project's and the given files on top.

use std::path::PathBuf;

use crate::discover::Env;
use crate::error::Error;
use crate::rules::{InForce, Places};

/// Finds and reads the layers, for a run that needs the rules at once.
///
/// # Errors
///
/// As [`Places::read`] and [`InForce::load`].
pub(super) fn rules(given: &[PathBuf], env: &Env) -> Result<InForce, Error> {
    let rules = InForce::load(places(given, env).read()?)?;
    rules.prepare();
    Ok(rules)
}

/// Where the layers of this run are.
pub(super) fn places(given: &[PathBuf], env: &Env) -> Places {
    Places {
        config: config(env),
        cwd: env.cwd.clone(),
        given: given.to_vec(),
    }
}

/// The folder of the user's configuration.
pub(super) fn config(env: &Env) -> Option<PathBuf> {
    // The specification has a relative path passed over.
    let xdg = env.xdg.clone().filter(|path| path.is_absolute());
    let system = || {
        if cfg!(windows) {
            std::env::var_os("APPDATA").map(PathBuf::from)
        } else {
            env.home.as_ref().map(|home| home.join(".config"))
        }
    };
    xdg.or_else(system)
}
