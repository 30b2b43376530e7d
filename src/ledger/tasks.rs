//! Tasks: the todo list and the task tools, replayed; the last status wins.

use std::collections::{BTreeMap, BTreeSet};

use super::Cite;
use crate::extract::finding::Ticket;
use crate::session::Todo;

/// A unit of work.
#[derive(Clone, Debug)]
pub struct Task {
    /// The id that the task tools gave it.
    pub id: Option<String>,
    /// What is to be done.
    pub subject: String,
    /// More of it, where the agent wrote more.
    pub description: String,
    /// Where it stands.
    pub status: Status,
    /// Where it was made.
    pub made: Cite,
    /// Where its status was set last.
    pub last: Cite,
    /// Where it was taken up last, if it was.
    pub begun: Option<Cite>,
    /// Where a subagent marked it as done, which the agent that sent it has not said yet.
    pub handed_in: Option<Cite>,
    /// Of a completed one, where it is seen to be done; none if only the agent says so.
    pub proof: Option<Cite>,
    /// Tasks that must end first, by id.
    pub blocked_by: Vec<String>,
    /// Of a dropped one, true if others took its place in the same job: the list was planned anew.
    pub replanned: bool,
    /// True of a completed one if its list was worked off and another took its place: it counts for another job.
    pub past: bool,
    /// True for an item of an issue tracker: it outlives the session, and may be none of its work.
    pub tracked: bool,
}

impl Task {
    /// False for an item of a tracker of which the log has the id alone.
    pub fn is_named(&self) -> bool {
        self.id.as_ref() != Some(&self.subject)
    }

    fn turned(&mut self, status: Status, cite: &Cite) {
        self.status = status;
        self.last = cite.clone();
        self.handed_in = None;
        if status == Status::InProgress {
            self.begun = Some(cite.clone());
        }
    }

    /// The id as one writes it: `#12`, `shop-a0y.1`.
    pub fn mark(&self) -> Option<String> {
        let id = self.id.as_deref()?;
        let counted = id.bytes().all(|b| b.is_ascii_digit());
        Some(if counted {
            format!("#{id}")
        } else {
            id.to_owned()
        })
    }
}

/// The status of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not begun.
    Pending,
    /// Begun.
    InProgress,
    /// The agent says it is done.
    Completed,
    /// It vanished from the list unfinished.
    Dropped,
    /// It was deleted: the agent says that it is not to be done.
    Deleted,
}

impl Status {
    fn of(word: &str) -> Self {
        match word {
            "completed" | "done" | "closed" => Self::Completed,
            "in_progress" | "in-progress" | "claim" => Self::InProgress,
            "deleted" | "cancelled" => Self::Deleted,
            _ => Self::Pending,
        }
    }
}

/// The tasks of a session, in the order they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks {
    all: Vec<Task>,
    /// Task ids → index, of the main conversation and of each subagent.
    ids: BTreeMap<(Option<usize>, String), usize>,
    /// What items of trackers are called, by id.
    titles: BTreeMap<String, String>,
    /// Children of trackers' epics that were open when they were shown last.
    children: BTreeMap<String, Cite>,
    /// Where the todo list was written last.
    listed: Option<Cite>,
}

impl Tasks {
    /// Where the list was written last.
    pub(super) fn listed_at(&self) -> Option<&Cite> {
        self.listed.as_ref()
    }

    /// The whole list is replaced: an item that vanishes unfinished is dropped, but for one that stands there in other
    /// words. `new_job` is true if the user asked for something since it was written last.
    pub(super) fn replace(&mut self, todos: &[Todo], new_job: bool, cite: &Cite) {
        self.listed = Some(cite.clone());
        let mut gone: Vec<usize> = (0..self.all.len())
            .filter(|&index| {
                let task = &self.all[index];
                task.id.is_none()
                    && matches!(task.status, Status::Pending | Status::InProgress)
                    && !todos.iter().any(|todo| todo.content == task.subject)
            })
            .collect();
        let mut new: Vec<&Todo> = todos
            .iter()
            .filter(|todo| {
                let mut known = self.all.iter().filter(|task| task.id.is_none());
                !known.any(|task| task.subject == todo.content)
            })
            .collect();
        gone.retain(|&index| {
            let task = &mut self.all[index];
            let reworded = |todo: &&Todo| is_reworded(&task.subject, &todo.content);
            let Some(at) = new.iter().position(reworded) else {
                return true;
            };
            task.subject.clone_from(&new.remove(at).content);
            false
        });
        // A list of which nothing is left is another list.
        let goes_on = new.len() < todos.len();
        let replanned = !new_job && goes_on && new.len() >= gone.len();
        let left = gone.len();
        for index in gone {
            self.all[index].turned(Status::Dropped, cite);
            self.all[index].replanned = replanned;
        }
        if !goes_on && !todos.is_empty() && left == 0 {
            let listed = self.all.iter_mut().filter(|task| task.id.is_none());
            listed
                .filter(|task| task.status == Status::Completed)
                .for_each(|task| task.past = true);
        }
        for todo in todos {
            let status = Status::of(&todo.status);
            match self
                .all
                .iter_mut()
                .find(|task| task.id.is_none() && task.subject == todo.content)
            {
                Some(task) if task.status != status => task.turned(status, cite),
                Some(_) => {}
                None => self.push(None, &todo.content, "", status, cite),
            }
        }
    }

