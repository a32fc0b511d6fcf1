//! The files of models that were fetched: below one folder a model, under names of our own. What a hub says is content and
//! never part of a path.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// The folder of files where nothing says otherwise.
const REVISION: &str = "main";

/// How the name of a file ends that is not whole.
const PART: &str = "part";

/// The files of one repository. Laid out as other programs lay out what they fetch from the same hubs, so that theirs, and
/// those of earlier versions, count.
pub(crate) struct Fetched {
    folder: PathBuf,
}

/// The right to change what is here, until it is dropped.
pub(crate) struct Alone {
    _file: File,
}

/// A file that is on its way.
pub(crate) struct Arriving {
    path: PathBuf,
    part: PathBuf,
    file: File,
    held: u64,
    digest: Sha256,
}

impl Fetched {
    pub(crate) fn of(folder: &Path, repository: &str) -> Self {
        Self { folder: folder.join(format!("models--{}", repository.replace('/', "--"))) }
    }

    /// A file of the repository, if it is here, whole.
    pub(crate) fn get(&self, file: &str) -> Option<PathBuf> {
        Some(self.path(file)).filter(|path| path.is_file())
    }

    /// Where a file belongs. Other programs name the folder of a revision in a file of that name.
    fn path(&self, file: &str) -> PathBuf {
        let named = fs::read_to_string(self.folder.join("refs").join(REVISION)).unwrap_or_default();
        let named = named.trim();
        // Whoever wrote it may have been told `../..` by a hub.
        let is_name = !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.folder.join("snapshots").join(if is_name { named } else { REVISION }).join(file)
    }

    /// The right to change what is here; `None` where another process has it.
    pub(crate) fn lock(&self) -> io::Result<Option<Alone>> {
        fs::create_dir_all(&self.folder)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.folder.join("fetch.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Alone { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.folder.is_dir()
    }

    /// Removes all of it.
    pub(crate) fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }

    /// A file on its way, with what came of it before. What came of another content, by `tag`, is removed.
    pub(crate) fn arriving(&self, file: &str, tag: u128) -> io::Result<Arriving> {
        let path = self.path(file);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Err(io::ErrorKind::InvalidFilename.into());
        };
        fs::create_dir_all(folder)?;
        let own = format!("{name}.{tag:032x}.{PART}");
        for other in fs::read_dir(folder)? {
            let other = other?;
            let is_part = |found: &str| found.starts_with(&format!("{name}.")) && found.ends_with(&format!(".{PART}"));
            if other.file_name().to_str().is_some_and(|found| found != own && is_part(found)) {
                fs::remove_file(other.path())?;
            }
        }
        let part = folder.join(own);
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&part)?;
        let mut digest = Sha256::new();
        let mut held = 0;
        let mut piece = vec![0; 1 << 16];
        loop {
            match file.read(&mut piece)? {
                0 => break,
                read => digest.update(&piece[..read]),
            }
            held = file.stream_position()?;
        }
        Ok(Arriving { path, part, file, held, digest })
    }
}

impl Arriving {
    /// How many bytes of it are here.
    pub(crate) fn held(&self) -> u64 {
        self.held
    }

    /// Forgets what is here.
    pub(crate) fn begin_anew(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.held = 0;
        self.digest = Sha256::new();
        Ok(())
    }

    pub(crate) fn add(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece)?;
        self.digest.update(piece);
        self.held += piece.len() as u64;
        Ok(())
    }

    /// The SHA-256 of what is here, in hexadecimal digits.
    pub(crate) fn sha256(&self) -> String {
        self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What is here.
    pub(crate) fn content(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.part)
    }

    /// The first byte of what is here.
    pub(crate) fn first(&self) -> io::Result<Option<u8>> {
        io::BufReader::new(File::open(&self.part)?).bytes().next().transpose()
    }

    /// It is whole, and gets its name.
    pub(crate) fn keep(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.part, &self.path)
    }

    /// It is not what it should be.
    pub(crate) fn discard(self) -> io::Result<()> {
        fs::remove_file(&self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(folder: &Path) -> Fetched {
        Fetched::of(folder, "Qdrant/tiny")
    }

    #[test]
    fn files_of_other_programs_count_and_lead_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("models--Qdrant--tiny");
        let write = |path: &str, text: &str| {
            let path = repository.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("snapshots/0123abcd/onnx/model.onnx", "theirs");
        assert!(here(folder.path()).get("onnx/model.onnx").is_none());
        write("refs/main", "0123abcd");
        assert_eq!(fs::read(here(folder.path()).get("onnx/model.onnx").unwrap()).unwrap(), b"theirs");
        // What is missing comes into the same folder.
        let arriving = here(folder.path()).arriving("config.json", 1).unwrap();
        assert_eq!(arriving.path, repository.join("snapshots/0123abcd/config.json"));

        fs::write(folder.path().join("config.json"), "not ours").unwrap();
        for named in ["../../..", "/", "a/b", "", "..", "."] {
            write("refs/main", named);
            let arriving = here(folder.path()).arriving("config.json", 1).unwrap();
            assert_eq!(arriving.path, repository.join("snapshots/main/config.json"), "{named}");
        }
    }

    #[test]
    fn what_came_is_gone_on_with_unless_it_is_of_another_content() {
        let folder = tempfile::tempdir().unwrap();
        let mut arriving = here(folder.path()).arriving("onnx/model.onnx", 1).unwrap();
        arriving.add(b"ab").unwrap();
        drop(arriving);
        let mut arriving = here(folder.path()).arriving("onnx/model.onnx", 1).unwrap();
        assert_eq!(arriving.held(), 2);
        arriving.add(b"c").unwrap();
        assert_eq!(arriving.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        drop(arriving);
        let mut arriving = here(folder.path()).arriving("onnx/model.onnx", 2).unwrap();
        assert_eq!(arriving.held(), 0);
        arriving.add(b"abc").unwrap();
        arriving.begin_anew().unwrap();
        assert_eq!(arriving.first().unwrap(), None);
        arriving.add(b"de").unwrap();
        assert_eq!(arriving.first().unwrap(), Some(b'd'));
        arriving.keep().unwrap();
        let path = here(folder.path()).get("onnx/model.onnx").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"de");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn one_process_at_a_time_fetches() {
        let folder = tempfile::tempdir().unwrap();
        let held = here(folder.path()).lock().unwrap();
        assert!(held.is_some() && here(folder.path()).lock().unwrap().is_none());
        drop(held);
        assert!(here(folder.path()).lock().unwrap().is_some());
    }
}
