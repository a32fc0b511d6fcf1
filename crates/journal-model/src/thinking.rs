//! Sequential thinking: sessions, thoughts, branches, and the rules by which a thought is appended.
//!
//! A session is a note; each thought is a note that names its session in `session_note_id`, which is the truth about
//! belonging. [`Session`] and [`Thought`] read those notes; [`Gathered`] is one session with all its thoughts and answers
//! what the next number is, what supersedes what, what is missing; [`plan`] decides where a new thought goes; [`Style`]
//! says how the notes are named and written.

mod gathered;
mod line;
mod placement;
mod session;
mod style;
mod thought;
mod write;

pub use gathered::{BranchSummary, Gathered};
pub use line::{BranchName, BranchNameError, Line, ThoughtNumber, ThoughtNumberError};
pub use placement::{Asked, AskedLine, Placement, Plan, Refusal, Wanted, no_such_branch, plan};
pub use session::{Session, Status, UnknownStatus};
pub use style::Style;
pub(crate) use thought::framed;
pub use thought::{Thought, is_thought, same_thought};
pub use write::{NewSession, NewThought, session_changes};
