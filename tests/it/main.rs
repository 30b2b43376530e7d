//! The command, driven as a user drives it.

mod command;
mod corpora;
mod rooms;
mod run;
mod schema;
