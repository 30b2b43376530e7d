//! A script that calls tools → the commands and patches in it.
//!
//! Newer releases of Codex let the agent write JavaScript that calls tools:
//! `const r = await tools.exec_command({cmd:"cargo test"}); text(r.output);`.
//! Only literals are read; what a script computes is not known.

/// What a script asks of tools, in the order of its text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// Shell commands.
    pub(super) commands: Vec<String>,
    /// The folder of the first command that names one.
    pub(super) folder: Option<String>,
    /// The text of a patch.
    pub(super) patch: Option<String>,
    /// The process that is asked for more.
    pub(super) process: Option<String>,
    /// What is typed into it.
    pub(super) typed: Option<String>,
    /// The names of other tools.
    pub(super) others: Vec<String>,
}

/// Reads a script. Takes time in proportion to its length.
pub(super) fn read(script: &str) -> Script {
    let mut found = Script::default();
    let mut patches = false;
    let mut rest = script;
    while let Some((_, behind)) = rest.split_once("tools.") {
        rest = behind;
        let end = behind
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .unwrap_or(behind.len());
        let (name, arguments) = behind.split_at_checked(end).unwrap_or((behind, ""));
        if !arguments.starts_with('(') {
            continue;
        }
        match name {
            "exec_command" | "shell_command" | "shell" => {
                let command = argument(arguments, "cmd").or_else(|| argument(arguments, "command"));
                let Some((command, after)) = command else {
                    continue;
                };
                found.commands.push(command);
                // What stands in the command is no call.
                rest = after;
                if found.folder.is_none()
                    && let Some((folder, _)) = argument(after, "workdir")
                {
                    found.folder = Some(folder);
                }
            }
            "write_stdin" => {
                found.process = found
                    .process
                    .take()
                    .or_else(|| number(arguments, "session_id"));
                found.typed = argument(arguments, "chars").map(|(typed, _)| typed);
            }
            "apply_patch" => patches = true,
            "" => {}
            other => found.others.push(other.to_owned()),
        }
    }
    if patches {
        found.patch = script
            .find(super::patch::BEGIN)
            .and_then(|at| script.get(..at)?.rfind(['"', '\'', '`']))
            .and_then(|at| literal(script.get(at..)?))
            .map(|(patch, _)| patch);
    }
    found
}

/// The text behind `name:` in the call that begins here, and what follows it; none if that is no literal.
fn argument<'a>(arguments: &'a str, name: &str) -> Option<(String, &'a str)> {
    literal(behind(arguments, name)?)
}

/// The digits behind `name:`.
fn number(arguments: &str, name: &str) -> Option<String> {
    let value = behind(arguments, name)?;
    let end = value
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(value.len());
    value
        .get(..end)
        .filter(|digits| !digits.is_empty())
        .map(str::to_owned)
}

/// What stands behind `name:` before the next call, with or without quotes around the name.
fn behind<'a>(arguments: &'a str, name: &str) -> Option<&'a str> {
    let end = arguments.find("tools.").unwrap_or(arguments.len());
    let mut from = 0;
    loop {
        let own = arguments.get(from..end)?;
        let at = from + own.find(name)?;
        let before = arguments.get(..at)?;
        from = at + name.len();
        let after = arguments.get(from..)?;
        let whole = !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let after = after
            .strip_prefix(['"', '\''])
            .unwrap_or(after)
            .trim_start();
        if let Some(value) = after.strip_prefix(':')
            && whole
        {
            return Some(value.trim_start());
        }
    }
}

/// The value of the string literal that `text` begins with, and what follows it; one that does not end counts to the
/// end of the text.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut letters = text.chars();
    let quote = letters
        .next()
        .filter(|first| matches!(first, '"' | '\'' | '`'))?;
    let mut value = String::new();
    while let Some(letter) = letters.next() {
        if letter == quote {
            break;
        }
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('b' | 'f' | 'v' | '0') => value.push(' '),
            // The end of a line is continued.
            Some('\n') | None => {}
            Some('x') => value.extend(code(&mut letters, 2)),
            Some('u') => {
                let mut ahead = letters.clone();
                if ahead.next() == Some('{') {
                    let digits: String = ahead.by_ref().take_while(|it| *it != '}').collect();
                    value.extend(
                        u32::from_str_radix(&digits, 16)
                            .ok()
                            .and_then(char::from_u32),
                    );
                    letters = ahead;
                } else {
                    value.extend(code(&mut letters, 4));
                }
            }
            Some(other) => value.push(other),
        }
    }
    Some((value, letters.as_str()))
}

/// The character of so many hexadecimal digits; half of a pair is none.
fn code(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = letters.take(digits).collect();
    u32::from_str_radix(&digits, 16)
        .ok()
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: Script) {
        assert_eq!(read(script), expected, "{script}");
    }

    fn commands(commands: &[&str]) -> Script {
        Script {
            commands: commands.iter().map(|&one| one.to_owned()).collect(),
            ..Script::default()
        }
    }

    #[test]
    fn literals_in_calls_are_found() {
        check("text('nothing');", Script::default());
        check(
            r#"const r = await tools.exec_command({cmd:"echo \"a\"\nls","workdir":"/w","yield_time_ms":1}); text(r.output);"#,
            Script {
                folder: Some("/w".to_owned()),
                ..commands(&["echo \"a\"\nls"])
            },
        );
        check(
            "await Promise.all([tools.exec_command({cmd:'a'}), tools.exec_command({ \"cmd\" : `b \\u0041\\x42\\u{43}` })])",
            commands(&["a", "b ABC"]),
        );
        check(
            r#"const patch = "*** Begin Patch\n*** End Patch"; text(await tools.apply_patch(patch));"#,
            Script {
                patch: Some("*** Begin Patch\n*** End Patch".to_owned()),
                ..Script::default()
            },
        );
        check(
            r#"tools.write_stdin({session_id:75376,chars:"\u0003"})"#,
            Script {
                process: Some("75376".to_owned()),
                typed: Some("\u{3}".to_owned()),
                ..Script::default()
            },
        );
        // A name that is only part of one, and a command that is computed.
        check(
            r#"tools.exec_command({my_cmd:"a", cmd: line})"#,
            Script::default(),
        );
        check(
            "tools.web__run({q:'x'})",
            Script {
                others: vec!["web__run".to_owned()],
                ..Script::default()
            },
        );
        check(
            r#"tools.exec_command({cmd:"cut sho"#,
            commands(&["cut sho"]),
        );
        check(
            r#"tools.exec_command({cmd:"grep tools.exec_command(x) a"}); tools.exec_command({cmd:"b"})"#,
            commands(&["grep tools.exec_command(x) a", "b"]),
        );
    }
}
