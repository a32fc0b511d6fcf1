//! The append rules: where a new thought goes, or why it is refused.

use super::{BranchName, Gathered, Line, Thought, ThoughtNumber};

/// What the caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The line to think on.
    pub line: AskedLine,
    /// The number, or the next free one.
    pub number: Option<ThoughtNumber>,
    /// How many thoughts the line is expected to have; the last estimate where absent.
    pub total: Option<u32>,
    /// Whether another thought is expected.
    pub next_needed: bool,
    /// The thought this one revises.
    pub revises: Option<ThoughtNumber>,
}

/// The line to think on, as the caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedLine {
    /// The main line.
    Main,
    /// A branch. A new one must say which thought it leaves; one that is there may say so again.
    Branch {
        /// Its name.
        name: BranchName,
        /// The thought it leaves.
        from: Option<ThoughtNumber>,
    },
}

impl AskedLine {
    /// The line itself.
    pub fn line(&self) -> Line {
        match self {
            Self::Main => Line::Main,
            Self::Branch { name, .. } => Line::Branch(name.clone()),
        }
    }
}

/// Where the thought may go.
#[derive(Debug, Clone)]
pub enum Plan<'a> {
    /// A free place.
    Free(Placement<'a>),
    /// The number asked for is there already. The same text makes it a retry, to be answered as it was; another text is
    /// [`Refusal::NumberTaken`].
    Occupied {
        /// The thoughts with that number on that line: one, or more after copies of the vault were merged.
        by: Vec<&'a Thought>,
        /// The refusal, unless the text is the same.
        refusal: Refusal,
    },
}

/// A free place for a thought.
#[derive(Debug, Clone)]
pub struct Placement<'a> {
    /// The line.
    pub line: Line,
    /// The number along it.
    pub number: ThoughtNumber,
    /// Never smaller than the number.
    pub total: u32,
    /// Whether another thought is expected.
    pub next_needed: bool,
    /// On a branch: the thought it leaves.
    pub branch_from: Option<ThoughtNumber>,
    /// Whether this is the branch's first thought.
    pub opens_branch: bool,
    /// The thought that comes before: the previous one of the line, or the one that a new branch leaves.
    pub follows: Option<&'a Thought>,
    /// The thought this one supersedes.
    pub revises: Option<&'a Thought>,
    /// The first number of a gap that this thought leaves behind it, if it skips some.
    pub gap_from: Option<ThoughtNumber>,
}

/// What a caller wanted to name, in a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A thought to revise.
    Revise,
    /// A thought to leave with a branch.
    Leave,
}

/// Why a thought cannot go where it was asked to go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The number is there, with another text.
    #[error("thought {number} of {line} is there already with another text")]
    NumberTaken {
        /// The number asked for.
        number: ThoughtNumber,
        /// On this line.
        line: Line,
        /// The next number that is free on it.
        next_free: Option<ThoughtNumber>,
    },
    /// A revision of, or a branch from, a thought that is not there.
    #[error("there is no thought {number} to {}; {}", wanted_verb(.wanted), numbers_there(.there))]
    NoSuchThought {
        /// The number asked for.
        number: ThoughtNumber,
        /// What for.
        wanted: Wanted,
        /// The numbers that are there, on any line.
        there: Vec<ThoughtNumber>,
    },
    /// A branch that is not there, without the thought that it leaves.
    #[error("there is no branch `{name}`; {}", branches_there(.there))]
    NoSuchBranch {
        /// The name asked for.
        name: BranchName,
        /// The branches that are there.
        there: Vec<BranchName>,
    },
    /// A branch that is there and leaves another thought than the caller says.
    #[error("branch `{name}` leaves thought {leaves}, not {asked}")]
    BranchLeavesElsewhere {
        /// The branch.
        name: BranchName,
        /// The thought it leaves.
        leaves: ThoughtNumber,
        /// The thought the caller named.
        asked: ThoughtNumber,
    },
    /// The line has reached the largest number there is.
    #[error("{line} has reached thought {max}, the last there can be", max = ThoughtNumber::MAX)]
    NumbersUsedUp {
        /// The line.
        line: Line,
    },
}

