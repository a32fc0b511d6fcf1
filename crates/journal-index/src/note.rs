//! A note as the index takes it: plain data, made from a text by a pure function that any thread may run.

use std::collections::HashSet;

use journal_model::{
    Diagnostic, Fragment, LinkKind as Written, Note, NoteId, Properties, Session, Structure, Thought, Value, VaultPath,
    WikiLink, blank_graph, is_thought, link_values, links_in, name_key, structure,
};

use crate::{
    chunk::{Chunk, chunks},
    document::{Document, Parts, Texts},
    kind::NoteKind,
};

/// The version of what [`index_note`] makes of a text. A note that was indexed by another one counts as changed.
pub const PARSER_VERSION: u32 = 3;

/// By what a file is known to be unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileSignature {
    /// Bytes.
    pub size: u64,
    /// Modification time, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// When bytes or properties last changed, as the file system says, in nanoseconds since 1970; it cannot be set back.
    pub changed_ns: i64,
    /// The file's number in its file system; 0 where there is none.
    pub inode: u64,
    /// A 128-bit hash of the bytes.
    pub hash: u128,
}

/// How a link is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkKind {
    /// `[[target]]`.
    Wiki,
    /// `![[target]]`.
    Embed,
    /// `[text](target)` or `![text](target)` into the vault.
    Markdown,
    /// A link in a property.
    Property,
}

impl LinkKind {
    /// Its code, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wiki => "wiki",
            Self::Embed => "embed",
            Self::Markdown => "markdown",
            Self::Property => "property",
        }
    }
}

/// A link out of a note. URLs are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLink {
    /// How it is written.
    pub kind: LinkKind,
    /// The name or path it gives; empty for a link into the note itself.
    pub target: String,
    /// `#Heading` or `#^block`, as written.
    pub fragment: Option<String>,
    /// What readers see instead.
    pub alias: Option<String>,
    /// 1-based line of the file.
    pub line: u32,
    /// The property it stands in.
    pub property: Option<String>,
}

/// A heading of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteHeading {
    /// 1 to 6.
    pub level: u8,
    /// 1-based line of the file.
    pub line: u32,
    /// What a reader sees.
    pub text: String,
}

/// What a note says about thinking; all of it may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thinking {
    /// The session a thought belongs to; a session's own id.
    pub session: Option<NoteId>,
    /// The thought's number.
    pub number: Option<u32>,
    /// The branch; `None` on the main line.
    pub branch: Option<String>,
    /// The number of the thought the branch leaves.
    pub branch_from: Option<u32>,
    /// The number of the thought this one revises.
    pub revises: Option<u32>,
    /// Whether another thought is to follow.
    pub next_needed: Option<bool>,
}

/// A note, ready to be written to the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedNote {
    /// Where it lies.
    pub path: VaultPath,
    /// The file it was read from.
    pub signature: FileSignature,
    /// `id`.
    pub id: Option<NoteId>,
    /// What it is.
    pub kind: NoteKind,
    /// `type`, as written.
    pub note_type: Option<String>,
    /// `title`; without one, a note is called by its file.
    pub title: Option<String>,
    /// `aliases`.
    pub aliases: Vec<String>,
    /// Tags of the properties and of the text, each once, without `#`.
    pub tags: Vec<String>,
    /// `created`, as written.
    pub created: Option<String>,
    /// `updated`, as written.
    pub updated: Option<String>,
    /// `status`, `project` and `agent`, as written.
    pub status: Option<String>,
    /// See `status`.
    pub project: Option<String>,
    /// See `status`.
    pub agent: Option<String>,
    /// `summary`.
    pub summary: Option<String>,
    /// Number, branch and session.
    pub thinking: Thinking,
    /// The other properties that hold text, each with its values.
    pub properties: Vec<(String, Vec<String>)>,
    /// Links of the properties, then of the text.
    pub links: Vec<NoteLink>,
    /// Headings in the order of the text.
    pub headings: Vec<NoteHeading>,
    /// The text in pieces.
    pub chunks: Vec<Chunk>,
    /// The frontmatter of a session or thought, byte for byte, so that it can be read again without the file.
    pub head: Option<String>,
    /// The text without frontmatter.
    pub body: String,
    /// What is wrong with the note.
    pub diagnostics: Vec<Diagnostic>,
    /// What full-text search is given.
    pub(crate) document: Document,
}

