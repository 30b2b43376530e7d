//! The rules of a run: the built-in ones, or what layers made of them.

use std::ops::Deref;
use std::sync::Arc;

use super::{RuleFile, RuleSet};
use crate::error::Error;

/// The rules of a run; as they are asked for, not before. A clone is the same rules.
#[derive(Clone, Debug, Default)]
pub struct InForce(Option<Arc<Layered>>);

#[derive(Debug)]
struct Layered {
    set: RuleSet,
    files: Vec<RuleFile>,
}

impl InForce {
    /// The built-in rules with the files of `layers` on top.
    ///
    /// # Errors
    ///
    /// As [`RuleSet::load`].
    pub fn load(layers: Vec<RuleFile>) -> Result<Self, Error> {
        if layers.is_empty() {
            return Ok(Self(None));
        }
        let set = RuleSet::load(&layers)?;
        Ok(Self(Some(Arc::new(Layered { set, files: layers }))))
    }

    /// Has the rules read in the background: that takes as long as reading a log of some megabytes.
    pub fn prepare(&self) {
        if self.0.is_none() {
            rayon::spawn(|| {
                RuleSet::builtin();
            });
        }
    }

    /// The files on top of the built-in rules, lowest first.
    pub fn layers(&self) -> &[RuleFile] {
        self.0.as_ref().map_or(&[], |layered| &layered.files)
    }
}

impl Deref for InForce {
    type Target = RuleSet;

    fn deref(&self) -> &RuleSet {
        match &self.0 {
            Some(layered) => &layered.set,
            None => RuleSet::builtin(),
        }
    }
}
