//! The room of journal-testkit.
