//! `check`: whether a handoff says what its session's log holds.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use super::Host;
use super::tool::{Answer, Ask, fitting, named, wrong};
use crate::check::{self, Complaint, Options};
use crate::error::Error;
use crate::pipeline;
use crate::read;
use crate::rubric::{Slot, State, rubric};
use crate::safety::Gate;
use crate::score;

/// Characters of a complaint, and of what the log has.
const WIDTH: usize = 300;

/// What to check.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// The handoff, in Markdown.
    text: String,
    /// The session that it is about, as for `handoff`: then what its log holds and the handoff does not say is told too.
    session: Option<String>,
    /// The most tokens that it may take. Default: any number.
    budget: Option<u32>,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Told {
    ok: bool,
    /// In the order of its lines.
    complaints: Vec<Item>,
    complaints_in_all: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    slots: Option<Slots>,
}

/// Something to mend.
#[derive(Debug, Serialize)]
struct Item {
    line: u32,
    rule: &'static str,
    what: String,
    mend: &'static str,
}

/// How many of the things that a handoff of this kind of work says are said, are nothing the log knows, are missed.
#[derive(Debug, Serialize)]
struct Slots {
    work: &'static str,
    filled: usize,
    absent: usize,
    missed: usize,
}

impl Ask for Check {
    const NAME: &str = "check";
    const TITLE: &str = "Check a handoff";
    const DESCRIPTION: &str = "Whether a handoff is good: a state word and numbers, real paths and commands, a first \
        step, nothing generic; and, with a session, whether it says what the session's log holds for this kind of \
        work. Call it on a handoff that you wrote by hand before you leave it to the next session.";

    fn answer(self, host: &Host) -> Result<Answer, Error> {
        let settings = &host.settings;
        if self.text.trim().is_empty() {
            return Err(wrong("text: empty, so there is no handoff to check"));
        }
        let options = Options {
            budget: self.budget,
            tokenizer: settings.options.tokenizer,
        };
        let mut complaints = check::quality(&self.text, options);
        let mut gate = Gate::of(settings.options.redact.redactor());
        let mut slots = None;
        if let Some(session) = &self.session {
            let files = named(session, settings)?;
            let (session, _) = pipeline::load(&files, &read::Options::default())?;
            let ledger = pipeline::ledger(&session, &settings.rules);
            gate = pipeline::gate(&session, settings.options.redact);
            let work = score::work(&ledger)
                .first()
                .map_or_else(Default::default, |(work, _)| *work);
            let each = rubric(&self.text, &session, &ledger, work);
            complaints.extend(each.iter().filter_map(Slot::complaint));
            let count = |state| each.iter().filter(|slot| slot.state == state).count();
            slots = Some(Slots {
                work: work.word(),
                filled: count(State::Filled),
                absent: count(State::Absent),
                missed: count(State::Missed),
            });
        }
        complaints.sort();
        let items: Vec<Item> = complaints.iter().map(|one| item(one, &mut gate)).collect();
        Ok(Answer::data(&Told {
            ok: items.is_empty(),
            complaints_in_all: items.len(),
            complaints: fitting(items),
            slots,
        }))
    }
}

fn item(complaint: &Complaint, gate: &mut Gate) -> Item {
    Item {
        line: complaint.line,
        rule: complaint.rule,
        what: gate.line(&complaint.what, WIDTH),
        mend: complaint.mend,
    }
}
