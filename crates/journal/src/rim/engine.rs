//! What the engine refuses, and the ways on.

use journal_engine::{
    AppendError, Held, HoldError, NamedNote, RefusedAppend, RelocateError, ResolveError, SessionRefError,
    UpdateSessionError,
};
use journal_model::{Line, NoteId, Refusal, ThoughtNumber, VaultPathError, Wanted};

use super::{Exit, Moment, Told, again_with, files, message};
use crate::text::{listed, quoted, short};

pub(super) fn of_resolve(error: &ResolveError, moment: &Moment<'_>) -> Told {
    match error {
        ResolveError::NotFound { near, .. } => {
            let told = Told::new(Exit::NotFound, "not_found", message(error)).candidates(near);
            if near.is_empty() {
                return told.hint("list the sessions: journal sessions");
            }
            near.iter().fold(told, |told, note| told.hint(format!("did you mean: {}", again_with(note, moment))))
        }
        ResolveError::Ambiguous { candidates, .. } => {
            let told = Told::new(Exit::Usage, "ambiguous", message(error)).candidates(candidates);
            told_choices(told, candidates, moment)
        }
        ResolveError::DuplicateId { id, paths } => {
            let listed = listed(&paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>());
            Told::new(Exit::Conflict, "duplicate_id", format!("{}: {listed}", message(error)))
                .paths(paths)
                .hint(format!(
                    "keep `id: {id}` in the one that other notes mean; the copy gets its own: journal doctor --new-id PATH"
                ))
                .hint(format!("until then name it by its path: {}", moment.typed.again(&quoted_path(paths))))
        }
        ResolveError::Walk(error) => files::of_walk(error),
        ResolveError::Read(error) => files::of_read(error),
    }
}

/// The most choices that are told.
const CHOICES: usize = 8;

fn told_choices(told: Told, candidates: &[NamedNote], moment: &Moment<'_>) -> Told {
    let told = candidates.iter().take(CHOICES).fold(told, |told, note| told.hint(again_with(note, moment)));
    let more = candidates.len().saturating_sub(CHOICES);
    if more == 0 { told } else { told.hint(format!("and {more} more; type more characters of the one you mean")) }
}

fn quoted_path(paths: &[journal_model::VaultPath]) -> String {
    paths.first().map_or_else(String::new, |path| quoted(path.as_str()))
}

pub(super) fn of_session(error: &SessionRefError, moment: &Moment<'_>) -> Told {
    let told = |code| Told::new(Exit::Usage, code, message(error));
    match error {
        SessionRefError::Resolve(error) => of_resolve(error, moment),
        SessionRefError::NotASession(path) => {
            told("not_a_session").hint(format!("read it: journal show {}", quoted(path.as_str())))
        }
        SessionRefError::NoId(path) => told("no_id").hint(format!("read it: journal show {}", quoted(path.as_str()))),
        SessionRefError::NoSuchBranch { session, .. } => Told::new(Exit::NotFound, "no_such_branch", message(error))
            .hint(format!("read all of the session: journal hydrate {}", short(session))),
    }
}

pub(super) fn of_append(error: &AppendError, newest: Option<ThoughtNumber>, moment: &Moment<'_>) -> Told {
    let usage = |code| Told::new(Exit::Usage, code, message(error));
    match error {
        AppendError::Empty => usage("empty")
            .hint("journal think \"…\", or on standard input")
            .hint("text right after `--takeover` is its reason: put the thought first"),
        AppendError::TooLarge { .. } => {
            usage("too_large").hint("put the text into a note of the vault and name it with --file")
        }
        AppendError::Session(error) => of_session(error, moment),
        AppendError::NoSession { .. } => usage("no_session")
            .hint("say which: journal think --session ID \"…\"; journal sessions lists them")
            .hint("begin one: journal think --number 1 \"…\""),
        AppendError::Refused(refused) => of_refusal(refused),
        AppendError::Hold(error) => of_hold(error, newest, moment),
        AppendError::Folder(error) => of_folder(error),
        AppendError::Trouble(error) => files::of_trouble(error),
    }
}

fn of_folder(error: &VaultPathError) -> Told {
    Told::new(Exit::Usage, "folder", format!("the folder for new sessions cannot be used: {error}"))
        .hint(format!("correct `thinking_folder` in `{}`", crate::config::CONFIG))
}

/// How to name a line on the command line, with a space before it.
fn on_line(line: &Line) -> String {
    line.branch().map(|name| format!(" --branch {}", quoted(name.as_str()))).unwrap_or_default()
}

