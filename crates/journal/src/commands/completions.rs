//! `journal completions`: what a shell needs to complete the command line.

use clap_complete::Shell;

use crate::{failure::Failure, place::World, rim::Exit};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal completions bash > ~/.local/share/bash-completion/completions/journal
  journal completions zsh > ~/.zfunc/_journal
  journal completions fish > ~/.config/fish/completions/journal.fish"#;

/// Print a script that lets a shell complete `journal`
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command; `line` is the command line as clap knows it.
    ///
    /// # Errors
    /// When the script cannot be printed.
    pub fn run(&self, mut line: clap::Command, world: &World) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut line, "journal", &mut script);
        world.output.bytes(&script)?;
        Ok(Exit::Ok)
    }
}
