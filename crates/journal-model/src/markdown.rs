//! The structure of a note's body: headings, links, tags, block ids, code and comments, and where each stands.
//!
//! pulldown-cmark knows the blocks, code and markdown links. What only Obsidian has (wikilinks, tags, block ids, `%%`
//! comments) is found afterwards, line by line, in a copy of the body in which everything that cannot hold it is
//! masked. Wikilinks too, although the parser knows them: it takes `[[N\|x]]` in a table for a link to `N\`, joins
//! brackets across lines, and hides `[[X]]` in `[label]: [[X]]`.

use std::{cmp::Reverse, ops::Range};

use pulldown_cmark::Options;

use crate::WikiLink;

mod blocks;
mod comments;
mod inline;
mod mask;
#[cfg(test)]
mod tests;

use blocks::Blocks;
use mask::Mask;

/// What a body holds, each list in the order of the text. Spans are byte offsets into the body, on character
/// boundaries; lines are 1-based and count from the body's first line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// Headings of both styles.
    pub headings: Vec<Heading>,
    /// Links of all kinds. They may nest: an image inside a link is a link of its own.
    pub links: Vec<Link>,
    /// Tags in the text; those of the properties are not here.
    pub tags: Vec<Tag>,
    /// Block ids.
    pub block_ids: Vec<BlockId>,
    /// Fenced and indented code, fences included.
    pub code_blocks: Vec<Range<usize>>,
    /// Code within a line, backticks included.
    pub code_spans: Vec<Range<usize>>,
    /// Obsidian's comments, `%%` included.
    pub comments: Vec<Range<usize>>,
    /// Raw HTML: blocks of it, and tags and comments within a line.
    pub html: Vec<Range<usize>>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// What a reader sees: without markers, with the aliases of links.
    pub text: String,
    /// The line on which it begins.
    pub line: usize,
    /// Its line or, where it is underlined, lines, without the last line ending.
    pub span: Range<usize>,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub kind: LinkKind,
    /// The line on which it begins.
    pub line: usize,
    /// The whole of it, brackets and `!` included.
    pub span: Range<usize>,
    /// Where the target is written, without fragment and brackets: what to replace when the target moves. It is not
    /// inside `span` for `[text][label]`, and `None` where the target is not written as such.
    pub target_span: Option<Range<usize>>,
}

/// Where a link leads, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkKind {
    /// `[[target#fragment|alias]]` or `![[…]]`.
    Wiki(WikiLink),
    /// `[alias](target#fragment)` or `![…](…)` into the vault, percent-decoded and told in the terms of a wikilink.
    Markdown(WikiLink),
    /// A URL with a scheme (`https:`, `mailto:`, `obsidian:`), as a markdown link, in `<…>` or bare.
    External(String),
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// As written, without the `#`: `project/journal`.
    pub name: String,
    /// Its line.
    pub line: usize,
    /// With the `#`.
    pub span: Range<usize>,
}

/// A block id: what `[[note#^id]]` leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockId {
    /// Without the `^`.
    pub id: String,
    /// Its line, the last of the block.
    pub line: usize,
    /// With the `^`.
    pub span: Range<usize>,
}

/// Finds the structure of a note's body. The frontmatter must not be part of it.
///
/// Never fails: whatever is not well-formed is text, as in Obsidian. A `%%` without a second one is text, too.
pub fn structure(body: &str) -> Structure {
    let lines = Lines::new(body);
    let comments = comments::find(body);
    let mut mask = Mask::new(body);
    mask.hide(&comments);
    let Blocks { headings, mut links, code_blocks, code_spans, html, definitions } = blocks::read(mask.text(), &lines);

    mask.hide(&code_blocks);
    mask.hide(&code_spans);
    mask.hide(&html);
    links.extend(inline::wiki_links(body, mask.text(), &lines));
    sort(&mut links);
    mask.hide(links.iter().map(|link| &link.span));
    mask.hide(&definitions);
    let urls = inline::bare_urls(mask.text(), &lines);
    mask.hide(urls.iter().map(|link| &link.span));
    links.extend(urls);
    sort(&mut links);
    let text = mask.text();
    Structure {
        headings,
        links,
        tags: inline::tags(text, &lines),
        block_ids: inline::block_ids(text, &lines),
        code_blocks,
        code_spans,
        comments,
        html,
    }
}

/// The wikilinks of a text that is no markdown: a note's frontmatter. Lines and spans as in [`Structure`].
pub fn wiki_links(text: &str) -> Vec<Link> {
    inline::wiki_links(text, text, &Lines::new(text))
}

/// In the order of the text, outer links before those in them.
fn sort(links: &mut [Link]) {
    links.sort_by_key(|link| (link.span.start, Reverse(link.span.end)));
}

/// What Obsidian reads as markdown. Metadata blocks stay off: the parser would find and swallow them in mid-body.
pub(crate) const OPTIONS: Options = Options::ENABLE_WIKILINKS
    .union(Options::ENABLE_TABLES)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_STRIKETHROUGH);

/// From byte offsets to lines.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The 1-based line of a byte.
    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}
