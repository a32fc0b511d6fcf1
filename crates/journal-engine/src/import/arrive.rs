//! What becomes of each note of an import: it is here already, or it arrives, under an id and a name that are free.

mod doubles;
mod places;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use journal_model::{
    Change, Diagnostic, DiagnosticCode, EditError, NameMap, Note, NoteId, Session, Thought, VaultPath, VaultPathError,
    Written, edit, is_thought, name_key, same_thought,
};
use journal_vault::Vault;

use self::{
    doubles::{copies_told, keepers, leave_copies_out},
    places::{LONGEST_PATH, placed},
};
use super::{
    Arrival, ForeignNote, ForeignNotes, ForeignSession, Import, ImportError, ImportedSession, ids::following_from,
    thoughts,
};
use crate::{
    Trouble,
    core::Core,
    notes::{Seen, Sight},
    relocate::Moved,
};

/// The vault as it is before the import, as far as the import touches it.
struct Known {
    /// The notes with an id that the import has or may give, and the names of all.
    sight: Sight,
    /// Where in it the notes with an id are.
    by_id: HashMap<NoteId, Vec<usize>>,
    /// Keys of the names that are taken.
    names: HashSet<String>,
    /// Which note of the import keeps the id it came with, where several came with it.
    keepers: HashMap<NoteId, VaultPath>,
}

/// A session to import, as notes.
struct Coming {
    notes: ForeignNotes,
    /// Notes that were left out for others that say the same, word for word, and those.
    copies: Vec<(VaultPath, VaultPath)>,
    /// Its ids follow from what it says, so whoever has them is the same, whenever it was made.
    is_made: bool,
}

/// What becomes of a thought.
enum Fate {
    /// It is here, word for word.
    Here(VaultPath),
    /// Another text has its place.
    Differs(VaultPath),
    /// It arrives, under this id.
    Arrives(NoteId),
}

impl Core {
    /// Decides about every note. Called with the write lock held, but for a preview.
    pub(super) fn arrivals(&self, request: &Import) -> Result<(Vec<Arrival>, Vec<Diagnostic>), ImportError> {
        let coming = self.as_notes(request)?;
        let sessions: Vec<&ForeignNotes> = coming.iter().map(|coming| &coming.notes).collect();
        if sessions.is_empty() {
            return Err(ImportError::Nothing);
        }
        check(&sessions)?;
        let mut known = self.known(&sessions)?;
        if let Some(folder) = &request.folder {
            known.check_folder(folder)?;
        }
        let copies = || coming.iter().flat_map(|session| session.copies.iter().cloned());
        let notes = sessions.iter().flat_map(|session| notes_of(session)).map(|note| note.path.clone());
        let before: NameMap = notes.chain(copies().map(|(copy, _)| copy)).collect();
        let mut moves = BTreeMap::new();
        let mut arrivals = Vec::with_capacity(sessions.len());
        for session in &coming {
            arrivals.push(self.arrival(session, &mut known, &mut moves)?);
        }
        if !moves.is_empty() || copies().next().is_some() {
            let created = arrivals.iter().flat_map(|arrival| arrival.create.iter().map(|(path, _)| path));
            let now = known.sight.listing.notes.iter().chain(created).cloned().collect();
            let moved = Moved::arrived(moves, copies(), before, now);
            for (path, text) in arrivals.iter_mut().flat_map(|arrival| &mut arrival.create) {
                *text = moved.rewrite(path, text).0;
            }
        }
        let unread = known.sight.listing.unread().map(|(path, error)| {
            let message = format!("`{path}` cannot be read, so whether it has one of these ids is not known: {error}");
            Diagnostic::new(DiagnosticCode::Unreadable, message, "make it readable, and look with `journal doctor`")
        });
        Ok((arrivals, unread.collect()))
    }

