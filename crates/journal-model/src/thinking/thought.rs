//! A thought note, read.

use crate::{Diagnostic, DiagnosticCode, NoteId, Properties, VaultPath, link_values, name_key};

use super::{Line, ThoughtNumber};

/// A thought note's properties, read tolerantly: what cannot be read is absent here and told as a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thought {
    /// `id`; a person may have removed it.
    pub id: Option<NoteId>,
    /// Where the note lies.
    pub path: VaultPath,
    /// `title`, or the file's name.
    pub title: String,
    /// `created`, as text.
    pub created: Option<String>,
    /// `agent`.
    pub agent: Option<String>,
    /// `tags`, as the texts that stand there.
    pub tags: Vec<String>,
    /// `session_note_id`: the truth about belonging. Absent where a thought is known only by a link.
    pub session: Option<NoteId>,
    /// `thought_number`.
    pub number: Option<ThoughtNumber>,
    /// `total_thoughts`.
    pub total: Option<u32>,
    /// `next_thought_needed`; true where it is absent.
    pub next_needed: bool,
    /// `branch_id`.
    pub line: Line,
    /// `branch_from_thought`.
    pub branch_from: Option<ThoughtNumber>,
    /// `revises_thought`.
    pub revises: Option<ThoughtNumber>,
    /// The names of the notes that `depends_on` links, in lower case.
    pub depends_on: Vec<String>,
    /// The names of the notes that `supersedes` links, in lower case.
    pub supersedes: Vec<String>,
}

/// By what a note's name and a link to it are the same, whatever folders and case the link is written with.
pub(super) fn link_key(target: &str) -> String {
    let key = name_key(target.rsplit('/').next().unwrap_or_default());
    key.strip_suffix(".md").map(str::to_owned).unwrap_or(key)
}

/// Whether a note with these properties is a thought.
pub fn is_thought(properties: &Properties) -> bool {
    properties.text("type") == Some(Thought::TYPE)
        || properties.text("session_note_id").is_some()
        || properties.text("thought_number").is_some()
}

/// Whether a thought's body says what `text` says, line endings and blank lines around it aside. The earlier tool frames the
/// text in a template; there it is the section `## Core`.
pub fn same_thought(body: &str, text: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").trim_matches('\n').trim_end().to_owned();
    let (body, text) = (plain(body), plain(text));
    body == text || framed(&body).is_some_and(|core| plain(core) == text)
}

/// The text that the earlier tool framed in its template; line endings are LF.
pub(crate) fn framed(body: &str) -> Option<&str> {
    body.split_once("\n## Core\n")?.1.split("\n## ").next()
}

impl Thought {
    /// `type` of a thought note.
    pub const TYPE: &'static str = "thought";

    /// Reads a note as a thought.
    pub fn read(path: VaultPath, properties: &Properties) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let mut complain = |key: &str, problem: String| {
            let mut diagnostic = Diagnostic::new(
                DiagnosticCode::InvalidThought,
                format!("`{key}`: {problem}"),
                format!("correct `{key}` in `{path}`"),
            );
            diagnostic.line = properties.line(key);
            diagnostics.push(diagnostic);
        };
        let mut number = |key| {
            let text = properties.text(key)?;
            text.parse::<ThoughtNumber>().map_err(|error| complain(key, error.to_string())).ok()
        };
        let (own, branch_from, revises) =
            (number("thought_number"), number("branch_from_thought"), number("revises_thought"));
        let total = properties.text("total_thoughts").and_then(|text| {
            text.parse::<u32>().map_err(|_| complain("total_thoughts", format!("`{text}` is not a whole number"))).ok()
        });
        let line = match properties.text("branch_id").map(str::parse) {
            None => Line::Main,
            Some(Ok(line)) => line,
            Some(Err(error)) => {
                let error: super::BranchNameError = error;
                complain("branch_id", error.to_string());
                Line::Main
            }
        };
        let id = |key: &str, complain: &mut dyn FnMut(&str, String)| {
            properties.text(key)?.parse().map_err(|error: crate::NoteIdError| complain(key, error.to_string())).ok()
        };
        let (own_id, session) = (id("id", &mut complain), id("session_note_id", &mut complain));
        let text = |key| properties.text(key).map(str::to_owned);
        let thought = Self {
            id: own_id,
            title: text("title").unwrap_or_else(|| path.stem().to_owned()),
            created: text("created"),
            agent: text("agent"),
            tags: properties.texts("tags").into_iter().map(str::to_owned).collect(),
            session,
            number: own,
            total,
            next_needed: !properties.text("next_thought_needed").is_some_and(|text| text.eq_ignore_ascii_case("false")),
            line,
            branch_from,
            revises,
            depends_on: linked(properties, "depends_on"),
            supersedes: linked(properties, "supersedes"),
            path: path.clone(),
        };
        (thought, diagnostics)
    }

    /// Whether `keys` hold a link to this note.
    pub(super) fn is_linked_in(&self, keys: &[String]) -> bool {
        !keys.is_empty() && keys.contains(&link_key(self.path.file_name()))
    }

    /// Orders thoughts by when they were thought: `created`, then number, then id.
    pub fn recency(&self) -> impl Ord + '_ {
        (self.created.as_deref(), self.number, self.id.as_ref(), &self.path)
    }
}

fn linked(properties: &Properties, key: &str) -> Vec<String> {
    properties.texts(key).into_iter().flat_map(link_values).map(|link| link_key(&link.target)).collect()
}
