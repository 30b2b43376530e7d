//! What a record says: from the shapes of the wire to the parts of a node.

use super::clip::{Clip, NAME, OUTPUT, PROSE, SUMMARY, THINKING, string, text};
use super::digest::{Depth, Names, shared};
use super::input::input;
use super::model::{Notice, Origin, Usage};
use super::node::{Key, Node, Part, Role, Stop, Way, message_hash};
use super::returned::{Word, returned};
use crate::record::{
    Args, Assistant, Attachment, Block, Content, Said, State, System, Unknown, User,
};

/// Slash commands that the program answers itself: no request to the agent.
const LOCAL: &[&str] = &[
    "/add-dir",
    "/agents",
    "/bashes",
    "/bug",
    "/cd",
    "/clear",
    "/color",
    "/config",
    "/context",
    "/cost",
    "/doctor",
    "/effort",
    "/exit",
    "/export",
    "/extra-usage",
    "/fast",
    "/feedback",
    "/help",
    "/hooks",
    "/ide",
    "/install-github-app",
    "/keybindings",
    "/login",
    "/logout",
    "/mcp",
    "/memory",
    "/model",
    "/output-style",
    "/permissions",
    "/plugin",
    "/privacy-settings",
    "/quit",
    "/release-notes",
    "/reload-plugins",
    "/remote-control",
    "/rename",
    "/resume",
    "/rewind",
    "/sandbox",
    "/skills",
    "/stats",
    "/status",
    "/statusline",
    "/tasks",
    "/terminal-setup",
    "/theme",
    "/todos",
    "/upgrade",
    "/usage",
    "/vim",
    "/voice",
];

/// A `user` record: answers of tools, a person's words, or the program's.
pub(super) fn said(
    user: &User<'_>,
    meta: bool,
    node: &mut Node,
    unknown: &mut Vec<Unknown>,
    depth: Depth,
) {
    let blocks = user.content.blocks(unknown);
    let results = blocks
        .iter()
        .filter(|block| matches!(block, Block::ToolResult { .. }))
        .count();
    let mut images = 0;
    let mut words: Vec<String> = Vec::new();
    let program = meta || user.by_program;
    for block in blocks {
        match block {
            Block::ToolResult { id, content, error } => {
                // One structured answer cannot serve several results.
                let answer = user.answer.filter(|_| results == 1);
                let word = Word {
                    denial: user.denial.as_deref(),
                    feedback: user.feedback.as_deref(),
                };
                let result = returned(&id, content, error, answer, word, depth);
                node.role = Role::Reply;
                node.parts.push(Part::Result(Box::new(result)));
            }
            Block::Image => images += 1,
            Block::Text(span) => {
                let Some(said) = span.as_str() else { continue };
                if user.summary {
                    node.parts.push(Part::Summary(Clip::new(&said, SUMMARY)));
                    continue;
                }
                match Said::read(&said, program) {
                    Said::Words(said) => words.push(said.into_owned()),
                    other => node.parts.extend(part(other)),
                }
            }
            _ => {}
        }
    }
    let words = words.join("\n");
    // A subagent's warm-up is kept, since it marks the whole conversation as noise.
    let warmup = words == "Warmup" && !node.sidechain;
    let said_something = images > 0 || !(words.is_empty() || warmup);
    if said_something && !program && !user.summary {
        node.parts.push(Part::Prompt {
            way: if results > 0 { Way::Beside } else { Way::Typed },
            text: Clip::new(&words, PROSE),
            images,
        });
    }
    if results == 0
        && node
            .parts
            .iter()
            .any(|part| matches!(part, Part::Prompt { .. }))
    {
        node.role = Role::Person;
    }
}

