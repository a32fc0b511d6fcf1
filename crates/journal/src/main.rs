//! The `journal` command: the thinking of people and coding agents, kept as plain notes in an Obsidian vault.
//!
//! `args.rs` says what can be typed and `commands/` does it, through the engine. What surrounds a command comes in by one
//! file each: `environment.rs` (variables), `config.rs` (settings), `place.rs` (the vault), `indexed.rs` (the vault with an
//! index), `caller.rs` (who calls), `workplace.rs` (on which project), `source.rs` (time and chance). What goes out goes by `output.rs` (printing), `text.rs` (for people), `json.rs` (for
//! programs) and `rim.rs` (errors to exit codes and hints).

mod args;
mod caller;
mod commands;
mod config;
mod demo;
mod draft;
mod environment;
mod failure;
mod global;
mod indexed;
mod json;
mod output;
mod place;
mod reference;
mod rim;
mod run;
mod source;
mod text;
mod token_file;
mod workplace;

use std::{env, panic, process::ExitCode};

fn main() -> ExitCode {
    panic::set_hook(Box::new(|panic| output::bug(&panic.to_string())));
    let exit = panic::catch_unwind(|| run::run(env::args_os().collect())).unwrap_or(rim::Exit::Bug);
    ExitCode::from(exit.code())
}
