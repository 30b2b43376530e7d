//! Which sessions are wanted.

use std::time::SystemTime;

use crate::discover::SessionFiles;
use crate::entry::SessionRow;

/// Which sessions are wanted: those that fit all that is said; nothing said, all.
#[derive(Clone, Debug, Default)]
pub struct Select {
    /// Only sessions whose last record is at this time or later, as [`crate::entry::stamp`] writes it.
    pub since: Option<String>,
    /// Only sessions whose first record is before this time.
    pub until: Option<String>,
    /// Only sessions that began or ended in one of these folders, below it, or in one of this name.
    pub projects: Vec<String>,
    /// Only sessions that ended on these branches.
    pub branches: Vec<String>,
    /// Only these kinds of work.
    pub works: Vec<String>,
    /// Only these state words.
    pub states: Vec<String>,
    /// Only sessions with as many tool calls.
    pub min_tools: u32,
    /// Only sessions whose main transcript was written last at this time or earlier.
    pub written_by: Option<SystemTime>,
}

impl Select {
    /// True if the session is wanted as far as its files tell.
    pub(super) fn fits_files(&self, files: &SessionFiles) -> bool {
        self.written_by
            .is_none_or(|latest| files.modified.is_none_or(|time| time <= latest))
    }

    /// True if the session is wanted. What is not known of it does not speak for it.
    pub(super) fn fits(&self, row: &SessionRow) -> bool {
        let any =
            |wanted: &[String], is: &str| wanted.is_empty() || wanted.iter().any(|it| it == is);
        (self.since.is_none() || row.ended.is_some() && row.ended >= self.since)
            && (self.until.is_none() || row.started.is_some() && row.started < self.until)
            && (self.projects.is_empty() || self.projects.iter().any(|project| row.is_in(project)))
            && any(&self.branches, row.branch.as_deref().unwrap_or(""))
            && any(&self.works, &row.work)
            && any(&self.states, &row.state)
            && row.tool_calls >= self.min_tools
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_must_fit_all_that_is_said() {
        let row = SessionRow {
            started: Some("2026-01-02T00:00:00Z".to_owned()),
            ended: Some("2026-01-04T00:00:00Z".to_owned()),
            cwd: Some("/home/dev/shop".to_owned()),
            work: "code".to_owned(),
            state: "red".to_owned(),
            tool_calls: 3,
            ..SessionRow::default()
        };
        let time = |day: u32| Some(format!("2026-01-{day:02}T00:00:00Z"));
        let check = |what: &str, fits: bool, select: Select| {
            assert_eq!(select.fits(&row), fits, "{what}");
        };
        let all = Select::default;
        let list = |word: &str| vec![word.to_owned()];
        check("nothing said", true, all());
        check(
            "since",
            true,
            Select {
                since: time(3),
                ..all()
            },
        );
        check(
            "ended before",
            false,
            Select {
                since: time(5),
                ..all()
            },
        );
        check(
            "until",
            true,
            Select {
                until: time(3),
                ..all()
            },
        );
        check(
            "began later",
            false,
            Select {
                until: time(2),
                ..all()
            },
        );
        for (project, fits) in [
            ("/home/dev/shop", true),
            ("/home/dev/shop/", true),
            ("/home/dev", true),
            ("shop", true),
            ("/home/dev/sho", false),
            ("dev", false),
        ] {
            check(
                project,
                fits,
                Select {
                    projects: list(project),
                    ..all()
                },
            );
        }
        check(
            "branch",
            false,
            Select {
                branches: list("main"),
                ..all()
            },
        );
        check(
            "state",
            true,
            Select {
                states: list("red"),
                ..all()
            },
        );
        check(
            "work",
            false,
            Select {
                works: list("docs"),
                ..all()
            },
        );
        check(
            "tools",
            false,
            Select {
                min_tools: 4,
                ..all()
            },
        );
        check(
            "both",
            false,
            Select {
                states: list("red"),
                min_tools: 4,
                ..all()
            },
        );
    }
}
