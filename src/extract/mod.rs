//! Rules × session → findings.

pub mod command;
pub mod define;
pub mod finding;
pub mod path;
pub mod words;
