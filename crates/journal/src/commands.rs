//! The commands, one file each.

pub mod agent;
pub mod agents;
pub mod claim;
pub mod completions;
pub mod config;
pub mod connect;
pub mod doctor;
pub mod events;
pub mod export;
pub mod hook;
pub mod hydrate;
pub mod import;
pub mod init;
pub mod links;
pub mod lock;
pub mod man;
pub mod marker;
pub mod mcp;
pub mod model;
pub mod overlap;
pub mod reference;
pub mod reindex;
pub mod related;
pub mod relocate;
pub mod schedule;
pub mod scratch;
pub mod search;
pub mod serve;
pub mod session;
pub mod sessions;
pub mod show;
pub mod standing;
pub mod tags;
pub mod think;
pub mod transcript;
pub mod views;
pub mod watch;

use crate::rim::Exit;

/// How a command ends whose notes may have failed it.
fn exit(failed: bool) -> Exit {
    if failed { Exit::Partial } else { Exit::Ok }
}
