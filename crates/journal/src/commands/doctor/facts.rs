//! How things stand around the notes, in a line each: whether or not anything is wrong.

use journal_engine::{AgentCounts, Around, Ground, ModelFacts, Watches};

use crate::{
    commands::{
        model::in_a_line,
        schedule::{Found, told_run},
    },
    place::World,
    text::{Text, bytes, counted},
};

/// Adds the lines.
pub fn tell(around: &Around, installed: &[Found], world: &World, text: &mut Text) {
    let watch_now = around.watch.as_ref().filter(|watch| watch.process.is_some());
    text.field("meaning", meaning(&around.model, watch_now.and_then(|watch| watch.embedding.as_deref())));
    text.field("watch", watch(around, world));
    if let Some(server) = around.server.as_ref().filter(|server| server.is_running) {
        let since = world.clock.instant(server.since);
        text.field("server", format!("{}, process {} since {since}", server.address, server.process.pid));
    }
    let AgentCounts { here, inactive, gone, held, .. } = around.agents;
    let more = [(inactive, "inactive"), (gone, "gone")].into_iter().filter(|(count, _)| *count > 0);
    let more: String = more.map(|(count, what)| format!(", {count} {what}")).collect();
    text.field("agents", format!("{here} here{more}; {} held", counted(held, "lease")));
    text.field("disk", disk(&around.vault));
    if let Some(state) = &around.state {
        text.field("", format!("{}, of the databases", disk(state)));
    }
    for found in installed {
        let state = if found.is_active == Some(false) { ", which is not switched on" } else { "" };
        text.field("schedule", format!("{}, by {}{state}", found.job, found.kind));
    }
    if installed.is_empty() {
        text.field("schedule", "none; journal schedule install");
    }
    if let Some(run) = &around.last_run {
        text.field("last run", told_run(run, world));
    }
}

fn meaning(model: &ModelFacts, trouble: Option<&str>) -> String {
    let ModelFacts { chosen, embedded, asked_instead, is_paused, .. } = model;
    match embedded {
        Some(own) => in_a_line(own, chosen, asked_instead.as_deref(), *is_paused, trouble),
        None => format!("by the model {chosen}"),
    }
}

fn watch(around: &Around, world: &World) -> String {
    let Some(watch) = &around.watch else {
        return "nobody yet; journal mcp, serve or watch do while they run".to_owned();
    };
    let Some(process) = &watch.process else {
        return "nobody now; journal mcp, serve or watch do while they run".to_owned();
    };
    let how = match &watch.watches {
        Watches::Events => "",
        Watches::Polling { .. } => ", by comparing all notes every few seconds",
        Watches::Away { .. } => ", waiting for the vault to come back",
    };
    let compared = watch.compared.map(|at| format!("; all compared {}", world.clock.instant(at))).unwrap_or_default();
    format!("process {} since {}{how}{compared}", process.pid, world.clock.instant(watch.since))
}

fn disk(ground: &Ground) -> String {
    let kind = ground.file_system.as_deref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let syncer = ground.syncer.map(|syncer| format!(", synced by {syncer}")).unwrap_or_default();
    match ground.free_bytes {
        Some(free) => format!("{} free{kind}{syncer}", bytes(free)),
        None => format!("free room not known{kind}{syncer}"),
    }
}
