//! The command: parse the arguments, run, turn the outcome into an exit code.

mod memory;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: memory::Allocator = memory::Allocator;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "hook") {
        memory::called_by_hooks();
    }
    passdown::cli::main()
}
