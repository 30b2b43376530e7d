//! Where agents keep their sessions on this system.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::project::real;

/// The program that a session was held with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agent {
    /// Claude Code.
    #[default]
    Claude,
    /// Codex CLI.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// OpenCode, whose sessions are read as it exports them: they lie wherever their user put them.
    OpenCode,
}

impl Agent {
    /// All.
    pub const ALL: [Self; 4] = [Self::Claude, Self::Codex, Self::Gemini, Self::OpenCode];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::OpenCode => "opencode",
        }
    }
}

/// What of the system decides where sessions are.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// `CLAUDE_CONFIG_DIR`: if set, the only root of Claude Code.
    pub config_dir: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub xdg: Option<PathBuf>,
    /// `CODEX_HOME`: where Codex keeps its sessions; without it, `.codex` in the home folder.
    pub codex: Option<PathBuf>,
    /// `GEMINI_CLI_HOME`: the folder that Gemini CLI has its `.gemini` in; without it, the home folder.
    pub gemini: Option<PathBuf>,
    /// The folder whose project is meant when nothing else is said.
    pub cwd: PathBuf,
    /// The one agent whose sessions are looked for; without it, all.
    pub agent: Option<Agent>,
}

impl Env {
    /// The environment of this process; an empty variable counts as unset.
    pub fn from_system() -> Self {
        let folder = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Self {
            config_dir: folder("CLAUDE_CONFIG_DIR"),
            home: std::env::home_dir(),
            xdg: folder("XDG_CONFIG_HOME"),
            codex: folder("CODEX_HOME"),
            gemini: folder("GEMINI_CLI_HOME"),
            cwd: std::env::current_dir().unwrap_or_default(),
            agent: None,
        }
    }

    /// The same, for the sessions of one agent, or of all without one.
    pub fn only(self, agent: Option<Agent>) -> Self {
        Self { agent, ..self }
    }

    /// The folders that hold sessions, each once: those of Claude Code, or of the one agent that is meant, whether they
    /// exist or not; of others those that are there.
    pub fn roots(&self) -> Vec<PathBuf> {
        let mut seen = BTreeSet::new();
        let mut roots = Vec::new();
        for agent in Agent::ALL {
            let expected = self.agent.unwrap_or_default() == agent;
            if self.agent.is_none_or(|only| only == agent) {
                let places = self.of_agent(agent).into_iter();
                roots.extend(places.filter(|root| expected || root.is_dir()));
            }
        }
        roots.retain(|root| seen.insert(real(root)));
        roots
    }

    /// The folders in which agents other than Claude Code keep their sessions, those that are there.
    pub(super) fn of_others(&self) -> Vec<PathBuf> {
        let others = self.roots().into_iter();
        let claude: Vec<PathBuf> = self.of_agent(Agent::Claude);
        others
            .filter(|root| !claude.contains(root) && root.is_dir())
            .collect()
    }

    /// The folders in which an agent keeps its sessions.
    fn of_agent(&self, agent: Agent) -> Vec<PathBuf> {
        let home = |path: &str| self.home.as_ref().map(|home| home.join(path));
        let below = |root: Option<PathBuf>, folders: &[&str]| -> Vec<PathBuf> {
            let root = root.as_deref();
            let folders = folders.iter();
            folders
                .filter_map(|folder| root.map(|root: &Path| root.join(folder)))
                .collect()
        };
        match agent {
            Agent::Claude => match &self.config_dir {
                Some(only) => below(Some(only.clone()), &["projects"]),
                None => [
                    home(".claude"),
                    self.xdg.as_ref().map(|xdg| xdg.join("claude")),
                    home(".config/claude"),
                ]
                .into_iter()
                .flat_map(|root| below(root, &["projects"]))
                .collect(),
            },
            Agent::Codex => {
                let root = self.codex.clone().or_else(|| home(".codex"));
                below(root, &["sessions", "archived_sessions"])
            }
            Agent::Gemini => {
                let root = self.gemini.clone().or_else(|| self.home.clone());
                below(root, &[".gemini/tmp"])
            }
            Agent::OpenCode => Vec::new(),
        }
    }
}
