//! Rules × session → findings.

pub mod command;
