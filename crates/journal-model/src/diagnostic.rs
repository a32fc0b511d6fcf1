//! Diagnostics: something wrong in a note, told as data.

use std::fmt;

/// Something wrong in a note: what, on which line, and what the person can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of thing is wrong.
    pub code: DiagnosticCode,
    /// 1-based line in the file, where one line is to blame.
    pub line: Option<usize>,
    /// What is wrong, in a lower-case sentence without a final period.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// The kinds of things that can be wrong in a note. The kebab-case names are stable and go into `--json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// `---` opens frontmatter that no line closes.
    UnterminatedFrontmatter,
    /// YAML that could not be read as written.
    InvalidYaml,
    /// A property that stands twice; the first counts.
    DuplicateProperty,
    /// An `id` that cannot be one.
    InvalidId,
    /// Two notes with one id.
    DuplicateId,
    /// A thought property with a value that does not fit (`thought_number: three`).
    InvalidThought,
    /// Two thoughts with one number on one branch.
    DuplicateNumber,
    /// A number that no thought has, below the newest one.
    MissingThought,
    /// A link to a note that is not there.
    UnresolvedLink,
    /// A link that more than one note answers to.
    AmbiguousLink,
    /// A session whose own note is gone.
    MissingSession,
    /// A list of links that no longer names all thoughts.
    StaleSeeAlso,
    /// A property that could not be edited safely.
    NotEditable,
    /// A note that could not be read.
    Unreadable,
    /// A note that was to be written as well, and could not be.
    NotWritten,
    /// A graph with more in it than is drawn.
    LargeGraph,
    /// A database that could not be used for something that can wait.
    Database,
}

impl DiagnosticCode {
    /// The stable name, kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not-utf8",
            Self::UnterminatedFrontmatter => "unterminated-frontmatter",
            Self::InvalidYaml => "invalid-yaml",
            Self::DuplicateProperty => "duplicate-property",
            Self::InvalidId => "invalid-id",
            Self::DuplicateId => "duplicate-id",
            Self::InvalidThought => "invalid-thought",
            Self::DuplicateNumber => "duplicate-number",
            Self::MissingThought => "missing-thought",
            Self::UnresolvedLink => "unresolved-link",
            Self::AmbiguousLink => "ambiguous-link",
            Self::MissingSession => "missing-session",
            Self::StaleSeeAlso => "stale-see-also",
            Self::NotEditable => "not-editable",
            Self::Unreadable => "unreadable",
            Self::NotWritten => "not-written",
            Self::LargeGraph => "large-graph",
            Self::Database => "database",
        }
    }
}

impl Diagnostic {
    /// A diagnostic about the whole note.
    pub fn new(code: DiagnosticCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, line: None, message: message.into(), hint: hint.into() }
    }

    /// The same diagnostic, about one 1-based line of the file.
    #[must_use]
    pub fn at_line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{} ({})", self.message, self.hint)
    }
}
