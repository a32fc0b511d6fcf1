//! How values stand in the columns of the tables: kinds as numbers, lists as lines, names as keys to look them up by.

use journal_model::name_key;

use crate::{LinkKind, NoteHeading, NoteKind};

/// The name under which a link is kept: the last part of its path without `.md`, as [`name_key`] writes it. A target that
/// leaves the vault has one that no note can have.
pub(crate) fn target_key(target: &str, folder: &str) -> String {
    let target = target.trim().replace('\\', "/");
    let relative = target.starts_with("./") || target.starts_with("../");
    let mut parts: Vec<&str> = Vec::new();
    for part in if relative { folder } else { "" }.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return "/".to_owned(),
            ".." => {}
            part => parts.push(part),
        }
    }
    let key = name_key(parts.last().unwrap_or(&"/"));
    key.strip_suffix(".md").map(str::to_owned).unwrap_or(key)
}

/// The names under which links are kept that may lead to a note of this name: it, and for a note `x.md.md` also `x`.
pub(crate) fn keys_of(stem_key: &str) -> impl Iterator<Item = &str> {
    [Some(stem_key), stem_key.strip_suffix(".md")].into_iter().flatten()
}

/// The items of a list, a line each.
pub(crate) fn lines(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join("\n"))
}

pub(crate) fn pack_headings(headings: &[NoteHeading]) -> String {
    let lines: Vec<_> =
        headings.iter().map(|heading| format!("{}\t{}\t{}", heading.level, heading.line, heading.text)).collect();
    lines.join("\n")
}

/// The headings that [`pack_headings`] packed.
pub(crate) fn unpack_headings(packed: &str) -> Vec<NoteHeading> {
    let heading = |line: &str| {
        let mut fields = line.splitn(3, '\t');
        Some(NoteHeading {
            level: fields.next()?.parse().ok()?,
            line: fields.next()?.parse().ok()?,
            text: fields.next()?.to_owned(),
        })
    };
    packed.lines().filter_map(heading).collect()
}

/// The characters of an id from the last to the first: what an ending of it is looked up in.
pub(crate) fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// The bits of an unsigned number, as SQLite keeps them.
pub(crate) fn as_integer(number: u64) -> i64 {
    number.cast_signed()
}

pub(crate) fn kind_number(kind: NoteKind) -> i64 {
    match kind {
        NoteKind::Session => 0,
        NoteKind::Thought => 1,
        NoteKind::Note => 2,
    }
}

pub(crate) fn kind_of(number: i64) -> NoteKind {
    match number {
        0 => NoteKind::Session,
        1 => NoteKind::Thought,
        _ => NoteKind::Note,
    }
}

pub(crate) fn link_number(kind: LinkKind) -> i64 {
    match kind {
        LinkKind::Wiki => 0,
        LinkKind::Embed => 1,
        LinkKind::Markdown => 2,
        LinkKind::Property => 3,
    }
}

pub(crate) fn link_of(number: i64) -> LinkKind {
    match number {
        0 => LinkKind::Wiki,
        1 => LinkKind::Embed,
        2 => LinkKind::Markdown,
        _ => LinkKind::Property,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (target, folder, key) in [
            ("X", "a", "x"),
            ("a/B.md", "", "b"),
            ("B.MD", "", "b"),
            ("../Y", "a/b", "y"),
            ("./..", "a/b", "a"),
            ("../..", "a", "/"),
            ("/", "", "/"),
            ("E\u{301}", "", "é"),
        ] {
            assert_eq!(target_key(target, folder), key, "{target}");
        }
        assert_eq!(keys_of("x.md").collect::<Vec<_>>(), ["x.md", "x"]);
    }
}
