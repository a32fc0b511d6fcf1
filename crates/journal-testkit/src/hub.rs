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
    /// Sends half of every model and then nothing, for as long as it is listened to.
    Stalling,
    /// Sends other bytes than those of the model.
    Garbling,
    /// Has a page for people in the place of every file, as networks do that want a login.
    Captive,
    /// Answers with this status, whatever it is asked for.
    Refusing(u16),
}

/// A hub with the files of one folder, under the name of one model of the catalogue.
pub struct LocalHub {
    address: String,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<Vec<(String, String)>>>,
    leads_to: Arc<Mutex<Option<String>>>,
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
        let server = Self {
            address,
            mood: Arc::new(Mutex::new(Mood::Well)),
            asked: Arc::default(),
            said: Arc::default(),
            leads_to: Arc::default(),
        };
        let (mood, asked) = (Arc::clone(&server.mood), Arc::clone(&server.asked));
        let (said, leads_to) = (Arc::clone(&server.said), Arc::clone(&server.leads_to));
        // The thread ends with the process; a connection is served at a time, as the client asks one at a time.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (mood, said) = (*mood.lock().unwrap(), said.lock().unwrap().clone());
                let leads_to = leads_to.lock().unwrap().clone();
                // A client that hangs up is not an error of the server.
                drop(serve(&stream, &files, &Manner { mood, said, leads_to }, &asked));
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

    /// What it says of a model from now on: headers.
    pub fn say(&self, headers: &[(&str, &str)]) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        *self.said.lock().unwrap() = headers.collect();
    }

    /// From now on it leads whoever asks for a model to another one.
    pub fn lead_to(&self, other: &Self) {
        *self.leads_to.lock().unwrap() = Some(other.address.clone());
    }

    /// What was asked for since the last time: paths, each with the byte from which on, and the token where there was one.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// How one request is answered.
struct Manner {
    mood: Mood,
    said: Vec<(String, String)>,
    leads_to: Option<String>,
}

/// Answers one request, `GET /<repository>/resolve/main/<file>`, as the hub does.
fn serve(
    mut stream: &TcpStream,
    files: &BTreeMap<String, Vec<u8>>,
    manner: &Manner,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let Manner { mood, said, leads_to } = manner;
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut start = None;
    let mut token = String::new();
    for line in lines {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().ok();
        }
        if let Some(value) = line.strip_prefix("authorization: ") {
            token = format!(" {value}");
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(format!("{path} {}{token}", start.unwrap_or(0)));
    let file = path.strip_prefix("/Qdrant/all-MiniLM-L6-v2-onnx/resolve/main/").and_then(|name| files.get(name));
    let status = if let Mood::Refusing(status) = mood { *status } else { 404 };
    let (Some(content), false) = (file, matches!(mood, Mood::Refusing(_))) else {
        return write!(stream, "HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    let is_model = path.ends_with(".onnx");
    let mut headers = format!("etag: \"{}\"\r\n", path.rsplit('/').next().unwrap_or_default().replace('.', "-"));
    if is_model && !said.is_empty() {
        headers = said.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    }
    if let Some(other) = leads_to.as_ref().filter(|_| is_model) {
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: {other}{path}\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n"
        );
    }
    let content = match mood {
        Mood::Garbling if is_model => &vec![0; content.len()],
        Mood::Captive => &b"<html>log in</html>".to_vec(),
        _ => content,
    };
    let status = match start {
        Some(start) => {
            format!("206 Partial Content\r\ncontent-range: bytes {start}-{}/{}", content.len() - 1, content.len())
        }
        None => "200 OK".to_owned(),
    };
    let part = &content[start.unwrap_or(0)..];
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}x-repo-commit: 0123456789abcdef\r\nconnection: close\r\n\r\n",
        part.len(),
    )?;
    let is_cut = is_model && matches!(mood, Mood::Breaking | Mood::Stalling);
    stream.write_all(&part[..if is_cut { part.len() / 2 } else { part.len() }])?;
    if *mood != Mood::Stalling || !is_model {
        stream.shutdown(std::net::Shutdown::Write)?;
    }
    stream.read_to_end(&mut Vec::new()).map(drop)
}
