//! What a person typed into a search, understood. Nothing is ever an error: what makes no sense is searched for as plain
//! words, and a note says so.
//!
//! Words side by side must all be there; more than three are taken for a question, of which any will do. `a OR b` is either,
//! `"a b"` a phrase, `-a` must not be there, `a*` any word that begins so. Filters are `tag:`, `path:`, `session:`, `type:`,
//! `project:`, `branch:`, `status:` and `agent:`, with quotes around a value that holds spaces; the same one again means
//! either, another one means both, and `-` before one turns it round. `after:2026-11` is from the beginning of that month on,
//! `before:2026-11-21` up to the day before.

use crate::{
    date,
    document::Field,
    words::{Purpose, Role, each_word},
};

mod pieces;
#[cfg(test)]
mod tests;

use pieces::{Piece, pieces};

/// A query, parsed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) excluded: Vec<Clause>,
    pub(crate) filters: Filters,
    plain: String,
    pub(crate) fingerprint: u64,
    notes: Vec<String>,
}

/// A part of a query of which one alternative must be found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clause {
    /// As typed, for people.
    pub said: String,
    pub atoms: Vec<Atom>,
    /// In quotes, or an `OR`: somebody meant just that.
    pub firm: bool,
}

/// Words in a row, as they are indexed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Atom {
    /// Never empty.
    pub words: Vec<String>,
    /// The last word is only the beginning of one.
    pub prefix: bool,
}

/// By what the answers are narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    /// One value of each list must fit.
    pub required: Vec<(Field, Vec<String>)>,
    /// None of these may fit.
    pub excluded: Vec<(Field, String)>,
    /// Beginnings of paths, of which one must fit.
    pub paths: Vec<String>,
    /// Beginnings of paths that must not fit.
    pub excluded_paths: Vec<String>,
    /// Seconds; notes that changed then or later.
    pub after: Option<i64>,
    /// Seconds; notes that changed before.
    pub before: Option<i64>,
}

/// A longer query is cut: every word costs a look at the index.
const MAX_CLAUSES: usize = 24;
const MAX_PHRASE_WORDS: usize = 48;

impl Query {
    /// Understands `text`.
    pub fn parse(text: &str) -> Self {
        let mut query = Self { fingerprint: xxhash_rust::xxh3::xxh3_64(text.trim().as_bytes()), ..Self::default() };
        let (pieces, notes) = pieces(text);
        query.notes = notes;
        let mut plain: Vec<String> = Vec::new();
        // Whether the last piece can be the left side of an `OR`, and whether one is open.
        let (mut left, mut either) = (false, false);
        for piece in pieces {
            match piece {
                Piece::Or if left && !either => {
                    either = true;
                    continue;
                }
                Piece::Or => query.notes.push("`OR` stands between two words or phrases".to_owned()),
                Piece::Text { text, quoted, negative } => {
                    let clause = Clause::new(&text, quoted);
                    if !negative {
                        plain.push(text);
                    }
                    match clause {
                        None => {}
                        Some(clause) if negative => query.excluded.push(clause),
                        Some(clause) => {
                            match query.clauses.last_mut().filter(|_| either) {
                                Some(last) => last.or(clause),
                                None => query.add(clause),
                            }
                            (left, either) = (true, false);
                            continue;
                        }
                    }
                }
                Piece::Field { name, value, negative } => {
                    if !query.filter(&name, &value, negative) {
                        let text = format!("{name}:{value}");
                        query.clauses.extend(Clause::new(&text, false));
                        plain.push(text);
                    }
                    // `tag:a OR tag:b` is what two of them mean anyway.
                    (left, either) = (true, false);
                    continue;
                }
            }
            (left, either) = (false, false);
        }
        if either {
            query.notes.push("nothing follows `OR`".to_owned());
        }
        query.plain = plain.join(" ");
        if query.clauses.len() > MAX_CLAUSES {
            query.clauses.truncate(MAX_CLAUSES);
            query.notes.push(format!("only the first {MAX_CLAUSES} words are searched for"));
        }
        query.excluded.truncate(MAX_CLAUSES);
        query
    }

    /// A query for any of these words, given as they are indexed.
    pub(crate) fn of_words(words: impl IntoIterator<Item = String>) -> Self {
        let clause = |word: String| Clause {
            said: word.clone(),
            atoms: vec![Atom { words: vec![word], prefix: false }],
            firm: false,
        };
        Self { clauses: words.into_iter().take(MAX_CLAUSES).map(clause).collect(), ..Self::default() }
    }

