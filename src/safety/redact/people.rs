//! Finds whom and what a text names: e-mail addresses, names beside them, the
//! users of home folders, hosts. For texts that are shown to others.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Span;

/// The kinds of what is found here.
const KINDS: [&str; 4] = ["email", "name", "user", "host"];

/// Names of users that name nobody.
const NOBODY: &[&str] = &[
    "admin",
    "agent",
    "app",
    "build",
    "circleci",
    "codespace",
    "debian",
    "default",
    "dev",
    "developer",
    "docker",
    "ec2-user",
    "email",
    "guest",
    "home",
    "host",
    "jenkins",
    "jovyan",
    "me",
    "name",
    "node",
    "nobody",
    "public",
    "redacted",
    "root",
    "runner",
    "runneradmin",
    "sandbox",
    "shared",
    "test",
    "ubuntu",
    "user",
    "username",
    "users",
    "vagrant",
    "vscode",
    "work",
    "workspace",
    "you",
    "yourname",
];

/// Domains that everybody uses; a host below one of them says nothing.
const PUBLIC: &[&str] = &[
    "amazonaws.com",
    "anthropic.com",
    "apache.org",
    "apple.com",
    "bitbucket.org",
    "claude.ai",
    "claude.com",
    "cloudflare.com",
    "crates.io",
    "debian.org",
    "docker.com",
    "docker.io",
    "docs.rs",
    "example.com",
    "example.net",
    "example.org",
    "ghcr.io",
    "github.com",
    "github.io",
    "githubusercontent.com",
    "gitlab.com",
    "gnu.org",
    "go.dev",
    "golang.org",
    "google.com",
    "googleapis.com",
    "ietf.org",
    "jsdelivr.net",
    "json-schema.org",
    "kernel.org",
    "localhost",
    "microsoft.com",
    "mozilla.org",
    "nodejs.org",
    "npmjs.com",
    "npmjs.org",
    "openai.com",
    "pypi.org",
    "python.org",
    "pythonhosted.org",
    "quay.io",
    "readthedocs.io",
    "readthedocs.org",
    "rust-lang.org",
    "rustup.rs",
    "schema.org",
    "stackoverflow.com",
    "stackexchange.com",
    "ubuntu.com",
    "unpkg.com",
    "w3.org",
    "wikipedia.org",
    "yarnpkg.com",
];

struct Patterns {
    email: Regex,
    name: Regex,
    home: Regex,
    host: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let new = |pattern| Regex::new(pattern).ok();
    Some(Patterns {
        email: new(
            r"(?-u:[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@((?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})\b)",
        )?,
        name: new(concat!(
            // Before an address, and where git and others keep one.
            r#"(\p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*){1,3}) <[^<>\s@]{1,64}@"#,
            r#"|(?:user\.name|GIT_(?:AUTHOR|COMMITTER)_NAME)["']?[ \t]{0,3}[=:]?[ \t]{0,3}["']?(\p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*){0,3})"#,
            r#"|(?:Author|Committer|Signed-off-by|Co-[Aa]uthored-[Bb]y|Reviewed-by): (\p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*){1,3})"#,
        ))?,
        home: new(
            // In the names of Claude Code's own folders a hyphen stands for a slash.
            r"(?-u:(?:/home/|/Users/|[A-Za-z]:[\\/]{1,4}Users[\\/]{1,4})([A-Za-z0-9_][A-Za-z0-9._-]{1,31})|projects/-(?:home|Users)-([A-Za-z0-9_][A-Za-z0-9._]{1,31}))",
        )?,
        host: new(concat!(
            r"://(?:[!-.0-?A-~]{1,64}@)?([A-Za-z0-9][A-Za-z0-9.-]{2,253})",
            r"|(?-u:\b[a-z_][a-z0-9_-]{0,31}@([A-Za-z0-9][A-Za-z0-9.-]{2,63}):)",
            r"|(?-u:\bHOSTNAME=([A-Za-z0-9][A-Za-z0-9.-]{2,63}))",
            r"|(?-u:\b([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.(?:internal|intranet|corp|lan|local))\b)",
            r"|(?-u:\b(10(?:\.[0-9]{1,3}){3}|(?:192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))(?:\.[0-9]{1,3}){2})\b)",
        ))?,
    })
});

