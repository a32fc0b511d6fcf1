//! Temporary files: bytes on their way to a name, and the sweep of those whose process died.

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
    time::{Duration, SystemTime},
};

use crate::{Vault, disk::Disk, platform, settings::SETTINGS_FOLDER};

/// `.journal-<pid>-<random>.tmp`: hidden from Obsidian and from walks, and telling whose it is.
pub(crate) fn name() -> String {
    // Seeded by the operating system, and different at every call.
    let random = RandomState::new().hash_one(0);
    format!(".journal-{}-{random:016x}.tmp", std::process::id())
}

/// The process that made the temporary file of this name, when it is one of ours.
pub(crate) fn owner(name: &str) -> Option<u32> {
    let (pid, random) = name.strip_prefix(".journal-")?.strip_suffix(".tmp")?.split_once('-')?;
    let is_ours = random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_ours { pid.parse().ok() } else { None }
}

/// Removes a temporary file after the write that it was for has failed. Best effort: the file is hidden, nobody takes it for a
/// note, the sweep removes it later, and the failure that led here is the one to report.
pub(crate) fn discard(disk: &dyn Disk, path: &Path) {
    drop(disk.remove_file(path));
}

impl Vault {
    /// Those of processes that are gone: of the temporary files that a walk has met ([`Listing::temps`](crate::Listing)), and of
    /// those beside the settings, where no walk goes. Removes nothing.
    pub fn stale_temps(&self, mut temps: Vec<String>) -> Vec<String> {
        let settings = self.disk.list(&self.absolute(SETTINGS_FOLDER)).unwrap_or_default();
        temps.extend(
            settings
                .iter()
                .filter_map(|entry| entry.name.to_str())
                .filter(|name| owner(name).is_some())
                .map(|name| format!("{SETTINGS_FOLDER}/{name}")),
        );
        temps.retain(|path| self.is_orphan(path, &self.absolute(path)));
        temps.sort_unstable();
        temps
    }

    /// Removes those of these temporary files whose processes are gone, and answers their paths inside the vault. To be called
    /// under the vault's lock. What cannot be looked at or removed stays for the next sweep: it is hidden and harms nobody.
    pub fn sweep(&self, mut temps: Vec<String>) -> Vec<String> {
        temps.retain(|path| {
            let absolute = self.absolute(path);
            self.is_orphan(path, &absolute) && self.disk.remove_file(&absolute).is_ok()
        });
        temps.sort_unstable();
        temps
    }

    fn is_orphan(&self, path: &str, absolute: &Path) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (Some(pid), Ok(stat)) = (owner(name), self.disk.stat(absolute)) else { return false };
        let modified = SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::try_from(stat.modified_ns).unwrap_or(0));
        platform::process_is_gone(pid, modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_owner_and_differ() {
        assert_eq!(owner(&name()), Some(std::process::id()));
        assert_ne!(name(), name());
        for foreign in [".journal-1-2.tmp", ".journal-x-0123456789abcdef.tmp", "journal-1-0123456789abcdef.tmp", ".tmp"]
        {
            assert_eq!(owner(foreign), None, "{foreign}");
        }
    }
}
