//! Which links a move breaks, and what they must say instead.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use journal_model::{
    Link, LinkKind, NameMap, Note, Resolution, VaultPath, markdown_destination, name_key, resolve_link, structure,
    wiki_links,
};

/// A move that has happened: who lies where, before and now.
pub(crate) struct Moved {
    moves: BTreeMap<VaultPath, VaultPath>,
    /// Where a note that moved came from.
    origins: HashMap<VaultPath, VaultPath>,
    before: NameMap,
    now: NameMap,
    /// The folder that moved, with everything in it, before and now.
    folder: Option<(String, String)>,
    /// Whether files that are no notes lie where they lay, as seen from a note that moved.
    files_came_along: bool,
    /// What a note must hold to be able to link to a moved one: their names, plain and percent-encoded.
    needles: Vec<Vec<u8>>,
}

/// A link in a text, and how it is written.
struct Written {
    target: String,
    span: Range<usize>,
    markdown: bool,
}

impl Moved {
    pub(super) fn new(
        moves: BTreeMap<VaultPath, VaultPath>,
        folder: Option<(String, String)>,
        before: NameMap,
        now: NameMap,
    ) -> Self {
        let origins = moves.iter().map(|(old, new)| (new.clone(), old.clone())).collect();
        let mut needles: Vec<Vec<u8>> = moves
            .keys()
            .flat_map(|old| [name_key(old.stem()), markdown_destination(&name_key(old.stem()))])
            .map(String::into_bytes)
            .collect();
        needles.sort();
        needles.dedup();
        Self { moves, origins, before, now, folder, files_came_along: false, needles }
    }

    /// Notes that came from another vault, where some lay elsewhere. Nothing is known of its other files.
    ///
    /// What links to a copy that was left out is to lead to the note that it is a copy of.
    pub(crate) fn arrived(
        moves: BTreeMap<VaultPath, VaultPath>,
        copies: impl Iterator<Item = (VaultPath, VaultPath)>,
        before: NameMap,
        now: NameMap,
    ) -> Self {
        let mut moved = Self { files_came_along: true, ..Self::new(moves, None, before, now) };
        for (copy, kept) in copies {
            let there = moved.now(&kept).clone();
            moved.moves.insert(copy, there);
        }
        moved
    }

    /// Where the note that lay at `path` lies now.
    pub(super) fn now<'a>(&'a self, path: &'a VaultPath) -> &'a VaultPath {
        self.moves.get(path).unwrap_or(path)
    }

    pub(super) fn pairs(&self) -> Vec<(VaultPath, VaultPath)> {
        self.moves.iter().map(|(old, new)| (old.clone(), new.clone())).collect()
    }

    /// Whether a note can hold a link that the move breaks: it moved itself, or names one that did.
    pub(super) fn concerns(&self, path: &VaultPath, bytes: &[u8]) -> bool {
        self.origins.contains_key(path) || {
            let text = name_key(&String::from_utf8_lossy(bytes));
            self.needles.iter().any(|needle| memchr::memmem::find(text.as_bytes(), needle).is_some())
        }
    }

    /// The text of the note now at `path` with its links led right, and how many had to be.
    pub(crate) fn rewrite(&self, path: &VaultPath, text: &str) -> (String, usize) {
        let old_path = self.origins.get(path).unwrap_or(path);
        let mut after = String::with_capacity(text.len());
        let (mut copied, mut rewritten) = (0, 0);
        for link in links(text) {
            let target = match resolve_link(&link.target, old_path.folder(), &self.before) {
                Resolution::One(led_to) => self.note_target(&link, &led_to, path),
                _ => self.file_target(&link, old_path.folder(), path.folder()),
            };
            let Some(target) = target else { continue };
            after.push_str(&text[copied..link.span.start]);
            after.push_str(&target);
            copied = link.span.end;
            rewritten += 1;
        }
        after.push_str(&text[copied..]);
        (after, rewritten)
    }

    /// What a link to the note that was `led_to` must say; `None` where it still leads there.
    fn note_target(&self, link: &Written, led_to: &VaultPath, from: &VaultPath) -> Option<String> {
        let must = self.moves.get(led_to).unwrap_or(led_to);
        let leads_right = resolve_link(&link.target, from.folder(), &self.now) == Resolution::One(must.clone());
        (!leads_right).then(|| self.target(link, must, from))
    }

    /// What a link from a moved note to something else than a note, such as an image, must say. Only `./` and `../` tell by
    /// themselves which file is meant; Obsidian looks for anything else in the whole vault.
    fn file_target(&self, link: &Written, old_folder: &str, folder: &str) -> Option<String> {
        let is_relative = link.target.starts_with("./") || link.target.starts_with("../");
        if !is_relative || old_folder == folder || self.files_came_along {
            return None;
        }
        let mut parts: Vec<_> = old_folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in link.target.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        let old = parts.join("/");
        let moved_with = self.folder.as_ref().and_then(|(from, to)| {
            let rest = old.strip_prefix(from.as_str())?;
            rest.starts_with('/').then(|| format!("{to}{rest}"))
        });
        let must = relative_path(folder, &moved_with.unwrap_or(old));
        let same = must == link.target || link.target.strip_prefix("./") == Some(&must);
        (!same).then(|| if link.markdown { markdown_destination(&must) } else { must })
    }