/// Properties that have a place of their own in the index.
const KNOWN: &[&str] = &[
    "id",
    "type",
    "title",
    "alias",
    "aliases",
    "tag",
    "tags",
    "created",
    "updated",
    "status",
    "project",
    "agent",
    "summary",
    "session_note_id",
    "thought_number",
    "branch_id",
    "branch_from_thought",
    "revises_thought",
    "next_thought_needed",
];

/// Properties whose values are links even without brackets.
const LINKS: &[&str] = &["part_of", "depends_on", "see_also", "supersedes"];

/// Reads a note for the index. `signature` is that of the file that `text` was decoded from.
pub fn index_note(path: VaultPath, signature: FileSignature, text: &str) -> IndexedNote {
    // What a program drew is no text of the note.
    let text = &*blank_graph(text);
    let note = Note::parse(text);
    let body = note.body(text);
    let found = structure(body);
    let first_line = 1 + text[..note.body_offset()].bytes().filter(|byte| *byte == b'\n').count();
    let properties = &note.properties;
    let own = |key: &str| properties.text(key).map(str::to_owned);
    let mut indexed = IndexedNote {
        id: note.id(),
        kind: NoteKind::Note,
        note_type: own("type"),
        title: own("title"),
        aliases: ["aliases", "alias"].iter().flat_map(|key| properties.texts(key)).map(one_line).collect(),
        tags: tags(properties, &found),
        created: own("created"),
        updated: own("updated"),
        status: own("status"),
        project: own("project"),
        agent: own("agent"),
        summary: own("summary"),
        thinking: Thinking::default(),
        properties: other_properties(properties),
        links: links(properties, &found, first_line),
        headings: headings(&found, first_line),
        chunks: chunks(properties.text("title"), path.stem(), body, &found, first_line),
        diagnostics: note.diagnostics.clone(),
        document: Document::default(),
        head: None,
        body: body.to_owned(),
        path,
        signature,
    };
    indexed.think(properties);
    indexed.head = (indexed.kind != NoteKind::Note).then(|| text[..note.body_offset()].to_owned());
    indexed.document = Document::new(&indexed.parts());
    indexed
}

impl IndexedNote {
    /// The note's title, or the name of its file.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or_else(|| self.path.stem())
    }

    /// How many words it has.
    pub fn words(&self) -> u32 {
        self.document.words
    }

    fn think(&mut self, properties: &Properties) {
        if let Some(id) = self.id.clone() {
            let session = Session::read(id, self.path.clone(), properties);
            if session.declared || session.earlier {
                self.kind = NoteKind::Session;
                self.thinking.session = Some(session.id);
                self.thinking.next_needed =
                    properties.text("next_thought_needed").map(|text| !text.eq_ignore_ascii_case("false"));
                return;
            }
        }
        if !is_thought(properties) {
            return;
        }
        let (thought, diagnostics) = Thought::read(self.path.clone(), properties);
        self.kind = NoteKind::Thought;
        self.thinking = Thinking {
            session: thought.session,
            number: thought.number.map(|number| number.get()),
            branch: thought.line.branch().map(|name| name.as_str().to_owned()),
            branch_from: thought.branch_from.map(|number| number.get()),
            revises: thought.revises.map(|number| number.get()),
            next_needed: Some(thought.next_needed),
        };
        // A note that is moved keeps its diagnostics, so they must not tell where it was.
        let place = format!(" in `{}`", self.path);
        self.diagnostics.extend(diagnostics.into_iter().map(|diagnostic| {
            let hint = diagnostic.hint.replace(&place, "");
            Diagnostic { hint, ..diagnostic }
        }));
    }

    fn parts(&self) -> Parts<'_> {
        Parts {
            texts: Texts {
                body: &self.body,
                title: self.title.as_deref(),
                stem: self.path.stem(),
                aliases: self.aliases.iter().map(String::as_str).collect(),
                headings: self.headings.iter().map(|heading| heading.text.as_str()).collect(),
                summary: self.summary.as_deref(),
                tags: self.tags.iter().map(String::as_str).collect(),
            },
            kind: self.kind,
            note_type: self.note_type.as_deref(),
            session: self.thinking.session.as_ref().map(NoteId::as_str),
            branch: self.thinking.branch.as_deref(),
            status: self.status.as_deref(),
            project: self.project.as_deref(),
            agent: self.agent.as_deref(),
        }
    }
}

