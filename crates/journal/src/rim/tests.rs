//! Every error has an exit code, a code and a hint; what they say is pinned for those that people meet.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use journal_coord::{Coord, Lease};
use journal_engine::{
    AcquireError, AgentId, AgentIdError, AppendError, Claim, ClaimError, ClaimPathsError, ClaimScope, CoordError,
    DiskError, DrawGraphError, FenceError, Fenced, Full, GlobError, HoldError, ImportError, IndexError, LinksError,
    LockError, NamedLockError, NewIdError, OpenError, ReadError, RefusedAppend, ReindexError, RelatedError,
    RelocateError, RenameError, ResolveError, ScopeError, SearchError, SessionRefError, StateDirError, TagsError,
    Taken, Trouble, UpdateAgentError, UpdateSessionError, ViewsError, WalkError, WriteError,
};
use journal_index::Reader;
use journal_model::{
    BranchName, EditError, GraphBlockError, Line, NoteId, NoteIdError, NoteRefError, Refusal, VaultPathError, Wanted,
};
use journal_vault::DiskAction;

use super::*;
use crate::{
    commands::{hook::LeftAlone, schedule::ScheduleError},
    config::ConfigError,
    environment::NotText,
    import_file::{ImportFileError, NoteProblem, ThoughtProblem},
    output::OutputError,
    schedule::{Kind, PlanError},
};

const THINK: Typed = Typed { before: "journal think --session", after: " \"…\"" };
const CLOSE: Typed = Typed { before: "journal session close", after: "" };
const HYDRATE: Typed = Typed { before: "journal hydrate", after: "" };

const ID: &str = "01JD3V8QK7X2M4N6P8R0T2V4W6";

fn id() -> NoteId {
    ID.parse().unwrap()
}

fn path() -> VaultPath {
    "a/b c.md".parse().unwrap()
}

fn number(number: u32) -> ThoughtNumber {
    ThoughtNumber::new(number).unwrap()
}

fn branch() -> BranchName {
    "cold".parse().unwrap()
}

fn note() -> NamedNote {
    NamedNote { id: Some(id()), path: path(), title: "B c".to_owned() }
}

fn disk(kind: io::ErrorKind) -> DiskError {
    DiskError {
        action: DiskAction::Write,
        path: path().to_string(),
        absolute: "/v/a/b c.md".into(),
        source: kind.into(),
    }
}

fn taken() -> Taken {
    Taken {
        by: "heron".parse().unwrap(),
        by_name: "calm-heron".to_owned(),
        at: 1_795_255_260_000,
        reason: Some("deadline".to_owned()),
    }
}

fn held() -> Box<Held> {
    Box::new(Held {
        lease: Lease {
            resource: format!("thinking/{ID}/main"),
            holder: "otter".parse().unwrap(),
            token: 7,
            acquired: 1_795_255_260_000,
            renewed: 1_795_255_260_000,
            expires: 1_795_256_160_000,
            note: None,
        },
        holder_name: "brave-otter".to_owned(),
        process: None,
        taken_from_you: None,
    })
}

fn hold() -> HoldError {
    HoldError::Held { session: id(), line: Line::Main, held: held() }
}

fn refused(refusal: Refusal) -> AppendError {
    AppendError::Refused(Box::new(RefusedAppend { session: id(), refusal }))
}

fn told(failure: impl Into<Failure>, typed: Typed) -> Told {
    let clock = Clock::at("2026-11-21T10:02:00Z");
    tell(&failure.into(), &Moment { clock: &clock, typed })
}

/// The error as a person reads it.
fn said(failure: impl Into<Failure>, typed: Typed) -> String {
    told(failure, typed).text().words()
}

fn appending(error: AppendError) -> Failure {
    Failure::Append { error: Box::new(error), newest: Some(number(4)) }
}

