//! A session as one JSON document: all that is needed to make its notes again, byte for byte.

use journal_engine::Exported;
use journal_model::{Canvas, CanvasEdge, CanvasFile, Note, Properties, Side, Thought, Value, VaultPath};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{DiagnosticObject, path, text};

/// What such a document calls itself.
pub const SESSION_FORMAT: &str = "journal-session";

/// The answer of `journal export --format json`.
#[derive(Debug, Serialize)]
pub struct SessionDocument<'a> {
    format: &'static str,
    session: SessionObject<'a>,
    thoughts: Vec<ThoughtObject<'a>>,
    diagnostics: Vec<DiagnosticObject>,
}

#[derive(Debug, Serialize)]
struct SessionObject<'a> {
    id: String,
    title: &'a str,
    status: &'static str,
    project: Option<&'a str>,
    created: Option<&'a str>,
    updated: Option<&'a str>,
    summary: Option<&'a str>,
    note: Option<NoteObject<'a>>,
}

#[derive(Debug, Serialize)]
struct ThoughtObject<'a> {
    id: Option<String>,
    number: Option<u32>,
    branch: Option<&'a str>,
    branch_from: Option<u32>,
    revises: Option<u32>,
    title: &'a str,
    created: Option<&'a str>,
    agent: Option<&'a str>,
    note: Option<NoteObject<'a>>,
}

/// A note: its whole text is `source` and then `body`.
#[derive(Debug, Serialize)]
struct NoteObject<'a> {
    path: String,
    properties: PropertiesObject<'a>,
    source: &'a str,
    body: &'a str,
}

/// Properties in their order.
#[derive(Debug)]
struct PropertiesObject<'a>(&'a Properties);

/// A property's value, each scalar as the text that stands there.
struct ValueObject<'a>(&'a Value);

impl<'a> SessionDocument<'a> {
    /// The document of a session.
    pub fn new(exported: &'a Exported) -> Self {
        let whole = &exported.session;
        let gathered = &whole.gathered;
        let own = gathered.session.as_ref();
        Self {
            format: SESSION_FORMAT,
            session: SessionObject {
                id: text(&gathered.id),
                title: gathered.title(),
                status: gathered.status().as_str(),
                project: own.and_then(|own| own.project.as_deref()),
                created: own.and_then(|own| own.created.as_deref()),
                updated: own.and_then(|own| own.updated.as_deref()),
                summary: own.and_then(|own| own.summary.as_deref()),
                note: own.and_then(|own| NoteObject::new(exported, &own.path)),
            },
            thoughts: gathered.thoughts().iter().map(|thought| ThoughtObject::new(exported, thought)).collect(),
            diagnostics: DiagnosticObject::list(&exported.diagnostics),
        }
    }
}

impl<'a> ThoughtObject<'a> {
    fn new(exported: &'a Exported, thought: &'a Thought) -> Self {
        Self {
            id: thought.id.as_ref().map(text),
            number: thought.number.map(|number| number.get()),
            branch: thought.line.branch().map(|name| name.as_str()),
            branch_from: thought.branch_from.map(|number| number.get()),
            revises: thought.revises.map(|number| number.get()),
            title: &thought.title,
            created: thought.created.as_deref(),
            agent: thought.agent.as_deref(),
            note: NoteObject::new(exported, &thought.path),
        }
    }
}

impl<'a> NoteObject<'a> {
    /// The note, unless it could not be read, or is not what it would be here: JSON has no bytes that are not text.
    fn new(exported: &'a Exported, at: &VaultPath) -> Option<Self> {
        let (note, whole): (&Note, &str) = exported.session.note(at).filter(|_| !exported.not_utf8.contains(at))?;
        let (source, body) = whole.split_at(note.body_offset());
        Some(Self { path: path(at), properties: PropertiesObject(&note.properties), source, body })
    }
}

impl Serialize for PropertiesObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for property in self.0.iter() {
            map.serialize_entry(&property.key, &ValueObject(&property.value))?;
        }
        map.end()
    }
}

impl Serialize for ValueObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(ValueObject)),
            Value::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, ValueObject(value)))),
        }
    }
}

/// A canvas, by JSON Canvas 1.0.
#[derive(Debug, Serialize)]
pub struct CanvasDocument<'a> {
    nodes: Vec<CanvasNode<'a>>,
    edges: Vec<CanvasArrow<'a>>,
}

#[derive(Debug, Serialize)]
struct CanvasNode<'a> {
    id: &'a str,
    r#type: &'static str,
    file: &'a str,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CanvasArrow<'a> {
    id: &'a str,
    from_node: &'a str,
    from_side: &'static str,
    to_node: &'a str,
    to_side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

impl<'a> From<&'a Canvas> for CanvasDocument<'a> {
    fn from(canvas: &'a Canvas) -> Self {
        let node = |file: &'a CanvasFile| CanvasNode {
            id: &file.id,
            r#type: "file",
            file: file.path.as_str(),
            x: file.x,
            y: file.y,
            width: CanvasFile::WIDTH,
            height: CanvasFile::HEIGHT,
            color: file.color,
        };
        let arrow = |edge: &'a CanvasEdge| CanvasArrow {
            id: &edge.id,
            from_node: &edge.from.0,
            from_side: side(edge.from.1),
            to_node: &edge.to.0,
            to_side: side(edge.to.1),
            color: edge.color,
            label: edge.label.as_deref(),
        };
        Self { nodes: canvas.files.iter().map(node).collect(), edges: canvas.edges.iter().map(arrow).collect() }
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Top => "top",
        Side::Right => "right",
        Side::Bottom => "bottom",
        Side::Left => "left",
    }
}
