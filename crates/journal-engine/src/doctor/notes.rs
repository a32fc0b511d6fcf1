//! The notes: ids that stand twice, conflict copies, what cannot be read, what processes left behind. One walk over all heads.

use std::collections::BTreeMap;

use journal_model::{Diagnostic, NoteId, VaultPath};
use journal_vault::{SkipReason, conflict_copy_of};

use super::{Finding, FindingCode, Mend};
use crate::{Trouble, core::Core, notes::Seen};

/// A note of which something has to be remembered.
struct Head {
    path: VaultPath,
    id: Option<NoteId>,
    created: Option<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Core {
    /// Looks at all notes, and says how many there are.
    pub(super) fn examine_notes(&self, findings: &mut Vec<Finding>) -> Result<usize, Trouble> {
        let (listing, heads) = self.vault.walk_heads(|path, head| {
            let seen = Seen::parse(path.clone(), head);
            let (id, diagnostics) = (seen.id(), seen.note.diagnostics.clone());
            let is_copy = conflict_copy_of(path).is_some();
            let created = seen.note.properties.text("created").map(str::to_owned);
            (id.is_some() || is_copy || !diagnostics.is_empty()).then_some(Head {
                path: seen.path,
                id,
                created,
                diagnostics,
            })
        })?;
        let mut holders: BTreeMap<&NoteId, Vec<&Head>> = BTreeMap::new();
        for head in &heads {
            if let Some(original) = conflict_copy_of(&head.path) {
                let by_id = |other: &&Head| {
                    other.id.is_some() && other.id == head.id && conflict_copy_of(&other.path).is_none()
                };
                // The original may have been moved since.
                let original = heads.iter().find(by_id).map_or(original, |other| other.path.to_string());
                findings.push(conflict_copy(&head.path, original));
            } else if let Some(id) = &head.id {
                holders.entry(id).or_default().push(head);
            }
            findings.extend(head.diagnostics.iter().map(|diagnostic| broken_properties(&head.path, diagnostic)));
        }
        for (id, heads) in holders {
            if heads.len() > 1 {
                findings.push(self.duplicate(id, heads)?);
            }
        }
        for skipped in &listing.skipped {
            let path = || vec![skipped.path.clone()];
            let message = format!("`{}` was passed over: {}", skipped.path, skipped.reason);
            match &skipped.reason {
                SkipReason::Unreadable(_) => findings.push(Finding::new(
                    FindingCode::Unreadable,
                    format!("`{}` is not known: {}", skipped.path, skipped.reason),
                    path(),
                    Mend::ByHand(format!(
                        "let it be read; until then nothing in it is found: chmod u+r {}",
                        self.vault.root().join(&skipped.path).display()
                    )),
                )),
                // It counts under its own name.
                SkipReason::LinkInside => {}
                SkipReason::NotDownloaded => {
                    let hint = "download it, if it is to be found";
                    findings.push(Finding::new(
                        FindingCode::PassedOver,
                        message,
                        path(),
                        Mend::ByHand(hint.to_owned()),
                    ));
                }
                _ => {
                    let hint = "rename it, or bring it into the vault, if it is to be found";
                    findings.push(Finding::new(
                        FindingCode::PassedOver,
                        message,
                        path(),
                        Mend::ByHand(hint.to_owned()),
                    ));
                }
            }
        }
        let temps = self.vault.stale_temps(listing.temps);
        if !temps.is_empty() {
            let message = format!("temporary files of processes that were killed: {}", temps.len());
            findings.push(Finding::new(FindingCode::StaleTemps, message, temps, Mend::Fix));
        }
        Ok(listing.notes.len())
    }

    fn duplicate(&self, id: &NoteId, mut heads: Vec<&Head>) -> Result<Finding, Trouble> {
        let mut times = BTreeMap::new();
        for head in &heads {
            // A note that vanishes meanwhile is no duplicate any more, and the next look will not tell it.
            times.insert(&head.path, self.vault.signature(&head.path).map_or(0, |signature| signature.modified_ns));
        }
        // A copy has the `created` of its original, and was written later.
        heads.sort_by_key(|head| (head.created.clone(), times.get(&head.path).copied(), head.path.clone()));
        let younger = heads.last().map(|head| head.path.clone());
        let mut paths: Vec<String> = heads.iter().map(|head| head.path.to_string()).collect();
        paths.sort_unstable();
        let places: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
        let message = format!("id `{id}` stands in {}", places.join(" and "));
        let mend = younger.map_or_else(|| Mend::ByHand("delete the `id:` line of the copy".to_owned()), Mend::NewId);
        Ok(Finding::new(FindingCode::DuplicateId, message, paths, mend))
    }
}

fn conflict_copy(path: &VaultPath, original: String) -> Finding {
    let message = format!("`{path}` is a conflict copy of `{original}`");
    let hint = "compare the two, keep what you need in the original, and delete the copy";
    Finding::new(FindingCode::ConflictCopy, message, vec![path.to_string()], Mend::ByHand(hint.to_owned()))
}

fn broken_properties(path: &VaultPath, diagnostic: &Diagnostic) -> Finding {
    let line = diagnostic.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let message = format!("`{path}`{line}: {}", diagnostic.message);
    let mend = Mend::ByHand(diagnostic.hint.clone());
    Finding::new(FindingCode::BrokenProperties, message, vec![path.to_string()], mend)
}
