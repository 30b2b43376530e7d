//! Items: the lines that a handoff may have, each with what it is worth.

use crate::ledger::Cite;

/// A part of the handoff, in the order of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The title line.
    Task,
    /// Where things stand.
    Status,
    /// How this work proceeds, and what was tried.
    Approach,
    /// What is open, most valuable first.
    Focus,
    /// What is done.
    Done,
    /// Where and with what.
    Environment,
    /// What is to be reached, and the first step.
    Outcome,
}

impl Part {
    /// All parts, in the order of the document.
    pub const ALL: [Self; 7] = [
        Self::Task,
        Self::Status,
        Self::Approach,
        Self::Focus,
        Self::Done,
        Self::Environment,
        Self::Outcome,
    ];

    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Status => "status",
            Self::Approach => "approach",
            Self::Focus => "focus",
            Self::Done => "done",
            Self::Environment => "environment",
            Self::Outcome => "outcome",
        }
    }
}

/// What an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The title.
    Title,
    /// The state word and how the log ends.
    State,
    /// A check with its last result.
    Check,
    /// A failure.
    Failure,
    /// A count of tasks.
    Tasks,
    /// A task.
    Task,
    /// The user's words.
    Request,
    /// A standing rule of the user's.
    Instruction,
    /// A choice.
    Decision,
    /// Something tried and given up.
    Attempt,
    /// The agent's own account.
    Account,
    /// A call, a background task, a question that has no answer yet.
    InFlight,
    /// A file.
    File,
    /// A line that names are in use in.
    Name,
    /// A command.
    Command,
    /// A commit, a push or a pull request.
    Commit,
    /// A method for this kind of work.
    Method,
    /// An earlier session that this one goes on from.
    Earlier,
    /// Folder, branch, versions, servers.
    Place,
    /// The target.
    Target,
    /// The first step.
    Step,
}

impl Kind {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::State => "state",
            Self::Check => "check",
            Self::Failure => "failure",
            Self::Tasks => "tasks",
            Self::Task => "task",
            Self::Request => "request",
            Self::Instruction => "instruction",
            Self::Decision => "decision",
            Self::Attempt => "attempt",
            Self::Account => "account",
            Self::InFlight => "in-flight",
            Self::File => "file",
            Self::Name => "name",
            Self::Command => "command",
            Self::Commit => "commit",
            Self::Method => "method",
            Self::Earlier => "earlier",
            Self::Place => "place",
            Self::Target => "target",
            Self::Step => "step",
        }
    }
}

/// On whose word an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A tool's answer shows it.
    Observed,
    /// Only the agent says so.
    Claimed,
    /// The user said it.
    Stated,
}

impl Trust {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Claimed => "claimed",
            Self::Stated => "stated",
        }
    }
}

/// A stretch of a line. Text of the log has passed [`crate::safety`]; how it is quoted is the renderer's.
#[derive(Clone, Debug, PartialEq)]
pub enum Span {
    /// Our own words.
    Own(String),
    /// A command, a line of code: verbatim.
    Code(String),
    /// A path or a name: verbatim, and plain enough to stand without marks.
    Name(String),
    /// Words of the log, in quotation marks.
    Quote(String),
    /// Places in the log.
    Cites(Vec<Cite>),
    /// What follows stands on a line of its own, under this one.
    Below,
}

/// A line of the handoff: a first piece, and pieces that may be added to it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The part it stands in.
    pub part: Part,
    /// What it is about.
    pub kind: Kind,
    /// On whose word.
    pub trust: Trust,
    /// A word for where it stands, as `open`, `done`, `red`.
    pub status: &'static str,
    /// Its place in the part: smaller stands first; equal ones in the order they were made.
    pub order: f64,
    /// The folder under whose name it stands, with the others of that folder.
    pub group: Option<String>,
    /// The pieces, first to last; never empty.
    pub pieces: Vec<Piece>,
}

