//! The survey: which notes differ from what is indexed, by one walk that reads none of them.

use std::{collections::HashMap, ops::ControlFlow};

use journal_index::SignatureRow;
use journal_model::VaultPath;
use journal_vault::{Listing, Signature, SkipReason, Skipped};

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
        let mut rows = HashMap::with_capacity(signed.len());
        let read = self.read_index(|index| {
            index.signatures(|row| {
                rows.insert(row.path.clone(), row);
                ControlFlow::Continue(())
            })
        });
        read?.ok_or(ReindexError::NoIndex)?;
        let mut survey = Survey {
            seen: signed.len(),
            indexed: rows.len(),
            unchanged: 0,
            changed: Vec::new(),
            gone: Vec::new(),
            gone_elsewhere: Vec::new(),
            left_out: Vec::new(),
            excluded: listing.notes.iter().filter(|path| scope.holds(path) && excluded.leaves_out(path)).count(),
            skipped: skipped(&listing, scope),
        };
        for (path, signature) in signed {
            let row = rows.remove(&path);
            if row.as_ref().is_some_and(|row| row.current && is_unchanged(&row.signature, &signature)) {
                survey.unchanged += 1;
                continue;
            }
            let hash = row.as_ref().filter(|row| row.current).map(|row| row.signature.hash);
            survey.changed.push(Changed { path, signature, hash, is_known: row.is_some() });
        }
        for (path, row) in rows {
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

pub(super) fn skipped(listing: &Listing, scope: &Scope) -> Vec<SkippedNote> {
    let is_in = |path: &str| path.parse::<VaultPath>().map_or(true, |path| scope.holds(&path));
    let skipped = listing.skipped.iter().filter(|skipped| is_in(&skipped.path));
    let told = |skipped: &Skipped| SkippedNote {
        path: skipped.path.clone(),
        reason: skipped.reason.to_string(),
        is_failure: matches!(skipped.reason, SkipReason::Unreadable(_)),
    };
    skipped.map(told).collect()
}

/// Whether a note may be there behind something that could not be read.
fn is_hidden(path: &VaultPath, listing: &Listing) -> bool {
    let hides =
        |unread: &str| path.as_str().strip_prefix(unread).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    listing.unread().any(|(unread, _)| hides(unread))
}
