//! `journal reference`: the pages of `docs/` that the program knows best. Hidden: it is for those who build it.

use clap::ValueEnum;

use crate::{failure::Failure, place::World, reference, rim::Exit};

/// Print a page of the reference in `docs/`
#[derive(Debug, clap::Args)]
pub struct ReferenceCommand {
    /// The page
    #[arg(value_enum)]
    page: Page,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Page {
    /// docs/cli.md
    Cli,
    /// docs/configuration.md
    Configuration,
    /// docs/mcp-tools.md
    McpTools,
}

impl ReferenceCommand {
    /// Runs the command; `line` is the command line as clap knows it.
    ///
    /// # Errors
    /// When the page cannot be printed.
    pub fn run(&self, line: clap::Command, world: &World) -> Result<Exit, Failure> {
        let page = match self.page {
            Page::Cli => reference::cli(line),
            Page::Configuration => reference::configuration(),
            Page::McpTools => journal_mcp::tool_reference(),
        };
        world.output.bytes(page.as_bytes())?;
        Ok(Exit::Ok)
    }
}