/// The error, with the exit code it must have.
fn everything() -> Vec<(Exit, Failure)> {
    use Exit::{Bug, Conflict, NotFound, Usage as Use};
    let vanished = || WalkError::Vanished { name: "v".to_owned(), absolute: "/v".into() };
    let shown = || path().to_string();
    let coord = |found: i64| CoordError::Newer { path: "/s".into(), found, known: 1, made_by: "9".to_owned() };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    std::fs::write(&file, "no database, however long it is".repeat(100)).unwrap();
    let damaged = Coord::open(&file).unwrap_err();
    let nowhere = Coord::open(&folder.path().join("none/state.db")).unwrap_err();
    let denied = Coord::open(folder.path()).unwrap_err();
    assert!(matches!((&damaged, &nowhere), (CoordError::Damaged { .. }, CoordError::Sqlite { .. })));
    assert!(matches!(&denied, CoordError::Denied { .. }), "a folder is there and no file: {denied:?}");
    let io = || io::Error::from(io::ErrorKind::PermissionDenied);
    let mut all: Vec<(Exit, Failure)> = vec![
        (Use, Usage::NoReference.into()),
        (Use, Usage::Reference(NoteRefError::Empty).into()),
        (Use, Usage::TitleWithoutStart(number(3)).into()),
        (Use, Usage::NoText.into()),
        (Use, Usage::Editor { editor: "vi".to_owned(), status: "exit status: 1".to_owned() }.into()),
        (Use, Usage::InputNotText.into()),
        (Use, Usage::Nobody("markers").into()),
        (NotFound, Failure::NoMarker { name: "ready".parse().unwrap(), agent: "otter".parse().unwrap() }),
        (Use, HookError::NoHome.into()),
        (Use, HookError::from(AgentIdError::Empty).into()),
        (Use, HookError::Left { path: "/h/settings.json".into(), why: LeftAlone::NotPlainJson }.into()),
        (Use, HookError::Taken { path: "/r/hooks/pre-commit.before-journal".into(), lines: 3 }.into()),
        (Use, HookError::GitSaid("fatal: not a git repository".to_owned()).into()),
        (Use, UpdateAgentError::NeedsAgent.into()),
        (Use, UpdateAgentError::TaskTooLong { characters: 2_001 }.into()),
        (Use, ScheduleError::from(PlanError::Control("a\nb".to_owned())).into()),
        (Use, ScheduleError::from(PlanError::Variable { variable: "HF_ENDPOINT", kind: Kind::TaskScheduler }).into()),
        (Use, ScheduleError::NoId.into()),
        (Use, ScheduleError::NotText("/v".into()).into()),
        (Use, ScheduleError::NoProgram.into()),
        (Use, ScheduleError::NoHome(Kind::Systemd).into()),
        (Use, ScheduleError::Elsewhere(Kind::Launchd).into()),
        (Conflict, ScheduleError::Edited("`/u/x.timer`".to_owned()).into()),
        (Use, ScheduleError::Tool { program: "crontab", source: io() }.into()),
        (Use, ScheduleError::Tool { program: "systemctl", source: io() }.into()),
        (Use, ScheduleError::Said { command: "crontab -".to_owned(), said: "no".to_owned() }.into()),
        (Use, ScheduleError::File { attempted: "read", path: "/u/x.timer".into(), source: io() }.into()),
        (Use, Usage::DemoNeedsNewFolder("/v".into()).into()),
        (Use, NotText { name: "JOURNAL_PROJECT" }.into()),
        (Use, ConfigError { file: "c.toml".to_owned(), line: 3, problem: "no".to_owned() }.into()),
        (Use, PlaceError::NoVault { folder: "/v".into() }.into()),
        (Use, PlaceError::Open(OpenError::Missing { path: "/v".into() }).into()),
        (Use, PlaceError::Open(OpenError::NotAFolder { path: "/v".into() }).into()),
        (Use, PlaceError::Open(OpenError::Unreadable { path: "/v".into(), source: io() }).into()),
        (Use, PlaceError::WasThere { root: "/v".into() }.into()),
        (Use, PlaceError::NoDataHome.into()),
        (Use, PlaceError::NoId { fresh: id() }.into()),
        (Use, PlaceError::State(StateDirError::InvalidId { id: "/".to_owned() }).into()),
        (Use, PlaceError::State(StateDirError::Disk { path: "/s".into(), source: io() }).into()),
        (Conflict, PlaceError::State(StateDirError::Lock(LockError::Busy { holder: None })).into()),
        (NotFound, ResolveError::NotFound { reference: "k3m9q3".to_owned(), near: vec![note()] }.into()),
        (NotFound, ResolveError::NotFound { reference: "k3m9q3".to_owned(), near: vec![] }.into()),
        (Use, ResolveError::Ambiguous { reference: "01JD".to_owned(), candidates: vec![note(); 10] }.into()),
        (Conflict, ResolveError::DuplicateId { id: id(), paths: vec![path(), path()] }.into()),
        (Use, ResolveError::Walk(vanished()).into()),
        (Use, SessionRefError::NotASession(path()).into()),
        (Use, SessionRefError::NoId(path()).into()),
        (Use, appending(AppendError::Empty)),
        (Use, appending(AppendError::TooLarge { bytes: 2 })),
        (Use, appending(AppendError::NoSession { number: "thought 3".to_owned(), line: Line::Main })),
        (Use, appending(AppendError::Folder(VaultPathError::Leaves("../x".to_owned())))),
        (Conflict, appending(AppendError::Hold(hold()))),
        (Conflict, appending(HoldError::ReasonNeeded { session: id(), line: Line::Main, held: held() }.into())),
        (NotFound, UpdateSessionError::NoteGone(id()).into()),
        (Conflict, UpdateSessionError::Hold(hold()).into()),
        (Use, UpdateSessionError::NotUtf8(path()).into()),
        (Use, RelocateError::Place(VaultPathError::Empty).into()),
        (Conflict, RelocateError::AlreadyThere(path()).into()),
        (Conflict, RelocateError::NameTaken { to: path(), taken_by: path() }.into()),
        (Bug, Trouble::ReadOnly.into()),
        (Use, Failure::File { attempted: "write", path: PathBuf::from("/x"), source: io() }),
        (Use, OutputError::from(io()).into()),
    ];
    let refusals = [
        (Conflict, Refusal::NumberTaken { number: number(2), line: Line::Main, next_free: Some(number(5)) }),
        (Conflict, Refusal::NumberTaken { number: number(2), line: Line::Branch(branch()), next_free: None }),
        (NotFound, Refusal::NoSuchThought { number: number(9), wanted: Wanted::Revise, there: vec![number(1)] }),
        (NotFound, Refusal::NoSuchThought { number: number(9), wanted: Wanted::Leave, there: vec![number(1)] }),
        (NotFound, Refusal::NoSuchThought { number: number(9), wanted: Wanted::Leave, there: vec![] }),
        (NotFound, Refusal::NoSuchBranch { name: branch(), there: vec![] }),
        (Conflict, Refusal::BranchLeavesElsewhere { name: branch(), leaves: number(1), asked: number(2) }),
        (Use, Refusal::NumbersUsedUp { line: Line::Main }),
    ];
    all.extend(refusals.map(|(exit, refusal)| (exit, appending(refused(refusal)))));
    let reads = [
        (NotFound, ReadError::NotFound { path: shown() }),
        (Use, ReadError::Vanished { name: "v".to_owned(), absolute: "/v".into() }),
        (Use, ReadError::LeavesVault { path: shown() }),
        (Use, ReadError::InvalidFolder { path: shown(), source: VaultPathError::Empty }),
        (Use, ReadError::NotAFile { path: shown() }),
        (Use, ReadError::TooLarge { path: shown(), size: 2, limit: 1 }),
    ];
    all.extend(reads.map(|(exit, error)| (exit, Trouble::Read(error).into())));
    let kinds = [
        io::ErrorKind::StorageFull,
        io::ErrorKind::ReadOnlyFilesystem,
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::InvalidFilename,
        io::ErrorKind::Other,
    ];
    all.extend(kinds.map(|kind| (Use, Trouble::Write(WriteError::Disk(disk(kind))).into())));
    let writes = [
        (Conflict, WriteError::AlreadyExists { path: shown() }),
        (Conflict, WriteError::Changed { path: shown() }),
        (Use, WriteError::ReadOnly { path: shown(), absolute: "/v/a/b c.md".into() }),
        (Use, WriteError::NotAFolder { path: shown() }),
        (Use, WriteError::IntoItself { from: "a".to_owned(), to: "a/b".to_owned() }),
        (NotFound, WriteError::Read(ReadError::NotFound { path: shown() })),
    ];
    all.extend(writes.map(|(exit, error)| (exit, Trouble::Write(error).into())));
    let fences = [
        Fenced::PassedOn { resource: "r".to_owned(), token: 1, taken: taken() },
        Fenced::Released { resource: "r".to_owned(), token: 1 },
        Fenced::Over { resource: "r".to_owned(), token: 1, standing: journal_engine::Standing::Expired },
        Fenced::NotYours { resource: "r".to_owned(), token: 1 },
    ];
    all.extend(fences.map(|fenced| (Conflict, Trouble::Fence(FenceError::Fenced(Box::new(fenced))).into())));
    all.extend([
        (Use, Trouble::Walk(vanished()).into()),
        (Conflict, Trouble::Lock(LockError::Busy { holder: Some("brave-otter".to_owned()) }).into()),
        (Use, Trouble::Lock(LockError::Disk { path: "/s/write.lock".into(), source: io() }).into()),
        (Conflict, Trouble::Lease(AcquireError::Held(held())).into()),
        (Conflict, Trouble::Lease(AcquireError::ReasonNeeded(held())).into()),
        (Use, Trouble::Lease(AcquireError::Coord(coord(2))).into()),
        (Use, Trouble::Fence(FenceError::Coord(coord(2))).into()),
        (Use, Trouble::Coord(coord(2)).into()),
        (Use, Trouble::Coord(CoordError::OldSqlite { found: "3.1".to_owned(), needed: "3.5" }).into()),
        (Use, Trouble::Coord(damaged).into()),
        (Use, Trouble::Coord(nowhere).into()),
        (Use, Trouble::Coord(denied).into()),
    ]);
    all.extend(around_the_index());
    all.extend(around_the_agents());
    all.extend(around_the_documents());
    all
}

