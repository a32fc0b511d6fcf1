//! Which note a link means, by Obsidian's rules, from the paths in a vault alone.

use std::collections::HashMap;

use crate::{VaultPath, name_key};

/// A vault's notes by name: what [`resolve_link`] looks in.
#[derive(Debug, Clone, Default)]
pub struct NameMap {
    by_stem: HashMap<String, Vec<VaultPath>>,
}

impl NameMap {
    /// The notes whose file name without `.md` is `stem`, whatever their folder and the case of their letters.
    pub fn named(&self, stem: &str) -> &[VaultPath] {
        self.by_stem.get(&name_key(stem)).map_or(&[], Vec::as_slice)
    }

    /// Adds a note.
    pub fn insert(&mut self, path: VaultPath) {
        self.by_stem.entry(name_key(path.stem())).or_default().push(path);
    }
}

impl FromIterator<VaultPath> for NameMap {
    fn from_iter<I: IntoIterator<Item = VaultPath>>(paths: I) -> Self {
        let mut map = Self::default();
        paths.into_iter().for_each(|path| map.insert(path));
        map
    }
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// This note.
    One(VaultPath),
    /// Any of these, none nearer than the others; sorted.
    Many(Vec<VaultPath>),
    /// No note.
    None,
}

/// Finds the note that `target` (see [`WikiLink::target`](crate::WikiLink::target)) means in a note of `from_folder`
/// (empty for the vault's root).
///
/// With or without `.md`, and without regard to case:
/// 1. `./` and `../` at the beginning lead from `from_folder`, `/` from the root, and only there.
/// 2. A note with exactly this path wins.
/// 3. Else the notes whose path ends in the target, whole names only. Of several, those below `from_folder` come before
///    the rest, then those in fewer folders; Obsidian would take the shortest path among those that are left, which is
///    [`Resolution::Many`] here.
///
/// A target with folders never leads to a note of that name in other folders.
pub fn resolve_link(target: &str, from_folder: &str, candidates: &NameMap) -> Resolution {
    let target = target.trim().replace('\\', "/");
    let relative = target.starts_with("./") || target.starts_with("../");
    let from_root = target.starts_with('/');
    let Some(path) = normalised(if relative { from_folder } else { "" }, &target) else { return Resolution::None };
    let anchored = relative || from_root;
    match without_extension(&path).map(|stem| find(stem, anchored, from_folder, candidates)) {
        None | Some(Resolution::None) => find(&path, anchored, from_folder, candidates),
        Some(found) => found,
    }
}

/// Finds the notes that `path`, which has no `.md`, can mean.
fn find(path: &str, anchored: bool, from_folder: &str, candidates: &NameMap) -> Resolution {
    let stem = path.rsplit('/').next().unwrap_or(path);
    let named = candidates.named(stem);
    if named.is_empty() {
        return Resolution::None;
    }
    let exact: Vec<&VaultPath> = named.iter().filter(|note| without_md(note) == path).collect();
    if !exact.is_empty() {
        return among(exact);
    }
    let wanted = name_key(path);
    let keys: Vec<(String, &VaultPath)> = named.iter().map(|note| (name_key(without_md(note)), note)).collect();
    let exact: Vec<&VaultPath> = keys.iter().filter(|(key, _)| *key == wanted).map(|(_, note)| *note).collect();
    if !exact.is_empty() || anchored {
        return among(exact);
    }
    let suffix = format!("/{wanted}");
    let home = if from_folder.is_empty() { String::new() } else { name_key(from_folder) + "/" };
    let rank = |key: &str| (!key.starts_with(&home), key.matches('/').count());
    let fitting: Vec<_> =
        keys.iter().filter(|(key, _)| key.ends_with(&suffix)).map(|(key, note)| (rank(key), *note)).collect();
    let best = fitting.iter().map(|(rank, _)| *rank).min();
    among(fitting.into_iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, note)| note).collect())
}

