//! Names that people can tell apart and remember, made from the ids of agents.

mod words;

use words::{ADJECTIVES, ANIMALS};

use crate::AgentId;

/// A name like `brave-otter`, always the same for the same id.
///
/// Two ids may get the same name; [`Coord::touch_agent`](crate::Coord::touch_agent) then numbers the later one.
pub fn memorable_name(id: &AgentId) -> String {
    let hash = fnv1a(id.as_str().as_bytes());
    let pick = |list: &[&'static str], hash: u64| list[(hash % list.len() as u64) as usize];
    let (adjective, animal) = (pick(&ADJECTIVES, hash), pick(&ANIMALS, hash / ADJECTIVES.len() as u64));
    format!("{adjective}-{animal}")
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): the same on every machine and in every version.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn word_lists_are_long_sorted_and_plain() {
        for list in [&ADJECTIVES[..], &ANIMALS[..]] {
            assert!(list.len() >= 128);
            assert!(list.is_sorted_by(|a, b| a < b), "sorted, no word twice");
            assert!(
                list.iter().all(|word| (2..=12).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase()))
            );
        }
        assert!(ADJECTIVES.iter().all(|word| !ANIMALS.contains(word)));
    }

    #[test]
    fn names_are_stable_and_spread() {
        let name = |text: &str| memorable_name(&text.parse().unwrap());
        assert_eq!(name("0193e5a0-7c1e-7000-8000-000000000001"), "bouncy-gecko");
        let names: HashSet<_> = (0..1000).map(|n| name(&format!("agent-{n}"))).collect();
        assert!(names.len() > 960, "{} different names for 1000 ids", names.len());
    }
}
