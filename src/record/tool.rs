//! Tools: what is asked of them, and what their answers tell beside the text.
//!
//! Every tool has its own names for the same few things. Here they are read
//! into one flat shape; which tool uses which is for the caller to know.

use std::borrow::Cow;

use super::content::Content;
use super::scan::Span;

/// The input of a call. A field of the wrong type is absent.
#[derive(Clone, Debug, Default)]
pub struct Args<'a> {
    /// `command`.
    pub command: Option<Cow<'a, str>>,
    /// `workdir`: the folder of a command that names its own.
    pub folder: Option<Cow<'a, str>>,
    /// `description`.
    pub description: Option<Cow<'a, str>>,
    /// `run_in_background`.
    pub background: bool,
    /// `file_path`, `notebook_path`, or `path`.
    pub path: Option<Cow<'a, str>>,
    /// The replacements of `old_string` and `new_string`, also those in `edits`.
    pub hunks: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// `content`, or `new_source` of a notebook's cell.
    pub content: Option<Cow<'a, str>>,
    /// `pattern`.
    pub pattern: Option<Cow<'a, str>>,
    /// `prompt`, or `message`.
    pub prompt: Option<Cow<'a, str>>,
    /// `subagent_type`.
    pub kind: Option<Cow<'a, str>>,
    /// `to`: whom a message is for.
    pub to: Option<Cow<'a, str>>,
    /// `todos`; none if it is not a list, which is not the same as an empty one.
    pub todos: Option<Vec<Todo<'a>>>,
    /// `subject`.
    pub subject: Option<Cow<'a, str>>,
    /// `taskId`, `task_id`, `shell_id`, `bash_id`, `agentId`; a number is taken as it stands.
    pub task: Option<Cow<'a, str>>,
    /// `status`.
    pub status: Option<Cow<'a, str>>,
    /// `addBlockedBy`.
    pub blocked_by: Vec<Cow<'a, str>>,
    /// `questions`: each with the labels of its options.
    pub questions: Vec<(Cow<'a, str>, Vec<Cow<'a, str>>)>,
    /// `plan`.
    pub plan: Option<Cow<'a, str>>,
    /// `url`.
    pub url: Option<Cow<'a, str>>,
    /// `query`.
    pub query: Option<Cow<'a, str>>,
    /// `skill`.
    pub skill: Option<Cow<'a, str>>,
    /// `args`.
    pub args: Option<Cow<'a, str>>,
}

/// An item of a todo list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo<'a> {
    /// What is to be done.
    pub content: Cow<'a, str>,
    /// How it stands.
    pub status: Cow<'a, str>,
}

impl<'a> Args<'a> {
    /// Reads the input of a call.
    pub fn read(input: Option<Span<'a>>) -> Self {
        let mut args = Self::default();
        let (mut old, mut new) = (None, None);
        for (key, value) in input.and_then(Span::as_entries).into_iter().flatten() {
            let slot = match key.as_ref() {
                b"command" => &mut args.command,
                b"workdir" => &mut args.folder,
                b"description" => &mut args.description,
                b"file_path" | b"notebook_path" | b"path" => &mut args.path,
                b"old_string" => &mut old,
                b"new_string" => &mut new,
                b"content" | b"new_source" => &mut args.content,
                b"pattern" => &mut args.pattern,
                b"prompt" | b"message" => &mut args.prompt,
                b"subagent_type" => &mut args.kind,
                b"to" => &mut args.to,
                b"subject" => &mut args.subject,
                b"status" => &mut args.status,
                b"plan" => &mut args.plan,
                b"url" => &mut args.url,
                b"query" => &mut args.query,
                b"skill" => &mut args.skill,
                b"args" => &mut args.args,
                b"taskId" | b"task_id" | b"shell_id" | b"bash_id" | b"agentId" => {
                    if args.task.is_none() {
                        args.task = name(value);
                    }
                    continue;
                }
                b"run_in_background" => {
                    args.background |= value.as_bool().unwrap_or(false);
                    continue;
                }
                b"edits" => {
                    args.hunks.extend(items(value).filter_map(|edit| {
                        Some((edit.str("old_string")?, edit.str("new_string")?))
                    }));
                    continue;
                }
                b"todos" if args.todos.is_none() => {
                    args.todos = value.as_array().map(|all| all.filter_map(todo).collect());
                    continue;
                }
                b"addBlockedBy" => {
                    args.blocked_by.extend(items(value).filter_map(name));
                    continue;
                }
                b"questions" if args.questions.is_empty() => {
                    args.questions = items(value).filter_map(question).collect();
                    continue;
                }
                b"question" if args.questions.is_empty() => {
                    args.questions
                        .extend(value.as_str().map(|text| (text, Vec::new())));
                    continue;
                }
                _ => continue,
            };
            if slot.is_none() {
                *slot = value.as_str();
            }
        }
        if let Some(new) = new {
            args.hunks.push((old.unwrap_or_default(), new));
        }
        args
    }
}

