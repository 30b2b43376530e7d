//! passdown reads the log that a Claude Code session leaves behind and writes
//! the handoff the next session needs: where things stand, what is open, what
//! must not be redone, how to run things, each fact with its place in the log,
//! the whole within a token budget. Deterministic, offline, no model.
//!
//! A handoff states the current state; it does not list past events. So the
//! log is *replayed*: an error that was fixed is no error, a count that was
//! superseded is false, a todo that was completed is not next.
//!
//! # The way down
//!
//! One pipeline, a room for each stage; each room knows only rooms below it.
//!
//! ```text
//! discover → read → record → session → extract → ledger → score → pack → render
//!                                         ↑ rules     (below, known to many: safety, tokens, position, error)
//! ```
//!
//! - [`discover`]: arguments, roots → the files of sessions, in a stable order.
//! - [`read`]: a source → its lines, in parallel units and in order.
//! - [`record`]: a line → records, or a problem; a bad line costs one line. Wire names end here, those of other agents too.
//! - [`session`]: records → one conversation: turns, tool calls joined by id, branches, compactions, subagents.
//! - [`rules`]: what to look for, as data with its proof beside it.
//! - [`extract`]: rules × session → findings, each with its event.
//! - [`ledger`]: findings, replayed → what is still true at the end.
//! - [`score`]: ledger → lines, each with what it is worth.
//! - [`pack`]: lines + budget → the handoff; what stands at 500 tokens stands at 1,000.
//! - [`render`]: the handoff → Markdown or JSON.
//! - [`safety`]: every text that leaves is cleaned, redacted and quoted there.
//! - [`tokens`]: text → token count.
//! - [`mod@write`]: files that are written whole or not at all.
//!
//! - [`check`]: is a handoff good, and still true? [`rubric`]: what it must say for its kind of work, slot by slot.
//! - [`chain`]: earlier sessions that this one goes on from, and what they left open.
//! - [`entry`]: what is kept of a session in tables.
//! - `store`: what is kept of sessions from run to run, with the feature `batch`.
//! - `export`: the store's tables as files, with the feature `batch`.
//! - `batch`: many sessions, with the feature of that name; `report`: what they tell together.
//! - [`show`]: what stands behind a citation.
//! - [`eval`]: how much of what really came next a handoff would have carried.
//! - [`hook`]: what Claude Code's hooks call, on top of all of it.
//! - `mcp`: what agents ask for, by the Model Context Protocol, with the feature of that name.
//!
//! From `record` to `render` the same bytes in give the same bytes out: no clock, no hash order, no effect of threads.
//!
//! # From a path to a handoff
//!
//! [`pipeline`] is all of it in one call:
//!
//! ```no_run
//! use passdown::{Options, RuleSet};
//!
//! # fn main() -> Result<(), passdown::Error> {
//! let options = Options::new().budget(1_000).goal("rate limits");
//! if let Some((handoff, text)) = passdown::from_path("session.jsonl", RuleSet::builtin(), &options)? {
//!     assert!(handoff.tokens <= 1_000);
//!     assert!(text.starts_with("# Task: "));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What is at hand here by its bare name is what most programs want: [`Session`], [`Ledger`] and [`Handoff`], each made from the one
//! before; [`Options`], which says how; [`RuleSet`] and [`Tokenizer`]. Everything else stands in its room.
//!
//! Stage by stage it is [`discover::sessions`] or [`discover::all`], then [`pipeline::load`], which tells the lines that could not be
//! used, then [`pipeline::handoff`], or [`pipeline::condense`] for whoever wants the state behind the text. The folder `examples/`
//! has one session, many on all cores, and rules of your own; each runs as it stands.
//!
//! # Features
//!
//! All are on by default; without any there is the library as it is described here, without clap, SQLite, tokio, and any unsafe
//! code of its own.
//!
//! - `cli`: the command.
//! - `batch`: many sessions, the store and the report.
//! - `mcp`: the server, on top of `batch`.
//! - `mmap`: files can be mapped into memory instead of being read.
//! - `parquet`: one more format of `export`.
//! - `pick`: the picker, on top of `cli`.

#![cfg_attr(not(feature = "mmap"), forbid(unsafe_code))]

#[cfg(feature = "batch")]
pub mod batch;
pub mod chain;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diff;
pub mod discover;
pub mod entry;
pub mod error;
pub mod eval;
pub mod explain;
#[cfg(feature = "batch")]
pub mod export;
pub mod extract;
pub mod hook;
pub mod ledger;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod pack;
pub mod pipeline;
pub mod position;
pub mod read;
pub mod record;
pub mod render;
#[cfg(feature = "batch")]
pub mod report;
pub mod rubric;
pub mod rules;
pub mod safety;
pub mod score;
pub mod session;
pub mod show;
#[cfg(feature = "batch")]
pub mod store;
pub mod tokens;
#[cfg(any(feature = "cli", feature = "mcp"))]
mod when;
pub mod write;

pub use error::Error;
pub use ledger::Ledger;
pub use pack::Handoff;
pub use pipeline::{Format, Options, from_path};
pub use rules::RuleSet;
pub use session::Session;
pub use tokens::Tokenizer;

/// The examples of the book's page on the library compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
pub struct Page;
