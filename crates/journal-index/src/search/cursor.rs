//! Where a page ended, as a text that only this module understands.

use super::{Ranked, score::Statistics};

/// The end of a page, and what the scores on it depended on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor {
    /// The query it belongs to.
    pub fingerprint: u64,
    /// How many hits were told so far.
    pub shown: usize,
    /// Whether notes are told that have only some of the words.
    pub relaxed: bool,
    /// The last of them; `None` when only notes of that name or id were told.
    pub after: Option<Ranked>,
    /// When the last one changed, where that is the order.
    pub changed: i64,
    pub statistics: Statistics,
}

/// Another version of this module does not understand the text.
const VERSION: u8 = 1;

impl Cursor {
    pub(super) fn write(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.fingerprint.to_le_bytes());
        number(&mut bytes, self.shown as u64);
        let after = self.after.unwrap_or(Ranked { row: 0, full: true, score: 0.0 });
        let flags = u8::from(self.relaxed) | u8::from(self.after.is_some()) << 1 | u8::from(after.full) << 2;
        bytes.push(flags);
        bytes.extend(after.score.to_le_bytes());
        number(&mut bytes, after.row.cast_unsigned());
        number(&mut bytes, zigzag(self.changed));
        number(&mut bytes, self.statistics.notes.into());
        bytes.extend(self.statistics.average.to_le_bytes());
        number(&mut bytes, self.statistics.frequencies.len() as u64);
        for frequency in &self.statistics.frequencies {
            number(&mut bytes, (*frequency).into());
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
        let mut rest = Rest(&bytes);
        if rest.take::<1>()? != [VERSION] {
            return None;
        }
        let fingerprint = u64::from_le_bytes(rest.take()?);
        let shown = usize::try_from(rest.number()?).ok()?;
        let [flags] = rest.take()?;
        let score = f32::from_le_bytes(rest.take()?);
        let row = rest.number()?.cast_signed();
        let changed = unzigzag(rest.number()?);
        let notes = u32::try_from(rest.number()?).ok()?;
        let average = f32::from_le_bytes(rest.take()?);
        let count = rest.number()?.min(64);
        let frequencies = (0..count).map(|_| u32::try_from(rest.number()?).ok()).collect::<Option<_>>()?;
        let after = (flags & 2 != 0).then_some(Ranked { row, full: flags & 4 != 0, score });
        let statistics = Statistics { notes, average, frequencies };
        Some(Self { fingerprint, shown, relaxed: flags & 1 != 0, after, changed, statistics })
    }
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    /// Seven bits a byte, the low ones first.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_round_trip(
            numbers in any::<(u64, u32, bool, Option<(i64, bool)>, i64, u32)>(),
            frequencies in prop::collection::vec(any::<u32>(), 0..24),
        ) {
            let (fingerprint, shown, relaxed, after, changed, notes) = numbers;
            let after = after.map(|(row, full)| Ranked { row, full, score: 3.25 });
            let statistics = Statistics { notes, average: 301.5, frequencies };
            let cursor = Cursor { fingerprint, shown: shown as usize, relaxed, after, changed, statistics };
            prop_assert_eq!(Cursor::read(&cursor.write()), Some(cursor));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9a-f]{0,80}|\\PC{0,20}") {
            let _ = Cursor::read(&text);
        }
    }
}
