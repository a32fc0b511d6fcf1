//! Trip: the tags of the vault, from the index.

use crate::{Trouble, core::Core};

/// A tag of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCount {
    /// As it is written most often, without `#`.
    pub tag: String,
    /// How many notes have it. `area/ci` counts for itself only, not for `area`.
    pub notes: u64,
}

/// Why no tags are known.
#[derive(Debug, thiserror::Error)]
pub enum TagsError {
    /// There is no index, or only one of an older program.
    #[error("there is no index yet")]
    NoIndex,
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Core {
    /// See [`Engine::tags`](crate::Engine::tags).
    pub(crate) fn tags(&self) -> Result<Vec<TagCount>, TagsError> {
        let tags = self.read_index(|index| index.tags())?.ok_or(TagsError::NoIndex)?;
        Ok(tags.into_iter().map(|(tag, notes)| TagCount { tag, notes }).collect())
    }
}
