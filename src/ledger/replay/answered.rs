//! What the tools answered: files, tasks, plans, background work.

use std::borrow::Cow;

use super::super::Cite;
use super::super::files::Touch;
use super::super::state::{Background, Plan, PlanAnswer, Web};
use super::text::{define, gone, note_line, patched, unnumbered};
use super::{Edited, Replay, head};
use crate::extract::command::parse;
use crate::extract::path::{Class, is_equipment};
use crate::extract::words::identifiers;
use crate::safety::is_secret_source;
use crate::session::{Event, Input, Outcome, ToolCall};

impl<'s> Replay<'s> {
    pub(super) fn returned(
        &mut self,
        index: usize,
        call: &'s ToolCall,
        event: &'s Event,
        main: bool,
    ) {
        let cite = &Cite::of(event);
        // What was too long to be shown to the agent is nothing that it worked with, nor is what a subagent looked at.
        if main && call.output.text.len() <= SHOWN_TO_AGENT && !is_secret(call) {
            let shown = head(&call.output.text);
            match &call.input {
                // A skill that was read names what it is about, not the work.
                Input::Read { path } if is_equipment(path) => {}
                Input::Read { path } => {
                    let file = self.paths.show(path);
                    let lines: Vec<&str> = shown.lines().map(unnumbered).collect();
                    self.names.read(&lines, &file, event);
                }
                // An edit's answer repeats what stands around it.
                Input::Edit { .. } | Input::Write { .. } => {}
                _ => self.names.shown(shown, event),
            }
        }
        match &call.outcome {
            Outcome::Background { task } => {
                let what = match &call.input {
                    Input::Shell { command, .. } => command.clone(),
                    Input::Agent { description, .. } => description.clone(),
                    _ => call.name.to_string(),
                };
                self.ledger.background.push(Background {
                    id: task.clone(),
                    what,
                    cite: cite.clone(),
                });
            }
            Outcome::Ok => {}
            // A list that is gone, as after a restart, takes no mark; the agent says all the same that it is done.
            Outcome::Error { .. } if main && call.output.text.contains("Task not found") => {
                if let Input::TaskUpdate { id, status, .. } = &call.input
                    && status.as_deref() == Some("completed")
                {
                    self.tasks
                        .update(call.agent, id, status.as_deref(), None, &[], cite);
                }
                return;
            }
            Outcome::Refused => {
                self.forget_plan(index);
                return;
            }
            _ => return,
        }
        let request = Cite::of_call(call);
        // What has no name is no file.
        if let Input::Read { path } | Input::Edit { path, .. } | Input::Write { path, .. } =
            &call.input
            && path.chars().all(|c| "/\\ ".contains(c))
        {
            return;
        }
        match &call.input {
            Input::Read { path } if main => {
                let path = self.paths.show(path);
                self.files.touch(path, Touch::Read, &request, main);
            }
            Input::Edit { path, hunks } => {
                let lines = call.detail.lines.unwrap_or_else(|| patched(hunks));
                let shown = self.paths.show(path);
                let file = self.files.touch(
                    shown.clone(),
                    Touch::Edit {
                        added: lines.0,
                        removed: lines.1,
                    },
                    &request,
                    main,
                );
                for (old, new) in hunks {
                    define(file, &old.text, &new.text, false, &request);
                }
                for (old, new) in hunks {
                    self.took_out(&shown, &old.text, &new.text);
                }
                self.edited(shown, &request, Some(index));
            }
            Input::Write { path, content } => {
                let shown = self.paths.show(path);
                let known = self.files.is_known(&shown);
                let added = u32::try_from(content.text.lines().count()).unwrap_or(u32::MAX);
                let created = call.detail.created.unwrap_or(!known);
                let touch = if created {
                    Touch::Create { added }
                } else {
                    Touch::Edit { added, removed: 0 }
                };
                let file = self.files.touch(shown.clone(), touch, &request, main);
                let before = if created {
                    Cow::Borrowed("")
                } else {
                    before(&self.session.calls[..index], path)
                };
                define(file, &before, &content.text, !created, &request);
                self.names.rewritten(&shown, &content.text);
                self.edited(shown, &request, None);
            }
            Input::Search { path, .. } if main => {
                self.found(path.as_deref(), &call.output.text, &request, event)
            }
            Input::Shell { command, .. } if main && searches(command) => {
                self.found(None, &call.output.text, &request, event);
            }
            Input::Todos(todos) if main => {
                let listed = self.tasks.listed_at();
                let new_job = listed.is_some_and(|cite| self.ledger.asked_since(cite));
                self.tasks.replace(todos, new_job, &request);
            }
            Input::TaskCreate {
                subject,
                description,
            } if main => {
                self.tasks.create(
                    call.agent,
                    call.detail.task.as_deref(),
                    subject,
                    description,
                    &request,
                );
            }
            Input::TaskUpdate {
                id,
                status,
                subject,
                blocked_by,
            } => {
                self.tasks.update(
                    call.agent,
                    id,
                    status.as_deref(),
                    subject.as_deref(),
                    blocked_by,
                    &request,
                );
            }
            Input::Plan(text) if main => {
                self.ledger.plan = Some(Plan {
                    text: text.text.clone(),
                    answer: PlanAnswer::Accepted,
                    cite: request,
                });
            }
            // A command says its exit code when it ends; an agent says its report.
            // Of one that ran in a script it is only said that the script ended.
            Input::Task { id, .. }
                if call.detail.exit.is_some()
                    || call.detail.status_unknown
                    || self.reported(id, call) =>
            {
                self.ledger.background.retain(|known| known.id != *id);
            }
            Input::Task { id, stop: true } => {
                self.ledger.background.retain(|known| known.id != *id)
            }
            Input::Web(what) => self.ledger.web.push(Web {
                what: what.clone(),
                cite: request,
            }),
            _ => {}
        }
        if main && !call.detail.tasks.is_empty() {
            self.tasks.listed(call.agent, &call.detail.tasks, cite);
        }
    }

