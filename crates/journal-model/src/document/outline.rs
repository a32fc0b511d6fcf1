//! The order in which a document tells a session: the main line by number, each branch after the thought it leaves.

use std::{
    collections::{HashMap, HashSet},
    vec,
};

use crate::{BranchName, Gathered, Line, Thought, VaultPath};

/// A part of the document.
pub(super) enum Part<'a> {
    /// The thoughts of a branch begin.
    Branch {
        name: &'a BranchName,
        /// The thought it leaves, if it is there.
        from: Option<&'a Thought>,
        /// How many branches deep its thoughts are; 1 for one that leaves the main line.
        depth: usize,
    },
    /// A thought.
    Thought(Entry<'a>),
}

/// A thought, and what it has to do with others.
pub(super) struct Entry<'a> {
    pub thought: &'a Thought,
    /// How many branches deep it is; 0 on the main line.
    pub depth: usize,
    /// What it supersedes.
    pub revises: Option<&'a Thought>,
    /// The newest that supersedes it.
    pub superseded_by: Option<&'a Thought>,
}

/// A line that is being told.
struct Telling<'a> {
    head: Option<Part<'a>>,
    thoughts: vec::IntoIter<&'a Thought>,
    depth: usize,
}

/// The parts in order. Branches that leave nothing that is there, or each other in a circle, come last.
pub(super) fn outline(gathered: &Gathered) -> Vec<Part<'_>> {
    let superseded = gathered.superseded();
    let mut lines: HashMap<&Line, Vec<&Thought>> = HashMap::new();
    let mut order: Vec<&Line> = Vec::new();
    for thought in gathered.thoughts() {
        let on = lines.entry(&thought.line).or_default();
        if on.is_empty() {
            order.push(&thought.line);
        }
        on.push(thought);
    }
    let mut leaving: HashMap<&VaultPath, Vec<&Line>> = HashMap::new();
    let mut leaves: HashMap<&Line, &Thought> = HashMap::new();
    for line in &order {
        if let Some(from) = line.branch().and_then(|name| gathered.left_by(name)) {
            leaving.entry(&from.path).or_default().push(line);
            leaves.insert(line, from);
        }
    }
    let (loose, tied): (Vec<_>, Vec<_>) = order.iter().partition(|line| !leaves.contains_key(*line));
    let mut told: HashSet<&Line> = HashSet::new();
    let mut parts = Vec::new();
    let mut telling = Vec::new();
    // What is tied to the main line was told with it; what is left is tied in circles.
    for line in loose.into_iter().chain(tied) {
        if told.insert(line) {
            telling.push(begin(line, &lines, &leaves, usize::from(line.branch().is_some())));
        }
        while let Some(now) = telling.last_mut() {
            parts.extend(now.head.take());
            let Some(thought) = now.thoughts.next() else {
                telling.pop();
                continue;
            };
            let depth = now.depth;
            parts.push(Part::Thought(Entry {
                thought,
                depth,
                revises: gathered.revised(thought),
                superseded_by: superseded.get(&thought.path).copied(),
            }));
            for line in leaving.get(&thought.path).into_iter().flatten().rev() {
                if told.insert(line) {
                    telling.push(begin(line, &lines, &leaves, depth + 1));
                }
            }
        }
    }
    parts
}

fn begin<'a>(
    line: &'a Line,
    lines: &HashMap<&'a Line, Vec<&'a Thought>>,
    leaves: &HashMap<&'a Line, &'a Thought>,
    depth: usize,
) -> Telling<'a> {
    let head = line.branch().map(|name| Part::Branch { name, from: leaves.get(line).copied(), depth });
    Telling { head, thoughts: lines.get(line).cloned().unwrap_or_default().into_iter(), depth }
}
