//! A session as a canvas of its notes, after JSON Canvas 1.0 (<https://jsoncanvas.org/spec/1.0/>): where everything lies. The
//! JSON is made by whoever prints it.

use std::collections::HashMap;

use crate::{Line, VaultPath};

use super::{
    WholeSession,
    outline::{Part, outline},
};

/// Notes at places, and arrows between them. All sizes are in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    /// The notes. No two overlap.
    pub files: Vec<CanvasFile>,
    /// The arrows.
    pub edges: Vec<CanvasEdge>,
}

/// A note on the canvas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanvasFile {
    /// Its name on the canvas.
    pub id: String,
    /// The note.
    pub path: VaultPath,
    /// Its left edge.
    pub x: i64,
    /// Its upper edge.
    pub y: i64,
    /// One of the six colours of the specification, by number.
    pub color: Option<&'static str>,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanvasEdge {
    /// Its name on the canvas.
    pub id: String,
    /// The note it leaves, by its name on the canvas, and on which side.
    pub from: (String, Side),
    /// The note it leads to.
    pub to: (String, Side),
    /// As for a note.
    pub color: Option<&'static str>,
    /// What is written on it.
    pub label: Option<String>,
}

/// A side of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The upper one.
    Top,
    /// The right one.
    Right,
    /// The lower one.
    Bottom,
    /// The left one.
    Left,
}

impl CanvasFile {
    /// How wide a note is: as wide as Obsidian makes one.
    pub const WIDTH: i64 = 400;
    /// How high a note is.
    pub const HEIGHT: i64 = 240;
}

/// The room between notes beside each other, wide enough for the name of a branch.
const BESIDE: i64 = 160;
/// The room between notes below each other.
const BELOW: i64 = 80;

/// Red, which is for what no longer holds.
const SUPERSEDED: Option<&str> = Some("1");
/// Purple.
const REVISION: Option<&str> = Some("6");

/// Which rows of a column are taken.
#[derive(Default)]
struct Column(Vec<(usize, usize)>);

impl Column {
    fn is_free(&self, rows: (usize, usize)) -> bool {
        self.0.iter().all(|taken| rows.1 < taken.0 || taken.1 < rows.0)
    }
}

/// The main line in the first column, below the session's own note; each branch in the nearest column to the right that is
/// free beside it, beginning a row below the thought it leaves.
pub(super) fn lay_out(session: &WholeSession) -> Canvas {
    let gathered = &session.gathered;
    let mut columns: Vec<Column> = vec![Column::default()];
    // Where the next thought of a line goes: column and row.
    let mut next: HashMap<Line, (usize, usize)> = HashMap::from([(Line::Main, (0, 1))]);
    let mut places: HashMap<&VaultPath, (usize, usize)> = HashMap::new();
    let mut ids: HashMap<&VaultPath, String> = HashMap::new();
    let mut canvas = Canvas { files: Vec::new(), edges: Vec::new() };
    let mut before: HashMap<Line, String> = HashMap::new();
    if let Some(own) = &gathered.session {
        canvas.put("session", &own.path, (0, 0), None);
        before.insert(Line::Main, "session".to_owned());
    }
    columns[0].0.push((0, gathered.on(&Line::Main).count()));
    let parts = outline(gathered);
    for part in &parts {
        match part {
            Part::Branch { name, from, .. } => {
                let line = Line::Branch((*name).clone());
                let (column, row) = from.and_then(|from| places.get(&from.path).copied()).unwrap_or((0, 0));
                let rows = (row + 1, row + gathered.on(&line).count());
                let free = (column + 1..).find(|at| columns.get(*at).is_none_or(|column| column.is_free(rows)));
                let free = free.unwrap_or(columns.len());
                columns.resize_with(columns.len().max(free + 1), Column::default);
                columns[free].0.push(rows);
                next.insert(line, (free, rows.0));
            }
            Part::Thought(entry) => {
                let thought = entry.thought;
                let Some(place) = next.get_mut(&thought.line) else { continue };
                let id = format!("t{}", places.len() + 1);
                let color = entry.superseded_by.and(SUPERSEDED).or(entry.revises.and(REVISION));
                canvas.put(&id, &thought.path, *place, color);
                places.insert(&thought.path, *place);
                place.1 += 1;
                if let Some(before) = before.insert(thought.line.clone(), id.clone()) {
                    canvas.tie((before, Side::Bottom), (id.clone(), Side::Top), None, None);
                }
                ids.insert(&thought.path, id);
            }
        }
    }
    for part in &parts {
        match part {
            Part::Branch { name, from: Some(from), .. } => {
                let first = gathered.on(&Line::Branch((*name).clone())).next();
                if let (Some(from), Some(first)) = (ids.get(&from.path), first.and_then(|first| ids.get(&first.path))) {
                    let label = super::one_line(name.as_str());
                    canvas.tie((from.clone(), Side::Right), (first.clone(), Side::Left), None, Some(label));
                }
            }
            Part::Branch { .. } => {}
            Part::Thought(entry) => {
                if let Some(revised) = entry.revises.and_then(|revised| ids.get(&revised.path)) {
                    let label = Some("revises".to_owned());
                    let from = (ids[&entry.thought.path].clone(), Side::Left);
                    canvas.tie(from, (revised.clone(), Side::Left), REVISION, label);
                }
            }
        }
    }
    canvas
}

impl Canvas {
    fn put(&mut self, id: &str, path: &VaultPath, (column, row): (usize, usize), color: Option<&'static str>) {
        let along = |at: usize, step: i64| i64::try_from(at).unwrap_or(i64::MAX / step) * step;
        self.files.push(CanvasFile {
            id: id.to_owned(),
            path: path.clone(),
            x: along(column, CanvasFile::WIDTH + BESIDE),
            y: along(row, CanvasFile::HEIGHT + BELOW),
            color,
        });
    }

    fn tie(&mut self, from: (String, Side), to: (String, Side), color: Option<&'static str>, label: Option<String>) {
        let id = format!("e{}", self.edges.len() + 1);
        self.edges.push(CanvasEdge { id, from, to, color, label });
    }
}
