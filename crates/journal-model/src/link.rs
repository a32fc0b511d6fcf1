//! Wikilinks as text: `[[target#fragment|alias]]`, read from bodies and property values, and written.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a wikilink says. It knows nothing of the vault; [`resolve_link`](crate::resolve_link) does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WikiLink {
    /// The note's name or path, with `.md` if it was written so. Empty for a link into the note itself
    /// (`[[#Heading]]`).
    pub target: String,
    /// The part of the note that is meant.
    pub fragment: Option<Fragment>,
    /// What readers see instead of the target; an image's size (`300`) stands here too.
    pub alias: Option<String>,
    /// Whether the target is shown in place: `![[…]]`.
    pub embed: bool,
}

/// The part of a note that a link means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragment {
    /// `#Heading`, or `#Heading#Subheading`. Never empty.
    Heading(Vec<String>),
    /// `#^id`, without the `^`.
    Block(String),
}

impl Fragment {
    /// Reads what stands after the first `#`. `None` when that is nothing but `#` and white space.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('#').map(str::trim).filter(|part| !part.is_empty()).collect();
        match parts.last()?.strip_prefix('^') {
            Some(id) => (!id.is_empty()).then(|| Self::Block(id.to_owned())),
            None => Some(Self::Heading(parts.into_iter().map(str::to_owned).collect())),
        }
    }
}

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heading(parts) => parts.iter().try_for_each(|part| write!(f, "#{part}")),
            Self::Block(id) => write!(f, "#^{id}"),
        }
    }
}

impl WikiLink {
    /// A plain link to `target`.
    pub fn to(target: impl Into<String>) -> Self {
        Self { target: target.into(), ..Self::default() }
    }

    /// Reads one link: `[[X#H|alias]]`, `![[X]]`, `"[[X]]"`, `[[X\|alias]]` as tables write it, or just `X#H|alias`.
    /// `None` when it names neither a target nor a part of the note itself.
    pub fn parse(text: &str) -> Option<Self> {
        let text = unquoted(text.trim());
        let (embed, text) = match text.strip_prefix('!') {
            Some(rest) if rest.starts_with("[[") => (true, rest),
            _ => (false, text),
        };
        let inner = text.strip_prefix("[[").map_or(text, |rest| rest.strip_suffix("]]").unwrap_or(rest));
        let (path, alias) = match inner.split_once('|') {
            Some((path, alias)) => (path.strip_suffix('\\').unwrap_or(path), Some(alias.trim())),
            None => (inner, None),
        };
        let (target, fragment) = match path.split_once('#') {
            Some((target, fragment)) => (target, Fragment::parse(fragment)),
            None => (path, None),
        };
        let link = Self {
            target: target.trim().to_owned(),
            fragment,
            alias: alias.filter(|alias| !alias.is_empty()).map(str::to_owned),
            embed,
        };
        (!link.target.is_empty() || link.fragment.is_some()).then_some(link)
    }
}

impl fmt::Display for WikiLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[[{}", if self.embed { "!" } else { "" }, self.target)?;
        if let Some(fragment) = &self.fragment {
            write!(f, "{fragment}")?;
        }
        if let Some(alias) = &self.alias {
            write!(f, "|{alias}")?;
        }
        f.write_str("]]")
    }
}

/// The links written in brackets in a property's value: `"[[a]]"`, `[[a]], [[b]]`, `see [[a|b]]`.
pub fn links_in(text: &str) -> Vec<WikiLink> {
    bracketed(text).filter_map(|(start, end)| WikiLink::parse(&text[start..end])).collect()
}

/// The links of a property that should hold links: those in brackets or, where there is no bracket, the whole text as a
/// target (`part_of: Some note`).
pub fn link_values(text: &str) -> Vec<WikiLink> {
    if text.contains("[[") { links_in(text) } else { WikiLink::parse(text).into_iter().collect() }
}

/// The link text for the note whose file name without `.md` is `stem`.
pub fn link_to(stem: &str) -> String {
    format!("[[{stem}]]")
}

