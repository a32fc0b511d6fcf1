//! What is taken from files, and what is refused.
