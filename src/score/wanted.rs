//! Which files the open work names: open tasks, last requests and open failures.

use std::collections::BTreeSet;

use super::facts::paths;
use super::focus::open_failures;
use crate::extract::words::identifiers;
use crate::ledger::{Ledger, Status};

/// The files and identifiers that are named where the work goes on.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    names: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Wanted {
    pub(super) fn new(ledger: &Ledger) -> Self {
        let tasks = ledger
            .tasks
            .iter()
            .filter(|task| matches!(task.status, Status::InProgress | Status::Pending))
            .flat_map(|task| [task.subject.as_str(), task.description.as_str()]);
        let requests = ledger
            .last_requests()
            .iter()
            .map(|request| request.text.as_str());
        let failures = open_failures(ledger).into_iter().flat_map(|failure| {
            [
                failure.hit.test.as_deref().unwrap_or_default(),
                failure.hit.file.as_deref().unwrap_or_default(),
            ]
        });
        let mut wanted = Self::default();
        for text in tasks.chain(requests).chain(failures) {
            wanted.names.extend(identifiers(text).map(str::to_owned));
            wanted.files.extend(paths(text).map(str::to_owned));
        }
        wanted
    }

    /// True if the open work names the file at `path`, or its end, or a name that is defined in it.
    pub(super) fn holds<'n>(&self, path: &str, mut defined: impl Iterator<Item = &'n str>) -> bool {
        let end = |named: &String| {
            path.strip_suffix(named.as_str())
                .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
        };
        self.files.iter().any(end) || defined.any(|name| self.names.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn a_file_is_named_by_its_end_or_by_what_it_defines() {
        let wanted = Wanted {
            names: ["runExplain".to_owned()].into(),
            files: ["b.go".to_owned(), "cli/hooks.go".to_owned()].into(),
        };
        for (path, defined, named) in [
            ("b.go", "", true),
            ("a/b.go", "", true),
            ("a/bb.go", "", false),
            ("cmd/cli/hooks.go", "", true),
            ("hooks.go", "", false),
            ("cmd/explain.go", "runExplain", true),
            ("cmd/explain.go", "runOther", false),
        ] {
            let holds = wanted.holds(path, [defined].into_iter());
            assert_eq!(holds, named, "{path} {defined}");
        }
    }
}
