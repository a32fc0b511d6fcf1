//! A move that has begun: written down before its rename, and finished by whoever finds it written down.

use std::collections::BTreeMap;

use journal_model::{NameMap, VaultPath};
use journal_vault::{ContentHash, ReadError, WriteError};

use super::{Move, Moved, Relocate, Relocated};
use crate::{Trouble, core::Core};

/// What is about to be moved, and which notes need other links then.
pub(super) struct Begun {
    /// By which its repetition is known.
    reference: String,
    to: String,
    pub(super) plan: Move,
    /// Where these notes lie after the move, and the hashes of their bytes before their links are rewritten. A note with
    /// another hash has its new links already, or was changed by somebody who saw the move.
    pub(super) notes: Vec<(VaultPath, ContentHash)>,
}

/// Between the fields; no path holds it.
const END: char = '\0';

impl Begun {
    pub(super) fn new(request: &Relocate, plan: Move, notes: Vec<(VaultPath, ContentHash)>) -> Self {
        Self { reference: plain(&request.reference.to_string()), to: plain(&request.to), plan, notes }
    }

    pub(super) fn is_asked_by(&self, request: &Relocate) -> bool {
        self.reference == plain(&request.reference.to_string()) && self.to == plain(&request.to)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (kind, from, to) = match &self.plan {
            Move::Note { from, to } => ("note", from.as_str(), to.as_str()),
            Move::Folder { from, to } => ("folder", from.as_str(), to.as_str()),
        };
        let head = [&self.reference, &self.to, kind, from, to].map(str::to_owned);
        let notes = self.notes.iter().flat_map(|(path, hash)| [path.to_string(), hash.to_string()]);
        head.into_iter().chain(notes).flat_map(|field| (field + "\0").into_bytes()).collect()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = std::str::from_utf8(bytes).ok()?.split_terminator(END);
        let mut field = || fields.next();
        let (reference, to, kind, old, new) = (field()?, field()?, field()?, field()?, field()?);
        let plan = match kind {
            "note" => Move::Note { from: old.parse().ok()?, to: new.parse().ok()? },
            "folder" => Move::Folder { from: old.to_owned(), to: new.to_owned() },
            _ => return None,
        };
        let mut notes = Vec::new();
        while let Some(path) = fields.next() {
            notes.push((path.parse().ok()?, fields.next()?.parse().ok()?));
        }
        Some(Self { reference: reference.to_owned(), to: to.to_owned(), plan, notes })
    }
}

fn plain(text: &str) -> String {
    text.replace(END, "")
}

impl Move {
    /// The folder that moves, before and after.
    pub(super) fn folders(&self) -> Option<(String, String)> {
        match self {
            Self::Note { .. } => None,
            Self::Folder { from, to } => Some((from.clone(), to.clone())),
        }
    }

    /// Whether the notes of the vault lie as after the move.
    pub(super) fn is_done(&self, notes: &[VaultPath]) -> bool {
        let is_below = |path: &VaultPath, folder: &str| {
            path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        match self {
            Self::Note { from, to } => notes.contains(to) && !notes.contains(from),
            Self::Folder { from, to } => {
                notes.iter().any(|path| is_below(path, to)) && !notes.iter().any(|path| is_below(path, from))
            }
        }
    }

    /// The same move back.
    fn back(&self) -> Self {
        match self {
            Self::Note { from, to } => Self::Note { from: to.clone(), to: from.clone() },
            Self::Folder { from, to } => Self::Folder { from: to.clone(), to: from.clone() },
        }
    }
}

impl Core {
    /// Writes a move down. Called with the write lock held, as everything here.
    pub(super) fn begin_move(&self, begun: &Begun) -> Result<(), Trouble> {
        Ok(self.state()?.begin(&begun.to_bytes()).map_err(WriteError::from)?)
    }

    pub(super) fn forget_move(&self) -> Result<(), Trouble> {
        Ok(self.state()?.finish().map_err(WriteError::from)?)
    }

    /// Finishes the move that is written down, if it came as far as its rename. One try: what cannot be rewritten now is told
    /// once more and forgotten.
    pub(super) fn finish_move(&self) -> Result<Option<(Begun, Relocated)>, Trouble> {
        let written = self.state()?.begun().map_err(WriteError::from)?;
        let Some(begun) = written.as_deref().and_then(Begun::parse) else { return Ok(None) };
        let listing = self.walk_twice()?;
        if !begun.plan.is_done(&listing.notes) {
            self.forget_move()?;
            return Ok(None);
        }
        // A path that cannot be one was no note's before the move either.
        let back = begun.plan.back().of(&listing.notes).unwrap_or_default();
        let moves: BTreeMap<_, _> = back.iter().map(|(new, old)| (old.clone(), new.clone())).collect();
        for path in moves.values() {
            self.vault.make_durable(path)?;
        }
        let before: NameMap = listing.notes.iter().map(|path| back.get(path).unwrap_or(path).clone()).collect();
        let now = listing.notes.iter().cloned().collect();
        let moved = Moved::new(moves, begun.plan.folders(), before, now);
        let mut relocated = Relocated { moved: moved.pairs(), rewritten: Vec::new(), diagnostics: Vec::new() };
        relocated.tell_unread(&listing);
        let mut left = Vec::new();
        for (path, hash) in &begun.notes {
            match self.vault.read(path).or_else(|_| self.vault.read(path)) {
                Ok(bytes) if ContentHash::of(&bytes) == *hash => left.push(path),
                Ok(_) => self.vault.make_durable(path)?,
                Err(ReadError::NotFound { .. }) => {}
                Err(error) => relocated.tell_not_rewritten(path, error.to_string(), super::BY_HAND),
            }
        }
        self.rewrite_links(&moved, left.into_iter(), &mut relocated, super::BY_HAND);
        self.vault.sweep(listing.temps);
        self.forget_move()?;
        Ok(Some((begun, relocated)))
    }
}
