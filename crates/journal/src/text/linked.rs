//! Links as they are written, and where they lead.

use journal_engine::{FoundLink, Leads, LinkKind, LinkRow, NoteLinks};

use super::{Text, counted, one_line, table::Table};

/// A link as it stands in its note.
pub fn written(link: &LinkRow) -> String {
    let fragment = link.fragment.as_deref().unwrap_or_default();
    let target = one_line(&format!("{}{fragment}", link.target));
    let alias = link.alias.as_deref().map(one_line);
    match link.kind {
        LinkKind::Markdown => format!("[{}]({target})", alias.unwrap_or_default()),
        LinkKind::Wiki | LinkKind::Embed | LinkKind::Property => {
            let embed = if link.kind == LinkKind::Embed { "!" } else { "" };
            let alias = alias.map(|alias| format!("|{alias}")).unwrap_or_default();
            format!("{embed}[[{target}{alias}]]")
        }
    }
}

/// Where a link leads, in words.
pub fn leads(found: &FoundLink) -> String {
    match &found.link.leads {
        Leads::To(path) => path.to_string(),
        Leads::Nowhere => "nowhere".to_owned(),
        Leads::File => "a file that is no note".to_owned(),
        Leads::Anywhere => {
            let paths: Vec<_> = found.candidates.iter().map(ToString::to_string).collect();
            format!("one of: {}", paths.join(", "))
        }
    }
}

/// The links of a note, at most `limit` each way.
pub fn note_links(note: &NoteLinks, limit: usize, width: Option<usize>) -> Text {
    let mut text = Text::new();
    text.strong(format!("# {}", one_line(&note.title))).end().end();
    text.field("path", note.path.as_str());
    text.field("out", counted(note.out.len(), "link"));
    let mut out = Table::new(vec!["line", "property", "link", "leads to"]);
    for found in note.out.iter().take(limit) {
        let link = &found.link;
        out.row(vec![link.line.to_string(), link.property.clone().unwrap_or_default(), written(link), leads(found)]);
    }
    listed(&mut text, &out, note.out.len(), limit, width);
    text.field("in", counted(note.into.len(), "link"));
    let mut into = Table::new(vec!["line", "property", "link", "in"]);
    for link in note.into.iter().take(limit) {
        let property = link.property.clone().unwrap_or_default();
        into.row(vec![link.line.to_string(), property, written(link), link.from.to_string()]);
    }
    listed(&mut text, &into, note.into.len(), limit, width);
    text
}

/// Loose links with the notes they stand in.
pub fn loose_links(links: &[FoundLink], total: usize, width: Option<usize>) -> Text {
    let mut table = Table::new(vec!["note", "line", "link", "leads to"]);
    for found in links {
        let link = &found.link;
        let leads = if link.leads == Leads::Nowhere { String::new() } else { leads(found) };
        table.row(vec![link.from.to_string(), link.line.to_string(), written(link), leads]);
    }
    let mut text = table.text(width);
    more(&mut text, links.len(), total);
    text
}

fn listed(text: &mut Text, table: &Table, total: usize, limit: usize, width: Option<usize>) {
    if total > 0 {
        for (style, span) in table.text(width).spans() {
            text.add(*style, span.clone());
        }
        more(text, limit.min(total), total);
    }
}

/// Says that there is more than was told.
pub fn more(text: &mut Text, told: usize, total: usize) {
    if total > told {
        text.faint(format!("and {} more: --limit {total}", total - told)).end();
    }
}
