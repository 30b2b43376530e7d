//! `passdown rules new LINE`: a rule with its examples, from a line that was pasted.

use std::io::Read;

use super::args::NewArgs;
use super::checking::{self, Checking};
use super::draft::{By, COUNTED, Draft, kebab};
use super::guess;
use super::pattern::unprefixed;
use super::template;
use crate::cli::layered::places;
use crate::cli::{Outcome, output};
use crate::discover::Env;
use crate::error::{Error, ErrorKind};
use crate::extract::command;
use crate::rules::{Family, Kind, RuleSet, nearest};
use crate::safety::{self, Gate};

/// The most bytes that are read from standard input: a line to make a rule of is not longer.
const INPUT_BYTES: u64 = 64 * 1024;

pub(super) fn run(args: &NewArgs) -> Result<Outcome, Error> {
    let text = match args.line.as_deref() {
        Some("-") | None => read()?,
        Some(line) => line.to_owned(),
    };
    let text = safety::clean(&text);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty())
        .collect();
    let Some(first) = lines.first() else {
        return Err(usage(
            "no line to make a rule of; give one, or paste it into standard input",
        ));
    };
    let alike = |line: &&str| folded(line) == folded(first);
    let kind = match &args.kind {
        Some(word) => kind(word)?,
        None => guessed(first).ok_or_else(|| {
            usage("what the line is cannot be guessed; say it with --kind check, metric, failure, instruction or another kind")
        })?,
    };
    if kind != Kind::Check && !lines.iter().all(alike) {
        return Err(usage(
            "the lines are not alike, so one rule cannot stand for them; give one, or several that differ in numbers and names alone",
        ));
    }
    let mut draft = drawn(kind, &lines, args)?;
    if let Some(scope) = &args.scope {
        RuleSet::scope(scope).map_err(|what| usage(&format!("--scope: {what}")))?;
        draft.scope = scope.clone();
    }
    if let Some(id) = &args.id {
        draft.id = kebab(id);
    }
    let below = places(&args.layers.rules, &Env::from_system()).read()?;
    let set = RuleSet::load(&below)?;
    let doubts = draft.doubts(&below, |id| set.get(id).is_some());
    output::print(&Gate::default().safe(&draft.toml()))?;
    for hint in hints(&draft, args) {
        output::complain(&hint);
    }
    if let Some(id) = known(&set, &draft) {
        output::complain(&format!(
            "the rule `{id}` finds it already: `passdown rules show {id}`"
        ));
    }
    for doubt in &doubts {
        output::complain(&format!("doubtful: {doubt}"));
    }
    Ok(match doubts.len() {
        0 => Outcome::Done,
        _ => Outcome::Nothing,
    })
}

