//! Notes of an import that came with one id: a copy word for word is left out, another keeps its text and gets another id.

use std::collections::HashMap;

use journal_model::{Diagnostic, DiagnosticCode, Note, NoteId, VaultPath};

use super::ForeignNotes;

/// Takes out of a session what is in it twice, word for word and so with one id: a copy, whose name is the longer one.
pub(super) fn leave_copies_out(session: &mut ForeignNotes) -> Vec<(VaultPath, VaultPath)> {
    let mut kept: HashMap<&str, &VaultPath> = HashMap::new();
    for note in &session.thoughts {
        let path = kept.entry(&note.text).or_insert(&note.path);
        *path = shorter(path, &note.path);
    }
    let copies: Vec<_> = session
        .thoughts
        .iter()
        .filter_map(|note| Some((note.path.clone(), (*kept.get(note.text.as_str())?).clone())))
        .filter(|(path, kept)| path != kept)
        .collect();
    session.thoughts.retain(|note| !copies.iter().any(|(copy, _)| *copy == note.path));
    copies
}

/// What is told of those.
pub(super) fn copies_told(copies: &[(VaultPath, VaultPath)]) -> Vec<Diagnostic> {
    let told = copies.iter().map(|(copy, kept)| {
        Diagnostic::new(
            DiagnosticCode::DuplicateId,
            format!("`{copy}` is `{kept}` again, word for word, so it came once"),
            "to have both, give one of them an `id` of its own, and import again",
        )
    });
    told.collect()
}

/// Which note keeps an id that several came with: the session's own, else the one with the shortest path.
pub(super) fn keepers(sessions: &[&ForeignNotes]) -> HashMap<NoteId, VaultPath> {
    let mut keepers: HashMap<NoteId, VaultPath> = HashMap::new();
    for session in sessions {
        for note in &session.thoughts {
            let Some(id) = Note::parse(&note.text).id() else { continue };
            let keeper = keepers.entry(id).or_insert_with(|| note.path.clone());
            *keeper = shorter(keeper, &note.path).clone();
        }
    }
    let own = sessions.iter().filter_map(|session| Some((session.session.clone(), session.own.as_ref()?.path.clone())));
    keepers.extend(own);
    keepers
}

fn shorter<'a>(one: &'a VaultPath, other: &'a VaultPath) -> &'a VaultPath {
    let length = |path: &'a VaultPath| (path.as_str().len(), path);
    if length(other) < length(one) { other } else { one }
}