/// A vault path as the destination of a markdown link, as Obsidian writes it: `a/b c.md` is `a/b%20c.md`.
pub fn markdown_destination(path: &str) -> String {
    const ESCAPED: &AsciiSet =
        &CONTROLS.add(b' ').add(b'%').add(b'#').add(b'(').add(b')').add(b'<').add(b'>').add(b'\\').add(b'"').add(b'?');
    // Only ASCII is escaped: people read these links in the source.
    path.split_inclusive(|c: char| !c.is_ascii()).fold(String::with_capacity(path.len()), |mut out, piece| {
        let ascii = piece.trim_end_matches(|c: char| !c.is_ascii());
        out.extend(utf8_percent_encode(ascii, ESCAPED));
        out.push_str(&piece[ascii.len()..]);
        out
    })
}

/// Where `[[…]]` or `![[…]]` stand in `text`, as byte offsets. The innermost opening counts, a line break ends the
/// search, and a backslash before the brackets takes their meaning.
pub(crate) fn bracketed(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut open = None;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let here = at;
            at += 1;
            match bytes[here] {
                b'\n' => open = None,
                b'[' if bytes.get(at) == Some(&b'[') && !is_escaped(bytes, here) => open = Some(here),
                b']' if bytes.get(at) == Some(&b']') => {
                    if let Some(start) = open.take() {
                        at += 1;
                        let embed = start > 0 && bytes[start - 1] == b'!' && !is_escaped(bytes, start - 1);
                        return Some((start - usize::from(embed), at));
                    }
                }
                _ => {}
            }
        }
        None
    })
}

/// Whether an odd number of backslashes stands before `at`.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn unquoted(text: &str) -> &str {
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(parts: &[&str]) -> Option<Fragment> {
        Some(Fragment::Heading(parts.iter().map(|part| (*part).to_owned()).collect()))
    }

    #[test]
    fn every_way_to_write_a_link() {
        let plain = WikiLink::to("a/X");
        for text in ["[[a/X]]", " [[ a/X ]] ", "\"[[a/X]]\"", "'[[a/X]]'", "a/X", "[[a/X|]]", "[[a/X#]]", "[[a/X"] {
            assert_eq!(WikiLink::parse(text).as_ref(), Some(&plain), "{text}");
        }
        let full = WikiLink::parse("![[X#H#h 2|see | this]]").unwrap();
        assert_eq!((full.target.as_str(), full.embed), ("X", true));
        assert_eq!((full.fragment, full.alias.as_deref()), (heading(&["H", "h 2"]), Some("see | this")));
        let table = WikiLink::parse(r"[[N\|x]]").unwrap();
        assert_eq!((table.target.as_str(), table.alias.as_deref()), ("N", Some("x")));
        assert_eq!(WikiLink::parse("[[X#^b-1]]").unwrap().fragment, Some(Fragment::Block("b-1".to_owned())));
        let own = WikiLink::parse("[[#H]]").unwrap();
        assert_eq!((own.target.as_str(), own.fragment), ("", heading(&["H"])));
        for text in ["", "[[]]", "[[ ]]", "[[|x]]", "[[#]]", "[[#^]]", "\"\"", "![[]]"] {
            assert_eq!(WikiLink::parse(text), None, "{text}");
        }
        assert_eq!(WikiLink::parse("!X"), Some(WikiLink::to("!X")));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["[[X]]", "![[a/b.png|300]]", "[[X#H#I|y z]]", "[[X#^id]]", "[[#H]]", "[[한글 제목.md]]"] {
            assert_eq!(WikiLink::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(link_to("T001 a"), "[[T001 a]]");
    }

    #[test]
    fn property_values() {
        let targets = |links: Vec<WikiLink>| links.into_iter().map(|link| link.target).collect::<Vec<_>>();
        assert_eq!(targets(links_in("\"[[a]]\"")), ["a"]);
        assert_eq!(targets(links_in("[[a]], ![[b|c]] and [[ [[d]]]]")), ["a", "b", "d"]);
        assert_eq!(targets(links_in(r"\[[a]] \\[[b]] [[c")), ["b"]);
        assert_eq!(targets(links_in("[[a\nb]] x")), [""; 0]);
        assert_eq!(targets(links_in("a")), [""; 0]);
        assert_eq!(targets(link_values(" Some note ")), ["Some note"]);
        assert_eq!(targets(link_values("[[a]] and [[]]")), ["a"]);
        assert_eq!(targets(link_values(" ")), [""; 0]);
    }

    #[test]
    fn destinations() {
        assert_eq!(markdown_destination("a b/100% (é한 글).md"), "a%20b/100%25%20%28é한%20글%29.md");
        assert_eq!(markdown_destination("생각"), "생각");
        assert_eq!(markdown_destination(""), "");
    }
}
