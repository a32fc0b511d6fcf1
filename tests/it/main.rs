//! The integration tests of `journal`, one module a feature.
