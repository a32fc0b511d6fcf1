//! Relocate: a note, or a session's whole folder, moves to another place in the vault, and no link breaks.
//!
//! The move itself is one rename. Then every link that led to a moved note, or out of one, and would lead elsewhere now, is
//! rewritten where its target stands; all other bytes are kept. Links by name mostly go on as they are. Ids do not change, so
//! whoever resumes by id never notices.
//!
//! Before the rename it is written down which notes are to be rewritten. What a crash or a full disk left undone is done by
//! the next relocate, and the same relocate again answers as if nothing had happened.

mod begun;
mod rewrite;

use std::{collections::BTreeMap, convert::Infallible, mem};

use journal_model::{Diagnostic, DiagnosticCode, NameMap, NoteRef, VaultPath, VaultPathError};
use journal_vault::{ContentHash, Listing, ReadError, WalkError};

use crate::{
    Caller, ResolveError, Trouble,
    core::{Core, Turn},
    notes::{check_seen, in_note},
};
use begun::Begun;
pub(crate) use rewrite::Moved;

/// What to move, and where to.
#[derive(Debug, Clone)]
pub struct Relocate {
    /// Who moves it.
    pub caller: Caller,
    /// The note.
    pub reference: NoteRef,
    /// A folder (`Archive/` or one that is there), or the new path of the note (`Archive/Name.md`).
    pub to: String,
}

/// What was moved.
#[derive(Debug, Clone)]
pub struct Relocated {
    /// Each note's path before and now.
    pub moved: Vec<(VaultPath, VaultPath)>,
    /// The notes in which links were rewritten, with how many.
    pub rewritten: Vec<(VaultPath, usize)>,
    /// What could not be rewritten.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub enum RelocateError {
    /// The note was not found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The new place is none inside the vault.
    #[error(transparent)]
    Place(#[from] VaultPathError),
    /// It is there already.
    #[error("`{0}` is where it lies already")]
    AlreadyThere(VaultPath),
    /// Another note has the name; links by name would become ambiguous.
    #[error("the name of `{to}` is taken by `{taken_by}`")]
    NameTaken {
        /// The new path.
        to: VaultPath,
        /// The note that has the name.
        taken_by: VaultPath,
    },
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What is renamed.
enum Move {
    Note { from: VaultPath, to: VaultPath },
    Folder { from: String, to: String },
}

impl Core {
    /// Moves a note; see [`Engine::relocate`](crate::Engine::relocate).
    pub(crate) fn relocate(&self, _turn: &Turn, request: &Relocate) -> Result<Relocated, RelocateError> {
        let mut told = Vec::new();
        if let Some((begun, finished)) = self.finish_move()? {
            if begun.is_asked_by(request) {
                return Ok(finished);
            }
            told = finished.diagnostics;
        }
        let found = self.find(&request.reference)?;
        let from = found.seen.path.clone();
        let mut listing = self.walk_twice().map_err(Trouble::from)?;
        check_seen(self.vault.root(), &listing, [from.folder()])?;
        self.vault.sweep(mem::take(&mut listing.temps));
        let plan = plan(&from, &request.to, &listing.notes)?;
        let moves = plan.of(&listing.notes)?;
        let before: NameMap = listing.notes.iter().cloned().collect();
        for (old, new) in &moves {
            let same_name = journal_model::name_key(old.stem()) == journal_model::name_key(new.stem());
            if let Some(taken_by) = before.named(new.stem()).iter().find(|path| *path != old).filter(|_| !same_name) {
                return Err(RelocateError::NameTaken { to: new.clone(), taken_by: taken_by.clone() });
            }
        }
        let now = listing.notes.iter().map(|path| moves.get(path).unwrap_or(path).clone()).collect();
        let moved = Moved::new(moves, plan.folders(), before, now);
        let mut relocated = Relocated { moved: moved.pairs(), rewritten: Vec::new(), diagnostics: found.diagnostics };
        relocated.diagnostics.append(&mut told);
        relocated.tell_unread(&listing);
        let notes = self.concerned(&moved, &listing, &mut relocated);
        let begun = Begun::new(request, plan, notes);
        self.begin_move(&begun)?;
        let renamed = match &begun.plan {
            Move::Note { from, to } => self.vault.rename(from, to),
            Move::Folder { from, to } => self.vault.rename_folder(from, to),
        };
        if let Err(error) = renamed {
            // The rename may have been made and only its sync have failed. Then it stays written down.
            if !begun.plan.is_done(&self.walk_twice().map_err(Trouble::from)?.notes) {
                self.forget_move()?;
            }
            return Err(Trouble::from(error).into());
        }
        if self.rewrite_links(&moved, begun.notes.iter().map(|(path, _)| path), &mut relocated, AGAIN) {
            self.forget_move()?;
        }
        Ok(relocated)
    }

    /// Lists all notes; once more when a part could not be read, which may have passed.
    fn walk_twice(&self) -> Result<Listing, WalkError> {
        let listing = self.vault.walk_names()?;
        if listing.unread().next().is_none() { Ok(listing) } else { self.vault.walk_names() }
    }

    /// The notes in which the move breaks links, where they will lie, with the hashes that they have until then.
    fn concerned(&self, moved: &Moved, listing: &Listing, relocated: &mut Relocated) -> Vec<(VaultPath, ContentHash)> {
        let mut notes = Vec::new();
        for old in &listing.notes {
            let path = moved.now(old);
            // A second try, since what kept a note from being read may have passed.
            match self.vault.read(old).or_else(|_| self.vault.read(old)) {
                Ok(bytes) => {
                    // Nearly every note ends here, and need not be UTF-8 to do so.
                    let concerns = moved.concerns(path, &bytes);
                    if concerns && moved.rewrite(path, &String::from_utf8_lossy(&bytes)).1 > 0 {
                        notes.push((path.clone(), ContentHash::of(&bytes)));
                    }
                }
                Err(ReadError::NotFound { .. }) => {}
                Err(error) => relocated.tell_not_rewritten(path, error.to_string(), BY_HAND),
            }
        }
        notes
    }

    /// Rewrites the links of notes; whether all could be. What could not be is told, with a hint.
    fn rewrite_links<'a>(
        &self,
        moved: &Moved,
        notes: impl Iterator<Item = &'a VaultPath>,
        relocated: &mut Relocated,
        hint: &str,
    ) -> bool {
        let mut all = true;
        for path in notes {
            match self.rewrite_note(moved, path).or_else(|_| self.rewrite_note(moved, path)) {
                Ok(0) => {}
                Ok(links) => relocated.rewritten.push((path.clone(), links)),
                Err(problem) => {
                    all = false;
                    relocated.tell_not_rewritten(path, problem, hint);
                }
            }
        }
        all
    }

    /// Rewrites the links of one note; how many, or why they could not be.
    fn rewrite_note(&self, moved: &Moved, path: &VaultPath) -> Result<usize, String> {
        let mut links = 0;
        let rewritten = self.rewrite(path, |text| {
            let (after, count) = moved.rewrite(path, text);
            links = count;
            Ok::<_, Infallible>(after)
        });
        rewritten.map(|_| links).map_err(|error| error.to_string())
    }
}

const AGAIN: &str =
    "its links to the moved notes are broken; move the same note to the same place again to correct them";
const BY_HAND: &str = "its links to the moved notes may be broken; correct them by hand";

impl Relocated {
    fn tell_not_rewritten(&mut self, path: &VaultPath, problem: String, hint: &str) {
        self.diagnostics.push(in_note(&Diagnostic::new(DiagnosticCode::NotWritten, problem, hint), path));
    }

