//! Rules × session → findings.

pub mod command;
pub mod path;
pub mod words;
