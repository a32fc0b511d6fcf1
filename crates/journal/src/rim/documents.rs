//! What import and views refuse, and the ways on.

use journal_engine::{DrawGraphError, ImportError, ReadError, Trouble, ViewsError, WriteError};
use journal_model::GraphBlockError;

use super::{Exit, Moment, Told, engine, files, message};
use crate::{
    import_file::ImportFileError,
    text::{Text, diff, quoted, short},
};

/// The most lines of a difference that are told.
const SHOWN: usize = 30;

pub(super) fn of_import(error: &ImportError, moment: &Moment<'_>) -> Told {
    let usage = |code| Told::new(Exit::Usage, code, message(error));
    match error {
        ImportError::Nothing => Told::new(Exit::NotFound, "nothing_to_import", message(error))
            .hint("a session is a note with `type: thinking-session`, a thought one with `session_note_id`"),
        ImportError::Empty { .. } => usage("empty").hint("take it out of the file, and import again"),
        ImportError::TooLarge { .. } => usage("too_large").hint("shorten it in the file, and import again"),
        ImportError::SamePath(_) => usage("same_path").hint("give one of them another `path`, and import again"),
        ImportError::NotEditable { path, .. } => usage("not_editable")
            .hint(format!("write its properties as `name: value` lines, in `{path}` as it comes, and import again")),
        ImportError::Folder { .. } | ImportError::FolderName { .. } => {
            usage("folder").hint("give a folder of the vault: --folder Archive/old")
        }
        ImportError::LongPath { .. } => usage("long_path").hint("shorten the names of its folders, and import again"),
        ImportError::Hold(error) => engine::of_hold(error, None, moment),
        ImportError::Trouble(error) => {
            files::of_trouble(error).hint("what is written is whole; the same import again writes the rest")
        }
    }
}

pub(super) fn of_import_file(error: &ImportFileError) -> Told {
    let told = Told::new(Exit::Usage, "import_file", message(error));
    match error {
        ImportFileError::Empty => told.hint("see what made it; what can be imported: journal import --help"),
        ImportFileError::Several => told.hint("import each by itself: jq '.[0]' FILE | journal import -"),
        ImportFileError::TooLong => told.hint("export single sessions, and import those"),
        ImportFileError::NotUtf8(_) => told.hint("make it UTF-8: iconv -t UTF-8 FILE | journal import -"),
        ImportFileError::Json { .. } | ImportFileError::Unknown => {
            told.hint("what can be imported: journal import --help")
        }
        ImportFileError::Newer(_) => told.hint("update journal, or export the session again with this one"),
        ImportFileError::SessionId(_) | ImportFileError::Note { .. } => {
            told.hint("export the session again, or correct the file")
        }
        ImportFileError::Path { .. } => told.hint("a path is given as in the vault, like `Notes/Name.md`"),
        ImportFileError::Thought { .. } => told.hint("correct it in the file, and import again"),
    }
}

pub(super) fn of_views(error: &ViewsError) -> Told {
    match error {
        ViewsError::Changed { path, before, after } => {
            let mut text = Text::new();
            diff::lines("from what is there to what journal would write:", Some(before), after, &mut text);
            let words = text.words();
            let mut lines: Vec<_> = words.lines().take(SHOWN).collect();
            if words.lines().nth(SHOWN).is_some() {
                lines.push("… and more: journal views print");
            }
            Told::new(Exit::Conflict, "changed", message(error))
                .hint(lines.join("\n    "))
                .hint(format!("to keep yours, do nothing; to get ours, give yours another name than `{path}`"))
        }
        // What has the name is no file that could be ours: a folder, a link that leads nowhere.
        ViewsError::Trouble(Trouble::Write(WriteError::AlreadyExists { path }))
        | ViewsError::Trouble(Trouble::Read(ReadError::NotAFile { path })) => {
            Told::new(Exit::Conflict, "not_a_file", message(error))
                .hint(format!("see what it is, and give it another name: ls -ld {}", quoted(path)))
        }
        ViewsError::Trouble(error) => files::of_trouble(error),
    }
}

pub(super) fn of_graph(error: &DrawGraphError, moment: &Moment<'_>) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        DrawGraphError::Session(error) => engine::of_session(error, moment),
        DrawGraphError::NoteGone(id) => told(Exit::NotFound, "note_gone")
            .hint(format!("print the graph instead: journal export {} --format mermaid", short(id))),
        DrawGraphError::Block { path, source } => {
            let note = quoted(path.as_str());
            let (code, hint) = match source {
                GraphBlockError::NoEnd { .. } | GraphBlockError::NoBegin { .. } | GraphBlockError::Twice { .. } => {
                    ("broken_marks", "mend the lines `%% journal:graph … %%` of the note, or remove them")
                }
                GraphBlockError::Changed { .. } => (
                    "changed",
                    "put what is yours outside of the marks; what may go, remove with both marks, and draw it again",
                ),
                GraphBlockError::InCode => {
                    ("open_code", "close at its end what the note leaves open: ```, `-->` or `%%`")
                }
            };
            told(Exit::Conflict, code).hint(format!("{hint}: {note}"))
        }
        DrawGraphError::NotUtf8(path) => told(Exit::Usage, "not_utf8").hint(format!("save `{path}` as UTF-8")),
        DrawGraphError::Trouble(error) => files::of_trouble(error),
    }
}
