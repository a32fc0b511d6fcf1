//! What the index cannot do, and the ways on.

use journal_engine::{
    EmbedNotesError, LinksError, NewIdError, ReadError, ReindexError, RelatedError, SearchError, TagsError, Trouble,
};

use super::{
    Exit, Moment, Told,
    engine::{of_resolve, of_session},
    files::of_trouble,
    message,
    models::of_model,
};
use crate::text::quoted;

pub(super) fn of_reindex(error: &ReindexError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        ReindexError::Busy { .. } => told(Exit::Conflict, "busy").hint("wait until it is done: journal reindex --wait"),
        ReindexError::Vanished { .. } => told(Exit::Usage, "notes_vanished")
            .hint("is the drive mounted, and the vault whole? then try again: journal reindex")
            .hint("if you really removed them: journal reindex --allow-prune"),
        ReindexError::Scope(_) => {
            told(Exit::Usage, "path").hint("name notes and folders as in the vault: journal reindex --paths Notes/")
        }
        ReindexError::Stopped => told(Exit::Partial, "stopped").hint("go on: journal reindex"),
        ReindexError::NoIndex => no_index(told(Exit::NotFound, "no_index")),
        ReindexError::Writer(error) => of_trouble(error),
        ReindexError::Trouble(error) => of_trouble(error),
    }
}

pub(super) fn of_embed(error: &EmbedNotesError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        EmbedNotesError::Busy { .. } => {
            told(Exit::Conflict, "busy").hint("wait until it is done: journal reindex --wait")
        }
        EmbedNotesError::Stopped => told(Exit::Partial, "stopped").hint("go on: journal reindex"),
        EmbedNotesError::NoIndex => no_index(told(Exit::NotFound, "no_index")),
        EmbedNotesError::Model(error) => of_model(error),
        EmbedNotesError::Writer(error) => of_trouble(error),
        EmbedNotesError::Trouble(error) => of_trouble(error),
    }
}

pub(super) fn of_search(error: &SearchError, moment: &Moment<'_>) -> Told {
    match error {
        SearchError::Session(error) => of_session(error, moment),
        SearchError::NothingAsked => {
            Told::new(Exit::Usage, "nothing_asked", message(error)).hint("give it words: journal search flaky test")
        }
        SearchError::NoIndex => no_index(Told::new(Exit::NotFound, "no_index", message(error))),
        SearchError::Trouble(error) => of_trouble(error),
    }
}

pub(super) fn of_links(error: &LinksError, moment: &Moment<'_>) -> Told {
    match error {
        LinksError::Resolve(error) => of_resolve(error, moment),
        LinksError::NoIndex => no_index(Told::new(Exit::NotFound, "no_index", message(error))),
        LinksError::Trouble(error) => of_trouble(error),
    }
}

pub(super) fn of_related(error: &RelatedError, moment: &Moment<'_>) -> Told {
    match error {
        RelatedError::Resolve(error) => of_resolve(error, moment),
        RelatedError::NoIndex => no_index(Told::new(Exit::NotFound, "no_index", message(error))),
        RelatedError::Trouble(error) => of_trouble(error),
    }
}

pub(super) fn of_tags(error: &TagsError) -> Told {
    match error {
        TagsError::NoIndex => no_index(Told::new(Exit::NotFound, "no_index", message(error))),
        TagsError::Trouble(error) => of_trouble(error),
    }
}

pub(super) fn of_new_id(error: &NewIdError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        NewIdError::NoId(_) => {
            told(Exit::Usage, "no_id").hint("nothing to do: only an id that stands twice is in the way")
        }
        NewIdError::Sole { .. } => {
            told(Exit::Conflict, "sole_holder").hint("see which ids stand twice: journal doctor")
        }
        NewIdError::NotEditable { path, .. } => told(Exit::Usage, "not_editable")
            .hint(format!("write the id in `{path}` on a line of its own, like `id: 20261121`, or delete the line")),
        NewIdError::NotUtf8(path) => {
            told(Exit::Usage, "not_utf8").hint(format!("save it as UTF-8: {}", quoted(path.as_str())))
        }
        NewIdError::Trouble(Trouble::Read(ReadError::NotFound { .. })) => {
            told(Exit::NotFound, "not_found").hint("see which ids stand twice, and where: journal doctor")
        }
        NewIdError::Trouble(error) => of_trouble(error),
    }
}

fn no_index(told: Told) -> Told {
    told.hint("build it: journal reindex")
}
