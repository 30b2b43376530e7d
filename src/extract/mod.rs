//! Rules × session → findings, in the order of the timeline.
//!
//! Takes a session and a rule set; leaves to [`crate::ledger`] whether a
//! finding is still true. Events are read in parallel and collected in order.

mod checks;
pub mod command;
pub mod define;
mod evidence;
mod failures;
pub mod finding;
mod inline;
mod listing;
pub mod path;
mod runs;
mod shown;
pub mod words;

use crate::rules::{Counted, Hit, Kind, Rule, RuleSet, Scope};
use crate::safety::is_secret_source;
use crate::session::{Body, Event, Input, Notice, Origin, Outcome, Session, Via};
pub(crate) use checks::family_of;
use command::Simple;
use finding::{Environment, Fact, Finding, Git, Said, Saying, Ticket};
use runs::Answer;

/// Finds what the rules know in every live event of `session`.
pub fn extract(session: &Session, rules: &RuleSet) -> Vec<Finding> {
    extract_telling(session, rules).0
}

/// As [`extract`], with the rules that cost too much: of this session they searched the newest part alone.
pub fn extract_telling<'r>(session: &Session, rules: &'r RuleSet) -> (Vec<Finding>, Vec<&'r Rule>) {
    let (facts, costly) = rules.counted(&session.timeline, |rules, event| {
        if event.live {
            of_event(session, rules, event)
        } else {
            Vec::new()
        }
    });
    let facts = facts.into_iter().enumerate().flat_map(|(index, facts)| {
        let findings = facts.into_iter();
        findings.map(move |fact| Finding { event: index, fact })
    });
    (facts.collect(), costly)
}

fn of_event(session: &Session, rules: &mut Counted<'_>, event: &Event) -> Vec<Fact> {
    match &event.body {
        Body::Prompt(prompt)
            if prompt.text.origin == Origin::User
                && prompt.via != Via::Shell
                && !is_document(&prompt.via, &prompt.text.text) =>
        {
            let mut facts = said(rules, Scope::Prompt, &prompt.text.text);
            facts.extend(shown::shown(rules, &prompt.text.text).map(Fact::Shown));
            facts
        }
        Body::Say(text) if event.agent.is_none() => said(rules, Scope::AssistantText, &text.text),
        Body::Call(index) => {
            let call = &session.calls[*index];
            // A call that is never answered still ran.
            match (&call.input, &call.outcome) {
                (Input::Shell { command, .. }, Outcome::Missing) => {
                    let answer = Answer {
                        output: "",
                        outcome: &call.outcome,
                        exit: None,
                        status_unknown: false,
                    };
                    vec![Fact::Ran(runs::ran(rules, *index, command, answer))]
                }
                _ => Vec::new(),
            }
        }
        Body::Return(index) => of_return(session, rules, *index),
        Body::Notice(Notice::Background {
            call: Some(call),
            exit,
            text,
            ..
        }) => {
            let ended = Ended {
                exit: *exit,
                status_unknown: false,
            };
            background(session, rules, *call, ended, &text.text)
        }
        _ => Vec::new(),
    }
}

/// True for a pasted plan or document: its "always" and "never" are not standing rules of the user's.
fn is_document(via: &Via, text: &str) -> bool {
    const LONG: usize = 3_000;
    let headings = text.lines().filter(|line| line.starts_with('#')).count();
    *via == Via::Plan || text.len() > LONG || headings >= 3
}

