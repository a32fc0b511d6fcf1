//! The text of new notes, and what changes in a session note when a thought joins it.

use crate::{Change, Layout, NoteId, VaultPath, Written, first_sentence, link_to, render};

use super::{Gathered, Line, Placement, Session, Status, Style, Thought, thought::link_key};

/// A session note to be written.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: &'a NoteId,
    /// Its title.
    pub title: &'a str,
    /// What it is about.
    pub project: Option<&'a str>,
    /// Who begins it.
    pub agent: &'a str,
    /// `YYYY-MM-DDTHH:mm:ss`, local.
    pub now: &'a str,
    /// The caller's tags.
    pub tags: &'a [String],
}

impl NewSession<'_> {
    /// The note's text, with its first thought in place. Fields: spec of the session note; the body is left to the person.
    pub fn text(&self, first: &Thought) -> String {
        let branches = first.line.branch().map(|name| name.to_string());
        let entries = [
            ("id", Written::Text(self.id.to_string())),
            ("type", Written::Text(Session::TYPE.to_owned())),
            ("title", Written::Text(self.title.to_owned())),
            ("status", Written::Text(status_after(None, first).to_string())),
            ("project", self.project.map_or(Written::Empty, |project| Written::Text(project.to_owned()))),
            ("agent", Written::Text(self.agent.to_owned())),
            ("created", Written::Plain(self.now.to_owned())),
            ("updated", Written::Plain(self.now.to_owned())),
            ("tags", Written::List(with_tag("thinking/session", self.tags))),
            ("branch_ids", Written::List(branches.into_iter().collect())),
            ("see_also", Written::List(vec![link_to(first.path.stem())])),
            ("next_thought_needed", Written::Plain(first.next_needed.to_string())),
        ];
        render(&without_empty(&entries), Layout::Obsidian)
    }
}

/// A thought note to be written.
#[derive(Debug, Clone)]
pub struct NewThought<'a> {
    /// Its id.
    pub id: &'a NoteId,
    /// The session it belongs to.
    pub session: &'a NoteId,
    /// The name of the session's note, for the link that people follow; without the note there is no link.
    pub session_stem: Option<&'a str>,
    /// Where it goes.
    pub placement: &'a Placement<'a>,
    /// Who thinks it.
    pub agent: &'a str,
    /// `YYYY-MM-DDTHH:mm:ss`, local.
    pub now: &'a str,
    /// The caller's tags.
    pub tags: &'a [String],
    /// How sure the caller is, in the caller's words.
    pub confidence: Option<&'a str>,
    /// Files that it is about.
    pub related_files: &'a [String],
    /// The body, byte for byte; CRLF becomes LF.
    pub text: &'a str,
}