fn tags(properties: &Properties, found: &Structure) -> Vec<String> {
    let listed = ["tags", "tag"].iter().flat_map(|key| properties.texts(key));
    let written = listed.flat_map(|text| text.split([',', ' '])).map(|tag| tag.trim().trim_start_matches('#'));
    let mut seen = HashSet::new();
    written
        .chain(found.tags.iter().map(|tag| tag.name.as_str()))
        .map(|tag| tag.trim_matches('/'))
        .filter(|tag| !tag.is_empty() && seen.insert(name_key(tag)))
        .map(one_line)
        .collect()
}

/// A text with single spaces for all white space: lists are stored a line an item.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn headings(found: &Structure, first_line: usize) -> Vec<NoteHeading> {
    let heading = |heading: &journal_model::Heading| NoteHeading {
        level: heading.level,
        line: file_line(heading.line, first_line),
        text: one_line(&heading.text),
    };
    found.headings.iter().map(heading).collect()
}

fn links(properties: &Properties, found: &Structure, first_line: usize) -> Vec<NoteLink> {
    let mut links = Vec::new();
    for property in properties.iter().filter(|property| !KNOWN.contains(&property.key.as_str())) {
        let mut texts = Vec::new();
        collect(&property.value, &mut texts);
        for text in texts {
            let read = if LINKS.contains(&property.key.as_str()) { link_values(text) } else { links_in(text) };
            links.extend(read.into_iter().map(|link| {
                let line = u32::try_from(property.line).unwrap_or(u32::MAX);
                NoteLink { property: Some(property.key.clone()), ..note_link(LinkKind::Property, link, line) }
            }));
        }
    }
    for link in &found.links {
        let line = file_line(link.line, first_line);
        match &link.kind {
            Written::Wiki(wiki) => {
                let kind = if wiki.embed { LinkKind::Embed } else { LinkKind::Wiki };
                links.push(note_link(kind, wiki.clone(), line));
            }
            Written::Markdown(wiki) => links.push(note_link(LinkKind::Markdown, wiki.clone(), line)),
            Written::External(_) => {}
        }
    }
    links
}

fn note_link(kind: LinkKind, link: WikiLink, line: u32) -> NoteLink {
    let fragment = link.fragment.as_ref().map(Fragment::to_string);
    NoteLink { kind, target: link.target, fragment, alias: link.alias, line, property: None }
}

fn other_properties(properties: &Properties) -> Vec<(String, Vec<String>)> {
    let mut others = Vec::new();
    for property in properties.iter().filter(|property| !KNOWN.contains(&property.key.as_str())) {
        let mut texts = Vec::new();
        collect(&property.value, &mut texts);
        texts.retain(|text| !text.trim().is_empty() && !text.contains("[["));
        if !texts.is_empty() && !LINKS.contains(&property.key.as_str()) {
            others.push((property.key.clone(), texts.into_iter().map(str::to_owned).collect()));
        }
    }
    others
}

fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::Null => {}
        Value::Text(text) => texts.push(text),
        Value::List(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Map(entries) => entries.iter().for_each(|(_, item)| collect(item, texts)),
    }
}

fn file_line(line: usize, first_line: usize) -> u32 {
    u32::try_from(first_line + line - 1).unwrap_or(u32::MAX)
}
