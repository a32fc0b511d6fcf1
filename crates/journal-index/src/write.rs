//! Writing: the index filled at once, and kept true change by change.
//!
//! Both ends meet: an index that followed every change [equals](crate::Snapshot::dump) one that was built anew. What is
//! derived from several notes (where links lead, which thoughts are superseded) is settled at the end of a batch, for what
//! the batch touched.

pub(crate) mod apply;
pub(crate) mod build;
mod gather;
pub(crate) mod links;
pub(crate) mod rows;
mod sessions;
#[cfg(test)]
mod tests;
