//! A copy of the body in which stretches are hidden, byte for byte, so that offsets stay true.

use std::ops::Range;

/// What hides a byte: not white space, not punctuation, in no name.
pub(super) const HIDDEN: char = '\u{1}';

/// A text, some of it hidden.
pub(super) struct Mask(String);

impl Mask {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Hides spans, which come in the order of their beginnings and may nest. White space stays, and with it lines and
    /// indentation.
    pub(super) fn hide<'s>(&mut self, spans: impl IntoIterator<Item = &'s Range<usize>>) {
        let mut masked = String::with_capacity(self.0.len());
        for span in spans {
            let start = span.start.max(masked.len());
            // Nested in what is hidden already.
            if span.end <= start {
                continue;
            }
            let (Some(before), Some(inside)) = (self.0.get(masked.len()..start), self.0.get(start..span.end)) else {
                continue;
            };
            masked.push_str(before);
            for char in inside.chars() {
                if char.is_whitespace() {
                    masked.push(char);
                } else {
                    masked.extend(std::iter::repeat_n(HIDDEN, char.len_utf8()));
                }
            }
        }
        if !masked.is_empty() {
            masked.push_str(&self.0[masked.len()..]);
            self.0 = masked;
        }
    }
}