fn read() -> Result<String, Error> {
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock();
    input
        .take(INPUT_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io("standard input", error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn usage(what: &str) -> Error {
    ErrorKind::Usage(what.to_owned()).into()
}

fn kind(word: &str) -> Result<Kind, Error> {
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    Kind::from_word(word).ok_or_else(|| {
        let meant =
            nearest(word, &words).map_or_else(String::new, |word| format!("; is `{word}` meant?"));
        usage(&format!(
            "--kind: there is no `{word}`{meant} (allowed: {})",
            words.join(", ")
        ))
    })
}

fn folded(line: &str) -> String {
    template::template(&template::pieces(unprefixed(line).0.trim()))
}

/// The command of a line as it stands behind a prompt.
fn typed(line: &str) -> &str {
    let line = line.trim();
    line.strip_prefix("$ ")
        .or_else(|| line.strip_prefix("% "))
        .unwrap_or(line)
}

/// What the line probably is.
fn guessed(line: &str) -> Option<Kind> {
    let bare = unprefixed(line).0.trim();
    let pieces = template::pieces(bare);
    let placed = pieces
        .first()
        .is_some_and(|piece| piece.kind == template::Kind::Place);
    let simple = command::parse(typed(line));
    if typed(line) != line.trim() {
        Some(Kind::Check)
    } else if placed {
        Some(Kind::Failure)
    } else if guess::sums_up(&guess::groups(&pieces, false)) || guess::verdict(bare).is_some() {
        Some(Kind::Metric)
    } else if guess::is_error(bare) {
        Some(Kind::Failure)
    } else if simple
        .iter()
        .any(|simple| checking::checking(simple).is_some())
    {
        Some(Kind::Check)
    } else if ["always ", "never ", "don't ", "do not ", "please ", "use "]
        .iter()
        .any(|head| bare.to_lowercase().starts_with(head))
    {
        Some(Kind::Instruction)
    } else if pieces
        .iter()
        .any(|piece| piece.kind == template::Kind::Number)
    {
        Some(Kind::Metric)
    } else {
        None
    }
}

fn drawn(kind: Kind, lines: &[&str], args: &NewArgs) -> Result<Draft, Error> {
    let first = lines.first().copied().unwrap_or_default();
    let family = match &args.family {
        None => None,
        Some(word) => Some(Family::from_word(word).ok_or_else(|| {
            let words: Vec<&str> = Family::ALL.iter().map(|family| family.as_str()).collect();
            usage(&format!(
                "--family: there is no `{word}` (allowed: {})",
                words.join(", ")
            ))
        })?),
    };
    let by = || By {
        tool: args.tool.clone().or_else(|| program(first)),
        family,
    };
    Ok(match kind {
        Kind::Check => {
            let (checking, lines) = of_command(first, lines, family)?;
            let mut draft = Draft::check(
                checking,
                &lines.iter().map(String::as_str).collect::<Vec<_>>(),
            );
            if let Some(tool) = &args.tool {
                draft.tool = Some(tool.clone());
            }
            draft
        }
        Kind::Metric => Draft::metric(lines, by(), true),
        Kind::Failure => Draft::failure(
            lines,
            By {
                tool: args.tool.clone(),
                family,
            },
        ),
        Kind::Ticket
        | Kind::Commit
        | Kind::Push
        | Kind::PullRequest
        | Kind::Branch
        | Kind::Environment => Draft::line(kind, "tool_output:Bash", lines),
        Kind::Command | Kind::Path => Draft::line(kind, "command", lines),
        Kind::Task | Kind::Request | Kind::Question | Kind::Instruction | Kind::Correction => {
            Draft::sentence(kind, "prompt", lines)
        }
        Kind::Plan | Kind::NextStep | Kind::Decision | Kind::Attempt | Kind::Claim => {
            Draft::sentence(kind, "assistant_text", lines)
        }
    })
}

/// The check that the commands are, and the commands as rules see them.
fn of_command(
    first: &str,
    lines: &[&str],
    family: Option<Family>,
) -> Result<(Checking, Vec<String>), Error> {
    let parsed = command::parse(typed(first));
    let mut told = parsed
        .iter()
        .filter_map(|simple| Some((simple, checking::checking(simple)?)));
    // Without a word that says it, the last command of the line is meant: those before it prepare it.
    let named = told.next_back().or_else(|| {
        let simple = parsed
            .iter()
            .rev()
            .find(|simple| !checking::only_shows(simple));
        simple.and_then(|simple| Some((simple, checking::by_name(simple)?)))
    });
    let Some((_, mut checking)) = named else {
        return Err(usage(&format!(
            "`{}` runs nothing that could be a check",
            safety::one_line(first, 60)
        )));
    };
    checking.family = family.unwrap_or(checking.family);
    let of_tool = |line: &str| checking::is(&checking, line);
    let seen = lines.iter().flat_map(|line| command::parse(typed(line)));
    let seen: Vec<String> = seen
        .map(|simple| simple.line())
        .filter(|line| of_tool(line))
        .collect();
    Ok((checking, seen))
}

/// The program that names itself at the head of its line, as in `quax: 12 fine`.
fn program(line: &str) -> Option<String> {
    let (head, _) = unprefixed(line).0.trim().split_once(':')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (head.starts_with(|c: char| c.is_ascii_lowercase()) && head.chars().all(plain))
        .then(|| head.to_owned())
}

/// The rule of that kind that finds the line already, if one does.
fn known(set: &RuleSet, draft: &Draft) -> Option<String> {
    let scope = RuleSet::scope(&draft.scope).ok()?;
    let mut known = None;
    let kinds = |kind| kind == draft.kind;
    set.scan_kinds(
        scope.scope,
        scope.tool.as_deref(),
        kinds,
        draft.fires.first()?,
        |hit| {
            known.get_or_insert_with(|| hit.rule.id.to_string());
        },
    );
    known
}

/// What to look at before the rule is pasted.
fn hints(draft: &Draft, args: &NewArgs) -> Vec<String> {
    let mut hints = Vec::new();
    let guessed = args.kind.is_none();
    if guessed {
        let word = draft.kind.as_str();
        let a = match word.starts_with(['a', 'e', 'i']) {
            true => "an",
            false => "a",
        };
        hints.push(format!(
            "taken for {a} {word}; if it is another, say --kind"
        ));
    }
    if draft.kind == Kind::Metric {
        if args.tool.is_none() {
            hints.push("`tool` is guessed: name the check that prints it with --tool".to_owned());
        }
        let counts = |name: &String| COUNTED.contains(&name.as_str());
        if draft.verdict.is_none() && !draft.captures.keys().any(counts) {
            hints.push(format!(
                "no group counts yet; rename those that should: {}",
                COUNTED.join(", ")
            ));
        }
    }
    hints
}
