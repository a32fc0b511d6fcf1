//! Trip: doctor. What is not in order with the notes and the databases, and mending what can be mended safely.
//!
//! Looking writes nothing and works without an index. Mending never touches what stands in a note, but for a new id that
//! somebody asked for by name.

mod around;
mod databases;
mod mend;
mod notes;

use journal_index::Status;
use journal_model::VaultPath;

use crate::{ReindexError, core::Core};

pub use around::{AgentCounts, Around, ModelFacts};
pub use mend::{NewId, NewIdError};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// What is not in order, the worst first.
    pub findings: Vec<Finding>,
    /// Notes in the vault.
    pub notes: usize,
    /// The index, where there is one that can be read.
    pub index: Option<IndexFacts>,
    /// Bytes of the database that says who is here; `None` when there is none.
    pub state_bytes: Option<u64>,
    /// What is around them: disks, who watches, the model, who is here.
    pub around: Around,
}

/// How the index stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFacts {
    /// What it holds, and which SQLite reads it.
    pub status: Status,
    /// Bytes of its write-ahead log.
    pub log_bytes: u64,
}

/// Something that is not in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: FindingCode,
    /// What is wrong, in a line.
    pub message: String,
    /// The notes, folders or files it is about, as paths inside the vault.
    pub paths: Vec<String>,
    /// What mends it.
    pub mend: Mend,
}

/// What mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// A run that mends.
    Fix,
    /// A new id for the younger of two notes, once somebody asks for it by name.
    NewId(VaultPath),
    /// A person, so.
    ByHand(String),
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingCode {
    /// Two notes have one id.
    DuplicateId,
    /// A note or folder cannot be read.
    Unreadable,
    /// The index is damaged.
    DamagedIndex,
    /// The index was made by a newer program.
    NewerIndex,
    /// The database that says who is here is damaged.
    DamagedState,
    /// The index cannot be read.
    UnreadableIndex,
    /// The databases, or what lies beside them, cannot be read.
    UnreadableState,
    /// A file syncer left the losing side of a conflict.
    ConflictCopy,
    /// The frontmatter of a note is not in order.
    BrokenProperties,
    /// The index differs from the vault.
    StaleIndex,
    /// Processes that were killed left temporary files.
    StaleTemps,
    /// The log of the index is long.
    LongLog,
    /// The databases lie on a file system that other machines use too.
    NetworkState,
    /// A syncer copies the databases.
    SyncedState,
    /// Others may read the databases.
    OpenState,
    /// Little room is left on a disk.
    LowDisk,
    /// The vault cannot be written.
    ReadOnlyVault,
    /// This machine's clock was later once.
    ClockBack,
    /// Something keeps the process that watches from its work.
    WatchTrouble,
    /// The process that watches lives, and does nothing.
    WatchStill,
    /// The model that was chosen does not start.
    ModelTrouble,
    /// A schedule is installed and not switched on.
    ScheduleOff,
    /// A schedule is switched on and does not run.
    ScheduleStopped,
    /// A schedule was made for another path than the vault's.
    ScheduleElsewhere,
    /// A schedule has not run when it should have.
    ScheduleLate,
    /// The last run of a schedule failed.
    ScheduleFailed,
    /// There is no index.
    NoIndex,
    /// A damaged index was set aside.
    IndexSetAside,
    /// Links of a note lead nowhere.
    BrokenLinks,
    /// What may be a note was passed over: its name, or a link out of the vault.
    PassedOver,
    /// The vault lies on a file system that other machines use too.
    NetworkVault,
    /// Changes are found by comparing all notes, and not told by the system.
    Polling,
    /// Notes were written later than now.
    FutureTimes,
    /// A process ended that held something.
    StaleLease,
    /// A person edited a schedule.
    ScheduleEdited,
    /// It is not known which schedules are installed, or whether one runs.
    ScheduleUnknown,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is refused, or cannot be found, until it is mended.
    Error,
    /// It should be mended.
    Warning,
    /// Good to know; it may well be as it should.
    Note,
}

