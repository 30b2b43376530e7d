//! What a hook gets on standard input.

use std::path::PathBuf;

use serde_json::Value;

/// An event that something is done for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A session starts, anew or going on.
    SessionStart,
    /// A session ends.
    SessionEnd,
    /// A session is about to be compacted.
    PreCompact,
}

impl Event {
    /// All, in the order of a session.
    pub const ALL: [Self; 3] = [Self::SessionStart, Self::PreCompact, Self::SessionEnd];

    /// The event's name in settings and in the input.
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionStart => "SessionStart",
            Self::SessionEnd => "SessionEnd",
            Self::PreCompact => "PreCompact",
        }
    }
}

/// The fields of the input that are used. A field that is missing, empty or of another type is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// The session's id; only letters, digits, `-` and `_`, since it names files.
    pub session: Option<String>,
    /// Its transcript, which may not be there, or be another's.
    pub transcript: Option<PathBuf>,
    /// The folder it works in.
    pub cwd: Option<PathBuf>,
    /// Why it starts: `startup`, `resume`, `fork`, `clear` or `compact`.
    pub source: Option<String>,
    /// The subagent that the event is about.
    pub agent_id: Option<String>,
}

impl Input {
    /// Reads the input.
    ///
    /// # Errors
    ///
    /// What is wrong, with line and column, if it is not a JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("the hook's input: {error}"))?;
        if !value.is_object() {
            return Err("the hook's input is not a JSON object".to_owned());
        }
        let text = |key: &str| {
            value
                .get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let folder = |key: &str| text(key).map(PathBuf::from).filter(|it| it.is_absolute());
        Ok(Self {
            session: text("session_id").filter(|id| plain(id)).map(str::to_owned),
            transcript: folder("transcript_path"),
            cwd: folder("cwd"),
            source: text("source").map(str::to_owned),
            agent_id: text("agent_id").map(str::to_owned),
        })
    }
}

/// Whether `id` can be a part of a file's name and nothing else.
pub(super) fn plain(id: &str) -> bool {
    id.len() <= 100
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