/// What a text in a person's place comes to; nothing for noise.
fn part(said: Said<'_>) -> Option<Part> {
    let prompt = |way, text: &str| Part::Prompt {
        way,
        text: Clip::new(text, PROSE),
        images: 0,
    };
    Some(match said {
        Said::Words(words) => prompt(Way::Typed, &words),
        Said::Command { name, args } => {
            if LOCAL.contains(&name.as_str()) || (name == "/compact" && args.is_empty()) {
                return None;
            }
            prompt(Way::Command(string(&name, NAME)), &args)
        }
        Said::Shell(line) => prompt(Way::Shell, line),
        Said::Memory(note) => prompt(Way::Memory, note),
        Said::Plan(plan) => prompt(Way::Plan, plan),
        Said::Output(output) => Part::Notice(Notice::Output(text(&output, OUTPUT, Origin::Tool))),
        Said::Interrupted => Part::Notice(Notice::Interrupted),
        Said::Summary(summary) => Part::Summary(Clip::new(summary, SUMMARY)),
        Said::Notification(told) => {
            let all = [told.summary, told.result];
            let all: Vec<_> = all.into_iter().filter(|text| !text.is_empty()).collect();
            Part::Background {
                task: string(told.task, NAME),
                call: told.call.map(|call| string(call, NAME)),
                status: string(told.status, NAME),
                exit: told.exit(),
                text: Clip::new(&all.join("\n"), OUTPUT),
            }
        }
        Said::Hook {
            event,
            failed,
            text: said,
        } => hook(event, failed, said)?,
        Said::Noise => return None,
    })
}

/// A hook's words; nothing if it said nothing.
fn hook(event: &str, failed: bool, said: &str) -> Option<Part> {
    let said = said.trim();
    (!said.is_empty()).then(|| {
        Part::Notice(Notice::Hook {
            event: string(event, NAME),
            failed,
            text: text(said, OUTPUT, Origin::Hook),
        })
    })
}

/// An `assistant` record.
pub(super) fn answered(
    said: &Assistant<'_>,
    names: &mut Names,
    unknown: &mut Vec<Unknown>,
    depth: Depth,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let synthetic = said.model.as_deref() == Some("<synthetic>");
    for block in said.content.blocks(unknown) {
        match block {
            Block::Text(_) | Block::Thinking(_) if depth == Depth::Lasting => {}
            Block::Text(span) => {
                let Some(prose) = span.as_str() else { continue };
                let prose = prose.trim();
                if prose.is_empty() || prose == "(no content)" {
                    continue;
                }
                if said.failed || synthetic {
                    parts.extend(failure(prose, said).map(Part::Notice));
                } else if prose != "No response requested." {
                    parts.push(Part::Say(Clip::new(prose, PROSE)));
                }
            }
            Block::Thinking(span) => {
                let Some(thought) = span.as_str() else {
                    continue;
                };
                if !thought.trim().is_empty() {
                    parts.push(Part::Think(Clip::new(thought.trim(), THINKING)));
                }
            }
            Block::ToolUse {
                id,
                name,
                input: asked,
            } => {
                let args = Args::read(asked);
                parts.push(Part::Call {
                    id: string(&id, NAME).into(),
                    input: input(&name, &args, asked),
                    name: string(&name, NAME).into(),
                    folder: args
                        .folder
                        .as_deref()
                        .map(|folder| string(folder, NAME).into()),
                });
            }
            Block::ToolResult { id, content, error } => {
                let result = returned(&id, content, error, None, Word::default(), depth);
                parts.push(Part::Result(Box::new(result)));
            }
            Block::Image | Block::Ignored => {}
        }
    }
    if !synthetic {
        parts.push(Part::Tokens {
            message: said.id.as_deref().map_or(0, message_hash),
            usage: Usage {
                input: said.tokens.input,
                output: said.tokens.output,
                cache_read: said.tokens.cache_read,
                cache_creation: said.tokens.cache_creation,
                context: 0,
            },
            model: shared(&mut names.model, said.model.clone()),
            stop: said.stop.as_deref().map(|stop| match stop {
                "tool_use" => Stop::Call,
                "end_turn" | "stop_sequence" => Stop::Done,
                _ => Stop::Other,
            }),
        });
    }
    parts
}

