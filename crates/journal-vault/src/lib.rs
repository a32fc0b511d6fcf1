//! The room of journal-vault.