fn of_return(session: &Session, rules: &mut Counted<'_>, index: usize) -> Vec<Fact> {
    let call = &session.calls[index];
    match &call.input {
        Input::Shell { command, .. } => {
            let mut facts = Vec::new();
            // What may hold secrets by where it comes from is never shown, so nothing is found in it.
            let output = if is_secret_source(command) {
                ""
            } else {
                &call.output.text
            };
            if matches!(call.outcome, Outcome::Refused | Outcome::Interrupted) {
                for simple in command::parse(command) {
                    facts.extend(checks::check(rules, &simple).map(|check| Fact::BrokenOff {
                        check: Box::new(check),
                        command: simple.text.clone(),
                    }));
                }
            }
            if !matches!(call.outcome, Outcome::Refused | Outcome::Cancelled) {
                let answer = Answer {
                    output,
                    outcome: &call.outcome,
                    exit: call.detail.exit.filter(|_| call.outcome == Outcome::Ok),
                    status_unknown: call.detail.status_unknown,
                };
                let ran = runs::ran(rules, index, command, answer);
                let parsed: Vec<&Simple> = ran.segments.iter().map(|one| &one.simple).collect();
                rules.scan_kinds(Scope::Command, None, is_environment, command, |hit| {
                    let found = prepared(&hit, Scope::Command, command);
                    facts.extend(found.map(Fact::Environment));
                });
                let mut tickets = Vec::new();
                if call.outcome == Outcome::Ok {
                    for simple in &parsed {
                        rules.scan_kinds(Scope::Command, None, is_ticket, &simple.line(), |hit| {
                            tickets.extend(ticket(&hit, &parsed));
                        });
                    }
                }
                let shown = Shown {
                    command,
                    parsed: &parsed,
                    outcome: &call.outcome,
                    output,
                };
                printed(rules, &shown, &mut facts, &mut tickets);
                facts.append(&mut tickets);
                facts.insert(0, Fact::Ran(ran));
            }
            facts
        }
        // The answer of a background command is fetched by its task.
        Input::Task { id, .. } => {
            let started = session.calls[..index].iter().rposition(
                |other| matches!(&other.outcome, Outcome::Background { task } if task == id),
            );
            let ended = Ended {
                exit: call.detail.exit,
                status_unknown: call.detail.status_unknown,
            };
            match started {
                Some(started) => background(session, rules, started, ended, &call.output.text),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// How a command that ran in the background ended.
struct Ended {
    exit: Option<i32>,
    /// True if it ended, and nothing tells how but what it printed.
    status_unknown: bool,
}

/// The end of a command that ran in the background.
fn background(
    session: &Session,
    rules: &mut Counted<'_>,
    started: usize,
    ended: Ended,
    output: &str,
) -> Vec<Fact> {
    let Some(call) = session.calls.get(started) else {
        return Vec::new();
    };
    match &call.input {
        Input::Shell { command, .. } if ended.exit.is_some() || ended.status_unknown => {
            // What is only known to have ended is read as an answer without a status.
            let outcome = match ended.exit {
                Some(_) => &call.outcome,
                None => &Outcome::Ok,
            };
            vec![Fact::Ran(runs::ran(
                rules,
                started,
                command,
                Answer {
                    output,
                    outcome,
                    exit: ended.exit,
                    status_unknown: ended.status_unknown,
                },
            ))]
        }
        _ => Vec::new(),
    }
}

/// The sentences that rules know. One sentence is one thing: the first rule that knows it says what.
fn said(rules: &mut Counted<'_>, scope: Scope, text: &str) -> Vec<Fact> {
    let mut facts: Vec<(usize, Said)> = Vec::new();
    let pasted = words::pasted(text);
    rules.scan(scope, None, text, |hit| {
        if pasted.get(hit.line) == Some(&true) {
            return;
        }
        let Some(kind) = saying(hit.rule.kind) else {
            return;
        };
        let what = hit.get("what").unwrap_or_else(|| hit.text()).trim();
        let what = match kind {
            Saying::Instruction => {
                let line = text.lines().nth(hit.line).unwrap_or_default();
                match words::in_its_case(line, what) {
                    Some(what) => what,
                    None => return,
                }
            }
            _ => what,
        };
        let known = facts.iter().any(|(at, said)| {
            said.what.contains(what) || (*at == hit.line && what.contains(&said.what))
        });
        if !known && what.chars().count() >= 8 {
            let said = Said {
                rule: hit.rule.id.to_string(),
                kind,
                what: what.to_owned(),
                weight: hit.rule.weight,
            };
            facts.push((hit.line, said));
        }
    });
    facts
        .into_iter()
        .map(|(_, said)| Fact::Said(said))
        .collect()
}

fn saying(kind: Kind) -> Option<Saying> {
    Some(match kind {
        Kind::Instruction => Saying::Instruction,
        Kind::Correction => Saying::Correction,
        Kind::Decision => Saying::Decision,
        Kind::Task => Saying::Target,
        Kind::Attempt => Saying::Attempt,
        Kind::NextStep | Kind::Plan => Saying::NextStep,
        Kind::Claim => Saying::Claim,
        Kind::Question => Saying::Question,
        _ => return None,
    })
}

/// Programs whose output tells of the repository: the same lines in a log or a document are no commit.
fn tells_of_git(simple: &Simple) -> bool {
    matches!(simple.program(), "git" | "gh" | "hub" | "jj" | "gt")
}

fn is_environment(kind: Kind) -> bool {
    kind == Kind::Environment
}

fn is_ticket(kind: Kind) -> bool {
    kind == Kind::Ticket
}

/// A command, and what it printed.
struct Shown<'a> {
    command: &'a str,
    parsed: &'a [&'a Simple],
    outcome: &'a Outcome,
    output: &'a str,
}

/// What a command's output tells beside checks and failures: of the environment, the repository, and a tracker's items.
fn printed(
    rules: &mut Counted<'_>,
    shown: &Shown<'_>,
    facts: &mut Vec<Fact>,
    tickets: &mut Vec<Fact>,
) {
    let of_git = shown.parsed.iter().any(|simple| tells_of_git(simple));
    let listed = of_git
        .then(|| listing::listed(shown.command, shown.outcome, shown.output))
        .flatten();
    // What was listed before a commit of the same line was made does not stand any more.
    let behind = listed.as_ref().is_some_and(|(_, behind)| *behind);
    let listed = listed.map(|(git, _)| Fact::Git(git));
    let (before, after) = if behind {
        (None, listed)
    } else {
        (listed, None)
    };
    let mut git: Vec<Fact> = before.into_iter().collect();
    let committing = ["commit", "merge", "cherry-pick", "rebase", "revert", "am"]
        .iter()
        .any(|word| shown.command.contains(word));
    let kinds = |kind| match kind {
        Kind::Environment | Kind::Ticket => true,
        Kind::Commit | Kind::Push | Kind::PullRequest | Kind::Branch => of_git,
        _ => false,
    };
    // All in one go over the output, which may be long.
    let (scope, tool) = (Scope::ToolOutput, Some("Bash"));
    rules.scan_kinds(scope, tool, kinds, shown.output, |hit| {
        match hit.rule.kind {
            Kind::Environment => {
                facts.extend(prepared(&hit, scope, shown.output).map(Fact::Environment));
            }
            Kind::Ticket => tickets.extend(ticket(&hit, shown.parsed)),
            _ => git.extend(of_repository(&hit, committing).into_iter().map(Fact::Git)),
        }
    });
    git.extend(after);
    facts.append(&mut git);
}

/// What a line about the repository tells.
fn of_repository(hit: &Hit<'_, '_>, committing: bool) -> Vec<Git> {
    let text = |name| hit.get(name).map(str::to_owned);
    let number = |name| hit.get(name).and_then(|text| text.parse().ok());
    let found = match hit.rule.kind {
        Kind::Commit if committing => {
            let commit = text("hash").map(|hash| Git::Commit {
                hash,
                branch: text("branch"),
                subject: hit.get("subject").unwrap_or("").trim().to_owned(),
            });
            let totals = number("files").map(|files| Git::Totals {
                files,
                added: number("added").unwrap_or(0),
                removed: number("removed").unwrap_or(0),
            });
            return commit.into_iter().chain(totals).collect();
        }
        Kind::Push => text("branch")
            .or_else(|| text("to"))
            .map(|branch| Git::Push {
                branch,
                head: text("to"),
            }),
        Kind::PullRequest => text("url").map(|url| Git::PullRequest { url }),
        Kind::Branch => {
            let name = text("branch").or_else(|| text("name"));
            let rebased = hit
                .get("what")
                .is_some_and(|what| what.starts_with("Successfully rebased"));
            let rebased = rebased.then(|| Git::Rebased {
                branch: name.clone(),
                commits: rebasing(hit.text()),
            });
            let branch = name.map(|name| Git::Branch { name });
            return rebased.into_iter().chain(branch).collect();
        }
        _ => None,
    };
    found.into_iter().collect()
}

/// How many commits a rebase counts: `Rebasing (1/2)`.
fn rebasing(line: &str) -> Option<usize> {
    let (_, counted) = line.rsplit_once("Rebasing (")?;
    counted.split_once(')')?.0.split_once('/')?.1.parse().ok()
}

/// The item of a tracker that a command changed or showed. What programs of other names print is no word of a tracker.
fn ticket(hit: &Hit<'_, '_>, parsed: &[&Simple]) -> Option<Fact> {
    let of_tool = hit.rule.tool.as_deref();
    if of_tool.is_some_and(|tool| parsed.iter().all(|simple| simple.program() != tool)) {
        return None;
    }
    let text = |name| hit.get(name).map(|text| text.trim().to_owned());
    Some(Fact::Ticket(Ticket {
        id: text("id").or_else(|| text("id2"))?,
        subject: text("subject"),
        status: text("status"),
    }))
}

fn prepared(hit: &Hit<'_, '_>, scope: Scope, text: &str) -> Option<Environment> {
    if let (Some(tool), Some(version)) = (hit.get("tool"), hit.get("version")) {
        return Some(Environment::Version {
            tool: tool.to_owned(),
            version: version.to_owned(),
        });
    }
    if let Some(address) = hit.get("url").or_else(|| hit.get("port")) {
        return Some(Environment::Server(address.to_owned()));
    }
    if scope == Scope::Command && hit.get("venv").is_some() {
        return Some(Environment::Setup(
            text.lines().next().unwrap_or("").to_owned(),
        ));
    }
    hit.get("name")
        .map(|name| Environment::Variable(name.to_owned()))
}
