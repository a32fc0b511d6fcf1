//! Fetching, from a server of our own that speaks the hub's protocol.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use journal_embed::{Entry, FetchError, Hub};

use super::{chain, start, tiny};

/// How the server behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// Sends half of every model and hangs up.
    Breaking,
    /// Has nothing that anybody asks for.
    Empty,
}

/// A hub with the files of the tiny model, under the name of the first model of the catalogue.
struct Server {
    address: String,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let files: BTreeMap<String, Vec<u8>> = fs::read_dir(tiny())
            .unwrap()
            .map(|file| file.unwrap())
            .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
            .collect();
        let server = Self { address, mood: Arc::new(Mutex::new(Mood::Well)), asked: Arc::default() };
        let (mood, asked) = (Arc::clone(&server.mood), Arc::clone(&server.asked));
        // The thread ends with the process; a connection is served at a time, as the client asks one at a time.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mood = *mood.lock().unwrap();
                // A client that hangs up is not an error of the server.
                drop(serve(&stream, &files, mood, &asked));
            }
        });
        server
    }

    fn hub(&self, folder: &Path) -> Hub {
        Hub::new(folder).at(&self.address)
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// Answers one request: `GET /<repository>/resolve/main/<file>` with a range, as the hub does.
fn serve(
    mut stream: &TcpStream,
    files: &BTreeMap<String, Vec<u8>>,
    mood: Mood,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut start = 0;
    let mut end = usize::MAX;
    for line in lines {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some((from, to)) = line.strip_prefix("range: bytes=").and_then(|range| range.split_once('-')) {
            start = from.parse().unwrap();
            end = to.parse().map_or(usize::MAX, |last: usize| last + 1);
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(format!("{path} {start}"));
    let file = path.strip_prefix("/Qdrant/all-MiniLM-L6-v2-onnx/resolve/main/").and_then(|name| files.get(name));
    let (Some(content), true) = (file, mood != Mood::Empty) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    let part = &content[start..end.min(content.len())];
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {start}-{}/{}\r\n\
         etag: \"{}\"\r\nx-repo-commit: 0123456789abcdef\r\nconnection: close\r\n\r\n",
        part.len(),
        start + part.len() - 1,
        content.len(),
        path.rsplit('/').next().unwrap_or_default().replace('.', "-"),
    )?;
    let sent = if mood == Mood::Breaking && part.len() > 10_000 { part.len() / 2 } else { part.len() };
    stream.write_all(&part[..sent])?;
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_to_end(&mut Vec::new()).map(drop)
}

fn entry() -> Entry {
    Entry::find("all-minilm-l6-v2").unwrap()
}

#[test]
fn a_model_is_fetched_once_and_then_kept() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let hub = server.hub(folder.path());
    assert!(hub.kept(&entry()).unwrap().is_none());

    let mut told = Vec::new();
    let files =
        hub.fetch(&entry(), &mut |progress| told.push((progress.file.to_owned(), progress.done, progress.total)));
    let files = files.unwrap();
    assert!(files.identity().starts_with("all-minilm-l6-v2@"), "{}", files.identity());
    let size = fs::metadata(tiny().join("model.onnx")).unwrap().len();
    assert!(told.contains(&("model.onnx".to_owned(), size, size)), "{told:?}");
    assert!(told.iter().all(|(_, done, total)| done <= total), "{told:?}");
    assert_eq!(told.first().unwrap().0, "tokenizer.json");

    // It is used in the manner of its entry.
    assert_eq!(files.manner().window, 256);
    let mut model = start(files.clone());
    assert_eq!(model.embed_query("alpha").unwrap().len(), entry().dimensions());

    server.asked();
    let again = hub.fetch(&entry(), &mut |_| panic!("nothing is fetched twice")).unwrap();
    assert_eq!(again.identity(), files.identity());
    assert_eq!(hub.kept(&entry()).unwrap().unwrap().identity(), files.identity());
    assert_eq!(server.asked(), Vec::<String>::new());

    // Nothing was put anywhere but into the folder of this model.
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["models--Qdrant--all-MiniLM-L6-v2-onnx"]);
    assert!(hub.forget(&entry()).unwrap());
    assert!(!hub.forget(&entry()).unwrap());
    assert!(hub.kept(&entry()).unwrap().is_none());
}

#[test]
fn what_was_cut_off_is_continued() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let hub = server.hub(folder.path());
    server.set(Mood::Breaking);
    let error = hub.fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. } | FetchError::Short { .. }), "{}", chain(&error));
    assert!(chain(&error).contains("model.onnx"), "{}", chain(&error));
    assert!(hub.kept(&entry()).unwrap().is_none());

    server.set(Mood::Well);
    server.asked();
    start(hub.fetch(&entry(), &mut |_| {}).unwrap());
    let asked = server.asked();
    assert!(asked.iter().all(|path| path.contains("/model.onnx ")), "only what was missing: {asked:?}");
}

#[test]
fn a_hub_without_the_model_says_so() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    server.set(Mood::Empty);
    let error = server.hub(folder.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert_eq!(
        error.to_string().replace(&server.address, "HUB"),
        "the hub `HUB` answers 404 for `tokenizer.json` of the model `all-minilm-l6-v2`"
    );
}

#[test]
fn without_a_network_the_hub_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let error = Hub::new(folder.path()).at(&format!("{address}/")).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Offline { .. }), "{}", chain(&error));
    assert_eq!(
        error.to_string().replace(&address, "HUB"),
        "the hub `HUB` does not answer: the model `all-minilm-l6-v2` stays unfetched"
    );
}

#[test]
fn an_address_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["", "hub", "http://", "ftp://127.0.0.1", "http://[::1"] {
        let error = Hub::new(folder.path()).at(address).fetch(&entry(), &mut |_| {}).unwrap_err();
        assert!(
            matches!(error, FetchError::Offline { .. } | FetchError::Broken { .. }),
            "{address}: {}",
            chain(&error)
        );
    }
}

#[test]
fn a_folder_that_cannot_be_one_is_an_error() {
    let server = Server::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = server.hub(file.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{}", chain(&error));
}
