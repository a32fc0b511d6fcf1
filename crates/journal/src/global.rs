//! The options that every command takes.

use std::path::PathBuf;

use clap::ValueEnum;

/// Options that every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// The vault: a folder of markdown
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub vault: Option<PathBuf>,

    /// Who is calling: any text that stays the same for one conversation
    #[arg(long, global = true, value_name = "ID", help_heading = "Global options")]
    pub agent: Option<String>,

    /// When to colour; colour never carries meaning
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Global options")]
    pub color: Option<ColorChoice>,

    /// Say nothing but the answer
    #[arg(short, long, global = true, help_heading = "Global options", conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say also which vault, agent and settings were used
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// The word as typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}
