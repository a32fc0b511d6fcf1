//! `journal init`: make a folder a vault of `journal`, or fill a new one to try it out.

use std::path::{Path, PathBuf};

use journal_engine::{Disk, RealDisk, find_root};

use crate::{
    config::CONFIG,
    demo, environment,
    failure::{Failure, Usage},
    place::{Need, Place, World},
    rim::Exit,
    text::{Text, counted, quoted},
};

/// Make a folder a vault, or fill a new one to try journal out
///
/// In a folder of markdown, an Obsidian vault or not, this writes `.journal/config.toml` and nothing else. It may be run
/// again. Without DIR it is the vault one is in, or the working directory.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Fill a new folder (`journal-demo`, unless DIR says another) with a few notes and a session, and show it
    #[arg(long)]
    demo: bool,
}

impl Init {
    /// Runs the command.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let root = self.root(world);
        if self.demo {
            let is_new = RealDisk.list(&root).map_or(true, |entries| entries.is_empty());
            if !is_new {
                return Err(Usage::DemoNeedsNewFolder(root).into());
            }
        }
        make_folders(&root)?;
        if let Some(around) = root.parent().and_then(find_root) {
            world.output.warn(format!(
                "`{}` lies in the vault `{}`, which has its notes as well; two vaults of the same notes do not see each other's locks",
                root.display(),
                around.display()
            ));
        }
        let was_there = root.join(CONFIG).is_file();
        let place = world.open_at(&root, Need::Founding)?;
        if self.demo {
            return demo::fill(&place, &self.typed_folder(), world);
        }
        world.output.answer(&told(&place, was_there)?)?;
        Ok(Exit::Ok)
    }

    fn root(&self, world: &World) -> PathBuf {
        let here = &world.environment.folder;
        if let Some(folder) = &self.folder {
            return here.join(folder);
        }
        if self.demo {
            return here.join(self.typed_folder());
        }
        // What the configuration says is for commands that are typed anywhere; this one is about a place.
        let named = world.global.vault.clone().or_else(|| world.environment.path(&environment::VAULT));
        named.map(|vault| here.join(vault)).or_else(|| find_root(here)).unwrap_or_else(|| here.clone())
    }

    fn typed_folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| PathBuf::from("journal-demo"))
    }
}

fn told(place: &Place, was_there: bool) -> Result<Text, Failure> {
    let notes = place.engine.vault().walk_names().map_err(journal_engine::Trouble::from)?;
    let root = place.engine.vault().root().display().to_string();
    let mut text = Text::new();
    text.field("vault", format!("{root} ({})", counted(notes.notes.len(), "note")));
    let config = if was_there { "was there already" } else { "made; no note was touched" };
    text.field("config", format!("{CONFIG} {config}"));
    if let Some(state) = place.engine.state_path() {
        text.field("state", format!("{} (locks and the index, outside the vault)", state.display()));
    }
    text.field("next", format!("cd {} && journal think \"…\"", quoted(&root)));
    Ok(text)
}

/// Makes a folder and those above it that are missing.
fn make_folders(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folders(above)?;
    }
    match RealDisk.create_folder(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        done => done.map_err(|source| Failure::File { attempted: "make the folder", path: folder.to_owned(), source }),
    }
}
