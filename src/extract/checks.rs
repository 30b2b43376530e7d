//! Which check a command is, what a runner ran for it, and which failures and summaries are its own.

use std::borrow::Cow;

use super::command::{self, Simple};
use super::finding::{CheckHit, Class, Counts, Face, Family, Segment, Verdict};
use super::inline::is_still;
use crate::rules::{Counted, Hit, Kind, Scope};

/// The check that a hit in the output belongs to: the one of its tool, else the last one of its family.
pub(super) fn owner(segments: &[Segment], hit: &Hit<'_, '_>) -> Option<usize> {
    let checks = || {
        segments
            .iter()
            .enumerate()
            .filter_map(|(index, segment)| Some((index, segment.check.as_ref()?)))
    };
    let tool = hit.tool();
    let family = hit
        .rule
        .family
        .or_else(|| hit.rule.class.and_then(family_of));
    checks()
        .find(|(_, check)| tool.as_deref().is_some_and(|tool| tool == check.tool))
        .or_else(|| {
            checks().rfind(|(_, check)| family.is_some_and(|family| family == check.family))
        })
        // A test run compiles, a build type-checks: what stops them is theirs, if no other check is there. A program that
        // breaks down while it runs was not being built or read.
        .or_else(|| {
            let broke = matches!(hit.rule.class, Some(Class::Panic | Class::Exception));
            checks().rfind(|(_, check)| !broke || !is_still(check.family))
        })
        .map(|(index, _)| index)
}

pub(crate) fn family_of(class: Class) -> Option<Family> {
    Some(match class {
        Class::Test | Class::Panic | Class::Exception => Family::Test,
        Class::Compile | Class::Linker | Class::Import => Family::Build,
        Class::Type => Family::Types,
        Class::Lint => Family::Lint,
        Class::Format => Family::Format,
        Class::Ci => Family::Ci,
        _ => return None,
    })
}

/// The check that `simple` is.
pub(super) fn check(rules: &mut Counted<'_>, simple: &Simple) -> Option<CheckHit> {
    const TOLD: &[&str] = &["--help", "-h", "--version", "help", "version"];
    // A tool that is asked how it is used checks nothing.
    let second = simple.words.get(1).map_or("", String::as_str);
    let last = simple.words.last().map_or("", String::as_str);
    if TOLD.contains(&second) || (TOLD[..3].contains(&last) && simple.words.len() > 1) {
        return None;
    }
    let line = simple.line();
    let mut found: Option<CheckHit> = None;
    let checks = |kind| kind == Kind::Check;
    rules.scan_kinds(Scope::Command, None, checks, &line, |hit| {
        if found.is_some() {
            return;
        }
        let Some(family) = hit.rule.family else {
            return;
        };
        let tool = hit
            .tool()
            .map_or_else(|| simple.program().to_owned(), Cow::into_owned);
        found = Some(CheckHit {
            rule: hit.rule.id.to_string(),
            tool,
            family,
            target: hit.get("target").unwrap_or("").trim().to_owned(),
            through: Vec::new(),
            verdict: Verdict::Unknown,
            counts: Counts::default(),
            failures: Vec::new(),
            summary: None,
            waits: false,
            searched: false,
        });
    });
    found
}

/// What a runner says it ran for `of`: `[test:ci] $ go test ./...` by mise, `$ jest` by yarn and bun, `> vitest run` by
/// npm. The first of its own family is what it is. Those of other families, as a type check behind a linter, it ran too, if
/// it is `alone` in its line.
pub(super) fn through(
    rules: &mut Counted<'_>,
    of: &CheckHit,
    alone: bool,
    output: &str,
) -> Vec<Face> {
    const LINES: usize = 400;
    let task = of.target.split(' ').next().unwrap_or("");
    let told = output
        .lines()
        .take(LINES)
        .chain(output.lines().rev().take(LINES))
        .filter_map(|line| match line.split_once("$ ") {
            Some(("", command)) => Some(command),
            Some((name, command)) => {
                let name = name.trim().strip_prefix('[')?.strip_suffix(']')?;
                (of.tool.starts_with("mise") && named(name, &of.tool, task)).then_some(command)
            }
            None => line.strip_prefix("> "),
        })
        // A runner cuts long commands short: what they were run on is not known.
        .filter(|command| !command.ends_with('…'));
    let mut faces: Vec<Face> = Vec::new();
    for command in told {
        let parsed = command::parse(command);
        let mut found = false;
        for inner in parsed.iter().filter_map(|simple| check(rules, simple)) {
            let own = inner.family == of.family;
            let known = faces.iter().any(|face| match own {
                true => face.family == of.family,
                false => face.tool == inner.tool && face.target == inner.target,
            });
            // What follows another check of its family in the same line is not what the task is.
            if !(known || own && found) && (own || alone) && inner.tool != of.tool {
                faces.push(Face {
                    tool: inner.tool,
                    family: inner.family,
                    target: inner.target,
                });
            }
            found = true;
        }
    }
    faces
}

/// True if `name` is the task that `tool` and the first word of its target name: `test:ci` of `mise run test` and `:ci`.
fn named(name: &str, tool: &str, task: &str) -> bool {
    let head = tool.rsplit(' ').next().unwrap_or(tool);
    match name.strip_prefix(head) {
        Some(rest) => rest == if task.starts_with(':') { task } else { "" },
        None => false,
    }
}