    fn as_notes(&self, request: &Import) -> Result<Vec<Coming>, ImportError> {
        let given = request.folder.as_deref();
        if let Some(folder) = given.filter(|folder| folder.starts_with(['/', '\\'])) {
            let folder = folder.to_owned();
            return Err(ImportError::Folder { source: VaultPathError::Absolute(folder.clone()), folder });
        }
        let folder = given.unwrap_or(&self.settings.thinking_folder).trim_matches('/');
        let now = self.source.now();
        let mut sessions = Vec::new();
        for session in &request.sessions {
            match session {
                ForeignSession::Notes(notes) => {
                    let mut notes = placed(notes.clone(), given)?;
                    let copies = leave_copies_out(&mut notes);
                    sessions.push(Coming { notes, copies, is_made: false });
                }
                ForeignSession::Thoughts(history) => {
                    for part in thoughts::split(history) {
                        let notes = thoughts::notes(part, request, folder, &now)?;
                        sessions.extend(notes.map(|notes| Coming { notes, copies: Vec::new(), is_made: true }));
                    }
                }
            }
        }
        Ok(sessions)
    }

    fn known(&self, sessions: &[&ForeignNotes]) -> Result<Known, Trouble> {
        let mut wanted = HashSet::new();
        for session in sessions {
            wanted.insert(session.session.clone());
            wanted.insert(other_id(Some(&session.session), session.own.as_ref().map_or("", |own| &own.text)));
            for note in &session.thoughts {
                let id = Note::parse(&note.text).id();
                wanted.insert(other_id(id.as_ref(), &note.text));
                wanted.extend(id);
            }
        }
        let look = || self.sight_where(|seen| seen.id().is_some_and(|id| wanted.contains(&id)));
        let mut sight = look()?;
        if sight.listing.unread().next().is_some() {
            // What kept a part from being read may have passed.
            sight = look()?;
        }
        self.meet_temps(sight.listing.temps.iter().cloned());
        let mut by_id: HashMap<NoteId, Vec<usize>> = HashMap::new();
        for (at, seen) in sight.seen.iter().enumerate() {
            if let Some(id) = seen.id() {
                by_id.entry(id).or_default().push(at);
            }
        }
        let unread = sight.listing.unread().filter_map(|(path, _)| path.rsplit('/').next());
        let names = sight.listing.notes.iter().map(VaultPath::file_name).chain(unread).map(name_key).collect();
        Ok(Known { sight, by_id, names, keepers: keepers(sessions) })
    }

    fn arrival(
        &self,
        coming: &Coming,
        known: &mut Known,
        moves: &mut BTreeMap<VaultPath, VaultPath>,
    ) -> Result<Arrival, ImportError> {
        let session = &coming.notes;
        let own = session.own.as_ref().map(|note| (note, Note::parse(&note.text)));
        let (id, here) = session_id(coming, own.as_ref().map(|(_, note)| note), known);
        let title = own.as_ref().and_then(|(_, note)| note.properties.text("title")).map(str::to_owned);
        let mut arrival = Arrival {
            report: ImportedSession {
                title: title.unwrap_or_else(|| first_title(session)),
                path: here.clone(),
                written: 0,
                here: usize::from(here.is_some() && own.is_some()),
                differing: Vec::new(),
                new_ids: Vec::new(),
                renamed: Vec::new(),
                id,
            },
            create: Vec::new(),
            here: here.iter().cloned().collect(),
            lines: BTreeSet::new(),
            told: copies_told(&coming.copies),
        };
        let id = arrival.report.id.clone();
        if id != session.session {
            arrival.report.new_ids.push((Some(session.session.clone()), id.clone()));
        }
        match (&own, &here) {
            (Some((note, _)), Some(here)) => lies_at(note, here, moves),
            (Some((note, _)), None) => {
                let text = with_id(note, "id", &session.session, &id)?;
                arrival.report.path = Some(arrival.come(note, note.path.clone(), text, known, moves));
            }
            (None, _) => {}
        }
        // A session that was moved here gets what comes later where it lies now.
        let home = here.as_ref().zip(own.as_ref());
        let home = home.map(|(here, (note, _))| (note.path.folder(), here.folder().to_owned()));
        for note in &session.thoughts {
            let parsed = Note::parse(&note.text);
            let was = parsed.id();
            match self.fate(note, &parsed, &id, known)? {
                Fate::Here(path) => {
                    arrival.report.here += 1;
                    lies_at(note, &path, moves);
                    arrival.here.push(path);
                }
                Fate::Differs(path) => {
                    lies_at(note, &path, moves);
                    arrival.report.differing.push(path);
                }
                Fate::Arrives(new) => {
                    let mut text = with_id(note, "session_note_id", &session.session, &id)?;
                    if was.as_ref() != Some(&new) {
                        let change = [("id", Change::Set(Written::Text(new.to_string())))];
                        text = edit(&text, &change).map_err(|source| not_editable(note, &new, source))?;
                        arrival.told.extend(was.as_ref().and_then(|was| known.kept_for(note, was, &new)));
                        arrival.report.new_ids.push((was, new));
                    }
                    let path = match &home {
                        Some((from, to)) if note.path.folder() == *from => {
                            VaultPath::in_folder(to, note.path.file_name()).unwrap_or_else(|_| note.path.clone())
                        }
                        _ => note.path.clone(),
                    };
                    let path = arrival.come(note, path, text, known, moves);
                    if here.is_some() {
                        arrival.lines.insert(Thought::read(path, &parsed.properties).0.line);
                    }
                }
            }
        }
        Ok(arrival)
    }

