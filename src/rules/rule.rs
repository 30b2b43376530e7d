//! A rule, and the words that its fields may hold.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::compile;

/// An enum whose variants are words of the rule format.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in rule files.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The variant of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|variant| variant.as_str() == word)
            }
        }
    };
}

words! {
    /// What a hit of the rule is.
    Kind {
        /// A command that verifies something.
        Check = "check",
        /// A number that measures the work, or a line that sums up a check.
        Metric = "metric",
        /// Something that went wrong.
        Failure = "failure",
        /// A unit of work.
        Task = "task",
        /// An item of an issue tracker.
        Ticket = "ticket",
        /// What the user asks for.
        Request = "request",
        /// What the agent means to do.
        Plan = "plan",
        /// What is to come next.
        NextStep = "next-step",
        /// What one asks the other.
        Question = "question",
        /// A choice with its reason.
        Decision = "decision",
        /// A standing rule of the user's.
        Instruction = "instruction",
        /// The user puts the agent right.
        Correction = "correction",
        /// An approach that was tried and given up.
        Attempt = "attempt",
        /// What the agent says is done.
        Claim = "claim",
        /// A commit.
        Commit = "commit",
        /// A push.
        Push = "push",
        /// A pull request.
        PullRequest = "pull-request",
        /// A branch that was made or changed to.
        Branch = "branch",
        /// Something about the machine or the setup.
        Environment = "environment",
        /// A command worth keeping.
        Command = "command",
        /// A file that a command touches.
        Path = "path",
    }
}

words! {
    /// The kind of text a rule looks into.
    Scope {
        /// What the user said.
        Prompt = "prompt",
        /// What the agent said.
        AssistantText = "assistant_text",
        /// What the agent thought.
        Thinking = "thinking",
        /// A plan put before the user.
        Plan = "plan",
        /// One simple command.
        Command = "command",
        /// What a tool printed; `tool_output:<Tool>` for one tool.
        ToolOutput = "tool_output",
    }
}

words! {
    /// What a check verifies.
    Family {
        /// Behaviour.
        Test = "test",
        /// That it builds.
        Build = "build",
        /// Style and likely mistakes.
        Lint = "lint",
        /// Types.
        Types = "types",
        /// Layout of the code.
        Format = "format",
        /// All of it, elsewhere.
        Ci = "ci",
        /// That it starts and works.
        Run = "run",
        /// That it reaches its place.
        Deploy = "deploy",
    }
}

words! {
    /// What went wrong.
    Class {
        /// A test.
        Test = "test",
        /// A compilation.
        Compile = "compile",
        /// A type check.
        Type = "type",
        /// A linter's finding.
        Lint = "lint",
        /// A formatter's finding.
        Format = "format",
        /// A panic or an abort.
        Panic = "panic",
        /// An exception that nobody caught.
        Exception = "exception",
        /// Something to import was not found.
        Import = "import",
        /// A linker.
        Linker = "linker",
        /// A command that does not exist or failed.
        Command = "command",
        /// A file that is missing or wrong.
        File = "file",
        /// A right that was missing.
        Permission = "permission",
        /// A host that could not be reached.
        Network = "network",
        /// A port that is taken.
        Port = "port",
        /// A merge conflict.
        Merge = "merge",
        /// An HTTP status.
        Http = "http",
        /// A database.
        Database = "database",
        /// Memory that ran out.
        Memory = "memory",
        /// Time that ran out.
        Timeout = "timeout",
        /// A remote pipeline.
        Ci = "ci",
        /// A command that was called wrongly.
        Usage = "usage",
    }
}

words! {
    /// What a failure says something about.
    About {
        /// The work itself.
        Product = "product",
        /// The machine or the setup.
        Environment = "environment",
        /// The agent's own slip.
        Agent = "agent",
    }
}

words! {
    /// What a line says of its check, when it says so alone.
    Verdict {
        /// It passed.
        Green = "green",
        /// It failed.
        Red = "red",
    }
}

words! {
    /// Where a rule comes from; a later one counts before those above it here.
    Layer {
        /// The program.
        BuiltIn = "built-in",
        /// The user's configuration.
        User = "user",
        /// The project's `.passdown/rules.toml`.
        Project = "project",
        /// The arguments.
        Given = "given",
    }
}

/// What a layer changed of a rule of a lower one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The layer that changed it.
    pub layer: Layer,
    /// Its file.
    pub file: String,
    /// The line of the change in that file, one-based.
    pub line: u32,
    /// What is different now, as `weight 2, before 1`.
    pub what: String,
    /// True if a rule took the place of one that is probably not meant: of another kind, or of the same layer.
    pub clash: bool,
}

/// One entry of a rule's `scope`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleScope {
    /// The kind of text.
    pub scope: Scope,
    /// The one tool whose output is meant; only with [`Scope::ToolOutput`].
    pub tool: Option<Box<str>>,
}

