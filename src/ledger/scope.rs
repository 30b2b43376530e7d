//! What a check is run on: paths, a filter by name, build tags; and what of it lies in what else.

use super::filter::Filter;

/// What a check is run on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Paths or packages; empty for all.
    pub paths: Vec<String>,
    /// A filter by name.
    pub filter: Option<String>,
    /// True if the filter is one whole name, and no part of others.
    pub exact: bool,
    /// Build tags, without which what they guard is not there.
    pub tags: Option<String>,
}

/// Options of test runners that choose tests by name and take a value.
const FILTERS: &[&str] = &[
    "-run",
    "-k",
    "-t",
    "--filter",
    "--grep",
    "-g",
    "--testNamePattern",
    "--tests",
    "-Dtest",
    "-m",
    "--example",
    "-e",
    "--only-testing",
];

/// Those of them that take a whole name.
const WHOLE: &[&str] = &["-Dtest", "-m", "--example", "-e", "--only-testing"];

impl Scope {
    /// The scope that `target` names: the arguments of the check as one line.
    pub fn of(target: &str) -> Self {
        let mut scope = Self::default();
        let mut words = target.split_whitespace();
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) if option.starts_with('-') => (option, Some(value)),
                _ => (word, None),
            };
            if option == "-tags" {
                scope.tags = value.or_else(|| words.next()).map(str::to_owned);
            } else if FILTERS.contains(&option) {
                let value = value.or_else(|| words.next()).unwrap_or("");
                scope.filter = Some(value.trim_matches(['\'', '"']).to_owned());
                scope.exact = WHOLE.contains(&option);
            } else if let Some((file, test)) = word.split_once("::") {
                scope.paths.push(path(file));
                scope.filter = Some(test.to_owned());
                scope.exact = true;
            } else if !word.starts_with('-') && !word.bytes().all(|b| b.is_ascii_digit()) {
                scope.paths.push(path(word));
            }
        }
        scope.paths.retain(|path| !path.is_empty());
        scope.paths.sort();
        scope.paths.dedup();
        scope
    }

    /// True if it leaves nothing out.
    pub fn is_all(&self) -> bool {
        self.paths.is_empty() && self.filter.is_none()
    }

    /// True if everything in `other` is in this scope too.
    pub fn covers(&self, other: &Self) -> bool {
        let bare = |filter: &'_ str| filter.trim_matches(['^', '$']).to_owned();
        let named = match (&self.filter, &other.filter) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) if self.exact => is_or_holds(wide, narrow),
            (Some(wide), Some(narrow)) => {
                bare(wide) == bare(narrow) || Filter::of(wide).covers(&Filter::of(narrow))
            }
        };
        named && self.builds(other)
    }

    /// True if what `other` is run on must be compiled for this one, whatever is chosen by name.
    pub fn builds(&self, other: &Self) -> bool {
        let tagged = other.tags.is_none() || self.tags == other.tags;
        tagged && self.lies_over(other)
    }

    /// True if the filter chooses the test of that name, and it may lie here: it was shown by a run on `other`.
    pub fn chooses(&self, test: &str, other: &Self) -> bool {
        let tagged = other.tags.is_none() || self.tags == other.tags;
        tagged
            && (self.lies_over(other) || other.lies_over(self))
            && self
                .filter
                .as_deref()
                .is_some_and(|filter| match self.exact {
                    // The failure may name the file, or the test alone.
                    true => {
                        is_or_holds(filter, test)
                            || (test.match_indices("::"))
                                .any(|(at, mark)| is_or_holds(filter, &test[at + mark.len()..]))
                            || filter.rsplit("::").next() == Some(test)
                    }
                    false => Filter::of(filter).chooses(test),
                })
    }

    /// True if what is in `file` may be run by it. What a task of a runner runs is not known, and a folder of tests alone
    /// tests what stands beside it.
    pub fn reaches(&self, file: &str) -> bool {
        const FOLDERS: &[&str] = &["test", "tests", "spec", "specs", "__tests__", "e2e"];
        let wide = |path: &String| {
            path.starts_with(':')
                || path
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| FOLDERS.contains(&name))
        };
        self.paths.iter().all(wide) || self.holds(file)
    }

    fn lies_over(&self, other: &Self) -> bool {
        self.paths.is_empty()
            || (!other.paths.is_empty()
                && other
                    .paths
                    .iter()
                    .all(|inner| self.paths.iter().any(|outer| under(inner, outer))))
    }

    /// True if the file at `path` lies in this scope.
    pub fn holds(&self, file: &str) -> bool {
        self.paths.is_empty()
            || self
                .paths
                .iter()
                .any(|outer| under(file, outer) || outer.ends_with(file))
    }
}

