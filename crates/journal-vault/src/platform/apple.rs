//! What only macOS and its kin tell.

use std::path::Path;

/// The kind of file system that a folder lies on, where it can be known.
pub(crate) fn file_system(folder: &Path) -> Option<String> {
    let name = rustix::fs::statfs(folder).ok()?.f_fstypename;
    let bytes: Vec<u8> = name.iter().take_while(|byte| **byte != 0).map(|byte| byte.cast_unsigned()).collect();
    String::from_utf8(bytes).ok()
}
