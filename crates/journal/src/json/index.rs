//! The answers of the commands that ask and mend the index.

use journal_engine as engine;
use journal_engine::{FindingCode, FoundLink, Fresh, LinkRow, Listed, TagCount, Total, obsidian_link};
use serde::Serialize;

use super::{around::Around, path};
use crate::{
    commands::schedule,
    text::{diagnostics::mending, time::wall},
};

/// The answer of `journal search`.
#[derive(Debug, Serialize)]
pub struct Found {
    hits: Vec<Hit>,
    by_meaning: bool,
    words_only: Option<String>,
    total: u64,
    total_is_exact: bool,
    relaxed: bool,
    revised: u64,
    cursor: Option<String>,
    notes: Vec<String>,
    gone: Vec<String>,
    changed: Vec<String>,
    indexed: u64,
}

#[derive(Debug, Serialize)]
struct Hit {
    id: Option<String>,
    path: String,
    title: String,
    kind: &'static str,
    why: &'static str,
    partial: bool,
    score: f32,
    words: Option<f32>,
    meaning: Option<f32>,
    parts: Vec<Part>,
    headings: Vec<String>,
    lines: Option<(u32, u32)>,
    snippet: String,
    highlights: Vec<(usize, usize)>,
    changed: String,
    tags: Vec<String>,
    status: Option<String>,
    project: Option<String>,
    agent: Option<String>,
    session: Option<String>,
    number: Option<u32>,
    branch: Option<String>,
    superseded: bool,
    open: String,
}

#[derive(Debug, Serialize)]
struct Part {
    text: String,
    score: f32,
}

impl Found {
    /// The answer, for a vault of this name.
    pub fn new(searched: &engine::Searched, vault: &str) -> Self {
        let (total, total_is_exact) = match searched.total {
            Total::Exactly(total) => (total, true),
            Total::AtLeast(total) => (total, false),
        };
        Self {
            hits: searched.hits.iter().zip(&searched.grounds).map(|(hit, why)| Hit::new(hit, why, vault)).collect(),
            by_meaning: searched.by_meaning,
            words_only: searched.words_only.clone(),
            total,
            total_is_exact,
            relaxed: searched.relaxed,
            revised: searched.revised,
            cursor: searched.cursor.clone(),
            notes: searched.notes.clone(),
            gone: searched.gone.iter().map(path).collect(),
            changed: searched.changed.iter().map(path).collect(),
            indexed: searched.indexed,
        }
    }
}

impl Hit {
    fn new(hit: &engine::Hit, grounds: &engine::Grounds, vault: &str) -> Self {
        let note = &hit.note;
        Self {
            id: note.id.as_ref().map(ToString::to_string),
            path: path(&note.path),
            title: note.title.clone(),
            kind: note.kind.as_str(),
            why: grounds.code(hit.why),
            partial: hit.partial,
            score: hit.score,
            words: grounds.words,
            meaning: grounds.meaning,
            parts: hit.parts.iter().map(|(text, score)| Part { text: text.clone(), score: *score }).collect(),
            headings: hit.headings.clone(),
            lines: (hit.lines.0 > 0).then_some(hit.lines),
            snippet: hit.snippet.clone(),
            highlights: hit.highlights.iter().map(|range| (range.start, range.end)).collect(),
            changed: wall(note.changed),
            tags: note.tags.clone(),
            status: note.status.clone(),
            project: note.project.clone(),
            agent: note.agent.clone(),
            session: note.thinking.session.as_ref().map(ToString::to_string),
            number: note.thinking.number,
            branch: note.thinking.branch.clone(),
            superseded: note.superseded,
            open: obsidian_link(vault, &note.path),
        }
    }
}

/// The answer of `journal reindex`.
#[derive(Debug, Serialize)]
pub struct Reindexed {
    fresh: &'static str,
    aside: Option<String>,
    seen: usize,
    unchanged: usize,
    added: usize,
    changed: usize,
    touched: usize,
    moved: Vec<Moved>,
    deleted: usize,
    excluded: usize,
    skipped: Vec<SkippedNote>,
    diagnostics: u64,
    indexed: u64,
    vectors_kept: usize,
    vectors_lost: Option<String>,
    embedded: Option<Embedded>,
    embedding_trouble: Option<String>,
}

