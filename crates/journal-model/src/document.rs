//! A session as one document: markdown, a page of HTML, a Mermaid flowchart, a canvas.
//!
//! All of them tell the same: the thoughts of the main line by number, each branch after the thought it leaves, revisions
//! beside what they revise. What a note says is anybody's text, so each form takes away the meaning that it would have there.

mod canvas;
mod closing;
mod graph_block;
mod html;
mod markdown;
mod mermaid;
mod outline;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashMap};

pub use canvas::{Canvas, CanvasEdge, CanvasFile, Side};
pub use graph_block::{GraphBlockError, blank_graph, graph_of, with_graph, without_graph};
pub use mermaid::MERMAID_EDGES;

use crate::{Gathered, NewThought, Note, Thought, VaultPath, first_sentence, thinking::framed};

/// A session with the texts of its notes.
#[derive(Debug, Clone)]
pub struct WholeSession {
    /// The session and its thoughts.
    pub gathered: Gathered,
    /// The notes that could be read, by their paths.
    notes: HashMap<VaultPath, (Note, String)>,
}

impl WholeSession {
    /// A session with the texts of those of its notes that could be read.
    pub fn new(gathered: Gathered, texts: impl IntoIterator<Item = (VaultPath, String)>) -> Self {
        let notes = texts.into_iter().map(|(path, text)| (path, (Note::parse(&text), text))).collect();
        Self { gathered, notes }
    }

    /// A note of the session: what was read of it, and its whole text.
    pub fn note(&self, path: &VaultPath) -> Option<(&Note, &str)> {
        self.notes.get(path).map(|(note, text)| (note, text.as_str()))
    }

    /// The body of a note.
    pub fn body(&self, path: &VaultPath) -> Option<&str> {
        self.note(path).map(|(note, text)| note.body(text))
    }

    /// One markdown document. Headings of thoughts become smaller than those of the document, what they leave open is closed,
    /// links stay as they are.
    pub fn to_markdown(&self) -> String {
        markdown::render(self)
    }

    /// A page of HTML that needs nothing else and runs nothing: no script, no image, no markup of a thought's own.
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    /// A Mermaid flowchart of the thoughts.
    pub fn to_mermaid(&self) -> String {
        mermaid::render(self)
    }

    /// The notes as a canvas: the main line in one column, branches in columns beside it.
    pub fn to_canvas(&self) -> Canvas {
        canvas::lay_out(self)
    }

    /// What the session's own note says, or nothing. The graph in it is drawn of what the document tells.
    fn own_body(&self) -> String {
        let own = self.gathered.session.as_ref().and_then(|session| self.note(&session.path));
        let Some((_, text)) = own else { return String::new() };
        let text = without_graph(text).unwrap_or_else(|_| text.to_owned());
        Note::parse(&text).body(&text).trim_matches(['\r', '\n']).to_owned()
    }

    /// What a thought is called: its title or, where that only repeats the file's name, its first sentence.
    fn caption<'a>(&'a self, thought: &'a Thought) -> Cow<'a, str> {
        let named = !thought.title.eq_ignore_ascii_case(thought.path.stem());
        match self.body(&thought.path) {
            Some(body) if !named && !body.trim().is_empty() => {
                let body = body.replace("\r\n", "\n");
                first_sentence(framed(&body).unwrap_or(&body), NewThought::TITLE_CHARS).into()
            }
            _ => thought.title.as_str().into(),
        }
    }

    /// Properties of the session that a reader wants to know, by name.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let session = self.gathered.session.as_ref();
        let text = |of: fn(&crate::Session) -> &Option<String>| session.and_then(|session| of(session).clone());
        let branches = self.gathered.branches().len();
        let mut thoughts = self.gathered.thoughts().len().to_string();
        match branches {
            0 => {}
            1 => thoughts.push_str(", with 1 branch"),
            _ => thoughts.push_str(&format!(", with {branches} branches")),
        }
        let facts = [
            ("Status", Some(self.gathered.status().to_string())),
            ("Project", text(|session| &session.project)),
            ("Agent", text(|session| &session.agent)),
            ("Created", text(|session| &session.created)),
            ("Updated", text(|session| &session.updated)),
            ("Thoughts", Some(thoughts)),
            ("Session", Some(self.gathered.id.to_string())),
        ];
        facts.into_iter().filter_map(|(name, value)| Some((name, one_line(&value?)))).collect()
    }

    fn summary(&self) -> Option<String> {
        self.gathered.session.as_ref()?.summary.as_deref().map(one_line).filter(|summary| !summary.is_empty())
    }
}

/// A thought's number, as readers see it.
fn number(thought: &Thought) -> String {
    thought.number.map_or_else(|| "?".to_owned(), |number| number.to_string())
}

/// A thought as others name it: `thought 3`, or with its branch.
fn name(thought: &Thought) -> String {
    match thought.line.branch() {
        None => format!("thought {}", number(thought)),
        Some(branch) => format!("thought {} of {}", number(thought), one_line(branch.as_str())),
    }
}

/// Text without line breaks, controls and double spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