impl NewThought<'_> {
    /// The longest title made from a text, in characters.
    pub const TITLE_CHARS: usize = 60;

    /// The title: the first sentence of the text.
    pub fn title(&self) -> String {
        first_sentence(self.text, Self::TITLE_CHARS)
    }

    /// What the note will read as once it lies at `path`.
    pub fn as_thought(&self, path: VaultPath, style: &Style) -> Thought {
        let place = self.placement;
        let key = |thought: &Thought| link_key(thought.path.file_name());
        Thought {
            id: Some(self.id.clone()),
            title: match style {
                Style::Own { .. } => self.title(),
                Style::Earlier { .. } => path.stem().to_owned(),
            },
            path,
            created: Some(self.now.to_owned()),
            agent: Some(self.agent.to_owned()),
            tags: self.tags.to_vec(),
            session: Some(self.session.clone()),
            number: Some(place.number),
            total: Some(place.total),
            next_needed: place.next_needed,
            line: place.line.clone(),
            branch_from: place.branch_from,
            revises: place.revises.and_then(|thought| thought.number),
            depends_on: place.follows.map(key).into_iter().collect(),
            supersedes: place.revises.map(key).into_iter().collect(),
        }
    }

    /// The note's text.
    pub fn to_note(&self, thought: &Thought, style: &Style) -> String {
        let (entries, layout) = match style {
            Style::Own { .. } => (self.own_entries(thought), Layout::Obsidian),
            Style::Earlier { .. } => (self.earlier_entries(thought), Layout::Json),
        };
        let frontmatter = render(&entries, layout);
        let gap = if matches!(layout, Layout::Json) { "\n" } else { "" };
        format!("{frontmatter}{gap}{}", self.text.replace("\r\n", "\n"))
    }

    fn own_entries(&self, thought: &Thought) -> Vec<(&'static str, Written)> {
        let place = self.placement;
        let plain = |number: Option<super::ThoughtNumber>| {
            number.map_or(Written::Empty, |number| Written::Plain(number.to_string()))
        };
        let links =
            |thought: Option<&Thought>| Written::List(thought.map(|t| link_to(t.path.stem())).into_iter().collect());
        let revision = place.revises.map_or(Written::Empty, |_| Written::Plain("true".to_owned()));
        let entries = [
            ("id", Written::Text(self.id.to_string())),
            ("type", Written::Text(Thought::TYPE.to_owned())),
            ("title", Written::Text(thought.title.clone())),
            ("session_note_id", Written::Text(self.session.to_string())),
            ("part_of", self.session_stem.map_or(Written::Empty, |stem| Written::Text(link_to(stem)))),
            ("thought_number", Written::Plain(place.number.to_string())),
            ("total_thoughts", Written::Plain(place.total.to_string())),
            ("next_thought_needed", Written::Plain(place.next_needed.to_string())),
            ("branch_id", place.line.branch().map_or(Written::Empty, |name| Written::Text(name.to_string()))),
            ("branch_from_thought", plain(place.branch_from)),
            ("is_revision", revision),
            ("revises_thought", plain(thought.revises)),
            ("supersedes", links(place.revises)),
            ("depends_on", links(place.follows)),
            ("confidence", self.confidence.map_or(Written::Empty, |text| Written::Text(text.to_owned()))),
            ("related_files", Written::List(self.related_files.to_vec())),
            ("created", Written::Plain(self.now.to_owned())),
            ("agent", Written::Text(self.agent.to_owned())),
            ("tags", Written::List(with_tag("thinking/thought", self.tags))),
        ];
        without_empty(&entries)
    }

    /// The properties that the earlier tool writes, all of them, in its order; then ours that it has no word for.
    fn earlier_entries(&self, thought: &Thought) -> Vec<(&'static str, Written)> {
        let place = self.placement;
        let text = |text: &str| Written::Text(text.to_owned());
        let plain = |number: Option<super::ThoughtNumber>| {
            number.map_or(Written::Empty, |number| Written::Plain(number.to_string()))
        };
        let link =
            |thought: Option<&Thought>| Written::List(thought.map(|t| link_to(t.path.stem())).into_iter().collect());
        let tags = place.follows.map_or_else(
            || self.tags.to_vec(),
            |before| {
                let mut tags = before.tags.clone();
                tags.extend(self.tags.iter().filter(|tag| !before.tags.contains(tag)).cloned());
                tags
            },
        );
        let mut entries = vec![
            ("id", text(self.id.as_str())),
            ("created", text(self.now)),
            ("title", text(&thought.title)),
            ("summary", Written::Empty),
            ("aliases", Written::List(Vec::new())),
            ("entity", Written::Plain("log".to_owned())),
            ("layer", Written::Plain("operational".to_owned())),
            ("tags", Written::List(tags)),
            ("keywords", Written::List(Vec::new())),
            ("status", Written::Plain("draft".to_owned())),
            ("updated", text(self.now)),
            ("source", Written::List(Vec::new())),
            ("part_of", Written::List(self.session_stem.map(link_to).into_iter().collect())),
        ];
        if place.follows.is_some() {
            entries.push(("depends_on", link(place.follows)));
        }
        if place.revises.is_some() {
            entries.push(("supersedes", link(place.revises)));
        }
        entries.extend([
            ("branch_from_thought", plain(place.branch_from)),
            ("branch_id", place.line.branch().map_or(Written::Empty, |name| text(name.as_str()))),
            ("is_revision", Written::Plain(place.revises.is_some().to_string())),
            ("next_thought_needed", Written::Plain(place.next_needed.to_string())),
            ("revises_thought", plain(thought.revises)),
            ("session_note_id", text(self.session.as_str())),
            ("thought_number", Written::Plain(place.number.to_string())),
            ("total_thoughts", Written::Plain(place.total.to_string())),
            ("agent", text(self.agent)),
        ]);
        if let Some(confidence) = self.confidence {
            entries.push(("confidence", text(confidence)));
        }
        if !self.related_files.is_empty() {
            entries.push(("related_files", Written::List(self.related_files.to_vec())));
        }
        entries
    }
}

/// What changes in a session note now that `newest` has joined its `gathered` thoughts: links to thoughts that have none,
/// names of branches, who wrote last and when. `see_also` keeps what a person put there.
pub fn session_changes(
    session: &Session,
    gathered: &Gathered,
    newest: &Thought,
    agent: &str,
    now: &str,
    style: &Style,
) -> Vec<(&'static str, Change)> {
    let mut changes = vec![("updated", Change::Set(Written::Plain(now.to_owned())))];
    let unlinked = gathered.unlinked();
    if !unlinked.is_empty() {
        let mut links = session.see_also.clone();
        links.extend(unlinked.iter().map(|thought| link_to(thought.path.stem())));
        changes.push(("see_also", Change::Set(Written::List(links))));
    }
    let named = gathered.branches().into_iter().map(|branch| branch.name.to_string());
    let new: Vec<_> = named.filter(|name| !session.branch_ids.contains(name)).collect();
    if !new.is_empty() {
        let branches = session.branch_ids.iter().cloned().chain(new).collect();
        changes.push(("branch_ids", Change::Set(Written::List(branches))));
    }
    if let Style::Own { .. } = style {
        let status = status_after(session.status, newest);
        if Some(status) != session.status {
            changes.push(("status", Change::Set(Written::Text(status.to_string()))));
        }
        changes.push(("agent", Change::Set(Written::Text(agent.to_owned()))));
        if gathered.newest_on(&Line::Main).is_some() {
            changes.push((
                "next_thought_needed",
                Change::Set(Written::Plain(gathered.next_needed(&Line::Main).to_string())),
            ));
        }
    }
    changes
}

/// A last thought on the main line concludes the session; a thought that expects another takes it up again.
fn status_after(before: Option<Status>, newest: &Thought) -> Status {
    match (newest.next_needed, &newest.line) {
        (true, _) => Status::Active,
        (false, Line::Main) => Status::Done,
        (false, Line::Branch(_)) => before.unwrap_or(Status::Active),
    }
}

fn with_tag(tag: &str, more: &[String]) -> Vec<String> {
    let mut tags = vec![tag.to_owned()];
    for tag in more {
        let tag = tag.trim().trim_start_matches('#').to_owned();
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// A property that says nothing is not written.
fn without_empty(entries: &[(&'static str, Written)]) -> Vec<(&'static str, Written)> {
    let says_something =
        |written: &Written| !matches!(written, Written::Empty) && *written != Written::List(Vec::new());
    entries.iter().filter(|(_, written)| says_something(written)).cloned().collect()
}
