//! What was asked of a tool: from the flat fields to what they mean for that tool.

use super::clip::{COMMAND, EDIT, NAME, PROSE, string, text};
use super::model::{Input, Origin, Todo};
use crate::record::Args;
use crate::record::scan::Span;

/// Length of the line that stands for the input of a tool without a form of its own, in characters.
const OTHER: usize = 400;

/// The tools by which an agent asks a process for more of its output, and ends it: see [`super::continued`].
pub(super) const CONTINUE: &str = "Continue";
pub(super) const END: &str = "End";

/// Reads the input of the tool `name`. A tool whose main field is absent becomes [`Input::Other`].
///
/// `args` is what [`Args::read`] found in `span`.
pub(super) fn input(name: &str, args: &Args<'_>, span: Option<Span<'_>>) -> Input {
    let named = |field: &Option<std::borrow::Cow<'_, str>>| {
        field.as_deref().map(|field| string(field, NAME))
    };
    let path = named(&args.path);
    let agents = |text_: &str| text(text_, PROSE, Origin::Agent);
    let found = match name {
        "Bash" | "PowerShell" => args.command.as_deref().map(|command| Input::Shell {
            command: string(command, COMMAND),
            description: named(&args.description),
            background: args.background,
        }),
        "Read" | "NotebookRead" => path.map(|path| Input::Read { path }),
        "Edit" | "MultiEdit" => path.map(|path| Input::Edit {
            path,
            hunks: args
                .hunks
                .iter()
                .map(|(old, new)| {
                    (
                        text(old, EDIT, Origin::File),
                        text(new, EDIT, Origin::Agent),
                    )
                })
                .collect(),
        }),
        "NotebookEdit" => path.map(|path| Input::Edit {
            path,
            hunks: args
                .content
                .iter()
                .map(|new| (Default::default(), text(new, EDIT, Origin::Agent)))
                .collect(),
        }),
        "Write" => path.map(|path| Input::Write {
            path,
            content: text(
                args.content.as_deref().unwrap_or_default(),
                EDIT,
                Origin::Agent,
            ),
        }),
        "Grep" | "Glob" => named(&args.pattern).map(|pattern| Input::Search { pattern, path }),
        "LS" => path.map(|path| Input::Search {
            pattern: String::new(),
            path: Some(path),
        }),
        "Task" | "Agent" | "SendMessage" => args.prompt.as_deref().map(|prompt| Input::Agent {
            description: named(&args.description)
                .or_else(|| named(&args.to))
                .unwrap_or_default(),
            prompt: agents(prompt),
            kind: named(&args.kind),
        }),
        "TodoWrite" => args.todos.as_ref().map(|todos| {
            let todos = todos.iter().map(|todo| Todo {
                content: string(&todo.content, NAME),
                status: string(&todo.status, NAME),
            });
            Input::Todos(todos.collect())
        }),
        "TaskCreate" => named(&args.subject).map(|subject| Input::TaskCreate {
            subject,
            description: string(args.description.as_deref().unwrap_or_default(), PROSE),
        }),
        "TaskUpdate" => named(&args.task).map(|id| Input::TaskUpdate {
            id,
            status: named(&args.status),
            subject: named(&args.subject),
            blocked_by: args.blocked_by.iter().map(|id| string(id, NAME)).collect(),
        }),
        "AskUserQuestion" => Some(Input::Ask(
            args.questions
                .iter()
                .map(|(question, options)| {
                    (
                        string(question, PROSE),
                        options.iter().map(|label| string(label, NAME)).collect(),
                    )
                })
                .collect(),
        )),
        "ExitPlanMode" | "exit_plan_mode" => Some(Input::Plan(agents(
            args.plan.as_deref().unwrap_or_default(),
        ))),
        "EnterPlanMode" => Some(Input::EnterPlan),
        "WebFetch" | "web_fetch" => named(&args.url).map(Input::Web),
        "WebSearch" | "web_search" => named(&args.query).map(Input::Web),
        "Skill" | "SlashCommand" => {
            named(&args.skill)
                .or_else(|| named(&args.command))
                .map(|name| Input::Skill {
                    name,
                    args: string(args.args.as_deref().unwrap_or_default(), PROSE),
                })
        }
        "TaskOutput" | "BashOutput" | "AgentOutputTool" | "TaskStop" | "KillShell" | "KillBash" => {
            named(&args.task).map(|id| Input::Task {
                id,
                stop: matches!(name, "TaskStop" | "KillShell" | "KillBash"),
            })
        }
        CONTINUE | END => named(&args.task).map(|id| Input::Task {
            id,
            stop: name == END,
        }),
        _ => None,
    };
    found.unwrap_or_else(|| Input::Other(line(span)))
}

/// The values of an input as one line of `key=value`.
fn line(span: Option<Span<'_>>) -> String {
    let mut line = String::new();
    let mut left = OTHER;
    for (key, value) in span.and_then(Span::as_object).into_iter().flatten() {
        let value = match value.as_str() {
            Some(text) => text,
            None => String::from_utf8_lossy(value.bytes()),
        };
        let space = if line.is_empty() { "" } else { " " };
        let pair = [space, key.as_ref(), "=", value.as_ref()];
        for letter in pair.into_iter().flat_map(str::chars).take(left) {
            line.push(if letter.is_control() { ' ' } else { letter });
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    line
}
