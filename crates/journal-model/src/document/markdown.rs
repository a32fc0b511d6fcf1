//! A session as one markdown document.

use std::fmt::Write as _;

use crate::{Thought, link_to, structure};

use super::{
    WholeSession,
    closing::{enclosed, without_tags},
    name, one_line,
    outline::{Entry, Part, outline},
};

/// The level of the headings of the main line's thoughts; each branch is two deeper, as far as there are levels.
const LEVEL: usize = 2;

pub(super) fn render(session: &WholeSession) -> String {
    let mut out = format!("# {}\n\n", without_tags(&one_line(session.gathered.title())));
    for (name, value) in session.facts() {
        put(&mut out, format_args!("- {name}: {}\n", without_tags(&value)));
    }
    if let Some(own) = &session.gathered.session {
        put(&mut out, format_args!("- Note: {}\n", link_to(own.path.stem())));
    }
    if let Some(summary) = session.summary() {
        put(&mut out, format_args!("\n> {}\n", without_tags(&summary)));
    }
    text(&mut out, &session.own_body(), LEVEL - 1);
    for part in outline(&session.gathered) {
        match part {
            Part::Branch { name: branch, from, depth } => {
                let leaves = from.map(|from| format!(", from {}", name(from))).unwrap_or_default();
                let hashes = hashes(LEVEL + 2 * depth - 1);
                put(&mut out, format_args!("\n{hashes} Branch {}{leaves}\n", without_tags(&one_line(branch.as_str()))));
            }
            Part::Thought(entry) => thought(&mut out, session, &entry),
        }
    }
    out
}

fn thought(out: &mut String, session: &WholeSession, entry: &Entry<'_>) {
    let level = LEVEL + 2 * entry.depth;
    let thought = entry.thought;
    let body = session.body(&thought.path);
    let (hashes, name_here) = (hashes(level), name(thought).replacen('t', "T", 1));
    put(out, format_args!("\n{hashes} {name_here}{}\n\n", own_title(thought, body)));
    if let Some(revised) = entry.revises {
        put(out, format_args!("> Revises {}.\n\n", name(revised)));
    }
    if let Some(later) = entry.superseded_by {
        put(out, format_args!("> Superseded by {}.\n\n", name(later)));
    }
    let known = [thought.created.as_deref(), thought.agent.as_deref()].into_iter().flatten().map(one_line);
    let known: Vec<_> = known.chain([link_to(thought.path.stem())]).collect();
    put(out, format_args!("*{}*\n", known.join(" · ")));
    match body {
        Some(body) => text(out, body, level),
        None => out.push_str("\n*Its note could not be read.*\n"),
    }
}

/// The title, where the text does not begin with it.
fn own_title(thought: &Thought, body: Option<&str>) -> String {
    let title = one_line(&thought.title);
    let begins = |body: &str| one_line(body).trim_start_matches(['#', ' ']).starts_with(title.trim_end_matches('…'));
    let is_said = title.eq_ignore_ascii_case(thought.path.stem()) || body.is_some_and(begins);
    if is_said { String::new() } else { format!(" · {}", without_tags(&title)) }
}

/// A body below a heading of a level: its own headings are below that, and nothing in it reaches beyond its end.
fn text(out: &mut String, body: &str, level: usize) {
    let body = body.trim_matches(['\r', '\n']);
    if body.trim().is_empty() {
        return;
    }
    out.push('\n');
    let (body, closing) = enclosed(body);
    let structure = structure(&body);
    let mut copied = 0;
    for heading in &structure.headings {
        let own = &body[heading.span.clone()];
        out.push_str(&body[copied..heading.span.start]);
        copied = heading.span.end;
        let deeper = hashes(level + usize::from(heading.level));
        match own.trim_start_matches('#') {
            // Underlined; what it is made of may have several lines.
            rest if rest.len() == own.len() => {
                let lines: Vec<_> = own.lines().collect();
                let words = lines.split_last().map_or(own.to_owned(), |(_, words)| words.join(" "));
                put(out, format_args!("{deeper} {}", one_line(&words)));
            }
            rest => put(out, format_args!("{deeper}{rest}")),
        }
    }
    out.push_str(&body[copied..]);
    out.push('\n');
    out.push_str(&closing);
}

fn hashes(level: usize) -> &'static str {
    const SIX: &str = "######";
    &SIX[..level.clamp(1, SIX.len())]
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}
