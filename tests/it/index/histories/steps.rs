//! What may happen to a vault and its index. Notes are chosen among those that are there by then, so that a history from which
//! steps are taken out still is one.

use journal_testkit::faults::Fault;
use proptest::{prelude::*, sample::Index};

use super::note::{FOLDERS, NAMES, Text, text};

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create {
        folder: usize,
        name: usize,
        text: Text,
    },
    Edit {
        note: Index,
        text: Text,
        how: Edit,
    },
    Rename {
        note: Index,
        folder: usize,
        name: usize,
        text: Option<Text>,
    },
    /// The same letters, the first of them small or large.
    CaseOnly {
        note: Index,
    },
    MoveFolder {
        note: Index,
        folder: usize,
        name: usize,
    },
    Copy {
        note: Index,
        mark: Mark,
    },
    Delete {
        note: Index,
    },
    DeleteFolder {
        note: Index,
    },
    /// Something that was written before is written again, where it was.
    Restore {
        nth: Index,
    },
    Exclude {
        filter: usize,
    },
    Append {
        engine: bool,
        session: Option<Index>,
        branch: bool,
    },
    Close {
        engine: bool,
        session: Index,
    },
    Relocate {
        engine: bool,
        note: Index,
        folder: usize,
    },
    Reindex {
        engine: bool,
        full: bool,
    },
    ReindexPart {
        engine: bool,
        note: Index,
        folder: bool,
    },
    /// The disk fails at the n-th operation of a reindex.
    Fail {
        nth: usize,
        fault: Fault,
        full: bool,
    },
    /// A process is killed after so many microseconds of a reindex.
    Kill {
        micros: u64,
        full: bool,
    },
    LoseIndex,
}

/// How a note is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edit {
    /// Into the same file.
    InPlace,
    /// As a new file that takes the name.
    Replaced,
    /// Other letters, while size and modification time stay.
    Unseen,
    /// The same bytes at another time.
    Touched,
}

/// How a copy is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Conflict,
    Second,
}

/// What Obsidian is told to leave out, and what that is.
type Filter = fn(&str) -> bool;

pub(super) const FILTERS: &[(&str, Filter)] = &[
    ("[]", |_| false),
    (r#"["B/"]"#, |path| path.starts_with("B/")),
    (r#"["A", "Archive/"]"#, |path| path.starts_with('A')),
    (r#"["/^b?.*Alpha/"]"#, |path| path.contains("Alpha")),
];

pub(super) fn step() -> impl Strategy<Value = Step> {
    let at = || (0..FOLDERS.len(), 0..NAMES.len());
    let note = any::<Index>;
    let how = prop_oneof![
        3 => Just(Edit::InPlace), 2 => Just(Edit::Replaced), 2 => Just(Edit::Unseen), 1 => Just(Edit::Touched),
    ];
    let mark = prop_oneof![Just(Mark::Conflict), Just(Mark::Second)];
    let fault = prop_oneof![
        Just(Fault::Crash),
        Just(Fault::Error(std::io::ErrorKind::PermissionDenied)),
        Just(Fault::Error(std::io::ErrorKind::NotFound)),
    ];
    prop_oneof![
        8 => (at(), text()).prop_map(|((folder, name), text)| Step::Create { folder, name, text }),
        5 => (note(), text(), how).prop_map(|(note, text, how)| Step::Edit { note, text, how }),
        5 => (note(), at(), proptest::option::weighted(0.4, text()))
            .prop_map(|(note, (folder, name), text)| Step::Rename { note, folder, name, text }),
        2 => note().prop_map(|note| Step::CaseOnly { note }),
        2 => (note(), at()).prop_map(|(note, (folder, name))| Step::MoveFolder { note, folder, name }),
        2 => (note(), mark).prop_map(|(note, mark)| Step::Copy { note, mark }),
        2 => note().prop_map(|note| Step::Delete { note }),
        1 => note().prop_map(|note| Step::DeleteFolder { note }),
        2 => note().prop_map(|nth| Step::Restore { nth }),
        1 => (0..FILTERS.len()).prop_map(|filter| Step::Exclude { filter }),
        4 => (any::<bool>(), proptest::option::weighted(0.6, note()), any::<bool>())
            .prop_map(|(engine, session, branch)| Step::Append { engine, session, branch }),
        1 => (any::<bool>(), note()).prop_map(|(engine, session)| Step::Close { engine, session }),
        2 => (any::<bool>(), note(), 0..FOLDERS.len())
            .prop_map(|(engine, note, folder)| Step::Relocate { engine, note, folder }),
        7 => (any::<bool>(), proptest::bool::weighted(0.15))
            .prop_map(|(engine, full)| Step::Reindex { engine, full }),
        3 => (any::<bool>(), note(), any::<bool>())
            .prop_map(|(engine, note, folder)| Step::ReindexPart { engine, note, folder }),
        3 => (1..120usize, fault, proptest::bool::weighted(0.2))
            .prop_map(|(nth, fault, full)| Step::Fail { nth, fault, full }),
        1 => (0..60_000u64, any::<bool>()).prop_map(|(micros, full)| Step::Kill { micros, full }),
        1 => Just(Step::LoseIndex),
    ]
}
