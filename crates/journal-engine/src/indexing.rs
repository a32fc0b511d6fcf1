//! From a file to what the index is told of it.
//!
//! The signature is taken before the bytes are read. Whoever writes in between leaves a signature that no longer fits, so what
//! was read of the older bytes is read again. The other way round, newer times would stand beside older bytes for ever.

use journal_index::{Change, FileSignature, IndexError, IndexedNote, Snapshot, index_note};
use journal_model::{VaultPath, decode};
use journal_vault::{ContentHash, ReadError, Signature, Vault};

use crate::core::Core;

/// A file system's clock may stand still for as long as this, in nanoseconds: a second write of the same size in that time
/// changes nothing that a signature shows.
const TICK_NS: i64 = 20_000_000;
/// The same where times are whole seconds, as on FAT.
const COARSE_TICK_NS: i64 = 2_000_000_000;

/// A file, read for the index.
pub(crate) struct ReadNote {
    pub path: VaultPath,
    pub signature: FileSignature,
    pub bytes: Vec<u8>,
}

impl ReadNote {
    /// Reads a note that looked like this a moment before.
    pub fn read(core: &Core, path: VaultPath, before: Signature) -> Result<Self, ReadError> {
        let bytes = core.vault.read(&path)?;
        // A file this fresh is not known by its times: they are left open, and the next look reads it again.
        let changed_ns = if has_settled(core, &before) { before.changed_ns } else { 0 };
        let signature = FileSignature {
            size: before.size,
            mtime_ns: before.modified_ns,
            changed_ns,
            inode: before.inode,
            hash: ContentHash::of(&bytes).get(),
        };
        Ok(Self { path, signature, bytes })
    }

    /// What the index is told of it.
    pub fn parse(self) -> IndexedNote {
        let (text, invalid) = decode(&self.bytes);
        let mut note = index_note(self.path, self.signature, &text);
        if invalid.is_some() {
            // What is wrong with its bytes is told by whoever reads them.
            note.head = None;
        }
        note.diagnostics.extend(invalid);
        note
    }
}

/// Whether a file that is written again would surely look different.
pub(crate) fn has_settled(core: &Core, file: &Signature) -> bool {
    let now_ns = i64::try_from(core.source.now().unix_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    let last = file.modified_ns.max(file.changed_ns);
    let tick = if last % 1_000_000_000 == 0 { COARSE_TICK_NS } else { TICK_NS };
    now_ns.saturating_sub(last) >= tick
}

/// Whether a file still is as it was indexed, for all that its times show.
pub(crate) fn is_unchanged(indexed: &FileSignature, now: &Signature) -> bool {
    indexed.changed_ns == now.changed_ns && looks_alike(indexed, now)
}

/// Whether nothing says that the file is another than the one read a moment before.
pub(crate) fn looks_alike(read: &FileSignature, now: &Signature) -> bool {
    read.size == now.size
        && read.mtime_ns == now.modified_ns
        && read.inode == now.inode
        && (read.changed_ns == 0 || read.changed_ns == now.changed_ns)
}

/// Whether a file was read with the content that is indexed, and nothing is known of it beyond that. A time that was left open
/// is no difference: the next pass notes it down, for all such notes at once.
pub(crate) fn tells_no_more(read: &FileSignature, indexed: &FileSignature) -> bool {
    let without_change = |file: &FileSignature| FileSignature { changed_ns: 0, ..*file };
    let is_open = read.changed_ns == 0 || indexed.changed_ns == 0;
    (is_open || read.changed_ns == indexed.changed_ns) && without_change(read) == without_change(indexed)
}

/// Whether the file that a change was made from is still the one that was read.
pub(crate) fn same_still(vault: &Vault, change: &Change) -> bool {
    let (path, read) = match change {
        Change::Upsert(note) => (&note.path, &note.signature),
        Change::Move { to, signature, .. } => (to, signature),
        Change::Touch { path, signature } => (path, signature),
        Change::Remove(path) => return matches!(vault.signature_of_file(path), Err(ReadError::NotFound { .. })),
    };
    vault.signature_of_file(path).is_ok_and(|now| looks_alike(read, &now))
}

/// Reads notes and says what the index is to be told of them: a note that is there, that came from elsewhere, or that is gone.
/// One that cannot be read stays as it is known.
pub(crate) fn look_at<'p>(
    core: &Core,
    index: &Snapshot<'_>,
    paths: impl IntoIterator<Item = &'p VaultPath>,
) -> Result<Vec<Change>, IndexError> {
    let excluded = core.vault.excluded();
    let (mut changes, mut removed) = (Vec::new(), Vec::new());
    for path in paths {
        match core.vault.signature_of_file(path) {
            Ok(before) if !excluded.leaves_out(path) => {
                let Ok(read) = ReadNote::read(core, path.clone(), before) else { continue };
                let note = read.parse();
                if let Some(from) = came_from(core, index, &note)? {
                    changes.push(Change::Move { from, to: path.clone(), signature: note.signature });
                }
                changes.push(Change::Upsert(Box::new(note)));
            }
            Ok(_) | Err(ReadError::NotFound { .. }) => removed.push(Change::Remove(path.clone())),
            Err(_) => {}
        }
    }
    // Last, because a note that moved away is not gone.
    changes.append(&mut removed);
    Ok(changes)
}

/// Where a note lay that the index does not know at its place: the one with its id whose file is gone.
pub(crate) fn came_from(
    core: &Core,
    index: &Snapshot<'_>,
    note: &IndexedNote,
) -> Result<Option<VaultPath>, IndexError> {
    let Some(id) = &note.id else { return Ok(None) };
    let holders = index.by_id(id)?;
    if holders.iter().any(|holder| holder.path == note.path) {
        return Ok(None);
    }
    let is_gone = |path: &VaultPath| matches!(core.vault.signature_of_file(path), Err(ReadError::NotFound { .. }));
    Ok(holders.into_iter().map(|holder| holder.path).find(is_gone))
}