    pub(super) fn create(
        &mut self,
        agent: Option<usize>,
        id: Option<&str>,
        subject: &str,
        description: &str,
        cite: &Cite,
    ) {
        // The answer that tells the id may be lost; ids count up from one.
        let id = id.map_or_else(
            || (self.ids.keys().filter(|(a, _)| *a == agent).count() + 1).to_string(),
            str::to_owned,
        );
        self.ids.insert((agent, id.clone()), self.all.len());
        self.push(Some(id), subject, description, Status::Pending, cite);
    }

    fn push(
        &mut self,
        id: Option<String>,
        subject: &str,
        description: &str,
        status: Status,
        cite: &Cite,
    ) {
        self.all.push(Task {
            id,
            subject: subject.to_owned(),
            description: description.to_owned(),
            status,
            made: cite.clone(),
            last: cite.clone(),
            begun: (status == Status::InProgress).then(|| cite.clone()),
            handed_in: None,
            proof: None,
            blocked_by: Vec::new(),
            replanned: false,
            past: false,
            tracked: false,
        });
    }

    /// A tracker showed or changed an item. One that the session only looked at is none of its tasks.
    pub(super) fn ticket(&mut self, ticket: &Ticket, cite: &Cite) {
        let Ticket {
            id,
            subject,
            status,
        } = ticket;
        if let Some(subject) = subject {
            self.titles.insert(id.clone(), subject.clone());
        }
        let title = self.titles.get(id);
        let known = self
            .all
            .iter_mut()
            .find(|task| task.tracked && task.id.as_deref() == Some(id));
        match status.as_deref() {
            Some("✓") => {
                self.children.remove(id);
                if let Some(task) = known.filter(|task| task.status != Status::Completed) {
                    task.turned(Status::Completed, cite);
                }
                return;
            }
            Some("○" | "◐" | "●") => {
                self.children.insert(id.clone(), cite.clone());
                return;
            }
            _ => {}
        }
        let status = status
            .as_deref()
            .map(|word| Status::of(&word.to_lowercase()));
        match (known, status) {
            (Some(task), status) => {
                if let Some(title) = title {
                    title.clone_into(&mut task.subject);
                }
                if let Some(status) = status.filter(|status| *status != task.status) {
                    task.turned(status, cite);
                }
            }
            (None, Some(status)) => {
                let subject = title.unwrap_or(id).clone();
                self.push(Some(id.clone()), &subject, "", status, cite);
                if let Some(task) = self.all.last_mut() {
                    task.tracked = true;
                }
            }
            (None, None) => {}
        }
    }

    /// The task that `agent` calls so: one of its own, or of the list that all share.
    fn known(&self, agent: Option<usize>, id: &str) -> Option<usize> {
        let own = self.ids.get(&(agent, id.to_owned()));
        own.or_else(|| self.ids.get(&(None, id.to_owned())))
            .copied()
    }

    pub(super) fn update(
        &mut self,
        agent: Option<usize>,
        id: &str,
        status: Option<&str>,
        subject: Option<&str>,
        blocked_by: &[String],
        cite: &Cite,
    ) {
        let known = self.known(agent, id);
        let Some(task) = known.and_then(|index| self.all.get_mut(index)) else {
            return;
        };
        if let Some(status) = status.map(Status::of) {
            match agent {
                Some(_) if status == Status::Completed => task.handed_in = Some(cite.clone()),
                Some(_) => {}
                None => task.turned(status, cite),
            }
        }
        if let Some(subject) = subject {
            subject.clone_into(&mut task.subject);
        }
        task.blocked_by.extend(blocked_by.iter().cloned());
    }

    /// What a listing shows wins over what was replayed: the list may have been changed by another agent.
    pub(super) fn listed(
        &mut self,
        agent: Option<usize>,
        tasks: &[(String, String, String)],
        cite: &Cite,
    ) {
        for (id, subject, status) in tasks {
            if self.known(agent, id).is_none() {
                self.create(agent, Some(id), subject, "", cite);
            }
            let known = self.known(agent, id).and_then(|index| self.all.get(index));
            if known.is_some_and(|task| task.status != Status::of(status)) {
                self.update(agent, id, Some(status), None, &[], cite);
            }
        }
    }