fn around_the_documents() -> Vec<(Exit, Failure)> {
    use Exit::{Bug, Conflict, NotFound, Usage as Use};
    let json = || serde_json::from_str::<u8>("x").expect_err("it is no number");
    let utf8 = || String::from_utf8(vec![0xff]).expect_err("it is no text").utf8_error();
    let not_editable = EditError::Unterminated { line: 1 };
    let changed = |before: String| ViewsError::Changed { path: "x".to_owned(), before, after: "b".to_owned() };
    vec![
        (NotFound, ImportError::Nothing.into()),
        (Use, ImportError::Empty { number: number(1), line: Line::Main }.into()),
        (Use, ImportError::TooLarge { path: path(), bytes: 2, max: 1 }.into()),
        (Use, ImportError::FolderName { folder: "a/b:".to_owned(), part: "b:".to_owned() }.into()),
        (Use, ImportError::LongPath { path: path(), bytes: 2, max: 1 }.into()),
        (Use, ImportError::SamePath(path()).into()),
        (Use, ImportError::NotEditable { path: path(), id: id(), source: not_editable }.into()),
        (Use, ImportError::Folder { folder: "..".to_owned(), source: VaultPathError::Empty }.into()),
        (Conflict, ImportError::Hold(HoldError::Held { session: id(), line: Line::Main, held: held() }).into()),
        (Bug, ImportError::Trouble(Trouble::ReadOnly).into()),
        (Use, ImportFileError::Empty.into()),
        (Use, ImportFileError::Several.into()),
        (Use, ImportFileError::TooLong.into()),
        (Use, ImportFileError::NotUtf8(utf8()).into()),
        (Use, ImportFileError::Json { what: "JSON", source: json() }.into()),
        (Use, ImportFileError::Unknown.into()),
        (Use, ImportFileError::Newer(2).into()),
        (Use, ImportFileError::SessionId(NoteIdError::Empty).into()),
        (Use, ImportFileError::Path { index: 1, source: VaultPathError::Empty }.into()),
        (Use, ImportFileError::Note { path: path(), problem: NoteProblem::Nothing }.into()),
        (Use, ImportFileError::Thought { index: 1, problem: ThoughtProblem::Number { name: "n", number: 0 } }.into()),
        (Conflict, changed("a".to_owned()).into()),
        (Conflict, changed("a\n".repeat(100)).into()),
        (Bug, ViewsError::Trouble(Trouble::ReadOnly).into()),
        (NotFound, DrawGraphError::NoteGone(id()).into()),
        (Conflict, DrawGraphError::Block { path: path(), source: GraphBlockError::InCode }.into()),
        (Use, DrawGraphError::NotUtf8(path()).into()),
        (Bug, DrawGraphError::Trouble(Trouble::ReadOnly).into()),
        (Conflict, Failure::FileThere { path: "/x".into() }),
    ]
}

