//! `journal hook`: what clients and git call by themselves, and how they are told to.

mod call;
mod edits;
mod install;
mod settings;
mod start;

use std::{ffi::OsString, io::Read};

use clap::{Subcommand, ValueEnum};
use journal_clients::{Client, HookEvent, HookInput, answer};

use crate::{
    failure::{Failure, HookError},
    place::World,
    rim::Exit,
};
use call::Call;
use install::Install;
pub use settings::LeftAlone;

/// The most that is read from standard input: a client hands over the whole file that it is about to write.
const LONGEST_INPUT: u64 = 64 << 20;

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal hook install --client claude
  journal hook install --client codex --write
  journal hook install --client git --strict --write"#;

/// What clients and git call by themselves: who is here, whose files these are
///
/// A hook reads the client's JSON on standard input and answers in its format. It never fails the client: what goes wrong is one
/// line on standard error, with exit code 0. Only an edit of what another agent has claimed is refused, with exit code 2,
/// and only with `--strict`, or `strict_claims = true` in the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct HookCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show how a client is told to call these, or tell it
    Install(Install),
    /// A conversation begins, is resumed, was cleared or compacted: who is here, and the session it thought in
    SessionStart(Asked),
    /// A person has answered
    UserPrompt(Asked),
    /// A file is about to be edited: who has claimed it
    PreEdit(Asked),
    /// A file was edited
    PostEdit(Asked),
    /// A conversation is about to be compacted
    PreCompact(Asked),
    /// The agent waits for a person
    Stop(Asked),
    /// A conversation has ended
    SessionEnd(Asked),
    /// A commit is about to be made in git: who has claimed its files
    PreCommit {
        /// Refuse, instead of only saying so
        #[arg(long)]
        strict: bool,
    },
}

/// What a client's hook is called with.
#[derive(Debug, clap::Args)]
struct Asked {
    /// Who calls
    #[arg(long, value_name = "CLIENT", default_value = "claude")]
    client: HookClient,

    /// Refuse an edit of what another agent has claimed, instead of only saying so; also by `strict_claims` in the configuration
    #[arg(long)]
    strict: bool,
}

/// A client as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HookClient {
    /// Claude Code
    Claude,
    /// Codex
    Codex,
}

impl HookClient {
    fn client(self) -> Client {
        match self {
            Self::Claude => Client::ClaudeCode,
            Self::Codex => Client::Codex,
        }
    }
}

/// What clients and git call.
const CALLS: [&str; 8] =
    ["session-start", "user-prompt", "pre-edit", "post-edit", "pre-compact", "stop", "session-end", "pre-commit"];

/// Options before the command that have a value of their own.
const WITH_VALUE: [&str; 3] = ["--vault", "--agent", "--color"];

/// Whether a client or git made this call, which must not fail it: known before the line is understood.
pub fn is_called(arguments: &[OsString]) -> bool {
    let mut words = Vec::new();
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        if WITH_VALUE.iter().any(|option| argument == option) {
            rest.next();
        } else if !argument.as_encoded_bytes().starts_with(b"-") {
            words.push(argument);
        }
    }
    matches!(words.as_slice(), [hook, verb, ..] if *hook == "hook" && CALLS.iter().any(|call| *verb == call))
}

impl HookCommand {
    /// Whether a client or git makes this call, as [`is_called`] sees it before it is understood.
    pub fn is_call(&self) -> bool {
        !matches!(self.verb, Verb::Install(_))
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be used. Whoever is called by a client tells it in a line and passes over it.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let (event, asked) = match &self.verb {
            Verb::Install(install) => return install.run(world),
            Verb::PreCommit { strict } => return edits::pre_commit(*strict, world),
            Verb::SessionStart(asked) => (HookEvent::SessionStart, asked),
            Verb::UserPrompt(asked) => (HookEvent::UserPrompt, asked),
            Verb::PreEdit(asked) => (HookEvent::PreEdit, asked),
            Verb::PostEdit(asked) => (HookEvent::PostEdit, asked),
            Verb::PreCompact(asked) => (HookEvent::PreCompact, asked),
            Verb::Stop(asked) => (HookEvent::Stop, asked),
            Verb::SessionEnd(asked) => (HookEvent::SessionEnd, asked),
        };
        let client = asked.client.client();
        let call = Call::open(client, HookInput::read(client, &input()?).map_err(HookError::from)?, world)?;
        let context = match event {
            HookEvent::SessionStart => start::facts(&call)?,
            HookEvent::UserPrompt => call.answered()?,
            HookEvent::PreEdit => match edits::before(&call, asked.strict || call.place.config.strict_claims.value)? {
                edits::Verdict::Told(context) => context,
                edits::Verdict::Refused(why) => {
                    world.output.plain_error(&why);
                    return Ok(Exit::Refused);
                }
            },
            HookEvent::PostEdit => edits::after(&call)?,
            HookEvent::PreCompact => call.seen()?,
            HookEvent::Stop => call.waits()?,
            HookEvent::SessionEnd => call.ended()?,
        };
        if let Some(report) = call.place.engine.take_state_report() {
            world.output.plain_error(&format!("journal: {}", report.message));
        }
        let context = client.cut(&context, "[more: journal agents]");
        if let Some(answer) = answer(event, &context) {
            world.output.bytes(format!("{answer}\n").as_bytes())?;
        }
        Ok(Exit::Ok)
    }
}

fn input() -> Result<Vec<u8>, HookError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(LONGEST_INPUT).read_to_end(&mut bytes).map_err(HookError::Unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_its_first_words() {
        let is_called = |line: &str| is_called(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for line in
            ["journal hook stop", "journal -q --vault hook hook pre-edit --bogus", "journal hook --agent x pre-commit"]
        {
            assert!(is_called(line), "{line}");
        }
        for line in
            ["journal", "journal hook", "journal hook install", "journal search hook stop", "journal --vault hook stop"]
        {
            assert!(!is_called(line), "{line}");
        }
    }
}
