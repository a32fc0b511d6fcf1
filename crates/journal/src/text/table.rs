//! Tables that fit the terminal: columns as wide as they must be, the last one cut to what is left.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Style, Text, one_line};

/// A table of text.
#[derive(Debug)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

const GAP: &str = "  ";

/// The least that is left of the last column, in terminal columns.
const LEAST: usize = 16;

impl Table {
    /// A table with these headings.
    pub fn new(head: Vec<&'static str>) -> Self {
        Self { head, rows: Vec::new() }
    }

    /// Adds a row: a cell a heading.
    pub fn row(&mut self, cells: Vec<String>) {
        // A line break in a title would tear the table.
        self.rows.push(cells.iter().map(|cell| one_line(cell)).collect());
    }

    /// The table as text, at most `width` terminal columns wide where a width is given. Columns without content are left out.
    pub fn text(&self, width: Option<usize>) -> Text {
        let columns: Vec<usize> =
            (0..self.head.len()).filter(|column| self.rows.iter().any(|row| !cell(row, *column).is_empty())).collect();
        let widest = |column: usize| {
            self.rows.iter().map(|row| cell(row, column).width()).chain([self.head[column].width()]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = columns.iter().map(|column| widest(*column)).collect();
        if let (Some(width), Some((last, others))) = (width, widths.split_last_mut()) {
            let taken: usize = others.iter().map(|other| other + GAP.len()).sum();
            *last = (*last).min(width.saturating_sub(taken).max(LEAST));
        }
        let mut text = Text::new();
        let mut line = |style: Style, cells: &dyn Fn(usize) -> String| {
            let mut line = String::new();
            for (column, width) in columns.iter().zip(&widths) {
                let cell = cut(&cells(*column), *width);
                line.push_str(&cell);
                line.push_str(&" ".repeat(width - cell.width() + GAP.len()));
            }
            text.add(style, line.trim_end()).end();
        };
        line(Style::Faint, &|column| self.head[column].to_owned());
        for row in &self.rows {
            line(Style::Plain, &|column| cell(row, column).to_owned());
        }
        text
    }
}

fn cell(row: &[String], column: usize) -> &str {
    row.get(column).map_or("", String::as_str)
}

/// The text, or as much of it as fits with `…` at its end. Wide characters count twice.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| {
        let own = c.width().unwrap_or(0);
        let fits = own <= left;
        left = left.saturating_sub(own);
        fits
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec!["id", "status", "project", "title"]);
        table.row(vec![
            "k3m9q2".into(),
            "active".into(),
            String::new(),
            "Fix the flaky\nauth test before Friday".into(),
        ]);
        table.row(vec!["t2v4w6".into(), "done".into(), String::new(), "추론 세션은 왜 느린가 하는 물음".into()]);
        table
    }

    #[test]
    fn a_table_fits_its_terminal() {
        let fitted = "\
id      status  title
k3m9q2  active  Fix the flaky auth…
t2v4w6  done    추론 세션은 왜 느린…
";
        assert_eq!(table().text(Some(36)).words(), fitted);
        assert!(table().text(Some(36)).words().lines().all(|line| line.width() <= 36));
        let whole = "\
id      status  title
k3m9q2  active  Fix the flaky auth test before Friday
t2v4w6  done    추론 세션은 왜 느린가 하는 물음
";
        assert_eq!(table().text(None).words(), whole);
        assert_eq!(table().text(Some(1)).words().lines().nth(1), Some("k3m9q2  active  Fix the flaky a…"));
    }
}