fn wanted_verb(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Revise => "revise",
        Wanted::Leave => "branch from",
    }
}

fn numbers_there(there: &[ThoughtNumber]) -> String {
    match there {
        [] => "the session has none yet".to_owned(),
        [only] => format!("there is only {only}"),
        [first, .., last] if (last.get() - first.get()) as usize + 1 == there.len() => {
            format!("there are {first} to {last}")
        }
        there => format!("there are {}", there.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn branches_there(there: &[BranchName]) -> String {
    let names: Vec<_> = there.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "the session has no branches".to_owned(),
        [only] => format!("there is only {only}"),
        names => format!("there are {}", names.join(", ")),
    }
}

/// Says that a session has no such branch, and which it has.
pub fn no_such_branch(gathered: &Gathered, name: &BranchName) -> Refusal {
    let there = gathered.branches().into_iter().map(|branch| branch.name).collect();
    Refusal::NoSuchBranch { name: name.clone(), there }
}

/// Decides where a thought goes.
///
/// - Numbers count along a line. A gap is allowed and reported.
/// - A number that is taken is a retry or a refusal, which only the text can tell: [`Plan::Occupied`].
/// - A revision or a new branch must name a thought that is there.
/// - The total is raised to the number when it is smaller.
///
/// # Errors
/// A [`Refusal`] says what is there instead.
pub fn plan<'a>(gathered: &'a Gathered, asked: &Asked) -> Result<Plan<'a>, Refusal> {
    let line = asked.line.line();
    let there = |wanted, number| {
        let mut there: Vec<_> = gathered.thoughts().iter().filter_map(|thought| thought.number).collect();
        there.sort_unstable();
        there.dedup();
        Refusal::NoSuchThought { number, wanted, there }
    };
    let newest = gathered.newest_on(&line);
    let (branch_from, leaves) = match &asked.line {
        AskedLine::Main => (None, None),
        AskedLine::Branch { name, from } => {
            let is_there = gathered.on(&line).next().is_some();
            let known = gathered.branch_from(name);
            match (is_there, known, *from) {
                (false, _, None) => return Err(no_such_branch(gathered, name)),
                (true, Some(leaves), Some(asked)) if leaves != asked => {
                    return Err(Refusal::BranchLeavesElsewhere { name: name.clone(), leaves, asked });
                }
                (false, _, Some(from)) => {
                    let left = gathered.meant(from, &Line::Main).ok_or_else(|| there(Wanted::Leave, from))?;
                    (Some(from), Some(left))
                }
                (true, known, from) => (known.or(from), None),
            }
        }
    };
    let revises = asked
        .revises
        .map(|number| gathered.meant(number, &line).ok_or_else(|| there(Wanted::Revise, number)))
        .transpose()?;
    let next_free = gathered.next_number(&line, branch_from);
    let number = match asked.number {
        Some(number) => number,
        None => next_free.ok_or_else(|| Refusal::NumbersUsedUp { line: line.clone() })?,
    };
    let by: Vec<_> = gathered.on(&line).filter(|thought| thought.number == Some(number)).collect();
    if !by.is_empty() {
        return Ok(Plan::Occupied { by, refusal: Refusal::NumberTaken { number, line, next_free } });
    }
    let previous = gathered.on(&line).rfind(|thought| thought.number.is_some_and(|n| n < number));
    let total = asked.total.or_else(|| newest.and_then(|thought| thought.total)).unwrap_or(0).max(number.get());
    Ok(Plan::Free(Placement {
        opens_branch: matches!(line, Line::Branch(_)) && newest.is_none(),
        gap_from: next_free.filter(|free| *free < number),
        line,
        number,
        total,
        next_needed: asked.next_needed,
        branch_from,
        follows: previous.or(leaves),
        revises,
    }))
}

#[cfg(test)]
mod tests;