    /// What an edit took out of a file is in use no more: lines, names, variables.
    fn took_out(&mut self, file: &str, old: &str, new: &str) {
        let gone = gone(old, new);
        self.names.forget_lines(&gone);
        let names: Vec<&str> = gone
            .iter()
            .flat_map(|line| identifiers(line))
            .filter(|name| !new.contains(*name))
            .collect();
        self.names.left(&names, file);
        self.ledger
            .variables
            .retain(|(name, _)| !names.contains(&name.as_str()));
    }

    /// Lines that a search shows: `path:12:text`, or `12:text` where one file was searched.
    fn found(&mut self, path: Option<&str>, output: &str, cite: &Cite, event: &'s Event) {
        let mut shown = Vec::new();
        for line in output.lines().take(200) {
            let (found, text) = match shown_by_search(line) {
                Some((Some(file), text)) => (self.paths.show(file), text),
                Some((None, text)) => match path {
                    Some(path) => (self.paths.show(path), text),
                    None => continue,
                },
                None => continue,
            };
            // Words with a stroke among them are no path.
            if text.is_none() && found.contains(' ') {
                continue;
            }
            if let Some(text) = text {
                self.names.stand_in(identifiers(text), &found, event);
                if let Some(file) = self.files.get_mut(&found) {
                    note_line(&mut file.seen, text.trim(), cite);
                }
            }
            if text.is_none() || shown.last() != Some(&found) {
                shown.push(found);
            }
        }
        self.searches.showed(shown, cite);
    }

    /// True if the background task `id` is an agent, and its report is in the answer of `call`.
    fn reported(&self, id: &str, call: &ToolCall) -> bool {
        !call.output.text.trim().is_empty()
            && self.session.calls.iter().any(|started| {
                matches!(&started.outcome, Outcome::Background { task } if task == id)
                    && matches!(started.input, Input::Agent { .. })
            })
    }

    /// Counts an edit to the file at `path`, by the replacements of `call` if there are any.
    pub(super) fn edited(&mut self, path: String, cite: &Cite, call: Option<usize>) {
        let class = self
            .files
            .get(&path)
            .map_or(Class::Other, |file| file.class);
        if matches!(
            class,
            Class::Code | Class::Test | Class::Config | Class::Infra
        ) {
            // Who edits goes on, whatever lies aside.
            self.stashed = false;
            self.ledger.edits += 1;
            self.edited.push(Edited {
                path: path.clone(),
                cite: cite.clone(),
                call,
            });
            if !self.since_check.contains(&path) {
                self.since_check.push(path);
            }
        }
    }
}

