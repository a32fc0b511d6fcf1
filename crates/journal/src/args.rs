//! The command line as typed: global options and the subcommands, each of which is described in its own file.

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        agent::AgentCommand,
        agents::AgentsCommand,
        claim::ClaimCommand,
        completions::Completions,
        config::ConfigCommand,
        connect::ConnectCommand,
        doctor::DoctorCommand,
        events::EventsCommand,
        export::{ExportCommand, Format},
        hook::HookCommand,
        hydrate::HydrateCommand,
        import::ImportCommand,
        init::Init,
        links::LinksCommand,
        lock::LockCommand,
        man::Man,
        marker::MarkerCommand,
        mcp::McpCommand,
        model::ModelCommand,
        overlap::OverlapCommand,
        reference::ReferenceCommand,
        reindex::ReindexCommand,
        related::RelatedCommand,
        relocate::RelocateCommand,
        schedule::ScheduleCommand,
        scratch::ScratchCommand,
        search::SearchCommand,
        serve::ServeCommand,
        session::SessionCommand,
        sessions::SessionsCommand,
        show::Show,
        standing::StatusCommand,
        tags::TagsCommand,
        think::Think,
        transcript::TranscriptCommand,
        views::ViewsCommand,
        watch::WatchCommand,
    },
    global::Global,
    rim::Typed,
};

/// Keep the thinking of people and coding agents as plain notes in an Obsidian vault.
///
/// A session is a note, each thought is a note. `think` appends one, `hydrate` loads a session again by its id, by the
/// first or last four characters of it, by path or by name, and `search` finds what was thought. Without a command,
/// `journal` says where things stand.
///
/// The vault is `--vault`, `$JOURNAL_VAULT`, the `vault` of your configuration, or the nearest folder upward that holds
/// `.journal/` or `.obsidian/`.
#[derive(Debug, Parser)]
#[command(name = "journal", version, after_help = AFTER_HELP, propagate_version = false)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,

    /// Print where things stand as one JSON object
    #[arg(long)]
    pub json: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "\
Begin with `journal init --demo my-journal`: a new folder with a small vault and a session.

Exit codes: 0 ok · 1 nothing found · 2 usage, configuration or surroundings ·
3 busy, held or conflicting · 4 finished, but some notes failed · 70 a bug in journal";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Init(Init),
    Think(Think),
    Hydrate(HydrateCommand),
    Search(SearchCommand),
    Sessions(SessionsCommand),
    Status(StatusCommand),
    Show(Show),
    Session(SessionCommand),
    Links(LinksCommand),
    Related(RelatedCommand),
    Tags(TagsCommand),
    Relocate(RelocateCommand),
    Export(ExportCommand),
    Import(ImportCommand),
    Views(ViewsCommand),
    Reindex(ReindexCommand),
    Schedule(ScheduleCommand),
    Watch(WatchCommand),
    Model(ModelCommand),
    Agents(AgentsCommand),
    Agent(AgentCommand),
    Lock(LockCommand),
    Claim(ClaimCommand),
    Overlap(OverlapCommand),
    Events(EventsCommand),
    Scratch(ScratchCommand),
    Marker(MarkerCommand),
    Transcript(TranscriptCommand),
    Hook(HookCommand),
    Doctor(DoctorCommand),
    Mcp(McpCommand),
    Serve(ServeCommand),
    Connect(ConnectCommand),
    Config(ConfigCommand),
    Completions(Completions),
    Man(Man),
    #[command(hide = true)]
    Reference(ReferenceCommand),
}

impl Cli {
    /// Whether errors are to be told as JSON too.
    pub fn wants_json(&self) -> bool {
        self.json
            || match &self.command {
                Some(Command::Think(command)) => command.json,
                Some(Command::Hydrate(command)) => command.json,
                Some(Command::Search(command)) => command.json,
                Some(Command::Sessions(command)) => command.json,
                Some(Command::Status(command)) => command.json,
                Some(Command::Show(command)) => command.json,
                Some(Command::Session(command)) => command.json,
                Some(Command::Links(command)) => command.json,
                Some(Command::Related(command)) => command.json,
                Some(Command::Tags(command)) => command.json,
                Some(Command::Relocate(command)) => command.json,
                Some(Command::Export(command)) => command.format == Format::Json,
                Some(Command::Import(command)) => command.json,
                Some(Command::Views(command)) => command.json(),
                Some(Command::Reindex(command)) => command.json,
                Some(Command::Schedule(command)) => command.wants_json(),
                Some(Command::Watch(command)) => command.json,
                Some(Command::Model(command)) => command.json,
                Some(Command::Agents(command)) => command.json,
                Some(Command::Agent(command)) => command.json,
                Some(Command::Lock(command)) => command.json,
                Some(Command::Claim(command)) => command.json,
                Some(Command::Overlap(command)) => command.json,
                Some(Command::Events(command)) => command.json,
                Some(Command::Scratch(command)) => command.json,
                Some(Command::Marker(command)) => command.json,
                Some(Command::Transcript(command)) => command.json,
                Some(Command::Doctor(command)) => command.json,
                Some(Command::Serve(command)) => command.json,
                Some(Command::Config(command)) => command.json,
                Some(
                    Command::Init(_)
                    | Command::Mcp(_)
                    | Command::Connect(_)
                    | Command::Hook(_)
                    | Command::Completions(_)
                    | Command::Man(_)
                    | Command::Reference(_),
                )
                | None => false,
            }
    }