    /// Has `id` say which session each value of `session:` means.
    ///
    /// # Errors
    /// What `id` answers for the first value that means none.
    pub fn name_sessions<E>(&mut self, mut id: impl FnMut(&str) -> Result<String, E>) -> Result<(), E> {
        let filters = &mut self.filters;
        let required = filters.required.iter_mut().filter(|(field, _)| *field == Field::Session);
        let excluded = filters.excluded.iter_mut().filter(|(field, _)| *field == Field::Session);
        for value in required.flat_map(|(_, values)| values).chain(excluded.map(|(_, value)| value)) {
            *value = id(value)?;
        }
        Ok(())
    }

    /// What could not be understood as written, for people.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What was typed apart from filters, signs and what is not wanted: what a model is asked, and perhaps an id or a title.
    pub fn plain(&self) -> &str {
        self.plain.trim()
    }

    /// Whether it asks for nothing at all.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty() && !self.is_narrowed() && self.plain().is_empty()
    }

    /// Whether it narrows the answers by more than words.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.excluded.is_empty() || self.filters != Filters::default()
    }

    fn add(&mut self, clause: Clause) {
        if !self.clauses.iter().any(|own| own.atoms == clause.atoms) {
            self.clauses.push(clause);
        }
    }

    /// Whether `name:value` is a filter that could be understood.
    fn filter(&mut self, name: &str, value: &str, negative: bool) -> bool {
        let field = match name {
            "tag" => Field::Tag,
            "session" => Field::Session,
            "type" => Field::Type,
            "project" => Field::Project,
            "branch" => Field::Branch,
            "status" => Field::Status,
            "agent" => Field::Agent,
            "path" if value.split(['/', '\\']).any(|part| part == "..") => {
                self.notes.push(format!("`path:` takes a folder of the vault, not `{value}`"));
                return false;
            }
            "path" => {
                let path = value.trim_start_matches(['/', '.']).replace('\\', "/");
                let paths = if negative { &mut self.filters.excluded_paths } else { &mut self.filters.paths };
                paths.push(journal_model::name_key(&path));
                return true;
            }
            _ => {
                let Some((start, _)) = date::span(value).filter(|_| !negative) else {
                    self.notes.push(format!("`{name}:` takes a date such as `2026-11-21` or `2026-11`, not `{value}`"));
                    return false;
                };
                // Two of the same narrow each other.
                let filters = &mut self.filters;
                if name == "after" {
                    filters.after = Some(filters.after.map_or(start, |own| own.max(start)));
                } else {
                    filters.before = Some(filters.before.map_or(start, |own| own.min(start)));
                }
                return true;
            }
        };
        let value = if field == Field::Tag { value.trim_start_matches('#') } else { value };
        let value = value.trim_matches('/').to_owned();
        if negative {
            self.filters.excluded.push((field, value));
        } else {
            match self.filters.required.iter_mut().find(|(own, _)| *own == field) {
                Some((_, values)) => values.push(value),
                None => self.filters.required.push((field, vec![value])),
            }
        }
        true
    }
}

impl Clause {
    /// The words of a text that belong together; `None` when it has none.
    fn new(text: &str, quoted: bool) -> Option<Self> {
        let star = !quoted && text.ends_with('*');
        let (mut stems, mut folded, mut wholes) = (Vec::new(), Vec::new(), Vec::new());
        let mut single_last = false;
        each_word(text, Purpose::Query, |word| {
            if word.role == Role::Whole {
                wholes.push(word.text.to_owned());
            } else {
                stems.push(word.text.to_owned());
                folded.push(word.folded.to_owned());
                single_last = word.role == Role::Single;
            }
        });
        stems.truncate(MAX_PHRASE_WORDS);
        folded.truncate(MAX_PHRASE_WORDS);
        let last = folded.last()?.clone();
        let mut atoms = vec![Atom { words: stems.clone(), prefix: single_last }];
        if star && !single_last {
            // What begins like this is looked for as it is written; the word itself, as it is indexed.
            let mut words = stems;
            words.pop();
            words.push(last);
            atoms.push(Atom { words, prefix: true });
        }
        if wholes.len() == 1 && !quoted {
            atoms.extend(wholes.into_iter().map(|whole| Atom { words: vec![whole], prefix: star }));
        }
        atoms.sort_unstable();
        atoms.dedup();
        Some(Self { said: text.to_owned(), atoms, firm: quoted })
    }

    fn or(&mut self, other: Self) {
        self.said = format!("{} OR {}", self.said, other.said);
        self.atoms.extend(other.atoms);
        self.atoms.truncate(MAX_CLAUSES);
        self.atoms.sort_unstable();
        self.atoms.dedup();
        self.firm = true;
    }
}

impl Atom {
    /// The atom in FTS5's syntax. Words hold nothing but letters and digits, so quotes keep them text.
    pub(crate) fn expression(&self) -> String {
        format!("\"{}\"{}", self.words.join(" "), if self.prefix { "*" } else { "" })
    }
}