fn items(value: Span<'_>) -> impl Iterator<Item = Span<'_>> {
    value.as_array().into_iter().flatten()
}

/// A string, or a number as it stands.
fn name(value: Span<'_>) -> Option<Cow<'_, str>> {
    value
        .as_str()
        .or_else(|| value.as_u64().map(|number| number.to_string().into()))
}

fn todo(item: Span<'_>) -> Option<Todo<'_>> {
    Some(Todo {
        content: item.str("content")?,
        status: item.str("status").unwrap_or_default(),
    })
}

fn question(item: Span<'_>) -> Option<(Cow<'_, str>, Vec<Cow<'_, str>>)> {
    let options = item.get("options").map(|options| {
        items(options)
            .filter_map(|option| option.str("label").or_else(|| option.as_str()))
            .collect()
    });
    Some((item.str("question")?, options.unwrap_or_default()))
}

/// What the answer to a call tells beside its text. Absent in subagents' files.
#[derive(Clone, Debug, Default)]
pub struct Answer<'a> {
    /// What a shell command printed: a string, not decoded, since the message repeats it.
    pub stdout: Option<Span<'a>>,
    /// True if the call was interrupted.
    pub interrupted: bool,
    /// True if it ran out of time.
    pub timed_out: bool,
    /// True if nothing tells how the command ended.
    pub status_unknown: bool,
    /// The task that goes on in the background.
    pub background: Option<Cow<'a, str>>,
    /// Whether a file was made (true) or replaced.
    pub created: Option<bool>,
    /// Lines added and removed.
    pub lines: Option<(u32, u32)>,
    /// True if the user changed an edit before it was accepted.
    pub user_modified: bool,
    /// The subagent's id.
    pub agent: Option<Cow<'a, str>>,
    /// The task that was made, or asked about.
    pub task: Option<Cow<'a, str>>,
    /// The exit code of such a task.
    pub exit: Option<i32>,
    /// Tasks: id, subject, status.
    pub tasks: Vec<(Cow<'a, str>, Cow<'a, str>, Cow<'a, str>)>,
    /// The user's answers: question, answer.
    pub answers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What the user wrote in place of the answers.
    pub response: Option<Cow<'a, str>>,
    /// The plan that was put before the user.
    pub plan: Option<Cow<'a, str>>,
    /// The HTTP status of a page.
    pub http: Option<u64>,
    /// True if it tells of a file that was read, changed or found, and nothing of what a program printed.
    pub of_file: bool,
}

impl<'a> Answer<'a> {
    /// Reads `toolUseResult`; anything but an object tells nothing.
    pub fn read(answer: Option<Span<'a>>) -> Self {
        let mut found = Self::default();
        let (mut status, mut added) = (None, (0, 0));
        let mut workflow = None;
        let mut notes = Vec::new();
        for (key, value) in answer.and_then(Span::as_entries).into_iter().flatten() {
            match key.as_ref() {
                b"stdout" => found.stdout = Some(value),
                b"file" | b"filePath" | b"filenames" => found.of_file = true,
                b"interrupted" => found.interrupted = value.as_bool().unwrap_or(false),
                b"timedOutAfterMs" => found.timed_out = value.as_u64().is_some(),
                b"statusUnknown" => found.status_unknown = value.as_bool().unwrap_or(false),
                b"backgroundTaskId" => found.background = value.as_str(),
                b"type" => match value.as_str().as_deref() {
                    Some("create") => found.created = Some(true),
                    Some("update") => found.created = Some(false),
                    _ => {}
                },
                b"structuredPatch" => {
                    for hunk in items(value) {
                        for line in hunk.get("lines").into_iter().flat_map(items) {
                            match line.bytes().get(1) {
                                Some(b'+') => added.0 += 1,
                                Some(b'-') => added.1 += 1,
                                _ => {}
                            }
                        }
                    }
                    found.lines = Some(added);
                }
                b"userModified" => found.user_modified = value.as_bool().unwrap_or(false),
                b"agentId" => found.agent = value.as_str(),
                b"status" => status = value.as_str(),
                b"taskId" => workflow = name(value),
                b"task" => {
                    found.task = value
                        .get("id")
                        .or_else(|| value.get("task_id"))
                        .and_then(name);
                    found.exit = value.get("exitCode").and_then(Span::as_i32);
                }
                b"tasks" => {
                    found.tasks = items(value)
                        .filter_map(|task| {
                            Some((
                                task.get("id").and_then(name)?,
                                task.str("subject").unwrap_or_default(),
                                task.str("status").unwrap_or_default(),
                            ))
                        })
                        .collect();
                }
                b"answers" => {
                    found.answers = value
                        .as_object()
                        .into_iter()
                        .flatten()
                        .filter_map(|(question, answer)| Some((question, joined(answer)?)))
                        .collect();
                }
                b"annotations" => {
                    notes = value
                        .as_object()
                        .into_iter()
                        .flatten()
                        .filter_map(|(question, note)| Some((question, note.str("notes")?)))
                        .collect();
                }
                b"response" => found.response = value.as_str(),
                b"plan" => found.plan = value.as_str(),
                b"code" => found.http = value.as_u64(),
                _ => {}
            }
        }
        found.of_file &= found.stdout.is_none();
        // An agent or a workflow that was only started goes on by itself.
        if matches!(
            status.as_deref(),
            Some("async_launched" | "remote_launched")
        ) {
            found.background = found.background.or(found.agent.clone()).or(workflow);
        }
        for (question, note) in notes {
            match found
                .answers
                .iter_mut()
                .find(|(asked, _)| *asked == question)
            {
                Some((_, answer)) => *answer = format!("{answer}\n{note}").into(),
                None => found.answers.push((question, note)),
            }
        }
        found
    }
}

/// A string, or strings of a list joined by commas.
fn joined(value: Span<'_>) -> Option<Cow<'_, str>> {
    value.as_str().or_else(|| {
        let all: Vec<_> = value.as_array()?.filter_map(Span::as_str).collect();
        Some(all.join(", ").into())
    })
}

/// The texts of an answer's blocks, as [`Content::text`].
impl<'a> From<Span<'a>> for Content<'a> {
    fn from(span: Span<'a>) -> Self {
        Self::new(Some(span))
    }
}