fn of_refusal(refused: &RefusedAppend) -> Told {
    let id = short(&refused.session);
    let told = |exit, code| Told::new(exit, code, refused.refusal.to_string());
    let read = format!("read the session: journal hydrate {id}");
    match &refused.refusal {
        Refusal::NumberTaken { line, next_free, .. } => {
            let mut told = told(Exit::Conflict, "number_taken");
            told.facts.next_number = *next_free;
            match next_free {
                Some(free) => told.hint(format!(
                    "the next free number is {free}: journal think --session {id}{} --number {free} \"…\"",
                    on_line(line)
                )),
                None => told.hint(read),
            }
        }
        Refusal::NoSuchThought { there, wanted, .. } => {
            let told = told(Exit::NotFound, "no_such_thought");
            match (there.last(), wanted) {
                (Some(last), Wanted::Revise) => {
                    told.hint(format!("journal think --session {id} --revises {last} \"…\"")).hint(read)
                }
                (Some(last), Wanted::Leave) => {
                    told.hint(format!("journal think --session {id} --branch NAME --from {last} \"…\"")).hint(read)
                }
                (None, _) => told.hint(format!("journal think --session {id} \"…\"")),
            }
        }
        Refusal::NoSuchBranch { name, .. } => told(Exit::NotFound, "no_such_branch")
            .hint(format!("begin it: journal think --session {id} --branch {} --from N \"…\"", quoted(name.as_str())))
            .hint(read),
        Refusal::BranchLeavesElsewhere { name, .. } => told(Exit::Conflict, "branch_leaves_elsewhere")
            .hint(format!("go on with it: journal think --session {id} --branch {} \"…\"", quoted(name.as_str()))),
        Refusal::NumbersUsedUp { .. } => {
            told(Exit::Usage, "numbers_used_up").hint("begin a session: journal think --number 1 \"…\"")
        }
    }
}

pub(super) fn of_hold(error: &HoldError, newest: Option<ThoughtNumber>, moment: &Moment<'_>) -> Told {
    match error {
        HoldError::Held { session, line, held } => {
            let told = Told::new(Exit::Conflict, "held", held_message(session, line, held, moment));
            ways_on(told, session, line, held, newest, moment)
        }
        HoldError::ReasonNeeded { session, line, held } => {
            let message = format!("{}; say why you take over", held_message(session, line, held, moment));
            let told = Told::new(Exit::Conflict, "reason_needed", message);
            ways_on(told, session, line, held, newest, moment)
        }
        HoldError::Trouble(error) => files::of_trouble(error),
    }
}

fn held_message(session: &NoteId, line: &Line, held: &Held, moment: &Moment<'_>) -> String {
    let lease = &held.lease;
    let line = line.branch().map_or_else(|| "the main line".to_owned(), |name| format!("branch `{name}`"));
    format!(
        "{line} of session `{session}` is held by {} (agent `{}`) since {}, until {} without another thought",
        held.holder_name,
        lease.holder,
        moment.clock.instant(lease.acquired),
        moment.clock.instant(lease.expires)
    )
}

fn ways_on(
    mut told: Told,
    session: &NoteId,
    line: &Line,
    held: &Held,
    newest: Option<ThoughtNumber>,
    moment: &Moment<'_>,
) -> Told {
    told.facts.held = Some(held.clone());
    if let Some(taken) = &held.taken_from_you {
        let reason = taken.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        told.message = format!("{}; {} took it from you{reason}", told.message, taken.by_name);
    }
    let id = short(session);
    let told = told.hint(format!("read what is there: journal hydrate {id}"));
    if moment.typed.before.starts_with("journal think") {
        let from = newest.map_or_else(|| "N".to_owned(), |newest| newest.to_string());
        told.hint(format!("think beside it: journal think --session {id} --branch NAME --from {from} \"…\"")).hint(
            format!("take it over, saying why: journal think --session {id}{} \"…\" --takeover \"why\"", on_line(line)),
        )
    } else {
        told.hint(format!("take it over, saying why: {} --takeover \"why\"", moment.typed.again(&id)))
    }
}

pub(super) fn of_update(error: &UpdateSessionError, moment: &Moment<'_>) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        UpdateSessionError::Session(error) => of_session(error, moment),
        UpdateSessionError::NoteGone(id) => told(Exit::NotFound, "note_gone")
            .hint(format!("its thoughts are still there: journal hydrate {}", short(id))),
        UpdateSessionError::Hold(error) => of_hold(error, None, moment),
        UpdateSessionError::NotEditable { path, .. } => told(Exit::Usage, "not_editable")
            .hint(format!("write the property in `{path}` on a line of its own, like `status: done`")),
        UpdateSessionError::NotUtf8(path) => told(Exit::Usage, "not_utf8").hint(format!("save `{path}` as UTF-8")),
        UpdateSessionError::Trouble(error) => files::of_trouble(error),
    }
}

pub(super) fn of_relocate(error: &RelocateError, moment: &Moment<'_>) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        RelocateError::Resolve(error) => of_resolve(error, moment),
        RelocateError::Place(_) => told(Exit::Usage, "place")
            .hint("give a folder of the vault (`Archive/`) or a new path of the note (`Archive/Name.md`)"),
        RelocateError::AlreadyThere(_) => told(Exit::Conflict, "already_there").hint("nothing to do"),
        RelocateError::NameTaken { to, taken_by } => told(Exit::Conflict, "name_taken")
            .paths(std::slice::from_ref(taken_by))
            .hint(format!("choose another name than `{}`: links by name would lead to either", to.stem())),
        RelocateError::Trouble(error) => files::of_trouble(error),
    }
}
