//! What is to be reached and what proves it; the first step, and what comes after it.

use super::Room;
use super::asked::is_routine;
use super::environment::pull_requests;
use super::files::is_plumbing;
use super::focus::unmarked;
use super::item::{Item, Kind, Line, PINNED, Part, Trust};
use super::state::{StateWord, decisive, in_numbers, is_only_built, shown, shown_by_user};
use super::title::is_open;
use crate::extract::finding::{Family, Verdict};
use crate::extract::path::Class;
use crate::extract::words::counted;
use crate::ledger::{Check, Cite, Command, FileState, Ledger, PlanAnswer, Request, Status, Task};
use crate::session::{End, Input, ToolCall, Via};

/// Said of work at whose end nothing waits.
const CLOSED: &str = "nothing open as far as the log shows";

/// Characters of a command from which it is not written out a second time.
const LONG_COMMAND: usize = 40;

impl Room<'_> {
    /// What is to be reached, what proves it, and the steps to it in their order.
    pub(super) fn outcome(&mut self, state: StateWord, goal: &str) {
        const STEPS: usize = 3;
        let ledger = self.ledger;
        let answered = ledger
            .requests
            .last()
            .is_none_or(|request| request.answered);
        let over = answered && ledger.end == End::Finished;
        let goal = match goal {
            "" if over && !self.next_up().is_empty() => "the next steps, if the user wants them",
            "" if over => CLOSED,
            "" => "the last request done",
            goal => goal,
        };
        let mut line = Line::new().own(goal);
        let mut steps: Vec<Line> = self.awaited().into_iter().collect();
        if steps.is_empty() {
            steps.extend(self.under_way());
        }
        let request = ledger.last_requests().first();
        if let Some(request) =
            request.filter(|_| state == StateWord::Green && steps.is_empty() && is_open(ledger))
        {
            let step = Line::new().own("go on with the last request");
            steps.push(step.cite(&request.cite));
        }
        // What is proved and at rest needs no second look, if something else is left to do.
        let rests = state == StateWord::Green && !is_open(ledger) && steps.is_empty();
        let left = match rests {
            true => self.left(),
            false => Vec::new(),
        };
        // In the middle of a task, what proves it comes behind what is left of it.
        let at_it = state == StateWord::Unverified
            && steps.is_empty()
            && !matches!(ledger.end, End::Finished | End::Asked);
        let begun = task_to_begin(ledger).filter(|_| at_it);
        if let Some((mark, task)) = begun.and_then(|task| Some((task.mark()?, task))) {
            let mark = self.gate.verbatim(&mark, 30);
            let line = Line::new().own("go on with task ").code(mark);
            steps.push(line.cite(&task.last));
        }
        let leads = steps.is_empty() && left.is_empty();
        match self.proof(state, leads) {
            Some(proof) if !left.is_empty() => line = line.own(": ").then(proof),
            proof => steps.extend(proof),
        }
        steps.extend(left);
        let named = steps.is_empty();
        // Where nothing is open, nothing is to be read again.
        let closed = goal == CLOSED;
        steps.extend(self.begun().filter(|_| named && !closed));
        // By its number, for its words are the agent's and stand among the key areas.
        let told = (rests || at_it) && task_to_begin(ledger).is_some();
        let next = open_task(ledger).filter(|_| !named && !told && ledger.end != End::Asked);
        let next = next.and_then(Task::mark);
        let documents = needs_no_proof(ledger) && ledger.end == End::Finished;
        if let Some(mark) = next {
            let mark = self.gate.verbatim(&mark, 30);
            steps.push(Line::new().own("task ").code(mark));
        } else if documents && open_task(ledger).is_none() {
            steps.extend(to_commit(ledger));
        }
        for (index, step) in steps.into_iter().take(STEPS).enumerate() {
            let lead = if index == 0 {
                "; first step: "
            } else {
                "; then "
            };
            line = line.own(lead).then(step);
        }
        self.add(Item::new(
            Part::Outcome,
            Kind::Target,
            Trust::Observed,
            "",
            0.0,
            line.piece(PINNED + 450.0),
        ));
    }

    /// What waits for the user's word.
    fn awaited(&mut self) -> Option<Line> {
        let ledger = self.ledger;
        if ledger.end == End::Asked {
            return Some(Line::new().own("the agent's question wants an answer"));
        }
        let plan = ledger.plan.as_ref()?;
        let heading = self.words(plan.heading(), 80);
        let line = Line::new();
        match plan.answer {
            PlanAnswer::Refused if ledger.end == End::Finished => None,
            PlanAnswer::Accepted => None,
            PlanAnswer::Waiting => Some(line.own("the user's word on ").quote(heading)),
            PlanAnswer::Refused => Some(
                line.own("ask what the user wants changed in ")
                    .quote(heading),
            ),
        }
    }

    /// The command that shows where things stand, and what it is to say; whether it `leads` the steps.
    fn proof(&mut self, state: StateWord, leads: bool) -> Option<Line> {
        let ledger = self.ledger;
        let open = state == StateWord::Unverified;
        let by_user = shown_by_user(ledger).filter(|failure| open && !failure.command.is_empty());
        if let Some(failure) = by_user {
            let command = self.gate.verbatim(&failure.command, 240);
            let line = Line::new().code(command);
            return Some(line.own(", expect: passes when done").cite(&failure.last));
        }
        if let Some(command) = runs_what_was_edited(ledger).filter(|_| open) {
            let text = self.gate.verbatim(&command.text, 240);
            let line = Line::new().code(text);
            return Some(
                line.own(", which runs what was edited last")
                    .cite(&command.last),
            );
        }
        if open
            && is_only_built(ledger)
            && let Some(file) =
                last_file(ledger, |file| file.edits > 0 && file.class == Class::Test)
        {
            let path = self.path(&file.path);
            let line = Line::new().own("the tests in ").code(path);
            return Some(line.own(", which were not run").cite(&file.last));
        }
        let runs = still_running(ledger);
        let runs = runs.filter(|_| state != StateWord::Red && ledger.edits_since_check == 0);
        let check = runs.or_else(|| decisive(ledger, state))?;
        let command = self.gate.verbatim(&check.command, 240);
        // What it said last is what shows that nothing broke since.
        let numbers = in_numbers(&check.last().counts);
        let expect = match check.last().verdict {
            _ if runs.is_some() => "all of it passed".to_owned(),
            Verdict::Red => match ledger.edits_since(check.last()) {
                0 => "fails as above, passes when done".to_owned(),
                edits => format!("passes if the {} since mended it", counted(edits, "edit")),
            },
            _ if numbers.is_empty() => "passes".to_owned(),
            _ => numbers,
        };
        // A long command stands among the checks already; the first step is told whole.
        let told = shown(ledger).first().is_some_and(|first| {
            first.command == check.command && command.chars().count() > LONG_COMMAND
        });
        let told = told && !leads;
        // A pipeline that failed never passes; the next one does.
        if check.family == Family::Ci && check.last().verdict == Verdict::Red {
            let watch = match check.tool.starts_with("glab") {
                true => "glab ci status",
                false => "gh run watch",
            };
            let line = Line::new()
                .own("push the mend; ")
                .code(self.gate.verbatim(watch, 40));
            let line = line.own(", expect: the next pipeline passes");
            return Some(line.cite(&check.last().cite));
        }
        let line = match told {
            true => Line::new().own("the first check above"),
            false => Line::new().code(command),
        };
        let line = line.own(", expect: ").own(expect);
        Some(line.cite(&check.last().cite))
    }

    /// What is left to do where the work is proved: the next task, a check that the user broke off, one that the last edits
    /// outran, what is to be committed or pushed.
    fn left(&mut self) -> Vec<Line> {
        let ledger = self.ledger;
        let mut left = Vec::new();
        if let Some(task) = task_to_begin(ledger) {
            let line = Line::new().own("task ");
            let line = match task.mark() {
                Some(mark) => line.code(self.gate.verbatim(&mark, 30)),
                None => line.quote(self.words(&task.subject, 120)),
            };
            left.push(line.cite(&task.last));
        }
        if let Some(off) = ledger.broken_off.last() {
            let command = self.gate.verbatim(&off.command, 240);
            let line = Line::new().code(command);
            left.push(line.own(", which the user broke off").cite(&off.cite));
        }
        let edits = |check: &Check| ledger.edits_since(check.last());
        // A linter that ran since knows the form, too.
        let mut form = shown(ledger);
        form.retain(|check| {
            matches!(check.family, Family::Format | Family::Lint | Family::Types)
                && check.last().verdict == Verdict::Green
        });
        let current = form.iter().any(|check| edits(check) == 0);
        let outrun = form.first().filter(|_| !current);
        if let Some(check) = outrun {
            let command = self.gate.verbatim(&check.command, 240);
            let since = format!(", {} since", counted(edits(check), "edit"));
            let line = Line::new().code(command);
            left.push(line.own(since).cite(&check.last().cite));
        }
        if open_task(ledger).is_none() {
            left.extend(to_commit(ledger));
        }
        if left.is_empty() && still_running(ledger).is_none() {
            left.extend(self.unmerged());
        }
        left
    }

    /// The pull request that the last commit was pushed to, as far as the log shows no merge.
    fn unmerged(&mut self) -> Option<Line> {
        let ledger = self.ledger;
        let commits = &ledger.repository.commits;
        let first = commits.first().filter(|_| ledger.end == End::Finished)?;
        let pushed = commits.last().is_some_and(|last| last.pushed);
        let (name, cite) = pull_requests(ledger).pop().filter(|_| pushed)?;
        let merges = |call: &ToolCall| {
            let shell = matches!(&call.input, Input::Shell { command, .. } if command.contains("gh pr merge"));
            shell && call.tick >= first.cite.tick
        };
        let merged = |request: &Request| {
            request.cite.tick >= cite.tick && request.text.to_lowercase().contains("merged")
        };
        if self.session.calls.iter().any(merges) || ledger.requests.iter().any(merged) {
            return None;
        }
        let name = self.gate.verbatim(&name, 120);
        let line = Line::new().own("the pull request ").code(name);
        Some(line.own(", its checks and its merge").cite(cite))
    }

    /// Where nothing is proved or could be: what the agent said was next, what was edited last, the open task, the plan, what
    /// was read last.
    fn begun(&mut self) -> Option<Line> {
        let ledger = self.ledger;
        if let Some(step) = self.next_up().last() {
            let first = step.text.lines().next().map(unmarked);
            let first = self.words(first.unwrap_or_default(), 160);
            return Some(Line::new().quote(first).cite(&step.cite));
        }
        if let Some(file) = last_file(ledger, |file| file.edits > 0) {
            let path = self.path(&file.path);
            if let Some((command, cite)) = planned_check(ledger) {
                let command = self.gate.verbatim(command, 160);
                let line = Line::new().code(command);
                return Some(line.own(", as the plan has it").cite(cite));
            }
            let line = Line::new().own("check ").code(path);
            return Some(line.own(", edited last").cite(&file.last));
        }
        if let Some(task) = open_task(ledger) {
            let subject = self.words(&task.subject, 160);
            return Some(Line::new().quote(subject).cite(&task.last));
        }
        let plan = ledger.plan.as_ref();
        let plan = plan.filter(|plan| plan.answer == PlanAnswer::Accepted);
        if let Some(plan) = plan
            && let Some(step) = super::approach::plan_steps(&plan.text).first()
        {
            let step = self.words(step, 160);
            return Some(Line::new().quote(step).cite(&plan.cite));
        }
        let file = last_file(ledger, |_| true)?;
        let path = self.path(&file.path);
        let line = Line::new().own("read ").code(path);
        Some(line.own(", read last").cite(&file.last))
    }
}

