//! Paths as a handoff shows them: relative to the session's folder, with forward slashes.

use std::collections::HashMap;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Source code.
    Code,
    /// Tests and their data.
    Test,
    /// Prose.
    Docs,
    /// Build, delivery and deployment.
    Infra,
    /// Settings of the project and its tools.
    Config,
    /// Anything else.
    Other,
}

/// Shortens paths by the folders of a session.
#[derive(Debug, Default)]
pub struct Paths {
    /// Folders with a trailing slash, longest first.
    roots: Vec<String>,
}

/// The folder of the repository where `folder` is a worktree within it, or lies in one; else `folder`.
pub fn repository(folder: &str) -> &str {
    [
        "/.worktrees/",
        "/.claude/worktrees/",
        "\\.worktrees\\",
        "\\.claude\\worktrees\\",
    ]
    .iter()
    .find_map(|mark| folder.split_once(mark))
    .map_or(folder, |(repository, _)| repository)
}

impl Paths {
    /// Paths of a session that worked in `cwds`. A folder inside another is a step into the project, no project of its
    /// own; a worktree inside another is one.
    pub fn new(cwds: &[String]) -> Self {
        let mut roots: Vec<String> = cwds
            .iter()
            .map(|cwd| slashes(cwd).trim_end_matches('/').to_owned() + "/")
            .filter(|root| root.len() > 1)
            .collect();
        roots.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        roots.dedup();
        let inside = |root: &String| {
            roots.iter().any(|outer| {
                root.strip_prefix(outer.as_str())
                    .is_some_and(|rest| !rest.is_empty() && !rest.contains("worktrees/"))
            })
        };
        let kept = roots.iter().filter(|root| !inside(root)).cloned().collect();
        Self { roots: kept }
    }

    /// True if there is one folder that paths are shown from.
    pub fn is_one(&self) -> bool {
        self.roots.len() == 1
    }

    /// The session's folder that `cwd` lies in; `cwd` itself if it lies in none.
    pub fn root<'p>(&self, cwd: &'p str) -> &'p str {
        let whole = slashes(cwd).trim_end_matches('/').to_owned() + "/";
        let root = self.roots.iter().find(|root| whole.starts_with(*root));
        root.and_then(|root| cwd.get(..root.len() - 1))
            .unwrap_or(cwd)
    }

    /// `path` of a command that ran in `folder`, as it is shown.
    pub fn show_from(&self, folder: Option<&str>, path: &str) -> String {
        let whole = path.starts_with(['/', '~', '$', '\\']) || path.get(1..2) == Some(":");
        match folder {
            Some(folder) if !whole && !self.roots.is_empty() => self.show(&join(folder, path)),
            _ => self.show(path),
        }
    }

    /// `path` as it is shown: relative to the session's folder if it lies there, else whole.
    pub fn show(&self, path: &str) -> String {
        let mut path = slashes(path.trim());
        if self.roots.iter().any(|root| has_drive(root)) {
            path = of_drive(path);
        }
        // Windows paths meet in both cases of the drive letter, and on a Mac in any case.
        for root in &self.roots {
            if let Some(head) = path.get(..root.len())
                && head.eq_ignore_ascii_case(root)
            {
                return path[root.len()..].to_owned();
            }
        }
        if self
            .roots
            .iter()
            .any(|root| root.trim_end_matches('/').eq_ignore_ascii_case(&path))
        {
            return ".".to_owned();
        }
        path.strip_prefix("./").unwrap_or(&path).to_owned()
    }

    /// True if one of the session's folders lies below `folder`, or none is known.
    pub fn is_above(&self, folder: &str) -> bool {
        let folder = slashes(folder).trim_end_matches('/').to_owned() + "/";
        self.roots.is_empty() || self.roots.iter().any(|root| root.starts_with(&folder))
    }

    /// `text` with the session's folders cut from the paths in it.
    pub fn shorten(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for root in &self.roots {
            if text.contains(root.as_str()) {
                text = text.replace(root.as_str(), "");
            }
            if has_drive(root) {
                let root = root.replace('/', "\\");
                text = text.replace(&root, "");
            }
        }
        text
    }
}

/// `path` seen from `folder`, without `.` and `..`.
pub fn join(folder: &str, path: &str) -> String {
    let mut path = slashes(path);
    let folder = slashes(folder);
    if has_drive(&folder) {
        path = of_drive(path);
    }
    if path.starts_with(['/', '~', '$']) || has_drive(&path) {
        return path;
    }
    let mut parts: Vec<&str> = folder.trim_end_matches('/').split('/').collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let folder = path.ends_with('/') && !path.trim_matches(['.', '/']).is_empty();
    parts.join("/") + if folder { "/" } else { "" }
}