impl FindingCode {
    /// The stable name, kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateId => "duplicate-id",
            Self::Unreadable => "unreadable",
            Self::DamagedIndex => "damaged-index",
            Self::NewerIndex => "newer-index",
            Self::DamagedState => "damaged-state",
            Self::UnreadableIndex => "unreadable-index",
            Self::UnreadableState => "unreadable-state",
            Self::ConflictCopy => "conflict-copy",
            Self::BrokenProperties => "broken-properties",
            Self::StaleIndex => "stale-index",
            Self::StaleTemps => "stale-temps",
            Self::LongLog => "long-log",
            Self::NoIndex => "no-index",
            Self::IndexSetAside => "index-set-aside",
            Self::BrokenLinks => "broken-links",
            Self::PassedOver => "passed-over",
            Self::NetworkState => "network-state",
            Self::SyncedState => "synced-state",
            Self::OpenState => "open-state",
            Self::LowDisk => "low-disk",
            Self::ReadOnlyVault => "read-only-vault",
            Self::ClockBack => "clock-back",
            Self::WatchTrouble => "watch-trouble",
            Self::WatchStill => "watch-still",
            Self::ModelTrouble => "model-trouble",
            Self::ScheduleOff => "schedule-off",
            Self::ScheduleStopped => "schedule-stopped",
            Self::ScheduleElsewhere => "schedule-elsewhere",
            Self::ScheduleLate => "schedule-late",
            Self::ScheduleFailed => "schedule-failed",
            Self::NetworkVault => "network-vault",
            Self::Polling => "polling",
            Self::FutureTimes => "future-times",
            Self::StaleLease => "stale-lease",
            Self::ScheduleEdited => "schedule-edited",
            Self::ScheduleUnknown => "schedule-unknown",
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::DuplicateId
            | Self::Unreadable
            | Self::DamagedIndex
            | Self::NewerIndex
            | Self::DamagedState
            | Self::UnreadableIndex
            | Self::UnreadableState => Severity::Error,
            Self::ConflictCopy
            | Self::BrokenProperties
            | Self::StaleIndex
            | Self::StaleTemps
            | Self::LongLog
            | Self::NetworkState
            | Self::SyncedState
            | Self::OpenState
            | Self::LowDisk
            | Self::ReadOnlyVault
            | Self::ClockBack
            | Self::WatchTrouble
            | Self::WatchStill
            | Self::ModelTrouble
            | Self::ScheduleOff
            | Self::ScheduleStopped
            | Self::ScheduleElsewhere
            | Self::ScheduleLate
            | Self::ScheduleFailed => Severity::Warning,
            // A link to a note that is still to be written is ordinary, and an index is made when it is needed.
            Self::NoIndex
            | Self::IndexSetAside
            | Self::BrokenLinks
            | Self::PassedOver
            | Self::NetworkVault
            | Self::Polling
            | Self::FutureTimes
            | Self::StaleLease
            | Self::ScheduleEdited
            | Self::ScheduleUnknown => Severity::Note,
        }
    }
}

impl Severity {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Finding {
    /// Something that is not in order.
    pub fn new(code: FindingCode, message: impl Into<String>, paths: Vec<String>, mend: Mend) -> Self {
        Self { code, message: message.into(), paths, mend }
    }
}

impl Examined {
    /// Whether nothing is wrong. What is only good to know may be there.
    pub fn is_well(&self) -> bool {
        self.findings.iter().all(|finding| finding.code.severity() == Severity::Note)
    }

    /// Adds what somebody else found.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
        sort(&mut self.findings);
    }

    fn has(&self, code: FindingCode) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }
}

impl Core {
    /// See [`Engine::examine`](crate::Engine::examine).
    pub(crate) fn examine(&self) -> Result<Examined, ReindexError> {
        let mut findings = Vec::new();
        let notes = self.examine_notes(&mut findings)?;
        let index = self.examine_index(&mut findings)?;
        let state_bytes = self.examine_state(&mut findings)?;
        let around = self.examine_around(&mut findings)?;
        sort(&mut findings);
        Ok(Examined { findings, notes, index, state_bytes, around })
    }
}

/// The worst first.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| (one.code, &one.paths).cmp(&(other.code, &other.paths)));
}
