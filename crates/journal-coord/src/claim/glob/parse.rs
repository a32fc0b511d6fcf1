//! From the text of a glob to its automaton.

use std::iter;

use super::GlobError;

/// Characters, as ranges of their numbers, in order and apart from one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CharSet(Vec<(u32, u32)>);

const LAST: u32 = char::MAX as u32;

impl CharSet {
    /// Every character but `/`.
    fn in_component() -> Self {
        Self(vec![(0, '/' as u32 - 1), ('/' as u32 + 1, LAST)])
    }

    fn any() -> Self {
        Self(vec![(0, LAST)])
    }

    fn one(c: char) -> Self {
        Self(vec![(c as u32, c as u32)])
    }

    /// What the ranges hold, or what they do not; never a `/`.
    fn of(mut ranges: Vec<(u32, u32)>, negated: bool) -> Self {
        ranges.sort_unstable();
        if !negated {
            let mut apart: Vec<(u32, u32)> = Vec::new();
            for (first, last) in ranges {
                match apart.last_mut() {
                    Some((_, before)) if first <= *before + 1 => *before = last.max(*before),
                    _ => apart.push((first, last)),
                }
            }
            return Self(apart).without_slash();
        }
        let (mut rest, mut from) = (Vec::new(), 0);
        for (first, last) in ranges {
            if from < first {
                rest.push((from, first - 1));
            }
            from = from.max(last + 1);
        }
        if from <= LAST {
            rest.push((from, LAST));
        }
        Self(rest).without_slash()
    }

    fn without_slash(self) -> Self {
        let allowed = Self::in_component().0;
        let cut = |(first, last): &(u32, u32)| {
            let (first, last) = (*first, *last);
            allowed.iter().map(move |(low, high)| (first.max(*low), last.min(*high))).collect::<Vec<_>>()
        };
        Self(self.0.iter().flat_map(cut).filter(|(first, last)| first <= last).collect())
    }

    /// A character of both, one that people can read where there is one.
    pub(super) fn common(&self, other: &Self) -> Option<char> {
        let readable = self.both(other).find_map(|(first, last)| {
            let first = first.max('a' as u32);
            (first <= last.min('z' as u32)).then_some(first)
        });
        readable.and_then(char::from_u32).or_else(|| self.both(other).find_map(first_character))
    }

    /// The ranges of what both hold, in order, in time of the sum of their lengths.
    fn both<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (u32, u32)> + 'a {
        let (mut own, mut their) = (self.0.iter().peekable(), other.0.iter().peekable());
        iter::from_fn(move || {
            loop {
                let (one, two) = (**own.peek()?, **their.peek()?);
                if one.1 < two.1 {
                    own.next()
                } else {
                    their.next()
                };
                let (first, last) = (one.0.max(two.0), one.1.min(two.1));
                if first <= last {
                    return Some((first, last));
                }
            }
        })
    }
}

/// The first character of a range. The numbers in the middle of all, which no text has, are none.
fn first_character((first, last): (u32, u32)) -> Option<char> {
    const BEHIND_THE_GAP: char = '\u{e000}';
    char::from_u32(first).or((last >= BEHIND_THE_GAP as u32).then_some(BEHIND_THE_GAP))
}

/// A finite automaton with empty steps. State 0 is the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Automaton {
    empty: Vec<Vec<usize>>,
    steps: Vec<Vec<(CharSet, usize)>>,
    accepting: Vec<bool>,
}

/// The most states from the first place on where a text can be read in more than one way: with those of another glob they have
/// a hundred thousand pairs at most, and ordinary ones a few hundred. Before it two texts are compared character by character,
/// whatever their length.
const MOST_STATES: usize = 200;

impl Automaton {
    /// The automaton of a glob without empty components.
    pub(super) fn of(text: &str) -> Result<Self, GlobError> {
        let mut automaton = Self::default();
        let start = automaton.state();
        let mut parser = Parser { automaton, text, rest: text.chars().collect(), at: 0 };
        let end = parser.sequence(start, 0)?;
        let mut automaton = parser.automaton;
        if may_be_folder(text) {
            let below = automaton.state();
            automaton.step(end, CharSet::one('/'), below);
            automaton.step(below, CharSet::any(), below);
            automaton.accepting[below] = true;
        }
        automaton.accepting[end] = true;
        let branching = automaton.empty.iter().skip_while(|to| to.is_empty());
        if branching.count() > MOST_STATES {
            return Err(GlobError::TooLarge);
        }
        Ok(automaton)
    }

    pub(super) fn states(&self) -> usize {
        self.accepting.len()
    }

    pub(super) fn accepts(&self, state: usize) -> bool {
        self.accepting[state]
    }

    pub(super) fn steps(&self, state: usize) -> &[(CharSet, usize)] {
        &self.steps[state]
    }

    /// The states that an empty step leads to.
    pub(super) fn empty(&self, state: usize) -> &[usize] {
        &self.empty[state]
    }

