//! Checking the index against the vault: every note is read, nothing is written.

use std::{collections::HashMap, ops::ControlFlow};

use journal_model::VaultPath;

use super::{
    Phase, Progress, ReindexError, SkippedNote,
    reading::{Reading, read_all},
    scope::Scope,
    survey::{Changed, skipped},
};
use crate::{Trouble, core::Core};

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Notes in the vault.
    pub seen: usize,
    /// Notes in the index.
    pub indexed: usize,
    /// Where they differ, sorted by path.
    pub differences: Vec<(VaultPath, Difference)>,
    /// What SQLite finds wrong with the database.
    pub damage: Vec<String>,
    /// What may be a note and could not be compared, sorted by path.
    pub skipped: Vec<SkippedNote>,
}

/// How a note and the index differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The index does not know it.
    NotIndexed,
    /// The index knows another content.
    OtherContent,
    /// The index has it by the rules of another version of this program.
    OtherRules,
    /// It is gone, and the index still has it.
    Gone,
}

impl Difference {
    /// The stable name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotIndexed => "not-indexed",
            Self::OtherContent => "other-content",
            Self::OtherRules => "other-rules",
            Self::Gone => "gone",
        }
    }
}

impl Checked {
    /// Whether the index is what a new one would be.
    pub fn is_right(&self) -> bool {
        self.differences.is_empty() && self.damage.is_empty()
    }
}

impl Core {
    pub(crate) fn check_index(&self, progress: &dyn Fn(Progress)) -> Result<Checked, ReindexError> {
        let excluded = self.vault.excluded();
        let walked = self.vault.walk_signatures(|path| !excluded.leaves_out(path));
        let (listing, signed) = walked.map_err(Trouble::from)?;
        let mut rows = HashMap::new();
        let read = self.read_index(|index| {
            index.signatures(|row| {
                rows.insert(row.path, (row.signature.hash, row.current));
                ControlFlow::Continue(())
            })?;
            index.integrity_check()
        });
        let damage = read?.ok_or(ReindexError::NoIndex)?;
        let everything = Scope::new(&self.vault, &[])?;
        let mut checked = Checked {
            seen: signed.len(),
            indexed: rows.len(),
            damage,
            skipped: skipped(&listing, &everything),
            ..Checked::default()
        };
        let changed: Vec<Changed> = signed
            .into_iter()
            .map(|(path, signature)| Changed { path, signature, hash: None, is_known: false })
            .collect();
        let total = changed.len();
        let mut done = 0;
        read_all(self, &changed, &mut |reading| {
            done += 1;
            progress(Progress { phase: Phase::Checking, done, total });
            match reading {
                Reading::New(read) => match rows.remove(&read.path) {
                    None => checked.differences.push((read.path, Difference::NotIndexed)),
                    Some((hash, _)) if hash != read.signature.hash => {
                        checked.differences.push((read.path, Difference::OtherContent));
                    }
                    Some((_, false)) => checked.differences.push((read.path, Difference::OtherRules)),
                    Some(_) => {}
                },
                Reading::Failed(failed) => {
                    if let Ok(path) = failed.path.parse() {
                        rows.remove(&path);
                    }
                    checked.skipped.push(failed);
                }
                Reading::Same { .. } | Reading::Known(_) | Reading::Gone => {}
            }
            Ok(())
        })?;
        checked.differences.extend(rows.into_keys().map(|path| (path, Difference::Gone)));
        checked.differences.sort();
        checked.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(checked)
    }
}
