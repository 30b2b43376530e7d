//! The command, driven as a user drives it.

#[cfg(feature = "batch")]
mod batch;
mod command;
mod corpora;
#[cfg(feature = "batch")]
mod report;
mod hook;
mod rooms;
mod run;
mod schema;
#[cfg(feature = "batch")]
mod store;
mod worker;
