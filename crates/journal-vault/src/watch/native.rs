//! What this machine's file system tells, through notify.

use std::{io, path::Path};

use notify::{
    Config, ErrorKind, Event, EventKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind, RenameMode},
};

use super::{FolderWatch, Happening, Listener, Told, WatchError};
use crate::platform;

/// Reading is no change, and so nothing of it is asked for; our own would be told, too.
const KINDS: EventKindMask = EventKindMask::CREATE
    .union(EventKindMask::REMOVE)
    .union(EventKindMask::MODIFY_DATA)
    .union(EventKindMask::MODIFY_META)
    .union(EventKindMask::MODIFY_NAME)
    .union(EventKindMask::ACCESS_CLOSE);

struct Native(RecommendedWatcher);

impl FolderWatch for Native {
    fn settle(&self) {
        // Answered by the thread that watches new folders, behind those it was told of. What it answers is of no interest, and
        // where it cannot be asked the system watches whole trees by itself.
        drop(self.0.watched_paths());
    }
}

/// Watches a folder and all below it, links not followed.
///
/// # Errors
/// When the system does not watch it.
pub(crate) fn watch(folder: &Path, mut listener: Listener) -> Result<Box<dyn FolderWatch>, WatchError> {
    let config = Config::default().with_follow_symlinks(false).with_event_kinds(KINDS);
    let root = folder.to_owned();
    let tell = move |told: notify::Result<Event>| match told {
        Ok(event) => translate(event, &mut listener),
        Err(error) if is_of_one_folder(&error) => {}
        Err(error) => listener(Told::Failed(failure(error, &root))),
    };
    let mut watcher = RecommendedWatcher::new(tell, config).map_err(|error| failure(error, folder))?;
    watcher.watch(folder, RecursiveMode::Recursive).map_err(|error| failure(error, folder))?;
    Ok(Box::new(Native(watcher)))
}

fn translate(event: Event, listener: &mut Listener) {
    if event.need_rescan() {
        return listener(Told::Missed);
    }
    let happening = match event.kind {
        EventKind::Create(CreateKind::File) => Happening::File,
        EventKind::Create(CreateKind::Folder) => Happening::Folder,
        EventKind::Create(_) => Happening::Came,
        EventKind::Modify(ModifyKind::Data(_)) if platform::TELLS_WHEN_CLOSED => Happening::Written,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Happening::Came,
        EventKind::Modify(ModifyKind::Name(_)) => Happening::Gone,
        EventKind::Modify(_) => Happening::File,
        EventKind::Remove(RemoveKind::File) => Happening::FileGone,
        EventKind::Remove(_) => Happening::Gone,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Happening::Closed,
        EventKind::Access(_) | EventKind::Any | EventKind::Other => return,
    };
    // An unmounted folder looks empty, and nobody has emptied it.
    let is_unmounted = event.info() == Some("unmount");
    let is_rename = event.kind == EventKind::Modify(ModifyKind::Name(RenameMode::Both));
    for (at, path) in event.paths.into_iter().enumerate() {
        // From the first to the second.
        let happening = if is_rename && at == 1 { Happening::Came } else { happening };
        listener(if is_unmounted { Told::Missed } else { Told::Happened(path, happening) });
    }
}

/// Whether a folder below was gone again before it could be watched, or may not be read. A walk tells of it.
fn is_of_one_folder(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound | ErrorKind::WatchNotFound => true,
        ErrorKind::Io(error) => {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

fn failure(error: notify::Error, folder: &Path) -> WatchError {
    let source = match error.kind {
        ErrorKind::MaxFilesWatch => return WatchError::TooManyFolders { limit: platform::most_watched_folders() },
        ErrorKind::PathNotFound => return WatchError::Vanished,
        ErrorKind::Io(source) if platform::is_out_of_watchers(&source) => {
            return WatchError::TooManyWatchers { limit: platform::most_watchers() };
        }
        ErrorKind::Io(source) => source,
        _ => io::Error::other(error),
    };
    WatchError::Disk { path: folder.to_owned(), source }
}
