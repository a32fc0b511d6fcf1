//! The part of ONNX Runtime's C interface that `fastembed` calls, answered by the pure-Rust runtime [`rten`].
//!
//! `fastembed` reaches its runtime through `ort`, and `ort` through a table of C functions. [`api`] makes such a table;
//! `ort::set_api(ort_rten::api())` puts it in the place of a shared library. Entries that `fastembed` has no use for
//! answer "not implemented", which `ort` turns into an error.
//!
//! What differs from ONNX Runtime:
//! - Tensors are of `i64` or `f32`. rten counts with `i32`, so `i64` inputs are narrowed, and one that does not fit is an
//!   error.
//! - A tensor made from the caller's data is a copy of it.
//! - Weights in files of their own can be [lent](lend_weights) for the life of the process, without any copy.
//! - There is one device and one allocator, through which callers give back nothing but strings. Run options say nothing.
//!
//! Every entry that can answer a status is guarded: what goes wrong inside, a panic included, comes back as one. This crate
//! knows nothing of notes or journals.
//!
//! The shape follows `ort-tract` 0.5.0, by pyke.io and the contributors of `ort` (<https://github.com/pykeio/ort>, MIT OR
//! Apache-2.0), which does the same for the runtime tract.

#![expect(unsafe_code, reason = "a C interface speaks in raw pointers; each block says why it may follow them")]
#![warn(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block)]

mod entries;
mod failure;
mod handle;
mod session;
mod tensor;

#[cfg(test)]
mod tests;

pub use entries::api;
pub use session::lend_weights;