    /// What was typed around the note ref, for hints that say how to type it again.
    pub fn typed(&self) -> Typed {
        let (before, after) = match &self.command {
            Some(Command::Think(_)) => ("journal think --session", " \"…\""),
            Some(Command::Show(_)) => ("journal show", ""),
            Some(Command::Session(command)) => command.typed(),
            Some(Command::Relocate(_)) => ("journal relocate", " TO"),
            Some(Command::Links(_)) => ("journal links", ""),
            Some(Command::Export(_)) => ("journal export", ""),
            Some(Command::Views(_)) => ("journal views graph", ""),
            Some(Command::Related(_)) => ("journal related", ""),
            Some(
                Command::Hydrate(_)
                | Command::Init(_)
                | Command::Search(_)
                | Command::Sessions(_)
                | Command::Status(_)
                | Command::Tags(_)
                | Command::Import(_)
                | Command::Reindex(_)
                | Command::Schedule(_)
                | Command::Watch(_)
                | Command::Model(_)
                | Command::Agents(_)
                | Command::Agent(_)
                | Command::Lock(_)
                | Command::Claim(_)
                | Command::Overlap(_)
                | Command::Events(_)
                | Command::Scratch(_)
                | Command::Marker(_)
                | Command::Transcript(_)
                | Command::Hook(_)
                | Command::Doctor(_)
                | Command::Mcp(_)
                | Command::Serve(_)
                | Command::Connect(_)
                | Command::Config(_)
                | Command::Completions(_)
                | Command::Man(_)
                | Command::Reference(_),
            )
            | None => ("journal hydrate", ""),
        };
        Typed { before, after }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::CommandFactory;

    use super::*;

    fn parse(line: &[&str]) -> Result<Cli, clap::error::ErrorKind> {
        Cli::try_parse_from(["journal"].iter().chain(line)).map_err(|error| error.kind())
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_takeover_may_have_a_reason() {
        let takeover = |line: &[&str]| match parse(line).unwrap().command {
            Some(Command::Think(think)) => (think.takeover, think.text),
            _ => panic!("{line:?} is no think"),
        };
        assert_eq!(takeover(&["think", "text"]), (None, Some("text".into())));
        assert_eq!(takeover(&["think", "text", "--takeover"]), (Some(String::new()), Some("text".into())));
        assert_eq!(takeover(&["think", "--takeover", "why", "text"]), (Some("why".into()), Some("text".into())));
        assert_eq!(takeover(&["think", "--takeover=why", "-"]), (Some("why".into()), Some("-".into())));
    }

    #[test]
    fn hostile_refs_stop_at_the_edge() {
        use clap::error::ErrorKind::{ArgumentConflict, ValueValidation};
        for line in [
            &["hydrate", "../x.md"][..],
            &["hydrate", "/etc/passwd"],
            &["show", ".obsidian/app.md"],
            &["show", "a\0b"],
            &["show", ""],
            &["think", "--session", "", "x"],
            &["think", "--number", "0", "x"],
            &["think", "--branch", "main", "--from", "1", "x"],
            &["sessions", "--status", "open"],
            &["hydrate", "abcd", "--max-tokens", "many"],
        ] {
            assert_eq!(parse(line).unwrap_err(), ValueValidation, "{line:?}");
        }
        assert_eq!(parse(&["sessions", "-q", "-v"]).unwrap_err(), ArgumentConflict);
        assert_eq!(parse(&["think", "--session", "abcd", "--title", "x", "y"]).unwrap_err(), ArgumentConflict);
    }

    #[test]
    fn global_options_stand_anywhere() {
        let cli = parse(&["sessions", "--vault", "v", "-q", "--json"]).unwrap();
        assert!(cli.global.quiet && cli.wants_json());
        assert_eq!(cli.global.vault, Some(PathBuf::from("v")));
    }
}