/// True for the kinds of this file: their values are known wherever they stand, short as they are.
pub(super) fn is_of_people(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// All that names somebody or something of theirs.
pub(super) fn find(text: &str) -> Vec<Span> {
    let Some(patterns) = &*PATTERNS else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut add = |range: Range<usize>, kind: &str| found.push(Span::new(range, kind));
    for captures in patterns.email.captures_iter(text) {
        let (Some(whole), Some(domain)) = (captures.get(0), captures.get(1)) else {
            continue;
        };
        // `git@host:path` is where a repository is.
        let remote = whole.as_str().starts_with("git@");
        let example = ["example.com", "example.net", "example.org"].contains(&domain.as_str());
        if !remote && !example && !whole.as_str().contains("noreply@") {
            add(whole.range(), "email");
        }
    }
    for captures in patterns.name.captures_iter(text) {
        let name = captures.iter().skip(1).flatten().next();
        if let Some(name) =
            name.filter(|name| (3..=80).contains(&name.len()) && name.as_str() != "Claude")
        {
            add(name.range(), "name");
        }
    }
    for captures in patterns.home.captures_iter(text) {
        let user = captures.iter().skip(1).flatten().next();
        if let Some(user) = user.filter(|user| is_somebody(user.as_str())) {
            add(trimmed(text, user.range()), "user");
        }
    }
    for captures in patterns.host.captures_iter(text) {
        let host = captures.iter().skip(1).flatten().next();
        if let Some(host) = host.filter(|host| is_own(host.as_str())) {
            add(trimmed(text, host.range()), "host");
        }
    }
    found
}

/// Without the full stop that ends a sentence.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let value = text.get(range.clone()).unwrap_or_default();
    range.start..range.start + value.trim_end_matches(['.', '-']).len()
}

fn is_somebody(user: &str) -> bool {
    let user = user.trim_end_matches('.');
    user.len() >= 3 && !NOBODY.contains(&user.to_ascii_lowercase().as_str())
}

fn is_own(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let public = PUBLIC.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    let local = host.starts_with("127.") || host == "0.0.0.0" || host.starts_with("169.254.");
    // Of one word: a container's name, as `db`, or a scheme's part.
    let plain = !host.contains(['.', '-']) && !host.contains(|c: char| c.is_ascii_digit());
    host.len() >= 3 && !public && !local && !plain
}

#[cfg(test)]
mod tests {
    use super::super::Policy;
    use super::NOBODY;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let policy = Policy {
            anonymous: true,
            ..Policy::default()
        };
        let mut redactor = policy.redactor();
        let got = redactor.redact(text).into_owned();
        assert_eq!(got, want);
        assert_eq!(redactor.redact(&got), want);
        assert_eq!(redactor.second_look(&got), Ok(()));
    }

    #[test]
    fn people_and_places_get_numbers() {
        check(
            "cd /home/mkowalska/shop && ls C:\\Users\\mkowalska\\x; whoami: mkowalska",
            "cd /home/[redacted: user #1]/shop && ls C:\\Users\\[redacted: user #1]\\x; whoami: [redacted: user #1]",
        );
        check(
            "/Users/mary-jane/x of mary-jane, ~/.claude/projects/-home-kowalski-shop",
            "/Users/[redacted: user #1]/x of [redacted: user #1], ~/.claude/projects/-home-[redacted: user #2]-shop",
        );
        check(
            "Author: Maria Kowalska <maria.k@firma.pl>\nby Maria Kowalska, maria.k@firma.pl",
            "Author: [redacted: name #1] <[redacted: email #1]>\nby [redacted: name #1], [redacted: email #1]",
        );
        check(
            "curl https://build7.firma.pl/x; ssh deploy@build7.firma.pl: 10.1.2.3 and db01.corp",
            "curl https://[redacted: host #1]/x; ssh [redacted: email #1]: [redacted: host #2] and [redacted: host #3]",
        );
        check(
            "git config user.name \"José Díaz\"",
            "git config user.name \"[redacted: name #1]\"",
        );
    }

    #[test]
    fn what_names_nobody_stays() {
        for user in NOBODY {
            check(&format!("/home/{user}/app"), &format!("/home/{user}/app"));
        }
        for text in [
            "git@github.com:a/b.git",
            "https://docs.rs/regex/1.10.0 and http://localhost:3000 and http://127.0.0.1:80",
            "Co-Authored-By: Claude <noreply@anthropic.com>",
            "postgres://db:5432/app",
            "import { a } from '@scope/pkg'; npm i left-pad@1.3.0",
            "version 10.2.1 of 192 tests, 10.5 s",
            "test@example.com",
        ] {
            check(text, text);
        }
    }
}
