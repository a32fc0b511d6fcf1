//! `journal man`: the manual pages.

use std::path::{Path, PathBuf};

use clap_mangen::Man as Page;
use journal_engine::write_file_durably;

use crate::{failure::Failure, output::OutputError, place::World, rim::Exit};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal man | man -l -
  journal man ~/.local/share/man/man1"#;

/// Print the manual page, or write all pages into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Man {
    /// The folder for a page a command
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    /// Runs the command; `line` is the command line as clap knows it.
    ///
    /// # Errors
    /// When a page cannot be printed or written.
    pub fn run(&self, mut line: clap::Command, world: &World) -> Result<Exit, Failure> {
        line.build();
        match &self.folder {
            None => world.output.bytes(&rendered(&line)?.1)?,
            Some(folder) => {
                let folder = world.environment.folder.join(folder);
                let mut pages = 0;
                write_pages(&line, &folder, &mut pages)?;
                world.output.note(format!("Wrote {pages} pages into {}.", folder.display()));
            }
        }
        Ok(Exit::Ok)
    }
}

fn rendered(command: &clap::Command) -> Result<(String, Vec<u8>), OutputError> {
    let page = Page::new(command.clone());
    let mut bytes = Vec::new();
    page.render(&mut bytes)?;
    Ok((page.get_filename(), bytes))
}

fn write_pages(command: &clap::Command, folder: &Path, pages: &mut usize) -> Result<(), Failure> {
    let (name, bytes) = rendered(command)?;
    let path = folder.join(name);
    write_file_durably(&path, &bytes, None).map_err(|source| Failure::File { attempted: "write", path, source })?;
    *pages += 1;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set()) {
        write_pages(sub, folder, pages)?;
    }
    Ok(())
}