/// The command by which the last plan wants its work verified.
fn planned_check(ledger: &Ledger) -> Option<(&str, &Cite)> {
    let asked = ledger.requests.iter().rev();
    let mut asked = asked.filter(|request| request.via == Via::Plan);
    let accepted = ledger.plan.as_ref();
    let accepted = accepted.filter(|plan| plan.answer == PlanAnswer::Accepted);
    let (text, cite) = match accepted {
        Some(plan) => (plan.text.as_str(), &plan.cite),
        None => asked
            .next()
            .map(|request| (request.text.as_str(), &request.cite))?,
    };
    let (mut verifies, mut fenced) = (false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if line.starts_with('#') && !fenced {
            verifies = line.to_lowercase().contains("verif");
        } else if verifies {
            let code = match fenced {
                true => Some(line),
                false => line.split('`').nth(1),
            };
            let command = code.filter(|code| code.contains(' ') && !code.starts_with('#'));
            if let Some(command) = command {
                return Some((command, cite));
            }
        }
    }
    None
}

/// What waits to be committed, or else to be pushed.
fn to_commit(ledger: &Ledger) -> Option<Line> {
    let waiting = ledger.files.iter();
    let waiting = waiting
        .filter(|file| file.uncommitted && !file.deleted)
        .count();
    let last = ledger.repository.commits.last();
    if waiting > 0 {
        let files = counted(waiting, "file");
        let others = ledger.repository.others(&ledger.files).len();
        let more = match others {
            0 => String::new(),
            others => format!(", beside {others} more that git lists"),
        };
        let line = Line::new().own(format!("{files} to commit{more}, if the user wants it"));
        Some(line)
    } else {
        last.filter(|last| !last.stale && !last.pushed)
            .map(|_| Line::new().own("the last commit to push, if the user wants it"))
    }
}