/// The file and the text that a line of a search shows: `path:12:text`, `12:text`, or the path alone. The lines around a
/// hit, as `path-12-text`, are no names of files.
fn shown_by_search(line: &str) -> Option<(Option<&str>, Option<&str>)> {
    // Tools that draw frames stand before what they show.
    let line = line
        .trim_start_matches(|c: char| c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(&c));
    // The colon of a drive ends no path.
    let drive = match line.as_bytes() {
        [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic() => 2,
        _ => 0,
    };
    let mut parts = line[drive..].splitn(3, ':');
    let file = parts.next().map(|file| &line[..drive + file.len()]);
    match (file, parts.next(), parts.next()) {
        (Some(file), Some(number), Some(text)) if is_number(number) => {
            Some((Some(file), Some(text)))
        }
        (Some(number), Some(_), _) if is_number(number) => {
            Some((None, Some(&line[number.len() + 1..])))
        }
        // A list of the files alone.
        (Some(file), None, None)
            if file.contains(['/', '\\'])
                && (!file.contains(' ') || file.starts_with('/') || drive > 0) =>
        {
            (!is_beside_a_hit(file)).then_some((Some(file), None))
        }
        _ => None,
    }
}

/// True for `path-12-` and what may follow.
fn is_beside_a_hit(line: &str) -> bool {
    // Whether the part of the path so far has a dot.
    let mut dotted = false;
    line.bytes().enumerate().any(|(at, byte)| {
        match byte {
            b'/' => dotted = false,
            b'.' => dotted = true,
            b'-' if dotted => {
                let mut rest = line.bytes().skip(at + 1).peekable();
                let number = rest.next_if(u8::is_ascii_digit).is_some();
                return number && rest.find(|byte| !byte.is_ascii_digit()) == Some(b'-');
            }
            _ => {}
        }
        false
    })
}

/// True for a command that searches in files, not in what another command printed.
fn searches(command: &str) -> bool {
    const LISTS: &[&str] = &[
        "find", "fd", "ls", "git", "grep", "egrep", "rg", "cat", "xargs",
    ];
    let is_search = |program: &str| matches!(program, "grep" | "rg" | "egrep");
    let named = command
        .split(|c: char| c.is_whitespace() || "|&;(".contains(c))
        .any(is_search);
    // Where the pipe begins that a command stands in.
    let mut begins = "";
    named
        && parse(command).iter().any(|simple| {
            if !simple.piped_into {
                begins = LISTS
                    .iter()
                    .find(|lists| **lists == simple.program())
                    .copied()
                    .unwrap_or_default();
            }
            is_search(simple.program()) && (!simple.piped_into || !begins.is_empty())
        })
}

/// Bytes of a tool's output that the program passes on whole; of more, the agent saw a preview.
const SHOWN_TO_AGENT: usize = 30_000;

/// True if the answer of `call` may hold secrets by where it comes from: none of it is ever shown.
fn is_secret(call: &ToolCall) -> bool {
    match &call.input {
        Input::Shell { command, .. } => is_secret_source(command),
        Input::Read { path }
        | Input::Search {
            path: Some(path), ..
        } => is_secret_source(path),
        _ => false,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What stood in the file at `path` when it was written anew, as far as the last of `calls` that read or wrote it shows.
fn before<'s>(calls: &'s [ToolCall], path: &str) -> Cow<'s, str> {
    const BACK: usize = 400;
    let went_well = |call: &&ToolCall| call.outcome == Outcome::Ok;
    let mut calls = calls.iter().rev().take(BACK).filter(went_well);
    let found = calls.find_map(|call| match &call.input {
        Input::Write { path: of, content } if &**of == path => Some(Cow::Borrowed(&*content.text)),
        Input::Read { path: of } if &**of == path => {
            let lines: Vec<&str> = head(&call.output.text).lines().map(unnumbered).collect();
            Some(Cow::Owned(lines.join("\n")))
        }
        _ => None,
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::shown_by_search;

    #[test]
    fn a_search_shows_hits_and_files_and_not_what_stands_around_them() {
        for (line, shown) in [
            (
                "src/a.go:12:func A() {",
                Some((Some("src/a.go"), Some("func A() {"))),
            ),
            ("12:func A() {", Some((None, Some("func A() {")))),
            ("src/a.go", Some((Some("src/a.go"), None))),
            (
                "docs/2026-02-03-plan.md",
                Some((Some("docs/2026-02-03-plan.md"), None)),
            ),
            ("src/a_test.go-380-", None),
            ("src/a_test.go-381-\tfoo", None),
            (
                "┃       lib/a.ex:10:9 #(A)",
                Some((Some("lib/a.ex"), Some("9 #(A)"))),
            ),
            ("--", None),
        ] {
            assert_eq!(shown_by_search(line), shown, "{line}");
        }
    }
}