    /// Takes in the open children of epics of which the user `asked` for, as far as others of their children were worked on.
    pub(super) fn adopt(&mut self, asked: impl Fn(&str) -> bool) {
        const MOST: usize = 6;
        let parent = |id: &str| id.rsplit_once('.').map(|(parent, _)| parent.to_owned());
        let ids: BTreeSet<&str> = (self.all.iter())
            .filter(|task| task.tracked)
            .filter_map(|task| task.id.as_deref())
            .collect();
        let begun: BTreeSet<String> = ids.iter().copied().filter_map(parent).collect();
        let is_next = |id: &str| {
            let parent = parent(id);
            !ids.contains(id) && parent.is_some_and(|it| begun.contains(&it) && asked(&it))
        };
        let next: Vec<(String, Cite)> = (self.children.iter())
            .filter(|(id, _)| is_next(id))
            .map(|(id, cite)| (id.clone(), cite.clone()))
            .take(MOST)
            .collect();
        for (id, cite) in next {
            let subject = self.titles.get(&id).unwrap_or(&id).clone();
            self.push(Some(id), &subject, "", Status::Pending, &cite);
            if let Some(task) = self.all.last_mut() {
                task.tracked = true;
            }
        }
    }

    /// The tasks; of several with one subject, the last: an agent that writes its list anew means the same work. What was
    /// done under a number of its own is done, whatever bears its name later.
    pub(super) fn into_vec(self) -> Vec<Task> {
        let subjects: Vec<String> = self.all.iter().map(|task| task.subject.clone()).collect();
        let is_own = |task: &Task| task.id.is_some() && task.status == Status::Completed;
        self.all
            .into_iter()
            .enumerate()
            .filter(|(index, task)| is_own(task) || !subjects[index + 1..].contains(&task.subject))
            .map(|(_, task)| task)
            .collect()
    }
}

/// True if most words of two subjects are the same.
fn is_reworded(a: &str, b: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let shared = a.intersection(&b).count();
    2 * shared >= a.union(&b).count() && shared > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Position;

    fn cite(line: u32) -> Cite {
        Cite {
            at: Position::main(line),
            uuid: None,
            time: None,
            tick: line,
        }
    }

    fn todo(content: &str, status: &str) -> Todo {
        Todo {
            content: content.into(),
            status: status.into(),
        }
    }

    #[test]
    fn what_vanishes_unfinished_is_dropped_and_what_was_done_stays_done() {
        let mut tasks = Tasks::default();
        tasks.replace(
            &[
                todo("a", "completed"),
                todo("b", "in_progress"),
                todo("c", "pending"),
            ],
            false,
            &cite(1),
        );
        tasks.replace(
            &[todo("c", "completed"), todo("d", "pending")],
            true,
            &cite(2),
        );
        let status: Vec<_> = tasks
            .into_vec()
            .into_iter()
            .map(|task| (task.subject, task.status, task.last.at.line))
            .collect();
        assert_eq!(
            status,
            [
                ("a".into(), Status::Completed, 1),
                ("b".into(), Status::Dropped, 2),
                ("c".into(), Status::Completed, 2),
                ("d".into(), Status::Pending, 2)
            ]
        );
    }

    #[test]
    fn an_item_in_other_words_is_the_same_and_a_list_planned_anew_drops_nothing() {
        let found = |new_job| {
            let mut tasks = Tasks::default();
            let first = [
                todo("Run tests to verify the fix", "pending"),
                todo("Ask the shops", "pending"),
            ];
            tasks.replace(&first, false, &cite(1));
            let second = [
                todo("Run tests and lint to verify the fix", "in_progress"),
                todo("Write the note", "pending"),
            ];
            tasks.replace(&second, new_job, &cite(2));
            let all = tasks.into_vec().into_iter();
            all.map(|task| (task.status, task.replanned))
                .collect::<Vec<_>>()
        };
        let open = [(Status::InProgress, false), (Status::Pending, false)];
        assert_eq!(found(false), [open[0], (Status::Dropped, true), open[1]]);
        assert_eq!(found(true), [open[0], (Status::Dropped, false), open[1]]);
    }

    #[test]
    fn task_tools_replay_by_id() {
        let mut tasks = Tasks::default();
        tasks.create(None, Some("1"), "build", "", &cite(1));
        tasks.create(None, None, "test", "", &cite(2));
        tasks.update(None, "2", Some("completed"), None, &[], &cite(3));
        tasks.update(
            None,
            "1",
            Some("in_progress"),
            Some("build it"),
            &["2".into()],
            &cite(4),
        );
        tasks.update(Some(0), "1", Some("deleted"), None, &[], &cite(5));
        tasks.listed(
            None,
            &[("1".into(), "build it".into(), "completed".into())],
            &cite(6),
        );
        let all = tasks.into_vec();
        assert_eq!(
            (all[0].subject.as_str(), all[0].status, all[0].last.at.line),
            ("build it", Status::Completed, 6)
        );
        assert_eq!((all[1].status, all[1].last.at.line), (Status::Completed, 3));
    }
}
