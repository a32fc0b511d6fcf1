//! The survey: which notes differ from what is indexed, by one walk that reads none of them.

use std::collections::HashMap;

use journal_index::{IndexedFile, SignatureRow};
use journal_model::VaultPath;
use journal_vault::{Listing, Signature, Skipped};

use super::{ReindexError, SkippedNote, scope::Scope};
use crate::{Trouble, core::Core, indexing::is_unchanged};

/// A note that differs, or may.
pub(super) struct Changed {
    pub path: VaultPath,
    pub signature: Signature,
    /// The hash of the content that is indexed; `None` where the note is new or was read by other rules.
    pub hash: Option<u128>,
    /// Whether the index knows the note.
    pub is_known: bool,
}

/// What a walk found.
pub(super) struct Survey {
    /// Notes of the scope in the vault.
    pub seen: usize,
    /// Notes in the index.
    pub indexed: usize,
    pub unchanged: usize,
    pub changed: Vec<Changed>,
    /// Notes of the scope that are indexed and gone.
    pub gone: Vec<SignatureRow>,
    /// The same outside of the scope: a note of the scope may have come from there.
    pub gone_elsewhere: Vec<SignatureRow>,
    /// Notes that are indexed and have been excluded since.
    pub left_out: Vec<VaultPath>,
    /// How many notes of the scope are excluded.
    pub excluded: usize,
    pub skipped: Vec<SkippedNote>,
}

impl Core {
    pub(super) fn survey(&self, scope: &Scope) -> Result<Survey, ReindexError> {
        let excluded = self.vault.excluded();
        let walked = self.vault.walk_signatures(|path| scope.holds(path) && !excluded.leaves_out(path));
        let (listing, signed) = walked.map_err(Trouble::from)?;
        self.meet_temps(listing.temps.iter().cloned());
        let mut known = Known::new(&signed);
        self.read_index(|index| index.each_file(|file| known.meet(file)))?.ok_or(ReindexError::NoIndex)?;
        let Known { indexed, mut differing, unchanged, elsewhere, .. } = known;
        let mut survey = Survey {
            seen: signed.len(),
            indexed,
            unchanged: unchanged.iter().filter(|is| **is).count(),
            changed: Vec::new(),
            gone: Vec::new(),
            gone_elsewhere: Vec::new(),
            left_out: Vec::new(),
            excluded: listing.notes.iter().filter(|path| scope.holds(path) && excluded.leaves_out(path)).count(),
            skipped: skipped(&listing, scope),
        };
        for (at, (path, signature)) in signed.into_iter().enumerate().filter(|(at, _)| !unchanged[*at]) {
            let row = differing.remove(&at);
            survey.changed.push(Changed { path, signature, hash: row.flatten(), is_known: row.is_some() });
        }
        for row in elsewhere {
            let path = row.path.clone();
            if excluded.leaves_out(&path) {
                survey.left_out.push(path);
            } else if listing.notes.binary_search(&path).is_ok() || is_hidden(&path, &listing) {
                // Outside of the scope, or there and not to be read just now.
            } else if scope.holds(&path) {
                survey.gone.push(row);
            } else {
                survey.gone_elsewhere.push(row);
            }
        }
        survey.left_out.sort();
        survey.gone.sort_by(|one, other| one.path.cmp(&other.path));
        survey.gone_elsewhere.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(survey)
    }
}

/// The index, compared with what the walk found. Only what differs is kept.
struct Known<'s> {
    signed: &'s [(VaultPath, Signature)],
    /// Where the next row is expected: they come nearly in the order of the paths.
    next: usize,
    indexed: usize,
    /// Of each note found, whether it is as it was indexed.
    unchanged: Vec<bool>,
    /// The other notes that are indexed, by their place, with the hash of their content unless other rules read them.
    differing: HashMap<usize, Option<u128>>,
    /// Rows of notes that the walk did not find.
    elsewhere: Vec<SignatureRow>,
}

impl<'s> Known<'s> {
    fn new(signed: &'s [(VaultPath, Signature)]) -> Self {
        let unchanged = vec![false; signed.len()];
        Self { signed, next: 0, indexed: 0, unchanged, differing: HashMap::new(), elsewhere: Vec::new() }
    }

    fn meet(&mut self, file: IndexedFile<'_>) {
        self.indexed += 1;
        let is_next = self.signed.get(self.next).is_some_and(|(path, _)| path.as_str() == file.path);
        let place = if is_next {
            Ok(self.next)
        } else {
            self.signed.binary_search_by(|(path, _)| path.as_str().cmp(file.path))
        };
        let Ok(at) = place else {
            self.elsewhere.extend(file.to_row());
            return;
        };
        self.next = at + 1;
        if file.current && is_unchanged(&file.signature, &self.signed[at].1) {
            self.unchanged[at] = true;
        } else {
            self.differing.insert(at, file.current.then_some(file.signature.hash));
        }
    }
}

pub(super) fn skipped(listing: &Listing, scope: &Scope) -> Vec<SkippedNote> {
    let is_in = |path: &str| path.parse::<VaultPath>().map_or(true, |path| scope.holds(&path));
    let skipped = listing.skipped.iter().filter(|skipped| is_in(&skipped.path));
    let told = |skipped: &Skipped| SkippedNote {
        path: skipped.path.clone(),
        reason: skipped.reason.to_string(),
        is_failure: skipped.reason.is_failure(),
    };
    skipped.map(told).collect()
}

/// Whether a note may be there behind something that could not be read.
fn is_hidden(path: &VaultPath, listing: &Listing) -> bool {
    listing.unread().any(|(unread, _)| path.lies_in(unread))
}
