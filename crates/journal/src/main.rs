//! The `journal` command: the thinking of people and coding agents, kept as plain notes in an Obsidian vault.
//!
//! `args.rs` says what can be typed and `commands/` does it, through the engine. What surrounds a command comes in by one
//! file each: `environment.rs` (variables), `config.rs` (settings), `place.rs` (the vault), `indexed.rs` (the vault with an
//! index), `caller.rs` (who calls), `workplace.rs` (on which project), `source.rs` (time and chance), `signals.rs` (being asked
//! to stop), `client_logs.rs` (what clients keep of their conversations), `json_text.rs` (a client's file, changed without a
//! loss). `schedule.rs` is what service managers are told. What goes out goes by
//! `output.rs` (printing), `text.rs` (for people), `json.rs` (for programs) and `rim.rs` (errors to exit codes and hints).

mod args;
mod caller;
mod client_logs;
mod commands;
mod config;
mod demo;
mod draft;
mod environment;
mod failure;
mod global;
mod import_file;
mod indexed;
mod json;
mod json_text;
mod output;
mod place;
mod reference;
mod rim;
mod run;
mod schedule;
mod signals;
mod source;
mod text;
mod token_file;
mod workplace;

use std::{env, panic, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().collect();
    let is_hook = commands::hook::is_called(&arguments);
    panic::set_hook(Box::new(move |panic| output::bug(&panic.to_string(), is_hook)));
    let exit =
        panic::catch_unwind(|| run::run(arguments)).unwrap_or(if is_hook { rim::Exit::Ok } else { rim::Exit::Bug });
    ExitCode::from(exit.code())
}