/// A text that proves a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text, of one line or several.
    pub text: String,
    /// What named groups hold in the first hit; groups not named here are not looked at.
    pub captures: BTreeMap<String, String>,
    /// The line of the example in its file, one-based.
    pub line: u32,
}

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id: kebab-case, unique in a set.
    pub id: Box<str>,
    /// What a hit is.
    pub kind: Kind,
    /// The texts to look into; never empty.
    pub scope: Vec<RuleScope>,
    /// Literals, one of which is in every text that the pattern matches; never empty.
    pub keywords: Vec<Box<str>>,
    /// The pattern, as it was written.
    pub pattern: Box<str>,
    /// True if keywords and pattern take ASCII letters of either case.
    pub ignore_case: bool,
    /// True if the line may begin with what a task runner, a CI log or a container puts before it;
    /// the pattern's first `^` then stands after that, and so does the hit.
    pub prefixed: bool,
    /// How many lines a match may span, 1 to 8.
    pub lines: u8,
    /// How much a hit matters, 0 to 10; usual is 1.
    pub weight: f64,
    /// True if a later layer switched it off.
    pub disabled: bool,
    /// The normalised name of the check; `{group}` stands for what that group holds, see [`super::Hit::tool`].
    pub tool: Option<Box<str>>,
    /// What the check verifies.
    pub family: Option<Family>,
    /// What went wrong.
    pub class: Option<Class>,
    /// What the failure says something about.
    pub about: Option<About>,
    /// What the line says of its check by itself.
    pub verdict: Option<Verdict>,
    /// Where the examples are from.
    pub source: Option<Box<str>>,
    /// Texts on which it fires.
    pub fires: Vec<Example>,
    /// Texts on which it stays silent.
    pub silent: Vec<Example>,
    /// The file it is from.
    pub file: Arc<str>,
    /// The line of its head in that file, one-based; in [`super::RuleSet::builtin`], of the file without examples.
    pub line: u32,
    /// The layer of that file.
    pub layer: Layer,
    /// The built-in file, without `.toml`, with which it is switched on and off; none if a layer added it.
    pub pack: Option<&'static str>,
    /// What later layers changed of it, in order.
    pub changes: Vec<Change>,
    /// What the build made of the pattern of a built-in rule.
    pub(super) program: Option<compile::Built>,
    pub(super) regex: OnceLock<Result<Arc<compile::Pattern>, String>>,
}

impl Rule {
    /// A rule of this id that matches nothing yet.
    pub(super) fn blank(id: Box<str>, file: Arc<str>, line: u32) -> Self {
        Self {
            id,
            kind: Kind::Metric,
            scope: Vec::new(),
            keywords: Vec::new(),
            pattern: Box::default(),
            ignore_case: false,
            prefixed: false,
            lines: 1,
            weight: 1.0,
            disabled: false,
            tool: None,
            family: None,
            class: None,
            about: None,
            verdict: None,
            source: None,
            fires: Vec::new(),
            silent: Vec::new(),
            file,
            line,
            layer: Layer::BuiltIn,
            pack: None,
            changes: Vec::new(),
            program: None,
            regex: OnceLock::new(),
        }
    }

    /// True if the rule looks into such texts; `tool` counts with [`Scope::ToolOutput`] alone.
    pub fn looks_into(&self, scope: Scope, tool: Option<&str>) -> bool {
        self.scope
            .iter()
            .any(|s| s.scope == scope && (s.tool.is_none() || s.tool.as_deref() == tool))
    }

    /// The names of the pattern's groups, in order; none if the pattern does not compile.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.regex()
            .into_iter()
            .flat_map(|regex| regex.groups())
            .filter(|name| *name != compile::AFTER_PREFIX)
    }

    /// The compiled pattern, or what is wrong with it.
    pub(super) fn regex(&self) -> Result<&compile::Pattern, &str> {
        self.regex
            .get_or_init(|| {
                let pattern = match self.program {
                    Some(built) => {
                        let pattern = self.whole(&self.pattern);
                        compile::compiled(&pattern, self.ignore_case, built)
                    }
                    None => self.compiled(&self.pattern),
                };
                pattern.map(Arc::new)
            })
            .as_deref()
            .map_err(String::as_str)
    }

    /// A pattern, compiled as the rule's own is.
    pub(super) fn compiled(&self, pattern: &str) -> Result<compile::Pattern, String> {
        compile::compile(&self.whole(pattern), self.ignore_case)
    }

    /// A pattern with what may stand before it.
    fn whole<'p>(&self, pattern: &'p str) -> Cow<'p, str> {
        match self.prefixed {
            true => Cow::Owned(compile::with_prefix(pattern)),
            false => Cow::Borrowed(pattern),
        }
    }
}
