//! A session with all its thoughts, and what follows from having them together.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use crate::{Diagnostic, DiagnosticCode, NoteId, VaultPath, link_to, link_values};

use super::{BranchName, Line, Session, Status, Thought, ThoughtNumber, thought::link_key};

/// One session with every thought that belongs to it, in reading order: the main line by number, then each branch by the
/// thought it leaves.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// The session's id, known even when its note is gone.
    pub id: NoteId,
    /// The session's own note, unless it is gone.
    pub session: Option<Session>,
    thoughts: Vec<Thought>,
}

/// A branch of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchSummary {
    /// Its name.
    pub name: BranchName,
    /// The thought it leaves, where one of its thoughts says so.
    pub from: Option<ThoughtNumber>,
    /// How many thoughts it has.
    pub thoughts: usize,
    /// The number its next thought gets.
    pub next: Option<ThoughtNumber>,
    /// Whether its newest thought expects another.
    pub open: bool,
}

impl Gathered {
    /// Puts thoughts in reading order.
    pub fn new(id: NoteId, session: Option<Session>, thoughts: Vec<Thought>) -> Self {
        let mut gathered = Self { id, session, thoughts: Vec::new() };
        gathered.set_thoughts(thoughts);
        gathered
    }

    fn set_thoughts(&mut self, mut thoughts: Vec<Thought>) {
        let mut leaves: BTreeMap<BranchName, ThoughtNumber> = BTreeMap::new();
        for thought in &thoughts {
            if let (Line::Branch(name), Some(from)) = (&thought.line, thought.branch_from) {
                let earliest = leaves.entry(name.clone()).or_insert(from);
                *earliest = from.min(*earliest);
            }
        }
        thoughts.sort_by(|a, b| {
            let key = |t: &Thought| (t.line.branch().map(|name| (leaves.get(name).copied(), name.clone())), t.number);
            key(a).cmp(&key(b)).then_with(|| a.recency().cmp(&b.recency()))
        });
        self.thoughts = thoughts;
    }

    /// Adds a thought that has just been written.
    pub fn push(&mut self, thought: Thought) {
        let mut thoughts = std::mem::take(&mut self.thoughts);
        thoughts.push(thought);
        self.set_thoughts(thoughts);
    }

    /// All thoughts, in reading order.
    pub fn thoughts(&self) -> &[Thought] {
        &self.thoughts
    }

