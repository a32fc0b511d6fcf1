//! What the index cannot do, and the ways on.

use journal_engine::{EmbedNotesError, LinksError, ReindexError, SearchError};

use super::Refusal;

/// How an index comes to be.
const BUILD: &str = "build it: reindex {}";

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::NothingAsked => Self::of("nothing_asked", &error).hint("put some words into `query`"),
            SearchError::Session(error) => error.into(),
            SearchError::NoIndex => Self::of("no_index", &error).hint(BUILD),
            SearchError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<LinksError> for Refusal {
    fn from(error: LinksError) -> Self {
        match error {
            LinksError::Resolve(error) => error.into(),
            LinksError::NoIndex => Self::of("no_index", &error).hint(BUILD),
            LinksError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<ReindexError> for Refusal {
    fn from(error: ReindexError) -> Self {
        match error {
            ReindexError::Busy { .. } => {
                Self::of("busy", &error).hint("go on with something else; search works meanwhile, and status {} tells when it is done")
            }
            ReindexError::Vanished { .. } => Self::of("notes_vanished", &error)
                .hint("ask the person whether the vault is whole and its drive mounted; if the notes were really removed: reindex {allow_prune: true}"),
            ReindexError::Scope(_) => {
                Self::of("path", &error).hint("name notes and folders as in the vault: reindex {paths: [\"Notes/\"]}")
            }
            ReindexError::Stopped => Self::of("stopped", &error).hint("go on: reindex {}"),
            ReindexError::NoIndex => Self::of("no_index", &error).hint(BUILD),
            ReindexError::Writer(error) => Self::from(error.as_ref()),
            ReindexError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<EmbedNotesError> for Refusal {
    fn from(error: EmbedNotesError) -> Self {
        match error {
            EmbedNotesError::Busy { .. } => {
                Self::of("busy", &error).hint("go on with something else; notes are found by their words meanwhile")
            }
            EmbedNotesError::Stopped => Self::of("stopped", &error).hint("go on: reindex {}"),
            EmbedNotesError::NoIndex => Self::of("no_index", &error).hint(BUILD),
            EmbedNotesError::Model(_) => Self::of("model", &error)
                .hint("notes are found by their words all the same: reindex {words_only: true}"),
            EmbedNotesError::Writer(error) => Self::from(error.as_ref()),
            EmbedNotesError::Trouble(error) => Self::from(&error),
        }
    }
}