#[derive(Debug, Serialize)]
struct Embedded {
    new: usize,
    failed: usize,
    why: Option<String>,
    with_vector: u64,
    texts: u64,
}

#[derive(Debug, Serialize)]
struct Moved {
    from: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct SkippedNote {
    path: String,
    reason: String,
    is_failure: bool,
}

impl SkippedNote {
    fn list(skipped: &[engine::SkippedNote]) -> Vec<Self> {
        let object = |one: &engine::SkippedNote| Self {
            path: one.path.clone(),
            reason: one.reason.clone(),
            is_failure: one.is_failure,
        };
        skipped.iter().map(object).collect()
    }
}

impl Reindexed {
    /// The answer; `embedded` where vectors were made, `embedding_trouble` where they could not be.
    pub fn new(
        done: &engine::Reindexed,
        embedded: Option<engine::Embedded>,
        embedding_trouble: Option<String>,
    ) -> Self {
        let (fresh, aside) = match &done.fresh {
            Fresh::UpToDate => ("up-to-date", None),
            Fresh::Built => ("built", None),
            Fresh::Outdated => ("outdated", None),
            Fresh::Damaged { aside } => ("damaged", Some(aside.display().to_string())),
        };
        Self {
            fresh,
            aside,
            seen: done.seen,
            unchanged: done.unchanged,
            added: done.added,
            changed: done.changed,
            touched: done.touched,
            moved: done.moved.iter().map(|(from, to)| Moved { from: path(from), to: path(to) }).collect(),
            deleted: done.deleted,
            excluded: done.excluded,
            skipped: SkippedNote::list(&done.skipped),
            diagnostics: done.diagnostics,
            indexed: done.indexed,
            vectors_kept: done.vectors_kept,
            vectors_lost: done.vectors_lost.clone(),
            embedded: embedded.map(|engine::Embedded { new, failed, why, with_vector, texts }| Embedded {
                new,
                failed,
                why,
                with_vector,
                texts,
            }),
            embedding_trouble,
        }
    }
}

/// The answer of `journal reindex --check`.
#[derive(Debug, Serialize)]
pub struct Checked {
    right: bool,
    seen: usize,
    indexed: usize,
    differences: Vec<Difference>,
    damage: Vec<String>,
    skipped: Vec<SkippedNote>,
}

#[derive(Debug, Serialize)]
struct Difference {
    path: String,
    difference: &'static str,
}

impl From<&engine::Checked> for Checked {
    fn from(checked: &engine::Checked) -> Self {
        let differences = checked.differences.iter();
        Self {
            right: checked.is_right(),
            seen: checked.seen,
            indexed: checked.indexed,
            differences: differences
                .map(|(note, difference)| Difference { path: path(note), difference: difference.as_str() })
                .collect(),
            damage: checked.damage.clone(),
            skipped: SkippedNote::list(&checked.skipped),
        }
    }
}

/// The answer of `journal links REF`.
#[derive(Debug, Serialize)]
pub struct NoteLinks {
    id: Option<String>,
    path: String,
    title: String,
    changed: bool,
    out_total: usize,
    out: Vec<Link>,
    in_total: usize,
    #[serde(rename = "in")]
    into: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct Link {
    from: String,
    line: u32,
    kind: &'static str,
    property: Option<String>,
    target: String,
    fragment: Option<String>,
    alias: Option<String>,
    leads: &'static str,
    to: Option<String>,
    candidates: Vec<String>,
}

impl Link {
    fn new(link: &LinkRow, candidates: &[journal_model::VaultPath]) -> Self {
        Self {
            from: path(&link.from),
            line: link.line,
            kind: link.kind.as_str(),
            property: link.property.clone(),
            target: link.target.clone(),
            fragment: link.fragment.clone(),
            alias: link.alias.clone(),
            leads: link.leads.as_str(),
            to: link.leads.note().map(path),
            candidates: candidates.iter().map(path).collect(),
        }
    }
}

impl From<&FoundLink> for Link {
    fn from(found: &FoundLink) -> Self {
        Self::new(&found.link, &found.candidates)
    }
}

impl NoteLinks {
    /// The answer, with at most `limit` links each way.
    pub fn new(note: &engine::NoteLinks, limit: usize) -> Self {
        Self {
            id: note.id.as_ref().map(ToString::to_string),
            path: path(&note.path),
            title: note.title.clone(),
            changed: note.changed,
            out_total: note.out.len(),
            out: note.out.iter().take(limit).map(Link::from).collect(),
            in_total: note.into.len(),
            into: note.into.iter().take(limit).map(|link| Link::new(link, &[])).collect(),
        }
    }
}

/// The answer of `journal links --broken` and `--ambiguous`.
#[derive(Debug, Serialize)]
pub struct LooseLinks {
    total: usize,
    links: Vec<Link>,
}

impl From<&Listed<FoundLink>> for LooseLinks {
    fn from(list: &Listed<FoundLink>) -> Self {
        Self { total: list.total, links: list.items.iter().map(Link::from).collect() }
    }
}

/// The answer of `journal links --orphans`.
#[derive(Debug, Serialize)]
pub struct Orphans {
    total: usize,
    paths: Vec<String>,
}

impl From<&Listed<journal_model::VaultPath>> for Orphans {
    fn from(list: &Listed<journal_model::VaultPath>) -> Self {
        Self { total: list.total, paths: list.items.iter().map(path).collect() }
    }
}

/// The answer of `journal tags`.
#[derive(Debug, Serialize)]
pub struct Tags {
    total: usize,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
struct Tag {
    tag: String,
    notes: u64,
}

impl Tags {
    /// The first of so many tags.
    pub fn new(tags: &[TagCount], total: usize) -> Self {
        Self { total, tags: tags.iter().map(|tag| Tag { tag: tag.tag.clone(), notes: tag.notes }).collect() }
    }
}

/// The answer of `journal doctor`.
#[derive(Debug, Serialize)]
pub struct Examined {
    well: bool,
    notes: usize,
    index: Option<Index>,
    state_bytes: Option<u64>,
    #[serde(flatten)]
    around: Around,
    findings: Vec<Finding>,
    mended: Vec<Finding>,
    new_ids: Vec<NewId>,
}

#[derive(Debug, Serialize)]
struct Index {
    notes: u64,
    sessions: u64,
    thoughts: u64,
    words: u64,
    chunks: u64,
    links: u64,
    broken_links: u64,
    ambiguous_links: u64,
    diagnostics: u64,
    bytes: u64,
    free_bytes: u64,
    log_bytes: u64,
    layout: i64,
    generation: i64,
    sqlite: &'static str,
}

#[derive(Debug, Serialize)]
struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    paths: Vec<String>,
    mend: String,
}

#[derive(Debug, Serialize)]
struct NewId {
    path: String,
    was: String,
    id: String,
}

impl Finding {
    fn list(findings: &[engine::Finding]) -> Vec<Self> {
        let object = |finding: &engine::Finding| {
            let code: FindingCode = finding.code;
            Self {
                code: code.as_str(),
                severity: code.severity().as_str(),
                message: finding.message.clone(),
                paths: finding.paths.clone(),
                mend: mending(&finding.mend),
            }
        };
        findings.iter().map(object).collect()
    }
}

impl Examined {
    /// What was found, which schedules are installed, what was mended, and which notes got a new id.
    pub fn new(
        examined: &engine::Examined,
        installed: &[schedule::Found],
        mended: &[engine::Finding],
        new_ids: &[engine::NewId],
    ) -> Self {
        let index = |facts: &engine::IndexFacts| {
            let status = &facts.status;
            Index {
                notes: status.notes,
                sessions: status.sessions,
                thoughts: status.thoughts,
                words: status.words,
                chunks: status.chunks,
                links: status.links,
                broken_links: status.broken_links,
                ambiguous_links: status.ambiguous_links,
                diagnostics: status.diagnostics,
                bytes: status.bytes,
                free_bytes: status.free_bytes,
                log_bytes: facts.log_bytes,
                layout: status.layout,
                generation: status.generation,
                sqlite: status.sqlite,
            }
        };
        let new_id =
            |one: &engine::NewId| NewId { path: path(&one.path), was: one.was.to_string(), id: one.id.to_string() };
        Self {
            well: examined.is_well(),
            notes: examined.notes,
            index: examined.index.as_ref().map(index),
            state_bytes: examined.state_bytes,
            around: Around::new(&examined.around, installed),
            findings: Finding::list(&examined.findings),
            mended: Finding::list(mended),
            new_ids: new_ids.iter().map(new_id).collect(),
        }
    }
}
