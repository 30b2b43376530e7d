//! What the agent asked of its tools, and what the user refused.

use super::super::{Attempt, Cite, attempts::Tried};
use super::text::brought;
use super::{Replay, head};
use crate::extract::define::definitions;
use crate::session::{Event, Input, Outcome, ToolCall};

impl<'s> Replay<'s> {
    pub(super) fn requested(&mut self, call: &'s ToolCall, event: &'s Event, main: bool) {
        if !main {
            return;
        }
        self.acted = Some(call.turn);
        self.only_read &= matches!(call.input, Input::Read { .. });
        let path = self.file_of(&call.input);
        // What was refused, or could not be put in, is in no file.
        let edits = matches!(call.input, Input::Edit { .. } | Input::Write { .. });
        if edits && matches!(call.outcome, Outcome::Refused | Outcome::Error { .. }) {
            return;
        }
        let mut texts: Vec<&str> = Vec::new();
        match &call.input {
            Input::Shell {
                command,
                description,
                ..
            } => {
                texts.push(command);
                texts.extend(description.as_deref());
            }
            Input::Edit { hunks, .. } => {
                // What the edit took out is in use no more; what it left as it was it did not bring.
                let pairs = hunks
                    .iter()
                    .map(|(old, new)| (old.text.as_str(), new.text.as_str()));
                let lines: Vec<&str> = pairs
                    .clone()
                    .flat_map(|(old, new)| brought(old, new))
                    .collect();
                let whole: Vec<&str> = pairs.map(|(_, new)| head(new)).collect();
                return self
                    .names
                    .wrote(&lines, lines.len(), &whole, path.as_deref(), event);
            }
            Input::Write { content, .. } => {
                let content = head(&content.text);
                let mut texts: Vec<&str> = definitions(content)
                    .into_iter()
                    .map(|(_, line)| line)
                    .collect();
                let lines = texts.len();
                texts.push(content);
                return self.names.wrote(&texts, lines, &[], path.as_deref(), event);
            }
            Input::Search { pattern, .. } => texts.push(pattern),
            Input::Agent {
                description,
                prompt,
                ..
            } => {
                texts.push(description);
                texts.push(&prompt.text);
            }
            Input::Todos(todos) => texts.extend(todos.iter().map(|todo| todo.content.as_str())),
            Input::TaskCreate {
                subject,
                description,
            } => {
                texts.push(subject);
                texts.push(description);
            }
            Input::Plan(text) => texts.push(&text.text),
            Input::Web(what) | Input::Other(what) => texts.push(what),
            _ => {}
        }
        let heads: Vec<&str> = texts.into_iter().map(head).collect();
        self.names.said(&heads, path.as_deref(), event);
    }

    pub(super) fn file_of(&self, input: &Input) -> Option<String> {
        match input {
            Input::Read { path } | Input::Edit { path, .. } | Input::Write { path, .. } => {
                Some(self.paths.show(path))
            }
            Input::Search { path, .. } => path.as_deref().map(|path| self.paths.show(path)),
            _ => None,
        }
    }

    pub(super) fn refused(&mut self, call: usize, reason: &str, cite: &Cite) {
        let Some(call) = self.session.calls.get(call) else {
            return;
        };
        let what = match &call.input {
            Input::Plan(_) => "plan".to_owned(),
            Input::Shell { command, .. } => command.lines().next().unwrap_or("").to_owned(),
            input => self.file_of(input).map_or_else(
                || call.name.to_string(),
                |path| format!("{} {path}", call.name),
            ),
        };
        self.ledger.attempts.push(Attempt {
            tried: Tried::Refused {
                what,
                reason: reason.to_owned(),
            },
            cites: vec![cite.clone()],
        });
    }

    pub(super) fn forget_plan(&mut self, call: usize) {
        if let Some(call) = self.session.calls.get(call)
            && matches!(call.input, Input::Plan(_))
        {
            self.ledger.plan = None;
        }
    }
}