    /// What becomes of a thought of the session that is `session` in this vault.
    fn fate(&self, note: &ForeignNote, parsed: &Note, session: &NoteId, known: &Known) -> Result<Fate, ImportError> {
        let own = parsed.id();
        if own.is_none() && self.lies_there(note, parsed, session) {
            return Ok(Fate::Here(note.path.clone()));
        }
        let other = other_id(own.as_ref(), &note.text);
        let kept = own.iter().filter(|id| known.keepers.get(*id).is_none_or(|keeper| *keeper == note.path));
        for candidate in kept.chain([&other]) {
            let mut holders = known.with(candidate).peekable();
            if holders.peek().is_none() {
                return Ok(Fate::Arrives(candidate.clone()));
            }
            let of_session = |seen: &&Seen| match seen.belongs_to() {
                Some(other) => other == *session,
                None => is_thought(&seen.note.properties),
            };
            if let Some(seen) = holders.find(of_session) {
                let body = self.body(&seen.path, &known.sight.seen).map_err(Trouble::from)?;
                let is_same = same_thought(&body, parsed.body(&note.text));
                let path = seen.path.clone();
                return Ok(if is_same { Fate::Here(path) } else { Fate::Differs(path) });
            }
        }
        // Somebody moved what an earlier import wrote to another session.
        let path = known.with(&other).next().map_or_else(|| note.path.clone(), |seen| seen.path.clone());
        Ok(Fate::Differs(path))
    }

    /// Whether a thought without an id lies where it comes from, as it does where it was exported.
    fn lies_there(&self, note: &ForeignNote, parsed: &Note, session: &NoteId) -> bool {
        let there = self.read_note(&note.path);
        there.is_ok_and(|(seen, text)| {
            seen.belongs_to().is_none_or(|of| of == *session)
                && same_thought(seen.note.body(&text), parsed.body(&note.text))
        })
    }
}

impl Arrival {
    /// A note that arrives at `path`, or beside it where the name is taken. Where it lies.
    fn come(
        &mut self,
        note: &ForeignNote,
        path: VaultPath,
        text: String,
        known: &mut Known,
        moves: &mut BTreeMap<VaultPath, VaultPath>,
    ) -> VaultPath {
        let fitting = known.fitting(&path);
        let is_moved = fitting != path;
        let free = known.take_name(fitting);
        if is_moved || free.file_name() != path.file_name() {
            self.report.renamed.push((path, free.clone()));
        }
        lies_at(note, &free, moves);
        self.report.written += 1;
        self.create.push((free.clone(), text));
        free
    }
}