fn around_the_agents() -> Vec<(Exit, Failure)> {
    use Exit::{Bug, Conflict, NotFound, Usage as Use};
    let name = || "deploy".parse().unwrap();
    let agent = |name: &str| name.parse::<AgentId>().unwrap();
    let full = || Box::new(Full::Leases { bound: 2, held: Vec::new(), more: 1 });
    let here = || Box::new(Full::Agents { bound: 0, project: "den".to_owned(), here: Vec::new() });
    let conflict = |shared| journal_engine::Conflict {
        asked: "a".parse().unwrap(),
        path: "a".to_owned(),
        theirs: Claim {
            lease: held().lease,
            holder_name: "brave-otter".to_owned(),
            scope: ClaimScope { project: "den".to_owned(), worktree: None },
            glob: "*".parse().unwrap(),
            shared,
        },
    };
    let fenced = || Box::new(Fenced::Released { resource: "lock/deploy".to_owned(), token: 1 });
    vec![
        (Conflict, NamedLockError::Held { name: name(), held: held(), waited: Duration::from_secs(3) }.into()),
        (Conflict, NamedLockError::OfAnotherProcess { name: name(), held: held(), waited: Duration::ZERO }.into()),
        (Conflict, NamedLockError::WrongToken { name: name(), token: 9, good: 7 }.into()),
        (Conflict, NamedLockError::Full(full()).into()),
        (Conflict, NamedLockError::Full(here()).into()),
        (Use, NamedLockError::NeedsAgent.into()),
        (Conflict, NamedLockError::NotHeld { name: name(), by: None }.into()),
        (Conflict, NamedLockError::Lost { name: name(), fenced: fenced() }.into()),
        (Bug, NamedLockError::Trouble(Trouble::ReadOnly).into()),
        (Use, ClaimPathsError::NeedsAgent.into()),
        (Conflict, ClaimPathsError::Claim(ClaimError::Conflict(vec![conflict(false)])).into()),
        (Conflict, ClaimPathsError::Claim(ClaimError::Conflict(vec![conflict(true); 9])).into()),
        (Conflict, ClaimPathsError::Claim(ClaimError::Full(full())).into()),
        (Bug, ClaimPathsError::Trouble(Trouble::ReadOnly).into()),
        (Use, UpdateAgentError::NeedsAgent.into()),
        (
            Conflict,
            UpdateAgentError::Rename(RenameError::Taken { name: "otter".to_owned(), by: agent("otter") }).into(),
        ),
        (NotFound, UpdateAgentError::Rename(RenameError::Unknown(agent("otter"))).into()),
        (Bug, UpdateAgentError::Trouble(Trouble::ReadOnly).into()),
        (Use, GlobError::Empty.into()),
        (Use, Usage::NoSuchProcess(7).into()),
        (Conflict, Trouble::Lease(AcquireError::Full(full())).into()),
    ]
}