    /// The thoughts of one line, by number.
    pub fn on<'a>(&'a self, line: &Line) -> impl DoubleEndedIterator<Item = &'a Thought> {
        self.thoughts.iter().filter(move |thought| thought.line == *line)
    }

    /// The thought with the highest number on a line.
    pub fn newest_on<'a>(&'a self, line: &Line) -> Option<&'a Thought> {
        self.on(line).rfind(|thought| thought.number.is_some())
    }

    /// The thought that was thought last, on whatever line.
    pub fn newest(&self) -> Option<&Thought> {
        self.thoughts.iter().max_by(|a, b| a.recency().cmp(&b.recency()))
    }

    /// The number that `thoughts` leaves, of a branch.
    pub fn branch_from(&self, name: &BranchName) -> Option<ThoughtNumber> {
        self.thoughts.iter().filter(|t| t.line.branch() == Some(name)).find_map(|t| t.branch_from)
    }

    /// The number the next thought of a line gets: one more than its highest, or than the thought a new branch leaves. The
    /// earlier tool counts through all lines. `None` when the numbers are used up.
    pub fn next_number(&self, line: &Line, leaves: Option<ThoughtNumber>) -> Option<ThoughtNumber> {
        if self.session.as_ref().is_some_and(|session| session.earlier) {
            let highest = self.thoughts.iter().filter_map(|thought| thought.number).max();
            return highest.map_or(Some(ThoughtNumber::FIRST), ThoughtNumber::next);
        }
        match self.newest_on(line).and_then(|thought| thought.number).or(leaves) {
            Some(number) => number.next(),
            None => Some(ThoughtNumber::FIRST),
        }
    }

    /// The branches, in reading order.
    pub fn branches(&self) -> Vec<BranchSummary> {
        let mut branches: Vec<BranchSummary> = Vec::new();
        for thought in &self.thoughts {
            let Line::Branch(name) = &thought.line else { continue };
            match branches.iter_mut().find(|branch| branch.name == *name) {
                Some(branch) => branch.thoughts += 1,
                None => branches.push(BranchSummary {
                    name: name.clone(),
                    from: self.branch_from(name),
                    thoughts: 1,
                    next: self.next_number(&thought.line, None),
                    open: self.newest_on(&thought.line).unwrap_or(thought).next_needed,
                }),
            }
        }
        branches
    }

    /// The thought that somebody on `line` means by `number`: on that line, else before the branch on the main line, else on
    /// the main line at all, else the only one of that number anywhere.
    pub fn meant<'a>(&'a self, number: ThoughtNumber, line: &Line) -> Option<&'a Thought> {
        let on = |line: &Line| self.thoughts.iter().find(|t| t.line == *line && t.number == Some(number));
        on(line).or_else(|| on(&Line::Main)).or_else(|| {
            let mut everywhere = self.thoughts.iter().filter(|t| t.number == Some(number));
            everywhere.next().filter(|_| everywhere.next().is_none())
        })
    }

    /// The thoughts that are superseded, by path, each with the newest that supersedes it.
    pub fn superseded(&self) -> HashMap<&VaultPath, &Thought> {
        let mut revisions: Vec<_> =
            self.thoughts.iter().filter_map(|later| Some((&self.revised(later)?.path, later))).collect();
        revisions.sort_by(|(_, a), (_, b)| a.recency().cmp(&b.recency()));
        revisions.into_iter().collect()
    }

    /// What `revision` revises: what it links or, where that link leads to none of the thoughts, as [`Self::meant`]. Never
    /// itself.
    pub(crate) fn revised(&self, revision: &Thought) -> Option<&Thought> {
        let linked = self.thoughts.iter().find(|thought| thought.is_linked_in(&revision.supersedes));
        let found = linked.or_else(|| self.meant(revision.revises?, &revision.line));
        found.filter(|thought| thought.path != revision.path)
    }

    /// The thought that a branch leaves: the one of that number that its first thought links or, where the link leads to none
    /// of the thoughts, as [`Self::meant`] from the main line.
    pub(crate) fn left_by(&self, name: &BranchName) -> Option<&Thought> {
        let number = self.branch_from(name)?;
        let elsewhere = |thought: &&Thought| thought.line.branch() != Some(name);
        let first = self.thoughts.iter().find(|thought| thought.line.branch() == Some(name))?;
        let mut of_number = self.thoughts.iter().filter(elsewhere).filter(|thought| thought.number == Some(number));
        let linked = of_number.find(|thought| thought.is_linked_in(&first.depends_on));
        linked.or_else(|| self.meant(number, &Line::Main).filter(elsewhere))
    }

    /// The lines on the way to the end of `line`, each with the number up to which it is followed; `None` for all of it.
    pub fn way_to(&self, line: &Line) -> BTreeMap<Line, Option<ThoughtNumber>> {
        let mut way = BTreeMap::from([(line.clone(), None)]);
        let mut at = line.clone();
        while let Some(left) = at.branch().and_then(|name| self.left_by(name)) {
            // Notes that a person edited may lead in a circle.
            if way.contains_key(&left.line) {
                break;
            }
            way.insert(left.line.clone(), left.number);
            at = left.line.clone();
        }
        way
    }

    /// The session's title; without its note, the first thought's.
    pub fn title(&self) -> &str {
        match (&self.session, self.thoughts.first()) {
            (Some(session), _) => &session.title,
            (None, Some(thought)) => &thought.title,
            (None, None) => self.id.as_str(),
        }
    }

    /// The session's status. A note that does not say (the earlier tool's) is done when the newest thought of the main line
    /// says that none is to follow.
    pub fn status(&self) -> Status {
        self.session
            .as_ref()
            .and_then(|session| session.status)
            .unwrap_or_else(|| if self.next_needed(&Line::Main) { Status::Active } else { Status::Done })
    }

    /// Whether the newest thought of a line expects another.
    pub fn next_needed(&self, line: &Line) -> bool {
        self.newest_on(line).or_else(|| self.newest()).is_none_or(|thought| thought.next_needed)
    }

    /// The thoughts whose names `see_also` does not link, in the order they were thought.
    pub fn unlinked(&self) -> Vec<&Thought> {
        let Some(session) = &self.session else { return Vec::new() };
        // Most links are written as we write them, and need not be read to be known.
        let own: HashSet<String> = self.thoughts.iter().map(|thought| link_to(thought.path.stem())).collect();
        let (as_ours, others): (Vec<&String>, Vec<&String>) =
            session.see_also.iter().partition(|text| own.contains(*text));
        let as_ours: HashSet<&String> = as_ours.into_iter().collect();
        let others: HashSet<String> =
            others.into_iter().flat_map(|text| link_values(text)).map(|link| link_key(&link.target)).collect();
        let is_linked = |thought: &Thought| {
            as_ours.contains(&link_to(thought.path.stem())) || others.contains(&link_key(thought.path.file_name()))
        };
        let mut missing: Vec<_> = self.thoughts.iter().filter(|thought| !is_linked(thought)).collect();
        missing.sort_by(|a, b| a.recency().cmp(&b.recency()));
        missing
    }

    /// What is wrong with the session as a whole: numbers that stand twice, numbers that nobody has, a missing session note.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if self.session.is_none() {
            found.push(Diagnostic::new(
                DiagnosticCode::MissingSession,
                format!("the note of session `{}` is gone; its {} thoughts are here", self.id, self.thoughts.len()),
                "restore the session note, or think on: its thoughts do not need it",
            ));
        }
        let mut seen: BTreeMap<(&Line, ThoughtNumber), &Thought> = BTreeMap::new();
        for thought in &self.thoughts {
            let Some(number) = thought.number else { continue };
            if let Some(first) = seen.insert((&thought.line, number), thought) {
                found.push(Diagnostic::new(
                    DiagnosticCode::DuplicateNumber,
                    format!(
                        "thought {number} stands twice on {}: `{}` and `{}`",
                        thought.line, first.path, thought.path
                    ),
                    "both are kept; give one of them a free `thought_number`",
                ));
            }
        }
        let missing: Vec<String> = self
            .missing_numbers()
            .into_iter()
            .take(Self::MISSING_NAMED)
            .map(|(line, n)| format!("{n} of {line}"))
            .collect();
        if !missing.is_empty() {
            found.push(Diagnostic::new(
                DiagnosticCode::MissingThought,
                format!("thoughts are missing: {}", missing.join(", ")),
                "they were skipped, deleted, or have not been synced yet",
            ));
        }
        found
    }

    /// Numbers below a line's newest that no thought has. The earlier tool counts through all lines, so in its sessions a
    /// number is missing only if no line has it.
    fn missing_numbers(&self) -> Vec<(Line, ThoughtNumber)> {
        let per_line = self.session.as_ref().is_some_and(|session| session.declared);
        let taken: BTreeSet<(&Line, ThoughtNumber)> =
            self.thoughts.iter().filter_map(|thought| Some((&thought.line, thought.number?))).collect();
        let anywhere: BTreeSet<ThoughtNumber> = taken.iter().map(|(_, number)| *number).collect();
        let mut newest: BTreeMap<&Line, ThoughtNumber> = BTreeMap::new();
        newest.extend(taken.iter().copied());
        let mut missing = Vec::new();
        for (line, last) in newest {
            let leaves = line.branch().and_then(|name| self.branch_from(name)).map_or(0, ThoughtNumber::get);
            let gaps = (leaves + 1..last.get()).filter_map(ThoughtNumber::new);
            let absent = |n: &ThoughtNumber| !taken.contains(&(line, *n)) && (per_line || !anywhere.contains(n));
            missing.extend(gaps.filter(absent).map(|number| (line.clone(), number)));
        }
        missing
    }

    /// The most missing numbers that a diagnostic names.
    const MISSING_NAMED: usize = 20;

    /// The thoughts from the newest to the oldest: the order in which a budget is spent.
    pub fn newest_first(&self) -> Vec<&Thought> {
        let mut thoughts: Vec<_> = self.thoughts.iter().collect();
        thoughts.sort_by(|a, b| Reverse(a.recency()).cmp(&Reverse(b.recency())));
        thoughts
    }
}
