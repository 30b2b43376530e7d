//! What can be said about how a handoff is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::chain::Joined;
use crate::render;
use crate::safety::Policy;
use crate::score::{Goal, Part, Weights};
use crate::tokens::Tokenizer;

/// How a handoff is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most tokens that the rendered text may take.
    pub budget: u32,
    /// Who counts them; `auto` follows the model that the session used last.
    pub tokenizer: Tokenizer,
    /// The format.
    pub format: Format,
    /// How it is rendered.
    pub render: render::Options,
    /// What the next session is for, where that is known.
    pub goal: Option<Goal>,
    /// Earlier sessions that this one goes on from, the newest first, by [`crate::chain::join`]: what they left open is carried.
    pub chain: Arc<[Joined]>,
    /// Only what the summary of the last compaction dropped.
    pub lost: bool,
    /// What facts are worth.
    pub weights: Weights,
    /// The most tokens that parts may take, each with its heading; what is pinned stands in any case.
    pub parts: BTreeMap<Part, u32>,
    /// What must not leave.
    pub redact: Policy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            budget: 2_000,
            tokenizer: Tokenizer::default(),
            format: Format::Markdown,
            render: render::Options::default(),
            goal: None,
            chain: Arc::default(),
            lost: false,
            weights: Weights::default(),
            parts: BTreeMap::new(),
            redact: Policy::default(),
        }
    }
}

/// Each sets one option, so that a call says only what is not as usual.
impl Options {
    /// As usual: 2,000 tokens of Markdown, redacted.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most tokens that the rendered text may take.
    #[must_use]
    pub fn budget(self, budget: u32) -> Self {
        Self { budget, ..self }
    }

    /// Who counts them.
    #[must_use]
    pub fn tokenizer(self, tokenizer: Tokenizer) -> Self {
        Self { tokenizer, ..self }
    }

    /// The format.
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// Whether lines say where in the log they are from.
    #[must_use]
    pub fn cite(mut self, cite: bool) -> Self {
        self.render.cite = cite;
        self
    }

    /// What the next session is for; a text without a word in it says nothing.
    #[must_use]
    pub fn goal(self, goal: &str) -> Self {
        let goal = Goal::new(goal);
        Self { goal, ..self }
    }

    /// Earlier sessions that this one goes on from, by [`crate::chain::join`] or [`fn@crate::pipeline::chain`].
    #[must_use]
    pub fn chain(self, chain: impl Into<Arc<[Joined]>>) -> Self {
        let chain = chain.into();
        Self { chain, ..self }
    }

    /// What facts are worth.
    #[must_use]
    pub fn weights(self, weights: Weights) -> Self {
        Self { weights, ..self }
    }

    /// The most tokens that `part` may take.
    #[must_use]
    pub fn part(mut self, part: Part, tokens: u32) -> Self {
        self.parts.insert(part, tokens);
        self
    }

    /// What must not leave.
    #[must_use]
    pub fn redact(self, redact: Policy) -> Self {
        Self { redact, ..self }
    }
}

/// A format of handoffs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown, in the seven parts.
    Markdown,
    /// JSON, by the schema; the budget holds for the Markdown of the same lines.
    Json,
    /// Markdown behind a few facts for the agent that receives it; they count.
    Prompt,
    /// The same as a section of a memory file, between markers, by [`render::placed`]; they count too.
    Memory,
}
