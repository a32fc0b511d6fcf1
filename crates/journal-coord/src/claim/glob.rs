//! Globs over paths, and whether two of them can mean the same path: decided, not guessed from samples.
//!
//! A glob becomes a finite automaton over characters. Two globs overlap when the product of their automata reaches a pair of
//! accepting states (Hopcroft, Motwani, Ullman, *Introduction to Automata Theory*, 4.2.1), which takes time in the product of
//! their lengths, whatever they are: each pair of states is met once, each pair of steps compared once. A set of characters is a list
//! of ranges, so that all of Unicode costs no more than ASCII.

mod parse;

use std::{fmt, str::FromStr};

use parse::Automaton;

/// A glob over paths with `/`, relative to the top of a worktree.
///
/// `*` and `?` do not match `/`; `**` as a whole component matches any number of components; `[a-z]`, `[!a-z]` and `{a,b}` are
/// sets and choices; `\` takes the next character as it is. A last component without any of these may be a folder, and is meant
/// with everything below it: `src/auth` covers `src/auth/login.rs`, and `src/*` does not.
#[derive(Debug, Clone)]
pub struct Glob {
    text: String,
    automaton: Automaton,
}

/// Why a text is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Nothing is left of it.
    #[error("a path or glob cannot be empty; all files are `**`")]
    Empty,
    /// It is longer than [`Glob::MAX_BYTES`], or can be read in too many ways.
    #[error("a path or glob of this size cannot be compared with others; {max} bytes are allowed", max = Glob::MAX_BYTES)]
    TooLarge,
    /// `..` leads out of what it is relative to.
    #[error("`{0}` leaves the worktree")]
    Leaves(String),
    /// A set or a choice that does not end.
    #[error("`{text}` has a `{open}` that is not closed")]
    Unclosed {
        /// The glob.
        text: String,
        /// `[` or `{`.
        open: char,
    },
    /// A control character.
    #[error("a path or glob cannot hold control characters")]
    Control,
}

impl Glob {
    /// Longest accepted glob, in bytes.
    pub const MAX_BYTES: usize = 500;

    /// The glob that means one path and what is below it, whatever characters it has.
    ///
    /// # Errors
    /// As for any glob, but for its syntax.
    pub fn of_path(path: &str) -> Result<Self, GlobError> {
        Self::escaped(path).parse()
    }

    /// A path as a part of a glob that means it, whatever characters it has.
    pub fn escaped(path: &str) -> String {
        let mut text = String::with_capacity(path.len());
        for c in path.chars() {
            if "*?[]{}\\,!".contains(c) {
                text.push('\\');
            }
            text.push(c);
        }
        text
    }

    /// The glob, as it is stored and shown: without `./`, doubled and trailing `/`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether some path is meant by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.common_path(other).is_some()
    }

    /// A shortest path that both mean.
    pub fn common_path(&self, other: &Self) -> Option<String> {
        let (one, two) = (&self.automaton, &other.automaton);
        let mut reached = Reached::none(one.states(), two.states());
        reached.add((one, two), (0, 0), None);
        let mut at = 0;
        while let Some(&(pair, _)) = reached.pairs.get(at) {
            if one.accepts(pair.0) && two.accepts(pair.1) {
                return Some(reached.path_to(at));
            }
            for (set, to) in one.steps(pair.0) {
                for (other_set, other_to) in two.steps(pair.1) {
                    if let Some(c) = set.common(other_set) {
                        reached.add((one, two), (*to, *other_to), Some((at, c)));
                    }
                }
            }
            at += 1;
        }
        None
    }
}

/// A state of either automaton.
type Pair = (usize, usize);

/// From which pair a pair was reached, by its position, and by which character; the first were there.
type Step = Option<(usize, char)>;

/// Pairs of states, each with the pair and the character that led to it first; in the order of their distance.
struct Reached {
    pairs: Vec<(Pair, Step)>,
    /// Whether a pair is among them, for all there are.
    seen: Vec<bool>,
    others: usize,
    /// Pairs that are about to be met; empty between calls.
    open: Vec<Pair>,
}

impl Reached {
    fn none(ones: usize, others: usize) -> Self {
        Self { pairs: Vec::new(), seen: vec![false; ones * others], others, open: Vec::new() }
    }

    /// Adds a pair, and those that empty steps of either lead to, which are no farther.
    fn add(&mut self, (one, two): (&Automaton, &Automaton), pair: Pair, from: Step) {
        self.open.push(pair);
        while let Some(pair) = self.open.pop() {
            if std::mem::replace(&mut self.seen[pair.0 * self.others + pair.1], true) {
                continue;
            }
            self.pairs.push((pair, from));
            self.open.extend(one.empty(pair.0).iter().map(|to| (*to, pair.1)));
            self.open.extend(two.empty(pair.1).iter().map(|to| (pair.0, *to)));
        }
    }

    fn path_to(&self, at: usize) -> String {
        let steps = std::iter::successors(self.pairs[at].1, |(before, _)| self.pairs[*before].1);
        let mut characters: Vec<char> = steps.map(|(_, c)| c).collect();
        characters.reverse();
        characters.into_iter().collect()
    }
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        if text.len() > Self::MAX_BYTES {
            return Err(GlobError::TooLarge);
        }
        if text.chars().any(char::is_control) {
            return Err(GlobError::Control);
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.contains(&"..") {
            return Err(GlobError::Leaves(text.to_owned()));
        }
        if parts.is_empty() {
            return Err(GlobError::Empty);
        }
        let text = parts.join("/");
        let automaton = Automaton::of(&text)?;
        Ok(Self { text, automaton })
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The text is what a glob is; the automaton follows from it.
impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Glob {}

#[cfg(test)]
mod tests;