/// A piece of an item.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its text.
    pub spans: Vec<Span>,
    /// What it is worth by itself; [`PINNED`] and above is packed before everything else, larger first.
    pub worth: f64,
    /// The facts it tells, by id, each with what it is worth where no other piece tells it.
    pub facts: Vec<(Fact, f64)>,
    /// The list it stands in; without one, it follows the pieces before it.
    pub list: Option<List>,
}

/// A list within a line. Each of its pieces may stand without the others: what begins the list and what joins its
/// pieces is added when it is known which of them do.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// What stands before its first piece.
    pub start: Vec<Span>,
    /// True where it stands under the line, not on it; several lists share that place.
    pub below: bool,
}

/// The worth from which a piece is pinned: packed first, in order of worth, whatever it costs.
pub const PINNED: f64 = 1_000.0;

/// A fact that a line may tell: two lines that tell one fact are worth little more than one of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// A file, by path.
    File(String),
    /// An identifier.
    Name(String),
    /// A command, by text.
    Command(String),
    /// A content word.
    Word(String),
    /// A check's result, a failure, a task, by text.
    State(String),
}

impl Item {
    /// An item with one piece.
    pub fn new(
        part: Part,
        kind: Kind,
        trust: Trust,
        status: &'static str,
        order: f64,
        piece: Piece,
    ) -> Self {
        Self {
            part,
            kind,
            trust,
            status,
            order,
            group: None,
            pieces: vec![piece],
        }
    }

    /// The places it cites, in order, each once.
    pub fn cites(&self) -> Vec<&Cite> {
        let mut cites: Vec<&Cite> = Vec::new();
        for span in self.pieces.iter().flat_map(|piece| &piece.spans) {
            if let Span::Cites(places) = span {
                for place in places {
                    if !cites.iter().any(|known| known.at == place.at) {
                        cites.push(place);
                    }
                }
            }
        }
        cites
    }
}

/// Builds the spans of a line.
#[derive(Debug, Default)]
pub struct Line {
    spans: Vec<Span>,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds words of our own.
    #[must_use]
    pub fn own(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if let Some(Span::Own(last)) = self.spans.last_mut() {
            last.push_str(&text);
        } else {
            self.spans.push(Span::Own(text));
        }
        self
    }

    /// Adds something verbatim.
    #[must_use]
    pub fn code(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span::Code(text.into()));
        self
    }

    /// Adds a path or a name.
    #[must_use]
    pub fn name(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span::Name(text.into()));
        self
    }

    /// Adds words of the log.
    #[must_use]
    pub fn quote(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span::Quote(text.into()));
        self
    }

    /// Adds all of another line.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        other.spans.into_iter().fold(self, |line, span| match span {
            Span::Own(text) => line.own(text),
            span => {
                let mut line = line;
                line.spans.push(span);
                line
            }
        })
    }

    /// Goes on below.
    #[must_use]
    pub fn below(mut self) -> Self {
        self.spans.push(Span::Below);
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn cite(self, place: &Cite) -> Self {
        self.cites([place])
    }

    /// Adds places.
    #[must_use]
    pub fn cites<'c>(mut self, places: impl IntoIterator<Item = &'c Cite>) -> Self {
        let mut kept: Vec<Cite> = Vec::new();
        for place in places {
            if !kept.iter().any(|known| known.at == place.at) {
                kept.push(place.clone());
            }
        }
        if !kept.is_empty() {
            self.spans.push(Span::Cites(kept));
        }
        self
    }

    /// A list that begins so, on its line or below it.
    pub fn list(self, below: bool) -> List {
        List {
            start: self.spans,
            below,
        }
    }

    /// The piece, worth `worth` by itself.
    pub fn piece(self, worth: f64) -> Piece {
        Piece {
            spans: self.spans,
            worth,
            facts: Vec::new(),
            list: None,
        }
    }

    /// The piece, worth `worth` by itself, telling `facts`.
    pub fn telling(self, worth: f64, facts: Vec<(Fact, f64)>) -> Piece {
        Piece {
            spans: self.spans,
            worth,
            facts,
            list: None,
        }
    }
}

impl Piece {
    /// The piece, in `list`.
    #[must_use]
    pub fn of(mut self, list: List) -> Self {
        self.list = Some(list);
        self
    }
}
