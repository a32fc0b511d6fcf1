//! What a watched disk tells, and what of it is heard: watches that are refused, and events that are lost.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use journal_vault::{Disk, FolderWatch, Listener, Mount, RealDisk, Told, WatchError};

use super::FaultDisk;

/// How a [`FaultDisk`] is watched.
#[derive(Default)]
pub(super) struct Hearing(Arc<Mutex<Ears>>);

#[derive(Default)]
struct Ears {
    refuses: bool,
    is_deaf: bool,
    mounts: Vec<Mount>,
    /// Of the last watch.
    listener: Option<Arc<Mutex<Listener>>>,
}

impl FaultDisk {
    /// Refuses watches from now on, as a system does that has no more of them; or no longer.
    pub fn refuse_watches(&self, refuses: bool) {
        self.hearing.ears().refuses = refuses;
    }

    /// Loses everything that a watch would tell from now on, or no longer.
    pub fn lose_events(&self, is_deaf: bool) {
        self.hearing.ears().is_deaf = is_deaf;
    }

    /// Says that file systems of these kinds are mounted on these folders from now on, and no others.
    pub fn mount(&self, mounts: &[(&Path, &str)]) {
        let mount = |(number, (path, kind)): (u64, &(&Path, &str))| Mount {
            path: path.to_path_buf(),
            kind: (*kind).to_owned(),
            number,
        };
        self.hearing.ears().mounts = (0..).zip(mounts).map(mount).collect();
    }

    /// Tells whoever watches something of its own.
    ///
    /// # Panics
    /// When nobody watches.
    pub fn tell_watch(&self, told: Told) {
        let listener = self.hearing.ears().listener.clone().expect("somebody watches");
        let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
        (*listener)(told);
    }
}

impl Hearing {
    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mounts(&self) -> Vec<Mount> {
        self.ears().mounts.clone()
    }

    pub(super) fn watch(&self, folder: &Path, listener: Listener) -> Result<Box<dyn FolderWatch>, WatchError> {
        let listener = Arc::new(Mutex::new(listener));
        {
            let mut ears = self.ears();
            if ears.refuses {
                return Err(WatchError::TooManyFolders { limit: Some(8_192) });
            }
            ears.listener = Some(Arc::clone(&listener));
        }
        let ears = Arc::clone(&self.0);
        RealDisk.watch(
            folder,
            Box::new(move |told| {
                let is_deaf = ears.lock().unwrap_or_else(PoisonError::into_inner).is_deaf;
                if !is_deaf {
                    let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
                    (*listener)(told);
                }
            }),
        )
    }
}

impl fmt::Debug for Hearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ears { refuses, is_deaf, .. } = &*self.ears();
        f.debug_struct("Hearing").field("refuses", refuses).field("is_deaf", is_deaf).finish_non_exhaustive()
    }
}
