//! Facts that are written down in the state directory: one a line, a tab behind its name.

/// A text that is no more than one fact.
pub(crate) fn plain(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}