fn among(mut notes: Vec<&VaultPath>) -> Resolution {
    notes.sort_unstable();
    notes.dedup();
    match notes.as_slice() {
        [] => Resolution::None,
        [one] => Resolution::One((*one).clone()),
        many => Resolution::Many(many.iter().map(|note| (*note).clone()).collect()),
    }
}

/// `folder/target` without empty, `.` and `..` parts; `None` when it leaves the vault or names nothing.
fn normalised(folder: &str, target: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn without_md(path: &VaultPath) -> &str {
    let text = path.as_str();
    without_extension(text).unwrap_or(text)
}

fn without_extension(path: &str) -> Option<&str> {
    let dot = path.len().checked_sub(".md".len())?;
    path.get(dot..)?.eq_ignore_ascii_case(".md").then(|| &path[..dot])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolves `target` from `folder`; several paths come back joined by ` | `, none as an empty text.
    fn check(vault: &[&str], cases: &[(&str, &str, &str)]) {
        let map: NameMap = vault.iter().map(|path| path.parse().unwrap()).collect();
        for (target, folder, expected) in cases {
            let found = match resolve_link(target, folder, &map) {
                Resolution::One(path) => path.to_string(),
                Resolution::Many(paths) => paths.iter().map(VaultPath::as_str).collect::<Vec<_>>().join(" | "),
                Resolution::None => String::new(),
            };
            assert_eq!(found, *expected, "[[{target}]] from `{folder}`");
        }
    }

    #[test]
    fn names_and_paths() {
        check(
            &["a/X.md", "a/b/Y.md", "ab/Z.md", "v1.2.md", "readme.md.md", "é 생각.MD"],
            &[
                ("X", "", "a/X.md"),
                ("x.MD", "q", "a/X.md"),
                (" a/x ", "", "a/X.md"),
                ("b/Y", "", "a/b/Y.md"),
                ("b\\Y.md", "", "a/b/Y.md"),
                ("b/Z", "", ""),
                ("q/X", "", ""),
                ("/b/Y", "", ""),
                ("/a/b/Y", "q", "a/b/Y.md"),
                ("v1.2", "", "v1.2.md"),
                ("readme.md", "", "readme.md.md"),
                ("E\u{301} 생각", "", "é 생각.MD"),
                ("X.png", "", ""),
                ("", "a", ""),
                (".", "a", ""),
                (".md", "", ""),
            ],
        );
    }

    #[test]
    fn relative_targets_lead_from_the_folder_and_only_there() {
        check(
            &["a/X.md", "a/b/X.md", "Y.md"],
            &[
                ("./X", "a", "a/X.md"),
                ("../X.md", "a/b", "a/X.md"),
                ("./b/x", "a", "a/b/X.md"),
                ("./Y", "a", ""),
                ("../../Y", "a/b", "Y.md"),
                ("../../Y", "a", ""),
            ],
        );
    }

    #[test]
    fn of_several_the_nearest() {
        check(
            &["p/N.md", "p/q/N.md", "p/q/r/N.md", "s/N.md", "t/u/M.md", "t/v/M.md", "M.md", "w/M.md"],
            &[
                ("N", "p", "p/N.md"),
                ("N", "p/q", "p/q/N.md"),
                ("N", "s", "s/N.md"),
                ("N", "", "p/N.md | s/N.md"),
                ("N", "elsewhere", "p/N.md | s/N.md"),
                ("q/N", "s", "p/q/N.md"),
                ("M", "w", "M.md"),
                ("M", "t", "M.md"),
            ],
        );
        check(&["t/u/M.md", "t/v/M.md"], &[("M", "t", "t/u/M.md | t/v/M.md"), ("M", "t/u", "t/u/M.md")]);
        check(&["T/A/M.md", "b/c/M.md"], &[("M", "t/a", "T/A/M.md")]);
    }

    #[test]
    fn on_a_case_sensitive_disk_the_written_case_wins() {
        check(&["a.md", "A.md"], &[("A", "", "A.md"), ("a.md", "", "a.md")]);
        check(&["Ab.md", "aB.md"], &[("ab", "", "Ab.md | aB.md")]);
    }
}
