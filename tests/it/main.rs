//! The command, driven as a user drives it.

mod api;
#[cfg(feature = "batch")]
mod batch;
#[cfg(all(feature = "batch", unix))]
mod batch_bad;
#[cfg(unix)]
mod broken;
mod chain;
mod check;
mod command;
mod config;
mod corpora;
mod costly;
mod diff;
mod docs;
mod eval;
mod examples;
mod explain;
#[cfg(feature = "batch")]
mod export;
mod goal;
mod hook;
mod hostile;
mod injection;
mod install;
mod judge;
mod life;
mod lookalikes;
mod lost;
#[cfg(feature = "mcp")]
mod mcp;
mod memory;
mod metamorphic;
mod offline;
#[cfg(unix)]
mod pick;
mod planted;
mod planted_more;
mod providers;
#[cfg(unix)]
mod races;
mod redact;
mod relations;
#[cfg(feature = "batch")]
mod report;
mod rooms;
mod rubric;
mod rules;
mod rules_diff;
mod rules_new;
mod rules_suggest;
mod rules_watch;
mod run;
mod schema;
mod secrets;
#[cfg(feature = "batch")]
mod store;
mod stretches;
mod terminal;
#[cfg(all(feature = "batch", unix))]
mod watch;
mod worker;
