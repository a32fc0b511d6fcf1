//! From the command line to the exit code.

use std::{
    ffi::OsString,
    sync::{Mutex, OnceLock},
};

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::{
    args::{Cli, Command},
    commands::{hook, search::negated, standing},
    config::{ConfigFile, Layers, parse},
    environment::Environment,
    failure::Failure,
    global::ColorChoice,
    json::{self, versioned},
    output::Output,
    place::World,
    rim::{Exit, Moment, Told, message, tell},
    text::{Style, Text, time::Clock},
};
use journal_engine::read_text_file;

/// Does what was typed, and says how it ended.
pub fn run(arguments: Vec<OsString>) -> Exit {
    let json = arguments.iter().any(|argument| argument == "--json");
    let is_hook = hook::is_called(&arguments);
    let cli = match parse_line(arguments) {
        Ok(cli) => cli,
        Err(error) if is_hook && error.use_stderr() => {
            return passed_over(&Told::usage(&error.render().to_string()).message);
        }
        Err(error) => return of_clap(&error, json),
    };
    let clock = Clock::of_machine();
    let mut output = first_output(&cli);
    let done = world(&cli, clock.clone()).and_then(|world| {
        output = world.output;
        let done = carry_out(&cli, &world);
        world.tell_state_reports();
        done
    });
    match done {
        Ok(exit) => exit,
        Err(Failure::Output(error)) if error.is_broken_pipe() => Exit::Ok,
        Err(failure) if is_hook => passed_over(&message(&failure)),
        Err(failure) => {
            let told = tell(&failure, &Moment { clock: &clock, typed: cli.typed() });
            show(&told, &output, cli.wants_json());
            told.exit
        }
    }
}

/// What goes wrong in a hook is told in a line, and the client goes on.
fn passed_over(message: &str) -> Exit {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    Output::of_process(ColorChoice::Never, false, false).plain_error(&format!("journal: {line}"));
    Exit::Ok
}

/// Understands the command line. In a search, `-word` is a word that must not be there and no cluster of options.
fn parse_line(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let error = match Cli::try_parse_from(&arguments) {
        Err(error) if error.kind() == ErrorKind::UnknownArgument => error,
        parsed => return parsed,
    };
    match Cli::try_parse_from(negated(&arguments)) {
        Ok(cli) if matches!(cli.command, Some(Command::Search(_))) => Ok(cli),
        _ => Err(error),
    }
}

fn carry_out(cli: &Cli, world: &World) -> Result<Exit, Failure> {
    match &cli.command {
        None => standing::run(cli.json, world),
        Some(Command::Init(command)) => command.run(world),
        Some(Command::Think(command)) => command.run(world),
        Some(Command::Hydrate(command)) => command.run(world),
        Some(Command::Search(command)) => command.run(world),
        Some(Command::Sessions(command)) => command.run(world),
        Some(Command::Status(command)) => command.run(world),
        Some(Command::Show(command)) => command.run(world),
        Some(Command::Session(command)) => command.run(world),
        Some(Command::Links(command)) => command.run(world),
        Some(Command::Related(command)) => command.run(world),
        Some(Command::Tags(command)) => command.run(world),
        Some(Command::Relocate(command)) => command.run(world),
        Some(Command::Export(command)) => command.run(world),
        Some(Command::Import(command)) => command.run(world),
        Some(Command::Views(command)) => command.run(world),
        Some(Command::Reindex(command)) => command.run(world),
        Some(Command::Schedule(command)) => command.run(world),
        Some(Command::Watch(command)) => command.run(world),
        Some(Command::Model(command)) => command.run(world),
        Some(Command::Agents(command)) => command.run(world),
        Some(Command::Agent(command)) => command.run(world),
        Some(Command::Lock(command)) => command.run(world),
        Some(Command::Claim(command)) => command.run(world),
        Some(Command::Overlap(command)) => command.run(world),
        Some(Command::Events(command)) => command.run(world),
        Some(Command::Scratch(command)) => command.run(world),
        Some(Command::Marker(command)) => command.run(world),
        Some(Command::Transcript(command)) => command.run(world),
        Some(Command::Hook(command)) => command.run(world),
        Some(Command::Doctor(command)) => command.run(world),
        Some(Command::Mcp(command)) => command.run(world),
        Some(Command::Serve(command)) => command.run(world),
        Some(Command::Connect(command)) => command.run(world),
        Some(Command::Config(command)) => command.run(world),
        Some(Command::Completions(command)) => command.run(Cli::command(), world),
        Some(Command::Man(command)) => command.run(Cli::command(), world),
        Some(Command::Reference(command)) => command.run(Cli::command(), world),
    }
}

/// The printer for what goes wrong before the settings are known.
fn first_output(cli: &Cli) -> Output {
    Output::of_process(cli.global.color.unwrap_or(ColorChoice::Never), cli.global.quiet, cli.global.verbose)
}

/// Reads everything outside the vault.
fn world(cli: &Cli, clock: Clock) -> Result<World, Failure> {
    let environment = Environment::of_process().map_err(|source| Failure::File {
        attempted: "find",
        path: "the working directory".into(),
        source,
    })?;
    let mut layers = Layers::new(&cli.global, &environment)?;
    let mut warnings = Vec::new();
    if let Some(path) = environment.user_config() {
        let text = read_text_file(&path);
        let text = text.map_err(|source| Failure::File { attempted: "read", path: path.clone(), source })?;
        if let Some(text) = text {
            (layers.user, warnings) = parse(&text, ConfigFile::User, &path.display().to_string())?;
        }
    }
    let is_hook = matches!(&cli.command, Some(Command::Hook(hook)) if hook.is_call());
    if is_hook {
        // A client waits for its hooks: what the vault is busy with, they do without.
        layers.flags.patience_seconds = Some(0);
    }
    let color = layers.resolve(&environment).color.value;
    let output = Output::of_process(color, cli.global.quiet || is_hook, cli.global.verbose);
    warnings.into_iter().for_each(|warning| output.warn(warning));
    Ok(World {
        environment,
        global: cli.global.clone(),
        layers,
        output,
        clock,
        identified: OnceLock::new(),
        state_reports: Mutex::default(),
    })
}

/// Help and version are answers; everything else that clap says is an error of usage.
fn of_clap(error: &clap::Error, json: bool) -> Exit {
    let output = Output::of_process(ColorChoice::Never, false, false);
    let said = error.render().to_string();
    let mut text = Text::new();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            text.plain(said);
            match output.answer(&text) {
                Ok(()) => Exit::Ok,
                Err(error) if error.is_broken_pipe() => Exit::Ok,
                Err(_) => Exit::Usage,
            }
        }
        _ => {
            let told = Told::usage(&said);
            if json {
                show(&told, &output, true)
            } else {
                output.error(text.add(Style::Plain, said))
            }
            told.exit
        }
    }
}

fn show(told: &Told, output: &Output, json: bool) {
    if json {
        output.json_error(&versioned(json::Failed::from(told)));
    } else {
        output.error(&told.text());
    }
}
