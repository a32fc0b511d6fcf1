//! The YAML engine, kept on a leash: what the simple reader does not know goes through gray_matter's engine.
//!
//! The engine recurses, copies aliases, forgets the order of keys and turns scalars into numbers. So input that nests or
//! copies too much is refused before it is tried, and order and spelling are looked up in the source afterwards.

use std::collections::{HashMap, hash_map};

use gray_matter::{
    Pod,
    engine::{Engine, YAML},
};

use crate::Value;

/// Deepest nesting that is handed to the engine, counted generously.
const MAX_DEPTH: usize = 200;

/// Most bytes that aliases may grow a block to.
const MAX_GROWN: usize = 4 << 20;

/// Reads a piece of YAML; `None` when it is none, or when it is not safe to read.
pub(super) fn load(source: &str) -> Option<Value> {
    is_safe(source).then(|| parse(source)).flatten()
}

/// Reads one entry whose value the scanner knows to be a block scalar: its brackets are text.
pub(super) fn load_block_scalar(source: &str) -> Option<Value> {
    (!has_lone_cr(source) || is_safe(source)).then(|| parse(source)).flatten()
}

/// Reads a piece of YAML for comparison with another: numbers as the engine writes them, keys sorted. `flat` says that the
/// caller knows its lines to nest no deeper than lists of scalars.
pub(super) fn load_unspelled(source: &str, flat: bool) -> Option<Value> {
    if (!flat || has_lone_cr(source)) && !is_safe(source) {
        return None;
    }
    YAML::parse(source).ok().map(|pod| Spelling::default().value(&pod))
}

/// Whether a CR stands alone: to YAML it ends a line, to us and to Obsidian it does not.
fn has_lone_cr(source: &str) -> bool {
    source.split('\r').skip(1).any(|rest| !rest.starts_with('\n'))
}

fn is_safe(source: &str) -> bool {
    depth_bound(source) <= MAX_DEPTH && grown_bound(source) <= MAX_GROWN
}

fn parse(source: &str) -> Option<Value> {
    let pod = YAML::parse(source).ok()?;
    Some(Spelling::of(source).value(&pod))
}

/// How deep `source` may nest at most. Brackets in quotes, comments and tags are not told from real ones, so a closing one
/// counts only on lines that hold none of these.
fn depth_bound(source: &str) -> usize {
    let (mut brackets, mut flow, mut indent) = (0, 0, 0);
    for line in source.split(['\n', '\r']) {
        let sure = !line.contains(['"', '\'', '#', '!']);
        let (mut open, mut deepest) = (0_usize, 0);
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => open += 1,
                b']' | b'}' if sure => open = open.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(open);
        }
        flow = flow.max(brackets + deepest);
        brackets += open;
        let indicators = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'?' | b':'));
        indent = indent.max(indicators.count());
    }
    // Every level of block nesting is a column further right, save lists, which may stand in the column of their key.
    flow + 2 * indent
}

/// How many bytes `source` may grow to by its aliases. `n` aliases multiply a text by at most 3^(n/3), the largest product
/// of numbers that sum up to `n`.
fn grown_bound(source: &str) -> usize {
    let aliases = source.bytes().filter(|byte| *byte == b'*').count();
    let anchors = source.bytes().filter(|byte| *byte == b'&').count();
    if aliases == 0 || anchors == 0 {
        return 0;
    }
    let factor = 3_usize.checked_pow(u32::try_from(aliases.div_ceil(3)).unwrap_or(u32::MAX));
    factor.and_then(|factor| factor.checked_mul(source.len())).unwrap_or(usize::MAX)
}

/// Where words stand in a source, and how its numbers are spelled.
#[derive(Default)]
struct Spelling<'a> {
    places: HashMap<&'a str, usize>,
    /// From a number as the engine has it to its spelling; `None` where there are several.
    numbers: HashMap<String, Option<&'a str>>,
}

impl<'a> Spelling<'a> {
    fn of(source: &'a str) -> Self {
        let mut spelling = Self::default();
        for (place, piece) in source.split(['\n', ',', '{', '[', '}', ']']).enumerate() {
            let piece = piece.trim_start_matches([' ', '\t', '-', '?']);
            let key = piece.split_once(':').map_or(piece, |(key, _)| key).trim().trim_matches(['"', '\'']);
            spelling.places.entry(key).or_insert(place);
            for word in piece.split_whitespace().filter(|word| word.len() <= 64) {
                if !word
                    .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 't' | 'T' | 'f' | 'F'))
                {
                    continue;
                }
                if let Ok(pod @ (Pod::Integer(_) | Pod::Float(_) | Pod::Boolean(_))) = YAML::parse(word) {
                    match spelling.numbers.entry(scalar_text(&pod)) {
                        hash_map::Entry::Vacant(entry) => {
                            entry.insert(Some(word));
                        }
                        hash_map::Entry::Occupied(mut entry) if *entry.get() != Some(word) => {
                            entry.insert(None);
                        }
                        hash_map::Entry::Occupied(_) => {}
                    }
                }
            }
        }
        spelling
    }

    fn value(&self, pod: &Pod) -> Value {
        match pod {
            Pod::Null => Value::Null,
            Pod::String(text) => Value::Text(text.clone()),
            Pod::Integer(_) | Pod::Float(_) | Pod::Boolean(_) => {
                let text = scalar_text(pod);
                let spelled = self.numbers.get(&text).copied().flatten().map(str::to_owned);
                Value::Text(spelled.unwrap_or(text))
            }
            Pod::Array(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
            Pod::Hash(entries) => {
                let place = |key: &str| self.places.get(key).copied().unwrap_or(usize::MAX);
                let mut entries: Vec<_> = entries.iter().map(|(key, pod)| (key.clone(), self.value(pod))).collect();
                entries.sort_by(|(a, _), (b, _)| (place(a), a).cmp(&(place(b), b)));
                Value::Map(entries)
            }
        }
    }
}

fn scalar_text(pod: &Pod) -> String {
    match pod {
        Pod::Integer(number) => number.to_string(),
        Pod::Float(number) => number.to_string(),
        Pod::Boolean(truth) => truth.to_string(),
        Pod::Null | Pod::String(_) | Pod::Array(_) | Pod::Hash(_) => String::new(),
    }
}