fn around_the_index() -> Vec<(Exit, Failure)> {
    use Exit::{Bug, Conflict, NotFound, Usage as Use};
    let newer = || IndexError::Newer { path: "/s".into(), found: 2, known: 1, made_by: "9".to_owned() };
    let damaged = || {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("index.db");
        std::fs::write(&file, "no database, however long it is".repeat(100)).unwrap();
        Reader::open(&file).unwrap_err()
    };
    let edit = EditError::Duplicate { key: "id".to_owned(), line: 3 };
    vec![
        (Conflict, ReindexError::Busy { holder: Some("process 7".to_owned()) }.into()),
        (Use, ReindexError::Vanished { gone: 30, indexed: 100 }.into()),
        (Use, ReindexError::Scope(ScopeError { path: "../x".to_owned(), source: VaultPathError::Empty }).into()),
        (NotFound, ReindexError::NoIndex.into()),
        (Bug, ReindexError::Writer(Arc::new(Trouble::WriterGone)).into()),
        (Use, ReindexError::Trouble(newer().into()).into()),
        (Use, SearchError::NothingAsked.into()),
        (NotFound, SearchError::NoIndex.into()),
        (Use, SearchError::Trouble(damaged().into()).into()),
        (NotFound, LinksError::NoIndex.into()),
        (NotFound, RelatedError::NoIndex.into()),
        (NotFound, RelatedError::Resolve(ResolveError::NotFound { reference: "x".to_owned(), near: vec![] }).into()),
        (Use, RelatedError::Trouble(newer().into()).into()),
        (NotFound, LinksError::Resolve(ResolveError::NotFound { reference: "x".to_owned(), near: vec![] }).into()),
        (Use, LinksError::Trouble(newer().into()).into()),
        (NotFound, TagsError::NoIndex.into()),
        (Use, TagsError::Trouble(newer().into()).into()),
        (Use, NewIdError::NoId(path()).into()),
        (Conflict, NewIdError::Sole { path: path(), id: id() }.into()),
        (Use, NewIdError::NotEditable { path: path(), source: edit }.into()),
        (Use, NewIdError::NotUtf8(path()).into()),
        (Bug, NewIdError::Trouble(Trouble::ReadOnly).into()),
        (NotFound, Trouble::Index(IndexError::Missing { path: "/s".into() }).into()),
        (Use, Trouble::Index(IndexError::Outdated { path: "/s".into(), found: 1 }).into()),
        (Use, Trouble::Index(IndexError::OldSqlite { found: "3.1".to_owned(), needed: "3.5" }).into()),
        (Use, Trouble::State(disk(io::ErrorKind::PermissionDenied)).into()),
    ]
}

