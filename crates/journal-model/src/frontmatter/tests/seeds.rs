//! Frontmatter as it is found: Obsidian's, the earlier tool's, and what people and templates do to it.

macro_rules! seeds {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../../vault-fixtures/frontmatter/", $name, ".md")))),*]
    };
}

/// Name and text of every note in `vault-fixtures/frontmatter`.
pub(super) const SEEDS: &[(&str, &str)] = seeds![
    "anchors",
    "block-scalars",
    "broken",
    "commented",
    "document",
    "duplicates",
    "earlier-tool",
    "empty",
    "indented",
    "json",
    "many-lines",
    "nested",
    "obsidian",
    "rule",
    "session",
    "tabs",
    "unterminated",
    "wikilinks",
];

/// The note of that name.
pub(super) fn seed(name: &str) -> &'static str {
    SEEDS.iter().find(|(own, _)| *own == name).map(|(_, text)| *text).expect("the name is in the list")
}
