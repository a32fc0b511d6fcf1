//! `journal import`: sessions from elsewhere become notes.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use journal_engine::{ForeignSession, Import, ImportedSession, RealDisk, Vault, read_at_most, sessions_in};
use journal_model::{Diagnostic, MAX_FILE_NAME_BYTES, is_safe_name, safe_name};

use super::exit;
use crate::{
    failure::{Failure, PlaceError},
    import_file::{self, ImportFileError},
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, counted, diagnostics, diff, one_line, short},
};

/// Told below the options.
const EXAMPLES: &str = "\
Examples:
  journal import session.json --dry-run
  journal import thoughts.jsonl
  journal import ../old-vault --folder Archive/old";

/// Import sessions from a file or from a folder of notes
///
/// FILE is JSON that `journal export` wrote, or thoughts as the sequential-thinking server keeps them: a list, an object with a
/// list `thoughtHistory`, or one thought a line; `-` is standard input. FOLDER is another vault or a part of one, of `journal`
/// or of the tool before it.
///
/// Nothing that is there is overwritten. Ids are kept; where another note of this vault has one, the new note gets another, and
/// what names it is made to fit. What is here already is passed over, so the same import twice makes nothing twice, and one
/// that was cut off is finished by the next.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ImportCommand {
    /// The file or folder
    #[arg(value_name = "FILE|FOLDER")]
    source: PathBuf,

    /// The folder of the vault to put the notes below; where they lay, otherwise
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,

    /// Show exactly what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What was read.
struct Read {
    sessions: Vec<ForeignSession>,
    /// What is wrong with the notes.
    diagnostics: Vec<Diagnostic>,
    /// How many notes are of no session.
    others: usize,
    /// What a folder is called: its notes go below that, since their folders say nothing outside of it.
    name: Option<String>,
}

/// The longest name of a folder that notes go to, in bytes.
const LONGEST_NAME: usize = 100;

impl ImportCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Says why not all was imported.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        world.find_vault()?;
        let read = self.read(world)?;
        let place = world.open(if self.dry_run { Need::Reading } else { Need::Writing })?;
        let below =
            |name: String| format!("{}/{name}", place.config.thinking_folder.value).trim_matches('/').to_owned();
        let request = Import {
            caller: world.caller()?,
            sessions: read.sessions,
            folder: self.folder.clone().or(read.name.map(below)),
            project: place.config.project.value.clone(),
        };
        let imported = if self.dry_run { place.engine.preview_import(&request) } else { place.engine.import(request) };
        let mut imported = imported?;
        imported.diagnostics.splice(0..0, read.diagnostics);
        if self.json {
            world.output.json(&versioned(json::Imported::new(&imported, self.dry_run)))?;
        } else {
            let mut text = Text::new();
            for session in &imported.sessions {
                self.told(session, &mut text);
            }
            if read.others > 0 {
                text.field("left out", format!("{} of no session", counted(read.others, "note")));
            }
            if self.dry_run {
                for note in &imported.written {
                    text.end();
                    diff::would_write(note, &mut text);
                }
                text.end().faint("Nothing was written.").end();
            }
            world.output.answer(&text)?;
            for diagnostic in &imported.diagnostics {
                world.output.warn(format!("{} ({})", diagnostics::problem(diagnostic), diagnostic.hint));
            }
        }
        Ok(exit(diagnostics::is_failure(&imported.diagnostics)))
    }

    fn read(&self, world: &World) -> Result<Read, Failure> {
        let path = world.environment.folder.join(&self.source);
        if path.is_dir() {
            let folder = Vault::open(&path, Arc::new(RealDisk)).map_err(PlaceError::from)?;
            let found = sessions_in(&folder)?;
            return Ok(Read {
                sessions: found.sessions.into_iter().map(ForeignSession::Notes).collect(),
                diagnostics: found.diagnostics,
                others: found.others,
                name: Some(safe_name(&folder.name(), LONGEST_NAME)),
            });
        }
        let failed = |path: &Path, source| Failure::File { attempted: "read", path: path.to_owned(), source };
        let bytes = if self.source == Path::new("-") {
            standard_input().map_err(|source| failed("standard input".as_ref(), source))?
        } else {
            read_at_most(&path, import_file::MAX_BYTES).map_err(|source| failed(&path, source))?
        };
        let sessions = import_file::read(&bytes.ok_or(ImportFileError::TooLong)?)?;
        Ok(Read { sessions, diagnostics: Vec::new(), others: 0, name: None })
    }

    fn told(&self, session: &ImportedSession, text: &mut Text) {
        text.strong(one_line(&session.title)).end();
        text.field("session", session.id.as_str());
        if let Some(path) = &session.path {
            text.field("", path.as_str());
        }
        let verb = if self.dry_run { "to be written" } else { "written" };
        let mut notes = format!("{} {verb}", counted(session.written, "note"));
        if session.here > 0 {
            notes = format!("{notes}, {} here already", session.here);
        }
        if !session.differing.is_empty() {
            notes = format!("{notes}, {} different here", session.differing.len());
        }
        text.field("notes", notes);
        for (was, id) in &session.new_ids {
            let was = was.as_ref().map_or("none", |was| was.as_str());
            text.field("id", format!("{was} is taken, now {id}").replace("none is taken", "had none"));
        }
        for (was, now) in &session.renamed {
            let fits = was.file_name().len() <= MAX_FILE_NAME_BYTES && is_safe_name(was.stem());
            let is_taken = fits && was.folder() == now.folder();
            let why = if is_taken { "is taken" } else { "is not a name for every system" };
            let (was, now) = if is_taken { (was.stem(), now.stem()) } else { (was.as_str(), now.as_str()) };
            text.field("name", format!("{was} {why}, now {now}"));
        }
        if session.written > 0 && !self.dry_run {
            text.field("next", format!("journal hydrate {}", short(&session.id)));
        }
    }
}

fn standard_input() -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(import_file::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= import_file::MAX_BYTES).then_some(bytes))
}