    /// How a link says `to`: by name where it was a name and the name is enough, by path where it was a path.
    fn target(&self, link: &Written, to: &VaultPath, from: &VaultPath) -> String {
        let had_extension = name_key(&link.target).ends_with(".md");
        let shown = |path: &str| if had_extension { path.to_owned() } else { path[..path.len() - 3].to_owned() };
        if link.markdown {
            let relative = link.target.starts_with('.') || !link.target.contains('/');
            let path = if relative { relative_path(from.folder(), to.as_str()) } else { to.as_str().to_owned() };
            return markdown_destination(&shown(&path));
        }
        let by_name = !link.target.contains(['/', '\\'])
            && resolve_link(to.stem(), from.folder(), &self.now) == Resolution::One(to.clone());
        if by_name { shown(to.file_name()) } else { shown(to.as_str()) }
    }
}

/// All links of a note that can lead to a note, properties first, in the order of the text.
fn links(text: &str) -> Vec<Written> {
    let body = Note::parse(text).body_offset();
    let in_properties = wiki_links(&text[..body]).into_iter().filter_map(|link| written(link, 0));
    let in_body = structure(&text[body..]).links.into_iter().filter_map(|link| written(link, body));
    let mut links: Vec<_> = in_properties.chain(in_body).filter(|link| !link.target.is_empty()).collect();
    // Links of a nested kind (an image in a link) and reference definitions may stand out of order, or share a target.
    links.sort_by_key(|link| link.span.start);
    links.dedup_by(|later, earlier| later.span.start < earlier.span.end);
    links
}

/// A link as it stands in a note, `offset` bytes before which its text begins.
fn written(link: Link, offset: usize) -> Option<Written> {
    let span = link.target_span?;
    let (target, markdown) = match link.kind {
        LinkKind::Wiki(wiki) => (wiki.target, false),
        LinkKind::Markdown(wiki) => (wiki.target, true),
        LinkKind::External(_) => return None,
    };
    Some(Written { target, span: span.start + offset..span.end + offset, markdown })
}

/// `to` as seen from `folder`: `../b/c.md`.
fn relative_path(folder: &str, to: &str) -> String {
    let from: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<_> = to.split('/').collect();
    let shared = from.iter().zip(&parts[..parts.len() - 1]).take_while(|(a, b)| a == b).count();
    let mut path = "../".repeat(from.len() - shared);
    path.push_str(&parts[shared..].join("/"));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(notes: &[&str], moves: &[(&str, &str)]) -> Moved {
        let path = |text: &str| text.parse::<VaultPath>().unwrap();
        let moves: BTreeMap<_, _> = moves.iter().map(|(old, new)| (path(old), path(new))).collect();
        let before: NameMap = notes.iter().map(|note| path(note)).collect();
        let now: NameMap = notes.iter().map(|note| moves.get(&path(note)).cloned().unwrap_or(path(note))).collect();
        Moved::new(moves, None, before, now)
    }

    #[test]
    fn path_links_follow_and_names_stay() {
        let moved = moved(&["S/a.md", "S/b.md", "N.md"], &[("S/a.md", "Old/T/a.md"), ("S/b.md", "Old/T/b.md")]);
        let note = "---\nup: \"[[S/a|x]]\" # keep\nlist: [[a]], [[S/b.md]]\n---\n[[a]] [[S/a#H|t]] ![[S/b]]\n[m](S/a.md#h) `[[S/a]]`\n";
        let (after, links) = moved.rewrite(&"N.md".parse().unwrap(), note);
        assert_eq!(links, 5);
        assert_eq!(
            after,
            "---\nup: \"[[Old/T/a|x]]\" # keep\nlist: [[a]], [[Old/T/b.md]]\n---\n[[a]] [[Old/T/a#H|t]] ![[Old/T/b]]\n[m](Old/T/a.md#h) `[[S/a]]`\n"
        );
        // Obsidian takes the end of a path for the whole.
        let moved = self::moved(&["S/a.md", "N.md"], &[("S/a.md", "Old/S/a.md")]);
        assert_eq!(moved.rewrite(&"N.md".parse().unwrap(), "[[S/a]]").1, 0);
    }

    #[test]
    fn links_out_of_a_moved_note_are_led_right() {
        let moved = moved(&["S/a.md", "S/b.md", "x/N m.md"], &[("S/a.md", "Deep/er/a.md")]);
        let (after, links) = moved.rewrite(&"Deep/er/a.md".parse().unwrap(), "[n](../x/N%20m.md) [[b]] [b](./b.md)");
        assert_eq!((after.as_str(), links), ("[n](../../x/N%20m.md) [[b]] [b](../../S/b.md)", 2));
    }

    #[test]
    fn a_new_name_is_followed_by_links_by_name() {
        let moved = moved(&["a.md", "N.md"], &[("a.md", "b.md")]);
        let (after, links) = moved.rewrite(&"N.md".parse().unwrap(), "[[a]] [[A|x]] [[c]] [[a#^id]]");
        assert_eq!((after.as_str(), links), ("[[b]] [[b|x]] [[c]] [[b#^id]]", 3));
    }

    #[test]
    fn relative_paths() {
        assert_eq!(relative_path("a/b", "a/c/d.md"), "../c/d.md");
        assert_eq!(relative_path("", "a.md"), "a.md");
        assert_eq!(relative_path("a", "a/b.md"), "b.md");
    }
}
