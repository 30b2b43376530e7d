//! The tables and their columns: what is promised to those who read the files.

/// A table or view of the store, as a file.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, in the store and of the file.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [Column],
    pub(super) origin: Origin,
}

/// A column: its name, and what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds; any column may hold nothing too.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// A whole number.
    Count,
    /// A number with a fraction.
    Number,
    /// Yes or no.
    Flag,
    /// A moment: text as the store has it in CSV, UTC in milliseconds in Parquet.
    Time,
}

/// Where the rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Rows of a log, ordered by the first two columns.
    Log,
    /// Rows of a log, or of none, ordered by all columns.
    AnyLog,
    /// A view on the others, ordered by all columns.
    View,
}

impl Table {
    /// All tables, and behind them all views.
    pub fn all() -> &'static [Self] {
        TABLES
    }
}

const fn text(name: &'static str) -> Column {
    let kind = Kind::Text;
    Column { name, kind }
}

const fn count(name: &'static str) -> Column {
    let kind = Kind::Count;
    Column { name, kind }
}

const fn number(name: &'static str) -> Column {
    let kind = Kind::Number;
    Column { name, kind }
}

const fn flag(name: &'static str) -> Column {
    let kind = Kind::Flag;
    Column { name, kind }
}

const fn time(name: &'static str) -> Column {
    let kind = Kind::Time;
    Column { name, kind }
}

const fn of_log(name: &'static str, columns: &'static [Column]) -> Table {
    let origin = Origin::Log;
    Table {
        name,
        columns,
        origin,
    }
}

const fn view(name: &'static str, columns: &'static [Column]) -> Table {
    let origin = Origin::View;
    Table {
        name,
        columns,
        origin,
    }
}

/// `messages` is left out: it is packed, and there for the store's own counting.
const SESSIONS: &[Column] = &[
    count("log"),
    text("session"),
    text("path"),
    text("state"),
    text("work"),
    text("title"),
    text("goal"),
    text("project"),
    text("cwd"),
    text("branch"),
    time("started"),
    time("ended"),
    count("active_seconds"),
    text("ending"),
    count("bytes"),
    count("lines"),
    count("bad_lines"),
    count("turns"),
    count("tool_calls"),
    count("tool_errors"),
    count("subagents"),
    count("compactions"),
    count("files_changed"),
    count("commits"),
    count("open_tasks"),
    count("done_tasks"),
    count("open_failures"),
    count("tests_passed"),
    count("tests_failed"),
    count("tests_total"),
    text("version"),
    text("models"),
    count("input"),
    count("output"),
    count("cache_read"),
    count("cache_creation"),
    count("own_input"),
    count("own_output"),
    count("own_cache_read"),
    count("own_cache_creation"),
    text("copy_of"),
];

/// What the user or the agent laid down.
const SAID: &[Column] = &[
    count("log"),
    count("n"),
    text("text"),
    text("kind"),
    flag("by_user"),
    text("cite"),
    time("time"),
];

const TABLES: &[Table] = &[
    // `stamp` and `made_by` are left out: another run of the same logs has others.
    of_log("logs", &[count("log"), text("path"), text("outcome")]),
    of_log("sessions", SESSIONS),
    of_log("handoffs", &[count("log"), text("format"), text("text")]),
    of_log(
        "turns",
        &[
            count("log"),
            count("n"),
            count("turn"),
            text("cite"),
            time("started"),
            time("ended"),
            text("prompt"),
            count("tool_calls"),
            count("tool_errors"),
            count("edits"),
            count("compactions"),
        ],
    ),
    of_log(
        "tasks",
        &[
            count("log"),
            count("n"),
            text("subject"),
            text("status"),
            text("cite"),
            time("time"),
        ],
    ),
    of_log(
        "checks",
        &[
            count("log"),
            count("n"),
            text("tool"),
            text("family"),
            text("scope"),
            text("command"),
            text("verdict"),
            flag("current"),
            count("runs"),
            text("cite"),
            time("time"),
        ],
    ),
    of_log(
        "check_runs",
        &[
            count("log"),
            count("n"),
            count("check"),
            text("verdict"),
            count("passed"),
            count("failed"),
            count("skipped"),
            count("total"),
            count("errors"),
            count("warnings"),
            number("coverage"),
            text("cite"),
            time("time"),
            text("uuid"),
        ],
    ),
    of_log(
        "failures",
        &[
            count("log"),
            count("n"),
            text("fingerprint"),
            text("what"),
            text("class"),
            text("about"),
            text("test"),
            text("file"),
            text("command"),
            text("tool"),
            text("scope"),
            count("count"),
            text("state"),
            text("resolved_by"),
            text("cite"),
            time("first_time"),
            time("last_time"),
        ],
    ),
    of_log(
        "files",
        &[
            count("log"),
            count("n"),
            text("path"),
            text("class"),
            count("edits"),
            count("reads"),
            count("added"),
            count("removed"),
            flag("created"),
            flag("deleted"),
            flag("uncommitted"),
            text("cite"),
        ],
    ),
    of_log(
        "commands",
        &[
            count("log"),
            count("n"),
            text("command"),
            text("tool"),
            text("family"),
            count("runs"),
            text("verdict"),
            text("cite"),
        ],
    ),
    of_log(
        "commits",
        &[
            count("log"),
            count("n"),
            text("hash"),
            text("subject"),
            count("files"),
            count("added"),
            count("removed"),
            flag("pushed"),
            text("cite"),
            time("time"),
        ],
    ),
    of_log("decisions", SAID),
    of_log("instructions", SAID),
    of_log(
        "attempts",
        &[
            count("log"),
            count("n"),
            text("kind"),
            text("what"),
            text("outcome"),
            text("cite"),
            time("time"),
        ],
    ),
    of_log(
        "records",
        &[
            count("log"),
            count("n"),
            text("cite"),
            text("kind"),
            time("time"),
            text("text"),
        ],
    ),
    Table {
        name: "problems",
        columns: &[
            count("log"),
            text("path"),
            count("line"),
            count("column"),
            text("what"),
        ],
        origin: Origin::AnyLog,
    },
    view("originals", SESSIONS),
    view(
        "unfinished",
        &[
            text("session"),
            text("project"),
            text("branch"),
            time("ended"),
            text("kind"),
            text("what"),
            text("status"),
            text("cite"),
        ],
    ),
    view(
        "failing",
        &[
            text("fingerprint"),
            text("what"),
            text("class"),
            text("about"),
            count("sessions"),
            count("times"),
            count("open"),
            time("last_time"),
        ],
    ),
    view(
        "runs",
        &[
            text("session"),
            text("project"),
            text("tool"),
            text("family"),
            text("scope"),
            text("verdict"),
            count("passed"),
            count("failed"),
            count("skipped"),
            count("total"),
            count("errors"),
            count("warnings"),
            number("coverage"),
            time("time"),
            text("cite"),
            count("log"),
        ],
    ),
    view(
        "metrics",
        &[
            text("session"),
            text("project"),
            text("tool"),
            text("scope"),
            text("metric"),
            number("value"),
            time("time"),
            text("cite"),
        ],
    ),
    view(
        "pass_rate",
        &[
            text("project"),
            text("day"),
            count("passed"),
            count("total"),
            number("percent"),
        ],
    ),
    view(
        "repeated_instructions",
        &[
            text("project"),
            text("text"),
            count("sessions"),
            time("last_time"),
        ],
    ),
];