    /// Tells which parts of the vault could not be read, and may hold links that are broken now.
    fn tell_unread(&mut self, listing: &Listing) {
        self.diagnostics.extend(listing.unread().map(|(path, error)| {
            Diagnostic::new(DiagnosticCode::Unreadable, format!("cannot read `{path}`: {error}"), BY_HAND)
        }));
    }
}

/// Decides what is renamed: a session's own folder, or the one note.
fn plan(from: &VaultPath, to: &str, notes: &[VaultPath]) -> Result<Move, RelocateError> {
    let own_folder = from.folder().rsplit('/').next().filter(|name| *name == from.stem());
    let given = to.trim().replace('\\', "/");
    let as_note = given.len() > 3
        && given.is_char_boundary(given.len() - 3)
        && given[given.len() - 3..].eq_ignore_ascii_case(".md");
    if as_note {
        let to: VaultPath = given.parse()?;
        return if to == *from {
            Err(RelocateError::AlreadyThere(to))
        } else {
            Ok(Move::Note { from: from.clone(), to })
        };
    }
    let folder = given.trim_end_matches('/');
    let to = VaultPath::in_folder(folder, from.file_name())?;
    match own_folder {
        Some(name) if notes.iter().any(|path| path.folder() == from.folder() && path != from) => {
            let parent = to.folder();
            let to = if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
            if to == from.folder() {
                return Err(RelocateError::AlreadyThere(from.clone()));
            }
            Ok(Move::Folder { from: from.folder().to_owned(), to })
        }
        _ if to == *from => Err(RelocateError::AlreadyThere(to)),
        _ => Ok(Move::Note { from: from.clone(), to }),
    }
}

impl Move {
    /// Where each moved note lies afterwards.
    fn of(&self, notes: &[VaultPath]) -> Result<BTreeMap<VaultPath, VaultPath>, VaultPathError> {
        match self {
            Self::Note { from, to } => Ok([(from.clone(), to.clone())].into()),
            Self::Folder { from, to } => notes
                .iter()
                .filter_map(|path| Some((path, path.as_str().strip_prefix(from)?.strip_prefix('/')?)))
                .map(|(path, rest)| Ok((path.clone(), format!("{to}/{rest}").parse()?)))
                .collect(),
        }
    }
}