/// A path or package of a scope; empty for all of it.
fn path(word: &str) -> String {
    let word = word.trim_matches(['\'', '"']);
    let word = word.strip_prefix("./").unwrap_or(word);
    let word = word
        .strip_suffix("...")
        .unwrap_or(word)
        .trim_end_matches('/');
    if word == "." {
        String::new()
    } else {
        word.to_owned()
    }
}

fn under(inner: &str, outer: &str) -> bool {
    inner == outer
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with(['/', ':']))
}

/// True if `name` is `whole`, a test below it, or one of its rounds: `test_a`, `TestA::test_a`, `test_a[3]`.
fn is_or_holds(whole: &str, name: &str) -> bool {
    let rest = name.strip_prefix(whole);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_scopes_cover_narrower_ones() {
        for (wide, narrow, covers) in [
            ("./...", "./cmd/...", true),
            ("", "tests/api -k login", true),
            ("./cmd/... -v", "./cmd/x -run TestA", true),
            ("./cmd/x -run TestA", "./cmd/x", false),
            ("./cmd/x -run TestA", "./cmd/x -run TestA -v", true),
            ("./cmd/x -run TestA", "./cmd/x -run TestA_Empty", true),
            ("./cmd/x -run TestA_Empty", "./cmd/x -run TestA", false),
            ("./cmd/x -run TestA", "./cmd/y -run TestA_Empty", false),
            ("./cmd", "./cmdline", false),
            ("tests/a.py", "tests/a.py::test_b", true),
            ("./a ./b", "./b/c", true),
            ("./a", "./...", false),
            ("-tags=integration ./...", "./cmd -run TestA", true),
            ("./...", "-tags=integration ./it", false),
            ("-tags=integration ./...", "-tags integration ./it", true),
        ] {
            assert_eq!(
                Scope::of(wide).covers(&Scope::of(narrow)),
                covers,
                "{wide:?} over {narrow:?}"
            );
        }
    }
    #[test]
    fn tests_reach_what_stands_beside_them() {
        for (target, file, reaches) in [
            ("./...", "cmd/a.go", true),
            ("./cmd", "cmd/a.go", true),
            ("./cmd", "price/a.go", false),
            (":ci", "cmd/a.go", true),
            ("tests -q", "src/a.py", true),
            ("tests/test_a.py", "src/a.py", false),
        ] {
            assert_eq!(Scope::of(target).reaches(file), reaches, "{target} {file}");
        }
    }

    #[test]
    fn a_failed_test_is_chosen_by_its_name_where_it_may_lie() {
        for (chosen_by, test, shown_by, chosen) in [
            ("./cmd -run TestA", "TestA_Empty", "./...", true),
            ("./cmd -run TestA", "TestA_Empty", "./cmd/x", true),
            ("./cmd -run TestA_Empty", "TestA", "./cmd", false),
            ("./other -run TestA", "TestA", "./cmd", false),
            ("./cmd", "TestA", "./cmd", false),
            ("./it -run TestA", "TestA", "-tags=it ./it", false),
            ("tests/a.py::test_b", "test_b", "tests", true),
        ] {
            assert_eq!(
                Scope::of(chosen_by).chooses(test, &Scope::of(shown_by)),
                chosen,
                "{chosen_by:?} {test} of {shown_by:?}"
            );
        }
    }
}
