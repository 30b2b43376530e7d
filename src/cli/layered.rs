//! The rules in force: the built-in ones, with the user's, the project's and the given files on top.

use std::ops::Deref;
use std::path::PathBuf;

use crate::discover::Env;
use crate::error::Error;
use crate::rules::{Places, RuleSet};

/// The rules in force; none of its own where no file was found or given.
pub(super) struct Rules(Option<RuleSet>);

impl Rules {
    /// Finds and reads the layers. Without any, the built-in rules are read in the background.
    ///
    /// # Errors
    ///
    /// As [`RuleSet::load`].
    pub(super) fn read(given: &[PathBuf], env: &Env) -> Result<Self, Error> {
        let files = places(given, env).read()?;
        if files.is_empty() {
            // Reading the rules takes as long as reading a log of some megabytes.
            rayon::spawn(|| {
                RuleSet::builtin();
            });
            return Ok(Self(None));
        }
        Ok(Self(Some(RuleSet::load(&files)?)))
    }
}

impl Deref for Rules {
    type Target = RuleSet;

    fn deref(&self) -> &RuleSet {
        self.0.as_ref().unwrap_or_else(|| RuleSet::builtin())
    }
}

/// Where the layers of this run are.
pub(super) fn places(given: &[PathBuf], env: &Env) -> Places {
    // The specification has a relative path passed over.
    let xdg = env.xdg.clone().filter(|path| path.is_absolute());
    let system = || {
        if cfg!(windows) {
            std::env::var_os("APPDATA").map(PathBuf::from)
        } else {
            env.home.as_ref().map(|home| home.join(".config"))
        }
    };
    Places {
        config: xdg.or_else(system),
        cwd: env.cwd.clone(),
        given: given.to_vec(),
    }
}
