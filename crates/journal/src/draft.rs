//! A thought written in the person's editor. Its file is kept until the thought is safe.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
};

use journal_engine::{Disk, RealDisk, Source, read_text_file};
use journal_model::NoteId;

use crate::{
    environment::{EDITOR, Environment, VISUAL},
    failure::{Failure, Usage},
    source::SystemSource,
};

/// A file that a person wrote a thought into.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
}

impl Draft {
    /// Opens the editor on a new file that only this user may read, and waits until it ends.
    ///
    /// # Errors
    /// When there is no editor, or it ends with an error.
    pub fn write(environment: &Environment) -> Result<Self, Failure> {
        let editor = environment.get(&VISUAL).or_else(|| environment.get(&EDITOR)).ok_or(Usage::NoText)?;
        let id = NoteId::from_parts(SystemSource.now().unix_ms, SystemSource.random());
        let draft = Self { path: environment.temporary.join(format!("journal-{id}.md")) };
        RealDisk.create_file(&draft.path, b"", Some(0o600)).map_err(|source| draft.failed("create", source))?;
        let editor = editor.to_string_lossy();
        let status = command(&editor, &draft.path).status().map_err(|source| Failure::File {
            attempted: "start the editor",
            path: PathBuf::from(editor.as_ref()),
            source,
        });
        match status {
            Ok(status) if status.success() => Ok(draft),
            Ok(status) => {
                draft.discard_if_empty();
                Err(Usage::Editor { editor: editor.into_owned(), status: status.to_string() }.into())
            }
            Err(error) => {
                draft.discard();
                Err(error)
            }
        }
    }

    /// What was written.
    ///
    /// # Errors
    /// When the file is gone, or not UTF-8.
    pub fn text(&self) -> Result<String, Failure> {
        let text = read_text_file(&self.path).map_err(|source| self.failed("read", source))?;
        Ok(text.unwrap_or_default())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the file.
    pub fn discard(&self) {
        // It is in the folder for temporary files, which the system sweeps.
        drop(RealDisk.remove_file(&self.path));
    }

    fn discard_if_empty(&self) {
        if self.text().is_ok_and(|text| text.trim().is_empty()) {
            self.discard();
        }
    }

    fn failed(&self, attempted: &'static str, source: io::Error) -> Failure {
        Failure::File { attempted, path: self.path.clone(), source }
    }
}

/// `EDITOR` is a command line, as for git: `code --wait`.
#[cfg(unix)]
fn command(editor: &str, path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(path);
    command
}

#[cfg(not(unix))]
fn command(editor: &str, path: &Path) -> Command {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(editor));
    command.args(words).arg(path);
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn write(editor: &str) -> Result<Draft, Failure> {
        let mut environment = Environment::of(&[("VISUAL", editor)]);
        environment.temporary = std::env::temp_dir();
        Draft::write(&environment)
    }

    #[test]
    fn the_editor_is_a_command_line() {
        let draft = write("printf '%s\\n' 'two words' >").unwrap();
        assert_eq!(draft.text().unwrap(), "two words\n");
        draft.discard();
        assert!(!draft.path().exists());
    }

    #[test]
    fn an_editor_that_fails_writes_nothing() {
        assert!(matches!(write("exit 3 #"), Err(Failure::Usage(Usage::Editor { .. }))));
        assert!(matches!(write("  "), Err(Failure::Usage(Usage::Editor { .. }))));
        assert!(matches!(Draft::write(&Environment::of(&[])), Err(Failure::Usage(Usage::NoText))));
    }
}