#[test]
fn notes_that_vanished_at_once_may_be_on_a_drive_that_did() {
    insta::assert_snapshot!(said(ReindexError::Vanished { gone: 30, indexed: 100 }, HYDRATE), @r#"
    error: 30 of 100 indexed notes are gone from the vault; the index still has them
      hint: is the drive mounted, and the vault whole? then try again: journal reindex
      hint: if you really removed them: journal reindex --allow-prune
    "#);
}

#[test]
fn every_error_has_an_exit_code_a_name_and_a_hint() {
    for (exit, failure) in everything() {
        let told = told(failure, THINK);
        assert_eq!(told.exit, exit, "{told:?}");
        assert!(!told.hints.is_empty() && told.hints.iter().all(|hint| hint.len() > 8), "{told:?}");
        assert!(
            told.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
            "{told:?}"
        );
        assert!(!told.message.is_empty() && !told.message.ends_with('.'), "{told:?}");
        assert!(!told.message.contains('\n'), "{told:?}");
    }
}

#[test]
fn exit_codes_are_the_documented_ones() {
    let all = [Exit::Ok, Exit::NotFound, Exit::Usage, Exit::Conflict, Exit::Partial, Exit::Bug];
    assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4, 70]);
}

#[test]
fn a_held_line_names_its_holder_and_the_ways_on() {
    insta::assert_snapshot!(said(appending(AppendError::Hold(hold())), THINK), @r#"
    error: the main line of session `01JD3V8QK7X2M4N6P8R0T2V4W6` is held by brave-otter (agent `otter`) since 10:01 (1 minute ago), until 10:16 (in 14 minutes) without another thought
      hint: read what is there: journal hydrate t2v4w6
      hint: think beside it: journal think --session t2v4w6 --branch NAME --from 4 "…"
      hint: take it over, saying why: journal think --session t2v4w6 "…" --takeover "why"
    "#);
    let mut lost = held();
    lost.taken_from_you = Some(taken());
    let error = HoldError::ReasonNeeded { session: id(), line: Line::Branch(branch()), held: lost };
    insta::assert_snapshot!(said(UpdateSessionError::Hold(error), CLOSE), @r#"
    error: branch `cold` of session `01JD3V8QK7X2M4N6P8R0T2V4W6` is held by brave-otter (agent `otter`) since 10:01 (1 minute ago), until 10:16 (in 14 minutes) without another thought; say why you take over; calm-heron took it from you: deadline
      hint: read what is there: journal hydrate t2v4w6
      hint: take it over, saying why: journal session close t2v4w6 --takeover "why"
    "#);
}

#[test]
fn refusals_say_the_line_to_type_next() {
    let taken = Refusal::NumberTaken { number: number(2), line: Line::Branch(branch()), next_free: Some(number(5)) };
    insta::assert_snapshot!(said(appending(refused(taken)), THINK), @r#"
    error: thought 2 of cold is there already with another text
      hint: the next free number is 5: journal think --session t2v4w6 --branch cold --number 5 "…"
    "#);
    let none = Refusal::NoSuchThought { number: number(9), wanted: Wanted::Revise, there: vec![number(1), number(2)] };
    insta::assert_snapshot!(said(appending(refused(none)), THINK), @r#"
    error: there is no thought 9 to revise; there are 1 to 2
      hint: journal think --session t2v4w6 --revises 2 "…"
      hint: read the session: journal hydrate t2v4w6
    "#);
}

#[test]
fn notes_that_are_not_the_one_meant() {
    let not_found = ResolveError::NotFound { reference: "t2v4w7".to_owned(), near: vec![note()] };
    insta::assert_snapshot!(said(not_found, HYDRATE), @r#"
    error: no note has the id or name `t2v4w7`
      hint: did you mean: journal hydrate t2v4w6  # B c · a/b c.md
    "#);
    let twice = ResolveError::DuplicateId { id: id(), paths: vec![path(), "x.md".parse().unwrap()] };
    insta::assert_snapshot!(said(twice, HYDRATE), @r#"
    error: 2 notes have the id `01JD3V8QK7X2M4N6P8R0T2V4W6`: `a/b c.md` and `x.md`
      hint: keep `id: 01JD3V8QK7X2M4N6P8R0T2V4W6` in the one that other notes mean; the copy gets its own: journal doctor --new-id PATH
      hint: until then name it by its path: journal hydrate 'a/b c.md'
    "#);
}

#[test]
fn causes_are_told_once() {
    let full = Trouble::Write(WriteError::Disk(disk(io::ErrorKind::StorageFull)));
    insta::assert_snapshot!(said(full, THINK), @r#"
    error: cannot write `a/b c.md`: no storage space
      hint: make room and try again; nothing was half-written
    "#);
}

#[test]
fn what_clap_says_has_its_first_line_as_message() {
    let told = Told::usage("error: unexpected argument '--x' found\n\nUsage: journal show <REF>\n");
    assert_eq!(told.message, "unexpected argument '--x' found");
    assert_eq!(told.hints, ["Usage: journal show <REF>"]);
}
