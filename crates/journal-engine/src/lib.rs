//! The room of journal-engine.