fn slashes(path: &str) -> String {
    let windows = path.as_bytes().get(1) == Some(&b':') || path.starts_with("\\\\");
    if windows || (path.contains('\\') && !path.contains('/')) {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    }
}

fn has_drive(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':')
}

/// `path` with its drive as Windows writes it, where it is written as a shell there does: `/c/Users` is `c:/Users`.
fn of_drive(path: String) -> String {
    match path.as_bytes() {
        [b'/', drive, b'/', ..] if drive.is_ascii_alphabetic() => {
            format!("{}:{}", char::from(*drive), &path[2..])
        }
        _ => path,
    }
}

/// True for a file of the agent's own equipment, as a skill, or of an installed package: where the work is not.
pub fn is_equipment(path: &str) -> bool {
    let path = slashes(path);
    const FOLDERS: &[&str] = &[
        "/.claude/plugins/",
        "/.claude/skills/",
        "/.codex/plugins/",
        "/.codex/skills/",
        "/tool-results/",
        "/node_modules/",
        "/site-packages/",
        "/.cargo/registry/",
        "/go/pkg/mod/",
    ];
    FOLDERS.iter().any(|folder| path.contains(folder))
}

/// What `path` is for, by its name and folders.
pub fn class(path: &str) -> Class {
    let path = path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let stem = name.split('.').next().unwrap_or(name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_prose = by_extension(extension) == Class::Docs;
    let in_folder = |names: &[&str]| {
        path.split('/')
            .rev()
            .skip(1)
            .any(|folder| names.contains(&folder))
    };
    // A specification in prose is no test.
    if (in_folder(&["spec", "specs"]) && !is_prose)
        || in_folder(&[
            "test",
            "tests",
            "__tests__",
            "testdata",
            "fixtures",
            "e2e",
            "integration_test",
            "integration_tests",
        ])
        || name.contains(".test.")
        || name.contains(".spec.")
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || stem.starts_with("test_")
        || stem == "conftest"
    {
        return Class::Test;
    }
    if in_folder(&[
        "workflows",
        "terraform",
        "k8s",
        "kubernetes",
        "helm",
        "charts",
        "ansible",
        ".circleci",
        ".github",
        "deploy",
    ]) || matches!(extension, "tf" | "tfvars" | "hcl")
        || matches!(
            stem,
            "dockerfile"
                | "containerfile"
                | "makefile"
                | "gnumakefile"
                | "jenkinsfile"
                | "procfile"
                | "vagrantfile"
                | "justfile"
                | "caddyfile"
        )
        || name.starts_with("docker-compose")
        || name.starts_with("compose.")
        || matches!(
            name,
            ".gitlab-ci.yml" | "mise.toml" | ".tool-versions" | "rust-toolchain.toml" | ".nvmrc"
        )
    {
        return Class::Infra;
    }
    by_extension(extension)
}

/// What files with `extension`, in lower case and without its dot, are for.
pub(super) fn by_extension(extension: &str) -> Class {
    match extension {
        "md" | "mdx" | "rst" | "adoc" | "txt" | "tex" => Class::Docs,
        "go" | "py" | "rs" | "ts" | "tsx" | "js" | "jsx" | "mjs" | "cjs" | "c" | "h" | "cc"
        | "cpp" | "hpp" | "java" | "kt" | "kts" | "rb" | "php" | "swift" | "cs" | "lua" | "ex"
        | "exs" | "zig" | "vue" | "svelte" | "scala" | "sh" | "bash" | "sql" | "html" | "css"
        | "scss" | "proto" | "m" | "mm" | "hs" | "erl" | "clj" | "r" | "jl" | "dart" | "heex"
        | "ipynb" => Class::Code,
        "toml" | "yaml" | "yml" | "json" | "jsonc" | "ini" | "cfg" | "conf" | "env" | "lock"
        | "mod" | "sum" | "properties" | "gradle" | "xml" | "editorconfig" | "gitignore" => {
            Class::Config
        }
        _ => Class::Other,
    }
}

/// Short names for paths: the file name alone where no other path of the set has it.
pub fn short_names<'p>(paths: impl Iterator<Item = &'p str> + Clone) -> HashMap<&'p str, &'p str> {
    let name = |path: &'p str| path.rsplit('/').next().unwrap_or(path);
    let mut count: HashMap<&str, u32> = HashMap::new();
    for path in paths.clone() {
        *count.entry(name(path)).or_default() += 1;
    }
    paths
        .map(|path| {
            (
                path,
                if count[name(path)] == 1 {
                    name(path)
                } else {
                    path
                },
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worktree_is_of_its_repository() {
        for (folder, of) in [
            ("/w/shop", "/w/shop"),
            ("/w/shop/.worktrees/2", "/w/shop"),
            ("/w/shop/.claude/worktrees/fix-a/src", "/w/shop"),
            ("C:\\w\\shop\\.worktrees\\x", "C:\\w\\shop"),
            ("/w/shop-worktrees/2", "/w/shop-worktrees/2"),
        ] {
            assert_eq!(repository(folder), of, "{folder}");
        }
    }

    #[test]
    fn paths_are_shown_relative_to_the_session() {
        let paths = Paths::new(&[
            "/home/dev/shop".into(),
            "/home/dev/shop/api".into(),
            "C:\\Work\\App".into(),
        ]);
        for (path, shown) in [
            ("/home/dev/shop/src/a.go", "src/a.go"),
            ("/home/dev/shop/api/b.go", "api/b.go"),
            ("/home/dev/other/c.go", "/home/dev/other/c.go"),
            ("/etc/hosts", "/etc/hosts"),
            ("./x.go", "x.go"),
            ("c:\\work\\app\\src\\m.ts", "src/m.ts"),
            ("/home/dev/shop", "."),
            ("/home/dev/shopping/x", "/home/dev/shopping/x"),
        ] {
            assert_eq!(paths.show(path), shown, "{path}");
        }
        assert_eq!(
            paths.shorten("at /home/dev/shop/src/a.go:3 and /home/dev/z"),
            "at src/a.go:3 and /home/dev/z"
        );
    }

    #[test]
    fn a_step_into_the_project_is_no_project() {
        let paths = Paths::new(&[
            "/w/shop".into(),
            "/w/shop/web".into(),
            "/w/shop/.worktrees/1".into(),
        ]);
        for (folder, path, shown) in [
            ("/w/shop/web", "js/app.js", "web/js/app.js"),
            ("/w/shop/web", "../go.mod", "go.mod"),
            ("/w/shop/web", "./a/./b.ts", "web/a/b.ts"),
            ("/w/shop/web", "/w/shop/x.go", "x.go"),
            ("/w/shop/web", ".", "web"),
            ("/w/shop/web", "js/", "web/js/"),
            ("/w/shop", ".", "."),
            ("/w/shop/.worktrees/1", "cmd/a.go", "cmd/a.go"),
        ] {
            assert_eq!(
                paths.show_from(Some(folder), path),
                shown,
                "{folder} {path}"
            );
        }
        assert_eq!(paths.show_from(None, "js/app.js"), "js/app.js");
        assert_eq!(paths.root("/w/shop/web"), "/w/shop");
        assert_eq!(paths.root("/w/shop/.worktrees/1"), "/w/shop/.worktrees/1");
        assert_eq!(paths.root("/elsewhere"), "/elsewhere");
    }

    #[test]
    fn drives_are_known_in_each_way_of_writing_them() {
        let paths = Paths::new(&["C:\\Users\\dev\\shop".to_owned()]);
        for path in [
            "C:\\Users\\dev\\shop\\a.go",
            "c:/Users/dev/shop/a.go",
            "/c/Users/dev/shop/a.go",
        ] {
            assert_eq!(paths.show(path), "a.go", "{path}");
            assert!(
                join("C:\\Users\\dev\\shop", path).ends_with(":/Users/dev/shop/a.go"),
                "{path}"
            );
        }
        assert_eq!(
            paths.shorten("in 'C:\\Users\\dev\\shop\\.git\\x'"),
            "in '.git\\x'"
        );
        assert_eq!(
            Paths::new(&["/c/shop".to_owned()]).show("/c/shop/a.go"),
            "a.go"
        );
        assert!(is_equipment("C:\\Users\\dev\\.claude\\skills\\x\\SKILL.md"));
    }

    #[test]
    fn classes_follow_names_and_folders() {
        for (path, expected) in [
            ("src/a.go", Class::Code),
            ("src/a_test.go", Class::Test),
            ("web/app.spec.ts", Class::Test),
            ("tests/data/x.json", Class::Test),
            ("README.md", Class::Docs),
            (".github/workflows/ci.yml", Class::Infra),
            ("Dockerfile", Class::Infra),
            ("docker/Containerfile", Class::Infra),
            ("Cargo.toml", Class::Config),
            ("mise.toml", Class::Infra),
            (".github/CODEOWNERS", Class::Infra),
            ("spec/cart_rules.rb", Class::Test),
            ("specs/cart.md", Class::Docs),
            ("logo.png", Class::Other),
            ("src/latest.rs", Class::Code),
        ] {
            assert_eq!(class(path), expected, "{path}");
        }
    }
}