/// What a failed request, or a message made by the program, tells.
fn failure(prose: &str, said: &Assistant<'_>) -> Option<Notice> {
    let shown = || text(prose, OUTPUT, Origin::Hook);
    let lower = prose.to_ascii_lowercase();
    let limit = [
        "hit your",
        "limit reached",
        "usage limit",
        "out of extra usage",
    ];
    if lower.contains("prompt is too long") {
        Some(Notice::ContextFull(shown()))
    } else if limit.iter().any(|words| lower.contains(words))
        || said.error.as_deref() == Some("billing_error")
    {
        Some(Notice::Limit(shown()))
    } else {
        said.failed.then(|| Notice::ApiError(shown()))
    }
}

/// A `system` record.
pub(super) fn told(system: System<'_>) -> Vec<Part> {
    let one = match system {
        System::Compaction { manual } => Some(Part::Boundary { manual }),
        System::TurnEnd => Some(Part::Notice(Notice::TurnEnd)),
        System::StopHooks { errors, prevented } => {
            hook("Stop", prevented || !errors.is_empty(), &errors.join("\n"))
        }
        System::LocalCommand(content) => match Said::read(&content, true) {
            Said::Words(_) => None,
            said => part(said),
        },
        System::Recap(recap) => Some(Part::Notice(Notice::Recap(text(
            recap.trim(),
            PROSE,
            Origin::Agent,
        )))),
        System::Retracted(uuids) => Some(Part::Retracted(
            uuids.iter().map(|uuid| Key::new(uuid)).collect(),
        )),
        System::Ignored => None,
    };
    one.into_iter().collect()
}

/// An `attachment` record.
pub(super) fn attached(attachment: Attachment<'_>, parts: &mut Vec<Part>) {
    match attachment {
        Attachment::Queued {
            content,
            by_program,
        } => {
            let images = content
                .blocks(&mut Vec::new())
                .iter()
                .filter(|block| matches!(block, Block::Image))
                .count();
            parts.extend(match Said::read(&content.text(), by_program) {
                Said::Words(words) => Some(Part::Prompt {
                    way: Way::Queued,
                    text: Clip::new(&words, PROSE),
                    images: u32::try_from(images).unwrap_or(u32::MAX),
                }),
                said => part(said),
            });
        }
        Attachment::Hook {
            event,
            failed,
            text,
        } => parts.extend(hook(&event, failed, &text)),
        Attachment::Task { id, status, text } => {
            // Only an end is news; a running task is told of again and again.
            if matches!(
                status.as_ref(),
                "completed" | "failed" | "killed" | "stopped"
            ) {
                parts.push(Part::Background {
                    task: string(&id, NAME),
                    call: None,
                    status: status.into_owned(),
                    exit: None,
                    text: Clip::new(&text, OUTPUT),
                });
            }
        }
        Attachment::Ignored => {}
    }
}

/// A state record.
pub(super) fn noted(state: State<'_>) -> Vec<Part> {
    let name = |text: &str| string(text, NAME);
    let one = match state {
        State::CustomTitle(title) => Part::CustomTitle(name(&title)),
        State::AiTitle(title) => Part::AiTitle(name(&title)),
        State::LastPrompt { leaf: Some(leaf) } => Part::Leaf(Key::new(&leaf)),
        State::PullRequest { number, url } => Part::PullRequest {
            number,
            url: name(&url),
        },
        State::Enqueue(content) => {
            let typed = Content::from(content).text();
            match Said::read(&typed, false) {
                Said::Words(words) => {
                    let command = words.split_whitespace().next().unwrap_or_default();
                    if LOCAL.contains(&command) {
                        Part::Enqueue(Clip::default())
                    } else {
                        Part::Enqueue(Clip::new(&words, PROSE))
                    }
                }
                // Its place in the queue counts even where its words do not.
                said => {
                    return std::iter::once(Part::Enqueue(Clip::default()))
                        .chain(part(said).filter(|part| matches!(part, Part::Background { .. })))
                        .collect();
                }
            }
        }
        State::Delivered => Part::Delivered,
        State::TakenBack(content) => Part::TakenBack(Clip::new(content.trim(), PROSE)),
        State::Relocated(cwd) => Part::Relocated(std::sync::Arc::from(name(&cwd))),
        State::LastPrompt { leaf: None } | State::Ignored => return Vec::new(),
    };
    vec![one]
}