    fn state(&mut self) -> usize {
        self.empty.push(Vec::new());
        self.steps.push(Vec::new());
        self.accepting.push(false);
        self.accepting.len() - 1
    }

    fn step(&mut self, from: usize, set: CharSet, to: usize) {
        self.steps[from].push((set, to));
    }

    /// A new state behind `from`, reached by one of `set`.
    fn then(&mut self, from: usize, set: CharSet) -> usize {
        let to = self.state();
        self.step(from, set, to);
        to
    }
}

/// Whether the last component is a name and no pattern.
fn may_be_folder(text: &str) -> bool {
    let mut is_name = true;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '/' => is_name = true,
            '*' | '?' | '[' | ']' | '{' | '}' if !escaped => is_name = false,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    is_name
}

struct Parser<'a> {
    automaton: Automaton,
    text: &'a str,
    rest: Vec<char>,
    at: usize,
}

/// How deep choices may be nested.
const MOST_NESTED: usize = 20;

impl Parser<'_> {
    /// Parses up to the end, or within a choice up to its next `,` or `}`; gives the last state.
    fn sequence(&mut self, start: usize, depth: usize) -> Result<usize, GlobError> {
        if depth > MOST_NESTED {
            return Err(GlobError::TooLarge);
        }
        let mut here = start;
        while let Some(&c) = self.rest.get(self.at) {
            if depth > 0 && matches!(c, ',' | '}') {
                break;
            }
            if self.is_globstar() {
                here = self.globstar(here);
                continue;
            }
            self.at += 1;
            here = match c {
                '*' => {
                    let many = self.automaton.state();
                    self.automaton.empty[here].push(many);
                    self.automaton.step(many, CharSet::in_component(), many);
                    many
                }
                '?' => self.automaton.then(here, CharSet::in_component()),
                '[' => {
                    let set = self.set()?;
                    self.automaton.then(here, set)
                }
                '{' => self.choice(here, depth)?,
                '\\' => {
                    // A last backslash means itself.
                    let literal = self.rest.get(self.at).copied();
                    self.at += usize::from(literal.is_some());
                    self.automaton.then(here, CharSet::one(literal.unwrap_or('\\')))
                }
                c => self.automaton.then(here, CharSet::one(c)),
            };
        }
        Ok(here)
    }

    /// Whether a `**` that is a component of its own stands here.
    fn is_globstar(&self) -> bool {
        let stars = self.rest[self.at..].starts_with(&['*', '*']);
        let begins = self.at == 0 || matches!(self.rest[self.at - 1], '/' | '{' | ',');
        let ends = matches!(self.rest.get(self.at + 2), None | Some('/' | '}' | ','));
        stars && begins && ends
    }

    /// `**/` is any number of components with a `/` behind each, a last `**` at least one character.
    fn globstar(&mut self, here: usize) -> usize {
        self.at += 2;
        let end = self.automaton.state();
        if self.rest.get(self.at) == Some(&'/') {
            self.at += 1;
            self.automaton.empty[here].push(end);
            let inside = self.automaton.then(end, CharSet::in_component());
            self.automaton.step(inside, CharSet::in_component(), inside);
            self.automaton.step(inside, CharSet::one('/'), end);
        } else {
            self.automaton.step(here, CharSet::in_component(), end);
            self.automaton.step(end, CharSet::any(), end);
        }
        end
    }

    fn choice(&mut self, here: usize, depth: usize) -> Result<usize, GlobError> {
        let end = self.automaton.state();
        loop {
            let start = self.automaton.state();
            self.automaton.empty[here].push(start);
            let last = self.sequence(start, depth + 1)?;
            self.automaton.empty[last].push(end);
            let stop = self.rest.get(self.at).copied();
            self.at += 1;
            match stop {
                Some(',') => {}
                Some(_) => return Ok(end),
                None => return Err(GlobError::Unclosed { text: self.text.to_owned(), open: '{' }),
            }
        }
    }

    /// The set behind a `[`. A `]` right at its beginning is one of its characters, as in a shell.
    fn set(&mut self) -> Result<CharSet, GlobError> {
        let unclosed = || GlobError::Unclosed { text: self.text.to_owned(), open: '[' };
        let mut at = self.at;
        let negated = matches!(self.rest.get(at), Some('!' | '^'));
        at += usize::from(negated);
        let mut ranges = Vec::new();
        let first = at;
        loop {
            let c = *self.rest.get(at).ok_or_else(unclosed)?;
            if c == ']' && at > first {
                break;
            }
            at += 1;
            let last = match self.rest.get(at..at + 2) {
                Some(['-', last]) if *last != ']' => {
                    at += 2;
                    *last
                }
                _ => c,
            };
            if c <= last {
                ranges.push((c as u32, last as u32));
            }
        }
        self.at = at + 1;
        Ok(CharSet::of(ranges, negated))
    }
}
