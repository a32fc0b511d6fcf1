//! A server of ours that speaks the protocol of the models' hub.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

/// How the hub behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// Sends half of every model and hangs up.
    Breaking,
    /// Has nothing that anybody asks for.
    Empty,
}

/// A hub with the files of one folder, under the name of one model of the catalogue.
pub struct LocalHub {
    address: String,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl LocalHub {
    /// A hub that has these files as those of `all-minilm-l6-v2`.
    pub fn of(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let files: BTreeMap<String, Vec<u8>> = fs::read_dir(folder)
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

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How it behaves from now on.
    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// What was asked for since the last time: paths, each with the byte from which on.
    pub fn asked(&self) -> Vec<String> {
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
