//! The room of journal-coord.
