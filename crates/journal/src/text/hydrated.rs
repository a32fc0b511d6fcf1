//! A hydrated session as text: what a person reads to go on, and an agent pastes into a conversation.

use journal_engine::{AgentId, BelongsBy, Hydrated, HydratedThought, Owner, ThoughtText};
use journal_model::{BranchSummary, Line, ThoughtNumber};

use super::{Style, Text, counted, diagnostics, listed, one_line, quoted, short, time::Clock};

/// How a session is told.
pub struct Telling<'a> {
    /// By which clock.
    pub clock: &'a Clock,
    /// The line asked for, if only one was.
    pub line: Option<&'a Line>,
    /// Who reads.
    pub reader: Option<&'a AgentId>,
    /// What comes between `journal` and the rest of a command that goes on from here: `--vault …`, or nothing.
    pub vault: &'a str,
}

/// Tells a session.
pub fn hydrated(session: &Hydrated, telling: &Telling<'_>) -> Text {
    let mut text = Text::new();
    head(session, telling, &mut text);
    if let Some(body) = &session.body {
        text.end().strong("## In the session note").end().end().paragraph(body);
    }
    text.end().strong("## Thoughts").end();
    thoughts(session, telling, &mut text);
    links(session, &mut text);
    if !session.diagnostics.is_empty() {
        text.end().add(Style::Notice, "## Not in order").end().end();
        diagnostics::told(&session.diagnostics, &mut text);
    }
    let branch = telling.line.and_then(Line::branch).map(|name| format!(" --branch {}", quoted(name.as_str())));
    text.end().plain(format!(
        "Continue with: journal think{} --session {}{} \"…\"\n",
        telling.vault,
        short(&session.id),
        branch.unwrap_or_default()
    ));
    text
}

fn head(session: &Hydrated, telling: &Telling<'_>, text: &mut Text) {
    let clock = telling.clock;
    text.strong(format!("# {}", one_line(&session.title))).end().end();
    text.field("session", session.id.as_str());
    let project = session.project.as_ref().map(|project| format!(" · project {project}")).unwrap_or_default();
    text.field("status", format!("{}{project} · {}", session.status, counted(session.total, "thought")));
    text.field("note", session.path.as_ref().map_or("is gone; its thoughts are here", |path| path.as_str()));
    if let Some(created) = &session.created {
        let updated =
            session.updated.as_ref().filter(|updated| clock.noted_plain(updated) != clock.noted_plain(created));
        let updated = updated.map(|updated| format!(", last written {}", clock.noted(updated))).unwrap_or_default();
        text.field("begun", format!("{}{updated}", clock.noted(created)));
    }
    let next = |number: Option<ThoughtNumber>| number.map_or("no number left".to_owned(), |number| number.to_string());
    text.field("next", format!("{} on {}", next(session.next_number), telling.line.unwrap_or(&Line::Main)));
    for BranchSummary { name, from, thoughts, next: number, open } in &session.branches {
        let leaves = from.map(|from| format!(" from {from}")).unwrap_or_default();
        let open = if *open { format!("next {}", next(*number)) } else { "concluded".to_owned() };
        text.field("branch", format!("{name}{leaves} · {} · {open}", counted(*thoughts, "thought")));
    }
    for Owner { line, agent, name, since_ms, until_ms } in &session.owners {
        let (since, until) = (clock.instant(*since_ms), clock.instant(*until_ms));
        let who = if telling.reader == Some(agent) { "you".to_owned() } else { format!("{name} (agent {agent})") };
        text.field("held", format!("{line} by {who} since {since}, until {until} without another thought"));
    }
    if let Some(summary) = &session.summary {
        text.field("summary", summary);
    }
}

fn thoughts(session: &Hydrated, telling: &Telling<'_>, text: &mut Text) {
    let mut in_list = false;
    let mut unread = 0;
    if session.thoughts.is_empty() && session.omitted == 0 {
        text.end().faint("None yet.").end();
    }
    for thought in &session.thoughts {
        let line = thought_line(thought, telling.clock);
        match &thought.text {
            ThoughtText::Title => {
                if !in_list {
                    text.end();
                }
                in_list = true;
                let why = if thought.superseded_by.is_none() { " · [not shown in full]" } else { "" };
                unread += usize::from(thought.superseded_by.is_none());
                text.faint(format!("- {line}{why}")).end();
            }
            ThoughtText::Whole(body) => {
                in_list = false;
                text.end().strong(format!("### {line}")).end().end().paragraph(body.trim_matches(['\n', '\r']));
            }
            ThoughtText::Cut(body) => {
                in_list = false;
                text.end().strong(format!("### {line}")).end().end().paragraph(body.trim_end());
                let rest = thought.thought.id.as_ref().map_or_else(|| quoted(thought.thought.path.as_str()), short);
                text.faint(format!("[cut here; all of it: journal show {rest}]")).end();
            }
        }
    }
    if unread + session.omitted > 0 {
        let unnamed =
            if session.omitted > 0 { format!(" ({} not even by title)", session.omitted) } else { String::new() };
        let left_out = counted(unread + session.omitted, "thought");
        text.end()
            .faint(format!("{left_out} did not fit{unnamed}. All: journal hydrate {} --all", short(&session.id)))
            .end();
    }
}

/// `T003 · title · time · [revises 2] [branch cache-first from 2]`.
fn thought_line(hydrated: &HydratedThought, clock: &Clock) -> String {
    let thought = &hydrated.thought;
    let number = thought.number.map_or("T—".to_owned(), |number| format!("T{:03}", number.get()));
    let created = thought.created.as_ref().map(|created| format!(" · {}", clock.noted_plain(created)));
    let mut marks = Vec::new();
    marks.extend(thought.revises.map(|revised| format!("[revises {revised}]")));
    marks.extend(thought.line.branch().map(|name| {
        let from = thought.branch_from.map(|from| format!(" from {from}")).unwrap_or_default();
        format!("[branch {name}{from}]")
    }));
    marks.extend(hydrated.superseded_by.map(|later| format!("[superseded by {later}]")));
    if hydrated.belongs_by == BelongsBy::Link {
        marks.push("[only linked]".to_owned());
    }
    let marks = if marks.is_empty() { String::new() } else { format!(" · {}", marks.join(" ")) };
    format!("{number} · {}{}{marks}", one_line(&thought.title), created.unwrap_or_default())
}

fn links(session: &Hydrated, text: &mut Text) {
    if session.linked.is_empty() && session.unresolved_targets.is_empty() && session.ambiguous_targets.is_empty() {
        return;
    }
    text.end().strong("## Links of the session note").end().end();
    for linked in &session.linked {
        text.plain(format!("- {} leads to {}", linked.link, linked.path)).end();
    }
    for target in &session.unresolved_targets {
        text.plain(format!("- [[{target}]] leads nowhere")).end();
    }
    for (target, paths) in &session.ambiguous_targets {
        text.plain(format!("- [[{target}]] may lead to {}", listed(paths))).end();
    }
}

#[cfg(test)]
mod tests;