impl Known {
    fn with<'a>(&'a self, id: &NoteId) -> impl Iterator<Item = &'a Seen> {
        self.by_id.get(id).into_iter().flatten().map(|at| &self.sight.seen[*at])
    }

    /// What is told of a note that gets another id since the import has two with its own.
    fn kept_for(&self, note: &ForeignNote, was: &NoteId, new: &NoteId) -> Option<Diagnostic> {
        let keeper = self.keepers.get(was).filter(|keeper| **keeper != note.path)?;
        Some(Diagnostic::new(
            DiagnosticCode::DuplicateId,
            format!("`{}` came with the id of `{keeper}`, so it has another: `{new}`", note.path),
            "compare the two, and delete the one that is not to stay",
        ))
    }
}

/// Notes down that a note lies elsewhere than it came from.
fn lies_at(note: &ForeignNote, here: &VaultPath, moves: &mut BTreeMap<VaultPath, VaultPath>) {
    if note.path != *here {
        moves.insert(note.path.clone(), here.clone());
    }
}

/// The session's id in this vault, and its note where that is here already.
fn session_id(coming: &Coming, own: Option<&Note>, known: &Known) -> (NoteId, Option<VaultPath>) {
    let session = &coming.notes;
    let created = |properties: &journal_model::Properties| properties.text("created").map(str::to_owned);
    let is_same = |seen: &&Seen| {
        let read = Session::read(session.session.clone(), seen.path.clone(), &seen.note.properties);
        (read.declared || read.earlier)
            && (coming.is_made || own.is_none_or(|own| created(&own.properties) == created(&seen.note.properties)))
    };
    let mut holders = known.with(&session.session).peekable();
    if holders.peek().is_none() {
        return (session.session.clone(), None);
    }
    if let Some(seen) = holders.find(is_same) {
        return (session.session.clone(), Some(seen.path.clone()));
    }
    let other = other_id(Some(&session.session), session.own.as_ref().map_or("", |own| &own.text));
    let here = known.with(&other).next().map(|seen| seen.path.clone());
    (other, here)
}

/// The id that a note gets whose own is taken, or that has none.
fn other_id(own: Option<&NoteId>, text: &str) -> NoteId {
    following_from(own.map_or("", NoteId::as_str), text)
}

/// The text of a note in which `key` is `now` where it was `was`.
fn with_id(note: &ForeignNote, key: &str, was: &NoteId, now: &NoteId) -> Result<String, ImportError> {
    if was == now || Note::parse(&note.text).properties.text(key) != Some(was.as_str()) {
        return Ok(note.text.clone());
    }
    let change = [(key, Change::Set(Written::Text(now.to_string())))];
    edit(&note.text, &change).map_err(|source| not_editable(note, now, source))
}

fn not_editable(note: &ForeignNote, id: &NoteId, source: EditError) -> ImportError {
    ImportError::NotEditable { path: note.path.clone(), id: id.clone(), source }
}

fn notes_of(session: &ForeignNotes) -> impl Iterator<Item = &ForeignNote> {
    session.own.iter().chain(&session.thoughts)
}

fn first_title(session: &ForeignNotes) -> String {
    let first = session.thoughts.first();
    let title = first.and_then(|note| Note::parse(&note.text).properties.text("title").map(str::to_owned));
    title.unwrap_or_else(|| session.session.to_string())
}

/// Refuses what cannot be in any vault.
fn check(sessions: &[&ForeignNotes]) -> Result<(), ImportError> {
    let mut places = HashSet::new();
    for note in sessions.iter().flat_map(|session| notes_of(session)) {
        if note.text.len() as u64 > Vault::MAX_NOTE_BYTES {
            return Err(ImportError::TooLarge {
                path: note.path.clone(),
                bytes: note.text.len(),
                max: Vault::MAX_NOTE_BYTES,
            });
        }
        if !places.insert(&note.path) {
            return Err(ImportError::SamePath(note.path.clone()));
        }
        let bytes = note.path.as_str().len();
        if bytes > LONGEST_PATH {
            return Err(ImportError::LongPath { path: note.path.clone(), bytes, max: LONGEST_PATH });
        }
    }
    Ok(())
}
