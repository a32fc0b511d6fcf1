//! The files that a patch in Codex's own format names.

/// What begins a line that names a file (`codex-rs/apply-patch`, its grammar).
const NAMES: [&str; 4] = ["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];

/// The files of a patch, in its order, each once.
pub(crate) fn files(patch: &str) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for line in patch.lines() {
        let named = NAMES.iter().find_map(|name| line.strip_prefix(name)).map(str::trim);
        if let Some(file) = named.filter(|file| !file.is_empty() && !files.iter().any(|known| known == file)) {
            files.push(file.to_owned());
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_once_and_no_content() {
        let patch = "*** Begin Patch\n*** Add File: a b.md\n+*** Update File: not this\n+x\n*** Delete File: c\n\
                     *** Update File: d\n*** Move to: e\n@@\n-old\n+new\n*** Update File: c\n*** End Patch\n";
        assert_eq!(files(patch), ["a b.md", "c", "d", "e"]);
        assert!(files("*** Update File: \n").is_empty());
    }
}
