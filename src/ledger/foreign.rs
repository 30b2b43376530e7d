//! Tools and files by their language: what a tool of one says tells nothing of another.

/// A language with the programs that check it and the ends of its files' names.
struct Language {
    programs: &'static str,
    endings: &'static str,
}

const LANGUAGES: &[Language] = &[
    Language {
        programs: "go golangci-lint gofmt goimports staticcheck gotestsum ginkgo",
        endings: "go",
    },
    Language {
        programs: "cargo rustc rustfmt clippy-driver",
        endings: "rs",
    },
    Language {
        programs: "pytest python python3 ruff mypy pyright basedpyright pylint flake8 black isort",
        endings: "py pyi",
    },
    Language {
        programs: "jest vitest mocha ava karma playwright cypress eslint tslint oxlint stylelint tsc vue-tsc prettier \
                   biome next vite standard xo",
        endings: "js jsx mjs cjs ts tsx mts cts vue svelte",
    },
    Language {
        programs: "mvn gradle gradlew sbt javac ktlint detekt checkstyle",
        endings: "java kt scala",
    },
    Language {
        programs: "dotnet msbuild",
        endings: "cs fs",
    },
    Language {
        programs: "phpunit pest phpstan psalm phpcs",
        endings: "php",
    },
    Language {
        programs: "rspec rubocop minitest rails",
        endings: "rb",
    },
    Language {
        programs: "mix",
        endings: "ex exs",
    },
    Language {
        programs: "swift xcodebuild swiftlint",
        endings: "swift",
    },
];

/// True if `tool` is of another language than what failed: by `failed`, the tool that showed it, else by the file.
pub(super) fn is_foreign(tool: &str, failed: &str, file: Option<&str>) -> bool {
    let has = |list: &str, word: &str| list.split_whitespace().any(|known| known == word);
    let of_tool = |tool: &str| {
        let program = tool.split(' ').next()?;
        let of = |language: &Language| has(language.programs, program);
        LANGUAGES.iter().position(of)
    };
    let of_file = || {
        let ending = file?.rsplit_once('.')?.1;
        let of = |language: &Language| has(language.endings, ending);
        LANGUAGES.iter().position(of)
    };
    let theirs = of_tool(failed).or_else(of_file);
    of_tool(tool)
        .zip(theirs)
        .is_some_and(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_of_another_language_are_foreign() {
        for (tool, failed, file, foreign) in [
            ("pytest", "go test", None, true),
            ("golangci-lint run", "go vet", None, false),
            ("mise run", "go test", None, false),
            ("eslint", "commit hook", Some("shop/a.py"), true),
            ("eslint", "commit hook", Some("shop/a.ts"), false),
            ("eslint", "commit hook", None, false),
        ] {
            assert_eq!(is_foreign(tool, failed, file), foreign, "{tool} {failed}");
        }
    }
}
