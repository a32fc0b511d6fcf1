//! The `journal` command.

fn main() {}
