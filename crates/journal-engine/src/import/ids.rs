//! Ids that follow from what they stand for: the same import makes the same ones.

use journal_model::NoteId;
use journal_vault::ContentHash;

/// The milliseconds of such an id lie in the first 35 years of Unix: it says nothing of a time, and no other id begins like it.
const MS_BITS: u32 = 40;

/// The id for a text that is known by `name` in its own world.
pub(super) fn following_from(name: &str, text: &str) -> NoteId {
    let hash = ContentHash::of(format!("{}\0{name}\0{text}", name.len()).as_bytes()).get();
    let [bytes @ .., _, _, _, _, _, _] = hash.to_be_bytes();
    let ms = u64::try_from(hash & ((1 << MS_BITS) - 1)).unwrap_or_default();
    NoteId::from_parts(ms, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_gives_the_same() {
        let id = following_from("a", "text");
        assert!(id.is_ulid());
        assert_eq!(id, following_from("a", "text"));
        assert!(id != following_from("a", "other") && id != following_from("b", "text"));
        assert_ne!(following_from("a\0b", "c"), following_from("a", "b\0c"));
    }
}