/// The file of that kind that was touched last.
fn last_file(ledger: &Ledger, of_kind: impl Fn(&FileState) -> bool) -> Option<&FileState> {
    let there = |file: &&FileState| !file.deleted && !is_plumbing(file) && of_kind(file);
    let files = ledger.files.iter().filter(there);
    files.max_by_key(|file| (file.last.tick, file.last.at))
}

/// True where nothing was changed that a check proves, and none was run: documents alone.
fn needs_no_proof(ledger: &Ledger) -> bool {
    ledger.edits_behind_proof() == 0 && ledger.checks.newest().is_none()
}

/// The check that still ran when it was looked at last.
fn still_running(ledger: &Ledger) -> Option<&Check> {
    let mut checks = ledger.checks.current().into_iter();
    checks.find(|check| check.last().waits)
}

/// The command that runs the only file that was edited since the last check: a script.
fn runs_what_was_edited(ledger: &Ledger) -> Option<&Command> {
    let [edited] = ledger.files_since_check.as_slice() else {
        return None;
    };
    let runs = |word: &String| {
        let word = word.trim_start_matches("./");
        edited.as_str() == word || word.ends_with(&format!("/{edited}"))
    };
    let commands = ledger.commands.iter();
    commands
        .filter(|command| command.check.is_none() && command.words.iter().take(2).any(runs))
        .max_by_key(|command| (command.last.tick, command.last.at))
}

/// The open task that is a piece of the work: that its checks are run, they tell.
fn task_to_begin(ledger: &Ledger) -> Option<&Task> {
    open_task(ledger).filter(|task| !is_routine(&task.subject))
}

/// The task that is begun, else the first that waits.
fn open_task(ledger: &Ledger) -> Option<&Task> {
    let of = |status| ledger.tasks.iter().find(|task| task.status == status);
    of(Status::InProgress).or_else(|| of(Status::Pending))
}
