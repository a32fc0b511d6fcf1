//! The pieces of a query, before anything is known of words.

/// A piece between spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word or a phrase.
    Text { text: String, quoted: bool, negative: bool },
    /// `name:value` with one of the known names.
    Field { name: String, value: String, negative: bool },
    /// `OR`.
    Or,
}

const FIELDS: &[&str] = &["tag", "path", "session", "type", "project", "branch", "status", "agent", "after", "before"];

/// Takes a query apart. The notes say what was not closed or not finished.
pub(super) fn pieces(text: &str) -> (Vec<Piece>, Vec<String>) {
    let (mut pieces, mut notes) = (Vec::new(), Vec::new());
    let mut rest = text.trim_start();
    let mut not = false;
    while !rest.is_empty() {
        let (negative, body) = match rest.strip_prefix('-') {
            Some(body) if body.chars().next().is_some_and(|c| !c.is_whitespace() && c != '-') => (true, body),
            _ => (false, rest),
        };
        let negative = negative || std::mem::take(&mut not);
        let word_end = body.find(char::is_whitespace).unwrap_or(body.len());
        let after;
        if let Some(phrase) = body.strip_prefix('"') {
            let (inner, end, closed) = quoted(phrase);
            if closed {
                pieces.push(Piece::Text { text: inner.to_owned(), quoted: true, negative });
            } else {
                notes.push("a quote is not closed; what follows it is searched for as plain words".to_owned());
                let words = inner.split_whitespace();
                pieces.extend(words.map(|word| Piece::Text { text: word.to_owned(), quoted: false, negative }));
            }
            after = &phrase[end..];
        } else if let Some((name, value)) = field(&body[..word_end]) {
            let start = name.len() + 1;
            let (value, end) = match value.strip_prefix('"') {
                Some(_) => {
                    let (inner, end, closed) = quoted(&body[start + 1..]);
                    if !closed {
                        notes.push(format!("the quote after `{name}:` is not closed"));
                    }
                    (inner, start + 1 + end)
                }
                None => (value, word_end),
            };
            if value.trim().is_empty() {
                notes.push(format!("`{name}:` needs a value right behind it"));
                pieces.push(Piece::Text { text: name.to_owned(), quoted: false, negative });
            } else {
                let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
                pieces.push(Piece::Field { name, value, negative });
            }
            after = &body[end..];
        } else {
            match &body[..word_end] {
                "OR" | "|" if !negative => pieces.push(Piece::Or),
                // All words are wanted anyway.
                "AND" | "&" if !negative => {}
                "NOT" if !negative => not = true,
                word => pieces.push(Piece::Text { text: word.to_owned(), quoted: false, negative }),
            }
            after = &body[word_end..];
        }
        rest = after.trim_start();
    }
    if not {
        pieces.push(Piece::Text { text: "NOT".to_owned(), quoted: false, negative: false });
    }
    (pieces, notes)
}

/// What stands before the next quote, where to go on, and whether there was a quote.
fn quoted(text: &str) -> (&str, usize, bool) {
    match text.find('"') {
        Some(end) => (&text[..end], end + 1, true),
        None => (text, text.len(), false),
    }
}

fn field(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once(':')?;
    FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)).then_some((name, value))
}
